"""Three layers of coins and those who learn them from digits.

All who learn the layers have the same start and about as many seconds of the processor. L comes
from draws of the prior alone, so that no method's recognition has a say in it; its error is that of
the jackknife over groups of draws.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.ddc_pictures import belief_network, guess_digits, shuffled
from benchmarks.judging import sampled_likelihood
from hmlib import ddc
from hmlib.layered import Layered
from hmlib.rivals.baselines import BernoulliMixture, bernoulli_mixture

__all__ = ["METHODS", "log_likelihood", "shuffled"]

Array = NDArray[np.float64]
Learn = Callable[[Array, np.random.Generator, int], ddc.Chain | BernoulliMixture]
"""From data, a generator and a number of steps to a model."""

DRAWS = 200_000
BATCH, RATE = 50, 0.08
"""The best of fifteen trials of the code of pairs on split 6000."""

ALONE_BATCH, ALONE_RATE = 30, 0.15
"""The best of fifteen trials of the causes alone."""


def by_pairs(
    x: Array,
    rng: np.random.Generator,
    steps: int,
    pairs: bool = True,
    rate: float = RATE,
    minibatch: int = BATCH,
) -> ddc.Chain:
    """`ddc.fit_tied`: a code of causes and pairs, learnt asleep."""
    start = belief_network(rng, x)
    *_, last = ddc.fit_tied(
        start, x, rng, steps=steps, rate=rate, minibatch=minibatch, pairs=pairs, every=steps
    )
    return last.model


def by_wake_sleep(
    x: Array, rng: np.random.Generator, steps: int, reweighted: bool = False
) -> ddc.Chain:
    """Wake-sleep with a factorised Q and no hidden layer, or reweighted with ten guesses."""
    *_, last = guess_digits(reweighted, x, rng, steps)
    return as_chain(last.gen)


def by_mixture(x: Array, rng: np.random.Generator, steps: int) -> BernoulliMixture:
    """Sixty patterns of independent coins, by EM: what has to be beaten."""
    return bernoulli_mixture(x, 60, rng, steps=steps)


METHODS: dict[str, tuple[Learn, int]] = {
    "60 coins": (by_mixture, 200),
    "wake-sleep": (by_wake_sleep, 30_000),
    "reweighted": (partial(by_wake_sleep, reweighted=True), 4000),
    "causes alone": (partial(by_pairs, pairs=False), 6000),
    "causes, tuned": (
        partial(by_pairs, pairs=False, rate=ALONE_RATE, minibatch=ALONE_BATCH),
        8000,
    ),
    "code of pairs": (by_pairs, 6000),
}
"""How each learns, and in how many steps: but for the mixture they take about equally
long."""


def as_chain(gen: Layered) -> ddc.Chain:
    """A machine of the earlier notebooks as a chain."""
    layers = zip(gen.weights, gen.biases, strict=False)
    return ddc.Chain((*(ddc.Bernoulli(G, b) for G, b in layers), ddc.Coins(gen.biases[-1])))


def log_likelihood(
    model: ddc.Chain | BernoulliMixture, x: Array, rng: np.random.Generator, draws: int = DRAWS
) -> tuple[float, float]:
    """The mean of log p(x) over these digits and its standard error as an estimate, in nats."""
    if isinstance(model, BernoulliMixture):
        return float(model.log_prob(x).mean()), 0.0
    found = sampled_likelihood(model, x, rng, draws)
    return float(found.each.mean()), found.error
