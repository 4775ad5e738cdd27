"""Codes r_l(x) against exact posterior expectations E[T_l(z_l) | x] of small models."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import numpy as np
import oracles
import pytest

from benchmarks import ddc_codes as bench
from hmlib import ddc
from hmlib.ddc import Bernoulli, Chain, Coins, Encoding, Gaussian, Laplace, Mixture

DREAMS = 50_000
Values = tuple[np.ndarray, ...]


def random_model(name: str, noise: float, rng: np.random.Generator) -> Chain:
    log_var = np.full(2, 2 * math.log(noise))
    b, turn = 0.3 * rng.standard_normal(2), np.linalg.qr(rng.standard_normal((2, 2)))[0]
    if name == "line":
        bumps = Mixture(2 * rng.standard_normal((3, 1)), 0.3, (0.2, 0.3, 0.5))
        return Chain((Gaussian(turn[:, :1], b, log_var), bumps))
    if name == "plane":
        bumps = Mixture(1.5 * rng.standard_normal((3, 2)), 0.4)
        return Chain((Gaussian(turn * [1.2, 0.8], b, log_var), bumps))
    if name == "fold":
        # Both arms of a parabola, nearly: far inputs z and -z look alike.
        V, a = np.array([[1.5], [-1.5]]), np.array([-1.5, -1.5])
        U = np.array([[1.5, 1.5], [0.3, -0.3]])
        return Chain((ddc.Network(V, a, turn @ U, b, log_var), ddc.StandardNormal(1)))
    B = rng.uniform(0.5, 1.0) * rng.choice([-1, 1])
    return Chain(
        (Gaussian(1.2 * turn[:, :1], b, log_var), Laplace([[B]]), Mixture([[-2], [2]], 0.3))
    )


def normal(z: np.ndarray, mean: np.ndarray, sd: float) -> np.ndarray:
    """Density of independent normal coordinates, but for a constant."""
    return np.exp(-((z - mean) ** 2).sum(axis=1) / (2 * sd**2))


def bumps(prior: Mixture, z: np.ndarray) -> np.ndarray:
    return sum(
        share * normal(z, mean, prior.sd)
        for share, mean in zip(prior.shares, prior.means, strict=True)
    )


def exact_codes(model: Chain, encodings: Sequence[Encoding], x: np.ndarray) -> Values:
    """E[T_l(z_l) | x] by sums over even grids, with densities written out."""
    bottom, top = model.layers[0], model.layers[-1]
    if model.depth == 2:
        z, z_2 = np.linspace(-40, 40, 4001)[:, None], np.linspace(-3.5, 3.5, 141)[:, None]
        scale = np.log1p(np.exp(z_2[:, 0] * model.layers[1].B[0, 0]))
        joint = np.exp(-np.abs(z) / scale) / scale * bumps(top, z_2)
        prior = joint.sum(axis=1)
    elif isinstance(top, Mixture):
        lines = [np.linspace(-7, 7, 141 if top.n_y == 2 else 2001)] * top.n_y
        z = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, top.n_y)
        prior = bumps(top, z)
    else:
        z = np.linspace(-6, 6, 2001)[:, None]
        prior = np.exp(-(z[:, 0] ** 2) / 2)
    if isinstance(bottom, Gaussian):
        mean = z @ bottom.A.T + bottom.b
    else:
        mean = np.tanh(z @ bottom.V.T + bottom.a) @ bottom.U.T + bottom.b
    sd = math.exp(bottom.log_var[0] / 2)
    posterior = np.array([prior * normal(mean, row, sd) for row in x])
    posterior /= posterior.sum(axis=1, keepdims=True)
    codes = [posterior @ encodings[0](z)]
    if model.depth == 2:
        codes.append(posterior / prior @ joint @ encodings[1](z_2))
    return tuple(codes)


def pooled(found: np.ndarray, exact: np.ndarray) -> float:
    """R^2 over all functions but the constant."""
    found, exact = found[:, :-1], exact[:, :-1]
    return 1 - ((found - exact) ** 2).sum() / ((exact - exact.mean(axis=0)) ** 2).sum()


def functions(
    dreams: Values, rng: np.random.Generator, kind: str = "relu", gain: float = 1.0
) -> tuple:
    """Features of x and encodings of every latent, placed where the dreams are."""
    few = [values[:2000] for values in dreams]
    features = Encoding.random(rng, few[0], 120, kind)
    return features, [Encoding.random(rng, z, 60, gain=gain) for z in few[1:]]


@pytest.mark.parametrize("noise", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("name", ["line", "plane", "fold", "layers"])
def test_codes_are_posterior_expectations(name: str, noise: float) -> None:
    rng = np.random.default_rng([ord(name[0]), int(10 * noise)])
    model = random_model(name, noise, rng)
    dreams = model.sample(rng, DREAMS)
    features, encodings = functions(dreams, rng, gain=3.0 if name == "layers" else 1.0)
    recogniser = ddc.recognise(dreams, features, encodings, ridge=2e-5)
    x = model.sample(rng, 200)[0]
    exact = exact_codes(model, encodings, x)
    codes = recogniser.codes(x)
    assert len(codes) == model.depth
    for r, expected in zip(codes, exact, strict=True):
        assert r.shape == expected.shape
        assert pooled(r, expected) >= 0.98
        np.testing.assert_allclose(r[:, -1], 1, atol=0.05)


def patterns(n: int) -> np.ndarray:
    return np.array(oracles.patterns(n), dtype=float)


def binary(seed: int) -> tuple[Chain, SimpleNamespace]:
    """A random machine 4-3-2, and as the oracle knows it."""
    rng = np.random.default_rng(seed)
    G = [1.5 * rng.standard_normal(shape) for shape in ((4, 3), (3, 2))]
    biases = [rng.standard_normal(n) for n in (4, 3, 2)]
    model = Chain((Bernoulli(G[0], biases[0]), Bernoulli(G[1], biases[1]), Coins(biases[2])))
    return model, SimpleNamespace(weights=G, biases=biases)


def enumerated_codes(gen: SimpleNamespace, encodings: Sequence[Callable], x: np.ndarray) -> Values:
    """E[T_l(z_l) | x], one pattern of causes after the other."""
    codes = ([], [])
    for row in x:
        sums = [0.0, 0.0]
        for v, log_p in oracles.log_posterior(gen, row).items():
            for l, z in enumerate((v[:3], v[3:])):
                sums[l] = sums[l] + math.exp(log_p) * encodings[l](np.array([z], dtype=float))[0]
        for code, one in zip(codes, sums, strict=True):
            code.append(one)
    return tuple(np.array(code) for code in codes)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_codes_of_binary_machines_by_enumeration(seed: int) -> None:
    model, gen = binary(seed)
    rng = np.random.default_rng(seed)
    dreams = model.sample(rng, DREAMS)
    features, encodings = functions(dreams, rng, "tanh")
    recogniser = ddc.recognise(dreams, features, encodings, ridge=2e-5)
    x = model.sample(rng, 300)[0]
    which = (x @ [8, 4, 2, 1]).astype(int)
    exact = enumerated_codes(gen, encodings, patterns(4))
    for r, expected in zip(recogniser.codes(x), exact, strict=True):
        np.testing.assert_array_equal(patterns(4)[which], x)
        assert pooled(r, expected[which]) >= 0.98


def indicators(n: int) -> Callable[[np.ndarray], np.ndarray]:
    """One function for each pattern of n units."""
    states = patterns(n)
    return lambda z: (np.asarray(z)[:, None, :] == states).all(axis=2).astype(float)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_chain_is_exact_where_the_functions_can_tell_all_states_apart(seed: int) -> None:
    """r_1 = R_1 phi(x) and r_2 = R_2 r_1: x enters the second map through r_1 alone."""
    _, gen = binary(seed)
    states = patterns(9)
    dreams = states[:, :4], states[:, 4:7], states[:, 7:]
    p = [math.exp(oracles.log_joint(gen, row[4:], row[:4])) for row in states]
    any_functions = Encoding.random(np.random.default_rng(seed), dreams[2], 6)
    encodings = [indicators(3), any_functions]
    recogniser = ddc.recognise(dreams, indicators(4), encodings, 1e-12, p)
    x = patterns(4)
    r_1, r_2 = recogniser.codes(x)
    for found, exact in zip((r_1, r_2), enumerated_codes(gen, encodings, x), strict=True):
        np.testing.assert_allclose(found, exact, atol=1e-7)
    # R_1 holds P[z_1 | x], R_2 E[T_2 | z_1]: no weights are right but these.
    R_1, R_2 = recogniser.maps
    assert R_1.shape == (8, 16)
    assert R_2.shape == (9, 8)
    np.testing.assert_allclose(R_1.sum(axis=0), 1, atol=1e-7)
    np.testing.assert_allclose(R_2[-1], 1, atol=1e-7)
    np.testing.assert_allclose(r_2, (R_2 @ (R_1 @ indicators(4)(x).T)).T, atol=1e-12)


def small(n: int = 300, seed: int = 5) -> tuple[Values, Encoding, list[Encoding]]:
    """Dreams of two layers of latents, and functions of them."""
    rng = np.random.default_rng(seed)
    dreams = random_model("layers", 0.5, rng).sample(rng, n)
    few = dreams[0], *dreams[1:]
    features = Encoding.random(rng, few[0], 12, kind="relu")
    return (
        dreams,
        features,
        [Encoding.random(rng, z, k) for z, k in zip(few[1:], (8, 5), strict=True)],
    )


def least_squares(F: np.ndarray, Y: np.ndarray, ridge: float, share: np.ndarray) -> np.ndarray:
    root = np.sqrt(share)[:, None]
    rows = np.vstack([root * F, math.sqrt(ridge) * np.eye(F.shape[1])])
    wanted = np.vstack([root * Y, np.zeros((F.shape[1], Y.shape[1]))])
    return np.linalg.lstsq(rows, wanted, rcond=None)[0]


@pytest.mark.parametrize("weighted", [False, True])
def test_each_map_is_least_squares_from_one_variable_to_the_next(weighted: bool) -> None:
    dreams, features, encodings = small()
    weights = np.random.default_rng(6).random(300) if weighted else np.ones(300)
    recogniser = ddc.recognise(
        dreams, features, encodings, (0.03, 1e-4), weights if weighted else None
    )
    share = weights / weights.sum()
    phi, T_1, T_2 = features(dreams[0]), encodings[0](dreams[1]), encodings[1](dreams[2])
    R_1, R_2 = recogniser.maps
    np.testing.assert_allclose(R_1.T, least_squares(phi, T_1, 0.03, share), atol=1e-8)
    np.testing.assert_allclose(R_2.T, least_squares(T_1, T_2, 1e-4, share), atol=1e-7)


def test_recognise_learns_what_a_night_learns() -> None:
    dreams, features, encodings = small()
    alone = ddc.recognise(dreams, features, encodings, 1e-3)
    night = ddc.sleep(dreams, features, encodings, 1e-3)
    for one, two in zip(alone.maps, night.recogniser.maps, strict=True):
        np.testing.assert_array_equal(one, two)
    x = dreams[0][:7]
    for one, two in zip(alone.codes(x), alone.climb(features(x)), strict=True):
        np.testing.assert_array_equal(one, two)
    # One observation's code does not depend on those beside it.
    np.testing.assert_allclose(alone.codes(x[3:4])[1], alone.codes(x)[1][3:4], atol=1e-12)


def test_any_functions_will_do() -> None:
    """phi and T are whatever maps rows to rows; here the powers of x and of z."""
    dreams, _, _ = small()
    powers = [lambda z: np.hstack([z**0, z, z**2])] * 3
    recogniser = ddc.recognise(
        tuple(values[:, :1] for values in dreams), powers[0], powers[1:], 1e-6
    )
    assert [R.shape for R in recogniser.maps] == [(3, 3), (3, 3)]
    np.testing.assert_allclose(recogniser.codes(dreams[0][:, :1])[0][:, 0], 1, atol=1e-3)


def test_fewer_dreams_than_functions_warns_with_the_numbers_and_gives_codes() -> None:
    dreams, features, encodings = small()
    few = tuple(values[:10] for values in dreams)
    with pytest.warns(RuntimeWarning) as caught:
        recogniser = ddc.recognise(few, features, encodings)
    said = [str(w.message) for w in caught]
    assert any("features: 10 rows for 15 functions" in s for s in said), said
    assert len(said) == 1 + (encodings[0].size > 10) + (encodings[1].size > 10)
    assert all(w.filename == __file__ for w in caught)
    share = np.full(10, 0.1)
    expected = least_squares(features(few[0]), encodings[0](few[1]), 1e-3, share)
    np.testing.assert_allclose(recogniser.maps[0].T, expected, atol=1e-8)


def test_functions_that_never_change_warn_with_their_number_and_give_codes() -> None:
    dreams, features, encodings = small()

    def with_three(z: np.ndarray) -> np.ndarray:
        return np.hstack([encodings[1](z), np.full((len(z), 3), 0.1)])

    with pytest.warns(RuntimeWarning, match="z_2: 4 of 10 functions never change") as caught:
        recogniser = ddc.recognise(dreams, features, [encodings[0], with_three])
    assert len(caught) == 1
    assert np.isfinite(recogniser.codes(dreams[0][:5])[1]).all()


def test_healthy_dreams_warn_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ddc.recognise(*small())


NIGHT, PHI, T = small()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ddc.recognise(tuple(v[:0] for v in NIGHT), PHI, T), ("dreams", "no rows", "one")),
        (lambda: ddc.recognise((), PHI, T), ("encodings", "0 dreamt", "each layer")),
        (lambda: ddc.recognise(NIGHT, PHI, []), ("encodings", "0 item", "at least one")),
        (lambda: ddc.recognise(NIGHT, PHI, T[:1]), ("encodings", "1 item", "each layer")),
        (lambda: ddc.recognise(NIGHT, PHI, T[0]), ("encodings", "Encoding", "list")),
        (
            lambda: ddc.recognise((NIGHT[0], NIGHT[1][:9], NIGHT[2]), PHI, T),
            ("dreams", "9", "as many"),
        ),
        (lambda: ddc.recognise(None, PHI, T), ("dreams", "None", "array a layer")),
        (lambda: ddc.recognise(NIGHT, None, T), ("features", "None", "functions of the rows")),
        (lambda: ddc.recognise(NIGHT, PHI, None), ("encodings", "None", "list")),
        (lambda: ddc.recognise(NIGHT, PHI, [T[0], 5]), ("encodings[1]", "5", "functions of")),
        (
            lambda: ddc.recognise(NIGHT, lambda x: x[:, 0], T),
            ("features", "(300,)", "(300, K)", "K >= 1"),
        ),
        (lambda: ddc.recognise(NIGHT, lambda x: x[:9], T), ("features", "(9, 2)", "(300, K)")),
        (
            lambda: ddc.recognise(NIGHT, PHI, [T[0], lambda z: z[:, :0]]),
            ("encodings[1]", "(300, 0)", "K >= 1"),
        ),
        (lambda: ddc.recognise(NIGHT, lambda x: np.nan * x, T), ("features", "finite")),
        (lambda: ddc.recognise(NIGHT, PHI, T, 0), ("ridge", "0", "> 0")),
        (lambda: ddc.recognise(NIGHT, PHI, T, -1e-3), ("ridge", "-0.001", "> 0")),
        (lambda: ddc.recognise(NIGHT, PHI, T, (1e-3, 0.0)), ("ridge", "0.0", "> 0")),
        (lambda: ddc.recognise(NIGHT, PHI, T, (1, 1, 1)), ("ridge", "3 numbers", "one or two")),
        (lambda: ddc.recognise(NIGHT, PHI, T, math.nan), ("ridge", "nan", "> 0")),
        (lambda: ddc.recognise(NIGHT, PHI, T, weights=[1.0]), ("weights", "1", "300")),
        (lambda: ddc.recognise(NIGHT, PHI, T).codes([[1.0, math.nan]]), ("x", "nan", "finite")),
        (lambda: ddc.recognise(NIGHT, PHI, T).codes([1.0, 2.0]), ("x", "(2,)", "2 dim")),
    ],
)
def test_bad_input_is_named(call: Callable, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="accepted") as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value


SHORT = bench.Setting(features=60, encodings=30, test=100)


def test_the_curve_rises_with_the_number_of_dreams() -> None:
    rows = bench.codes_curve(noises=(1.0,), dreams=(200, 5000), seeds=(0, 1), setting=SHORT)
    assert len(rows) == 2 * 2 * (1 + 2)
    for name, layer in (("bumps", 1), ("layers", 1), ("layers", 2)):
        few, many = (
            [r.r_squared for r in rows if (r.model, r.layer, r.dreams) == (name, layer, M)]
            for M in (200, 5000)
        )
        assert len(few) == 2
        assert min(many) > 0.9
        assert min(few) < min(many) < 1
    again = bench.codes_curve(noises=(1.0,), dreams=(200, 5000), seeds=(0, 1), setting=SHORT)
    assert [r.r_squared for r in again] == [r.r_squared for r in rows]
    *_, last, _ = bench.table(rows).splitlines()
    found = {M: [r.r_squared for r in rows if (r.layer, r.dreams) == (2, M)] for M in (200, 5000)}
    expected = [f"{value:.3f}" for M in found for value in (np.mean(found[M]), min(found[M]))]
    assert last.split() == ["layers", "r_2", "1", *expected]


@pytest.mark.parametrize("name", ["bumps", "layers"])
def test_the_benchmark_knows_the_exact_codes(name: str) -> None:
    rng = np.random.default_rng(7)
    model = bench.random_model(name, rng, 0.5)
    x, *latents = model.sample(rng, 20)
    encodings = [Encoding.random(rng, z, 5) for z in latents]
    ours = bench.exact_codes(model, encodings, x)
    for one, two in zip(ours, exact_codes(model, encodings, x), strict=True):
        np.testing.assert_allclose(one, two, atol=2e-3)
