"""The labs of notebook 05 that learn: what they begin with, learn, measure and show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from learners import same_step

from hmlib import datasets, learning
from hmlib.course import kept_runs
from hmlib.course.nb05 import training_labs as training
from hmlib.course.nb05.solutions import sleep, wake
from hmlib.course.nb05.training_pictures import LearningStripes
from hmlib.course.nb05.updates import OwnRule
from hmlib.figures import THEMES
from hmlib.lab import Question
from hmlib.lab.live import SPEEDS
from tools.labs import training_makers

WORLD = datasets.stripes()
PNG = b"\x89PNG\r\n\x1a\n"

LABS = {name: make for name, make in training_makers().items() if name.startswith("nb05.")}
MAKERS = LABS | {
    "two layers": lambda: training.stripes((9, 4, 1)),
    "typed": lambda: training.stripes(rule=OwnRule(wake, sleep)),
}


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


# From Python


def test_a_fresh_lab_has_learnt_nothing_and_says_so(make):
    lab = make()
    assert lab.step.count == lab.record.count == 0
    assert list(lab.record.counts) == [0]
    assert repr(lab).startswith(f"Lab {lab._title!r} at rate = ")
    assert "step 0, seed 1" in repr(lab)
    assert repr(lab) == repr(make())
    assert lab.picture.startswith(PNG)
    assert lab.picture == make().picture


@pytest.mark.long
def test_learning_in_two_parts_is_learning_in_one(make):
    halves, whole = make().advance(100).advance(100), make().advance(200)
    pieces = make()
    for steps in (1, 1, 98, 37, 63):
        pieces.advance(steps)
    assert halves.step.count == 200
    assert same_step(halves.step, whole.step)
    assert same_step(pieces.step, whole.step)
    assert same_step(pieces.advance().step, whole.advance().step)
    assert not same_step(whole.step, halves.step)


def test_a_lab_learns_what_its_rule_learns():
    """The rule called by itself, once and uncut, from the same seed."""
    rng = np.random.default_rng(7)
    gen, rec = learning.fresh(9, 6, rng=rng, scale=0.1)
    *_, alone = learning.wake_sleep(
        gen, rec, WORLD.u, WORLD.weights, rate=0.5, steps=300, minibatch=20, rng=rng
    )
    lab = training.stripes().restart(7).advance(300)
    assert (lab.step.gen, lab.step.rec) == (alone.gen, alone.rec)


def test_a_new_seed_waits_for_restart(make):
    lab = make().advance(20)
    before = lab.step
    lab.set(seed=9)
    assert same_step(lab.step, before)
    assert lab.record.seed == 1
    assert lab._said() == "This run has seed 1; Restart begins anew with seed 9."
    lab.restart()
    assert lab.record.seed == 9
    assert lab._said() == ""
    assert lab.step.count == 0
    assert same_step(lab.advance(20).step, make().restart(seed=9).advance(20).step)
    assert lab.values["seed"] == 9
    assert not same_step(lab.step, before)


@pytest.mark.long
def test_reset_is_the_beginning_again(make):
    lab = make().advance(30).set(rate=0.1, seed=3)
    lab.restart().reset()
    assert repr(lab) == repr(make())
    assert lab.picture == make().picture


def test_the_curves_belong_to_the_steps(make):
    lab = make()
    for steps in (1, 9, 40):
        lab.advance(steps)
    record = lab.record
    assert {0, 1, 10, 50} <= set(record.counts)
    assert (np.diff(record.counts) > 0).all()
    assert len(record.measured) == len(record.counts)
    assert record.now == lab._measure(lab.step)


@pytest.mark.long
def test_a_sweep_learns_on_the_side(make):
    lab = make().advance(10)
    before, shown = lab.step, repr(lab)
    stops = lab.sweep(n=0)
    assert len({record.count for _, record in stops}) == len(SPEEDS)
    assert all(record.seed == values["seed"] for values, record in stops)
    assert lab.step is before
    assert repr(lab) == shown


@pytest.mark.parametrize(
    "sizes", [(9,), (8, 6), (9, 7), (9, 0), (9, 6, 2), (9, 6, 1, 1), (9, 2.5), ()]
)
def test_stripes_of_other_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="sizes are"):
        training.stripes(sizes)


# What is measured and drawn, against slow loops


def test_dreams_too_many_to_list_are_left_out():
    assert training.bars().record.now.dream_free_energy is None
    assert training.digits().record.now.dream_free_energy is None
    assert training.stripes((9, 6, 1)).record.now.dream_free_energy < 0


def test_a_dream_keeps_its_luck_and_a_true_one_is_counted():
    lab = training.stripes().advance(50)
    shown = lab.record.shown
    np.testing.assert_array_equal(shown.machine.dreams, lab._show(lab.step).machine.dreams)
    known = {tuple(row) for row in WORLD.u}
    lab.advance(3000)
    dreams = [tuple(dream.ravel()) for dream in lab.record.shown.machine.dreams]
    assert lab.record.shown.dreams_in_data == sum(dream in known for dream in dreams) > 3


def test_data_are_pictures_of_the_world(make):
    shown = make().record.shown
    assert shown.data.shape == shown.machine.dreams.shape
    u = {3: WORLD.u, 4: datasets.bars().u, 8: datasets.digits().test}[shown.data.shape[1]]
    assert {tuple(picture.ravel()) for picture in shown.data} <= set(map(tuple, u))


def test_weights_onto_the_bars_stay_at_0_or_above():
    lab = training.bars().set(rate=10.0).advance(2000)
    assert lab.step.gen.weights[0].min() >= 0
    assert lab.step.gen.weights[0].max() > 1
    free = training.bars(nonnegative=False, hidden_bias=0.0)
    assert set(free.step.gen.biases[1]) == {0.0}
    assert set(training.bars().step.gen.biases[1]) == {-3.0}
    assert free.advance(2000).step.gen.weights[0].min() < 0


@pytest.mark.parametrize("make", [training.stripes, training.bars])
def test_another_question_may_be_asked(make):
    other = Question("Does it learn?", ("yes", "no"), "yes", "It does.")
    assert make(question=other)._question == other
    assert make()._question != other


def test_the_recipe_of_the_bars_waits_with_the_top_and_comes_to_rest():
    early, late, end = (np.asarray(training.BARS_RATES(n)) for n in (100, 40_000, 99_999))
    assert early.tolist() == [0.5, 0.001]
    assert late.tolist() == [0.5, 0.1]
    assert (end < 1e-4).all()


# The questions have the answers that they give


def test_the_lab_of_the_bars_learns_as_the_kept_runs_do():
    record = training.bars().advance(10_000).record
    assert record.now.kl_data_bits == pytest.approx(
        kept_runs.wake_sleep_runs().bits[1, 4], abs=0.02
    )


def test_each_cause_of_the_digits_has_bright_and_dark_patches_all_over():
    weights = training.digits().restart(7).advance(3000).step.gen.G
    assert ((weights > 0.5).sum(axis=0) >= 5).all()
    assert ((weights < -0.5).sum(axis=0) > 20).all()
    touched = np.abs(weights.reshape(8, 8, 10)) > 0.5
    assert touched.any(axis=0).all()
    assert touched.any(axis=1).all()


@pytest.mark.long
def test_the_causes_of_the_bars_draw_one_bar_each_and_the_top_says_which_way():
    machine = training.bars().advance(80_000).record.shown.machine
    bars, upright = set(), []
    for picture in machine.drawn > 0.5:
        rows, columns = picture.all(axis=1), picture.all(axis=0)
        assert rows.sum() + columns.sum() == 1
        assert picture.sum() == 4
        bars.add((tuple(rows), tuple(columns)))
        upright.append(bool(columns.any()))
    assert len(bars) == 8
    with_top = machine.on_by_top[1] > machine.on_by_top[0]
    assert list(with_top) in (upright, [not up for up in upright])


# Pictures


def test_the_axis_of_heights_reaches_down_to_where_L_has_been_lately():
    picture, record = LearningStripes(), training.stripes().record
    for lately, bottom in (
        ([-5, -5], -8.0), ([-9, -9], -16.0), ([-60, -5, -5, -5], -8.0), ([-1e9, -1e9], -2048.0),
        ([np.nan, np.nan], -8.0),
    ):  # fmt: skip
        measured = tuple(replace(record.now, log_likelihood=height) for height in lately)
        curves = replace(record, measured=measured, counts=np.arange(len(lately)))
        assert picture.scale(curves) == (500, bottom)


@pytest.mark.long
def test_a_picture_that_changed_its_scale_equals_a_fresh_one(make):
    lab = make()
    records = [lab.advance(steps).record for steps in (100, 500, 500)]
    low = tuple(
        replace(step, log_likelihood=step.log_likelihood - 80) for step in lab.record.measured
    )
    records.append(replace(lab.record, measured=low))
    for theme in THEMES:
        moved = lab._draw(theme)
        for record in records:
            moved.png(record)
        assert moved.scale(records[-1]) != moved.scale(records[-2])
        for record in (records[-1], records[0]):
            assert moved.png(record) == lab._draw(theme).png(record)


def test_words_follow_learning(make):
    lab = make()
    shown = [(lab.alt, lab.readout, lab.picture), None]
    lab.advance(50)
    shown[1] = lab.alt, lab.readout, lab.picture
    assert all(new != old for new, old in zip(*shown, strict=True))
    assert "50 steps" in lab.alt
    assert lab.readout.startswith("step 50, seed 1, rate ")
    now = lab.record.now
    for number in (now.log_likelihood, now.free_energy, now.kl_q_p, now.kl_p_q):
        assert f"{number:.3f}" in lab.readout
