"""What the patches that an overlay adds put into the files by which a package is built.

A patch is read where the store has it: one that lies beside the overlay, or in its text, always is there, and
one that is fetched is once it was built. The format is that of GNU diffutils ("Detailed Description of
Unified Format").
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.derivation.overlay_diff import overlay_additions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_rtopt.nix.derivation import Derivation

_PATCHES: Final = "patches"
_MOST_BYTES: Final = 1 << 20
_NEW_FILE: Final = re.compile(r"\+\+\+ (?P<path>[^\t\n]+)")
# Other files are code, tests and documentation, in which a flag is no request.
_BUILD_FILE: Final = re.compile(
    r"(?:^|/)(?:(?:GNU)?[Mm]akefile[\w.-]*|configure[\w.-]*|CMakeLists\.txt|meson(?:\.build|_options\.txt)"
    r"|Cargo\.toml|\.cargo/config(?:\.toml)?|make\.bash|go\.env|setup\.(?:py|cfg)|pyproject\.toml"
    r"|[^/]+\.(?:mk|mak|cmake|gypi?|am|ac|m4|gni?|ninja))$"
)
_FLAG: Final = re.compile(r"(?<![\w-])-[\w+][^\s\"'\\/|,;]*")


def read_patches(changes: Iterable[tuple[Derivation, Derivation]]) -> str:
    """Return the lines that new patches of the second derivation of each pair add to build files.

    Flags that the patch also takes away are left out. A patch that cannot be read is passed over.
    """
    added = []
    for stock, optimized in changes:
        for word in overlay_additions(stock, optimized).get(_PATCHES, "").split():
            path = Path(word)
            try:
                if path.is_file() and path.stat().st_size <= _MOST_BYTES:
                    added.append(lines_added(path.read_text(errors="replace")))
            except OSError:
                continue
    return "\n".join(filter(None, added))


def lines_added(patch: str) -> str:
    """Return the lines that a patch adds to build files, without flags that it takes away there."""
    added: list[str] = []
    removed: set[str] = set()
    in_build_file = False
    for line in patch.split("\n"):
        if header := _NEW_FILE.match(line):
            in_build_file = _BUILD_FILE.search(header["path"]) is not None
        elif in_build_file and line.startswith("+"):
            added.append(line[1:])
        elif in_build_file and line.startswith("-") and not line.startswith("--- "):
            removed |= set(_FLAG.findall(line[1:]))
    return "\n".join(_FLAG.sub(lambda found: "" if found[0] in removed else found[0], line) for line in added)
