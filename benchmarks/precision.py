"""Compares this project with three other tools: how often they report noise, and how often a change.

Each tool compares a 100 ms program with itself (A/A), and with a version that is slower by 3 % or by 1 %. It
runs real processes, and all tools have the same time per comparison, in random order:

- ours: pairs, at thresholds of 0 and 2 % (a gain or a loss that is reported for A/A is false);
- pytest-benchmark: a saved run, then a run with `--benchmark-compare-fail=median:2%`;
- hyperfine: both programs, exported times, Welch's t-test at 5 %;
- pyperf: two runs of `pyperf command`, and the answer of `pyperf compare_to`.

Tools that are not installed are named and left out. Both sides share the budget. Each of the other tools
makes as many starts as fit the budget, by the time of one start at the beginning of the comparison, and
always uses the whole budget. With `--others`, the other tools make only the first comparisons of each kind.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scipy import stats

from pytest_rtopt.base import process
from pytest_rtopt.bench import sampler
from pytest_rtopt.bench.calibration import comparison_of, program_of, reports_gain, reports_loss
from pytest_rtopt.bench.measure import measure
from pytest_rtopt.bench.sampler import SamplingPlan, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_rtopt.bench.calibration import Program
    from pytest_rtopt.bench.sampler import Comparison

    # For each name, whether the tool reported the second side as faster and as slower.
    Answers = dict[str, tuple[bool, bool]]
    Tool = Callable[[Comparison, float, int], Answers]

_OURS = "ours"
_SECONDS = 0.1
_WELCH_ERROR = 0.05
_PEER_SUITE = """
import json, pathlib, subprocess

start = json.loads(pathlib.Path("start.json").read_text())

def test_start(benchmark):
    benchmark.pedantic(subprocess.check_call, args=(start["argv"],), rounds=start["rounds"], warmup_rounds=1,
                       kwargs={"cwd": start["cwd"], "env": {}, "stdout": subprocess.DEVNULL})
"""


@dataclass(frozen=True)
class Tally:
    """The number of comparisons of a tool, and how often it reported the second side as faster or slower."""

    comparisons: int
    faster: int
    slower: int


@dataclass(frozen=True)
class Task:
    """One kind of comparison.

    The second side is slower by the fraction `slowdown`. This project makes `comparisons` of `seconds` each,
    and each other tool makes `of_others`.
    """

    slowdown: float
    comparisons: int
    seconds: float
    of_others: int

    def __str__(self) -> str:
        what = "A/A" if self.slowdown == 0 else f"slower by {self.slowdown:.0%}"
        return f"{what}, {self.comparisons} comparisons of {self.seconds:g} s"


def ours(comparison: Comparison, seconds: float, seed: int) -> Answers:
    """Return the answers of this project at both thresholds, from one measurement."""
    speedup = measure(comparison, SamplingPlan(seconds, seed=seed)).result.speedup
    return {
        f"ours, {threshold:.0%}": (reports_gain(speedup, threshold), reports_loss(speedup, threshold))
        for threshold in (0.0, 0.02)
    }


def pytest_benchmark(comparison: Comparison, seconds: float, _seed: int) -> Answers:
    """Save a run of one side and compare a run of the other; this only detects a slower side."""
    rounds = _starts(comparison, seconds)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "test_peer.py").write_text(_PEER_SUITE)
        (directory / "pytest.ini").write_text("[pytest]\n")
        for side, options in (
            (Side.STOCK, ["--benchmark-save=stock"]),
            (Side.OPTIMIZED, ["--benchmark-compare=0001", "--benchmark-compare-fail=median:2%"]),
        ):
            argv, cwd = _argv(comparison, side)
            (directory / "start.json").write_text(json.dumps({"argv": argv, "cwd": cwd, "rounds": rounds}))
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:rtopt",
                *options,
            ]
            ran = process.run(
                command, timeout=seconds + 120, surroundings=process.Surroundings(cwd=directory)
            )
        slower = "Performance has regressed" in ran.text + ran.error_text
        return {"pytest-benchmark": (False, slower)}


def hyperfine(comparison: Comparison, seconds: float, _seed: int) -> Answers:
    """Time both programs one after the other, and test the exported times as hyperfine recommends."""
    runs = max(2, _starts(comparison, seconds))
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        commands = [
            f"cd {cwd} && exec {' '.join(argv)}"
            for argv, cwd in (_argv(comparison, side) for side in (Side.STOCK, Side.OPTIMIZED))
        ]
        process.check(
            [
                "hyperfine",
                "--style=none",
                "--warmup=1",
                f"--runs={runs}",
                f"--export-json={file.name}",
                *commands,
            ],
            timeout=seconds * 2 + 120,
        )
        stock, optimized = (result["times"] for result in json.loads(Path(file.name).read_text())["results"])
    test = stats.ttest_ind(stock, optimized, equal_var=False)
    differs = bool(test.pvalue < _WELCH_ERROR)
    return {"hyperfine": (differs and test.statistic > 0, differs and test.statistic < 0)}


def pyperf(comparison: Comparison, seconds: float, _seed: int) -> Answers:
    """Run both programs under pyperf with its default of three values per process, and compare them."""
    processes = max(2, _starts(comparison, seconds) // 4)
    with tempfile.TemporaryDirectory() as name:
        files = []
        for side in (Side.STOCK, Side.OPTIMIZED):
            argv, cwd = _argv(comparison, side)
            files.append(f"{name}/{side}.json")
            process.check(
                [sys.executable, "-m", "pyperf", "command", f"--processes={processes}", "--values=3",
                 "--warmups=1", "--loops=1", "--name=start", "-o", files[-1], "--", *argv],
                timeout=seconds + 120,
                surroundings=process.Surroundings(cwd=Path(cwd)),
            )  # fmt: skip
        answer = process.run([sys.executable, "-m", "pyperf", "compare_to", *files], timeout=120).text
    return {"pyperf": ("faster" in answer, "slower" in answer)}


def _argv(comparison: Comparison, side: Side) -> tuple[list[str], str]:
    command = comparison.workload.command(comparison.places(side))
    return list(command.argv), str(command.cwd)


def _starts(comparison: Comparison, seconds: float) -> int:
    """Return how many starts of each side fit the budget, by the current time of three starts."""
    began = time.perf_counter()
    for _ in range(3):
        sampler.start(comparison, Side.STOCK)
    return max(2, int(seconds / 2 / ((time.perf_counter() - began) / 3)))


def available(names: Sequence[str]) -> dict[str, Tool]:
    """Return the installed tools among `names`, and print the others."""
    every: dict[str, tuple[Tool, bool, str]] = {
        _OURS: (ours, True, ""),
        "pytest-benchmark": (pytest_benchmark, True, ""),
        "hyperfine": (hyperfine, shutil.which("hyperfine") is not None, "cargo install hyperfine"),
        "pyperf": (
            pyperf,
            process.run([sys.executable, "-c", "import pyperf"], timeout=60).returncode == 0,
            "pip install pyperf",
        ),
    }
    chosen = {name: entry for name, entry in every.items() if name in names}
    for name, (_, installed, remedy) in chosen.items():
        if not installed:
            print(f"{name} is not installed and is left out; install it by `{remedy}`")
    return {name: tool for name, (tool, installed, _) in chosen.items() if installed}


def run(task: Task, tools: dict[str, Tool], program: Program, seed: int) -> dict[str, Tally]:
    """Make all comparisons of one kind, and return the answers of each tool."""
    order = random.Random(seed)  # noqa: S311  # a reproducible order, not a secret
    tallies: dict[str, Tally] = {}
    for number in range(task.comparisons):
        names = [name for name in tools if name == _OURS or number < task.of_others]
        for name in order.sample(names, k=len(names)):
            with tempfile.TemporaryDirectory() as directory:
                comparison = comparison_of(program, task.slowdown, Path(directory))
                answers = tools[name](comparison, task.seconds, seed + number)
            for label, (faster, slower) in answers.items():
                old = tallies.get(label, Tally(0, 0, 0))
                tallies[label] = Tally(old.comparisons + 1, old.faster + faster, old.slower + slower)
        so_far = ", ".join(f"{label} {one.faster}+{one.slower}" for label, one in sorted(tallies.items()))
        print(f"{task}: after {number + 1}, faster+slower: {so_far}", file=sys.stderr, flush=True)
    return dict(sorted(tallies.items()))


def table(task: Task, tallies: dict[str, Tally]) -> None:
    """Print the answers for one kind of comparison, with 95 % intervals (Clopper and Pearson)."""
    print(task)
    for name, one in tallies.items():
        hits = one.faster + one.slower if task.slowdown == 0 else one.slower
        share = stats.binomtest(hits, one.comparisons).proportion_ci()
        word = "false" if task.slowdown == 0 else "found"
        wrong = f", reported as faster {one.faster}" if task.slowdown and one.faster else ""
        print(
            f"  {name:18} {word} {hits:3} of {one.comparisons} = {hits / one.comparisons:6.1%} "
            f"[{share.low:.1%}, {share.high:.1%}]{wrong}",
            flush=True,
        )


def main() -> None:
    """Make the three kinds of comparisons and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--comparisons", type=int, default=300, help="comparisons of A/A (%(default)s)")
    parser.add_argument("--aa-seconds", type=float, default=60.0, help="for each of them (%(default)s)")
    parser.add_argument("--three", type=int, default=100, help="comparisons with 3 %% slower (%(default)s)")
    parser.add_argument("--three-seconds", type=float, default=60.0, help="for each of them (%(default)s)")
    parser.add_argument("--one", type=int, default=20, help="comparisons with 1 %% slower (%(default)s)")
    parser.add_argument("--one-seconds", type=float, default=300.0, help="for each of them (%(default)s)")
    parser.add_argument(
        "--others", type=int, nargs=3, metavar="N", help="comparisons of each kind by the other tools (all)"
    )
    parser.add_argument("--quick", action="store_true", help="four comparisons of 4 s of each kind")
    parser.add_argument("--tools", nargs="+", default=[_OURS, "pytest-benchmark", "hyperfine", "pyperf"])
    parser.add_argument("--seed", type=int, default=None, help="seed of all random choices (random)")
    options = parser.parse_args()
    seed = secrets.randbits(32) if options.seed is None else options.seed
    sizes = [
        (0.0, options.comparisons, options.aa_seconds),
        (0.03, options.three, options.three_seconds),
        (0.01, options.one, options.one_seconds),
    ]
    if options.quick:
        sizes = [(slowdown, 4, 4.0) for slowdown, _, _ in sizes]
    of_others = options.others or [comparisons for _, comparisons, _ in sizes]
    tasks = [Task(*size, others) for size, others in zip(sizes, of_others, strict=True)]
    tools = available(options.tools)
    print(f"seed {seed}, load {Path('/proc/loadavg').read_text().split()[0]}, {' '.join(sys.argv[1:])}")
    with tempfile.TemporaryDirectory() as directory:
        program = program_of(_SECONDS, Path(directory) / "probe")
    for task in tasks:
        if task.comparisons:
            table(task, run(task, tools, program, seed))
    print(f"load at the end {Path('/proc/loadavg').read_text().split()[0]}")


if __name__ == "__main__":
    main()
