"""The race on the bars, over many starts: how far dreams are from the 3 x 3 bars at the end.

`WAYS` are the runners; `CLOSE` says what counts as having learnt the bars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc, exact
from hmlib.binary import Generative, sigmoid
from hmlib.course import ddc_recipes as recipes
from hmlib.datasets.files import load, read_only
from hmlib.learning import anneal, two_stage

Array = NDArray[np.float64]

CLOSE = 0.1
"""Nats from the bars that a machine which has learnt them is within."""

NIGHTS, STEPS, RATE = 600, 40_000, 0.1


def distance(gen: Generative) -> float:
    """KL(data || dreams) of a machine of the bars, in nats."""
    bars = recipes.bars_world()
    return float(-bars.entropy - bars.weights @ exact.log_likelihood(gen, bars.u))


def as_it_is(v: Array) -> Array:
    """Functions that tie no two units together: each unit, and the constant."""
    return np.column_stack([v, np.ones(len(v))])


def by_ddc(seed: int, ties: bool = True, bent: bool = True, steps: int = NIGHTS) -> float:
    """Where `recipes.bars` ends by code.

    Args:
        seed: of the start and of the dreams.
        ties: whether encodings tie causes together; if not, they are the causes alone.
        bent: whether recognition looks through a hundred kinks; if not, at the inputs alone.
        steps: nights.
    """
    rng, world = np.random.default_rng(seed), recipes.bars_world()
    *_, last = ddc.fit(
        recipes.as_chain(recipes.bars_start(rng)), world.u, rng=rng, weights=world.weights,
        wake="code", steps=steps, rate=two_stage(0.2, 0.04, steps, switch=0.6), n_dreams=500,
        features=100 if bent else as_it_is, encodings=60 if ties else [as_it_is], gain=1.0,
        ridge=1e-3, memory=0.0, every=steps, watch=max(1, steps // 5),
    )  # fmt: skip
    return distance(recipes.as_generative(last.model))


def by_wake_sleep(seeds: Sequence[int], hidden: int = 0, steps: int = STEPS) -> Array:
    """Where wake-sleep ends from the same starts, all of them at once; shape (seeds,).

    Every step has one picture and one dream a machine, and plain delta rules.

    Args:
        seeds: of the starts.
        hidden: tanh units between the inputs and the causes in recognition; none if 0.
        steps: of learning, at a rate of 0.1 that falls to 0 in the last 30 %.
    """
    world, rng, n = recipes.bars_world(), np.random.default_rng(seeds[0]), len(seeds)
    starts = [recipes.bars_start(np.random.default_rng(seed)) for seed in seeds]
    g, G, h = (np.array([getattr(gen, name) for gen in starts]) for name in ("g", "G", "h"))
    n_u, n_v = G.shape[1:]
    V, a = rng.standard_normal((n, hidden, n_u)), np.zeros((n, hidden))
    W, w = np.zeros((n, n_v, hidden or n_u)), np.zeros((n, n_v))
    rates, edges = anneal(RATE, steps), np.cumsum(world.weights)[:-1]

    def seen(u: Array) -> Array:
        return np.tanh((V @ u[..., None])[..., 0] + a) if hidden else u

    for done in range(steps):
        rate = float(np.asarray(rates(done)))
        chance = rng.random((n, 1 + 2 * n_v + n_u))
        u = world.u[np.searchsorted(edges, chance[:, 0])]
        v = 1.0 * (chance[:, 1 : 1 + n_v] < sigmoid((W @ seen(u)[..., None])[..., 0] + w))
        error = u - sigmoid((G @ v[..., None])[..., 0] + h)
        g += rate * (v - sigmoid(g))
        G += rate * error[:, :, None] * v[:, None]
        h += rate * error
        v = 1.0 * (chance[:, 1 + n_v : 1 + 2 * n_v] < sigmoid(g))
        u = 1.0 * (chance[:, 1 + 2 * n_v :] < sigmoid((G @ v[..., None])[..., 0] + h))
        s = seen(u)
        error = v - sigmoid((W @ s[..., None])[..., 0] + w)
        if hidden:
            back = (error[:, None] @ W)[:, 0] * (1 - s**2)
            V += rate * back[:, :, None] * u[:, None]
            a += rate * back
        W += rate * error[:, :, None] * s[:, None]
        w += rate * error
    return np.array([distance(Generative(*each)) for each in zip(g, G, h, strict=True)])


def _each(**given: bool) -> Callable[[Sequence[int]], Array]:
    return lambda seeds: np.array([by_ddc(seed, **given) for seed in seeds])


WAYS: dict[str, Callable[[Sequence[int]], Array]] = {
    "DDC code": _each(),
    "wake-sleep": by_wake_sleep,
    "wake-sleep, hidden layer": lambda seeds: by_wake_sleep(seeds, hidden=60),
    "code that ties nothing": _each(ties=False),
    "code of linear features": _each(bent=False),
}
"""The runners: from seeds to where they end, in nats from the bars."""


@dataclass(frozen=True, eq=False, repr=False)
class Race:
    """Where the runners of `WAYS` came to from twenty starts.

    Attributes:
        nats: by the name of the runner, KL(data || dreams) at the end, shape (20,).
    """

    nats: dict[str, Array]

    def table(self) -> str:
        """A line a runner: median, worst, and how many came close."""
        lines = [f"{'':26}{'median':>8}{'worst':>8}   within {CLOSE:g} nats"]
        for name, nats in self.nats.items():
            close = f"{(nats <= CLOSE).sum()} of {len(nats)}"
            lines.append(f"{name:26}{np.median(nats):8.3f}{nats.max():8.3f}   {close}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Race: {len(self.nats)} runners, {len(self.nats['DDC code'])} starts each"


@cache
def kept_race() -> Race:
    """The race that `python -m tools.run_race` ran.

    Raises:
        FileNotFoundError: if data/race.npz is missing.
        ValueError: if it is damaged.
    """
    nats = load("race.npz")["nats"].astype(np.float64)
    return Race(dict(zip(WAYS, map(read_only, nats), strict=True)))
