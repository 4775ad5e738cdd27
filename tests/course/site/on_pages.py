"""A lab on a page without a kernel: driven by keys and mouse, and held against its words."""

from __future__ import annotations

import random

from playwright.sync_api import Locator, Page, expect

ON_SCREEN = """
(root) => {
  const image = root.querySelector(".hm-frame img");
  return [image.dataset.key ?? "", root.querySelector(".hm-readout").textContent, image.alt,
    image.naturalWidth];
}
"""


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
    assert width > 100


def walk(root: Locator, kept: dict) -> None:
    """A student's way through a lab that waits for the prediction."""
    spec, start = kept["spec"], kept["stops"][0]
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
        reset(root, kept)
        if control["kind"] == "slider":
            by_mouse(root, kept, place, control)
            reset(root, kept)
    if spec.get("kept"):
        plays(root, kept)
    verdict = root.locator(".hm-verdict")
    root.get_by_role("button", name="Compare with what you saw", exact=True).click()
    expect(verdict).to_contain_text(spec["question"]["because"])
    expect(verdict).to_be_in_viewport(ratio=0.9)


def reset(root: Locator, kept: dict) -> None:
    root.get_by_role("button", name="Reset", exact=True).click()
    agrees(root, kept, kept["stops"][0])


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
