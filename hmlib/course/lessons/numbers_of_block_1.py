"""The numbers of block 1, notebooks 00 to 03: what is given and what is expected, by question."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hmlib.binary import sigmoid, softplus
from hmlib.course.lessons.saying import listing, logit

Numbers = Mapping[str, float | str]


def smoke() -> Numbers:
    """Fire and toast, the alarm, and what the toast takes away from the fire."""
    fire, toast = 0.05, 0.2
    ring = np.array([0.02, 0.8, 0.8, 0.95])  # neither, toast, fire, both
    prior = np.outer([1 - fire, fire], [1 - toast, toast]).ravel()
    joint = prior * ring
    return {
        "fire": fire,
        "toast": toast,
        "neither": ring[0],
        "one": ring[1],
        "both": ring[3],
        "joint": listing(joint, 4),
        "given_alarm": joint[2:].sum() / joint.sum(),
        "given_toast": joint[3] / (joint[1] + joint[3]),
    }


def interaction(h: float, first: float, second: float) -> float:
    """J of two causes that drive one input: above 0 if each calls for the other."""
    drives = [h + first + second, h + first, h + second, h]
    return -float(softplus(drives) @ [1, -1, -1, 1])


def ties() -> Numbers:
    """The interaction of two causes with weights of opposite signs."""
    h, first, second = 0.0, 2.0, -1.0
    J = interaction(h, first, second)
    return {
        "bias": f"{h:g}",
        "first": f"{first:g}",
        "second": f"{second:g}",
        "J": J,
        "way": "More probable" if J > 0 else "Less probable",
        "side": "above" if J > 0 else "below",
    }


WIRING = ((1, 2), (2, 3), (4,))
"""The causes of each input."""


def tied(wiring: Collection[Collection[int]], known: Collection[int] = ()) -> list[tuple[int, int]]:
    """Pairs of causes that are dependent once all inputs are seen and some causes are known: those
    that a chain of shared inputs and unknown causes joins."""
    groups: list[set[int]] = []
    for causes in wiring:
        new = set(causes) - set(known)
        joined = [group for group in groups if group & new]
        groups = [group for group in groups if not group & new] + [new.union(*joined)]
    return sorted(pair for group in groups for pair in combinations(sorted(group), 2))


def told_pairs(pairs: list[tuple[int, int]]) -> str:
    """Pairs in words."""
    return ", ".join(f"{a} and {b}" for a, b in pairs) or "None"


def who_is_tied() -> Numbers:
    """Pairs that are dependent, before and after cause 2 is known."""
    return {"tied": told_pairs(tied(WIRING)), "told": told_pairs(tied(WIRING, {2}))}


def three_numbers() -> Numbers:
    """L, F and their gap for one input and one cause."""
    joint, q = np.array([0.1, 0.3]), np.array([0.5, 0.5])
    L, F = np.log(joint.sum()), q @ np.log(joint / q)
    return {
        "off": joint[0],
        "on": joint[1],
        "q": q[1],
        "L": L,
        "F": F,
        "KL": L - F,
        "posterior": joint[1] / joint.sum(),
    }


def units() -> Numbers:
    """Bits to be made small, as nats to be made large."""
    A, B = 96.4, 95.1
    F_A, F_B = -A * np.log(2), -B * np.log(2)
    return {"A": A, "B": B, "F_A": F_A, "better": F_B - F_A}


def m_phase() -> Numbers:
    """A whole M-phase of one cause and one input: shares, each with f turned around."""
    u, q = np.array([1.0, 1.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.1, 0.2])
    off, on = (1 - q) @ u / (1 - q).sum(), q @ u / q.sum()
    g, h = logit(q.mean()), logit(off)
    return {
        "u": listing(u, 0),
        "q": listing(q, 1),
        "g": g,
        "off": off,
        "h": h,
        "on": on,
        "G": logit(on) - h,
    }


def mean_field() -> Numbers:
    """The best probability of one cause while the other one stays."""
    table, q2 = np.array([[0.02, 0.08], [0.10, 0.05]]), 0.5
    odds = np.log(table[1] / table[0]) @ [1 - q2, q2]
    return {
        "table": listing(table, 2),
        "q2": q2,
        "odds": odds,
        "q1": float(sigmoid(odds)),
        "posterior": table[1].sum() / table.sum(),
    }


def two_draws() -> Numbers:
    """What the logarithm of a mean of two draws is on average."""
    r: NDArray[np.float64] = np.array([0.4, 0.1])
    means = (r[:, None] + r) / 2
    return {
        "high": r[0],
        "low": r[1],
        "L": np.log(r.mean()),
        "F": np.log(r).mean(),
        "two": np.log(means).mean(),
    }


QUESTIONS: Mapping[str, Callable[[], Numbers]] = {
    "1.1": smoke,
    "1.2": ties,
    "1.3": who_is_tied,
    "1.4": three_numbers,
    "1.6": units,
    "1.7": m_phase,
    "1.8": mean_field,
    "1.10": two_draws,
}
"""Question -> its numbers; those that ask for none are left out."""
