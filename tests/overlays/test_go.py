"""Which Go is tuned, where nixpkgs still has Go 1.24 and where it is gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.base.resources import PACKAGE, directory
from tests.support.nixpkgs_sets import OF_2026, SHAPES, UNTIL_25_11

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_store import PrivateStore


class Gos:
    """GOAMD64, the mark and the patches of every Go of a shape under our overlay."""

    def __init__(self, store: PrivateStore) -> None:
        self._nix = store.nix

    def under(self, shape: str, packages: dict[str, Any]) -> dict[str, Any]:
        case = {
            "embedded": str(PACKAGE / "embedded"),
            "shape": shape,
            "overlay": str(directory("overlays") / "go-hardware-optimized.nix"),
            "profile": {"packages": packages},
        }
        value = self._nix.evaluate(SHAPES / "gos.nix", {"case": json.dumps(case)})
        assert isinstance(value, dict)
        return value

    def levels(self, shape: str, packages: dict[str, Any]) -> dict[str, Any]:
        """Return the same without the patches."""
        return {
            name: go and {field: go[field] for field in ("level", "settings")}
            for name, go in self.under(shape, packages).items()
        }


@pytest.fixture(scope="module")
def gos(private_store: PrivateStore) -> Gos:
    return Gos(private_store)


def test_go_1_24_alone_is_tuned_where_it_is(gos: Gos) -> None:
    tuned = gos.levels(UNTIL_25_11, {"go_1_24": {"goamd64": "v3"}})
    assert tuned == {
        "go": {"level": "v3", "settings": "go_1_24"},
        "go_1_24": {"level": "v3", "settings": "go_1_24"},
        "go_1_25": {"level": None, "settings": None},
    }


def test_where_go_1_24_is_gone_the_default_go_has_its_settings_and_says_so(gos: Gos) -> None:
    tuned = gos.levels(OF_2026, {"go_1_24": {"goamd64": "v3"}})
    assert tuned["go"] == tuned["go_1_26"] == {"level": "v3", "settings": "go_1_24"}
    assert tuned["go_1_24"] is None, "the package set's own message about the removal stays"


def test_a_go_that_the_profile_names_has_its_own_settings_and_no_other_is_touched(gos: Gos) -> None:
    tuned = gos.levels(OF_2026, {"go_1_24": {"goamd64": "v3"}, "go_1_26": {"goamd64": "v2"}})
    assert tuned["go_1_26"] == {"level": "v2", "settings": "go_1_26"}
    assert tuned["go_1_25"] == {"level": None, "settings": None}


def test_beside_the_others_only_the_default_go_is_tuned(gos: Gos) -> None:
    tuned = gos.levels(OF_2026, {"go_1_24": {"goamd64": "v3", "scope": "add"}})
    assert tuned["go_1_24-optimized"] == {"level": "v3", "settings": "go_1_24"}
    assert tuned["go"] == tuned["go_1_25"] == {"level": None, "settings": None}


def test_a_disabled_go_1_24_is_not_replaced_by_another(gos: Gos) -> None:
    tuned = gos.levels(OF_2026, {"go_1_24": {"goamd64": "v3", "enable": False}})
    assert tuned["go"] == {"level": None, "settings": None}


@pytest.mark.parametrize("shape", [UNTIL_25_11, OF_2026])
def test_what_is_put_beside_is_in_the_manifest_and_falls_back_to_the_sets_own_go(
    private_store: PrivateStore, tmp_path: Path, shape: str
) -> None:
    """On nixpkgs of 2026 the manifest named stock, and a stale ledger led to the removed Go's own error."""
    profile = {"packages": {"go_1_24": {"goamd64": "v3", "scope": "add"}}}
    ledger = tmp_path / "rtopt.lock.json"
    ledger.write_text(
        json.dumps({"schema": 1, "runtimes": {"go": {"verdict": "adopt", "attr": "go", "findings": []}}})
    )

    def evaluate(ledger: Path | None) -> dict[str, Any]:
        case = {
            "embedded": str(PACKAGE / "embedded"),
            "shape": shape,
            "overlays": str(directory("overlays")),
            "profile": profile,
            "ledger": None if ledger is None else str(ledger),
        }
        value = private_store.nix.evaluate(SHAPES / "beside.nix", {"case": json.dumps(case)})
        assert isinstance(value, dict)
        return value

    applied = evaluate(None)
    assert applied["optimized"]["drv"] == applied["beside"] != applied["stock"]["drv"]
    assert evaluate(ledger)["beside"] == applied["stock"]["drv"]


@pytest.mark.parametrize(
    ("shape", "attr", "replacement"),
    [
        # The lines of upstream's Go 1.24.11 and 1.26.8.
        (UNTIL_25_11, "go_1_24", "'uint64(32+8*base.Flag.LowerC) << 20' 'uint64(512) << 20'"),
        (OF_2026, "go_1_26", "'startHeapMB := int64(128)' 'startHeapMB := int64(512)'"),
    ],
)
def test_the_compilers_heap_is_patched_where_that_version_has_it(
    gos: Gos, shape: str, attr: str, replacement: str
) -> None:
    tuned = gos.under(shape, {"go_1_24": {"compilerHeap": 512, "scope": "replace"}})
    assert f"--replace-fail {replacement}" in tuned[attr]["patch"]
    assert "SetGCPercent" not in tuned[attr]["patch"]


def test_each_collector_is_patched_only_if_it_is_asked_for(gos: Gos) -> None:
    tuned = gos.under(UNTIL_25_11, {"go_1_24": {"linkerGcPercent": 400, "goGcPercent": 200}})
    patch = tuned["go_1_24"]["patch"]
    assert "debug.SetGCPercent(400)" in patch
    assert "--replace-fail 'return 100' 'return 200'" in patch
    assert "gc/main.go" not in patch


@pytest.mark.parametrize(
    ("shape", "attr", "file"), [(UNTIL_25_11, "go_1_24", "base.go"), (OF_2026, "go_1_26", "startheap.go")]
)
def test_another_default_of_gogc_does_not_shrink_the_compilers_heap(
    gos: Gos, shape: str, attr: str, file: str
) -> None:
    """With goGcPercent = 200, the compiler began with half of its starting heap."""
    patch = gos.under(shape, {"go_1_24": {"goGcPercent": 200}})[attr]["patch"]
    assert f"cmd/compile/internal/base/{file}" in patch
    assert "--replace-fail 'myGogc := 100 * ' 'myGogc := uint64(debug.SetGCPercent(100)) * '" in patch
