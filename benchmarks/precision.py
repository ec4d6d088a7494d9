"""How often noise is called a difference, and how often a difference is found: this project and three others.

A 100 ms program is compared with itself (A/A), and with itself made slower by 3 % and by 1 %, as real
processes, by each tool with the same seconds for one comparison; the tools take turns in random order:

- ours: pairs, at thresholds 0 and 2 % (false verdicts: a gain or a loss is claimed of A/A);
- pytest-benchmark: a saved run, then one with `--benchmark-compare-fail=median:2%`;
- hyperfine: both programs, exported times, Welch's t-test at 5 %;
- pyperf: two runs of `pyperf command`, and what `pyperf compare_to` calls faster or slower.

Tools that are not installed are left out and named. The budget is split between both sides; each tool takes
as many starts as fit, by what one start takes at the beginning of the comparison. The other tools
take the whole budget each time; with `--others` they get only the first comparisons of each kind.
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

    # What was said under each name: faster, and slower.
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
class Said:
    """How often a tool was asked, and how often it called the second side faster, and slower."""

    requested: int
    faster: int
    slower: int


@dataclass(frozen=True)
class Task:
    """A question: how much slower the second side is, how often we and others are asked, and for how long."""

    slowdown: float
    comparisons: int
    seconds: float
    of_others: int

    def __str__(self) -> str:
        what = "A/A" if self.slowdown == 0 else f"slower by {self.slowdown:.0%}"
        return f"{what}, {self.comparisons} comparisons of {self.seconds:g} s"


def ours(comparison: Comparison, seconds: float, seed: int) -> Answers:
    """Return what this project says at both thresholds, of one measurement."""
    speedup = measure(comparison, SamplingPlan(seconds, seed=seed)).result.speedup
    return {
        f"ours, {threshold:.0%}": (reports_gain(speedup, threshold), reports_loss(speedup, threshold))
        for threshold in (0.0, 0.02)
    }


def pytest_benchmark(comparison: Comparison, seconds: float, _seed: int) -> Answers:
    """Save a run of one side and compare that of the other; it only looks for what is slower."""
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
    """Time both programs one after the other and test the exported times as is recommended."""
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
    """Run both programs under pyperf, three values to a process as by default, and let it compare them."""
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
        said = process.run([sys.executable, "-m", "pyperf", "compare_to", *files], timeout=120).text
    return {"pyperf": ("faster" in said, "slower" in said)}


def _argv(comparison: Comparison, side: Side) -> tuple[list[str], str]:
    command = comparison.workload.command(comparison.places(side))
    return list(command.argv), str(command.cwd)


def _starts(comparison: Comparison, seconds: float) -> int:
    """Return how many starts of each side fit the budget, by what three of them take now."""
    began = time.perf_counter()
    for _ in range(3):
        sampler.start(comparison, Side.STOCK)
    return max(2, int(seconds / 2 / ((time.perf_counter() - began) / 3)))


def available(names: Sequence[str]) -> dict[str, Tool]:
    """Return the tools among `names` that are here, and print which are not."""
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
    chosen = {name: found for name, found in every.items() if name in names}
    for name, (_, here, remedy) in chosen.items():
        if not here:
            print(f"{name} is not installed ({remedy}) and left out")
    return {name: tool for name, (tool, here, _) in chosen.items() if here}


def run(task: Task, tools: dict[str, Tool], program: Program, seed: int) -> dict[str, Said]:
    """Ask the question; return how often each tool said faster, and how often slower."""
    order = random.Random(seed)  # noqa: S311  # an order to be repeated, not a secret
    said: dict[str, Said] = {}
    for number in range(task.comparisons):
        requested = [name for name in tools if name == _OURS or number < task.of_others]
        for name in order.sample(requested, k=len(requested)):
            with tempfile.TemporaryDirectory() as directory:
                comparison = comparison_of(program, task.slowdown, Path(directory))
                answers = tools[name](comparison, task.seconds, seed + number)
            for label, (faster, slower) in answers.items():
                earlier = said.get(label, Said(0, 0, 0))
                said[label] = Said(earlier.requested + 1, earlier.faster + faster, earlier.slower + slower)
        so_far = ", ".join(f"{label} {one.faster}+{one.slower}" for label, one in sorted(said.items()))
        print(f"{task}: after {number + 1}, faster+slower: {so_far}", file=sys.stderr, flush=True)
    return dict(sorted(said.items()))


def table(task: Task, said: dict[str, Said]) -> None:
    """Print the answers to one question, with the 95 % interval of each share (Clopper and Pearson)."""
    print(task)
    for name, one in said.items():
        hits = one.faster + one.slower if task.slowdown == 0 else one.slower
        share = stats.binomtest(hits, one.requested).proportion_ci()
        word = "false" if task.slowdown == 0 else "found"
        wrong = f", said faster {one.faster}" if task.slowdown and one.faster else ""
        print(
            f"  {name:18} {word} {hits:3} of {one.requested} = {hits / one.requested:6.1%} "
            f"[{share.low:.1%}, {share.high:.1%}]{wrong}",
            flush=True,
        )


def main() -> None:
    """Ask the three questions and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--comparisons", type=int, default=300, help="of A/A (%(default)s)")
    parser.add_argument("--aa-seconds", type=float, default=60.0, help="for each of them (%(default)s)")
    parser.add_argument("--three", type=int, default=100, help="comparisons with 3 %% slower (%(default)s)")
    parser.add_argument("--three-seconds", type=float, default=60.0, help="for each of them (%(default)s)")
    parser.add_argument("--one", type=int, default=20, help="comparisons with 1 %% slower (%(default)s)")
    parser.add_argument("--one-seconds", type=float, default=300.0, help="for each of them (%(default)s)")
    parser.add_argument(
        "--others", type=int, nargs=3, metavar="N", help="how many of each kind the other tools get (all)"
    )
    parser.add_argument("--quick", action="store_true", help="four comparisons of 4 s of each kind")
    parser.add_argument("--tools", nargs="+", default=[_OURS, "pytest-benchmark", "hyperfine", "pyperf"])
    parser.add_argument("--seed", type=int, default=None, help="of all that is random (random)")
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
