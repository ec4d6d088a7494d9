"""The claims on Go's level, decided on made-up observations and on the real logs of builds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.go_level import (
    cgo_march,
    flags_reach_compiler,
    goamd64_default,
    isa_level,
    programs_inherit,
    requested_level,
)
from pytest_rtopt.evidence.log.build_log import BuildLog, parse_log
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

ATTR = "go_1_24"
LOGS = Path(__file__).parent.parent / "data" / "logs"
MADE = parse_log((LOGS / "go-make-bash.log").read_text())
KEPT = parse_log((LOGS / "go-release-kept.log").read_text())
FLAG = "-march=x86-64-v3"


def buildinfo(level: str) -> str:
    """Return what `go version -m` says of a program."""
    return f"/out/program: go1.24.11\n\tpath\tcmd/compile\n\tbuild\tGOARCH=amd64\n\tbuild\tGOAMD64={level}"


@dataclass(frozen=True)
class Built:
    """An optimized Go: what is exported, what it says of itself, and the code that it has and makes."""

    exported: dict[str, str] = field(default_factory=lambda: {"GOAMD64": "v3"})
    attributes: dict[str, object] = field(default_factory=dict)
    default: str = "v3"
    compiled: str = "v3"
    programs: tuple[str, ...] = ("v3",)
    log: BuildLog | None = MADE
    gained: int = 20
    cgo: str = f"-O2 -g {FLAG}"
    commands: str = f"TERM='dumb' gcc -I . -O2 -g {FLAG} -o x.o -c gcc_context.c\ngcc -c -x c - -o /dev/null"


def seen(built: Built, march: str | None = "x86-64-v3", **settings: object) -> Observation:
    """Return the observation of `built` against the release, held to `march` and `settings`."""
    reports = {
        "compiled": buildinfo(built.compiled),
        "goamd64": built.default,
        "cgo": built.cgo,
        "cgo-commands": built.commands,
    }
    names = [f"program{number}" for number in range(len(built.programs))]
    optimized = side(
        derivation("optimized", built.exported, **built.attributes),
        {"go": binary(census(built.gained)), "compile": binary(census(built.gained))},
        log=built.log,
        reports=reports,
        programs={name: binary(census(built.gained)) for name in names},
        program_reports={name: buildinfo(level) for name, level in zip(names, built.programs, strict=True)},
    )
    stock = side(
        derivation("stock"),
        {"go": binary(census()), "compile": binary(census())},
        log=KEPT,
        reports={**reports, "compiled": buildinfo("v1"), "goamd64": "v1", "cgo": "-O2 -g"},
        programs={name: binary(census()) for name in names},
    )
    return observation(profile(march, ATTR, **settings), stock, optimized, ATTR)


def untouched(march: str = "x86-64-v3") -> Observation:
    """Return an observation whose both sides are stock."""
    both = seen(Built(), march)
    return replace(both, optimized=both.stock)


@pytest.mark.parametrize(
    ("march", "settings", "level"),
    [
        ("skylake", {}, "v3"),
        ("x86-64-v2", {}, "v2"),
        ("skylake", {"goamd64": "v2"}, "v2"),
        (None, {"goamd64": "v3"}, "v3"),
        (None, {}, None),
    ],
)
def test_the_level_is_the_named_one_or_that_of_the_architecture(
    march: str | None, settings: dict[str, object], level: str | None
) -> None:
    assert requested_level(seen(Built(), march, **settings)) == level


def test_a_compiled_toolchain_is_proven() -> None:
    for decide in (flags_reach_compiler, isa_level, goamd64_default, programs_inherit, cgo_march):
        answer = decide(seen(Built()))
        assert (decide, answer.status) == (decide, FindingStatus.PROVEN), answer.evidence
    assert "the build log shows the toolchain being compiled" in flags_reach_compiler(seen(Built())).evidence
    assert "compiled program0 for v3" in goamd64_default(seen(Built())).evidence


def test_stocks_own_derivation_is_refuted() -> None:
    for decide in (flags_reach_compiler, isa_level, goamd64_default, programs_inherit, cgo_march):
        answer = decide(untouched())
        assert answer.status is FindingStatus.REFUTED
        assert "no overlay changed this runtime" in answer.evidence


def test_nothing_asked_for_is_not_applicable() -> None:
    for decide in (flags_reach_compiler, isa_level, goamd64_default, programs_inherit, cgo_march):
        assert decide(seen(Built(), None)).status is FindingStatus.NOT_APPLICABLE


def test_v1_is_what_stock_has_whatever_the_architecture() -> None:
    """A profile with goamd64 = "v1" once had its own wish refuted: the level came from the architecture."""
    plain = Built(exported={"GOAMD64": "v1"}, default="v1", compiled="v1", programs=("v1",), gained=0)
    for decide in (flags_reach_compiler, isa_level, goamd64_default, programs_inherit):
        assert decide(seen(plain, "skylake", goamd64="v1")).status is FindingStatus.NOT_APPLICABLE
    answer = flags_reach_compiler(seen(Built(), "skylake", goamd64="v1"))
    assert (answer.status, "v3 was found" in answer.evidence) == (FindingStatus.REFUTED, True)
    assert goamd64_default(seen(Built(), "skylake", goamd64="v1")).status is FindingStatus.REFUTED


def test_a_level_without_an_architecture_is_judged_by_its_own() -> None:
    """A level that was named without a march once was not applicable."""
    assert isa_level(seen(Built(), None, goamd64="v3")).status is FindingStatus.PROVEN
    assert programs_inherit(seen(Built(), None, goamd64="v3")).status is FindingStatus.PROVEN


def test_v2_code_need_not_differ() -> None:
    barely = Built(exported={"GOAMD64": "v2"}, default="v2", compiled="v2", programs=("v2",), gained=1)
    assert isa_level(seen(barely, "x86-64-v2")).status is FindingStatus.UNPROVEN
    assert flags_reach_compiler(seen(barely, "x86-64-v2")).status is FindingStatus.PROVEN


def test_a_wrapper_is_named() -> None:
    hook = "echo 'export GOAMD64=v3' > $out/bin/go"
    wrapped = Built(exported={"postInstall": hook}, default="v1", compiled="v1", gained=0)
    answer = flags_reach_compiler(seen(wrapped))
    assert answer.status is FindingStatus.REFUTED
    assert "does not export GOAMD64, but v3 is requested" in answer.evidence
    assert "the text of postInstall" in answer.evidence
    default = goamd64_default(seen(wrapped))
    assert default.status is FindingStatus.REFUTED
    assert "an environment variable does not change this default" in default.evidence


def test_an_unexported_attribute_is_named() -> None:
    structured = Built(exported={}, attributes={"GOAMD64": "v3"}, compiled="v1")
    answer = flags_reach_compiler(seen(structured))
    assert "the attribute GOAMD64, which is not exported: with __structuredAttrs" in answer.evidence


def test_a_hook_that_sets_the_level_for_make_bash_is_as_good_as_an_export() -> None:
    """A level that `preBuild` exported once was refuted although the toolchain was compiled for it."""
    answer = flags_reach_compiler(seen(Built(exported={"preBuild": "export GOAMD64=v3"})))
    assert answer.status is FindingStatus.PROVEN
    assert "GOAMD64=v3 is set by a phase of the build" in answer.evidence


def test_another_exported_level_is_refuted() -> None:
    answer = flags_reach_compiler(seen(Built(exported={"GOAMD64": "v2"}, compiled="v2")))
    assert "exports GOAMD64=v2, but v3 is requested" in answer.evidence


def test_an_export_that_compiled_nothing_is_refuted() -> None:
    recorded = flags_reach_compiler(seen(Built(compiled="v1")))
    assert "the toolchain was compiled for v1" in recorded.evidence
    logged = flags_reach_compiler(seen(Built(log=KEPT)))
    assert "the build log shows no toolchain being compiled" in logged.evidence
    assert {recorded.status, logged.status} == {FindingStatus.REFUTED}
    assert "there is no build log" in flags_reach_compiler(seen(Built(log=None))).evidence


def test_a_default_that_programs_contradict_is_refuted() -> None:
    answer = goamd64_default(seen(Built(programs=("v3", "v1"))))
    assert answer.status is FindingStatus.REFUTED
    assert "program1 for v1" in answer.evidence


def test_a_self_report_alone_is_intent() -> None:
    """`go env` alone once proved the default."""
    answer = goamd64_default(seen(Built(programs=())))
    assert answer.status is FindingStatus.UNPROVEN
    assert programs_inherit(seen(Built(programs=()))).status is FindingStatus.UNPROVEN


def test_a_program_of_another_level_is_refuted() -> None:
    answer = programs_inherit(seen(Built(programs=("v1",))))
    assert answer.status is FindingStatus.REFUTED
    assert "program0, built with this Go, was compiled for v1, not for v3" in answer.evidence


def test_the_toolchains_own_code_is_compared() -> None:
    answer = isa_level(seen(Built(gained=0)))
    assert answer.status is FindingStatus.REFUTED
    assert "go: the machine code is the same as stock's" in answer.evidence


def test_cgo_is_judged_by_the_commands_that_it_would_run() -> None:
    assert "1 C compilations" in cgo_march(seen(Built())).evidence
    plain = cgo_march(seen(Built(cgo="-O2 -g")))
    assert (plain.status, "has no -march=x86-64-v3" in plain.evidence) == (FindingStatus.REFUTED, True)
    other = cgo_march(seen(Built(commands="gcc -O2 -c a.c")))
    assert (other.status, other.evidence.startswith("0 of 1")) == (FindingStatus.REFUTED, True)
    assert cgo_march(seen(Built(commands=""))).status is FindingStatus.UNPROVEN


def test_a_long_report_takes_little_time() -> None:
    """Blank lines once took the square of their number: what a program says of itself may have any."""
    made = seen(Built())
    built = replace(made.optimized, program_reports={"program0": "\n" * 200_000})
    started = time.process_time()
    assert programs_inherit(replace(made, optimized=built)).status is FindingStatus.REFUTED
    assert time.process_time() - started < 2
