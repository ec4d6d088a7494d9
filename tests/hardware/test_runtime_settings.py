"""The settings of a profile for one runtime."""

from __future__ import annotations

from dataclasses import fields as fields_of

import pytest

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.hardware.fields import Fields
from pytest_rtopt.hardware.runtime_settings import RuntimeSettings, parse_runtime_settings

EVERYTHING: dict[str, object] = {
    "enable": False,
    "scope": "add",
    "pgoLevel": "FULL",
    "enableLTO": False,
    "enableJemalloc": True,
    "compileCache": True,
    "v8Options": "--max-lazy",
    "goamd64": "v3",
    "compilerHeap": 256,
    "linkerGcPercent": 200,
    "goGcPercent": 400,
    "targetCpu": "haswell",
    "preferVectorWidth": "256",
    "linker": "mold",
    "toolchain": "upstream",
    "upstream": {"version": "1.85.1", "sha256": "0" * 64, "path": "/rust.tar"},
    "staticTls": True,
    "staticInterpreter": True,
    "loopWithoutProfile": True,
    "memoryLimit": "3.5",
    "expect": {"lua/fib": 0.05, "lua/start": -0.02},
}
# Fields without which another one is refused.
NEEDED: dict[str, dict[str, object]] = {"upstream": {"toolchain": "upstream"}}


def parsed(values: dict[str, object], *, enable: bool = True) -> RuntimeSettings:
    return parse_runtime_settings(Fields("mine.nix", values, "packages.x"), enable=enable)


def test_without_fields_everything_is_left_to_the_overlay() -> None:
    for enable in (True, False):
        assert parsed({}, enable=enable) == RuntimeSettings(enable=enable)


def test_the_field_enable_is_stronger_than_the_default() -> None:
    assert parsed({"enable": True}, enable=False).enable is True
    assert parsed({"enable": False}, enable=True).enable is False


def test_every_setting_has_a_field_of_its_own() -> None:
    """A setting whose field is read by no line of the parser would stay at its default."""
    whole = parsed(EVERYTHING)
    assert (whole.memory_limit, whole.lto, whole.compiler_heap) == (3.5, False, 256)
    assert dict(whole.expect) == {"lua/fib": 0.05, "lua/start": -0.02}
    untouched = RuntimeSettings(enable=True)
    assert len(EVERYTHING) == len(fields_of(RuntimeSettings))
    for setting in fields_of(RuntimeSettings):
        assert getattr(whole, setting.name) != getattr(untouched, setting.name), setting.name
    for name, value in EVERYTHING.items():
        needed = NEEDED.get(name, {})
        alone, without = parsed({name: value, **needed}), parsed(needed)
        changed = [
            setting.name
            for setting in fields_of(RuntimeSettings)
            if getattr(alone, setting.name) != getattr(without, setting.name)
        ]
        assert len(changed) == 1, name


@pytest.mark.parametrize(
    ("level", "requested"), [(None, False), ("NONE", False), ("LIGHT", True), ("FULL", True)]
)
def test_a_profile_is_requested_by_a_level_other_than_none(level: str | None, *, requested: bool) -> None:
    assert parsed({"pgoLevel": level}).pgo_requested is requested


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("compilerHeap", 127),
        ("linkerGcPercent", 99),
        ("goGcPercent", 50),
        ("preferVectorWidth", 256),
        ("preferVectorWidth", "512"),
        ("linker", "ld"),
        ("targetCpu", "native"),
        ("v8Options", ["--max-lazy"]),
        ("staticTls", "yes"),
    ],
)
def test_a_value_that_would_slow_down_or_mean_nothing_is_refused(name: str, value: object) -> None:
    with pytest.raises(ProfileError, match=f"^mine.nix: field `packages.x.{name}`"):
        parsed({name: value})


@pytest.mark.parametrize("gain", [1, -1, 5, "0.05", True, float("nan")])
def test_an_expectation_is_a_fraction_and_its_workload_is_named(gain: object) -> None:
    with pytest.raises(ProfileError, match=r"field `packages\.x\.expect\.lua/fib`: expected a gain"):
        parsed({"expect": {"lua/fib": gain}})


def test_expectations_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        parsed(EVERYTHING).expect["lua/fib"] = 1.0  # type: ignore[index]
