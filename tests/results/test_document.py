"""Reading JSON: the error for a wrong document has the place and the remedy."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.results.document import Document, Field, check_schema, encode, parse_document
from pytest_rtopt.results.values import FindingStatus

DOCUMENT = Document("some.json", "write it anew")


def field(value: object) -> Field:
    return Field(value, "runtimes.go", DOCUMENT)


def test_a_wrong_type_names_document_place_value_and_remedy() -> None:
    with pytest.raises(ReportError) as caught:
        field({"pairs": [1, "many"]}).member("pairs").elements()[1].count()
    assert str(caught.value) == (
        "some.json: field `runtimes.go.pairs[1]`: expected a whole number, 0 or more, "
        'got "many"; write it anew.'
    )


def test_a_missing_member_is_named() -> None:
    with pytest.raises(ReportError, match="expected an object with a field `attr`"):
        field({}).member("attr")


@pytest.mark.parametrize("value", [True, -1, 1.5, "1", None])
def test_count_refuses(value: object) -> None:
    with pytest.raises(ReportError):
        field(value).count()


@pytest.mark.parametrize("value", [True, "1", None, 10**400, float("inf"), float("nan")])
def test_number_refuses(value: object) -> None:
    with pytest.raises(ReportError, match="expected a number"):
        field(value).number()


def test_choice_lists_the_alternatives() -> None:
    with pytest.raises(ReportError, match='one of "proven", "refuted", "unproven", "not-applicable"'):
        field(["proven"]).choice(FindingStatus)


def test_pair_refuses_three() -> None:
    with pytest.raises(ReportError, match="a list of two numbers"):
        field([1, 2, 3]).pair()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n<<<<<<< HEAD', r"not JSON \(line 2, column 1"),
        ("", "not JSON"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ("[" * 100_000, "not usable JSON"),
        ("1" * 5000, "not usable JSON"),
    ],
)
def test_what_is_not_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        parse_document(text, DOCUMENT)


def test_what_nests_too_deep_to_be_shown_is_refused() -> None:
    """Bug: a document at the limit of nesting ended in a `RecursionError` when its place was formatted."""
    with pytest.raises(ReportError, match="has more than 100 levels"):
        parse_document("[" * 200 + "]" * 200, DOCUMENT)
    deep = parse_document('{"a":' * 100 + "1" + "}" * 100, DOCUMENT)
    with pytest.raises(ReportError, match="expected a list"):
        deep.elements()


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(ReportError):
        parse_document(text, DOCUMENT)


def test_a_newer_schema_asks_for_an_upgrade() -> None:
    with pytest.raises(ReportError, match=r"has schema 2, .* reads schema 1; install a newer"):
        check_schema(Field({"schema": 2}, "", DOCUMENT), 1)
    with pytest.raises(ReportError, match="expected 1, got 0"):
        check_schema(Field({"schema": 0}, "", DOCUMENT), 1)


def test_encode_ends_in_a_newline_and_survives_lone_surrogates() -> None:
    encoded = encode({"evidence": "é \udc80"}, sort_keys=True)
    assert encoded.endswith(b"}\n")
    assert json.loads(encoded) == {"evidence": "é \udc80"}


@pytest.mark.parametrize("value", [{"a": float("nan")}, {"a": {1, 2}}])
def test_encode_refuses_what_json_cannot_express(value: object) -> None:
    with pytest.raises(ReportError, match="cannot be written as JSON"):
        encode(value, sort_keys=False)
