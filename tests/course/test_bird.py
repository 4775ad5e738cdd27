"""The bird of notebooks 08 and 09, against integrals and central differences."""

import math

import numpy as np
import pytest
from bird_oracle import integral, total
from scipy.stats import norm

from hmlib import ddc
from hmlib.course import bird

Z = bird.GRID[:, 0]


@pytest.mark.parametrize("x", [0.0, 0.7, 2.0, 3.6])
def test_the_posterior_is_the_integral(x):
    (p,), (log_p,) = bird.posterior(bird.model(), np.array([[x]]))
    whole = integral(lambda z: 1.0, x)
    assert total(x) == pytest.approx(whole, rel=1e-5)
    assert log_p == pytest.approx(math.log(whole), abs=2e-3)
    for f in (lambda z: z, np.square, lambda z: np.tanh(2 * z - 1)):
        assert p @ f(Z) == pytest.approx(integral(f, x) / whole, abs=3e-3)
    right = integral(lambda z: float(z > 0), x) / whole
    assert p @ bird.right() == pytest.approx(right, abs=3e-3)


def test_a_bird_under_its_nest_is_the_same_bird():
    """z_1 has mean 0.5 and standard deviation 1.5 in both, and the distance follows it."""
    x, z_1, z_2 = bird.model_with_nest().sample(np.random.default_rng(1), 40_000)
    assert z_1.mean() == pytest.approx(0.5, abs=0.04)
    assert z_1.std() == pytest.approx(1.5, abs=0.03)
    assert np.std(x - np.abs(z_1)) == pytest.approx(0.4, abs=0.01)
    assert np.std(z_1 - 1.2 * z_2) == pytest.approx(0.9, abs=0.02)


def test_the_fold_is_a_family_whose_score_is_the_slope():
    family, rng = bird.model(0.8, 0.3, 0.5).layers[0], np.random.default_rng(2)
    z, x, small = rng.normal(size=(5, 1)), rng.normal(1, 1, (5, 1)), 1e-6
    for k in range(3):
        step = small * np.eye(3)[k]
        up, down = (family.like(family.ravel() + s).log_prob(x, z) for s in (step, -step))
        assert family.score(x, z)[:, k] == pytest.approx((up - down) / (2 * small), abs=1e-6)


def test_the_exact_gradient_is_the_slope_of_the_log_likelihood():
    x = bird.model(A=1.25, b=0.2, noise=0.5).sample(np.random.default_rng(12), 400)[0][::40]
    model, small = bird.model(), 1e-5
    slopes = []
    for k in range(3):
        totals = []
        for sign in (1, -1):
            A, b, log_var = model.ravel() + sign * small * np.eye(3)[k]
            world = {"A": A, "b": b, "noise": math.exp(log_var / 2)}
            totals.append(np.mean([math.log(total(d, **world)) for d in x[:, 0]]))
        slopes.append((totals[0] - totals[1]) / (2 * small))
    assert bird.exact_gradient(model, x) == pytest.approx(slopes, abs=0.02)


def test_gaussians_on_the_grid_are_probabilities():
    for found, centre, width in ((bird.prior(), 0.5, 1.5), (bird.gaussian(-1.2, 0.6), -1.2, 0.6)):
        assert found.sum() == pytest.approx(1)
        assert found / bird.STEP == pytest.approx(norm.pdf(Z, centre, width), abs=1e-4)


def test_a_code_has_its_first_functions_then_the_place_and_the_constant():
    assert bird.encoding(0)(np.zeros((3, 1))).shape == (3, 2)
    assert isinstance(bird.encoding(5), ddc.Encoding)
    assert bird.encoding(5).size == 7
    np.testing.assert_array_equal(
        bird.encoding(5)(bird.GRID)[:, :5], bird.encoding()(bird.GRID)[:, :5]
    )


def test_without_a_constant_the_features_are_proportional_to_the_distance():
    poor = bird.features(constant=False)
    assert poor(np.array([[3.0]])) == pytest.approx(3 * poor(np.array([[1.0]])))
    assert bird.features()(np.array([[3.0]]))[0, -1] == 1
