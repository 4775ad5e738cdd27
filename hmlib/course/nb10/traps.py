"""The eight traps: mistakes that are easy to make in a DDC Helmholtz machine.

A trap wraps the pieces of `hmlib.ddc` from outside, which itself holds no wrong code. Each has a
healthy baseline (a `Bench` that differs from the trapped one in this one thing: same data, same
model, same random numbers), an instrument that shows it, and a least effect on that instrument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import ddc
from hmlib.course.nb10 import bench, gauges
from hmlib.course.nb10.bench import Baseline, Bench, first
from hmlib.course.nb10.gauges import Instrument
from hmlib.course.nb10.two_bumps import NOISELESS, Centred, layers
from hmlib.course.nb10.wrong_nights import SlowSleep, unfitted_sleep

Array = NDArray[np.float64]


class ThroughTheOrigin(ddc.Encoding):
    """[w . x]_+ without bias and constant: phi(0) = 0 and phi(c x) = c phi(x)."""

    @property
    def size(self) -> int:
        """Number of functions."""
        return self.bias.size

    def __call__(self, z: ArrayLike) -> Array:
        return np.maximum(np.asarray(z) @ self.weights, 0)


def through_the_origin(healthy: Bench) -> Bench:
    """Features without bias and constant."""
    phi = healthy.features
    return replace(healthy, features=ThroughTheOrigin(phi.weights, phi.bias, phi.kind))


def nearly_affine(healthy: Bench) -> Bench:
    """Encodings of small weights, with all kinks in one place: on the dreams they are lines."""
    flat = tuple(
        ddc.Encoding(0.03 * T.weights, np.zeros_like(T.bias), T.kind) for T in healthy.encodings
    )
    return replace(healthy, encodings=flat)


def by_slow_gradient(healthy: Bench) -> Bench:
    """R, alpha and beta take one gradient step a night, while theta moves on."""
    return replace(healthy, sleep=SlowSleep())


def not_subtracted(healthy: Bench) -> Bench:
    """The average over the dreams stays in the move."""
    return replace(healthy, minus_dreams=False)


class Turned(Centred):
    """Its Jacobian has the statistics where the parameters belong, and the other way round."""

    def jacobian(self, z: ArrayLike) -> Array:
        return super().jacobian(z).swapaxes(2, 3)


def wrong_index(healthy: Bench) -> Bench:
    """The bottom layer's Jacobian summed over its parameters, not over its statistics."""

    def turned(model: ddc.Chain) -> ddc.Chain:
        bottom, *others = layers(model)
        return ddc.Chain((Turned(bottom.A, bottom.log_var), *others))

    return replace(healthy, seen_by_wake=turned)


def never_fitted(healthy: Bench) -> Bench:
    """The read-out beta of the top code keeps its random first values."""
    return replace(healthy, sleep=unfitted_sleep)


def few_dreams(healthy: Bench) -> Bench:
    """60 dreams a night."""
    return replace(healthy, n_dreams=60)


def few_functions(healthy: Bench) -> Bench:
    """Three features of x and one encoding of each latent, beside the values and the constant."""
    encodings = tuple(first(T, 1) for T in healthy.encodings)
    return replace(healthy, features=first(healthy.features, 3), encodings=encodings)


def tiny_ridge(healthy: Bench) -> Bench:
    """rho = 1e-10."""
    return replace(healthy, ridge=1e-10)


def great_ridge(healthy: Bench) -> Bench:
    """rho = 1."""
    return replace(healthy, ridge=1.0)


def sharp_noise(healthy: Bench) -> Bench:
    """The noise of x has shrunk to .03, far below the width of the encodings."""
    bottom, *others = layers(healthy.model)
    sharp = Centred(bottom.A, layers(NOISELESS)[0].log_var)
    return replace(healthy, model=ddc.Chain((sharp, *others)))


# Traps with their baselines, instruments and effects


@dataclass(frozen=True)
class Trap:
    """One switch of the failure lab.

    Attributes:
        name: as the lab's switch shows it.
        number: which of the eight it belongs to.
        spring: from a healthy bench to the trapped one.
        baseline: keywords of `bench.healthy` for the healthy machine.
        instrument: what shows it.
        least: the trapped reading is worse by at least this much, for every one of five seeds.
        words: what happens, in a sentence.
    """

    name: str
    number: int
    spring: Callable[[Bench], Bench]
    baseline: Baseline
    instrument: Instrument
    least: float
    words: str

    def healthy(self, seed: int) -> Bench:
        """The baseline of a seed."""
        return bench.healthy(seed, **self.baseline)

    def effect(self, seed: int) -> tuple[float, float]:
        """The instrument's reading of the baseline and of the trapped bench, for one seed."""
        well = self.healthy(seed)
        return self.instrument.read(well, seed), self.instrument.read(self.spring(well), seed)

    def worse(self, seed: int) -> float:
        """By how much the trapped reading is worse than the healthy one."""
        well, trapped = self.effect(seed)
        return well - trapped if self.instrument.higher_is_better else trapped - well


def _trap(
    name: str,
    number: int,
    spring: Callable[[Bench], Bench],
    instrument: Instrument,
    least: float,
    words: str,
    **baseline: Unpack[Baseline],
) -> Trap:
    return Trap(name, number, spring, baseline, instrument, least, words)


TRAPS = (
    _trap(
        "features through the origin", 1, through_the_origin, gauges.CONSTANT, 0.9,
        "phi(0) = 0, so the code of the constant cannot be 1 everywhere: near the middle of the "
        "data it is far too small.",
    ),
    _trap(
        "nearly affine encodings", 2, nearly_affine, gauges.READOUT_R2, 0.4,
        "The codes are met very well, and hold the mean of z_1 and nothing else.",
    ),
    _trap(
        "one gradient step a night", 3, by_slow_gradient, gauges.READOUT_R2, 0.35,
        "The functions overlap, so most directions are learnt at a tiny part of the rate of the "
        "first.", mode="split",
    ),
    _trap(
        "split, nothing subtracted", 4, not_subtracted, gauges.RUN, 0.1,
        "Two large terms nearly cancel, each with an error of its own; what is left over leads "
        "the upper layer away, step by step.", mode="split", model="late", n_dreams=200,
    ),
    _trap(
        "Jacobian summed over the wrong index", 5, wrong_index, gauges.ERROR, 0.4,
        "Both indices have two values, so no shape is wrong; the move of the bottom layer is.",
        mode="split",
    ),
    _trap(
        "top read-out never fitted", 6, never_fitted, gauges.ERROR, 0.12,
        "The bottom layer learns; what is subtracted from the upper one is noise. (The dream "
        "average would take it away again.)", mode="split", minus_dreams=False,
    ),
    _trap(
        "too few dreams", 7, few_dreams, gauges.SLACK, 0.03,
        "The night's own dreams are learnt by heart; fresh ones are met less well.",
    ),
    _trap(
        "too few functions", 7, few_functions, gauges.ENCODINGS, 4.0,
        "What few functions say, they say well; most of the posterior is not asked for.",
    ),
    _trap(
        "ridge too small", 7, tiny_ridge, gauges.CODE_R2, 0.03,
        "Where the dreams do not reach, the codes of the data run wild.",
    ),
    _trap(
        "ridge too large", 7, great_ridge, gauges.READOUT_R2, 0.35,
        "The ridge leaves two directions, as if there were two functions.",
    ),
    _trap(
        "noise below what the encodings resolve", 8, sharp_noise, gauges.ANGLE, 8.0,
        "The posterior is far narrower than the encodings are: its width is hardly read off.",
        model="nearly", world=NOISELESS,
    ),
)  # fmt: skip
"""All switches; the seventh trap has four."""
