"""Measured processes stay on one core, and everything is as before afterwards."""

from __future__ import annotations

import os

import pytest

from pytest_rtopt.bench.pinning import pinned


def test_pinning_holds_inside_and_ends_with_an_error() -> None:
    before = os.sched_getaffinity(0)
    inside: list[set[int]] = []

    def interrupted() -> None:
        with pinned() as core:
            assert core is not None
            inside.extend([os.sched_getaffinity(0), {core}])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert inside == [{max(before)}] * 2
    assert os.sched_getaffinity(0) == before


def test_without_permission_nothing_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int, _cores: set[int]) -> None:
        raise PermissionError

    before = os.sched_getaffinity(0)
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with pinned() as core:
        assert core is None
    assert os.sched_getaffinity(0) == before
