"""Nix's errors, reduced to what a user needs: the message and the user's own file and line, or the remedy."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.nix.events import without_colour

if TYPE_CHECKING:
    from collections.abc import Iterable

# A place has a line of its own, as it is printed with a trace; the name of a file may have blanks.
_PLACE: Final = re.compile(r"^[ \t]*at (?P<file>/.{1,4095}?):(?P<line>\d+):\d+:?[ \t]*$", re.MULTILINE)
_ERROR: Final = re.compile(r"^[ \t]*error:[ \t]*(?P<text>.*)$", re.MULTILINE)
_MESSAGE_LINES: Final = 4
# Where a sentence of this project names a place in a user's file itself.
_OWN_PLACE: Final = re.compile(r"\.nix:\d+|\.nix#|#overlays")
_RECURSION: Final = "infinite recursion encountered"
# A package of the embedded set that is called with an argument that it does not have.
_OUR_FUNCTION: Final = re.compile(
    rf"(function(?: '[^'\n]*')?) at {re.escape(str(PACKAGE))}/\S+:\d+:\d+(?= called)"
)
# The part of Nix that is written in Nix, as 2.8 calls it.
_BUILTIN: Final = "//builtin/"
# Characters below a place that hold the lines of code around it.
_SNIPPET: Final = 2000
_REFERENCE: Final = re.compile(r"(?<![\w.-])_?(?:final|self)\.(?P<attribute>[A-Za-z_][\w'-]*)")
_FIXPOINT: Final = re.compile(r"(?<![\w.-])_?(?:final|self)(?![\w.:-])")
_HEAD: Final = re.compile(r"(?<![\w.-])_?(?:final|self)[ \t]*:")
_BINDING: Final = re.compile(r"^[ \t]*(?P<name>[A-Za-z_][\w'-]*)[ \t]*=(?!=)")
_ATTRIBUTE_OF: Final = re.compile(
    r"while evaluating (?:the )?attribute '(?P<name>[^'\n]*)'"
    r" of (?:the )?derivation '(?P<derivation>[^'\n]*)'"
)
_FORBIDDEN_BUILD: Final = re.compile(
    r"cannot build '[^']*/[^-']*-(?P<name>[^']*?)\.drv[^']*'[^']*'allow-import-from-derivation'"
)
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
    and the error. No file of this project is named: nobody can repair an overlay there.
    """
    text = without_colour(stderr)
    errors = list(_ERROR.finditer(text))
    said = [match for match in errors if match["text"].strip()]
    if not said:
        return f"Nix failed without a message of its own:\n{text.strip()}"
    inside_out = errors[0] is said[0]
    message = _OUR_FUNCTION.sub(r"\1", _message_at(text, said[0 if inside_out else -1].start()))
    places = list(_PLACE.finditer(text))
    trace = places if inside_out else places[::-1]
    sentence = message.removeprefix(_OUR_MARK)
    if sentence != message and _OWN_PLACE.search(sentence):
        return sentence
    place = _place(trace)
    if message == _RECURSION:
        sentence, place = _circle(text, trace)
    elif forbidden := _FORBIDDEN_BUILD.search(message):
        sentence = (
            f"the overlay needs `{forbidden['name']}` to be built before it can be evaluated (import from "
            "derivation), which this Nix forbids; set allow-import-from-derivation = true in nix.conf, or "
            "keep what it reads from there in a file"
        )
    return f"{sentence} (at {place})" if place and place not in sentence else sentence


def is_refusal(stderr: str) -> bool:
    """Say whether the error is a sentence that a Nix file of this project throws."""
    said = [match["text"] for match in _ERROR.finditer(without_colour(stderr)) if match["text"].strip()]
    return any(text.startswith(_OUR_MARK) for text in said)


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


def _circle(text: str, trace: list[re.Match[str]]) -> tuple[str, str | None]:
    """Say which attribute closes a circle, and where, as far as the lines of code in the trace tell.

    `trace` has the places from the inside out.
    """
    lines = [(place, line) for place in _users(trace) if (line := _line_at(text, place)) is not None]
    innermost = lines[0][1] if lines else ""
    for place, line in lines:
        if reference := _REFERENCE.search(line):
            before = "super" if "self" in reference[0].partition(".")[0] else "prev"
            closing = (
                f"`{reference[0]}` leads back to where it is used; use `{before}.{reference['attribute']}` "
                "there"
            )
            return f"{_RECURSION}: {closing}", _shown(place)
    if _FIXPOINT.search(innermost) or _HEAD.search(innermost):
        closing = (
            "the names that this overlay defines depend on `final`, which depends on those names; use `prev` "
            "to find them"
        )
        return f"{_RECURSION}: {closing}", _place(trace)
    for place, line in lines:
        if binding := _BINDING.search(line):
            closing = f"the attribute `{binding['name']}` is made from itself; use what `prev` has of it"
            return f"{_RECURSION}: {closing}", _shown(place)
    if attribute := _ATTRIBUTE_OF.search(text):
        closing = f"the attribute `{attribute['name']}` of `{attribute['derivation']}` needs that derivation"
        return f"{_RECURSION}: {closing}", _place(trace)
    return _RECURSION, _place(trace)


def _line_at(text: str, place: re.Match[str]) -> str | None:
    """Return the line of code at a place, which Nix prints under it with its number.

    Nix 2.8 prints none of a file that ends in that line without a newline.
    """
    shown = text[place.end() : place.end() + _SNIPPET]
    found = re.search(rf"^[ \t]*{place['line']}\|(?P<code>.*)$", shown, re.MULTILINE)
    if found is not None:
        return found["code"]
    number = int(place["line"])
    with suppress(OSError, ValueError), Path(place["file"]).open(errors="replace") as file:
        return next(islice(file, number - 1, number), None)
    return None


def _users(trace: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return the places in files that are neither this project's nor, if there are others, nixpkgs' own."""
    ours = (f"{PACKAGE}/", f"{directory('overlays')}/", _BUILTIN)
    users = [place for place in trace if not place["file"].startswith(ours)]
    return [place for place in users if not _PLUMBING.search(place["file"])] or users


def _place(trace: list[re.Match[str]]) -> str | None:
    """Return the innermost place in a user's file, else in one of nixpkgs."""
    users = _users(trace)
    return _shown(users[0]) if users else None


def _shown(place: re.Match[str]) -> str:
    return f"{place['file']}:{place['line']}"
