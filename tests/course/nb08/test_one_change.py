"""The controls of notebook 08, typed again."""

import math

import numpy as np
import pytest

from hmlib import ddc
from hmlib.course import bird
from hmlib.course.nb08 import one_change


def least_squares(A, Y, ridge):
    """Ridge regression as plain least squares with more rows."""
    n, m = A.shape
    rows = np.vstack([A / math.sqrt(n), math.sqrt(ridge) * np.eye(m)])
    return np.linalg.lstsq(rows, np.vstack([Y / math.sqrt(n), np.zeros((m, Y.shape[1]))]))[0]


def test_gradient_errors_typed_again():
    errors, size = one_change.gradient_errors(31)
    rng, model = np.random.default_rng(31), bird.model()
    x_real = bird.model(A=1.25, b=0.2, noise=0.5).sample(rng, 400)[0]
    x, z = model.sample(rng, 5000)
    T = ddc.Encoding.random(rng, z, 40, "tanh", gain=2.0)
    phi = ddc.Encoding.random(rng, x, 60, "relu")
    m = np.abs(z)
    J = np.hstack([m, np.ones_like(m)]) / 0.16
    exact_codes = bird.posterior(model, x_real)[0] @ T(bird.GRID)

    def error(heard, r, ridge):
        first = (heard * (r @ least_squares(T(z), J, ridge))).mean(axis=0)
        second = (r @ least_squares(T(z), m * J, ridge)).mean(axis=0)
        exact = bird.exact_gradient(model, heard)[:2]
        length = math.hypot(*exact)
        return math.hypot(*(first - second - exact)) / length, math.hypot(*first) / length

    near = x_real[x_real[:, 0] < 4]
    R = least_squares(phi(x), T(z), 1e-4)
    typed = error(x_real, phi(x_real) @ R, 1e-4)
    slow = [
        typed[0],
        error(near, phi(near) @ R, 1e-4)[0],
        error(x_real, exact_codes, 1e-4)[0],
        error(x_real, phi(x_real) @ R, 1e-6)[0],
        error(x_real, exact_codes, 1e-6)[0],
    ]
    assert errors == pytest.approx(slow, rel=1e-4, abs=1e-5)
    assert size == pytest.approx(typed[1], rel=1e-6)


def test_gaps_are_divergences_of_decodes():
    few, many = one_change.gaps(6, 33), one_change.gaps(40, 33)
    assert (few > 0).all()
    assert many[3] < many[2] < few[2]
    # The exact code with hardly any ridge, by a search of its own: the least KL in the family.
    rng, model = np.random.default_rng(33), bird.model()
    x, z = model.sample(rng, 5000)
    ddc.Encoding.random(rng, x, 60, "relu")
    drawn = ddc.Encoding.random(rng, z, 40, "tanh", gain=2.0)
    T = drawn(bird.GRID)[:, [0, 1, 2, 3, 4, 5, 40]]
    (p,), _ = bird.posterior(model, np.array([[2.0]]))
    eta = np.zeros(7)
    for _ in range(200):
        q = bird.prior() * np.exp(T @ eta)
        q /= q.sum()
        away = T - q @ T
        C = (away * q[:, None]).T @ away + 1e-8 * np.eye(7)
        eta -= 0.5 * np.linalg.solve(C, (q - p) @ T + 1e-8 * eta)
    inside = q > 0
    kl = float(q[inside] @ np.log(q[inside] / p[inside]))
    assert few[3] == pytest.approx(kl, rel=1e-3)


@pytest.mark.filterwarnings("ignore:features")
def test_turned_typed_again_for_biases_without_the_constant():
    rng, model = np.random.default_rng(32), bird.model()
    x_real = bird.model(A=1.25, b=0.2, noise=0.5).sample(rng, 400)[0]
    x, z = model.sample(rng, 2000)
    T = ddc.Encoding.random(rng, z, 40, "tanh", gain=2.0)
    drawn = ddc.Encoding.random(rng, x, 60, "relu")

    def phi(x):
        return drawn(x)[:, :61]

    R, A = least_squares(phi(x), T(z), 1e-4), np.abs(z)
    targets = np.hstack([A, np.ones_like(A), A**2, A])
    alpha = least_squares(T(z), targets, 1e-4)

    def slopes(x):
        told = phi(x) @ R @ alpha
        in_A = (x[:, 0] * told[:, 0] - told[:, 2]).mean() / 0.16
        in_b = (x[:, 0] * told[:, 1] - told[:, 3]).mean() / 0.16
        square = (x[:, 0] ** 2 * told[:, 1] - 2 * x[:, 0] * told[:, 0] + told[:, 2]).mean()
        return np.array([in_A, in_b, 0.5 * square / 0.16 - 0.5 * told[:, 1].mean()])

    less, exact = slopes(x_real) - slopes(x), bird.exact_gradient(model, x_real)
    cosine = less @ exact / np.linalg.norm(less) / np.linalg.norm(exact)
    slow = math.degrees(math.acos(cosine))
    assert one_change.turned(32)[1] == pytest.approx(slow, abs=0.02)
