"""The derivations of target attributes, of stock and under overlays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.nix.targets import Applied, Targets, check_present, evaluate_targets

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

OVERLAY: Final = Overlay.in_file(Path(__file__).parent.parent / "data" / "overlays" / "forms" / "list.nix")
LUA: Final = Targets(("lua5_4",), named=True, runtime_attrs=("lua5_4",))


def evaluate(store: PrivateStore, targets: Targets, applied: Applied | None) -> dict[str, str]:
    packages = find_package_set("embedded", store.directory, store.nix)
    return evaluate_targets(store.nix, packages, targets, applied)


def test_targets_are_those_that_the_same_overlays_make_of_a_runtime(private_store: PrivateStore) -> None:
    packages = find_package_set("embedded", private_store.directory, private_store.nix)
    judged = Judged({"cpu": {}}, (OVERLAY,), {}, everything=False)
    sides = instantiate(private_store.nix, packages, [REGISTRY["lua"]], judged).runtimes["lua"]
    assert evaluate(private_store, LUA, Applied((OVERLAY,), {})) == {"lua5_4": sides.optimized.drv}
    assert evaluate(private_store, LUA, None) == {"lua5_4": sides.stock.drv}
    assert sides.stock != sides.optimized


def test_names_that_nobody_gave_may_be_no_packages(private_store: PrivateStore) -> None:
    offered = Targets(("lua5_4", "absent", "lib"), named=False, runtime_attrs=())
    assert list(evaluate(private_store, offered, None)) == ["lua5_4"]


def test_a_name_that_is_no_attribute_path_is_refused(private_store: PrivateStore) -> None:
    with pytest.raises(NixError, match=r"--rtopt-target: 'a\.\.b' is not an attribute path"):
        evaluate(private_store, Targets(("a..b",), named=True, runtime_attrs=()), None)


def test_a_named_target_that_does_not_evaluate_is_refused_with_the_words_of_nix(
    private_store: PrivateStore, tmp_path: Path
) -> None:
    overlay = tmp_path / "throws.nix"
    overlay.write_text('final: prev: { lua5_4 = throw "no lua today"; }')
    with pytest.raises(NixError, match="--rtopt-target: lua5_4 cannot be evaluated; leave out") as caught:
        evaluate(private_store, LUA, Applied((Overlay.in_file(overlay),), {}))
    assert "no lua today" in str(caught.value)


def test_a_named_target_has_to_be_on_one_side() -> None:
    check_present(LUA, {}, {"lua5_4": "/nix/store/a.drv"})
    check_present(Targets(("absent",), named=False, runtime_attrs=()), {}, {})
    with pytest.raises(NixError, match="--rtopt-target: there is no package lua5_4, neither in"):
        check_present(LUA, {}, {"go_1_24": "/nix/store/a.drv"})
