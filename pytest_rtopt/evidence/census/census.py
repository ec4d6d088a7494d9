"""Counts the instructions of a program, and finds the CPU features that each function needs.

Code is decoded function by function, so that tables between functions are not read as instructions.
`Coverage` reports the bytes that could not be decoded.
"""

from __future__ import annotations

import heapq
import operator
from collections import defaultdict
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.census import decode, opcodes
from pytest_rtopt.evidence.census.dispatch import Choice, choices
from pytest_rtopt.evidence.census.workers import in_this_process
from pytest_rtopt.evidence.elf.functions import Function

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from pytest_rtopt.evidence.census.workers import Spread
    from pytest_rtopt.evidence.elf.functions import Section
    from pytest_rtopt.evidence.elf.image import ElfImage

UNNAMED = ""
"""The name under which all functions without a name are grouped."""

_SAMPLE = 8
# Sections that linkers fill with jumps; they belong to no function.
_LINKAGE = (".plt", ".iplt")
_NOT_DISPATCHED = Choice()


@dataclass(frozen=True)
class Coverage:
    """The bytes of executable sections by kind.

    - `decoded`: instructions of functions.
    - `undecodable`: functions with an instruction that the decoder does not know; none of their instructions
      are counted.
    - `padding`: filler between functions.
    - `linkage`: tables of jumps to other files, which need only the baseline.
    - `unbound`: the rest, which belongs to no function (start-up code, data in code).
    - `functions`, `unknown_functions`: the numbers of decoded and undecodable functions.

    If the bounds of functions are unknown, `decoded` and `undecodable` count the known and the unknown
    instructions of whole sections.
    """

    executable: int
    decoded: int
    undecodable: int
    padding: int
    functions: int = 0
    unknown_functions: int = 0
    linkage: int = 0

    @property
    def unbound(self) -> int:
        """The bytes that belong to no function and are not filler."""
        return self.executable - self.decoded - self.undecodable - self.padding - self.linkage

    @property
    def share(self) -> float:
        """The fraction of executable bytes that were identified, from 0 to 1; 0 if there are none."""
        identified = self.decoded + self.padding + self.linkage
        return identified / self.executable if self.executable else 0.0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(*map(operator.add, astuple(self), astuple(other)))

    def in_words(self) -> str:
        """Return a sentence with the bytes that were decoded and those that were skipped, with reasons."""
        decoded = f"{self.decoded} of {self.executable} bytes of code are decoded"
        if self.functions:
            decoded += f" in {self.functions} functions"
        skipped = [
            f"{self.padding} are filler" if self.padding else "",
            f"{self.linkage} are linkage tables" if self.linkage else "",
            f"{self.undecodable} are skipped in {self.unknown_functions} functions with unknown instructions"
            if self.unknown_functions
            else f"{self.undecodable} are no known instructions"
            if self.undecodable
            else "",
            f"{self.unbound} belong to no function (start-up code, data)" if self.unbound else "",
        ]
        return ", ".join(filter(None, (decoded, *skipped)))


@dataclass(frozen=True)
class FeatureUse:
    """The use of one CPU feature: instructions and functions that need it, and the first function names."""

    instructions: int
    functions: int
    sample: tuple[str, ...]


class FunctionCode(NamedTuple):
    """The features that the code of one name needs beyond the baseline, and a digest of its instructions.

    The digest covers the sequence of mnemonics without padding, so addresses do not change it. For the
    features in `dispatched`, the program checks the CPU before it runs the code. For those in
    `maybe_dispatched`, it may do so (see `dispatch`).
    """

    features: frozenset[str]
    digest: str
    dispatched: frozenset[str] = frozenset()
    maybe_dispatched: frozenset[str] = frozenset()

    @property
    def needed(self) -> frozenset[str]:
        """The features that the code needs without any check of the CPU."""
        return self.features - self.dispatched - self.maybe_dispatched if self.features else self.features


@dataclass(frozen=True)
class Census:
    """The instructions of one file.

    - `source`: where the bounds of functions come from.
    - `instructions`: their number without padding.
    - `legacy_vector`, `vex_vector`: the numbers of instructions on XMM, YMM and ZMM registers by encoding.
      C compilers use the legacy encoding for the baseline, and only VEX or EVEX if AVX is allowed. The Go
      compiler uses the legacy encoding at every level.
    - `uses`: the features beyond the baseline by name (see `cpuid`).
    - `functions`: the code by base name of the function.
    - `code_digest`: a digest of the bytes of executable sections.

    TZCNT counts as baseline although it belongs to BMI1. Older CPUs execute it as BSF, and GCC uses it for
    every CPU where both give the same result.
    """

    source: str
    coverage: Coverage
    instructions: int
    legacy_vector: int
    vex_vector: int
    uses: Mapping[str, FeatureUse]
    functions: Mapping[str, FunctionCode]
    code_digest: str

    @property
    def vex_share(self) -> float | None:
        """The fraction of vector instructions in VEX or EVEX encoding; `None` without vector instructions."""
        vector = self.legacy_vector + self.vex_vector
        return self.vex_vector / vector if vector else None


def census(image: ElfImage, spread: Spread = in_this_process) -> Census:
    """Decode `image` and count its instructions; `spread` distributes the work on chunks of code.

    Raises `EvidenceError` if the machine is not x86-64.
    """
    if image.machine != "x86-64":
        raise EvidenceError(
            f"{image.path} is for {image.machine}, but only x86-64 code can be counted; leave it out."
        )
    decoded = _decode_functions(image, spread) if image.functions else _decode_sections(image)
    table = opcodes.table()
    counted = decoded.counted
    vector = np.bincount(table.vector, weights=counted.histogram, minlength=len(opcodes.Vector)).astype(int)
    rows, row_of = np.unique(counted.masks, axis=0, return_inverse=True)
    row_of = row_of.reshape(-1)
    sets = [table.features_of(row) for row in rows]
    features = [sets[number] for number in row_of.tolist()]
    digests = counted.digests.tobytes().hex()
    width = 2 * decode.DIGEST_BYTES
    dispatched = choices(image, decoded.functions, features)
    codes = (
        FunctionCode(
            needed, digests[number * width : (number + 1) * width], *dispatched.get(number, _NOT_DISPATCHED)
        )
        for number, needed in enumerate(features)
    )
    names = [function.base for function in decoded.functions]
    return Census(
        source=str(image.function_source),
        coverage=decoded.coverage,
        instructions=int(counted.histogram[~table.padding].sum()),
        legacy_vector=int(vector[opcodes.Vector.LEGACY]),
        vex_vector=int(vector[opcodes.Vector.VEX]),
        uses=_uses(counted.histogram, names, features),
        functions=_by_name(zip(names, codes, strict=True)),
        code_digest=decode.digest(*(section.data for section in image.executable)).hex(),
    )


@dataclass(frozen=True)
class _Decoded:
    """The decoded functions, and their counts in the same order."""

    functions: tuple[Function, ...]
    counted: decode.Counted
    coverage: Coverage


def _decode_functions(image: ElfImage, spread: Spread) -> _Decoded:
    chunks: list[decode.Chunk] = []
    total = Coverage(0, 0, 0, 0)
    bounds = [_bounds(image.functions, index) for index in range(len(image.executable))]
    for section, (starts, ends) in zip(image.executable, bounds, strict=True):
        chunks += decode.chunks(section.data, starts, ends)
    counted = decode.joined(spread(chunks))
    known = counted.known
    done = 0
    for section, (starts, ends) in zip(image.executable, bounds, strict=True):
        total += _coverage(section, starts, ends, known[done : done + len(starts)])
        done += len(starts)
    coverage = replace(total, padding=total.padding + counted.padding)
    kept = tuple(function for function, right in zip(image.functions, known.tolist(), strict=True) if right)
    return _Decoded(kept, counted.of_known(), coverage)


def _bounds(functions: Iterable[Function], section: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    found = [
        (function.offset, function.offset + function.size)
        for function in functions
        if function.section == section
    ]
    starts, ends = np.array(found, np.int64).reshape(-1, 2).T
    return starts, ends


def _coverage(
    section: Section, starts: NDArray[np.int64], ends: NDArray[np.int64], known: NDArray[np.bool_]
) -> Coverage:
    """Return the coverage of a section, without the filler between functions."""
    if not len(starts) and section.name.startswith(_LINKAGE) and decode.is_baseline(section.data):
        return Coverage(len(section.data), 0, 0, 0, linkage=len(section.data))
    reached = np.maximum.accumulate(ends) if len(ends) else np.zeros(1, np.int64)
    before = np.concatenate(([0], reached[:-1]))[: len(starts)]
    own = np.maximum(0, ends - np.maximum(before, starts))
    return Coverage(
        executable=len(section.data),
        decoded=int(own[known].sum()),
        undecodable=int(own[~known].sum()),
        padding=decode.padding_of(section.data[int(reached[-1]) :]),
        functions=int(known.sum()),
        unknown_functions=int((~known).sum()),
    )


def _decode_sections(image: ElfImage) -> _Decoded:
    parts = [decode.count_stream(section.data) for section in image.executable]
    total = sum(len(section.data) for section in image.executable)
    unknown = sum(unknown for _, unknown in parts)
    counted = decode.joined([part for part, _ in parts])
    nameless = tuple(
        Function(UNNAMED, UNNAMED, index, 0, len(section.data))
        for index, (section, (part, _)) in enumerate(zip(image.executable, parts, strict=True))
        if len(part.known)
    )
    return _Decoded(nameless, counted, Coverage(total, total - unknown, unknown, 0))


def _uses(
    histogram: NDArray[np.int64], names: list[str], features: list[frozenset[str]]
) -> dict[str, FeatureUse]:
    table = opcodes.table()
    users: dict[str, list[str]] = defaultdict(list)
    for name, needed in zip(names, features, strict=True):
        for feature in needed:
            users[feature].append(name)
    return {
        feature: FeatureUse(
            instructions=int(histogram[table.needing(feature)].sum()),
            functions=len(using),
            sample=tuple(heapq.nsmallest(_SAMPLE, set(using) - {UNNAMED})),
        )
        for feature, using in sorted(users.items())
    }


def _by_name(codes: Iterable[tuple[str, FunctionCode]]) -> dict[str, FunctionCode]:
    """Merge code of the same name: parts and copies, and static functions of several units."""
    found: dict[str, list[FunctionCode]] = defaultdict(list)
    for name, code in codes:
        found[name].append(code)
    return {name: same[0] if len(same) == 1 else _together(same) for name, same in sorted(found.items())}


def _together(same: list[FunctionCode]) -> FunctionCode:
    """Merge codes; a feature counts as dispatched only if every code that needs it is dispatched for it."""

    def union(*sets: frozenset[str]) -> frozenset[str]:
        return frozenset[str]().union(*sets)

    features, needed = union(*(code.features for code in same)), union(*(code.needed for code in same))
    maybe_dispatched = union(*(code.maybe_dispatched for code in same)) - needed
    digest = decode.digest(*sorted(code.digest.encode() for code in same)).hex()
    return FunctionCode(features, digest, features - needed - maybe_dispatched, maybe_dispatched)
