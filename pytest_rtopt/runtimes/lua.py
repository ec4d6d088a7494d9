"""Lua 5.4: so small that every stage takes seconds, including profile-guided optimization."""

from __future__ import annotations

from typing import Final

from pytest_rtopt.bench.workload import Workload
from pytest_rtopt.claims.c_flags import FLAGS_REACH_COMPILER
from pytest_rtopt.claims.code_flags import OPTIMIZATION_LEVEL, TUNING_CLAIM
from pytest_rtopt.claims.environment import ENV_KEPT
from pytest_rtopt.claims.flag_placement import FLAGS_ARE_READ
from pytest_rtopt.claims.interpreter_loop import loop_claim
from pytest_rtopt.claims.isa import ISA_LEVEL, ISA_RUNS_HERE
from pytest_rtopt.claims.lto import lto_claim
from pytest_rtopt.claims.model import Runtime
from pytest_rtopt.claims.pgo import pgo_claim
from pytest_rtopt.claims.same_source import SAME_SOURCE

_BINARY: Final = "lua"


LUA: Final = Runtime(
    name="lua",
    attrs=("lua5_4",),
    profile_attr="lua5_4",
    overlay="lua-hardware-optimized.nix",
    binaries={_BINARY: ("bin/lua",)},
    claims=(
        FLAGS_REACH_COMPILER,
        FLAGS_ARE_READ,
        OPTIMIZATION_LEVEL,
        TUNING_CLAIM,
        ENV_KEPT,
        SAME_SOURCE,
        ISA_LEVEL,
        ISA_RUNS_HERE,
        lto_claim(_BINARY),
        pgo_claim(_BINARY),
        loop_claim(_BINARY, "luaV_execute", "lvm.c"),
    ),
    workloads=(
        Workload("lua/tables", ("{out}/bin/lua", "{workloads}/lua/tables.lua")),
        Workload("lua/strings", ("{out}/bin/lua", "{workloads}/lua/strings.lua")),
        Workload("lua/closures", ("{out}/bin/lua", "{workloads}/lua/closures.lua")),
    ),
    sources=("lua-5.4.7",),
    build_seconds=40.0,
)
