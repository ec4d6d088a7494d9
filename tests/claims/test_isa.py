"""The claims on the level of the machine code, decided on made-up observations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_rtopt.claims.isa import isa_level, isa_runs_here
from pytest_rtopt.evidence.census.census import Coverage
from pytest_rtopt.evidence.observation import NotRun
from pytest_rtopt.results.values import FindingStatus
from pytest_rtopt.runtimes.go import GO
from tests.support.observations import HOST, V3, binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Binary, Observation

STOCK = derivation("stock")
OPTIMIZED = derivation("optimized")
V3_PROFILE = profile("x86-64-v3")


def pair(stock: Binary, optimized: Binary, march: str | None = "x86-64-v3") -> Observation:
    """Return an observation whose only program is `lua`."""
    return observation(profile(march), side(STOCK, {"lua": stock}), side(OPTIMIZED, {"lua": optimized}))


def test_functions_that_gained_the_targets_features_prove_the_level() -> None:
    answer = isa_level(pair(binary(census()), binary(census(gained=40))))
    assert answer.status is FindingStatus.PROVEN
    assert "40 use features that they did not use in stock" in answer.evidence
    assert "(20.0%)" in answer.evidence


def test_a_feature_beyond_the_target_is_pointed_out() -> None:
    answer = isa_level(pair(binary(census()), binary(census(gained=40, features=V3 | {"avx512f"}))))
    assert "beyond x86-64-v3: avx512f" in answer.evidence


def test_one_function_with_a_target_attribute_is_no_build_for_the_target() -> None:
    answer = isa_level(pair(binary(census()), binary(census(gained=1))))
    assert answer.status is FindingStatus.REFUTED
    assert "not code for x86-64-v3" in answer.evidence


def test_v2_need_not_show_in_the_code_and_is_not_refuted_by_that() -> None:
    tuned = binary(census(gained=1, features=frozenset({"popcnt"})))
    answer = isa_level(pair(binary(census()), tuned, "x86-64-v2"))
    assert answer.status is FindingStatus.UNPROVEN
    assert "a build for it need not use them" in answer.evidence
    shown = binary(census(gained=9, features=frozenset({"popcnt"})))
    assert isa_level(pair(binary(census()), shown, "x86-64-v2")).status is FindingStatus.PROVEN


def test_what_a_lesser_target_has_as_well_is_no_code_of_v3() -> None:
    """Bug: a build for x86-64-v2 passed for one for v3, skylake or znver4."""
    lesser = frozenset({"popcnt", "sse4_1", "ssse3"})
    for march in ("x86-64-v3", "skylake"):
        answer = isa_level(pair(binary(census()), binary(census(gained=40, features=lesser)), march))
        assert answer.status is FindingStatus.REFUTED
        assert "their new features also belong to stock's target or a lesser one" in answer.evidence
        both = binary(census(gained=40, features=lesser | {"bmi2"}))
        assert isa_level(pair(binary(census()), both, march)).status is FindingStatus.PROVEN


def test_the_same_code_is_refuted_whatever_the_level() -> None:
    for march in ("x86-64-v2", "skylake"):
        answer = isa_level(pair(binary(census()), binary(census()), march))
        assert answer.status is FindingStatus.REFUTED
        assert "the machine code is the same as stock's, instruction for instruction" in answer.evidence


def test_a_baseline_or_no_architecture_claims_no_level() -> None:
    for march in ("x86-64", None):
        answer = isa_level(pair(binary(census()), binary(census()), march))
        assert answer.status is FindingStatus.NOT_APPLICABLE


def test_stocks_own_derivation_is_refuted() -> None:
    answer = isa_level(observation(V3_PROFILE, side(STOCK, {}), side(STOCK, {})))
    assert (answer.status, "no overlay changed" in answer.evidence) == (FindingStatus.REFUTED, True)


def test_code_without_names_proves_no_level() -> None:
    unnamed = {name: replace(census(gained), functions={}) for name, gained in (("stock", 0), ("new", 40))}
    answer = isa_level(pair(binary(unnamed["stock"]), binary(unnamed["new"])))
    assert answer.status is FindingStatus.UNPROVEN
    assert "no function can be compared by name" in answer.evidence


def test_a_binary_that_one_side_lacks_does_not_pass() -> None:
    both, one = {"lua": binary(census()), "luac": binary(census())}, {"lua": binary(census(gained=40))}
    lost = observation(V3_PROFILE, side(STOCK, both), side(OPTIMIZED, one))
    assert isa_level(lost).status is FindingStatus.REFUTED
    assert isa_level(lost).evidence == "luac is missing from the optimized output"
    more = {**one, "luac": binary(census(gained=40))}
    added = observation(V3_PROFILE, side(STOCK, {"lua": binary(census())}), side(OPTIMIZED, more))
    assert isa_level(added).status is FindingStatus.UNPROVEN
    assert "luac cannot be compared, because stock has no such file" in isa_level(added).evidence


def test_nothing_to_compare_proves_nothing() -> None:
    """An empty set of programs once gave a proof with no words in it, and `min()` of no coverage raised."""
    empty = observation(V3_PROFILE, side(STOCK, {}), side(OPTIMIZED, {}))
    assert isa_level(empty).status is FindingStatus.UNPROVEN
    assert isa_runs_here(empty).status is FindingStatus.UNPROVEN
    assert isa_level(empty).evidence
    assert isa_runs_here(empty).evidence


def test_code_whose_features_are_all_here_runs_here() -> None:
    answer = isa_runs_here(pair(binary(census()), binary(census(gained=40))))
    assert answer.status is FindingStatus.PROVEN
    assert "needs avx2, bmi2 beyond stock, and this CPU has all of it" in answer.evidence


def test_a_feature_that_the_host_lacks_is_refuted_with_the_functions() -> None:
    poor = replace(pair(binary(census()), binary(census(gained=1))), host_features=HOST - {"bmi2"})
    answer = isa_runs_here(poor)
    assert answer.status is FindingStatus.REFUTED
    assert "lua needs bmi2 (f0)" in answer.evidence


def test_much_more_code_outside_of_functions_than_in_stock_may_need_anything() -> None:
    """AVX-512 in code without a symbol ran, as long as nine tenths of the file were known."""
    counted, grown = census(), census(gained=40)
    size = 200_000
    before = replace(counted, coverage=Coverage(size, size - 500, 0, 0))
    for unbound, status in ((2_000, FindingStatus.PROVEN), (9_000, FindingStatus.UNPROVEN)):
        after = replace(grown, coverage=Coverage(size, size - unbound, 0, 0))
        answer = isa_runs_here(pair(binary(before), binary(after)))
        assert answer.status is status
    assert "9000 bytes of the code of lua belong to no function (500 in stock)" in answer.evidence


def test_code_that_could_not_be_decoded_may_need_anything() -> None:
    """The claim once reported any coverage, 1 % too, and was proven."""
    hidden = isa_runs_here(pair(binary(census()), binary(census(gained=40, decoded=0.5))))
    assert hidden.status is FindingStatus.UNPROVEN
    assert "only 50.0% of the code of lua could be decoded" in hidden.evidence


def test_a_program_that_one_side_lacks_is_not_passed_over() -> None:
    """A program built by one side alone once was left out of the question without a word."""
    stock = side(STOCK, {"lua": binary(census())})
    optimized = side(OPTIMIZED, {"lua": binary(census(gained=40))}, programs={"tool": binary(census())})
    answer = isa_runs_here(observation(V3_PROFILE, stock, optimized))
    assert answer.status is FindingStatus.UNPROVEN
    assert "tool is missing from stock's output" in answer.evidence


def with_libraries(gained: int, libraries: dict[str, int], alone: str | None = None) -> Observation:
    """Return `lua` with libraries, of each of which so many functions gained features."""
    stock = {name: binary(census(tag=name)) for name in libraries}
    optimized = {name: binary(census(count, tag=name)) for name, count in libraries.items()}
    if alone is not None:
        optimized[alone] = binary(census())
    return observation(
        V3_PROFILE,
        side(STOCK, {"lua": binary(census())}, libraries=stock),
        side(OPTIMIZED, {"lua": binary(census(gained))}, libraries=optimized),
    )


def test_libraries_of_the_output_count_with_the_program() -> None:
    answer = isa_level(with_libraries(40, {"lib/a.so": 10, "lib/b.so": 0}))
    assert answer.status is FindingStatus.PROVEN
    assert "with 2 libraries of the output, 50 of 600 functions (8.3%)" in answer.evidence
    assert "3000 of 3000 bytes of code are decoded" in answer.evidence


def test_a_program_alone_is_not_the_whole_runtime() -> None:
    """A tuned program of 200 functions over 30 libraries of stock's code is no build for the architecture."""
    answer = isa_level(with_libraries(4, {f"lib/{number}.so": 0 for number in range(30)}))
    assert answer.status is FindingStatus.REFUTED
    assert "as a whole, this is not code for x86-64-v3" in answer.evidence


def test_libraries_do_not_hide_a_program_of_stocks_code() -> None:
    answer = isa_level(with_libraries(0, {"lib/a.so": 200}))
    assert answer.status is FindingStatus.REFUTED
    assert answer.evidence.startswith("lua: the machine code is the same as stock's")


def test_a_library_that_needs_what_the_cpu_lacks_is_refuted() -> None:
    lacking = replace(with_libraries(0, {"lib/a.so": 3}), host_features=HOST - {"bmi2"})
    answer = isa_runs_here(lacking)
    assert answer.status is FindingStatus.REFUTED
    assert "lib/a.so needs bmi2 (f0, f1, f2)" in answer.evidence


def test_a_library_that_one_side_lacks_is_not_passed_over() -> None:
    answer = isa_runs_here(with_libraries(40, {"lib/a.so": 3}, alone="lib/new.so"))
    assert answer.status is FindingStatus.UNPROVEN
    assert "lib/new.so is missing from stock's output" in answer.evidence


def test_features_that_the_code_asks_for_prove_no_level() -> None:
    """A build whose only new instructions are behind a choice at run time was not made for the target."""
    plain, kernels = census(), census(gained=40)
    dispatched = {name: code._replace(dispatched=code.features) for name, code in kernels.functions.items()}
    answer = isa_level(pair(binary(plain), binary(replace(kernels, functions=dispatched))))
    assert answer.status is FindingStatus.REFUTED
    assert "none uses a feature that it did not use in stock" in answer.evidence


def test_a_claim_on_programs_that_must_not_run_is_unproven_with_the_reason() -> None:
    silent = side(OPTIMIZED, {}, reports=NotRun("lua needs xop, which this CPU does not have"))
    seen = observation(V3_PROFILE, side(STOCK, {}), silent)
    for claim in GO.claims:
        finding = GO.judge(claim, seen)
        assert finding.status is not FindingStatus.PROVEN or claim.name in {"env-kept", "says-path"}
    finding = GO.judge(next(claim for claim in GO.claims if claim.name == "says-version"), seen)
    assert finding.status is FindingStatus.UNPROVEN
    assert finding.evidence == "lua needs xop, which this CPU does not have"
