"""What a browser says to a lab, what it hears, and what is too much."""

from __future__ import annotations

import re
import threading

import pytest
from front import Front
from lab.one_bar import PNG, Speechless, X, fails_at_the_top, make


def test_hello_is_answered_with_where_the_lab_stands():
    lab = make()
    front = Front(lab)
    lab.set(x=2.0, k="twice")
    front.says(kind="predict", prediction="no")
    assert lab.prediction == "no"
    values = {"kind": "values", "by": "", "tokens": {"x": 4, "k": 1}, "prediction": "no"}
    assert front.says(kind="hello") == [(values, [])]


def test_every_view_hears_what_one_view_has_done():
    front = Front(make())
    ((heard, _),) = front.says(kind="predict", prediction="no", by="view 1")
    assert (heard["kind"], heard["by"], heard["prediction"]) == ("values", "view 1", "no")
    ((heard, _),) = front.says(kind="settle", tokens={"x": 0, "k": 1}, by="view 1")
    assert (heard["kind"], heard["by"], heard["tokens"]) == ("values", "view 1", {"x": 0, "k": 1})


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
        assert buffers == [other.small_picture]
        assert (content["alt"], content["readout"]) == (other.alt, other.readout)
    assert front.lab.values == {"x": 1.0, "k": "once"}


def test_the_page_asked_for_is_the_page_drawn():
    front = Front(make())
    want = {"kind": "want", "id": "a/1", "wants": [{"x": 2, "k": 0}]}
    (light,), (dark,) = (front.says(theme=theme, **want) for theme in ("light", "dark"))
    assert light[0]["theme"] == "light"
    assert dark[0]["theme"] == "dark"
    assert light[1] == [front.lab.small_picture]
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
    front.says(kind="settle", tokens={"x": 0, "k": 1})
    assert front.lab.values == {"x": 0.0, "k": "twice"}
    assert front.lab.record == {"y": 0.0}


@pytest.mark.parametrize("tokens", [{"x": 4}, {"x": 99}, {}, None])
def test_the_kernel_does_not_follow_to_where_the_lab_fails(tokens):
    front = Front(make([X], fails_at_the_top))
    front.says(kind="settle", tokens=tokens)
    assert front.lab.values == {"x": 1.0}


# Too much, and what is no message at all

LONG = "a" * 50_000_000
MANY = [0] * 1_000_000
WANT = {"kind": "want", "id": "a/1", "theme": "light", "wants": [{"x": 2, "k": 0}]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "a message is of the kind NoneType; accepted: a mapping"),
        ("want", "a message is of the kind str"),
        ([WANT], "a message is of the kind list"),
        ({}, "kind is no word; accepted: 'hello', 'predict', 'settle', 'want'"),
        ({"kind": "nonsense"}, "kind is 'nonsense'; accepted: 'hello'"),
        ({"kind": ["want"]}, "kind is no word"),
        ({"kind": "train"}, "kind is 'train'; accepted"),
        (WANT | {"wants": 3}, "wants are 3; accepted: a list of 1 to 24"),
        (WANT | {"wants": None}, "wants are None"),
        (WANT | {"wants": []}, "wants are 0"),
        (WANT | {"wants": {"x": 1}}, "wants are {'x': 1}"),
        (WANT | {"wants": WANT["wants"] * 25}, "wants are 25; accepted: a list of 1 to 24"),
        (WANT | {"theme": "sepia"}, "theme is 'sepia'; accepted: 'light', 'dark'"),
        (WANT | {"theme": None}, "theme is no word; accepted: 'light', 'dark'"),
        (WANT | {"id": 7}, "id is no word"),
        (WANT | {"id": "a" * 101}, "id is no word; accepted: up to 100 characters"),
        (WANT | {"more": LONG}, "a message has over 20,000 characters"),
        (WANT | {"more": MANY}, "a message has over 20,000 characters"),
        (WANT | {LONG: 1}, "a message has over 20,000 characters"),
        (WANT | {"more": 10 ** 70_000}, "a message has over 20,000 characters"),
        (WANT | {"wants": [{"x": LONG}]}, "a message has over 20,000 characters"),
        (WANT | {"wants": [{"x": 1}] * 200_000}, "a message has over 20,000 characters"),
        ({"kind": "predict"}, "prediction is no word; accepted: 'yes', 'no', 'I cannot say yet'"),
        ({"kind": "predict", "prediction": "maybe"}, "prediction is 'maybe'; accepted: 'yes'"),
        ({"kind": "predict", "prediction": ["yes"]}, "prediction is no word"),
        ({"kind": "predict", "prediction": LONG}, "a message has over 20,000 characters"),
        ({"kind": "predict", "prediction": "y" * 9000}, "prediction is 'yyy"),
        ({"kind": "settle"}, "tokens are None; accepted: one for each control"),
        ({"kind": "settle", "tokens": [1, 2]}, r"tokens are \[1, 2\]"),
        ({"kind": "settle", "tokens": {"x": 99, "k": 0}}, "x has place 99"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_answered_in_words_and_kept_nowhere(content, words):
    front = Front(make())
    front.lab._receive(front.lab, content, [])
    ((reply, buffers),) = front.sent
    assert reply["kind"] == "refused"
    assert re.search(words, reply["error"])
    assert buffers == []
    assert len(str(reply)) < 500
    assert front.lab.prediction == ""
    assert front.lab.values == {"x": 1.0, "k": "once"}
    (drawn,) = front.says(**WANT)
    assert drawn[1] == [front.lab.small_picture]


def test_bytes_beside_a_message_are_refused():
    front = Front(make())
    front.lab._receive(front.lab, WANT, [b"0" * 100])
    assert "bytes beside it" in front.sent[0][0]["error"]


def test_a_refusal_says_which_request_it_answers():
    front = Front(make())
    ((refused, _),) = front.says(**(WANT | {"wants": 3}))
    assert refused["id"] == "a/1"
    ((refused, _),) = front.says(**(WANT | {"id": None, "wants": 3}))
    assert refused["id"] == ""


@pytest.mark.parametrize("prediction", ["yes", "no", "I cannot say yet"])
def test_what_can_be_predicted_is_kept(prediction):
    front = Front(make())
    front.says(kind="predict", prediction=prediction)
    assert front.lab.prediction == prediction


def test_a_slip_of_our_own_is_answered_too():
    front = Front(make())
    front.lab._answers = lambda: {"hello": lambda message: 1 / 0}
    ((reply, _),) = front.says(kind="hello")
    assert "division by zero" in reply["error"]


def test_as_many_pictures_as_are_accepted_are_drawn():
    front = Front(make())
    assert len(front.says(**(WANT | {"wants": WANT["wants"] * 24}))) == 24


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
