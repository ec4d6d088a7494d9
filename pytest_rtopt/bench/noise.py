"""Describes the noise during a measurement; it is reported with the result, and no value is dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pytest_rtopt.bench.clock import seconds
from pytest_rtopt.results.values import Conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.bench.machine import MachineState
    from pytest_rtopt.bench.sampler import Pair
    from pytest_rtopt.results.values import Clock

# Tukey's outer fences, in interquartile ranges.
_FAR_OUT = 3.0


def conditions(pairs: Sequence[Pair], clock: Clock, starts: int) -> Conditions:
    """Return drift, outliers and peak memory of `pairs`, in the order of measurement.

    Each value is the sum of `starts` starts of the process.
    """
    stock = np.log([seconds(pair.stock, clock) for pair in pairs])
    optimized = np.log([seconds(pair.optimized, clock) for pair in pairs])
    ratios = stock - optimized
    low, high = np.quantile(ratios, (0.25, 0.75))
    reach = _FAR_OUT * (high - low)
    outliers = int(np.sum((ratios < low - reach) | (ratios > high + reach)))
    third = max(1, len(pairs) // 3)
    levels = (stock + optimized) / 2
    drift = float(np.expm1(np.median(levels[-third:]) - np.median(levels[:third])))
    return Conditions(
        starts=starts,
        drift=drift,
        outliers=outliers,
        peak_rss_bytes=(
            max(pair.stock.peak_rss_bytes or 0 for pair in pairs) or None,
            max(pair.optimized.peak_rss_bytes or 0 for pair in pairs) or None,
        ),
    )


def with_load(conditions: Conditions, before: MachineState, after: MachineState) -> Conditions:
    """Return `conditions` with the higher load of the two, so that a load that came or went is not missed."""
    loads = [state.load for state in (before, after) if state.load is not None]
    return replace(conditions, load=max(loads, default=None), cpus=after.cpus)
