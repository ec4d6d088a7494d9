"""Claims on Python's interpreter: where its code is, how it is linked, and how its loop is laid out."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import proven, refuted, unproven
from pytest_rtopt.claims.interpreter_loop import loop_claim
from pytest_rtopt.claims.isa import where_requested
from pytest_rtopt.claims.model import Claim
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.observation import Observation

INTERPRETER: Final = "interpreter"
_MINORS: Final = (13, 14, 12, 11)
PLACES: Final = (
    *(f"bin/python3.{minor}" for minor in _MINORS),
    *(f"lib/libpython3.{minor}.so.1.0" for minor in _MINORS),
)
_LIBRARY: Final = "libpython"
_LOOP: Final = "_PyEval_EvalFrameDefault"
_TLS_CALL: Final = "__tls_get_addr"


def _static_tls(observation: Observation) -> Answer:
    stock, optimized = observation.stock.binaries[INTERPRETER], observation.optimized.binaries[INTERPRETER]
    if _TLS_CALL in optimized.imports:
        return refuted(f"the interpreter imports {_TLS_CALL}, which every allocation calls")
    if _TLS_CALL not in stock.imports:
        return proven(
            f"the interpreter does not import {_TLS_CALL}; stock does not either, so this is no gain of the "
            "overlay"
        )
    return proven(f"the interpreter does not import {_TLS_CALL}; stock does")


def _static_interpreter(observation: Observation) -> Answer:
    """Decide by the libraries that the program loads and by its functions."""
    stock, optimized = observation.stock.binaries[INTERPRETER], observation.optimized.binaries[INTERPRETER]
    program = PurePath(optimized.path).name
    loaded = sorted(name for name in (program, *optimized.needed) if name.startswith(_LIBRARY))
    if loaded:
        return refuted(f"the program loads {loaded[0]}, which holds the interpreter")
    if _LOOP not in optimized.functions:
        return unproven(f"{program} loads no {_LIBRARY}, but is stripped or has no {_LOOP}")
    if not PurePath(stock.path).name.startswith(_LIBRARY):
        return proven(
            f"{program} has {_LOOP}; stock's program has it, too, so this is no gain of the overlay"
        )
    return proven(f"{program} has {_LOOP} and loads no {_LIBRARY}; stock's program loads it")


STATIC_TLS: Final = Claim(
    "static-tls",
    "the thread's state, which every allocation needs, is found without a call",
    (EvidenceKind.FILE,),
    where_requested("it", lambda settings: settings.static_tls, _static_tls),
)
STATIC_INTERPRETER: Final = Claim(
    "static-interpreter",
    "the program holds the interpreter and does not load it as a shared library",
    (EvidenceKind.FILE,),
    where_requested("it", lambda settings: settings.static_interpreter, _static_interpreter),
)
LOOP_IS_HOT: Final = loop_claim(INTERPRETER, _LOOP, "Python/ceval.c")
