"""The numbers of block 2, notebooks 04 to 06: what is given and what is expected, by question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hmlib import exact
from hmlib.binary import sigmoid
from hmlib.course.lessons.saying import listing, pair, short
from hmlib.metrics import effective_number
from hmlib.tables import divergences, mutual_information

Numbers = Mapping[str, float | str]


def both_ends() -> Numbers:
    """Both divergences of one coin."""
    p, q = 0.9, 0.5
    exclusive, inclusive = divergences([1 - q, q], [1 - p, p])
    return {
        "p": p,
        "q": q,
        "exclusive": float(exclusive),
        "inclusive": float(inclusive),
        "limit": -np.log(1 - p),
    }


def best_product() -> Numbers:
    """Marginals of a table, and what its best product leaves."""
    table = np.array([0.4, 0.1, 0.1, 0.4])
    first, second = table @ exact.states(2)
    return {
        "table": listing(table, 2),
        "first": first,
        "second": second,
        "left": float(mutual_information(table)),
    }


def two_peaks() -> Numbers:
    """What is left where Q is one of two equal peaks: it is twice P wherever it is."""
    return {"cost": np.log(2)}


def sleep_update() -> Numbers:
    """The expected sleep update of one cause and one input, dream by dream."""
    v, u = exact.states(2).T
    chance = np.array([0.5, 0.1, 0.1, 0.3])
    off, on = 0.3, 0.6
    error = v - np.where(u == 1, on, off)
    by_input = chance.reshape(2, 2)
    posterior = by_input[1] / by_input.sum(axis=0)
    return {
        "table": listing(chance, 2),
        "guess_off": off,
        "guess_on": on,
        "w": chance @ error,
        "W": chance @ (error * u),
        "posterior_off": posterior[0],
        "posterior_on": posterior[1],
    }


def wake_update() -> Numbers:
    """The wake update of one cause and two inputs, with the cause on, and off."""
    g, G, h = 0.0, np.array([1.0, -1.0]), np.zeros(2)
    u = np.array([1.0, 0.0])
    return {
        "g": f"{g:g}",
        "G": pair(G, 1),
        "h": pair(h, 1),
        "u": pair(u, 0),
        "dg": 1 - float(sigmoid(g)),
        "dh": pair(u - sigmoid(G + h), 3),
        "dg_off": 0 - float(sigmoid(g)),
        "dh_off": pair(u - sigmoid(h), 3),
    }


def up_or_down() -> Numbers:
    """What a step of sleep does to two functions, to first order."""
    slope, update, rate = np.array([0.2, -0.5]), np.array([0.3, 0.2]), 0.05
    return {
        "slope": pair(slope, 1),
        "update": pair(update, 1),
        "rate": rate,
        "dF": rate * (slope @ update),
        "dream": rate * (update @ update),
    }


def one_of_n() -> Numbers:
    """Deciding and hedging where exactly one of n causes is on."""
    n = 4
    return {
        "n": n,
        "deciding": np.log(n),
        "hedging": (n - 1) * np.log(n / (n - 1)),
        "limit": short(1e9 * np.log1p(1 / 1e9), 3),
    }


def three_guesses() -> Numbers:
    """Weights, effective number, and two estimates from three draws."""
    r, on = np.array([0.02, 0.06, 0.12]), np.array([1.0, 0.0, 1.0])
    weights = r / r.sum()
    return {
        "r": listing(r, 2),
        "weights": listing(weights, 3),
        "effective": float(effective_number(np.log(r))),
        "L": np.log(r.mean()),
        "a": weights @ on,
        "F": np.log(r).mean(),
    }


QUESTIONS: Mapping[str, Callable[[], Numbers]] = {
    "2.1": both_ends,
    "2.2": best_product,
    "2.3": two_peaks,
    "2.4": sleep_update,
    "2.5": wake_update,
    "2.7": up_or_down,
    "2.9": one_of_n,
    "2.10": three_guesses,
}
"""Question -> its numbers; those that ask for none are left out."""
