"""CPU-bound: places queens by backtracking and sums a series; prints what it found."""

from __future__ import annotations


def queens(size: int) -> int:
    """Return in how many ways `size` queens stand on a board without attacking each other."""
    columns, rising, falling = set[int](), set[int](), set[int]()

    def place(row: int) -> int:
        if row == size:
            return 1
        found = 0
        for column in range(size):
            if column in columns or row + column in rising or row - column in falling:
                continue
            columns.add(column)
            rising.add(row + column)
            falling.add(row - column)
            found += place(row + 1)
            columns.discard(column)
            rising.discard(row + column)
            falling.discard(row - column)
        return found

    return place(0)


def escape(width: int, limit: int) -> int:
    """Return how many steps the points of a square take to leave a circle, at most `limit` each."""
    steps = 0
    for row in range(width):
        for column in range(width):
            x0, y0 = 3.0 * column / width - 2.0, 2.0 * row / width - 1.0
            x = y = 0.0
            for _ in range(limit):
                x, y = x * x - y * y + x0, 2.0 * x * y + y0
                steps += 1
                if x * x + y * y > 4.0:  # noqa: PLR2004
                    break
    return steps


def primes(limit: int) -> int:
    """Return how many primes are below `limit`."""
    candidates = [True] * limit
    for number in range(2, int(limit**0.5) + 1):
        if candidates[number]:
            for multiple in range(number * number, limit, number):
                candidates[multiple] = False
    return sum(candidates[2:])


print(queens(9), escape(280, 60), primes(500_000))
