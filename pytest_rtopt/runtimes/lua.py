"""Lua 5.4: so small that every stage takes seconds, including profile-guided optimization."""

from __future__ import annotations

from typing import Final

from pytest_rtopt.runtimes.gcc_interpreter import Loop, gcc_interpreter

LUA: Final = gcc_interpreter(
    "lua",
    program="bin/lua",
    loop=Loop("luaV_execute", "lvm.c"),
    scripts=("tables.lua", "strings.lua", "closures.lua"),
)
