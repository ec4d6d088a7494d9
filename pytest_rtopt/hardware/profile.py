"""A hardware profile: what a user says of a machine and how its runtimes are to be built."""

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

# What the guide's overlays fall back to when a profile has a compiler section without an architecture.
DEFAULT_MARCH = "x86-64-v3"
DEFAULT_MTUNE = "generic"
DEFAULT_LEVEL = "3"

_OPTIMIZATION_LEVELS = ("0", "1", "2", "3", "s", "fast")


@dataclass(frozen=True)
class HardwareProfile:
    """A profile that `parse_profile` accepted.

    `name` is what reports call it, `source` where it came from; `values` holds every field as it was given,
    those that nothing here reads included.
    """

    name: str
    source: str
    values: Mapping[str, object]

    @property
    def march(self) -> str | None:
        """The `-march=` name; `None` without a `build.compiler`, `x86-64-v3` where that names none."""
        compiler = self._compiler
        return None if compiler is None else compiler.text("march") or DEFAULT_MARCH

    @property
    def mtune(self) -> str | None:
        """The `-mtune=` name; by default what goes with the march, as in GCC; `None` without a compiler."""
        compiler = self._compiler
        if compiler is None:
            return None
        march = compiler.text("march")
        return compiler.text("mtune") or (DEFAULT_MTUNE if march is None else default_mtune(march))

    @property
    def optimization_level(self) -> str | None:
        """What follows `-O`; "3" where the compiler section names none, `None` without a compiler."""
        compiler = self._compiler
        if compiler is None:
            return None
        level = compiler.values.get("optimizationLevel")
        return DEFAULT_LEVEL if level is None else str(level)

    @property
    def cores(self) -> int | None:
        """Physical cores of the machine, as the profile claims."""
        return self._fields.section("cpu").count("cores", 1)

    @property
    def threads(self) -> int | None:
        """Logical CPUs of the machine, as the profile claims."""
        return self._fields.section("cpu").count("threads", 1)

    @property
    def memory_gb(self) -> float | None:
        """Installed memory in GB, as the profile claims."""
        return self._fields.section("memory").gigabytes("total")

    @property
    def effective_memory_gb(self) -> float | None:
        """Memory and compressed swap together in GB, as the profile claims."""
        return self._fields.section("memory").gigabytes("effectiveTotal")

    @property
    def gate(self) -> GatePolicy:
        """What the gate is to demand."""
        return parse_gate_policy(self._fields.section("gate"))

    def runtime_attrs(self) -> tuple[str, ...]:
        """Return the attribute names under `packages` that are language runtimes, in the profile's order."""
        # Profiles also hold settings of other packages (a browser's `memoryLimit = "3-4"`), in shapes of
        # their own. Those are kept and not checked.
        known = REGISTRY.values()
        attributes = self._fields.section("packages").sections()
        return tuple(name for name in attributes if any(runtime.has_in_family(name) for runtime in known))

    def settings(self, attr: str) -> RuntimeSettings:
        """Return what the profile asks for the runtime `attr`.

        A runtime of which the profile says nothing is enabled if there is a `build.compiler` to apply to it.
        """
        fields = self._fields.section("packages").section(attr)
        said = any(value is not None for value in fields.values.values())
        return parse_runtime_settings(fields, enable=self._compiler is not None or said)

    @property
    def _fields(self) -> Fields:
        return Fields(self.source, self.values)

    @property
    def _compiler(self) -> Fields | None:
        build = self._fields.section("build")
        return build.section("compiler") if build.values.get("compiler") is not None else None


def parse_profile(values: object, *, name: str, source: str) -> HardwareProfile:
    """Accept plain JSON-like `values` as a profile, or raise `ProfileError` for the first wrong field.

    `source` is the file that messages name. Unknown fields are kept.
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
