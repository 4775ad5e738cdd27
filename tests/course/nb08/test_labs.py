"""The labs of "DDC asleep", against integrals, slow loops and central differences."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from hmlib import ddc
from hmlib.course.nb08 import labs as asleep


def joint(z: float, x: float, A: float = 1.0, b: float = 0.0, noise: float = 0.4) -> float:
    return norm.pdf(z, 0.5, 1.5) * norm.pdf(x, A * abs(z) + b, noise)


def integral(function, x: float, **world) -> float:
    def weighted(z):
        return function(z) * joint(z, x, **world)

    places = sorted({0.0, x, -x})
    return quad(weighted, -9, 9, points=places, limit=400)[0]


FINE = np.linspace(-9, 9, 9001)


def total(x: float, **world) -> float:
    """p(x) by the trapezium rule on a fine grid."""
    return np.trapezoid(joint_on(FINE, x, **world), FINE)


def joint_on(z: np.ndarray, x: float, A=1.0, b=0.0, noise=0.4) -> np.ndarray:
    square = ((z - 0.5) / 1.5) ** 2 + ((x - A * np.abs(z) - b) / noise) ** 2
    return np.exp(-square / 2) / (2 * np.pi * 1.5 * noise)


# The world


@pytest.mark.parametrize("x", [0.0, 0.7, 2.0, 3.6])
def test_the_posterior_is_the_integral(x):
    (p,), (log_p,) = asleep.posterior(asleep.bird(), np.array([[x]]))
    whole = integral(lambda z: 1.0, x)
    assert total(x) == pytest.approx(whole, rel=1e-5)
    assert log_p == pytest.approx(math.log(whole), abs=2e-3)
    z = asleep.GRID[:, 0]
    for f in (lambda z: z, np.square, lambda z: np.tanh(2 * z - 1)):
        assert p @ f(z) == pytest.approx(integral(f, x) / whole, abs=3e-3)


def test_a_bird_under_its_nest_is_the_same_bird():
    """z_1 has mean 0.5 and standard deviation 1.5 in both, and the distance follows it."""
    x, z_1, z_2 = asleep.bird_and_nest().sample(np.random.default_rng(1), 40_000)
    assert z_1.mean() == pytest.approx(0.5, abs=0.04)
    assert z_1.std() == pytest.approx(1.5, abs=0.03)
    assert np.std(x - np.abs(z_1)) == pytest.approx(0.4, abs=0.01)
    assert np.std(z_1 - 1.2 * z_2) == pytest.approx(0.9, abs=0.02)


def test_the_fold_is_a_family_whose_score_is_the_slope():
    family, rng = asleep.bird(0.8, 0.3, 0.5).layers[0], np.random.default_rng(2)
    z, x, small = rng.normal(size=(5, 1)), rng.normal(1, 1, (5, 1)), 1e-6
    for k in range(3):
        step = small * np.eye(3)[k]
        up, down = (family.like(family.ravel() + s).log_prob(x, z) for s in (step, -step))
        assert family.score(x, z)[:, k] == pytest.approx((up - down) / (2 * small), abs=1e-6)


# The observation


@pytest.mark.parametrize(
    ("centre", "width", "x"), [(0.2, 0.9, 1.0), (-2.0, 0.4, 2.0), (0, 1.5, 0.3)]
)
def test_f_of_a_gaussian_is_its_integral(centre, width, x):
    def term(z):
        return norm.pdf(z, centre, width) * (math.log(joint(z, x)) - norm.logpdf(z, centre, width))

    slow = quad(term, centre - 8 * width, centre + 8 * width, points=[0.0], limit=400)[0]
    assert asleep.gaussian_bound(centre, width, x) == pytest.approx(slow, abs=1e-7)


@pytest.mark.parametrize("x", [0.0, 0.5, 1.0, 1.05, 2.0, 3.6])
def test_no_gaussian_has_a_larger_f_than_the_best(x):
    best = asleep.gaussian_bound(*asleep.best_gaussian(x), x)
    others = [
        asleep.gaussian_bound(centre, width, x)
        for centre in np.linspace(-4, 4, 81)
        for width in np.geomspace(0.1, 3, 40)
    ]
    assert best >= max(others) - 1e-9
    assert best <= math.log(integral(lambda z: 1.0, x))


def test_the_gaussian_jumps_and_the_decode_keeps_both_sides():
    centres = [asleep.best_gaussian(x)[0] for x in (0.5, 1.0, 1.1, 2.0)]
    assert centres[1] < 0.3
    assert centres[2] > 0.9
    far = asleep.observe_values(2.0, 3.5, 0)
    z, step = far["z"], far["z"][1] - far["z"][0]
    left = {name: far[name][z < 0].sum() * step for name in ("p", "decoded", "gaussian")}
    assert left["gaussian"] < 0.001
    assert left["decoded"] == pytest.approx(left["p"], abs=0.08)
    assert far["kl_decoded"] < far["kl_gaussian"] / 2


def test_the_observation_lab_by_a_slow_regression():
    record = asleep.observe_values(1.5, 2.5, 4)
    x, z = asleep.bird().sample(np.random.default_rng(4), 316)
    F, T = asleep.features()(x), asleep.encoding()(z)
    # Ridge as extra rows of data: least squares by another way.
    rows = np.vstack([F / math.sqrt(316), math.sqrt(1e-4) * np.eye(F.shape[1])])
    targets = np.vstack([T / math.sqrt(316), np.zeros((F.shape[1], T.shape[1]))])
    R = np.linalg.lstsq(rows, targets, rcond=None)[0]
    r = asleep.features()(np.array([[1.5]]))[0] @ R
    assert record["code"] == pytest.approx(r[:-1], abs=1e-5)
    whole = integral(lambda z: 1.0, 1.5)
    slow = [
        integral(lambda z, k=k: asleep.encoding()(np.array([[z]]))[0, k], 1.5) / whole
        for k in (0, 17, 40)
    ]
    assert record["exact_code"][[0, 17, 40]] == pytest.approx(slow, abs=3e-3)
    exact = [integral(f, 1.5) / whole for f in (lambda z: z, lambda z: z > 0, lambda z: z * z)]
    assert record["exact_read"] == pytest.approx(exact, abs=3e-3)


def test_many_dreams_bring_the_code_to_the_exact_one():
    distances = np.arange(0.0, 3.01, 0.25)
    errors = []
    for exponent in (2.0, 3.7):
        records = [asleep.observe_values(float(x), exponent, 0) for x in distances]
        off = [np.mean((r["code"] - r["exact_code"]) ** 2) for r in records]
        errors.append(np.mean(off))
    assert errors[1] < errors[0] / 5
    assert errors[1] < 0.01


def test_a_read_out_need_not_be_a_probability():
    rights = [asleep.observe_values(3.6, 1.7, seed)["read"][1] for seed in range(6)]
    assert max(rights) > 1 or min(rights) < 0


# Learning


def test_both_rules_by_slow_loops():
    record = asleep.learning_values(1.5, 0.3, 2)
    n, phi = record["n"], asleep.features()
    x, z = asleep.bird().sample(np.random.default_rng(2), 1000)
    F, T = phi(x), asleep.encoding(8)(z)[:, :8]
    assert n == 32
    square = sum(np.outer(f, f) for f in F[:n]) / n
    cross = sum(np.outer(f, t) for f, t in zip(F[:n], T[:n], strict=True)) / n
    B = np.linalg.solve(square + 1e-4 * np.eye(len(square)), cross)
    along = phi(record["path_x"][:, None])
    assert record["curves"][1] == pytest.approx(along @ B[:, asleep.SHOWN], abs=1e-6)
    rng, A, begin = np.random.default_rng(2), np.zeros_like(B), 0
    for end in [m for m in record["path_n"] if m <= n]:
        for s in begin + rng.permutation(end - begin):
            A += 0.3 * np.outer(F[s], T[s] - F[s] @ A) / (F[s] @ F[s])
        begin = end
    assert record["curves"][0] == pytest.approx(along @ A[:, asleep.SHOWN], abs=1e-9)
    chance = np.array([total(d) for d in record["path_x"]])
    exact = np.array(asleep.posterior(asleep.bird(), record["path_x"][:, None])[0])
    exact = exact @ asleep.encoding(8)(asleep.GRID)[:, :8]
    chance /= chance.sum()
    for k, weights in enumerate((A, B)):
        missed = chance @ ((along @ weights - exact) ** 2).sum(axis=1)
        variance = chance @ ((exact - chance @ exact) ** 2).sum(axis=1)
        assert record["now"][k] == pytest.approx(missed / variance, rel=1e-3)


def test_least_squares_wins_with_many_dreams_and_loses_with_few():
    ends = [asleep.learning_values(3.0, 0.5, seed)["now"] for seed in range(5)]
    assert all(least < delta for delta, least in ends)
    few = [asleep.learning_values(1.5, 0.1, seed)["now"] for seed in range(5)]
    assert np.median([least for _, least in few]) > np.median([delta for delta, _ in few])


# The gradient


def test_the_exact_gradient_is_the_slope_of_the_log_likelihood():
    x = asleep.heard()[::40]
    model, small = asleep.bird(), 1e-5
    slopes = []
    for k in range(3):
        totals = []
        for sign in (1, -1):
            A, b, log_var = model.ravel() + sign * small * np.eye(3)[k]
            world = {"A": A, "b": b, "noise": math.exp(log_var / 2)}
            totals.append(np.mean([math.log(total(d, **world)) for d in x[:, 0]]))
        slopes.append((totals[0] - totals[1]) / (2 * small))
    assert asleep.exact_gradient(model, x) == pytest.approx(slopes, abs=0.02)


def test_split_by_hand():
    """Equations 10 and 11 for all three parameters, with S = (x, x^2) and every Jacobian typed."""
    gradient = asleep._gradients(500, 1e-4, True, 1)[0]
    x, z = asleep.bird().sample(np.random.default_rng(101), 500)
    F, T, v, one = asleep.features()(x), asleep.encoding()(z), 0.16, np.ones(500)
    m = np.abs(z[:, 0])

    def learn(inputs, targets):
        square = inputs.T @ inputs / 500 + 1e-4 * np.eye(inputs.shape[1])
        return np.linalg.solve(square, inputs.T @ targets / 500)

    R, heard = learn(F, T), asleep.heard()
    r, d = asleep.features()(heard) @ R, heard[:, 0]
    # d eta / d (A, b, log v), for eta_1 = m / v and eta_2 = -1 / (2 v).
    first = np.column_stack([m / v, one / v, -m / v])
    second = np.column_stack([0 * one, 0 * one, one / (2 * v)])
    mu = m[:, None] * first + (m**2 + v)[:, None] * second
    S_J = d[:, None] * (r @ learn(T, first)) + d[:, None] ** 2 * (r @ learn(T, second))
    assert gradient == pytest.approx((S_J - r @ learn(T, mu)).mean(axis=0), rel=1e-4, abs=1e-4)


def test_angles():
    assert asleep.angle(np.array([1.0, 0]), np.array([0, 2.0])) == pytest.approx(90)
    assert asleep.angle(np.array([1.0, 1]), np.array([-3.0, -3])) == pytest.approx(180)
    assert asleep.angle(np.array([1.0, 0]), np.array([1.0, 1])) == pytest.approx(45)


def test_what_turns_the_gradient_away():
    """Least effects, for the medians that the lab shows: healthy, few dreams, ridge, constant."""

    def here(exponent, ridge="1e-4", constant="with"):
        return np.median(asleep.angle_values(exponent, ridge, constant)["angles"], axis=0)

    healthy = here(3.3)
    assert healthy.max() < 10
    assert here(2.0).min() > 2 * healthy.max()
    assert here(2.0, "1e-8").min() > 90
    split, less = here(3.3, "1e-1")
    assert split > 2 * healthy[0]
    assert less < split / 2
    for exponent in (2.5, 3.3, 3.7):
        assert here(exponent, constant="without").min() > 30


def test_without_a_constant_the_code_is_proportional_to_the_distance():
    poor = asleep.features(constant=False)
    assert poor(np.array([[3.0]])) == pytest.approx(3 * poor(np.array([[1.0]])))
    assert asleep.features()(np.array([[3.0]]))[0, -1] == 1


# Under the ceiling


@pytest.mark.parametrize(("x", "k", "A"), [(2.0, 12, 1.0), (0.4, 0, 1.4), (3.0, 40, 0.8)])
def test_l_and_f_are_integrals_and_f_stays_below(x, k, A):
    record = asleep.bound_values(x, k, A)
    assert record["likelihood"] == pytest.approx(math.log(total(x, A=A)), abs=3e-3)
    z, step = record["z"], record["z"][1] - record["z"][0]
    for name in ("decoded", "gaussian"):
        q = record[f"q_{name}"]
        terms = [
            a * (math.log(joint(c, x, A=A)) - math.log(a)) * step
            for a, c in zip(q, z, strict=True)
            if a > 0
        ]
        assert record[name] == pytest.approx(sum(terms), abs=1e-6)
        assert q.sum() * step == pytest.approx(1)
        assert (record[f"path_{name}"] <= record["path_likelihood"] + 1e-9).all()
        place = int(np.abs(record["path_A"] - A).argmin())
        assert record[f"path_{name}"][place] == record[name]


def test_the_gap_shrinks_with_the_code():
    bounds = [asleep.bound_values(2.0, k, 1.0) for k in (0, 4, 10, 20, 40)]
    gaps = [bound["likelihood"] - bound["decoded"] for bound in bounds]
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3]
    assert max(gaps[3:]) < 0.15 < bounds[0]["likelihood"] - bounds[0]["gaussian"]


def test_a_code_without_functions_knows_a_mean():
    assert asleep.encoding(0)(np.zeros((3, 1))).shape == (3, 2)
    assert isinstance(asleep.encoding(5), ddc.Encoding)
    assert asleep.encoding(5).size == 7
