"""Fetch the upstream archive of a Debian source package through apt, without changing the machine's apt.

The mirror, proxies and credentials come from apt's own configuration. The suite, the package lists and the
cache are private to the download. It needs no root, and it works for a newer Debian than the installed one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ProcessError, SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.sources.pins import AptSource

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_LIST_SECONDS = 60.0
_UPDATE_SECONDS = 600.0
_DOWNLOAD_SECONDS = 900.0

# A line of `apt-get update --print-uris`: 'URI' name-of-list size [hash]
_RELEASE_LINE = re.compile(r"^'(?P<root>[^']+)/dists/[^']+/InRelease' ")
_VERSION_LINE = re.compile(r"^Version: (\S+)$", re.MULTILINE)


def download(origin: AptSource, directory: Path) -> Path:
    """Download the `.orig` archive of a source package into `directory` and return its path.

    Raises `SourceError` if apt has no archive configured, or if the archive lacks the package.
    """
    configuration = configure(directory, origin.suite, "deb-src")
    apt_get = ("apt-get", f"--config-file={configuration}", "--quiet=2")
    show = ("apt-cache", f"--config-file={configuration}", "showsrc", "--only-source", origin.package)
    # Roots that are not Debian's archive lack this suite. apt then reads the other roots and returns an error
    # status, which is ignored here: the next command shows whether one of the roots has the package.
    updated = process.run([*apt_get, "update"], timeout=_UPDATE_SECONDS)
    listed = process.run(show, timeout=_LIST_SECONDS).text
    version = packaged(listed, origin.upstream_version)
    if version is None:
        raise SourceError(
            f"the archive has no {origin.package} {origin.upstream_version} in {origin.suite}: "
            f"{_errors(updated.error_text) or 'the archive now has another version'}"
        )
    downloaded = process.run(
        [*apt_get, "source", "--download-only", "--tar-only", f"{origin.package}={version}"],
        timeout=_DOWNLOAD_SECONDS,
        surroundings=process.Surroundings(cwd=directory),
    )
    archives = sorted(directory.glob("*.orig.tar.*"))
    if downloaded.returncode != 0 or len(archives) != 1:
        raise SourceError(f"apt did not deliver it: {_errors(updated.error_text + downloaded.error_text)}")
    return archives[0]


def configure(directory: Path, suite: str, kind: str) -> Path:
    """Write a configuration of apt for one suite, with all state in `directory`, and return its path.

    `kind` is "deb" for binary packages and "deb-src" for sources. Raises `SourceError` if Debian's keys are
    not installed, or if apt has no archive configured.
    """
    if not _KEYRING.is_file():
        raise SourceError(f"Debian's archive keys are not installed ({_KEYRING}).")
    sources = directory / "private.sources"
    sources.write_text(sources_text(archive_roots(), suite, kind))
    configuration = directory / "apt.conf"
    configuration.write_text(configuration_text(directory, sources))
    for private in ("lists/partial", "archives/partial"):
        (directory / private).mkdir(parents=True)
    return configuration


def archive_roots() -> tuple[str, ...]:
    """Return the roots of the archives in apt's own configuration; raises `SourceError` if there is none."""
    roots = parse_roots(_printed_uris())
    if not roots:
        raise SourceError("apt has no archive configured.")
    return roots


def _printed_uris() -> str:
    # Unlike `apt-get indextargets`, this works without package lists, which container images delete.
    try:
        return process.check(["apt-get", "update", "--print-uris"], timeout=_LIST_SECONDS).text
    except ProcessError as error:
        raise SourceError(f"apt could not list its archives: {error}") from error


def _errors(error_text: str) -> str:
    # Warnings (W:) concern apt's sandbox and roots without this suite; they do not explain the failure.
    return " ".join(line for line in error_text.splitlines() if line.startswith("E:"))


def parse_roots(printed_uris: str) -> tuple[str, ...]:
    """Return the distinct archive roots in the output of `apt-get update --print-uris`, in its order."""
    matches = map(_RELEASE_LINE.match, printed_uris.splitlines())
    return tuple(dict.fromkeys(match["root"] for match in matches if match))


def packaged(records: str, upstream_version: str) -> str | None:
    """Return the newest Debian version of an upstream version among the `records` of `apt-cache showsrc`.

    Security updates change the Debian version but keep the upstream archive.
    """
    versions = _VERSION_LINE.findall(records)
    return next((found for found in reversed(versions) if _upstream_part(found) == upstream_version), None)


def _upstream_part(version: str) -> str:
    """Return the part of a version between the epoch and the Debian revision (deb-version(7))."""
    return version.partition(":")[2].rpartition("-")[0] if ":" in version else version.rpartition("-")[0]


def sources_text(roots: Sequence[str], suite: str, kind: str) -> str:
    """Return a deb822 source list (sources.list(5)) of a suite's packages of a `kind` at these roots.

    apt accepts only content that Debian's keys signed.
    """
    return (
        f"Types: {kind}\n"
        f"URIs: {' '.join(roots)}\n"
        f"Suites: {suite}\n"
        "Components: main\n"
        f"Signed-By: {_KEYRING}\n"
    )  # fmt: skip


def configuration_text(directory: Path, sources: Path) -> str:
    """Return an apt.conf(5) that keeps all state of apt in `directory`; apt reads it after its own files.

    The machine's update hooks are cleared, because they clean or refresh the caches of the system.
    """
    return (
        "#clear APT::Update;\n"
        f'Dir::Etc::SourceList "{sources}";\n'
        'Dir::Etc::SourceParts "/dev/null";\n'
        f'Dir::State::Lists "{directory / "lists"}";\n'
        f'Dir::Cache "{directory}";\n'
        f'Dir::Cache::Archives "{directory / "archives"}";\n'
    )
