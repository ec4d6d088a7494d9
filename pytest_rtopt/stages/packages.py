"""The package set of a run, and the Nix that evaluates and builds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.toolchains import DEFAULT, HOST
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.host_builds import (
    host_for_evaluation,
    prepare_host_builds,
    prepare_toolchain_builds,
    toolchain_for_evaluation,
)
from pytest_rtopt.sources.toolchain import read_toolchain
from pytest_rtopt.stages.fleet import find_caches
from pytest_rtopt.stages.settings import BuildPolicy
from pytest_rtopt.stages.toolchain import add_busybox_to_store

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.nix.cache import Cache
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.host_builds import HostBuilds
    from pytest_rtopt.nix.package_set import PackageSet
    from pytest_rtopt.stages.settings import Settings


@dataclass(frozen=True)
class Packages:
    """A package set with the Nix that evaluates and builds it.

    `isolation` describes how builds of the embedded set are isolated. It is `None` for other sets, and if
    nothing is built. `gcc_version` is the version of the compiler that builds, if that is known without
    evaluating. `caches` and `builders` are used only by `building`, because evidence must not come from
    there.
    """

    set: PackageSet
    nix: Nix
    isolation: str | None
    gcc_version: str | None
    caches: tuple[Cache, ...] = ()
    builders: str | None = None

    @property
    def building(self) -> Nix:
        """The Nix that builds, with the caches and remote builders of the run."""
        urls = " ".join(cache.url for cache in self.caches)
        requested = (f"extra-substituters = {urls}",) if urls else ()
        builders = () if self.builders is None else (f"builders = {self.builders}",)
        return self.nix.with_settings(*requested, *builders)

    @property
    def compiler(self) -> str | None:
        """The identity of the compiler that builds; `None` for other sets than the embedded one."""
        return self.set.compiler if self.set.is_embedded else None

    @property
    def toolchain(self) -> str | None:
        """The name of the toolchain that builds, or `host`; `None` for other sets than the embedded one."""
        return self.set.toolchain or HOST if self.set.is_embedded else None

    def as_json(self) -> dict[str, object]:
        """Return `packages` in the form of the results schema."""
        return {
            "ref": self.set.reference,
            "nix": str(self.nix.version),
            "isolation": self.isolation,
            "compiler": self.compiler,
            "toolchain": self.toolchain,
        }


@dataclass(frozen=True)
class Subject:
    """The profile, the machine and the package set of a run."""

    profile: HardwareProfile
    host: Host
    packages: Packages

    def as_json(self) -> dict[str, dict[str, object]]:
        """Return `host`, `profile` and `packages` in the form of the results schema."""
        return {
            "host": self.host.as_json(),
            "profile": {
                "name": self.profile.name,
                "source": self.profile.source,
                "values": dict(self.profile.values),
            },
            "packages": self.packages.as_json(),
        }


def prepare_packages(settings: Settings, nix: Nix, sources: Path | None = None) -> Packages:
    """Return the requested package set, with a Nix that can build it if it is the embedded one.

    `sources` is the directory of pinned sources, which a toolchain comes from. With it, a trial build finds
    out whether builds can be isolated, and the caches are checked; without it, nothing is built. Raises
    `CacheError` if a cache cannot be reached, and `NixError` if a toolchain is requested for another set.
    """
    found = find_package_set(settings.packages, settings.packages_base, nix)
    if not found.is_embedded:
        if settings.toolchain is not None:
            raise NixError(
                f"--rtopt-toolchain {settings.toolchain} is for the embedded package set, "
                f"and {found.reference} has compilers of its own; leave the option out, or add "
                "--rtopt-packages embedded."
            )
        packages = Packages(found, nix, None, None)
    else:
        name = settings.toolchain or DEFAULT
        host = _builds_with(name, settings, nix, sources)
        embedded = replace(
            found, compiler=host.compiler, rust=host.rust, toolchain=None if name == HOST else name
        )
        isolation = None if host.isolation is None else str(host.isolation)
        packages = Packages(embedded, host.nix, isolation, host.gcc_version)
    if sources is None:
        return packages
    caches = find_caches(settings.fleet, packages.nix)
    return replace(packages, caches=caches, builders=settings.fleet.builders)


def _builds_with(name: str, settings: Settings, nix: Nix, sources: Path | None) -> HostBuilds:
    """Return the builds of the embedded set with a toolchain; without `sources`, no build is tried."""
    tries_build = sources is not None and settings.build is not BuildPolicy.NEVER
    if name == HOST:
        return prepare_host_builds(nix) if tries_build else host_for_evaluation(nix)
    toolchain = read_toolchain(name)
    host = toolchain_for_evaluation(nix, toolchain)
    if sources is None or not tries_build:
        return host
    busybox = add_busybox_to_store(toolchain, host.nix, sources)
    return prepare_toolchain_builds(nix, toolchain, busybox)
