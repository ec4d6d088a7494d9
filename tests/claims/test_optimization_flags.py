"""Claims on flags that leave no instruction of their own, decided on logs and on recorded switches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.march_flag import flags_reach_compiler
from pytest_rtopt.claims.optimization_flags import (
    interposition_by,
    no_semantic_interposition,
    optimization_level,
    tuning,
)
from pytest_rtopt.evidence.elf.compiler_traces import Traces
from pytest_rtopt.evidence.elf.switches import CommandLine, RecordedSwitches
from pytest_rtopt.evidence.log.build_log import parse_log
from pytest_rtopt.evidence.log.effective_flags import (
    INTERPOSITION,
    INTERPOSITION_GCC_12,
    INTERPOSITION_UNKNOWN,
)
from pytest_rtopt.evidence.requested import Requested
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.log.effective_flags import Option
    from pytest_rtopt.evidence.observation import Observation

LOGS = Path(__file__).parent.parent / "data" / "logs"
LUA_STOCK = (LOGS / "lua-stock-echoed.log").read_text()
LUA_OPTIMIZED = (LOGS / "lua-pgo-nix-debug.log").read_text()
PYTHON_STOCK = (LOGS / "python-stock-echoed.log").read_text()
STOCK = derivation("stock")
NOTHING = RecordedSwitches(())
NO_INTERPOSITION = "-fno-semantic-interposition"


def recorded(*switches: str, language: str = "GNU C17") -> RecordedSwitches:
    """Return the record of one command line."""
    return RecordedSwitches((CommandLine(language, "12.2.0", switches),))


def built(
    log: str | None,
    exported: dict[str, str] | None = None,
    *,
    stock: str | None = LUA_STOCK,
    switches: RecordedSwitches = NOTHING,
    march: str | None = "skylake",
) -> Observation:
    """Return an observation of a build with this log, of a profile that asks for `march`, -O3 with it."""
    program = binary(census(40, tag="o"), switches=switches)
    optimized = side(
        derivation("optimized", exported), {"lua": program}, log=None if log is None else parse_log(log)
    )
    before = side(STOCK, {"lua": binary(census())}, log=None if stock is None else parse_log(stock))
    return observation(profile(march), before, optimized)


def requesting(**named: str | bool) -> Requested:
    """Return what somebody else's overlay asks for."""
    plain = Requested(frozenset(), frozenset(), lto=False, pgo_level="NONE")
    return replace(plain, **named)  # type: ignore[arg-type]  # the fields of Asked


def test_the_level_that_wins_in_every_printed_call_is_proven() -> None:
    answer = optimization_level(built(LUA_OPTIMIZED))
    assert answer.status is FindingStatus.PROVEN
    assert "-O3 wins in" in answer.evidence
    assert "stock: -O2 in" in answer.evidence


def test_a_record_beside_stocks_code_proves_nothing() -> None:
    """Anybody can write the section; -O3 made no difference to code that objcopy had given the record."""
    shown = built(None, switches=recorded("-O3"))
    assert optimization_level(shown).status is FindingStatus.PROVEN
    recording = binary(census(), switches=recorded("-O3"))
    forged = replace(shown, optimized=replace(shown.optimized, binaries={"lua": recording}))
    answer = optimization_level(forged)
    assert answer.status is FindingStatus.UNPROVEN
    assert "but the code is stock's, instruction for instruction" in answer.evidence


def test_a_record_of_some_units_does_not_outweigh_a_log_of_all() -> None:
    """Bug: three units of 34 had -O3 with -frecord-gcc-switches, and passed for all of them."""
    log = "gcc -O3 -frecord-gcc-switches -c a.c\n" + "".join(f"gcc -O2 -c b{n}.c\n" for n in range(9))
    answer = optimization_level(built(log, switches=recorded("-O3")))
    assert answer.status is FindingStatus.REFUTED
    assert "-O3 wins in 1 of 10 compilations" in answer.evidence


def test_a_compiler_of_another_name_makes_command_lines_a_doubt() -> None:
    """A program called gcc, first on PATH, can leave out what make gave it."""
    log = "gcc -O3 -c a.c\n"
    assert optimization_level(built(log)).status is FindingStatus.PROVEN
    answer = optimization_level(built(log, {"preBuild": "export PATH=$PWD/fake:$PATH"}))
    assert answer.status is FindingStatus.UNPROVEN
    assert "preBuild can change variables, or the program that is found as the compiler" in answer.evidence
    kept = {"preBuild": "export NIX_CFLAGS_COMPILE"}
    assert optimization_level(built(log, kept)).status is FindingStatus.PROVEN


def test_what_stock_has_already_is_no_gain() -> None:
    answer = optimization_level(built("gcc -O3 -c a.c\n", stock="gcc -O3 -c a.c\n"))
    assert answer.status is FindingStatus.PROVEN
    assert "stock has -O3 as well, so this is no gain of the overlay" in answer.evidence


def test_the_export_comes_behind_what_make_says_and_wins() -> None:
    answer = optimization_level(built(LUA_STOCK, {"NIX_CFLAGS_COMPILE": "-O3"}))
    assert answer.status is FindingStatus.PROVEN
    before = optimization_level(built(LUA_STOCK, {"NIX_CFLAGS_COMPILE_BEFORE": "-O3"}))
    assert before.status is FindingStatus.REFUTED
    assert "there are -O2 in" in before.evidence


@pytest.mark.parametrize(
    ("log", "status"),
    [
        pytest.param("gcc -O2 -c a.c\ngcc -O2 -c b.c\n", FindingStatus.REFUTED, id="in no compilation"),
        pytest.param("gcc -O3 -O1 -c a.c\n", FindingStatus.REFUTED, id="overridden"),
        pytest.param(
            "gcc -O3 -c a.c\ngcc -O3 -c b.c\ngcc -O0 -c c.c\n", FindingStatus.UNPROVEN, id="in most"
        ),
        pytest.param("gcc @flags -c a.c\n", FindingStatus.UNPROVEN, id="in a file that no log shows"),
        pytest.param("  CC a.o\n", FindingStatus.UNPROVEN, id="commands are hidden"),
        pytest.param(None, FindingStatus.UNPROVEN, id="built elsewhere"),
    ],
)
def test_flags_that_do_not_win_are_refuted_and_unseen_ones_unproven(
    log: str | None, status: FindingStatus
) -> None:
    assert optimization_level(built(log)).status is status


def test_without_a_log_it_says_so_and_what_would_prove_it() -> None:
    answer = optimization_level(built(None))
    assert "there is no build log" in answer.evidence
    assert "-frecord-gcc-switches" in answer.evidence


def test_the_programs_record_decides_where_no_log_does() -> None:
    assert optimization_level(built(None, switches=recorded("-O3"))).status is FindingStatus.PROVEN
    assert optimization_level(built(None, switches=recorded("-O3", "-O2"))).status is FindingStatus.REFUTED
    # The link step's own -O is not that of the objects.
    link_time = recorded("-O3", language="GNU GIMPLE")
    assert optimization_level(built(None, switches=link_time)).status is FindingStatus.UNPROVEN


def test_an_export_of_another_level_is_refuted_without_a_log() -> None:
    answer = optimization_level(built(None, {"NIX_CFLAGS_COMPILE": "-O3 -O2"}))
    assert answer.status is FindingStatus.REFUTED
    assert "exports -O2, where -O3 was requested" in answer.evidence


def test_a_hook_that_may_change_the_exported_flags_leaves_it_open() -> None:
    """What a hook appends shows neither in make's echo nor in the derivation, and once was refuted."""
    hook = {"preBuild": 'export NIX_CFLAGS_COMPILE+=" -O3"'}
    answer = optimization_level(built(LUA_STOCK, hook))
    assert answer.status is FindingStatus.UNPROVEN
    assert "preBuild names NIX_CFLAGS_COMPILE" in answer.evidence
    shown = optimization_level(built(LUA_STOCK.replace("-O2", "-O3"), hook))
    assert shown.status is FindingStatus.PROVEN


def test_a_flag_in_vain_is_named_with_its_place() -> None:
    answer = optimization_level(built(LUA_STOCK, {"NIX_CFLAGS": "-O3"}))
    assert "-O3 stands in NIX_CFLAGS, which is read by no compiler wrapper" in answer.evidence


def test_a_strangers_overlay_is_held_to_the_level_that_it_names() -> None:
    """A stranger's overlay was held to the -O3 that goes with every profile."""
    silent = replace(built(LUA_STOCK), requested=requesting())
    assert optimization_level(silent).status is FindingStatus.NOT_APPLICABLE
    assert tuning(silent).status is FindingStatus.NOT_APPLICABLE
    named = replace(built(LUA_STOCK), requested=requesting(optimization="2"))
    assert optimization_level(named).status is FindingStatus.PROVEN
    assert "stock has -O2 as well" in optimization_level(named).evidence


def test_nothing_asked_and_nothing_touched() -> None:
    assert optimization_level(built(LUA_STOCK, march=None)).status is FindingStatus.NOT_APPLICABLE
    untouched = observation(profile("skylake"), side(STOCK, {}), side(STOCK, {}))
    assert optimization_level(untouched).status is FindingStatus.REFUTED
    assert no_semantic_interposition(untouched).status is FindingStatus.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ("-march=skylake", FindingStatus.PROVEN),
        ("-march=haswell -mtune=skylake", FindingStatus.PROVEN),
        pytest.param("-mtune=skylake -mtune=generic", FindingStatus.REFUTED, id="overridden"),
        pytest.param("-march=skylake -mtune=haswell", FindingStatus.REFUTED, id="for another"),
        pytest.param("-O3", FindingStatus.REFUTED, id="not at all"),
    ],
)
def test_code_is_tuned_for_the_processor_that_was_asked_for(flags: str, status: FindingStatus) -> None:
    assert tuning(built(f"gcc {flags} -c a.c\n")).status is status


def test_tuning_for_none_in_particular_is_what_stock_has() -> None:
    plain = built("gcc -march=x86-64-v3 -c a.c\n", march="x86-64-v3")
    assert tuning(plain).status is FindingStatus.NOT_APPLICABLE
    other = built("gcc -march=x86-64-v3 -mtune=skylake -c a.c\n", march="x86-64-v3")
    assert tuning(other).status is FindingStatus.REFUTED


@pytest.mark.parametrize(
    ("optimized", "stock", "requested", "status"),
    [
        ("with", "with", None, FindingStatus.PROVEN),
        ("with", "without", None, FindingStatus.PROVEN),
        ("with", None, None, FindingStatus.PROVEN),
        pytest.param("without", "with", None, FindingStatus.REFUTED, id="lost, as by an env that is wiped"),
        pytest.param("without", "without", None, FindingStatus.NOT_APPLICABLE, id="nobody's wish"),
        pytest.param("without", None, None, FindingStatus.NOT_APPLICABLE, id="stock's is not known"),
        pytest.param("without", None, requesting(no_interposition=True), FindingStatus.REFUTED, id="in vain"),
    ],
)
def test_calls_within_the_library_stay_direct(
    optimized: str, stock: str | None, requested: Requested | None, status: FindingStatus
) -> None:
    logs = {"with": f"gcc -O3 {NO_INTERPOSITION} -fPIC -c a.c\n", "without": "gcc -O3 -fPIC -c a.c\n"}
    seen = built(logs[optimized], stock=None if stock is None else logs[stock])
    answer = no_semantic_interposition(replace(seen, requested=requested))
    assert answer.status is status, answer.evidence
    if optimized == stock == "with":
        assert "no gain of the overlay" in answer.evidence


@pytest.mark.parametrize(
    ("comment", "status"),
    [
        (("GCC: (Debian 12.2.0-14+deb12u1) 12.2.0",), FindingStatus.PROVEN),
        (("GCC: (GNU) 14.3.0", "GCC: (GNU) 13.2.0", "Linker: LLD 16"), FindingStatus.PROVEN),
        # Bug: proven, although GCC 11 lets functions be interposed with -Ofast, too.
        (("GCC: (Debian 11.3.0-12) 11.3.0",), FindingStatus.REFUTED),
        (("GCC: (Debian 12.2.0-14) 12.2.0", "clang version 16.0.6"), FindingStatus.REFUTED),
        (("GCC: (GNU) 11.4.0", "GCC: (GNU) 12.2.0"), FindingStatus.UNPROVEN),
        ((), FindingStatus.UNPROVEN),
    ],
)
def test_ofast_keeps_calls_direct_from_gcc_12_on(comment: tuple[str, ...], status: FindingStatus) -> None:
    seen = built("gcc -Ofast -fPIC -c a.c\n", stock=f"gcc -O3 {NO_INTERPOSITION} -fPIC -c a.c\n")
    compilers = frozenset({"gcc", "clang"} if "clang version 16.0.6" in comment else {"gcc"})
    program = replace(seen.optimized.binaries["lua"], traces=Traces(compilers, comment))
    answer = no_semantic_interposition(
        replace(seen, optimized=replace(seen.optimized, binaries={"lua": program}))
    )
    assert answer.status is status, answer.evidence
    if status is FindingStatus.UNPROVEN:
        assert "-Ofast takes effect in 1 of 1 compilations in the build log" in answer.evidence


@pytest.mark.parametrize(
    ("versions", "option"),
    [
        ({12}, INTERPOSITION_GCC_12),
        ({12, 14}, INTERPOSITION_GCC_12),
        ({11}, INTERPOSITION),
        ({9, 11}, INTERPOSITION),
        # The start-up code of the C library has another version than the program.
        ({11, 12}, INTERPOSITION_UNKNOWN),
        (set(), INTERPOSITION_UNKNOWN),
    ],
)
def test_what_ofast_brings_depends_on_the_version_of_gcc(versions: set[int], option: Option) -> None:
    """Bug: -Ofast of any GCC was taken to bring -fno-semantic-interposition, which GCC 11 does not do."""
    assert interposition_by(versions) is option


def test_pythons_own_flags_are_told_from_what_the_overlay_adds() -> None:
    """Upstream compiles with -O3 and nixpkgs without interposition, which an overlay must not claim."""
    exported = {"NIX_CFLAGS_COMPILE": "-march=skylake -mtune=skylake -O3 -frecord-gcc-switches"}
    seen = built(PYTHON_STOCK, exported, stock=PYTHON_STOCK)
    for decide in (optimization_level, tuning, no_semantic_interposition):
        answer = decide(seen)
        assert answer.status is FindingStatus.PROVEN, answer.evidence
        assert " wins in 10 of 10 compilations" in answer.evidence
        assert ("no gain of the overlay" in answer.evidence) is (decide is not tuning)
    wiped = built(PYTHON_STOCK.replace(NO_INTERPOSITION, ""), exported, stock=PYTHON_STOCK)
    assert no_semantic_interposition(wiped).status is FindingStatus.REFUTED


def reported(name: str, *added: str, program: str = "/usr/bin/gcc") -> str:
    """Return the wrapper's report on the compilation of a file."""
    parts = {"extra flags before": (), "original flags": ("-O2", "-c", name), "extra flags after": added}
    return "".join(
        f"{part} to {program}:\n" + "".join(f"  {flag}\n" for flag in flags) for part, flags in parts.items()
    )


def test_mixed_reports_leave_a_minority_open_and_refute_nothing() -> None:
    """Bug: 24 of 25 compilations were a refutation, where the 25th was mixed with another job's report."""
    whole = "".join(reported(f"{n}.c", "-O3", "-march=skylake") for n in range(9))
    lacking = reported("lacking.c", "-g")
    overlapping = "extra flags before to /usr/bin/gcc:\n" * 2 + reported("x.c").replace(
        "extra flags before", "x"
    )
    alone = built(whole + lacking)
    mixed = built(whole + lacking + overlapping)
    assert mixed.optimized.log is not None
    assert mixed.optimized.log.mixed > 0
    assert flags_reach_compiler(alone).status is FindingStatus.REFUTED
    assert flags_reach_compiler(mixed).status is FindingStatus.UNPROVEN
    assert "enableParallelBuilding = false" in flags_reach_compiler(mixed).evidence
    # A majority without the flag is no matter of mixing.
    none = built("".join(reported(f"{n}.c", "-g") for n in range(9)) + overlapping)
    assert flags_reach_compiler(none).status is FindingStatus.REFUTED
    assert optimization_level(none).status is FindingStatus.REFUTED


@pytest.mark.parametrize(
    "flags",
    [
        "-O3 -Wl,-O1",
        "-O3 -Xlinker -O1",
        "-O3 -Wa,-O1 -Xassembler -O2",
        "-O3 -DX=-O1 -D Y=-O2",
        "-O3 '-DX=-O1 -march=haswell'",
        "-O3 -o -O1",
        "-O3 -include -O1",
        "-Wp,-O1 -O3",
        "-O1 -O9",
    ],
)
def test_a_word_for_another_tool_does_not_win_over_the_level(flags: str) -> None:
    """`-Wl,-O1` sets a level of the linker."""
    assert optimization_level(built(f"gcc {flags} -c a.c\n")).status is FindingStatus.PROVEN
    taken_away = flags.replace("-O3", "").replace("-O9", "")
    assert optimization_level(built(f"gcc {taken_away} -c a.c\n")).status is not FindingStatus.PROVEN
