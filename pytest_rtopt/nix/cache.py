"""Caches: Nix stores elsewhere, by URL, of which built paths are taken and into which they are copied.

Nix falls back to building where a cache holds what it does not trust. Here that is an error: who named a
cache wants to know that somebody put something else there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from packaging.version import Version

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import CacheError
from pytest_rtopt.nix.explain import disk_is_full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.base.process import Completed
    from pytest_rtopt.nix.client import Nix

_COPY_SECONDS: Final = 4 * 3600.0
# What was missing a minute ago may be there now.
_FRESH: Final = ("--option", "narinfo-cache-negative-ttl", "0", "--option", "connect-timeout", "15")
# Signatures are checked whatever the configuration says, and nothing is built, here or elsewhere.
_STRICT: Final = tuple(
    word
    for name, value in (
        ("require-sigs", "true"),
        ("substitute", "true"),
        ("fallback", "false"),
        ("max-jobs", "0"),
        ("builders", ""),
    )
    for word in ("--option", name, value)
)
# The release that renamed `nix show-config`.
_CONFIG_SHOW: Final = Version("2.20")
_UNTRUSTED: Final = re.compile(r"not signed by any of the keys|lacks a (?:valid )?signature")
_DAMAGED: Final = re.compile(
    r"(?:hash|size) mismatch|open archive|decompress|corrupt|bad archive|not a Nix archive|unexpected end|"
    r"does not exist in binary cache",
    re.IGNORECASE,
)
_NOT_THERE: Final = re.compile(r"path '[^']+' is not valid")


@dataclass(frozen=True)
class PathInfo:
    """What a store says of a path: the hash of its contents, and the names of the keys that signed it."""

    nar_hash: str
    signers: frozenset[str]


@dataclass(frozen=True)
class Cache:
    """A store at `url`, seen by a Nix that has a store of its own."""

    nix: Nix
    url: str

    def check(self, *, writes: bool = False) -> None:
        """Raise `CacheError` where there is no cache; one that a run `writes` into may come to be by that."""
        parts = urlsplit(self.url)
        # Nix makes an empty cache of a misspelled directory, and finds nothing in it.
        if parts.scheme == "file" and not writes and not Path(parts.path, "nix-cache-info").is_file():
            raise CacheError(
                f"There is no cache at {self.url}: {parts.path} has no nix-cache-info; see that "
                "--rtopt-cache is spelled right and that the directory is mounted."
            )
        self._checked(
            self._ask("store", "ping"), "cannot be used", "see that the URL is right and can be reached"
        )

    def info(self, path: str) -> PathInfo | None:
        """Return what the cache says of a path; `None` where it does not have it."""
        completed = self._ask("path-info", "--json", "--option", "substitute", "false", path)
        return self._parsed(path, completed)

    def holds(self, path: str) -> bool:
        """Say whether the cache has a path; raises `CacheError` where it does not answer."""
        return self.info(path) is not None

    def local_info(self, path: str) -> PathInfo | None:
        """Return what our own store says of a path; `None` where it does not have it."""
        command = self.nix.command("nix", "path-info", "--json", "--option", "substitute", "false", path)
        return self._parsed(path, self._run(command))

    def take(self, path: str, root: Path | None = None) -> None:
        """Put a path of the cache, with all that it needs, into our store, kept by `root`; builds nothing.

        Raises `CacheError` where it is not signed by one of Nix's `trusted-public-keys`, or its archive is
        not what was signed.
        """
        kept = () if root is None else ("--add-root", str(root))
        command = self.nix.command("nix-store", "--realise", path, *kept)
        completed = self._run((*command, "--option", "substituters", self.url, *_FRESH, *_STRICT))
        if completed.returncode == 0 and not self.nix.missing([path]):
            return
        said = completed.error_text
        if _UNTRUSTED.search(said):
            reason = (
                "it, or something that it needs, is not signed by any of the keys in Nix's "
                "trusted-public-keys; if the cache is yours, add its public key there (nix.conf or "
                "NIX_CONFIG), else do not use it"
            )
        elif _DAMAGED.search(said):
            reason = (
                "an archive is not what was signed: it was changed, or is damaged; find out by whom, delete "
                "it and its narinfo from the cache, and push again"
            )
        elif disk_is_full(said):
            reason = "the disk is full; free some space (`nix-collect-garbage`) and run again"
        else:
            reason = (
                "Nix refuses; see that its closure is whole there, and that you are a trusted user of the "
                "Nix daemon if there is one"
            )
        raise CacheError(f"{path} cannot be taken from {self.url}: {reason}.\n{_end(said)}")

    def put(self, paths: Sequence[str], keys: Sequence[Path]) -> None:
        """Sign paths of our store, with all that they need, and copy them; what is copied is whole each time.

        `keys` are files with secret keys. Raises `CacheError` where that cannot be done, or where the cache
        keeps something else at one of the paths, or the same unsigned.
        """
        for key in keys:
            sign = ("nix", "store", "sign", "--recursive", "--key-file", str(key), *paths)
            signed = self._run(self.nix.command(*sign))
            remedy = (
                "see that secret-key-files in nix.conf or NIX_CONFIG names a key, and that Nix lets you sign "
                "(as the owner of the store, or a trusted user)"
            )
            if signed.returncode != 0:
                raise CacheError(f"Nothing can be signed with {key}; {remedy}.\n{_end(signed.error_text)}")
        copied = self._run(self.nix.command("nix", "copy", "--to", self.url, *paths))
        self._checked(
            copied, "takes no builds", "see that you may write there, and push again: nothing is half there"
        )
        for path in paths:
            self._check_pushed(path)

    def _check_pushed(self, path: str) -> None:
        """See that what others will take is what we have: what was there before is not copied again."""
        ours, theirs = self.local_info(path), self.info(path)
        if ours is None or theirs is None or ours.nar_hash != theirs.nar_hash:
            problem = "holds another build of it"
        elif self._needs_signature and not ours.signers & theirs.signers:
            problem = "holds it without a signature of ours"
        else:
            return
        raise CacheError(
            f"{path} was not pushed: {self.url} {problem}, from an earlier copy; delete it there and push "
            "again."
        )

    @property
    def _needs_signature(self) -> bool:
        """Whether signatures are kept: a store behind SSH may drop those of paths that it built itself."""
        return urlsplit(self.url).scheme in ("file", "s3", "http", "https")

    def _ask(self, *words: str) -> Completed:
        return self._run(self.nix.command("nix", *words, "--store", self.url, *_FRESH))

    def _run(self, command: Sequence[str]) -> Completed:
        return process.run(command, timeout=_COPY_SECONDS, surroundings=self.nix.surroundings)

    def _checked(self, completed: Completed, problem: str, remedy: str) -> str:
        if completed.returncode != 0:
            raise CacheError(f"The cache {self.url} {problem}; {remedy}.\n{_end(completed.error_text)}")
        return completed.text

    def _parsed(self, path: str, completed: Completed) -> PathInfo | None:
        if completed.returncode != 0 and _NOT_THERE.search(completed.error_text):
            return None
        text = self._checked(
            completed, f"does not tell about {path}", "see that it can be reached and is not damaged"
        )
        return parse_info(text)


def parse_info(text: str) -> PathInfo | None:
    """Parse the output of `nix path-info --json` for one path; `None` for a path that is not there.

    To 2.18 it is a list, later an object by path, and later still that beside `version`.
    """
    document = json.loads(text)
    entries = document if isinstance(document, list) else document.get("info", document).values()
    for entry in entries:
        if isinstance(entry, dict) and "narHash" in entry:
            signatures = entry.get("signatures") or ()
            names = (one["keyName"] if isinstance(one, dict) else one.partition(":")[0] for one in signatures)
            return PathInfo(json.dumps(entry["narHash"]), frozenset(names))
    return None


def secret_keys(nix: Nix) -> tuple[Path, ...]:
    """Return the files of Nix's own setting `secret-key-files`; raises `CacheError` where there is none."""
    words = ("config", "show") if nix.version >= _CONFIG_SHOW else ("show-config",)
    completed = process.check(
        nix.command("nix", *words, "--json"), timeout=_COPY_SECONDS, surroundings=nix.surroundings
    )
    value = json.loads(completed.text).get("secret-key-files", {}).get("value", [])
    files = tuple(Path(word) for word in (value.split() if isinstance(value, str) else value))
    if not files:
        raise CacheError(
            "--rtopt-push signs with the keys of Nix's secret-key-files, and there are none: make one "
            "(`nix-store --generate-binary-cache-key NAME FILE PUBLIC`) and put `secret-key-files = FILE` "
            "into nix.conf or NIX_CONFIG."
        )
    unreadable = [str(file) for file in files if not file.is_file()]
    if unreadable:
        raise CacheError(
            f"--rtopt-push: {', '.join(unreadable)} of Nix's secret-key-files is no file; correct the path "
            "in nix.conf or NIX_CONFIG."
        )
    return files


def _end(said: str) -> str:
    return "\n".join(line for line in said.strip().splitlines() if not line.startswith("copying"))[-600:]
