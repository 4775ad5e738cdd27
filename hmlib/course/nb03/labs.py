"""The labs of "Climb it: E-phase and M-phase"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact
from hmlib.binary import sigmoid
from hmlib.course import kept_runs
from hmlib.course.nb03 import slices
from hmlib.course.nb03.climbing import KINDS, drawn, heights, machine
from hmlib.course.nb03.pictures import OneWeight, Staircase, Stuck
from hmlib.course.nb03.records import MOST_PHASES, Ending, Slice, Slices, Stairs
from hmlib.course.nb03.slices import DAYS, G_PATH, SHARES, SLICES, W_PATH
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, Slider, Steps

Array = NDArray[np.float64]

_SEED = Slider("seed", "seed of the first weights", 0, 49, 1, 1)


def staircase_values(word: str, kind: str, seed: int) -> Stairs:
    """Numbers of the staircase lab: L and F after every phase, and what the causes draw.

    Args:
        word: the phases so far, such as "EMEM".
        kind: what Q may be, one of `KINDS`.
        seed: of the first weights.
    """
    log_l, f = np.array([heights(word[:k], kind, seed) for k in range(len(word) + 1)]).T
    phases = np.array(list(word))
    return Stairs(
        word=word,
        kind=kind,
        log_likelihood=log_l,
        free_energy=f,
        gap=float(log_l[-1] - f[-1]),
        bound=-datasets.stripes().entropy,
        e_phases=np.flatnonzero(phases == "E") + 1,
        m_phases=np.flatnonzero(phases == "M") + 1,
        drawn=drawn(machine(word, kind, seed)),
    )


def one_weight_values(G_rain: float, W_rain: float, line: str) -> Slices:
    """Numbers of the one-weight lab: F along a generative and along a recognition weight.

    Averages over a lawn that is dry on half of the days. The slopes are in nats a unit of weight.

    Args:
        G_rain, W_rain, line: see `slices.lawn_models`.
    """
    gen, rec = slices.lawn_models(G_rain, W_rain, line)
    q, log_p = exact.recognition_table(rec, DAYS), exact.log_joint(gen, DAYS)
    d_gen, d_rec = exact.grad_free_energy(gen, rec, DAYS, SHARES)
    d_rain, d_sprinkler = d_rec.W[:, 0]
    f = float(slices.mean_free_energy(q, log_p))
    log_l = float(SHARES @ exact.log_likelihood(gen, DAYS))

    def along(weight: float, slope: float, path: Array, heights: Array, ceiling: Array) -> Slice:
        inside = (heights[1:-1] > heights[:-2]) & (heights[1:-1] >= heights[2:])
        return Slice(
            weight=weight,
            slope=slope,
            path=path,
            free_energy=heights,
            log_likelihood=ceiling,
            tangent=f + slope * (path - weight),
            top=float(path[heights.argmax()]),
            tops=int(inside.sum()),
        )

    slope_W = float(d_rain if line == SLICES[0] else d_rain - d_sprinkler)
    f_along_W, ceiling = slices.along_W(line, log_p), np.full(W_PATH.shape, log_l)
    return Slices(
        free_energy=f,
        log_likelihood=log_l,
        G=along(G_rain, float(d_gen.G[0, 0]), G_PATH, *slices.along_G(q)),
        W=along(W_rain, slope_W, W_PATH, f_along_W, ceiling),
    )


def stuck_values(seed: int, causes: str) -> Ending:
    """Numbers of the getting-stuck lab: one run of EM among fifty, and the machine at its end.

    Args:
        seed: of the first weights.
        causes: number of causes, "4", "5" or "6".
    """
    runs = kept_runs.climbs(int(causes))
    ends, last = runs.log_likelihood[:, -1], runs.gen[seed]
    log_l, bound = float(ends[seed]), -datasets.stripes().entropy
    return Ending(
        seed=seed,
        causes=int(causes),
        curves=runs.log_likelihood,
        ends=np.sort(ends)[::-1],
        log_likelihood=log_l,
        rank=int((ends > log_l).sum()) + 1,
        bound=bound,
        missing=bound - log_l,
        drawn=drawn(last),
        on=sigmoid(last.g),
    )


def staircase() -> Lab[Stairs]:
    """EM by hand: F and L after every phase, for three kinds of Q."""
    return Lab(
        [
            Steps("word", "phases", {"E": "E-phase", "M": "M-phase"}, MOST_PHASES),
            Choice("kind", "Q may be", tuple(KINDS), "exact"),
            _SEED,
        ],
        staircase_values,
        Staircase,
        Question(
            "Q may be anything (exact). You press E twice, one after the other. What does the "
            "second E-phase do?",
            ("F rises again, by less", "Nothing at all", "L rises, F stays"),
            "Nothing at all",
            "The first E-phase put Q on the posterior, where F touches L. There is nothing left to "
            "climb in Q until an M-phase has moved the machine, and the ceiling with it.",
        ),
        title="The staircase",
        legend="Solid: F, with a mark for each phase. Dashed: L. Dotted: the gap now. Line at the "
        "top: minus the entropy of the data, which no machine can pass. Right: what each cause "
        "draws when it alone is on; the stronger the colour, the more probable the pixel.",
    )


def one_weight() -> Lab[Slices]:
    """F along one generative weight beside F along a line through the recognition weights."""
    only_right = "Only on the right, where a recognition weight moves"
    return Lab(
        [
            Slider("G_rain", "G, weight from rain to lawn", 4.0, 20.0, 0.25, 7.0),
            Slider("W_rain", "W, weight from lawn to rain", -7.0, 13.0, 0.25, 4.0),
            Choice("line", "weights that move on the right", SLICES, SLICES[0]),
        ],
        one_weight_values,
        OneWeight,
        Question(
            "Both pictures show F. On the left a generative weight moves and Q is fixed. On the "
            "right a recognition weight moves and the machine is fixed. Where can a climber who "
            "feels only the slope come to rest below the top?",
            (
                "Only on the left, where a generative weight moves",
                only_right,
                "On neither side: F has one top",
                "On both sides",
            ),
            only_right,
            "For every fixed Q, F is concave in the generative weights: a curve that never lies "
            "above its tangent. In the recognition weights it has plains, where the slope is "
            "almost 0 far from the top, and on the line 'rain up, sprinkler down' two tops.",
        ),
        title="One weight at a time",
        legend="Solid: F. Dashed: L. The point is where the sliders stand, the dash-dotted line "
        "its tangent. Half of the days the lawn is wet.",
    )


def stuck() -> Lab[Ending]:
    """Where EM ends, from fifty beginnings."""
    different = "No: they end at different heights, and stay there"
    return Lab(
        [_SEED, Choice("causes", "number of causes", ("4", "5", "6"), "5")],
        stuck_values,
        Stuck,
        Question(
            "Fifty machines learn the stripes by EM with an exact Q. They differ only in their "
            "first, small weights. Do they all end at the same L?",
            ("Yes: F can only rise, so all reach the top", different, "Yes, after enough phases"),
            different,
            "Every phase climbs, but each run climbs the hill on which it began. Small changes "
            "would first make things worse, and steps that only go up never make them.",
        ),
        title="Getting stuck",
        legend="Left: what each cause draws when it alone is on, and how often it is on. Middle: "
        "L after each phase, this seed solid, the others faint. Right: the last L of all fifty "
        "seeds in order. Dashed: minus the entropy of the data.",
    )
