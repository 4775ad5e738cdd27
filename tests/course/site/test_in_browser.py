"""The published pages in a real Chromium, with every outside address blocked and no kernel."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from browser.on_page import serious
from course.site.on_pages import agrees, lab_on, predict, shown_at, walk
from course.turns import MADE, in_turn, turn
from PIL import Image
from playwright.sync_api import expect

from hmlib.course.nb02 import labs
from hmlib.course.site.chapters import read_chapters
from hmlib.course.site.glossary import NAME as WORDS
from hmlib.course.site.recording import read
from hmlib.course.site.serving import server
from hmlib.course.site.stills import LABS
from tools.browser import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.long]

CHAPTERS = read_chapters(ROOT / "notebooks")
NAMES = ["index", WORDS, *(chapter.name for chapter in CHAPTERS)]
LABS_OF = [(one.name, call.key) for one in CHAPTERS for call in one.calls.values()]


def address(site, name: str) -> str:
    return (site / f"{name}.html").as_uri()


@pytest.fixture(scope="module")
def base(site) -> Iterator[str]:
    """Where the site is served under a path, as a host would."""
    made, address = server(site, "/some/path/", 0)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield address
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_from_a_folder(site, page, name):
    page.goto(address(site, name))
    expect(page.locator("article h1").first).to_be_visible()
    assert page.locator("math").count() > 0 or name == "index"
    assert "$" not in page.locator("article p").all_inner_texts()


@pytest.mark.parametrize("name", ["index", "02_watch_the_free_energy"])
def test_no_page_complains(base, page, name):
    complaints = []
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    page.on("response", lambda one: complaints.append(one.url) if one.status >= 400 else None)
    page.goto(f"{base}{name}.html", wait_until="networkidle")
    icon = page.locator('link[rel="icon"]').get_attribute("href")
    assert page.request.get(f"{base}{icon}").ok
    assert complaints == []


def test_what_a_lab_leaves_out_is_said_above_its_controls(site, page):
    in_turn(site, "nb02.best_rain")
    page.goto(address(site, "02_watch_the_free_energy"))
    root = lab_on(page, "nb02.best_rain")
    for _ in range(2):
        limits, first = root.locator(".hm-here"), root.locator(".hm-control").first
        above, below = limits.bounding_box(), first.bounding_box()
        assert above["y"] + above["height"] <= below["y"] + 1
        expect(limits).to_contain_text("one control moves at a time")
        if not root.locator(".hm-option").first.is_hidden():
            predict(root)
    sliders = root.locator('input[type="range"]')
    sliders.nth(0).press("Home")
    sliders.nth(1).press("End")
    expect(root.locator(".hm-moved")).to_contain_text("moved to where this page has a picture")
    expect(root.locator(".hm-moved")).to_be_in_viewport()


@pytest.mark.parametrize("name", ["index", "02_watch_the_free_energy"])
def test_a_page_from_the_disk_does_not_promise_to_run(site, base, page, name):
    page.goto(address(site, name))
    expect(page.locator("p.hm-from-disk")).to_be_visible()
    assert page.locator('a[href^="tab/"]:visible').count() == 0
    page.goto(f"{base}{name}.html")
    expect(page.locator("p.hm-from-disk")).to_be_hidden()
    assert page.locator(".hm-served:visible").count() > 0


CUT = """
() => [...document.querySelectorAll(".cell pre")]
  .filter((code) => code.scrollWidth > code.clientWidth)
  .map((code) => code.textContent.slice(0, 60))
"""


@pytest.mark.parametrize("width", [1366, 1920])
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: one.name)
def test_no_line_of_code_or_of_what_it_prints_is_cut(site, page, chapter, width):
    page.set_viewport_size({"width": width, "height": 768})
    page.goto(address(site, chapter.name))
    assert page.evaluate(CUT) == []
    page.set_viewport_size({"width": 1300, "height": 1000})


ASIDE = """
() => [...document.querySelectorAll("div.math")].map((line) => {
  const [formula] = line.children;
  const [inside, around] = [formula.getBoundingClientRect(), line.getBoundingClientRect()];
  const last = formula.lastElementChild.getBoundingClientRect();
  const first = formula.firstElementChild.getBoundingClientRect();
  const room = [first.left - around.left, around.right - last.right];
  return line.scrollWidth > line.clientWidth ? 0 : Math.abs(room[0] - room[1]);
})
"""


@pytest.mark.parametrize("width", [1300, 390])
def test_formulas_on_lines_of_their_own_stand_in_the_middle(site, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address(site, "02_watch_the_free_energy"))
    page.evaluate(
        "() => { for (const one of document.querySelectorAll('details')) one.open = true; }"
    )
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        aside = page.evaluate(ASIDE)
        assert len(aside) > 5
        assert max(aside) < 3
    page.emulate_media(media="screen")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_serious_is_found_on_a_page(base, page, name):
    number = name[:2]
    if number.isdigit() and number not in turn() and MADE not in os.environ:
        pytest.skip(f"today it is the turn of {', '.join(turn())}")
    page.emulate_media(color_scheme="light")
    page.goto(f"{base}{name}.html")
    labs_here = [
        lab_on(page, place.get_attribute("data-lab")) for place in page.locator(".hm-place").all()
    ]
    for lab in labs_here:
        predict(lab)
    assert serious(page, "article") == []
    page.emulate_media(color_scheme="dark")
    for lab in labs_here:
        lab.scroll_into_view_if_needed()
        expect(lab).to_have_attribute("data-theme", "dark")
    # The theme changes colours and nothing else.
    assert serious(page, "article", only=["color-contrast"]) == []


@pytest.mark.parametrize(("name", "key"), LABS_OF, ids=[key for _, key in LABS_OF])
def test_a_lab_takes_its_prediction_and_moves(site, page, name, key):
    in_turn(site, key)
    page.goto(address(site, name))
    walk(lab_on(page, key), read(site / LABS / f"{key}.js"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_on_the_page_looks_as_the_lab_draws_it(site, page, theme):
    """What lies under a picture must lie exactly where the picture does."""
    page.emulate_media(color_scheme=theme)
    page.goto(address(site, "00_start_here"))
    root = lab_on(page, "nb02.ceiling")
    predict(root)
    kept, lab = read(site / LABS / "nb02.ceiling.js"), labs.ceiling().predict()
    control = kept["spec"]["controls"][0]
    root.get_by_label(control["label"], exact=True).press("Home")
    shown_at(root, [0, *kept["stops"][0][1:]])
    frame = root.locator(".hm-frame")
    frame.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    seen = Image.open(io.BytesIO(frame.screenshot())).convert("RGB")
    lab.set(q_rain=lab.controls[0].values[0])
    drawn = Image.fromarray(lab.frame(theme).pixels).convert("RGB").resize(seen.size)
    apart = np.abs(np.array(seen).astype(int) - np.array(drawn)).max(axis=-1)
    assert (apart > 60).mean() < 0.02
    # The same picture, a little to the side, would be found out.
    moved = np.abs(np.roll(np.array(seen).astype(int), 4, axis=1) - np.array(drawn)).max(axis=-1)
    assert (moved > 60).mean() > 0.03


def test_what_is_not_there_goes_to_what_is_and_says_so(site, page):
    kept = read(site / LABS / "nb02.ceiling.js")
    page.goto(address(site, "00_start_here"))
    root = lab_on(page, "nb02.ceiling")
    predict(root)
    first, second, _ = (control["label"] for control in kept["spec"]["controls"])
    root.get_by_label(first, exact=True).press("Home")
    agrees(root, kept, [0, *kept["stops"][0][1:]])
    root.get_by_label(second, exact=True).press("End")
    end = len(kept["spec"]["controls"][1]["values"]) - 1
    agrees(root, kept, [kept["stops"][0][0], end, kept["stops"][0][2]])
    said = page.locator('.hm-place[data-lab="nb02.ceiling"] .hm-moved')
    expect(said).to_contain_text(first)


def test_it_works_under_a_path_and_follows_the_theme(base, page):
    page.emulate_media(color_scheme="light")
    page.goto(f"{base}00_start_here.html")
    root = lab_on(page, "nb02.ceiling")
    expect(root).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root.locator('.hm-frame img[data-key^="[\\"dark"]')).to_be_visible()
    page.goto(f"{base}search.html?q=staircase")
    expect(page.locator("#search-results a").first).to_be_visible()
    assert page.goto(base.replace("some/", "")).status == 404
