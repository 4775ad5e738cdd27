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
    patches = "Bright and dark patches, spread over the whole field"
    return Training(
        lambda seed: _first(seed, 64, 10, scale=0.1),
        wake_sleep(data.train, None, minibatch=100, optimiser="adam"),
        lambda step: measured(step, tested),
        lambda step: Shown(seen(step.gen, data.shape), pictures, None, None),
        LearningDigits,
        Question(
            "Ten causes, and ten kinds of digits. Play until L hardly rises any more. What will "
            "each cause draw when it alone is on?",
            (
                patches,
                "One digit each: there are as many causes as kinds of digits",
                "A stroke each, such as the bars of the machine before",
            ),
            patches,
            "Each picture is drawn by several causes at once, and the weights may have either "
            "sign: here every cause raises several pixels and lowers more than twenty, over nearly "
            "the whole field. That a cause be one that a person has a name for was not "
            "asked of it.",
            {
                "One digit each: there are as many causes as kinds of digits": "The causes are "
                "independent: two or more are on in most dreams. A cause that is one digit would "
                "be drawn over others.",
                "A stroke each, such as the bars of the machine before": "The bars were drawn "
                "with weights of one sign, and the data were made of bars. Here both are missing.",
            },
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


_SOME = "It ends higher from most seeds, far lower from some"
_STRIPES_QUESTION = Question(
    "The machine learns at rate 0.5. At step 2000 you raise the rate to 10 for 500 steps, then put "
    "it back. Compared with the run that was left alone, where will L be at step 10,000?",
    (_SOME, "Lower: what was learnt is lost", "The same: it finds its way back"),
    _SOME,
    "Of twenty other seeds, thirteen end higher after the burst than without it, as a rule by 0.03 "
    "nats, and five end more than 0.1 nats lower. The burst throws the machine about; where it "
    "lands is another beginning, better or worse.",
    {
        "Lower: what was learnt is lost": "During the burst it is: L falls by a nat or more. See "
        "where it stands some thousand steps later.",
        "The same: it finds its way back": "The burst leads to another place, and from there to "
        "another end. Compare the pictures of the causes.",
    },
)
_LONG_AFTER = "10,000 steps after that, or later still"
_BARS_QUESTION = Question(
    "At step 25,000 the cause on top begins to learn at its full rate. When will "
    "KL(data || dreams) be below 0.15 bits?",
    (
        "Before that: the bars are drawn by step 10,000",
        "Within 2,500 steps of it: one weight a cause is soon learnt",
        _LONG_AFTER,
    ),
    _LONG_AFTER,
    "Of fifty kept runs, thirty-nine get there, the first at step 37,500 and the last at 65,000. "
    "All bars are drawn long before; what is still missing is which of them go together. Seed 1, "
    "the one here, gets there at 65,000.",
    {
        "Before that: the bars are drawn by step 10,000": "They are, and each alone is right. The "
        "dreams still mix rows with columns, and that costs 0.3 bits.",
        "Within 2,500 steps of it: one weight a cause is soon learnt": "The rate is a hundred "
        "times what it was, and still nothing is seen for a long time: look at the readout.",
    },
)
_LEGEND = (
    "Step is one wake and one sleep phase. Curves: averages over the data. Pictures: what each "
    "cause draws when it alone is on, dreams, and data; the further from the page's colour, the "
    "more probable the pixel. A dream keeps its luck and changes only as the machine does."
)
_CEILING = "Line at the top: minus the entropy of the data, which L cannot pass."
_TOP = "Top off, on: how often each cause is then on, in the same places."
