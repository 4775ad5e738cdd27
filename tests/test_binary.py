"""The two binary models: records, probabilities and samples."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmlib import Generative, Recognition
from hmlib.binary import log_bernoulli, sigmoid, softplus

SETTINGS = settings(derandomize=True, max_examples=60, deadline=None)


def models(
    seed: int, n_u: int = 3, n_v: int = 2, scale: float = 1.0
) -> tuple[Generative, Recognition]:
    rng = np.random.default_rng(seed)
    return Generative.random(rng, n_u, n_v, scale), Recognition.random(rng, n_u, n_v, scale)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@SETTINGS
@given(st.floats(-700, 700))
def test_units_against_the_textbook(x: float) -> None:
    assert sigmoid(x) == pytest.approx(oracles.f(x), rel=1e-12)
    assert softplus(x) == pytest.approx(-oracles.log_f(-x), rel=1e-12, abs=1e-300)
    assert log_bernoulli([1.0], [x]) == pytest.approx(oracles.log_f(x), rel=1e-12, abs=1e-12)
    assert log_bernoulli([0.0], [x]) == pytest.approx(oracles.log_f(-x), rel=1e-12, abs=1e-12)


@SETTINGS
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 5), st.sampled_from([1.0, 30.0]))
def test_log_probabilities_against_loops(seed: int, n_v: int, n_u: int, scale: float) -> None:
    gen, rec = models(seed, n_u, n_v, scale)
    v, u = rng(seed).integers(0, 2, (6, n_v)), rng(seed + 1).integers(0, 2, (6, n_u))
    pairs = list(zip(v, u, strict=True))
    joint = [oracles.log_joint(gen, *pair) for pair in pairs]
    np.testing.assert_allclose(gen.log_prob(v, u), joint, rtol=1e-12, atol=1e-10)
    guess = [oracles.log_q(rec, *pair) for pair in pairs]
    np.testing.assert_allclose(rec.log_prob(v, u), guess, rtol=1e-12, atol=1e-10)


def test_probabilities_sum_to_1_over_everything() -> None:
    gen, rec = models(3)
    v = np.repeat(oracles.patterns(2), 8, axis=0)
    u = np.tile(oracles.patterns(3), (4, 1))
    assert np.exp(gen.log_prob(v, u)).sum() == pytest.approx(1, abs=1e-12)
    assert np.exp(rec.log_prob(v, u)).reshape(4, 8).sum(axis=0) == pytest.approx(1, abs=1e-12)


N = 40_000


def assert_frequencies(found: Counter, probabilities: dict[tuple[int, ...], float]) -> None:
    """Every count within 5 standard deviations, and all together not improbable (chi squared)."""
    assert found.total() == N
    surprise = 0.0
    for pattern, p in probabilities.items():
        z = (found[pattern] - N * p) / np.sqrt(N * p * (1 - p))
        assert abs(z) < 5, pattern
        surprise += (found[pattern] - N * p) ** 2 / (N * p)
    freedom = len(probabilities) - 1
    assert surprise < freedom + 4 * np.sqrt(2 * freedom)


def test_dreams_come_as_often_as_log_prob_says() -> None:
    gen, _ = models(5)
    v, u = gen.sample(rng(), N)
    assert v.shape == (N, 2)
    assert u.shape == (N, 3)
    found = Counter(tuple(row) for row in np.hstack([v, u]).astype(int).tolist())
    assert_frequencies(
        found,
        {
            (*v, *u): np.exp(oracles.log_joint(gen, v, u))
            for v in oracles.patterns(2)
            for u in oracles.patterns(3)
        },
    )


def test_guesses_come_as_often_as_log_prob_says() -> None:
    _, rec = models(6)
    u = np.array([1.0, 0, 1])
    found = Counter(
        tuple(row) for row in rec.sample(rng(), np.tile(u, (N, 1))).astype(int).tolist()
    )
    assert_frequencies(found, {v: np.exp(oracles.log_q(rec, v, u)) for v in oracles.patterns(2)})


def test_same_seed_same_numbers() -> None:
    gen, rec = models(1)
    assert gen == models(1)[0]
    assert gen != models(2)[0]
    for a, b in zip(gen.sample(rng(4), 20), gen.sample(rng(4), 20), strict=True):
        np.testing.assert_array_equal(a, b)
    u = gen.sample(rng(4), 20)[1]
    np.testing.assert_array_equal(rec.sample(rng(4), u), rec.sample(rng(4), u))
    assert (gen.sample(rng(4), 20)[1] != gen.sample(rng(5), 20)[1]).any()


def test_random_parameters_have_the_scale_asked_for() -> None:
    gen = Generative.random(rng(), 100, 50, 0.3)
    assert gen.ravel().std() == pytest.approx(0.3, rel=0.05)
    assert not Generative.zeros(3, 2).ravel().any()
    assert not Recognition.zeros(3, 2).ravel().any()


def test_records_are_frozen_copies() -> None:
    G = np.ones((3, 2))
    gen = Generative(np.zeros(2), G, np.zeros(3))
    G[:] = 7
    assert gen.G.max() == 1
    with pytest.raises(ValueError, match="read-only"):
        gen.G[0, 0] = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        gen.g = np.ones(2)
    assert gen.G.dtype == np.float64
    assert (gen.n_u, gen.n_v) == (3, 2)


def test_records_add_and_scale_like_vectors() -> None:
    for a, b in zip(models(1), models(2), strict=True):
        moved = a + 0.5 * b - np.float64(2.0) * a
        assert type(moved) is type(a)
        for x, y, z in zip(a.arrays(), b.arrays(), moved.arrays(), strict=True):
            np.testing.assert_allclose(z, 0.5 * y - x, atol=1e-15)
        assert a.like(a.ravel()) == a
        assert hash(a.like(a.ravel())) == hash(a)
        assert a != b
    gen, rec = models(1)
    assert gen != rec
    for wrong in (lambda: gen + rec, lambda: gen - rec, lambda: gen * np.ones(2)):
        with pytest.raises(TypeError):
            wrong()


def test_a_vector_is_filled_in_the_order_of_the_fields() -> None:
    gen = Generative.zeros(2, 3).like(np.arange(11))
    np.testing.assert_array_equal(gen.g, [0, 1, 2])
    np.testing.assert_array_equal(gen.G, [[3, 4, 5], [6, 7, 8]])
    np.testing.assert_array_equal(gen.h, [9, 10])
    rec = Recognition.zeros(2, 1).like(np.arange(3))
    np.testing.assert_array_equal(rec.w, [0])
    np.testing.assert_array_equal(rec.W, [[1, 2]])


def test_what_is_printed() -> None:
    assert repr(Generative([0.5], [[1], [-2]], [0, 1 / 3])).splitlines() == [
        "Generative, 2 inputs, 1 cause",
        "  g: [0.5]",
        "  G: [[ 1.]",
        "      [-2.]]",
        "  h: [0.    0.333]",
    ]
    assert "W: shape (4, 9)" in repr(Recognition.zeros(9, 4))


GEN, REC = models(0)
V, U = np.zeros((4, 2)), np.zeros((4, 3))

BAD = [
    (lambda: Generative([0, 0], np.ones((2, 3)), [0, 0, 0]), r"G has shape \(2, 3\); .*\(3, 2\)"),
    (lambda: Generative([0], [[0]], [np.nan]), r"h contains nan; accepted: finite numbers"),
    (lambda: Generative([0], [[-np.inf]], [0]), r"G contains -inf; accepted: finite numbers"),
    (lambda: Generative(0, [[0]], [0]), r"g has shape \(\); accepted: 1 dimension"),
    (lambda: Generative(["a"], [[0]], [0]), r"g is \['a'\]; accepted: an array of numbers"),
    (lambda: Generative([], np.ones((1, 0)), [0]), r"G has shape \(1, 0\); accepted: .*>= 1"),
    (lambda: Recognition([0, 0], np.ones((3, 2))), r"W has shape \(3, 2\); accepted: .*n_v = 2"),
    (lambda: Recognition([0], np.ones((1, 0))), r"W has shape \(1, 0\); accepted: .*>= 1"),
    (lambda: Recognition([0], [[np.nan]]), r"W contains nan; accepted: finite numbers"),
    (lambda: Generative.zeros(0, 2), r"n_u is 0; accepted: a whole number >= 1"),
    (lambda: Recognition.zeros(2, -1), r"n_v is -1; accepted: a whole number >= 1"),
    (lambda: Generative.zeros(2.0, 2), r"n_u is 2\.0; accepted: a whole number"),
    (lambda: Generative.zeros(True, 2), r"n_u is True; accepted: a whole number"),
    (lambda: Generative.random(0, 2, 2), r"rng is 0; accepted: a generator"),
    (lambda: Recognition.random(rng(), 2, 2, np.inf), r"scale contains inf; accepted: finite"),
    (lambda: GEN.sample(0, 10), r"rng is 0; accepted: a generator"),
    (lambda: GEN.sample(rng(), 0), r"n is 0; accepted: a whole number >= 1"),
    (lambda: REC.sample(None, U), r"rng is None; accepted: a generator"),
    (lambda: REC.sample(rng(), U + 2), r"u contains 2; accepted: binary values, 0 or 1"),
    (lambda: REC.sample(rng(), V), r"u has shape \(4, 2\); accepted: \(n, 3\)"),
    (lambda: GEN.log_prob(U, U), r"v has shape \(4, 3\); accepted: \(n, 2\)"),
    (lambda: GEN.log_prob(V, V), r"u has shape \(4, 2\); accepted: \(n, 3\)"),
    (lambda: GEN.log_prob(V[:3], U), r"v has 3 rows; accepted: 4, one a row of u"),
    (lambda: REC.log_prob(V[:1], U), r"v has 1 rows; accepted: 4, one a row of u"),
    (lambda: GEN.log_prob(V - 0.5, U), r"v contains -0\.5; accepted: binary"),
    (lambda: REC.log_prob(V, U[:0]), r"u is empty.*accepted: at least one row"),
    (lambda: GEN.like(np.zeros(3)), r"vector has length 3; accepted: 11"),
    (lambda: GEN.like(np.zeros(12)), r"vector has length 12; accepted: 11"),
    (lambda: Generative.zeros(2, 3) + GEN, r"other has 3 inputs, 2 causes; accepted: 2 inputs, 3"),
    (lambda: Generative.zeros(2, 3) - GEN, r"other has 3 inputs, 2 causes; accepted: 2 inputs, 3"),
    (lambda: GEN.like([np.nan] * 11), r"vector contains nan; accepted: finite"),
]


@pytest.mark.parametrize(("call", "words"), BAD)
def test_bad_input_is_refused_in_words(call: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
