"""Wake-sleep and reweighted wake-sleep: delta rules, learnt from data and from dreams.

With one hidden layer, f the logistic function and e the learning rate:

wake, u from data, v ~ Q: g += e (v - f(g)); h += e (u - f(Gv + h)); G += e (u - f(Gv + h)) v^T
sleep, v ~ P[v], u ~ P[u|v]: w += e (v - f(Wu + w)); W += e (v - f(Wu + w)) u^T

Sources: Hinton, Dayan, Frey & Neal 1995; Dayan & Abbott 2001, section 10.4; reweighted:
Bornschein & Bengio 2015.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import exact
from hmlib._checks import binary_rows, check_fit, choice, count, data_weights
from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition
from hmlib.learning.optimisers import Rate, rates_of
from hmlib.learning.places import layer_of, lower_limits
from hmlib.learning.sampled import Sampled
from hmlib.learning.step import (
    Step,
    beginning,
    moved,
    optimisers,
    present,
    with_generator,
    with_optimiser,
)
from hmlib.learning.walking import Steps, walk

Array = NDArray[np.float64]

EXPECTATIONS = ("sampled", "exact")
PHASES = ("both", "wake", "sleep")
PHI = ("sleep", "wake", "both")


def wake_sleep(
    gen: Generative | Layered,
    rec: Recognition | LayeredRecognition,
    u: ArrayLike,
    weights: ArrayLike | None = None,
    rate: Rate = 0.1,
    steps: int = 1000,
    minibatch: int | None = 20,
    optimiser: str = "sgd",
    rng: np.random.Generator | None = None,
    expectations: str = "sampled",
    phases: str = "both",
    nonnegative: bool = False,
    every: int = 1,
    start: Step | None = None,
) -> Steps[Step]:
    """Wake: climb F in G on guessed causes of data. Sleep: climb dreamt F-tilde in W on dreams.

    Args:
        gen: generative model to start from, of one layer of causes or several.
        rec: recognition model to start from.
        u: data, shape (n, n_u).
        weights: data weights, shape (n,); equal if None.
        rate: learning rate, above 0; or numbers from the bottom layer up, the last of which
            holds for all layers above; or a function of the steps done that gives either. The
            rate of layer l moves all that lies between layers l and l + 1 and the biases that
            layer l has in the generative model; the prior of the top layer has the last.
        steps: number of steps, each a wake and a sleep phase.
        minibatch: data drawn for each step, with replacement and in proportion to their
            weights, and dreams; None: all data in every step, and as many dreams.
        optimiser: "sgd" or "adam".
        rng: random generator; needed unless the expectations are exact.
        expectations: "sampled", or "exact": both delta rules averaged over all data, all causes
            and every dream (n_u + n_v <= 20).
        phases: "both", "wake" or "sleep".
        nonnegative: keep the generative weights onto the inputs >= 0, so that a cause can only
            switch pixels on.
        every: steps from one record to the next.
        start: a step to continue from: the models, the optimiser's state and the random
            generator are its own, so `gen` and `rec` only say the layers, which must agree, and
            `rng` must be None. A rate that falls to 0 by the end of a planned run, such as
            `anneal(0.5, 4)`, is 0 from step 4 on: a run that may go on to step 12 is given
            `anneal(0.5, 12)` from the beginning.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted.
        Diverged: on the way, if a parameter is no longer finite; it keeps the last good step.
    """
    choice("expectations", expectations, EXPECTATIONS)
    choice("phases", phases, PHASES)
    step = beginning(gen, rec, start)
    if expectations == "exact":
        return _exact(step, u, weights, rate, steps, optimiser, phases, nonnegative, every, start)
    return _sampled(
        step, u, weights, rate, steps, minibatch, optimiser, rng, nonnegative, every, start,
        k=1, theta=phases != "sleep", phi="sleep" if phases != "wake" else "none",
    )  # fmt: skip


def reweighted_wake_sleep(
    gen: Generative | Layered,
    rec: Recognition | LayeredRecognition,
    u: ArrayLike,
    weights: ArrayLike | None = None,
    rate: Rate = 0.1,
    steps: int = 1000,
    minibatch: int | None = 20,
    optimiser: str = "sgd",
    rng: np.random.Generator | None = None,
    k: int = 10,
    phi: str = "both",
    nonnegative: bool = False,
    every: int = 1,
    start: Step | None = None,
) -> Steps[Step]:
    """Wake-sleep with K guesses a datum, each weighted by omega_k, in proportion to P[v, u] / Q.

    Wake-theta moves G by sum_k omega_k grad log P[v_k, u], an estimate of the gradient of L that
    is exact for K to infinity. Wake-phi moves W by sum_k omega_k grad log Q[v_k|u], sleep-phi by
    dreams. With K = 1 and sleep-phi it is wake-sleep.

    Source: Bornschein & Bengio 2015.

    Args:
        gen, rec, u, weights, rate, steps, minibatch, optimiser, rng, nonnegative, every, start:
            as for `wake_sleep`.
        k: guesses for each datum, K >= 1.
        phi: what moves W: "sleep", "wake" or "both" (the mean of the two).

    Returns:
        Iterator of steps; the `bound` of each is the mean of L_K = log (1/K) sum_k P[v_k, u] / Q
        over its last minibatch, in nats.

    Raises:
        ValueError: at the call, if an argument is not accepted.
        Diverged: on the way, if a parameter is no longer finite; it keeps the last good step.
    """
    k = count("k", k)
    choice("phi", phi, PHI)
    step = beginning(gen, rec, start)
    return _sampled(
        step, u, weights, rate, steps, minibatch, optimiser, rng, nonnegative, every, start,
        k=k, theta=True, phi=phi, reweighted=True,
    )  # fmt: skip


def _exact(
    step: Step,
    u: ArrayLike,
    weights: ArrayLike | None,
    rate: Rate,
    steps: int,
    optimiser: str,
    phases: str,
    nonnegative: bool,
    every: int,
    start: Step | None,
) -> Steps[Step]:
    u = exact.checked_inputs(step.gen, u, present(step.rec))
    if phases != "wake" and step.gen.n_u + step.gen.n_v > exact.MAX_UNITS:
        raise ValueError(
            f"n_u + n_v is {step.gen.n_u + step.gen.n_v}; accepted with exact expectations: at "
            f"most {exact.MAX_UNITS}, since every dream is listed"
        )
    weights, step = data_weights(weights, len(u)), with_optimiser(step, optimiser)
    learner = _Expected(step, u, weights, rate, phases, nonnegative)
    return walk(learner, step, steps, every, fresh=start is None)


class _Expected:
    """Both delta rules with every average taken exactly."""

    def __init__(
        self, step: Step, u: Array, weights: Array, rate: Rate, phases: str, nonnegative: bool
    ) -> None:
        self.now, self.u, self.weights = step, u, weights
        self.wake, self.sleep = phases != "sleep", phases != "wake"
        self.rates = rates_of(rate, len(step.gen.sizes))
        self.layers = layer_of(step.gen), layer_of(present(step.rec))
        self.least = lower_limits(step.gen, nonnegative)
        self.phase = "wake-sleep" if phases == "both" else phases

    def advance(self, n: int) -> None:
        for _ in range(n):
            self._move()

    def _move(self) -> None:
        now, rates = self.now, np.array(self.rates(self.now.count))
        gen, rec = now.gen, present(now.rec)
        for_gen, for_rec = optimisers(now)
        if self.wake:
            d_gen, _ = exact.grad_free_energy(gen, rec, self.u, self.weights)
            move, for_gen = for_gen.move(d_gen.ravel(), rates[self.layers[0]])
            gen = moved(gen, move)
            gen = gen.like(np.maximum(gen.ravel(), self.least))
        if self.sleep:
            _, d_rec = exact.grad_dream(gen, rec, self.u, self.weights)
            move, for_rec = for_rec.move(d_rec.ravel(), rates[self.layers[1]])
            rec = moved(rec, move)
        optimiser = for_gen, for_rec
        self.now = Step(gen, rec, None, self.phase, now.count + 1, optimiser, tries=now.tries)

    def step(self) -> Step:
        return self.now


def _sampled(
    step: Step,
    u: ArrayLike,
    weights: ArrayLike | None,
    rate: Rate,
    steps: int,
    minibatch: int | None,
    optimiser: str,
    rng: np.random.Generator | None,
    nonnegative: bool,
    every: int,
    start: Step | None,
    **rule: Any,
) -> Steps[Step]:
    u = binary_rows("u", u, step.gen.n_u)
    check_fit(step.gen, present(step.rec))
    weights = data_weights(weights, len(u))
    minibatch = None if minibatch is None else count("minibatch", minibatch)
    step, rng = with_generator(with_optimiser(step, optimiser), rng)
    learner = Sampled(step, rng, u, weights, rate, minibatch, nonnegative, **rule)
    return walk(learner, step, steps, every, fresh=start is None)
