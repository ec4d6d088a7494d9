"""What `--rtopt-overlays` names: files, directories of files, and outputs of flakes, in their order."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.nix.attribute_path import parse_attribute_path

_OPTION: Final = "--rtopt-overlays"
# The largest file in nixpkgs that a person wrote has 0.6 MB.
_MOST_BYTES: Final = 2_000_000
# White space and comments, as Nix's lexer skips them.
_SKIPPED: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
# What `nix flake show` lists as the overlay of a flake if nothing else is said.
_PLAIN_OUTPUT: Final = ("overlays", "default")
_RELATIVE: Final = (".", "..", "")


@dataclass(frozen=True)
class Overlay:
    """One overlay, or a list of them, as the user named it.

    `location` is the absolute path of a file, or the reference of a flake if `flake`. `attribute_path` leads
    from its value to the overlay, and is empty where the value is the overlay itself.
    """

    location: str
    attribute_path: tuple[str, ...] = ()
    flake: bool = False

    @classmethod
    def in_file(cls, path: Path) -> Overlay:
        """Return the overlay that a file holds."""
        return cls(str(path))

    @property
    def reference(self) -> str:
        """The overlay's name in messages: a path, or a path or flake with an attribute path after `#`."""
        path = ".".join(name if "." not in name else f'"{name}"' for name in self.attribute_path)
        return f"{self.location}#{path}" if path else self.location

    def as_request(self) -> dict[str, object]:
        """Return what `overlay.nix` takes.

        Raises `NixError` where the file cannot be an overlay, whatever Nix would say of it.
        """
        line = 0 if self.flake else first_line(Path(self.location))
        return {
            "location": self.location,
            "attributePath": list(self.attribute_path),
            "flake": self.flake,
            "reference": self.reference,
            "line": line,
        }


def find_overlays(word: str, base: Path) -> tuple[Overlay, ...]:
    """Return the overlays that one value of `--rtopt-overlays` names.

    `word` is a file, `FILE#ATTRIBUTE`, a directory, or a flake reference with or without an attribute path;
    a relative path starts from `base`. A directory is its `default.nix` if it has one, else its flake's
    `overlays.default`, else its files, as nixpkgs reads `~/.config/nixpkgs/overlays`.

    Raises `NixError` where nothing is there.
    """
    path = _absolute(word, base)
    if path.is_dir():
        return _in_directory(path)
    if path.is_file():
        return (Overlay.in_file(path),)
    location, hash_sign, attributes = word.partition("#")
    names = parse_attribute_path(attributes, _OPTION)
    path = _absolute(location, base)
    if location in _RELATIVE or not _is_url(location):
        if hash_sign and path.is_file():
            return (Overlay(str(path), names),)
        if hash_sign and (path / "flake.nix").is_file():
            return (Overlay(str(path), names or _PLAIN_OUTPUT, flake=True),)
        if hash_sign:
            raise NixError(
                f"{_OPTION}: {path} is neither a file nor a directory with a flake.nix, so that there is no "
                f"overlay {attributes or word!r} in it; give the path of one that is there."
            )
        raise NixError(
            f"{_OPTION}: there is no file {path}; give the path of an overlay's .nix file, of a directory of "
            "such files, or a flake's overlay as in .#overlays.default."
        )
    scheme, _, rest = location.partition(":")
    if scheme == "path" and not rest.startswith("/"):
        location = f"path:{_absolute(rest, base)}"
    return (Overlay(location, names or _PLAIN_OUTPUT, flake=True),)


def first_line(path: Path) -> int:
    """Return the number of the line where the code of an overlay file begins, after comments.

    Raises `NixError` where the file cannot be read or has no code, is JSON, or is too long to be an overlay.
    """
    try:
        size = path.stat().st_size
        text = path.read_text(errors="replace") if size <= _MOST_BYTES else ""
    except OSError as error:
        raise NixError(
            f"The overlay {path} cannot be read ({error.strerror}); make it readable, or name another file."
        ) from error
    if size > _MOST_BYTES:
        raise NixError(
            f"{path} has {size / 1e6:.0f} MB, and an overlay has at most {_MOST_BYTES // 1_000_000}; name "
            "the file that holds the overlay."
        )
    if text.startswith("\ufeff"):
        raise NixError(
            f"{path} begins with a byte order mark, which Nix does not read; save it as UTF-8 without one."
        )
    skipped = _SKIPPED.match(text)
    start = skipped.end() if skipped is not None else 0
    if start == len(text):
        what = "holds nothing but comments" if text.strip() else "is empty"
        raise NixError(
            f"The overlay {path} {what}; write a function of `final: prev:` into it, as `final: prev: {{ }}`."
        )
    if "\0" in text:
        raise NixError(f"{path} is not text; name the .nix file that holds the overlay.")
    if _is_json(text):
        raise NixError(
            f"{path} holds JSON, not an overlay; name the .nix file that holds the overlay, or read the JSON "
            "in one with builtins.fromJSON."
        )
    return text.count("\n", 0, start) + 1


def _in_directory(directory: Path) -> tuple[Overlay, ...]:
    default, flake = directory / "default.nix", directory / "flake.nix"
    if default.is_file():
        return (Overlay.in_file(default),)
    if flake.is_file():
        return (Overlay(str(directory), _PLAIN_OUTPUT, flake=True),)
    # The rule of nixpkgs' `impure-overlays.nix`. Emacs' lock files begin with `.#`.
    found = [
        entry / "default.nix" if entry.is_dir() else entry
        for entry in sorted(directory.iterdir(), key=lambda entry: entry.name.encode())
        if (entry.name.endswith(".nix") and not entry.name.startswith(".#"))
        or (entry / "default.nix").is_file()
    ]
    if not found:
        raise NixError(
            f"{_OPTION}: the directory {directory} has no overlays: neither a default.nix nor other .nix "
            "files nor a flake.nix; give the path of an overlay's .nix file."
        )
    return tuple(map(Overlay.in_file, found))


def _absolute(word: str, base: Path) -> Path:
    return (base / Path(word).expanduser()).resolve()


def _is_url(location: str) -> bool:
    """Say whether a reference is a flake's that is no path, such as `github:owner/name`."""
    return re.match(r"[a-z][a-z0-9+.-]*:", location) is not None


def _is_json(text: str) -> bool:
    """Say whether a text is a list or an object of JSON, and not one that means the same in Nix."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        return bool(json.loads(text))
    except (ValueError, RecursionError):
        return False
