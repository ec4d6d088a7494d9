"""The toolchains by name: those that have a lock file, and the host."""

from __future__ import annotations

from pytest_rtopt.base.toolchains import DEFAULT, HOST, LOCKS, names


def test_debian_13_and_the_host_can_be_asked_for() -> None:
    assert names()[-1] == HOST
    assert {"debian-13", DEFAULT} <= set(names())


def test_each_toolchain_but_the_host_has_a_lock_file() -> None:
    assert all((LOCKS / f"{name}.json").is_file() for name in names()[:-1])
