"""What packages that are all tuned at once mean for each runtime: whose code the tuning reaches.

That is a platform for one architecture (`hostPlatform.gcc`), or a standard environment with flags of its own
(`withCFlags`, `impureUseNativeOptimizations`, `config.replaceStdenv`). Both are for the C compiler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.results.values import PlatformReach

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.nix.package_set import Instantiation

# What reaches the code of runtimes that have a compiler of their own.
_OTHER_WAYS: Final = {
    "go": "GOAMD64 (`goamd64` in a profile) decides for Go",
    "rust": "RUSTFLAGS with -Ctarget-cpu (`targetCpu` in a profile) decides for Rust",
}


def tuning_of(derivations: Instantiation) -> dict[str, str]:
    """Return what tunes all packages, by name: `gcc.arch`, `gcc.tune` and `flags`; empty if nothing does."""
    named = {f"gcc.{name}": value for name, value in sorted(derivations.platform.items())}
    return named | ({"flags": " ".join(derivations.stdenv_flags)} if derivations.stdenv_flags else {})


def platform_reach(runtime: Runtime, derivations: Instantiation) -> PlatformReach | None:
    """Return whether the tuning of all packages reaches a runtime; `None` where they are not tuned."""
    settings = tuning_of(derivations)
    if not settings:
        return None
    sides = derivations.runtimes.get(runtime.name)
    compiled = sides is None or not sides.prebuilt
    reached = compiled and runtime.compiled_by_gcc
    return PlatformReach(settings, reached, None if reached else _OTHER_WAYS.get(runtime.name))
