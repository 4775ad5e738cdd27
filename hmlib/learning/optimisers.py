"""How a gradient becomes a move: plain steps or Adam, and learning rates that differ by layer."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmlib._checks import count, positive

Array = NDArray[np.float64]
Rates = float | Sequence[float]
Rate = Rates | Callable[[int], Rates]


@dataclass(frozen=True)
class Sgd:
    """Plain gradient steps."""

    def move(self, gradient: Array, rate: float | Array) -> tuple[Array, Sgd]:
        """The move for one gradient, and the optimiser after it."""
        return rate * gradient, self


@dataclass(frozen=True, eq=False)
class Adam:
    """Adam: the running mean of the gradient over its running root mean square.

    Source: Kingma & Ba 2015, algorithm 1.

    Attributes:
        count: moves made.
        mean, square: running means of the gradient and of its square, before the correction for
            their start at 0.
    """

    count: int = 0
    mean: Array | float = 0.0
    square: Array | float = 0.0

    def move(
        self, gradient: Array, rate: float | Array, b1: float = 0.9, b2: float = 0.999
    ) -> tuple[Array, Adam]:
        """The move for one gradient, and the optimiser after it."""
        t = self.count + 1
        mean = b1 * self.mean + (1 - b1) * gradient
        square = b2 * self.square + (1 - b2) * gradient**2
        root_mean_square = np.sqrt(square / (1 - b2**t)) + 1e-8
        return rate * (mean / (1 - b1**t)) / root_mean_square, Adam(t, mean, square)


Optimiser = Sgd | Adam
OPTIMISERS: dict[str, type[Optimiser]] = {"adam": Adam, "sgd": Sgd}


def rates_of(rate: Rate, n: int) -> Callable[[int], tuple[float, ...]]:
    """The learning rates of n layers as a function of the steps done.

    Args:
        rate: a number, or numbers from the bottom layer up, the last of which holds for all
            layers above, or a function of the steps done that gives either.
        n: number of layers.

    Raises:
        ValueError: for a rate that is not above 0 or more rates than layers; from the returned
            function, for a rate that is not finite and at least 0, where a schedule may end.
    """
    if callable(rate):
        last: tuple[Rates, tuple[float, ...]] | None = None

        def scheduled(done: int) -> tuple[float, ...]:
            nonlocal last
            now = rate(done)
            # Most of the time a schedule gives the same object again.
            if last is None or now is not last[0]:
                last = now, _spread(f"rate({done})", now, n, _zero_or_more)
            return last[1]

        return scheduled
    constant = _spread("rate", rate, n, positive)
    return lambda done: constant


def anneal(rate: Rate, steps: int, start: float = 0.7) -> Callable[[int], Rates]:
    """The same rate at first, then down in a straight line to 0 after `steps` steps.

    Args:
        rate: what is annealed: a number, numbers a layer, or a function of the steps done.
        steps: steps of the whole run.
        start: the part of the run after which the rate begins to fall, 0 to below 1.
    """
    steps, start = count("steps", steps), _part("start", start)

    def annealed(done: int) -> Rates:
        now = rate(done) if callable(rate) else rate
        factor = min(1.0, max(0.0, (1 - done / steps) / (1 - start)))
        if factor == 1:
            return now
        return now * factor if isinstance(now, float | int) else [factor * r for r in now]

    return annealed


def two_stage(
    first: Rates, then: Rates, steps: int, switch: float = 0.25
) -> Callable[[int], Rates]:
    """One set of rates for the first part of a run, another for the rest.

    With the rates of upper layers close to 0 at first, the bottom layer sorts out its causes
    before the layers above learn to expect them.

    Args:
        first, then: a number each, or numbers a layer.
        steps: steps of the whole run.
        switch: the part of the run after which `then` holds, 0 to below 1.
    """
    steps, switch = count("steps", steps), _part("switch", switch)
    return lambda done: first if done < switch * steps else then


def _spread(
    name: str, rate: Rates, n: int, checked: Callable[[str, float], float]
) -> tuple[float, ...]:
    """One rate for each of n layers."""
    rates = list(rate) if np.iterable(rate) and not isinstance(rate, str) else [rate]
    if not 1 <= len(rates) <= n:
        raise ValueError(f"{name} has {len(rates)} numbers; accepted: 1 to {n}, bottom layer first")
    rates = [checked(name, r) for r in rates]
    return tuple(rates + rates[-1:] * (n - len(rates)))


def _zero_or_more(name: str, value: float) -> float:
    if not isinstance(value, numbers.Real) or not 0 <= value < np.inf:
        raise ValueError(f"{name} is {value!r}; accepted: a finite number >= 0")
    return float(value)


def _part(name: str, value: float) -> float:
    if not isinstance(value, numbers.Real) or not 0 <= value < 1:
        raise ValueError(f"{name} is {value!r}; accepted: a part of the run, 0 to below 1")
    return float(value)
