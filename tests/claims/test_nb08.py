"""What notebook 08 counts, on seeds that it does not show, and the controls of its reasons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog, minimize_scalar

from hmlib import ddc
from hmlib.course import bird
from hmlib.course.nb08 import beliefs, labs, nights, one_change
from hmlib.metrics import angle

FRESH = range(1000, 1020)


def kl(p, q):
    return float(p @ np.log(p / q))


def test_the_average_is_the_best_prediction_in_squares():
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        T, p = rng.normal(size=(9, 3)), rng.dirichlet(np.ones(9))
        mean = p @ T
        own = p @ ((T - mean) ** 2).sum(axis=1)
        for r in rng.normal(size=(20, 3)):
            assert p @ ((T - r) ** 2).sum(axis=1) == pytest.approx(own + ((mean - r) ** 2).sum())


def test_the_slope_in_the_averages_is_weighed_by_the_inverse_covariance():
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        T, p, base = rng.normal(size=(9, 2)), *rng.dirichlet(np.full(9, 2.0), 2)
        eta, move = rng.normal(size=2), 1e-5 * rng.normal(size=2)

        def member(eta, T=T, base=base):
            heights = base * np.exp(T @ eta)
            return heights / heights.sum()

        q, up, down = member(eta), member(eta + move), member(eta - move)
        away = T - q @ T
        slope = np.linalg.solve((away.T * q) @ away, q @ T - p @ T)
        assert kl(p, up) - kl(p, down) == pytest.approx(slope @ ((up - down) @ T), rel=1e-4)


def test_equations_6_and_7_part_where_the_recogniser_is_poor_and_agree_where_it_is_not():
    x, p = np.array([1.0, 2.0]), np.array([0.1, 0.4])

    def cost(r):
        return float(-(p * np.log(r) + (1 - p) * np.log(1 - r)).sum())

    options = {"bounds": (0.01, 0.49), "method": "bounded", "options": {"xatol": 1e-9}}
    by_kl = minimize_scalar(lambda t: cost(t * x), **options).x
    by_squares = minimize_scalar(lambda t: ((t * x - p) ** 2).sum(), **options).x
    assert by_squares == pytest.approx(0.18, abs=1e-6)
    assert by_kl == pytest.approx((3.6 - np.sqrt(3.6**2 - 8)) / 8, abs=1e-6)
    assert 4 * by_kl**2 - 3.6 * by_kl + 0.5 == pytest.approx(0, abs=1e-6)
    assert abs(by_kl - 0.1) < abs(by_squares - 0.1)
    for chance in p:  # a feature for each x
        free = minimize_scalar(
            lambda r, c=chance: -(c * np.log(r) + (1 - c) * np.log(1 - r)), **options
        )
        assert free.x == pytest.approx(chance, abs=1e-5)


def test_a_code_is_a_signed_vote_of_the_dreams_and_a_large_ridge_bends_it():
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        x, z = bird.model().sample(rng, 1000)
        phi, T = ddc.Encoding.random(rng, x, 60, "relu"), bird.encoding()(z)
        Phi, asked = phi(x), phi(np.array([[2.0]]))[0]
        w = Phi @ np.linalg.solve(Phi.T @ Phi / 1000 + 1e-4 * np.eye(62), asked) / 1000
        assert w @ T == pytest.approx(asked @ ddc.readout(Phi, T, 1e-4), abs=1e-6)
        assert (w < 0).sum() > 50
        sums = [asked @ ddc.readout(Phi, np.ones((1000, 1)), rho)[:, 0] for rho in (1e-4, 1.0)]
        assert abs(sums[0] - 1) < 0.01 < abs(sums[1] - 1)


def test_a_probability_that_is_read_off_may_pass_its_ends():
    rights = [labs.observe_values(3.6, 1.7, seed).read.right for seed in FRESH]
    assert sum(right > 1 or right < 0 for right in rights) >= 2


def test_few_dreams_harm_the_far_distances_most_and_many_mend_them():
    def off(x, exponent, seed):
        record = labs.observe_values(x, exponent, seed)
        return np.mean((record.code - record.exact_code) ** 2)

    few = np.array([[off(x, 2.0, seed) for x in (0.5, 3.6)] for seed in FRESH])
    assert (few[:, 1] > few[:, 0]).sum() >= 15
    many = np.array([off(3.6, 3.7, seed) for seed in range(1000, 1005)])
    assert np.median(many) < 0.2 * np.median(few[:, 1])


@pytest.mark.filterwarnings("ignore:features")
def test_dreams_that_are_spread_evenly_mend_the_far_distances():
    """The control: as many dreams, all distances as often."""
    at = np.array([[0.5], [3.6]])
    exact = bird.posterior(bird.model(), at)[0] @ bird.encoding()(bird.GRID)
    off = []
    for seed in FRESH:
        x, z = bird.model().sample(np.random.default_rng(seed), 60_000)
        where = np.digitize(x[:, 0], np.linspace(0, 4, 26))
        even = np.concatenate([np.flatnonzero(where == k)[:4] for k in range(1, 26)])
        for rows in (slice(100), even):
            learnt = ddc.recognise((x[rows], z[rows]), bird.features(), [bird.encoding()], 1e-4)
            off.append(((learnt.codes(at)[0] - exact) ** 2).mean(axis=1))
    (near, far), (near_even, far_even) = np.median(np.reshape(off, (-1, 2, 2)), axis=0)
    assert far > 5 * near
    assert far_even < 0.3 * far
    assert far_even / near_even < 0.25 * far / near


def test_most_of_the_vote_is_of_dreams_near_by():
    for seed in FRESH:
        x, _ = bird.model().sample(np.random.default_rng(seed), 3000)
        Phi = bird.features()(x)
        square = Phi.T @ Phi / len(x) + bird.RIDGE * np.eye(Phi.shape[1])
        for here in (0.5, 2.0, 3.6):
            w = np.abs(Phi @ np.linalg.solve(square, bird.features()(np.array([[here]]))[0]))
            assert w[np.abs(x[:, 0] - here) < 0.5].sum() > 0.6 * w.sum()


def is_a_code(r, T):
    """Whether some distribution on the grid has these averages, by a linear programme."""
    basis, size, turn = np.linalg.svd(T, full_matrices=False)
    equal = {"A_eq": basis.T, "b_eq": turn @ r / size, "bounds": (0, None)}
    return linprog(np.zeros(len(T)), **equal, method="highs").status == 0


def test_no_learnt_code_is_that_of_a_distribution_and_exact_ones_are():
    past = 0
    for n in (50, 3000):
        for seed in FRESH:
            night, T = nights.asleep(n, seed, 10), bird.encoding(10)(bird.GRID)
            r = night.recogniser.codes(np.array([[3.6]]))[0][0]
            exact = bird.posterior(bird.model(), np.array([[3.6]]))[0][0] @ T
            assert is_a_code(exact, T)
            assert not is_a_code(r, T)
            past += not 0 <= nights.read_off(r, night)[1] <= 1
            assert 0 <= nights.read_off(exact, night)[1] <= 1
    assert 2 <= past <= 38


def test_the_code_moves_with_the_distance_and_the_gaussian_jumps():
    near, far = beliefs.best_gaussian(1.0)[0], beliefs.best_gaussian(1.1)[0]
    assert far - near > 0.5
    for seed in range(1000, 1005):
        codes = nights.asleep(3000, seed).recogniser.codes(np.array([[1.0], [1.05], [1.1]]))[0]
        assert np.abs(np.diff(codes, axis=0)).max() < 0.15


def test_least_squares_is_better_with_many_dreams_and_not_with_thirty():
    few = {rate: [labs.learning_values(1.5, rate, s).missed for s in FRESH] for rate in (0.1, 0.5)}
    many = {rate: [labs.learning_values(3, rate, s).missed for s in FRESH] for rate in (0.1, 0.5)}
    for rate in few:
        assert sum(least < delta for delta, least in many[rate]) >= 14
        assert sum(delta < least for delta, least in few[rate]) >= 13
        assert np.median([least for _, least in few[rate]]) > 1
    small = [labs.learning_values(3.0, 0.02, seed).missed for seed in FRESH]
    assert sum(least < delta for delta, least in small) >= 11
    assert np.median([d for d, _ in small]) < 2 * np.median([least for _, least in small])
    assert np.median([d for d, _ in small]) < np.median([d for d, _ in many[0.1]])


@pytest.mark.filterwarnings("ignore:features")
def test_with_few_dreams_least_squares_fits_its_own_better_than_others():
    missed = []
    for seed in FRESH:
        draws = [bird.model().sample(np.random.default_rng([seed, n]), n) for n in (32, 2000)]
        features = [bird.features()(x) for x, _ in draws]
        encoded = [bird.encoding(8)(z)[:, :8] for _, z in draws]
        R = ddc.readout(features[0], encoded[0], bird.RIDGE)
        each = zip(features, encoded, strict=True)
        missed.append([((T - F @ R) ** 2).mean() / T.var(axis=0).mean() for F, T in each])
    own, others = np.array(missed).T
    assert (own < 0.7 * others).all()
    assert (others > 1).sum() >= 19
    # The ridge keeps it from passing through them all.
    assert np.median(own) > 0.2


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:features")
def test_not_the_far_birds_but_the_codes_and_the_read_outs_together():
    measured = [one_change.gradient_errors(seed) for seed in FRESH]
    errors = np.array([each for each, _ in measured])
    smaller = (errors < errors[:, :1]).sum(axis=0)
    assert 4 <= smaller[1] <= 16
    assert smaller[2:4].min() >= 11
    assert smaller[4] >= 15
    as_typed, without, *alone, both = np.median(errors, axis=0)
    assert min(without, *alone) > 0.5 * as_typed
    assert both < 0.5 * as_typed
    assert both < 0.6 * min(alone)
    assert np.median([size for _, size in measured]) > 20


def test_what_turns_the_gradient_away_on_twenty_nights():
    def turned(n, ridge, constant=True):
        both = [nights.gradients(n, ridge, constant, seed) for seed in FRESH]
        return np.array([[angle(g, nights.exact_gradient()) for g in pair] for pair in both])

    healthy = turned(2000, 1e-4)
    assert np.median(healthy, axis=0).max() < 10
    few, fewest = turned(100, 1e-4), turned(100, 1e-8)
    assert 8 < np.median(few, axis=0).min() < np.median(few, axis=0).max() < 25
    assert (fewest > 90).sum(axis=0).min() >= 4
    assert np.median(turned(2000, 1e-8), axis=0).max() < 10
    split, less = np.median(turned(2000, 1e-1), axis=0)
    assert split > 15
    assert less < split / 2
    without = turned(2000, 1e-4, constant=False)
    assert without.min() > 25
    assert np.median(few[:, 1]) < 0.5 * np.median(without[:, 1])
    assert (without[:, 1] > few[:, 1]).sum() >= 15
    assert (without[:, 1] > turned(2000, 1e-1)[:, 1]).all()
    assert turned(5000, 1e-4, constant=False).min() > 25


def test_without_a_constant_codes_are_proportional_to_the_distance():
    for seed in range(1000, 1005):
        dreams = bird.model().sample(np.random.default_rng(seed), 500)
        poor = ddc.recognise(dreams, bird.features(constant=False), [bird.encoding()], 1e-4)
        one, two = poor.codes(np.array([[1.0], [2.0]]))[0]
        assert two == pytest.approx(2 * one, abs=1e-9)


@pytest.mark.filterwarnings("ignore:features")
def test_it_is_the_biases_that_are_missed_and_not_the_constant():
    both, biases, constant, neither = np.array([one_change.turned(s) for s in FRESH]).T
    assert (biases < 1.2 * both + 0.5).all()
    assert (constant > 1.5 * both).sum() >= 18
    assert np.median(constant) > 15
    assert (neither > constant).all()


def test_the_score_of_dreams_has_the_average_0():
    model = bird.model()
    x, z = model.sample(np.random.default_rng(5), 400_000)
    score = model.layers[0].weighted_score(x, z, np.full(len(x), 1 / len(x)))
    assert np.abs(score).max() < 0.02


def test_in_a_chain_the_lower_latent_is_enough():
    z, up = bird.GRID[:, 0], np.linspace(-5, 5, 161)
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        slope, x, f = rng.normal(1, 0.3), rng.uniform(0, 3), rng.normal(size=(len(z), len(up)))
        table = np.exp(-0.5 * ((z[:, None] - slope * up) / 0.9) ** 2 - 0.5 * up**2)
        given = table * np.exp(-0.5 * ((x - np.abs(z)) / 0.4) ** 2)[:, None]
        given /= given.sum()
        inner = (table * f).sum(axis=1) / table.sum(axis=1)
        assert (given * f).sum() == pytest.approx(given.sum(axis=1) @ inner)
        means = (given * up).sum(axis=1) / given.sum(axis=1)
        known = given.sum(axis=1) > 1e-8
        assert (np.diff(means[known]) > 0).all()  # further right, a nest further right


def test_what_is_left_of_the_gap_is_the_ridge_of_the_decode():
    gaussian = labs.bound_values(2.0, 0, 1.0).gaussian.gap
    four, twenty = (np.array([one_change.gaps(k, s) for s in FRESH]) for k in (4, 20))
    forty = np.array([one_change.gaps(40, s) for s in FRESH[:10]])
    assert (four[:, 0] > gaussian).sum() >= 12
    assert (twenty[:, 0] < gaussian).sum() >= 18
    learnt, loose, exact, free = np.median(twenty, axis=0)
    assert exact > 0.7 * learnt
    assert free < 0.02 * exact
    assert (twenty[:, 1] > twenty[:, 0]).sum() >= 13  # a learnt code needs its ridge
    assert loose > learnt
    assert np.median(forty[:, 0]) < 0.7 * learnt
    assert np.median(four[:, 3]) < 0.7 * np.median(four[:, 2])


def test_the_ridge_is_what_keeps_the_four_functions_of_the_lab_wide():
    here = labs.bound_values(2.0, 4, 1.0)
    assert here.decoded.gap > here.gaussian.gap + 1
    r, T = nights.asleep(5000, 0, 4).recogniser.codes(np.array([[2.0]]))[0][0], bird.encoding(4)
    loose = ddc.maximum_entropy(r, T, bird.GRID, bird.prior(), 1e-8).density
    (p,), _ = bird.posterior(bird.model(), np.array([[2.0]]))
    assert beliefs.divergence(loose, p) < here.gaussian.gap


def test_where_the_posterior_is_one_bump_both_are_close_and_at_0_it_is_gaussian():
    (p,), _ = bird.posterior(bird.model(), np.array([[0.3]]))
    gaps = [beliefs.divergence(nights.decoded(0.3, 5000, seed, 40)[1], p) for seed in FRESH]
    assert max(*gaps, labs.bound_values(0.3, 40, 1.0).gaussian.gap) < 0.05
    assert labs.bound_values(0.0, 40, 1.0).gaussian.gap < 1e-6
