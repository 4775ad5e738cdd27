"""Learning: night after night of dreams, and a move of the generative model after each."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import (
    as_start_has,
    choice,
    count,
    data_weights,
    draws_alike,
    finite_array,
    generator,
)
from hmlib.ddc.blur import blurred
from hmlib.ddc.chain import Chain
from hmlib.ddc.encodings import Encoding, Features
from hmlib.ddc.instruments import first_alarm, read, runaway
from hmlib.ddc.network import Network
from hmlib.ddc.nightly import DDCStep, Instruments, as_learning_sees
from hmlib.ddc.readouts import Averages, warn_of_poor_features
from hmlib.ddc.sleep import sleep, two_ridges
from hmlib.ddc.tops import StandardNormal
from hmlib.ddc.units import sizes_of, spread_about, units_about, units_of
from hmlib.ddc.wake import MODES, Seen, seen
from hmlib.learning.optimisers import OPTIMISERS, Optimiser, Rate, Sgd, anneal, rates_of
from hmlib.learning.walking import Diverged, NotFinite, Steps, workable

Array = NDArray[np.float64]

_LOOKED_AT = 4000
"""Data held against the features at the start, at most."""

_RATE = {"split": 4e-3, "code": 4e-3, "score": 6e-3}
"""Learning rate at the start."""

_BLUR = {"split": 0.25, "code": 0.25, "score": 0.35}
"""Blur where a network learns, in units of the data's spread."""

_RIDGE = {"split": (1e-2, 1e-2), "code": (1e-2, 1e-2), "score": (1e-3, 1e-2)}
"""rho of the regression on features of x, and of those on encodings."""

_LOST = (NotFinite, ValueError, np.linalg.LinAlgError)
"""What is raised where learning has run away."""


def fresh(
    x: ArrayLike,
    rng: np.random.Generator,
    latents: int = 2,
    hidden: int = 60,
    variance: float = 1.0,
) -> Chain:
    """A network generator to start from, for any data: its dreams cover them.

    z_1 ~ N(0, I), x ~ N(U tanh(V z_1 + a) + b, diag exp(log_var)), about the data's mean and in
    units of the data's spread.

    Args:
        x: data, shape (n, d), n >= 2.
        rng: random generator.
        latents: units of z_1.
        hidden: hidden units of the network.
        variance: of the noise, over that of the data, above 0.

    Raises:
        ValueError: if an argument is not accepted.
    """
    x, latents = _data(x), count("latents", latents)
    spread = spread_about(x)
    start = Network.random(generator("rng", rng), x.shape[1], latents, hidden, variance)
    U, log_var = spread[:, None] * start.U, start.log_var + 2 * np.log(spread)
    network = Network(start.V, start.a, U, x.mean(axis=0), log_var)
    return Chain((network, StandardNormal(latents)))


def fit(
    model: Chain | None,
    x: ArrayLike,
    rng: np.random.Generator | None = None,
    wake: str | None = None,
    steps: int = 1500,
    rate: Rate | None = None,
    n_dreams: int = 1000,
    features: int | Features | None = None,
    encodings: int | Sequence[Features] | None = None,
    gain: float | None = None,
    ridge: float | tuple[float, float] | None = None,
    memory: float | None = None,
    minus_dreams: bool | None = None,
    floor: float = 0.0,
    blur: float | None = None,
    weights: ArrayLike | None = None,
    optimiser: str | None = None,
    every: int = 1,
    watch: int = 50,
    planned: int | None = None,
    start: DDCStep | None = None,
) -> Steps[DDCStep]:
    """Sleep and wake: dream, learn recognition and read-outs from the dreams, move the model.

    Learning is the same in any units of x: rescaled data give the same dreams, rescaled.

    Args:
        model: the chain to start from; None for `fresh(x, rng)`.
        x: data, shape (n, n_x). All of them are used in every step, at no cost: codes are linear
            in features of x, whose averages are taken once.
        rng: random generator; needed unless the run is continued.
        wake: "split", "code" or "score"; "code" if None.
        steps: number of steps.
        rate: learning rate, or a function of the steps done; if None, from 4e-3 (6e-3 in `score`)
            down in a straight line to 0 after `planned` steps. It is in units of the data's spread
            where a parameter is.
        n_dreams: dreams a step, M.
        features: phi; or the number of ReLU features to place at data and first dreams; 200 if
            None.
        encodings: T_1, ..., T_D; or the number of tanh encodings of each layer to place at the
            first dreams; 200 if None.
        gain: sharpness of the encodings that are placed, above 0; 2 if None.
        ridge: rho, above 0; two numbers if features of x and encodings have their own. If None,
            1e-2: with less, codes of data in long tails or wide spaces magnify what is chance in
            the dreams, and learning runs away. In `score`, 1e-3 for the features.
        memory: of the regressions' running averages, 0 to below 1; 0.9 if None.
        minus_dreams: subtract the average over the dreams. If None, in `code` and `score`, and
            not in `split`, which is the paper to the letter.
        floor: the noise of x has at least this standard deviation, in units of the data's spread.
        blur: standard deviation of noise added to the data, in the same units, which is taken off
            `step.model` again. If None, 0.25 (0.35 in `score`) for a Network, whose noise may
            else become narrower than its encodings and features resolve, and 0 otherwise.
        weights: data weights, shape (n,); equal if None.
        optimiser: "adam" or "sgd"; "adam" if None.
        every: steps from one record to the next.
        watch: steps from one reading of the instruments to the next.
        planned: steps of the whole run, those before `start` and those to come later among them:
            where a rate of None ends at 0. If None, the run ends with these `steps`.
        start: a step to continue from. x, steps, rate, n_dreams, floor, weights, every, watch and
            planned are as given here, and all else as it was: an argument that says otherwise is
            refused. A run that was stopped and goes on, with the same arguments, is the run that
            was never stopped, bit for bit. But 4 steps and then 8 are not the run of 12 if the
            rate is None: after the 4 it was at 0. Say `planned=12` in both, or give a rate.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted, or is not what `start` has.
        Diverged: on the way, if learning runs away. It names the instrument that went first and
            keeps the last step that the instruments found good.

    Warns:
        RuntimeWarning: for fewer dreams than functions, functions that never change, or
            coordinates of x with Gaussian noise that never change.

    Source: Vértes & Sahani 2018, equations 6 to 11.
    """
    x = _data(x)
    n_dreams, steps = count("n_dreams", n_dreams), count("steps", steps)
    every, watch = count("every", every), count("watch", watch)
    for name, value in (("floor", floor), ("blur", 0.0 if blur is None else blur)):
        if not isinstance(value, Real) or not 0 <= value < np.inf:
            raise ValueError(f"{name} is {value!r}; accepted: a number >= 0")
    begun, spread = start is None, spread_about(x)
    if start is None:
        mode = choice("wake", "code" if wake is None else wake, MODES)
        rng = generator("rng", rng)
        model = fresh(x, rng) if model is None else model
        _fits(model, x, mode)
        start = _first_step(
            model, x, rng, mode,
            minus_dreams=mode != "split" if minus_dreams is None else bool(minus_dreams),
            averages=Averages(0.9 if memory is None else memory),
            optimiser=_fresh_optimiser("adam" if optimiser is None else optimiser),
            blur=_blur_of(model, mode, blur, spread),
            n_dreams=n_dreams,
            features=200 if features is None else features,
            encodings=200 if encodings is None else encodings,
            gain=2.0 if gain is None else gain,
            ridge=_RIDGE[mode] if ridge is None else ridge,
        )  # fmt: skip
    elif isinstance(start, DDCStep):
        _continues(
            start, model, rng, spread, wake=wake, features=features, encodings=encodings, gain=gain,
            ridge=ridge, memory=memory, minus_dreams=minus_dreams, blur=blur, optimiser=optimiser,
        )  # fmt: skip
        _fits(start.learnt, x, start.mode)
    else:
        raise ValueError(f"start is of type {type(start).__name__}; accepted: a ddc.DDCStep")
    end = start.count + steps
    rate = _planned_rate(rate, planned, start.mode, end)
    seen_x, seen_weights = start.looked_at(x), weights
    if weights is not None:
        seen_weights = np.tile(data_weights(weights, len(x)), len(seen_x) // len(x))
    data = seen(seen_x, start.features, start.learnt.layers[0], seen_weights)
    least = floor * spread if start.blur is None else np.hypot(floor * spread, start.blur)
    rates = rates_of(rate, 1)
    # A schedule shows what it gives when it is asked.
    rates(start.count)
    _warn_of_still_data(start.learnt, x)
    learner = _Learner(start, seen_x, x, data, rates, n_dreams, least, watch)
    return Steps(_walk(learner, start, steps, every, begun), end)


class _Learner:
    """The state that changes from move to move."""

    def __init__(
        self,
        step: DDCStep,
        looked_at: Array,
        x: Array,
        data: Seen,
        rates: Callable[[int], tuple[float, ...]],
        n_dreams: int,
        least: Array,
        watch: int,
    ) -> None:
        self._step, self._x, self._data, self._rates = step, looked_at, data, rates
        self._n, self._watch, self._rng = n_dreams, watch, step.generator()
        self._sizes = sizes_of(step.learnt, spread_about(x))
        # Adam feels a unit only where gradients are near its small number: a coarse unit will do.
        plain = isinstance(step.optimiser, Sgd)
        self._units = units_of(step.learnt, spread_about(x) if plain else units_about(x))
        self._least = _lower_limits(step.learnt, least)
        self._good, self._trouble = step, step.alarm

    def advance(self, n: int) -> None:
        """Make n moves; raises NotFinite where learning runs away."""
        for _ in range(n):
            self._move()

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
        if self._step.count % self._watch == 0:
            self._read_instruments()

    def _read_instruments(self) -> None:
        step = self._step
        reading = self._reading(step)
        alarm = first_alarm(reading, step.count)
        self._step = replace(step, instruments=reading, alarm=step.alarm or alarm)
        if alarm is None:
            self._good, self._trouble = self.step(), None
        else:
            self._trouble = self._trouble or alarm
        if runaway(reading):
            raise NotFinite

    def _reading(self, step: DDCStep) -> Instruments:
        # The instruments' own dreams: learning is the same with or without them.
        return read(step, self._x, self._data, np.random.default_rng(step.count), self._n)

    def step(self) -> DDCStep:
        """Where learning stands."""
        return replace(self._step, rng_state=self._rng.bit_generator.state)

    def good_and_first(self, latest: DDCStep) -> tuple[DDCStep, str]:
        """After it ran away: the last step known to be good, and what went first, in words.

        Args:
            latest: the last record, after which the instruments may not have been read.
        """
        first = self._trouble
        if first is None and latest.count > self._good.count:
            try:
                first = first_alarm(self._reading(latest), latest.count)
            except _LOST:
                first = f"the parameters themselves, before step {latest.count}: lower the rate"
            if first is None:
                self._good = latest
        return self._good, first or "the parameters themselves: lower the rate"


def _walk(
    learner: _Learner, step: DDCStep, steps: int, every: int, begun: bool
) -> Iterator[DDCStep]:
    if begun:
        yield step
    end = step.count + steps
    while step.count < end:
        try:
            # A learner that runs away is caught here, in words, and not by a warning.
            with np.errstate(all="ignore"):
                learner.advance(min(every, end - step.count))
        except _LOST as error:
            with np.errstate(all="ignore"):
                good, first = learner.good_and_first(step)
            raise Diverged(good, f"learning ran away; first to go was {first}") from error
        step = learner.step()
        yield step


def _blur_of(model: Chain, mode: str, blur: float | None, spread: Array) -> Array | None:
    """Standard deviation of the blur in units of x; None if there is none."""
    if blur is None:
        blur = _BLUR[mode] if isinstance(model.layers[0], Network) else 0.0
    if blur == 0:
        return None
    if model.layers[0].noise is None:
        raise ValueError(
            f"blur is {blur!r}, and a {type(model.layers[0]).__name__} has no Gaussian noise that "
            "it could be taken off; accepted: 0"
        )
    return blur * spread


def _first_step(
    model: Chain,
    x: Array,
    rng: np.random.Generator,
    mode: str,
    minus_dreams: bool,
    averages: Averages,
    optimiser: Optimiser,
    blur: Array | None,
    n_dreams: int,
    features: int | Features,
    encodings: int | Sequence[Features],
    gain: float,
    ridge: float | tuple[float, float],
) -> DDCStep:
    """The start of a run, its functions placed at the data and at the first dreams."""
    seed = 0 if blur is None else int(rng.integers(2**32))
    learnt = model if blur is None else blurred(model, blur)
    looked_at = as_learning_sees(x, blur, seed)
    values = learnt.sample(rng, max(n_dreams, 1000))
    if not callable(features):
        points = np.concatenate([looked_at, values[0]])
        features = Encoding.random(rng, points, count("features", features), kind="relu")
    if not isinstance(encodings, Iterable):
        number = count("encodings", encodings)
        encodings = [Encoding.random(rng, z, number, gain=gain) for z in values[1:]]
    encodings = tuple(encodings)
    first = sleep(values, features, encodings, ridge)
    first.check()
    seen_by_features = np.concatenate([first.phi, features(looked_at[:_LOOKED_AT])])
    warn_of_poor_features(seen_by_features, "features", n_dreams, stacklevel=4)
    for l, T in enumerate(first.encoded, start=1):
        warn_of_poor_features(T, f"encodings of z_{l}", n_dreams, stacklevel=4)
    return DDCStep(
        learnt, mode, minus_dreams, features, encodings, first.ridges, averages, optimiser,
        rng.bit_generator.state, blur=blur, blur_seed=seed,
    )  # fmt: skip


def _continues(
    start: DDCStep,
    model: Chain | None,
    rng: np.random.Generator | None,
    spread: Array,
    wake: str | None,
    features: int | Features | None,
    encodings: int | Sequence[Features] | None,
    gain: float | None,
    ridge: float | tuple[float, float] | None,
    memory: float | None,
    minus_dreams: bool | None,
    blur: float | None,
    optimiser: str | None,
) -> None:
    """Raise ValueError if an argument is given and is not what the start has."""
    as_start_has("model", model, start.model, start.model.same_as(model))
    as_start_has("rng", rng, "its own", draws_alike(rng, start.rng_state))
    as_start_has("wake", wake, start.mode, wake == start.mode)
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
    kind = next(name for name, made in OPTIMISERS.items() if isinstance(start.optimiser, made))
    as_start_has("optimiser", optimiser, kind, optimiser == kind)


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


def _planned_rate(rate: Rate | None, planned: int | None, mode: str, end: int) -> Rate:
    """The rate given, or the mode's own, down to 0 at the end of all that is planned."""
    if planned is None:
        return anneal(_RATE[mode], end, start=0) if rate is None else rate
    if rate is not None:
        raise ValueError(f"planned is {planned!r} beside a rate; accepted: one of the two")
    return anneal(_RATE[mode], count("planned", planned, least=end), start=0)


def _fresh_optimiser(name: str) -> Optimiser:
    return OPTIMISERS[choice("optimiser", name, tuple(OPTIMISERS))]()


def _data(x: ArrayLike) -> Array:
    x = finite_array("x", x, 2)
    if len(x) < 2 or not x.shape[1]:
        raise ValueError(f"x has shape {x.shape}; accepted: (n, n_x) with n >= 2 and n_x >= 1")
    return x


def _fits(model: Chain, x: Array, mode: str) -> None:
    """Raise ValueError unless the model can have made the data, and the mode can be used."""
    if not isinstance(model, Chain):
        raise ValueError(f"model is of type {type(model).__name__}; accepted: Chain or None")
    model.layers[0].observed(x)
    if mode == "split":
        for l, layer in enumerate(model.layers):
            if not layer.splits:
                raise ValueError(
                    f"wake is 'split', and layers[{l}] is a {type(layer).__name__}, whose units "
                    "share parameters and have no Jacobian of their own; accepted: 'code', 'score'"
                )


def _warn_of_still_data(model: Chain, x: Array) -> None:
    """Warn, with the count, of coordinates of x that never change, if their noise is learnt."""
    still = int((np.ptp(x, axis=0) == 0).sum())
    if still and model.layers[0].noise is not None:
        warnings.warn(
            f"x: {still} of {x.shape[1]} coordinates never change; their noise shrinks as far as "
            "floor and blur let it",
            RuntimeWarning,
            stacklevel=3,
        )


def _lower_limits(model: Chain, least_sd: Array) -> Array:
    """The least value of each parameter: of the log variances of x, and none of all others."""
    limits, bottom = np.full(model.ravel().size, -np.inf), model.layers[0]
    if bottom.noise is not None and (least_sd > 0).all():
        end = bottom.ravel().size
        limits[end - bottom.noise.size : end] = 2 * np.log(least_sd)
    return limits
