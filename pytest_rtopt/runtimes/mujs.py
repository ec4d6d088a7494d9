"""MuJS: JavaScript without a just-in-time compiler, so the C compiler decides how fast it is."""

from __future__ import annotations

from typing import Final

from pytest_rtopt.runtimes.gcc_interpreter import Loop, gcc_interpreter

MUJS: Final = gcc_interpreter(
    "mujs",
    program="bin/mujs",
    loop=Loop("jsR_run", "jsrun.c"),
    scripts=("text.js", "objects.js", "numbers.js"),
)
