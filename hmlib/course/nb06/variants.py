"""Other numbers for the questions of notebook 06."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hmlib.check.slips import in_bits, wrong_sign
from hmlib.check.varying import Posed, draw, fractions, one_of, row


class OneOfThree(NamedTuple):
    """The posterior of 100, whose rest 001 and 010 share; what is said of each cause."""

    sure: Fraction
    said: Fraction


PRINTED = OneOfThree(*fractions("1/3", "1/3"))


def two_guesses(numbers: OneOfThree) -> Posed:
    """06.1: KL(Q || P) of a guess that decides, KL(P || Q) of one that hedges."""
    sure, said = numbers
    rest = (1 - sure) / 2
    off = 1 - said
    p = (rest, rest, sure)

    def price(q: float | Fraction) -> float:
        """KL(P || Q) for a Q that gives each of the three patterns this much."""
        return sum(float(one) * math.log(one / q) for one in p)

    decides, q = -math.log(sure), said * off * off
    hedges = price(q)
    alike = sure == rest
    by_pattern = f"{sure} for the pattern 100, {rest} for each of 001 and 010"
    return Posed(
        answer=(decides, hedges),
        slips={
            "swapped": (hedges, decides),
            "wrong sign": wrong_sign((decides, hedges)),
            "log2 for ln": in_bits((decides, hedges)),
            "causes off forgotten": (decides, price(said)),
            "all causes on": (decides, price(said**3)),
            "one term for three": (decides, float(sure) * math.log(sure / q)),
        },
        values={
            "posterior": "1/3 for each of the patterns 001, 010 and 100" if alike else by_pattern,
            "sure": str(sure),
            "said": str(said),
            "off": str(off),
            "q": str(q),
            "terms": rf"three equal terms, $1/3 \log((1/3) / ({q}))$ each"
            if alike
            else rf"three terms: ${sure} \log(({sure}) / ({q}))$ for 100, and twice "
            rf"${rest} \log(({rest}) / ({q}))$",
            "exact": r"$\ln 3$ and $\ln(9/4)$"
            if numbers == PRINTED
            else f"{decides:.3f} and {hedges:.3f}",
            "case": "in one case of three" if alike else f"with probability {sure}",
            "less": "less than half of its 1/3" if numbers == PRINTED else "where P has more",
            "three": "three equal terms" if alike else "three terms",
        },
    )


def _one_of_three(rng: np.random.Generator) -> OneOfThree:
    """100 is the most probable pattern, and each pattern has less under Q than under P."""
    while True:
        sure = one_of(rng, fractions("1/2", "2/5", "3/5", "2/3", "3/4"))
        said = one_of(rng, fractions("1/4", "1/3", "2/5", "1/2", "1/5"))
        if said * (1 - said) ** 2 < (1 - sure) / 2:
            return OneOfThree(sure, said)


def one_of_three(variant: int) -> OneOfThree:
    return draw(variant, _one_of_three, [two_guesses], PRINTED)


Exponents = tuple[int, ...]

EXPONENTS: Exponents = (0, 3, 3, 2)
"""The ratios are 2 to the power of minus these."""


def log_of_mean(exponents: Exponents) -> Posed:
    """06.9: L_4, and the mean of log r."""
    ratios = [Fraction(1, 2**k) for k in exponents]
    total = sum(ratios, Fraction(0))
    logs = [-k * math.log(2) for k in exponents]
    of_mean, mean_of = math.log(total / 4), sum(logs) / 4
    named = [rf"$\ln {ratio}$" for ratio in ratios]
    counts = [str(-k) for k in exponents]
    return Posed(
        answer=(of_mean, mean_of),
        slips={
            "swapped": (mean_of, of_mean),
            "log K forgotten": (math.log(total), mean_of),
            "sums for means": (math.log(total), 4 * mean_of),
            "wrong sign": wrong_sign((of_mean, mean_of)),
            "log2 for ln": in_bits((of_mean, mean_of)),
            "counted by its size": (
                of_mean,
                sum(float(r) * log for r, log in zip(ratios, logs, strict=True)),
            ),
            "best guess alone": (max(logs), mean_of),
        },
        values={
            "ratios": row(ratios),
            "total": str(total),
            "logs": ", ".join(named),
            "counts": f"{', '.join(counts[:3])} and {counts[3]}",
            "mean": str(total / 4),
            "mean_log": rf"{Fraction(-sum(exponents), 4)} \ln 2",
        },
    )


def _exponents(rng: np.random.Generator) -> Exponents:
    """Four, at least three of them different, with a whole mean."""
    while True:
        found = tuple(int(k) for k in rng.integers(0, 6, 4))
        if sum(found) in (8, 12) and len(set(found)) >= 3:
            return found


def exponents_of(variant: int) -> Exponents:
    return draw(variant, _exponents, [log_of_mean], EXPONENTS)
