"""The options of a run, each also an ini key and an environment variable: what they are called and mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytest_rtopt import runtimes

_ENVIRONMENT: Final = "RTOPT_"


@dataclass(frozen=True)
class Option:
    """One setting: its name after `--rtopt-`, its help; a `switch` takes no value, and `true` elsewhere."""

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
        """What argparse does with it."""
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
        "hardware profile: host (detected), a shipped name, or a .nix or .toml file (default: host)",
        "NAME|PATH",
    ),
    Option(
        "packages",
        "package set that the overlays are applied to: embedded, a path, a flake reference, or '<nixpkgs>' "
        "(default: <nixpkgs> if it resolves, else embedded)",
        "SET",
    ),
    Option("build", "when to build: auto, always or never (default: auto)", "POLICY"),
    Option(
        "overlays",
        "overlays to judge instead of the shipped ones: a file, a directory of files, or a flake's output "
        "as in .#overlays.default; can be repeated",
        "PATH",
        repeatable=True,
    ),
    Option(
        "runtime", f"runtime to judge: {', '.join(runtimes.NAMES)}; can be repeated", "NAME", repeatable=True
    ),
    Option(
        "target",
        "package whose rebuilds -m generate counts, by attribute path (default: the runtimes; everything in "
        "the embedded set); can be repeated",
        "ATTR",
        repeatable=True,
    ),
    Option("json", "write the results to FILE, as JSON", "FILE"),
    Option("html", "write a report to FILE, as one HTML page", "FILE"),
    Option("markdown", "write a summary to FILE, in the Markdown that the pages of CI show", "FILE"),
    Option(
        "budget",
        "seconds for the pairs of one workload (default: 60, and nine minutes for all together)",
        "SECONDS",
    ),
    Option(
        "builds",
        "builds of each side that are measured (default: 1, and 2 for a small difference if that is quick)",
        "K",
    ),
    Option(
        "strict-machine",
        "measure nothing where a check of the machine (governor, load, ...) is bad or unknown",
        "",
        switch=True,
    ),
    Option(
        "strict-except",
        "check that --rtopt-strict-machine ignores, by the name that its refusal gives; can be repeated",
        "CHECK",
        repeatable=True,
    ),
    Option(
        "ledger",
        "remembered verdicts (default: rtopt.lock.json in the rootdir; those on --rtopt-overlays are "
        "remembered only where this is given)",
        "FILE",
    ),
    Option(
        "explain",
        "say what has to be built before a runtime can be judged again, with what else, and at what cost",
        "",
        switch=True,
    ),
    Option(
        "ledger-key",
        "Ed25519 keys as Nix makes them: sign the ledger, and refuse what is unsigned or changed",
        "FILE",
    ),
    Option(
        "manifest",
        "what would be installed, by an evaluation that was made elsewhere; -m gate reads it instead of "
        "evaluating",
        "FILE",
    ),
    Option("bundle", "write the overlays, the resolved profile and the snippet for a flake to DIR", "DIR"),
    Option(
        "cache",
        "Nix store (file://, s3://, ssh-ng://, https://) that builds with their ledger entries are taken "
        "from, if signed by one of Nix's trusted-public-keys; can be repeated",
        "URL",
        repeatable=True,
    ),
    Option(
        "push",
        "sign what this run judged and adopts with Nix's secret-key-files, and copy it to the "
        "first --rtopt-cache",
        "",
        switch=True,
    ),
    Option("builders", "machines that build for this one, as in Nix's setting `builders`, or @FILE", "LIST"),
)
