"""Learning scales from dreams alone: a recogniser that sees scale, and a code that is read exactly.

Asleep a network sees log energies of the dreamt x and learns where z lay, and how wide that leaves
it: the code E[z|x] and E[zz'|x]. Awake the average slope is read off N(m, S), in closed form. No
likelihood of a datum is evaluated, and no dreams are subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, generator, positive
from hmlib.ddc.chain import Chain
from hmlib.ddc.families import GaussianScale
from hmlib.ddc.particles import FIRST_NIGHTS
from hmlib.ddc.proposals import Proposal
from hmlib.ddc.scales import scale_direction, scale_family
from hmlib.ddc.subtracting import Trained
from hmlib.ddc.tops import StandardNormal
from hmlib.ddc.watched import checked_data
from hmlib.learning.optimisers import Adam
from hmlib.learning.walking import Steps, generator_at, walk, workable

Array = NDArray[np.float64]

_SLEEP_RATE = (8e-3, 3e-4)
"""Rate of the recogniser, at the start and at the end of a run."""

_LEAST_ENERGY = 1e-6
"""Energies far below this part of the usual one look alike."""

_ROUNDS = 30
"""Of the shape's fixed point: the error halves in each, or better."""


@dataclass(frozen=True, eq=False)
class LogEnergies:
    """What a recogniser must see of x to see scale: log mean energies of bands of neighbours.

    Attributes:
        sd: the usual size of each unit beside the others, shape (n_x,).
        starts: the first unit of each band, shape (bands,).
    """

    sd: Array
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, x: ArrayLike, width: int = 8) -> Self:
        """Bands of so many units, in the order in which they stand; x has shape (n, n_x)."""
        x = checked_data(x)
        size = np.sqrt((x**2).mean(axis=1, keepdims=True))
        # A datum that is 0 everywhere has no shape.
        apart = np.divide(x, size, out=np.zeros_like(x), where=size > 0)
        sd = np.maximum(np.sqrt((apart**2).mean(axis=0)), 1e-12)
        return cls(sd, np.arange(0, x.shape[1], count("width", width)))

    def __call__(self, x: Array) -> Array:
        """Shape (n, bands)."""
        wide = np.diff(np.append(self.starts, self.sd.size))
        energy = np.add.reduceat((x / self.sd) ** 2, self.starts, axis=1) / wide
        return np.asarray(np.log(_LEAST_ENERGY + energy))


@dataclass(frozen=True, eq=False, repr=False)
class ScaleStep:
    """Where learning stands.

    Attributes:
        model: the chain of GaussianScale and StandardNormal.
        trained: the recogniser.
        seen: what it sees of x.
        optimiser: Adam's state for the model.
        rng_state: state of the random generator.
        count: steps done.
    """

    model: Chain
    trained: Trained[Proposal]
    seen: LogEnergies
    optimiser: Adam
    rng_state: Mapping[str, Any]
    count: int = 0

    @property
    def gen(self) -> Chain:
        """The generative model, under the name that it has in all kinds of learning."""
        return self.model

    def code(self, x: ArrayLike) -> tuple[Array, Array]:
        """Mean and covariance of z that the code of x says, shapes (n, n_z), (n, n_z, n_z)."""
        x = scale_family(self.model).observed(x)
        m, C, _ = self.trained.mean.said_of(self.seen(x))
        return m, np.linalg.inv(C @ C.transpose(0, 2, 1)).astype(np.float64)

    def __repr__(self) -> str:
        return f"Step {self.count}: {self.model.units}"


def shape_axes(x: ArrayLike) -> Array:
    """Axes along which data vary once the scale of each is divided out, widest first.

    The covariance of x_n / |x_n| where |.| is the length that this same covariance measures: it
    does not change if any datum is made larger or smaller. The plain covariance is that of the
    largest data alone.

    Args:
        x: data about 0, shape (n, d), n > d.

    Returns:
        Orthonormal columns, shape (d, d), the largest entry of each above 0.

    Raises:
        ValueError: if the data span less than their d dimensions.

    Source: Tyler 1987.
    """
    data = checked_data(x)
    n, d = data.shape
    if n <= d or np.linalg.matrix_rank(data) < d:
        raise ValueError(f"x has shape {data.shape}; accepted: data that span their {d} dimensions")
    data = data[(data != 0).any(axis=1)]
    shape = data.T @ data / n
    for _ in range(_ROUNDS):
        square = (data * np.linalg.solve(shape, data.T).T).sum(axis=1) / d
        shape = (data / square[:, None]).T @ data / n
    axes = np.linalg.eigh(shape)[1][:, ::-1]
    # Which way an axis points is not left to LAPACK.
    largest = np.abs(axes).argmax(axis=0)
    return np.asarray(axes * np.sign(axes[largest, np.arange(d)]))


def scale_start(x: ArrayLike, rng: np.random.Generator, latents: int = 3) -> Chain:
    """A chain to start from: one latent for all units, the others nearly still.

    Args:
        x: data about 0, shape (n, n_x).
        rng: random generator.
        latents: units of z.
    """
    x, latents = checked_data(x), count("latents", latents)
    B = 0.1 * generator("rng", rng).standard_normal((x.shape[1], latents))
    B[:, 0] += 1.0
    variance = np.maximum((x**2).mean(axis=0), np.finfo(float).tiny)
    # The mean of exp(b . z) is exp(b . b / 2).
    c = np.log(variance) - (B**2).sum(axis=1) / 2
    return Chain((GaussianScale(B, c), StandardNormal(latents)))


def fit_scales(
    model: Chain | None,
    x: ArrayLike,
    rng: np.random.Generator | None = None,
    steps: int = 1500,
    rate: float = 0.03,
    n_dreams: int = 300,
    minibatch: int = 250,
    planned: int | None = None,
    every: int = 1,
    start: ScaleStep | None = None,
) -> Steps[ScaleStep]:
    """Sleep and wake for a chain whose latents set how large x is.

    Args:
        model: a chain of GaussianScale and StandardNormal; None for `scale_start(x, rng)`.
        x: data about 0, shape (n, n_x); units that belong together stand side by side, as along
            `shape_axes`.
        rng: random generator; needed unless the run is continued.
        steps: number of steps.
        rate: of Adam, down in a straight line to 0 after `planned` steps.
        n_dreams: dreams a night.
        minibatch: data drawn for each step.
        planned: steps of the whole run; if None, it ends with these `steps`.
        every: steps from one record to the next.
        start: a step to continue from, in place of a model and rng.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted.
        Diverged: on the way, if learning leaves the finite numbers.
    """
    x, rate, steps = checked_data(x), positive("rate", rate), count("steps", steps)
    n_dreams, minibatch = count("n_dreams", n_dreams), count("minibatch", minibatch)
    done = 0 if start is None else start.count
    planned = count("planned", planned or done + steps, least=done + steps)
    if start is None:
        rng = generator("rng", rng)
        model = scale_start(x, rng) if model is None else model
        scale_family(model).observed(x)
        step = _first(model, x, rng, n_dreams)
    elif model is not None or rng is not None:
        raise ValueError("model or rng is given beside start; accepted: one or the other")
    else:
        step = start
    learner = _Scales(step, x, rate, n_dreams, minibatch, planned)
    return walk(learner, step, steps, every, fresh=start is None)


def _first(model: Chain, x: Array, rng: np.random.Generator, n: int) -> ScaleStep:
    """The start of a run: the recogniser has learnt from its first nights."""
    seen = LogEnergies.of(x)
    points = np.concatenate([seen(x), seen(model.sample(rng, len(x))[0])])
    proposal = Proposal.random(rng, points, model.top.n_y)
    trained = Trained.untaught(proposal)
    for _ in range(FIRST_NIGHTS):
        dreamt, z = model.sample(rng, n)
        trained = trained.after(z, seen(dreamt), _SLEEP_RATE[0])
    return ScaleStep(model, trained, seen, Adam(), rng.bit_generator.state)


class _Scales:
    """A night, and a move by some of the data."""

    def __init__(
        self, step: ScaleStep, x: Array, rate: float, n_dreams: int, minibatch: int, planned: int
    ) -> None:
        self._step, self._x, self._rng = step, x, generator_at(dict(step.rng_state))
        self._rate, self._n, self._some, self._end = rate, n_dreams, minibatch, planned

    def advance(self, n: int) -> None:
        for _ in range(n):
            self._move()

    def _move(self) -> None:
        step, rng = self._step, self._rng
        left = 1 - step.count / self._end
        first, last = _SLEEP_RATE
        dreamt, z = step.model.sample(rng, self._n)
        step = replace(
            step, trained=step.trained.after(z, step.seen(dreamt), last + (first - last) * left)
        )
        x = self._x[rng.integers(len(self._x), size=self._some)]
        gradient = scale_direction(step.model, *step.code(x), x)
        move, optimiser = step.optimiser.move(workable(gradient), self._rate * left)
        self._step = replace(
            step,
            model=step.model.like(workable(step.model.ravel() + move)),
            optimiser=optimiser,
            count=step.count + 1,
        )

    def step(self) -> ScaleStep:
        return replace(self._step, rng_state=self._rng.bit_generator.state)
