"""Benchmarks of pyperformance as workloads of Python, if it is installed (the extra `pyperformance`).

Each benchmark is started like a worker of pyperf, `run_benchmark.py --worker`, with a fixed number of loops.
So it does the same work every time, in one process, without pyperf's calibration and repetition. It prints
times, which cannot be compared as an answer, so only its exit status counts.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pytest_rtopt.bench.workload import Workload

# Benchmarks that need only the standard library, with numbers of loops that take some tenths of a second.
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
    """Return the workloads of the installed pyperformance; empty if it is not installed."""
    spec = find_spec("pyperformance")
    return () if spec is None or spec.origin is None else workloads_in(Path(spec.origin).parent)


def workloads_in(package: Path) -> tuple[Workload, ...]:
    """Return the workloads of the pyperformance in the directory `package`."""
    files = ((name, package / f"data-files/benchmarks/bm_{name}/run_benchmark.py") for name in _LOOPS)
    return tuple(_workload(name, file, package.parent) for name, file in files if file.is_file())


def _workload(name: str, file: Path, modules: Path) -> Workload:
    return Workload(
        f"python/pyperformance-{name}",
        ("/bin/sh", "-c", _START),
        env=(
            ("PYTHON", "{out}/bin/python3"),
            ("BENCHMARK", _literal(file)),
            ("LOOPS", str(_LOOPS[name])),
            # The benchmark imports pyperf, which is pure Python. Each side has its own bytecode of it.
            ("PYTHONPATH", _literal(modules)),
            ("PYTHONPYCACHEPREFIX", "{scratch}/bytecode"),
        ),
        expected=_EXPECTED,
    )


def _literal(path: Path) -> str:
    return str(path).replace("{", "{{").replace("}", "}}")
