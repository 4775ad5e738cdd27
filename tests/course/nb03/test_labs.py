"""The labs of notebook 03 against slow loops that share no code with hmlib."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from hmlib import datasets, exact
from hmlib.binary import Generative
from hmlib.course import kept_runs
from hmlib.course.nb03 import climbing, labs
from hmlib.course.nb03.slices import SLICES
from tools import climb_stripes

WORDS = ("", "E", "EM", "EMEM", "MEEM")


def f(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def coin(p: float, side: float) -> float:
    return p if side else 1 - p


def flip(x: float, side: float) -> float:
    """The probability of a side of a coin with drive x, without the rounding of 1 - f(x)."""
    return f(x if side else -x)


def joint(gen, v, u) -> float:
    """P[v, u], coin by coin."""
    p = math.prod(flip(g, side) for g, side in zip(gen.g, v, strict=True))
    for b, side in enumerate(u):
        x = gen.h[b] + sum(gen.G[b, a] * v[a] for a in range(len(v)))
        p *= flip(x, side)
    return p


def slow_heights(gen, guess, data, chances) -> tuple[float, float]:
    """L and F, pattern by pattern; `guess` gives Q[v|u] for (row, v)."""
    log_l = free = 0.0
    for row, (u, chance) in enumerate(zip(data, chances, strict=True)):
        total = 0.0
        for v in itertools.product((0, 1), repeat=len(gen.g)):
            p, q = joint(gen, v, u), guess(row, v)
            total += p
            if q > 0:
                free += chance * q * (math.log(p) - math.log(q))
        log_l += chance * math.log(total)
    return log_l, free


def guess_of(step, u):
    """Q[v|u] of a step as a function, from whatever the step keeps."""
    if step.q_form == "exact":
        return lambda row, v: step.q[row, int("".join(map(str, v)), 2)]
    on = step.q
    if step.q_form == "recognition":
        y = [[step.rec.w[a] + step.rec.W[a] @ row for a in range(len(step.rec.w))] for row in u]
        on = np.array([[f(value) for value in row] for row in y])
    return lambda row, v: math.prod(coin(p, side) for p, side in zip(on[row], v, strict=True))


# The staircase


@pytest.mark.parametrize("kind", climbing.KINDS)
@pytest.mark.parametrize("word", WORDS)
def test_the_staircase_shows_l_and_f_of_a_slow_loop(kind: str, word: str) -> None:
    world = datasets.stripes()
    record = labs.staircase_values(word, kind, seed=3)
    step = climbing.climb(word, kind, 3)
    log_l, free = slow_heights(step.gen, guess_of(step, world.u), world.u, world.weights)
    assert len(record.free_energy) == len(record.log_likelihood) == len(word) + 1
    assert record.log_likelihood[-1] == pytest.approx(log_l, abs=1e-9)
    assert record.free_energy[-1] == pytest.approx(free, abs=1e-9)
    assert record.gap == pytest.approx(log_l - free, abs=1e-9)


@pytest.mark.parametrize("kind", climbing.KINDS)
@pytest.mark.parametrize("word", ["EMEMEM", "MMEEMMEE", "EEMMEM"])
def test_no_phase_steps_down_and_an_e_phase_leaves_l_alone(kind: str, word: str) -> None:
    record = labs.staircase_values(word, kind, seed=7)
    log_l, free = record.log_likelihood, record.free_energy
    assert (np.diff(free) >= -1e-10).all()
    assert (log_l >= free - 1e-10).all()
    assert (log_l <= record.bound).all()
    for k, letter in enumerate(word):
        if letter == "E":
            assert log_l[k + 1] == log_l[k]


def test_an_exact_e_phase_touches_the_ceiling_and_a_second_one_does_nothing() -> None:
    record = labs.staircase_values("EE", "exact", seed=1)
    log_l, free = record.log_likelihood, record.free_energy
    assert free[0] < log_l[0] - 0.1
    assert free[1] == pytest.approx(log_l[1], abs=1e-12)
    assert free[2] == free[1]


def test_a_second_m_phase_gives_almost_nothing() -> None:
    free = labs.staircase_values("EMM", "exact", seed=1).free_energy
    assert free[2] - free[1] > 0.1
    assert free[3] - free[2] < 1e-6


def test_one_letter_more_keeps_the_stairs_before_it() -> None:
    short = labs.staircase_values("EMEME", "mean field", seed=2)
    long = labs.staircase_values("EMEMEM", "mean field", seed=2)
    assert (long.log_likelihood[:-1] == short.log_likelihood).all()
    assert (long.free_energy[:-1] == short.free_energy).all()
    assert long.e_phases.tolist() == [1, 3, 5]
    assert long.m_phases.tolist() == [2, 4, 6]


def test_best_possible_is_minus_the_entropy_by_hand() -> None:
    best = 6 * 2 / 18 * math.log(2 / 18) + 6 * 1 / 18 * math.log(1 / 18)
    assert labs.staircase_values("", "exact", 0).bound == pytest.approx(best, abs=1e-12)


def test_a_cause_draws_alone() -> None:
    gen = climbing.climb("EM", "exact", 4).gen
    pictures = climbing.drawn(gen)
    for a in range(5):
        for b in range(9):
            assert pictures[a, b // 3, b % 3] == pytest.approx(f(gen.G[b, a] + gen.h[b]), abs=1e-12)


# One weight at a time


PLACES = [(7.0, 4.0), (4.0, -7.0), (20.0, 13.0), (10.0, 1.5)]


def slow_lawn(G: float, W: float, line: str) -> tuple[float, float]:
    """L and F of a lawn that is wet on half of the days, with s = 5 and biases -3 in Q."""
    gen = Generative([-5.0, -5.0], [[G, 10.0]], [-10.0])
    W_sprinkler = 0.0 if line == "rain alone" else 6.0 - W
    y = [[-3 + W * u, -3 + W_sprinkler * u] for u in (0, 1)]

    def guess(row, v):
        return flip(y[row][0], v[0]) * flip(y[row][1], v[1])

    return slow_heights(gen, guess, [[0], [1]], [0.5, 0.5])


@pytest.mark.parametrize("line", SLICES)
@pytest.mark.parametrize(("G", "W"), PLACES)
def test_one_weight_shows_l_and_f_of_a_slow_loop(G: float, W: float, line: str) -> None:
    record = labs.one_weight_values(G, W, line)
    log_l, free = slow_lawn(G, W, line)
    assert record.log_likelihood == pytest.approx(log_l, abs=1e-9)
    assert record.free_energy == pytest.approx(free, abs=1e-9)
    for k in (0, 17, 40, -1):
        log_l, free = slow_lawn(record.G.path[k], W, line)
        assert record.G.free_energy[k] == pytest.approx(free, abs=1e-9)
        assert record.G.log_likelihood[k] == pytest.approx(log_l, abs=1e-9)
        log_l, free = slow_lawn(G, record.W.path[k], line)
        assert record.W.free_energy[k] == pytest.approx(free, abs=1e-9)
        assert record.W.log_likelihood[k] == pytest.approx(log_l, abs=1e-9)


@pytest.mark.parametrize("line", SLICES)
@pytest.mark.parametrize(("G", "W"), PLACES)
def test_the_tangents_are_central_differences(G: float, W: float, line: str) -> None:
    record, step = labs.one_weight_values(G, W, line), 1e-5
    along_G = (slow_lawn(G + step, W, line)[1] - slow_lawn(G - step, W, line)[1]) / (2 * step)
    along_W = (slow_lawn(G, W + step, line)[1] - slow_lawn(G, W - step, line)[1]) / (2 * step)
    for shown, slope in ((record.G, along_G), (record.W, along_W)):
        assert shown.slope == pytest.approx(slope, abs=1e-6)
        expected = record.free_energy + shown.slope * (shown.path - shown.weight)
        assert shown.tangent == pytest.approx(expected)


@pytest.mark.parametrize("line", SLICES)
@pytest.mark.parametrize("W", [-7.0, 0.0, 4.0, 13.0])
def test_f_is_concave_in_the_generative_weight_and_not_in_the_recognition_weight(
    W: float, line: str
) -> None:
    record = labs.one_weight_values(10.0, W, line)
    assert np.diff(record.G.free_energy, 2).max() <= 1e-12
    assert np.diff(record.W.free_energy, 2).max() > 1e-3


def test_the_line_from_sprinkler_to_rain_has_two_tops_with_a_valley_between() -> None:
    record = labs.one_weight_values(10.0, 4.0, SLICES[1])
    free, place = record.W.free_energy, record.W.path
    tops = [k for k in range(1, 80) if free[k - 1] < free[k] >= free[k + 1]]
    assert len(tops) == record.W.tops == 2
    assert record.W.top == place[free.argmax()]
    assert place[tops[0]] < 3 < place[tops[1]]
    assert free[tops].min() - free[tops[0] : tops[1]].min() > 0.3


# Getting stuck


@pytest.mark.parametrize("causes", ["4", "5", "6"])
def test_the_kept_machines_have_the_kept_l(causes: str) -> None:
    world, runs = datasets.stripes(), kept_runs.climbs(int(causes))
    for seed in (0, 21, 49):
        log_l = world.weights @ exact.log_likelihood(runs.gen[seed], world.u)
        record = labs.stuck_values(seed, causes)
        # The file keeps seven digits, of weights that are near a hundred.
        assert record.log_likelihood == pytest.approx(log_l, abs=1e-3)
        assert record.missing == pytest.approx(record.bound - record.log_likelihood)
        assert (np.diff(record.ends) <= 0).all()
        assert record.rank == 1 + sum(end > record.log_likelihood for end in record.ends)


@pytest.mark.parametrize("n_v", climb_stripes.CAUSES)
def test_the_kept_climbs_are_made_again(n_v: int) -> None:
    again = climb_stripes.run(1, n_v, phases=8)["log_likelihood"]
    np.testing.assert_allclose(kept_runs.climbs(n_v).log_likelihood[1, :9], again, atol=1e-3)


def test_the_kept_climbs_with_five_causes_are_those_of_the_staircase() -> None:
    stairs = labs.staircase_values("EMEMEM", "exact", 8).log_likelihood
    np.testing.assert_allclose(kept_runs.climbs(5).log_likelihood[8, :7], stairs, atol=1e-3)


@pytest.mark.parametrize("causes", ["4", "5", "6"])
def test_every_kept_climb_rises_and_ends_below_the_best_possible(causes: str) -> None:
    record = labs.stuck_values(0, causes)
    assert record.curves.shape == (climb_stripes.SEEDS, climb_stripes.PHASES + 1)
    assert np.diff(record.curves, axis=1).min() > -1e-5
    assert record.ends.max() < record.bound
    assert np.ptp(record.ends) > 0.2


def test_other_numbers_of_causes_were_not_climbed() -> None:
    with pytest.raises(ValueError, match="n_v is 7; accepted"):
        kept_runs.climbs(7)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_mark_of_where_climbs_end_is_named_and_small_steps_share_a_colour(theme) -> None:
    picture = labs.stuck()._picture(theme)
    named = {text.get_text() for text in picture.figure.axes[2].get_legend().get_texts()}
    marks = (picture.ends, picture.steps, picture.now, picture.step_now)
    assert named == {mark.get_label() for mark in marks}
    # A cross is all edge; the mark of this seed is filled.
    assert picture.steps.get_markeredgecolor() == picture.step_now.get_markerfacecolor()
    assert picture.steps.get_markeredgecolor() != picture.ends.get_markeredgecolor()
