"""What goes wrong in a lab, and what takes time."""

from __future__ import annotations

import json

import pytest
from browser.cells import BUSY, SET, TELL
from browser.on_page import OnPage, serious
from browser.opened import Opened
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.long]


def probe_lab(probe: Opened, title: str) -> OnPage:
    lab = next(lab for lab in probe.labs() if lab.title == title)
    lab.predict()
    lab.enter()
    lab.tab_to(lab.root.get_by_label("x, a number", exact=True))
    return lab


def test_an_error_is_told_in_words_and_the_lab_goes_on(probe):
    lab = probe_lab(probe, "It fails")
    error = lab.root.get_by_role("alert")
    lab.press("End")
    expect(error).to_contain_text("x = 4.0")
    expect(error).to_contain_text("nothing is left to divide")
    assert serious(probe.page) == []
    lab.press("ArrowLeft")
    lab.wait_for({"x": 39})
    expect(error).to_be_hidden()
    assert lab.shown()["alt"] == "A bar of height 3.9."
    lab.press("Home")
    lab.wait_for({"x": 0})


def test_the_next_cell_reads_what_is_on_screen(probe):
    lab = probe_lab(probe, "It fails")
    lab.press("Home", "ArrowRight")
    lab.wait_for({"x": 1})
    lab.page.wait_for_timeout(600)
    probe.run_cell(TELL)
    expect(probe.output(TELL)).to_contain_text("x is 0.1")


def test_a_cell_moves_the_lab_on_screen(probe):
    lab = probe_lab(probe, "It fails")
    probe.run_cell(SET)
    lab.wait_for({"x": 5})
    assert lab.root.get_by_label("x, a number", exact=True).input_value() == "5"


def test_a_lab_answers_while_a_cell_runs(probe):
    lab = probe_lab(probe, "It fails")
    lab.press("Home")
    lab.wait_for({"x": 0})
    probe.run_cell(BUSY, wait=False)
    probe.page.wait_for_timeout(500)
    lab.enter()
    lab.tab_to(lab.button("Reset"))
    lab.press("Enter")
    lab.wait_for({"x": 20})
    expect(probe.output(BUSY)).not_to_contain_text("the cell has ended")
    expect(probe.output(BUSY)).to_contain_text("the cell has ended")


def test_a_dear_lab_waits_until_the_slider_is_let_go(probe):
    lab = probe_lab(probe, "On release")
    lab.button("Reset").click()
    lab.wait_for({"x": 20})
    before, box = lab.sizes(), lab.root.get_by_label("x, a number", exact=True).bounding_box()
    y = box["y"] + box["height"] / 2
    probe.page.mouse.move(box["x"] + box["width"] / 2, y)
    probe.page.mouse.down()
    probe.page.mouse.move(box["x"] + box["width"] - 4, y, steps=5)
    cue = lab.root.get_by_text("being drawn")
    expect(cue).to_be_visible()
    probe.page.wait_for_timeout(800)
    assert json.loads(lab.shown()["key"])[1] == 20
    probe.page.mouse.up()
    expect(cue).to_be_visible()
    lab.wait_for({"x": 40})
    expect(cue).to_be_hidden()
    assert lab.sizes() == before


def test_a_lab_on_a_button_waits_for_it(probe):
    lab = probe_lab(probe, "On a button")
    lab.press("Home")
    cue = lab.root.get_by_text("being drawn")
    expect(cue).to_be_visible()
    probe.page.wait_for_timeout(800)
    # The picture stays, and no number of it is told as if it were of now.
    words = "Press Draw for the picture and its numbers."
    assert lab.shown()["alt"] == f"{words} Before that: A bar of height 2.0."
    assert lab.shown()["readout"] == words
    lab.tab_to(lab.button("Draw"))
    lab.press("Enter")
    lab.wait_for({"x": 0})
    expect(cue).to_be_hidden()
