"""What notebook 04 counts, on seeds that it does not show, and the controls of its reasons."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import exact
from hmlib.binary import Generative, Recognition, sigmoid, softplus
from hmlib.course.nb04 import crossing, labs, leaning, peaks
from hmlib.course.nb04.drawn_updates import sleep_terms
from hmlib.course.nb04.weather import lawn_and_street, recogniser
from hmlib.tables import divergences

FRESH = range(2000, 2040)
OWN, OTHERS = crossing.DATA


def asleep(gen):
    """Where sleep ends for a machine with one input."""
    means = exact.posterior(gen, exact.states(1)) @ exact.states(gen.n_v)
    y = np.log(means / (1 - means))
    return Recognition(y[0], (y[1] - y[0])[:, None])


def test_no_divergence_is_below_0():
    tables = np.random.default_rng(0).dirichlet(np.ones(8), (2, 50))
    for each in divergences(*tables):
        assert (each >= 0).all()
    assert max(np.abs(each).max() for each in divergences(tables[0], tables[0])) < 1e-12


def test_both_f_tildes_and_f_stay_below_l():
    u = exact.states(3)
    for seed in FRESH:
        gen, rec, seen = crossing.random_pair(seed, data=OTHERS)
        o = exact.objectives(gen, rec, u)
        assert (o.free_energy <= o.log_likelihood + 1e-10).all()
        assert (o.reversed_free_energy <= o.log_likelihood + 1e-10).all()
        assert exact.dream_free_energy(gen, rec, u, seen) <= seen @ o.log_likelihood + 1e-10


def test_the_inclusive_fit_has_the_means_of_p_whatever_else_p_is():
    rng = np.random.default_rng(1)
    for table in rng.dirichlet(np.ones(8), 20):
        means = table @ exact.states(3)
        best = exact.factorised_table(means[None])[0]
        for q in rng.uniform(0.05, 0.95, (20, 3)):
            other = exact.factorised_table(q[None])[0]
            assert table @ np.log(table / best) <= table @ np.log(table / other) + 1e-12


def test_the_inclusive_gaussian_has_the_mean_and_the_width_of_p():
    for separation, weight in ((1.0, 0.3), (6.0, 0.5), (7.0, 0.9)):
        mean, width = peaks.moments(separation, weight)
        best = peaks.inclusive_divergence(mean, width, separation, weight)
        for c, s in ((0.1, 0.0), (-0.1, 0.0), (0.0, 0.1), (0.0, -0.1)):
            there = peaks.inclusive_divergence(mean + c, width + s, separation, weight)
            assert there > best


def test_the_exclusive_fit_of_a_leaning_guess_splits_and_the_inclusive_does_not():
    assert leaning.best_lean(2.6) == 0.5
    assert leaning.best_lean(2.75) > 0.5
    for s in np.linspace(0.5, 10, 20):
        assert labs.directions_values(float(s), 0.5).best.inclusive.rain.tolist() == [0.5]


def test_f_tilde_is_concave_in_the_recognition_weights():
    u, rng = exact.states(3), np.random.default_rng(2)
    for seed in range(2000, 2010):
        gen, rec, seen = crossing.random_pair(seed)
        other = Recognition.random(rng, 3, 2, scale=5.0)
        middle = Recognition((rec.w + other.w) / 2, (rec.W + other.W) / 2)
        ends = [seen @ exact.reversed_free_energy(gen, r, u) for r in (rec, other)]
        assert seen @ exact.reversed_free_energy(gen, middle, u) >= np.mean(ends) - 1e-10


def test_a_dream_is_a_draw_from_the_posterior_of_its_input():
    u, v = exact.states(3), exact.states(2)
    for seed in range(2000, 2010):
        gen = crossing.random_pair(seed)[0]
        dreamt = np.exp([[gen.log_prob(c[None], row[None])[0] for c in v] for row in u])
        recognised = np.exp(exact.log_likelihood(gen, u))[:, None] * exact.posterior(gen, u)
        np.testing.assert_allclose(dreamt, recognised, atol=1e-12)


def test_sleep_lowers_f_far_more_often_if_the_data_are_not_its_dreams():
    own = others = 0
    for n_v in (2, 4):
        for kind in crossing.RECOGNISERS:
            own += crossing.sleep_lowers_f(n_v, kind, OWN, FRESH)
            others += crossing.sleep_lowers_f(n_v, kind, OTHERS, FRESH)
    assert 2 * own < others
    assert crossing.sleep_lowers_f(2, "blank", OTHERS, FRESH) > 0
    assert crossing.sleep_lowers_f(2, "trained", OTHERS, FRESH) > 0


def test_only_what_the_machine_sees_differs_between_the_two_columns():
    for seed in FRESH:
        for kind in crossing.RECOGNISERS:
            one, other = (crossing.random_pair(seed, 4, kind, data) for data in crossing.DATA)
            for first, second in zip(one[:2], other[:2], strict=True):
                np.testing.assert_array_equal(first.ravel(), second.ravel())
            assert np.abs(one[2] - other[2]).max() > 1e-3


def test_sleep_lowers_f_less_often_with_six_causes_than_with_two():
    for kind in crossing.RECOGNISERS:
        two, six = (crossing.sleep_lowers_f(n, kind, OTHERS, range(2000, 2050)) for n in (2, 6))
        assert six < two


def test_a_narrow_fit_stays_on_its_peak_only_while_the_peaks_are_far_apart():
    for weight in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        narrow = labs.two_peaks_values(8.0, weight, 3.0).fit.exclusive
        assert abs(narrow.centre - 4) < 0.05
        assert abs(narrow.width - 1) < 0.05
    assert labs.two_peaks_values(6.0, 0.95, 3.0).fit.exclusive.centre < -2.9


def test_each_phase_may_harm_the_objective_of_the_other_and_mostly_helps():
    slopes = np.array([crossing.across(seed) for seed in range(2000, 2200)])
    assert 0 < (slopes[:, 0] < 0).sum() < 40
    assert 0 < (slopes[:, 1] < 0).sum() < 60
    assert (slopes > 0).all(axis=1).sum() > 120


def test_small_exact_steps_raise_what_their_phase_climbs():
    u = exact.states(3)
    for seed in FRESH:
        gen, rec, seen = crossing.random_pair(seed, data=OTHERS)
        wake = exact.grad_free_energy(gen, rec, u, seen)[0]
        sleep = exact.grad_dream(gen, rec, u, seen)[1]
        f = seen @ exact.free_energy(gen, rec, u)
        assert seen @ exact.free_energy(gen + 1e-4 * wake, rec, u) >= f - 1e-12
        dreamt = exact.dream_free_energy(gen, rec, u, seen)
        assert exact.dream_free_energy(gen, rec + 1e-4 * sleep, u, seen) >= dreamt - 1e-12


def test_with_one_cause_recognition_says_the_posterior_and_no_small_wake_step_lowers_l():
    u = exact.states(3)
    for seed in range(2000, 2020):
        gen, _, seen = crossing.random_pair(seed, 1, data=OTHERS)
        for _ in range(10):
            w = gen.g + softplus(gen.h).sum() - softplus(gen.G[:, 0] + gen.h).sum()
            rec = Recognition(w, gen.G.T)
            assert exact.kl_q_p(gen, rec, u).max() < 1e-10
            woken = gen + 0.05 * exact.grad_free_energy(gen, rec, u, seen)[0]
            change = exact.log_likelihood(woken, u) - exact.log_likelihood(gen, u)
            assert seen @ change > -1e-12
            gen = woken


def test_with_two_causes_and_one_input_wake_leaves_a_perfect_machine_and_the_posterior_does_not():
    u, left = exact.states(1), 0
    for seed in range(2000, 2020):
        gen = Generative.random(np.random.default_rng(seed), 1, 2, scale=2.0)
        dreamt = np.exp(exact.log_likelihood(gen, u))
        woken = gen + exact.grad_free_energy(gen, asleep(gen), u, dreamt)[0]
        left += np.abs(np.exp(exact.log_likelihood(woken, u)) - dreamt).max() > 1e-12
        table = dreamt[:, None] * exact.posterior(gen, u)
        assert np.abs(exact.expected_score(gen, table, u).ravel()).max() < 1e-12
    assert left == 20


def test_the_end_of_sleep_with_one_input_has_no_slope_left():
    for seed in range(2000, 2010):
        gen = Generative.random(np.random.default_rng(seed), 1, 2, scale=2.0)
        slope = exact.grad_dream(gen, asleep(gen), exact.states(1))[1]
        assert np.abs(slope.ravel()).max() < 1e-12


@pytest.mark.parametrize("seed", [30, 40, 49])
def test_the_error_of_drawn_dreams_falls_as_one_over_the_root_of_n(seed):
    record = labs.drawing_values(0.0, seed)
    slope = np.polyfit(np.log(record.path_n), np.log(record.path_error), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.02)


def test_single_dreams_lie_on_few_places_and_mostly_on_0():
    for seed in range(20, 40):
        record = labs.drawing_values(0.0, seed)
        assert len(record.piles) <= 8
        assert np.abs(record.places[record.piles.argmax()]).max() == 0


def test_no_single_dream_gives_the_expected_update():
    chance, terms = sleep_terms(lawn_and_street(), recogniser(1.0))
    away = np.abs(terms - chance @ terms)[:, :2].max(axis=1)
    assert len(away) == 16
    assert away.min() > 0.03


def test_own_guesses_as_targets_teach_nothing():
    u = exact.states(3)
    for seed in FRESH:
        _, rec, seen = crossing.random_pair(seed)
        targets = exact.recognition_table(rec, u) @ exact.states(2)
        assert np.abs(seen @ (targets - sigmoid(rec.drive(u)))).max() < 1e-12


def test_the_exact_slopes_are_those_of_small_steps():
    """Of L less either divergence, over the data or over dreams, in each weight of recognition."""
    u = exact.states(3)
    for seed in range(2000, 2020):
        gen, rec, seen = crossing.random_pair(seed, data=OTHERS)
        pairs = (
            (
                lambda r, gen=gen, seen=seen: seen @ exact.free_energy(gen, r, u),
                exact.grad_free_energy(gen, rec, u, seen)[1],
            ),
            (
                lambda r, gen=gen, seen=seen: seen @ exact.reversed_free_energy(gen, r, u),
                -1.0 * exact.grad_kl_p_q(gen, rec, u, seen)[1],
            ),
            (
                lambda r, gen=gen, seen=seen: exact.dream_free_energy(gen, r, u, seen),
                exact.grad_dream(gen, rec, u, seen)[1],
            ),
        )
        for height, slope in pairs:
            up, down = (Recognition(rec.w, rec.W + move) for move in (1e-5, -1e-5))
            rise = (height(up) - height(down)) / 2e-5
            assert abs(rise - slope.W.sum()) < 1e-5
