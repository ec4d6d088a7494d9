"""Keys that sign ledgers, in the format of Nix."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    from pathlib import Path


def secret(name: str = "machine-1") -> str:
    """Return a new secret key in the format of Nix."""
    key = Ed25519PrivateKey.generate()
    both = key.private_bytes_raw() + key.public_key().public_bytes_raw()
    return f"{name}:{base64.b64encode(both).decode()}"


def public(secret_key: str) -> str:
    """Return the public key of a secret key."""
    name, _, encoded = secret_key.partition(":")
    return f"{name}:{base64.b64encode(base64.b64decode(encoded)[32:]).decode()}"


def key_file(path: Path, *lines: str, mode: int = 0o600) -> Path:
    """Write a key file with these lines and permissions."""
    path.write_text("".join(f"{line}\n" for line in lines))
    path.chmod(mode)
    return path
