"""Benchmarks of pyperformance as workloads of Python, where it is installed (the extra `pyperformance`).

Each is started as pyperf starts its own workers, `run_benchmark.py --worker`, with a fixed number of loops:
the same work every time, in one process, without pyperf's own calibration and repetition. What it prints are
its own times, which nobody compares: so these workloads have no answer but their status.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pytest_rtopt.bench.workload import Workload

# Those that need nothing but the standard library, and the loops that take some tenths of a second.
_LOOPS: Final = {
    "deltablue": 40,
    "json_loads": 5000,
    "nbody": 2,
    "regex_compile": 1,
    "richards": 4,
}
_START: Final = (
    'exec "$PYTHON" "$BENCHMARK" --worker --worker-task=0 --values=1 --warmups=0 --loops="$LOOPS" > /dev/null'
)
_EXPECTED: Final = (0.10, 0.30)


def installed_workloads() -> tuple[Workload, ...]:
    """Return the workloads of the pyperformance that is installed here; none without it."""
    spec = find_spec("pyperformance")
    return () if spec is None or spec.origin is None else workloads_in(Path(spec.origin).parent)


def workloads_in(package: Path) -> tuple[Workload, ...]:
    """Return the workloads of the pyperformance whose package is this directory, those that it has."""
    found = ((name, package / f"data-files/benchmarks/bm_{name}/run_benchmark.py") for name in _LOOPS)
    return tuple(_workload(name, file, package.parent) for name, file in found if file.is_file())


def _workload(name: str, file: Path, modules: Path) -> Workload:
    return Workload(
        f"python/pyperformance-{name}",
        ("/bin/sh", "-c", _START),
        env=(
            ("PYTHON", "{out}/bin/python3"),
            ("BENCHMARK", _literal(file)),
            ("LOOPS", str(_LOOPS[name])),
            # pyperf, which the benchmark imports, is pure Python; bytecode of each side stays with it.
            ("PYTHONPATH", _literal(modules)),
            ("PYTHONPYCACHEPREFIX", "{scratch}/bytecode"),
        ),
        expected=_EXPECTED,
    )


def _literal(path: Path) -> str:
    return str(path).replace("{", "{{").replace("}", "}}")
