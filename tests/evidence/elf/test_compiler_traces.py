"""What compilers leave in programs: of GCC and of what else is here, compiled anew; of Clang, as recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.claims.go_optimizations import lto as go_lto
from pytest_rtopt.claims.go_optimizations import pgo_used as go_pgo
from pytest_rtopt.claims.lto import lto_used
from pytest_rtopt.claims.pgo import pgo_used
from pytest_rtopt.claims.rust_lto import programs_lto
from pytest_rtopt.evidence.elf.compiler_traces import Traces, parse_comment, promoted, read_traces
from pytest_rtopt.evidence.elf.switches import parse_switches
from pytest_rtopt.evidence.requested import Requested
from pytest_rtopt.results.values import FindingStatus
from tests.support.evidence_builds import compile_c
from tests.support.host_rust import works
from tests.support.observations import binary, census, derivation, observation, profile, side
from tests.support.traced_programs import built, link, read

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Binary

CLANG: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent.parent / "data" / "traces" / "clang-16.json").read_text()
)
COUNTERS = (
    '__attribute__((section("__llvm_prf_cnts"))) long counters[4] = {1};\nint main(void) { return 0; }\n'
)


def clang(kind: str, *, tag: str = "") -> Binary:
    """Return what was recorded of a program of Clang's."""
    recorded = CLANG[kind]
    made_by = parse_comment("\0".join(recorded["comment"]).encode())
    return binary(
        census(10, tag=tag),
        functions=frozenset(recorded["functions"]),
        switches=parse_switches("\0".join(recorded["switches"]).encode()),
        traces=Traces(
            frozenset({"clang", "gcc"}),
            made_by,
            frozenset(recorded["units"]) - {"", "crtstuff.c", "Scrt1.o"},
            tuple(recorded["counters"]),
        ),
    )


LTO, PGO = lto_used("lua"), pgo_used("lua")


def test_units_and_compilers_are_read_off_a_program(tmp_path: Path) -> None:
    program = compile_c(tmp_path / "program")
    traces = read_traces(program)
    assert traces.compilers == {"gcc"}
    assert traces.units == frozenset({"program.c"})
    assert any(line.startswith("GCC: ") for line in traces.made_by)
    process.check(["strip", "-S", str(program)], timeout=60)
    assert read_traces(program).units is None


def test_llvms_counters_are_sections_that_no_strip_takes_away(tmp_path: Path) -> None:
    source = (
        '__attribute__((section("__llvm_prf_cnts"))) long counters[4] = {1};\nint main(void) { return 0; }\n'
    )
    program = compile_c(tmp_path / "program", source=source)
    process.check(["strip", str(program)], timeout=60)
    assert read_traces(program).counters == ("__llvm_prf_cnts",)


def test_damaged_and_missing_files_are_errors_in_words(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"\x7fELF" + b"\x02" * 60)
    with pytest.raises(EvidenceError, match="is a damaged ELF file"):
        read_traces(damaged)
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_traces(tmp_path / "missing")


@pytest.mark.parametrize("flags", ["-flto", "-flto -flto-partition=none", "-flto -ffat-lto-objects"])
def test_a_small_program_of_gcc_has_the_mark_of_link_time_code(tmp_path: Path, flags: str) -> None:
    """Where no two static functions share a name none is renamed, which once refuted link-time code."""
    stock = link(tmp_path / "stock")
    optimized = link(tmp_path / "optimized", *flags.split())
    assert not any(".lto_priv." in name for name in optimized.functions)
    answer = LTO(built(stock, optimized))
    assert answer.status is FindingStatus.PROVEN
    assert "no symbol of the program names a source file" in answer.evidence
    assert LTO(built(stock, link(tmp_path / "plain", "-O3"))).status is FindingStatus.REFUTED


@pytest.mark.parametrize(
    ("log", "status"),
    [
        ("gcc -flto -c a.c\n", FindingStatus.PROVEN),
        pytest.param("gcc -flto -ffat-lto-objects -c a.c\n", FindingStatus.REFUTED, id="objects hold both"),
        pytest.param("gcc -flto -c a.c\ngcc -c b.c\n", FindingStatus.REFUTED, id="not all"),
        pytest.param("gcc -flto -fno-lto -c a.c\n", FindingStatus.REFUTED, id="taken back"),
    ],
)
def test_objects_without_machine_code_are_a_proof_by_themselves(log: str, status: FindingStatus) -> None:
    unmarked = binary(census(10, tag="o"))
    assert LTO(built(binary(census()), unmarked, log)).status is status


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("thin", "functions carry the mark of ThinLTO"),
        ("full", "ld-temp.o"),
        ("recorded", "functions carry the mark of ThinLTO"),
    ],
)
def test_clangs_link_time_code_is_known_by_its_marks(kind: str, words: str) -> None:
    answer = LTO(built(clang("plain"), clang(kind)))
    assert answer.status is FindingStatus.PROVEN
    assert words in answer.evidence


def test_clangs_record_is_one_of_the_units() -> None:
    recorded = replace(clang("recorded"), functions=frozenset({"main"}))
    answer = LTO(built(clang("plain"), recorded))
    assert answer.status is FindingStatus.PROVEN
    assert "records -flto=thin for all its units" in answer.evidence


def test_clangs_code_without_a_mark() -> None:
    assert LTO(built(clang("plain"), clang("plain"))).status is FindingStatus.REFUTED
    plain = clang("plain")
    stripped = replace(plain, traces=replace(plain.traces, units=None))
    unknown = LTO(built(stripped, stripped))
    assert unknown.status is FindingStatus.UNPROVEN
    assert "-frecord-command-line" in unknown.evidence
    assert LTO(built(stripped, stripped, "clang -O2 -c a.c\n")).status is FindingStatus.REFUTED


def test_clangs_counters_refute_the_profile() -> None:
    answer = PGO(built(clang("plain"), clang("instrumented", tag="o")))
    assert answer.status is FindingStatus.REFUTED
    assert "__llvm_prf_names" in answer.evidence


USING = "clang -fprofile-instr-use=/build/p.profdata -c a.c\n"
UNFIT = 'warning: no profile data available for file "a.c" [-Wprofile-instr-unprofiled]\n'


@pytest.mark.parametrize(
    ("log", "status"),
    [
        (USING, FindingStatus.PROVEN),
        pytest.param(USING + UNFIT, FindingStatus.REFUTED, id="a profile of something else"),
        pytest.param("clang -O2 -c a.c\n", FindingStatus.REFUTED, id="trained and not used"),
        pytest.param(None, FindingStatus.UNPROVEN, id="no record and no log"),
    ],
)
def test_clangs_profile_shows_in_records_alone(log: str | None, status: FindingStatus) -> None:
    """Cold parts, by which a profile of GCC's is known, LLVM splits off without one or not at all."""
    assert PGO(built(clang("plain"), clang("profile", tag="o"), log)).status is status


def test_a_profile_that_changed_nothing_was_none() -> None:
    answer = PGO(built(clang("plain"), clang("profile"), USING))
    assert answer.status is FindingStatus.REFUTED
    assert "the same as stock's" in answer.evidence


def test_renamed_functions() -> None:
    assert promoted(frozenset({"f.llvm.12", "f", "g.llvm.x", "h.llvm.3.cold"})) == ("f.llvm.12",)


RUST = """
use std::collections::HashMap;
fn main() {
    let mut seen = HashMap::new();
    for word in std::env::args() { *seen.entry(word).or_insert(0) += 1; }
    println!("{:?}", seen.len());
}
"""


@pytest.mark.skipif(not works("rustc"), reason="no rustc that works: rustup's needs a toolchain in this HOME")
def test_rusts_link_time_code_has_a_standard_library_of_its_own(tmp_path: Path) -> None:
    source = tmp_path / "hello.rs"
    source.write_text(RUST)

    def compiled(name: str, *flags: str) -> Binary:
        out = tmp_path / name
        process.check(["rustc", "-O", *flags, "-o", str(out), str(source)], timeout=300)
        process.check(["strip", "-S", str(out)], timeout=60)
        return read(out)

    stock = compiled("stock")
    assert "rustc" in stock.traces.compilers
    requested = Requested(frozenset(), frozenset(), lto=True, pgo_level="NONE")
    wish = derivation("programs-o", {"CARGO_PROFILE_RELEASE_LTO": "fat"})

    def answer(optimized: Binary) -> FindingStatus:
        before, after = (
            side(derivation("rustc"), {}, programs={"hello": program}, program_derivation=built_by)
            for program, built_by in ((stock, derivation("programs")), (optimized, wish))
        )
        seen = observation(profile("x86-64-v3", "rust"), before, after, attr="rust")
        assert programs_lto(seen).status is FindingStatus.NOT_APPLICABLE
        return programs_lto(replace(seen, requested=requested)).status

    assert answer(compiled("tuned", "-Ctarget-cpu=x86-64-v3")) is FindingStatus.REFUTED
    assert answer(compiled("fat", "-Clto=fat")) is FindingStatus.PROVEN
    assert answer(compiled("thin", "-Clto=thin")) is FindingStatus.PROVEN


# As `go version -m` of Go 1.24 prints it of its own compiler.
GO_PLAIN = "compile: go1.24.11\n\tpath\tcmd/compile\n\tbuild\t-compiler=gc\n\tbuild\tGOAMD64=v1\n"
GO_TRAINED = "compile: go1.24.11\n\tbuild\t-pgo=/build/go/src/cmd/compile/default.pgo\n\tbuild\tGOAMD64=v3\n"


@pytest.mark.parametrize(
    ("stock", "optimized", "status", "words"),
    [
        (GO_PLAIN, GO_TRAINED, FindingStatus.PROVEN, "compile with default.pgo; for stock it shows none"),
        (GO_TRAINED, GO_TRAINED, FindingStatus.PROVEN, "no gain of the overlay"),
        (GO_PLAIN, GO_PLAIN, FindingStatus.REFUTED, "shows no profile (`-pgo=`)"),
    ],
)
def test_gos_profile_is_in_what_the_go_command_wrote(
    stock: str, optimized: str, status: FindingStatus, words: str
) -> None:
    before, after = (
        side(derivation(name), {}, reports={"compiled": text})
        for name, text in (("stock", stock), ("optimized", optimized))
    )
    answer = go_pgo(observation(profile(None, "go_1_24", pgoLevel="FULL"), before, after, attr="go_1_24"))
    assert answer.status is status
    assert words in answer.evidence


def test_go_has_no_link_time_optimization() -> None:
    def answer(requested: Requested | None, **exported: str) -> FindingStatus:
        sides = side(derivation("stock"), {}), side(derivation("o", exported), {})
        seen = observation(profile(None, "go_1_24", enableLTO=True), *sides, attr="go_1_24")
        return go_lto(replace(seen, requested=requested)).status

    wish = Requested(frozenset(), frozenset(), lto=True, pgo_level="NONE")
    assert answer(wish, NIX_CFLAGS_COMPILE="-flto") is FindingStatus.REFUTED
    assert answer(wish, CGO_CFLAGS="-O2 -flto") is FindingStatus.NOT_APPLICABLE
    # A wish of a profile is the user's own, whom nobody has promised anything.
    assert answer(None) is FindingStatus.NOT_APPLICABLE
