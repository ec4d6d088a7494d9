"""Nix's errors, reduced to what a user needs: the message and the user's own file and line, or the remedy."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.nix.events import without_colour

if TYPE_CHECKING:
    from collections.abc import Iterable

# A place has a line of its own, as it is printed with a trace; the name of a file may have blanks.
_PLACE: Final = re.compile(r"^[ \t]*at (?P<file>/.{1,4095}?):(?P<line>\d+):\d+:?[ \t]*$", re.MULTILINE)
_ERROR: Final = re.compile(r"^[ \t]*error:[ \t]*(?P<text>.*)$", re.MULTILINE)
_MESSAGE_LINES: Final = 4
# With this begins what the Nix files of this project throw.
_OUR_MARK: Final = "rtopt: "
# Nix to 2.30 quotes paths with one mark, later versions some with two.
_QUOTED: Final = re.compile(r"""['"](?P<path>/[^'"]*)['"]""")
_DENIED: Final = re.compile(r": (?:Permission denied|Operation not permitted|Read-only file system)")
_UNREACHABLE: Final = re.compile(
    r"readonly database|unable to open database|(?:cannot connect|connecting) to (?:socket|daemon)"
)
_FULL: Final = re.compile(r"No space left on device|disk is full")
# The files of nixpkgs between an overlay and what it changes: innermost in most traces, and never at fault.
_PLUMBING: Final = re.compile(r"/(?:lib|pkgs/(?:stdenv|build-support|top-level))/(?:.+/)?[^/]+\.nix$")


def explain_evaluation_error(stderr: str) -> str:
    """Return one message: Nix's last error, and the innermost place in a file of the user's.

    `stderr` is best printed with `--show-trace`. Both orders are understood: old versions (2.8) print the
    error first and its trace from the inside out; later ones `error:` alone, the trace from the outside in,
    and the error.
    """
    text = without_colour(stderr)
    errors = list(_ERROR.finditer(text))
    said = [match for match in errors if match["text"].strip()]
    if not said:
        return f"Nix failed without a message of its own:\n{text.strip()}"
    inside_out = errors[0] is said[0]
    message = _message_at(text, said[0 if inside_out else -1].start())
    # What this project's own files throw says where the mistake is; their own lines would lead astray.
    sentence = message.removeprefix(_OUR_MARK)
    place = _place(text, inside_out=inside_out, ours_too=sentence == message)
    return f"{sentence} (at {place})" if place and place not in sentence else sentence


def explain_store_error(stderr: str, places: Iterable[str]) -> str | None:
    """Return one sentence, and Nix's own, where Nix cannot write the directories `places`; else `None`."""
    text = without_colour(stderr)
    if disk_is_full(text):
        return f"The disk is full: free some space (`nix-collect-garbage`) and run again.\n{_said(text)}"
    store, *others = map(PurePath, places)
    denied = [
        PurePath(quoted["path"])
        for line in text.splitlines()
        if (quoted := _QUOTED.search(line)) and _DENIED.search(line, quoted.end())
    ]
    concerned = any(
        path.is_relative_to(place) or place.is_relative_to(path)
        for path in denied
        for place in (store, *others)
    )
    if not concerned and not _UNREACHABLE.search(text):
        return None
    return (
        f"Nix cannot write its store ({store}): run as the store's owner, start the Nix daemon, "
        f"or set NIX_STORE_DIR and NIX_STATE_DIR to directories of your own.\n{_said(text)}"
    )


def disk_is_full(text: str) -> bool:
    """Say whether an error or a log speaks of a disk without space."""
    return _FULL.search(text) is not None


def _said(text: str) -> str:
    """Return the last thing that Nix said as an error."""
    lines = [match["text"] for match in _ERROR.finditer(text) if match["text"].strip()]
    return lines[-1] if lines else text.strip()


def _message_at(text: str, start: int) -> str:
    """Return the error's own lines, up to the first place, trace or blank line."""
    lines: list[str] = []
    for line in text[start:].splitlines():
        stripped = line.strip()
        if lines and (
            not stripped or stripped.startswith(("…", "(use ", "(stack trace")) or _PLACE.match(line)
        ):
            break
        lines.append(stripped)
    return "\n".join(lines[:_MESSAGE_LINES]).removeprefix("error:").strip()


def _place(text: str, *, inside_out: bool, ours_too: bool) -> str | None:
    """Return the innermost place in a user's file, else in one of nixpkgs, else perhaps in one of ours."""
    ours = (f"{PACKAGE}/", f"{directory('overlays')}/")
    places = list(_PLACE.finditer(text))
    users = [place for place in places if not place["file"].startswith(ours)]
    own = [place for place in users if not _PLUMBING.search(place["file"])]
    best = own or users or (places if ours_too else [])
    if not best:
        return None
    innermost = best[0 if inside_out else -1]
    return f"{innermost['file']}:{innermost['line']}"
