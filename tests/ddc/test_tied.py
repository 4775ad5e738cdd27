"""Codes of causes and pairs, against sums over all states and slopes by differences."""

import itertools

import numpy as np
import pytest

from hmlib import ddc

RNG = np.random.default_rng
V3 = np.array(list(itertools.product((0.0, 1.0), repeat=3)))


def a_recogniser(seed=0, n_s=4, n_v=3):
    q = ddc.Tied.random(RNG(seed), n_s, n_v, 5)
    return q.like(q.ravel() + 0.7 * RNG(seed + 1).standard_normal(q.ravel().size))


def slowly(q, v, s):
    """log q(v|s), cause by cause."""
    total = 0.0
    for j in range(len(v)):
        drive = q.b[j] + q.U[j] @ s + q.W[j] @ np.tanh(q.V @ s + q.a)
        drive += sum(q.A[j, k] * v[k] for k in range(j))
        p = 1 / (1 + np.exp(-drive))
        total += np.log(p if v[j] else 1 - p)
    return total


def test_log_probabilities_are_those_of_the_chain_and_sum_to_1():
    q, s = a_recogniser(), np.array([1.0, 0, 1, 1])
    found = q.log_prob(V3, np.repeat(s[None], 8, axis=0))
    assert np.allclose(found, [slowly(q, v, s) for v in V3])
    assert np.exp(found).sum() == pytest.approx(1)


def test_draws_come_as_often_as_it_says():
    q, s = a_recogniser(2), np.array([0.0, 1, 1, 0])
    v = q.sample(RNG(3), np.repeat(s[None], 40_000, axis=0))
    often = [(v == state).all(axis=1).mean() for state in V3]
    exact = np.exp([slowly(q, state, s) for state in V3])
    assert np.allclose(often, exact, atol=4 * np.sqrt(0.25 / 40_000))


def test_the_gradient_is_that_of_the_mean_log_probability():
    q, h = a_recogniser(4), 1e-6
    s, v = (RNG(5).random((9, n)).round() for n in (4, 3))
    theta = q.ravel()
    slopes = [
        (q.like(theta + h * e).log_prob(v, s).mean() - q.like(theta - h * e).log_prob(v, s).mean())
        / (2 * h)
        for e in np.eye(theta.size)
    ]
    assert np.allclose(q.gradient(v, s), slopes, atol=1e-7)


def test_asleep_it_learns_one_cause_or_the_other_which_no_factorised_guess_can_say():
    """One input, on if one of two rare causes is: given it, causes are nearly exclusive."""
    model = ddc.Chain(
        (ddc.Bernoulli(np.array([[8.0, 8.0]]), np.array([-4.0])), ddc.Coins(np.array([-2.0, -2.0])))
    )
    x = model.sample(RNG(6), 4000)[0]
    # A rate of next to nothing would leave recognition as it is, too: the model stays by symmetry
    # of dreams and data, which are alike.
    *_, last = ddc.fit_tied(model, x, RNG(7), steps=800, rate=0.02, every=800)
    q = last.recognisers[0]
    states = np.array(list(itertools.product((0.0, 1.0), repeat=2)))
    said = np.exp(q.log_prob(states, np.ones((4, 1))))
    joint = np.exp(last.model.log_prob((np.ones((4, 1)), states)))
    exact = joint / joint.sum()
    assert np.abs(said - exact).sum() < 0.15
    marginal = states.T @ exact
    apart = np.prod(np.where(states == 1, marginal, 1 - marginal), axis=1)
    assert np.abs(apart - exact).sum() > 0.3


def test_a_run_that_was_stopped_and_goes_on_is_the_run_that_never_stopped():
    model = ddc.Chain(
        (ddc.Bernoulli(RNG(8).standard_normal((6, 3)), np.zeros(6)),
         ddc.Bernoulli(RNG(9).standard_normal((3, 2)), np.zeros(3)), ddc.Coins(np.zeros(2)))
    )  # fmt: skip
    x = model.sample(RNG(10), 50)[0]
    *_, whole = ddc.fit_tied(model, x, RNG(11), steps=6, minibatch=10)
    *_, half = ddc.fit_tied(model, x, RNG(11), steps=4, planned=6, minibatch=10)
    *_, rest = ddc.fit_tied(model, x, start=half, steps=2, minibatch=10)
    assert rest.count == whole.count == 6
    assert np.array_equal(rest.model.ravel(), whole.model.ravel())


def test_other_chains_are_refused_in_words():
    other = ddc.Chain((ddc.Gaussian(np.eye(2), np.zeros(2), np.zeros(2)), ddc.StandardNormal(2)))
    with pytest.raises(ValueError, match="accepted: a chain of Bernoulli layers and Coins"):
        ddc.fit_tied(other, np.zeros((3, 2)), RNG(0))
