"""Learning with regressions: recognition and read-outs by least squares, as in the paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import as_start_has, count, data_weights
from hmlib.ddc.blur import blurred
from hmlib.ddc.chain import Chain
from hmlib.ddc.encodings import Encoding, Features
from hmlib.ddc.instruments import read
from hmlib.ddc.network import Network
from hmlib.ddc.nightly import Instruments, RegressionStep, as_learning_sees
from hmlib.ddc.readouts import Averages, warn_of_poor_features
from hmlib.ddc.sleep import sleep, two_ridges
from hmlib.ddc.units import sizes_of, spread_about, units_about, units_of
from hmlib.ddc.wake import seen
from hmlib.ddc.warped import Warped
from hmlib.ddc.watched import Learner, lower_limits
from hmlib.learning.optimisers import Optimiser, Sgd
from hmlib.learning.walking import workable

Array = NDArray[np.float64]

_LOOKED_AT = 4000
"""Data held against the features at the start, at most."""

_BLUR = {"split": 0.25, "code": 0.25, "score": 0.35}
"""Blur where a network learns, in units of the data's spread."""

_RIDGE = {"split": (1e-2, 1e-2), "code": (1e-2, 1e-2), "score": (1e-3, 1e-2)}
"""rho of the regression on features of x, and of those on encodings."""


class RegressionLearner(Learner[RegressionStep]):
    """Regressions on each night's dreams, and a move by what they say of the data."""

    def __init__(
        self,
        step: RegressionStep,
        x: Array,
        weights: ArrayLike | None,
        rates: Callable[[int], tuple[float, ...]],
        n_dreams: int,
        floor: float,
        watch: int,
    ) -> None:
        super().__init__(step, watch)
        self._x, self._rates, self._n = step.looked_at(x), rates, n_dreams
        if weights is not None:
            weights = np.tile(data_weights(weights, len(x)), len(self._x) // len(x))
        self._data = seen(self._x, step.features, step.learnt.layers[0], weights)
        spread = spread_about(x)
        self._sizes = sizes_of(step.learnt, spread)
        # Adam feels a unit only where gradients are near its small number: a coarse unit will do.
        plain = isinstance(step.optimiser, Sgd)
        self._units = units_of(step.learnt, spread if plain else units_about(x))
        least = floor * spread
        self._least = lower_limits(
            step.learnt, least if step.blur is None else np.hypot(least, step.blur)
        )

    def _move(self) -> None:
        step = self._step
        night = step.night(self._rng, self._n)
        # To the optimiser the gradient is one in the data's own units, whatever x is measured in.
        gradient = self._units * workable(step.direction(night, self._data))
        (rate,) = self._rates(step.count)
        move, optimiser = step.optimiser.move(gradient, rate * self._sizes)
        vector = np.maximum(step.learnt.ravel() + move, self._least)
        self._step = replace(
            step,
            learnt=step.learnt.like(workable(vector)),
            averages=night.averages,
            optimiser=optimiser,
            count=step.count + 1,
        )

    def _reading(self, step: RegressionStep) -> Instruments:
        # The instruments' own dreams: learning is the same with or without them.
        return read(step, self._x, self._data, np.random.default_rng(step.count), self._n)


def _blur_of(model: Chain, mode: str, blur: float | None, spread: Array) -> Array | None:
    """Standard deviation of the blur in units of x; None if there is none."""
    if blur is None:
        blur = _BLUR[mode] if isinstance(model.layers[0], Network) else 0.0
    if blur == 0:
        return None
    if isinstance(model.layers[0], Warped):
        raise ValueError(f"blur is {blur!r} beside a Warped layer; accepted: 0")
    if model.layers[0].noise is None:
        raise ValueError(
            f"blur is {blur!r}, and a {type(model.layers[0]).__name__} has no Gaussian noise that "
            "it could be taken off; accepted: 0"
        )
    return blur * spread


def first_regression_step(
    model: Chain,
    x: Array,
    rng: np.random.Generator,
    mode: str,
    optimiser: Optimiser,
    n_dreams: int,
    features: int | Features | None,
    encodings: int | Sequence[Features] | None,
    gain: float | None,
    ridge: float | tuple[float, float] | None,
    memory: float | None,
    minus_dreams: bool | None,
    blur: float | None,
) -> RegressionStep:
    """The start of a run, its functions placed at the data and at the first dreams."""
    averages = Averages(0.9 if memory is None else memory)
    sd = _blur_of(model, mode, blur, spread_about(x))
    seed = 0 if sd is None else int(rng.integers(2**32))
    learnt = model if sd is None else blurred(model, sd)
    looked_at = as_learning_sees(x, sd, seed)
    values = learnt.sample(rng, max(n_dreams, 1000))
    if not callable(features):
        points = np.concatenate([looked_at, values[0]])
        number = count("features", 200 if features is None else features)
        features = Encoding.random(rng, points, number, kind="relu")
    if not isinstance(encodings, Iterable):
        number = count("encodings", 200 if encodings is None else encodings)
        sharp = 2.0 if gain is None else gain
        encodings = [Encoding.random(rng, z, number, gain=sharp) for z in values[1:]]
    encodings = tuple(encodings)
    first = sleep(values, features, encodings, _RIDGE[mode] if ridge is None else ridge)
    first.check()
    seen_by_features = np.concatenate([first.phi, features(looked_at[:_LOOKED_AT])])
    warn_of_poor_features(seen_by_features, "features", n_dreams, stacklevel=4)
    for l, T in enumerate(first.encoded, start=1):
        warn_of_poor_features(T, f"encodings of z_{l}", n_dreams, stacklevel=4)
    return RegressionStep(
        learnt=learnt, mode=mode, optimiser=optimiser, rng_state=rng.bit_generator.state,
        minus_dreams=mode != "split" if minus_dreams is None else bool(minus_dreams),
        features=features, encodings=encodings, ridge=first.ridges, averages=averages,
        blur=sd, blur_seed=seed,
    )  # fmt: skip


def continues_regressions(
    start: RegressionStep,
    spread: Array,
    features: int | Features | None,
    encodings: int | Sequence[Features] | None,
    gain: float | None,
    ridge: float | tuple[float, float] | None,
    memory: float | None,
    minus_dreams: bool | None,
    blur: float | None,
) -> None:
    """Raise ValueError if an argument is given and is not what the start has."""
    as_start_has("features", features, start.features, _placed(features, start.features))
    as_start_has("encodings", encodings, start.encodings, _all_placed(encodings, start.encodings))
    as_start_has("gain", gain, "its encodings in place", False)
    if ridge is not None:
        as_start_has("ridge", ridge, start.ridge, two_ridges(ridge) == start.ridge)
    as_start_has("memory", memory, start.averages.memory, memory == start.averages.memory)
    as_start_has(
        "minus_dreams", minus_dreams, start.minus_dreams, minus_dreams == start.minus_dreams
    )
    sd = np.zeros(len(spread)) if start.blur is None else start.blur
    as_start_has("blur", blur, float((sd / spread).mean()), np.allclose(sd, (blur or 0) * spread))


def _placed(wanted: int | Features | None, there: Features) -> bool:
    """Whether these functions are there, or as many random ones as are wanted."""
    if callable(wanted):
        return wanted is there
    return isinstance(there, Encoding) and there.bias.size == wanted


def _all_placed(wanted: int | Sequence[Features] | None, there: tuple[Features, ...]) -> bool:
    """The same of the encodings of all layers."""
    if not isinstance(wanted, Iterable):
        return all(_placed(wanted, T) for T in there)
    return len(wanted) == len(there) and all(map(_placed, wanted, there))
