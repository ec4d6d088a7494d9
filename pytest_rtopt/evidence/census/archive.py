"""The stored form of what was read from a file: a NumPy archive, which loads in a fraction of a second."""

from __future__ import annotations

import functools
import json
import zipfile
import zlib
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.census.census import Census, Coverage, FeatureUse, FunctionCode
from pytest_rtopt.evidence.census.reading import Reading
from pytest_rtopt.evidence.elf.compiler_traces import Traces
from pytest_rtopt.evidence.elf.libraries import Needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    _Bytes = NDArray[np.uint8]

SCHEMA: Final = 5
"""Version of the stored form and of the way of counting; part of the key of everything that is stored."""

_COUNTED: Final = ("source", "instructions", "legacy_vector", "vex_vector", "code_digest")
_BESIDE: Final = ("cold_functions", "has_symbols", "linker")
# Names come out of string tables, in which NUL ends each of them.
_END: Final = "\0"
_DIGITS: Final = 16
# Everything that NumPy and zipfile raise on a damaged archive.
_DAMAGE: Final = (
    *(AttributeError, EOFError, LookupError, NotImplementedError, OSError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)


def write_archive(file: IO[bytes], taken: Reading) -> None:
    """Write a reading to a file that is open for writing; `read_archive` is the inverse."""
    counted = taken.census
    kinds: dict[tuple[frozenset[str], ...], int] = {}
    kind_of = np.array(
        [
            kinds.setdefault((code.features, code.dispatched, code.perhaps), len(kinds))
            for code in _codes(counted)
        ],
        np.uint32,
    )
    header = {
        "schema": SCHEMA,
        **{name: getattr(counted, name) for name in _COUNTED},
        "coverage": asdict(counted.coverage),
        "uses": {name: asdict(use) for name, use in counted.uses.items()},
        "kinds": [[sorted(features) for features in kind] for kind in kinds],
        **{name: getattr(taken, name) for name in _BESIDE},
        "profiling_symbols": list(taken.profiling_symbols),
        "mostly_cold": sorted(taken.mostly_cold),
        "imports": sorted(taken.imports),
        "needs": {name: list(getattr(taken.needs, name)) for name in Needs._fields},
        "traces": {
            "compilers": sorted(taken.traces.compilers),
            "made_by": taken.traces.made_by,
            "units": None if taken.traces.units is None else sorted(taken.traces.units),
            "counters": taken.traces.counters,
        },
    }
    np.savez_compressed(
        file,
        header=_archived(json.dumps(header)),
        functions=_archived(_joined(counted.functions)),
        kinds=kind_of,
        digests=np.frombuffer(bytes.fromhex("".join(code.digest for code in _codes(counted))), np.uint8),
        names=_archived(_joined(sorted(taken.names))),
        switches=np.frombuffer(taken.switches, np.uint8),
    )


def read_archive(file: IO[bytes]) -> Reading:
    """Read what `write_archive` wrote; `EvidenceError` if it is anything else or damaged."""
    try:
        with np.load(file, allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            if header["schema"] != SCHEMA:
                raise EvidenceError(
                    f"a stored census has schema {header['schema']}, not {SCHEMA}; remove it."
                )
            return Reading(
                census=_census(header, archive),
                switches=archive["switches"].tobytes(),
                names=frozenset(_names(archive["names"])),
                profiling_symbols=tuple(header["profiling_symbols"]),
                mostly_cold=frozenset(header["mostly_cold"]),
                imports=frozenset(header["imports"]),
                traces=_traces(**header["traces"]),
                needs=Needs(*(tuple(header["needs"][name]) for name in Needs._fields)),
                **{name: header[name] for name in _BESIDE},
            )
    except _DAMAGE as error:
        raise EvidenceError(f"a stored census is damaged ({error!r}); remove it.") from error


def _traces(compilers: list[str], made_by: list[str], units: list[str] | None, counters: list[str]) -> Traces:
    return Traces(
        frozenset(compilers), tuple(made_by), None if units is None else frozenset(units), tuple(counters)
    )


def _census(header: dict[str, Any], archive: Mapping[str, _Bytes]) -> Census:
    kinds = [[frozenset(features) for features in kind] for kind in header["kinds"]]
    features, dispatched, perhaps = (
        [kind[place] for kind in kinds] for place in range(len(FunctionCode._fields) - 1)
    )
    kind_of = archive["kinds"].tolist()
    digests = archive["digests"].tobytes().hex()
    columns = zip(
        map(features.__getitem__, kind_of),
        (digests[at : at + _DIGITS] for at in range(0, len(digests), _DIGITS)),
        map(dispatched.__getitem__, kind_of),
        map(perhaps.__getitem__, kind_of),
        strict=True,
    )
    # Made without a call of Python for each of the functions, which takes three times as long.
    codes = map(functools.partial(tuple.__new__, FunctionCode), columns)
    functions = dict(zip(_names(archive["functions"]), codes, strict=True))
    return Census(
        **{name: header[name] for name in _COUNTED},
        coverage=Coverage(**header["coverage"]),
        uses={
            name: FeatureUse(**{**use, "sample": tuple(use["sample"])})
            for name, use in header["uses"].items()
        },
        functions=functions,
    )


def _codes(taken: Census) -> Iterable[FunctionCode]:
    return taken.functions.values()


def _joined(names: Iterable[str]) -> str:
    return "".join(f"{name}{_END}" for name in names)


def _names(packed: _Bytes) -> list[str]:
    return packed.tobytes().decode(errors="surrogatepass").split(_END)[:-1]


def _archived(text: str) -> _Bytes:
    return np.frombuffer(text.encode(errors="surrogatepass"), np.uint8)
