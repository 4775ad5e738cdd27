"""Machines of several layers: records, probabilities, exact sums, and estimates by sampling."""

from __future__ import annotations

import dataclasses
import math
import statistics
import tracemalloc
from collections import Counter
from collections.abc import Callable

import numpy as np
import oracles
import pytest

from hmlib import Generative, Layered, LayeredRecognition, Recognition, exact, importance

SHAPES = [(3, 2), (3, 2, 2), (2, 1, 3), (3, 2, 1, 2)]
each_shape = pytest.mark.parametrize("sizes", SHAPES, ids=lambda s: "-".join(map(str, s)))


def machine(sizes: tuple[int, ...], seed: int = 0) -> tuple[Layered, LayeredRecognition]:
    rng = np.random.default_rng(seed)
    return Layered.random(rng, *sizes), LayeredRecognition.random(rng, *sizes)


def data(n_u: int, n: int = 5, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, (n, n_u)).astype(float), rng.random(n) + 0.1


@each_shape
def test_log_probabilities_against_loops(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(sizes)
    v = np.array(oracles.patterns(sum(sizes[1:])), dtype=float)
    u, _ = data(sizes[0], len(v))
    joint = [oracles.log_joint(gen, *pair) for pair in zip(v, u, strict=True)]
    guess = [oracles.log_q(rec, *pair) for pair in zip(v, u, strict=True)]
    np.testing.assert_allclose(gen.log_prob(v, u), joint, atol=1e-12)
    np.testing.assert_allclose(rec.log_prob(v, u), guess, atol=1e-12)


@each_shape
def test_probabilities_sum_to_1(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(sizes)
    states, inputs = (np.array(oracles.patterns(n)) for n in (gen.n_v, gen.n_u))
    v, u = np.repeat(states, len(inputs), axis=0), np.tile(inputs, (len(states), 1))
    assert np.exp(gen.log_prob(v, u)).sum() == pytest.approx(1, abs=1e-12)
    guesses = np.exp(rec.log_prob(v, u)).reshape(len(states), len(inputs))
    np.testing.assert_allclose(guesses.sum(axis=0), 1, atol=1e-12)


def frequencies_agree(rows: np.ndarray, expected: dict[tuple[int, ...], float]) -> None:
    """Every pattern is met as often as its probability says, within 4.5 standard errors."""
    met, n = Counter(map(tuple, rows.astype(int).tolist())), len(rows)
    assert sum(expected.values()) == pytest.approx(1)
    for pattern, p in expected.items():
        assert abs(met[pattern] / n - p) < 4.5 * math.sqrt(p * (1 - p) / n) + 1e-12, pattern


def test_samples_follow_the_probabilities() -> None:
    gen, rec = machine((2, 2, 1))
    v, u = gen.sample(np.random.default_rng(5), 60_000)
    joint = {
        (*v, *u): math.exp(oracles.log_joint(gen, v, u))
        for v in oracles.patterns(3)
        for u in oracles.patterns(2)
    }
    frequencies_agree(np.hstack([v, u]), joint)
    guesses = rec.sample(np.random.default_rng(6), np.tile([1.0, 0.0], (60_000, 1)))
    known = {v: math.exp(oracles.log_q(rec, v, (1, 0))) for v in oracles.patterns(3)}
    frequencies_agree(guesses, known)


@each_shape
def test_exact_objectives_against_loops(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(sizes)
    u, weights = data(sizes[0])
    o = exact.objectives(gen, rec, u)
    for found, slow in (
        (o.log_likelihood, lambda x: oracles.log_likelihood(gen, x)),
        (exact.log_likelihood(gen, u), lambda x: oracles.log_likelihood(gen, x)),
        (o.free_energy, lambda x: oracles.free_energy(gen, rec, x)),
        (o.kl_q_p, lambda x: oracles.kl_q_p(gen, rec, x)),
        (o.kl_p_q, lambda x: oracles.kl_p_q(gen, rec, x)),
    ):
        np.testing.assert_allclose(found, [slow(row) for row in u], atol=1e-10)
    dreamt = oracles.dream_free_energy(gen, rec, u, weights)
    assert exact.dream_free_energy(gen, rec, u, weights) == pytest.approx(dreamt, abs=1e-10)


@each_shape
def test_tables_against_loops(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(sizes)
    u, _ = data(sizes[0])
    posterior, guess = exact.posterior(gen, u), exact.recognition_table(rec, u)
    for row, p, q in zip(u, posterior, guess, strict=True):
        np.testing.assert_allclose(
            np.log(p), list(oracles.log_posterior(gen, row).values()), atol=1e-10
        )
        known = [oracles.log_q(rec, v, row) for v in oracles.patterns(gen.n_v)]
        np.testing.assert_allclose(np.log(q), known, atol=1e-10)


def slope(value: Callable, model: object) -> np.ndarray:
    """Central differences of a value along every parameter of a model."""
    vector, step, slopes = model.ravel(), 1e-5, []
    for k in range(vector.size):
        nudge = np.zeros(vector.size)
        nudge[k] = step
        up, down = value(model.like(vector + nudge)), value(model.like(vector - nudge))
        slopes.append((up - down) / (2 * step))
    return np.array(slopes)


@pytest.mark.parametrize("sizes", [(3, 2), (3, 2, 1), (2, 1, 2, 1)])
def test_gradients_against_central_differences(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(sizes)
    u, weights = data(sizes[0], 3)

    def mean(slow: Callable) -> Callable:
        return lambda g, r: oracles.mean(lambda row: slow(g, r, row), u, weights)

    for (d_gen, d_rec), value in (
        (exact.grad_free_energy(gen, rec, u, weights), mean(oracles.free_energy)),
        (exact.grad_kl_p_q(gen, rec, u, weights), mean(oracles.kl_p_q)),
        (
            exact.grad_dream(gen, rec, u, weights),
            lambda g, r: oracles.dream_free_energy(g, r, u, weights),
        ),
    ):
        assert (type(d_gen), type(d_rec)) == (Layered, LayeredRecognition)
        known = slope(lambda g, value=value: value(g, rec), gen)
        np.testing.assert_allclose(d_gen.ravel(), known, atol=1e-7)
        known = slope(lambda r, value=value: value(gen, r), rec)
        np.testing.assert_allclose(d_rec.ravel(), known, atol=1e-7)
    climb = exact.grad_log_likelihood(gen, u, weights).ravel()
    known = slope(
        lambda g: oracles.mean(lambda row: oracles.log_likelihood(g, row), u, weights), gen
    )
    np.testing.assert_allclose(climb, known, atol=1e-7)


def test_statistics_hold_all_that_the_joint_needs() -> None:
    gen, _ = machine((3, 2, 2))
    u, _ = data(3)
    table = np.random.default_rng(2).normal(size=(5, 16))
    sums = exact.Statistics.of(gen)
    sums.add(table[:2], u[:2])
    sums.add(table[2:], u[2:])
    slow = sum(
        table[n, k] * oracles.log_joint(gen, v, u[n])
        for n in range(5)
        for k, v in enumerate(oracles.patterns(4))
    )
    assert sums.log_joint(gen) == pytest.approx(slow, abs=1e-10)
    np.testing.assert_allclose(
        exact.expected_score(gen, table, u).ravel(), slope(sums.log_joint, gen), atol=1e-7
    )


def test_one_layer_of_causes_is_the_plain_machine() -> None:
    deep, deep_rec = machine((4, 3))
    gen = Generative(deep.biases[1], deep.weights[0], deep.biases[0])
    rec = Recognition(deep_rec.biases[0], deep_rec.weights[0])
    u, weights = data(4)
    here, there = exact.objectives(gen, rec, u), exact.objectives(deep, deep_rec, u)
    for field in dataclasses.fields(here):
        assert np.array_equal(getattr(here, field.name), getattr(there, field.name))
    pairs = zip(
        exact.grad_free_energy(gen, rec, u, weights),
        exact.grad_free_energy(deep, deep_rec, u, weights),
        strict=True,
    )
    for plain, layers in pairs:
        assert all(map(np.array_equal, plain.weights, layers.weights))
        assert all(map(np.array_equal, plain.biases, layers.biases))
    a, b = (g.sample(np.random.default_rng(3), 9) for g in (gen, deep))
    assert all(map(np.array_equal, a, b))
    a, b = (r.sample(np.random.default_rng(3), u) for r in (rec, deep_rec))
    assert np.array_equal(a, b)


@pytest.mark.parametrize("seed", range(3))
def test_parameters_add_scale_and_compare_like_one_vector(seed: int) -> None:
    for model in machine((3, 2, 2), seed):
        twice = model + model
        assert twice == 2 * model
        assert twice - model == model
        assert model.like(model.ravel()) == model
        assert hash(model.like(model.ravel())) == hash(model)
        assert model != twice
        assert [a.shape for a in twice.arrays()] == [a.shape for a in model.arrays()]
        with pytest.raises(ValueError, match="read-only"):
            model.weights[0][0, 0] = 1


def test_words_name_the_machine_visible_first() -> None:
    gen, rec = Layered.zeros(16, 8, 1), LayeredRecognition.zeros(16, 8, 1)
    for model in (gen, rec):
        assert "16-8-1, 16 inputs, 9 causes in 2 layers" in repr(model)
        assert model.sizes == (16, 8, 1)
    assert (gen.n_u, gen.n_v) == (16, 9)
    assert "3-1, 3 inputs, 1 cause in 1 layer\n" in repr(Layered.zeros(3, 1))
    assert [part.shape for part in gen.split(np.zeros((4, 9)))] == [(4, 8), (4, 1)]


GEN, REC = machine((3, 2, 2))

ESTIMATED = [
    machine((3, 2, 2), 4),
    (
        Generative.random(np.random.default_rng(1), 3, 2),
        Recognition.random(np.random.default_rng(2), 3, 2),
    ),
]


@pytest.mark.parametrize(("gen", "rec"), ESTIMATED, ids=["layered", "one layer"])
def test_estimates_tend_to_the_exact_values_with_honest_errors(
    gen: Layered | Generative, rec: LayeredRecognition | Recognition
) -> None:
    u, weights = data(3, 4)
    log_l = np.array([oracles.log_likelihood(gen, row) for row in u])
    f = np.array([oracles.free_energy(gen, rec, row) for row in u])
    tries = [importance.estimate(gen, rec, u, np.random.default_rng(s), 500) for s in range(200)]
    z_l = [(e.log_likelihood - log_l) / e.log_likelihood_error for e in tries]
    z_f = [(e.free_energy - f) / e.free_energy_error for e in tries]
    for z in (np.array(z_l), np.array(z_f)):
        assert abs(z.mean()) < 0.25
        assert 0.9 < z.std() < 1.15
    close = importance.estimate(gen, rec, u, np.random.default_rng(0), 50_000)
    np.testing.assert_allclose(close.log_likelihood, log_l, atol=0.05)
    means = close.means(weights)
    for name, values in (("log_likelihood", log_l), ("free_energy", f)):
        value, error = means[name]
        assert 0 < error < 0.05
        assert abs(value - weights @ values / weights.sum()) < 4 * error


def test_effective_samples_and_errors_from_their_definition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gen, rec = machine((3, 2, 1))
    u, _ = data(3, 3)
    ratios = np.random.default_rng(0).normal(size=(3, 7))
    monkeypatch.setattr(importance, "_log_ratios", lambda gen, rec, u, rng, k: ratios)
    found = importance.estimate(gen, rec, u, np.random.default_rng(0), 7)
    for n in range(3):
        w = [math.exp(x) for x in ratios[n]]
        mean = sum(w) / 7
        variance = sum((x - mean) ** 2 for x in w) / 6
        assert found.log_likelihood[n] == pytest.approx(math.log(mean))
        assert found.log_likelihood_error[n] == pytest.approx(math.sqrt(variance / 7) / mean)
        assert found.effective_samples[n] == pytest.approx(sum(w) ** 2 / sum(x * x for x in w))
        error = statistics.stdev(ratios[n]) / math.sqrt(7)
        assert found.free_energy_error[n] == pytest.approx(error)
    # Data of weights 1, 0 and 3: errors of independent guesses add up by their squares.
    _, error = found.means([1.0, 0.0, 3.0])["free_energy"]
    first, _, third = found.free_energy_error
    assert error == pytest.approx(math.hypot(first / 4, 3 * third / 4))


@pytest.mark.parametrize("block", [3 * 4000, 1500])
def test_blocks_change_nothing_but_the_draws(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    gen, rec = machine((3, 2, 2), 4)
    u, _ = data(3, 7)
    whole = importance.estimate(gen, rec, u, np.random.default_rng(1), 4000)
    monkeypatch.setattr(importance, "_BLOCK", block)
    blocks = importance.estimate(gen, rec, u, np.random.default_rng(2), 4000)
    assert blocks.effective_samples.shape == (7,)
    for name in ("log_likelihood", "free_energy"):
        gap = np.abs(getattr(whole, name) - getattr(blocks, name))
        errors = [getattr(e, f"{name}_error") for e in (whole, blocks)]
        assert (gap < 5 * np.hypot(*errors)).all()
        np.testing.assert_allclose(*errors, rtol=0.3)


def test_a_great_many_guesses_fit_in_memory() -> None:
    gen, rec = machine((64, 8, 4))
    tracemalloc.start()
    importance.estimate(gen, rec, data(64, 1)[0], np.random.default_rng(0), 400_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150 * 2**20


@pytest.mark.parametrize("block", [1, 70])
def test_exact_sums_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    gen, rec = machine((3, 2, 2))
    u, weights = data(3)

    def results() -> list[np.ndarray]:
        pairs = [f(gen, rec, u, weights) for f in (exact.grad_free_energy, exact.grad_kl_p_q)]
        pairs.append(exact.grad_dream(gen, rec, u, weights))
        return [
            *vars(exact.objectives(gen, rec, u)).values(),
            exact.posterior(gen, u),
            *(model.ravel() for pair in pairs for model in pair),
        ]

    whole = results()
    monkeypatch.setattr(exact, "_BLOCK", block)
    for a, b in zip(whole, results(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_overflows_where_parameters_are_large(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gen, rec = (m.like(rng.choice([-30.0, 0.0, 30.0], m.ravel().size)) for m in machine((3, 2, 2)))
    u, _ = data(3)
    o = exact.objectives(gen, rec, u)
    for found, slow in (
        (o.log_likelihood, lambda x: oracles.log_likelihood(gen, x)),
        (o.free_energy, lambda x: oracles.free_energy(gen, rec, x)),
        (o.kl_p_q, lambda x: oracles.kl_p_q(gen, rec, x)),
    ):
        np.testing.assert_allclose(found, [slow(row) for row in u], rtol=1e-10, atol=1e-10)
    for gradient in (*exact.grad_free_energy(gen, rec, u), *exact.grad_kl_p_q(gen, rec, u)):
        assert np.isfinite(gradient.ravel()).all()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: Layered([np.zeros((3, 2))], [np.zeros(3)] * 2), r"weights\[0\] has shape"),
        (lambda: Layered((), (np.zeros(3),)), "accepted: one array of biases for each layer"),
        (
            lambda: Layered((np.zeros((3, 2)), np.zeros((3, 2))), (np.zeros(3), np.zeros(2))),
            "there are 2 weights and 2 biases",
        ),
        (
            lambda: LayeredRecognition((np.zeros((2, 3)), np.zeros((2, 3))), (np.zeros(2),) * 2),
            r"weights\[1\] has shape \(2, 3\); accepted: .* = \(2, 2\)",
        ),
        (lambda: LayeredRecognition((), ()), "at least one"),
        (lambda: Layered(None, (np.zeros(3), np.zeros(2))), "weights is None; accepted: one array"),
        (
            lambda: GEN + Layered.zeros(3, 2),
            "other has 3-2, 3 inputs, .* accepted: 3-2-2",
        ),
        (lambda: Generative.zeros(2, 3) - Generative.zeros(3, 2), "other has 3 inputs, 2 causes"),
        (lambda: GEN.split(np.zeros((1, 6))), r"v has shape \(1, 6\); accepted: \(n, 4\)"),
        (lambda: REC.split(np.zeros(4)), r"v has shape \(4,\)"),
        (
            lambda: Layered((np.full((3, 2), np.nan),), (np.zeros(3), np.zeros(2))),
            r"weights\[0\] contains nan",
        ),
        (lambda: Layered.zeros(3), "at least two layers"),
        (lambda: LayeredRecognition.zeros(3, 0), r"sizes\[1\] is 0"),
        (
            lambda: exact.objectives(GEN, machine((3, 2, 1))[1], np.zeros((1, 3))),
            "rec has layers 3-2-1; accepted: 3-2-2",
        ),
        (
            lambda: exact.log_likelihood(Layered.zeros(3, 15, 6), np.zeros((1, 3))),
            "n_v is 21; accepted: at most 20",
        ),
        (
            lambda: importance.estimate(GEN, REC, np.zeros((1, 3)), np.random.default_rng(0), 1),
            "k is 1",
        ),
        (
            lambda: importance.estimate(GEN, REC, np.zeros((1, 4)), np.random.default_rng(0)),
            "u has shape",
        ),
        (
            lambda: importance.estimate(GEN, REC, np.zeros((1, 3)), None),
            "rng is None",
        ),
    ],
)
def test_bad_input_is_refused_in_words(bad: Callable, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bad()
