"""Rust: the toolchain that the package set builds with, its standard library, and what it makes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.bench.workload import Workload
from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.environment import ENV_KEPT
from pytest_rtopt.claims.flag_placement import FLAGS_ARE_READ, flags_of_programs_are_read
from pytest_rtopt.claims.isa import (
    ISA_RUNS_HERE,
    LEAST_SHARE,
    TELLING_LEVEL,
    UNTOUCHED,
    isa_runs_here,
    lesser_features,
)
from pytest_rtopt.claims.model import Answer, Claim, Runtime
from pytest_rtopt.claims.rust_lto import OF_STD, PROGRAMS_LTO
from pytest_rtopt.claims.self_report import REPORTS_PATH, self_report
from pytest_rtopt.evidence.census.differential import compare
from pytest_rtopt.hardware.microarch import psabi_level
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.evidence.census.census import Census
    from pytest_rtopt.evidence.observation import Observation

_BUILD_SCRIPT: Final = re.compile(r"^build script: (\S+)$", re.MULTILINE)
_BASELINE: Final = "baseline"
# The compiler takes it for the processor at hand, and no wrapper of nixpkgs filters it.
_NATIVE: Final = "target-cpu=native"
# The crate that the programs share.
_LIBRARY: Final = "rtopt_rust_programs"


def wanted_cpu(observation: Observation) -> str | None:
    """Return the target-cpu that is asked for: named, or the architecture; `None` for neither."""
    return observation.settings.target_cpu or observation.profile.march


def toolchain_reaches_platform(observation: Observation) -> Answer:
    """Decide whether `rustPlatform` builds with the optimized rustc."""
    if _untouched(observation):
        return refuted(UNTOUCHED) if wanted_cpu(observation) else not_applicable("nothing was asked for")
    if observation.same_derivation:
        return not_applicable("rustc is stock's own; the overlay changes how `rustPlatform` uses it")
    program = observation.optimized.program_derivation
    if program is None:
        return unproven("the package set built no Rust program")
    rustc = observation.optimized.derivation.path
    if rustc not in program.inputs:
        others = ", ".join(path for path in program.inputs if "rustc" in path) or "no rustc of its own"
        return refuted(
            f"a program of `rustPlatform.buildRustPackage` is built with {others}, not with {rustc}; the "
            "overlay has to go into `rust_1_NN.packages.stable`, where rustPlatform takes its compilers from"
        )
    return proven(f"{program.path}, made by `rustPlatform.buildRustPackage`, is built with {rustc}")


def programs_target_cpu(observation: Observation) -> Answer:
    """Decide whether programs became the CPU's code."""
    impure = _names_native(observation)
    if impure:
        return refuted(
            f"{_NATIVE} stands in {' and in '.join(impure)}: whatever machine builds, which no hash tells"
        )
    cpu = wanted_cpu(observation)
    if cpu is None:
        return not_applicable("nothing asks for a target-cpu")
    if _untouched(observation):
        return refuted(UNTOUCHED)
    return _gained(observation, cpu, _of_program)


def _names_native(observation: Observation) -> list[str]:
    """Return the attributes that ask for the machine that builds, of rustc and of a program."""
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
    """Decide whether the standard library was compiled for the CPU, by its own functions in programs."""
    cpu = wanted_cpu(observation)
    if cpu is None:
        return not_applicable("nothing asks for a target-cpu")
    if _untouched(observation):
        return refuted(UNTOUCHED)
    return _gained(observation, cpu, lambda _name: OF_STD)


def linked_as_requested(observation: Observation) -> Answer:
    """Decide whether programs were linked by the linker that was asked for."""
    wanted = observation.settings.linker
    if wanted is None:
        return not_applicable("nothing asks for a linker")
    others = {
        name: program.linker
        for name, program in observation.optimized.programs.items()
        if program.linker != wanted
    }
    if others:
        named = ", ".join(f"{name} by {linker}" for name, linker in sorted(others.items()))
        return refuted(f"programs were linked otherwise than by {wanted}: {named}")
    if not observation.optimized.programs:
        return unproven("the package set built no Rust program")
    return proven(f"{', '.join(observation.optimized.programs)} have the mark of {wanted}")


def build_scripts_left_alone(observation: Observation) -> Answer:
    """Decide whether build scripts, which run on whatever machine builds, were compiled for the baseline."""
    if _untouched(observation):
        return not_applicable("stock and optimized are one toolchain")
    told = {name: _BUILD_SCRIPT.search(text) for name, text in observation.optimized.program_reports.items()}
    features = {name: found[1] for name, found in told.items() if found}
    if not features:
        return unproven("no program tells what its build script was compiled for")
    tuned = sorted(name for name, found in features.items() if found != _BASELINE)
    if tuned:
        return refuted(
            f"the build script of {tuned[0]} was compiled with {features[tuned[0]]}: on a builder without "
            "it, builds die of an illegal instruction; NIX_RUSTFLAGS does that, flags for the target do not"
        )
    return proven(f"the build script of {', '.join(sorted(features))} was compiled for the baseline")


def programs_run_here(observation: Observation) -> Answer:
    """Decide whether this CPU has all that the code needs, be it only that of programs."""
    if not observation.same_derivation:
        return isa_runs_here(observation)
    stock, optimized = (
        replace(side, derivation=side.program_derivation or side.derivation)
        for side in (observation.stock, observation.optimized)
    )
    return isa_runs_here(replace(observation, stock=stock, optimized=optimized))


def _untouched(observation: Observation) -> bool:
    """Say whether no overlay touched rustc, nor how `rustPlatform` builds programs with it."""
    return (
        observation.same_derivation
        and observation.stock.program_derivation == observation.optimized.program_derivation
    )


def _of_program(name: str) -> re.Pattern[str]:
    """Return what names of a program's own functions look like; the rest is std, compiled beforehand."""
    return re.compile(rf"_(?:ZN|R)\w*?(?:{len(name)}{name}|{len(_LIBRARY)}{_LIBRARY})")


def _gained(observation: Observation, cpu: str, of: Callable[[str], re.Pattern[str]]) -> Answer:
    """Decide by those functions of all programs whose names match, for each program, what `of` returns."""
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
        return unproven("no function can be compared by name; programs that are not stripped would tell")
    features = sorted({gain.feature for delta in deltas.values() for gain in delta.gains})
    said = (
        f"{gained} of {common} functions of {', '.join(deltas)} use features that they did not use in stock"
        + (f" ({', '.join(features)})" if features and gained else "")
    )
    if gained >= LEAST_SHARE * common:
        return proven(said)
    if psabi_level(cpu) >= TELLING_LEVEL:
        return refuted(f"{said}: not the code of {cpu}")
    return unproven(f"{said}: {cpu} adds few instructions, and a build for it need not use them")


def _only(census: Census, names: re.Pattern[str]) -> Census:
    return replace(
        census, functions={name: code for name, code in census.functions.items() if names.match(name)}
    )


# For the same target on both sides: what is measured is how fast the compiler is, not how much it has to do.
# No linker runs, which would be the host's. The answer is the checksum of what was compiled.
_TARGET: Final = "--edition 2021 -C opt-level=3 -C target-cpu=x86-64"
_COMPILING: Final = (
    ("RUSTC", "{out}/bin/rustc"),
    ("SOURCES", "{workloads}/rust/src"),
    ("RTOPT_BUILD_SCRIPT", "-"),
)
_COMPILE_LIBRARY: Final = (
    f'"$RUSTC" {_TARGET} --crate-type rlib --crate-name rtopt_rust_programs -o librtopt_rust_programs.rlib '
    '"$SOURCES/lib.rs"'
)
_COMPILE: Final = (
    f'"$RUSTC" {_TARGET} --crate-type bin --crate-name program --extern '
    "rtopt_rust_programs=librtopt_rust_programs.rlib --emit obj -C codegen-units=1 -o program.o "
    '"$SOURCES/bin/hash.rs" && cksum < program.o'
)


def _program(name: str, expected: tuple[float, float]) -> Workload:
    return Workload(f"rust/{name}", (f"{{programs}}/bin/{name}",), expected=expected)


RUST: Final = Runtime(
    name="rust",
    attrs=("rustc",),
    profile_attr="rust",
    overlay="rust-hardware-optimized.nix",
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
        Claim(
            "programs-target-cpu",
            "programs that the package set builds are the CPU's code",
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
        Claim("linker", "programs are linked as asked", (EvidenceKind.FILE,), linked_as_requested),
        self_report("version", "rustc --version", "version", r"^rustc 1\.\d+"),
        self_report("cargo", "cargo --version, in the build of a program", "toolchain", r"^cargo 1\.\d+"),
        # Lists what this CPU has, whatever rustc or its programs were compiled for.
        self_report("features", "rustc -C target-cpu=native --print=cfg", "features", r'target_feature="'),
        REPORTS_PATH,
    ),
    workloads=(
        Workload(
            "rust/compile",
            ("/bin/sh", "-c", _COMPILE),
            env=_COMPILING,
            prepare=(("/bin/sh", "-c", _COMPILE_LIBRARY),),
            expected=(0.05, 0.10),
        ),
        Workload("rust/hello", ("{programs}/bin/hello",)),
        _program("records", (0.05, 0.12)),
        _program("search", (0.05, 0.12)),
        _program("regex", (0.05, 0.12)),
        _program("hash", (0.05, 0.12)),
        _program("model", (0.05, 0.12)),
        _program("history", (0.03, 0.08)),
    ),
    sources=(),
    build_seconds=20.0,
    compiled_by_gcc=False,
    reports={
        "version": ("{rustc}", "--version"),
        "features": ("{rustc}", "-Ctarget-cpu=native", "--print=cfg"),
        "toolchain": ("/usr/bin/env", "cat", "{programs}/share/rtopt/toolchain"),
    },
    program_report=("{program}", "--build-info"),
)
