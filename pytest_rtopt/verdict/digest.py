"""The bytes of a ledger block that are hashed and signed, and the digest that reveals changes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_HASHED: Final = ("digest", "signature")


def canonical(runtime: str, block: Mapping[str, object]) -> bytes:
    """Return the canonical form of a block. It includes the runtime's name, so blocks cannot be swapped."""
    content = {name: value for name, value in block.items() if name not in _NOT_HASHED}
    signed = {"runtime": runtime, "block": content}
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def digest(runtime: str, block: Mapping[str, object]) -> str:
    """Return the SHA-256 of a block. It detects accidents, but no attacks: anybody can compute it."""
    return hashlib.sha256(canonical(runtime, block)).hexdigest()
