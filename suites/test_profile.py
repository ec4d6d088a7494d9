"""The hardware profile fits the machine: instruction set, cores and memory."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.hardware.advice import RtoptAdvice
from pytest_rtopt.hardware.checks import (
    Check,
    CheckStatus,
    check_cores,
    check_instruction_set,
    check_memory,
    check_profile,
    check_threads,
)

if TYPE_CHECKING:
    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.hardware.profile import HardwareProfile

pytestmark = pytest.mark.profile


def judge(check: Check) -> None:
    """Fail, skip or pass by the status of the check."""
    if check.status is CheckStatus.FAILED:
        pytest.fail(check.message, pytrace=False)
    if check.status is CheckStatus.UNKNOWN:
        pytest.skip(check.message)


def test_instruction_set_is_live(hardware_profile: HardwareProfile, rtopt_host: Host) -> None:
    """This CPU has every feature that code for the profile may use."""
    judge(check_instruction_set(hardware_profile, rtopt_host))


def test_cores_are_there(hardware_profile: HardwareProfile, rtopt_host: Host) -> None:
    """The machine has at least the physical cores of the profile."""
    judge(check_cores(hardware_profile, rtopt_host))


def test_threads_are_there(hardware_profile: HardwareProfile, rtopt_host: Host) -> None:
    """The machine has at least the logical CPUs of the profile."""
    judge(check_threads(hardware_profile, rtopt_host))


def test_memory_is_there(hardware_profile: HardwareProfile, rtopt_host: Host) -> None:
    """The machine has the memory that the profile plans for builds."""
    judge(check_memory(hardware_profile, rtopt_host))


def test_machine_is_ready(hardware_profile: HardwareProfile, rtopt_host: Host) -> None:
    """Warn about settings of the machine that make results less precise, but not wrong."""
    for check in check_profile(hardware_profile, rtopt_host):
        if check.status is CheckStatus.ADVICE:
            warnings.warn(RtoptAdvice(check.message), stacklevel=1)
