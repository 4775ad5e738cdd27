"""Image patches and digits, two parts of `python -m benchmarks.ddc`.

All methods of a part have the same data, split and start, and learn for about `SECONDS`. Steps are
counted, not timed, so that the same seed gives the same numbers; `PER_SECOND` says how many a
quiet core does.

"DDC code" reads every layer off codes. "DDC score" learns the upper layers from codes and the
bottom layer from features of x directly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.spatial.distance import cdist, pdist

from benchmarks.judging import Way, judged
from hmlib import datasets, ddc, importance, layered, learning, rivals
from hmlib.course.nb10.rivals_table import Row
from hmlib.ddc.encodings import Features

Array = NDArray[np.float64]
Budgeted = Callable[[np.random.Generator, int], Iterable]
"""From a random generator and a number of steps to the steps of learning."""

SECONDS = 30.0
"""Of learning, for every method."""

PER_SECOND = {
    "patches": {"DDC code": 12, "DDC score": 15, "IWAE": 180},
    "digits": {
        "DDC code": 18,
        "DDC score": 20,
        "reweighted": 300,
        "wake-sleep": 3000,
        "IWAE": 180,
    },
}
"""Steps that a core does in a second; rounded."""

DREAMS = 4000
"""Dreams that each method is judged by."""


# Functions of x and of z.


def standardised(raw: Features, points: Array) -> Features:
    """The functions, each with mean 0 and spread 1 over the points, and a constant behind them."""
    values = raw(points)
    centre, spread = values.mean(axis=0), values.std(axis=0)
    spread = np.maximum(spread, 0.1 * np.median(spread))
    return lambda x: np.column_stack([(raw(x) - centre) / spread, np.ones(len(x))])


@dataclass(frozen=True)
class Bumps:
    """exp(-|x - c|^2 / (2 s^2)) around centres c, shape (k, d)."""

    centres: Array
    width: float

    @classmethod
    def at(cls, rng: np.random.Generator, points: Array, n: int, wide: float = 1.0) -> Bumps:
        """Centres among the points; s is half their median distance, times `wide`."""
        centres = points[rng.choice(len(points), n, replace=False)]
        return cls(centres, wide * float(np.median(pdist(points[:1000]))) / 2)

    def __call__(self, x: Array) -> Array:
        return np.exp(-cdist(x, self.centres, "sqeuclidean") / (2 * self.width**2))


@dataclass(frozen=True)
class Scales:
    """What shows the scale of a: log(eps + energy) of groups of its units and along directions.

    Attributes:
        groups: shares of the units in each group, shape (d, groups), columns of sum 1.
        directions: shape (d, directions).
        eps: energies far below it look alike.
    """

    groups: Array
    directions: Array
    eps: float = 0.05

    @classmethod
    def random(cls, rng: np.random.Generator, d: int, n: int = 20) -> Scales:
        """All units together, n random groups of them and n random directions."""
        inside = rng.random((d, n)) < rng.choice([0.1, 0.2, 0.5], n)
        inside[rng.integers(d, size=n), np.arange(n)] = True
        groups = np.column_stack([np.ones(d), inside])
        return cls(groups / groups.sum(axis=0), rng.standard_normal((d, n)) / np.sqrt(d))

    def __call__(self, a: Array) -> Array:
        energies = np.column_stack([a**2 @ self.groups, (a @ self.directions) ** 2])
        return np.log(self.eps + energies)


# Patches: the hierarchical variance model, 256-50-2.

N_1, N_2 = 50, 2
N_PATCHES = 2048
GRID_STEP = 0.15
"""Of the grid over z_2 on which log likelihoods are summed."""

NOISE = 0.1
"""Share of the noise in the variance of the leading components, at the start."""

BOTTOM = 0.02, 0.3
"""What A and b, and the log variances, take of every move of DDC. Adam moves all weights by as
much as it moves one: at full rate, 12,800 of them would walk at random and drown the rest."""


class Basis(ddc.Gaussian):
    """A Gaussian layer whose weights are nearly right from the start, and so move less."""

    def scales(self, spread: Array) -> Array:
        weights, log_var = self.A.size + self.b.size, self.log_var.size
        return super().scales(spread) * np.repeat(BOTTOM, (weights, log_var))

    def pull(self, z: Array, t: Array, w: Array) -> Array:
        """The gradient without a Jacobian: 2000 dreams of 256 pixels would take 0.4 GB."""
        m, v = z @ self.A.T + self.b, np.exp(self.log_var)
        t_y, t_yy = t[..., 0], t[..., 1]
        d_m = (t_y - w[:, None] * m) / v
        d_log_var = ((t_yy - 2 * m * t_y + w[:, None] * m**2) / v - w[:, None]).sum(axis=0) / 2
        return np.concatenate([(d_m.T @ z).ravel(), d_m.sum(axis=0), d_log_var])


def turned(seed: int) -> tuple[Array, Array, Array]:
    """Patches along the principal components of those learnt from, in units of their spread.

    A rotation and one common scale: distances keep their proportions. No two patches share a
    pixel; half of them, another half for each seed, are learnt from.

    Returns:
        Training and test patches, shapes (2048, 256), and the variances of the components,
        largest first.
    """
    kept = datasets.patches()
    train, test = halves(np.concatenate([kept.train, kept.test]), seed, N_PATCHES)
    variances, axes = np.linalg.eigh(np.cov(train.T))
    unit, centre = np.sqrt((train**2).mean()), train.mean(axis=0)
    train, test = (((u - centre) @ axes[:, ::-1]) / unit for u in (train, test))
    # The mean of each patch is removed, so that one component has no variance of its own.
    return train, test, np.maximum(variances[::-1], 0.3 * variances[5]) / unit**2


def halves(u: Array, seed: int, n_train: int) -> tuple[Array, Array]:
    """Rows to learn from and rows to test, another choice for each seed."""
    order = np.random.default_rng([seed, 0]).permutation(len(u))
    return u[order[:n_train]], u[order[n_train:]]


def variance_model(rng: np.random.Generator, variances: Array) -> ddc.Chain:
    """The start of all methods: components from the data, one common scale above all of them."""
    A = np.zeros((variances.size, N_1))
    A[:N_1] = np.diag(np.sqrt((1 - NOISE) * variances[:N_1]))
    log_var = np.log(variances) + np.where(np.arange(variances.size) < N_1, np.log(NOISE), 0.0)
    B = 0.2 * rng.standard_normal((N_1, N_2)) + 0.5 * np.eye(N_2)[0]
    layers = (
        Basis(A, np.zeros(variances.size), log_var),
        ddc.GaussianScale(B, np.zeros(N_1)),
        ddc.StandardNormal(N_2),
    )
    return ddc.Chain(layers)


def learn_patches(
    mode: str, train: Array, variances: Array, rng: np.random.Generator, steps: int
) -> Iterable:
    """The recipe of DDC: all functions see scale."""
    model = variance_model(rng, variances)
    x, z_1, z_2 = model.sample(rng, 3000)
    points = np.concatenate([train[rng.choice(len(train), 1500, replace=False)], x[:1500]])
    white, seen = 1 / np.sqrt(variances[:N_1]), Scales.random(rng, N_1)
    near, above, near_above = (
        Bumps.at(rng, points, 60),
        Scales.random(rng, N_1),
        Bumps.at(rng, z_1, 60),
    )

    def features(x: Array) -> Array:
        a = x[:, :N_1] * white
        return np.column_stack([seen(a), np.abs(a), a, near(x)])

    def encoding(z: Array) -> Array:
        return np.column_stack([above(z), np.log(above.eps + z**2), z, z**2, near_above(z)])

    return ddc.fit(
        model, train, rng, mode, steps, partial(falling, 0.03, steps), n_dreams=1500,
        features=standardised(features, points),
        encodings=[standardised(encoding, z_1), ddc.Encoding.random(rng, z_2, 20)],
        ridge=1e-2, memory=0.9, every=steps, watch=steps + 1,
    )  # fmt: skip


def autoencode_patches(
    train: Array, variances: Array, rng: np.random.Generator, steps: int
) -> Iterable:
    """IWAE with K = 10; its rates, minibatch and width are the best of eight tried."""
    return rivals.fit(
        variance_model(rng, variances), train, rng, k=10, steps=steps, minibatch=50,
        rate=lambda done: (late(0.001, steps, done), late(0.003, steps, done)),
        encoder_units=200, every=steps,
    )  # fmt: skip


def exact_log_likelihood(model: ddc.Chain, x: Array, step: float) -> Array:
    """log p(x) of each patch: z_1 integrated in closed form, z_2 on a grid, shape (n,).

    Given z_2, x is normal with covariance A D A^T + V, D the variances of z_1 and V of the noise;
    with M = I + D^(1/2) A^T V^-1 A D^(1/2) its inverse and determinant need 50 x 50 numbers.
    """
    bottom, scale = model.layers[:2]
    v, r = np.exp(bottom.log_var), x - bottom.b
    Q, y = bottom.A.T @ (bottom.A / v[:, None]), (r / v @ bottom.A).T
    alone = -((r**2 / v).sum(axis=1) + bottom.log_var.sum() + v.size * np.log(2 * np.pi)) / 2
    grid = np.arange(-5, 5 + step / 2, step)
    total = np.full(len(x), -np.inf)
    for z in np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, N_2):
        sd = np.exp((scale.B @ z + scale.c) / 2)
        L = np.linalg.cholesky(np.eye(sd.size) + sd[:, None] * Q * sd)
        u = solve_triangular(L, sd[:, None] * y, lower=True, check_finite=False)
        prior = -(z @ z) / 2 - np.log(2 * np.pi) + 2 * np.log(step)
        here = alone + (u**2).sum(axis=0) / 2 - np.log(np.diag(L)).sum() + prior
        np.logaddexp(total, here, out=total)
    return total


def patches(data: str, seed: int, quick: bool = False) -> list[Row]:
    """One split of the 16 x 16 patches: DDC in two modes and IWAE (K = 10).

    Log likelihoods are exact but for the grid.
    """
    train, test, variances = turned(seed)
    ways: dict[str, Budgeted] = {
        "DDC code": partial(learn_patches, "code", train, variances),
        "DDC score": partial(learn_patches, "score", train, variances),
        "IWAE": partial(autoencode_patches, train, variances),
    }

    def likelihood(step: ddc.DDCStep | rivals.AutoencoderStep) -> tuple[float, float]:
        return float(exact_log_likelihood(step.gen, test, GRID_STEP).mean()), 0.0

    return judged(data, seed, budgeted(data, ways, quick), test, likelihood, n_dreams=DREAMS)


# Digits: a sigmoid belief network, 64-32-16-8.

SIZES = (64, 32, 16, 8)
N_DIGITS = 1000
JUDGE_STEPS, GUESSES = 15_000, 2000
"""Steps of the recognition model that log likelihoods are sampled with, and guesses a digit."""


def shuffled(seed: int) -> tuple[Array, Array]:
    """1000 digits to learn from and 797 to test, another choice for each seed."""
    kept = datasets.digits()
    return halves(np.concatenate([kept.train, kept.test]), seed, N_DIGITS)


def belief_network(rng: np.random.Generator, train: Array) -> ddc.Chain:
    """The start of DDC: weights onto the pixels along the data's 20 principal components.

    Biases make up for causes that are on half of the time.
    """
    variances, axes = np.linalg.eigh(np.cov(train.T))
    along = axes[:, -20:] * np.sqrt(variances[-20:])
    weights = [16 * along @ rng.standard_normal((20, SIZES[1])) / np.sqrt(SIZES[1])]
    weights += [
        2 * rng.standard_normal((low, high)) / np.sqrt(high) for low, high in pairwise(SIZES[1:])
    ]
    on = (train.sum(axis=0) + 1) / (len(train) + 2)
    drives = np.log(on / (1 - on)), *(np.zeros(size) for size in SIZES[1:-1])
    layers = [
        ddc.Bernoulli(G, drive - G.sum(axis=1) / 2)
        for G, drive in zip(weights, drives, strict=True)
    ]
    return ddc.Chain((*layers, ddc.Coins(np.zeros(SIZES[-1]))))


def learn_digits(mode: str, train: Array, rng: np.random.Generator, steps: int) -> Iterable:
    """The recipe of DDC: wide bumps and kinks for x, kinks for the causes."""
    model = belief_network(rng, train)
    x, *causes = model.sample(rng, 2000)
    points = np.concatenate([train, x[:1000]])
    near, kinks = Bumps.at(rng, points, 110, wide=1.5), relus(rng, points, 40)

    def encoding(z: Array) -> Features:
        tanh = ddc.Encoding.random(rng, z, 40)
        return standardised(lambda z: tanh(z)[:, :-1], z)

    return ddc.fit(
        model, train, rng, mode, steps, partial(falling, 0.03, steps), n_dreams=3000,
        features=standardised(lambda x: np.column_stack([x, kinks(x), near(x)]), points),
        encodings=[encoding(z) for z in causes], ridge=(3e-3, 1e-3), memory=0.9,
        every=steps, watch=steps + 1,
    )  # fmt: skip


def relus(rng: np.random.Generator, points: Array, n: int) -> Features:
    """Random kinks, without the coordinates and the constant."""
    kinks = ddc.Encoding.random(rng, points, n, kind="relu", linear=False)
    return lambda x: kinks(x)[:, :-1]


def guess_digits(reweighted: bool, train: Array, rng: np.random.Generator, steps: int) -> Iterable:
    """Wake-sleep, or reweighted wake-sleep with K = 10, from the start of DDC."""
    gen = as_layered(belief_network(rng, train))
    rec = layered.LayeredRecognition.random(rng, *SIZES, scale=0.1)
    if reweighted:
        rule, rate = partial(learning.reweighted_wake_sleep, k=10), 0.02
    else:
        rule, rate = learning.wake_sleep, 0.01
    return rule(
        gen, rec, train, rate=partial(falling, rate, steps), steps=steps, minibatch=100,
        optimiser="adam", rng=rng, every=steps,
    )  # fmt: skip


def autoencode_digits(train: Array, rng: np.random.Generator, steps: int) -> Iterable:
    """IWAE with K = 10: as many units, but normal ones, since it needs a gradient through them."""
    bottom = belief_network(rng, train).layers[0]
    uppers = [
        ddc.Gaussian(0.3 * rng.standard_normal((low, high)), np.zeros(low), np.zeros(low))
        for low, high in pairwise(SIZES[1:])
    ]
    model = ddc.Chain((bottom, *uppers, ddc.StandardNormal(SIZES[-1])))
    rate = partial(late, 0.01, steps)
    return rivals.fit(model, train, rng, k=10, steps=steps, rate=rate, minibatch=100, every=steps)


def as_layered(model: ddc.Chain) -> layered.Layered:
    """The same machine, as the learning rules of the earlier notebooks have it."""
    *layers, top = model.layers
    return layered.Layered(
        tuple(layer.G for layer in layers), (*(layer.h for layer in layers), top.ravel())
    )


def digits(data: str, seed: int, quick: bool = False) -> list[Row]:
    """One split of the binary 8 x 8 digits: DDC in two modes and its rivals.

    Log likelihoods are importance sampled; for binary causes with a recognition model that is
    learnt from dreams, the same for every method; for IWAE with its encoder.
    """
    train, test = shuffled(seed)
    ways: dict[str, Budgeted] = {
        "DDC code": partial(learn_digits, "code", train),
        "DDC score": partial(learn_digits, "score", train),
        "reweighted": partial(guess_digits, True, train),
        "wake-sleep": partial(guess_digits, False, train),
        "IWAE": partial(autoencode_digits, train),
    }

    def likelihood(step: Any) -> tuple[float, float]:
        if isinstance(step, rivals.AutoencoderStep):
            found = rivals.estimate(step.gen, step.encoder, test, np.random.default_rng(0), k=500)
            return found.mean, found.error
        gen = as_layered(step.gen) if isinstance(step.gen, ddc.Chain) else step.gen
        return sampled_log_likelihood(gen, train, test, JUDGE_STEPS)

    return judged(data, seed, budgeted(data, ways, quick), test, likelihood, n_dreams=DREAMS)


def sampled_log_likelihood(
    gen: layered.Layered, train: Array, test: Array, steps: int
) -> tuple[float, float]:
    """Mean log p(test) with a recognition model learnt from dreams, and its standard error."""
    rng = np.random.default_rng(0)
    rec = layered.LayeredRecognition.random(rng, *SIZES, scale=0.1)
    *_, last = learning.wake_sleep(
        gen, rec, train, rate=partial(falling, 0.02, steps), steps=steps, minibatch=100,
        optimiser="adam", rng=rng, phases="sleep", every=steps,
    )  # fmt: skip
    return importance.estimate(gen, last.rec, test, rng, GUESSES).means()["log_likelihood"]


# Budgets.


def budgeted(data: str, ways: dict[str, Budgeted], quick: bool) -> dict[str, Way]:
    """Every method with the steps that its seconds allow; quick is a tenth of them."""
    seconds = SECONDS / (10 if quick else 1)
    return {
        method: partial(way, steps=max(2, round(seconds * PER_SECOND[data][method])))
        for method, way in ways.items()
    }


def falling(rate: float, steps: int, done: int) -> float:
    """A rate that falls to a fiftieth along a line."""
    return rate * max(0.02, 1 - done / steps)


def late(rate: float, steps: int, done: int) -> float:
    """The same, but only in the second half."""
    return rate * float(np.clip(2 * (1 - done / steps), 0.02, 1))
