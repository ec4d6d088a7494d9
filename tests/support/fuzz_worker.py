"""Reads damaged inputs one after the other in its own process, within 1 GB of memory and 5 s per input.

    python tests/support/fuzz_worker.py TARGET FIRST COUNT CORPUS

The number of an input is its seed, so the same number gives the same input. To repeat a failure, run
`fuzz_worker.py TARGET NUMBER 1 CORPUS`. The program prints one JSON object.
"""

from __future__ import annotations

import json
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from pytest_rtopt.base.errors import RtoptError
from tests.support.fuzz_targets import targets

if TYPE_CHECKING:
    from tests.support.fuzz_targets import Target

SECONDS: Final = 5.0
BYTES: Final = 1 << 30
_MOST_FAILURES: Final = 20


class _HangError(BaseException):
    """An input exceeded its time limit; the tested code does not catch this exception."""


@dataclass
class Figures:
    """The results for one target; `slowest` has the CPU seconds and the number of the slowest input."""

    target: str
    examples: int = 0
    values: int = 0
    errors: int = 0
    slowest: tuple[float, int] = (0.0, -1)
    peak_bytes: int = 0
    failures: list[str] = field(default_factory=list)


def _expired(_signum: int, _frame: object) -> None:
    raise _HangError


def _read(target: Target, number: int, figures: Figures) -> None:
    data = target.damaged(random.Random(number))  # noqa: S311  # reproducible, not a secret
    before = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        target.read(data)
        figures.values += 1
    except RtoptError as error:
        figures.errors += 1
        if isinstance(error.__cause__, MemoryError):
            figures.failures.append(
                f"{number}: more than {BYTES} bytes, although it ended with an error value"
            )
    except (Exception, _HangError):  # noqa: BLE001  # any exception is a finding
        figures.failures.append(f"{number}: {traceback.format_exc()[-1500:]}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    figures.examples += 1
    figures.slowest = max(figures.slowest, (round(time.process_time() - before, 3), number))


def main(name: str, first: int, count: int, corpus: Path) -> int:
    """Read `count` inputs and print the results; the exit status is 1 if one of them failed."""
    signal.signal(signal.SIGPROF, _expired)
    figures = Figures(name)
    with tempfile.TemporaryDirectory(prefix="rtopt-fuzz-") as scratch:
        target = targets(corpus, Path(scratch))[name]
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        for number in range(first, first + count):
            _read(target, number, figures)
            if len(figures.failures) >= _MOST_FAILURES:
                break
    figures.peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(asdict(figures)))  # noqa: T201  # the parent reads it
    return 1 if figures.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
