"""What a user has to know about a whole run, apart from what is found out about a runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.results.phrases import listing
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.stages.build import touched_runtimes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_rtopt.nix.package_set import Instantiation
    from pytest_rtopt.stages.settings import Settings

_MOST_NAMES: Final = 12
# What reaches the code of runtimes that have a compiler of their own.
_OTHER_WAYS: Final = {
    "go": "GOAMD64 (`goamd64` in a profile) decides for Go",
    "rust": "RUSTFLAGS with -Ctarget-cpu (`targetCpu` in a profile) decides for Rust",
}


def run_notes(settings: Settings, derivations: Instantiation) -> Iterator[str]:
    """Yield a sentence for each thing that concerns the run as a whole."""
    if derivations.platform:
        yield _platform_note(derivations)
    foreign = derivations.overlaid or not settings.uses_shipped_overlays
    if foreign and not settings.runtimes_given and not touched_runtimes(derivations):
        yield _untouched_note(derivations)


def _platform_note(derivations: Instantiation) -> str:
    """Say which runtimes the platform of the packages reaches, and what would reach the others."""
    named = ", ".join(f"gcc.{name} = {value}" for name, value in sorted(derivations.platform.items()))
    names = [*derivations.runtimes, *derivations.failures]
    reached = [name for name in names if runtime_named(name).compiled_by_gcc]
    others = [name for name in names if name not in reached]
    ways = "; ".join(_OTHER_WAYS[name] for name in others if name in _OTHER_WAYS)
    return (
        f"the packages are built for a platform with {named}. It reaches what the C compiler compiles"
        + (f" ({', '.join(reached)})" if reached else "")
        + (f", and not the code of {' and '.join(others)}: {ways}" if others else "")
        + ". Stock is the same nixpkgs for the plain platform."
    )


def _untouched_note(derivations: Instantiation) -> str:
    """Say what overlays change that leave every runtime that is judged as it is."""
    defined = listing(derivations.touched_attrs, _MOST_NAMES)
    what = f"they define {defined}" if defined else "they define nothing"
    judged = ", ".join(derivations.runtimes)
    return (
        f"the overlays touch none of the runtimes that are judged ({judged}): {what}. Nothing is refuted, "
        "because only runtimes are judged; to judge what a program gets from its runtime, give the flags to "
        "all programs of that runtime, in rustPlatform or buildGoModule."
    )
