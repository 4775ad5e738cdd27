"""The labs of "Climb it: E-phase and M-phase"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact
from hmlib.binary import sigmoid
from hmlib.course import kept_runs
from hmlib.course.nb03 import kept, slices
from hmlib.course.nb03.climbing import KINDS, drawn, heights, machine
from hmlib.course.nb03.pictures import OneWeight, Staircase, Stuck
from hmlib.course.nb03.records import MOST_PHASES, Ending, Slice, Slices, Stairs
from hmlib.course.nb03.slices import DAYS, G_PATH, SHARES, SLICES, W_PATH
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, Handle, Slider, Steps

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
    m_phases = np.flatnonzero(phases == "M") + 1
    return Stairs(
        word=word,
        kind=kind,
        log_likelihood=log_l,
        free_energy=f,
        gap=float(log_l[-1] - f[-1]),
        bound=-datasets.stripes().entropy,
        e_phases=np.flatnonzero(phases == "E") + 1,
        m_phases=m_phases,
        fallen=m_phases[np.diff(log_l)[m_phases - 1] < -kept.FALL],
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
    small = np.array(kept.SMALL_STEPS[int(causes)])
    return Ending(
        seed=seed,
        causes=int(causes),
        curves=runs.log_likelihood,
        ends=np.sort(ends)[::-1],
        small_steps=small[np.argsort(-ends, kind="stable")],
        higher=int((ends > small + kept.APART).sum()),
        lower=int((ends < small - kept.APART).sum()),
        log_likelihood=log_l,
        small_step=float(small[seed]),
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
            "Q may be one probability for each cause and picture (mean field), so a gap may "
            "stay open. You press E, M, E, M to the end. Which of the two lines can step down?",
            ("Neither of them", "F, but not L", "L, but not F", "Both of them"),
            "L, but not F",
            "Neither phase lowers F. But L is F plus the gap: an M-phase that closes the gap by "
            "more than it lifts F lowers L. With an exact Q the gap is 0 before an M-phase, so "
            "there L rises at least as much as F.",
            replies={
                "Neither of them": "So it is with an exact Q.",
                "F, but not L": "F is what both phases climb.",
                "Both of them": "F is what both phases climb.",
            },
        ),
        title="The staircase",
        legend="Solid: F, with a mark for each phase. Dashed: L. "
        "Dotted: the gap now. Line at the top: minus the entropy of the data. Right: what each "
        "cause draws when it alone is on; the stronger the colour, the more probable the pixel.",
    )


def one_weight() -> Lab[Slices]:
    """F along one generative weight beside F along a line through the recognition weights."""
    return Lab(
        [
            Slider("G_rain", "G, weight from rain to lawn", 4.0, 20.0, 0.25, 7.0),
            Slider("W_rain", "W, weight from lawn to rain", -7.0, 13.0, 0.25, 4.0),
            Choice("line", "weights that move on the right", SLICES, SLICES[0]),
        ],
        one_weight_values,
        OneWeight,
        Question(
            "The lawn is wet, and at G = 10 rain is a good explanation. One recogniser says "
            "'no rain' and is almost sure (W = -7). Another is undecided (W = 3). For which of "
            "them is the slope of F in W steeper?",
            (
                "For the one that is surely wrong",
                "For both about the same",
                "For the one that is undecided",
            ),
            "For the one that is undecided",
            "The slope in y is q (1 - q) times (the log odds that q should have, minus y). The "
            "bracket is largest for the one that is surely wrong, but its q (1 - q) is almost 0.",
            replies={
                "For the one that is surely wrong": "Its error is the larger one, and still it "
                "learns more slowly.",
                "For both about the same": "They differ by a factor of more than a thousand.",
            },
        ),
        title="One weight at a time",
        legend="Solid: F. Dashed: L. The point is where the sliders stand, the dash-dotted line "
        "its tangent. Half of the days the lawn is wet.",
        hides=("W_side",),
        handles=(
            Handle("left", x="G_rain", at=lambda record: record.free_energy),
            Handle("right", x="W_rain", at=lambda record: record.free_energy),
        ),
    )


def stuck() -> Lab[Ending]:
    """Where EM ends, from fifty beginnings, and where small steps do."""
    return Lab(
        [_SEED, Choice("causes", "number of causes", ("4", "5", "6"), "5")],
        stuck_values,
        Stuck,
        Question(
            "Fifty machines learn the stripes from small random weights, by EM with an exact Q. "
            "From the same fifty beginnings, others take small steps straight up L. None of them "
            "ever steps down. Who ends higher?",
            (
                "Now the one, now the other",
                "EM: it leaps across valleys",
                "Small steps: they miss no top",
                "Neither: same hill, same top",
            ),
            "Now the one, now the other",
            "An M-phase goes to the top of F for the Q that it was given. That may be far away, "
            "and on another hill of L, which may be higher or lower. A small step stays on its "
            "hill.",
            replies={
                "EM: it leaps across valleys": "It does leap, but nothing says onto which hill.",
                "Small steps: they miss no top": "They find the top of the hill on which they "
                "began, and there are many hills.",
                "Neither: same hill, same top": "EM need not stay on the hill where it began.",
            },
        ),
        title="Getting stuck",
        legend="Machines of 4, 5 or 6 causes. Left: what each cause draws when it alone is on, and "
        "how often it is on. Middle: "
        "L after each phase of EM, this seed solid, the others faint. Right: the last L of all "
        "fifty seeds in order. Dashed: minus the entropy of the data.",
        hides=("steps", "step_now"),
    )
