"""Debian packages as tests need them: written without dpkg."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def ar(members: Mapping[str, bytes]) -> bytes:
    """Return an `ar` archive as dpkg writes it: no padding of names, and members at even offsets."""
    archive = b"!<arch>\n"
    for name, data in members.items():
        archive += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}".encode() + b"`\n"
        archive += data + b"\n" * (len(data) % 2)
    return archive


def package(files: Mapping[str, bytes]) -> bytes:
    """Return a package with these files."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return ar({"debian-binary": b"2.0\n", "control.tar.xz": b"unread", "data.tar.xz": data.getvalue()})
