"""The parts that the rungs of the ladder are made of, against what they stand for."""

import numpy as np
import pytest
from scipy import stats

from hmlib import ddc
from hmlib.course.nb09 import ladder

RNG = np.random.default_rng


@pytest.fixture(scope="module")
def night():
    x = ladder.DATA["ring"](RNG(0), 300)
    model = ddc.fresh(x, RNG(1), variance=0.1)
    return model, ddc.local_night(model, RNG(2), 400, 1e-9), x[:5]


def test_exact_weights_are_the_likelihoods_of_the_dreamt_latents(night):
    model, dreamt, x = night
    bottom = model.layers[0]
    means, sd = bottom.mean(dreamt.dreams[1])[..., 0], np.exp(bottom.log_var / 2)
    for row, datum in zip(ladder.posterior_weights(model, dreamt.dreams, x), x, strict=True):
        likelihood = np.array([stats.norm(m, sd).pdf(datum).prod() for m in means])
        assert np.allclose(row, likelihood / likelihood.sum(), atol=1e-5)


def test_regressed_weights_are_least_squares_for_any_function(night):
    _, dreamt, x = night
    features = ddc.Encoding.random(RNG(3), dreamt.dreams[0], 20)
    f = np.cos(dreamt.dreams[1][:, :1])
    alpha = ddc.readout(features(dreamt.dreams[0]), f, ladder.RIDGE_CODE)
    weights = ladder.regressed_weights(features)(night[0], dreamt.dreams, x)
    assert np.allclose(weights @ f, features(x) @ alpha, atol=1e-8)


def test_fixed_encodings_read_what_lies_among_them(night, monkeypatch):
    z, encoding = night[1].dreams[1], ddc.Encoding.random(RNG(4), night[1].dreams[1], 15)
    w = RNG(5).uniform(size=(len(z), 2))
    monkeypatch.setattr(ladder, "RIDGE_READ", 1e-10)
    read = ladder.read_from(encoding, z, w)
    assert np.allclose(encoding(z).T @ read, encoding(z).T @ w, atol=1e-4)
    # What does not lie among them is lost.
    wild = np.sin(40 * z[:, :1])
    assert np.abs(wild.T @ read - wild.T @ w).max() > 0.1


def test_the_top_rung_moves_along_the_gradient_of_the_log_likelihood(night, monkeypatch):
    """With one grid for both, the average over it is the model, and its slope is exact."""
    model, dreamt, x = night
    monkeypatch.setattr(ladder.ddc, "local_night", lambda *_: dreamt)
    rung = ladder.RUNGS[0]
    found = ladder.direction(rung, ladder.parts_of(rung, RNG(6), x), model, RNG(0), x)
    theta, h, z = model.ravel(), 1e-5, dreamt.dreams[1]

    def worth(vector):
        bottom = model.like(vector).layers[0]
        each = [np.logaddexp.reduce(bottom.log_prob(np.tile(d, (len(z), 1)), z)) for d in x]
        return np.mean(each)

    for i in [*range(0, theta.size, 37), *range(theta.size - 4, theta.size)]:
        step = h * (np.arange(theta.size) == i)
        slope = (worth(theta + step) - worth(theta - step)) / (2 * h)
        assert found[i] == pytest.approx(slope, abs=1e-3)


@pytest.mark.parametrize("rung", ladder.RUNGS, ids=[rung.name for rung in ladder.RUNGS])
def test_every_rung_makes_steps(rung):
    first, *_, last = ladder.climb(rung, "ring", 0, steps=3)
    assert np.isfinite(last.ravel()).all()
    assert not np.array_equal(first.ravel(), last.ravel())
    again = list(ladder.climb(rung, "ring", 0, steps=3))[-1]
    assert np.array_equal(last.ravel(), again.ravel())
