"""Claims on GOAMD64: Go is compiled for a level, and compiles programs for that level by default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.isa import UNTOUCHED, by_census
from pytest_rtopt.claims.model import Answer, Claim
from pytest_rtopt.evidence.derivation.exported import scripts_naming
from pytest_rtopt.hardware.microarch import level_march, psabi_level
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.evidence.observation import Observation

_BASELINE: Final = "v1"
_VARIABLE: Final = "GOAMD64"
_BUILD_SETTING: Final = re.compile(r"^[ \t]*build[ \t]+GOAMD64=(\S+)$", re.MULTILINE)
# make.bash prints this line after it has compiled a toolchain.
_COMPILED: Final = "Building Go toolchain3 using go_bootstrap and Go toolchain2."
# Commands of `go build -n` that compile C files; commands that only test flags compile standard input.
_C_COMPILATION: Final = re.compile(r"^.* -c \S+\.c$", re.MULTILINE)


def requested_level(observation: Observation) -> str | None:
    """Return the requested GOAMD64: the named one, or the level of the architecture, or `None`."""
    if observation.settings.goamd64 is not None:
        return observation.settings.goamd64
    march = observation.profile.march
    return None if march is None else f"v{psabi_level(march)}"


def flags_reach_compiler(observation: Observation) -> Answer:
    """Decide whether GOAMD64 was exported to make.bash and a toolchain was compiled with it."""
    level = requested_level(observation)
    if level is None:
        return not_applicable("nothing asks for a level")
    exported = observation.optimized.derivation.exported.get(_VARIABLE)
    compiled_for = _compiled_for(observation.optimized.reports["compiled"])
    if level == _BASELINE:
        return _baseline(exported or _BASELINE, compiled_for)
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    # A hook may set the variable, too; then the level for which the toolchain was compiled decides.
    if level not in {exported, compiled_for}:
        return refuted(_not_exported(observation, level, exported))
    return _compiled_with(observation, level, compiled_for)


def _compiled_with(observation: Observation, level: str, compiled_for: str) -> Answer:
    """Decide whether a toolchain was compiled and reports that it was compiled for `level`."""
    exported = observation.optimized.derivation.exported.get(_VARIABLE)
    how = "is exported" if exported == level else "is set by a phase of the build"
    if compiled_for != level:
        return refuted(f"GOAMD64={level} {how}, but the toolchain was compiled for {compiled_for}")
    log = observation.optimized.log
    if log is not None and _COMPILED not in log.text:
        return refuted(f"GOAMD64={level} {how}, but the build log shows no toolchain being compiled")
    shown = "the build log shows the toolchain being compiled" if log is not None else "there is no build log"
    return proven(f"GOAMD64={level} {how}, {shown}, and the toolchain records GOAMD64={compiled_for}")


def isa_level(observation: Observation) -> Answer:
    """Decide whether the toolchain's own code is for the level; `-march` only affects C code."""
    level = requested_level(observation)
    if level is None:
        return not_applicable("nothing asks for a level")
    if level == _BASELINE:
        return not_applicable("v1 is the baseline, for which stock is compiled")
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    return by_census(observation.stock.binaries, observation.optimized.binaries, _march_of(level))


def goamd64_default(observation: Observation) -> Answer:
    """Decide whether the toolchain compiles for the level without a wrapper or environment variable."""
    level = requested_level(observation)
    if level is None:
        return not_applicable("nothing asks for a level")
    default = observation.optimized.reports["goamd64"]
    programs = observation.optimized.program_reports
    built_for = {name: _compiled_for(report) for name, report in programs.items()}
    if level == _BASELINE:
        return _baseline(default, *built_for.values())
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    return _compiles_for(observation, level, built_for)


def _compiles_for(observation: Observation, level: str, built_for: Mapping[str, str]) -> Answer:
    """Decide by the toolchain's self-report and by the levels for which programs were built."""
    default = observation.optimized.reports["goamd64"]
    if default != level:
        return refuted(
            f"in an empty environment, the toolchain compiles for {default}, not for {level}; a wrapper or "
            "an environment variable does not change this default"
        )
    stock = observation.stock.reports["goamd64"]
    reported = f"`go env GOAMD64` says {level} (stock: {stock}) in an empty environment"
    others = {name: built for name, built in built_for.items() if built != level}
    if others:
        found = ", ".join(f"{name} for {built}" for name, built in sorted(others.items()))
        return refuted(f"{reported}, but programs were compiled for other levels: {found}")
    if not built_for:
        return unproven(f"{reported}, but the package set compiled no program that would prove it")
    return proven(f"{reported}, and it compiled {', '.join(sorted(built_for))} for {level}")


def programs_inherit(observation: Observation) -> Answer:
    """Decide whether a program that the package set builds with this Go has code for the level."""
    level = requested_level(observation)
    if level is None:
        return not_applicable("nothing asks for a level")
    if level == _BASELINE:
        return not_applicable("v1 is the baseline, for which stock compiles")
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    for name, report in observation.optimized.program_reports.items():
        if _compiled_for(report) != level:
            return refuted(
                f"{name}, built with this Go, was compiled for {_compiled_for(report)}, not for {level}"
            )
    return by_census(observation.stock.programs, observation.optimized.programs, _march_of(level))


def cgo_march(observation: Observation) -> Answer:
    """Decide whether C code of Go programs is compiled for the architecture by default."""
    march = observation.profile.march
    if march is None:
        return not_applicable("nothing asks for compiler flags")
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    flag, reports = f"-march={march}", observation.optimized.reports
    flags = reports["cgo"]
    if flag not in flags.split():
        return refuted(f"`go env CGO_CFLAGS` says {flags!r} in an empty environment, which has no {flag}")
    calls = _C_COMPILATION.findall(reports["cgo-commands"])
    with_flag = [call for call in calls if flag in call.split()]
    if not calls:
        return unproven(f"`go env CGO_CFLAGS` says {flags}, but `go build -n` shows no C compilation")
    if len(with_flag) < len(calls):
        return refuted(
            f"{len(with_flag)} of {len(calls)} C compilations that `go build -n` shows have {flag}"
        )
    return proven(
        f"all {len(calls)} C compilations that `go build -n runtime/cgo` shows in an empty environment "
        f"have {flag}"
    )


def _not_exported(observation: Observation, level: str, exported: str | None) -> str:
    """Return a sentence with what the derivation exports instead of `level`, and where it sets the level."""
    derivation = observation.optimized.derivation
    places = [
        f"the text of {name}, from which it did not reach make.bash"
        for name in scripts_naming(observation.stock.derivation, derivation, _VARIABLE)
    ]
    if exported is None and _VARIABLE in derivation.attributes:
        places.append(
            f"the attribute {_VARIABLE}, which is not exported: with __structuredAttrs only what is in `env` "
            "reaches make.bash"
        )
    location = f"; it is in {' and in '.join(places)}" if places else ""
    export = f"does not export {_VARIABLE}" if exported is None else f"exports {_VARIABLE}={exported}"
    return f"the derivation that compiles {export}, but {level} is requested{location}"


def _baseline(*found: str) -> Answer:
    """Answer for a requested v1: it cannot be told apart from stock, but a higher level is refuted."""
    higher = sorted(set(found) - {_BASELINE})
    if higher:
        return refuted(f"{_BASELINE} is requested, but {', '.join(higher)} was found")
    return not_applicable("v1 is the baseline, which stock has, too")


def _march_of(level: str) -> str:
    return level_march(int(level.removeprefix("v")))


def _compiled_for(buildinfo: str) -> str:
    found = _BUILD_SETTING.search(buildinfo)
    return found[1] if found else "no recorded level"


FLAGS_REACH_COMPILER: Final = Claim(
    "flags-reach-compiler",
    "GOAMD64 is exported to make.bash, which compiles the toolchain with it",
    (EvidenceKind.DERIVATION, EvidenceKind.BUILD_LOG),
    flags_reach_compiler,
)

ISA_LEVEL: Final = Claim(
    "isa-level", "the toolchain's own code is for the level", (EvidenceKind.CENSUS,), isa_level
)

GOAMD64_DEFAULT: Final = Claim(
    "goamd64-default",
    "the toolchain itself compiles for the level, without a wrapper",
    (EvidenceKind.SELF_REPORT,),
    goamd64_default,
)

PROGRAMS_INHERIT: Final = Claim(
    "programs-inherit",
    "programs that the package set builds have code for the level",
    (EvidenceKind.CENSUS, EvidenceKind.SELF_REPORT),
    programs_inherit,
)

CGO_MARCH: Final = Claim(
    "cgo-march",
    "C code of Go programs is compiled for the architecture by default",
    (EvidenceKind.SELF_REPORT,),
    cgo_march,
)
