"""The labs of "DDC asleep", against integrals, slow loops and central differences."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from bird_oracle import integral, joint, total
from scipy.integrate import quad
from scipy.stats import norm

from hmlib.course import bird
from hmlib.course.nb08 import beliefs, labs, nights

# The observation


@pytest.mark.parametrize(
    ("centre", "width", "x"), [(0.2, 0.9, 1.0), (-2.0, 0.4, 2.0), (0, 1.5, 0.3)]
)
def test_f_of_a_gaussian_is_its_integral(centre, width, x):
    def term(z):
        return norm.pdf(z, centre, width) * (math.log(joint(z, x)) - norm.logpdf(z, centre, width))

    slow = quad(term, centre - 8 * width, centre + 8 * width, points=[0.0], limit=400)[0]
    assert beliefs.gaussian_bound(centre, width, x) == pytest.approx(slow, abs=1e-7)


@pytest.mark.parametrize("x", [0.0, 0.5, 1.0, 1.05, 2.0, 3.6])
def test_no_gaussian_has_a_larger_f_than_the_best(x):
    best = beliefs.gaussian_bound(*beliefs.best_gaussian(x), x)
    others = [
        beliefs.gaussian_bound(centre, width, x)
        for centre in np.linspace(-4, 4, 81)
        for width in np.geomspace(0.1, 3, 40)
    ]
    assert best >= max(others) - 1e-9
    assert best <= math.log(integral(lambda z: 1.0, x))


def test_the_gaussian_jumps_and_the_decode_keeps_both_sides():
    centres = [beliefs.best_gaussian(x)[0] for x in (0.5, 1.0, 1.1, 2.0)]
    assert centres[1] < 0.3
    assert centres[2] > 0.9
    far = labs.observe_values(2.0, 3.5, 0)

    def left(density):
        return density[far.z < 0].sum() * (far.z[1] - far.z[0])

    assert left(far.gaussian.density) < 0.001
    assert left(far.decoded.density) == pytest.approx(left(far.posterior), abs=0.08)
    assert far.decoded.kl < far.gaussian.kl / 2


def test_the_observation_lab_by_a_slow_regression():
    record = labs.observe_values(1.5, 2.5, 4)
    x, z = bird.model().sample(np.random.default_rng(4), 316)
    F, T = bird.features()(x), bird.encoding()(z)
    # Ridge as extra rows of data: least squares by another way.
    rows = np.vstack([F / math.sqrt(316), math.sqrt(1e-4) * np.eye(F.shape[1])])
    targets = np.vstack([T / math.sqrt(316), np.zeros((F.shape[1], T.shape[1]))])
    R = np.linalg.lstsq(rows, targets, rcond=None)[0]
    r = bird.features()(np.array([[1.5]]))[0] @ R
    assert record.code == pytest.approx(r[:-1], abs=1e-5)
    whole = integral(lambda z: 1.0, 1.5)
    slow = [
        integral(lambda z, k=k: bird.encoding()(np.array([[z]]))[0, k], 1.5) / whole
        for k in (0, 17, 40)
    ]
    assert record.exact_code[[0, 17, 40]] == pytest.approx(slow, abs=3e-3)
    assert record.largest_error == max(abs(record.code - record.exact_code))
    exact = [integral(f, 1.5) / whole for f in (lambda z: z, lambda z: z > 0, lambda z: z * z)]
    assert astuple(record.exact) == pytest.approx(exact, abs=3e-3)


def test_many_dreams_bring_the_code_to_the_exact_one():
    distances = np.arange(0.0, 3.01, 0.25)
    errors = []
    for exponent in (2.0, 3.7):
        records = [labs.observe_values(float(x), exponent, 0) for x in distances]
        off = [np.mean((r.code - r.exact_code) ** 2) for r in records]
        errors.append(np.mean(off))
    assert errors[1] < errors[0] / 5
    assert errors[1] < 0.01


def test_a_read_out_need_not_be_a_probability():
    rights = [labs.observe_values(3.6, 1.7, seed).read.right for seed in range(6)]
    assert max(rights) > 1 or min(rights) < 0


# Learning


def test_both_rules_by_slow_loops():
    record = labs.learning_values(1.5, 0.3, 2)
    n, phi = record.n, bird.features()
    x, z = bird.model().sample(np.random.default_rng(2), 1000)
    F, T = phi(x), bird.encoding(8)(z)[:, :8]
    assert n == 32
    square = sum(np.outer(f, f) for f in F[:n]) / n
    cross = sum(np.outer(f, t) for f, t in zip(F[:n], T[:n], strict=True)) / n
    B = np.linalg.solve(square + 1e-4 * np.eye(len(square)), cross)
    along = phi(record.path_x[:, None])
    assert record.curves[1] == pytest.approx(along @ B[:, nights.SHOWN], abs=1e-6)
    rng, A, begin = np.random.default_rng(2), np.zeros_like(B), 0
    for end in [m for m in record.path_n if m <= n]:
        for s in begin + rng.permutation(end - begin):
            A += 0.3 * np.outer(F[s], T[s] - F[s] @ A) / (F[s] @ F[s])
        begin = end
    assert record.curves[0] == pytest.approx(along @ A[:, nights.SHOWN], abs=1e-9)
    chance = np.array([total(d) for d in record.path_x])
    exact = np.array(bird.posterior(bird.model(), record.path_x[:, None])[0])
    exact = exact @ bird.encoding(8)(bird.GRID)[:, :8]
    chance /= chance.sum()
    for k, weights in enumerate((A, B)):
        missed = chance @ ((along @ weights - exact) ** 2).sum(axis=1)
        variance = chance @ ((exact - chance @ exact) ** 2).sum(axis=1)
        assert record.missed[k] == pytest.approx(missed / variance, rel=1e-3)


def test_least_squares_wins_with_many_dreams_and_loses_with_few():
    ends = [labs.learning_values(3.0, 0.5, seed).missed for seed in range(5)]
    assert all(least < delta for delta, least in ends)
    few = [labs.learning_values(1.5, 0.1, seed).missed for seed in range(5)]
    assert np.median([least for _, least in few]) > np.median([delta for delta, _ in few])


# The gradient


def test_split_by_hand():
    """Equations 10 and 11 for all three parameters, with S = (x, x^2) and every Jacobian typed."""
    gradient = nights.gradients(500, 1e-4, True, 1)[0]
    x, z = bird.model().sample(np.random.default_rng(101), 500)
    F, T, v, one = bird.features()(x), bird.encoding()(z), 0.16, np.ones(500)
    m = np.abs(z[:, 0])

    def learn(inputs, targets):
        square = inputs.T @ inputs / 500 + 1e-4 * np.eye(inputs.shape[1])
        return np.linalg.solve(square, inputs.T @ targets / 500)

    R, heard = learn(F, T), nights.heard()
    r, d = bird.features()(heard) @ R, heard[:, 0]
    # d eta / d (A, b, log v), for eta_1 = m / v and eta_2 = -1 / (2 v).
    first = np.column_stack([m / v, one / v, -m / v])
    second = np.column_stack([0 * one, 0 * one, one / (2 * v)])
    mu = m[:, None] * first + (m**2 + v)[:, None] * second
    S_J = d[:, None] * (r @ learn(T, first)) + d[:, None] ** 2 * (r @ learn(T, second))
    assert gradient == pytest.approx((S_J - r @ learn(T, mu)).mean(axis=0), rel=1e-4, abs=1e-4)


def test_what_turns_the_gradient_away():
    """Least effects, for the medians that the lab shows: healthy, few dreams, ridge, constant."""

    def here(exponent, ridge="1e-4", constant="with"):
        return labs.angle_values(exponent, ridge, constant).angles

    healthy = here(3.3)
    assert healthy.max() < 10
    assert here(2.0).min() > 2 * healthy.max()
    assert here(2.0, "1e-8").min() > 4 * healthy.max()
    split, less = here(3.3, "1e-1")
    assert split > 2 * healthy[0]
    assert less < split / 2
    for exponent in (2.5, 3.3, 3.7):
        assert here(exponent, constant="without").min() > 30


# Under the ceiling


@pytest.mark.parametrize(("x", "k", "A"), [(2.0, 12, 1.0), (0.4, 0, 1.4), (3.0, 40, 0.8)])
def test_l_and_f_are_integrals_and_f_stays_below(x, k, A):
    record = labs.bound_values(x, k, A)
    assert record.log_likelihood == pytest.approx(math.log(total(x, A=A)), abs=3e-3)
    z, step = record.z, record.z[1] - record.z[0]
    place = int(np.abs(record.path_A - A).argmin())
    assert record.path_log_likelihood[place] == record.log_likelihood
    for bound in (record.decoded, record.gaussian):
        q = bound.density
        terms = [
            a * (math.log(joint(c, x, A=A)) - math.log(a)) * step
            for a, c in zip(q, z, strict=True)
            if a > 0
        ]
        assert bound.free_energy == pytest.approx(sum(terms), abs=1e-6)
        assert bound.gap == pytest.approx(record.log_likelihood - sum(terms), abs=1e-6)
        assert q.sum() * step == pytest.approx(1)
        assert (bound.path <= record.path_log_likelihood + 1e-9).all()
        assert bound.path[place] == bound.free_energy


def test_the_gap_shrinks_with_the_code():
    records = [labs.bound_values(2.0, k, 1.0) for k in (0, 4, 10, 20, 40)]
    gaps = [record.decoded.gap for record in records]
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3]
    assert max(gaps[3:]) < 0.15 < records[0].gaussian.gap
