"""The archive of a release of Rust that a profile names: `packages.rust.upstream`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_rtopt.hardware.fields import Fields

UPSTREAM: Final = "upstream"
"""The value of `packages.rust.toolchain` for rustc and cargo as upstream releases them."""

_VERSION: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
# In hexadecimal, in the base 32 of Nix, and as the hash of a subresource (SRI).
_SHA256: Final = re.compile(r"[0-9a-f]{64}|[0-9a-df-np-sv-z]{52}|sha256-[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True)
class RustRelease:
    """A release of Rust: its version, and the SHA-256 and the place of its archive.

    Exactly one of `url` and `path` is set; `path` is absolute.
    """

    version: str
    sha256: str
    url: str | None = None
    path: str | None = None


def parse_rust_release(fields: Fields) -> RustRelease | None:
    """Parse the field `upstream` of `packages.rust`; `None` if it is absent.

    Raises `ProfileError` where a part of it is missing or invalid, and where nothing asks for it.
    """
    if fields.values.get(UPSTREAM) is None:
        return None
    if fields.text("toolchain") is None:
        raise fields.error(
            UPSTREAM,
            f'expected no archive without `{fields.name_of("toolchain")} = "{UPSTREAM}"`',
            "add that, or leave this field out",
        )
    release = fields.section(UPSTREAM)
    version, sha256 = release.text("version"), release.text("sha256")
    url, path = release.text("url"), release.text("path")
    if version is None or _VERSION.fullmatch(version) is None:
        raise release.error("version", "expected a version of three numbers", "name it, as in `1.85.1`")
    if sha256 is None or _SHA256.fullmatch(sha256) is None:
        raise release.error(
            "sha256",
            "expected the SHA-256 of the archive",
            "add what `nix-hash --type sha256 --flat FILE` prints",
        )
    if (url is None) == (path is None):
        raise release.error(
            "url", f"expected either this field or `{release.name_of('path')}`", "give one of them"
        )
    if path is not None and not path.startswith("/"):
        raise release.error("path", "expected an absolute path", "write it in full")
    return RustRelease(version, sha256, url, path)
