"""The options of a run. Each one is also an ini key and an environment variable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytest_rtopt import runtimes
from pytest_rtopt.base import toolchains

_ENVIRONMENT: Final = "RTOPT_"


@dataclass(frozen=True)
class Option:
    """One option: its name after `--rtopt-` and its help.

    A `switch` takes no value on the command line, and `true` or `false` as an ini key or in the environment.
    """

    name: str
    help: str
    metavar: str
    repeatable: bool = False
    switch: bool = False

    @property
    def flag(self) -> str:
        """The command line option."""
        return f"--rtopt-{self.name}"

    @property
    def action(self) -> str:
        """The action of argparse."""
        return "store_true" if self.switch else "append" if self.repeatable else "store"

    @property
    def ini(self) -> str:
        """The key in an ini file."""
        return f"rtopt_{self.name.replace('-', '_')}"

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"{_ENVIRONMENT}{self.name.upper().replace('-', '_')}"


OPTIONS: Final = (
    Option(
        "profile",
        "hardware profile: host (detected on this machine), the name of a shipped profile, or a .nix or "
        ".toml file (default: host)",
        "NAME|PATH",
    ),
    Option(
        "packages",
        "package set to apply the overlays to: embedded, a path, a flake reference, or '<nixpkgs>' "
        "(default: <nixpkgs> if it resolves, else embedded)",
        "SET",
    ),
    Option(
        "toolchain",
        f"compilers and tools that build the embedded package set: {', '.join(toolchains.names())} (default: "
        f"{toolchains.DEFAULT})",
        "NAME",
    ),
    Option("build", "when to build: auto, always or never (default: auto)", "POLICY"),
    Option(
        "overlays",
        "overlays to judge instead of the shipped ones: a file, a directory of files, or a flake's output "
        "as in .#overlays.default (repeatable)",
        "PATH",
        repeatable=True,
    ),
    Option(
        "runtime",
        f"runtime to judge: {', '.join(runtimes.NAMES)} (repeatable; default: all)",
        "NAME",
        repeatable=True,
    ),
    Option(
        "target",
        "attribute path of a package whose rebuilds -m generate counts (repeatable; default: the runtimes, "
        "or every package of the embedded set)",
        "ATTR",
        repeatable=True,
    ),
    Option("json", "write the results to FILE as JSON", "FILE"),
    Option("html", "write a report to FILE as one HTML page", "FILE"),
    Option("markdown", "write a summary to FILE as Markdown, for the job pages of GitHub and GitLab", "FILE"),
    Option(
        "budget",
        "seconds to measure one workload (default: 60, and at most nine minutes for all workloads together)",
        "SECONDS",
    ),
    Option(
        "builds",
        "number of builds of each side to measure (default: 1, or 2 for a small difference if that is quick)",
        "K",
    ),
    Option(
        "rival",
        "another build of a runtime to measure in the same rounds as stock and optimized: a program, or a "
        "directory with its bin (repeatable)",
        "RUNTIME=PATH",
        repeatable=True,
    ),
    Option(
        "strict-machine",
        "measure nothing if a check of the machine (governor, load, ...) fails or has no answer",
        "",
        switch=True,
    ),
    Option(
        "strict-except",
        "name of a check that --rtopt-strict-machine ignores (repeatable)",
        "CHECK",
        repeatable=True,
    ),
    Option(
        "ledger",
        "file of remembered verdicts (default: rtopt.lock.json in the rootdir; verdicts on --rtopt-overlays "
        "are remembered only if this option is given)",
        "FILE",
    ),
    Option(
        "explain",
        "with -m gate, list what must be built before a runtime can be judged again, and how long that takes",
        "",
        switch=True,
    ),
    Option(
        "ledger-key",
        "file of Ed25519 keys in the format of Nix: sign the ledger, and refuse a changed or unsigned one",
        "FILE",
    ),
    Option(
        "manifest",
        "manifest of what would be installed; -m gate reads it instead of evaluating",
        "FILE",
    ),
    Option(
        "bundle",
        "with -m generate, write the overlays, the resolved profile and the file for a flake to DIR",
        "DIR",
    ),
    Option(
        "cache",
        "URL of a Nix store (file://, s3://, ssh-ng://, https://) to fetch builds and their ledger entries "
        "from; they must be signed by one of Nix's trusted-public-keys (repeatable)",
        "URL",
        repeatable=True,
    ),
    Option(
        "push",
        "sign what this run adopts with Nix's secret-key-files, and copy it to the first --rtopt-cache",
        "",
        switch=True,
    ),
    Option("builders", "remote build machines, in the syntax of Nix's setting `builders`, or @FILE", "LIST"),
)
