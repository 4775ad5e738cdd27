"""What notebook 00 says in general, on fresh seeds and over all places of its lab."""

from __future__ import annotations

import numpy as np

from hmlib import datasets, exact
from hmlib.course import kept_runs
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.nb02 import labs
from hmlib.course.nb02.lawn_guesses import GRID, free_energy_map


def test_hardly_any_dream_is_a_training_digit():
    gen, train = kept_runs.digits_machine().gen[-1], datasets.digits().train
    known = {picture.tobytes() for picture in train}
    for seed in range(100, 120):
        dreams = gen.sample(np.random.default_rng(seed), 1000)[1]
        assert sum(dream.tobytes() in known for dream in dreams) <= 5


def test_the_gap_is_smallest_where_both_are_one_half_and_the_bars_are_most_alike_elsewhere():
    _, best = free_energy_map(2.0)
    assert best.tolist() == [[0.5, 0.5]]
    posterior = exact.posterior(wet_lawn(2.0), WET)[0]
    guesses = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)
    apart = np.abs(exact.factorised_table(guesses) - posterior).sum(axis=1)
    closest = guesses[apart <= apart.min() + 1e-9]
    assert [0.62, 0.36] in closest.round(2).tolist()
    assert [0.5, 0.5] not in closest.round(2).tolist()


def test_the_curve_does_not_pass_the_dashed_line():
    for s in np.linspace(0, 3, 61):
        surface, _ = free_energy_map(float(s))
        assert surface.max() <= exact.log_likelihood(wet_lawn(float(s)), WET)[0] + 1e-12


def test_the_strength_alone_moves_the_dashed_line():
    at = [labs.ceiling_values(r, p, 2.0).log_likelihood for r in (0.02, 0.98) for p in (0.02, 0.98)]
    assert len(set(at)) == 1
    along = [labs.ceiling_values(0.5, 0.5, s).log_likelihood for s in (0.0, 1.0, 2.0, 3.0)]
    assert len(set(along)) == 4


def test_more_than_two_standard_errors_are_rare():
    p = np.exp(exact.log_likelihood(wet_lawn(2.0), WET)[0])
    shares = np.random.default_rng(77).binomial(1000, p, size=20_000) / 1000
    off = np.abs(shares - p) > 2 * np.sqrt(p * (1 - p) / 1000)
    assert 0.02 < off.mean() < 0.06
