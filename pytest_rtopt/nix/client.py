"""Calls Nix: evaluation, derivations, store paths, logs. Hides the differences between versions of Nix."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.version import InvalidVersion, Version

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import NixError, OverlayError, ProcessError
from pytest_rtopt.nix.derivation import Derivation, parse_derivations
from pytest_rtopt.nix.explain import explain_evaluation_error, explain_store_error, is_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EVALUATION_SECONDS: Final = 600.0
_QUERY_SECONDS: Final = 120.0
_LOG_SECONDS: Final = 30.0
# A cache that cannot be reached must not delay the search for a log.
_SHORT_TIMEOUT: Final = ("--option", "connect-timeout", "5", "--option", "download-attempts", "1")
_OLDEST: Final = Version("2.8")
# The release that renamed `nix show-derivation`.
_DERIVATION_SHOW: Final = Version("2.15")


@dataclass(frozen=True)
class Nix:
    """A Nix installation, the settings that every call gets, and the environment that selects its store.

    `directory` has Nix's commands. `settings` are lines for `nix.conf`. `environment` overrides environment
    variables; a private store needs `NIX_STORE_DIR` and its companions.
    """

    directory: Path
    version: Version
    settings: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def with_settings(self, *lines: str) -> Nix:
        """Return the same Nix with more settings, which override earlier ones."""
        return Nix(self.directory, self.version, (*self.settings, *lines), self.environment)

    @property
    def surroundings(self) -> process.Surroundings:
        """The environment of every Nix process. Its settings override those of the user."""
        env = {**os.environ, **self.environment}
        config = "\n".join([*filter(None, [env.get("NIX_CONFIG", "")]), *self.settings])
        return process.Surroundings(env={**env, "NIX_CONFIG": config})

    @cached_property
    def store_dir(self) -> str:
        """The directory of store paths, `/nix/store` unless the environment says otherwise."""
        return {**os.environ, **self.environment}.get("NIX_STORE_DIR") or "/nix/store"

    def command(self, name: str, *arguments: str) -> tuple[str, ...]:
        """Return the argument vector of one of Nix's commands."""
        return (str(self.directory / name), *arguments)

    def evaluate(self, file: Path, arguments: Mapping[str, str]) -> object:
        """Evaluate `file`, a function of strings, to JSON, instantiating the derivations that it touches.

        Raises `NixError` with Nix's message, reduced to the user's file and line.
        """
        named = [word for name, value in arguments.items() for word in ("--argstr", name, value)]
        options = ("--eval", "--strict", "--json", "--read-write-mode", "--show-trace")
        return json.loads(
            self._output_of("nix-instantiate", *options, str(file), *named, timeout=_EVALUATION_SECONDS)
        )

    def instantiate(self, file: Path, arguments: Mapping[str, str]) -> str:
        """Instantiate the one derivation that `file` evaluates to and return its path."""
        named = [word for name, value in arguments.items() for word in ("--argstr", name, value)]
        return self._output_of("nix-instantiate", "--show-trace", str(file), *named).split("!")[0]

    def derivations(self, drvs: Sequence[str], *, recursive: bool = False) -> dict[str, Derivation]:
        """Return derivations by path. With `recursive`, include everything that they depend on."""
        verb = ["derivation", "show"] if self.version >= _DERIVATION_SHOW else ["show-derivation"]
        text = self._output_of("nix", *verb, *(["--recursive"] if recursive else []), *drvs)
        return parse_derivations(text, self.store_dir)

    def missing(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Return the store paths that are absent, or not registered in Nix's database."""
        absent = self._output_of("nix-store", "--check-validity", "--print-invalid", *paths).split()
        return tuple(path for path in paths if path in absent)

    def size(self, path: str) -> int:
        """Return the size of a store path's own contents in bytes."""
        return int(self._output_of("nix-store", "--query", "--size", path))

    def log(self, drv: str, taken: Path | None = None) -> str | None:
        """Return the build log of a derivation from this store, else from `taken`, else from a cache.

        `taken` is a log file that came with the output and is signed. Logs that Nix fetches from caches are
        not signed. Returns `None` if there is no log, or if no cache answers.
        """
        own = self._printed("nix-store", "--read-log", drv)
        if own is not None:
            return own
        if taken is not None and taken.is_file():
            return taken.read_text(errors="replace")
        return self._printed("nix", "log", drv, *_SHORT_TIMEOUT)

    def _printed(self, name: str, *arguments: str) -> str | None:
        command = self.command(name, *arguments)
        try:
            completed = process.run(command, timeout=_LOG_SECONDS, surroundings=self.surroundings)
        except ProcessError:
            return None
        return completed.text if completed.returncode == 0 else None

    def add_fixed(self, *files: Path) -> str:
        """Put files into the store under their own names and sha256, and return their paths, one per line."""
        return self._output_of("nix-store", "--add-fixed", "sha256", *map(str, files))

    def add_fixed_directory(self, directory: Path) -> str:
        """Put a directory into the store under its own name and its NAR's sha256; return its store path."""
        return self._output_of("nix-store", "--add-fixed", "--recursive", "sha256", str(directory))

    def add_at(self, directory: Path, path: str) -> None:
        """Add a directory to the store at `path`, which need not match the hash of its contents.

        The directory must have the name of `path`. Nix stores outputs of derivations in the same way, and
        trusts such paths only by their signatures. An existing path is replaced. Raises `NixError` if Nix
        does not permit it.
        """
        added = self._output_of("nix-store", "--add", str(directory))
        exported = process.check(
            self.command("nix-store", "--export", added),
            timeout=_QUERY_SECONDS,
            surroundings=self.surroundings,
        ).stdout
        self.delete(path)
        # The archive has its own path once, after the contents.
        surroundings = replace(self.surroundings, stdin=exported.replace(added.encode(), path.encode()))
        imported = process.run(
            self.command("nix-store", "--import"), timeout=_QUERY_SECONDS, surroundings=surroundings
        )
        if imported.returncode != 0 or self.missing([path]):
            raise NixError(
                f"Nix does not add {path} to its store; run as the owner of the store, or become a trusted "
                f"user of the daemon.\n{imported.error_text.strip()[-300:]}"
            )

    def delete(self, path: str) -> None:
        """Delete a path from the store if it is there. Raises `NixError` if something still needs it."""
        if not self.missing([path]):
            self._output_of("nix-store", "--delete", path)

    def fixed_path(self, name: str, sha256: str) -> str:
        """Return the store path of a file with this name and SHA-256, whether or not it is in the store."""
        return self._output_of("nix-store", "--print-fixed-path", "sha256", sha256, name)

    def _output_of(self, name: str, *arguments: str, timeout: float = _QUERY_SECONDS) -> str:
        """Run a Nix command and return its output. Raises `NixError` with Nix's message."""
        completed = process.run(
            self.command(name, *arguments), timeout=timeout, surroundings=self.surroundings
        )
        if completed.returncode == 0:
            return completed.text.strip()
        message = completed.error_text
        if not message.strip():
            message = (
                f"error: `{name} {arguments[0]}` ended with status {completed.returncode} and no message"
            )
        if store_error := explain_store_error(message, self._places):
            raise NixError(store_error)
        raise (OverlayError if is_refusal(message) else NixError)(explain_evaluation_error(message))

    @property
    def _places(self) -> tuple[str, str]:
        """The directories of the store and of its database."""
        env = {**os.environ, **self.environment}
        return self.store_dir, env.get("NIX_STATE_DIR") or "/nix/var/nix"


def find_nix(search_path: str | None = None) -> Nix:
    """Return the Nix that is on `search_path` (default: PATH).

    Raises `NixError` if there is none or it is older than 2.8.
    """
    found = shutil.which("nix-instantiate", path=search_path)
    if found is None:
        raise NixError(
            "Nix was not found on PATH: install it (on Debian `apt-get install nix-bin`, else "
            "nixos.org/download) or put its directory on PATH."
        )
    directory = Path(found).parent
    printed = process.check([found, "--version"], timeout=_QUERY_SECONDS).text
    words = printed.split()
    try:
        version = Version(re.sub(r"pre.*", "", words[-1]) if words else "")
    except InvalidVersion as error:
        raise NixError(
            f"The version of Nix at {found} is not recognized: {printed.strip()!r}; put a released Nix "
            "first on PATH."
        ) from error
    if version < _OLDEST:
        raise NixError(
            f"Nix {version} at {found} is too old; {_OLDEST} or later is needed: install one, or put it "
            "first on PATH."
        )
    return Nix(directory, version, ("extra-experimental-features = nix-command flakes",))
