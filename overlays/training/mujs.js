// What an interpreter is asked to do in ordinary programs, in small doses: the training run of profile-guided
// optimization. No benchmark of this project runs any of it. Argument: a factor for the sizes.
var factor = Number(scriptArgs[0]) || 1;

function queens(n, row, columns, up, down) {
  if (row === n) return 1;
  var count = 0;
  for (var free = ~(columns | up | down) & ((1 << n) - 1); free; free &= free - 1) {
    var bit = free & -free;
    count += queens(n, row + 1, columns | bit, (up | bit) << 1, (down | bit) >> 1);
  }
  return count;
}

function sieve(limit) {
  var composite = [], primes = 0;
  for (var i = 2; i < limit; i++) {
    if (composite[i]) continue;
    primes++;
    for (var multiple = i; multiple < limit; multiple += i) composite[multiple] = true;
  }
  return primes;
}

function Shape(size) { this.size = size; }
Shape.prototype.area = function () { return this.size * this.size; };
function Circle(size) { Shape.call(this, size); }
Circle.prototype = Object.create(Shape.prototype);
Circle.prototype.area = function () { return Math.round(Math.PI * this.size * this.size); };

function shapes(n) {
  var all = [], named = {}, sum = 0;
  for (var i = 0; i < n; i++) all.push(i % 2 ? new Circle(i % 17) : new Shape(i % 13));
  all.sort(function (a, b) { return a.area() - b.area(); });
  all.forEach(function (shape, at) { named["shape" + (at % 50)] = shape; });
  for (var name in named) sum += named[name].area();
  return sum;
}

function words(n) {
  var text = new Array(n + 1).join("the quick brown fox jumps over the lazy dog "), count = {};
  text.split(" ").forEach(function (word) { count[word] = (count[word] || 0) + 1; });
  return JSON.stringify(JSON.parse(JSON.stringify(count))).length + text.replace(/o(\w)/g, "$1o").indexOf("xo");
}

function smooth(width, height) {
  var rows = [], warm = 0;
  for (var y = 0; y < height; y++) {
    rows[y] = [];
    for (var x = 0; x < width; x++) {
      rows[y][x] = ((y > 0 ? rows[y - 1][x] : x) + (x > 0 ? rows[y][x - 1] : y)) / 2 + (x * y) % 3;
      if (rows[y][x] >= 1 && x !== y) warm++;
    }
  }
  return warm;
}

function failures(n) {
  for (var i = 0, caught = 0; i < n; i++) {
    try { if (i % 3) throw new RangeError("no " + i); } catch (error) { caught += error.message.length; }
  }
  return caught;
}

print(queens(7 + factor, 0, 0, 0, 0), sieve(60000 * factor), shapes(5000 * factor));
print(words(1000 * factor), smooth(200, 200 * factor), failures(10000 * factor));
