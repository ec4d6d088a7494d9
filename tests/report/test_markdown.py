"""The Markdown summary. Text cannot become markup."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.report.markdown import markdown
from pytest_rtopt.results.values import GateAnswer, GateState
from tests.support.sample_results import go, lua, run

REFUSED = GateAnswer("lua", GateState.STALE, allowed=False, sentence="lua is stale: a | b.", notes=("other",))


def test_a_run_is_summed_up() -> None:
    text = markdown(replace(run(lua(), go()), gate={"lua": REFUSED}))
    assert "### Gate: refused for lua" in text
    assert "| lua | **refused** | stale | lua is stale: a \\| b. Note: other. |" in text
    assert (
        "| runtime | proven | refuted | unproven | not applicable | self-reported | verdict | why |" in text
    )
    assert "| go 1.24.11 | 0 | 1 | 1 | 1 | 0 | **reject** |" in text
    assert "### Workloads" in text
    assert "lua/binary-trees" in text


def test_nothing_is_said_of_what_a_run_did_not_do() -> None:
    assert markdown(run()) == "Nothing was judged.\n"


@settings(deadline=None)  # the machine may be busy
@given(st.text())
def test_no_sentence_breaks_the_table(text: str) -> None:
    shown = markdown(replace(run(), gate={"lua": replace(REFUSED, sentence=text, notes=())}))
    lines = shown.split("\n")
    assert len(lines) == 7
    assert lines[4].replace("\\\\", "").replace("\\|", "").count("|") == 5
