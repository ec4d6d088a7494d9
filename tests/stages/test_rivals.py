"""Where workloads find a rival: in its own directory, or under the names that they call it by."""

from __future__ import annotations

from pathlib import Path

from pytest_rtopt.runtimes import runtime
from pytest_rtopt.stages.rivals import rivals_of
from pytest_rtopt.stages.settings import RivalPath


def test_a_program_has_the_names_that_workloads_use(tmp_path: Path) -> None:
    program = tmp_path / "any-name"
    program.write_text("#!/bin/sh\n")
    given = (RivalPath("python", program), RivalPath("lua", tmp_path))
    for number, workload in enumerate(runtime("python").workloads):
        scratch = tmp_path / str(number)
        scratch.mkdir()
        (rival,) = rivals_of(workload, given, scratch)
        assert rival.name == str(program)
        out = f"{rival.places.out}/"
        words = workload.command(rival.places).argv
        used = [Path(word) for word in words if word.startswith(out)]
        assert used
        assert [path.resolve() for path in used] == [program] * len(used)


def test_a_directory_is_used_as_it_is(tmp_path: Path) -> None:
    given = (RivalPath("lua", tmp_path / "one"), RivalPath("lua", tmp_path / "two"))
    for rival in given:
        rival.path.mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    one, two = rivals_of(runtime("lua").workloads[0], given, scratch)
    assert (one.places.out, two.places.out) == (given[0].path, given[1].path)
    assert {one.places.scratch, two.places.scratch} == {scratch / "c", scratch / "d"}
    assert one.places.scratch.is_dir()
