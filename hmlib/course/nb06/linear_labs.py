"""The lab of linear factor analysis, where wake-sleep is exact."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hmlib import linear
from hmlib.course.nb06.linear_pictures import WakeSleepIsExact
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, LogSlider
from hmlib.learning import anneal
from hmlib.linear import LinearGenerative, LinearRecognition

TURNED = "two causes, best but turned"
MACHINES = {"one cause": 1, "two causes": 2, TURNED: 2}
"""How learning begins, and the number of causes."""

AVERAGES = {"drawn": "sampled", "exact": "exact"}
"""How the delta rules are averaged, as a student and as `wake_sleep` name it."""

INSTRUMENTS = 6
ROWS = 200
"""Rows of data; each step uses all of them, and as many dreams."""

_STEPS = LogSlider("steps", "steps of wake-sleep", 10, 10_000, 10)
_COUNTS = (1, 2, 3, 5, 7, *(int(count) for count in _STEPS.values))
_RATE = anneal(0.2, _COUNTS[-1], start=0.0)


@lru_cache
def data(causes: int) -> np.ndarray:
    """Readings of six instruments, driven by one cause or two, shape (200, 6)."""
    u = linear.make_data(np.random.default_rng(0), ROWS, causes)
    u.flags.writeable = False
    return u


@lru_cache
def maximum(causes: int) -> float:
    """The highest mean of L over the data, in nats."""
    u = data(causes)
    return float(linear.log_likelihood(linear.maximum_likelihood(u, causes), u).mean())


def beginning(machine: str) -> tuple[LinearGenerative, LinearRecognition]:
    """Both models before learning: small random weights, or a maximum with its causes turned.

    Turning the causes by 45 degrees leaves L where it is and makes them most dependent given an
    input; Q is then the best that factorises.
    """
    causes = MACHINES[machine]
    if machine == TURNED:
        best = linear.maximum_likelihood(data(causes), causes)
        turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
        gen = LinearGenerative(best.G @ turn, best.h, best.variance)
        return gen, linear.best_recognition(gen)
    rng = np.random.default_rng(1)
    return (
        LinearGenerative.random(rng, INSTRUMENTS, causes, 0.1),
        LinearRecognition.random(rng, INSTRUMENTS, causes, 0.1),
    )


@lru_cache
def run(machine: str, averages: str) -> tuple[linear.LinearStep, ...]:
    """Wake-sleep from this machine, after a few steps and after each number on the slider."""
    gen, rec = beginning(machine)
    step = linear.LinearStep(gen, rec, rng_state=np.random.default_rng(2).bit_generator.state)
    steps = []
    for more in np.diff((0, *_COUNTS)).tolist():
        *_, step = linear.wake_sleep(
            None, None, data(gen.n_v), rate=_RATE, steps=more, minibatch=None,
            expectations=AVERAGES[averages], every=more, start=step,
        )  # fmt: skip
        steps.append(step)
    return tuple(steps)


@lru_cache
def _curves(machine: str, averages: str) -> tuple[np.ndarray, np.ndarray]:
    """Means of L and of L - F over the data after each of these numbers of steps, in nats."""
    u, steps = data(MACHINES[machine]), run(machine, averages)
    log_l = [linear.log_likelihood(step.gen, u).mean() for step in steps]
    gap = [linear.kl_q_p(step.gen, step.rec, u).mean() for step in steps]
    return np.array(log_l), np.array(gap)


def exact_values(steps: float, machine: str, averages: str) -> Record:
    """Numbers of the lab: L, F and their ceiling up to here, in nats, and the weights now.

    Args:
        steps: steps of wake-sleep, one of the slider's values.
        machine: one of `MACHINES`.
        averages: one of `AVERAGES`.
    """
    causes, here = MACHINES[machine], _COUNTS.index(int(steps))
    now, top = run(machine, averages)[here], maximum(causes)
    log_l, gap = (curve[: here + 1] for curve in _curves(machine, averages))
    _, covariance = linear.posterior(now.gen, data(causes))
    spread = np.sqrt(np.diag(covariance))
    return {
        "machine": machine,
        "causes": causes,
        "averages": averages,
        "counts": np.array(_COUNTS[: here + 1]),
        "log_likelihood": log_l,
        "free_energy": log_l - gap,
        "maximum": top,
        # EM gives the maximum to about 1e-12 nats, so that the difference may be just below 0.
        "below": np.maximum(top - log_l, 0.0),
        "gap": gap,
        "W": now.rec.W,
        "posterior_W": linear.best_recognition(now.gen).W,
        "correlation": float(covariance[0, -1] / spread.prod()) if causes == 2 else 0.0,
    }


def wake_sleep_is_exact() -> Lab:
    """Wake-sleep on linear factor analysis: L, F and the maximum, and both sets of weights."""
    right = "At the maximum of L, with F touching L"
    return Lab(
        [
            _STEPS,
            Choice("machine", "machine at first", tuple(MACHINES), "one cause"),
            Choice("averages", "averages of the delta rules", tuple(AVERAGES), "drawn"),
        ],
        exact_values,
        WakeSleepIsExact,
        Question(
            "Six instruments read one hidden cause; all is linear and Gaussian. Wake climbs F, "
            "sleep climbs something else, the dreamt F-tilde. Where does wake-sleep end?",
            (
                "Below the maximum of L: the two phases pull apart",
                right,
                "At the maximum of L, with F well below it",
            ),
            right,
            "With one cause the true posterior is linear, too, and Q can be it. Once sleep has "
            "found it, F touches L, and wake climbs L itself; what is left comes from the draws. "
            "Two causes may be correlated given the input, which Q cannot say: then wake-sleep "
            "leaves even the best machine, but here it turns until the correlation is gone, and "
            "comes back.",
        ),
        title="Where wake-sleep is exact",
        legend="Left, above: L and F, and the maximum of L. Left, below: how far L is below its "
        "maximum, and F below L. Right: weights from the six instruments to each cause, squares "
        "in the true posterior of this machine, triangles in Q.",
    )
