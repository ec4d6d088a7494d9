"""The sources that the embedded package set builds from, as `embedded/sources.json` pins them.

The Nix code of the set reads the same file. Debian's source packages carry upstream's archive unchanged. The
wheels of Go and Node.js carry upstream's releases, Go's with its complete sources.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.resources import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class AptSource:
    """The unmodified upstream archive in a Debian source package, from the mirror that apt uses."""

    package: str
    upstream_version: str
    suite: str

    def __str__(self) -> str:
        return f"apt source {self.package} {self.upstream_version} ({self.suite})"


@dataclass(frozen=True)
class PipWheel:
    """A wheel from the index that pip uses; `platform` is the wheel's platform tag."""

    project: str
    version: str
    platform: str

    def __str__(self) -> str:
        return f"pip wheel {self.project} {self.version} ({self.platform})"


@dataclass(frozen=True)
class Upstream:
    """A download address of the upstream project."""

    url: str

    def __str__(self) -> str:
        return self.url


Origin = AptSource | PipWheel | Upstream


@dataclass(frozen=True)
class Source:
    """One file: what it is called here, its SHA-256 in hexadecimal, and its origins, preferred first.

    `name` is for messages, and has the version.
    """

    name: str
    file_name: str
    sha256: str
    origins: tuple[Origin, ...]


def _origin(entry: Mapping[str, str], version: str) -> Origin:
    if "apt" in entry:
        return AptSource(entry["apt"], version, entry["suite"])
    if "pip" in entry:
        return PipWheel(entry["pip"], version, entry["platform"])
    return Upstream(entry["url"])


def _read() -> dict[str, Source]:
    entries = json.loads((PACKAGE / "embedded" / "sources.json").read_text(encoding="utf-8"))
    return {
        name: Source(
            name=f"{name}-{entry['version']}",
            file_name=entry["file"],
            sha256=entry["sha256"],
            origins=tuple(_origin(origin, entry["version"]) for origin in entry["origins"]),
        )
        for name, entry in entries.items()
    }


SOURCES: Final = _read()
"""All pinned sources by name, without the version."""
