"""What notebook 01 says in general, on fresh machines, and its counterexamples."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hmlib import Generative, Recognition, exact
from hmlib.binary import sigmoid, softplus
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.nb01 import labs
from hmlib.course.nb01.small_machines import stripe_machine
from hmlib.tables import mutual_information


def pulls(gen: Generative) -> np.ndarray:
    """What each input adds to J of two causes."""
    h, (a, c) = gen.h, gen.G.T
    return -(softplus(h + a + c) - softplus(h + a) - softplus(h + c) + softplus(h))


def odds_ratios(gen: Generative) -> np.ndarray:
    p = exact.posterior(gen, exact.states(gen.n_u))
    return np.log(p[:, 3] * p[:, 0] / (p[:, 2] * p[:, 1]))


def machines(first_seed: int, n: int = 200, n_u: int = 4) -> list[Generative]:
    rng = np.random.default_rng(first_seed)
    return [Generative.random(rng, n_u, 2, 2.0) for _ in range(n)]


def covariances(gen: Generative) -> np.ndarray:
    p = exact.posterior(gen, exact.states(gen.n_u))
    return p[:, 3] * p[:, 0] - p[:, 2] * p[:, 1]


def test_the_interaction_is_the_odds_ratio_at_every_input():
    for gen in machines(1010):
        assert odds_ratios(gen) == pytest.approx(pulls(gen).sum(), abs=1e-6)


def test_the_sign_of_the_interaction_is_the_sign_of_the_covariance():
    for gen in machines(1020):
        assert (np.sign(covariances(gen)) == np.sign(pulls(gen).sum())).all()


def test_weights_of_one_sign_compete_and_of_opposite_signs_call_for_each_other():
    for gen in machines(1030):
        assert (np.sign(pulls(gen)) == -np.sign(gen.G.prod(axis=1))).all()


def test_both_ways_happen_for_weights_drawn_at_random():
    for seed in range(1040, 1045):
        explains_away = sum(pulls(gen).sum() < 0 for gen in machines(seed))
        assert 60 <= explains_away <= 110


def test_rain_and_sun_call_for_each_other_wet_or_dry():
    sunny = Generative([0.0, 0.0], [[4.0, -4.0]], [0.0])
    assert covariances(sunny) == pytest.approx([0.0581] * 2, abs=1e-4)


def test_pulls_that_cancel_leave_a_product():
    gen = Generative([0.3, -0.5], [[1, 1], [1, -1], [1, 1], [1, -1]], [-1.0, 0.0, -1.0, 0.0])
    assert (gen.G != 0).all()
    assert np.abs(mutual_information(exact.posterior(gen, exact.states(4)))).max() < 1e-12
    nearly = Generative(gen.g, gen.G, [-1.0, 1.0, -1.0, 0.0])
    assert mutual_information(exact.posterior(nearly, exact.states(4))).max() > 1e-7


def test_causes_with_inputs_of_their_own_stay_independent():
    rng = np.random.default_rng(1050)
    mask = np.kron(np.eye(3), np.ones((3, 1)))
    for _ in range(20):
        drawn = Generative.random(rng, 9, 3, 2.0)
        gen = Generative(drawn.g, drawn.G * mask, drawn.h)
        posterior = exact.posterior(gen, exact.states(9))
        assert np.abs(mutual_information(posterior)).max() < 1e-10


def test_weights_that_share_all_inputs_leave_some_dependence():
    assert all(np.abs(covariances(gen)).max() > 1e-6 for gen in machines(1060, 100))


def ends_of_a_chain(rng: np.random.Generator, middle: float) -> np.ndarray:
    """Covariance of causes 1 and 3 given each input; `middle` scales what cause 2 does to 3."""
    G = np.abs(rng.normal(scale=2.0, size=(2, 3))) * [[1, 1, 0], [0, middle, 1]]
    gen, v = Generative(rng.normal(size=3), G, rng.normal(size=2)), exact.states(3)
    p = exact.posterior(gen, exact.states(2))
    return p @ (v[:, 0] * v[:, 2]) - (p @ v[:, 0]) * (p @ v[:, 2])


def test_a_third_cause_ties_two_that_share_no_input_and_without_it_they_are_independent():
    rng = np.random.default_rng(1070)
    for _ in range(100):
        assert (ends_of_a_chain(rng, 1.0) > 0).all()
        assert np.abs(ends_of_a_chain(rng, 0.0)).max() < 1e-12
        assert (ends_of_a_chain(rng, -1.0) < 0).all()


def test_one_cause_is_recognised_exactly_by_the_transposed_weights():
    for seed in range(20):
        gen = Generative.random(np.random.default_rng(2000 + seed), 3, 1)
        off, on = (np.log(1 - sigmoid(gen.drive([[k]]))).sum() for k in (0, 1))
        rec = Recognition(gen.g + on - off, gen.G.T)
        u = exact.states(3)
        assert exact.recognition_table(rec, u) == pytest.approx(exact.posterior(gen, u), abs=1e-12)


def test_a_chain_needs_four_terms_an_input():
    pairs = exact.states(2).reshape(2, 2, 2)
    for seed in range(3):
        rng, G = np.random.default_rng(3000 + seed), np.zeros((11, 12))
        for b in range(11):
            G[b, b : b + 2] = rng.normal(scale=2.0, size=2)
        gen = Generative(rng.normal(size=12), G, rng.normal(size=11))
        on, u = sigmoid(gen.g), gen.sample(rng, 20)[1]
        for row, log_p in zip(u, exact.log_likelihood(gen, u), strict=True):
            kept = np.array([1 - on[0], on[0]])
            for b, seen in enumerate(row):
                p = sigmoid(gen.h[b] + pairs @ G[b, b : b + 2])
                kept = kept @ (p if seen else 1 - p) * [1 - on[b + 1], on[b + 1]]
            assert np.log(kept.sum()) == pytest.approx(log_p, abs=1e-10)


def test_p_of_the_sprinkler_stays_at_one_half_and_falls_once_rain_is_known():
    told = [labs.explaining_away_values(s, 1.0).sprinkler for s in np.linspace(0, 6, 61)]
    _, wet, _, rain = np.array(told).T
    assert wet == pytest.approx(0.5, abs=1e-12)
    assert (np.diff(rain) < 0).all()
    assert rain[0] == pytest.approx(0.5)
    assert rain[-1] < 0.01


def test_two_causes_share_at_most_log_2():
    for reach in np.linspace(-1, 1, 11):
        record = labs.explaining_away_values(6.0, float(reach))
        assert (record.path_dependence < np.log(2)).all()
    assert record.path_dependence[-1] > 0.65


def test_a_sun_is_called_for_by_rain_and_a_sprinkler_out_of_reach_is_not_moved():
    for s in (0.5, 1.0, 2.0, 4.0, 6.0):
        _, wet, _, rain = labs.explaining_away_values(s, -1.0).sprinkler
        assert rain > wet
        four = labs.explaining_away_values(s, 0.0).sprinkler
        assert four == pytest.approx(four[0], abs=1e-12)


@pytest.mark.parametrize("wiring", ["two columns", "a column and a row"])
def test_four_pictures_make_up_nearly_all_strong_dreams(wiring):
    for g in (-4.0, 0.0, 4.0):
        gen = stripe_machine(6.0, g, wiring)
        four = (gen.drive(exact.states(2)) > 0).astype(float)
        assert len({row.tobytes() for row in four}) == 4
        assert np.exp(exact.log_likelihood(gen, four)).sum() > 0.97


def test_two_high_columns_are_dreamt_nearly_always():
    gen = stripe_machine(6.0, 4.0, "two columns")
    both = np.array([[1, 1, 0] * 3], dtype=float)
    assert np.exp(exact.log_likelihood(gen, both))[0] > 0.9
    assert labs.stripes_values(6.0, 4.0, "two columns").p_stripes > 0.97


def test_the_bars_agree_where_the_lawn_is_always_wet_where_nothing_weighs_and_far_below():
    for g_rain in (-6.0, -2.0, 2.0):
        for weight, h in ((4.0, 8.0), (0.0, -4.0), (2.0, -8.0)):
            record = labs.dream_table_values(g_rain, weight, h)
            assert np.abs(record.posterior - record.product).max() < 0.005
    prior = labs.dream_table_values(-2.0, 2.0, -8.0)
    assert np.abs(prior.posterior - prior.prior).max() > 0.3


def test_the_difference_is_largest_where_one_rare_cause_is_enough():
    h, places = -4.0, itertools.product(np.arange(-6, 2.05, 0.25), np.arange(0, 8.05, 0.25))
    records = {(g, w): labs.dream_table_values(g, w, h) for g, w in places}
    apart = {k: np.abs(r.posterior - r.product).max() for k, r in records.items()}
    g_rain, weight = max(apart, key=apart.__getitem__)
    assert -4 < g_rain < 0
    assert sigmoid(weight + h) > 0.8


def test_likelier_rain_explains_the_sprinkler_away():
    posteriors = [labs.dream_table_values(g, 4.0, -4.0).posterior for g in np.arange(-6, 2.1, 0.1)]
    sprinkler = np.array([p[1] + p[3] for p in posteriors])
    assert (np.diff(sprinkler) < 0).all()


def test_on_a_dry_lawn_the_sprinkler_makes_rain_less_probable():
    for s in np.linspace(0.1, 6, 20):
        _, sprinkler, rain, both = exact.posterior(wet_lawn(float(s)), [[0.0]])[0]
        assert both / (sprinkler + both) < rain + both
    _, sprinkler, rain, both = exact.posterior(wet_lawn(2.0), [[0.0]])[0]
    assert (round(both / (sprinkler + both), 3), round(rain + both, 3)) == (0.005, 0.061)


def test_the_guess_by_hand_is_right_for_each_cause_on_a_wet_lawn_and_too_high_on_a_dry_one():
    rec = Recognition([-2.0, -2.0], [[2.0], [2.0]])
    wet, dry = sigmoid(rec.drive([[1.0], [0.0]]))
    v = exact.states(2)
    assert exact.posterior(wet_lawn(2.0), WET)[0] @ v == pytest.approx(wet)
    assert (dry > exact.posterior(wet_lawn(2.0), [[0.0]])[0] @ v).all()


def test_stronger_machines_have_rarer_wet_lawns():
    wet = [exact.log_likelihood(wet_lawn(s), WET)[0] for s in np.arange(0, 6.05, 0.1)]
    assert (np.diff(wet) < 0).all()
