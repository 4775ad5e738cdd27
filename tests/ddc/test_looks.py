"""The recogniser that looks twice, against finite differences and the exact posterior."""

import numpy as np
import pytest
from scipy import stats

from hmlib import ddc
from hmlib.ddc.subtracting import Place, Subtraction, Trained, planned
from hmlib.learning.optimisers import Adam

RNG = np.random.default_rng
A = np.array([[1.0, 0.3], [0.0, 1.0], [-0.6, 0.5]])
LINE = ddc.Chain((ddc.Gaussian(A, np.ones(3), np.log([0.4, 0.3, 0.5])), ddc.StandardNormal(2)))


def looking(seed=0, model=LINE):
    points = model.sample(RNG(seed), 200)[0]
    start = ddc.Looking.random(RNG(seed), model, points, units=7)
    size = start.learnt().size
    return start.with_learnt(start.learnt() + 0.3 * RNG(seed + 1).standard_normal(size))


def test_what_is_said_is_the_guess_and_what_the_second_network_says_of_its_miss():
    q, x = looking(), LINE.sample(RNG(2), 20)[0]
    m = q.first.said_of(x)[0]
    sd = np.sqrt([0.4, 0.3, 0.5])
    miss = (x - (m @ A.T + 1.0)) / (2 * sd)
    assert np.allclose(q.seen(x, m)[:, -3:], miss)
    d, C, _ = q.second.said_of(np.hstack([(x - q.first.centre) @ q.first.U.T, m, miss]))
    mean, lower = q.said_of(x)
    assert np.allclose(mean, m + d)
    assert np.array_equal(lower, C)


def test_the_gradient_is_that_of_each_look_with_the_guess_as_it_is():
    q, (x, z) = looking(), LINE.sample(RNG(2), 50)
    theta, h = q.learnt(), 1e-6
    value, gradient = q.gradient(z, x)
    mean, C = q.said_of(x)
    each = [
        stats.multivariate_normal(mean[i], np.linalg.inv(C[i] @ C[i].T)).logpdf(z[i])
        for i in range(50)
    ]
    assert value == pytest.approx(np.mean(each))
    first, guess = q.first.learnt().size, q.first.said_of(x)[0]

    def first_look(vector):
        return q.with_learnt(vector).first.log_prob(z, x).mean()

    def second_look(vector):
        return q.with_learnt(vector).second.log_prob(z - guess, q.seen(x, guess)).mean()

    for i in RNG(3).choice(theta.size, 60, replace=False):
        step = h * (np.arange(theta.size) == i)
        of = first_look if i < first else second_look
        slope = (of(theta + step) - of(theta - step)) / (2 * h)
        assert gradient[i] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("looks", [1, 2])
def test_nights_take_it_to_the_posterior_of_a_linear_world(looks):
    points = LINE.sample(RNG(0), 300)[0]
    q = ddc.Proposal.random(RNG(1), points, 2) if looks == 1 else looking()
    trained, rng = Trained.untaught(q), RNG(4)
    for night in range(1500):
        x, z = LINE.sample(rng, 200)
        trained = trained.after(z, x, 5e-3 * (1 - night / 1500))
    x = LINE.sample(RNG(5), 300)[0]
    precision = A.T @ np.diag(1 / np.array([0.4, 0.3, 0.5])) @ A + np.eye(2)
    mean = np.linalg.solve(precision, A.T @ ((x - 1) / [0.4, 0.3, 0.5]).T).T
    said, C = trained.mean.said_of(x)[:2]
    assert np.abs(said - mean).mean() < 0.06
    assert np.allclose((C @ C.transpose(0, 2, 1)).mean(axis=0), precision, rtol=0.1, atol=0.15)


def test_draws_are_those_of_what_is_said():
    q, x = looking(), LINE.sample(RNG(2), 3)[0]
    mean, C = q.said_of(x)
    z = q.decoded(RNG(3), x, 20_000)
    covariance = np.linalg.inv(C @ C.transpose(0, 2, 1))
    for i in range(3):
        size = np.sqrt(np.diag(covariance[i]))
        assert np.allclose(z[i].mean(axis=0), mean[i], atol=0.03 * size.max())
        assert np.allclose(np.cov(z[i].T), covariance[i], atol=0.05 * size.max() ** 2)
    at, log_density = q.draw(RNG(4), x, 5)
    for i in range(3):
        t = stats.multivariate_t(mean[i], covariance[i], df=5)
        assert np.allclose(log_density(at)[i], t.logpdf(at[i]))


def test_what_is_seen_has_no_units():
    scale = 1e3
    wide = ddc.Gaussian(scale * A, scale * np.ones(3), np.log(scale**2 * np.array([0.4, 0.3, 0.5])))
    other = looking(model=ddc.Chain((wide, ddc.StandardNormal(2))))
    x = LINE.sample(RNG(2), 20)[0]
    assert np.allclose(looking().said_of(x)[0], other.said_of(scale * x)[0], atol=1e-6)


def test_where_x_has_no_noise_of_its_own_the_miss_is_in_units_of_its_spread():
    coins = ddc.Chain((ddc.Bernoulli(A, np.zeros(3)), ddc.StandardNormal(2)))
    q, (x, z) = looking(model=coins), coins.sample(RNG(3), 30)
    points = coins.sample(RNG(0), 200)[0]
    expected = (x - 1 / (1 + np.exp(-z @ A.T))) / (2 * points.std(axis=0))
    assert np.allclose(q.seen(x, z)[:, -3:], expected)


def test_it_faces_the_model_that_it_is_shown():
    q, x = looking(), LINE.sample(RNG(2), 5)[0]
    moved = LINE.like(LINE.ravel() + 0.3)
    assert not np.allclose(q.facing(moved).said_of(x)[0], q.said_of(x)[0])
    assert q.facing(moved).facing(LINE).said_of(x)[0] == pytest.approx(q.said_of(x)[0])


def test_more_and_more_is_subtracted():
    assert [planned(count, 100) for count in (0, 20, 30, 40, 60, 100)] == pytest.approx(
        [0.0, 0.0, 0.25, 0.5, 1.0, 1.0]
    )


def test_the_limit_is_halved_where_dreams_are_farther_than_chance_makes_them():
    def place(count):
        return Place(LINE, None, Adam(count))

    now = Subtraction().told(0.30, place(1), 0.1, 0.01)
    assert (now.nearest, now.limit, now.place.optimiser.count) == (0.30, 1.0, 1)
    as_near = now.told(0.305, place(2), 0.2, 0.01)
    assert (as_near.nearest, as_near.place.optimiser.count) == (0.30, 2)
    unsure = as_near.told(0.315, place(3), 0.3, 0.01)
    assert (unsure.limit, unsure.place.optimiser.count) == (1.0, 2)
    away = unsure.told(0.33, place(4), 0.4, 0.01)
    assert (away.limit, away.place.optimiser.count) == (0.2, 2)
    assert away.told(0.33, place(5), 0.4, 0.01).limit == 0.1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ddc.Looking.random(RNG(0), LINE, np.zeros(3)), "points"),
        (lambda: ddc.Looking.random(RNG(0), LINE, np.zeros((5, 3)), units=0), "units is 0"),
    ],
)
def test_bad_arguments_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
