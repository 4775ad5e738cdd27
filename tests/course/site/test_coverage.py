"""Which values a page has of a lab, counted by hand."""

from __future__ import annotations

from itertools import product

import pytest

from hmlib.course.site.coverage import CAPS, Caps, coverage, every_value
from hmlib.lab import Choice, Slider, Steps

TEN = Slider("ten", "ten values", 0, 9, 1, 3)
FOUR = Slider("four", "four values", 0, 3, 1, 0)
TWO = Choice("two", "two values", ("this", "that"), "this")


def of(*controls, together):
    return coverage(controls, Caps(together=together, word=2))


def test_the_start_comes_first():
    assert of(TEN, FOUR, TWO, together=0).stops[0] == {"ten": 3, "four": 0, "two": "this"}


def test_each_control_goes_through_all_its_values_while_the_others_wait():
    stops = of(TEN, FOUR, TWO, together=0).stops
    assert len(stops) == 1 + 9 + 3 + 1
    for stop in stops:
        moved = [stop["ten"] != 3, stop["four"] != 0, stop["two"] != "this"]
        assert sum(moved) <= 1


def test_pairs_are_whole_up_to_the_cap_and_not_beyond():
    found = of(TEN, FOUR, TWO, together=20)
    there = {tuple(stop.values()) for stop in found.stops}
    assert {(a, 0, b) for a, b in product(range(10), ("this", "that"))} <= there
    assert {(3, a, b) for a, b in product(range(4), ("this", "that"))} <= there
    assert (0, 1, "this") not in there
    assert len(there) == len(found.stops) == 20 + 8 - 2
    assert found.together == (("ten values", "two values"), ("four values", "two values"))


def test_all_together_where_that_is_few():
    found = of(TEN, FOUR, TWO, together=80)
    assert len(found.stops) == 80
    assert found.together == (("ten values", "four values", "two values"),)
    assert found.sentence == ""


def test_one_control_alone_is_whole_and_needs_no_words():
    assert of(TEN, together=0).sentence == ""


def test_the_limits_are_said():
    said = of(TEN, FOUR, TWO, together=20).sentence
    assert "one control moves at a time" in said
    assert "“ten values” and “two values”; “four values” and “two values”" in said
    assert "In the notebook" in said


@pytest.mark.parametrize("word", [0, 1, 3])
def test_words_of_steps_are_all_there_while_short_and_go_in_turn_beyond(word):
    steps = Steps("word", "phases", {"E": "E-phase", "M": "M-phase"}, 6)
    values = every_value(steps, Caps(together=0, word=word))
    assert len(set(values)) == len(values)
    short = {"".join(letters) for n in range(word + 1) for letters in product("EM", repeat=n)}
    turns = {"EMEMEM"[:n] for n in range(7)}
    assert set(values) == short | turns
    said = coverage([steps], Caps(together=0, word=word)).sentence
    assert f"Up to {word} steps come in any order, and up to 6" in said


def test_every_lab_has_every_value_of_every_slider(make_lab):
    lab = make_lab()
    stops = coverage(lab.controls, Caps(0, CAPS.word)).stops
    for control in lab.controls:
        seen = {stop[control.name] for stop in stops}
        assert set(every_value(control)) == seen
        if isinstance(control, Slider):
            assert len(seen) == round((control.high - control.low) / control.step) + 1
