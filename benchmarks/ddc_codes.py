"""Codes against the number of dreams behind them: `python -m benchmarks.ddc_codes`.

The recognition chain r_1 = R_1 phi(x), r_l = R_l r_(l-1) is learnt from M dreams of a random small
model, and held against the exact posterior expectation E[T_l(z_l) | x], worked out by sums over
grids of the latents, at fresh observations x drawn from the model. Printed is the pooled R^2 of
each layer's code over all its encodings (but the constant), for

- bumps: z_1 from four bumps in the plane, x a linear map of it plus noise;
- layers: z_2 from two bumps, z_1 Laplace with a scale that z_2 sets, x a linear map plus noise.

It is done for encodings of two gains. In `layers` one bump of z_2 makes z_1 far narrower than the
other: encodings as wide as all of z_1 together cannot tell the two apart near 0, and no number of
dreams mends that.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hmlib import ddc

DREAMS = (200, 1000, 5000, 50_000)
NOISES = (0.2, 0.5, 1.0)
SEEDS = (0, 1, 2, 3, 4)
GAINS = (1.0, 3.0)


@dataclass(frozen=True)
class Setting:
    """What every code is learnt with.

    Attributes:
        features: random ReLU features of x.
        encodings: random tanh encodings of each layer.
        gain: how sharp the encodings are.
        prior: what the ridge is for one dream; for M dreams it is prior / M.
        test: fresh observations that a code is judged on.
    """

    features: int = 150
    encodings: int = 100
    gain: float = 1.0
    prior: float = 1.0
    test: int = 300


@dataclass(frozen=True)
class Row:
    """One code of one model.

    Attributes:
        model: "bumps" or "layers".
        noise: standard deviation of x around its mean.
        dreams: M.
        seed: of the model, its encodings and its dreams.
        layer: l of the code r_l.
        r_squared: pooled, against the exact posterior expectation.
        seconds: that learning the whole recognition chain took.
    """

    model: str
    noise: float
    dreams: int
    seed: int
    layer: int
    r_squared: float
    seconds: float


def random_model(name: str, rng: np.random.Generator, noise: float) -> ddc.Chain:
    """A random small model of this name, with noise of this standard deviation."""
    log_var = np.full(2, 2 * np.log(noise))
    turn, _ = np.linalg.qr(rng.standard_normal((2, 2)))
    if name == "bumps":
        bottom = ddc.Gaussian(turn * [1.2, 0.8], np.zeros(2), log_var)
        return ddc.Chain((bottom, ddc.Mixture(1.5 * rng.standard_normal((4, 2)), 0.4)))
    bottom = ddc.Gaussian(1.2 * turn[:, :1], np.zeros(2), log_var)
    B = rng.uniform(0.5, 1.2) * rng.choice([-1, 1])
    return ddc.Chain((bottom, ddc.Laplace([[B]]), ddc.Mixture([[-3.0], [3.0]], 0.1)))


def grids(model: ddc.Chain) -> tuple[np.ndarray, ...]:
    """Points of every layer of latents, evenly spaced, that no part of the posterior escapes."""
    top = model.layers[-1].means
    if model.depth == 1:
        low, high = top.min() - 2.4, top.max() + 2.4
        line = np.arange(low, high, 0.08)
        return (np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2),)
    upper = np.concatenate([c + np.linspace(-0.5, 0.5, 41) for c in top.ravel()])
    return np.linspace(-60, 60, 4001)[:, None], upper[:, None]


def exact_codes(
    model: ddc.Chain, encodings: Sequence[ddc.Encoding], x: np.ndarray
) -> tuple[np.ndarray, ...]:
    """E[T_l(z_l) | x] of every layer, shapes (n, K_l), by sums over grids."""
    points = grids(model)
    bottom, top = model.layers[0], model.layers[-1]
    prior = np.exp(top.log_prob(points[-1]))
    if model.depth == 2:
        n, m = len(points[0]), len(points[1])
        pairs = np.repeat(points[0], m, axis=0), np.tile(points[1], (n, 1))
        joint = np.exp(model.layers[1].log_prob(*pairs)).reshape(n, m) * prior
        prior = joint.sum(axis=1)
    codes = []
    T = [encoding(z) for encoding, z in zip(encodings, points, strict=True)]
    if model.depth == 2:
        # E[T_2 | z_1]: given z_1, x says nothing more about z_2.
        T[1] = joint @ T[1] / prior[:, None]
    mean = points[0] @ bottom.A.T + bottom.b
    precision = np.exp(-bottom.log_var)
    for row in x:
        log_p = -((row - mean) ** 2 @ precision) / 2
        p = np.exp(log_p - log_p.max()) * prior
        codes.append([p @ each / p.sum() for each in T])
    return tuple(np.array(code) for code in zip(*codes, strict=True))


def codes_curve(
    names: Sequence[str] = ("bumps", "layers"),
    noises: Sequence[float] = NOISES,
    dreams: Sequence[int] = DREAMS,
    seeds: Sequence[int] = SEEDS,
    setting: Setting | None = None,
) -> list[Row]:
    """Pooled R^2 of every code of random models, for every number of dreams.

    One model, its encodings and its test observations serve all numbers of dreams.
    """
    setting = setting or Setting()
    rows = []
    for name in names:
        for noise in noises:
            for seed in seeds:
                rows += _one_model(name, noise, seed, dreams, setting)
    return rows


def _one_model(
    name: str, noise: float, seed: int, dreams: Sequence[int], setting: Setting
) -> list[Row]:
    rng = np.random.default_rng(seed)
    model = random_model(name, rng, noise)
    x, *latents = model.sample(rng, 1000)
    features = ddc.Encoding.random(rng, x, setting.features, kind="relu")
    encodings = [ddc.Encoding.random(rng, z, setting.encodings, gain=setting.gain) for z in latents]
    fresh = model.sample(rng, setting.test)[0]
    exact = exact_codes(model, encodings, fresh)
    rows = []
    for M in dreams:
        night = model.sample(rng, M)
        start = time.perf_counter()
        recogniser = ddc.sleep(night, features, encodings, setting.prior / M).recogniser
        seconds = time.perf_counter() - start
        for l, (r, expected) in enumerate(
            zip(recogniser.codes(fresh), exact, strict=True), start=1
        ):
            fit = ddc.r_squared(r[:, :-1], expected[:, :-1])
            rows.append(Row(name, noise, M, seed, l, fit, seconds))
    return rows


def table(rows: Sequence[Row]) -> str:
    """Median and worst R^2 over the seeds, a line for each code and noise."""
    dreams = sorted({row.dreams for row in rows})
    head = "".join(f"{f'M = {M}':>18}" for M in dreams)
    lines = [
        f"{'model':<8}{'code':<6}{'noise':>6}{head}",
        f"{'':20}" + f"{'median  worst':>18}" * len(dreams),
    ]
    keys = dict.fromkeys((row.model, row.layer, row.noise) for row in rows)
    for model, layer, noise in sorted(keys):
        cells = []
        for M in dreams:
            found = [
                row.r_squared
                for row in rows
                if (row.model, row.layer, row.noise, row.dreams) == (model, layer, noise, M)
            ]
            cells.append(f"{statistics.median(found):11.3f}{min(found):7.3f}")
        lines.append(f"{model:<8}{f'r_{layer}':<6}{noise:>6g}" + "".join(cells))
    seconds = []
    for M in dreams:
        took = statistics.median(row.seconds for row in rows if row.dreams == M)
        seconds.append(f"{took:18.3f}")
    lines.append(f"{'seconds, median':<20}" + "".join(seconds))
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="random models a row")
    seeds = range(parser.parse_args(arguments).seeds)
    print(
        f"Pooled R^2 of codes against exact posterior expectations, {len(seeds)} random models a "
        "row, one core."
    )
    for gain in GAINS:
        setting = Setting(gain=gain)
        print(
            f"\n{setting.features} ReLU features, {setting.encodings} tanh encodings of gain "
            f"{gain:g} a layer, ridge {setting.prior:g} / M\n"
        )
        print(table(codes_curve(seeds=seeds, setting=setting)))


if __name__ == "__main__":
    main()
