"""Take one file out of a Debian package (deb(5)) without dpkg."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAGIC: Final = b"!<arch>\n"
_HEADER_BYTES: Final = 60
_NAME: Final = slice(0, 16)
_SIZE: Final = slice(48, 58)


def extract(package: Path, name: str) -> bytes:
    """Return the contents of the file `name` ("usr/bin/busybox") in the package.

    Raises `SourceError` if `package` is no Debian package, or has no such file.
    """
    data = package.read_bytes()
    try:
        archive = next(body for member, body in members(data) if member.startswith("data.tar"))
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            found = files.extractfile(f"./{name}")
            if found is not None:
                return found.read()
    except (StopIteration, ValueError, KeyError, tarfile.TarError) as error:
        raise SourceError(f"{package} has no file {name}; delete it, and run again.") from error
    raise SourceError(f"{name} in {package} is not a file; delete the package, and run again.")


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of an `ar` archive; raises `ValueError` where `data` is none."""
    if not data.startswith(_MAGIC):
        raise ValueError("not an ar archive")
    position = len(_MAGIC)
    while position < len(data):
        header = data[position : position + _HEADER_BYTES]
        size = int(header[_SIZE])
        if size < 0:
            raise ValueError("a member of an ar archive has a negative size")
        position += _HEADER_BYTES
        yield header[_NAME].decode(errors="replace").rstrip().rstrip("/"), data[position : position + size]
        # Members begin at even offsets.
        position += size + size % 2
