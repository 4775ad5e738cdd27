"""Keys that are the notebook's, numbers as people type them, and two views of one lab."""

from __future__ import annotations

import pytest
from browser.cells import BUSY
from browser.on_page import OnPage
from browser.opened import Opened
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.long]

DIRTY = "() => { jupyterapp.shell.currentWidget.context.model.dirty = true; }"
CLEAN = "() => !jupyterapp.shell.currentWidget.context.model.dirty"


def lab_of(probe: Opened, title: str = "It fails") -> OnPage:
    lab = next(lab for lab in probe.labs() if lab.title == title)
    lab.predict()
    lab.enter()
    return lab


@pytest.mark.parametrize("label", ["x, a number", "x, a number, typed"])
@pytest.mark.parametrize("modifier", ["Control", "Meta"])
def test_the_notebook_is_saved_with_the_focus_in_a_lab(probe, label, modifier):
    lab = lab_of(probe)
    lab.tab_to(lab.root.get_by_label(label, exact=True))
    if modifier == "Meta":
        # Not this machine's key for saving: it must pass by, and move nothing.
        before = lab.shown()
        lab.press("Meta+s")
        assert lab.shown() == before
        return
    probe.page.evaluate(DIRTY)
    lab.press("Control+s")
    probe.page.wait_for_function(CLEAN)


def test_keys_of_a_lab_are_no_commands_of_the_notebook(probe):
    lab = lab_of(probe)
    cells = probe.page.locator(".jp-Notebook .jp-Cell").count()
    slider = lab.root.get_by_label("x, a number", exact=True)
    lab.tab_to(slider)
    lab.press("Home")
    lab.wait_for({"x": 0})
    lab.press("PageUp", "ArrowUp", "ArrowRight", "ArrowDown")
    lab.wait_for({"x": 5})
    lab.press(*"abxdd", "Escape")
    expect(slider).to_be_focused()
    assert probe.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_a_number_is_typed_with_a_comma_or_a_point(probe):
    lab = lab_of(probe)
    box = lab.root.get_by_label("x, a number, typed", exact=True)
    lab.tab_to(box)
    for typed, token in (("0,3", 3), ("0.4", 4), (",5", 5)):
        lab.press("Control+A", *typed, "Enter")
        lab.wait_for({"x": token})
        expect(box).to_have_value(f"{token / 10:.1f}")
    lab.press("Control+A", *"much", "Enter")
    note = lab.root.locator("p.hm-note")
    expect(note).to_contain_text("please type a number from 0.0 to 4.0, such as 0.5 or 0,5")
    lab.press("Control+A", *"0.5", "Enter")
    expect(note).not_to_contain_text("please type")


def test_what_a_lab_hides_comes_with_the_prediction(probe):
    lab = next(lab for lab in probe.labs() if lab.title == "It can be dragged")
    lab.wait_for({"x": 20})
    locked = lab.shown()
    assert "2.0" not in locked["readout"] + locked["alt"]
    expect(lab.root.locator(".hm-handle")).to_be_hidden()
    lab.predict()
    lab.wait_for({"x": 20})
    assert lab.shown()["readout"] == "x = 2.0"
    assert lab.shown()["png"] != locked["png"]
    expect(lab.root.locator(".hm-handle")).to_be_visible()


def test_a_bar_is_pulled_with_a_mouse_and_pushed_with_keys(probe):
    lab = lab_of(probe, "It can be dragged")
    handle, mouse = lab.root.locator(".hm-handle"), probe.page.mouse
    handle.hover()
    expect(handle).to_have_css("opacity", "1")
    box, frame = handle.bounding_box(), lab.root.locator(".hm-frame").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.down()
    mouse.move(x + 40, frame["y"] - 50, steps=5)
    lab.wait_for({"x": 40})
    mouse.up()
    mouse.move(x, y)
    lab.press("ArrowDown", "ArrowLeft")
    lab.wait_for({"x": 38})
    expect(lab.root.get_by_label("x, a number", exact=True)).to_have_value("38")
    assert handle.bounding_box()["x"] == pytest.approx(box["x"], abs=1)


def test_a_bar_is_pulled_with_a_finger(probe):
    lab = lab_of(probe, "It can be dragged")
    box = lab.root.locator(".hm-handle").bounding_box()
    frame = lab.root.locator(".hm-frame").bounding_box()
    finger = {"x": box["x"] + 15, "y": box["y"] + 15}
    touch = probe.page.context.new_cdp_session(probe.page)
    for kind, points in (
        ("touchStart", [finger]),
        ("touchMove", [finger | {"y": frame["y"] + frame["height"] - 1}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    lab.wait_for({"x": 0})


def test_a_picture_fetched_ahead_needs_no_kernel(probe):
    lab = lab_of(probe, "It can be dragged")
    slider = lab.root.get_by_label("x, a number", exact=True)
    slider.focus()
    lab.press("Home")
    lab.wait_for({"x": 0})
    probe.page.wait_for_timeout(1500)
    probe.run_cell(BUSY, wait=False)
    probe.page.wait_for_timeout(300)
    slider.focus()
    lab.press("End")
    lab.wait_for({"x": 40})
    expect(probe.output(BUSY)).not_to_contain_text("the cell has ended")
    expect(probe.output(BUSY)).to_contain_text("the cell has ended")


def test_a_second_view_follows_the_first(window, address, folder):
    opened = Opened(window.new_page(), address, "probe.ipynb")
    opened.run_cell(0)
    opened.run_cell(1)
    opened.wait_for_pictures()
    opened.page.evaluate(
        """async () => {
            jupyterapp.shell.currentWidget.content.activeCellIndex = 1;
            await jupyterapp.commands.execute("notebook:create-output-view");
        }"""
    )
    expect(opened.page.locator(".hm-lab")).to_have_count(2)
    opened.wait_for_pictures()
    first, second = opened.labs()
    first.predict()
    expect(second.root.get_by_text("You predicted: yes.")).to_be_visible()
    for moved, follows, key, token in ((first, second, "Home", 0), (second, first, "PageUp", 4)):
        moved.root.get_by_label("x, a number", exact=True).focus()
        moved.press(key)
        moved.wait_for({"x": token})
        follows.wait_for({"x": token})
        expect(follows.root.get_by_label("x, a number", exact=True)).to_have_value(str(token))
    opened.close()
