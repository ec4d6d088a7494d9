"""Binary caches: Nix stores at a URL, from which builds are fetched and to which they are pushed.

If a cache has an untrusted copy of a path, Nix builds the path itself. Here that is an error, because the
user who named the cache has to know about it.
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
# Another machine may have pushed a path since it was last looked for.
_FRESH: Final = ("--option", "narinfo-cache-negative-ttl", "0", "--option", "connect-timeout", "15")
# Always check signatures, and build nothing, neither here nor on a remote builder.
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
    """A store's record of a path: the hash of its contents, and the names of the keys that signed it."""

    nar_hash: str
    signers: frozenset[str]


@dataclass(frozen=True)
class Cache:
    """The binary cache at `url`, and the local Nix that uses it."""

    nix: Nix
    url: str

    def check(self, *, writes: bool = False) -> None:
        """Raise `CacheError` if there is no cache. With `writes`, the first push creates a directory."""
        parts = urlsplit(self.url)
        # Nix creates an empty cache in a misspelled directory, and finds nothing in it.
        if parts.scheme == "file" and not writes and not Path(parts.path, "nix-cache-info").is_file():
            raise CacheError(
                f"There is no cache at {self.url}: {parts.path} has no nix-cache-info; check the spelling of "
                "--rtopt-cache, and that the directory is mounted."
            )
        self._checked(
            self._query("store", "ping"), "cannot be used", "check that the URL is right and can be reached"
        )

    def info(self, path: str) -> PathInfo | None:
        """Return the cache's record of a path, or `None` if the cache does not have it."""
        completed = self._query("path-info", "--json", "--option", "substitute", "false", path)
        return self._parsed(path, completed)

    def holds(self, path: str) -> bool:
        """Return whether the cache has a path. Raises `CacheError` if the cache does not answer."""
        return self.info(path) is not None

    def local_info(self, path: str) -> PathInfo | None:
        """Return the local store's record of a path, or `None` if the store does not have it."""
        command = self.nix.command("nix", "path-info", "--json", "--option", "substitute", "false", path)
        return self._parsed(path, self._run(command))

    def take(self, path: str, root: Path | None = None) -> None:
        """Fetch a path and everything that it needs from the cache. Builds nothing.

        `root` becomes the garbage collector root of the path. Raises `CacheError` if the path is not signed
        by one of Nix's `trusted-public-keys`, or if its archive does not match its signature.
        """
        kept = () if root is None else ("--add-root", str(root))
        command = self.nix.command("nix-store", "--realise", path, *kept)
        completed = self._run((*command, "--option", "substituters", self.url, *_FRESH, *_STRICT))
        if completed.returncode == 0 and not self.nix.missing([path]):
            return
        message = completed.error_text
        if _UNTRUSTED.search(message):
            reason = (
                "it, or something that it needs, is not signed by any of the keys in Nix's "
                "trusted-public-keys; if the cache is yours, add its public key there (nix.conf or "
                "NIX_CONFIG), else do not use it"
            )
        elif _DAMAGED.search(message):
            reason = (
                "an archive does not match its signature, so it was changed or is damaged; find out why, "
                "delete it and its narinfo from the cache, and push again"
            )
        elif disk_is_full(message):
            reason = "the disk is full; free some space (`nix-collect-garbage`) and run again"
        else:
            reason = (
                "Nix refuses it; check that the cache has everything that it needs, and that you are a "
                "trusted user of the Nix daemon if there is one"
            )
        raise CacheError(f"{path} cannot be taken from {self.url}: {reason}.\n{_end(message)}")

    def put(self, paths: Sequence[str], keys: Sequence[Path]) -> None:
        """Sign local paths and everything that they need, and copy them to the cache.

        Each path is copied as a whole or not at all. `keys` are files with secret keys. Raises `CacheError`
        if signing or copying fails, or if the cache already has a different build of a path, or an unsigned
        one.
        """
        for key in keys:
            sign = ("nix", "store", "sign", "--recursive", "--key-file", str(key), *paths)
            signed = self._run(self.nix.command(*sign))
            remedy = (
                "check that secret-key-files in nix.conf or NIX_CONFIG names a key, and that you may sign "
                "(as the owner of the store, or a trusted user)"
            )
            if signed.returncode != 0:
                raise CacheError(f"Nothing can be signed with {key}; {remedy}.\n{_end(signed.error_text)}")
        copied = self._run(self.nix.command("nix", "copy", "--to", self.url, *paths))
        self._checked(
            copied,
            "does not accept builds",
            "check that you may write there, and push again; no path was copied in part",
        )
        for path in paths:
            self._check_pushed(path)

    def _check_pushed(self, path: str) -> None:
        """Check that the cache has the local build. Nix does not copy a path that is already there."""
        ours, theirs = self.local_info(path), self.info(path)
        if ours is None or theirs is None or ours.nar_hash != theirs.nar_hash:
            problem = "has another build of it"
        elif self._needs_signature and not ours.signers & theirs.signers:
            problem = "has it without our signature"
        else:
            return
        raise CacheError(
            f"{path} was not pushed: {self.url} {problem}, from an earlier copy; delete it there and push "
            "again."
        )

    @property
    def _needs_signature(self) -> bool:
        """Whether the cache keeps signatures. A store behind SSH may drop those of its own builds."""
        return urlsplit(self.url).scheme in ("file", "s3", "http", "https")

    def _query(self, *words: str) -> Completed:
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
            completed,
            f"has no readable record of {path}",
            "check that it can be reached and is not damaged",
        )
        return parse_info(text)


def parse_info(text: str) -> PathInfo | None:
    """Parse the output of `nix path-info --json` for one path. Return `None` if the path is not there.

    Nix up to 2.18 prints a list. Later versions print an object by path, and the newest ones put that object
    into the field `info`.
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
    """Return the files in Nix's setting `secret-key-files`. Raises `CacheError` if there are none."""
    words = ("config", "show") if nix.version >= _CONFIG_SHOW else ("show-config",)
    completed = process.check(
        nix.command("nix", *words, "--json"), timeout=_COPY_SECONDS, surroundings=nix.surroundings
    )
    value = json.loads(completed.text).get("secret-key-files", {}).get("value", [])
    files = tuple(Path(word) for word in (value.split() if isinstance(value, str) else value))
    if not files:
        raise CacheError(
            "--rtopt-push signs with the keys in Nix's secret-key-files, and there are none; make one "
            "(`nix-store --generate-binary-cache-key NAME FILE PUBLIC`) and put `secret-key-files = FILE` "
            "into nix.conf or NIX_CONFIG."
        )
    unreadable = [str(file) for file in files if not file.is_file()]
    if unreadable:
        raise CacheError(
            f"--rtopt-push: {', '.join(unreadable)} in Nix's secret-key-files is not a file; correct the "
            "path in nix.conf or NIX_CONFIG."
        )
    return files


def _end(message: str) -> str:
    return "\n".join(line for line in message.strip().splitlines() if not line.startswith("copying"))[-600:]
