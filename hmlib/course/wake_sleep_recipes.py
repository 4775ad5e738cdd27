"""The recipes of the course: which machine learns which data, at which rates, for how long.

Each function returns the steps of one run, so that it can be watched, stopped and continued. A
recipe has a fixed number of steps and never looks at a clock: same generator, same machine. The
numbers were found by trial on the seeds 0 to 19; `python -m benchmarks.wake_sleep` tries them
on others.
"""

from __future__ import annotations

import numpy as np

from hmlib import datasets, exact
from hmlib._checks import count
from hmlib.binary import Generative
from hmlib.datasets import Patterns
from hmlib.layered import Layered
from hmlib.learning import Step, Steps, anneal, fresh, restarting, two_stage, wake_sleep

BARS_STEPS, OR_BARS_STEPS, STRIPES_STEPS = 120_000, 40_000, 40_000
SHIFTER_STEPS, DIGITS_STEPS = 40_000, 20_000

BARS_STUCK = {1: 0.5, 2: 0.15, 4: 0.1}
"""After these quarters of a run on the bars, more bits than this are a stuck run."""

OR_BARS_STUCK = {2: 0.7}
"""The same of OR-bars, in nats."""

_BIT = np.log(2)
"""Nats in a bit."""


def divergence(world: Patterns, gen: Generative | Layered) -> float:
    """KL(data || dreams) = -entropy - L, exact, in nats.

    Args:
        world: all patterns of the data with their probabilities.
        gen: generative model of at most 20 causes.

    Raises:
        ValueError: if the two do not fit together or there are too many causes.
    """
    return float(-world.entropy - exact.log_likelihood(gen, world.u) @ world.weights)


def bars(
    rng: np.random.Generator, steps: int = BARS_STEPS, every: int | None = None
) -> Steps[Step]:
    """The 16-8-1 machine on the bars of 1995: about 0.045 bits of KL(data || dreams).

    Three things keep two causes from sharing a bar. Causes are rare from the beginning (bias -3).
    A cause can only switch pixels on (weights >= 0). The top layer waits for a quarter of the
    run, until every cause has found its bar; then it learns which bars go together. One run in
    ten is stuck all the same, with a cause that draws two bars at once; it shows after a quarter
    of the way, where 0.8 bits are left in place of 0.3, and the run begins anew.

    Args:
        rng: random generator.
        steps: steps of a run that is not begun anew, a multiple of 4. With much fewer than
            100,000 most runs are taken for stuck.
        every: steps from one record to the next, a divisor of a quarter of the run; a quarter of
            the run if None.

    Returns:
        Iterator of steps; `tries` of the last counts the beginnings.

    Raises:
        ValueError: if an argument is not accepted.

    Source: Hinton, Dayan, Frey & Neal 1995, who report 0.10 bits, as a public replication quotes
    them.
    """
    quarter = _quarter(steps, every)
    world = datasets.bars()
    gen, rec = fresh(16, 8, 1, hidden_bias=-3.0)
    rates = anneal(two_stage((0.5, 0.001), (0.5, 0.2), steps), steps)

    def run(rng: np.random.Generator | None, start: Step | None) -> Steps[Step]:
        return wake_sleep(
            gen, rec, world.u, world.weights, rates, steps, nonnegative=True, rng=rng,
            every=every or quarter, start=start,
        )  # fmt: skip

    return restarting(
        run,
        score=lambda step: -divergence(world, step.gen),
        least={quarters * quarter: -bits * _BIT for quarters, bits in BARS_STUCK.items()},
        rng=rng,
    )


def or_bars(
    rng: np.random.Generator, steps: int = OR_BARS_STEPS, every: int | None = None
) -> Steps[Step]:
    """The 16-8 machine on OR-bars: 0.4 to 0.5 nats of KL(data || dreams).

    Weights may have either sign: where bars cross, the sign constraint does harm. One run in five
    is stuck, with a bar that no cause draws: half way it is at 0.95 nats in place of 0.5, and
    begins anew.

    Args:
        rng: random generator.
        steps: steps of a run that is not begun anew, a multiple of 4. With much fewer than
            30,000 most runs are taken for stuck.
        every: steps from one record to the next, a divisor of a quarter of the run; a quarter of
            the run if None.

    Returns:
        Iterator of steps; `tries` of the last counts the beginnings.

    Raises:
        ValueError: if an argument is not accepted.
    """
    quarter = _quarter(steps, every)
    world = datasets.or_bars()
    gen, rec = fresh(16, 8)

    def run(rng: np.random.Generator | None, start: Step | None) -> Steps[Step]:
        return wake_sleep(
            gen, rec, world.u, world.weights, anneal(0.03, steps), steps, minibatch=100,
            optimiser="adam", rng=rng, every=every or quarter, start=start,
        )  # fmt: skip

    return restarting(
        run,
        score=lambda step: -divergence(world, step.gen),
        least={quarters * quarter: -nats for quarters, nats in OR_BARS_STUCK.items()},
        rng=rng,
    )


def stripes(
    rng: np.random.Generator, steps: int = STRIPES_STEPS, every: int | None = None
) -> Steps[Step]:
    """The 9-6-1 machine on the 3 x 3 stripes: 0.08 or 0.165 nats of KL(data || dreams).

    At times it is 0.3: seeds differ more than methods do, which is good to watch and useless for
    ranking.

    Args:
        rng: random generator.
        steps: steps of the run.
        every: steps from one record to the next; a quarter of the run if None.

    Raises:
        ValueError: if an argument is not accepted.

    Source: Kirby 2006, who names the machine 1-6-9.
    """
    world = datasets.stripes()
    gen, rec = fresh(9, 6, 1)
    rates = anneal((1.0, 0.1), steps)
    return wake_sleep(
        gen, rec, world.u, world.weights, rates, steps, rng=rng, every=_every(every, steps)
    )


def shifter(
    rng: np.random.Generator, steps: int = SHIFTER_STEPS, every: int | None = None
) -> Steps[Step]:
    """The 32-16-4 machine on the shifter: about 9.2 bits a picture, of which 7.99 are the data's.

    Args:
        rng: random generator.
        steps: steps of the run.
        every: steps from one record to the next; a quarter of the run if None.

    Raises:
        ValueError: if an argument is not accepted.

    Source: Dayan, Hinton, Neal & Zemel 1995, figure 1.
    """
    world = datasets.shifter()
    gen, rec = fresh(32, 16, 4, hidden_bias=-1.0)
    return wake_sleep(
        gen, rec, world.u, world.weights, anneal(0.03, steps, start=0.5), steps, minibatch=100,
        optimiser="adam", rng=rng, every=_every(every, steps),
    )  # fmt: skip


def digits(
    rng: np.random.Generator,
    *causes: int,
    steps: int = DIGITS_STEPS,
    minibatch: int = 100,
    every: int | None = None,
) -> Steps[Step]:
    """A machine of the 1500 training digits: 64-32-16 costs about 17.6 nats a test digit.

    Args:
        rng: random generator.
        causes: causes in each layer, bottom first; 32 and 16 if none is given.
        steps: steps of the run.
        minibatch: digits in each step; 80,000 steps of 200 digits give about 17.5 nats.
        every: steps from one record to the next; a quarter of the run if None.

    Raises:
        ValueError: if an argument is not accepted.
    """
    gen, rec = fresh(64, *(causes or (32, 16)))
    return wake_sleep(
        gen, rec, datasets.digits().train, rate=anneal(0.02, steps, start=0.5), steps=steps,
        minibatch=minibatch, optimiser="adam", rng=rng, every=_every(every, steps),
    )  # fmt: skip


def _quarter(steps: int, every: int | None) -> int:
    """A quarter of the run, where it is checked, so that there must be a record."""
    if count("steps", steps) % 4:
        raise ValueError(f"steps is {steps}; accepted: a multiple of 4")
    quarter = steps // 4
    if every is not None and quarter % count("every", every):
        raise ValueError(f"every is {every}; accepted: a divisor of a quarter of {steps} steps")
    return quarter


def _every(every: int | None, steps: int) -> int:
    return max(1, count("steps", steps) // 4) if every is None else every
