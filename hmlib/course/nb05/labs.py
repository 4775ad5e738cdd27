"""The labs of "Wake and sleep" that look at runs which are kept."""

from __future__ import annotations

import numpy as np

from hmlib import datasets
from hmlib.course import kept_runs
from hmlib.course.nb05.measuring import in_data, seen, single_bars
from hmlib.course.nb05.pictures import Parts, Runs
from hmlib.course.nb05.records import BINS, BITS, PartsRecord, RunsRecord, Variant
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, Slider

AIM = 0.1
"""Bits: the figure of the 1995 paper, as a public replication quotes it."""

LIMIT = 0.5
"""Bits at a quarter of the run, above which it is stuck."""

QUARTER = 10
"""Place of the quarter among the 41 heights of a run."""

TWO_STAGES, ONE_STAGE = "it waits for a quarter of the run", "it learns from the first step"
STAGES = {TWO_STAGES: "recipe", ONE_STAGE: "one_stage"}
"""What the cause on top does, as a student and as `kept_runs.wake_sleep_runs` name it."""

WHOLE = "the whole recipe"
PARTS = {
    WHOLE: ("whole\nrecipe", "recipe"),
    "the wait of the cause on top": ("no wait\non top", "one_stage"),
    "the bias of -3": ("no bias\nof -3", "no_bias"),
    "the sign of the weights": ("weights of\nany sign", "no_sign"),
    "both the bias and the sign": ("neither bias\nnor sign", "neither"),
}
"""What is left out: the option, the words under its column, and the name of its runs."""

N_COMPARED = 12
"""Seeds of each variant that are compared."""


# Many runs


def runs_values(top: str, seed: int) -> RunsRecord:
    """Numbers of the seeds lab: one run on the bars among fifty.

    Args:
        top: what the cause on top does, one of `STAGES`.
        seed: of the run to look at.
    """
    kept = kept_runs.wake_sleep_runs(STAGES[top])
    quarters, ends = kept.bits[:, QUARTER], kept.bits[:, -1]
    end, machine = float(ends[seed]), seen(kept.gen[seed], datasets.bars().shape)
    counts, _ = np.histogram(np.clip(ends, *BITS), BINS)
    return RunsRecord(
        seed=seed,
        steps=kept.steps,
        curves=kept.bits,
        start=float(kept.bits[seed, 0]),
        quarter=float(quarters[seed]),
        end=end,
        quarter_step=int(kept.steps[QUARTER]),
        limit=LIMIT,
        is_stuck=bool(quarters[seed] > LIMIT),
        stuck=int((quarters > LIMIT).sum()),
        aim=AIM,
        below_aim=int((ends < AIM).sum()),
        above_aim=int((ends >= AIM).sum()),
        worst=float(ends.max()),
        counts=counts,
        bin=min(int(np.searchsorted(BINS, end, side="right")), len(counts)) - 1,
        machine=machine,
        single_bars=single_bars(machine.drawn),
    )


def seeds() -> Lab[RunsRecord]:
    """Fifty runs on the bars that differ in their seed alone, with and without the wait."""
    most = "Nearly all are told: one in fifty at most surprises"
    return Lab(
        [
            Choice("top", "the cause on top", tuple(STAGES), TWO_STAGES),
            Slider("seed", "seed", 0, 49, 1, 0),
        ],
        runs_values,
        Runs,
        question=Question(
            "Fifty runs of the whole recipe. You may look at the bits of each at a quarter of the "
            "run, and at nothing else. For how many of the fifty can you say on which side of 0.1 "
            "bits they will end?",
            (
                "Hardly better than a coin: most of the learning is to come",
                "About three in four: some get stuck late, some get free",
                most,
            ),
            most,
            "At a quarter of the run these fifty have parted: of the 10 above the mark none ends "
            "below 0.1 bits, of the 40 others 39 do. Look at what the causes draw: a run above "
            "the mark has one cause for two bars and one for none, and it stays so.",
            {
                "Hardly better than a coin: most of the learning is to come": "Much is still to "
                "come, but not for the bars: which cause draws which bar is settled by then.",
                "About three in four: some get stuck late, some get free": "Look for a curve that "
                "crosses from one group to the other after the quarter. Seed 20 comes nearest.",
            },
        ),
        title="Fifty seeds",
        legend="KL(data || dreams) of runs without restarts, made by python -m "
        "tools.run_wake_sleep. The short thick line is at a quarter of the run and at 0.5 bits. "
        "Shades: the darker (on a dark page: the brighter), the more probable.",
        hides=("others", "curve", "end", "bars", "here", "images"),
    )


# The recipe, taken apart


def parts_values(left_out: str) -> PartsRecord:
    """Numbers of the ablation lab: where runs end, and the machine in the middle of them.

    Args:
        left_out: what is left out of the recipe, one of `PARTS`.
    """
    variants = tuple(_variant(words, name) for words, name in PARTS.values())
    chosen, (_, name) = list(PARTS).index(left_out), PARTS[left_out]
    own, world = variants[chosen].ends, datasets.bars()
    seed = int(own.argsort()[(N_COMPARED - 1) // 2])
    machine = seen(kept_runs.wake_sleep_runs(name).gen[seed], world.shape)
    return PartsRecord(
        variants=variants,
        chosen=chosen,
        aim=AIM,
        seed=seed,
        end=float(own[seed]),
        machine=machine,
        single_bars=single_bars(machine.drawn),
        valid=in_data(machine.dreams, world),
    )


def _variant(words: str, name: str) -> Variant:
    ends = kept_runs.wake_sleep_runs(name).bits[:N_COMPARED, -1]
    return Variant(
        name=words,
        ends=ends,
        best=float(ends.min()),
        median=float(np.median(ends)),
        worst=float(ends.max()),
        below_aim=int((ends < AIM).sum()),
    )


def parts() -> Lab[PartsRecord]:
    """The recipe of the bars with parts left out."""
    return Lab(
        [Choice("left_out", "left out", tuple(PARTS), WHOLE)],
        parts_values,
        Parts,
        question=Question(
            "Go by the seed in the middle of its twelve: which part of the recipe, left out alone, "
            "does the most harm?",
            tuple(list(PARTS)[i] for i in (2, 3, 1)),
            "the sign of the weights",
            "The seed in the middle ends at 1.48 bits without the sign, at 1.13 without the bias "
            "and at 0.65 without the wait. Look at the causes: here one that may also switch "
            "pixels off draws its bar and forbids the others, and two that are on together clash.",
            {
                "the wait of the cause on top": "Without it the middle seed ends at 0.65 bits: "
                "bad, and the least of the three harms.",
                "the bias of -3": "A close second: the middle seed ends at 1.13 bits.",
            },
        ),
        title="The recipe, taken apart",
        legend="Twelve seeds each, without restarts, made by python -m tools.run_wake_sleep. The "
        "machine on the right is the one in the middle of its twelve.",
        hides=("ends", "chosen", "shown", "images"),
    )
