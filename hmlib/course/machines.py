"""The machines that questions speak of, and random ones to try functions on.

Nothing here gives an answer away: notebooks may import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmlib.binary import Generative, Recognition
from hmlib.check import asking
from hmlib.check.varying import fractions

SIZES = ((2, 3, 5), (3, 4, 6), (1, 4, 3), (4, 5, 2), (3, 2, 1))
"""(causes, inputs, data) of every trial; no two alike, nor equal to the number of states."""


class Tiny(NamedTuple):
    """Two causes and one input, in fractions. P[v] is 1/4 for each of the four patterns.

    Attributes:
        odds: of the input while both causes are off.
        first, second: by what each cause multiplies them.
        guess: Q[v_1=1]; that of the second cause is the rest to 1.
    """

    odds: Fraction
    first: Fraction
    second: Fraction
    guess: Fraction

    @property
    def on(self) -> tuple[Fraction, ...]:
        """P[u=1|v] for v = 00, 01, 10, 11."""
        a, b, c = self.odds, self.first, self.second
        return tuple(odds / (1 + odds) for odds in (a, a * c, a * b, a * b * c))


TINY = Tiny(*fractions("1", "3", "1/3", "3/4"))
"""The one that is printed: P[u=1|v] = 1/2, 1/4, 3/4, 1/2, Q = 3/4 and 1/4."""

_OTHER_TINY = (
    Tiny(*fractions("1", "1/4", "4", "4/5")),
    Tiny(*fractions("1/2", "2/3", "3", "3/5")),
    Tiny(*fractions("1/2", "6", "2/3", "1/3")),
    Tiny(*fractions("1", "2/3", "3", "4/5")),
    Tiny(*fractions("1", "1/2", "1/2", "1/4")),
    Tiny(*fractions("3", "1/2", "1/6", "1/4")),
    Tiny(*fractions("1/2", "2/3", "6", "3/5")),
    Tiny(*fractions("2", "2", "1/2", "1/4")),
    Tiny(*fractions("2", "1/3", "1/2", "2/3")),
    Tiny(*fractions("1", "1/2", "2", "4/5")),
    Tiny(*fractions("1", "2", "3/2", "1/3")),
    Tiny(*fractions("1/3", "2", "6", "2/3")),
)


def tiny_of(variant: int) -> Tiny:
    """Its numbers in a variant of the questions; 0 for those that are printed."""
    return (TINY, *_OTHER_TINY)[variant]


def tiny() -> tuple[Generative, Recognition, NDArray[np.float64]]:
    """Two causes and one input, with probabilities that are round numbers: those of whoever is
    asked, `TINY` if nobody in particular is.

    Returns:
        (gen, rec, u) with u = [[1.]].
    """
    numbers = tiny_of(asking.now().variant)
    odds, first, second, guess = (_log(part) for part in (*numbers[:3], numbers.guess))
    rest = _log(1 - numbers.guess)
    gen = Generative(g=np.zeros(2), G=np.array([[first, second]]), h=np.array([odds]))
    rec = Recognition(w=np.array([guess - rest, rest - guess]), W=np.zeros((2, 1)))
    return gen, rec, np.ones((1, 1))


def _log(part: Fraction) -> float:
    return float(np.log(part.numerator) - np.log(part.denominator))


def machines(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random pairs of models with random inputs: {"gen": ..., "rec": ..., "u": ...}."""
    for n_v, n_u, n in SIZES:
        yield {
            "gen": Generative.random(rng, n_u, n_v, 1.0),
            "rec": Recognition.random(rng, n_u, n_v, 1.0),
            "u": rng.integers(0, 2, (n, n_u)).astype(np.float64),
        }


def tables(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random pairs of tables whose rows are distributions: {"q": ..., "p": ...}."""
    for n_v, _, n in SIZES:
        yield {name: rng.dirichlet(np.full(2**n_v, 2.0), n) for name in ("q", "p")}
