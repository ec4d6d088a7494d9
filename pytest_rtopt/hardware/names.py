"""Fields that hold the name of a microarchitecture, and what to say when the name is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.hardware.microarch import nearest

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_rtopt.hardware.fields import Fields


def march_field(fields: Fields, key: str, known: Collection[str]) -> str | None:
    """Return the field `key`, which must be one of the microarchitecture names `known`.

    Raises `ProfileError`: for `native`, which would let one derivation mean another program on every machine,
    and for an unknown name, with the known names nearest to it.
    """
    name = fields.text(key)
    if name is None or name in known:
        return name
    if name == "native":
        raise fields.error(
            key,
            "expected the name of a microarchitecture, which `native` is not: what it builds depends on the "
            "machine that builds",
            "use `--rtopt-profile host`, which finds this machine's name",
        )
    near = [f"`{candidate}`" for candidate in nearest(name) if candidate in known]
    # No level can be tuned for; `generic` is what goes with one.
    fallback = "a level such as `x86-64-v3`" if "x86-64-v3" in known else "`generic`"
    remedy = f"use {' or '.join([*near, fallback])}"
    raise fields.error(key, "expected the name of a known microarchitecture", remedy)
