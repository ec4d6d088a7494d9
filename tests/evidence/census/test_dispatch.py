"""Code that is chosen at run time, in real programs: clones, ifunc, and callers that ask the CPU."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.process import check
from pytest_rtopt.evidence.census.census import census
from pytest_rtopt.evidence.census.differential import compare, missing_on
from pytest_rtopt.evidence.census.dispatch import dispatched_by_name, known_functions
from pytest_rtopt.evidence.elf.image import read_elf
from pytest_rtopt.hardware.microarch import features
from tests.support.dispatched_programs import CALLERS, IFUNC
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_rtopt.evidence.census.census import Census, FunctionCode

BASELINE = "-march=x86-64"
NO_MULTIVERSIONS = "int main(int argc, char **argv) { return argc; }"

CLONES = r"""
__attribute__((noinline, target_clones("avx512f", "arch=haswell", "default")))
void scale(float *a, int n) { for (int i = 0; i < n; i++) a[i] *= 3; }
int main(int argc, char **argv) { float a[64] = {argc}; scale(a, 64); return (int)a[0]; }
"""


def functions(place: Path, source: str, *flags: str) -> Mapping[str, FunctionCode]:
    return counted(place, source, *flags).functions


def counted(place: Path, source: str, *flags: str) -> Census:
    return census(read_elf(compile_c(place / f"program{len(list(place.iterdir()))}", *flags, source=source)))


def clone(found: Mapping[str, FunctionCode], target: str) -> FunctionCode:
    """Return the clone for a target; GCC before 12 ends its name with a number."""
    name = re.compile(rf"scale\.{target}(\.\d+)?")
    (code,) = (code for symbol, code in found.items() if name.fullmatch(symbol))
    return code


def test_clones_are_asked_for_what_they_were_made_for(tmp_path: Path) -> None:
    found = functions(tmp_path, CLONES, BASELINE)
    assert "avx512f" in clone(found, "avx512f").dispatched
    assert "avx" in clone(found, "arch_haswell").dispatched
    for name, code in found.items():
        assert (name, code.needed) == (name, frozenset())


def test_the_default_of_clones_is_taken_whatever_the_cpu(tmp_path: Path) -> None:
    """The fallback has what `-march` brings, and nobody asks for that."""
    found = functions(tmp_path, CLONES, "-march=x86-64-v3")
    assert "avx" in clone(found, "default").needed
    assert "avx512f" not in clone(found, "avx512f").needed


def test_what_all_targets_of_a_resolver_need_is_needed(tmp_path: Path) -> None:
    found = functions(tmp_path, IFUNC, BASELINE)
    assert found["fast"].features >= {"avx2"}
    assert found["fast"].needed == frozenset()
    everywhere = functions(tmp_path, IFUNC, "-march=x86-64-v3")
    assert everywhere["fast"].needed == everywhere["plain"].needed >= {"avx2"}


@pytest.mark.parametrize("flags", [("-static",), ("-fPIC", "-shared"), ("-no-pie",)], ids=" ".join)
def test_resolvers_are_found_in_every_kind_of_file(tmp_path: Path, flags: tuple[str, ...]) -> None:
    found = functions(tmp_path, IFUNC, BASELINE, *flags)
    assert found["fast"].features >= {"avx2"}
    assert found["fast"].needed == frozenset()


def test_targets_without_names_are_found_by_the_loaders_table(tmp_path: Path) -> None:
    """A stripped file has no symbol of a resolver, and the loader still has to call it."""
    program = compile_c(tmp_path / "program", BASELINE, source=IFUNC)
    check(["strip", "-s", str(program)], timeout=60)
    (code,) = census(read_elf(program)).functions.values()
    assert code.features >= {"avx2"}
    assert code.needed == frozenset()


def test_a_caller_that_asks_is_a_doubt_and_no_refusal(tmp_path: Path) -> None:
    stock = counted(tmp_path, NO_MULTIVERSIONS, BASELINE)
    program = counted(tmp_path, CALLERS, BASELINE)
    wide = program.functions["wide"]
    assert wide.maybe_dispatched >= {"avx2"}
    assert wide.needed == frozenset()
    # Called from a function that asks, and from one that does not.
    assert program.functions["also_elsewhere"].needed >= {"avx2"}
    certain = [missing for missing in missing_on(frozenset(), stock, program) if missing.certain]
    assert {name for missing in certain for name in missing.sample} == {"also_elsewhere"}


def test_asking_for_one_thing_does_not_excuse_the_rest_of_the_build(tmp_path: Path) -> None:
    """A build for AVX-512 that asks for AVX2 somewhere needs AVX-512 in everything else."""
    flags = ("-march=x86-64-v4", "-mprefer-vector-width=512")
    program = counted(tmp_path, CALLERS, *flags)
    stock = counted(tmp_path, CALLERS, BASELINE)
    missing = missing_on(features("x86-64-v3"), stock, program)
    assert any(feature.feature.startswith("avx512") and feature.certain for feature in missing)


def test_more_choices_at_run_time_are_no_build_for_the_target(tmp_path: Path) -> None:
    """An overlay that only switches on the library's own kernels has not compiled for the architecture."""
    clones = 'target_clones("avx512f", "arch=haswell", "default")'
    assert clones in CLONES
    plain = counted(tmp_path, CLONES.replace(f", {clones}", ""), BASELINE)
    delta = compare(plain, counted(tmp_path, CLONES, BASELINE))
    assert delta.common
    assert (delta.gained, delta.gains) == (0, ())


@pytest.mark.parametrize(
    ("name", "dispatched", "not_dispatched"),
    [
        ("aesni_gcm_encrypt", "aes", "3dnow"),
        ("sha1_multi_block_avx2", "avx2", "3dnow"),
        ("ossl_rsaz_amm52x20_x1_ifma256", "avx512ifma", "3dnow"),
        ("HUF_decompress4X1_usingDTable_internal_bmi2", "bmi2", "avx512f"),
        ("__memmove_avx_unaligned_erms", "avx", "avx512f"),
        ("__memmove_evex_unaligned_erms", "avx512vl", "amx_tile"),
        ("blake3_hash_many_avx2", "avx2", "avx512f"),
        ("blake3_hash_many_avx512", "avx512f", "amx_tile"),
        ("_ZN7simdutf7haswell14implementation13validate_utf8EPKcm", "avx2", "avx512f"),
        ("_ZNK7simdutf7icelake14implementation13validate_utf8EPKcm", "avx512f", "amx_tile"),
        ("Builtins_StringIndexOf", "avx2", "avx512f"),
        ("runtime.memmove.abi0", "avx", "avx512f"),
        ("indexbytebody", "avx2", "avx512f"),
        ("crypto/internal/fips140/sha256.blockSHANI.abi0", "sha_ni", "avx512f"),
        ("python_hashlib_Hacl_Hash_Blake2b_Simd256_init", "avx2", "avx512f"),
        ("_ZN6memchr4arch6x86_644avx26memchr3One8find_rawE", "avx2", "avx512f"),
        ("work.arch_x86_64_v3", "bmi2", "avx512f"),
        ("work.sse4_2", "sse4_2", "avx"),
    ],
)
def test_a_known_name_tells_what_is_asked_for_and_nothing_more(
    name: str, dispatched: str, not_dispatched: str
) -> None:
    found = dispatched_by_name(name)
    assert dispatched in found
    assert not_dispatched not in found


@pytest.mark.parametrize(
    "name",
    [
        *("main", "luaV_execute", "work.default", "work.cold", "_PyEval_EvalFrameDefault", "ZSTD_compress"),
        *("runtime.mallocgc", "main.main", "_ZN2v88internal7Isolate4InitEv", "sha256_update", "inflate"),
        *("bn_mul_words", "sha256_block_data_order_c", "poly1305_init"),
    ],
)
def test_other_names_are_asked_for_nothing(name: str) -> None:
    assert dispatched_by_name(name) == frozenset()


def test_every_pattern_says_whose_it_is_and_why() -> None:
    for known in known_functions():
        assert known.library
        assert known.source
        assert known.dispatched
        assert not known.names.match("")
