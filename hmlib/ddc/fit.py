"""Learning: night after night of dreams, and a move of the generative model after each."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import as_start_has, choice, count, data_weights, draws_alike, generator
from hmlib.ddc.chain import Chain
from hmlib.ddc.encodings import Features
from hmlib.ddc.guided import DECODED, DRAWS
from hmlib.ddc.local import KAPPA, checked_kappa
from hmlib.ddc.network import Network
from hmlib.ddc.nightly import DDCStep, RegressionStep
from hmlib.ddc.particles import ParticleLearner, ParticleStep, first_particle_step
from hmlib.ddc.regressions import (
    RegressionLearner,
    continues_regressions,
    first_regression_step,
)
from hmlib.ddc.tops import StandardNormal
from hmlib.ddc.units import spread_about
from hmlib.ddc.wake import MODES
from hmlib.ddc.warped import Warped, long_tails, warped
from hmlib.ddc.watched import checked_data, fits, walk, warn_of_still_data
from hmlib.learning.optimisers import OPTIMISERS, Rate, anneal, rates_of
from hmlib.learning.walking import Steps

Array = NDArray[np.float64]

RECOGNITIONS = ("local", "regression", "trained")

_WAKES = {"local": ("code",), "regression": MODES, "trained": ("guided", "code")}
"""Modes of wake, by the kind of recognition."""

_RATE = {"split": 4e-3, "code": 4e-3, "score": 6e-3}
"""Learning rate at the start, with regressions."""

_PARTICLE_RATE = {"local": 0.03, "trained": 0.01}
"""The same with weights on dreams or draws."""

_DREAMS = {"local": 2025, "regression": 1000, "trained": 300}
_MINIBATCH = {"local": 250, "trained": 100}

_DRAWS = {"guided": DRAWS, "code": DECODED}
"""Latents a datum where recognition is trained, by the mode of wake."""

_FLOOR = {"local": 0.02, "regression": 0.0, "trained": 0.02}
"""The least noise, in units of the data's spread."""

_FEW = 2
"""With more latents a trained recogniser looks twice, and dreams are subtracted. With two, on ring
and pinwheel, neither was a help: their posteriors have several peaks."""

_QUIET = 0.1
"""Noise at the start, over the data's variance: noise that explains all never gives it back."""


def fresh(
    x: ArrayLike,
    rng: np.random.Generator,
    latents: int = 2,
    hidden: int = 60,
    variance: float = 1.0,
    bend: bool = True,
) -> Chain:
    """A network generator to start from, for any data: its dreams cover them.

    z_1 ~ N(0, I), x ~ N(U tanh(V z_1 + a) + b, diag exp(log_var)), about the data's mean and in
    units of the data's spread. Where a coordinate has long tails, its arcsinh is modelled so, and
    x by the exact change of variables (`Warped`).

    Args:
        x: data, shape (n, d), n >= 2.
        rng: random generator.
        latents: units of z_1.
        hidden: hidden units of the network.
        variance: of the noise, over that of the data, above 0.
        bend: whether long tails are looked for.

    Raises:
        ValueError: if an argument is not accepted.
    """
    x, latents = checked_data(x), count("latents", latents)
    tails = long_tails(x) if bend else None
    x = x if tails is None else warped(x, *tails)
    spread = spread_about(x)
    start = Network.random(generator("rng", rng), x.shape[1], latents, hidden, variance)
    U, log_var = spread[:, None] * start.U, start.log_var + 2 * np.log(spread)
    network = Network(start.V, start.a, U, x.mean(axis=0), log_var)
    bottom = network if tails is None else Warped(network, *tails)
    return Chain((bottom, StandardNormal(latents)))


def fit(
    model: Chain | None,
    x: ArrayLike,
    rng: np.random.Generator | None = None,
    wake: str | None = None,
    steps: int = 1500,
    rate: Rate | None = None,
    n_dreams: int | None = None,
    features: int | Features | None = None,
    encodings: int | Sequence[Features] | None = None,
    gain: float | None = None,
    ridge: float | tuple[float, float] | None = None,
    memory: float | None = None,
    minus_dreams: bool | None = None,
    floor: float | None = None,
    blur: float | None = None,
    weights: ArrayLike | None = None,
    optimiser: str | None = None,
    every: int = 1,
    watch: int = 50,
    planned: int | None = None,
    start: DDCStep | None = None,
    recognition: str | None = None,
    kappa: float | None = None,
    minibatch: int | None = None,
    draws: int | None = None,
    looks: int | None = None,
) -> Steps[DDCStep]:
    """Sleep and wake: dream, learn recognition and read-outs from the dreams, move the model.

    Learning is the same in any units of x: rescaled data give the same dreams, rescaled.

    Three kinds of recognition:

    - "local": the code of x is what was dreamt near x (`LocalNight`). In `code`, for chains whose
      x has Gaussian noise, and what `fit(None, x)` takes.
    - "regression": the paper's, from features of x to encodings, by least squares. In `split`,
      `code` and `score`, for any chain.
    - "trained": networks moved by each night's dreams (`Looking`), for latents that are numbers.
      In `guided` the code proposes and the likelihood weighs. In `code` latents are drawn as the
      code says, and no likelihood of a datum is evaluated: for more latents than dreams can fill,
      where nothing is near. It says one normal for every x; posteriors with several peaks are
      beyond it.

    Args:
        model: the chain to start from; None for `fresh(x, rng)`, with a tenth of the noise unless
            recognition is by regression.
        x: data, shape (n, n_x). A regression uses all of them in every step, at no cost: codes are
            linear in features of x, whose averages are taken once.
        rng: random generator; needed unless the run is continued.
        wake: "split", "code", "score" or "guided"; "code" if None.
        steps: number of steps.
        rate: learning rate, or a function of the steps done; if None, from .03 (trained .01; with
            regressions 4e-3, in `score` 6e-3) down in a straight line to 0 after `planned` steps.
            It is in units of the data's spread where a parameter is.
        n_dreams: dreams a step, M; if None 2025, trained 300, with regressions 1000.
        features: for a regression: phi; or the number of ReLU features to place at data and first
            dreams; 200 if None.
        encodings: T_1, ..., T_D; or the number of tanh encodings of each layer to place at the
            first dreams; 200 if None.
        gain: sharpness of the encodings that are placed, above 0; 2 if None.
        ridge: rho, above 0; two numbers if features of x and encodings have their own. If None,
            1e-2: with less, codes of data in long tails or wide spaces magnify what is chance in
            the dreams, and learning runs away. In `score`, 1e-3 for the features.
        memory: of the regressions' running averages, 0 to below 1; 0.9 if None.
        minus_dreams: subtract the average over the dreams. If None, in `code` and `score`, and
            not in `split` or `guided`; never where recognition is local. Where it is trained, with
            more than two latents: from a fifth of the run on more and more is subtracted, all of
            it after three fifths, and less if that takes the dreams away from the data.
        floor: the noise of x has at least this standard deviation, in units of the data's spread;
            if None, 0.02, and 0 for regressions.
        blur: standard deviation of noise added to the data, in the same units, which is taken off
            `step.model` again. If None, 0.25 (0.35 in `score`) for a Network learnt by regression,
            whose noise may else become narrower than its encodings and features resolve, and 0
            otherwise.
        weights: data weights, shape (n,); equal if None.
        optimiser: "adam" or "sgd"; "adam" if None.
        every: steps from one record to the next.
        watch: steps from one reading of the instruments to the next.
        planned: steps of the whole run, those before `start` and those to come later among them:
            where a rate of None ends at 0. If None, the run ends with these `steps`.
        start: a step to continue from. x, steps, rate, n_dreams, floor, weights, every, watch,
            minibatch and planned are as given here, and all else as it was: an argument that says
            otherwise is refused. A run that was stopped and goes on, with the same arguments, is
            the run that was never stopped, bit for bit. But 4 steps and then 8 are not the run of
            12 if the rate is None: after the 4 it was at 0. Say `planned=12` in both, or give a
            rate.
        recognition: "local", "regression" or "trained". If None: "trained" in `guided`; "local" in
            `code` for a layer of x with Gaussian noise of its own, unless one of features,
            encodings, gain, ridge, memory, minus_dreams and blur is given; else "regression".
        kappa: where recognition is local, the kernel's part of the noise, above 0, below 1; 2/3 if
            None.
        minibatch: data drawn for each step where recognition is local or trained; local
            250, trained 100, if None. All of them, if there are no more.
        draws: where recognition is trained, latents drawn for each datum; if None, in `guided` 20,
            two of them from the prior, and in `code` 3.
        looks: likewise, 1 or 2. At the second look another network sees what the model would
            expect of the first guess, and corrects it. If None, 2 with more than two latents.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps. They are
        `ParticleStep`s, or `RegressionStep`s where recognition is by regression.

    Raises:
        ValueError: at the call, if an argument is not accepted, or is not what `start` has.
        Diverged: on the way, if learning runs away. It names the instrument that went first and
            keeps the last step that the instruments found good.

    Warns:
        RuntimeWarning: for fewer dreams than functions, functions that never change, or
            coordinates of x with Gaussian noise that never change.

    Source: Vértes & Sahani 2018, equations 6 to 11.
    """
    x = checked_data(x)
    steps, every, watch = count("steps", steps), count("every", every), count("watch", watch)
    for name, value in (("floor", floor), ("blur", blur)):
        if value is not None and (not isinstance(value, Real) or not 0 <= value < np.inf):
            raise ValueError(f"{name} is {value!r}; accepted: a number >= 0")
    if start is not None and not isinstance(start, DDCStep):
        raise ValueError(f"start is of type {type(start).__name__}; accepted: a ddc.DDCStep")
    regression: dict[str, Any] = {
        "features": features, "encodings": encodings, "gain": gain, "ridge": ridge,
        "memory": memory, "minus_dreams": minus_dreams, "blur": blur,
    }  # fmt: skip
    kind = _kind(recognition, wake, model, start, any(v is not None for v in regression.values()))
    own = {
        "regression": regression,
        "local": {"kappa": kappa, "minibatch": minibatch},
        "trained": {"draws": draws, "minibatch": minibatch, "looks": looks},
    }
    if kind == "trained":
        own[kind]["minus_dreams"] = minus_dreams
    for name, value in {**own["regression"], **own["local"], **own["trained"]}.items():
        if value is not None and name not in own[kind]:
            raise ValueError(f"{name} is given, and recognition is {kind!r}; accepted: None")
    mode = _mode(wake, start, kind)
    if minus_dreams and mode == "guided":
        raise ValueError("minus_dreams is True, and wake 'guided'; accepted: None, False")
    done = 0 if start is None else start.count
    rates = rates_of(_schedule(rate, planned, mode, kind, done + steps), 1)
    # A schedule shows what it gives when it is asked.
    rates(done)
    n_dreams = count("n_dreams", _DREAMS[kind] if n_dreams is None else n_dreams)
    least = _FLOOR[kind] if floor is None else float(floor)
    if start is None:
        rng = generator("rng", rng)
        if model is None:
            variance, bend = (1.0, False) if kind == "regression" else (_QUIET, True)
            model = fresh(x, rng, variance=variance, bend=bend)
        fits(model, x, mode)
        adam = OPTIMISERS[choice("optimiser", optimiser or "adam", tuple(OPTIMISERS))]()
    else:
        as_start_has("model", model, start.model, start.model.same_as(model))
        as_start_has("rng", rng, "its own", draws_alike(rng, start.rng_state))
        made = next(name for name, it in OPTIMISERS.items() if isinstance(start.optimiser, it))
        as_start_has("optimiser", optimiser, made, optimiser == made)
        model, rng, adam = start.model, start.generator(), start.optimiser
        fits(model, x, mode)
    warn_of_still_data(model, x)
    if kind == "regression":
        if start is None:
            step = first_regression_step(model, x, rng, mode, adam, n_dreams, **regression)
        else:
            assert isinstance(start, RegressionStep)
            step = start
            continues_regressions(step, spread_about(x), **regression)
        learner = RegressionLearner(step, x, weights, rates, n_dreams, least, watch)
        regressed = walk(learner, step, steps, every, start is None)
        return Steps(regressed, done + steps)
    share = data_weights(weights, len(x))
    some = count("minibatch", _MINIBATCH[kind] if minibatch is None else minibatch)
    if start is None:
        part = checked_kappa(KAPPA if kappa is None else kappa)
        many, wide = 0, sum(layer.n_y for layer in model.layers[1:]) > _FEW
        twice = count("looks", 1 + wide if looks is None else looks)
        if twice > 2:
            raise ValueError(f"looks is {looks!r}; accepted: 1 or 2")
        if kind == "trained":
            # One draw from the prior, and one from the recogniser.
            least_draws = 2 if mode == "guided" else 1
            many = count("draws", _DRAWS[mode] if draws is None else draws, least=least_draws)
        minus = kind == "trained" and mode == "code"
        minus = minus and bool(wide if minus_dreams is None else minus_dreams)
        at = first_particle_step(model, x, rng, mode, part, many, twice, minus, adam, n_dreams)
    else:
        assert isinstance(start, ParticleStep)
        at = start
        as_start_has("kappa", kappa, at.kappa, kappa == at.kappa)
        as_start_has("draws", draws, at.draws, draws == at.draws)
        as_start_has("looks", looks, at.looks, looks == at.looks)
        as_start_has("minus_dreams", minus_dreams, at.minus_dreams, minus_dreams == at.minus_dreams)
    end = done + steps if planned is None else planned
    wakes = ParticleLearner(at, x, share, rates, n_dreams, some, least, watch, end)
    moved = walk(wakes, at, steps, every, start is None)
    return Steps(moved, done + steps)


def _kind(
    recognition: str | None,
    wake: str | None,
    model: Chain | None,
    start: DDCStep | None,
    by_regression: bool,
) -> str:
    """The kind of recognition: what is asked for, what the start has, or what suits the rest."""
    if start is not None:
        own = "regression"
        if isinstance(start, ParticleStep):
            own = "local" if start.trained is None else "trained"
        as_start_has("recognition", recognition, own, recognition == own)
        return own
    if recognition is not None:
        return choice("recognition", recognition, RECOGNITIONS)
    if wake == "guided":
        return "trained"
    layers = getattr(model, "layers", (None,))
    noisy = model is None or getattr(layers[0], "noise", None) is not None
    return "local" if wake in (None, "code") and noisy and not by_regression else "regression"


def _mode(wake: str | None, start: DDCStep | None, kind: str) -> str:
    if start is not None:
        as_start_has("wake", wake, start.mode, wake == start.mode)
        return start.mode
    if wake is None:
        return "code"
    choice("wake", wake, (*MODES, "guided"))
    if wake not in _WAKES[kind]:
        accepted = ", ".join(repr(name) for name in _WAKES[kind])
        raise ValueError(f"wake is {wake!r}, and recognition {kind!r}; accepted: {accepted}")
    return wake


def _schedule(rate: Rate | None, planned: int | None, mode: str, kind: str, end: int) -> Rate:
    """The rate given, or the mode's own, down to 0 at the end of all that is planned."""
    own = _RATE[mode] if kind == "regression" else _PARTICLE_RATE[kind]
    if planned is None:
        return anneal(own, end, start=0) if rate is None else rate
    if rate is not None:
        raise ValueError(f"planned is {planned!r} beside a rate; accepted: one of the two")
    return anneal(own, count("planned", planned, least=end), start=0)
