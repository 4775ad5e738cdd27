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

MOST_CAUSES = 40

WALKERS = {"a dependent posterior": 0, "a posterior that factorises": 3}
"""The two machines of the walk: what is special at the top of L, and the seed."""

RULES = {
    "wake-sleep": "wake-sleep",
    "climb F": "F",
    "reweighted wake-sleep": "reweighted",
}
"""Ways to learn, as a student and as `kept_runs.costs` name them."""

RUNS = {"wake-sleep, from the beginning": "beginning", "sleep alone, from F's top": "asleep"}
"""The two runs of the angle lab, as a student and as `slopes.turning` name them."""

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
        n: causes of the one wet equal_causes.
        s: their strength.
    """
    exclusive, inclusive = equal_causes.leasts(MOST_CAUSES, s)
    posterior, path_n = equal_causes.count_posterior(n, s), np.arange(1, MOST_CAUSES + 1)
    _, lead, other = equal_causes.least_exclusive(n, s)
    on = float(posterior @ np.arange(n + 1) / n)
    return ManyCausesRecord(
        n=n,
        s=s,
        path_n=path_n,
        path_log_n=np.log(path_n),
        log_n=float(np.log(n)),
        exclusive=Direction(
            exclusive, float(exclusive[n - 1]), equal_causes.counts_of(n, lead, other)
        ),
        inclusive=Direction(inclusive, float(inclusive[n - 1]), equal_causes.counts_of(n, on, on)),
        posterior=posterior,
    )


def many_causes() -> Lab[ManyCausesRecord]:
    """What no factorised Q can do better, against the number of causes."""
    grows = "Without end, like the logarithm of n"
    return Lab(
        [
            Slider("n", "n, number of causes", 1, MOST_CAUSES, 1, 2),
            Slider("s", "s, strength", 2.0, 10.0, 0.1, 10.0),
        ],
        many_causes_values,
        ManyCauses,
        Question(
            "The lawn is wet, and one of n equal causes is to blame: just one, but nobody knows "
            "which. Q factorises. How does the least possible gap between F and L grow with n?",
            ("Not at all: it is ln 2 for every n", grows, "In proportion to n"),
            grows,
            "The best Q decides for one of n equal explanations, and is right in one of n cases. "
            "That costs ln n. The other direction, KL(P || Q), never costs more than one nat "
            "here: Q gives every cause its 1 / n, and often says none or two.",
        ),
        title="Many causes of one wet lawn",
        legend="Left: the least divergence that any factorised Q can have, over the number of "
        "causes; the thin line is ln n. Right: how many causes are on at once, in the posterior "
        "and in the two best guesses.",
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
    falls = "L falls, and the gap shrinks"
    return Lab(
        [
            Slider("steps", "steps from the top of L", 0, 2500, 50, 0),
            Choice("machine", "the machine has", tuple(WALKERS), next(iter(WALKERS))),
            Choice("rule", "and learns by", tuple(RULES), "wake-sleep"),
        ],
        walk_values,
        Walk,
        Question(
            "A machine stands at the top of L. Its posterior is dependent, and sleep has made "
            "its Q as good as sleep can. Now wake-sleep goes on. What will happen?",
            ("Nothing: no machine near it has a higher L", falls, "L rises further"),
            falls,
            "Wake climbs F, not L. F = L - KL(Q || P), and there is far more to be gained from a "
            "smaller divergence than is lost in L: the machine becomes worse, so that its "
            "posterior is easier to say.",
        ),
        title="A walk from the top",
        legend="Left: what is missing from L to its bound, above, and from F to L, below, both in "
        "nats; the point is now. Right: the gap of each of the twelve pictures.",
    )


# The angle between two slopes


def angle_values(part: int, run: str) -> AngleRecord:
    """Numbers of the angle lab: F, dreamt F-tilde and the angle between their slopes.

    Args:
        part: how much of the run is done, in percent, even.
        run: one of `RUNS`.
    """
    turning, place = slopes.turning(RUNS[run]), part // 2
    cosine = float(turning.cosine[place])
    angle = float(np.arccos(np.clip(cosine, -1, 1)))
    return AngleRecord(
        run=run,
        counts=turning.steps,
        steps=int(turning.steps[place]),
        free_energy=Along(turning.free_energy, float(turning.free_energy[place])),
        dream=Along(turning.dream, float(turning.dream[place])),
        cosine=Along(turning.cosine, cosine),
        cosine_range=(float(turning.cosine.min()), float(turning.cosine.max())),
        angle=float(np.degrees(angle)),
        direction=(float(np.sin(angle)), float(np.cos(angle))),
    )


def angle() -> Lab[AngleRecord]:
    """Sleep's direction beside the slope of F, along two runs."""
    half = "It differs, but points uphill all the same: the angle stays below 90 degrees"
    return Lab(
        [
            Slider("part", "how much of the run is done, %", 0, 100, 2, 0),
            Choice("run", "run", tuple(RUNS), next(iter(RUNS))),
        ],
        angle_values,
        Angle,
        Question(
            "A machine learns the stripes by wake-sleep from small random weights. Sleep does "
            "not climb F. How does its direction compare with the steepest way up on F?",
            (
                "It is the same, up to its length",
                half,
                "It points downhill about as often as uphill",
            ),
            half,
            "Along this run no sleep update points downhill on F, though the angle grows to more "
            "than 60 degrees. While wake and sleep go together, Q is never far from the posterior, "
            "and there the two divergences are alike. The other run starts where they are not.",
        ),
        title="The angle between two slopes",
        legend="Left: F and the dreamt F-tilde, above; the cosine of the angle, below. Right: the "
        "way up on F, straight up, and the direction of sleep. In the shaded half F rises.",
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
    faster = "Much faster: thirty guesses close more than nine tenths of it"
    return Lab(
        [
            Slider("k", "K, guesses a picture", 1, weighed_guesses.MOST, 1, 1),
            Choice("machine", "machine", tuple(GUESSERS), next(iter(GUESSERS))),
            Slider("draw", "which draw, on the right", 0, 49, 1, 0),
        ],
        many_guesses_values,
        ManyGuesses,
        Question(
            "A machine at the top of L, after sleep: the gap between F and L is about three nats. "
            "Now Q may guess K times, and the guesses are weighed. How does the gap fall?",
            ("Not at all: Q still factorises", "By a tenth with ten guesses", faster),
            faster,
            "Each guess is drawn from a factorised Q, but the weights compare whole patterns, and "
            "a weighted set of guesses need not factorise. As soon as one guess of the set is a "
            "good one, the others hardly matter.",
        ),
        title="Many guesses",
        legend="Left: how far L_K lies below L, on a logarithmic axis; the dotted line is L - F. "
        "Right: the weights of K guesses for the picture with the largest gap, heaviest first.",
    )
