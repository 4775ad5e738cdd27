"""Learning with weights on dreams or draws: by local recognition, or by a trained one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hmlib.ddc.chain import Chain
from hmlib.ddc.guided import decoded_direction, guided_direction
from hmlib.ddc.instruments import outside, widths
from hmlib.ddc.local import local_night, noisy_bottom
from hmlib.ddc.looks import Looking
from hmlib.ddc.nightly import DDCStep, Instruments
from hmlib.ddc.proposals import Proposal
from hmlib.ddc.readouts import r_squared
from hmlib.ddc.subtracting import LOOKED, Place, Subtraction, Trained, planned
from hmlib.ddc.units import sizes_of, spread_about, units_about, units_of
from hmlib.ddc.warped import Warped
from hmlib.ddc.watched import Learner, lower_limits
from hmlib.learning.optimisers import Optimiser, Sgd
from hmlib.learning.walking import workable
from hmlib.metrics import median_bandwidth, mmd2

Array = NDArray[np.float64]

FIRST_NIGHTS = 300
"""Nights that a recogniser is trained for before the first wake."""

SLEEP_RATE = (8e-3, 3e-4)
"""Rate of the recogniser, at the start and at the end of a run."""

_READ_ON = 500
"""Data that the instruments look at."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ParticleStep(DDCStep):
    """Where learning stands with weights on dreams or draws.

    Attributes:
        kappa: the kernel's part of the noise, where recognition is local.
        warp: the change of variables that x is seen through, if its tails are long: `learnt` is
            the model of what is seen, `model` that of x.
        trained: the recogniser, where it is trained.
        draws: latents drawn for each datum, likewise; else 0.
        subtraction: of the average over dreams, likewise; None if nothing is subtracted.
    """

    kappa: float
    warp: Warped | None = None
    trained: Trained[Proposal] | Trained[Looking] | None = None
    draws: int = 0
    subtraction: Subtraction | None = None

    @property
    def minus_dreams(self) -> bool:
        """Whether the average over dreams comes to be subtracted."""
        return self.subtraction is not None

    @property
    def looks(self) -> int:
        """How often a trained recogniser looks at x, else 0."""
        if self.trained is None:
            return 0
        return 2 if isinstance(self.trained.latest, Looking) else 1

    @cached_property
    def model(self) -> Chain:
        """The generative model of the data, as they were given."""
        return self.learnt if self.warp is None else rewarped(self.learnt, self.warp)

    def looked_at(self, x: Array) -> Array:
        """The data as learning sees them."""
        return x if self.warp is None else self.warp.warp(x)

    def direction(self, x: Array, share: Array, rng: np.random.Generator, n: int) -> Array:
        """The move of one night with n dreams, for data as learning sees them."""
        if self.trained is None:
            return local_night(self.learnt, rng, n, self.kappa).direction(x, share)
        q = self.trained.mean.facing(self.learnt)
        if self.mode == "guided":
            return guided_direction(self.learnt, q, x, share, rng, self.draws)[0]
        moved = decoded_direction(self.learnt, q, x, share, rng, self.draws)
        if self.subtraction is not None and self.subtraction.part:
            dreams, equal = self.learnt.sample(rng, len(x))[0], np.full(len(x), 1 / len(x))
            asleep = decoded_direction(self.learnt, q, dreams, equal, rng, self.draws)
            moved = moved - self.subtraction.part * asleep
        return moved


class ParticleLearner(Learner[ParticleStep]):
    """A night, and a move by some of the data."""

    def __init__(
        self,
        step: ParticleStep,
        x: Array,
        weights: Array,
        rates: Callable[[int], tuple[float, ...]],
        n_dreams: int,
        minibatch: int,
        floor: float,
        watch: int,
        end: int,
    ) -> None:
        super().__init__(step, watch)
        self._x, self._weights = step.looked_at(x), weights
        self._rates, self._n, self._end = rates, n_dreams, end
        self._minibatch, self._equal = minibatch, bool(np.ptp(weights) == 0)
        self._spread = spread = spread_about(self._x)
        self._sizes = sizes_of(step.learnt, spread)
        plain = isinstance(step.optimiser, Sgd)
        self._units = units_of(step.learnt, spread if plain else units_about(self._x))
        self._least = lower_limits(step.learnt, floor * spread)
        self._near = self._x[:: max(1, len(self._x) // _READ_ON)][:_READ_ON] / spread

    @cached_property
    def _width(self) -> float:
        """Of the kernel that holds dreams against data."""
        return median_bandwidth(self._near) / 2

    def _move(self) -> None:
        step = self._subtracting(self._step)
        if step.trained is not None:
            first, last = SLEEP_RATE
            rate = first + (last - first) * min(1.0, step.count / max(self._end, 1))
            dreams = step.learnt.sample(self._rng, self._n)
            facing = step.trained.facing(step.learnt)
            trained = facing.after(np.hstack(dreams[1:]), dreams[0], rate)
            step = replace(step, trained=trained)
        x, share = self._some()
        gradient = self._units * workable(step.direction(x, share, self._rng, self._n))
        (rate,) = self._rates(step.count)
        move, optimiser = step.optimiser.move(gradient, rate * self._sizes)
        vector = np.maximum(step.learnt.ravel() + move, self._least)
        self._step = replace(
            step,
            learnt=step.learnt.like(workable(vector)),
            optimiser=optimiser,
            count=step.count + 1,
        )

    def _subtracting(self, step: ParticleStep) -> ParticleStep:
        """The step before its move, when it is known how much is subtracted: back where the dreams
        were nearest to the data, if they have gone away from them since."""
        now = step.subtraction
        if now is None:
            return step
        part = planned(step.count, self._end)
        if part and step.count % LOOKED == 0:
            near, fresh = self._near, np.random.default_rng(step.count)
            dreams = step.learnt.sample(fresh, _READ_ON)[0] / self._spread
            where = Place(step.learnt, step.trained, step.optimiser)
            told = now.told(mmd2(near, dreams, self._width), where, part, 1 / _READ_ON)
            if told.limit < now.limit:
                step = replace(step, **vars(told.place))
            now = told
        return replace(step, subtraction=replace(now, part=min(part, now.limit)))

    def _some(self) -> tuple[Array, Array]:
        """Some of the data, and their share in the average."""
        n, some = len(self._x), self._minibatch
        if n <= some:
            return self._x, self._weights
        if self._equal:
            chosen = self._rng.integers(n, size=some)
        else:
            chosen = self._rng.choice(n, size=some, p=self._weights)
        return self._x[chosen], np.full(some, 1 / some)

    def _reading(self, step: ParticleStep) -> Instruments:
        # The instruments' own dreams: learning is the same with or without them.
        return read_particles(step, self._x, np.random.default_rng(step.count), self._n)


def first_particle_step(
    model: Chain,
    x: Array,
    rng: np.random.Generator,
    mode: str,
    kappa: float,
    draws: int,
    looks: int,
    minus_dreams: bool,
    optimiser: Optimiser,
    n_dreams: int,
) -> ParticleStep:
    """The start of a run; with draws, by a recogniser that has learnt from its first nights."""
    bottom = model.layers[0]
    warp = bottom if isinstance(bottom, Warped) else None
    learnt = model
    trained: Trained[Proposal] | Trained[Looking] | None = None
    if warp is not None:
        learnt = Chain((warp.inner, *model.layers[1:]))
    if not draws:
        noisy_bottom(learnt)
    else:
        seen = x if warp is None else warp.warp(x)
        n_z = sum(layer.n_y for layer in learnt.layers[1:])
        if looks == 1:
            trained = Trained.untaught(Proposal.random(rng, seen, n_z))
        else:
            trained = Trained.untaught(Looking.random(rng, learnt, seen))
        for _ in range(FIRST_NIGHTS):
            dreams = learnt.sample(rng, n_dreams)
            trained = trained.after(np.hstack(dreams[1:]), dreams[0], SLEEP_RATE[0])
    return ParticleStep(
        learnt=learnt, mode=mode, optimiser=optimiser, rng_state=rng.bit_generator.state,
        kappa=kappa, warp=warp, trained=trained, draws=draws,
        subtraction=Subtraction() if minus_dreams else None,
    )  # fmt: skip


def read_particles(step: ParticleStep, x: Array, rng: np.random.Generator, n: int) -> Instruments:
    """Read the instruments of a step with weights on dreams.

    Args:
        step: where learning stands.
        x: the data as learning sees them.
        rng: for the dreams that the instruments are read on.
        n: their number.
    """
    x = x[:: max(1, len(x) // _READ_ON)]
    fresh = step.learnt.sample(rng, max(n, 2))
    some = fresh[0][:_READ_ON]
    shares = [np.full(len(values), 1 / len(values)) for values in (x, some)]
    units = units_of(step.learnt, units_about(x))
    of_data = step.direction(x, shares[0], rng, n)
    of_dreams = step.direction(some, shares[1], rng, n)
    if step.trained is None:
        night = local_night(step.learnt, rng, n, step.kappa)
        told = [night.code(some, _itself, l) for l in range(1, step.learnt.depth + 1)]
        effective = night.effective(x)
    else:
        q = step.trained.mean.facing(step.learnt)
        said = q.said_of(some)[0]
        edges = np.cumsum([layer.n_y for layer in step.learnt.layers[1:]])[:-1]
        told = np.split(said, edges, axis=1)
        effective = np.full(1, np.nan)
        if step.mode == "guided":
            effective = guided_direction(step.learnt, q, x, shares[0], rng, step.draws)[1]
    r2 = tuple(r_squared(r, z[: len(some)]) for r, z in zip(told, fresh[1:], strict=True))
    return Instruments(
        r2,
        (),
        _length(units * of_dreams) / max(_length(units * of_data), 1e-300),
        outside(x, fresh[0]),
        *widths(x, fresh[0]),
        effective=float(np.median(effective)),
    )


def rewarped(learnt: Chain, warp: Warped) -> Chain:
    """The chain of x, from that of g(x)."""
    bottom, *above = learnt.layers
    return Chain((replace(warp, inner=bottom), *above))


def _length(vector: Array) -> float:
    return float(np.linalg.norm(vector))


def _itself(z: Array) -> Array:
    return z
