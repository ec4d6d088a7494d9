"""Data structures: shortest routes through a network kept in dictionaries; prints their lengths."""

from __future__ import annotations

import heapq
import random
from collections import deque

Network = dict[tuple[int, int], dict[tuple[int, int], int]]


def network(size: int) -> Network:
    """Return a grid of places with the time that each road takes; some roads are closed."""
    chance = random.Random(3)  # noqa: S311
    roads: Network = {(x, y): {} for x in range(size) for y in range(size)}
    for x, y in roads:
        for other in ((x + 1, y), (x, y + 1)):
            if other in roads and chance.random() < 0.85:  # noqa: PLR2004
                roads[x, y][other] = roads[other][x, y] = chance.randrange(1, 20)
    return roads


def fastest(roads: Network, start: tuple[int, int]) -> dict[tuple[int, int], int]:
    """Return the least time to every place that can be reached (Dijkstra)."""
    times = {start: 0}
    waiting = [(0, start)]
    while waiting:
        time, place = heapq.heappop(waiting)
        if time > times[place]:
            continue
        for other, more in roads[place].items():
            if time + more < times.get(other, 1 << 30):
                times[other] = time + more
                heapq.heappush(waiting, (time + more, other))
    return times


def fewest(roads: Network, start: tuple[int, int]) -> int:
    """Return how many roads away the farthest place is."""
    seen, waiting, farthest = {start}, deque([(start, 0)]), 0
    while waiting:
        place, steps = waiting.popleft()
        farthest = max(farthest, steps)
        fresh = [other for other in roads[place] if other not in seen]
        seen.update(fresh)
        waiting.extend((other, steps + 1) for other in fresh)
    return farthest


roads = network(110)
for corner in ((0, 0), (109, 0), (55, 55)):
    reached = fastest(roads, corner)
    print(corner, len(reached), max(reached.values()), sum(reached.values()), fewest(roads, corner))
