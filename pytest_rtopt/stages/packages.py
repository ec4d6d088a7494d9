"""The package set of a run, and the Nix that evaluates and builds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.host_builds import host_for_evaluation, prepare_host_builds
from pytest_rtopt.stages.fleet import find_caches
from pytest_rtopt.stages.settings import BuildPolicy

if TYPE_CHECKING:
    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.nix.cache import Cache
    from pytest_rtopt.nix.client import Nix
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

    def as_json(self) -> dict[str, object]:
        """Return `packages` in the form of the results schema."""
        return {
            "ref": self.set.reference,
            "nix": str(self.nix.version),
            "isolation": self.isolation,
            "compiler": self.compiler,
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


def prepare_packages(settings: Settings, nix: Nix, *, builds: bool = True) -> Packages:
    """Return the requested package set, with a Nix whose builds see the host if it is the embedded one.

    With `builds`, a trial build finds out whether builds can be isolated, and the caches are checked. Raises
    `CacheError` if a cache cannot be reached.
    """
    found = find_package_set(settings.packages, settings.packages_base, nix)
    if not found.is_embedded:
        packages = Packages(found, nix, None, None)
    else:
        tries_isolation = builds and settings.build is not BuildPolicy.NEVER
        host = prepare_host_builds(nix) if tries_isolation else host_for_evaluation(nix)
        embedded = replace(found, compiler=host.compiler, rust=host.rust)
        isolation = None if host.isolation is None else str(host.isolation)
        packages = Packages(embedded, host.nix, isolation, host.gcc_version)
    if not builds:
        return packages
    caches = find_caches(settings.fleet, packages.nix)
    return replace(packages, caches=caches, builders=settings.fleet.builders)
