"""The labs of notebook 04 against slow loops, brute force and identities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from oracles import (
    central_differences,
    dream_free_energy,
    f,
    factorised,
    free_energy,
    kl_p_q,
    kl_q_p,
    log_joint,
    log_likelihood,
    log_posterior,
    mean,
    patterns,
)
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm

from hmlib import exact
from hmlib.binary import Generative, Recognition
from hmlib.course.lawn import wet_lawn
from hmlib.course.nb04 import labs, peaks
from hmlib.course.nb04.crossing import across, random_pair
from hmlib.course.nb04.drawn_updates import REPEATS, sleep_terms
from hmlib.course.nb04.leaning import best_lean
from hmlib.course.nb04.weather import SEEN, SHARES, lawn_and_street, recogniser

# Two directions


def slow_costs(s: float, q: list[float]) -> tuple[float, float]:
    """KL(Q || P) and KL(P || Q) in bits, for a factorised Q about the wet lawn."""
    log_p = log_posterior(wet_lawn(s), [1])
    table = factorised(q)
    exclusive = sum(w * (math.log2(w) - log_p[v] / math.log(2)) for v, w in table.items() if w)
    inclusive = sum(
        math.exp(lp) * (lp / math.log(2) - math.log2(table[v])) for v, lp in log_p.items()
    )
    return exclusive, inclusive


@pytest.mark.parametrize(("s", "q_rain"), [(0.0, 0.02), (2.0, 0.5), (3.3, 0.82), (10.0, 0.98)])
def test_both_divergences_of_a_leaning_guess(s, q_rain):
    record = labs.directions_values(s, q_rain)
    expected = slow_costs(s, [q_rain, 1 - q_rain])
    assert tuple(record.cost) == pytest.approx(expected, abs=1e-9)
    assert record.q == pytest.approx(list(factorised([q_rain, 1 - q_rain]).values()))
    log_p = log_posterior(wet_lawn(s), [1])
    assert record.posterior == pytest.approx([math.exp(p) for p in log_p.values()])
    for k in (0, 37, -1):
        lean = record.path_q[k]
        here = record.path.exclusive[k], record.path.inclusive[k]
        assert here == pytest.approx(slow_costs(s, [lean, 1 - lean]), abs=1e-9)


@pytest.mark.parametrize("s", [0.0, 1.5, 2.6, 2.8, 3.0, 5.0])
def test_no_factorised_guess_beats_the_best_two(s):
    """The best ones lie on the line of leaning guesses; this searches the whole square."""
    record = labs.directions_values(s, 0.5)
    grid = np.linspace(0.01, 0.99, 50)
    square = np.array([slow_costs(s, [a, b]) for a in grid for b in grid])
    lowest = (record.best.exclusive.cost.exclusive, record.best.inclusive.cost.inclusive)
    for k in (0, 1):
        assert lowest[k] <= square[:, k].min() + 1e-9
        assert lowest[k] == pytest.approx(square[:, k].min(), abs=5e-3)
    assert record.best.inclusive.rain.tolist() == [0.5]
    for best in record.best:
        for lean in best.rain:
            expected = slow_costs(s, [lean, 1 - lean])
            assert tuple(best.cost) == pytest.approx(expected, abs=1e-9)


def test_the_symmetry_breaks_where_cosh_s_is_e_squared():
    at = math.acosh(math.e**2)
    assert 2 < at < 3
    assert best_lean(at - 0.01) == 0.5
    assert best_lean(at + 0.01) > 0.52
    assert labs.directions_values(2.0, 0.5).best.exclusive.rain.tolist() == [0.5]
    leans = labs.directions_values(3.0, 0.5).best.exclusive.rain
    assert leans == pytest.approx([0.2, 0.8], 0.01)


def test_the_costs_of_a_very_strong_machine():
    """At s = 10 nearly: one bit for dropping one of two, and 12.4 bits the other way."""
    costs = [cost for best in labs.directions_values(10.0, 0.5).best for cost in best.cost]
    assert costs == pytest.approx([1.00, 12.42, 5.71, 1.00], abs=0.01)


# Two peaks


def density(v: float, separation: float, weight: float) -> float:
    left, right = norm.pdf(v, -separation / 2), norm.pdf(v, separation / 2)
    return weight * left + (1 - weight) * right


def slow_divergences(centre: float, width: float, separation: float, weight: float):
    """KL(Q || P) and KL(P || Q) in nats, by the trapezium rule on a fine grid."""
    v = np.linspace(-50, 50, 20_001)
    left = np.log(weight) + norm.logpdf(v, -separation / 2)
    log_p = np.logaddexp(left, np.log(1 - weight) + norm.logpdf(v, separation / 2))
    log_q = norm.logpdf(v, centre, width)
    exclusive = np.trapezoid(np.exp(log_q) * (log_q - log_p), v)
    return exclusive, np.trapezoid(np.exp(log_p) * (log_p - log_q), v)


FITS = [(0.0, 0.5, 6.0), (3.0, 0.3, -2.0), (6.0, 0.5, 0.0), (8.0, 0.5, 3.0), (8.0, 0.05, -6.0)]


@pytest.mark.parametrize(("separation", "weight", "start"), FITS)
def test_the_costs_of_both_gaussians_on_a_fine_grid(separation, weight, start):
    record = labs.two_peaks_values(separation, weight, start)
    for fit in record.fit:
        expected = np.array(slow_divergences(fit.centre, fit.width, separation, weight))
        assert tuple(fit.cost) == pytest.approx(expected / math.log(2), abs=1e-6)
        assert fit.density == pytest.approx(norm.pdf(record.x, fit.centre, fit.width), abs=1e-12)


@pytest.mark.parametrize(("separation", "weight", "start"), FITS)
def test_each_gaussian_is_a_bottom_of_its_own_divergence(separation, weight, start):
    record = labs.two_peaks_values(separation, weight, start)
    for k, fit in enumerate(record.fit):
        centre, width = fit.centre, fit.width
        lowest = slow_divergences(centre, width, separation, weight)[k]
        for moved in ((0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)):
            other = slow_divergences(centre + moved[0], width + moved[1], separation, weight)[k]
            assert other > lowest


def test_the_inclusive_gaussian_has_the_moments_of_p():
    for separation, weight in ((6.0, 0.5), (8.0, 0.2)):
        first, second = (
            quad(lambda v, k=k: v**k * density(v, separation, weight), -15, 15, limit=400)[0]  # noqa: B023
            for k in (1, 2)
        )
        centre, width = peaks.moments(separation, weight)
        assert (centre, width**2) == pytest.approx((first, second - first**2), abs=1e-7)


def test_the_path_has_the_best_width_for_each_centre():
    record = labs.two_peaks_values(5.0, 0.3, 0.0)
    for place in (5, 30, 44):
        centre = record.centres[place]
        for k, path in enumerate(record.path):
            best = min(
                minimize(
                    lambda log_width, k=k, c=centre: slow_divergences(
                        c, math.exp(log_width[0]), 5.0, 0.3
                    )[k],
                    [begin], method="Nelder-Mead",
                ).fun
                for begin in (0.0, 1.2)
            )  # fmt: skip
            assert path[place] == pytest.approx(best / math.log(2), abs=5e-3)


def test_the_exclusive_fit_depends_on_its_start_and_the_inclusive_one_does_not():
    ends = [labs.two_peaks_values(8.0, 0.5, start) for start in (-3.0, 0.0, 3.0)]
    assert [end.fit.exclusive.centre for end in ends] == pytest.approx([-4, 0, 4], abs=0.01)
    assert {end.fit.inclusive.centre for end in ends} == {0.0}
    beside, between, _ = (end.fit.exclusive.cost.exclusive for end in ends)
    assert between > beside + 1


# The three steps


def test_the_street_is_wet_by_rain_alone():
    gen, lawn = lawn_and_street(), wet_lawn(2.0)
    assert gen.G[0].tolist() == lawn.G[0].tolist()
    assert gen.G[1, 0] > 0 == gen.G[1, 1]
    assert SHARES.sum() == pytest.approx(1)


@pytest.mark.parametrize(("W", "dreamt"), [(-4.0, 0.0), (1.0, 0.0), (4.2, 0.5), (10.0, 1.0)])
def test_the_three_objectives_by_slow_loops(W, dreamt):
    record = labs.three_steps_values(W, dreamt)
    gen, rec, seen = lawn_and_street(), recogniser(W), patterns(2)
    dreams = [math.exp(log_likelihood(gen, u)) for u in seen]
    data = [(1 - dreamt) * a + dreamt * b for a, b in zip(SHARES, dreams, strict=True)]
    assert record.dreams == pytest.approx(dreams)
    assert record.data == pytest.approx(data)
    log_l = mean(lambda u: log_likelihood(gen, u), seen, data)
    assert record.log_likelihood == pytest.approx(log_l, abs=1e-10)
    exclusive = mean(lambda u: kl_q_p(gen, rec, u), seen, data)
    assert record.free_energy.here == pytest.approx(log_l - exclusive, abs=1e-10)
    assert record.free_energy.here == pytest.approx(
        mean(lambda u: free_energy(gen, rec, u), seen, data), abs=1e-10
    )
    inclusive = mean(lambda u: kl_p_q(gen, rec, u), seen, data)
    assert record.reversed.here == pytest.approx(log_l - inclusive, abs=1e-10)
    assert record.dream.here == pytest.approx(dream_free_energy(gen, rec, seen, data), abs=1e-10)
    place = int(np.abs(record.path_W - W).argmin())
    for objective in record.objectives:
        assert objective.path[place] == pytest.approx(objective.here, abs=1e-10)
        assert (objective.path <= record.log_likelihood).all()
        assert objective.top == objective.path.max()
        assert objective.path[record.path_W == objective.top_W] == objective.top


def test_each_step_moves_the_top_and_dreamt_data_join_the_last_two():
    record = labs.three_steps_values(1.0, 0.0)
    assert record.dream.top_W + 1 <= record.reversed.top_W
    assert record.reversed.top_W + 1 <= record.free_energy.top_W
    for objective in (record.dream, record.reversed):
        assert np.diff(objective.path, 2).max() < 1e-12
    assert np.diff(record.free_energy.path, 2).max() > 1e-3
    joined = labs.three_steps_values(1.0, 1.0)
    assert joined.reversed.path == pytest.approx(joined.dream.path, abs=1e-12)
    assert np.abs(joined.free_energy.path - joined.dream.path).max() > 0.1


# What is lost


@pytest.mark.parametrize("seed", [0, 7, 381])
def test_the_slopes_across_are_what_small_steps_do(seed):
    """Both objectives by slow loops, a little up and down along the other phase's gradient."""
    gen, rec, dreams = random_pair(seed)
    seen, small = patterns(3), 1e-5
    assert dreams == pytest.approx([math.exp(log_likelihood(gen, u)) for u in seen])
    sleep = exact.grad_dream(gen, rec, np.array(seen, float), dreams)[1]
    wake = exact.grad_free_energy(gen, rec, np.array(seen, float), dreams)[0]

    def f_after(amount):
        return mean(lambda u: free_energy(gen, rec + amount * sleep, u), seen, dreams)

    def dream_after(amount):
        return dream_free_energy(gen + amount * wake, rec, seen, dreams)

    slopes = [(g(small) - g(-small)) / (2 * small) for g in (f_after, dream_after)]
    assert across(seed) == pytest.approx(slopes, rel=1e-4, abs=1e-6)


# Drawn dreams


def test_the_expected_update_is_the_slope_of_the_dream_objective():
    gen, rec = lawn_and_street(), recogniser(1.0)
    chance, terms = sleep_terms(gen, rec)
    assert chance.sum() == pytest.approx(1, abs=1e-12)
    seen = patterns(2)
    slope = central_differences(lambda r: dream_free_energy(gen, r, seen), rec, ["w", "W"])["W"]
    assert chance @ terms == pytest.approx(slope.ravel(), abs=1e-8)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 1), (1, 3)])
def test_every_dream_is_listed_with_its_term(sizes):
    rng = np.random.default_rng(4)
    gen, rec = Generative.random(rng, *sizes), Recognition.random(rng, *sizes)
    chance, terms = sleep_terms(gen, rec)
    slow = {}
    for u in patterns(sizes[0]):
        for v in patterns(sizes[1]):
            guess = [f(rec.w[a] + rec.W[a] @ u) for a in range(sizes[1])]
            term = [(v[a] - guess[a]) * u[b] for a in range(sizes[1]) for b in range(sizes[0])]
            slow[math.exp(log_joint(gen, v, u))] = term
    assert sorted(chance) == pytest.approx(sorted(slow))
    order = np.argsort(chance)
    assert terms[order] == pytest.approx(np.array([slow[p] for p in sorted(slow)]))


def test_drawn_updates_are_as_far_from_the_expected_one_as_theory_says():
    record = labs.drawing_values(1.0, 3)
    ratio = record.path_error / record.path_expected
    assert np.abs(np.log(ratio)).max() < 0.6
    assert np.abs(np.log(ratio)).mean() < 0.12
    slope = np.polyfit(np.log(record.path_n), np.log(record.path_error), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.02)
    assert record.places.shape == (len(record.piles), 2)
    assert record.piles.sum() == REPEATS


def test_the_line_is_what_a_sampler_shows():
    """Dreams drawn one by one, by the machine's own sampler, have the error that is drawn."""
    gen, rec = lawn_and_street(), recogniser(1.0)
    slope = exact.grad_dream(gen, rec, SEEN)[1].W
    rng, n, repeats = np.random.default_rng(8), 100, 400
    v, u = gen.sample(rng, n * repeats)
    error = v - 1 / (1 + np.exp(-(u @ rec.W.T + rec.w)))
    updates = np.einsum("rna,rnb->rab", error.reshape(repeats, n, 2), u.reshape(repeats, n, 2)) / n
    spread = math.sqrt(((updates - slope) ** 2).sum(axis=(1, 2)).mean())
    record = labs.drawing_values(2.0, 0)
    assert record.n == n
    assert spread == pytest.approx(record.expected, rel=0.1)
    assert record.exact == pytest.approx(slope[0], abs=1e-12)


def test_the_same_seed_draws_the_same_dreams_and_another_one_does_not():
    one, same, other = (labs.drawing_values(1.0, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.places, same.places)
    assert one.places.shape != other.places.shape or (one.places != other.places).any()


# The labs


def test_what_the_questions_foretell():
    """The predictions that are called right are what the labs show."""
    straight, leaning = (labs.directions_values(4.0, q) for q in (0.5, 0.9))
    assert leaning.cost.exclusive < straight.cost.exclusive
    assert leaning.cost.inclusive > straight.cost.inclusive
    apart = labs.two_peaks_values(8.0, 0.5, 3.0)
    assert density(apart.fit.inclusive.centre, 8.0, 0.5) < 0.01 * density(4.0, 8.0, 0.5)
    start = labs.three_steps_values(1.0, 0.0).objectives
    f, f_tilde, dreamt = labs.three_steps_values(1.0, 1.0).objectives
    assert abs(dreamt.top_W - f_tilde.top_W) < 1e-6
    assert 0.5 < f.top_W - dreamt.top_W < start[0].top_W - start[2].top_W - 0.5
