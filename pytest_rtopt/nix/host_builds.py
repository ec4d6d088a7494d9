"""Finds Nix settings under which builds of the embedded set see the host's compilers, by a trial build."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import NixError

if TYPE_CHECKING:
    from pytest_rtopt.nix.client import Nix

_PROBE: Final = Path(__file__).with_name("probe.nix")
_PROBE_SECONDS: Final = 60.0
_COMPILER: Final = "/usr/bin/gcc"
_RUST: Final = ("/usr/bin/rustc", "/usr/bin/cargo")
_TOOLS: Final = (_COMPILER, "/usr/bin/make", "/usr/bin/strip", "/usr/bin/unzip", "/usr/bin/xz", "/bin/bash")
# No substituter: the embedded set is built on this machine, without the network.
_OFFLINE: Final = ("substituters =", "max-jobs = 1", "cores = 0")
_SANDBOX: Final = (
    "sandbox = true",
    "sandbox-fallback = false",
    "sandbox-paths = /usr /bin /lib /lib64 /etc/alternatives",
)
_NO_SANDBOX: Final = ("sandbox = false",)


class Isolation(StrEnum):
    """How builds of the embedded set are isolated from the machine."""

    SANDBOXED = "sandboxed, with the host's /usr, /bin and /lib"
    OPEN = "not sandboxed"


@dataclass(frozen=True)
class HostBuilds:
    """A Nix whose builds see the host's compilers, the isolation of builds, and the compilers' versions.

    `isolation` is `None` if no trial build was made. `compiler` is the first line of `gcc --version`, and
    `gcc_version` the number alone ("12.2.0"). `rust` is the output of `rustc --version`. It is `None` if the
    host has no rustc and cargo for all users.
    """

    nix: Nix
    isolation: Isolation | None
    compiler: str
    gcc_version: str
    rust: str | None


def prepare_host_builds(nix: Nix) -> HostBuilds:
    """Return `nix` with the strictest settings under which a trial build finds the host's compiler.

    Raises `NixError` if tools are missing, or if builds see them under no setting.
    """
    host = host_for_evaluation(nix)
    reasons = []
    for isolation, settings in ((Isolation.SANDBOXED, _SANDBOX), (Isolation.OPEN, _NO_SANDBOX)):
        candidate = host.nix.with_settings(*settings)
        failure = _try_build(candidate)
        if failure is None:
            return replace(host, nix=candidate, isolation=isolation)
        reasons.append(f"{isolation}: {failure}")
    raise NixError(
        "No build can see the host's compilers, which the embedded package set needs; run as root without a "
        "daemon, become a trusted user of the daemon, or use --rtopt-packages '<nixpkgs>'.\n"
        + "\n".join(reasons)
    )


def host_for_evaluation(nix: Nix) -> HostBuilds:
    """Return the versions that derivations of the embedded set depend on, without a trial build.

    Raises `NixError` if tools are missing.
    """
    missing = [tool for tool in _TOOLS if not Path(tool).exists()]
    if missing:
        raise NixError(
            "The embedded package set builds with the host's tools, and these are missing: "
            f"{', '.join(missing)}; install them (on Debian: gcc make binutils unzip xz-utils) or use "
            "--rtopt-packages '<nixpkgs>'."
        )
    compiler = process.check([_COMPILER, "--version"], timeout=_PROBE_SECONDS).text.splitlines()[0]
    version = process.check([_COMPILER, "-dumpfullversion"], timeout=_PROBE_SECONDS).text.strip()
    offline = nix.with_settings(*_builders(nix), *_OFFLINE)
    return HostBuilds(offline, None, compiler, version, _rust())


def _rust() -> str | None:
    if not all(Path(program).exists() for program in _RUST):
        return None
    return process.check([_RUST[0], "--version"], timeout=_PROBE_SECONDS).text.strip()


def _builders(nix: Nix) -> tuple[str, ...]:
    """Return the setting that lets root build without a daemon and without build users."""
    if os.geteuid() != 0 or {**os.environ, **nix.environment}.get("NIX_REMOTE"):
        return ()
    try:
        import grp  # noqa: PLC0415  # absent outside Unix, needed only here

        grp.getgrnam("nixbld")
    except KeyError:
        return ("build-users-group =",)
    return ()


def _try_build(nix: Nix) -> str | None:
    attempt = hashlib.sha256("\n".join(nix.settings).encode()).hexdigest()[:12]
    drv = nix.instantiate(_PROBE, {"attempt": attempt})
    completed = process.run(
        nix.command("nix-store", "--realise", drv), timeout=_PROBE_SECONDS, surroundings=nix.surroundings
    )
    if completed.returncode == 0:
        return None
    lines = completed.error_text.strip().splitlines()
    return lines[-1] if lines else f"status {completed.returncode}"
