"""The bench: a machine about to wake, of which every piece can be exchanged for a trapped one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib._checks import choice
from hmlib.course.nb10.two_bumps import MODELS, WORLD
from hmlib.ddc.sleep import Night
from hmlib.learning import Adam

Array = NDArray[np.float64]

_DATA, _DREAMS, _FEATURES, _ENCODINGS, _RIDGE = 300, 1000, 60, 40, 1e-3


@dataclass(frozen=True, eq=False)
class Bench:
    """A machine about to wake: every piece that a trap may get at.

    Attributes:
        model: the chain that dreams.
        x: data, shape (n, 2).
        features: phi, of x.
        encodings: T_1 and T_2.
        ridge: rho.
        n_dreams: M.
        mode: "split", "code" or "score".
        minus_dreams: whether the average over the dreams is subtracted.
        sleep: what learns from the dreams, as `ddc.sleep` does.
        seen_by_wake: the chain as the wake phase sees it.
    """

    model: ddc.Chain
    x: Array
    features: ddc.Encoding
    encodings: tuple[ddc.Encoding, ...]
    ridge: float = _RIDGE
    n_dreams: int = _DREAMS
    mode: str = "code"
    minus_dreams: bool = True
    sleep: Callable[..., Night] = ddc.sleep
    seen_by_wake: Callable[[ddc.Chain], ddc.Chain] = lambda model: model

    def night(self, rng: np.random.Generator) -> Night:
        """A sleep phase."""
        return ddc.night_of(
            self.model, rng, self.n_dreams, self.features, self.encodings, self.ridge,
            asleep=self.sleep,
        )  # fmt: skip

    def direction(self, night: Night) -> Array:
        """The move that wakes after this night."""
        data = ddc.seen(self.x, self.features, self.model.layers[0])
        awake = self.seen_by_wake(self.model)
        return ddc.direction(self.model, night, data, self.mode, self.minus_dreams, awake)


class Baseline(TypedDict, total=False):
    """Keywords of `healthy` in which a healthy machine differs from the usual one."""

    model: str
    mode: str
    minus_dreams: bool
    world: ddc.Chain
    n_dreams: int


def healthy(
    seed: int,
    model: str = "halfway",
    mode: str = "code",
    minus_dreams: bool = True,
    world: ddc.Chain = WORLD,
    n_dreams: int = _DREAMS,
) -> Bench:
    """The healthy machine: data, features and encodings of this seed.

    Args:
        seed: of the data and of the random functions.
        model: a name in `MODELS`.
        mode, minus_dreams, n_dreams: see `Bench`.
        world: where the data come from.

    Raises:
        ValueError: for another model.
    """
    rng = np.random.default_rng(seed)
    dreamer = MODELS[choice("model", model, tuple(MODELS))]
    x, points = world.sample(rng, _DATA)[0], dreamer.sample(rng, 1000)
    features = ddc.Encoding.random(rng, np.concatenate([x, points[0]]), _FEATURES, kind="relu")
    encodings = tuple(ddc.Encoding.random(rng, z, _ENCODINGS) for z in points[1:])
    return Bench(
        dreamer, x, features, encodings, n_dreams=n_dreams, mode=mode, minus_dreams=minus_dreams
    )


def first(T: ddc.Encoding, n: int) -> ddc.Encoding:
    """The first n random functions of an encoding, beside the values and the constant."""
    return ddc.Encoding(T.weights[:, :n], T.bias[:n], T.kind, T.linear, T.centre, T.scale)


def run(
    start: Bench,
    seed: int,
    steps: int = 40,
    rate: float = 0.1,
    slow: float = 1.0,
    least_noise: float = 0.0,
) -> Iterator[ddc.Chain]:
    """The models of a run that nothing stops, the start first.

    Args:
        start: the bench; its model moves.
        seed: of the nights.
        steps: moves.
        rate: of Adam.
        slow: from this part of the steps on, a fifth of the rate.
        least_noise: the noise of x is kept at this standard deviation or above.
    """
    rng, now, optimiser = np.random.default_rng([seed, 20]), start, Adam()
    floor = np.full(now.model.ravel().size, -np.inf)
    floor[2:4] = 2 * np.log(max(least_noise, 1e-9))
    yield now.model
    for step in range(steps):
        pace = rate if step < slow * steps else rate / 5
        move, optimiser = optimiser.move(now.direction(now.night(rng)), pace)
        now = replace(now, model=now.model.like(np.maximum(now.model.ravel() + move, floor)))
        yield now.model
