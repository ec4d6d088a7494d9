"""What of a block is hashed and signed, and the digest that shows an edit or a careless merge."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEALS: Final = ("digest", "signature")


def canonical(runtime: str, block: Mapping[str, object]) -> bytes:
    """Return the one form of a block, under its runtime's name: it cannot be filed under another."""
    content = {name: value for name, value in block.items() if name not in _SEALS}
    signed = {"runtime": runtime, "block": content}
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def digest(runtime: str, block: Mapping[str, object]) -> str:
    """Return the SHA-256 of a block, which guards against accidents: anybody can make one."""
    return hashlib.sha256(canonical(runtime, block)).hexdigest()
