"""The picture in the README: what the script makes of real results, and complete in itself."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from pytest_rtopt.base.errors import ReportError

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).resolve().parent.parent.parent / "docs" / "make_screenshot.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_screenshot", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_screenshot = load()


def test_the_committed_picture_is_what_the_script_makes() -> None:
    committed = make_screenshot.PICTURE.read_text(encoding="utf-8")
    assert committed == make_screenshot.picture(), "run: .venv/bin/python docs/make_screenshot.py"


def test_it_shows_both_runs_and_loads_nothing() -> None:
    text = make_screenshot.PICTURE.read_text(encoding="utf-8")
    shown = "".join(ET.fromstring(text).itertext())  # noqa: S314  # our own file
    assert "adopt" in shown
    assert "lua/flags-reach-compiler" in shown
    assert "url(http" not in text
    assert "src:" not in text


def test_other_results_are_recorded_and_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(make_screenshot.RECORDED, tmp_path / "recorded")
    monkeypatch.setattr(make_screenshot, "RECORDED", tmp_path / "recorded")
    monkeypatch.setattr(make_screenshot, "PICTURE", tmp_path / "screenshot.svg")
    other = json.loads((tmp_path / "recorded" / "adopted.json").read_text())
    other["runtimes"]["lua"]["version"] = "5.4.99"
    (tmp_path / "rtopt.json").write_text(json.dumps(other))
    make_screenshot.main(["adopted", str(tmp_path / "rtopt.json")])
    assert "5.4.99" in (tmp_path / "recorded" / "adopted.json").read_text()
    assert "5.4.99" in (tmp_path / "screenshot.svg").read_text()
    with pytest.raises(SystemExit):
        make_screenshot.main(["adopted"])


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rtopt.json").write_text('{"schema": 1}')
    with pytest.raises(ReportError, match="runtimes"):
        make_screenshot.read_results(tmp_path / "rtopt.json")
