"""The labs of "DDC awake": a generative model that learns from shadows."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real

import numpy as np

from hmlib import ddc
from hmlib._checks import choice
from hmlib.course import bird
from hmlib.course.nb09 import painting
from hmlib.course.nb09.ladder import DATA, N_DATA, RUNGS, STEPS
from hmlib.course.nb09.ladder_pictures import LadderPicture
from hmlib.course.nb09.ladder_runs import ladder as kept_ladder
from hmlib.course.nb09.moves import angles, asked, first_night
from hmlib.course.nb09.pictures import OneUpdate, Painter
from hmlib.course.nb09.records import Averages, Measured, OneUpdateRecord, RungRecord, Shown
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, LogSlider, Slider
from hmlib.lab.live import Training

MODES = ("code", "score")

WATCH = 50
"""Steps from one reading of the instruments to the next."""

BLUR = 0.25
"""What `ddc.fit` takes by itself in mode code, in units of the data's spread."""

RECORDS = 4
"""Records from one picture to the next: after a failure the last of them is kept."""


# A machine that learns points in the plane


def generator(
    data: str = "ring", wake: str = "code", blur: float = BLUR
) -> Training[ddc.RegressionStep, Measured, Shown]:
    """A network generator that learns points in the plane.

    Args:
        data: "ring" or "pinwheel".
        wake: "code", or "score", which uses no code here and so is no DDC.
        blur: standard deviation of noise added to the data that are learnt from, in units of
            their spread; it is taken off what is shown. 0 for none.

    Raises:
        ValueError: for other data, another mode, or a blur that is no number from 0 to 1.
    """
    data, wake = choice("data", data, tuple(painting.DATA)), choice("wake", wake, MODES)
    if not isinstance(blur, Real) or not 0 <= blur <= 1:
        raise ValueError(f"blur is {blur!r}; accepted: a number from 0 to 1")
    x, tested = painting.points(data)

    def run(step: ddc.RegressionStep, rate: float, steps: int) -> Iterator[ddc.RegressionStep]:
        return painting.regressed(
            ddc.fit(
                None, x, rate=rate, steps=steps, n_dreams=painting.DREAMS, watch=WATCH,
                every=-(-steps // RECORDS), start=step,
            )
        )  # fmt: skip

    return Training(
        lambda seed: painting.begun(x, wake, blur, seed),
        run,
        lambda step: painting.measured(step, x, tested),
        lambda step: painting.shown(step, data, x),
        draw=Painter,
        question=_WHERE_NOISE_RESTS if wake == "score" and blur == BLUR else _WHAT_IS_LEFT,
        rate=LogSlider("rate", "learning rate (Adam)", 0.0001, 0.01, 0.005),
        speed="10 steps a picture",
        title=f"Learn the {data}",
        legend="Grey: data. Triangles and rings: dreams, larger the more they should come more or "
        "less often. Top: MMD^2 between dreams and data not learnt from; below the line is what "
        "two samples of data differ by. Bottom: noise, over the spread of the data, and the "
        "held-out R^2 of the sleep regression. " + _LEGENDS[wake],
    )


_WHAT_IS_LEFT = Question(
    "Triangles are dreams that should come more often, rings are dreams that should come "
    "less often. Before learning the dreams are one wide cloud. When the machine has "
    "learnt, what will have become of the triangles and rings?",
    (
        "Large triangles, everywhere",
        "Triangles on the data, rings elsewhere",
        "Small ones everywhere, mixed up",
    ),
    "Small ones everywhere, mixed up",
    "A weight says how much more often the data come by here than the dreams do. Where "
    "both come equally often, what is left is mostly the chance in 500 dreams.",
    replies={
        "Large triangles, everywhere": "For some dreams to come more often others have to "
        "come less often: the weights add up to nearly 0.",
        "Triangles on the data, rings elsewhere": "So it begins. Once the dreams come "
        "where the data are, and as often, there is nothing more to ask for.",
    },
)

_WHERE_NOISE_RESTS = Question(
    "The machine begins with noise as wide as the data, 1.00. The data that it learns from were "
    "blurred by 0.25, and the noise that is shown has that taken off again. Across, an arm of the "
    "pinwheel is about 0.07 thick. Play on for some 2000 steps: where does the noise come to rest?",
    ("At 0.25, as wide as the blur", "At 0.07, as wide as an arm", "At 0.05, the least it may be"),
    "At 0.05, the least it may be",
    "The blurred noise sinks as far as it is let, to the blur itself. Arm and blur together would "
    "be 0.26, so the blurred noise is wrong by a hair, and what is left when the blur is taken off "
    "is a fifth of the blur, which is the floor. So this number says nothing about the width of "
    "the arms.",
    replies={
        "At 0.25, as wide as the blur": "The blur is taken off before the noise is shown.",
        "At 0.07, as wide as an arm": "So it would be if the machine could tell. Play on.",
    },
)

_LEGENDS = {
    "code": "Mode code: recognition and read-outs go through the code of z. This is DDC.",
    "score": "Mode score with one layer of latents: no code is used. This is not DDC.",
}


# One update


KS = {"5": 5, "10": 10, "40": 40}
SDS = (0.05, 0.08, 0.13, 0.2, 0.32, 0.5, 0.8)
"""Noise of the model at the points of the curves."""

DRAWN = slice(200)
"""The dreams that are drawn, of all."""


def update_values(x: float, noise: float, functions: str) -> OneUpdateRecord:
    """Numbers of the lab that takes one update apart.

    Args:
        x: the observation, a distance.
        noise: standard deviation of x given z_1, in the world and in the model.
        functions: number of random encodings, one of `KS`.
    """
    k = KS[choice("functions", functions, tuple(KS))]
    model, _ = asked(noise)
    night = first_night(noise, k)
    r = night.recogniser.codes(np.array([[x]]))[0]
    z = night.dreams[1][:, 0]
    w = night.particles(1, r.T)[:, 0]
    p = bird.posterior(model, np.array([[x]]))[0][0]
    grid, weights, ratio = bird.GRID[:, 0], len(z) * w[DRAWN], p / bird.prior()
    return OneUpdateRecord(
        x=x,
        noise=noise,
        k=k,
        z=z[DRAWN],
        weights=weights,
        least=float(weights.min()),
        most=float(weights.max()),
        negative=float((w < 0).mean()),
        path_z=grid,
        ratio=ratio,
        highest=float(ratio.max()),
        read=Averages(float(w @ z), float(w @ (z > 0)), float(w @ np.abs(z))),
        exact=Averages(float(p @ grid), float(p @ bird.right()), float(p @ np.abs(grid))),
        angles=angles(noise, k),
        path_noise=np.array(SDS),
        path_angles=np.array([angles(sd, k) for sd in SDS]),
    )


def one_update() -> Lab[OneUpdateRecord]:
    """Signed weights for one observation, and where the model's parameters move."""
    blind = "Weights stay broad, and the move of code goes wrong"
    return Lab(
        [
            Slider("x", "distance heard x", 0.0, 4.0, 0.05, 1.5),
            Slider("noise", "noise of x", 0.05, 0.8, 0.01, 0.4),
            Choice("functions", "random functions K", tuple(KS), "10"),
        ],
        update_values,
        OneUpdate,
        Question(
            "With little noise, the posterior of the place is two thin needles. Move the noise "
            "down with K = 10. What will the weights on the dreams, and the move, do?",
            (
                "Weights become needles, and all moves stay right",
                blind,
                "Weights stay broad, and all three moves go wrong",
            ),
            blind,
            "Weights are as broad as the functions that they are made of, so needles are not seen. "
            "And the score divides every error of an average by the variance of the noise: the "
            "same small error counts for more and more. The mode score regresses the score itself "
            "on features of x, and needs no needle in z.",
            replies={
                "Weights become needles, and all moves stay right": "Weights are sums of ten "
                "functions of this width, and cannot be sharper than these.",
                "Weights stay broad, and all three moves go wrong": "Look at the angle of score: "
                "it does not go through these weights.",
            },
        ),
        title="One update",
        legend="Left: triangles and rings are dreams, with the signed weight that the code of x "
        "gives them; line: the exact ratio p(z|x) / p(z), cut off at 12. Right: angle of the whole "
        "move, for 300 distances heard, to the exact gradient; medians over five nights of 1000 "
        "dreams. split is without the dreams subtracted; that is all in which it differs from code "
        "here.",
        hides=("paths", "points", "ratio"),
    )


# The ladder

_STAGES = ("the start", "a tenth", "half", "the end")


def ladder_values(rung: str, data: str, stage: str) -> RungRecord:
    """Numbers of the ladder lab, from the kept runs.

    Args:
        rung: name of one of `RUNGS`.
        data: "ring" or "pinwheel".
        stage: of learning, one of "the start", "a tenth", "half", "the end".
    """
    names, kinds = tuple(each.name for each in RUNGS), tuple(DATA)
    kept = kept_ladder()
    place, kind = names.index(choice("rung", rung, names)), kinds.index(choice("data", data, kinds))
    when = _STAGES.index(choice("stage", stage, _STAGES))
    dreams, whole = kept.dreams[place, kind, when], int(kept.steps[place, kind, 0])
    return RungRecord(
        rung=rung,
        place=place,
        name=data,
        steps=min(kept.stages[when], whole),
        lost=whole < kept.stages[when],
        data=DATA[data](np.random.default_rng(0), N_DATA)[: len(dreams)],
        dreams=dreams,
        log_likelihood=kept.log_likelihood[:, kind],
        accuracy=kept.accuracy[:, kind],
        ran_away=kept.ran_away[:, kind],
    )


def ladder() -> Lab[RungRecord]:
    """From the exact gradient down to regressions, a part at a time."""
    any_one = "Each of the three, by itself"
    return Lab(
        [
            Choice("rung", "rung", tuple(each.name for each in RUNGS), RUNGS[0].name),
            Choice("data", "data", tuple(DATA), "pinwheel"),
            Choice("stage", "dreams after", _STAGES, "the end"),
        ],
        ladder_values,
        LadderPicture,
        Question(
            "A machine learns the pinwheel by the exact gradient, and well. Now one part is "
            "exchanged, and only one: the brisk optimiser for a slow one, the exact read-out for "
            "one from 150 fixed encodings, or the exact code for one regressed on 150 features of "
            "x. Which exchange spoils the dreams?",
            ("The code's alone; the others cost little", any_one, "None of them: it takes all"),
            any_one,
            "Noise that begins wide explains everything, and at a low rate it is not given back in "
            "time. Fixed encodings cannot say what wake asks once posteriors are narrow, and "
            "regressed codes cannot say where they are. A code from the dreams nearby, read "
            "exactly, costs next to nothing.",
            replies={
                "The code's alone; the others cost little": "Look at the second row, whose code "
                "and read-out are both exact, and at the third.",
                "None of them: it takes all": "Look at the rows in which one part is exchanged.",
            },
        ),
        title="The ladder",
        legend=f"Left: grey, data; diamonds, dreams of the first run. Middle: L of ten runs of "
        f"{STEPS} steps of each rung, crosses for those that ran away, seen where they were last "
        "whole. Right: how often a vote of 15 neighbours tells dreams from data; by chance it is "
        "0.5.",
        hides=("whole", "lost"),
    )
