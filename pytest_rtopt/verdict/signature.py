"""Ed25519 signatures of ledger blocks, with keys in the format of Nix: `name:base64`.

`nix key generate-secret` and `nix-store --generate-binary-cache-key` make such keys
(https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-key-generate-secret). A secret key is the 32 bytes
of the seed followed by the 32 bytes of the public key. A public key is those 32 bytes alone.
"""

from __future__ import annotations

import base64
import binascii
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.verdict.digest import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SEED: Final = 32
_PUBLIC: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MAKE: Final = (
    "make one with `nix key generate-secret --key-name NAME` or `nix-store --generate-binary-cache-key`"
)


@dataclass(frozen=True)
class Keys:
    """The keys in a file: public keys by name, which check signatures, and the secret key that signs.

    `signer` is `None` if the file has only public keys.
    """

    file: Path
    public: Mapping[str, Ed25519PublicKey] = field(default_factory=dict)
    signer: tuple[str, Ed25519PrivateKey] | None = None

    def sign(self, runtime: str, block: Mapping[str, object]) -> str:
        """Return the signature of a runtime's block as `name:base64`.

        Raises `ReportError` if the file has only public keys.
        """
        if self.signer is None:
            raise ReportError(
                f"{self.file} has only public keys, which cannot sign; use the secret key in runs that write "
                "the ledger."
            )
        name, key = self.signer
        return f"{name}:{base64.b64encode(key.sign(canonical(runtime, block))).decode()}"

    def objection(self, runtime: str, block: Mapping[str, object], signature: str | None) -> str | None:
        """Return what is wrong with the signature of a runtime's block, or `None`."""
        if signature is None:
            return "is not signed"
        name, _, encoded = signature.partition(":")
        if name not in self.public:
            return f"is signed with the key `{name}`, which is not one of {', '.join(sorted(self.public))}"
        try:
            self.public[name].verify(base64.b64decode(encoded, validate=True), canonical(runtime, block))
        except (InvalidSignature, ValueError):
            return f"does not match its signature by `{name}`"
        return None


def read_keys(path: Path) -> Keys:
    """Return the keys in a file, one on a line.

    Raises `ReportError` if the file cannot be read, has no key, has two secret keys, or has a secret key and
    can be read by other users.
    """
    try:
        text = path.read_text(encoding="ascii")
        mode = path.stat().st_mode
    except OSError as error:
        raise ReportError(f"{path}: the key cannot be read ({error.strerror}); {_MAKE}.") from error
    except UnicodeDecodeError as error:
        raise ReportError(f"{path}: this is not a key of the form `name:base64`; {_MAKE}.") from error
    public: dict[str, Ed25519PublicKey] = {}
    signer = None
    for line in filter(None, map(str.strip, text.splitlines())):
        name, raw = _parsed(path, line)
        if len(raw) == _PUBLIC:
            public[name] = Ed25519PublicKey.from_public_bytes(raw)
            continue
        if signer is not None:
            raise ReportError(f"{path}: there are two secret keys; keep the one that signs.")
        key = Ed25519PrivateKey.from_private_bytes(raw[:_SEED])
        signer, public[name] = (name, key), key.public_key()
        if raw[_SEED:] != public[name].public_bytes_raw():
            raise ReportError(
                f"{path}: the two halves of the secret key `{name}` do not belong together; {_MAKE}."
            )
    if not public:
        raise ReportError(f"{path}: there is no key in this file; {_MAKE}.")
    if signer is not None and mode & _OTHERS:
        raise ReportError(f"{path}: other users may read this secret key; run `chmod 600 {path}`.")
    return Keys(path, public, signer)


def _parsed(path: Path, line: str) -> tuple[str, bytes]:
    name, _, encoded = line.partition(":")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raw = b""
    if not name or len(raw) not in (_PUBLIC, _SEED + _PUBLIC):
        raise ReportError(f"{path}: this is not a key of the form `name:base64`; {_MAKE}.")
    return name, raw
