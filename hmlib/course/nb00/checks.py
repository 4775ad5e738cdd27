"""Questions of notebook 00, "Start here"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hmlib import exact
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number
from hmlib.check.question import Wrong
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.nb00.solutions import ANSWERS

LOG_P_WET = float(exact.log_likelihood(wet_lawn(1.0), WET)[0])


def _numbers(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Arrays of different shapes: {"x": ...}."""
    for shape in ((5,), (3, 4), (2, 1)):
        yield {"x": rng.normal(scale=2.0, size=shape)}


QUESTIONS = (
    Choice(
        id="00.1",
        title="What never happens?",
        prompt="Move each of the three sliders of the lab to both of its ends. Which of these "
        "never happens?",
        options={
            "A": "The gap between F and L grew smaller.",
            "B": "The curve F passed above the dashed line L.",
            "C": "The dashed line L moved.",
            "D": "The gap between F and L grew larger.",
        },
        answer=ANSWERS["00.1"],
        why="F is a floor under L. Why that is so is the subject of notebook 02.",
        hints=(
            "Play through every slider once, the strength too, and watch curve and dashed line.",
            "The strength moves the dashed line. Does the curve ever get through it?",
        ),
        replies={
            "A": "It did, whenever the guess came nearer to the posterior.",
            "C": "It did, when the strength of the machine was moved. Only Q's two sliders leave "
            "it where it is.",
            "D": "It did, whenever the guess moved away from the posterior.",
        },
    ),
    Function(
        id="00.2",
        title="Type the logistic function",
        prompt="Write logistic(x). It returns f(x) = 1 / (1 + exp(-x)) for every number in the "
        "array x.",
        answer=ANSWERS["00.2"],
        cases=_numbers,
        why="It is 1/2 at x = 0, close to 1 for large x and close to 0 for very negative x: any "
        "number becomes a probability.",
        otherwise="Two checks: f(0) is 1/2, and f(x) + f(-x) is 1.",
        hints=(
            "numpy works on whole arrays: np.exp(x) takes the exponential of every number.",
            "The sign matters: it is np.exp(-x).",
        ),
        wrong=(
            Wrong(
                "sign of x",
                lambda x: 1 / (1 + np.exp(x)),
                "This is f(-x): it falls where f rises. The exponential is of minus x.",
            ),
            Wrong(
                "one added outside",
                lambda x: 1 / 1 + np.exp(-x),
                "The brackets are missing: 1 / 1 + exp(-x) is 1 + exp(-x). Divide by the whole "
                "sum, 1 / (1 + ...).",
            ),
            Wrong(
                "not divided by the sum",
                lambda x: np.exp(x),
                "This is exp(x), which passes 1. Divide it by 1 + exp(x), which is the same as "
                "1 / (1 + exp(-x)).",
            ),
            Wrong(
                "log of it",
                lambda x: -np.log1p(np.exp(-x)),
                "This is the logarithm of the right answer, so it is never above 0. Take np.exp "
                "of it, or leave the logarithm away.",
            ),
            Wrong(
                "other curve",
                lambda x: np.tanh(x),
                "This is tanh, which runs from -1 to 1. A probability runs from 0 to 1.",
            ),
        ),
    ),
    Choice(
        id="00.3",
        title="An odd result",
        prompt="You ran cells in no special order, changed some of them, and one result looks "
        "odd. What is the safest thing to do?",
        options={
            "A": "Delete the notebook and start again.",
            "B": "Run the odd cell again and again until it looks right.",
            "C": "Restart the kernel and run all cells from the top.",
            "D": "Go on: the cells below do not depend on it.",
        },
        answer=ANSWERS["00.3"],
        why="A fresh kernel remembers nothing, and what you typed stays in the cells. If the "
        "result is still odd, it is the cells that say so.",
        hints=(
            "The kernel remembers everything that was run, also cells that you have changed since.",
            "Which of the four makes it forget, without losing what you typed?",
        ),
        replies={
            "A": "That would lose your answers. They are kept in the cells; only the kernel's "
            "memory is muddled.",
            "B": "The same cell with the same seed gives the same result each time. What may have "
            "changed is what it stands on: the cells above.",
            "D": "Exercises are independent of each other, results are not: a cell uses the names "
            "that cells above it made.",
        },
    ),
    Number(
        id="00.4",
        title="Read a probability off a logarithm",
        prompt="How probable is a wet lawn for the machine of strength 1? Give P[wet] to three "
        "decimals. The library gives its natural logarithm, L.",
        answer=ANSWERS["00.4"],
        unit="",
        why="The exponential undoes the natural logarithm: P = exp(L).",
        otherwise="It is a probability, so it lies between 0 and 1.",
        hints=(
            "exact.log_likelihood(wet_lawn(1.0), WET)[0] is L. What undoes a logarithm?",
            "np.exp of it.",
        ),
        wrong=(
            Wrong(
                "logarithm left on",
                LOG_P_WET,
                "This is L itself, the logarithm. A probability cannot be below 0: undo the "
                "logarithm.",
            ),
            Wrong(
                "power of 2",
                2.0**LOG_P_WET,
                "You took 2 to the power of L. That undoes a logarithm of base 2; ours is the "
                "natural one.",
            ),
            Wrong(
                "dry",
                1 - np.exp(LOG_P_WET),
                "This is the probability of a dry lawn.",
            ),
            Wrong(
                "other strength",
                float(np.exp(exact.log_likelihood(wet_lawn(2.0), WET)[0])),
                "This is the machine of strength 2, from the worked example. The question is "
                "about strength 1.",
            ),
        ),
    ),
)
