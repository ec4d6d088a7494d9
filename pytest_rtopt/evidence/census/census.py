"""Which instructions a program is made of: every function decoded, and the CPU features that each one needs.

Code is decoded function by function, so that tables between functions are not taken for instructions. What
could not be decoded is stated (`Coverage`), never left out silently.
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
"""The name under which all functions without a name are taken together."""

_SAMPLE = 8
# Sections that linkers fill with jumps, which no function's bounds cover.
_LINKAGE = (".plt", ".iplt")
_NOT_DISPATCHED = Choice()


@dataclass(frozen=True)
class Coverage:
    """Bytes of executable sections by what became of them.

    `decoded`: instructions of functions; `undecodable`: functions in which an instruction is unknown to the
    decoder, none of whose instructions are counted; `padding`: filler between functions; `linkage`: tables of
    jumps to other files, which need nothing beyond the baseline; the rest (`unbound`) belongs to no function
    (start-up code, data in code). Where the bounds of functions are not known, `decoded` and `undecodable`
    are whole sections' instructions that the decoder knows and those that it does not. `functions` and
    `unknown_functions` are the numbers of functions decoded and set aside.
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
        """Bytes that belong to no function and are no filler."""
        return self.executable - self.decoded - self.undecodable - self.padding - self.linkage

    @property
    def share(self) -> float:
        """The part of the executable bytes that is accounted for, from 0 to 1; 0 if there are none."""
        known = self.decoded + self.padding + self.linkage
        return known / self.executable if self.executable else 0.0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(*map(operator.add, astuple(self), astuple(other)))

    def in_words(self) -> str:
        """Return what was decoded and what was skipped, with the reasons."""
        said = f"{self.decoded} of {self.executable} bytes of code are decoded"
        if self.functions:
            said += f" in {self.functions} functions"
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
        return ", ".join(filter(None, (said, *skipped)))


@dataclass(frozen=True)
class FeatureUse:
    """How many instructions, in how many functions, need a CPU feature; `sample` names the first by name."""

    instructions: int
    functions: int
    sample: tuple[str, ...]


class FunctionCode(NamedTuple):
    """What code under one name needs beyond the baseline, and a digest of its instructions.

    The digest covers the sequence of mnemonics without padding: addresses do not change it. For the features
    `dispatched` the CPU is asked before the code is reached, for `perhaps` it may be (see `dispatch`).
    """

    features: frozenset[str]
    digest: str
    dispatched: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()

    @property
    def needed(self) -> frozenset[str]:
        """The features that nobody is known to ask the CPU for."""
        return self.features - self.dispatched - self.perhaps if self.features else self.features


@dataclass(frozen=True)
class Census:
    """The instructions of one file.

    `source` says where the bounds of functions are from. `instructions` leaves padding out. `legacy_vector`
    and `vex_vector` count the instructions on XMM, YMM and ZMM registers by encoding: compilers of C use the
    legacy one for the baseline, and VEX or EVEX throughout as soon as AVX is allowed (Go's uses the legacy
    one at every level). `uses` has the features beyond the baseline by name (see `cpuid`), `functions` the
    code by base name of the function. `code_digest` covers the bytes of executable sections.

    TZCNT counts as baseline although it belongs to BMI1: older CPUs execute it as BSF, and GCC writes it for
    every CPU where the difference does not matter.
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
        """The part of vector instructions that is VEX- or EVEX-encoded; `None` if there are none."""
        vector = self.legacy_vector + self.vex_vector
        return self.vex_vector / vector if vector else None


def census(image: ElfImage, spread: Spread = in_this_process) -> Census:
    """Decode `image` and count, with the work on chunks of code done by `spread`.

    Raises `EvidenceError` if it is for another machine than x86-64.
    """
    if image.machine != "x86-64":
        raise EvidenceError(
            f"{image.path} is made for {image.machine}, and only x86-64 code can be counted; leave it out."
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
    """The functions that were decoded, and what each is made of, in the same order."""

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
    """Return what became of a section's bytes, but for the filler between functions."""
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
    """Take together what has the same name: parts and copies, and static functions of several units."""
    found: dict[str, list[FunctionCode]] = defaultdict(list)
    for name, code in codes:
        found[name].append(code)
    return {name: same[0] if len(same) == 1 else _together(same) for name, same in sorted(found.items())}


def _together(same: list[FunctionCode]) -> FunctionCode:
    """Take codes together: a feature is asked for only if each of them that needs it does so."""

    def union(*sets: frozenset[str]) -> frozenset[str]:
        return frozenset[str]().union(*sets)

    features, needed = union(*(code.features for code in same)), union(*(code.needed for code in same))
    perhaps = union(*(code.perhaps for code in same)) - needed
    digest = decode.digest(*sorted(code.digest.encode() for code in same)).hex()
    return FunctionCode(features, digest, features - needed - perhaps, perhaps)
