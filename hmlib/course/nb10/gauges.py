"""What can be read off a bench: the instruments, and the scales on which they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc, metrics
from hmlib.course.nb10.bench import Bench, run
from hmlib.course.nb10.two_bumps import WORLD, below, exact, layers
from hmlib.course.nb10.wrong_nights import SlowSleep

Array = NDArray[np.float64]

_FRESH = 1000
"""Fresh dreams that the instruments are read on."""

_SETTLED = 10
"""Nights before a regression without end is read."""


# One step


@dataclass(frozen=True)
class Reading:
    """What the instruments say of a bench.

    Attributes:
        angle: between the move and the exact gradient of L, in degrees.
        bottom: the same for the parameters of p(x|z_1) alone.
        error: length of (move - exact gradient), over the length of the exact gradient.
        upper: the same for the parameters of p(z_1|z_2) alone.
        code_r2: R^2 of the codes r_1(x) of the data as the exact E[T_1(z_1)|x].
        slack: R^2 of the codes as the encodings of the night's own dreams, less that on fresh
            dreams: what was learnt by heart.
        readout_r2: held-out R^2 of what wake must read off z_1: z_1 and its square.
        constant: root mean square of (the code of the constant - 1) over the data; it should be 0.
        features: how many independent features of x the ridge leaves, the trace of
            E[phi phi^T] (E[phi phi^T] + rho I)^-1.
        encodings: the same of the encodings of z_1.
        noise: standard deviation of the noise of x over that of the data, averaged.
    """

    angle: float
    bottom: float
    error: float
    upper: float
    code_r2: float
    slack: float
    readout_r2: float
    constant: float
    features: float
    encodings: float
    noise: float


def examine(patient: Bench, seed: int = 0) -> Reading:
    """Read all instruments of a bench that does not move; regressions without end get ten nights.

    Args:
        patient: the bench.
        seed: of the nights and of the dreams that the instruments are read on.
    """
    rng = np.random.default_rng([seed, 10])
    for _ in range(_SETTLED if isinstance(patient.sleep, SlowSleep) else 1):
        night = patient.night(rng)
        move = patient.direction(night)
        alpha = night.readout(1, _asked_of_wake(patient, night.dreams[1]))
    truth, fresh = exact(patient.model, patient.x), patient.model.sample(rng, _FRESH)
    codes = night.recogniser.codes(patient.x)[0]
    own, held = (night.recogniser.codes(x)[0] for x in (night.dreams[0], fresh[0]))
    T, bottom = patient.encodings[0], layers(patient.model)[0]
    k = bottom.ravel().size
    return Reading(
        angle=metrics.angle(move, truth.gradient),
        bottom=metrics.angle(move[:k], truth.gradient[:k]),
        error=_error(move, truth.gradient),
        upper=_error(move[k:], truth.gradient[k:]),
        code_r2=ddc.r_squared(codes, truth.code(T)),
        slack=ddc.r_squared(own, night.encoded[0]) - ddc.r_squared(held, T(fresh[1])),
        readout_r2=ddc.r_squared(T(fresh[1]) @ alpha, _asked_of_wake(patient, fresh[1])),
        constant=float(np.sqrt(((codes[:, -1] - 1) ** 2).mean())),
        features=independent(night.square(0), patient.ridge),
        encodings=independent(night.square(1), patient.ridge),
        noise=float((np.exp(bottom.log_var / 2) / patient.x.std(axis=0)).mean()),
    )


def independent(square: Array, ridge: float) -> float:
    """How many independent functions a ridge leaves, the trace of S (S + rho I)^-1.

    Also called the effective degrees of freedom of a ridge regression.

    Args:
        square: S = E[F F^T], shape (K, K).
        ridge: rho.

    Source: Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, eq. 3.50.
    """
    values = np.maximum(np.linalg.eigvalsh(square), 0)
    return float((values / (values + ridge)).sum())


def _error(move: Array, truth: Array) -> float:
    return float(np.linalg.norm(move - truth) / np.linalg.norm(truth))


def _asked_of_wake(patient: Bench, z: Array) -> Array:
    """The functions of z_1 that equation 10 asks for, in units of their own spread.

    All of the Jacobian, and of its product with mu, is made of z and z^2.
    """
    wide = patient.model.sample(np.random.default_rng(0), 1000)[1]
    return np.column_stack([z / wide.std(), z**2 / (wide**2).std()])


# Instruments by name


@dataclass(frozen=True)
class Instrument:
    """A single number that is read off a bench.

    Attributes:
        name: how it is called.
        read: from a bench and a seed to the number.
        higher_is_better: else lower is.
    """

    name: str
    read: Callable[[Bench, int], float]
    higher_is_better: bool = False


def _lost(start: Bench, seed: int) -> float:
    *_, last = run(start, seed)
    return below(WORLD, last)


ANGLE = Instrument("angle", lambda patient, seed: examine(patient, seed).angle)
ERROR = Instrument("error", lambda patient, seed: examine(patient, seed).error)
SLACK = Instrument("slack", lambda patient, seed: examine(patient, seed).slack)
CONSTANT = Instrument("constant", lambda patient, seed: examine(patient, seed).constant)
CODE_R2 = Instrument("code_r2", lambda patient, seed: examine(patient, seed).code_r2, True)
READOUT_R2 = Instrument("readout_r2", lambda patient, seed: examine(patient, seed).readout_r2, True)
ENCODINGS = Instrument("encodings", lambda patient, seed: examine(patient, seed).encodings, True)
RUN = Instrument("run", _lost)
"""L lost after a short run, in nats."""


# Scales


@dataclass(frozen=True)
class Checkup:
    """What is known of a patient.

    Attributes:
        step: what the instruments say of one step.
        lost: L lost at the end of a short run, in nats.
    """

    step: Reading
    lost: float


@dataclass(frozen=True)
class Gauge:
    """One instrument on its scale.

    Attributes:
        name: in a word.
        read: from a checkup to the reading.
        label: what it measures.
        low, high: ends of the scale.
        form: how a reading is written.
    """

    name: str
    read: Callable[[Checkup], float]
    label: str
    low: float
    high: float
    form: str

    @property
    def span(self) -> float:
        """Length of the scale."""
        return self.high - self.low

    def place(self, value: float) -> float:
        """Where on the scale a reading stands, 0 to 1; readings beyond stand at its ends."""
        return float(np.clip((value - self.low) / self.span, 0, 1))

    def beyond(self, value: float) -> int:
        """-1 or 1 if a reading is off the scale on this side, else 0."""
        return int(value > self.high) - int(value < self.low)

    def text(self, value: float) -> str:
        """The reading in digits."""
        return self.form.format(value + 0.0) if abs(value) < 1e4 else f"{value:.0e}"


GAUGES = (
    Gauge(
        "bottom", lambda of: of.step.bottom,
        "bottom layer: angle to the exact gradient, degrees", 0, 90, "{:.0f}",
    ),
    Gauge(
        "upper", lambda of: of.step.upper,
        "upper layer: error of the move over the gradient", 0, 5, "{:.2f}",
    ),
    Gauge("code_r2", lambda of: of.step.code_r2, "R^2 of the codes of the data", 0, 1, "{:.2f}"),
    Gauge("slack", lambda of: of.step.slack, "R^2 learnt by heart", -0.05, 0.15, "{:.3f}"),
    Gauge(
        "readout_r2", lambda of: of.step.readout_r2,
        "held-out R^2 of the read-outs", 0, 1, "{:.2f}",
    ),
    Gauge(
        "constant", lambda of: of.step.constant,
        "code of the constant: off 1 by", 0, 1.2, "{:.2f}",
    ),
    Gauge(
        "features", lambda of: of.step.features,
        "features of x that the ridge leaves", 0, 65, "{:.1f}",
    ),
    Gauge(
        "encodings", lambda of: of.step.encodings,
        "encodings of z_1 that the ridge leaves", 0, 20, "{:.1f}",
    ),
    Gauge(
        "noise", lambda of: of.step.noise,
        "noise of x over spread of the data", 0, 0.8, "{:.2f}",
    ),
    Gauge("run", lambda of: of.lost, "L lost in a short run, nats", 0, 5, "{:.2f}"),
)  # fmt: skip
"""The gauges, top to bottom, with the ends of their scales."""


def outside(now: Array, normal: Array) -> tuple[str, ...]:
    """The gauges that stand outside the normal range, with their readings.

    Args:
        now: readings in the order of `GAUGES`, shape (gauges,).
        normal: lowest and highest of healthy machines, shape (gauges, 2).
    """
    return tuple(
        f"{gauge.label}: {gauge.text(value)}"
        for gauge, value, (low, high) in zip(GAUGES, now, normal, strict=True)
        if not low - 0.02 * gauge.span <= value <= high + 0.02 * gauge.span
    )
