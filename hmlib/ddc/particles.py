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
from hmlib.ddc.nightly import DDCStep, Instruments
from hmlib.ddc.proposals import Proposal
from hmlib.ddc.readouts import r_squared
from hmlib.ddc.units import sizes_of, spread_about, units_about, units_of
from hmlib.ddc.warped import Warped
from hmlib.ddc.watched import Learner, lower_limits
from hmlib.learning.optimisers import Adam, Optimiser, Sgd
from hmlib.learning.walking import workable

Array = NDArray[np.float64]

FIRST_NIGHTS = 300
"""Nights that a recogniser is trained for before the first wake."""

_SLEEP_RATE = (8e-3, 3e-4)
"""Rate of the recogniser, at the start and at the end of a run."""

_KEPT = 0.02
"""Part of the latest recogniser in the running mean that wake uses."""

_READ_ON = 500
"""Data that the instruments look at."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Trained:
    """A recogniser on its way.

    Attributes:
        latest: as the last night left it.
        mean: its running mean, which wake uses.
        optimiser: Adam's state.
    """

    latest: Proposal
    mean: Proposal
    optimiser: Adam

    def after(self, z: Array, x: Array, rate: float) -> Trained:
        """After one more night: a move up mean log q(z_s|x_s)."""
        _, gradient = self.latest.gradient(z, x)
        move, optimiser = self.optimiser.move(workable(gradient), rate)
        latest = self.latest.learnt() + move
        mean = self.mean.learnt()
        mean += _KEPT * (latest - mean)
        return Trained(
            latest=self.latest.with_learnt(workable(latest)),
            mean=self.mean.with_learnt(mean),
            optimiser=optimiser,
        )


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ParticleStep(DDCStep):
    """Where learning stands with weights on dreams or draws.

    Attributes:
        kappa: the kernel's part of the noise, where recognition is local.
        warp: the change of variables that x is seen through, if its tails are long: `learnt` is
            the model of what is seen, `model` that of x.
        trained: the recogniser, where it is trained.
        draws: latents drawn for each datum, likewise; else 0.
    """

    kappa: float
    warp: Warped | None = None
    trained: Trained | None = None
    draws: int = 0

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
        q = self.trained.mean
        if self.mode == "code":
            return decoded_direction(self.learnt, q, x, share, rng, self.draws)
        return guided_direction(self.learnt, q, x, share, rng, self.draws)[0]


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
        spread = spread_about(self._x)
        self._sizes = sizes_of(step.learnt, spread)
        plain = isinstance(step.optimiser, Sgd)
        self._units = units_of(step.learnt, spread if plain else units_about(self._x))
        self._least = lower_limits(step.learnt, floor * spread)

    def _move(self) -> None:
        step = self._step
        if step.trained is not None:
            first, last = _SLEEP_RATE
            rate = first + (last - first) * min(1.0, step.count / max(self._end, 1))
            dreams = step.learnt.sample(self._rng, self._n)
            trained = step.trained.after(np.hstack(dreams[1:]), dreams[0], rate)
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
    optimiser: Optimiser,
    n_dreams: int,
) -> ParticleStep:
    """The start of a run; with draws, by a recogniser that has learnt from its first nights."""
    bottom = model.layers[0]
    warp = bottom if isinstance(bottom, Warped) else None
    learnt, trained = model, None
    if warp is not None:
        learnt = Chain((warp.inner, *model.layers[1:]))
    if not draws:
        noisy_bottom(learnt)
    else:
        seen = x if warp is None else warp.warp(x)
        proposal = Proposal.random(rng, seen, sum(layer.n_y for layer in model.layers[1:]))
        trained = Trained(latest=proposal, mean=proposal, optimiser=Adam())
        for _ in range(FIRST_NIGHTS):
            dreams = learnt.sample(rng, n_dreams)
            trained = trained.after(np.hstack(dreams[1:]), dreams[0], _SLEEP_RATE[0])
    return ParticleStep(
        learnt=learnt, mode=mode, optimiser=optimiser, rng_state=rng.bit_generator.state,
        kappa=kappa, warp=warp, trained=trained, draws=draws,
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
        said = step.trained.mean.said_of(some)[0]
        edges = np.cumsum([layer.n_y for layer in step.learnt.layers[1:]])[:-1]
        told = np.split(said, edges, axis=1)
        effective = np.full(1, np.nan)
        if step.mode == "guided":
            q = step.trained.mean
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
