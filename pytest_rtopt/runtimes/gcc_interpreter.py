"""What interpreters have in common that are one program, which GCC compiles from C."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.bench.workload import Workload
from pytest_rtopt.claims.environment import ENV_KEPT
from pytest_rtopt.claims.flag_placement import FLAGS_ARE_READ
from pytest_rtopt.claims.interpreter_loop import loop_claim
from pytest_rtopt.claims.isa import ISA_LEVEL, ISA_RUNS_HERE
from pytest_rtopt.claims.lto import lto_claim
from pytest_rtopt.claims.march_flag import FLAGS_REACH_COMPILER
from pytest_rtopt.claims.model import Runtime
from pytest_rtopt.claims.optimization_flags import OPTIMIZATION_LEVEL, TUNING_CLAIM
from pytest_rtopt.claims.pgo import pgo_claim
from pytest_rtopt.claims.same_source import SAME_SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Loop:
    """The function that interprets a program's instructions, and the source file that it is compiled from."""

    function: str
    source: str


def gcc_interpreter(name: str, *, program: str, loop: Loop, scripts: Sequence[str]) -> Runtime:
    """Return the runtime `name`, whose overlay is made by `overlays/gcc-interpreter.nix`.

    `program` is the interpreter's path below the output, such as `bin/lua`. `loop` must stay hot when the
    interpreter is trained. `scripts` are files in `workloads/NAME/`: each is a workload, which the
    interpreter runs without arguments. The embedded set builds the runtime from one pinned source, which has
    the runtime's name.

    Raises `KeyError` for a name that is not in the registry.
    """
    binary = PurePath(program).name
    return Runtime(
        registered=REGISTRY[name],
        binaries={binary: (program,)},
        claims=(
            FLAGS_REACH_COMPILER,
            FLAGS_ARE_READ,
            OPTIMIZATION_LEVEL,
            TUNING_CLAIM,
            ENV_KEPT,
            SAME_SOURCE,
            ISA_LEVEL,
            ISA_RUNS_HERE,
            lto_claim(binary),
            pgo_claim(binary),
            loop_claim(binary, loop.function, loop.source),
        ),
        workloads=tuple(
            Workload(
                f"{name}/{PurePath(script).stem}", (f"{{out}}/{program}", f"{{workloads}}/{name}/{script}")
            )
            for script in scripts
        ),
        sources=(name,),
    )
