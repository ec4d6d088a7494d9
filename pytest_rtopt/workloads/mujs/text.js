// Text: a log is written, read by a regular expression, grouped, and printed as JSON. Prints a checksum.
var paths = ["/", "/login", "/cart/items", "/img/logo.png", "/search?q=hardware"], log = [], groups = {}, sum = 0;
for (var i = 0; i < 24000; i++) {
  var address = ["10", i % 7, (i * 31) % 251, (i * 17) % 253].join("."), status = i % 29 ? (i % 11 ? 200 : 404) : 500;
  log.push(address + " - [" + (i % 24) + ":00] \"GET " + paths[(i * 7) % 5] + "\" " + status + " " + ((i * 73) % 4096));
}
var shape = /^([\d.]+) - \[(\d+):00\] "GET ([^" ?]+)(?:\?([^"]*))?" (\d+) (\d+)$/;
log.join("\n").split("\n").forEach(function (line) {
  var found = shape.exec(line), key = found[3].toUpperCase() + "|" + found[5];
  var group = groups[key] || (groups[key] = { hits: 0, bytes: 0, hours: {} });
  group.hits++;
  group.bytes += parseInt(found[6], 10);
  group.hours[found[2]] = true;
  group.last = found[1].split(".").reverse().join(".") + (found[4] ? "?" + found[4] : "");
});
var table = JSON.stringify(Object.keys(groups).sort().map(function (key) { return groups[key]; }), null, 1);
for (var at = 0; at < table.length; at++) sum = (sum * 31 + table.charCodeAt(at)) % 4294967291;
print(table.length, sum);
