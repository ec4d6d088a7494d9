"""Write the lock file of a toolchain anew: `python -m pytest_rtopt.sources.toolchain_lock debian-13`.

Run it after a point release of Debian, which comes about every two months: mirrors then drop the packages
that it replaces. apt resolves what `WANTED` and `WANTED_FOR_RUST` depend on, and checks the release's
signatures. With other packages, all programs of the embedded set are built again.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.base.errors import SourceError
from pytest_rtopt.base.toolchains import LOCKS
from pytest_rtopt.sources import apt, deb
from pytest_rtopt.sources.packages import fetch_packages
from pytest_rtopt.sources.toolchain import BUSYBOX, Package, Toolchain, lock_text

if TYPE_CHECKING:
    from collections.abc import Sequence

SUITES: Final = {"debian-13": "trixie"}
"""The Debian release of each toolchain that can be locked."""
WANTED: Final = (
    *("gcc", "g++", "binutils", "libc6-dev", "libc-bin", BUSYBOX, "patchelf"),
    *("bash", "bzip2", "coreutils", "diffutils", "findutils", "gawk", "grep", "gzip", "make", "patch", "sed"),
    *("tar", "unzip", "xz-utils"),
    *("libbz2-dev", "libffi-dev", "liblzma-dev", "libncurses-dev", "libreadline-dev", "libsqlite3-dev"),
    *("libssl-dev", "uuid-dev", "zlib1g-dev"),
)
"""Compilers and tools of builds, the locale C.UTF-8, and the libraries that Python is compiled against."""
WANTED_FOR_RUST: Final = ("rustc", "cargo")

_SECONDS: Final = 600.0
_FIELD: Final = re.compile(r"^(Package|Version|Filename|SHA256): (\S+)$", re.MULTILINE)
# A line of `apt-get --print-uris install`: 'URI' NAME_VERSION_ARCHITECTURE.deb size hash
_URI_LINE: Final = re.compile(r"^'[^']+' (?P<name>[^_ ]+)_(?P<version>[^_ ]+)_[^_ ]+\.deb ", re.MULTILINE)
_NOT_IN_STORE_NAMES: Final = re.compile(r"[^A-Za-z0-9+._?=-]")


def lock(name: str, directory: Path) -> Toolchain:
    """Return the toolchain `name` as the release has it now, with apt's files in `directory`.

    Raises `SourceError` if apt cannot resolve or fetch the packages.
    """
    suite = SUITES[name]
    configuration = apt.configure(directory, suite, "deb")
    with configuration.open("a", encoding="utf-8") as text:
        # As on a machine without any package and without preferences.
        text.write(
            f'Dir::State::Status "{directory / "status"}";\n'
            'Dir::Etc::Preferences "/dev/null";\n'
            'Dir::Etc::PreferencesParts "/dev/null";\n'
            "#clear APT::Architectures;\n"
            'APT::Architecture "amd64";\n'
        )
    (directory / "status").touch()
    # Roots that are not Debian's archive lack the suite, which makes the status an error.
    process.run(["apt-get", f"--config-file={configuration}", "--quiet=2", "update"], timeout=_SECONDS)
    packages = _resolve(configuration, WANTED)
    with_rust = _resolve(configuration, (*WANTED, *WANTED_FOR_RUST))
    rust = tuple(package for package in with_rust if package not in packages)
    unpacking = Toolchain(name, suite, packages, rust, busybox_sha256="")
    [archive] = fetch_packages(unpacking, [unpacking.package(BUSYBOX)], directory)
    return replace(unpacking, busybox_sha256=nar_sha256("busybox", deb.extract(archive, "usr/bin/busybox")))


def _resolve(configuration: Path, wanted: Sequence[str]) -> tuple[Package, ...]:
    """Return the packages that apt would install for the `wanted` ones."""
    file = f"--config-file={configuration}"
    install = ["apt-get", file, "--print-uris", "--yes", "--no-install-recommends", "install", *wanted]
    resolved = process.check(install, timeout=_SECONDS).text
    versions = [
        f"{match['name']}={match['version'].replace('%3a', ':')}" for match in _URI_LINE.finditer(resolved)
    ]
    records = process.check(["apt-cache", file, "show", *versions], timeout=_SECONDS).text
    packages = parse_records(records)
    if len(packages) != len(versions):
        raise SourceError(f"apt resolved {len(versions)} packages and described {len(packages)}; run again.")
    return packages


def parse_records(records: str) -> tuple[Package, ...]:
    """Return the packages that `apt-cache show` describes, in the order of their names, each once."""
    found = {}
    for record in records.split("\n\n"):
        fields = dict(_FIELD.findall(record))
        if fields.keys() == {"Package", "Version", "Filename", "SHA256"}:
            path = fields["Filename"]
            file = _NOT_IN_STORE_NAMES.sub("-", path.rpartition("/")[2])
            found[fields["Package"]] = Package(
                fields["Package"], fields["Version"], path, file, fields["SHA256"]
            )
    return tuple(found[name] for name in sorted(found))


def nar_sha256(name: str, program: bytes) -> str:
    """Return the SHA-256 of a directory with one executable file, as Nix computes it: that of its NAR.

    The format is in Eelco Dolstra, "The Purely Functional Software Deployment Model" (2006), figure 5.2.
    """

    def string(data: bytes) -> bytes:
        return len(data).to_bytes(8, "little") + data + bytes(-len(data) % 8)

    file = (b"(", b"type", b"regular", b"executable", b"", b"contents", program, b")")
    entry = (b"entry", b"(", b"name", name.encode(), b"node", *file, b")")
    words = (b"nix-archive-1", b"(", b"type", b"directory", *entry, b")")
    return hashlib.sha256(b"".join(map(string, words))).hexdigest()


def main(arguments: Sequence[str] | None = None) -> None:
    """Lock the toolchains that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("toolchain", nargs="+", choices=SUITES)
    for name in parser.parse_args(arguments).toolchain:
        with tempfile.TemporaryDirectory(prefix="rtopt-lock-") as directory:
            toolchain = lock(name, Path(directory))
        replace_file(LOCKS / f"{name}.json", lock_text(toolchain).encode())


if __name__ == "__main__":
    main()
