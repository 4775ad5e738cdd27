"""The recipes of the DDC notebooks: which chain learns which data, at which rates, for how long.

A recipe has a fixed number of steps and never looks at a clock: same generator, same machine.
`python -m benchmarks.ddc` tries them on seeds that they were not tuned on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import datasets
from hmlib._checks import count, generator, rows
from hmlib.binary import Generative
from hmlib.datasets import Patterns
from hmlib.ddc.chain import Chain
from hmlib.ddc.families import Bernoulli, Gaussian, Laplace
from hmlib.ddc.fit import fit
from hmlib.ddc.nightly import DDCStep
from hmlib.ddc.tops import Coins, Mixture
from hmlib.learning import Steps, two_stage

Array = NDArray[np.float64]

CURVE_STEPS, LAPLACE_STEPS, BARS_STEPS = 1500, 1000, 1000

_TOP = Mixture(np.array([[3.0], [-3.0]]), 0.1)
"""The prior of the layered Laplace model: fixed, and known to whoever learns it."""


def curve(
    x: ArrayLike,
    rng: np.random.Generator,
    wake: str = "code",
    steps: int | None = None,
    every: int | None = None,
) -> Steps[DDCStep]:
    """A network generator learnt from points in the plane by regressions, blurred.

    It is what `ddc.fit` took by itself before recognition was local, and a rung to compare with.

    Args:
        x: data, shape (n, d).
        rng: random generator.
        wake: "code", or "score", which uses no code here, there being one layer of latents.
        steps: number of steps; the recipe's own if None.
        every: steps from one record to the next; all of them if None.

    Returns:
        Iterator of steps.

    Raises:
        ValueError: if an argument is not accepted.
    """
    steps = count("steps", CURVE_STEPS if steps is None else steps)
    return fit(
        None, x, rng=rng, wake=wake, recognition="regression", steps=steps,
        every=_every(every, steps), watch=max(1, steps // 10),
    )  # fmt: skip


def layered_laplace(rng: np.random.Generator) -> Chain:
    """A random instance of the paper's synthetic model, to draw data from.

    z_2 lies about 3 or -3 (sd 0.1), z_1 ~ Laplace(0, softplus(B z_2)) has two units,
    x ~ N(A z_1, 0.3 I). B is uniform in +-[0.5, 1.2]; A is a random rotation times diag(1.2, 0.8).
    Source: Vértes & Sahani 2018, section 4; the ranges are this course's.
    """
    B = generator("rng", rng).uniform(0.5, 1.2, (2, 1)) * rng.choice([-1.0, 1.0], (2, 1))
    angle = rng.uniform(0, 2 * np.pi)
    c, s = np.cos(angle), np.sin(angle)
    A = np.array([[c, -s], [s, c]]) * [1.2, 0.8]
    return Chain((Gaussian(A, np.zeros(2), np.log([0.3, 0.3])), Laplace(B), _TOP))


def laplace_start(x: ArrayLike, rng: np.random.Generator) -> Chain:
    """The same model with random weights, and noise as large as the data's variance.

    The paper started every method at the truth; here nothing is known but the prior of z_2.
    """
    x = rows("x", x, 2)
    A = 0.5 * generator("rng", rng).standard_normal((2, 2))
    bottom = Gaussian(A, x.mean(axis=0), np.log(x.var(axis=0)))
    return Chain((bottom, Laplace(0.3 * rng.standard_normal((2, 1))), _TOP))


def laplace(
    x: ArrayLike,
    rng: np.random.Generator,
    wake: str = "score",
    steps: int = LAPLACE_STEPS,
    every: int | None = None,
) -> Steps[DDCStep]:
    """The layered Laplace model learnt from data and random weights.

    Args:
        x: data, shape (n, 2).
        rng: random generator.
        wake: "score" (the bottom layer skips the code, the layer above uses it), "code" or
            "split".
        steps: number of steps.
        every: steps from one record to the next; all of them if None.

    Returns:
        Iterator of steps.

    Raises:
        ValueError: if an argument is not accepted.
    """
    return fit(
        laplace_start(x, rng), x, rng=rng, wake=wake, steps=steps,
        rate=two_stage(0.02, 0.004, steps, switch=0.6), n_dreams=1000, features=100,
        encodings=100, gain=1.0, ridge=1e-3, memory=0.0,
        every=_every(every, steps), watch=max(1, steps // 5),
    )  # fmt: skip


def bars_world() -> Patterns:
    """The 3 x 3 bars: each of six bars is there with chance 0.3, 50 different pictures."""
    return datasets.or_bars(side=3, p=0.3)


def bars_start(rng: np.random.Generator) -> Generative:
    """The start for the 3 x 3 bars: rare causes that can only switch pixels on."""
    weights = np.abs(generator("rng", rng).standard_normal((9, 6)))
    return Generative(np.full(6, -1.0), weights, np.full(9, -2.0))


def bars(
    rng: np.random.Generator,
    wake: str = "code",
    steps: int = BARS_STEPS,
    every: int | None = None,
) -> Steps[DDCStep]:
    """The 9-6 machine on the 3 x 3 bars, by DDC.

    Args:
        rng: random generator.
        wake: "code", "split" or "score"; the last uses no code here, there being one layer.
        steps: number of steps.
        every: steps from one record to the next; all of them if None.

    Returns:
        Iterator of steps; `as_generative(step.model)` is the machine of earlier notebooks.

    Raises:
        ValueError: if an argument is not accepted.
    """
    world = bars_world()
    return fit(
        as_chain(bars_start(rng)), world.u, rng=rng, weights=world.weights, wake=wake,
        steps=steps, rate=two_stage(0.2, 0.04, steps, switch=0.6), n_dreams=500, features=100,
        encodings=60, gain=1.0, ridge=1e-3, memory=0.0,
        every=_every(every, steps), watch=max(1, steps // 5),
    )  # fmt: skip


def _every(every: int | None, steps: int) -> int:
    return steps if every is None else every


def as_chain(gen: Generative) -> Chain:
    """A binary machine as a chain of coins."""
    return Chain((Bernoulli(gen.G, gen.h), Coins(gen.g)))


def as_generative(model: Chain) -> Generative:
    """A chain of coins with one layer of causes as a binary machine.

    Raises:
        ValueError: for any other chain.
    """
    match getattr(model, "layers", ()):
        case (Bernoulli() as bottom, Coins() as top):
            return Generative(top.g, bottom.G, bottom.h)
    raise ValueError(f"model is {model!r}; accepted: a chain of Bernoulli and Coins")
