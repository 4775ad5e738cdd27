"""Every lab fits a student's screen: from the question to the numbers in 645 pixels.

The labs stand on a page of their own, as wide as a notebook leaves them on 1366 x 768; a stand-in
for the kernel answers with one picture.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import hmlib.lab

pytestmark = [pytest.mark.browser, pytest.mark.long]

ROOM = 645
WIDTHS = (760, 900, 1000)
RNG = np.random.default_rng(0)
LEAST = 240  # a picture lower than this cannot be read

CSS = (Path(hmlib.lab.__file__).parent / "lab.css").read_text()
OPEN = """
async ([source, spec, png, readout, stands, css]) => {
  document.body.innerHTML = `<style>body { margin: 0 } ${css}</style><div id="here"></div>`;
  document.body.dataset.jpThemeLight = "true";
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const lab = (await import(url)).default;
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const ears = [];
  const says = (message, buffers) => setTimeout(() => ears.forEach((ear) => ear(message, buffers)));
  const send = ({ kind, id, theme, wants = [] }) => {
    const picture = { id, theme, readout, alt: "A picture.", tokens: stands };
    if (kind === "hello") says({ kind: "values", by: "", tokens: stands, prediction: "" });
    if (kind === "train") says({ kind: "trained", ...picture, count: 0, said: "" }, [bytes]);
    wants.forEach((tokens, i) =>
      says({ kind: "picture", ...picture, tokens, last: i === wants.length - 1 }, [bytes]));
  };
  const model = { get: () => spec, on: (_, ear) => ears.push(ear), off: () => {}, send };
  lab.render({ model, el: document.querySelector("#here") });
}
"""
SIZES = """
() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const seen = [...document.querySelectorAll(".hm-lab *:not(.hm-quiet)")]
    .filter((node) => node.checkVisibility());
  const edge = box(".hm-lab").right + 1;
  const outside = seen.filter((node) => node.getBoundingClientRect().right > edge);
  return [box(".hm-readout").bottom - box(".hm-lab fieldset").top, box(".hm-frame").height,
    outside.length];
}
"""


@pytest.fixture(scope="module")
def page(window) -> Iterator[Page]:
    page = window.new_page()
    page.set_viewport_size({"width": 1366, "height": 768})
    yield page
    page.close()


def fits(page: Page) -> None:
    for width in WIDTHS:
        page.evaluate(
            "async (width) => { document.querySelector('#here').style.width = `${width}px`;"
            " await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); }",
            width,
        )
        height, picture, outside = page.evaluate(SIZES)
        assert height <= ROOM + 1
        assert picture >= LEAST
        assert outside == 0


def test_a_lab_fits_a_students_screen(make_lab, page):
    lab = make_lab()
    picture, png = lab._picture("light"), base64.b64encode(lab.small_picture).decode()
    # The longest numbers of a few places.
    ends = [{n: list(c.sweep(RNG, 0))[end] for n, c in lab._controls.items()} for end in (0, 1)]
    readouts = [picture.readout(lab._compute(**values)) for values in ends]
    longest = max((lab.readout, picture.readout(lab.record), *readouts), key=len)
    page.evaluate(OPEN, [lab._esm, lab.spec, png, longest, lab._tokens(), CSS])
    page.locator(".hm-frame img[data-key]").wait_for()
    fits(page)
    page.locator(".hm-option input").first.check()
    page.get_by_role("button", name="Predict").click()
    expect(page.locator(".hm-option").first).to_be_hidden()
    fits(page)
