"""Pages as a browser lays them out: what does not fit into its box, at several widths of the window."""

from __future__ import annotations

import html
import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base import process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_OPTIONS: Final = (
    "--headless",
    "--hide-scrollbars",
    "--no-sandbox",  # Chromium's sandbox refuses root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
)
# A frame has the width, because Chromium's windows cannot be made as narrow as a phone. `details` are opened,
# because what they hide has no box. Elements of an SVG do not hide what does not fit.
_PROBE: Final = r"""
const boxes = "html, .card, .card *";
function overflowing(frame) {
  const page = frame.contentDocument;
  for (const details of page.querySelectorAll("details")) details.open = true;
  const edge = page.documentElement.clientWidth;
  const shown = [...page.querySelectorAll(boxes)].filter((element) => element.getClientRects().length > 0);
  return shown.filter((element) => {
    const box = element.getBoundingClientRect();
    const hidden = element instanceof frame.contentWindow.HTMLElement
      && element.scrollWidth > element.clientWidth && element.clientWidth > 0
      && getComputedStyle(element).display !== "inline";
    const card = element.closest(".card")?.getBoundingClientRect() ?? {left: 0, right: edge};
    return hidden || box.left < card.left - 1 || box.right > card.right + 1;
  }).map((element) => {
    const {tagName, scrollWidth, clientWidth, textContent} = element;
    const text = textContent.trim().replace(/\s+/g, " ");
    return `${tagName} ${scrollWidth} > ${clientWidth}: ${text.slice(0, 60)}`;
  });
}
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map((frame) => ({
    width: frame.contentDocument.documentElement.clientWidth,
    cards: frame.contentDocument.querySelectorAll(".card").length,
    overflowing: overflowing(frame),
  }));
  document.querySelector("#found").textContent = JSON.stringify(found);
});
"""
_FOUND: Final = re.compile(r'<pre id="found">(.*?)</pre>', re.DOTALL)


@dataclass(frozen=True)
class Layout:
    """A page at a width in CSS pixels: the number of its cards, and a line for each box that overflows."""

    width: int
    cards: int
    overflowing: tuple[str, ...]


def layouts(page: str, widths: Sequence[int], directory: Path) -> tuple[Layout, ...]:
    """Lay out an HTML page at each width, with scratch files in `directory`."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("There is no chromium on PATH: run `make setup`, which installs it.", pytrace=False)
    frames = "".join(
        f'<iframe srcdoc="{html.escape(page)}" style="border: 0; width: {width}px; height: 900px"></iframe>'
        for width in widths
    )
    file = directory / "frames.html"
    file.write_text(
        f'<!doctype html><meta charset="utf-8"><script>{_PROBE}</script>{frames}<pre id="found"></pre>',
        encoding="utf-8",
    )
    profile = f"--user-data-dir={directory / 'chromium'}"
    argv = [chromium, *_OPTIONS, profile, "--dump-dom", file.as_uri()]
    dom = process.check(argv, timeout=300).text
    found = _FOUND.search(dom)
    assert found is not None, dom[-1000:]
    return tuple(
        Layout(one["width"], one["cards"], tuple(one["overflowing"]))
        for one in json.loads(html.unescape(found[1]))
    )
