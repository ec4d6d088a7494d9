// Numbers: a cellular automaton, and the digits of e by the spigot of Rabinowitz and Wagon. Prints both results.
function life(size, steps) {
  var cells = [], alive = 0, i, x, y;
  for (i = 0; i < size * size; i++) cells[i] = (i * i + 3 * i) % 7 < 3 ? 1 : 0;
  for (; steps > 0; steps--) {
    var next = [];
    for (i = 0; i < size * size; i++) next[i] = 0;
    for (y = 1; y < size - 1; y++) {
      for (x = 1; x < size - 1; x++) {
        var at = y * size + x, above = at - size, below = at + size, near = cells[at - 1] + cells[at + 1];
        near += cells[above - 1] + cells[above] + cells[above + 1] + cells[below - 1] + cells[below] + cells[below + 1];
        next[at] = near === 3 || (near === 2 && cells[at]) ? 1 : 0;
      }
    }
    cells = next;
  }
  for (i = 0; i < cells.length; i++) alive += cells[i];
  return alive;
}

function euler(digits) {
  var remainders = [], text = "2.", value, carry;
  for (var i = 0; i < digits + 10; i++) remainders[i] = 1;
  for (; digits > 0; digits--) {
    for (i = remainders.length - 1, carry = 0; i >= 0; i--) {
      value = remainders[i] * 10 + carry;
      carry = (value / (i + 2)) | 0;
      remainders[i] = value % (i + 2);
    }
    text += carry;
  }
  return text;
}

print(life(64, 60), euler(500).slice(-12));
