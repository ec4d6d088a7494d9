// Objects: shortest paths with a heap, and an undo history of closures. Prints two sums.
function Heap() { this.items = []; }
Heap.prototype.push = function (cost, node) {
  var items = this.items, at = items.length;
  for (items.push(null); at > 0 && items[(at - 1) >> 1].cost > cost; at = (at - 1) >> 1) items[at] = items[(at - 1) >> 1];
  items[at] = { cost: cost, node: node };
};
Heap.prototype.pop = function () {
  var items = this.items, first = items[0], last = items.pop(), at = 0, child;
  for (; (child = 2 * at + 1) < items.length; at = child) {
    if (child + 1 < items.length && items[child + 1].cost < items[child].cost) child++;
    if (items[child].cost >= last.cost) break;
    items[at] = items[child];
  }
  if (items.length) items[at] = last;
  return first;
};

function distances(n) {
  var best = {}, heap = new Heap(), total = 0;
  function visit(node, cost) {
    if (best[node] <= cost) return;
    best[node] = cost;
    heap.push(cost, node);
  }
  for (visit(0, 0); heap.items.length; ) {
    var top = heap.pop();
    if (top.cost > best[top.node]) continue;
    visit((top.node * 3 + 1) % n, top.cost + 7);
    visit((top.node + 5) % n, top.cost + 3);
    visit((top.node * top.node + 2) % n, top.cost + 11);
  }
  for (var node in best) total += best[node];
  return total;
}

function states(n) {
  var undo = [], state = { total: 0, entries: [] };
  function next(before, i) {
    undo.push(function () { return before; });
    return { total: before.total + i, entries: before.entries.slice(-8).concat([i]), even: i % 2 === 0 };
  }
  for (var i = 0; i < n; i++) state = i % 5 === 4 ? undo.pop()() : next(state, i);
  return state.total + state.entries.filter(function (entry) { return entry % 3; }).length;
}

print(distances(14000), states(50000));
