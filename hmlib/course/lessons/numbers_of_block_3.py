"""The numbers of block 3, notebooks 07 to 10: what is given and what is expected, by question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hmlib.course.lessons.saying import listing, pair, rows
from hmlib.tables import independent, mutual_information
from hmlib.verdicts import holm

Numbers = Mapping[str, float | str]


def code_by_hand() -> Numbers:
    """The averages of z, |z| and 1."""
    z, p = np.array([-1.0, 0.0, 2.0]), np.array([0.5, 0.2, 0.3])
    return {
        "z": listing(z, 0),
        "p": listing(p, 1),
        "code": pair([p @ z, p @ np.abs(z), p.sum()], 3),
    }


def linear_code() -> Numbers:
    """What a linear code says of two causes, and what it loses."""
    table = np.array([0.1, 0.3, 0.4, 0.2])
    return {
        "table": listing(table, 1),
        "decode": listing(independent(table), 3),
        "lost": float(mutual_information(table)),
    }


def three_places() -> Numbers:
    """The decode of a mean on three places, and the slope of the bowl at its start."""
    z, base, eta, r = np.array([-1.0, 0.0, 1.0]), np.full(3, 1 / 3), np.log(2), 3 / 7
    q = base * np.exp(eta * z)
    q /= q.sum()
    return {"q": listing(q, 3), "mean": q @ z, "slope": base @ z - r}


def read_and_bound() -> Numbers:
    """A line through three values of a square: what is read off, and how far it can be off."""
    z, p = np.array([0.0, 1.0, 2.0]), np.array([0.2, 0.4, 0.4])
    T, f = np.column_stack([z, np.ones(3)]), z**2
    alpha = np.linalg.lstsq(T, f, rcond=None)[0]
    read, true = alpha @ (p @ T), p @ f
    return {
        "z": listing(z, 0),
        "mean": p @ z,
        "p": listing(p, 1),
        "slope": alpha[0],
        "intercept": alpha[1],
        "read": read,
        "bound": 2 * np.abs(f - T @ alpha).max(),
        "true": true,
        "off": abs(read - true),
    }


def mixture() -> Numbers:
    """The code of a mixture."""
    a, b, share = np.array([0.5, -0.2]), np.array([0.1, 0.6]), 0.3
    return {
        "a": pair(a, 1),
        "b": pair(b, 1),
        "share": share,
        "mixture": pair(share * a + (1 - share) * b, 3),
    }


def night() -> Numbers:
    """Two groups of dreams, their averages, and the error that is left."""
    near, far = np.array([-1.0, 1.0, 1.0, 3.0]), np.array([2.0, 4.0])
    phi = np.repeat(np.eye(2), (near.size, far.size), axis=0)
    z = np.concatenate([near, far])
    r = np.linalg.lstsq(phi, z, rcond=None)[0]
    return {
        "near": listing(near, 0),
        "far": listing(far, 0),
        "r_near": r[0],
        "r_far": r[1],
        "error": np.mean((z - phi @ r) ** 2),
    }


def chain() -> Numbers:
    """Codes up a chain, layer by layer."""
    R1, R2 = np.array([[1.0, 0.5], [-1.0, 1.0]]), np.array([[2.0, -1.0]])
    phi = np.array([1.0, 2.0])
    r1 = R1 @ phi
    return {
        "R1": rows(R1, 1),
        "R2": pair(R2, 1),
        "phi": pair(phi, 0),
        "r1": pair(r1, 3),
        "r2": f"{(R2 @ r1).item():g}",
    }


def delta_rule() -> Numbers:
    """One step that takes a part of one dream's error away."""
    R, phi, T, rate = np.zeros(2), np.array([1.0, 2.0]), 3.0, 0.5
    before = T - R @ phi
    new = R + rate * before * phi / (phi @ phi)
    return {
        "R": pair(R, 1),
        "phi": pair(phi, 0),
        "T": f"{T:g}",
        "rate": rate,
        "new": pair(new, 3),
        "before": before,
        "error": T - new @ phi,
    }


def more_often() -> Numbers:
    """The weights of dreams, with a feature for each picture."""
    data, dreams = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.4, 0.2])
    second_moment = np.diag(dreams)  # of the features, one for each picture
    return {
        "data": listing(data, 1),
        "dreams": listing(dreams, 1),
        "weights": listing(np.linalg.solve(second_moment, data - dreams), 3),
    }


def table_of_p() -> Numbers:
    """Four p-values, corrected for their number."""
    p, level = np.array([0.001, 0.015, 0.03, 0.3]), 0.05
    corrected = holm(p)
    return {
        "p": listing(p, 3),
        "family": 1 - (1 - level) ** p.size,
        "holm": listing(corrected, 3),
        "stand": "The p-values " + listing(p[corrected <= level], 3),
    }


QUESTIONS: Mapping[str, Callable[[], Numbers]] = {
    "3.1": code_by_hand,
    "3.2": linear_code,
    "3.3": three_places,
    "3.4": read_and_bound,
    "3.5": mixture,
    "3.6": night,
    "3.7": chain,
    "3.8": delta_rule,
    "3.9": more_often,
    "3.10": table_of_p,
}
"""Question -> its numbers."""
