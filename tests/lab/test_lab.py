"""Labs without a browser: controls, records, words, and the messages a browser would send."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from front import Front

from hmlib.figures import Picture
from hmlib.lab import Choice, Lab, LabError, LogSlider, Question, Slider, Steps, Training
from hmlib.lab.saving import forget_views

PNG = b"\x89PNG\r\n\x1a\n"


class Bar(Picture):
    """One bar, as plain as a picture can be."""

    size = (2.0, 1.5)

    def build(self, style):
        axes = style.dress(self.figure.subplots())
        axes.set(xlim=(-1, 1), ylim=(0, 10))
        (self.bar,) = axes.bar([0], [0], **style.bar("data"))
        return [self.bar]

    def update(self, record):
        self.bar.set_height(record["y"])

    def alt(self, record):
        return f"A bar of height {record['y']:.1f}."

    def readout(self, record):
        return f"y = {record['y']:.1f}"


class Speechless(Bar):
    """A slip of the pen in its words."""

    def alt(self, record):
        return f"A bar of height {record['heigth']}."


QUESTION = Question("Does the bar grow?", ("yes", "no"), "yes", "Its height is x times k.")
X = Slider("x", "x, a number", 0.0, 2.0, 0.5, 1.0)
K = Choice("k", "k, a factor", ("once", "twice"), "once")


def product(x, k="once"):
    return {"y": x * (2 if k == "twice" else 1)}


def fails_at_the_top(x):
    if x == 2.0:
        raise ZeroDivisionError("nothing is left to divide")
    return {"y": x}


def make(controls=(X, K), compute=product, draw=Bar, title="A bar", **options):
    return Lab(controls, compute, draw, QUESTION, title=title, **options)


# Controls


def test_a_slider_lists_its_values_without_rounding_dust():
    assert Slider("a", "a", 0.0, 0.3, 0.1, 0.1).values == (0.0, 0.1, 0.2, 0.3)
    assert Slider("a", "a", -1, 1, 1, 0).values == (-1, 0, 1)
    assert all(isinstance(value, int) for value in Slider("a", "a", -1, 1, 1, 0).values)


@pytest.mark.parametrize(
    "control",
    [
        X, K, Slider("n", "n", -3, 40, 1, 0), LogSlider("r", "r", 0.01, 10, 0.1),
        Steps("w", "w", {"E": "E", "M": "M"}, 4),
    ],
)  # fmt: skip
def test_a_value_comes_back_from_its_token(control):
    for value in control.sweep(np.random.default_rng(0), 20):
        assert control.value(control.token(value)) == value


def test_a_slider_starts_and_ends_its_sweep_at_its_ends():
    values = list(X.sweep(np.random.default_rng(0), 3))
    assert values[:2] == [0.0, 2.0]
    assert len(values) == 5


def test_steps_sweep_to_their_longest_words():
    control = Steps("w", "w", {"E": "E-phase", "M": "M-phase"}, 3)
    words = list(control.sweep(np.random.default_rng(0), 4))
    assert {"", "EEE", "MMM", "EME"} <= set(words)
    assert all(len(word) <= 3 for word in words)


@pytest.mark.parametrize(
    ("slider", "words"),
    [
        ((1.0, 0.0, 0.1, 0.5), "low, high, step"),
        ((0.0, 1.0, 0.0, 0.5), "low, high, step"),
        ((0.0, 1.0, 0.3, 0.3), "step is 0.3"),
        ((0.0, 1.0, 0.5, 0.2), "x is 0.2; accepted: 0 to 1 in steps of 0.5"),
        ((0.0, float("nan"), 0.5, 0.5), "low, high, step, start"),
    ],
)
def test_a_slider_that_does_not_fit_is_refused(slider, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Slider("x", "x", *slider)


def test_a_log_slider_multiplies_from_power_to_power_and_repeats_nothing():
    values = LogSlider("r", "r", 0.001, 100, 1.0).values
    assert (values[0], values[-1], len(values)) == (0.001, 100.0, 101)
    assert {0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 0.2, 5.0} <= set(values)
    ratios = np.divide(values[1:], values[:-1])
    assert ratios.min() > 1.05
    assert ratios.max() < 1.2
    assert LogSlider("r", "r", 1, 100, 10.0, per_decade=1).values == (1.0, 10.0, 100.0)


@pytest.mark.parametrize(
    ("slider", "words"),
    [
        ((0.0, 1.0, 0.1), "low is 0.0"),
        ((1.0, 0.1, 0.1), "low, high are 1, 0.1"),
        ((0.02, 1.0, 0.1), "low, high are 0.02, 1; accepted: two powers of ten"),
        ((0.1, 1.0, 0.15), "r is 0.15; accepted: 0.1 to 1, one of 0.1, 0.11"),
        ((0.1, 1.0, 0.1, 21), "per_decade is 21"),
        ((0.1, 1.0, 0.1, 0), "per_decade is 0"),
    ],
)
def test_a_log_slider_that_does_not_fit_is_refused(slider, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        LogSlider("r", "r", *slider)


@pytest.mark.parametrize("name", ["two words", "", "1st", 3])
def test_a_control_needs_a_name_that_python_can_use(name):
    with pytest.raises(ValueError, match="name is"):
        Slider(name, "x", 0, 1, 1, 0)


@pytest.mark.parametrize(
    ("control", "value"),
    [
        (LogSlider("r", "r", 0.1, 1, 0.1), 0.15), (LogSlider("r", "r", 0.1, 1, 0.1), "1"),
        (X, 0.25), (X, 3.0), (X, "much"), (X, None), (X, float("nan")), (K, "thrice"), (K, 1),
        (Steps("w", "w", {"E": "E"}, 2), "EEE"), (Steps("w", "w", {"E": "E"}, 2), "X"),
        (Steps("w", "w", {"E": "E"}, 2), 1),
    ],
)  # fmt: skip
def test_a_value_off_the_list_is_refused_by_name(control, value):
    with pytest.raises(ValueError, match=rf"{control.name} is .*accepted"):
        control.token(value)


@pytest.mark.parametrize("token", [-1, 5, 1.0, True, "1", None, [1], float("nan")])
@pytest.mark.parametrize("control", [X, K])
def test_a_place_off_the_list_is_refused_by_name(control, token):
    with pytest.raises(ValueError, match=rf"{control.name} has place"):
        control.value(token)


@pytest.mark.parametrize("options", [("one",), (), ("one", "one")])
def test_a_choice_needs_something_to_choose_from(options):
    with pytest.raises(ValueError, match="options are"):
        Choice("k", "k", options, "one")


@pytest.mark.parametrize("actions", [{}, {"EM": "both"}])
def test_steps_need_single_letters(actions):
    with pytest.raises(ValueError, match="actions are"):
        Steps("w", "w", actions, 3)


def test_a_browser_is_told_numbers_of_equal_length():
    spec = Slider("a", "a", 0.0, 1.0, 0.25, 0.5).spec()
    assert spec["values"] == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert spec["start"] == 2
    spec = LogSlider("a", "a", 0.1, 1.0, 0.25, 10).spec()
    assert spec["values"][:4] == ["0.1", "0.13", "0.16", "0.2"]
    assert spec["start"] == 4


# A lab from Python


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


# Messages


def test_hello_is_answered_with_where_the_lab_stands():
    lab = make()
    front = Front(lab)
    lab.set(x=2.0, k="twice")
    front.says(kind="predict", prediction="no")
    assert lab.prediction == "no"
    values = {"kind": "values", "tokens": {"x": 4, "k": 1}, "prediction": "no"}
    assert front.says(kind="hello") == [(values, [])]


def test_setting_from_python_tells_every_open_view():
    lab = make()
    front = Front(lab)
    lab.set(x=0.0)
    assert [content["tokens"] for content, _ in front.sent] == [{"x": 0, "k": 0}]


def test_each_picture_wanted_is_a_message_of_its_own():
    front, other = Front(make()), make()
    wants = [{"x": 4, "k": 0}, {"x": 3, "k": 1}]
    replies = front.says(kind="want", id="a/1", theme="light", wants=wants)
    assert [content["tokens"] for content, _ in replies] == wants
    assert [content["last"] for content, _ in replies] == [False, True]
    assert {content["id"] for content, _ in replies} == {"a/1"}
    for (content, buffers), values in zip(
        replies, ({"x": 2.0, "k": "once"}, {"x": 1.5, "k": "twice"}), strict=True
    ):
        other.set(**values)
        assert buffers == [other.picture]
        assert (content["alt"], content["readout"]) == (other.alt, other.readout)
    assert front.lab.values == {"x": 1.0, "k": "once"}


def test_the_page_asked_for_is_the_page_drawn():
    front = Front(make())
    want = {"kind": "want", "id": "a/1", "wants": [{"x": 2, "k": 0}]}
    (light,), (dark,) = (front.says(theme=theme, **want) for theme in ("light", "dark"))
    assert light[0]["theme"] == "light"
    assert dark[0]["theme"] == "dark"
    assert light[1] == [front.lab.picture]
    assert dark[1] != light[1]


def test_an_error_is_answered_in_words_and_the_rest_still_drawn():
    front = Front(make([X], fails_at_the_top))
    wants = [{"x": 4}, {"x": 3}]
    bad, good = front.says(kind="want", id="a/1", theme="light", wants=wants)
    assert re.search(r"x = 2\.0.*nothing is left to divide", bad[0]["error"])
    assert bad[1] == []
    assert "error" not in good[0]
    assert good[0]["last"]
    assert good[1][0].startswith(PNG)


@pytest.mark.parametrize(
    ("tokens", "theme", "options"),
    [
        ({"x": 99}, "light", {}),
        ({}, "light", {}),
        ({"x": "2"}, "light", {}),
        (None, "light", {}),
        ({"x": 1}, "sepia", {}),
        ({"x": 1}, "light", {"draw": Speechless}),
        ({"x": 1}, "light", {"compute": lambda x: {"z": x}}),
    ],
)
def test_whatever_is_wrong_a_want_gets_one_answer_in_words(tokens, theme, options):
    front = Front(make([X], **options))
    ((content, buffers),) = front.says(kind="want", id="a/1", theme=theme, wants=[tokens])
    assert content["kind"] == "picture"
    assert content["last"]
    assert content["error"]
    assert buffers == []


def test_the_kernel_follows_where_the_controls_came_to_rest():
    front = Front(make())
    assert front.says(kind="settle", tokens={"x": 0, "k": 1}) == []
    assert front.lab.values == {"x": 0.0, "k": "twice"}
    assert front.lab.record == {"y": 0.0}


@pytest.mark.parametrize("tokens", [{"x": 4}, {"x": 99}, {}, None])
def test_the_kernel_does_not_follow_to_where_the_lab_fails(tokens):
    front = Front(make([X], fails_at_the_top))
    front.says(kind="settle", tokens=tokens)
    assert front.lab.values == {"x": 1.0}


def test_messages_of_other_kinds_are_ignored():
    assert Front(make()).says(kind="nonsense") == []
    assert Front(make()).says() == []


# Threads


def at_once(actions):
    """Do all actions, each in a thread of its own, all starting together."""
    gate = threading.Barrier(len(actions))

    def start(action):
        gate.wait()
        action()

    threads = [threading.Thread(target=start, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)


def test_labs_driven_from_two_threads_draw_what_they_draw_alone():
    def drive(lab, out):
        for _ in range(3):
            for x in X.values:
                out.append(lab.set(x=x).picture)

    alone, together = [], [[], []]
    drive(make(), alone)
    at_once([lambda out=out: drive(make(), out) for out in together])
    assert together == [alone, alone]


def test_one_lab_asked_from_two_threads_answers_each_with_its_own():
    lab, orders = make(), (list(range(5)), [4, 2, 0, 3, 1])
    front = Front(lab)

    def wanting(places):
        wants = [{"x": x, "k": 0} for x in places]
        return {"kind": "want", "id": "", "theme": "light", "wants": wants}

    alone = {
        content["tokens"]["x"]: buffers for content, buffers in front.says(**wanting(range(5)))
    }
    front.sent.clear()
    at_once([lambda o=o: lab._receive(lab, wanting(4 * o), []) for o in orders])
    assert len(front.sent) == 40
    assert all(buffers == alone[content["tokens"]["x"]] for content, buffers in front.sent)


# Every lab of the course


UNKNOWN = "The table", "truth"
"""Where NaN stands for what nobody knows."""


def numbers(record: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Everything in a record, by its name: fields, their fields, and what mappings hold."""
    if is_dataclass(record):
        record = {f.name: getattr(record, f.name) for f in fields(record)}
    if not isinstance(record, Mapping):
        yield name, record
        return
    for part, value in record.items():
        yield from numbers(value, f"{name}.{part}" if name else part)


def test_a_lab_stands_every_value_and_the_same_values_give_the_same_numbers(make_lab):
    """A computation is pure: it may depend on its arguments alone, and not on its last call."""
    lab, other = make_lab(), make_lab()
    swept = lab.sweep(n=2)
    assert len(swept) > 5
    for values, record in swept:
        found, again = dict(numbers(record)), dict(numbers(other._compute(**values)))
        assert list(found) == list(again)
        for name, value in found.items():
            np.testing.assert_array_equal(value, again[name])
            if isinstance(value, float | np.ndarray) and (lab._title, name) != UNKNOWN:
                assert np.isfinite(value).all(), f"{name} at {values}"


def test_words_and_picture_follow_every_control(make_lab):
    """From end to end of a control picture and words change, at some place of the others."""
    lab, rng = make_lab(), np.random.default_rng(0)
    learns = isinstance(lab, Training)
    for name, control in lab._controls.items():
        if learns and name == "speed":
            continue  # it says how long a picture takes, not what is in it
        for _ in range(4):
            lab.set(**{n: list(c.sweep(rng, 1))[-1] for n, c in lab._controls.items()})
            shown = []
            for value in list(control.sweep(rng, 0))[:2]:
                lab.set(**{name: value})
                if learns:
                    lab.restart().advance(20)
                shown.append((lab.picture, lab.alt))
            (picture, words), (other_picture, other_words) = shown
            if picture != other_picture and words != other_words:
                break
        else:
            pytest.fail(f"{name} moves nothing")


def test_a_lab_asks_a_question_worth_asking(make_lab):
    question = make_lab()._question
    assert question.text.endswith("?")
    assert len(question.options) >= 2
    assert question.because.endswith(".")


def test_a_slider_of_the_course_has_film_in_it(make_lab):
    for control in make_lab()._controls.values():
        if isinstance(control, Slider | LogSlider):
            assert len(control.values) >= 40


def test_the_printed_form_is_the_same_in_every_run(make_lab):
    text = repr(make_lab())
    assert text == repr(make_lab())
    assert " at 0x" not in text
