"""Labs that learn: play, pause, step, restart, beside other labs and running cells."""

from __future__ import annotations

import base64
import json

import pytest
from browser.cells import LEARN_BUSY, LEARN_MORE, LEARN_TELL
from browser.on_page import OnPage, serious, start_of
from browser.opened import Opened
from playwright.sync_api import expect

from hmlib.course.nb05 import training_labs as training
from hmlib.lab import Slider

pytestmark = [pytest.mark.browser, pytest.mark.long]


def training_lab(learning: Opened, place: int = 0) -> OnPage:
    """A lab that learns, its question answered, paused, with the focus on its rate."""
    lab = learning.trainings()[place]
    lab.predict()
    if lab.button("Pause").is_visible():
        lab.button("Pause").click()
    lab.enter()
    lab.tab_to(lab.root.get_by_label("learning rate", exact=True))
    return lab


def press_button(lab: OnPage, name: str, key: str = "Enter") -> None:
    lab.tab_to(lab.button(name))
    lab.press(key)


def on_screen(lab: OnPage) -> tuple[int, ...]:
    """Tokens of rate, seed and speed, and the steps of the picture on screen."""
    return tuple(json.loads(lab.shown()["key"])[1:])


def wait_for_key(lab: OnPage, test: str, value: object) -> None:
    """Wait until a test in JavaScript, of `key` and `value`, is true of the picture on screen."""
    found = f"""([root, value]) => {{
        const key = JSON.parse(root.querySelector('.hm-frame img').dataset.key ?? "[]");
        return {test};
    }}"""
    lab.page.wait_for_function(found, arg=[lab.root.element_handle(), value])


def goes_on(lab: OnPage) -> None:
    """Wait for two more pictures, each of more steps."""
    for _ in range(2):
        wait_for_key(lab, "key[4] > value", on_screen(lab)[3])


def rests(lab: OnPage) -> int:
    """The steps on screen, which must stay the same once the last answer on its way is there."""
    shown = None
    for _ in range(20):
        before, shown = shown, lab.shown()
        if shown == before:
            break
        lab.page.wait_for_timeout(500)
    lab.page.wait_for_timeout(500)
    assert lab.shown() == shown
    return on_screen(lab)[3]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_serious_is_found_in_a_lab_that_learns(learning, theme):
    learning.theme(theme)
    assert serious(learning.page) == []


def test_a_lab_that_learns_waits_for_the_prediction(learning):
    for lab in learning.trainings():
        assert on_screen(lab)[3] == 0
        for control in lab.root.locator(".hm-control input, .hm-control select").all():
            expect(control).to_be_disabled()
        for button in lab.root.get_by_role("button").all():
            expect(button).to_be_disabled()
        lab.predict()
        expect(lab.root.get_by_label("learning rate", exact=True)).to_be_focused()


def test_tab_reaches_everything_in_a_lab_that_learns(learning):
    lab = training_lab(learning)
    lab.enter()
    names, _ = lab.stops()
    assert names[-3:] == ["Play", "Step", "Restart"]
    for place in range(1, len(names)):
        lab.press("Tab")
        assert lab.stops()[1] == place


def test_a_step_is_a_step(learning):
    lab, twin = training_lab(learning), training.stripes()
    before = lab.sizes()
    press_button(lab, "Restart")
    wait_for_key(lab, "key[4] === value", 0)
    for steps, key in enumerate(("Enter", "Space", "Enter"), start=1):
        press_button(lab, "Step", key)
        wait_for_key(lab, "key[4] === value", steps)
        shown = lab.shown()
        assert base64.b64decode(shown["png"]) == twin.advance().small_picture
        assert (shown["alt"], shown["readout"]) == (twin.alt, twin.readout)
    assert rests(lab) == 3
    assert lab.sizes() == before


def test_play_learns_until_it_is_paused_and_keeps_what_was_learnt(learning):
    lab = training_lab(learning)
    before = lab.sizes()
    press_button(lab, "Restart")
    wait_for_key(lab, "key[4] === value", 0)
    press_button(lab, "Play")
    expect(lab.button("Pause")).to_be_focused()
    goes_on(lab)
    lab.press("Space")
    expect(lab.button("Play")).to_be_focused()
    steps = rests(lab)
    twin = training.stripes().advance(steps)
    assert lab.shown()["readout"] == twin.readout
    assert lab.sizes() == before
    press_button(lab, "Step")
    wait_for_key(lab, "key[4] === value", steps + 1)
    learning.run_cell(LEARN_TELL)
    expect(learning.output(LEARN_TELL)).to_contain_text(f"steps: {steps + 1}")


def test_controls_answer_while_it_learns(learning):
    lab = training_lab(learning)
    press_button(lab, "Restart")
    press_button(lab, "Play")
    goes_on(lab)
    places = len(lab.twin._controls["rate"].values)
    for label, index, key, token in (
        ("learning rate", 1, "End", places - 1), ("learning rate", 1, "ArrowLeft", places - 2),
        ("speed", 3, "End", 3), ("speed", 3, "Home", 0),
    ):  # fmt: skip
        lab.tab_to(lab.root.get_by_label(label, exact=True))
        lab.press(key)
        wait_for_key(lab, f"key[{index}] === value", token)
        goes_on(lab)
    expect(lab.button("Pause")).to_be_visible()
    expect(lab.root.locator(".hm-readout")).to_contain_text("rate 8.9")
    press_button(lab, "Pause")
    rests(lab)
    lab.tab_to(lab.root.get_by_label("learning rate, typed", exact=True))
    lab.press("Control+A", *"0.5", "Enter")
    expect(lab.root.locator(".hm-readout")).to_contain_text("rate 0.5")
    lab.tab_to(lab.root.get_by_label("speed", exact=True))
    lab.press("ArrowDown", "ArrowDown")
    wait_for_key(lab, "key[3] === value", 2)


def test_another_lab_answers_while_one_learns(learning):
    lab = training_lab(learning)
    press_button(lab, "Play")
    (other,) = learning.labs()
    other.predict()
    twin = other.twin
    slider = next(control for control in twin._controls.values() if isinstance(control, Slider))
    tokens = start_of(twin)
    other.enter()
    other.tab_to(other.root.get_by_label(slider.label, exact=True))
    for key, token in (("End", len(slider.values) - 1), ("ArrowLeft", len(slider.values) - 2)):
        other.press(key)
        other.agrees(tokens | {slider.name: token}, twin)
    expect(lab.button("Pause")).to_be_visible()
    goes_on(lab)
    lab.button("Pause").click()


def test_a_new_seed_waits_for_restart_and_says_so(learning):
    lab = training_lab(learning)
    lab.tab_to(lab.root.get_by_label("seed, for Restart", exact=True))
    steps = rests(lab)
    lab.press("End")
    wait_for_key(lab, "key[2] === value", 49)
    expect(lab.root.locator("p.hm-note")).to_have_text(
        "This run has seed 1; Restart begins anew with seed 49."
    )
    assert on_screen(lab)[3] == steps
    press_button(lab, "Restart")
    wait_for_key(lab, "key[4] === value", 0)
    expect(lab.root.locator(".hm-readout")).to_contain_text("step 0, seed 49")
    expect(lab.root.locator("p.hm-note")).to_have_text("")
    lab.tab_to(lab.root.get_by_label("seed, for Restart", exact=True))
    lab.press("Home", "ArrowRight")
    press_button(lab, "Restart")
    expect(lab.root.locator(".hm-readout")).to_contain_text("step 0, seed 1,")


def test_restart_goes_on_playing(learning):
    lab = training_lab(learning)
    press_button(lab, "Play")
    goes_on(lab)
    lab.press("Tab", "Tab", "Enter")  # over Step to Restart
    goes_on(lab)
    press_button(lab, "Pause")
    rests(lab)


def test_it_learns_on_while_a_cell_runs(learning):
    lab = training_lab(learning)
    learning.run_cell(LEARN_BUSY, wait=False)
    learning.page.wait_for_timeout(300)
    lab.button("Play").click()
    goes_on(lab)
    expect(learning.output(LEARN_BUSY)).not_to_contain_text("the cell has ended")
    lab.button("Pause").click()
    expect(learning.output(LEARN_BUSY)).to_contain_text("the cell has ended")


def test_a_cell_that_learns_moves_the_picture(learning):
    lab = training_lab(learning)
    steps = rests(lab)
    learning.run_cell(LEARN_MORE)
    wait_for_key(lab, "key[4] === value", steps + 50)


def test_learning_that_fails_stops_in_words(learning):
    lab = training_lab(learning, 1)
    press_button(lab, "Play")
    error = lab.root.get_by_role("alert")
    expect(error).to_contain_text("division by zero")
    expect(error).to_contain_text("rate = 0.5")
    expect(lab.button("Play")).to_be_visible()
    assert rests(lab) == 0
    assert serious(learning.page) == []


def test_a_run_that_is_over_says_so(learning):
    lab = training_lab(learning, 2)
    press_button(lab, "Play")
    wait_for_key(lab, "key[4] === value", 120)
    expect(lab.root.locator("p.hm-note")).to_contain_text("over after 120 steps")
    expect(lab.button("Play")).to_be_visible()
    press_button(lab, "Restart")
    wait_for_key(lab, "key[4] === value", 0)
    expect(lab.root.locator("p.hm-note")).to_have_text("")


def test_a_lab_that_learns_follows_the_theme(learning):
    lab = training_lab(learning, 2)
    pictures = {}
    for theme in ("dark", "light"):
        learning.theme(theme)
        pictures[theme] = base64.b64decode(lab.shown()["png"])
        assert pictures[theme] == training.stripes()._drawn(lab.twin.values, lab.twin.record, theme)
    assert pictures["dark"] != pictures["light"]
