"""Other numbers for the questions of notebook 02."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from hmlib.check.slips import in_bits, wrong_sign
from hmlib.check.varying import Posed, in_words, row
from hmlib.course.machines import TINY, Tiny

QUARTER = Fraction(1, 4)
"""P[v] of each pattern of the tiny machine."""


def joint(tiny: Tiny) -> tuple[Fraction, ...]:
    """P[v, u=1] for v = 00, 01, 10, 11."""
    return tuple(QUARTER * p for p in tiny.on)


def guesses(tiny: Tiny) -> tuple[Fraction, ...]:
    """Q[v] of the same."""
    q, rest = tiny.guess, 1 - tiny.guess
    return rest * q, rest * rest, q * q, q * rest


def _average(weights: Sequence[Fraction | float], of: Sequence[Fraction]) -> float:
    """Of the logarithms of some numbers."""
    logs = [math.log(p) for p in of]
    return sum(float(w) * log for w, log in zip(weights, logs, strict=True))


class _Parts:
    """All that the two questions and their slips are made of."""

    def __init__(self, tiny: Tiny) -> None:
        p, q = joint(tiny), guesses(tiny)
        self.on = sum(p)
        self.L = math.log(self.on)
        self.posterior = tuple(one / self.on for one in p)
        self.log_joint = _average(q, p)
        self.entropy = -_average(q, q)
        self.F = self.log_joint + self.entropy
        self.kl_p_q = _average(self.posterior, self.posterior) - _average(self.posterior, q)
        self.without_prior = _average(q, tiny.on)
        self.equal_weights = _average((0.25,) * 4, p)
        self.input_off = _average(q, [QUARTER * (1 - one) for one in tiny.on])
        self.under_posterior = _average(self.posterior, p)


def _told(tiny: Tiny) -> dict[str, str]:
    on = _Parts(tiny).on
    return {
        "likelihood": row(tiny.on),
        "guess": str(tiny.guess),
        "rest": str(1 - tiny.guess),
        "wet": str(on),
        "ceiling": f"{math.log(on):.3f}",
    }


def split(tiny: Tiny) -> Posed:
    """02.5: the average of log P[v, u] under Q, and the entropy of Q."""
    parts = _Parts(tiny)
    average, entropy = parts.log_joint, parts.entropy
    return Posed(
        answer=(average, entropy),
        slips={
            "swapped": (entropy, average),
            "wrong sign of the entropy": (average, -entropy),
            "energy for its negative": (-average, entropy),
            "log2 for ln": in_bits((average, entropy)),
            "entropy of one cause": (average, entropy / 2),
            "prior left out": (parts.without_prior, entropy),
            "average under the posterior": (parts.under_posterior, entropy),
            "Q left out of the average": (parts.equal_weights, entropy),
        },
        values=_told(tiny) | {"coin": f"{entropy / 2:.3f}"},
    )


def free_energy(tiny: Tiny) -> Posed:
    """02.6: F."""
    parts, p, q = _Parts(tiny), joint(tiny), guesses(tiny)
    formula = f"{parts.log_joint:.3f} + {parts.entropy:.3f}"
    if tiny == TINY:
        formula = r"(3/8) \ln 2 - (15/16) \ln 3"
    return Posed(
        answer=parts.F,
        slips={
            "entropy dropped": parts.log_joint,
            "entropy subtracted": parts.log_joint - parts.entropy,
            "wrong sign": wrong_sign(parts.F),
            "log2 for ln": in_bits(parts.F),
            "L for F": parts.L,
            "KL turned around": parts.L - parts.kl_p_q,
            "gap for F": parts.L - parts.F,
            "prior left out": parts.without_prior + parts.entropy,
            "Q left out of the average": parts.equal_weights + parts.entropy,
            "average under the posterior": parts.under_posterior + parts.entropy,
            "input off": parts.input_off + parts.entropy,
        },
        values=_told(tiny)
        | {
            "joint": row(p),
            "table": row(q),
            "second_joint": str(p[1]),
            "second_guess": str(q[1]),
            "second_term": f"{float(q[1]) * math.log(p[1] / q[1]):.3g}",
            "formula": formula,
            "answer": f"{parts.F:.3f}",
            "gap": f"{parts.L - parts.F:.3f}",
            "posterior": row(parts.posterior),
        },
    )


CAUSES = 3
_OTHERS = (4, 5, 6)


def alike(n: int) -> Posed:
    """02.9: how many machines with n causes are alike."""
    orders, turned = math.factorial(n), 2**n
    product = r" \cdot "
    return Posed(
        answer=orders * turned,
        slips={
            "renaming only": orders,
            "turning only": turned,
            "added": orders + turned,
            "itself not counted": orders * turned - 1,
            "one way for each cause": orders * 2 * n,
            "orders counted as powers": n**n * turned,
        },
        values={
            "many": in_words(n),
            "orders": product.join(str(k) for k in range(n, 0, -1)) + f" = {orders}",
            "ways": f"2^{n} = {turned}",
            "answer": str(orders * turned),
            "twos": product.join(["2"] * n),
            "twice": rf"2 \cdot {n}",
            "power": f"{n}^{n}",
        },
    )


def causes_of(variant: int) -> int:
    return int(_OTHERS[variant % len(_OTHERS)])
