"""The stored form of what was read."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.census.archive import read_archive, write_archive
from pytest_rtopt.evidence.census.census import Census, Coverage, FeatureUse, FunctionCode
from pytest_rtopt.evidence.census.file_evidence import FileEvidence
from pytest_rtopt.evidence.elf.compiler_traces import Traces
from pytest_rtopt.evidence.elf.libraries import Needs

FEATURES = st.frozensets(st.sampled_from(["avx", "avx2", "bmi2", "fma"]))
NAMES = st.text(st.characters(exclude_characters="\0"), max_size=8)
CODES = st.builds(
    FunctionCode,
    FEATURES,
    st.binary(min_size=8, max_size=8).map(bytes.hex),
    dispatched=FEATURES,
    maybe_dispatched=FEATURES,
)
CENSUSES = st.builds(
    Census,
    source=NAMES,
    coverage=st.builds(Coverage, *[st.integers(0, 1 << 40)] * 7),
    instructions=st.integers(0),
    legacy_vector=st.integers(0),
    vex_vector=st.integers(0),
    uses=st.dictionaries(
        NAMES, st.builds(FeatureUse, st.integers(0), st.integers(0), st.tuples(NAMES)), max_size=3
    ),
    functions=st.dictionaries(NAMES, CODES, max_size=4),
    code_digest=NAMES,
)
EVIDENCE = st.builds(
    FileEvidence,
    census=CENSUSES,
    switches=st.binary(),
    names=st.frozensets(NAMES, max_size=3),
    cold_functions=st.integers(0),
    cold_shares=st.dictionaries(NAMES, st.floats(0, 1)),
    profiling_symbols=st.tuples(NAMES),
    has_symbols=st.booleans(),
    imports=st.frozensets(NAMES, max_size=3),
    linker=NAMES,
    traces=st.builds(
        Traces,
        st.frozensets(NAMES, max_size=2),
        st.tuples(NAMES),
        st.none() | st.frozensets(NAMES, max_size=3),
        st.tuples(NAMES),
    ),
    needs=st.builds(Needs, st.tuples(NAMES), st.tuples(NAMES, NAMES)),
)


def packed(evidence: FileEvidence) -> bytes:
    file = io.BytesIO()
    write_archive(file, evidence)
    return file.getvalue()


@settings(deadline=None)
@given(evidence=EVIDENCE)
def test_what_is_written_is_read(evidence: FileEvidence) -> None:
    assert read_archive(io.BytesIO(packed(evidence))) == evidence


@settings(deadline=None)
@given(evidence=EVIDENCE, data=st.data())
def test_a_damaged_archive_is_refused_or_says_the_same(evidence: FileEvidence, data: st.DataObject) -> None:
    content = bytearray(packed(evidence))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    length = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    try:
        assert read_archive(io.BytesIO(content[:length])) == evidence
    except EvidenceError as error:
        assert "a stored census is damaged" in str(error)  # noqa: PT017  # both outcomes are right


def two_functions() -> FileEvidence:
    code = FunctionCode(frozenset(), "00" * 8)
    counted = Census("", Coverage(0, 0, 0, 0), 0, 0, 0, {}, {"a": code, "b": code}, "")
    return FileEvidence(
        counted,
        *(b"", frozenset(), 0, ()),
        has_symbols=True,
        imports=frozenset(),
        linker="bfd",
        traces=Traces(),
        needs=Needs(),
    )


def test_columns_of_different_length_are_refused() -> None:
    """An archive whose parts do not belong together must not lose functions without a word."""
    with np.load(io.BytesIO(packed(two_functions()))) as archive:
        for column in ("functions", "kinds", "digests"):
            file = io.BytesIO()
            np.savez(file, **{**archive, column: archive[column][: len(archive[column]) // 2]})
            with pytest.raises(EvidenceError, match="damaged"):
                read_archive(io.BytesIO(file.getvalue()))


def test_an_entry_that_claims_to_be_encrypted_is_damage() -> None:
    """Bug: zipfile's RuntimeError for a flipped encryption bit ended the run."""
    content = bytearray(packed(two_functions()))
    # The general purpose flags of a central directory header are at offset 8; bit 0 means encrypted.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(EvidenceError, match="a stored census is damaged"):
        read_archive(io.BytesIO(content))


def test_an_older_form_is_refused() -> None:
    file = io.BytesIO()
    np.savez(file, header=np.frombuffer(b'{"schema": 1}', np.uint8))
    with pytest.raises(EvidenceError, match="has schema 1 instead of 6; delete it"):
        read_archive(io.BytesIO(file.getvalue()))
