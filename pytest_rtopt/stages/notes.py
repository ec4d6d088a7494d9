"""What a user has to know about a whole run, apart from what is found out about a runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.results.phrases import listing
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.stages.build import touched_runtimes
from pytest_rtopt.stages.platform_reach import platform_reach, tuning_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_rtopt.nix.package_set import Instantiation
    from pytest_rtopt.stages.settings import Settings

_MOST_NAMES: Final = 12


def run_notes(settings: Settings, derivations: Instantiation) -> Iterator[str]:
    """Yield a sentence for each thing that concerns the run as a whole."""
    if tuning := tuning_of(derivations):
        yield _platform_note(derivations, tuning)
    foreign = derivations.overlaid or not settings.uses_shipped_overlays
    if foreign and not settings.runtimes_given and not touched_runtimes(derivations):
        yield _untouched_note(derivations)


def _platform_note(derivations: Instantiation, tuning: Mapping[str, str]) -> str:
    """Say which runtimes the tuning of all packages reaches, and what would reach the others."""
    flags = tuning.get("flags")
    platform = ", ".join(f"{name} = {value}" for name, value in tuning.items() if name != "flags")
    how = [f"are built for a platform with {platform}"] if platform else []
    how += [f"have a standard environment that gives every C compilation {flags}"] if flags else []
    names = [*derivations.runtimes, *derivations.failures]
    reach = {name: platform_reach(runtime_named(name), derivations) for name in names}
    reached = [name for name, found in reach.items() if found is not None and found.reached]
    others = [name for name in names if name not in reached]
    ways = "; ".join(found.instead for found in reach.values() if found is not None and found.instead)
    return (
        f"the packages {' and '.join(how)}. It reaches what the C compiler compiles"
        + (f" ({', '.join(reached)})" if reached else "")
        + (f", and not the code of {' and '.join(others)}" if others else "")
        + (f": {ways}" if ways else "")
        + ". Stock is the same nixpkgs "
        + ("for the plain platform." if platform else "without it.")
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
