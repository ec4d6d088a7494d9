"""Attribute paths as a user writes them after `#`, and as Nix reads them."""

from __future__ import annotations

import re
from typing import Final

from pytest_rtopt.base.errors import NixError

_ATTRIBUTE: Final = re.compile(r'"(?P<quoted>[^"]+)"|(?P<plain>[^."\s]+)')


def parse_attribute_path(text: str, option: str = "--rtopt-packages") -> tuple[str, ...]:
    """Return the names in an attribute path such as `homes."me@host".pkgs`; none in an empty one.

    Raises `NixError` that names the `option` for a path that Nix would not read either.
    """
    names = tuple(match["quoted"] or match["plain"] for match in _ATTRIBUTE.finditer(text))
    rebuilt = ".".join(match[0] for match in _ATTRIBUTE.finditer(text))
    if rebuilt != text:
        raise NixError(
            f"{option}: {text!r} is not an attribute path; join names by dots, and quote those that hold a "
            "dot or a space."
        )
    return names
