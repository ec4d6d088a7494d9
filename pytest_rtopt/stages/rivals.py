"""Rivals from the command line: where the workloads of a runtime find somebody else's build of it."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.resources import PACKAGE

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.bench.rivals import Rival
    from pytest_rtopt.bench.workload import Workload
    from pytest_rtopt.stages.settings import RivalPath

_PROGRAM: Final = "{out}/bin/"


def rivals_of(workload: Workload, paths: tuple[RivalPath, ...], scratch: Path) -> tuple[Rival, ...]:
    """Return the rivals of the runtime of `workload`, each with a directory of its own below `scratch`.

    A directory is used as it is, like a store path. For a program, a directory is made in which it has the
    names that the workload calls it by.
    """
    from pytest_rtopt.bench.rivals import Rival  # noqa: PLC0415  # only where something is measured
    from pytest_rtopt.bench.workload import Places  # noqa: PLC0415

    mine = [rival.path for rival in paths if workload.name.startswith(f"{rival.runtime}/")]
    rivals = []
    # Names as long as those of the two sides, because a longer path is more work.
    for letter, path in zip(string.ascii_lowercase[2:], mine, strict=False):
        place = scratch / letter
        place.mkdir()
        out = path if path.is_dir() else _directory_for(path, workload, scratch / f"{letter}-out")
        rivals.append(Rival(str(path), Places(out, PACKAGE / "workloads", place)))
    return tuple(rivals)


def _directory_for(program: Path, workload: Workload, directory: Path) -> Path:
    """Return `directory` with links to `program` under every name in `bin` that `workload` uses."""
    bin_directory = directory / "bin"
    bin_directory.mkdir(parents=True)
    for template in workload.templates():
        if template.startswith(_PROGRAM):
            link = bin_directory / template.removeprefix(_PROGRAM)
            if not link.is_symlink():
                link.symlink_to(program)
    return directory
