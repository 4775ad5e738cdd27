"""What notebook 09 counts, on seeds that it does not show, and the controls of its reasons."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize

from hmlib import ddc, exact
from hmlib.binary import Generative
from hmlib.course import bird
from hmlib.course import ddc_recipes as recipes
from hmlib.course.nb09 import ladder, ladder_runs, moves, race

FRESH = range(300, 320)


def test_the_average_score_of_dreams_is_0():
    """Of coins, listed; and of Gaussians, as sample means go down with their number."""
    u, v = np.repeat(exact.states(3), 4, axis=0), np.tile(exact.states(2), (8, 1))
    for seed in FRESH:
        chain = recipes.as_chain(Generative.random(np.random.default_rng(seed), 3, 2, 1.0))
        p = np.exp(chain.log_prob((u, v)))
        assert np.abs(p @ chain.layers[0].score(u, v)).max() < 1e-12


def test_split_is_code_without_the_dreams_subtracted():
    for seed in FRESH:
        model, heard = moves.asked(0.3)
        night = moves.night_of(model, 10, seed)
        data = ddc.seen(heard, bird.features(), model.layers[0])
        split, code = (ddc.direction(model, night, data, rule, False) for rule in ("split", "code"))
        assert split == pytest.approx(code, abs=1e-8)


def test_subtracting_the_dreams_helps_with_much_noise_and_with_little_as_often_as_not():
    nearer = []
    for noise in (0.4, 0.05):
        found = np.array([moves.angles_of_night(noise, 10, k, draw=k) for k in FRESH])
        nearer.append((found[:, 1] < found[:, 0]).sum())
    assert nearer[0] > 12
    assert 6 < nearer[1] < 14


def test_with_little_noise_each_half_turns_the_move_and_neither_is_the_worse():
    """Data and functions are drawn anew, as in the notebook."""
    found = np.array([moves.angles_of_parts(0.05, 10, k, draw=k) for k in FRESH])
    assert (found[:, 0] < 10).all()
    assert ((found[:, 1:3] > 20).sum(axis=0) > 12).all()
    assert (found[:, 1:3].min(axis=1) > found[:, 0]).all()
    assert 4 < (found[:, 2] > found[:, 1]).sum() < 16
    forty = np.array([moves.angles_of_parts(0.05, 40, k, draw=k) for k in FRESH])
    assert forty[:, 2] == pytest.approx(found[:, 2])  # this half asks no encoding
    assert 0.4 < np.median(forty[:, 1]) / np.median(found[:, 1]) < 1


def test_with_the_data_and_functions_of_the_lab_the_code_is_the_worse_half():
    """Why data and functions are drawn as well: twenty nights are not twenty machines."""
    found = np.array([moves.angles_of_parts(0.05, 10, seed) for seed in FRESH])
    assert (found[:, 2] > found[:, 1]).sum() >= 18


def test_score_goes_downhill_on_the_whitened_distance_of_moments():
    """With the metric held fixed, on machines that are listed."""
    u, v = np.repeat(exact.states(3), 4, axis=0), np.tile(exact.states(2), (8, 1))
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        chain = recipes.as_chain(Generative.random(rng, 3, 2, 1.0))
        phi = ddc.Encoding.random(rng, u, 2)
        p, often = np.exp(chain.log_prob((u, v))), rng.dirichlet(np.ones(32))
        metric = np.linalg.inv((phi(u).T * p) @ phi(u) + 1e-3 * np.eye(6))

        def apart(theta, chain=chain, phi=phi, often=often, metric=metric):
            gap = (often - np.exp(chain.like(theta).log_prob((u, v)))) @ phi(u)
            return gap @ metric @ gap

        night = ddc.sleep((u, v), phi, [lambda v: v], 1e-3, weights=p)
        bottom = chain.layers[0]
        gap = ddc.seen(u, phi, bottom, often) - ddc.seen_in_dreams(night, bottom)
        slopes = optimize.approx_fprime(chain.ravel(), apart, 1e-7)
        n = bottom.ravel().size
        assert ddc.wake(chain, night, gap, "score")[:n] == pytest.approx(-slopes[:n] / 2, abs=1e-5)


def test_the_weights_of_a_local_code_are_no_bias_and_a_plain_kernel_is_one():
    model, x = bird.model(A=0.8, b=0.2, noise=0.4), np.array([[4.0]])
    right = bird.posterior(model, x)[0][0] @ np.abs(bird.GRID[:, 0])
    for kappa in (0.3, 0.6, 0.9):
        rng = np.random.default_rng(400)
        local = ddc.local_night(model, rng, 200_000, kappa)
        plain = ddc.LocalNight(model, model.sample(rng, 200_000), kappa)
        miss = [abs(night.code(x, np.abs)[0, 0] - right) for night in (local, plain)]
        assert miss[0] < 0.04 < miss[1]


def test_what_is_wrong_with_a_local_move_is_chance_and_with_regressions_their_functions():
    few, many = (
        np.array([moves.regressed_and_local(0.05, n, k, draw=k) for k in FRESH])
        for n in (1000, 10_000)
    )
    assert np.median(many[:, 1]) < np.median(few[:, 1]) / 2
    assert np.median(many[:, 0]) > 0.6 * np.median(few[:, 0])
    assert (many[:, 1] < many[:, 0]).sum() > 16
    # Dreams subtracted as well: nearer about as often as farther.
    for angles in (few, many):
        assert 5 < (angles[:, 2] < angles[:, 1]).sum() < 16


def test_without_noise_in_the_dreams_a_local_code_is_the_likelihoods_weighting():
    model, heard = moves.asked(0.4)
    night = ddc.local_night(model, np.random.default_rng(401), 150, 1 - 1e-9)
    z = night.dreams[1]
    p = np.exp(
        np.column_stack(
            [model.layers[0].log_prob(heard, np.repeat(row[None], len(heard), 0)) for row in z]
        )
    )
    assert night.weights(heard) == pytest.approx(p / p.sum(axis=1, keepdims=True), abs=1e-4)


def slow_stop(p_x, seen_by_code):
    """Where two coins match how often "both" is seen, or the mean of x; by hand."""
    return p_x[2] ** 0.5 if seen_by_code == "both" else (p_x[1] + 2 * p_x[2]) / 2


def gap_of(theta, p_x, T, phi):
    """Wake minus sleep by normal equations, in fractions: no code of the notebook's."""
    p = [(1 - theta) ** 2, theta * (1 - theta), theta * (1 - theta), theta**2]
    on = [0, 1, 1, 2]

    def slope(F, Y):
        """Weighted least squares of Y on 1 and one function F: the slope."""
        mean_F, mean_Y = (sum(w * f for w, f in zip(p, G, strict=True)) for G in (F, Y))
        over = sum(w * (f - mean_F) ** 2 for w, f in zip(p, F, strict=True))
        return sum(w * (f - mean_F) * (y - mean_Y) for w, f, y in zip(p, F, Y, strict=True)) / over

    T_on, phi_on = [T(k) for k in on], [phi(k) for k in on]
    score = [(k - 2 * theta) / (theta * (1 - theta)) for k in on]
    gap = sum(w * phi(k) for k, w in enumerate(p_x)) - sum(
        w * f for w, f in zip(p, phi_on, strict=True)
    )
    return gap * slope(phi_on, T_on) * slope(T_on, score)


def test_wake_minus_sleep_stops_where_what_it_sees_agrees():
    """Either half, for data that no two coins make; and at the truth for data that some do."""

    def both(k):
        return 1 if k == 2 else 0

    def count(k):
        return k

    rng = np.random.default_rng(402)
    for p_x in rng.dirichlet(np.ones(3), 20):
        for T, phi, sees in ((both, both, "both"), (count, both, "both"), (count, count, "mean")):
            stop = slow_stop(p_x, sees)
            assert gap_of(stop, p_x, T, phi) == pytest.approx(0, abs=1e-9)
            assert abs(gap_of(0.9 * stop, p_x, T, phi)) > 1e-4
    third = Fraction(1, 3)
    made = [(1 - third) ** 2, 2 * third * (1 - third), third**2]
    for T in (both, count):
        for phi in (both, count):
            assert gap_of(third, made, T, phi) == 0


def test_each_part_alone_spoils_the_dreams_and_a_local_code_does_not():
    runs = ladder_runs.ladder()
    told, lost = (runs.accuracy > 0.7).sum(axis=(1, 2)), runs.ran_away.sum(axis=(1, 2))
    exact_, slow, fixed, regressed, local, both = range(len(ladder.RUNGS))
    assert told[exact_] == told[local] == lost[exact_] == lost[local] == lost[slow] == 0
    assert min(told[slow], told[fixed], told[regressed], told[both]) >= 15
    assert min(lost[regressed], lost[both]) > 15
    assert (runs.accuracy[[slow, fixed, regressed], 1] > 0.7).all()


def test_a_code_of_the_causes_alone_is_that_of_a_factorised_q():
    """The control of the race: [v, 1] has one code for all tables with the same means."""
    rng, v = np.random.default_rng(403), exact.states(3)
    for table in rng.dirichlet(np.ones(8), 20):
        factorised = exact.factorised_table((table @ v)[None])[0]
        assert table @ race.as_it_is(v) == pytest.approx(factorised @ race.as_it_is(v))
        bent = ddc.Encoding.random(np.random.default_rng(404), v, 10)
        assert np.abs((table - factorised) @ bent(v)).max() > 1e-3


def test_the_race_of_many_is_delta_rules():
    """Long enough, from easy starts: with the hidden layer or without, dreams come nearer."""
    begun = race.by_wake_sleep([405, 406], steps=1)
    for hidden in (0, 8):
        assert (race.by_wake_sleep([405, 406], steps=2000, hidden=hidden) < begun - 0.3).all()


@pytest.mark.long
def test_most_layered_worlds_are_learnt_in_300_nights_and_a_few_are_not():
    lacking, columns = [], []
    for seed in range(820, 840):
        rng = np.random.default_rng(seed)
        world = recipes.layered_laplace(rng)
        x, held = world.sample(rng, 2000)[0], world.sample(rng, 200)[0]
        learning = np.random.default_rng([seed, 1])
        *_, last = recipes.laplace(x, learning, "score", steps=300, every=300)
        found, true = (
            A / np.linalg.norm(A, axis=0) for A in (last.model.layers[0].A, world.layers[0].A)
        )
        alike = np.abs(found.T @ true)
        columns.append(alike.max(axis=1).min())
        best, worth = (ddc.laplace_log_likelihood(m, held).mean() for m in (world, last.model))
        lacking.append(best - worth)
    assert 10 < (np.array(lacking) < 0.1).sum() < 18
    assert 2 <= (np.array(lacking) > 0.3).sum() < 8
    assert 15 < (np.array(columns) > 0.98).sum() < 20
