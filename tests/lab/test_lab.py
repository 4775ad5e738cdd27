"""Labs without a browser: records, words, pictures, and what is saved."""

from __future__ import annotations

import numpy as np
import pytest
from lab.one_bar import PNG, Bar, K, Speechless, X, fails_at_the_top, make

from hmlib.lab import Handle, LabError, Question, Slider
from hmlib.lab.base import FETCH_AHEAD
from hmlib.lab.saving import forget_views


def test_a_lab_says_where_it_stands():
    lab = make()
    assert lab.values == {"x": 1.0, "k": "once"}
    assert lab.record == {"y": 1.0}
    assert lab.picture.startswith(PNG)
    assert lab.alt == "A bar of height 1.0."
    assert lab.readout == "y = 1.0"
    assert repr(lab) == "Lab 'A bar' at x = 1.0, k = once: y = 1.0"


def test_setting_moves_everything_and_reset_moves_it_back():
    lab = make()

    def shown():
        return lab.picture, lab.alt, lab.readout, repr(lab)

    before = shown()
    assert lab.set(x=2.0, k="twice") is lab
    assert lab.record == {"y": 4.0}
    assert all(new != old for new, old in zip(shown(), before, strict=True))
    lab.reset()
    assert shown() == before


def test_values_are_a_copy():
    lab = make()
    lab.values["x"] = 2.0
    assert lab.values["x"] == 1.0


@pytest.mark.parametrize(
    ("values", "words"),
    [({"y": 1}, "control 'y' is unknown; accepted: x, k"), ({"x": 0.7}, "x is 0.7")],
)
def test_a_bad_setting_is_refused_and_changes_nothing(values, words):
    lab = make()
    with pytest.raises(ValueError, match=words):
        lab.set(k="twice", **values)
    assert lab.values == {"x": 1.0, "k": "once"}


def test_a_failing_value_is_told_with_the_controls_and_the_lab_stays():
    lab = make([X], fails_at_the_top)
    picture = lab.picture
    with pytest.raises(LabError, match=r"compute.*x = 2\.0.*nothing is left.*ZeroDivisionError"):
        lab.set(x=2.0)
    assert lab.values == {"x": 1.0}
    assert lab.picture == picture
    assert lab.set(x=0.5).record == {"y": 0.5}


def test_a_lab_that_fails_at_its_start_cannot_be_made():
    with pytest.raises(LabError, match=r"x = 2\.0"):
        make([Slider("x", "x", 0.0, 2.0, 0.5, 2.0)], fails_at_the_top)


def test_a_sweep_finds_what_fails_at_the_far_end():
    with pytest.raises(LabError, match=r"compute.*x = 2\.0"):
        make([X], fails_at_the_top).sweep()


def test_a_sweep_finds_a_picture_that_cannot_be_drawn():
    with pytest.raises(LabError, match=r"draw.*x = "):
        make([X], lambda x: {"z": x}).sweep()


@pytest.mark.parametrize("words", ["alt", "readout"])
def test_a_sweep_finds_a_picture_without_words(words):
    silent = type("Silent", (Bar,), {words: lambda self, record: " "})
    with pytest.raises(LabError, match="no words"):
        make([X], draw=silent).sweep()
    with pytest.raises(LabError, match=r"describe.*x = 1\.0.*heigth"):
        make([X], draw=Speechless).sweep()


def test_a_sweep_visits_start_and_ends_and_is_the_same_each_time():
    lab = make()
    stops = [values for values, _ in lab.sweep()]
    for values in (
        {"x": 1.0, "k": "once"}, {"x": 0.0, "k": "once"}, {"x": 2.0, "k": "once"},
        {"x": 1.0, "k": "twice"}, {"x": 2.0, "k": "twice"},
    ):  # fmt: skip
        assert values in stops
    assert stops == [values for values, _ in lab.sweep()]
    assert stops != [values for values, _ in lab.sweep(np.random.default_rng(1))]
    assert lab.values == {"x": 1.0, "k": "once"}


@pytest.mark.parametrize(
    "controls", [[], [X, X], [X, K, *(Slider(n, n, 0, 1, 1, 0) for n in "ab")]]
)
def test_a_lab_has_one_to_three_controls_of_different_names(controls):
    with pytest.raises(ValueError, match="accepted: one to three of different names"):
        make(controls)


def test_an_unknown_way_to_update_is_refused():
    with pytest.raises(ValueError, match="update is 'sometimes'"):
        make(update="sometimes")


def test_the_answer_is_one_of_the_options():
    with pytest.raises(ValueError, match="answer is 'perhaps'"):
        Question("Well?", ("yes", "no"), "perhaps", "")


def test_a_saved_output_keeps_picture_words_and_text():
    lab = make()
    data, metadata = lab._repr_mimebundle_()
    assert data["text/plain"] == repr(lab)
    assert data["image/png"] == lab.picture
    assert metadata["image/png"] == {"alt": lab.alt}
    assert "application/vnd.jupyter.widget-view+json" in data


def test_a_notebook_is_saved_without_views_that_have_a_picture():
    view, png = "application/vnd.jupyter.widget-view+json", "image/png"
    shown = {"output_type": "display_data", "data": {view: {}, png: "", "text/plain": ""}}
    plain = {"output_type": "display_data", "data": {view: {}, "text/plain": ""}}
    outputs = [shown, plain, {"output_type": "stream", "name": "stdout", "text": "1"}]
    cells = [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]
    forget_views({"type": "notebook", "content": {"cells": cells}}, path="a.ipynb")
    assert list(shown["data"]) == [png, "text/plain"]
    assert list(plain["data"]) == [view, "text/plain"]
    for other in ({"type": "file", "content": "{}"}, {"type": "notebook", "content": None}):
        before = dict(other)
        forget_views(other)
        assert other == before


class Told(Bar):
    """Says while it is locked what it shows then."""

    def locked_readout(self, record):
        return "The bar comes later."


def test_what_is_hidden_comes_with_the_prediction():
    lab, shown = make(draw=Told, hides=("bar",)), make(draw=Told)
    assert lab.locked
    assert lab.readout == "The bar comes later."
    assert "1.0." not in lab.alt
    assert repr(lab) == "Lab 'A bar' at x = 1.0, k = once: The bar comes later."
    locked = lab.picture
    assert locked == lab.set(x=2.0).picture != shown.set(x=2.0).picture
    lab.predict("no")
    assert lab.prediction == "no"
    assert not lab.locked
    assert (lab.picture, lab.alt, lab.readout) == (shown.picture, shown.alt, shown.readout)


def test_who_cannot_say_yet_sees_everything_too():
    lab = make(hides=("bar",))
    assert lab.predict().readout == "y = 1.0"
    with pytest.raises(ValueError, match="option"):
        lab.predict("perhaps")


@pytest.mark.parametrize("name", ["baar", "style", "figure"])
def test_only_what_moves_can_be_hidden(name):
    lab = make(hides=(name,))
    with pytest.raises(LabError, match=f"hides has '{name}'"):
        _ = lab.picture


def test_a_reply_is_to_a_wrong_option():
    Question("Well?", ("yes", "no"), "yes", "So.", {"no": "You thought of another."})
    for option in ("yes", "maybe"):
        with pytest.raises(ValueError, match="replies"):
            Question("Well?", ("yes", "no"), "yes", "So.", {option: "Well."})


class WithAxes(Bar):
    """Gives its axes a name."""

    def build(self, style):
        artists = super().build(style)
        (self.axes,) = self.figure.axes
        return artists


@pytest.mark.parametrize("log", [False, True])
def test_a_handle_is_told_where_its_axes_are(log):
    lab = make(draw=WithAxes, handles=[Handle("axes", y="x", at=lambda record: record["y"] / 8)])
    picture = lab._picture("light")
    if log:
        picture.axes.set(yscale="log", ylim=(0.1, 10))
    reply, _ = lab._reply(lab.values, lab.record, "light")
    (found,) = reply["handles"]
    assert found["other"] == 1 / 8
    assert (found["log_x"], found["log_y"]) == (False, log)
    # matplotlib's own way from data to pixels, from below; ours is in parts of the picture.
    width, height = picture.canvas.get_width_height()
    for value in (0.5, 2.0):
        right, up = picture.axes.transData.transform((1 / 8, value))
        (low, high), f = found["y"], np.log10 if log else float
        part = (f(value) - f(low)) / (f(high) - f(low))
        top = found["top"] + (1 - part) * found["height"]
        assert np.isclose(height - up, height * top, atol=1)  # a picture has whole pixels
        (low, high) = found["x"]
        part = (0.125 - low) / (high - low)
        assert np.isclose(right, width * (found["left"] + part * found["width"]), atol=1)


def test_a_handle_moves_sliders_only():
    with pytest.raises(ValueError, match="handles has 'k'"):
        make(draw=WithAxes, handles=[Handle("axes", y="k", at=0)])
    lab = make(handles=[Handle("bar", y="x", at=0)])
    with pytest.raises(LabError, match="axes is 'bar'"):
        lab._reply(lab.values, lab.record, "light")
    for wrong in ({}, {"x": "x"}, {"x": "x", "y": "y", "at": 1.0}):
        with pytest.raises(ValueError, match="a slider for each axis"):
            Handle("axes", **wrong)


@pytest.mark.parametrize(("value", "ahead"), [(None, True), ("1", True), ("0", False)])
def test_a_hub_can_spare_its_kernels(monkeypatch, value, ahead):
    monkeypatch.delenv(FETCH_AHEAD, raising=False)
    if value is not None:
        monkeypatch.setenv(FETCH_AHEAD, value)
    assert make().spec["ahead"] is ahead
