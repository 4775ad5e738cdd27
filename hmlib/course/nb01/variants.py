"""Other numbers for the questions of notebook 01."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hmlib.check.varying import Posed, draw, one_of, row


class Lawn(NamedTuple):
    """A lawn in round numbers: how often each cause occurs, and P[wet|v]."""

    rain: float
    sprinkler: float
    neither: float
    one: float
    both: float

    @property
    def prior(self) -> tuple[float, ...]:
        """P[v] of neither, sprinkler, rain, both."""
        r, s = self.rain, self.sprinkler
        return (1 - r) * (1 - s), (1 - r) * s, r * (1 - s), r * s

    @property
    def wet(self) -> tuple[float, ...]:
        """P[wet|v] of the same."""
        return self.neither, self.one, self.one, self.both

    @property
    def joint(self) -> tuple[float, ...]:
        """P[v, wet] of the same."""
        return tuple(p * q for p, q in zip(self.prior, self.wet, strict=True))


PRINTED = Lawn(0.4, 0.2, 0.1, 0.5, 0.9)


def _told(lawn: Lawn) -> dict[str, str]:
    return {name: f"{value:g}" for name, value in lawn._asdict().items()}


def sprinkler_if_wet(lawn: Lawn) -> Posed:
    """01.8: P[sprinkler|wet]."""
    neither, sprinkler, rain, both = lawn.joint
    wet = sum(lawn.joint)
    answer = (sprinkler + both) / wet
    before = f"{lawn.sprinkler:g}"
    return Posed(
        answer=answer,
        slips={
            "percentage": 100 * answer,
            "not normalised": sprinkler + both,
            "one pattern forgotten": sprinkler / wet,
            "odds": (sprinkler + both) / (neither + rain),
            "both only": both / wet,
            "prior for the posterior": lawn.sprinkler,
            "prior forgotten": (lawn.one + lawn.both) / sum(lawn.wet),
            "condition turned around": (sprinkler + both) / lawn.sprinkler,
            "the other cause": (rain + both) / wet,
            "sprinkler off": (neither + rain) / wet,
        },
        values=_told(lawn)
        | {
            "joint": row([f"{p:.3f}" for p in lawn.joint]),
            "sum": f"({sprinkler:.3f} + {both:.3f}) / {wet:.3f}",
            "answer": f"{answer:.3f}",
            "before": f"nearly twice the {before}" if lawn == PRINTED else f"above the {before}",
            "all": f"{wet:.3f}",
        },
    )


def sprinkler_if_wet_and_rain(lawn: Lawn) -> Posed:
    """01.9: P[sprinkler|wet, rain]."""
    neither, sprinkler, rain, both = lawn.joint
    wet = sum(lawn.joint)
    answer = both / (rain + both)
    return Posed(
        answer=answer,
        slips={
            "rain not used": (sprinkler + both) / wet,
            "not normalised": both,
            "divided by the wrong sum": both / wet,
            "odds": both / rain,
            "lawn not used": lawn.sprinkler,
            "prior forgotten": lawn.both / (lawn.one + lawn.both),
            "told that it did not rain": sprinkler / (neither + sprinkler),
            "causes swapped": both / (sprinkler + both),
            "sprinkler off": rain / (rain + both),
            "likelihood for the posterior": lawn.both,
        },
        values=_told(lawn)
        | {
            "with_rain": f"{rain:.3f} and {both:.3f}",
            "share": f"{both:.3f} / {rain + both:.3f}",
            "answer": f"{answer:.3f}",
            "untold": f"{(sprinkler + both) / wet:.3f}",
        },
    )


def _lawn(rng: np.random.Generator) -> Lawn:
    """One in which rain explains the sprinkler away, as the text says."""
    while True:
        found = Lawn(
            rain=one_of(rng, (0.2, 0.3, 0.5, 0.6)),
            sprinkler=one_of(rng, (0.1, 0.2, 0.3, 0.4)),
            neither=one_of(rng, (0.1, 0.2)),
            one=one_of(rng, (0.4, 0.5, 0.6, 0.7)),
            both=one_of(rng, (0.8, 0.9)),
        )
        _, sprinkler, rain, both = found.joint
        if both / (rain + both) < (sprinkler + both) / sum(found.joint) - 0.02:
            return found


def lawn_of(variant: int) -> Lawn:
    """The same for both questions."""
    return draw(variant, _lawn, [sprinkler_if_wet, sprinkler_if_wet_and_rain], PRINTED)
