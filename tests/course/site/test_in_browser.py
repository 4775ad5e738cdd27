"""The published pages in a real Chromium, with every outside address blocked and no kernel."""

from __future__ import annotations

import io
import os
import random
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from browser.on_page import serious
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from hmlib.course.nb02 import labs
from hmlib.course.site.chapters import LABS, read_chapters
from hmlib.course.site.recording import read
from hmlib.course.site.serving import server
from tools.browser import ROOT, browser, chromium

pytestmark = [pytest.mark.browser, pytest.mark.long]

CHAPTERS = read_chapters(ROOT / "notebooks")
NAMES = ["index", *(chapter.name for chapter in CHAPTERS)]
LABS_OF = [(one.name, call.key) for one in CHAPTERS for call in one.calls.values()]
ON_SCREEN = """
(root) => {
  const image = root.querySelector(".hm-frame img");
  return [image.dataset.key ?? "", root.querySelector(".hm-readout").textContent, image.alt,
    image.naturalWidth];
}
"""


@pytest.fixture(scope="module")
def window() -> Iterator[BrowserContext]:
    if chromium() is None:
        words = "No Chromium, Chrome or Edge was found, so no page was tried in a browser."
        if os.environ.get("HMLIB_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    with browser() as opened:
        yield opened.new_context(viewport={"width": 1300, "height": 1000}, color_scheme="light")


@pytest.fixture
def page(window) -> Iterator[Page]:
    """A page on which nothing from elsewhere can be had, and nothing may go wrong."""
    opened, trouble = window.new_page(), []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("requestfailed", lambda request: trouble.append(f"not loaded: {request.url}"))

    def outside(route):
        if route.request.url.startswith("http://127.0.0.1"):
            return route.continue_()
        trouble.append(f"asked for elsewhere: {route.request.url}")
        return route.abort()

    opened.route("http*://**", outside)
    yield opened
    opened.close()
    assert trouble == []


def address(site, name: str) -> str:
    return (site / f"{name}.html").as_uri()


def lab_on(page: Page, key: str) -> Locator:
    """The lab, brought near the window so that it moves, before its prediction."""
    place = page.locator(f'.hm-place[data-lab="{key}"]')
    place.scroll_into_view_if_needed()
    root = place.locator(".hm-lab")
    expect(root.locator(".hm-frame img[data-key]")).to_be_visible()
    return root


def predict(root: Locator) -> None:
    root.locator(".hm-option input").first.check()
    root.get_by_role("button", name="Predict", exact=True).click()
    root.page.wait_for_function(
        "(root) => !root.querySelector('.hm-frame img').dataset.key.includes('locked')",
        arg=root.element_handle(),
    )


def shown_at(root: Locator, stop: list) -> list:
    """What is on screen once the picture is that of a stop."""
    root.page.wait_for_function(
        "([root, stop]) => JSON.stringify(JSON.parse(root.querySelector('.hm-frame img')"
        ".dataset.key).slice(1)) === JSON.stringify(stop)",
        arg=[root.element_handle(), stop],
    )
    return root.evaluate(ON_SCREEN)


def agrees(root: Locator, kept: dict, stop: list) -> None:
    """The words on screen must be those of this stop, and there must be a picture."""
    place = kept["stops"].index(stop)
    _, readout, alt, width = shown_at(root, stop)
    assert (readout, alt) == (kept["readout"][place], kept["alt"][place])
    assert width > 300


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_from_a_folder(site, page, name):
    page.goto(address(site, name))
    expect(page.locator("h1").first).to_be_visible()
    assert page.locator("math").count() > 0 or name == "index"
    assert "$" not in page.locator("article p").all_inner_texts()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_serious_is_found_on_a_page(site, page, name, dark):
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(address(site, name))
    for place in page.locator(".hm-place").all():
        lab = lab_on(page, place.get_attribute("data-lab"))
        expect(lab).to_have_attribute("data-theme", "dark" if dark else "light")
        predict(lab)
    assert serious(page, "article") == []


@pytest.mark.parametrize(("name", "key"), LABS_OF, ids=[key for _, key in LABS_OF])
def test_a_lab_takes_its_prediction_and_moves(site, page, name, key):
    kept = read(site / LABS / f"{key}.js")
    spec, start = kept["spec"], kept["stops"][0]
    page.goto(address(site, name))
    root = lab_on(page, key)
    # Before the prediction nothing moves, and nothing that is asked for can be seen.
    for control in root.locator(".hm-control input, .hm-control select").all():
        expect(control).to_be_disabled()
    _, readout, alt, _ = root.evaluate(ON_SCREEN)
    if spec["hides"]:
        assert (readout, alt) == (kept["locked"]["readout"], kept["locked"]["alt"])
        assert (readout, alt) != (kept["readout"][0], kept["alt"][0])
    predict(root)
    agrees(root, kept, start)
    for place, control in enumerate(spec["controls"]):
        by_keys(root, kept, place, control)
        root.get_by_role("button", name="Reset", exact=True).click()
        agrees(root, kept, start)
        if control["kind"] == "slider":
            by_mouse(root, kept, place, control)
            root.get_by_role("button", name="Reset", exact=True).click()
    agrees(root, kept, start)
    if spec.get("kept"):
        plays(root, kept)
    verdict = root.locator(".hm-verdict")
    root.get_by_role("button", name="Compare with what you saw", exact=True).click()
    expect(verdict).to_contain_text(spec["question"]["because"])


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


def by_keys(root: Locator, kept: dict, place: int, control: dict) -> None:
    """Move one control with the keyboard, and compare at each stop on the way."""
    stop = list(kept["stops"][0])
    if control["kind"] == "slider":
        range_ = root.get_by_label(control["label"], exact=True)
        end = len(control["values"]) - 1
        for key in ("End", "ArrowLeft", "Home", "ArrowRight"):
            range_.press(key)
            stop[place] = {"End": end, "ArrowLeft": end - 1, "Home": 0, "ArrowRight": 1}[key]
            agrees(root, kept, stop)
        middle = random.Random(0).randrange(end + 1)
        box = root.get_by_label(f"{control['label']}, typed", exact=True)
        box.fill(control["values"][middle])
        stop[place] = middle
        agrees(root, kept, stop)
    elif control["kind"] == "choice":
        for option in range(len(control["values"])):
            root.get_by_label(control["label"], exact=True).select_option(index=option)
            stop[place] = option
            agrees(root, kept, stop)
    else:
        for letter, label in control["actions"]:
            root.get_by_role("button", name=label, exact=True).press("Enter")
            stop[place] += letter
            agrees(root, kept, stop)
        root.get_by_role("button", name="Undo", exact=True).press("Space")
        stop[place] = stop[place][:-1]
        agrees(root, kept, stop)


def by_mouse(root: Locator, kept: dict, place: int, control: dict) -> None:
    """Drag a slider, and compare where it has come to."""
    range_ = root.get_by_label(control["label"], exact=True)
    range_.scroll_into_view_if_needed()
    box, mouse = range_.bounding_box(), root.page.mouse
    along = [box["x"] + part * box["width"] for part in (0.3, 0.7)]
    mouse.move(along[0], box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(along[1], box["y"] + box["height"] / 2, steps=5)
    mouse.up()
    token = int(range_.input_value())
    assert 0.6 < token / (len(control["values"]) - 1) < 0.8
    stop = list(kept["stops"][0])
    stop[place] = token
    agrees(root, kept, stop)


def plays(root: Locator, kept: dict) -> None:
    """A run that was kept: a step, play, pause, and it stays where it was paused."""
    stop = list(kept["stops"][0])
    root.get_by_role("button", name="Step", exact=True).click()
    stop[0] = 1
    agrees(root, kept, stop)
    root.get_by_label(kept["spec"]["controls"][0]["label"], exact=True).press("Home")
    root.get_by_role("button", name="Play", exact=True).click()
    root.page.wait_for_function(
        "(root) => JSON.parse(root.querySelector('.hm-frame img').dataset.key)[1] >= 3",
        arg=root.element_handle(),
    )
    root.get_by_role("button", name="Pause", exact=True).click()
    root.page.wait_for_timeout(300)
    before = root.evaluate(ON_SCREEN)
    root.page.wait_for_timeout(300)
    assert root.evaluate(ON_SCREEN) == before


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


def test_it_works_under_a_path_and_follows_the_theme(site, page):
    made, base = server(site, "/some/path/", 0)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
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
    finally:
        made.shutdown()
        made.server_close()
