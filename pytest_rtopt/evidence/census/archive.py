"""Stores and loads the evidence of one file as a NumPy archive, which loads in a fraction of a second."""

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
from pytest_rtopt.evidence.census.file_evidence import FileEvidence
from pytest_rtopt.evidence.elf.compiler_traces import Traces
from pytest_rtopt.evidence.elf.libraries import Needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    _Bytes = NDArray[np.uint8]

SCHEMA: Final = 6
"""The version of the format and of the counting; it is part of the key of each stored archive."""

_COUNTED: Final = ("source", "instructions", "legacy_vector", "vex_vector", "code_digest")
_BESIDE: Final = ("cold_functions", "has_symbols", "linker")
# Names come from string tables, in which each name ends with a NUL.
_END: Final = "\0"
_DIGITS: Final = 16
# The exceptions that NumPy and zipfile raise for a damaged archive.
_DAMAGE: Final = (
    # zipfile raises RuntimeError for an entry that claims to be encrypted.
    *(AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)


def write_archive(file: IO[bytes], evidence: FileEvidence) -> None:
    """Write the evidence of one file to an open file; `read_archive` is the inverse."""
    counted = evidence.census
    kinds: dict[tuple[frozenset[str], ...], int] = {}
    kind_of = np.array(
        [
            kinds.setdefault((code.features, code.dispatched, code.maybe_dispatched), len(kinds))
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
        **{name: getattr(evidence, name) for name in _BESIDE},
        "profiling_symbols": list(evidence.profiling_symbols),
        "cold_shares": dict(evidence.cold_shares),
        "imports": sorted(evidence.imports),
        "needs": {name: list(getattr(evidence.needs, name)) for name in Needs._fields},
        "traces": {
            "compilers": sorted(evidence.traces.compilers),
            "made_by": evidence.traces.made_by,
            "units": None if evidence.traces.units is None else sorted(evidence.traces.units),
            "counters": evidence.traces.counters,
        },
    }
    np.savez_compressed(
        file,
        header=_archived(json.dumps(header)),
        functions=_archived(_joined(counted.functions)),
        kinds=kind_of,
        digests=np.frombuffer(bytes.fromhex("".join(code.digest for code in _codes(counted))), np.uint8),
        names=_archived(_joined(sorted(evidence.names))),
        switches=np.frombuffer(evidence.switches, np.uint8),
    )


def read_archive(file: IO[bytes]) -> FileEvidence:
    """Read an archive of `write_archive`; raises `EvidenceError` if it is damaged or something else."""
    try:
        with np.load(file, allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            if header["schema"] != SCHEMA:
                raise EvidenceError(
                    f"a stored census has schema {header['schema']} instead of {SCHEMA}; delete it."
                )
            return FileEvidence(
                census=_census(header, archive),
                switches=archive["switches"].tobytes(),
                names=frozenset(_names(archive["names"])),
                profiling_symbols=tuple(header["profiling_symbols"]),
                cold_shares=header["cold_shares"],
                imports=frozenset(header["imports"]),
                traces=_traces(**header["traces"]),
                needs=Needs(*(tuple(header["needs"][name]) for name in Needs._fields)),
                **{name: header[name] for name in _BESIDE},
            )
    except _DAMAGE as error:
        raise EvidenceError(f"a stored census is damaged ({error!r}); delete it.") from error


def _traces(compilers: list[str], made_by: list[str], units: list[str] | None, counters: list[str]) -> Traces:
    return Traces(
        frozenset(compilers), tuple(made_by), None if units is None else frozenset(units), tuple(counters)
    )


def _census(header: dict[str, Any], archive: Mapping[str, _Bytes]) -> Census:
    kinds = [[frozenset(features) for features in kind] for kind in header["kinds"]]
    features, dispatched, maybe_dispatched = (
        [kind[place] for kind in kinds] for place in range(len(FunctionCode._fields) - 1)
    )
    kind_of = archive["kinds"].tolist()
    digests = archive["digests"].tobytes().hex()
    columns = zip(
        map(features.__getitem__, kind_of),
        (digests[at : at + _DIGITS] for at in range(0, len(digests), _DIGITS)),
        map(dispatched.__getitem__, kind_of),
        map(maybe_dispatched.__getitem__, kind_of),
        strict=True,
    )
    # `map` avoids a Python call for each function, which would take three times as long.
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


def _codes(counted: Census) -> Iterable[FunctionCode]:
    return counted.functions.values()


def _joined(names: Iterable[str]) -> str:
    return "".join(f"{name}{_END}" for name in names)


def _names(packed: _Bytes) -> list[str]:
    return packed.tobytes().decode(errors="surrogatepass").split(_END)[:-1]


def _archived(text: str) -> _Bytes:
    return np.frombuffer(text.encode(errors="surrogatepass"), np.uint8)
