"""The labs of "Wake and sleep": machines that learn while they are watched."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hmlib import datasets, learning
from hmlib.course.nb05.measuring import LUCK, N_SHOWN, in_data, measured, seen
from hmlib.course.nb05.records import Measured, Shown
from hmlib.course.nb05.training_pictures import (
    LearningBars,
    LearningDigits,
    LearningStripes,
    LearningStripesFromTop,
)
from hmlib.course.nb05.updates import MINIBATCH, Rule, by_rule, wake_sleep
from hmlib.datasets import Patterns
from hmlib.lab.base import Question
from hmlib.lab.controls import LogSlider
from hmlib.lab.live import AS_FAST, Training
from hmlib.learning import Step

BARS_STEPS = 100_000
BARS_RATES = learning.anneal(learning.two_stage((0.5, 0.001), (0.5, 0.1), BARS_STEPS), BARS_STEPS)
"""The recipe of the bars: the top layer waits for a quarter of the run; all rates end at 0."""

N_TESTED = 150
"""Test digits on which L, F and both divergences are computed: an average over all 297 would
cost more of the time for learning and hardly move."""


def stripes(
    sizes: tuple[int, ...] = (9, 6), rule: Rule | None = None, question: Question | None = None
) -> Training[Step, Measured, Shown]:
    """A machine that learns the 3 x 3 stripes, all its objectives exact at every picture.

    Args:
        sizes: units of each layer, inputs first: (9, n_1), or (9, n_1, 1) with a cause on top;
            n_1 is at most 6.
        rule: rule(gen, rec, u, rng, rate) -> (gen, rec), one step on a minibatch u of shape
            (20, 9), drawing from rng; wake-sleep if None.
        question: another question to ask first.

    Raises:
        ValueError: if sizes are none of these.
    """
    world, sizes = datasets.stripes(), tuple(sizes)
    bottom, top = sizes[:2], sizes[2:]
    if bottom not in [(world.n_u, n_1) for n_1 in range(1, 7)] or top not in ((), (1,)):
        raise ValueError(f"sizes are {sizes}; accepted: (9, n_1) or (9, n_1, 1), n_1 from 1 to 6")
    if rule is None:
        run = wake_sleep(world.u, world.weights, minibatch=MINIBATCH)
    else:
        run = by_rule(rule, world.u, world.weights)
    return Training(
        lambda seed: _first(seed, *sizes, scale=0.1),
        run,
        _measuring(world),
        _showing(world),
        LearningStripesFromTop if top else LearningStripes,
        question or _STRIPES_QUESTION,
        rate=LogSlider("rate", "learning rate", 0.01, 10, 0.5),
        title="Learn the stripes",
        legend=f"{_LEGEND} {_CEILING}" + (f" {_TOP}" if top else ""),
    )


def bars(
    nonnegative: bool = True, hidden_bias: float = -3.0, question: Question | None = None
) -> Training[Step, Measured, Shown]:
    """The 1995 bars by a machine 16-8-1, with the recipe of two stages.

    Args:
        nonnegative: keep the weights onto the pixels at 0 or above.
        hidden_bias: generative bias of every cause before learning.
        question: another question to ask first.
    """
    world = datasets.bars()
    return Training(
        lambda seed: _first(seed, 16, 8, 1, hidden_bias=hidden_bias),
        wake_sleep(
            world.u, world.weights, BARS_RATES, minibatch=MINIBATCH, nonnegative=nonnegative
        ),
        _measuring(world),
        _showing(world),
        LearningBars,
        question or _BARS_QUESTION,
        rate=LogSlider("rate", "learning rate, times the recipe's", 0.1, 10, 1.0),
        speed=AS_FAST,
        most=BARS_STEPS,
        title="Learn the bars",
        legend=f"{_LEGEND} {_CEILING} {_TOP} "
        "The recipe: the cause on top hardly learns until step 25,000; from step 70,000 all rates "
        "fall, to 0 at step 100,000.",
    )


def digits() -> Training[Step, Measured, Shown]:
    """Handwritten digits by a machine 64-10.

    Ten causes, since then L, F and both divergences are exact at every picture; of a machine with
    32 causes they could only be estimated, too slowly to be watched.
    """
    data = datasets.digits()
    tested = data.test[:N_TESTED]
    pictures = data.test[:N_SHOWN].reshape(-1, *data.shape)
    stays = "It stays well above 0"
    return Training(
        lambda seed: _first(seed, 64, 10, scale=0.1),
        wake_sleep(data.train, None, minibatch=100, optimiser="adam"),
        lambda step: measured(step, tested),
        lambda step: Shown(seen(step.gen, data.shape), pictures, None, None),
        LearningDigits,
        Question(
            "Play until L hardly rises any more. What will KL(Q || P), the gap between L and F, be "
            "by then?",
            ("Close to 0: Q has caught up", stays, "Larger than ever"),
            stays,
            "However long it learns, Q stays a product over the causes. Given a digit, they depend "
            "on each other: what one draws, another need not. The gap is the price of a Q that "
            "cannot say so.",
        ),
        rate=LogSlider("rate", "learning rate (Adam)", 0.0001, 1, 0.01),
        speed=AS_FAST,
        title="Learn the digits",
        legend=f"{_LEGEND} L, F and the divergences are averages over 150 digits that are not "
        "learnt from.",
    )


def _first(seed: int, *sizes: int, **beginning: float) -> Step:
    """A machine that has learnt nothing, and the generator that it will learn with."""
    rng = np.random.default_rng(seed)
    gen, rec = learning.fresh(*sizes, rng=rng, **beginning)
    return Step(gen, rec, rng_state=rng.bit_generator.state)


def _measuring(world: Patterns) -> Callable[[Step], Measured]:
    return lambda step: measured(step, world.u, world.weights, ceiling=-world.entropy)


def _showing(world: Patterns) -> Callable[[Step], Shown]:
    data = world.sample(np.random.default_rng(LUCK), N_SHOWN).reshape(-1, *world.shape)

    def shown(step: Step) -> Shown:
        machine = seen(step.gen, world.shape)
        return Shown(machine, data, -world.entropy, in_data(machine.dreams, world))

    return shown


_LATE = "It grows at first and shrinks later"
_STRIPES_QUESTION = Question(
    "Before learning, Q is almost the posterior: KL(Q || P) is close to 0. What will KL(Q || P) do "
    "while the machine learns?",
    ("It stays close to 0", "It shrinks all the way", _LATE),
    _LATE,
    "At first the causes draw nothing, so a picture says nothing about them, and Q at one half "
    "for each is right. As soon as they draw, there is something to infer, and explaining away "
    "makes it hard for a Q that factorises. Sleep has to catch up with what wake has changed.",
)
_SHARED = "One bar each; the cause on top says which way they point"
_BARS_QUESTION = Question(
    "There are 30 pictures: four columns or four rows, some of them on. The machine has eight "
    "causes, and one above them. What will the eight causes come to draw?",
    ("One of the commonest pictures each", _SHARED, "Half of the pixels each"),
    _SHARED,
    "A picture of several bars is cheapest as several causes. Which causes go together, columns or "
    "rows, is left to the cause on top. Some seeds get stuck with one cause for two bars; it shows "
    "at a quarter of the way. Restart those with another seed.",
)
_LEGEND = (
    "Step is one wake and one sleep phase. Curves: averages over the data. Pictures: what each "
    "cause draws when it alone is on, dreams, and data; the further from the page's colour, the "
    "more probable the pixel. A dream keeps its luck and changes only as the machine does."
)
_CEILING = "Line at the top: minus the entropy of the data, which L cannot pass."
_TOP = "Top off, on: how often each cause is then on, in the same places."
