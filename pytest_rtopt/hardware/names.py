"""Reads profile fields that hold the name of a microarchitecture, and explains a wrong name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.hardware.microarch import nearest

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_rtopt.hardware.fields import Fields


def march_field(fields: Fields, key: str, known: Collection[str]) -> str | None:
    """Return the field `key`, which must be one of the microarchitecture names `known`.

    Raises `ProfileError` for `native`, because one derivation would then build different programs on
    different machines. Raises it for an unknown name, too, and lists the closest known names.
    """
    name = fields.text(key)
    if name is None or name in known:
        return name
    if name == "native":
        raise fields.error(
            key,
            "expected the name of a microarchitecture; `native` is not one, because what it builds "
            "depends on the machine",
            "use `--rtopt-profile host`, which detects the name for this machine",
        )
    near = [f"`{candidate}`" for candidate in nearest(name) if candidate in known]
    # `-mtune=` accepts no psABI level; GCC implies `generic` for one.
    fallback = "a level such as `x86-64-v3`" if "x86-64-v3" in known else "`generic`"
    remedy = f"use {' or '.join([*near, fallback])}"
    raise fields.error(key, "expected the name of a known microarchitecture", remedy)
