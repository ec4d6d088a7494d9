"""Stock against optimized, on compiled programs and on made-up counts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.process import check
from pytest_rtopt.evidence.census.census import UNNAMED, Census, Coverage, FeatureUse, FunctionCode, census
from pytest_rtopt.evidence.census.differential import compare, missing_on, newly_required, same_code
from pytest_rtopt.evidence.elf.image import read_elf
from tests.support.evidence_builds import PROGRAM, compile_c

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# An i7-6700K as Linux shows it, as far as levels go.
FLAGS = """fpu cx8 cmov mmx fxsr sse sse2 pni pclmulqdq ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave
    avx f16c rdrand lahf_lm abm bmi1 avx2 bmi2 rdseed adx"""
SKYLAKE = frozenset(FLAGS.split())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("differential")


@pytest.fixture(scope="module")
def stock(place: Path) -> Census:
    return census(read_elf(compile_c(place / "stock", "-march=x86-64")))


@pytest.fixture(scope="module")
def v3(place: Path) -> Census:
    return census(read_elf(compile_c(place / "v3", "-march=x86-64-v3")))


def test_a_build_for_v3_gains_features_in_functions_that_had_none(stock: Census, v3: Census) -> None:
    delta = compare(stock, v3)
    gains = {gain.feature: gain for gain in delta.gains}
    assert gains.keys() >= {"avx", "bmi2", "fma"}
    assert gains["bmi2"].sample == ("shift",)
    assert "dot" in gains["fma"].sample
    assert not delta.same_code
    assert 0 < delta.gained <= delta.changed < delta.common
    before, after = delta.vex_shares
    assert after == 1.0
    assert before is not None
    assert before < after
    assert "bmi2 in 1" in delta.in_words()


@pytest.mark.parametrize(("of_stock", "gained"), [({"avx", "bmi2"}, 0), ({"avx"}, 20), (set(), 20)])
def test_the_rest_of_stocks_own_level_is_not_gained(of_stock: set[str], gained: int) -> None:
    """With stock for x86-64-v3, -O3 alone let 1.9 % of Lua's functions use AVX2, FMA and BMI1."""
    before = made_up(dict.fromkeys(range(40), of_stock))
    after = made_up({**dict.fromkeys(range(40), of_stock), **{number: {"avx2"} for number in range(40, 60)}})
    assert compare(before, after).gained == gained


def test_what_is_beyond_stocks_own_level_is_gained() -> None:
    own: dict[int, set[str]] = {number: {"avx", "bmi2"} for number in range(40)}
    assert compare(made_up(own), made_up({**own, 50: {"avx512f"}})).gained == 1


def made_up(needs: Mapping[int, set[str]]) -> Census:
    """Return a census of 200 functions, of which those numbered need something."""
    code = {
        f"f{number}": FunctionCode(frozenset(needs.get(number, ())), f"{sorted(needs.get(number, ()))}")
        for number in range(200)
    }
    uses = {name: FeatureUse(1, 1, ()) for features in needs.values() for name in features}
    return Census("", Coverage(0, 0, 0, 0), 0, 0, 0, uses, code, str(needs))


def test_what_is_chosen_at_run_time_in_both_is_not_required(stock: Census, v3: Census) -> None:
    assert "avx2" in stock.uses
    assert all("add_avx2" not in gain.sample for gain in newly_required(stock, v3))
    assert "avx2" not in {missing.feature for missing in missing_on(SKYLAKE - {"avx2"}, stock, stock)}


def test_the_same_build_is_the_same_code(place: Path, stock: Census) -> None:
    again = census(read_elf(compile_c(place / "again", "-march=x86-64")))
    assert same_code(stock, again)
    delta = compare(stock, again)
    assert (delta.changed, delta.gained, delta.gains) == (0, 0, ())
    assert delta.in_words() == "the machine code is the same as stock's"


def test_a_longer_store_path_in_the_data_is_still_the_same_code(place: Path, stock: Census) -> None:
    renamed = PROGRAM.replace('"%s ', '"/nix/store/00000000000000000000000000000000-program-skylake %s ')
    assert renamed != PROGRAM
    built = census(read_elf(compile_c(place / "renamed", "-march=x86-64", source=renamed)))
    assert built.code_digest != stock.code_digest
    assert same_code(stock, built)


def test_tuning_alone_is_other_code_without_new_features(place: Path, stock: Census) -> None:
    tuned = census(read_elf(compile_c(place / "tuned", "-march=x86-64", "-O1")))
    assert not same_code(stock, tuned)
    assert newly_required(stock, tuned) == ()


def test_a_host_without_avx512_is_told_what_it_lacks(place: Path, stock: Census) -> None:
    flags = ("-march=x86-64-v4", "-mprefer-vector-width=512")
    v4 = census(read_elf(compile_c(place / "v4", *flags)))
    missing = {feature.feature: feature for feature in missing_on(SKYLAKE, stock, v4)}
    assert "avx512f" in missing
    assert missing["avx512f"].certain
    assert missing["avx512f"].sample
    assert missing.keys() <= {"avx512f", "avx512vl", "avx512bw", "avx512dq"}
    assert missing_on(SKYLAKE | missing.keys(), stock, v4) == ()


def test_a_build_for_v3_runs_on_a_v3_host(stock: Census, v3: Census) -> None:
    assert missing_on(SKYLAKE, stock, v3) == ()


def test_without_names_the_file_is_what_can_be_compared(place: Path) -> None:
    built = {}
    for march in ("x86-64", "x86-64-v3"):
        program = compile_c(place / f"unnamed-{march}", f"-march={march}")
        check(["strip", "-s", str(program)], timeout=60)
        built[march] = census(read_elf(program))
    stock, v3 = built["x86-64"], built["x86-64-v3"]
    delta = compare(stock, v3)
    assert delta.common == 0
    assert "bmi2" in delta.new_in_file
    assert "no function can be compared by name" in delta.in_words()
    missing = {feature.feature: feature for feature in missing_on(frozenset({"avx"}), stock, v3)}
    assert missing["bmi2"].certain
    assert not missing["avx2"].certain
    assert "without names" in missing["avx2"].reason


def counted(functions: Mapping[str, tuple[str, frozenset[str]]]) -> Census:
    """Return a census with `functions` as name: (digest, features)."""
    features = sorted({feature for _, needed in functions.values() for feature in needed})
    return Census(
        source="symbol table",
        coverage=Coverage(0, 0, 0, 0),
        instructions=0,
        legacy_vector=0,
        vex_vector=0,
        uses={feature: FeatureUse(1, 1, ()) for feature in features},
        functions={name: FunctionCode(needed, digest) for name, (digest, needed) in functions.items()},
        code_digest=str(sorted((name, digest) for name, (digest, _) in functions.items())),
    )


def test_functions_that_only_the_optimized_build_has_count_whole() -> None:
    stock = counted({"f": ("1", frozenset())})
    optimized = counted({"f": ("1", frozenset()), "g": ("2", frozenset({"avx2"}))})
    assert [(gain.feature, gain.sample) for gain in newly_required(stock, optimized)] == [("avx2", ("g",))]
    delta = compare(stock, optimized)
    assert (delta.common, delta.gains) == (1, ())


def test_what_linux_does_not_show_is_uncertain() -> None:
    optimized = counted({"f": ("2", frozenset({"cmpccxadd"}))})
    (missing,) = missing_on(SKYLAKE, counted({"f": ("1", frozenset())}), optimized)
    assert not missing.certain
    assert "Linux does not show" in missing.reason


censuses = st.dictionaries(
    st.sampled_from([UNNAMED, "f", "g", "h"]),
    st.tuples(st.sampled_from("12"), st.frozensets(st.sampled_from(["avx2", "bmi2", "cmpccxadd"]))),
).map(counted)


@given(stock=censuses, optimized=censuses)
def test_required_and_missing_agree(stock: Census, optimized: Census) -> None:
    delta = compare(stock, optimized)
    assert delta.gained <= delta.common
    assert delta.changed <= delta.common
    assert delta.in_words()
    required = {gain.feature for gain in newly_required(stock, optimized)}
    certain = {missing.feature for missing in missing_on(frozenset(), stock, optimized) if missing.certain}
    assert certain == required - {"cmpccxadd"}
    assert missing_on(frozenset(optimized.uses), stock, optimized) == ()
    assert newly_required(stock, stock) == ()


@given(stock=censuses)
def test_the_same_counts_under_other_bytes_are_the_same_code(stock: Census) -> None:
    moved = dataclasses.replace(stock, code_digest="moved")
    assert same_code(stock, moved) == bool(stock.functions)


def test_what_stock_is_compiled_for_is_not_gained() -> None:
    """With -flto, 9.9 % of Lua's functions gained v3's features over a stock compiled for v3 as well."""

    def made_up(users: int, digest: str) -> Census:
        functions = {
            f"f{number}": FunctionCode(frozenset({"avx", "bmi2"}) if number < users else frozenset(), digest)
            for number in range(100)
        }
        return Census("", Coverage(0, 0, 0, 0), 0, 0, 0, {}, functions, digest)

    delta = compare(made_up(50, "stock"), made_up(60, "inlined"))
    assert (delta.changed, delta.gained) == (100, 0)
    assert compare(made_up(0, "stock"), made_up(10, "tuned")).gained == 10
