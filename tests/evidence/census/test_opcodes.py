"""Tables over the decoder's instruction codes."""

from __future__ import annotations

import numpy as np
from iced_x86 import Code

from pytest_rtopt.evidence.census.opcodes import Vector, table


def test_codes_are_dense_so_that_they_can_index() -> None:
    codes = sorted(code for name, code in vars(Code).items() if name.isupper())
    assert codes == list(range(len(table().masks)))


def test_vector_instructions_are_told_by_encoding() -> None:
    vector = table().vector
    assert vector[Code.ADDSD_XMM_XMMM64] == Vector.LEGACY
    assert vector[Code.VEX_VADDSD_XMM_XMM_XMMM64] == Vector.VEX
    assert vector[Code.EVEX_VADDPD_ZMM_K1Z_ZMM_ZMMM512B64_ER] == Vector.VEX
    # VEX-encoded, but on general registers: BMI2 is no sign of AVX.
    assert vector[Code.VEX_SHLX_R64_RM64_R64] == Vector.NONE
    assert vector[Code.ADD_R64_RM64] == Vector.NONE


def test_features_leave_out_what_older_cpus_execute_as_something_else() -> None:
    features = [table().features_of(mask) for mask in table().masks]
    assert features[Code.TZCNT_R64_RM64] == frozenset()
    assert features[Code.ENDBR64] == frozenset()
    assert features[Code.LZCNT_R64_RM64] == {"abm"}
    assert features[Code.VEX_SHLX_R64_RM64_R64] == {"bmi2"}
    assert features[Code.EVEX_VADDPD_YMM_K1Z_YMM_YMMM256B64] == {"avx512f", "avx512vl"}


def test_a_feature_is_found_by_name_as_in_the_masks() -> None:
    for name in table().names:
        codes = [code for code, mask in enumerate(table().masks) if name in table().features_of(mask)]
        assert np.flatnonzero(table().needing(name)).tolist() == codes
        assert codes
