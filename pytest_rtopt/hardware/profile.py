"""A hardware profile: a user's description of a machine and of how to build its runtimes."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.hardware.fields import Fields, check_plain, is_set
from pytest_rtopt.hardware.gate_policy import GatePolicy, parse_gate_policy
from pytest_rtopt.hardware.microarch import default_mtune, known_marches, known_mtunes
from pytest_rtopt.hardware.names import march_field
from pytest_rtopt.hardware.runtime_settings import LINKERS, RuntimeSettings, parse_runtime_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

# Defaults for a profile whose compiler section names no architecture.
DEFAULT_MARCH = "x86-64-v3"
DEFAULT_MTUNE = "generic"
DEFAULT_LEVEL = "3"

_OPTIMIZATION_LEVELS = ("0", "1", "2", "3", "s", "fast")


@dataclass(frozen=True)
class HardwareProfile:
    """A profile that `parse_profile` accepted.

    `name` is its name in reports, and `source` is its file. `values` holds every field unchanged, including
    fields that this project does not read.
    """

    name: str
    source: str
    values: Mapping[str, object]

    @property
    def march(self) -> str | None:
        """The `-march=` name: `None` without `build.compiler`, `x86-64-v3` if that section names none."""
        compiler = self._compiler
        return None if compiler is None else compiler.text("march") or DEFAULT_MARCH

    @property
    def mtune(self) -> str | None:
        """The `-mtune=` name: `None` without `build.compiler`, and by default the one that GCC implies."""
        compiler = self._compiler
        if compiler is None:
            return None
        march = compiler.text("march")
        return compiler.text("mtune") or (DEFAULT_MTUNE if march is None else default_mtune(march))

    @property
    def optimization_level(self) -> str | None:
        """The text after `-O`: `None` without `build.compiler`, "3" if that section names none."""
        compiler = self._compiler
        if compiler is None:
            return None
        level = compiler.values.get("optimizationLevel")
        return DEFAULT_LEVEL if level is None else str(level)

    @property
    def cores(self) -> int | None:
        """The number of physical cores that the profile claims."""
        return self._fields.section("cpu").count("cores", 1)

    @property
    def threads(self) -> int | None:
        """The number of logical CPUs that the profile claims."""
        return self._fields.section("cpu").count("threads", 1)

    @property
    def memory_gb(self) -> float | None:
        """The installed memory in GB that the profile claims."""
        return self._fields.section("memory").gigabytes("total")

    @property
    def effective_memory_gb(self) -> float | None:
        """The memory plus compressed swap in GB that the profile claims."""
        return self._fields.section("memory").gigabytes("effectiveTotal")

    @property
    def gate(self) -> GatePolicy:
        """The requirements of the gate."""
        return parse_gate_policy(self._fields.section("gate"))

    def runtime_attrs(self) -> tuple[str, ...]:
        """Return the attribute names under `packages` that are language runtimes, in the profile's order."""
        # Profiles also hold settings of other packages, such as a browser's `memoryLimit = "3-4"`. Their
        # format is not known here, so they are kept and not checked.
        runtimes = REGISTRY.values()
        attributes = self._fields.section("packages").sections()
        return tuple(name for name in attributes if any(runtime.has_in_family(name) for runtime in runtimes))

    def settings(self, attr: str) -> RuntimeSettings:
        """Return the settings of the profile for the runtime `attr`.

        If the profile has no settings for it, the runtime is enabled if there is a `build.compiler`.
        """
        fields = self._fields.section("packages").section(attr)
        has_settings = any(value is not None for value in fields.values.values())
        return parse_runtime_settings(fields, enable=self._compiler is not None or has_settings)

    @property
    def _fields(self) -> Fields:
        return Fields(self.source, self.values)

    @property
    def _compiler(self) -> Fields | None:
        build = self._fields.section("build")
        return build.section("compiler") if build.values.get("compiler") is not None else None


def parse_profile(values: object, *, name: str, source: str) -> HardwareProfile:
    """Return plain JSON-like `values` as a profile, or raise `ProfileError` for the first wrong field.

    `source` is the file that error messages name. Unknown fields are kept.
    """
    if not is_set(values):
        raise ProfileError(f"{source}: expected a set of fields as the profile; write it as `{{ … }}`.")
    check_plain(values, source=source)
    profile = HardwareProfile(name, source, MappingProxyType(copy.deepcopy(dict(values))))
    fields = Fields(source, profile.values)
    fields.section("system").text("hostname")
    _check_machine(fields)
    _check_build(fields.section("build"))
    parse_gate_policy(fields.section("gate"))
    for attr in profile.runtime_attrs():
        profile.settings(attr)
    return profile


def _check_machine(fields: Fields) -> None:
    cpu = fields.section("cpu")
    cpu.text("vendor")
    cores, threads = cpu.count("cores", 1), cpu.count("threads", 1)
    if cores is not None and threads is not None and threads < cores:
        raise cpu.error(
            "threads", f"expected at least as many threads as the {cores} cores", "correct one of the two"
        )
    memory = fields.section("memory")
    memory.gigabytes("total")
    memory.gigabytes("effectiveTotal")


def _check_build(build: Fields) -> None:
    compiler = build.section("compiler")
    march_field(compiler, "march", known_marches())
    march_field(compiler, "mtune", known_mtunes())
    _check_optimization_level(compiler)
    compiler.section("lto").flag("thin")
    compiler.choice("preferredLinker", LINKERS)
    parallelism = build.section("parallelism")
    parallelism.count("maxJobs", 0)
    parallelism.count("maxCores", 0)


def _check_optimization_level(compiler: Fields) -> None:
    level = compiler.values.get("optimizationLevel")
    if not isinstance(level, int) or isinstance(level, bool) or str(level) not in _OPTIMIZATION_LEVELS:
        compiler.choice("optimizationLevel", _OPTIMIZATION_LEVELS)
