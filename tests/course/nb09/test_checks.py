"""The questions of notebook 09, against slow loops and the library's own wake phase."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from hmlib import ddc
from hmlib.check import grade
from hmlib.course import bird
from hmlib.course.nb09.solutions import ANSWERS


def slow_split(S, J, mu):
    n, s, k = J.shape
    out = [[0.0] * k for _ in range(n)]
    for row in range(n):
        for j in range(k):
            for i in range(s):
                out[row][j] += S[row][i] * J[row][i][j] - mu[row][i] * J[row][i][j]
    return np.array(out)


def slow_moments(r_data, x_data, r_dream, x_dream):
    def mean(r, x, power):
        return sum(row * value[0] ** power for row, value in zip(r, x, strict=True)) / len(x)

    return np.array(
        [mean(r_data, x_data, power) - mean(r_dream, x_dream, power) for power in (0, 1, 2)]
    )


def slow_weights(phi_dream, phi_data, rho):
    """The same weights by the other side of the matrix: a system of M equations."""
    M = len(phi_dream)
    kernel = phi_dream @ phi_dream.T / M
    gap = sum(phi_data) / len(phi_data) - sum(phi_dream) / M
    # phi (A + rho)^-1 = (phi phi^T / M + rho)^-1 phi
    return np.linalg.solve(kernel + rho * np.eye(M), phi_dream @ gap) / M


def slow_nearby(x, x_dream, v, kappa):
    """Bayes' rule with one part of the noise in the dreams and the other about them."""
    cov = kappa * v * np.eye(x.shape[1])
    p = np.array([[multivariate_normal.pdf(a, b, cov) for b in x_dream] for a in x])
    return p / p.sum(axis=1)[:, None]


@pytest.mark.parametrize(
    ("id", "slow"),
    [
        ("09.3", slow_split), ("09.4", slow_moments), ("09.5", slow_weights),
        ("09.8", slow_nearby),
    ],
)  # fmt: skip
def test_slow_ways_are_accepted(id, slow):
    for seed in range(3):
        assert grade(id, slow, seed).outcome == "correct"


def test_the_split_of_a_gaussian_is_its_score():
    rng = np.random.default_rng(0)
    family = ddc.Gaussian([[0.7, -0.2]], [0.3], [0.1])
    y, z = rng.normal(size=(8, 1)), rng.normal(size=(8, 2))
    S, J, mu = family.suff_stats(y)[:, 0], family.jacobian(z)[:, 0], family.mean(z)[:, 0]
    theta, step = family.ravel(), 1e-5
    slopes = np.column_stack(
        [
            family.like(theta + step * e).log_prob(y, z)
            - family.like(theta - step * e).log_prob(y, z)
            for e in np.eye(theta.size)
        ]
    ) / (2 * step)
    assert ANSWERS["09.3"](S, J, mu) == pytest.approx(slopes, abs=1e-8)


def test_the_weights_make_averages_over_dreams_into_averages_over_data():
    """Of every function that is built out of the features, with next to no ridge."""
    rng = np.random.default_rng(1)
    phi_dream, phi_data = rng.normal(size=(40, 5)), rng.normal(1.0, 1.0, size=(30, 5))
    c = ANSWERS["09.5"](phi_dream, phi_data, 1e-12)
    expected = phi_data.mean(axis=0) - phi_dream.mean(axis=0)
    assert c @ phi_dream == pytest.approx(expected, abs=1e-9)


def test_the_hand_made_weights_are_what_the_function_says():
    dreams = np.eye(2)[[0] * 75 + [1] * 25]
    data = np.eye(2)[[0] * 6 + [1] * 4]
    M_c = 100 * ANSWERS["09.5"](dreams, data, 1e-12)
    assert M_c[[0, -1]] == pytest.approx(ANSWERS["09.9"])


def test_after_a_move_of_theta_the_old_recogniser_and_the_old_read_out_do_not_fit():
    """Question 09.2: on each of twenty nights, with A moved from 0.8 to 1.2."""
    old, new = bird.model(A=0.8), bird.model(A=1.2)
    x, T = np.linspace(0.2, 3, 29)[:, None], bird.encoding(10)
    posterior = bird.posterior(new, x)[0]
    codes = posterior @ T(bird.GRID)
    # The slopes of log p(x|z) at x = 2, which alpha builds out of encodings of z.
    slopes = new.layers[0].score(np.full((len(bird.GRID), 1), 2.0), bird.GRID)
    for seed in range(20):
        before, after = (
            ddc.night_of(model, np.random.default_rng(seed), 1000, bird.features(), [T], 1e-4)
            for model in (old, new)
        )
        miss = [np.abs(n.recogniser.codes(x)[0] - codes).mean() for n in (before, after)]
        assert miss[1] < miss[0]
        built = []
        for night, model in ((before, old), (after, new)):
            z = night.dreams[1]
            alpha = night.readout(1, model.layers[0].score(np.full((len(z), 1), 2.0), z))
            built.append(np.abs(posterior @ (T(bird.GRID) @ alpha - slopes)).mean())
        assert built[1] < built[0]


def test_at_the_truth_wake_minus_sleep_is_zero_and_wake_alone_is_not():
    """Question 09.10, with three encodings: far too few."""
    rng = np.random.default_rng(2)
    truth = ddc.Chain((ddc.Network.random(rng, 1, 1, 5, 0.1), ddc.StandardNormal(1)))
    features = ddc.Encoding.random(rng, rng.normal(size=(50, 1)), 3)
    x = truth.sample(rng, 40_000)[0]
    data = ddc.seen(x, features, truth.layers[0])
    nights = [ddc.sleep(truth.sample(rng, 40_000), features, [features], 1e-3) for _ in range(12)]
    alone = np.array([ddc.wake(truth, night, data, "code") for night in nights])
    less = np.array(
        [ddc.wake(truth, n, data - ddc.seen_in_dreams(n, truth.layers[0]), "code") for n in nights]
    )
    assert np.linalg.norm(less.mean(axis=0)) < 0.1 * np.linalg.norm(alone.mean(axis=0))


def test_where_the_averages_of_all_features_agree_score_makes_no_move():
    """Question 09.6: data that are dreams moved about so that no average of a feature changes."""
    rng = np.random.default_rng(3)
    model = bird.model()
    x, z = model.sample(rng, 500)
    night = ddc.sleep((x, z), lambda x: np.column_stack([x, x**0]), [bird.encoding(5)], 1e-4)
    other = 2 * x.mean() - x  # turned about its mean: another distribution with the same mean
    assert abs(np.median(other) - np.median(x)) > 0.05
    data = ddc.seen(other, lambda x: np.column_stack([x, x**0]), model.layers[0])
    gap = data - ddc.seen_in_dreams(night, model.layers[0])
    assert np.abs(ddc.wake(model, night, gap, "score")).max() < 1e-8
    assert np.abs(bird.exact_gradient(model, other)).max() > 0.05
