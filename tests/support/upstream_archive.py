"""An archive in the layout of upstream's releases of Rust, made from a toolchain that rustup has installed.

The layout is that of `rust-installer`: a directory `rust-VERSION-TARGET` with a directory for each component,
which are named in the file `components`. rustup unpacks such components into one directory, and keeps for
each of them the list of its files in `lib/rustlib/manifest-COMPONENT`.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

TARGET: Final = "x86_64-unknown-linux-gnu"
COMPONENTS: Final = (f"rustc-{TARGET}", f"rust-std-{TARGET}", f"cargo-{TARGET}")
_RELEASE: Final = re.compile(rf"(1\.[0-9.]+)-{TARGET}")
_FILE: Final = re.compile(r"^file:(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class UpstreamArchive:
    """An archive of a release of Rust: its file, and the SHA-256 of that in hexadecimal."""

    version: str
    file: Path
    sha256: str

    def settings(self) -> dict[str, object]:
        """Return the fields of `packages.rust` that ask for this release."""
        upstream = {"version": self.version, "sha256": self.sha256, "path": str(self.file)}
        return {"toolchain": "upstream", "upstream": upstream}


def rustup_toolchain(version: str) -> Path | None:
    """Return the directory of a toolchain of rustup with the three components, or `None` if there is none."""
    toolchain = _toolchains() / f"{version}-{TARGET}"
    manifests = (_manifest(toolchain, component) for component in COMPONENTS)
    return toolchain if all(manifest.is_file() for manifest in manifests) else None


def newest_release() -> str | None:
    """Return the version that comes last by name among the releases that rustup has installed, or `None`.

    Links do not count: a toolchain may be a name of another one.
    """
    toolchains = _toolchains()
    installed = toolchains.iterdir() if toolchains.is_dir() else ()
    names = (path.name for path in installed if not path.is_symlink())
    found = sorted(match[1] for match in map(_RELEASE.fullmatch, names) if match is not None)
    return found[-1] if found else None


def make_archive(toolchain: Path, version: str, directory: Path) -> UpstreamArchive:
    """Write the archive of an installed toolchain into `directory`, unless it is there already.

    It is not compressed, which saves a minute. Times and owners are fixed, so that its hash stays the same.
    """
    file = directory / f"rust-{version}-{TARGET}.tar"
    if not file.is_file():
        directory.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}")
        with tarfile.open(partial, "w") as archive:
            _fill(archive, toolchain, file.stem)
        partial.replace(file)
    with file.open("rb") as stream:
        return UpstreamArchive(version, file, hashlib.file_digest(stream, "sha256").hexdigest())


def _fill(archive: tarfile.TarFile, toolchain: Path, top: str) -> None:
    names = [
        component if component.startswith("rust-std") else component.removesuffix(f"-{TARGET}")
        for component in COMPONENTS
    ]
    listed = tarfile.TarInfo(f"{top}/components")
    content = "".join(f"{name}\n" for name in names).encode()
    listed.size = len(content)
    archive.addfile(listed, BytesIO(content))
    for component, name in zip(COMPONENTS, names, strict=True):
        for file in _FILE.findall(_manifest(toolchain, component).read_text()):
            archive.add(toolchain / file, f"{top}/{name}/{file}", filter=_without_owner)


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _toolchains() -> Path:
    return Path(os.environ.get("RUSTUP_HOME") or Path.home() / ".rustup") / "toolchains"


def _manifest(toolchain: Path, component: str) -> Path:
    return toolchain / "lib" / "rustlib" / f"manifest-{component}"
