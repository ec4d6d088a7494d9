"""Which instructions a program is made of: every function decoded, and the CPU features that each one needs.

Code is decoded function by function, so that tables between functions are not taken for instructions. What
could not be decoded is stated (`Coverage`), never left out silently.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from iced_x86 import Code, Decoder

from pytest_rtopt.errors import EvidenceError
from pytest_rtopt.evidence import opcodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from pytest_rtopt.evidence.elf import ElfImage
    from pytest_rtopt.evidence.functions import Function

SCHEMA = 1
"""Version of the JSON form and of the way of counting; part of the key of every stored census."""

UNNAMED = ""
"""The name under which all functions without a name are taken together."""

_BITNESS = 64
_SAMPLE = 8
_FILLER = b"\x00\x90\xcc"
_CODE = attrgetter("code")


@dataclass(frozen=True)
class Coverage:
    """Bytes of executable sections by what became of them.

    `decoded`: instructions of functions; `undecodable`: functions in which an instruction is unknown to the
    decoder, none of whose instructions are counted; `padding`: filler between functions; the rest belongs to
    no function (linkage tables, data in code). Where the bounds of functions are not known, `decoded` and
    `undecodable` are whole sections' instructions that the decoder knows and those that it does not.
    """

    executable: int
    decoded: int
    undecodable: int
    padding: int

    @property
    def share(self) -> float:
        """The part of the executable bytes that is accounted for, from 0 to 1; 0 if there are none."""
        return (self.decoded + self.padding) / self.executable if self.executable else 0.0


@dataclass(frozen=True)
class FeatureUse:
    """How many instructions, in how many functions, need a CPU feature; `sample` names the first by name."""

    instructions: int
    functions: int
    sample: tuple[str, ...]


@dataclass(frozen=True)
class FunctionCode:
    """What code under one name needs beyond the baseline, and a digest of its instructions.

    The digest covers the sequence of mnemonics without padding: addresses do not change it.
    """

    features: frozenset[str]
    digest: str


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

    def as_json(self) -> dict[str, Any]:
        """Return the census as JSON values; `from_json` is its inverse."""
        names = sorted({name for code in self.functions.values() for name in code.features})
        numbers = {name: number for number, name in enumerate(names)}
        return {
            "schema": SCHEMA,
            **{name: getattr(self, name) for name in _PLAIN},
            "coverage": asdict(self.coverage),
            "uses": {name: asdict(use) for name, use in self.uses.items()},
            "features": names,
            "functions": {
                name: [code.digest, *sorted(numbers[feature] for feature in code.features)]
                for name, code in self.functions.items()
            },
        }

    @classmethod
    def from_json(cls, value: Any) -> Census:  # noqa: ANN401  # what json.loads returns
        """Return the census that `as_json` wrote; `EvidenceError` if `value` is anything else."""
        try:
            if value["schema"] != SCHEMA:
                raise EvidenceError(f"a stored census has schema {value['schema']}, not {SCHEMA}; remove it.")
            names = value["features"]
            return cls(
                **{name: value[name] for name in _PLAIN},
                coverage=Coverage(**value["coverage"]),
                uses={
                    name: FeatureUse(**{**use, "sample": tuple(use["sample"])})
                    for name, use in value["uses"].items()
                },
                functions={
                    name: FunctionCode(frozenset(names[number] for number in numbers), digest)
                    for name, (digest, *numbers) in value["functions"].items()
                },
            )
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise EvidenceError(f"a stored census is damaged ({error!r}); remove it.") from error


_PLAIN = ("source", "instructions", "legacy_vector", "vex_vector", "code_digest")


def census(image: ElfImage) -> Census:
    """Decode `image` and count; `EvidenceError` if it is for another machine than x86-64."""
    if image.machine != "x86-64":
        raise EvidenceError(
            f"{image.path} is made for {image.machine}, and only x86-64 code can be counted; leave it out."
        )
    decoded = _decode_functions(image) if image.functions else _decode_sections(image)
    table = opcodes.table()
    mnemonics = table.mnemonic[decoded.codes]
    real = ~table.padding[decoded.codes]
    vector = np.bincount(table.vector[decoded.codes], minlength=len(opcodes.Vector))
    features = [frozenset[str]()] * len(decoded.names)
    uses = {}
    for feature in sorted(
        frozenset[str]().union(*(table.features[code] for code in np.unique(decoded.codes)))
    ):
        needing = np.array([feature in needed for needed in table.features])[decoded.codes]
        counts = np.add.reduceat(needing, decoded.starts, dtype=np.int64)
        users = np.flatnonzero(counts)
        for user in users:
            features[user] |= {feature}
        names = sorted({decoded.names[user] for user in users} - {UNNAMED})
        uses[feature] = FeatureUse(int(counts.sum()), len(users), tuple(names[:_SAMPLE]))
    bounds = zip(decoded.starts, [*decoded.starts[1:], len(decoded.codes)], strict=True)
    digests = (_digest(mnemonics[a:b][real[a:b]].tobytes()) for a, b in bounds)
    return Census(
        source=str(image.function_source),
        coverage=decoded.coverage,
        instructions=int(np.count_nonzero(real)),
        legacy_vector=int(vector[opcodes.Vector.LEGACY]),
        vex_vector=int(vector[opcodes.Vector.VEX]),
        uses=uses,
        functions=_by_name(zip(decoded.names, map(FunctionCode, features, digests), strict=True)),
        code_digest=_digest(*(section.data for section in image.executable)),
    )


@dataclass(frozen=True)
class _Decoded:
    """Instructions of all functions in one row; those of the function `names[i]` begin at `starts[i]`."""

    codes: NDArray[np.uint16]
    starts: NDArray[np.int64]
    names: tuple[str, ...]
    coverage: Coverage


def _decode_functions(image: ElfImage) -> _Decoded:
    codes = array("H")
    starts: list[int] = []
    names: list[str] = []
    bytes_of = {"decoded": 0, "undecodable": 0, "padding": 0}
    by_section: dict[int, list[Function]] = defaultdict(list)
    for function in image.functions:
        by_section[function.section].append(function)
    for index, section in enumerate(image.executable):
        reached = 0
        for function in by_section[index]:
            end = function.offset + function.size
            part = array("H", _codes(section.data[function.offset : end]))
            known = Code.INVALID not in part
            if known:
                starts.append(len(codes))
                names.append(function.base)
                codes.extend(part)
            bytes_of["padding"] += _padding(section.data[reached : function.offset])
            bytes_of["decoded" if known else "undecodable"] += max(0, end - max(reached, function.offset))
            reached = max(reached, end)
        bytes_of["padding"] += _padding(section.data[reached:])
    coverage = Coverage(sum(len(section.data) for section in image.executable), **bytes_of)
    return _Decoded(np.array(codes, np.uint16), np.array(starts, np.int64), tuple(names), coverage)


def _decode_sections(image: ElfImage) -> _Decoded:
    codes = array("H")
    starts: list[int] = []
    unknown = 0
    for section in image.executable:
        instructions = [
            (instruction.code, instruction.len) for instruction in Decoder(_BITNESS, section.data)
        ]
        unknown += sum(length for code, length in instructions if code == Code.INVALID)
        start = len(codes)
        codes.extend(code for code, _ in instructions if code != Code.INVALID)
        if len(codes) > start:
            starts.append(start)
    total = sum(len(section.data) for section in image.executable)
    coverage = Coverage(total, decoded=total - unknown, undecodable=unknown, padding=0)
    names = (UNNAMED,) * len(starts)
    return _Decoded(np.array(codes, np.uint16), np.array(starts, np.int64), names, coverage)


def _codes(content: bytes) -> Iterator[int]:
    return map(_CODE, Decoder(_BITNESS, content))


def _padding(gap: bytes) -> int:
    """Return the length of `gap`, code between functions, if it is filler, else 0."""
    if not gap.strip(_FILLER):
        return len(gap)
    padding = opcodes.table().padding
    return len(gap) if all(padding[code] for code in _codes(gap)) else 0


def _by_name(codes: Iterable[tuple[str, FunctionCode]]) -> dict[str, FunctionCode]:
    """Take together what has the same name: parts and copies, and static functions of several units."""
    found: dict[str, list[FunctionCode]] = defaultdict(list)
    for name, code in codes:
        found[name].append(code)
    return {
        name: same[0]
        if len(same) == 1
        else FunctionCode(
            frozenset[str]().union(*(code.features for code in same)),
            _digest(*sorted(code.digest.encode() for code in same)),
        )
        for name, same in sorted(found.items())
    }


def _digest(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
