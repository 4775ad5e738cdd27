"""The wake phase: three modes against the exact gradient of L, by enumeration and quadrature."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import numpy as np
import oracles
import pytest

from hmlib import ddc
from hmlib.ddc import Bernoulli, Chain, Coins, Gaussian, GaussianScale, Laplace, Mixture, Night

MODES = ("split", "code", "score")
each_mode = pytest.mark.parametrize("mode", MODES)
Values = tuple[np.ndarray, ...]


def indicators(states: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """One function for each of these states: 1 there, 0 elsewhere."""
    index = {tuple(state): k for k, state in enumerate(states.tolist())}
    return lambda z: np.eye(len(index))[[index[tuple(row)] for row in np.asarray(z).tolist()]]


def binary(sizes: Sequence[int], seed: int) -> Chain:
    rng = np.random.default_rng(seed)
    layers = [
        Bernoulli(rng.standard_normal((n, above)), rng.standard_normal(n))
        for n, above in itertools.pairwise(sizes)
    ]
    return Chain((*layers, Coins(rng.standard_normal(sizes[-1]))))


def machine(model: Chain) -> SimpleNamespace:
    """The same machine as the oracle knows it: lists of weights and biases."""
    *below, top = model.layers
    return SimpleNamespace(
        weights=[layer.G for layer in below], biases=[*(layer.h for layer in below), top.g]
    )


def slow_gradient(model: Chain, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Exact gradient of the weighted mean of log P[x], one pattern of causes after the other."""
    gen = machine(model)
    sizes = [len(b) for b in gen.biases]
    tables = [np.zeros((n, above + 1)) for n, above in zip(sizes, [*sizes[1:], 0], strict=True)]
    for row, weight in zip(x, weights / weights.sum(), strict=True):
        for v, log_p in oracles.log_posterior(gen, row).items():
            p = weight * math.exp(log_p)
            units = [list(row), *oracles.layers(v, sizes[1:])]
            for l, bias in enumerate(gen.biases):
                top = l == len(sizes) - 1
                driven = bias if top else oracles.drive(gen.weights[l], bias, units[l + 1])
                for i, on in enumerate(units[l]):
                    error = on - oracles.f(driven[i])
                    tables[l][i, -1] += p * error
                    for j in range(0 if top else sizes[l + 1]):
                        tables[l][i, j] += p * error * units[l + 1][j]
    parts = [part.ravel() for table in tables for part in (table[:, :-1], table[:, -1])]
    return np.concatenate(parts)


def all_states(sizes: Sequence[int]) -> Values:
    """Every state of all layers, a row each."""
    states = np.array(oracles.patterns(sum(sizes)), dtype=float)
    return tuple(np.split(states, np.cumsum(sizes)[:-1], axis=1))


def enumerated_night(model: Chain, sizes: Sequence[int]) -> Night:
    """Every dream there is, weighted by its probability, with an indicator for every state."""
    states, gen = all_states(sizes), machine(model)
    p = [
        math.exp(oracles.log_joint(gen, np.concatenate(rows[1:]), rows[0]))
        for rows in zip(*states, strict=True)
    ]
    T = [indicators(np.array(oracles.patterns(n), dtype=float)) for n in sizes]
    return ddc.sleep(states, T[0], T[1:], ridge=1e-12, weights=p)


def wakes(model: Chain, night: Night, x: np.ndarray, weights: np.ndarray) -> dict:
    """The direction of every mode, with and without the dreams subtracted."""
    bottom = model.layers[0]
    data = ddc.seen(x, night.recogniser.features, bottom, weights)
    both = {"alone": data, "minus dreams": data - ddc.seen_in_dreams(night, bottom)}
    return {
        (mode, how): ddc.wake(model, night, what, mode)
        for mode in MODES
        for how, what in both.items()
    }


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("sizes", [(3, 2), (2, 3), (3, 1), (3, 2, 2), (2, 2, 3), (2, 2, 1, 2)])
def test_every_mode_is_the_exact_gradient_of_an_enumerable_machine(
    sizes: tuple[int, ...], seed: int
) -> None:
    model = binary(sizes, seed)
    night = enumerated_night(model, sizes)
    x = np.array(oracles.patterns(sizes[0]), dtype=float)
    weights = np.random.default_rng(seed + 10).random(len(x))
    exact = slow_gradient(model, x, weights)
    assert np.abs(exact).max() > 0.02
    for which, found in wakes(model, night, x, weights).items():
        assert np.abs(found - exact).max() < 1e-6, which


SPANS = {
    "Gaussian": lambda rng: Gaussian(
        0.5 * rng.standard_normal((2, 2)), 0.3 * rng.standard_normal(2), [0.2, -0.3]
    ),
    "GaussianScale": lambda rng: GaussianScale(0.3 * rng.standard_normal((2, 2)), [0.1, -0.2]),
}


@pytest.mark.parametrize("name", list(SPANS))
@pytest.mark.parametrize("seed", [0, 1])
def test_every_mode_is_the_exact_gradient_on_a_grid_of_x(name: str, seed: int) -> None:
    """Two statistics a unit, two units, two units above: no axis may be taken for another."""
    rng = np.random.default_rng(seed)
    bottom = SPANS[name](rng)
    model = Chain((bottom, Bernoulli(rng.standard_normal((2, 1)), [0.3, -0.5]), Coins([0.4])))
    grid = np.linspace(-8, 8, 23)
    points = np.array([(a, b) for a in grid for b in grid])
    latents = np.array(oracles.patterns(3), dtype=float)
    x, above = np.repeat(points, 8, axis=0), np.tile(latents, (len(points), 1))
    dreams = (x, above[:, :2], above[:, 2:])
    p = np.exp(model.log_prob(dreams))
    T = [indicators(np.array(oracles.patterns(n), dtype=float)) for n in (2, 1)]
    night = ddc.sleep(dreams, indicators(points), T, ridge=1e-12, weights=p)
    # Observations in the midst of the dreams, where the ridge is nothing beside the dreams.
    data = points[(np.abs(points) < 2).all(axis=1)]
    weights = rng.random(len(data))

    def likelihood(vector: np.ndarray) -> float:
        moved = model.like(vector)
        logs = np.array([[slow_joint(moved, row, v) for v in oracles.patterns(3)] for row in data])
        return weights @ np.log(np.exp(logs).sum(axis=1)) / weights.sum()

    exact = central_differences(likelihood, model.ravel())
    assert np.abs(exact).max() > 0.05
    for which, found in wakes(model, night, data, weights).items():
        assert np.abs(found - exact).max() < 1e-6, which


def slow_joint(model: Chain, x: np.ndarray, v: Sequence[int]) -> float:
    bottom, middle, top = model.layers
    total = oracles.log_units(v[2:], top.g)
    total += oracles.log_units(v[:2], oracles.drive(middle.G, middle.h, v[2:]))
    if isinstance(bottom, Gaussian):
        means, log_vars = oracles.drive(bottom.A, bottom.b, v[:2]), bottom.log_var
    else:
        means, log_vars = [0.0, 0.0], oracles.drive(bottom.B, bottom.c, v[:2])
    for value, m, log_var in zip(x, means, log_vars, strict=True):
        total -= ((value - m) ** 2 / math.exp(log_var) + log_var + math.log(2 * math.pi)) / 2
    return total


def central_differences(value: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    slopes, step = [], 1e-5
    for k in range(at.size):
        nudge = np.zeros(at.size)
        nudge[k] = step
        slopes.append((value(at + nudge) - value(at - nudge)) / (2 * step))
    return np.array(slopes)


def laplace_chain(b: float, A: Sequence[float], log_var: float) -> Chain:
    """x (2, Gaussian) below z_1 (Laplace) below z_2 (two bumps)."""
    return Chain(
        (
            Gaussian(np.reshape(A, (2, 1)), [0.0, 0.0], [log_var, log_var]),
            Laplace([[b]]),
            Mixture([[-3.0], [3.0]], 0.1),
        )
    )


def quadrature_likelihood(model: Chain, x: np.ndarray) -> float:
    """Mean log p(x) by sums over grids of both latents."""
    bottom, middle, _ = model.layers
    z_1 = np.linspace(-30, 30, 1201)
    prior = np.zeros_like(z_1)
    for centre in (-3.0, 3.0):
        z_2 = centre + np.linspace(-0.5, 0.5, 21)
        p = np.exp(-((z_2 - centre) ** 2) / (2 * 0.1**2))
        for value, weight in zip(z_2, p / p.sum(), strict=True):
            scale = math.log1p(math.exp(middle.B[0, 0] * value))
            prior += weight / 2 * np.exp(-np.abs(z_1) / scale) / (2 * scale)
    logs = np.log(prior * (z_1[1] - z_1[0]))[None, :]
    for i in range(2):
        m, v = bottom.A[i, 0] * z_1 + bottom.b[i], math.exp(bottom.log_var[i])
        logs = logs - (x[:, i, None] - m) ** 2 / (2 * v) - math.log(2 * math.pi * v) / 2
    return float(np.logaddexp.reduce(logs, axis=1).mean())


@pytest.mark.parametrize("start", [(0.9, (0.8, 0.9), 0.4), (0.4, (0.8, 0.9), 0.0)])
def test_many_dreams_give_the_gradient_of_a_continuous_chain(start: tuple) -> None:
    rng = np.random.default_rng(3)
    x = laplace_chain(0.7, (1.2, 0.4), -0.5).sample(rng, 200)[0]
    model = laplace_chain(*start)
    exact = central_differences(
        lambda vector: quadrature_likelihood(model.like(vector), x), model.ravel()
    )
    dreams = model.sample(rng, 20_000)
    both = np.concatenate([x, dreams[0][:200]])
    features = ddc.Encoding.random(rng, both, 100, kind="relu")
    encodings = [ddc.Encoding.random(rng, z, 60) for z in dreams[1:]]
    night = ddc.sleep(dreams, features, encodings, ridge=1e-4)
    for which, found in wakes(model, night, x, np.ones(len(x))).items():
        cosine = found @ exact / np.linalg.norm(found) / np.linalg.norm(exact)
        length = np.linalg.norm(found) / np.linalg.norm(exact)
        assert cosine > 0.9, (which, cosine)
        assert 0.6 < length < 1.3, (which, length)


def night_of(n: int = 400, seed: int = 4) -> tuple[Chain, Night, np.ndarray]:
    """A chain of two layers of latents, a night of it, and observations."""
    rng = np.random.default_rng(seed)
    model = Chain(
        (
            Gaussian(rng.standard_normal((3, 2)), rng.standard_normal(3), rng.standard_normal(3)),
            Laplace(rng.standard_normal((2, 1))),
            Mixture([[-2.0], [2.0]], 0.3),
        )
    )
    dreams, x = model.sample(rng, n), 1 + rng.standard_normal((50, 3))
    features = ddc.Encoding.random(rng, dreams[0], 30, kind="relu")
    encodings = [ddc.Encoding.random(rng, z, 20) for z in dreams[1:]]
    return model, ddc.sleep(dreams, features, encodings, (1e-2, 1e-3)), x


def few(z: np.ndarray) -> np.ndarray:
    """Four encodings of z."""
    return np.column_stack([np.tanh(z.sum(axis=1)[:, None] + [-1, 0, 1]), np.ones(len(z))])


def test_code_is_the_gradient_averaged_over_weighted_dreams_of_z() -> None:
    """Every pair of an observation and a dreamt z_1, one after the other."""
    model, night, x = night_of(n=50)
    x = x[:8]
    bottom, z = model.layers[0], night.dreams[1]
    r = night.recogniser.codes(x)[0]
    expected = np.zeros(bottom.ravel().size)
    for row, one in zip(x, r, strict=True):
        w = night.particles(1, one[:, None])[:, 0]
        for s in range(len(z)):
            expected += w[s] * bottom.score(row[None], z[s : s + 1])[0] / len(x)
    data = ddc.seen(x, night.recogniser.features, bottom)
    found = ddc.wake(model, night, data, "code")[: expected.size]
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_split_is_equation_10_one_observation_after_the_other() -> None:
    """S(x)^T [alpha r_1(x)] - beta r_1(x), with alpha and beta from plain least squares."""
    model, night, x = night_of(n=80)
    bottom, z = model.layers[0], night.dreams[1]
    T, J, mu = night.encoded[0], bottom.jacobian(z), bottom.mean(z)
    n, (_, n_y, s, k) = len(z), J.shape
    square = T.T @ T / n + 1e-3 * np.eye(T.shape[1])
    table = np.zeros((n_y, k))
    for i in range(n_y):
        for a in range(k):
            beta = np.linalg.solve(square, T.T @ (mu[:, i] * J[:, i, :, a]).sum(axis=1) / n)
            for row, r in zip(x, night.recogniser.codes(x)[0], strict=True):
                table[i, a] -= r @ beta / len(x)
                for j, S in enumerate((row[i], row[i] ** 2)):
                    alpha = np.linalg.solve(square, T.T @ J[:, i, j, a] / n)
                    table[i, a] += S * (r @ alpha) / len(x)
    assert (n_y, s, k) == (3, 2, 4)
    expected = np.concatenate([table[:, :2].ravel(), table[:, 2], table[:, 3]])
    data = ddc.seen(x, night.recogniser.features, bottom)
    found = ddc.wake(model, night, data, "split")[: expected.size]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


def test_split_above_the_bottom_reads_each_term_off_its_own_layer() -> None:
    """alpha_1 r_1 - beta_2 r_2: the pair on the lower variable, mu^T J on the upper one."""
    model, night, x = night_of()
    z_1, z_2 = night.dreams[1:]
    scale = np.log1p(np.exp(z_2 @ model.layers[1].B.T))
    J = z_2 / (1 + np.exp(-z_2 @ model.layers[1].B.T)) / scale**2
    expected = np.zeros(2)
    for sign, l, targets in ((1, 1, np.abs(z_1) * J), (-1, 2, scale * J)):
        T = night.encoded[l - 1]
        square = T.T @ T / len(T) + 1e-3 * np.eye(T.shape[1])
        readout = np.linalg.solve(square, T.T @ targets / len(T))
        expected += sign * (night.recogniser.codes(x)[l - 1] @ readout).mean(axis=0)
    data = ddc.seen(x, night.recogniser.features, model.layers[0])
    np.testing.assert_allclose(
        ddc.wake(model, night, data, "split")[-2:], expected, rtol=1e-6, atol=1e-8
    )


def test_split_and_code_are_one_on_the_bottom_layer() -> None:
    """Both average J(z)^T (S(x) - mu(z)) under the same code: they differ in upper layers only."""
    model, night, x = night_of()
    data = ddc.seen(x, night.recogniser.features, model.layers[0])
    n = model.layers[0].ravel().size
    split, code = (ddc.wake(model, night, data, mode) for mode in ("split", "code"))
    np.testing.assert_allclose(split[:n], code[:n], rtol=1e-6, atol=1e-8)
    assert np.abs(split[n:] - code[n:]).max() > 1e-5


def test_score_is_a_regression_of_the_scores_on_features_of_x() -> None:
    model, night, x = night_of()
    bottom, (dreamt, z) = model.layers[0], night.dreams[:2]
    scores = bottom.score(dreamt, z)
    H, n = night.phi, len(z)
    A = np.linalg.solve(H.T @ H / n + 1e-2 * np.eye(H.shape[1]), H.T @ scores / n)
    expected = (night.recogniser.features(x) @ A).mean(axis=0)
    data = ddc.seen(x, night.recogniser.features, bottom)
    found = ddc.wake(model, night, data, "score")[: expected.size]
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_upper_layers_of_code_and_score_read_scores_off_the_code_of_the_lower_variable() -> None:
    model, night, x = night_of()
    n_bottom = model.layers[0].ravel().size
    data = ddc.seen(x, night.recogniser.features, model.layers[0])
    code, score = (ddc.wake(model, night, data, mode)[n_bottom:] for mode in ("code", "score"))
    T, n = night.encoded[0], len(night.dreams[0])
    A = np.linalg.solve(
        T.T @ T / n + 1e-3 * np.eye(T.shape[1]), T.T @ model.layers[1].score(*night.dreams[1:]) / n
    )
    expected = (night.recogniser.codes(x)[0] @ A).mean(axis=0)
    np.testing.assert_allclose(code, expected, rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(score, code)


@pytest.mark.parametrize("l", [0, 1, 2])
def test_particles_times_f_are_the_read_out_of_f(l: int) -> None:
    _, night, x = night_of()
    rng = np.random.default_rng(5)
    f = rng.standard_normal((len(night.dreams[0]), 4))
    codes = (night.recogniser.features(x), *night.recogniser.codes(x))
    w = night.particles(l, codes[l].T)
    assert w.shape == (len(f), len(x))
    np.testing.assert_allclose(w.T @ f, codes[l] @ night.readout(l, f), rtol=1e-6, atol=1e-8)


def test_particles_of_weighted_dreams_carry_the_weights() -> None:
    _, night, x = night_of(n=50)
    shares = np.random.default_rng(6).random(50)
    shares[7] = 0
    features = night.recogniser.features
    weighted = ddc.sleep(night.dreams, features, [few, few], 1e-2, weights=shares)
    w = weighted.particles(1, weighted.recogniser.codes(x)[0].T)
    assert not w[7].any()
    f = np.random.default_rng(7).standard_normal((50, 1))
    E = shares[:, None] / shares.sum() * weighted.encoded[0]
    alpha = np.linalg.solve(E.T @ weighted.encoded[0] + 1e-2 * np.eye(4), E.T @ f)
    np.testing.assert_allclose(
        w.T @ f, weighted.recogniser.codes(x)[0] @ alpha, rtol=1e-7, atol=1e-9
    )


def test_a_dream_of_weight_2_is_two_dreams() -> None:
    model, night, x = night_of(n=90)
    features, encodings = night.recogniser.features, [few, few]
    weights = np.tile([1, 2, 0], 30)
    twice = tuple(np.repeat(values, weights, axis=0) for values in night.dreams)
    one = ddc.sleep(night.dreams, features, encodings, 1e-2, weights=weights)
    two = ddc.sleep(twice, features, encodings, 1e-2)
    for mode in MODES:
        found, expected = (
            ddc.wake(
                model,
                n,
                ddc.seen(x, features, model.layers[0]) - ddc.seen_in_dreams(n, model.layers[0]),
                mode,
            )
            for n in (one, two)
        )
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_seen_is_the_average_in_loops() -> None:
    model, night, x = night_of()
    features, weights = night.recogniser.features, np.random.default_rng(8).random(50)
    found = ddc.seen(x, features, model.layers[0], weights)
    phi, S = np.zeros(night.phi.shape[1]), np.zeros((night.phi.shape[1], 3, 2))
    for row, weight in zip(x, weights / weights.sum(), strict=True):
        one = weight * features(row[None])[0]
        phi += one
        for i in range(3):
            S[:, i, 0] += one * row[i]
            S[:, i, 1] += one * row[i] ** 2
    np.testing.assert_allclose(found.phi, phi, atol=1e-12)
    np.testing.assert_allclose(found.moments, S, atol=1e-12)
    assert found.mass == 1


def test_seen_in_blocks_is_seen_at_once() -> None:
    """Far more observations than are worked out at a time."""
    model, _, _ = night_of()
    rng, calls = np.random.default_rng(9), []
    x, weights = rng.standard_normal((9001, 3)), rng.random(9001)

    def features(rows: np.ndarray) -> np.ndarray:
        calls.append(len(rows))
        return np.hstack([rows, rows**3, np.ones((len(rows), 1))])

    found = ddc.seen(x, features, model.layers[0], weights)
    assert len(calls) > 1
    assert sum(calls) == 9001
    share = weights / weights.sum()
    phi, S = features(x), np.stack([x, x**2], axis=-1)
    np.testing.assert_allclose(found.phi, share @ phi, atol=1e-12)
    np.testing.assert_allclose(found.moments, np.einsum("n,nm,nis->mis", share, phi, S), atol=1e-12)


def test_the_dreams_are_seen_with_their_shares() -> None:
    model, night, _ = night_of()
    weights = np.random.default_rng(10).random(len(night.dreams[0]))
    features = night.recogniser.features
    weighted = ddc.sleep(night.dreams, features, [np.cos] * 2, 1e-3, weights=weights)
    found = ddc.seen_in_dreams(weighted, model.layers[0])
    expected = ddc.seen(night.dreams[0], features, model.layers[0], weights)
    np.testing.assert_allclose(found.phi, expected.phi, atol=1e-12)
    np.testing.assert_allclose(found.moments, expected.moments, atol=1e-12)


@each_mode
def test_wake_is_linear_in_what_was_seen(mode: str) -> None:
    model, night, x = night_of()
    features, bottom = night.recogniser.features, model.layers[0]
    first, second = x[:20], x[20:]
    a, b, both = (ddc.seen(part, features, bottom) for part in (first, second, x))

    def moved(what: ddc.Seen) -> np.ndarray:
        return ddc.wake(model, night, what, mode)

    scale = np.abs(moved(a)).max()
    np.testing.assert_allclose(
        moved(both), 0.4 * moved(a) + 0.6 * moved(b), rtol=1e-6, atol=1e-9 * scale
    )
    assert (a - b).mass == 0
    np.testing.assert_allclose(moved(a - b), moved(a) - moved(b), rtol=1e-6, atol=1e-9 * scale)
    np.testing.assert_allclose(moved(a - a), 0, atol=1e-9 * scale)
    assert np.abs(moved(a) - moved(b)).max() > 1e-3


@each_mode
def test_no_layer_without_parameters_has_a_share_in_the_move(mode: str) -> None:
    model, night, x = night_of()
    data = ddc.seen(x, night.recogniser.features, model.layers[0])
    found = ddc.wake(model, night, data, mode)
    assert found.shape == model.ravel().shape
    assert np.isfinite(found).all()
    assert np.isfinite(model.like(found).ravel()).all()


def network_night() -> tuple[Chain, Night, ddc.Seen]:
    rng = np.random.default_rng(11)
    model = Chain((ddc.Network.random(rng, 2, 1, hidden=5), ddc.StandardNormal(1)))
    dreams = model.sample(rng, 300)
    features = ddc.Encoding.random(rng, dreams[0], 20, kind="relu")
    night = ddc.sleep(dreams, features, [ddc.Encoding.random(rng, dreams[1], 15)])
    return model, night, ddc.seen(dreams[0][:30] + 0.3, features, model.layers[0])


def test_split_refuses_a_network_and_says_what_is_accepted() -> None:
    model, night, data = network_night()
    with pytest.raises(ValueError, match="hidden layer is shared; accepted: wake 'code' or"):
        ddc.wake(model, night, data, "split")
    for mode in ("code", "score"):
        assert ddc.wake(model, night, data, mode).shape == model.ravel().shape


def test_averages_of_earlier_nights_enter_the_regressions() -> None:
    """Two equal nights are one; two different ones are the weighted average of both."""
    _, first, _ = night_of()
    features = first.recogniser.features
    second = night_of(seed=12)[1].dreams

    def night(dreams: Values, before: ddc.Averages) -> Night:
        return ddc.sleep(dreams, features, [few, few], 1e-2, averages=before)

    def asked(n: Night) -> ddc.Averages:
        assert len(n.recogniser.maps) == 2
        return n.averages

    start = ddc.Averages(memory=0.5)
    one = night(first.dreams, start)
    same = night(first.dreams, asked(one))
    np.testing.assert_allclose(same.recogniser.maps[0], one.recogniser.maps[0], atol=1e-9)
    mixed = night(second, asked(one)).recogniser.maps[0]
    F = [features(d[0]) for d in (first.dreams, second)]
    T = [few(d[1]) for d in (first.dreams, second)]
    square = (0.5 * F[0].T @ F[0] + F[1].T @ F[1]) / 400 / 1.5
    cross = (0.5 * F[0].T @ T[0] + F[1].T @ T[1]) / 400 / 1.5
    expected = np.linalg.solve(square + 1e-2 * np.eye(len(square)), cross).T
    np.testing.assert_allclose(mixed, expected, atol=1e-8)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, n, s: ddc.wake(m, n, s, "Code"), ("wake", "Code", "'split'", "'score'")),
        (lambda m, n, s: ddc.seen([[np.nan, 1.0]], np.cos, m.layers[0]), ("x", "nan", "finite")),
        (lambda m, n, s: ddc.seen([[1.0]], np.cos, m.layers[0]), ("x", "(1, 1)", "(n, 2)")),
        (lambda m, n, s: ddc.seen(np.zeros((0, 2)), np.cos, m.layers[0]), ("x", "(0, 2)", "row")),
        (
            lambda m, n, s: ddc.seen([[1.0, 0.5]], np.cos, Bernoulli(np.ones((2, 1)), [0, 0])),
            ("x does not fit Bernoulli", "y", "0.5", "0 or 1"),
        ),
        (lambda m, n, s: ddc.seen([[1.0, 2.0]], None, m.layers[0]), ("features", "None")),
        (
            lambda m, n, s: ddc.seen([[1.0, 2.0]], np.cos, m.layers[0], [1.0, 1.0]),
            ("weights", "2", "1"),
        ),
    ],
)
def test_bad_input_is_named(call: Callable, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="accepted") as caught:
        call(*network_night())
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize("mode", ddc.MODES)
def test_a_step_is_a_night_and_a_direction(mode: str) -> None:
    """Both halves, as every user of them has them, piece by piece."""
    rng = np.random.default_rng(3)
    layers = (
        Gaussian([[1.0], [0.5]], [0, 0], [0, 0]),
        Laplace([[0.7]]),
        Mixture([[2.0], [-2.0]], 0.5),
    )
    model = Chain(layers)
    x, *latents = model.sample(rng, 300)
    features, encodings = (
        ddc.Encoding.random(rng, x, 12, "relu"),
        [ddc.Encoding.random(rng, z, 8) for z in latents],
    )
    night = ddc.night_of(model, np.random.default_rng(4), 200, features, encodings, 1e-2)
    dreams = model.sample(np.random.default_rng(4), 200)
    plain = ddc.sleep(dreams, features, encodings, 1e-2)
    data = ddc.seen(x, features, layers[0])
    less = data - ddc.seen_in_dreams(plain, layers[0])
    for minus_dreams, what in ((True, less), (False, data)):
        np.testing.assert_array_equal(
            ddc.direction(model, night, data, mode, minus_dreams),
            ddc.wake(model, plain, what, mode),
        )
    other = model.like(model.ravel() * 1.1)
    np.testing.assert_array_equal(
        ddc.direction(model, night, data, mode, awake=other), ddc.wake(other, plain, less, mode)
    )


def test_another_sleep_can_take_its_place() -> None:
    model = Chain((Gaussian([[1.0]], [0], [0]), Mixture([[2.0], [-2.0]], 0.5)))
    seen = []

    def asleep(dreams, features, encodings, ridge) -> Night:
        seen.append((len(dreams[0]), ridge))
        return ddc.sleep(dreams, features, encodings, ridge)

    rng = np.random.default_rng(0)
    night = ddc.night_of(model, rng, 30, np.cos, [np.sin], 0.1, asleep=asleep)
    assert isinstance(night, Night)
    assert seen == [(30, 0.1)]
    earlier = ddc.night_of(model, rng, 30, np.cos, [np.sin], 0.1, ddc.Averages(0.9))
    earlier.square(0)
    assert earlier.averages.memory == 0.9
