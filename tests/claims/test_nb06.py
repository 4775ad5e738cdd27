"""What notebook 06 counts, on other seeds than its own, and the controls of what it explains."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import Generative, datasets, exact, learning
from hmlib.course import kept_runs
from hmlib.course.nb06 import equal_causes, estimators, labs, weighed_guesses
from tools import count_seeds

STRIPES = datasets.stripes()
TABLES = kept_runs.counts()


@pytest.mark.parametrize("s", [4.0, 6.0, 8.0, 9.5])
def test_both_prices_peak_and_fall(s):
    for prices in equal_causes.leasts((*labs.COUNTS, 1000, 4000), s):
        peak = int(prices.argmax())
        assert 0 < peak < len(prices) - 1
        assert (np.diff(prices[peak:]) <= 1e-9).all()
        assert prices[-1] < prices[peak] - 0.05


def test_the_price_of_hedging_stays_below_one_nat():
    for s in np.arange(2.0, 10.1, 0.5):
        assert equal_causes.leasts(labs.COUNTS, float(s))[1].max() < 1


@pytest.mark.parametrize(("n", "s"), [(5, 3.0), (8, 5.0), (10, 7.0)])
def test_no_guess_that_mean_field_finds_decides_more_cheaply(n, s):
    lawn, rng = (
        Generative(g=np.full(n, -s), G=np.full((1, n), 2 * s), h=[-2 * s]),
        np.random.default_rng(5),
    )
    log_wet = exact.log_likelihood(lawn, [[1.0]])[0]
    for q in rng.uniform(0.02, 0.98, (12, n)):
        found = learning.e_phase(learning.Step(lawn, q=q[None]), [[1.0]], e_steps=300)
        gap = log_wet - exact.table_free_energy(lawn, found.table([[1.0]]), [[1.0]])[0]
        assert gap > equal_causes.least_exclusive(n, s)[0] - 1e-3


def test_some_lose_their_top_some_stay_and_some_end_better():
    ends = kept_runs.costs().ends
    moved = (ends[:, :1] - ends[:, 1:]).T
    counts = [((m < -0.01).sum(), (abs(m) <= 0.01).sum(), (m > 0.01).sum()) for m in moved]
    assert counts == [(7, 5, 8), (7, 10, 3), (0, 20, 0)]


def test_machines_whose_posterior_q_can_nearly_say_stay():
    leave = TABLES.leave
    moved, order = leave["after"] - leave["top"], leave["left"].argsort()
    assert (np.abs(moved[order[:10]]) < 0.01).all()
    assert (np.abs(moved[order[10:]]) > 0.01).sum() == 9
    assert (moved[order[10:]] < -0.01).sum() == 8


def test_thirty_others_bear_it_out_with_one_exception_on_either_side():
    more = TABLES.leave_more
    moved, near = np.abs(more["after"] - more["top"]) > 0.01, more["left"] < 0.03
    assert ((~moved & near).sum(), near.sum()) == (12, 13)
    assert ((moved & ~near).sum(), (~near).sum()) == (16, 17)


def test_a_posterior_that_factorises_is_not_enough_to_stay():
    leave = TABLES.leave
    factorises = leave["hedging"] < 0.01
    assert (np.abs(leave["after"] - leave["top"])[factorises] > 0.01).sum() >= 4


@pytest.mark.parametrize("seed", [42, 44])
def test_another_top_that_q_can_nearly_say_stays(seed):
    gen = kept_runs.climbs(4).gen[seed]
    ways = {"optimiser": "adam", "expectations": "exact"}
    rec = learning.fresh(9, 4, rng=np.random.default_rng(seed), scale=0.5)[1]
    world = STRIPES.u, STRIPES.weights
    *_, slept = learning.wake_sleep(
        gen, rec, *world, rate=0.05, steps=500, every=500, phases="sleep", **ways
    )
    left = STRIPES.weights @ exact.kl_p_q(gen, slept.rec, STRIPES.u)
    *_, walked = learning.wake_sleep(
        gen, slept.rec, *world, rate=0.005, steps=400, every=400, **ways
    )
    moved = count_seeds.height(walked.gen) - count_seeds.height(gen)
    assert left < 0.03
    assert abs(moved) < 0.01


def test_one_turn_of_the_table_made_again():
    step = learning.Step(*learning.fresh(9, 6, rng=np.random.default_rng(21), scale=0.5))
    assert TABLES.turns["06", 6][1, 0] == pytest.approx(count_seeds.cosine(step), abs=1e-5)
    below = {n_v: int((TABLES.turns["06", n_v] < 0).any(axis=1).sum()) for n_v in (4, 6)}
    assert below == {4: 0, 6: 2}


@pytest.mark.long
def test_the_angle_is_larger_at_the_end_than_at_the_beginning():
    for turns in TABLES.turns.values():
        assert (turns[:, -1] < turns[:, 0]).all()
    run = count_seeds.turn(101, "06", 4)
    assert run[-1] < run[0]


def test_a_baseline_saves_draws_and_sleep_needs_fewer_still():
    fewer = 0
    for seed in range(100, 120):
        start = learning.fresh(9, 4, rng=np.random.default_rng(seed), scale=0.5)
        draws = estimators.draws_needed(*start)
        assert draws.baseline < draws.score
        fewer += draws.sleep < draws.baseline
    assert fewer >= 15


def test_at_smaller_weights_sleep_needs_more_draws_than_a_baseline():
    for seed in range(100, 120):
        start = learning.fresh(9, 4, rng=np.random.default_rng(seed), scale=0.1)
        draws = estimators.draws_needed(*start)
        assert draws.baseline < draws.score / 2
        assert draws.baseline < draws.sleep


def test_draws_needed_are_those_that_are_needed():
    gen, rec = learning.fresh(9, 4, rng=np.random.default_rng(120), scale=0.5)
    n = round(estimators.draws_needed(gen, rec).score)
    slope = exact.grad_free_energy(gen, rec, STRIPES.u, STRIPES.weights)[1].ravel()
    rng, misses = np.random.default_rng(0), []
    for _ in range(60):
        u = STRIPES.u[rng.choice(12, n, p=STRIPES.weights)]
        v = rec.sample(rng, u)
        worth = gen.log_prob(v, u) - rec.log_prob(v, u)
        error = worth[:, None] * (v - 1 / (1 + np.exp(-rec.drive(u))))
        found = np.concatenate([error.mean(axis=0), (error.T @ u / n).ravel()])
        misses.append(((found - slope) ** 2).sum() / (slope @ slope))
    assert np.sqrt(np.mean(misses)) == pytest.approx(estimators.ERROR, rel=0.15)


def test_a_constant_leaves_the_average_of_the_score_function():
    _, rec = learning.fresh(9, 4, rng=np.random.default_rng(121), scale=0.5)
    q = exact.recognition_table(rec, STRIPES.u)
    error = exact.states(4) - 1 / (1 + np.exp(-rec.drive(STRIPES.u)))[:, None]
    assert np.abs(np.einsum("nk,nka->na", q, error)).max() < 1e-12


def test_reparametrised_is_right_and_quieter_here():
    v = np.random.default_rng(9).standard_normal(200_000)
    worth = -(v**2) / 2 - (1.5 - v) ** 2 / 2 + v**2 / 2
    by_score, by_shift = worth * v, 1.5 - 2 * v
    assert by_score.mean() == pytest.approx(1.5, abs=0.05)
    assert by_shift.mean() == pytest.approx(1.5, abs=0.02)
    assert by_shift.std() < by_score.std()


def test_early_the_gap_on_the_data_is_the_larger():
    bars = datasets.bars()
    for seed in range(100, 106):
        gen, rec = learning.fresh(16, 8, 1, hidden_bias=-3)
        ways = {"rate": (0.5, 0.001), "nonnegative": True, "rng": np.random.default_rng(seed)}
        *_, step = learning.wake_sleep(
            gen, rec, bars.u, bars.weights, **ways, steps=2000, every=2000
        )
        dreams = step.gen.sample(np.random.default_rng(1), 500)[1]
        on_data = bars.weights @ exact.kl_q_p(step.gen, step.rec, bars.u)
        assert on_data > exact.kl_q_p(step.gen, step.rec, dreams).mean()


def test_the_gap_on_dreams_is_as_often_the_larger_at_the_end():
    runs, bars, larger = kept_runs.wake_sleep_runs(), datasets.bars(), 0
    for gen, rec in list(zip(runs.gen, runs.rec, strict=True))[20:40]:
        dreams = gen.sample(np.random.default_rng(1), 300)[1]
        on_data = bars.weights @ exact.kl_q_p(gen, rec, bars.u)
        larger += on_data > exact.kl_q_p(gen, rec, dreams).mean()
    assert 4 <= larger <= 18


def test_thirty_guesses_bring_both_machines_close():
    for name in ("top", "walked"):
        assert weighed_guesses.bounds(name).below[29] < 0.01
