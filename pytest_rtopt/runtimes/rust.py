"""Rust: the toolchain of the package set, its standard library, and the programs that it builds."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.bench.workload import Workload
from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.environment import ENV_KEPT
from pytest_rtopt.claims.flag_placement import FLAGS_ARE_READ, flags_of_programs_are_read
from pytest_rtopt.claims.isa import (
    DISTINCTIVE_LEVEL,
    ISA_RUNS_HERE,
    LEAST_SHARE,
    UNTOUCHED,
    isa_runs_here,
    lesser_features,
)
from pytest_rtopt.claims.model import Answer, Claim, Runtime
from pytest_rtopt.claims.rust_lto import OF_STD, PROGRAMS_LTO
from pytest_rtopt.claims.rust_upstream import NOT_THIS_CPUS, RUST_UPSTREAM, asks_for_upstream
from pytest_rtopt.claims.self_report import REPORTS_PATH, self_report
from pytest_rtopt.evidence.census.differential import compare
from pytest_rtopt.hardware.microarch import psabi_level
from pytest_rtopt.results.values import EvidenceKind
from pytest_rtopt.runtimes.rust_compile import COMPILING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.evidence.census.census import Census
    from pytest_rtopt.evidence.observation import Observation

_BUILD_SCRIPT: Final = re.compile(r"^build script: (\S+)$", re.MULTILINE)
_BASELINE: Final = "baseline"
# For the compiler, this is the processor of the machine that builds; no wrapper of nixpkgs filters it.
_NATIVE: Final = "target-cpu=native"
# The library crate that the programs share.
_LIBRARY: Final = "rtopt_rust_programs"


def requested_cpu(observation: Observation) -> str | None:
    """Return the requested target-cpu: the named one, or the architecture, or `None`."""
    return observation.settings.target_cpu or observation.profile.march


def toolchain_reaches_platform(observation: Observation) -> Answer:
    """Decide whether `rustPlatform` builds with the optimized rustc."""
    if _untouched(observation):
        return refuted(UNTOUCHED) if requested_cpu(observation) else not_applicable("nothing is requested")
    if observation.same_derivation:
        return not_applicable("rustc is the same as stock's; the overlay changes how `rustPlatform` uses it")
    program = observation.optimized.program_derivation
    if program is None:
        return unproven("the package set built no Rust program")
    rustc = observation.optimized.derivation.path
    if rustc not in program.inputs:
        others = ", ".join(path for path in program.inputs if "rustc" in path) or "no rustc of its own"
        return refuted(
            f"a program of `rustPlatform.buildRustPackage` is built with {others}, not with {rustc}; the "
            "overlay must change `rust_1_NN.packages.stable`, from which rustPlatform takes its compilers"
        )
    return proven(f"{program.path} of `rustPlatform.buildRustPackage` is built with {rustc}")


def programs_target_cpu(observation: Observation) -> Answer:
    """Decide whether the code of programs is for the CPU."""
    impure = _names_native(observation)
    if impure:
        return refuted(
            f"{_NATIVE} is in {' and in '.join(impure)}: the code depends on the machine that builds, but "
            "the hash does not"
        )
    cpu = requested_cpu(observation)
    if cpu is None:
        return not_applicable("nothing asks for a target-cpu")
    if _untouched(observation):
        return refuted(UNTOUCHED)
    return _gained(observation, cpu, _of_program)


def _names_native(observation: Observation) -> list[str]:
    """Return the attributes of rustc and of a program that request the CPU of the building machine."""
    built = (observation.optimized.derivation, observation.optimized.program_derivation)
    return sorted(
        {
            name
            for derivation in built
            if derivation is not None
            for name, value in derivation.attributes.items()
            if name != "env" and _NATIVE in str(value)
        }
    )


def std_target_cpu(observation: Observation) -> Answer:
    """Decide whether the standard library was compiled for the CPU, by its functions in programs."""
    cpu = requested_cpu(observation)
    if cpu is None:
        return not_applicable("nothing asks for a target-cpu")
    if asks_for_upstream(observation):
        return not_applicable(f"the standard library comes with upstream's release: {NOT_THIS_CPUS}")
    if _untouched(observation):
        return refuted(UNTOUCHED)
    return _gained(observation, cpu, lambda _name: OF_STD)


def linked_as_requested(observation: Observation) -> Answer:
    """Decide whether programs were linked by the requested linker."""
    requested = observation.settings.linker
    if requested is None:
        return not_applicable("nothing asks for a linker")
    others = {
        name: program.linker
        for name, program in observation.optimized.programs.items()
        if program.linker != requested
    }
    if others:
        named = ", ".join(f"{name} by {linker}" for name, linker in sorted(others.items()))
        return refuted(f"programs were not linked by {requested}: {named}")
    if not observation.optimized.programs:
        return unproven("the package set built no Rust program")
    return proven(f"{', '.join(observation.optimized.programs)} have the mark of {requested}")


def build_scripts_left_alone(observation: Observation) -> Answer:
    """Decide whether build scripts, which run on the building machine, were compiled for the baseline."""
    if _untouched(observation):
        return not_applicable("stock and optimized are the same toolchain")
    reports = observation.optimized.program_reports
    matches = {name: _BUILD_SCRIPT.search(report) for name, report in reports.items()}
    features = {name: match[1] for name, match in matches.items() if match}
    if not features:
        return unproven("no program reports for which CPU its build script was compiled")
    tuned = sorted(name for name, target in features.items() if target != _BASELINE)
    if tuned:
        return refuted(
            f"the build script of {tuned[0]} was compiled with {features[tuned[0]]}: on a builder without "
            "it, builds fail with an illegal instruction; NIX_RUSTFLAGS causes this, so set flags for the "
            "target only"
        )
    return proven(f"the build script of {', '.join(sorted(features))} was compiled for the baseline")


def programs_run_here(observation: Observation) -> Answer:
    """Decide whether this CPU has every feature that the code needs, that of programs included."""
    if not observation.same_derivation:
        return isa_runs_here(observation)
    stock, optimized = (
        replace(side, derivation=side.program_derivation or side.derivation)
        for side in (observation.stock, observation.optimized)
    )
    return isa_runs_here(replace(observation, stock=stock, optimized=optimized))


def _untouched(observation: Observation) -> bool:
    """Return whether no overlay changed rustc or the way in which `rustPlatform` builds programs."""
    return (
        observation.same_derivation
        and observation.stock.program_derivation == observation.optimized.program_derivation
    )


def _of_program(name: str) -> re.Pattern[str]:
    """Return a pattern for the names of a program's own functions, without those of precompiled std."""
    return re.compile(rf"_(?:ZN|R)\w*?(?:{len(name)}{name}|{len(_LIBRARY)}{_LIBRARY})")


def _gained(observation: Observation, cpu: str, of: Callable[[str], re.Pattern[str]]) -> Answer:
    """Decide by the functions of all programs whose names match the pattern that `of` gives a program."""
    programs = observation.stock.programs.keys() & observation.optimized.programs.keys()
    deltas = {
        name: compare(
            _only(observation.stock.programs[name].census, of(name)),
            _only(observation.optimized.programs[name].census, of(name)),
            lesser_features(cpu),
        )
        for name in sorted(programs)
    }
    common = sum(delta.common for delta in deltas.values())
    gained = sum(delta.gained for delta in deltas.values())
    if not common:
        return unproven("no function can be compared by name; programs that are not stripped would decide")
    features = sorted({gain.feature for delta in deltas.values() for gain in delta.gains})
    evidence = (
        f"{gained} of {common} functions of {', '.join(deltas)} use features that they did not use in stock"
        + (f" ({', '.join(features)})" if features and gained else "")
    )
    if gained >= LEAST_SHARE * common:
        return proven(evidence)
    if psabi_level(cpu) >= DISTINCTIVE_LEVEL:
        return refuted(f"{evidence}: this is not code for {cpu}")
    return unproven(f"{evidence}: {cpu} adds few instructions, and a build for it need not use them")


def _only(census: Census, names: re.Pattern[str]) -> Census:
    return replace(
        census, functions={name: code for name, code in census.functions.items() if names.match(name)}
    )


def _program(name: str, expected: tuple[float, float]) -> Workload:
    return Workload(f"rust/{name}", (f"{{programs}}/bin/{name}",), expected=expected)


RUST: Final = Runtime(
    registered=REGISTRY["rust"],
    binaries={"rustc": ("bin/rustc",)},
    claims=(
        ENV_KEPT,
        replace(FLAGS_ARE_READ, decide=flags_of_programs_are_read),
        Claim(
            "toolchain-reaches-platform",
            "rustPlatform builds programs with the optimized rustc",
            (EvidenceKind.DERIVATION,),
            toolchain_reaches_platform,
        ),
        RUST_UPSTREAM,
        Claim(
            "programs-target-cpu",
            "programs that the package set builds have code for the CPU",
            (EvidenceKind.CENSUS, EvidenceKind.DERIVATION),
            programs_target_cpu,
        ),
        Claim(
            "std-target-cpu",
            "the standard library was compiled for the CPU",
            (EvidenceKind.CENSUS,),
            std_target_cpu,
            own_code=True,
        ),
        Claim(
            "build-scripts-left-alone",
            "build scripts, which run while building, are compiled for any machine",
            (EvidenceKind.SELF_REPORT,),
            build_scripts_left_alone,
        ),
        replace(ISA_RUNS_HERE, decide=programs_run_here),
        PROGRAMS_LTO,
        Claim(
            "linker", "programs are linked by the requested linker", (EvidenceKind.FILE,), linked_as_requested
        ),
        self_report("version", "rustc --version", "version", r"^rustc 1\.\d+"),
        self_report("cargo", "cargo --version, in the build of a program", "toolchain", r"^cargo 1\.\d+"),
        # This lists the features of this CPU, independent of the target of rustc and its programs.
        self_report("features", "rustc -C target-cpu=native --print=cfg", "features", r'target_feature="'),
        REPORTS_PATH,
    ),
    workloads=(
        *COMPILING,
        Workload("rust/hello", ("{programs}/bin/hello",)),
        _program("records", (0.05, 0.12)),
        _program("search", (0.05, 0.12)),
        _program("regex", (0.05, 0.12)),
        _program("hash", (0.05, 0.12)),
        _program("model", (0.05, 0.12)),
        _program("history", (0.03, 0.08)),
    ),
    compiled_by_gcc=False,
    uses_rustc=True,
    reports={
        "version": ("{rustc}", "--version"),
        "verbose": ("{rustc}", "-vV"),
        "features": ("{rustc}", "-Ctarget-cpu=native", "--print=cfg"),
        "toolchain": ("/usr/bin/env", "cat", "{programs}/share/rtopt/toolchain"),
    },
    program_report=("{program}", "--build-info"),
)
