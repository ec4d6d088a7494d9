"""Parsing a hardware profile: what is accepted, what it means, and what each mistake is told."""

from __future__ import annotations

import copy
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.hardware.profile import HardwareProfile, parse_profile

# The shape of the guide's own profile, with sizes as text and fields that are none of ours.
GUIDE: dict[str, object] = {
    "system": {"hostname": "shoshin", "type": "desktop", "workspace": "personal"},
    "cpu": {
        "vendor": "intel",
        "model": "i7-6700K",
        "family": "skylake",
        "cores": 4,
        "threads": 8,
        "baseFrequency": "4.0",
        "instructionSets": ["AVX2", "FMA3", "AES-NI"],
    },
    "gpu": {"vendor": "nvidia", "computeCapability": "5.2"},
    "memory": {"total": "16", "type": "DDR4", "zramPercentage": 75, "effectiveTotal": "28"},
    "build": {
        "memory": {"maxPerService": "14"},
        "parallelism": {"maxJobs": 1, "maxCores": 7, "cargoBuildJobs": 2},
        "compiler": {
            "march": "skylake",
            "mtune": "skylake",
            "optimizationLevel": "3",
            "lto": {"default": False, "thin": True},
            "preferredLinker": "mold",
        },
    },
    "packages": {
        "firefox": {"disableLTO": True, "makeJobs": 2},
        "codex": {"memoryLimit": "3-4"},
        "python313": {"pgoLevel": "LIGHT"},
        "rust": {"enablePGO": True, "enableLTO": True, "enableJemalloc": True},
    },
}


def parsed(values: object) -> HardwareProfile:
    return parse_profile(values, name="mine", source="mine.nix")


def with_field(path: str, value: object) -> dict[str, object]:
    """Return the guide's profile with one field changed."""
    values = copy.deepcopy(GUIDE)
    owner = values
    *sections, last = path.split(".")
    for section in sections:
        inner = owner.setdefault(section, {})
        assert isinstance(inner, dict)
        owner = inner
    owner[last] = value
    return values


def refusal(values: object) -> str:
    with pytest.raises(ProfileError) as caught:
        parsed(values)
    return str(caught.value)


def test_the_guides_profile_is_read_unchanged() -> None:
    profile = parsed(GUIDE)
    assert profile.values == GUIDE
    assert (profile.march, profile.mtune) == ("skylake", "skylake")
    assert (profile.cores, profile.threads) == (4, 8)
    assert (profile.memory_gb, profile.effective_memory_gb) == (16, 28)
    assert profile.runtime_attrs() == ("python313", "rust")


def test_settings() -> None:
    rust = parsed(GUIDE).settings("rust")
    assert (rust.enable, rust.scope, rust.lto, rust.jemalloc) == (True, "replace", True, True)
    assert (rust.pgo_level, rust.goamd64, rust.target_cpu, rust.memory_limit) == (None, None, None, None)
    assert rust.expect == {}
    go = parsed(
        {
            "packages": {
                "go_1_24": {
                    "scope": "add",
                    "goamd64": "v3",
                    "targetCpu": "haswell",
                    "memoryLimit": 4,
                    "pgoLevel": "FULL",
                    "expect": {"go/compile-std": 0.03},
                }
            }
        }
    ).settings("go_1_24")
    assert (go.enable, go.scope, go.goamd64, go.target_cpu) == (True, "add", "v3", "haswell")
    assert (go.memory_limit, go.pgo_level, go.expect) == (4.0, "FULL", {"go/compile-std": 0.03})


def test_the_profile_does_not_follow_changes_of_what_it_was_made_from() -> None:
    values = copy.deepcopy(GUIDE)
    profile = parsed(values)
    values["packages"] = {"python313": {"pgoLevel": "WRONG"}}
    assert profile.settings("python313").pgo_level == "LIGHT"


def test_an_empty_profile_asks_for_nothing() -> None:
    profile = parsed({})
    assert profile.march is None
    assert profile.mtune is None
    assert profile.settings("go_1_24").enable is False
    assert (profile.cores, profile.threads, profile.memory_gb) == (None,) * 3


def test_settings_that_say_nothing_enable_nothing() -> None:
    """`packages.go_1_24 = { }` enabled a runtime that its overlay then left alone."""
    profile = parsed(
        {"packages": {"go_1_24": {}, "lua5_4": {"pgoLevel": None}, "rust": {"enableLTO": False}}}
    )
    assert [profile.settings(attr).enable for attr in ("go_1_24", "lua5_4", "rust")] == [False, False, True]


def test_a_compiler_without_march_is_the_guides_fallback() -> None:
    profile = parsed({"build": {"compiler": {"optimizationLevel": 2}}})
    assert (profile.march, profile.mtune) == ("x86-64-v3", "generic")
    assert profile.settings("go_1_24").enable is True


def test_a_march_without_mtune_is_tuned_for_as_gcc_does() -> None:
    assert parsed({"build": {"compiler": {"march": "znver3"}}}).mtune == "znver3"
    assert parsed({"build": {"compiler": {"march": "x86-64-v4"}}}).mtune == "generic"


def test_disabled_is_disabled() -> None:
    assert parsed(with_field("packages.rust.enable", value=False)).settings("rust").enable is False


@pytest.mark.parametrize(
    ("path", "value", "expected", "remedy"),
    [
        ("system.hostname", 7, "expected text", "put it in quotes"),
        ("cpu.cores", "4", "expected a whole number of at least 1", "without quotes"),
        ("cpu.cores", 0, "expected a whole number of at least 1", "without quotes"),
        ("cpu.cores", True, "expected a whole number of at least 1", "without quotes"),
        ("cpu.threads", 2, "at least as many threads as the 4 cores", "correct one of the two"),
        ("memory.total", "lots", "expected a size in GB above 0", "such as 16"),
        ("memory.effectiveTotal", -1, "expected a size in GB above 0", "such as 16"),
        ("build", [], "expected a set of fields", "write it as `{ … }`"),
        ("build.compiler", "skylake", "expected a set of fields", "write it as `{ … }`"),
        ("build.compiler.march", 3, "expected text", "put it in quotes"),
        ("build.compiler.march", "skylak", "a known microarchitecture", "use `skylake` or `skylake-avx512`"),
        ("build.compiler.march", "qqqqqqq", "a known microarchitecture", "a level such as `x86-64-v3`"),
        ("build.compiler.march", "native", "`native` is not", "use `--rtopt-profile host`"),
        ("build.compiler.mtune", "x86-64-v3", "a known microarchitecture", "`generic`"),
        ("build.compiler.mtune", "native", "`native` is not", "use `--rtopt-profile host`"),
        ("build.compiler.optimizationLevel", "O3", 'one of "0", "1", "2", "3"', "choose one"),
        ("build.compiler.optimizationLevel", 9, 'one of "0", "1", "2", "3"', "choose one"),
        ("build.compiler.lto.thin", "yes", "expected true or false", "without quotes"),
        ("build.compiler.preferredLinker", "ld", 'one of "bfd"', "choose one"),
        ("build.parallelism.maxCores", -1, "a whole number of at least 0", "without quotes"),
        ("packages.python313.enable", 1, "expected true or false", "without quotes"),
        ("packages.python313.scope", "both", 'one of "replace", "add"', "choose one"),
        ("packages.python313.pgoLevel", "light", 'one of "NONE", "LIGHT", "FULL"', "choose one"),
        ("packages.python313.enableLTO", "true", "expected true or false", "without quotes"),
        ("packages.go_1_24.goamd64", "v5", 'one of "v1", "v2", "v3", "v4"', "choose one"),
        ("packages.go_1_24.goamd64", 3, 'one of "v1", "v2", "v3", "v4"', "choose one"),
        ("packages.rust.targetCpu", "native", "`native` is not", "use `--rtopt-profile host`"),
        (
            "packages.rust.toolchain",
            "rustup",
            'one of "upstream"',
            "choose one of them or leave the field out",
        ),
        ("packages.nodejs_24.memoryLimit", "4G", "expected a size in GB above 0", "such as 16"),
        ("packages.lua5_4.expect.fib", 5, "a gain as a fraction", "write 5 % as 0.05"),
        ("packages.lua5_4.expect", 0.05, "expected a set of fields", "write it as `{ … }`"),
        ("migration.when", dt.date(2025, 12, 19), "expected text, a number", "remove it"),
        ("gpu.limit", float("inf"), "expected text, a number", "remove it"),
        ("gpu.ids", [1, 2**64], "expected text, a number", "remove it"),
        ("gpu.name", "a\0b", "expected text, a number", "remove it"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(
    path: str, value: object, expected: str, remedy: str
) -> None:
    message = refusal(with_field(path, value))
    assert message.startswith(f"mine.nix: field `{path}")
    assert expected in message
    assert ", got " in message
    assert remedy in message
    assert message.endswith(".")
    assert "\n" not in message


def test_a_profile_is_a_set() -> None:
    assert refusal([1, 2]) == "mine.nix: expected a set of fields as the profile; write it as `{ … }`."


def test_long_values_are_cut_in_messages() -> None:
    assert len(refusal(with_field("system.hostname", ["x" * 500]))) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
FIELDS = st.sampled_from(
    [
        *("system", "cpu", "memory", "build", "packages", "cpu.cores", "memory.total", "build.compiler"),
        *("build.compiler.march", "build.compiler.lto", "packages.go_1_24", "packages.go_1_24.expect"),
    ]
)


@given(FIELDS, JSON)
def test_any_value_is_accepted_or_refused_in_words(path: str, value: object) -> None:
    """Whatever a profile holds, the answer is a readable profile or a `ProfileError`."""
    try:
        profile = parsed(with_field(path, value))
    except ProfileError:
        return
    for name in ("march", "mtune", "cores", "threads", "memory_gb", "effective_memory_gb"):
        getattr(profile, name)
    for attr in profile.runtime_attrs():
        profile.settings(attr)
