"""Signatures of the ledger, with keys that Nix made, and every way in which they can be wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.nix.client import find_nix
from pytest_rtopt.verdict.ledger import read_ledger, write_ledger
from pytest_rtopt.verdict.signature import Keys, read_keys
from tests.support.gate_cases import Switch, adopted, entry, recompute_digests
from tests.support.ledger_keys import key_file, public, secret

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return read_keys(key_file(tmp_path / "key", secret()))


def test_keys_that_nix_makes_sign_and_verify(tmp_path: Path) -> None:
    nix, files = find_nix(), (tmp_path / "secret", tmp_path / "public")
    command = nix.command("nix-store", "--generate-binary-cache-key", "laptop-1", *map(str, files))
    process.check(command, timeout=60)
    files[0].chmod(0o600)
    signing, checking = read_keys(files[0]), read_keys(files[1])
    block = {"verdict": "adopt"}
    signature = signing.sign("lua", block)
    assert signature.startswith("laptop-1:")
    assert checking.objection("lua", block, signature) is None


def test_a_signed_ledger_is_read_and_a_block_that_changed_is_not(tmp_path: Path, keys: Keys) -> None:
    switch = Switch(tmp_path)
    switch.remember(entry(), keys=keys)
    assert read_ledger(switch.ledger, keys).entries["lua"].result == adopted()
    switch.edit(verdict="neutral")
    with pytest.raises(ReportError, match="the block of lua does not match its signature by `machine-1`"):
        read_ledger(switch.ledger, keys)


def test_an_unsigned_ledger_is_refused_only_where_there_is_a_key(tmp_path: Path, keys: Keys) -> None:
    switch = Switch(tmp_path)
    switch.remember(entry())
    assert read_ledger(switch.ledger).present
    with pytest.raises(ReportError, match="the block of lua is not signed"):
        read_ledger(switch.ledger, keys)


def test_a_stranger_s_key_is_named(tmp_path: Path, keys: Keys) -> None:
    switch = Switch(tmp_path)
    switch.remember(entry(), keys=read_keys(key_file(tmp_path / "other", secret("stranger-1"))))
    with pytest.raises(
        ReportError, match="is signed with the key `stranger-1`, which is not one of machine-1"
    ):
        read_ledger(switch.ledger, keys)


def test_a_block_cannot_be_filed_under_another_runtime(tmp_path: Path, keys: Keys) -> None:
    switch = Switch(tmp_path)
    switch.remember(entry(), keys=keys)
    content = json.loads(switch.ledger.read_text())
    content["runtimes"] = {"go": content["runtimes"]["lua"]}
    switch.ledger.write_text(json.dumps(content))
    recompute_digests(switch.ledger)
    with pytest.raises(ReportError, match="the block of go does not match"):
        read_ledger(switch.ledger, keys)


def test_blocks_of_two_machines_are_merged_and_keep_their_signatures(tmp_path: Path, keys: Keys) -> None:
    """A run that rewrote the whole ledger under its own key would change every block with every run."""
    other = read_keys(key_file(tmp_path / "other", secret("machine-2")))
    both = Keys(tmp_path / "both", {**keys.public, **other.public}, keys.signer)
    switch = Switch(tmp_path)
    switch.remember(entry(), keys=other)
    before = switch.ledger.read_bytes()
    write_ledger(switch.ledger, read_ledger(switch.ledger, both), both)
    assert switch.ledger.read_bytes() == before


def test_a_public_key_checks_and_does_not_sign(tmp_path: Path) -> None:
    made = secret()
    signing = read_keys(key_file(tmp_path / "secret", made))
    checking = read_keys(key_file(tmp_path / "public", public(made), mode=0o644))
    assert checking.objection("lua", {}, signing.sign("lua", {})) is None
    with pytest.raises(ReportError, match="has only public keys, which cannot sign"):
        checking.sign("lua", {})


@pytest.mark.parametrize(
    ("lines", "mode", "words"),
    [
        ([], 0o600, "there is no key in this file"),
        (["no key"], 0o600, "not a key of the form `name:base64`"),
        (["name:AAAA"], 0o600, "not a key of the form `name:base64`"),
        ([f"name:{'A' * 86}=="], 0o600, "do not belong together"),
        ([secret("a"), secret("b")], 0o600, "there are two secret keys"),
        ([secret()], 0o640, "other users may read this secret key; run `chmod 600"),
    ],
)
def test_a_wrong_key_file_is_one_sentence(tmp_path: Path, lines: list[str], mode: int, words: str) -> None:
    with pytest.raises(ReportError, match=words) as caught:
        read_keys(key_file(tmp_path / "key", *lines, mode=mode))
    assert "\n" not in str(caught.value)


def test_a_missing_key_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="the key cannot be read"):
        read_keys(tmp_path / "absent")


MADE = secret()


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=120), st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=4))
def test_no_text_passes_for_a_signature(
    tmp_path_factory: pytest.TempPathFactory, text: str, block: dict[str, object]
) -> None:
    keys = read_keys(key_file(tmp_path_factory.getbasetemp() / "made", MADE))
    assert keys.objection("lua", block, text) is not None
    assert keys.objection("lua", block, f"machine-1:{text}") is not None
    assert keys.objection("lua", block, keys.sign("lua", block)) is None
