"""Layers of coins from dreams alone: a code of causes and of pairs of causes, decoded by drawing.

Recognition of a layer v from what it sees below, s, is

    q(v|s) = prod_j Bernoulli(v_j; f(y_j(s) + sum_(k<j) A_jk v_k)),
    y(s) = W tanh(V s + a) + U s + b,

learnt asleep by the delta rule. Where it has come to rest, what is predicted of each cause from the
dreamt ones before it agrees with the dreams in the averages of v_j and of v_j v_k: the code holds
causes and pairs, and "this cause or that one" can be said. A factorised Q holds causes alone. What
wake asks, f(G v + h) v' for one, is no sum of causes and pairs, so that no linear read-out of the
code is exact; it is averaged over draws from q, one cause after the other.

With one draw a datum, and no A and no hidden layer, this is wake-sleep.
Sources: Vértes & Sahani 2018, equations 3 and 6; Hinton et al. 1995; Frey 1998 for the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import binary_rows, count, generator, kind, positive
from hmlib.binary import Parameters, log_bernoulli, sigmoid
from hmlib.ddc.chain import Chain
from hmlib.ddc.families import Bernoulli
from hmlib.ddc.tops import Coins
from hmlib.learning.optimisers import Adam
from hmlib.learning.walking import Steps, generator_at, walk, workable

Array = NDArray[np.float64]

HIDDEN = 100
"""Hidden units of the bottom layer's recogniser; above, as many as it has inputs."""


@dataclass(frozen=True, eq=False, repr=False)
class Tied(Parameters):
    """q(v|s), one cause after the other.

    Attributes:
        V: weights onto the hidden units, shape (n_h, n_s).
        a: their biases, shape (n_h,).
        W: weights from the hidden units, shape (n_v, n_h).
        U: weights straight from what is seen, shape (n_v, n_s).
        b: biases, shape (n_v,).
        A: weights from the causes before, shape (n_v, n_v); only what is below the diagonal counts.
    """

    V: Array = field(metadata={"ndim": 2})
    a: Array = field(metadata={"ndim": 1})
    W: Array = field(metadata={"ndim": 2})
    U: Array = field(metadata={"ndim": 2})
    b: Array = field(metadata={"ndim": 1})
    A: Array = field(metadata={"ndim": 2})

    @classmethod
    def random(cls, rng: np.random.Generator, n_s: int, n_v: int, hidden: int) -> Tied:
        """Hidden units of many slopes that say little as yet."""
        rng, n_s, n_v = generator("rng", rng), count("n_s", n_s), count("n_v", n_v)
        hidden = count("hidden", hidden)
        return cls(
            rng.standard_normal((hidden, n_s)) / np.sqrt(n_s),
            np.zeros(hidden),
            0.1 * rng.standard_normal((n_v, hidden)) / np.sqrt(hidden),
            np.zeros((n_v, n_s)),
            np.zeros(n_v),
            np.zeros((n_v, n_v)),
        )

    @property
    def units(self) -> str:
        """The numbers of units in words."""
        return f"{self.U.shape[1]} input(s), {self.a.size} hidden units, {self.b.size} cause(s)"

    def _alone(self, s: Array) -> tuple[Array, Array]:
        """The hidden units, and what drives each cause without those before it."""
        hidden = np.tanh(s @ self.V.T + self.a)
        return hidden, hidden @ self.W.T + s @ self.U.T + self.b

    def sample(self, rng: np.random.Generator, s: ArrayLike) -> Array:
        """Draw v for each row of s, shape (n, n_v)."""
        drive = self._alone(binary_rows("s", s, self.U.shape[1]))[1]
        chance, v = generator("rng", rng).random(drive.shape), np.zeros(drive.shape)
        # u < f(y) where log(u / (1 - u)) < y.
        limit = np.log(chance) - np.log1p(-chance) - drive
        for j in range(self.b.size):
            v[:, j] = v[:, :j] @ self.A[j, :j] > limit[:, j]
        return v

    def log_prob(self, v: ArrayLike, s: ArrayLike) -> Array:
        """log q(v|s) of each row, shape (n,), in nats."""
        v = binary_rows("v", v, self.b.size)
        drive = self._alone(binary_rows("s", s, self.U.shape[1]))[1]
        return log_bernoulli(v, drive + v @ np.tril(self.A, -1).T)

    def gradient(self, v: Array, s: Array, pairs: bool = True) -> Array:
        """Of the mean of log q(v_n|s_n), as one vector: the delta rule, and a way back.

        Without `pairs` it is 0 for A, so that causes stay untied where they begin so.
        """
        hidden, drive = self._alone(s)
        error = (v - sigmoid(drive + v @ np.tril(self.A, -1).T)) / len(v)
        back = (error @ self.W) * (1 - hidden**2)
        parts = (
            back.T @ s, back.sum(axis=0), error.T @ hidden, error.T @ s, error.sum(axis=0),
            pairs * np.tril(error.T @ v, -1),
        )  # fmt: skip
        return np.concatenate([part.ravel() for part in parts])


@dataclass(frozen=True, eq=False, repr=False)
class TiedStep:
    """Where learning stands.

    Attributes:
        model: a chain of Bernoulli layers and Coins.
        recognisers: of the layers of causes, bottom first.
        optimisers: Adam's state for the model, and for all recognisers.
        rng_state: state of the random generator.
        count: steps done.
    """

    model: Chain
    recognisers: tuple[Tied, ...]
    optimisers: tuple[Adam, Adam]
    rng_state: Mapping[str, Any]
    count: int = 0

    @property
    def gen(self) -> Chain:
        """The generative model, under the name that it has in all kinds of learning."""
        return self.model

    def moved(self, model: Array, recognition: Array, optimisers: tuple[Adam, Adam]) -> Self:
        """After a move of the model and one of all recognisers."""
        parts, start = [], 0
        for each in self.recognisers:
            size = each.ravel().size
            parts.append(each.like(workable(each.ravel() + recognition[start : start + size])))
            start += size
        moved = self.model.like(workable(self.model.ravel() + model))
        return replace(
            self, model=moved, recognisers=tuple(parts), optimisers=optimisers,
            count=self.count + 1,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"Step {self.count}: {self.model.units}"


def fit_tied(
    model: Chain,
    x: ArrayLike,
    rng: np.random.Generator | None = None,
    steps: int = 5000,
    rate: float = 0.01,
    minibatch: int = 100,
    pairs: bool = True,
    planned: int | None = None,
    every: int = 1,
    start: TiedStep | None = None,
) -> Steps[TiedStep]:
    """Sleep and wake for layers of coins, each step with as many dreams as data.

    Args:
        model: a chain of Bernoulli layers and Coins to start from.
        x: binary data, shape (n, n_x).
        rng: random generator; needed unless the run is continued.
        steps: number of steps.
        rate: of Adam, asleep and awake, down in a straight line to 0 after `planned` steps.
        minibatch: dreams of a night, and data of a day.
        pairs: whether the code holds pairs of causes; without them it holds causes alone.
        planned: steps of the whole run; if None, it ends with these `steps`.
        every: steps from one record to the next.
        start: a step to continue from; model and rng are then its own.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted.
        Diverged: on the way, if learning leaves the finite numbers.
    """
    layers = getattr(model, "layers", ())
    if not layers or not all(isinstance(f, Bernoulli | Coins) for f in layers):
        raise ValueError(f"model is {model!r}; accepted: a chain of Bernoulli layers and Coins")
    x, rate = binary_rows("x", x, model.n_x), positive("rate", rate)
    steps, minibatch = count("steps", steps), count("minibatch", minibatch)
    done = 0 if start is None else start.count
    planned = count("planned", planned or done + steps, least=done + steps)
    if start is None:
        rng = generator("rng", rng)
        widths = [layer.n_y for layer in layers]
        recognisers = tuple(
            Tied.random(rng, below, above, HIDDEN if below == widths[0] else below)
            for below, above in pairwise(widths)
        )
        step = TiedStep(model, recognisers, (Adam(), Adam()), rng.bit_generator.state)
    else:
        step = start
    learner = _Nights(step, x, rate, minibatch, planned, kind("pairs", pairs, bool))
    return walk(learner, step, steps, every, fresh=start is None)


class _Nights:
    """A night and a day."""

    def __init__(
        self, step: TiedStep, x: Array, rate: float, minibatch: int, planned: int, pairs: bool
    ) -> None:
        self._step, self._x, self._rng = step, x, generator_at(dict(step.rng_state))
        self._rate, self._some, self._end, self._pairs = rate, minibatch, planned, pairs

    def advance(self, n: int) -> None:
        for _ in range(n):
            self._move()

    def _move(self) -> None:
        step, rng = self._step, self._rng
        dreamt = step.model.sample(rng, self._some)
        nights = zip(step.recognisers, pairwise(dreamt), strict=True)
        asleep = np.concatenate([q.gradient(v, s, self._pairs) for q, (s, v) in nights])
        seen = [self._x[rng.integers(len(self._x), size=self._some)]]
        for q in step.recognisers:
            seen.append(q.sample(rng, seen[-1]))
        share = np.full(self._some, 1 / self._some)
        driven = zip(step.model.layers, seen, (*seen[1:], seen[-1]), strict=True)
        awake = np.concatenate([layer.weighted_score(y, z, share) for layer, y, z in driven])
        rate = self._rate * (1 - step.count / self._end)
        for_model, for_recognition = step.optimisers
        move, for_model = for_model.move(awake, rate)
        back, for_recognition = for_recognition.move(asleep, rate)
        self._step = step.moved(move, back, (for_model, for_recognition))

    def step(self) -> TiedStep:
        return replace(self._step, rng_state=self._rng.bit_generator.state)
