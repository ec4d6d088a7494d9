"""Text processing: parses the lines of an access log by a regular expression and reports on them."""

from __future__ import annotations

import collections
import random
import re

LINE = re.compile(
    r'(?P<host>\S+) - - \[(?P<day>[^:]+):(?P<hour>\d\d):[^]]+\] "(?P<method>[A-Z]+) (?P<path>\S+) [^"]+" '
    r"(?P<status>\d{3}) (?P<size>\d+|-)"
)


def written(count: int) -> list[str]:
    """Return `count` lines, the same ones every time."""
    chance = random.Random(7)  # noqa: S311
    return [
        f"10.0.{chance.randrange(8)}.{chance.randrange(250)} - - "
        f"[{1 + n % 28:02}/Nov/2025:{n % 24:02}:10:00 +0000] "
        f'"{chance.choice(("GET", "POST"))} /shop/{chance.randrange(400)}?page={n % 7} HTTP/1.1" '
        f"{chance.choice((200, 200, 200, 304, 404, 500))} "
        f"{chance.choice(('-', str(chance.randrange(90000))))}"
        for n in range(count)
    ]


def report(lines: list[str]) -> list[str]:
    """Return the busiest paths and hours, and the share of failures of every host."""
    paths = collections.Counter[str]()
    hours = collections.defaultdict[int, int](int)
    hosts: dict[str, list[int]] = {}
    for line in lines:
        found = LINE.match(line)
        if found is None:
            continue
        path, _, query = found["path"].partition("?")
        paths[path.removeprefix("/shop/").rjust(4, "0") + query.upper()] += 1
        hours[int(found["hour"])] += 0 if found["size"] == "-" else int(found["size"])
        tally = hosts.setdefault(found["host"], [0, 0])
        tally[0] += 1
        tally[1] += found["status"].startswith(("4", "5"))
    worst = sorted(hosts.items(), key=lambda item: (-item[1][1] / item[1][0], item[0]))[:5]
    return [
        *(
            f"{path:<20}{count:>6}"
            for path, count in sorted(paths.items(), key=lambda item: (-item[1], item[0]))[:5]
        ),
        *(f"{hour:02}h {size / 1024:10.1f} KiB" for hour, size in sorted(hours.items())[:3]),
        *(f"{host:>15} {failed}/{seen}" for host, (seen, failed) in worst),
    ]


print("\n".join(report(written(60_000))))
