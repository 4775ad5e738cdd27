"""Climb the exact gradient of F or L."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import exact
from hmlib._checks import choice, count, data_weights
from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition
from hmlib.learning.optimisers import Rate, rates_of
from hmlib.learning.places import layer_of
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

OBJECTIVES = ("F", "L")


def ascend(
    gen: Generative | Layered,
    rec: Recognition | LayeredRecognition | None,
    u: ArrayLike,
    objective: str = "F",
    weights: ArrayLike | None = None,
    rate: Rate = 0.01,
    steps: int = 100,
    optimiser: str = "adam",
    minibatch: int | None = None,
    rng: np.random.Generator | None = None,
    every: int = 1,
    start: Step | None = None,
) -> Steps[Step]:
    """Climb the exact gradient of F in G and W together, or of L in G alone.

    Args:
        gen: generative model to start from.
        rec: recognition model to start from; None is accepted if the objective is "L".
        u: data, shape (n, n_u).
        objective: "F" or "L".
        weights: data weights, shape (n,); equal if None.
        rate: learning rate, above 0; or one a layer, or a function of the steps done, as in
            `wake_sleep`.
        steps: number of steps.
        optimiser: "adam" or "sgd".
        minibatch: number of data drawn for each step, with replacement and in proportion to
            their weights; None: all data in every step.
        rng: random generator; needed for minibatches.
        every: moves from one record to the next.
        start: a step to continue from: the models, the optimiser's state and the random
            generator are its own, so `gen` and `rec` only say the layers, which must agree, and
            `rng` must be None. A rate that falls to 0 by the end of a planned run, such as
            `anneal(0.5, 4)`, is 0 from step 4 on: a run that may go on to step 12 is given
            `anneal(0.5, 12)` from the beginning.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` moves.

    Raises:
        ValueError: at the call, if an argument is not accepted.
        Diverged: on the way, if a parameter is no longer finite; it keeps the last good step.
    """
    choice("objective", objective, OBJECTIVES)
    step = beginning(gen, rec, start)
    u = exact.checked_inputs(step.gen, u, step.rec)
    weights = data_weights(weights, len(u))
    if objective == "F":
        present(step.rec)
    step = with_optimiser(step, optimiser)
    if minibatch is not None:
        minibatch = count("minibatch", minibatch)
        step, rng = with_generator(step, rng)
    learner = _Ascent(step, u, weights, objective, rate, minibatch, rng)
    return walk(learner, step, steps, every, fresh=start is None)


class _Ascent:
    """Moves up the gradient of the objective on all data, or on data drawn for each move."""

    def __init__(
        self,
        step: Step,
        u: Array,
        weights: Array,
        objective: str,
        rate: Rate,
        minibatch: int | None,
        rng: np.random.Generator | None,
    ) -> None:
        self.now, self.u, self.weights = step, u, weights
        self.objective, self.minibatch = objective, minibatch
        self.rates = rates_of(rate, len(step.gen.sizes))
        self.layers = [layer_of(model) for model in (step.gen, step.rec) if model is not None]
        self.rng = None if minibatch is None else rng

    def advance(self, n: int) -> None:
        for _ in range(n):
            if self.rng is None:
                self._move(self.u, self.weights)
            else:
                drawn = self.rng.choice(len(self.u), self.minibatch, p=self.weights)
                self._move(self.u[drawn], None)

    def _move(self, u: Array, weights: Array | None) -> None:
        now, rates = self.now, np.array(self.rates(self.now.count))
        for_gen, for_rec = optimisers(now)
        rec = now.rec
        if self.objective == "L":
            d_gen = exact.grad_log_likelihood(now.gen, u, weights)
        else:
            d_gen, d_rec = exact.grad_free_energy(now.gen, present(rec), u, weights)
            move, for_rec = for_rec.move(d_rec.ravel(), rates[self.layers[1]])
            rec = moved(rec, move)
        move, for_gen = for_gen.move(d_gen.ravel(), rates[self.layers[0]])
        gen = moved(now.gen, move)
        optimiser = for_gen, for_rec
        self.now = Step(gen, rec, None, "ascent", now.count + 1, optimiser, tries=now.tries)

    def step(self) -> Step:
        if self.rng is None:
            return self.now
        return replace(self.now, rng_state=self.rng.bit_generator.state)
