"""What is accepted: masked arrays are refused in words, wherever data go in."""

from __future__ import annotations

import re

import numpy as np
import pytest

from hmlib import datasets, ddc, exact, linear, metrics, rivals, verdicts
from hmlib._checks import as_start_has, draws_alike, finite_array, kind, unmasked
from hmlib.binary import Generative, Recognition

X = np.random.default_rng(0).standard_normal((30, 2))
HIDDEN = np.ma.masked_array(np.where(np.arange(60).reshape(30, 2) == 7, -999.0, X), mask=False)
HIDDEN[3, 1] = np.ma.masked
CHAIN = ddc.Chain((ddc.Gaussian(np.eye(2), [0, 0], [0, 0]), ddc.StandardNormal(2)))
MACHINE = linear.LinearGenerative([[1.0], [0.5]], [0.0, 0.0], [1.0, 1.0])
ENCODER = rivals.Encoder.random(np.random.default_rng(0), X, 2, 5)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    "call",
    [
        lambda data: ddc.fit(None, data, rng()),
        lambda data: ddc.fresh(data, rng()),
        lambda data: ddc.fit(None, X, rng(), weights=data[:, 1]),
        lambda data: ddc.log_likelihood(CHAIN, data, rng()),
        lambda data: CHAIN.log_prob((X, data)),
        lambda data: CHAIN.layers[0].sample(rng(), data),
        lambda data: ddc.seen(data, np.cos, CHAIN.layers[0]),
        lambda data: ddc.sleep((X, data), np.cos, [np.sin]),
        lambda data: ddc.recognise((data, X), np.cos, [np.sin]),
        lambda data: ddc.readout(data, X),
        lambda data: ddc.r_squared(X, data),
        lambda data: ddc.Encoding.random(rng(), data, 3),
        lambda data: ddc.Encoding.random(rng(), X, 3)(data),
        lambda data: ddc.maximum_entropy(data[3], lambda z: X, X),
        lambda data: ddc.maximum_entropy(X[3], lambda z: data, X),
        lambda data: ddc.maximum_entropy(X[3], lambda z: X, X, data[:, 1]),
        lambda data: rivals.fit(None, data, rng()),
        lambda data: rivals.fit(CHAIN, data, rng()),
        lambda data: rivals.estimate(CHAIN, ENCODER, data, rng()),
        lambda data: rivals.bound(CHAIN, ENCODER, data, np.zeros((30, 1, 2))),
        lambda data: rivals.bound(CHAIN, ENCODER, X, data[:, None]),
        lambda data: linear.maximum_likelihood(data),
        lambda data: linear.log_likelihood(MACHINE, data),
        lambda data: metrics.mmd2(data, X),
        lambda data: metrics.mmd2(X, data),
        lambda data: metrics.median_bandwidth(data),
        lambda data: metrics.relative_mmd_test(X, data, X + 1),
        lambda data: metrics.mmd_test(X, data, rng()),
        lambda data: metrics.neighbour_test(data, X, rng()),
        lambda data: metrics.effective_number(data),
        lambda data: metrics.gap(X[:, 1], data[:, 1]),
        lambda data: verdicts.sign_test(data[:, 1], X[:, 1]),
        lambda data: verdicts.holm(data[3]),
        lambda data: datasets.ring_log_density(data),
        lambda data: datasets.pinwheel_log_density(data),
        lambda data: rivals.prior_dreams(None, data, rng()),
        lambda data: rivals.kernel_wake_sleep(CHAIN, data, rng()),
        lambda data: rivals.natural_wake_sleep(
            Generative.zeros(2, 1), Recognition.zeros(2, 1), data > 0, rng=rng()
        ),
        lambda data: rivals.recognition_parametrised(data > 0, [[0], [1]], 2, rng()),
        lambda data: exact.log_likelihood(Generative.zeros(2, 1), data > 0),
        lambda data: ddc.Gaussian(data[2:4], [0, 0], [0, 0]),
    ],
)
def test_a_masked_number_is_refused_in_words(call) -> None:
    with pytest.raises(ValueError, match="masked numbers; accepted: numbers that all count"):
        call(HIDDEN)


@pytest.mark.parametrize("value", [[HIDDEN[3]], [[1.0, np.ma.masked]], (HIDDEN, X), np.ma.masked])
def test_a_mask_is_found_inside_lists(value) -> None:
    with pytest.raises(ValueError, match="x has masked numbers"):
        finite_array("x", value, 2)


def test_a_mask_that_hides_nothing_is_no_matter() -> None:
    whole = np.ma.masked_array(X, mask=np.zeros_like(X, dtype=bool))
    np.testing.assert_array_equal(finite_array("x", whole, 2), X)
    assert unmasked("x", whole) is whole
    assert metrics.mmd2(whole, X + 1) == metrics.mmd2(X, X + 1)


def test_what_a_start_has_may_be_said_again_and_nothing_else() -> None:
    as_start_has("wake", None, "code", False)
    as_start_has("wake", "code", "code", True)
    words = re.escape("wake is 'score', and start has 'code'; accepted beside start: None, or the")
    with pytest.raises(ValueError, match=words):
        as_start_has("wake", "score", "code", False)


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937])
def test_generators_draw_alike_where_their_states_are_one(bits) -> None:
    one, other = (np.random.Generator(bits(0)) for _ in range(2))
    assert draws_alike(one, other.bit_generator.state)
    other.random(700)
    assert not draws_alike(one, other.bit_generator.state)
    assert not draws_alike(one, np.random.Generator(np.random.SFC64(0)).bit_generator.state)
    assert not draws_alike(None, one.bit_generator.state)


def test_a_record_of_another_kind_is_named() -> None:
    assert kind("n", 3, int) == 3
    with pytest.raises(ValueError, match="n is of type str; accepted: int"):
        kind("n", "3", int)
    with pytest.raises(ValueError, match="n is None; accepted: int"):
        kind("n", None, int)
