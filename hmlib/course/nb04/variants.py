"""Other numbers for the questions of notebook 04."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hmlib.binary import Array
from hmlib.check.slips import in_bits, wrong_sign
from hmlib.check.varying import Posed, draw, fractions, in_words, logarithm, one_of, row


class Directions(NamedTuple):
    """A posterior whose patterns 00 and 11 are alike, as are 01 and 10; the guess of the first
    cause, which the second has the rest of."""

    both: Fraction
    one: Fraction
    guess: Fraction


PRINTED = Directions(*fractions("1/8", "3/8", "3/4"))


def both_directions(numbers: Directions) -> Posed:
    """04.1: KL(Q || P) and KL(P || Q)."""
    g, rest = numbers.guess, 1 - numbers.guess
    p = [numbers.both, numbers.one, numbers.one, numbers.both]
    q = [rest * g, rest * rest, g * g, g * rest]
    ratios = [a / b for a, b in zip(q, p, strict=True)]
    logs = [math.log(ratio) for ratio in ratios]
    exclusive = sum(float(a) * log for a, log in zip(q, logs, strict=True))
    inclusive = -sum(float(a) * log for a, log in zip(p, logs, strict=True))
    share = "a sixth" if numbers == PRINTED else str(ratios[1])
    return Posed(
        answer=(exclusive, inclusive),
        slips={
            "swapped": (inclusive, exclusive),
            "wrong sign": wrong_sign((exclusive, inclusive)),
            "log2 for ln": in_bits((exclusive, inclusive)),
            "fraction not turned over": (exclusive, -inclusive),
            "fraction turned over, weights kept": (exclusive, -exclusive),
            "the same number twice": (exclusive, exclusive),
            "weights left out": (sum(logs), -sum(logs)),
        },
        values={
            "posterior": row(p),
            "guess": str(g),
            "rest": str(rest),
            "table": row(q),
            "logs": ", ".join(map(logarithm, ratios)),
            "share": share,
            "by_p": str(p[1]),
            "by_q": str(q[1]),
        },
    )


def _directions(rng: np.random.Generator) -> Directions:
    both = one_of(rng, fractions("1/8", "1/6", "1/10", "1/5", "1/12"))
    guess = one_of(rng, fractions("2/3", "3/4", "4/5", "3/5"))
    return Directions(both, Fraction(1, 2) - both, guess)


def directions_of(variant: int) -> Directions:
    return draw(variant, _directions, [both_directions], PRINTED)


class Dreams(NamedTuple):
    """A number of dreams, their error, and how many times smaller it is to be."""

    number: int
    error: float
    factor: int


DREAMS = Dreams(50, 0.06, 10)


def how_many(numbers: Dreams) -> Posed:
    """04.6: as many dreams as give the smaller error."""
    n, error, factor = numbers
    printed = numbers == DREAMS
    return Posed(
        answer=n * factor**2,
        slips={
            "1/n for 1/sqrt(n)": n * factor,
            "root taken the wrong way": n * math.sqrt(factor),
            "factor alone": factor**2,
            "more dreams, not all of them": n * (factor**2 - 1),
            "divided": n / factor**2,
        },
        values={
            "number": str(n),
            "error": f"{error:g}",
            "wanted": f"{error / factor:g}",
            "times_less": in_words(factor),
            "times_more": "a hundred" if printed else str(factor**2),
            "factor": str(factor),
            "first": "fifty" if printed else str(n),
        },
    )


def _dreams(rng: np.random.Generator) -> Dreams:
    n = one_of(rng, (50, 60, 80, 100, 200))
    return Dreams(n, one_of(rng, (0.04, 0.06, 0.08, 0.12)), one_of(rng, (4, 5, 8, 10)))


def dreams_of(variant: int) -> Dreams:
    return draw(variant, _dreams, [how_many], DREAMS, 25)


class Guess(NamedTuple):
    """What the recogniser says of the cause: for u = 0, and for u = 1."""

    off: float
    on: float


GUESS = Guess(0.2, 0.8)

DREAMT = np.array([[0.6, 0.15], [0.05, 0.2]])
"""The machine of the worked example: P[v, u] as [v][u]."""
ON_DATA = np.array([0.1, 0.9])


def _pair(error_by_input: Array) -> tuple[float, float]:
    """(update of w, update of W) from the error summed over the causes, for u = 0 and u = 1."""
    return float(error_by_input.sum()), float(error_by_input[1])


def sleep_update(guess: Guess) -> Posed:
    """04.8: the expected sleep updates of w and of W."""
    f = np.array(guess)
    posterior, prior = DREAMT[1] / DREAMT.sum(axis=0), DREAMT.sum(axis=1)[1]
    answer = _pair(DREAMT[1] - f * DREAMT.sum(axis=0))
    off, on = guess
    return Posed(
        answer=answer,
        slips={
            "swapped": answer[::-1],
            "wrong sign": wrong_sign(answer),
            "data where dreams belong": _pair(ON_DATA * (posterior - f)),
            "inputs all alike": _pair(posterior - f),
            "prior for the dreamt cause": _pair(DREAMT.sum(axis=0) * (prior - f)),
            "guess left out": _pair(DREAMT[1]),
            "multiplied by v, not by u": (answer[0], float((DREAMT[1] * (1 - f)).sum())),
            "guess of one half": _pair(DREAMT[1] - 0.5 * DREAMT.sum(axis=0)),
            "posterior minus guess, given the input on": (answer[0], answer[1] / 0.35),
        },
        values={
            "off": f"{off:g}",
            "on": f"{on:g}",
            "errors": row([f"{error:g}" for error in (-off, -on, 1 - off, 1 - on)]),
            "first": f"{-off:g} = {-0.6 * off:g}",
        },
    )


def _guess(rng: np.random.Generator) -> Guess:
    """Too high for both inputs, so that both updates are below 0."""
    return Guess(one_of(rng, (0.1, 0.15, 0.25, 0.3, 0.4)), one_of(rng, (0.65, 0.7, 0.75, 0.9)))


def guess_of(variant: int) -> Guess:
    return draw(variant, _guess, [sleep_update], GUESS)
