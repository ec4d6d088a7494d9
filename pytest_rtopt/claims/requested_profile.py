"""What somebody else's overlays are held to: their own word, where nobody chose a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_rtopt.evidence.requested import requested_by
from pytest_rtopt.hardware.microarch import known_marches
from pytest_rtopt.hardware.runtime_settings import GOAMD64_LEVELS, LINKERS

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Side
    from pytest_rtopt.evidence.requested import Requested
    from pytest_rtopt.hardware.profile import HardwareProfile


def requests_of(stock: Side, optimized: Side) -> Requested:
    """Return what overlays ask for: of the runtime's own derivation, and of what builds programs with it."""
    changes = [(stock.derivation, optimized.derivation)]
    if stock.program_derivation is not None and optimized.program_derivation is not None:
        changes.append((stock.program_derivation, optimized.program_derivation))
    return requested_by(*changes)


def with_requests(profile: HardwareProfile, attr: str, requested: Requested) -> HardwareProfile:
    """Return the detected `profile` with what an overlay asks for the runtime `attr` in place of its wishes.

    An overlay that names one architecture is held to that, and one that names GOAMD64 levels to the highest:
    a lower one beside it is what spoils it. One that names several architectures, or nothing at all that is
    known here, is held to the profile's: it claims to optimize, and what for cannot be told. Everything else,
    as link-time and profile-guided optimization, is claimed only by an overlay that names it; one that names
    only such has promised no architecture.
    """
    values = dict(profile.values)
    packages = _section(values, "packages")
    settings = _section(packages, attr)
    marches = sorted(requested.marches & set(known_marches()))
    levels = sorted(requested.levels & set(GOAMD64_LEVELS))
    named = marches[0] if len(marches) == len(requested.marches) == 1 else None
    level = levels[-1] if levels and len(levels) == len(requested.levels) else None
    if named is not None:
        values["build"] = {**_section(values, "build"), "compiler": {"march": named}}
        settings.pop("goamd64", None)
        settings.pop("targetCpu", None)
    elif level is not None or (requested.names_more and not requested.marches | requested.levels):
        values["build"] = {**_section(values, "build"), "compiler": None}
        settings.pop("goamd64", None)
        settings.pop("targetCpu", None)
    if level is not None:
        settings["goamd64"] = level
    settings |= {
        "enableLTO": requested.lto,
        "pgoLevel": requested.pgo_level,
        "enableJemalloc": requested.jemalloc,
        "compileCache": requested.compile_cache,
        "staticTls": requested.static_tls,
        "staticInterpreter": requested.static_interpreter,
        # How that is done is up to whoever does it, and leaves nothing that would be a request.
        "loopWithoutProfile": False,
        "v8Options": requested.v8_options,
        "linker": requested.linker if requested.linker in LINKERS else None,
    }
    values["packages"] = {**packages, attr: settings}
    return replace(profile, values=MappingProxyType(values))


def _section(values: Mapping[str, object], key: str) -> dict[str, object]:
    section = values.get(key)
    return dict(section) if isinstance(section, Mapping) else {}
