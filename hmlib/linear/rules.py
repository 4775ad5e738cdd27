"""Wake-sleep by delta rules, on examples or averaged exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import (
    as_start_has,
    choice,
    count,
    data_weights,
    draws_alike,
    generator,
    kind,
    rows,
)
from hmlib.learning.optimisers import Rate, rates_of
from hmlib.learning.walking import Steps, generator_at, walk, workable
from hmlib.linear.closed_form import mean_and_covariance
from hmlib.linear.models import Line, LinearGenerative, LinearRecognition, fitting, noisy

Array = NDArray[np.float64]
Rates = Callable[[int], tuple[float, ...]]


@dataclass(frozen=True, eq=False, repr=False)
class LinearStep:
    """Where learning stands.

    Attributes:
        gen: the generative model.
        rec: the recognition model.
        phase: what was done last: "start" or "wake-sleep".
        count: steps done.
        rng_state: state of the random generator, if learning draws anything.
    """

    gen: LinearGenerative
    rec: LinearRecognition
    phase: str = "start"
    count: int = 0
    rng_state: Mapping[str, Any] | None = None

    def generator(self) -> np.random.Generator:
        """A random generator that draws what would have been drawn after this step.

        Raises:
            ValueError: if nothing was drawn.
        """
        if self.rng_state is None:
            raise ValueError("rng_state is None; accepted: a step of learning that draws")
        return generator_at(dict(self.rng_state))

    def __repr__(self) -> str:
        return f"Step {self.count}, phase {self.phase}: {self.gen.units}"


def wake_sleep(
    gen: LinearGenerative | None,
    rec: LinearRecognition | None,
    u: ArrayLike,
    weights: ArrayLike | None = None,
    rate: Rate = 0.05,
    steps: int = 1000,
    minibatch: int | None = 20,
    rng: np.random.Generator | None = None,
    expectations: str = "sampled",
    every: int = 1,
    start: LinearStep | None = None,
) -> Steps[LinearStep]:
    """Wake-sleep by delta rules, with averages <> over a minibatch and learning rate e.

    wake, u from data, v ~ Q, error r = u - G v - h:
    G += e <r v^T>, h += e <r>, variance += e <r^2 - variance>
    sleep, v ~ N(0, I), u ~ P[u|v], error s = v - W u - w:
    W += e <s u^T>, w += e <s>, variance += e <s^2 - variance>

    Args:
        gen: generative model to start from; None where a run is continued.
        rec: recognition model to start from; None where a run is continued.
        u: data, shape (n, n_u).
        weights: data weights, shape (n,); equal if None.
        rate: learning rate e, above 0 (1 and more lose the variances), or a function of the
            steps done.
        steps: number of steps, each a wake and a sleep phase.
        minibatch: data drawn for each step, with replacement and in proportion to their
            weights, and dreams; None: all data in every step, and as many dreams.
        rng: random generator; needed unless the expectations are exact or the run is continued.
        expectations: "sampled", or "exact": both delta rules averaged over all data, all causes
            and every dream, from the means and covariances.
        every: steps from one record to the next.
        start: a step to continue from. gen, rec and the random generator are then its own: one that
            is given and says otherwise is refused, and all other arguments are as given here. A run
            that was stopped and goes on, with the same arguments, is the run that was never
            stopped, bit for bit. A rate that falls to 0 after `steps` steps has ended there: for
            4 steps and then 8, plan it for 12.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted, or is not what `start` has.
        Diverged: on the way, if a parameter grows out of bounds; it keeps the last good step.

    Source: Neal & Dayan 1997.
    """
    step = _beginning(gen, rec, start)
    u = rows("u", u, fitting(step.gen, step.rec).n_u)
    weights, rates = data_weights(weights, len(u)), rates_of(rate, 1)
    if step.rng_state is not None:
        as_start_has("rng", rng, "its own", draws_alike(rng, step.rng_state))
        rng = step.generator()
    learner: _Learner
    if choice("expectations", expectations, ("sampled", "exact")) == "exact":
        learner = _Expected(step, u, weights, rates)
    else:
        size = None if minibatch is None else count("minibatch", minibatch)
        learner = _Sampled(step, generator("rng", rng), u, weights, rates, size)
    return walk(learner, learner.step(), steps, every, fresh=start is None)


def _beginning(
    gen: LinearGenerative | None, rec: LinearRecognition | None, start: LinearStep | None
) -> LinearStep:
    """Where learning begins: with these models, or at a step that has them."""
    if start is None:
        return LinearStep(kind("gen", gen, LinearGenerative), kind("rec", rec, LinearRecognition))
    start = kind("start", start, LinearStep)
    as_start_has("gen", gen, start.gen, gen == start.gen)
    as_start_has("rec", rec, start.rec, rec == start.rec)
    return start


def expected_deltas(
    gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Line, Line]:
    """What the wake and the sleep delta rule add at rate 1, averaged over all that is drawn.

    Returns:
        Changes of (G, h, variance) on data, and changes of (W, w, variance) on dreams.
    """
    u = rows("u", u, fitting(gen, rec).n_u)
    mean_u, S = mean_and_covariance(u, data_weights(weights, len(u)))
    wake = _expected_delta(gen.line, _guessed(rec.line, mean_u, S))
    return wake, _expected_delta(rec.line, _dreamt(gen.line))


class _Learner:
    """Two lines that are moved in turn: wake moves the generative one, sleep the other."""

    def __init__(self, step: LinearStep, rates: Rates) -> None:
        self.count, self.rates = step.count, rates
        self.gen, self.rec = step.gen.line, step.rec.line

    def wake(self) -> Line:
        """What the wake phase adds to the generative line at rate 1."""
        raise NotImplementedError

    def sleep(self) -> Line:
        """What the sleep phase adds to the recognition line at rate 1."""
        raise NotImplementedError

    def rng_state(self) -> Mapping[str, Any] | None:
        """State of the random generator, if anything is drawn."""
        return None

    def advance(self, n: int) -> None:
        for _ in range(n):
            (rate,) = self.rates(self.count)
            self.gen = _moved(self.gen, self.wake(), rate)
            self.rec = _moved(self.rec, self.sleep(), rate)
            self.count += 1

    def step(self) -> LinearStep:
        workable(np.concatenate([array.ravel() for array in (*self.gen, *self.rec)]))
        phase = "start" if self.count == 0 else "wake-sleep"
        gen, rec = LinearGenerative(*self.gen), LinearRecognition(*self.rec)
        return LinearStep(gen, rec, phase, self.count, self.rng_state())


class _Sampled(_Learner):
    """Delta rules on guesses about data and on dreams."""

    def __init__(
        self,
        step: LinearStep,
        rng: np.random.Generator,
        u: Array,
        weights: Array,
        rates: Rates,
        minibatch: int | None,
    ) -> None:
        super().__init__(step, rates)
        self.u, self.weights, self.minibatch = u, weights, minibatch
        self.until, self.rng = np.cumsum(weights)[:-1], rng
        self.n = len(u) if minibatch is None else minibatch
        self.equal = np.full(self.n, 1 / self.n)

    def rng_state(self) -> Mapping[str, Any]:
        return self.rng.bit_generator.state

    def wake(self) -> Line:
        if self.minibatch is None:
            u, weights = self.u, self.weights
        else:
            u, weights = self.u[self.until.searchsorted(self.rng.random(self.n))], self.equal
        return _delta(self.gen, noisy(self.rng, self.rec, u), u, weights)

    def sleep(self) -> Line:
        v = self.rng.standard_normal((self.n, len(self.rec[1])))
        return _delta(self.rec, noisy(self.rng, self.gen, v), v, self.equal)


class _Expected(_Learner):
    """The same delta rules with every average taken exactly."""

    def __init__(self, step: LinearStep, u: Array, weights: Array, rates: Rates) -> None:
        super().__init__(step, rates)
        self.mean_u, self.S = mean_and_covariance(u, weights)

    def wake(self) -> Line:
        return _expected_delta(self.gen, _guessed(self.rec, self.mean_u, self.S))

    def sleep(self) -> Line:
        return _expected_delta(self.rec, _dreamt(self.gen))


def _delta(line: Line, source: Array, target: Array, weights: Array) -> Line:
    """The delta rule of a line on examples: error times source, error, and its square."""
    A, a, variance = line
    error = target - source @ A.T - a
    share = weights[:, None] * error
    return share.T @ source, share.sum(axis=0), (share * error).sum(axis=0) - variance


class _Moments(NamedTuple):
    """Means and covariances of source and target; of the target's only the variances."""

    source: Array
    target: Array
    of_source: Array
    target_source: Array
    of_target: Array


def _guessed(rec: Line, mean_u: Array, S: Array) -> _Moments:
    """Source v and target u while awake: u from data, v = W u + w + noise."""
    W, w, variance = rec
    WS = W @ S
    return _Moments(W @ mean_u + w, mean_u, WS @ W.T + np.diag(variance), WS.T, np.diag(S))


def _dreamt(gen: Line) -> _Moments:
    """Source u and target v while asleep: v ~ N(0, I), u = G v + h + noise."""
    G, h, variance = gen
    n_v = G.shape[1]
    return _Moments(h, np.zeros(n_v), G @ G.T + np.diag(variance), G.T, np.ones(n_v))


def _expected_delta(line: Line, m: _Moments) -> Line:
    """The delta rule of a line, averaged over examples of these means and covariances."""
    A, a, variance = line
    mean = m.target - A @ m.source - a
    with_source = m.target_source - A @ m.of_source
    of_error = m.of_target - (A * (m.target_source + with_source)).sum(axis=1)
    return with_source + np.outer(mean, m.source), mean, of_error + mean**2 - variance


def _moved(line: Line, change: Line, rate: float) -> Line:
    A, a, variance = (array + rate * d for array, d in zip(line, change, strict=True))
    return A, a, variance
