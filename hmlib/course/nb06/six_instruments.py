"""Readings of six instruments, and wake-sleep on linear factor analysis of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hmlib import linear
from hmlib.learning import anneal
from hmlib.linear import LinearGenerative, LinearRecognition

Array = NDArray[np.float64]

TURNED = "two causes, best but turned"
MACHINES = {"one cause": 1, "two causes": 2, TURNED: 2}
"""How learning begins, and the number of causes."""

INSTRUMENTS = 6
ROWS = 200
"""Rows of data; each step uses all of them, and as many dreams."""

MOST_STEPS = 10_000
_RATE = anneal(0.2, MOST_STEPS, start=0.0)


@dataclass(frozen=True)
class Stage:
    """Both models after so many steps."""

    gen: LinearGenerative
    rec: LinearRecognition
    count: int


@lru_cache
def data(causes: int) -> Array:
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
def run(machine: str, expectations: str, counts: tuple[int, ...]) -> tuple[Stage, ...]:
    """Wake-sleep, after each of these numbers of steps.

    Args:
        machine: one of `MACHINES`.
        expectations: "sampled" or "exact", as in `linear.wake_sleep`.
        counts: rising, up to `MOST_STEPS`.
    """
    luck = np.random.default_rng(2).bit_generator.state
    step, stages = linear.LinearStep(*beginning(machine), rng_state=luck), []
    # At a stride from one to the next: a record of every step would cost twice as much.
    for count in counts:
        more = count - step.count
        *_, step = linear.wake_sleep(
            None, None, data(MACHINES[machine]), rate=_RATE, steps=more, minibatch=None,
            expectations=expectations, every=more, start=step,
        )  # fmt: skip
        stages.append(_stage(step))
    return tuple(stages)


@lru_cache
def curves(machine: str, expectations: str, counts: tuple[int, ...]) -> tuple[Array, Array]:
    """Means of L and of L - F over the data after each of these numbers of steps, in nats."""
    u, stages = data(MACHINES[machine]), run(machine, expectations, counts)
    log_l = [linear.log_likelihood(stage.gen, u).mean() for stage in stages]
    gap = [linear.kl_q_p(stage.gen, stage.rec, u).mean() for stage in stages]
    return np.array(log_l), np.array(gap)


def correlation(gen: LinearGenerative) -> float | None:
    """Correlation of two causes given an input; None of one."""
    if gen.n_v == 1:
        return None
    _, covariance = linear.posterior(gen, data(gen.n_v))
    spread = np.sqrt(np.diag(covariance))
    return float(covariance[0, -1] / spread.prod())


def _stage(step: linear.LinearStep) -> Stage:
    gen, rec = step.gen, step.rec
    assert isinstance(gen, LinearGenerative)
    assert isinstance(rec, LinearRecognition)
    return Stage(gen, rec, step.count)
