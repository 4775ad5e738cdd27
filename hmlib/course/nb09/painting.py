"""A network generator of points in the plane: what it learns from, and what is read off a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, ddc
from hmlib.course.nb09.records import Measured, Shown
from hmlib.ddc import instruments
from hmlib.metrics import mmd2

Array = NDArray[np.float64]

DATA: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "ring": datasets.ring,
    "pinwheel": datasets.pinwheel,
}

N_DATA, N_TESTED, N_SHOWN = 1000, 500, 500
DREAMS, FEATURES, ENCODINGS = 500, 100, 60
"""A lighter machine than `ddc.fit` takes by itself, so that it can be watched."""

_LUCK = 2
"""Seed of the dreams that are shown: a dream keeps its luck and moves only as the model does."""


@cache
def points(data: str) -> tuple[Array, Array]:
    """What is learnt from, shape (1000, 2), and what dreams are held against, shape (500, 2)."""
    rng = np.random.default_rng(1)
    return DATA[data](rng, N_DATA), DATA[data](rng, N_TESTED)


def begun(x: Array, wake: str, blur: float, seed: int) -> ddc.RegressionStep:
    """The first step of a run on x, shape (n, 2), its instruments read."""
    run = ddc.fit(
        None, x, rng=np.random.default_rng(seed), wake=wake, steps=1, n_dreams=DREAMS,
        features=FEATURES, encodings=ENCODINGS, blur=blur,
    )  # fmt: skip
    step = next(regressed(run))
    looked_at, rng = step.looked_at(x), np.random.default_rng(0)
    reading = instruments.read(step, looked_at, seen_by(step, x), rng, DREAMS)
    return replace(step, instruments=reading)


def regressed(steps: Iterator[ddc.DDCStep]) -> Iterator[ddc.RegressionStep]:
    """The steps of a run whose recognition is by regression."""
    return (step for step in steps if isinstance(step, ddc.RegressionStep))


def seen_by(step: ddc.RegressionStep, x: Array) -> ddc.Seen:
    """What a step sees of the data x, shape (n, 2): their averages, through its blur."""
    return ddc.seen(step.looked_at(x), step.features, step.learnt.layers[0])


def signed_weights(step: ddc.RegressionStep, night: ddc.Night, data: ddc.Seen) -> Array:
    """How much more often each dream should come, in units of how often it comes, shape (M,).

    In `score` they are the weights on dreamt x, from features of x: c_s M. In `code` they are the
    weights on dreamt z_1, from the codes: how much more often the data use this cause than the
    prior does. Both are read off what is seen in the data minus what is seen in the dreams.

    Args:
        step: where learning stands.
        night: a sleep phase of its model.
        data: averages over the data.
    """
    more = data - ddc.seen_in_dreams(night, step.learnt.layers[0])
    if step.mode == "score":
        return len(night.phi) * night.particles(0, more.phi[:, None])[:, 0]
    r = night.recogniser.climb(more.phi)[0]
    return len(night.phi) * night.particles(1, r[:, None])[:, 0]


def shown(step: ddc.RegressionStep, name: str, x: Array) -> Shown:
    """Dreams of a step, and which of them should come more often.

    Args:
        step: where learning stands.
        name: of the data.
        x: data, shape (n, 2).
    """
    night = step.night(np.random.default_rng(_LUCK), N_SHOWN)
    blur = 0.0 if step.blur is None else float((step.blur / ddc.spread_about(x)).mean())
    weights = signed_weights(step, night, seen_by(step, x))
    return Shown(
        name=name,
        mode=step.mode,
        blur=blur,
        data=x[:N_SHOWN],
        # The same luck, without the blur.
        dreams=step.model.sample(np.random.default_rng(_LUCK), N_SHOWN)[0],
        weights=weights,
        more=int((weights > 0).sum()),
        rms=float(np.sqrt((weights**2).mean())),
        alarm=step.alarm,
    )


def noise(step: ddc.RegressionStep, x: Array) -> Array:
    """Standard deviation of the model's noise over the spread of the data x, shape (2,)."""
    bottom = step.model.layers[0]
    assert isinstance(bottom, ddc.Network)
    return np.asarray(np.exp(bottom.log_var / 2) / ddc.spread_about(x))


def measured(step: ddc.RegressionStep, x: Array, tested: Array) -> Measured:
    """The numbers that become curves.

    Args:
        step: where learning stands, its instruments read.
        x: data, shape (n, 2).
        tested: other data, shape (m, 2).

    Raises:
        ValueError: if no instruments were read, or the model does not end in a network.
    """
    read, bottom = step.instruments, step.model.layers[0]
    if read is None or not isinstance(bottom, ddc.Network):
        raise ValueError(f"step is {step}; accepted: a step of a network, its instruments read")
    dreams = step.model.sample(np.random.default_rng(_LUCK), N_TESTED)[0]
    return Measured(
        mmd2=mmd2(tested, dreams),
        noise=float(noise(step, x).mean()),
        # What this mode regresses: scores, or encodings, on features of x.
        r2=float(read.score_r2[0] if step.mode == "score" else read.code_r2[0]),
        outside=read.outside,
        dream_score=read.dream_score,
    )
