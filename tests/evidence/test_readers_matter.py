"""No reader of evidence is idle: without any one of them, some scene is judged wrongly.

What is a reader is not listed here but found: the functions of `evidence/` that others call, the commands
that runtimes are asked to speak by, and the fields in which what was read travels. A new one that no scene
depends on is a failure, and so is one for which nothing is known that stands for it when it is taken away.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import pytest

import pytest_rtopt
from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.census.archive import write_archive
from pytest_rtopt.evidence.census.census import Census, Coverage
from pytest_rtopt.evidence.census.decode import count
from pytest_rtopt.evidence.census.differential import IsaDelta
from pytest_rtopt.evidence.census.file_evidence import FileEvidence
from pytest_rtopt.evidence.derivation.exported import AddedFlags
from pytest_rtopt.evidence.elf.compiler_traces import Traces
from pytest_rtopt.evidence.elf.functions import FunctionSource
from pytest_rtopt.evidence.elf.image import ElfImage
from pytest_rtopt.evidence.elf.libraries import Needs
from pytest_rtopt.evidence.elf.release_marks import ReleaseMarks
from pytest_rtopt.evidence.elf.switches import RecordedSwitches
from pytest_rtopt.evidence.log.build_log import BuildLog
from pytest_rtopt.evidence.log.effective_flags import EffectiveFlags
from pytest_rtopt.evidence.observation import Binary, Observation, Side
from pytest_rtopt.evidence.overlay_changes import OverlayChanges
from pytest_rtopt.evidence.requested import Requested
from pytest_rtopt.results.values import FindingStatus
from pytest_rtopt.runtimes import NAMES, runtime
from tests.support.reader_scene_table import scenes
from tests.support.reader_scenes import judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytest_rtopt.evidence.census.decode import Chunk, Counted
    from tests.support.reader_scenes import Scene

PACKAGE: Final = Path(pytest_rtopt.__file__).parent
EVIDENCE: Final = "pytest_rtopt.evidence."
# Inside `evidence/`, these call the readers of the others; the rest of it is called by them.
CALLERS: Final = ("evidence/reader.py", "evidence/census/cache.py", "evidence/census/file_evidence.py")
# These explain why there is nothing to judge, and have tests of their own (`tests/stages/test_null_run.py`).
EXPLAINING: Final = ("stages/null_run.py", "stages/null_sentences.py")

NO_CODE: Final = Census("", Coverage(0, 0, 0, 0), 0, 0, 0, {}, {}, "")
NO_LOG: Final = BuildLog((), (), "")
NO_SWITCHES: Final = RecordedSwitches(())
NO_TRACES: Final = Traces()
NO_EVIDENCE: Final = FileEvidence(
    NO_CODE,
    *(b"", frozenset(), 0, ()),
    has_symbols=True,
    imports=frozenset(),
    linker="bfd",
    traces=NO_TRACES,
    needs=Needs(),
)


def write_nothing(file: IO[bytes], _taken: FileEvidence) -> None:
    """Keep nothing of what was read, in a form that can be read again."""
    write_archive(file, NO_EVIDENCE)


def know_nothing(chunks: Sequence[Chunk]) -> list[Counted]:
    """Return what is counted where the decoder knows none of the functions."""
    return [
        replace(counted, histogram=0 * counted.histogram, known=counted.known & False)
        for counted in map(count, chunks)
    ]


def report_nothing(commands: Mapping[str, object], *_places: object) -> dict[str, str]:
    """Return an empty report for each command."""
    return dict.fromkeys(commands, "")


NO_REQUEST: Final = Requested(frozenset(), frozenset(), lto=False, pgo_level="NONE")

# What each reader returns when it has read nothing; what returns nothing in any case has a function here.
NOTHING: Final[Mapping[str, object]] = {
    "about": (),
    "added_flags": AddedFlags((), ()),
    "requested_by": NO_REQUEST,
    "requested_in": NO_REQUEST,
    "cached_evidence": NO_EVIDENCE,
    "census": NO_CODE,
    "changes_of": OverlayChanges((), flags=False, promise=None),
    "compare": IsaDelta(
        same_code=False, common=0, changed=0, gained=0, gains=(), new_in_file=(), vex_shares=(None, None)
    ),
    "constants_of": {},
    "definitions_of": (),
    "elf_files": (),
    "host_has": None,
    "linker_of": "bfd",
    "lost_variables": (),
    "misplaced": (),
    "missing_on": (),
    "needs_of": Needs(),
    "newly_required": (),
    "on_all_cores": know_nothing,
    "own_libraries": (),
    "parse_log": NO_LOG,
    "parse_switches": NO_SWITCHES,
    "placements": (),
    "promoted": (),
    "read_elf": ElfImage(Path(), "x86-64", (), (), FunctionSource.NONE, (), 0, b""),
    "read_archive": NO_EVIDENCE,
    "read_file_evidence": NO_EVIDENCE,
    "read_patches": "",
    "read_release_marks": ReleaseMarks(exports_malloc=False, bolted=()),
    "read_traces": NO_TRACES,
    "real_binary": Path("/nowhere"),
    "report_of": "",
    "reports_of": report_nothing,
    "same_code": False,
    "scripts_naming": (),
    "scripts_rewriting": (),
    "effective_flags": EffectiveFlags("", Counter(), 0),
    "without_comments": "",
    "write_archive": write_nothing,
}
NOTHING_IN: Final[Mapping[type, Mapping[str, object]]] = {
    Binary: {
        "census": NO_CODE,
        "switches": NO_SWITCHES,
        "functions": frozenset(),
        "cold_functions": 0,
        "profiling_symbols": (),
        # That a file has no symbols is something read; that it has them all is taken for granted.
        "has_symbols": True,
        "imports": frozenset(),
        "linker": "bfd",
        "traces": NO_TRACES,
        "cold_shares": {},
        "needed": frozenset(),
    },
    Observation: {
        "requested": None,
        "host_features": frozenset(),
        "prebuilt": False,
        "no_request": None,
    },
    Side: {
        "log": None,
        "binaries": {},
        "libraries": {},
        "programs": {},
        "program_reports": {},
        "program_derivation": None,
        "constants": {},
        "release": None,
    },
}
# What is not read but known: what is judged, and where something is. `derivation`, `wrapper` and `reports`
# are taken away piece by piece, by their readers and commands.
KNOWN: Final = {
    (Binary, "path"),
    *((Observation, name) for name in ("attr", "profile", "stock", "optimized")),
    *((Side, name) for name in ("out", "program_out", "derivation", "wrapper", "reports")),
}


def readers() -> list[str]:
    """Return the functions of `evidence/` that are imported by those who use it to judge, by name."""
    explaining = [PACKAGE / name for name in EXPLAINING]
    assert all(path.is_file() for path in explaining)
    callers = {path for path in PACKAGE.rglob("*.py") if "evidence" not in path.parts} - {*explaining}
    found = set()
    for path in (*callers, *(PACKAGE / name for name in CALLERS)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(EVIDENCE):
                module = importlib.import_module(node.module or "")
                names = [alias.name for alias in node.names]
                found |= {name for name in names if inspect.isfunction(getattr(module, name))}
    return sorted(found)


def reports() -> list[tuple[str, str]]:
    """Return the commands by which runtimes speak, each with its runtime."""
    return [(name, report) for name in NAMES for report in runtime(name).reports]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """Return the scenes, whose programs are compiled here."""
    return scenes(tmp_path_factory.mktemp("scenes"))


@pytest.fixture(scope="module")
def seen(whole: dict[str, Scene], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Observation]:
    """Return everything that was read of each scene, with all readers."""
    cache = tmp_path_factory.mktemp("census")
    return {name: scene.observation(cache) for name, scene in whole.items()}


def wrong(whole: dict[str, Scene], found: Callable[[str, Scene], dict[str, str]]) -> Iterator[str]:
    """Yield what `found` says of a scene that is not what has to be found."""
    for name, scene in whole.items():
        statuses = found(name, scene)
        for claim, expected in scene.expected.items():
            if statuses[claim] != expected:
                yield f"{name}: {scene.runtime}/{claim} is {statuses[claim]} and not {expected}"


def without(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `reader` have read nothing, wherever it is called."""
    (module,) = {
        found.__module__
        for found in (getattr(loaded, reader, None) for loaded in _ours())
        if inspect.isfunction(found) and found.__module__.startswith(EVIDENCE)
    }
    original = getattr(sys.modules[module], reader)
    nothing = NOTHING[reader]
    silent = nothing if inspect.isfunction(nothing) else lambda *_args, **_named: nothing
    for loaded in _ours():
        if getattr(loaded, reader, None) is original:
            monkeypatch.setattr(loaded, reader, silent)


def _ours() -> list[Any]:
    return [module for name, module in sys.modules.items() if name.startswith("pytest_rtopt.")]


def test_every_scene_is_judged_rightly(whole: dict[str, Scene], seen: dict[str, Observation]) -> None:
    assert list(wrong(whole, lambda name, scene: judged(scene, seen[name]))) == []
    statuses = {status for scene in whole.values() for status in scene.expected.values()}
    assert statuses == set(FindingStatus)
    # The scenes of Lua are those of every interpreter that makes Lua's claims and no others.
    claims = {name: [claim.promise for claim in runtime(name).claims] for name in NAMES}
    stood_for = {name for name in NAMES if claims[name] == claims["lua"]}
    assert {scene.runtime for scene in whole.values()} == {"lua", *set(NAMES) - stood_for}


def test_what_stands_for_each_reader_is_known() -> None:
    assert readers() == sorted(NOTHING)


@pytest.mark.parametrize("reader", readers())
def test_without_a_reader_some_scene_is_judged_wrongly(
    reader: str, whole: dict[str, Scene], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(reader, monkeypatch)
    assert next(wrong(whole, lambda _name, scene: scene.statuses(tmp_path)), None) is not None


@pytest.mark.parametrize(("speaker", "report"), reports())
def test_without_a_report_some_scene_is_judged_wrongly(
    speaker: str, report: str, whole: dict[str, Scene], seen: dict[str, Observation]
) -> None:
    def silent(name: str, scene: Scene) -> dict[str, str]:
        observation = seen[name]
        if scene.runtime != speaker:
            return judged(scene, observation)
        reports = {**observation.optimized.reports, report: ""}
        return judged(scene, replace(observation, optimized=replace(observation.optimized, reports=reports)))

    assert next(wrong(whole, silent), None) is not None


def test_without_any_report_some_scene_is_judged_wrongly(
    whole: dict[str, Scene], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without("report_of", monkeypatch)
    assert (
        len({error.split(":")[0] for error in wrong(whole, lambda _name, scene: scene.statuses(tmp_path))})
        > 3
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, field.name, id=f"{kind.__name__}.{field.name}")
        for kind in NOTHING_IN
        for field in fields(kind)
        if (kind, field.name) not in KNOWN
    ],
)
def test_without_a_field_some_scene_is_judged_wrongly(
    kind: type, name: str, whole: dict[str, Scene], seen: dict[str, Observation]
) -> None:
    nothing = {name: NOTHING_IN[kind][name]}

    def blind(side: Side) -> Side:
        if kind is Side:
            return replace(side, **nothing)  # type: ignore[arg-type]  # of the type of the field
        binaries, libraries, programs = (
            {path: replace(found, **nothing) for path, found in judged_ones.items()}  # type: ignore[arg-type]
            for judged_ones in (side.binaries, side.libraries, side.programs)
        )
        return replace(side, binaries=binaries, libraries=libraries, programs=programs)

    def found(scene_name: str, scene: Scene) -> dict[str, str]:
        observation = seen[scene_name]
        if kind is Observation:
            return judged(scene, replace(observation, **nothing))  # type: ignore[arg-type]
        both = replace(observation, stock=blind(observation.stock), optimized=blind(observation.optimized))
        try:
            return judged(scene, both)
        except (EvidenceError, LookupError):
            return dict.fromkeys(scene.expected, "refused")

    assert next(wrong(whole, found), None) is not None


def test_a_reader_that_nothing_depends_on_is_found(
    whole: dict[str, Scene], seen: dict[str, Observation]
) -> None:
    """The check is able to fail: what takes nothing away leaves every scene as it was."""

    def idle(name: str, scene: Scene) -> dict[str, str]:
        observation = seen[name]
        reports = {**observation.optimized.reports, "a report that no claim reads": ""}
        return judged(scene, replace(observation, optimized=replace(observation.optimized, reports=reports)))

    assert next(wrong(whole, idle), None) is None
