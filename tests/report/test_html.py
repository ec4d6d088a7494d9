"""The HTML report: complete, self-contained, well-formed, and nothing in it is cut off."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.report.html import Axis, marked, to_html, write_html
from pytest_rtopt.results.values import FindingStatus, Rating
from tests.support.chromium import layouts
from tests.support.crowded_results import LONG_PATH, crowded_run
from tests.support.sample_results import failed_benchmark, finding, from_json, go, impacts, lua, run

if TYPE_CHECKING:
    from pathlib import Path

_VOID = {"meta", "br"}


class _Page(HTMLParser):
    """Collects elements and text of a page, and checks that elements are nested correctly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data: list[str] = []
        self.script = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "br":
            self.data.append("\n")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.script += data
        elif not (self.open and self.open[-1] == "style"):
            self.data.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.data).split())


def test_everything_that_was_found_is_on_the_page() -> None:
    page = _Page(to_html(run(lua(), go())))
    assert page.open == []
    for runtime in (lua(), go()):
        assert runtime.reason in page.text
        assert runtime.optimized.out in page.text
        assert runtime.baseline.drv in page.text
        for item in runtime.findings:
            assert item.evidence.replace("`", "") in page.text
    assert "0.962 [0.951, 0.973]" in page.text
    assert "values.build.compiler.march skylake" in page.text
    assert "governor unknown" in page.text


def test_the_page_needs_nothing_else() -> None:
    html = to_html(run(lua(), go()))
    loading = {"src", "href", "srcset", "data", "action"}
    links = [
        value
        for _, attributes in _Page(html).elements
        for name, value in attributes.items()
        if name in loading
    ]
    assert all(link is not None and link.startswith("#") for link in links)
    assert "url(" not in html
    assert "@import" not in html


def test_the_embedded_results_are_the_results() -> None:
    results = run(lua(), go())
    assert from_json(json.loads(_Page(to_html(results)).script)) == results


def test_markup_in_evidence_is_inert() -> None:
    hostile = finding("lua/x", FindingStatus.REFUTED, "</script><script>alert(1)</script><!--")
    results = run(replace(lua(), findings=(hostile,)))
    page = _Page(to_html(results))
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert hostile.evidence in page.text
    assert from_json(json.loads(page.script)) == results


def test_the_plot_puts_a_loss_left_of_one_and_a_gain_right() -> None:
    page = _Page(to_html(run(lua(), go())))
    one = next(a["x1"] for tag, a in page.elements if tag == "line" and a["class"] == "one")
    dots = {a["class"]: a["cx"] for tag, a in page.elements if tag == "circle"}
    place = {name: float((value or "").removesuffix("%")) for name, value in dots.items()}
    middle = float((one or "").removesuffix("%"))
    assert place["mark slower"] < middle < place["mark undecided"] < place["mark faster"]


def test_a_failed_workload_has_no_mark_and_breaks_nothing() -> None:
    page = _Page(to_html(run(replace(lua(), benchmarks=(failed_benchmark(),)))))
    assert not [tag for tag, _ in page.elements if tag == "circle"]
    assert "not measured" in page.text
    assert failed_benchmark().reason in page.text


def test_nothing_is_cut_off_on_a_phone_or_on_a_wide_screen(tmp_path: Path) -> None:
    """Bug: findings with a long store path ran out of their card."""
    page = to_html(crowded_run())
    for layout, width in zip(layouts(page, (400, 900, 1400), tmp_path), (400, 900, 1400), strict=True):
        assert layout.width == width
        assert layout.cards == page.count('class="card')
        assert layout.overflowing == ()


def test_the_test_of_the_layout_notices_what_is_cut_off(tmp_path: Path) -> None:
    page = to_html(crowded_run()).replace("overflow-wrap: anywhere", "overflow-wrap: normal")
    for layout in layouts(page, (400, 1400), tmp_path):
        assert any(line.startswith("SECTION") for line in layout.overflowing)
        assert any(line.startswith("DD") and "/nix/store/" in line for line in layout.overflowing)


def test_what_a_verdict_rests_on_comes_first_and_the_rest_is_folded() -> None:
    """Refuted, unproven, proven. A wrong self-report rejects a runtime, so it is not folded either."""
    findings = (
        finding("lua/a", FindingStatus.NOT_APPLICABLE),
        finding("lua/b", FindingStatus.PROVEN),
        finding("lua/c", FindingStatus.UNPROVEN),
        replace(finding("lua/d", FindingStatus.REFUTED), rating=Rating.INTENT),
        replace(finding("lua/e", FindingStatus.PROVEN), rating=Rating.INTENT),
    )
    text = _Page(to_html(run(replace(lua(), findings=findings)))).text
    order = [text.index(f"lua/{name} by") for name in "dcbae"]
    assert order == sorted(order)
    assert text.index("lua/b by") < text.index("Not applicable: 1") < text.index("lua/a by")
    assert text.index("Self-reported: 1") < text.index("lua/e by")


def test_words_in_backticks_and_store_paths_are_code() -> None:
    path = f"/nix/store/{'a' * 32}-lua-5.4.7/bin/lua"
    html = marked(f"`-O3 <x>` is in {path}. `open")
    assert html == (
        f'<code>-O3 &lt;x&gt;</code> is in <code>/nix/store/<span class="hash">{"a" * 32}</span>'
        "-lua-5.4.7/bin/lua</code>. `open"
    )
    assert LONG_PATH in re.sub("<[^>]*>", "", marked(LONG_PATH))


@given(st.text(st.sampled_from("`</>&\"' abn-./store0")))
def test_marking_adds_only_markup(text: str) -> None:
    html = marked(text)
    plain = re.sub(r'</?code>|<span class="hash">|</span>', "", html)
    assert "<" not in plain
    assert unescape(plain).replace("`", "") == text.replace("`", "")


def test_nothing_judged_is_a_page_that_says_so() -> None:
    assert "no runtime was judged" in _Page(to_html(run())).text


def test_an_impact_is_told_where_it_was_counted() -> None:
    assert "Rebuild impact" not in _Page(to_html(run(lua()))).text
    text = _Page(to_html(replace(run(), impact=impacts()))).text
    assert "lua 0 of 2 0 go hugo 1 of 2 5" in text


def test_write_html_writes_the_page(tmp_path: Path) -> None:
    write_html(tmp_path / "report.html", run(lua()))
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == to_html(run(lua()))


@given(st.floats(0.05, 0.999), st.floats(1.001, 20))
def test_the_axis_keeps_order_and_marks_one(low: float, high: float) -> None:
    axis = Axis(math.log(low), math.log(high))
    ticks = axis.ticks()
    assert 1 in ticks
    assert len(ticks) <= 9
    assert list(ticks) == sorted(ticks)
    places = [axis.position(tick) for tick in ticks]
    assert all(right - left > 5 for left, right in pairwise(places))
    assert axis.position(low / 2) == pytest.approx(0)
    assert axis.position(high * 2) == pytest.approx(100)


def test_no_host_name_or_address_is_in_the_template() -> None:
    assert re.search(r"https?:", to_html(run(lua()))) is None
