"""Makes observations for tests of claims: a stock and an optimized build, with fields that tests vary."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_rtopt.evidence.census.census import Census, Coverage, FeatureUse, FunctionCode
from pytest_rtopt.evidence.elf.switches import RecordedSwitches
from pytest_rtopt.evidence.log.build_log import BuildLog, CompilerCall
from pytest_rtopt.evidence.observation import Binary, Observation, Side
from pytest_rtopt.hardware.profile import HardwareProfile, parse_profile
from pytest_rtopt.nix.derivation import Derivation

if TYPE_CHECKING:
    from collections.abc import Mapping

FUNCTIONS = 200
V3 = frozenset({"avx2", "bmi2"})
HOST = frozenset({"avx", "avx2", "bmi1", "bmi2", "fma", "movbe", "abm", "f16c", "popcnt"})


def profile(march: str | None, attr: str = "lua5_4", **settings: object) -> HardwareProfile:
    """Return a profile that requests `march`, and `settings` of the runtime `attr`."""
    values: dict[str, object] = {"packages": {attr: settings}}
    if march is not None:
        values["build"] = {"compiler": {"march": march}}
    return parse_profile(values, name="made-up", source="made-up")


def derivation(name: str, exported: Mapping[str, str] | None = None, **attributes: object) -> Derivation:
    """Return a derivation that exports `exported`; if there are other `attributes`, all are structured."""
    shown = dict(exported or {})
    return Derivation(
        path=f"/nix/store/{name}.drv",
        name=name,
        outputs={"out": f"/nix/store/{name}"},
        inputs=(),
        structured=bool(attributes),
        attributes={**shown, **attributes},
        exported=shown,
    )


def census(gained: int = 0, *, features: frozenset[str] = V3, decoded: float = 1.0, tag: str = "") -> Census:
    """Return a census whose first `gained` functions have other instructions, which need `features`."""
    functions = {
        f"f{number}": FunctionCode(features, f"optimized{number}{tag}")
        if number < gained
        else FunctionCode(frozenset(), f"stock{number}{tag}")
        for number in range(FUNCTIONS)
    }
    return Census(
        source="symbol table",
        coverage=Coverage(1000, round(1000 * decoded), 0, 0),
        instructions=1000,
        legacy_vector=0,
        vex_vector=0,
        uses={feature: FeatureUse(1, gained, ()) for feature in features} if gained else {},
        functions=functions,
        code_digest=f"{gained}{sorted(features)}{tag}",
    )


def binary(counted: Census, **fields: Any) -> Binary:  # noqa: ANN401  # the fields of Binary
    """Return a program with this code and without recorded switches, unless `fields` sets them."""
    plain = Binary("/program", counted, RecordedSwitches(()), frozenset(counted.functions), 6, ())
    return replace(plain, **fields)


def side(built: Derivation, judged: Mapping[str, Binary], **fields: Any) -> Side:  # noqa: ANN401  # of Side
    """Return one side with the binaries `judged`; `fields` are the other fields of a `Side`."""
    empty = Side("/out", built, None, judged, MappingProxyType({}))
    return replace(empty, **fields)


def observation(
    requested: HardwareProfile, stock: Side, optimized: Side, attr: str = "lua5_4"
) -> Observation:
    """Return the observation of both sides on a host with x86-64-v3."""
    return Observation(attr, requested, HOST, stock, optimized)


def printed(*flags: str) -> BuildLog:
    """Return the log of one compilation whose wrapper printed its flags."""
    return BuildLog((CompilerCall("gcc", ("-c", "lapi.c", *flags), compiles=True, complete=True),), (), "")
