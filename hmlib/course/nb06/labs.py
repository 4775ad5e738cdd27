"""The labs of "What factorising costs"."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact
from hmlib.course import kept_runs
from hmlib.course.nb06 import equal_causes, slopes, weighed_guesses
from hmlib.course.nb06.pictures import Angle, ManyCauses, ManyGuesses, Walk
from hmlib.course.nb06.records import (
    Along,
    AngleRecord,
    Direction,
    ManyCausesRecord,
    ManyGuessesRecord,
    WalkRecord,
)
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, Slider

Array = NDArray[np.float64]

MOST_CAUSES = 400
COUNTS = tuple(int(n) for n in np.unique(np.geomspace(1, MOST_CAUSES, 70).round()))
"""Numbers of causes at which the curves are known."""

WALKERS = {"a dependent posterior": 0, "a posterior that factorises": 3}
"""The two machines of the walk: what is special at the top of L, and the seed."""

RULES = {
    "wake-sleep": "wake-sleep",
    "climb F": "F",
    "reweighted wake-sleep": "reweighted",
}
"""Ways to learn, as a student and as `kept_runs.costs` name them."""

RUNS = {
    "wake-sleep, four causes": ("beginning", 4),
    "wake-sleep, four causes; twenty with six": ("beginning", 6),
    "sleep alone, from F's top": ("asleep", 0),
}
"""The runs of the angle lab: as `slopes.turning` names them, and the causes of the others."""

GUESSERS = {
    "9-4 at the top of L": "top",
    "9-4 after wake-sleep from there": "walked",
    "9-4-1 taught by wake-sleep": "tower",
}
"""The machines of the many-guesses lab, as a student and as `weighed_guesses` name them."""

_UNSEEN = 1e-6
"""Nats below the axis of the many-guesses lab."""


# Many causes of one wet lawn


def many_causes_values(n: int, s: float) -> ManyCausesRecord:
    """Numbers of the many-causes lab: what no factorised Q can do better.

    Args:
        n: causes of the one wet lawn.
        s: their strength.
    """
    exclusive, inclusive = equal_causes.leasts(COUNTS, s)
    posterior, path_n = equal_causes.count_posterior(n, s), np.array(COUNTS)
    deciding, lead, other = equal_causes.least_exclusive(n, s)
    on = float(posterior @ np.arange(n + 1) / n)
    return ManyCausesRecord(
        n=n,
        s=s,
        path_n=path_n,
        path_log_n=np.log(path_n),
        log_n=float(np.log(n)),
        exclusive=Direction(exclusive, deciding, equal_causes.counts_of(n, lead, other)),
        inclusive=Direction(
            inclusive, equal_causes.least_inclusive(n, s), equal_causes.counts_of(n, on, on)
        ),
        posterior=posterior,
    )


def many_causes() -> Lab[ManyCausesRecord]:
    """What no factorised Q can do better, against the number of causes."""
    peaks = "It rises to a peak, and falls back towards 0"
    return Lab(
        [
            Slider("n", "n, number of causes", 1, MOST_CAUSES, 1, 2),
            Slider("s", "s, strength", 2.0, 10.0, 0.1, 5.0),
        ],
        many_causes_values,
        ManyCauses,
        Question(
            "Hold the strength, and take more and more causes, up to hundreds. What becomes of the "
            "price of deciding, the least gap between F and L that a factorised Q can leave?",
            (
                "It grows without end, like ln n",
                "It grows, and levels off at one nat",
                peaks,
            ),
            peaks,
            "With few causes one is to blame and n explanations compete: the price is nearly ln n. "
            "But each cause is on by itself with probability f(-s). With hundreds of them one or "
            "two are on anyway, the wet lawn is no news, and the causes are nearly independent "
            "again. At strength 5 the peak is near n = 9, at strength 10 near n = 220.",
            {
                "It grows without end, like ln n": "It does for as long as one cause alone is to "
                "blame. Ask how often none of n causes is on before anybody looks at the lawn.",
                "It grows, and levels off at one nat": "One nat is where the price of hedging "
                "stops, the other curve; the price of deciding goes above it.",
            },
        ),
        title="Many causes of one wet lawn",
        legend="Left: the least divergence that any factorised Q can have, over the number of "
        "causes; the thin line is ln n. Right: how many causes are on at once, in the posterior "
        "and in the two best guesses.",
        hides=("log_n", "lines", "points", "bars"),
    )


# A walk from the top of L


@cache
def _walked(machine: str, rule: str) -> tuple[Array, Array]:
    """Along a walk: log P[u] and KL(Q || P) of every picture, (m, 12) each, in nats."""
    walk = kept_runs.costs().walks[WALKERS[machine], RULES[rule]]
    pairs = zip(walk.gen, walk.rec, strict=True)
    along = [exact.objectives(gen, rec, datasets.stripes().u) for gen, rec in pairs]
    log_l = np.array([o.log_likelihood for o in along])
    gap = np.array([o.kl_q_p for o in along])
    return log_l, np.maximum(gap, 0.0)


def walk_values(steps: int, machine: str, rule: str) -> WalkRecord:
    """Numbers of the walk lab: how far L is below its bound and F below L.

    Args:
        steps: steps from the top of L, 0 to 2500 in fifties.
        machine: one of `WALKERS`.
        rule: one of `RULES`.
    """
    world = datasets.stripes()
    counts = np.array(kept_runs.costs().walks[WALKERS[machine], RULES[rule]].steps)
    log_l, by_picture = _walked(machine, rule)
    place = int(np.searchsorted(counts, steps))
    missing, gap = -world.entropy - log_l @ world.weights, by_picture @ world.weights
    return WalkRecord(
        steps=steps,
        machine=machine,
        rule=rule,
        counts=counts,
        missing=Along(missing, float(missing[place])),
        gap=Along(gap, float(gap[place])),
        free_energy=float(-world.entropy - missing[place] - gap[place]),
        pictures=world.u.reshape(-1, *world.shape),
        by_picture=by_picture[place],
        worst=int(by_picture[place].argmax()),
    )


def walk() -> Lab[WalkRecord]:
    """Learning that starts at the top of L, and may leave it."""
    stays = "L stays at the top, and the gap stays large"
    return Lab(
        [
            Slider("steps", "steps from the top of L", 0, 2500, 50, 0),
            Choice("machine", "the machine has", tuple(WALKERS), next(iter(WALKERS))),
            Choice("rule", "and learns by", tuple(RULES), "wake-sleep"),
        ],
        walk_values,
        Walk,
        Question(
            "Reweighted wake-sleep gives Q ten guesses for each picture and counts those that the "
            "model likes best. What will it make of the machine at the top of L, whose posterior "
            "Q cannot say?",
            (
                "L stays at the top, and the gap closes",
                "L falls, and the gap closes, but more slowly",
                stays,
            ),
            stays,
            "Weighed guesses stand for the posterior better than Q does, so the slope is nearly "
            "that of L, and at the top that is 0. The machine stays, its posterior stays what Q "
            "cannot say, and the gap even grows a little.",
            {
                "L stays at the top, and the gap closes": "The gap is that of one guess. Q still "
                "factorises, and the machine has not become one that is easier to say.",
                "L falls, and the gap closes, but more slowly": "So it goes with one guess. With "
                "ten weighed ones compare the scale of the upper curve with that of wake-sleep.",
            },
        ),
        title="A walk from the top",
        legend="Left: what is missing from L to its bound, above, and from F to L, below, both in "
        "nats; the point is now. Right: the gap of each of the twelve pictures.",
        hides=("lines", "points", "bars"),
    )


# The angle between two slopes


def angle_values(part: int, run: str) -> AngleRecord:
    """Numbers of the angle lab: F, dreamt F-tilde and the angle between their slopes.

    Args:
        part: how much of the run is done, in percent, even.
        run: one of `RUNS`.
    """
    name, causes = RUNS[run]
    turning, place = slopes.turning(name), part // 2
    others = kept_runs.counts().turns["06", causes] if causes else np.empty((0, 51))
    cosine = float(turning.cosine[place])
    angle = float(np.arccos(np.clip(cosine, -1, 1)))
    return AngleRecord(
        run=run,
        counts=turning.steps,
        steps=int(turning.steps[place]),
        free_energy=Along(turning.free_energy, float(turning.free_energy[place])),
        dream=Along(turning.dream, float(turning.dream[place])),
        cosine=Along(turning.cosine, cosine),
        others=others,
        downhill=int((others < 0).any(axis=1).sum()),
        cosine_range=(float(turning.cosine.min()), float(turning.cosine.max())),
        angle=float(np.degrees(angle)),
        direction=(float(np.sin(angle)), float(np.cos(angle))),
    )


def angle() -> Lab[AngleRecord]:
    """Sleep's direction beside the slope of F, along two runs."""
    larger = "Larger: they agree less than at the start"
    return Lab(
        [
            Slider("part", "how much of the run is done, %", 0, 100, 2, 0),
            Choice("run", "run", tuple(RUNS), next(iter(RUNS))),
        ],
        angle_values,
        Angle,
        Question(
            "At the start of the first run the angle is 44 degrees. Then wake and sleep learn for "
            "1200 steps, and F and the dreamt F-tilde rise side by side. How large is the angle at "
            "the end?",
            (
                "Smaller: both slopes lead to one top by then",
                larger,
                "Past 90 degrees: sleep ends up working against F",
            ),
            larger,
            "It is 59 degrees, and in each of the twenty others, with four causes as with six, it "
            "is larger at the end than at the start. That F and the dreamt F-tilde rise together "
            "does not mean that their slopes come to agree: near the end both slopes are short, "
            "and they may point to different places.",
            {
                "Smaller: both slopes lead to one top by then": "It is smallest early on, while "
                "there is much to learn that both agree on. Look at the cosine after that.",
                "Past 90 degrees: sleep ends up working against F": "That is rare here: of the "
                "twenty with four causes none has such a place, of the twenty with six two have.",
            },
        ),
        title="The angle between two slopes",
        legend="Left: F and the dreamt F-tilde, above; the cosine of the angle, below. Right: the "
        "way up on F, straight up, and the direction of sleep. In the shaded half F rises. Thin "
        "lines: twenty other machines.",
        hides=("others", "cosine", "cosine_now", "sleep", "tip", "words"),
    )


# Many guesses


def many_guesses_values(k: int, machine: str, draw: int) -> ManyGuessesRecord:
    """Numbers of the many-guesses lab: how far L_K is below L, and the weights of K guesses.

    Args:
        k: guesses a picture.
        machine: one of `GUESSERS`.
        draw: which of the sets of guesses is shown on the right.
    """
    bounds, world = weighed_guesses.bounds(GUESSERS[machine]), datasets.stripes()
    log_w = weighed_guesses.log_weights(GUESSERS[machine])[bounds.hardest, draw, :k]
    omega, effective = weighed_guesses.weights_of(log_w)
    return ManyGuessesRecord(
        k=k,
        machine=machine,
        path_k=np.arange(1, weighed_guesses.MOST + 1),
        # Where nothing is left, drawn guesses may end a little above L.
        path_below=np.maximum(bounds.below, _UNSEEN),
        below=float(bounds.below[k - 1]),
        log_likelihood=bounds.log_likelihood,
        gap=bounds.gap,
        omega=omega,
        effective=effective,
        picture=world.u[bounds.hardest].reshape(world.shape),
    )


def many_guesses() -> Lab[ManyGuessesRecord]:
    """L_K between F and L, and the weights of K guesses."""
    level = "About as far from L as the first, or a little further"
    return Lab(
        [
            Slider("k", "K, guesses a picture", 1, weighed_guesses.MOST, 1, 1),
            Choice("machine", "machine", tuple(GUESSERS), next(iter(GUESSERS))),
            Slider("draw", "which draw, on the right", 0, 49, 1, 0),
        ],
        many_guesses_values,
        ManyGuesses,
        Question(
            "With one guess the machine at the top of L is three nats below L, with ten weighed "
            "ones a fiftieth of a nat. Wake-sleep has made another of it, whose posterior is "
            "easier to say: with one guess it is only 0.6 nats below. And with ten to thirty?",
            (
                "Five times as near to L as the first, as with one guess",
                "At L: so small a gap is closed by a few guesses",
                level,
            ),
            level,
            "Both are some 0.02 nats below L with ten guesses, and 0.005 with thirty. Guesses of "
            "the first are either good or worthless, and one good one is enough. Those of the "
            "second are seldom worthless and seldom quite right. The gap of one guess does not "
            "tell how many are needed.",
            {
                "Five times as near to L as the first, as with one guess": "The ratio of the gaps "
                "does not last: compare the curves at K = 5, 10 and 30.",
                "At L: so small a gap is closed by a few guesses": "Small is not the same as soon "
                "closed. Follow its curve from K = 1 to 10, and then that of the first.",
            },
        ),
        title="Many guesses",
        legend="Left: how far L_K lies below L, on a logarithmic axis; the dotted line is L - F. "
        "Right: the weights of K guesses for the picture with the largest gap, heaviest first. "
        "9-4 and 9-4-1 are the numbers of units, inputs first.",
        hides=("gap", "line", "now", "bars"),
    )
