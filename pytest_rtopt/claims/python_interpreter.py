"""Python's interpreter: where its code is, how it is linked, and how its loop was laid out."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import proven, refuted, unproven
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
        return refuted(f"the interpreter still imports {_TLS_CALL}, which every allocation calls")
    if _TLS_CALL not in stock.imports:
        return proven(
            f"nothing imports {_TLS_CALL}; stock does not either, so this is no gain of the overlay"
        )
    return proven(f"the interpreter no longer imports {_TLS_CALL}; stock's does")


def _static_interpreter(observation: Observation) -> Answer:
    """Decide by what the program needs and has: a library that it loads may lie in any store path."""
    stock, optimized = observation.stock.binaries[INTERPRETER], observation.optimized.binaries[INTERPRETER]
    program = PurePath(optimized.path).name
    loaded = sorted(name for name in (program, *optimized.needed) if name.startswith(_LIBRARY))
    if loaded:
        return refuted(f"the program still loads {loaded[0]}, and all of the interpreter from there")
    if _LOOP not in optimized.functions:
        return unproven(f"{program} loads no {_LIBRARY}, but is stripped or has no {_LOOP}")
    if not PurePath(stock.path).name.startswith(_LIBRARY):
        return proven(f"{program} has {_LOOP}; so does stock's program, so this is no gain of the overlay")
    return proven(f"{program} has {_LOOP} and loads no {_LIBRARY}; stock's program loads it")


def _loop_is_hot(observation: Observation) -> Answer:
    optimized = observation.optimized.binaries[INTERPRETER]
    if not optimized.has_symbols or _LOOP not in optimized.functions:
        return unproven(f"the interpreter is stripped or has no {_LOOP}, so that nobody knows where it lies")
    if _LOOP in optimized.mostly_cold:
        return refuted(
            f"more than half of {_LOOP} was split off as code that hardly runs; compile Python/ceval.c "
            "without -fprofile-use"
        )
    return proven(f"half of {_LOOP} or more is not split off as code that hardly runs")


STATIC_TLS: Final = Claim(
    "static-tls",
    "the thread's state, which every allocation asks for, is found without a call",
    (EvidenceKind.FILE,),
    where_requested("it", lambda settings: settings.static_tls, _static_tls),
)
STATIC_INTERPRETER: Final = Claim(
    "static-interpreter",
    "the program holds the interpreter and does not load it as a shared library",
    (EvidenceKind.FILE,),
    where_requested("it", lambda settings: settings.static_interpreter, _static_interpreter),
)
LOOP_IS_HOT: Final = Claim(
    "loop-is-hot",
    "the interpreter's loop is not compiled as code that hardly runs",
    (EvidenceKind.FILE,),
    where_requested(
        "it",
        # Without training there is no profile that the loop could be without.
        lambda settings: settings.loop_without_profile and settings.pgo_requested,
        _loop_is_hot,
    ),
)
