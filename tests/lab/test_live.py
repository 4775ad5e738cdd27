"""Labs that learn: what play, pause, step, rate and restart do, from Python and by messages."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from learners import (
    QUESTION,
    Curve,
    Learner,
    counting,
    failing_at,
    lab_of,
    learner,
    measured,
    probe,
    same_step,
    shown,
    waking_and_sleeping,
)

from hmlib import Generative, Recognition
from hmlib.figures import THEMES
from hmlib.lab import LabError, LogSlider, Training, live
from hmlib.lab.live import AS_FAST, SPEEDS
from hmlib.lab.traffic import Traffic
from hmlib.learning import Diverged, Step

ONE, TEN, HUNDRED, _ = SPEEDS
PNG = b"\x89PNG\r\n\x1a\n"

# From Python


def test_a_new_rate_keeps_what_was_learnt_and_acts_from_the_next_step():
    lab = learner().advance(50)
    before = lab.step
    lab.set(rate=2.0)
    assert same_step(lab.step, before)
    assert lab.record.rate == 2.0
    *_, after = waking_and_sleeping(before, 2.0, 30)
    assert same_step(lab.advance(30).step, after)
    assert not same_step(learner().advance(80).step, after)


def test_the_curves_belong_to_the_steps():
    lab = learner()
    for steps in (1, 9, 40):
        lab.advance(steps)
    record = lab.record
    assert {0, 1, 10, 50} <= set(record.counts)
    assert (np.diff(record.counts) > 0).all()
    assert len(record.measured) == len(record.counts)
    assert record.now == measured(lab.step)
    assert record.shown == shown(lab.step)


def test_long_curves_are_thinned_and_keep_their_ends():
    lab = probe()
    for _ in range(1200):
        lab.advance()
    counts = lab.record.counts
    assert 200 <= len(counts) <= live.MOST_NOTES
    assert (counts[0], counts[-1]) == (0, 1200)
    assert (np.diff(counts) > 0).all()
    assert np.diff(counts).max() <= 8


def test_a_run_is_over_after_its_last_step():
    lab = probe(most=150).advance(100)
    assert lab._said() == ""
    lab.advance(100)
    assert lab.step.count == 150
    assert "over after 150 steps" in lab._said()
    assert lab.advance().step.count == 150
    assert lab.restart().advance(1).step.count == 1


@pytest.mark.parametrize("steps", [0, -1, 1.5, "1", None])
def test_steps_that_are_no_number_are_refused(steps):
    lab = probe()
    with pytest.raises(ValueError, match="steps is"):
        lab.advance(steps)
    assert lab.step.count == 0


def test_a_seed_or_a_rate_off_the_list_is_refused_and_changes_nothing():
    lab = learner().advance(10)
    before = lab.step
    with pytest.raises(ValueError, match="seed is 99"):
        lab.restart(seed=99)
    with pytest.raises(ValueError, match="rate is"):
        lab.set(rate=0.3)
    assert same_step(lab.step, before)
    assert lab.values["seed"] == 1


def test_a_lab_needs_a_control_of_the_rate():
    with pytest.raises(ValueError, match="rate has name 'r'; accepted: 'rate'"):
        Training(
            lambda seed: None, counting, measured, shown, Curve, QUESTION,
            rate=LogSlider("r", "r", 0.1, 1, 0.1), title="",
        )  # fmt: skip


def test_a_lab_that_cannot_begin_says_so():
    def begin(seed):
        raise ZeroDivisionError("nothing to begin with")

    with pytest.raises(LabError, match=r"begin.*seed = 1.*nothing to begin with"):
        lab_of(begin, counting)


# What goes wrong on the way


def test_learning_that_runs_away_stops_in_words_and_keeps_the_last_good_step():
    kept = Step(Generative.zeros(3, 2), Recognition.zeros(3, 2), count=12)
    lab = probe(failing_at(13, Diverged(kept, "G is not finite")))
    with pytest.raises(LabError, match=r"step 12 is kept.*rate = 0\.01.*not finite.*Diverged"):
        lab.advance(40)
    assert lab.step is kept
    assert lab.record.counts[-1] == 12
    assert lab.picture.startswith(PNG)
    assert lab.restart().advance(5).step.count == 5


def test_an_interrupt_keeps_all_that_was_learnt():
    lab = probe(failing_at(33, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        lab.advance(100)
    assert lab.step.count == lab.record.count == lab.record.counts[-1] == 32
    assert lab.picture.startswith(PNG)


# By messages


def test_hello_is_answered_with_where_the_controls_stand():
    front = Learner(probe())
    ((content, _),) = front.says(kind="hello")
    assert content["kind"] == "values"
    assert content["tokens"] == front.lab._tokens()
    front.says(kind="predict", prediction="no")
    assert front.lab.prediction == "no"


def test_one_request_has_one_answer_with_picture_and_words():
    front, other = Learner(learner()), learner()
    content, buffers = front.asks("step", steps=3)
    other.advance(3)
    assert same_step(front.lab.step, other.step)
    assert content["count"] == 3
    assert buffers == [front.lab.small_picture]
    assert (content["alt"], content["readout"]) == (front.lab.alt, front.lab.readout)
    assert content["tokens"] == front.lab._tokens()
    assert not content["over"]
    assert "error" not in content


def test_looking_learns_nothing_and_shows_the_page_asked_for():
    front = Learner(learner().advance(10))
    light, dark = (front.asks("look", theme) for theme in THEMES)
    assert front.lab.step.count == 10
    assert light[1] == [front.lab.small_picture]
    assert light[1] != dark[1]
    assert (light[0]["theme"], dark[0]["theme"]) == ("light", "dark")


@pytest.mark.parametrize(("speed", "steps"), [(ONE, 1), (TEN, 10), (HUNDRED, 100)])
def test_play_makes_as_many_steps_as_the_speed_says(speed, steps):
    front, other = Learner(learner()), learner().advance(2 * steps)
    for k in (1, 2):
        content, _ = front.asks("play", speed=speed)
        assert content["count"] == k * steps
    assert same_step(front.lab.step, other.step)


def test_play_as_fast_as_it_can_learns_the_same():
    front = Learner(learner())
    for _ in range(4):
        front.asks("play", speed=AS_FAST)
    assert front.lab.step.count > 4
    assert same_step(front.lab.step, learner().advance(front.lab.step.count).step)


def test_play_stops_where_the_run_is_over():
    front = Learner(probe(most=150))
    answers = [front.asks("play", speed=HUNDRED)[0] for _ in range(3)]
    assert [answer["count"] for answer in answers] == [100, 150, 150]
    assert [answer["over"] for answer in answers] == [False, True, True]
    assert answers[1]["said"] == "The run is over after 150 steps. Restart begins anew."


def test_the_controls_of_a_request_are_followed():
    front = Learner(learner())
    content, _ = front.asks("play", speed=TEN, rate=2.0, seed=4)
    assert front.lab.values == {"rate": 2.0, "seed": 4, "speed": TEN}
    assert content["said"] == "This run has seed 1; Restart begins anew with seed 4."
    assert same_step(front.lab.step, learner().set(rate=2.0).advance(10).step)
    content, _ = front.asks("restart")
    assert (content["count"], content["said"]) == (0, "")
    assert same_step(front.lab.step, learner().restart(4).step)


def test_an_error_is_answered_in_words_beside_the_picture_of_what_is_kept():
    front = Learner(probe(failing_at(7, ZeroDivisionError("nothing is left"))))
    content, buffers = front.asks("play", speed=TEN)
    assert "step 6 is kept" in content["error"]
    assert "nothing is left" in content["error"]
    assert content["count"] == 6
    assert buffers == [front.lab.small_picture]
    assert "error" not in front.asks("restart")[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tokens": None},
        {"tokens": {}},
        {"theme": "sepia"},
        {"do": "step"},
        {"do": "step", "steps": 0},
        {"do": "step", "steps": 1001},
        {"do": "step", "steps": "3"},
        {"do": "step", "steps": 2.5},
        {"do": "dance"},
        {"do": None},
        {"theme": None},
        {"id": 7},
    ],
)
def test_whatever_is_wrong_a_request_gets_one_answer_in_words(wrong):
    front = Learner(probe())
    request = {"kind": "train", "id": "a", "do": "look", "theme": "light"}
    ((content, _),) = front.says(**(request | {"tokens": front.lab._tokens()} | wrong))
    assert content["kind"] in ("trained", "refused")
    assert content["error"]
    assert front.lab.step.count == 0


def test_learning_from_python_tells_every_open_view():
    front = Learner(probe())
    for action in (
        lambda lab: lab.advance(3), lambda lab: lab.restart(5), lambda lab: lab.set(rate=0.1)
    ):  # fmt: skip
        front.sent.clear()
        action(front.lab)
        assert front.sent[-1][0]["kind"] == "values"
        assert front.sent[-1][0]["tokens"] == front.lab._tokens()


def test_a_cell_and_a_view_may_learn_at_once():
    """Steps are neither lost nor mixed: so many steps of one seed give one machine."""
    lab = learner()
    front = Learner(lab)
    gate = threading.Barrier(3)

    def work(action):
        gate.wait()
        for _ in range(20):
            action()

    actions = (
        lambda: lab.advance(7),
        lambda: lab._receive(lab, request, []),
        lambda: (lab.set(seed=3), lab.record, lab.picture),
    )
    request = {
        "kind": "train", "id": "a", "do": "step", "steps": 5, "theme": "dark",
        "tokens": lab._tokens(),
    }  # fmt: skip
    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert lab.step.count == 20 * 12
    assert same_step(lab.step, learner().advance(240).step)
    assert not [content for content, _ in front.sent if "error" in content]


def test_the_pace_gives_learning_its_share():
    pace = live._Pace(Traffic())
    for rest in (0.001, 0.01, 0.03, 0.1, 1.0):
        pace.rest_seconds, pace.step_seconds = rest, 1e-4
        learns = pace.steps() * 1e-4
        assert learns / (learns + rest) > pace.share - 0.01
        assert learns + rest > pace.period - 0.001
    pace.step_seconds = 100.0
    assert pace.steps() == 1


def test_learning_steps_aside_while_another_lab_is_in_use():
    lab, other = learner(), learner()
    pace = lab._pace
    pace.traffic = other._traffic = Traffic()
    alone = pace.steps()
    other.send = lambda *message: None
    want = {"kind": "want", "id": "b/1", "theme": "light", "wants": [other._tokens()]}
    other._receive(other, want, [])
    assert pace.traffic.quiet() < 60
    pace.traffic.served()
    assert pace.steps() < alone / 3


def test_labs_of_a_kernel_share_their_traffic():
    assert learner()._pace.traffic is learner()._traffic
