"""Rules that a student types, and what a lab does with them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hmlib import datasets, exact
from hmlib.binary import Generative, Recognition
from hmlib.course.nb05 import training_labs as training
from hmlib.course.nb05 import updates
from hmlib.course.nb05.solutions import sleep, wake
from hmlib.lab import LabError

WORLD = datasets.stripes()


def delta_rules(gen, rec, u, rng, rate):
    """Wake and sleep for one hidden layer, as notebook 05 has them typed."""
    n = len(u)
    v = rec.sample(rng, u)
    missed = u - 1 / (1 + np.exp(-(v @ gen.G.T + gen.h)))
    gen = gen + rate * Generative(
        (v - 1 / (1 + np.exp(-gen.g))).mean(axis=0), missed.T @ v / n, missed.mean(axis=0)
    )
    v, u = gen.sample(rng, n)
    missed = v - 1 / (1 + np.exp(-(u @ rec.W.T + rec.w)))
    return gen, rec + rate * Recognition(missed.mean(axis=0), missed.T @ u / n)


def stub(gen, rec, u, rng):
    """What the notebook gives to a student."""
    ...


# A rule of one step


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_rule_of_ones_own_that_runs_away_is_told_and_the_last_good_step_kept():
    def explodes(gen, rec, u, rng, rate):
        return (gen if rate < 1 else gen * 1e200), rec

    lab = training.stripes(rule=explodes).advance(5).set(rate=10.0)
    with pytest.raises(LabError, match=r"step 6 is kept.*rate = 10\.0.*finite"):
        lab.advance(5)
    assert lab.step.count == 6
    assert np.isfinite(lab.step.gen.ravel()).all()


@pytest.mark.parametrize(
    "returned",
    [
        None,
        "models",
        (Generative.zeros(9, 6),),
        (Recognition.zeros(9, 6), Generative.zeros(9, 6)),
        (Generative.zeros(9, 5), Recognition.zeros(9, 5)),
        (Generative.zeros(9, 6), Recognition.zeros(9, 5)),
    ],
)
def test_a_rule_that_returns_something_else_is_told(returned):
    lab = training.stripes(rule=lambda *given: returned)
    with pytest.raises(
        LabError, match=r"step 0 is kept.*the rule returned.*accepted: \(gen, rec\)"
    ):
        lab.advance()
    assert lab.step.count == 0


def test_a_rule_is_given_a_minibatch_the_generator_and_the_rate():
    seen = []

    def rule(gen, rec, u, rng, rate):
        seen.append((u, rng.random(), rate))
        return gen, rec

    lab = training.stripes(rule=rule).advance(3).set(rate=2.0).advance(1)
    assert [rate for _, _, rate in seen] == [0.5, 0.5, 0.5, 2.0]
    assert len({draw for _, draw, _ in seen}) == 4
    known = {tuple(row) for row in WORLD.u}
    for u, _, _ in seen:
        assert u.shape == (20, 9)
        assert {tuple(row) for row in u} <= known
    assert lab.step.gen == training.stripes().step.gen


def test_minibatches_of_a_rule_follow_the_weights_of_the_data():
    drawn = []

    def rule(gen, rec, u, rng, rate):
        drawn.extend(map(tuple, u))
        return gen, rec

    training.stripes(rule=rule).advance(500)
    share = np.array([drawn.count(tuple(row)) / len(drawn) for row in WORLD.u])
    error = np.sqrt(WORLD.weights * (1 - WORLD.weights) / len(drawn))
    assert (np.abs(share - WORLD.weights) < 4 * error).all()


def test_typed_delta_rules_learn_the_stripes():
    lab = training.stripes(rule=delta_rules).advance(1500)
    assert lab.record.now.log_likelihood > lab.record.first.log_likelihood + 2


# A rule of two updates


def small() -> tuple[Generative, Recognition, np.ndarray]:
    rng = np.random.default_rng(4)
    u = rng.integers(0, 2, (6, 3)).astype(float)
    return Generative.random(rng, 3, 2), Recognition.random(rng, 3, 2), u


def test_an_own_rule_moves_by_its_two_updates() -> None:
    gen, rec, u = small()
    rule = updates.OwnRule(wake, sleep)
    assert repr(rule) == "wake: yours, sleep: yours"
    after_gen, after_rec = rule(gen, rec, u, np.random.default_rng(1), 0.3)
    rng = np.random.default_rng(1)
    change = wake(gen, rec, u, rng)
    assert np.array_equal(after_gen.G, gen.G + 0.3 * change.G)
    # Sleep dreams with the machine that wake has made.
    change = sleep(after_gen, rec, u, rng)
    assert np.array_equal(after_rec.W, rec.W + 0.3 * change.W)


def test_changes_may_be_tuples() -> None:
    gen, rec, u = small()
    as_tuples = updates.OwnRule(
        lambda *given: (wake(*given).g, wake(*given).G, wake(*given).h),
        lambda *given: [np.zeros(2), np.zeros((2, 3))],
    )
    _, after = as_tuples(gen, rec, u, np.random.default_rng(0), 1.0)
    assert after == rec


def test_an_update_of_three_dots_is_a_stub_too() -> None:
    gen, rec, u = small()
    dots = updates.OwnRule(*[lambda gen, rec, u, rng: ...] * 2)
    rule = updates.OwnRule(stub, stub)
    assert repr(dots) == repr(rule)
    rngs = np.random.default_rng(0), np.random.default_rng(0)
    for _ in range(20):
        one, other = (
            each(gen, rec, u, rng, 1.0) for each, rng in zip((dots, rule), rngs, strict=True)
        )
        assert one == other
        gen, rec = one


@pytest.mark.long
def test_the_library_stands_in_for_a_stub() -> None:
    gen, rec, u = small()
    rule = updates.OwnRule(stub, stub)
    assert "sleep: the library's (yours is not written yet)" in repr(rule)
    rng, n = np.random.default_rng(0), 1500
    moves = [rule(gen, rec, u, rng, 1.0) for _ in range(n)]
    for place, model, slope in (
        (0, gen, exact.grad_free_energy(gen, rec, u)[0]),
        (1, rec, None),
    ):
        drawn = np.array([move[place].ravel() - model.ravel() for move in moves])
        if slope is None:  # sleep follows a wake step, so its slope is averaged as well
            slopes = [exact.grad_dream(m[0], rec, u)[1].ravel() for m in moves[:400]]
            wanted = np.mean(slopes, axis=0)
            spread = np.std(slopes, axis=0) / 20
        else:
            wanted, spread = slope.ravel(), 0.0
        error = drawn.std(axis=0) / math.sqrt(n)
        assert (abs(drawn.mean(axis=0) - wanted) < 4.5 * np.hypot(error, spread) + 1e-12).all()


@pytest.mark.long
def test_the_lab_learns_with_an_own_rule() -> None:
    lab = training.stripes(rule=updates.OwnRule(wake, stub))
    before = lab.record.now.log_likelihood
    lab.advance(1500)
    assert lab.record.now.log_likelihood > before + 0.5


def test_a_rule_that_returns_something_else_is_named() -> None:
    gen, rec, u = small()
    rule = updates.OwnRule(lambda *given: 3.0, sleep)
    with pytest.raises(ValueError, match="wake returned float; accepted: a Generative of changes"):
        rule(gen, rec, u, np.random.default_rng(0), 0.1)


def test_a_rule_that_fails_is_taken_for_written() -> None:
    def broken(gen, rec, u, rng):
        return undefined  # noqa: F821

    assert updates.OwnRule(broken, sleep).own == {"wake": True, "sleep": True}
