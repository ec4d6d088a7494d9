"""How builds of the embedded set are isolated, and with which compilers they work; tried, not assumed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.toolchains import LOCKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.sources.toolchain import Toolchain

_PROBE: Final = Path(__file__).with_name("probe.nix")
_TOOLCHAIN_PROBE: Final = Path(__file__).with_name("toolchain-probe.nix")
_PROBE_SECONDS: Final = 60.0
_COMPILER: Final = "/usr/bin/gcc"
_RUST: Final = ("/usr/bin/rustc", "/usr/bin/cargo")
_TOOLS: Final = (_COMPILER, "/usr/bin/make", "/usr/bin/strip", "/usr/bin/unzip", "/usr/bin/xz", "/bin/bash")
# No substituter: the embedded set is built on this machine, without the network.
_OFFLINE: Final = ("substituters =", "max-jobs = 1", "cores = 0")
_SANDBOX: Final = ("sandbox = true", "sandbox-fallback = false")
_HOST_PATHS: Final = "sandbox-paths = /usr /bin /lib /lib64 /etc/alternatives"
_NO_SANDBOX: Final = ("sandbox = false",)


class Isolation(StrEnum):
    """How builds of the embedded set are isolated from the machine."""

    CLOSED = "sandboxed"
    SANDBOXED = "sandboxed, with the host's /usr, /bin and /lib"
    OPEN = "not sandboxed"


@dataclass(frozen=True)
class HostBuilds:
    """A Nix that can build the embedded set, how builds are isolated, and which compiler they use.

    `isolation` is `None` if no trial build was made. `compiler` is the first line of `gcc --version`, and
    `gcc_version` the number alone ("12.2.0"). `rust` is the output of `rustc --version`. It is `None` if the
    host's compilers are used, and it has no rustc and cargo for all users.
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
    ways = {Isolation.SANDBOXED: (*_SANDBOX, _HOST_PATHS), Isolation.OPEN: _NO_SANDBOX}
    found, reasons = _first_that_builds(host, ways, _PROBE, {})
    if found is None:
        raise NixError(
            "No build can see the host's compilers, which the embedded package set needs: run as root "
            "without a daemon, become a trusted user of the daemon, or use --rtopt-toolchain debian-13 or "
            "--rtopt-packages '<nixpkgs>'.\n" + reasons
        )
    return found


def prepare_toolchain_builds(nix: Nix, toolchain: Toolchain, busybox: str) -> HostBuilds:
    """Return `nix` with the strictest settings under which a trial build runs the toolchain's busybox.

    `busybox` is its directory in the store; builds find it as /bin/sh. Raises `NixError` where nothing
    builds.
    """
    host = toolchain_for_evaluation(nix, toolchain)
    closed = f"sandbox-paths = /bin/sh={busybox}/busybox"
    ways = {Isolation.CLOSED: (*_SANDBOX, closed), Isolation.OPEN: _NO_SANDBOX}
    which = {"toolchains": str(LOCKS), "name": toolchain.name}
    found, reasons = _first_that_builds(host, ways, _TOOLCHAIN_PROBE, which)
    if found is None:
        raise NixError(
            f"Nix builds nothing with the toolchain {toolchain.name}, in a sandbox or without one; remove "
            f"what it complains about:\n{reasons}"
        )
    return found


def toolchain_for_evaluation(nix: Nix, toolchain: Toolchain) -> HostBuilds:
    """Return what derivations of the embedded set depend on with this toolchain, without trying any build."""
    offline = nix.with_settings(*_builders(nix), *_OFFLINE)
    return HostBuilds(offline, None, toolchain.compiler, toolchain.gcc_version, toolchain.rustc)


def host_for_evaluation(nix: Nix) -> HostBuilds:
    """Return the versions that derivations of the embedded set depend on, without a trial build.

    Raises `NixError` if tools are missing.
    """
    missing = [tool for tool in _TOOLS if not Path(tool).exists()]
    if missing:
        raise NixError(
            "The embedded package set builds with the host's tools and these are missing: "
            f"{', '.join(missing)}; install them (on Debian: gcc make binutils unzip xz-utils), or use "
            "--rtopt-toolchain debian-13 or --rtopt-packages '<nixpkgs>'."
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


def _first_that_builds(
    host: HostBuilds, ways: Mapping[Isolation, tuple[str, ...]], probe: Path, arguments: Mapping[str, str]
) -> tuple[HostBuilds | None, str]:
    """Return `host` with the first of `ways` in which a probe is built, or else the reasons, one a line."""
    reasons = []
    for isolation, settings in ways.items():
        candidate = host.nix.with_settings(*settings)
        failure = _try_build(candidate, probe, arguments)
        if failure is None:
            return replace(host, nix=candidate, isolation=isolation), ""
        reasons.append(f"{isolation}: {failure}")
    return None, "\n".join(reasons)


def _try_build(nix: Nix, probe: Path, arguments: Mapping[str, str]) -> str | None:
    attempt = hashlib.sha256("\n".join(nix.settings).encode()).hexdigest()[:12]
    drv = nix.instantiate(probe, {"attempt": attempt, **arguments})
    completed = process.run(
        nix.command("nix-store", "--realise", drv), timeout=_PROBE_SECONDS, surroundings=nix.surroundings
    )
    if completed.returncode == 0:
        return None
    lines = completed.error_text.strip().splitlines()
    return lines[-1] if lines else f"status {completed.returncode}"
