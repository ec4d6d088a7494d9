"""Rust's claims: the toolchain of rustPlatform, the code of programs and std, build scripts, the linker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.isa import UNTOUCHED
from pytest_rtopt.claims.rust_lto import programs_lto
from pytest_rtopt.evidence.census.census import FunctionCode
from pytest_rtopt.evidence.requested import Requested
from pytest_rtopt.results.values import FindingStatus
from pytest_rtopt.runtimes.rust import (
    build_scripts_left_alone,
    linked_as_requested,
    programs_run_here,
    programs_target_cpu,
    std_target_cpu,
    toolchain_reaches_platform,
)
from tests.support.observations import HOST, binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Binary, Observation

OWN = (
    "_ZN7records4main17h0123456789abcdefE",
    "_RNvCs1_7records7tallies",
    "_ZN19rtopt_rust_programs6Chance4next17h1E",
)
STD = (
    "_ZN3std2rt19lang_start_internal17h1E",
    "_ZN3std3sys3pal4unix5abort17h2E",
    "_ZN3std9panicking12default_hook17h3E",
)
# Generic code of std is compiled with the program that uses it, and says nothing of std.
GENERIC = ("_ZN4core5slice4sort6stable9quicksort17h4E", "_ZN3std2io5Write9write_fmt17h5E")


def program(*tuned: str, linker: str = "bfd") -> Binary:
    """Return a program of which the named functions use AVX2."""
    functions = {
        name: FunctionCode(
            frozenset({"avx2"} if name in tuned else ()), "tuned" if name in tuned else "plain"
        )
        for name in (*OWN, *STD, *GENERIC)
    }
    return binary(replace(census(), functions=functions, code_digest=str(sorted(tuned))), linker=linker)


def built(*tuned: str, linked_by: str = "bfd", script: str = "baseline", **settings: object) -> Observation:
    """Return a toolchain whose program has these functions tuned."""
    stock = side(derivation("stock-rustc"), {}, programs={"records": program()})
    rustc = derivation("optimized-rustc")
    optimized = side(
        rustc,
        {},
        programs={"records": program(*tuned, linker=linked_by)},
        program_reports={"records": f"build script: {script}"},
        program_derivation=replace(derivation("program"), inputs=(rustc.path, "/nix/store/cargo.drv")),
    )
    return observation(profile("x86-64-v3", "rust", **settings), stock, optimized, attr="rust")


def test_programs_whose_own_functions_are_the_cpus_are_proven() -> None:
    answer = programs_target_cpu(built(*OWN))
    assert answer.status is FindingStatus.PROVEN
    assert "3 of 3 functions" in answer.evidence


@pytest.mark.parametrize(
    "tuned",
    [
        pytest.param((), id="the flag reached nothing"),
        pytest.param(STD, id="only std, which somebody else compiled, has it"),
    ],
)
def test_programs_that_stayed_as_they_were_are_refuted(tuned: tuple[str, ...]) -> None:
    assert programs_target_cpu(built(*tuned)).status is FindingStatus.REFUTED


def test_the_machine_that_builds_is_no_target_although_the_code_shows_it() -> None:
    """An overlay that asks for `native` got code that was taken for the architecture's."""
    native = {"RUSTFLAGS": "-Ctarget-cpu=native"}
    seen = built(*OWN)
    hook = replace(seen.optimized, derivation=derivation("rustc", {"buildCommand": "-Ctarget-cpu=native"}))
    environment = replace(seen.optimized, program_derivation=derivation("program", native))
    for optimized, place in ((hook, "buildCommand"), (environment, "RUSTFLAGS")):
        answer = programs_target_cpu(replace(seen, optimized=optimized))
        assert answer.status is FindingStatus.REFUTED
        assert (
            f"target-cpu=native is in {place}: the code depends on the machine that builds" in answer.evidence
        )


def test_std_is_judged_by_its_own_functions() -> None:
    assert std_target_cpu(built(*STD)).status is FindingStatus.PROVEN
    assert std_target_cpu(built(*OWN, *GENERIC)).status is FindingStatus.REFUTED


def test_a_platform_with_another_rustc_is_refuted() -> None:
    right = built(*OWN)
    assert toolchain_reaches_platform(right).status is FindingStatus.PROVEN
    other = replace(derivation("program"), inputs=("/nix/store/stock-rustc-wrapper.drv",))
    wrong = replace(right, optimized=replace(right.optimized, program_derivation=other))
    answer = toolchain_reaches_platform(wrong)
    assert answer.status is FindingStatus.REFUTED
    assert "/nix/store/stock-rustc-wrapper.drv" in answer.evidence


def test_a_set_that_built_no_program_proves_nothing() -> None:
    none = built(*OWN)
    bare = replace(
        none, optimized=replace(none.optimized, program_derivation=None, programs={}, program_reports={})
    )
    for decide in (toolchain_reaches_platform, build_scripts_left_alone):
        assert decide(bare).status is FindingStatus.UNPROVEN


def test_build_scripts_for_this_cpu_are_refuted() -> None:
    assert build_scripts_left_alone(built(*OWN)).status is FindingStatus.PROVEN
    answer = build_scripts_left_alone(built(*OWN, script="avx"))
    assert answer.status is FindingStatus.REFUTED
    assert "NIX_RUSTFLAGS" in answer.evidence


def by_platform(seen: Observation) -> Observation:
    """Return the same with stock's own rustc, whose platform builds programs in another way."""
    untuned = replace(seen.stock, program_derivation=derivation("stock-program"))
    return replace(seen, stock=untuned, optimized=replace(seen.optimized, derivation=seen.stock.derivation))


def test_flags_that_the_platform_gives_are_judged_by_programs_although_rustc_is_stocks() -> None:
    """The derivation of rustc alone once decided, which refuted a platform whose programs were the CPU's."""
    assert programs_target_cpu(by_platform(built(*OWN))).status is FindingStatus.PROVEN
    assert programs_target_cpu(by_platform(built())).status is FindingStatus.REFUTED
    reaches = toolchain_reaches_platform(by_platform(built(*OWN)))
    assert reaches.status is FindingStatus.NOT_APPLICABLE
    assert std_target_cpu(by_platform(built(*OWN))).status is FindingStatus.REFUTED


def test_build_scripts_of_a_platform_with_stocks_rustc_are_looked_at() -> None:
    """They once were not applicable where rustc was stock's own."""
    assert build_scripts_left_alone(by_platform(built(*OWN))).status is FindingStatus.PROVEN
    assert build_scripts_left_alone(by_platform(built(*OWN, script="avx"))).status is FindingStatus.REFUTED


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param(HOST, FindingStatus.PROVEN, id="this CPU has AVX2"),
        pytest.param(frozenset({"avx"}), FindingStatus.REFUTED, id="this CPU lacks it"),
    ],
)
def test_programs_have_to_run_here_although_rustc_is_stocks(
    host: frozenset[str], status: FindingStatus
) -> None:
    seen = replace(by_platform(built(*OWN)), host_features=host)
    assert programs_run_here(seen).status is status


def test_a_toolchain_whose_programs_are_stocks_too_is_untouched() -> None:
    platform = by_platform(built())
    same = replace(platform.optimized, program_derivation=platform.stock.program_derivation)
    seen = replace(platform, optimized=same)
    for decide in (toolchain_reaches_platform, programs_target_cpu, std_target_cpu):
        answer = decide(seen)
        assert (answer.status, answer.evidence) == (FindingStatus.REFUTED, UNTOUCHED)
    for decide in (build_scripts_left_alone, programs_run_here):
        assert decide(seen).status is FindingStatus.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("requested", "linker", "status"),
    [
        (None, "bfd", FindingStatus.NOT_APPLICABLE),
        ("mold", "mold", FindingStatus.PROVEN),
        ("mold", "bfd", FindingStatus.REFUTED),
        ("bfd", "gold", FindingStatus.REFUTED),
    ],
)
def test_the_linker_is_told_by_its_mark(requested: str | None, linker: str, status: FindingStatus) -> None:
    settings = {} if requested is None else {"linker": requested}
    assert linked_as_requested(built(*OWN, linked_by=linker, **settings)).status is status


def test_the_standard_library_of_a_release_is_not_the_cpus_and_says_so() -> None:
    """With nixpkgs' compiled rustc as stock, the claim would go on to be about somebody else's code."""
    answer = std_target_cpu(built(toolchain="upstream"))
    assert answer.status is FindingStatus.NOT_APPLICABLE
    assert "it is upstream's code, and is not compiled for this CPU" in answer.evidence


def test_another_standard_library_is_no_link_time_optimization() -> None:
    """A release brings its own, so that its functions differ from stock's without being compiled again."""
    request = Requested(frozenset(), frozenset(), lto=True, pgo_level="NONE")
    flags = {"CARGO_PROFILE_RELEASE_LTO": "fat"}
    for settings, status in (({}, FindingStatus.PROVEN), ({"toolchain": "upstream"}, FindingStatus.UNPROVEN)):
        seen = replace(built(*STD, **settings), prebuilt=True, requested=request)
        stock = replace(seen.stock, program_derivation=derivation("stock-program"))
        optimized = replace(seen.optimized, program_derivation=derivation("program", flags))
        assert programs_lto(replace(seen, stock=stock, optimized=optimized)).status is status
