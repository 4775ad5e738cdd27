"""What notebook 05 counts, on other seeds than its own, and the controls of what it explains."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import Recognition, datasets, exact, learning
from hmlib.course import kept_runs
from hmlib.course.nb05 import sleepers
from hmlib.learning import Step
from tools import count_seeds

STRIPES = datasets.stripes()
WORLD = {"u": STRIPES.u, "weights": STRIPES.weights}
TABLES = kept_runs.counts()


def last(steps):
    *_, step = steps
    return step


@pytest.mark.parametrize("seed", [101, 102])
def test_em_goes_on_rising_from_where_wake_sleep_has_come_to(seed):
    rng = np.random.default_rng(seed)
    gen, rec = learning.fresh(9, 6, rng=rng, scale=0.1)
    slept = last(learning.wake_sleep(gen, rec, **WORLD, rate=0.5, steps=6000, every=6000, rng=rng))
    climbed = last(learning.em(slept.gen, None, **WORLD, steps=8))
    assert count_seeds.height(climbed.gen) > count_seeds.height(slept.gen) + 0.01


def test_independent_causes_can_say_the_stripes():
    ends = kept_runs.climbs(6).log_likelihood[:, -1]
    assert (ends > -2.85).all()
    assert ends.max() > -STRIPES.entropy - 0.03
    gen = kept_runs.climbs(4).gen[21]
    assert np.exp(exact.log_likelihood(gen, STRIPES.u)).sum() > 0.9995


def test_the_table_of_the_stripes():
    plain = TABLES.stripes["plain"]
    better = {way: int((ends > plain).sum()) for way, ends in TABLES.stripes.items()}
    assert better == {
        "plain": 0, "calm": 5, "burst": 13, "climb L": 15, "EM after": 20, "no draws": 8
    }  # fmt: skip
    assert (TABLES.stripes["climb L"] > TABLES.stripes["no draws"]).sum() == 17
    assert (TABLES.stripes["burst"] < plain - 0.1).sum() == 5


def test_wake_sleep_without_draws_is_that_of_the_library():
    gen, rec = learning.fresh(9, 6, rng=np.random.default_rng(101), scale=0.1)
    exactly = last(
        learning.wake_sleep(gen, rec, **WORLD, rate=0.5, steps=40, every=40, expectations="exact")
    )
    side_by_side = count_seeds.noiseless([100, 101], 40)[1]
    assert side_by_side.ravel() == pytest.approx(exactly.gen.ravel(), abs=1e-10)


def test_a_burst_of_the_table_made_again():
    rng = np.random.default_rng(20)
    gen, rec = learning.fresh(9, 6, rng=rng, scale=0.1)
    step = Step(gen, rec, rng_state=rng.bit_generator.state)
    for rate, steps in ((0.5, 2000), (10.0, 500), (0.5, 7500)):
        step = last(
            learning.wake_sleep(
                step.gen, step.rec, **WORLD, rate=rate, steps=steps, every=steps, start=step
            )
        )
    assert count_seeds.height(step.gen) == pytest.approx(TABLES.stripes["burst"][0], abs=1e-3)


@pytest.mark.parametrize(
    ("causes", "stands", "dreams"),
    [(3, "blank", False), (3, "anywhere", False), (1, "anywhere", True),
     (1, "near the posterior", False)],
)  # fmt: skip
def test_sleep_lowers_f_in_some_machines(causes, stands, dreams):
    assert 0 < sleepers.lowered(300, 77, causes, stands, dreams) < 100


def test_near_a_posterior_that_q_can_say_and_with_its_dreams_sleep_raises_f():
    assert sleepers.lowered(300, 77, 1, "near the posterior", True) == 0


def test_near_the_posterior_both_slopes_are_one():
    rng = np.random.default_rng(78)
    for _ in range(20):
        at = sleepers.sleeper(rng, 1, "near the posterior", True)
        off = at.rec + (-1) * sleepers.says_posterior(at.gen)
        near = sleepers.says_posterior(at.gen) + 1e-3 * off
        up = exact.grad_free_energy(at.gen, near, at.u, at.weights)[1].ravel()
        sleep = exact.grad_dream(at.gen, near, at.u, at.weights)[1].ravel()
        assert up == pytest.approx(sleep, rel=0.02, abs=1e-6)


def test_an_exact_step_of_sleep_raises_the_dreamt_objective():
    rng = np.random.default_rng(79)
    for _ in range(20):
        at = sleepers.sleeper(rng, 3, "anywhere", False)
        slope = exact.grad_dream(at.gen, at.rec, at.u, at.weights)[1]
        before, after = (
            exact.dream_free_energy(at.gen, rec, at.u, at.weights)
            for rec in (at.rec, at.rec + 1e-3 * slope)
        )
        assert after > before


def test_the_tables_of_turns_at_the_pace_of_05():
    again = count_seeds.cosine(
        Step(*learning.fresh(9, 6, rng=np.random.default_rng(20), scale=0.1))
    )
    assert TABLES.turns["05", 6][0, 0] == pytest.approx(again, abs=1e-5)


def test_sharing_is_the_larger_part_of_the_gap_of_digits():
    share = TABLES.digits["own guess"] / TABLES.digits["gap"]
    assert ((share > 0.2) & (share < 0.35)).all()
    gap, left = count_seeds.digits(101, steps=800)
    assert left < gap / 2


def test_the_drop_of_the_bars_comes_long_after_the_rate():
    kept = kept_runs.wake_sleep_runs()
    first = [kept.steps[np.argmax(run < 0.15)] for run in kept.bits if run[-1] < 0.1]
    assert (len(first), min(first), max(first)) == (39, 37_500, 65_000)


def test_a_quarter_of_the_run_tells_its_end():
    bits = kept_runs.wake_sleep_runs().bits
    stuck, well = bits[:, 10] > 0.5, bits[:, -1] < 0.1
    assert ((stuck & well).sum(), (~stuck & well).sum()) == (0, 39)


def test_each_stuck_machine_has_one_cause_for_two_bars_and_one_for_none():
    kept = kept_runs.wake_sleep_runs()
    for seed in np.flatnonzero(kept.bits[:, 10] > 0.5):
        G, h = kept.gen[seed].weights[0], kept.gen[seed].biases[0]
        drawn = 1 / (1 + np.exp(-(G.T + h).reshape(8, 4, 4))) > 0.2
        bars = drawn.all(axis=1).sum(axis=1) + drawn.all(axis=2).sum(axis=1)
        assert sorted(bars) == [0, 1, 1, 1, 1, 1, 1, 2]


def test_the_gap_of_the_stuck_is_no_larger():
    kept, bars = kept_runs.wake_sleep_runs(), datasets.bars()
    both = [exact.objectives(*pair, bars.u) for pair in zip(kept.gen, kept.rec, strict=True)]
    gap = np.array([bars.weights @ o.kl_q_p for o in both])
    stuck = kept.bits[:, 10] > 0.5
    assert (gap[stuck] < np.median(gap[~stuck])).all()
    assert all(bars.weights @ o.kl_p_q < bars.weights @ o.kl_q_p for o in both)


def test_dreams_do_not_tell_which_part_was_left_out():
    bars = datasets.bars()
    for variant in ("no_bias", "no_sign", "neither"):
        gens = list(kept_runs.wake_sleep_runs(variant).gen)[:12]
        in_data = [np.exp(exact.log_likelihood(gen, bars.u)).sum() for gen in gens]
        assert 0.6 < np.median(in_data) < 0.75


def test_no_plain_run_of_the_bars_gets_there():
    assert [(TABLES.bars[parts] < 0.1).sum() for parts in range(4)] == [0, 0, 2, 14]
    assert (kept_runs.wake_sleep_runs().bits[:, -1] < 0.1).sum() == 39


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_without_sleep_l_ends_where_the_coins_do(seed):
    coin = STRIPES.weights @ STRIPES.u
    coins = STRIPES.weights @ (STRIPES.u @ np.log(coin) + (1 - STRIPES.u) @ np.log(1 - coin))
    rng = np.random.default_rng(seed)
    gen, rec = learning.fresh(9, 6, rng=rng, scale=0.1)
    awake = last(
        learning.wake_sleep(
            gen, rec, **WORLD, rate=0.5, steps=5000, every=5000, phases="wake", rng=rng
        )
    )
    assert abs(count_seeds.height(awake.gen) - coins) < 0.15


def test_a_random_recogniser_of_large_weights_gets_above_the_coins():
    coin = STRIPES.weights @ STRIPES.u
    coins = STRIPES.weights @ (STRIPES.u @ np.log(coin) + (1 - STRIPES.u) @ np.log(1 - coin))
    for seed in range(201, 207):
        rng = np.random.default_rng(seed)
        gen, _ = learning.fresh(9, 6, rng=rng, scale=0.1)
        rec = Recognition.random(rng, 9, 6, scale=3.0)
        ways = {"rate": 0.5, "steps": 2000, "every": 2000, "phases": "wake", "rng": rng}
        awake = last(learning.wake_sleep(gen, rec, **WORLD, **ways))
        assert coins + 0.3 < count_seeds.height(awake.gen) < -3.5
