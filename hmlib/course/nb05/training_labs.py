"""The labs of "Wake and sleep": machines that learn while they are watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from hmlib import datasets, exact, learning
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.course.nb05.training_pictures import (
    LearningBars,
    LearningDigits,
    LearningStripes,
    LearningStripesFromTop,
)
from hmlib.datasets import Patterns
from hmlib.lab.base import Question, Record
from hmlib.lab.controls import LogSlider
from hmlib.lab.live import AS_FAST, Run, Training
from hmlib.layered import Layered, LayeredRecognition
from hmlib.learning import Step

Array = np.ndarray
Gen = Generative | Layered
Rec = Recognition | LayeredRecognition

Rule = Callable[[Gen, Rec, Array, np.random.Generator, float], tuple[Gen, Rec]]
"""A learning rule as a student types it: rule(gen, rec, u, rng, rate) -> (gen, rec), where u is a
minibatch of shape (n, n_u)."""

MINIBATCH = 20
RECORDS = 4
"""Records of wake-sleep from one picture to the next: if learning fails, what was learnt after
the last of them is lost."""

N_SHOWN = 12
"""Dreams and data in a picture."""

BARS_STEPS = 100_000
BARS_RATES = learning.anneal(learning.two_stage((0.5, 0.001), (0.5, 0.1), BARS_STEPS), BARS_STEPS)
"""The recipe of the bars: the top layer waits for a quarter of the run; all rates end at 0."""

N_TESTED = 150
"""Test digits on which L, F and both divergences are computed: an average over all 297 would
cost more of the time for learning and hardly move."""

_LUCK = 2
"""Seed of what is drawn for the eye. It is the same for every picture, so that a dream changes
only as its machine does."""


# What is measured and shown.


def measured(step: Step, u: Array, weights: Array | None = None) -> dict[str, float]:
    """L, F, F-tilde and both divergences, averaged over data, in nats; exact.

    With n_u + n_v <= 20 also the dreamt F-tilde.

    Args:
        step: where learning stands.
        u: data, shape (n, n_u).
        weights: data weights, shape (n,); equal if None.
    """
    values = exact.objectives(step.gen, step.rec, u)
    names = ("log_likelihood", "free_energy", "reversed_free_energy", "kl_q_p", "kl_p_q")
    means = {name: float(np.average(getattr(values, name), weights=weights)) for name in names}
    if step.gen.n_u + step.gen.n_v <= exact.MAX_UNITS:
        means["dream_free_energy"] = exact.dream_free_energy(step.gen, step.rec, u, weights)
    return means


def drawn(gen: Gen) -> Array:
    """Pixel probabilities when each cause of the bottom layer alone is on, shape (n_1, n_u)."""
    G, h = gen.weights[0], gen.biases[0]
    return sigmoid(G.T + h)


def on_by_top(gen: Gen) -> Array:
    """How often each cause of the bottom layer is on when no cause on top is, and when each alone
    is: probabilities, shape (n_2 + 1, n_1). Without a second layer (0, n_1)."""
    if len(gen.weights) == 1:
        return np.empty((0, gen.n_v))
    G, b = gen.weights[1], gen.biases[1]
    top = np.vstack([np.zeros(G.shape[1]), np.eye(G.shape[1])])
    return sigmoid(top @ G.T + b)


def shown(gen: Gen, shape: tuple[int, int]) -> dict[str, Array]:
    """What causes draw, and dreams, as pictures; and what the top does to the causes."""
    _, dreams = gen.sample(np.random.default_rng(_LUCK), N_SHOWN)
    return {
        "drawn": drawn(gen).reshape(-1, *shape),
        "dreams": dreams.reshape(-1, *shape),
        "on_by_top": on_by_top(gen),
    }


def _world(world: Patterns) -> dict[str, Callable[[Step], Record]]:
    """How a machine that learns a small world is measured and shown."""
    data = world.sample(np.random.default_rng(_LUCK), N_SHOWN).reshape(-1, *world.shape)
    known = {pattern.tobytes() for pattern in world.u}

    def show(step: Step) -> Record:
        sheets = shown(step.gen, world.shape)
        valid = sum(dream.ravel().tobytes() in known for dream in sheets["dreams"])
        about = {"data": data, "ceiling": -world.entropy, "dreams_in_data": valid}
        return sheets | about

    return {"measure": lambda step: measured(step, world.u, world.weights), "show": show}


# Rules.


def wake_sleep(
    u: Array, weights: Array | None, schedule: Callable[[int], Any] = lambda done: 1.0, **options
) -> Run:
    """Wake-sleep on these data; the lab's rate multiplies the schedule of the rule."""

    def run(step: Step, rate: float, steps: int) -> Iterator[Step]:
        return learning.wake_sleep(
            step.gen, step.rec, u, weights, lambda done: rate * np.asarray(schedule(done)),
            steps, every=-(-steps // RECORDS), start=step, **options,
        )  # fmt: skip

    return run


def by_rule(rule: Rule, u: Array, weights: Array | None, minibatch: int = MINIBATCH) -> Run:
    """Learning by a rule that is given one minibatch after the other."""

    def run(step: Step, rate: float, steps: int) -> Iterator[Step]:
        rng = step.generator()
        for _ in range(steps):
            batch = u[rng.choice(len(u), minibatch, p=weights)]
            gen, rec = _models(rule(step.gen, step.rec, batch, rng, rate), step)
            step = replace(
                step, gen=gen, rec=rec, phase="rule", count=step.count + 1,
                rng_state=rng.bit_generator.state,
            )  # fmt: skip
            yield step

    return run


def _models(returned: object, step: Step) -> tuple[Gen, Rec]:
    """What a rule returned, once it is known to be two models like those it was given."""
    match returned:
        case (gen, rec) if type(gen) is type(step.gen) and type(rec) is type(step.rec):
            if gen.sizes == rec.sizes == step.gen.sizes:
                return gen, rec
    raise ValueError(
        f"the rule returned {type(returned).__name__}; accepted: (gen, rec), two models of the "
        "kind and size that it was given"
    )


# The labs.


def stripes(
    sizes: tuple[int, ...] = (9, 6), rule: Rule | None = None, question: Question | None = None
) -> Training:
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
        **_world(world),
        draw=LearningStripesFromTop if top else LearningStripes,
        question=question or _STRIPES_QUESTION,
        rate=LogSlider("rate", "learning rate", 0.01, 10, 0.5),
        title="Learn the stripes",
        legend=f"{_LEGEND} {_CEILING}" + (f" {_TOP}" if top else ""),
    )


def bars(
    nonnegative: bool = True, hidden_bias: float = -3.0, question: Question | None = None
) -> Training:
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
        **_world(world),
        draw=LearningBars,
        question=question or _BARS_QUESTION,
        rate=LogSlider("rate", "learning rate, times the recipe's", 0.1, 10, 1.0),
        speed=AS_FAST,
        most=BARS_STEPS,
        title="Learn the bars",
        legend=f"{_LEGEND} {_CEILING} {_TOP} "
        "The recipe: the cause on top hardly learns until step 25,000; from step 70,000 all rates "
        "fall, to 0 at step 100,000.",
    )


def digits() -> Training:
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
        lambda step: (
            shown(step.gen, data.shape)
            | {"data": pictures, "ceiling": None, "dreams_in_data": None}
        ),
        draw=LearningDigits,
        question=Question(
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


def _first(seed: int, *sizes: int, **beginning: float) -> Step:
    """A machine that has learnt nothing, and the generator that it will learn with."""
    rng = np.random.default_rng(seed)
    gen, rec = learning.fresh(*sizes, rng=rng, **beginning)
    return Step(gen, rec, rng_state=rng.bit_generator.state)
