"""How a trained recogniser learns from night to night, and how dreams come to be subtracted.

What a recogniser gets wrong of data it gets wrong of dreams, too: where dreams are like the data,
the average over dreams takes the error off the average over data. Where they are not yet, or where
recognition is poor, it can drive the model away. So it is subtracted by and by, and less where the
dreams go away from the data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hmlib.ddc.chain import Chain
from hmlib.ddc.looks import Looking
from hmlib.ddc.proposals import Proposal
from hmlib.learning.optimisers import Adam, Optimiser
from hmlib.learning.walking import workable

Array = NDArray[np.float64]

_KEPT = 0.02
"""Part of the latest recogniser in the running mean that wake uses."""

LOOKED = 20
"""Steps from one comparison of dreams with data to the next, while dreams are subtracted."""

_FIRST, _WHOLE = 0.2, 0.6
"""Parts of a run between which more and more is subtracted."""

R = TypeVar("R", Proposal, Looking)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Trained(Generic[R]):
    """A recogniser on its way.

    Attributes:
        latest: as the last night left it.
        mean: its running mean, which wake uses.
        optimiser: Adam's state.
    """

    latest: R
    mean: R
    optimiser: Adam

    @classmethod
    def untaught(cls, recogniser: R) -> Trained[R]:
        """Before its first night."""
        return cls(latest=recogniser, mean=recogniser, optimiser=Adam())

    def facing(self, model: Chain) -> Trained[R]:
        """The same before another model."""
        return replace(self, latest=self.latest.facing(model), mean=self.mean.facing(model))

    def after(self, z: Array, x: Array, rate: float) -> Trained[R]:
        """After one more night: a move up mean log q(z_s|x_s)."""
        _, gradient = self.latest.gradient(z, x)
        move, optimiser = self.optimiser.move(workable(gradient), rate)
        latest = self.latest.learnt() + move
        mean = self.mean.learnt()
        mean += _KEPT * (latest - mean)
        return Trained(
            latest=self.latest.with_learnt(workable(latest)),
            mean=self.mean.with_learnt(mean),
            optimiser=optimiser,
        )


@dataclass(frozen=True, eq=False, repr=False)
class Place:
    """Where learning stands: all that a move changes.

    Attributes:
        learnt: the generative model.
        trained: the recogniser.
        optimiser: the optimiser's state.
    """

    learnt: Chain
    trained: Trained[Proposal] | Trained[Looking] | None
    optimiser: Optimiser


@dataclass(frozen=True, eq=False, repr=False)
class Subtraction:
    """How much of the average over dreams is subtracted, and how near the dreams have come.

    Attributes:
        part: subtracted in the last move, from 0 to 1.
        limit: no more than this is subtracted.
        nearest: the least squared MMD of dreams from data so far.
        place: where learning stood then, or later where it was as near but for chance.
    """

    part: float = 0.0
    limit: float = 1.0
    nearest: float = np.inf
    place: Place | None = None

    def told(self, distance: float, place: Place, part: float, chance: float) -> Subtraction:
        """After one more comparison.

        Args:
            distance: squared MMD of the dreams from the data.
            place: where learning stands.
            part: what is subtracted here.
            chance: what the distance may differ by for no reason.

        Returns:
            With this place, if the dreams are as near as they have been but for chance; with the
            place before and half the part as the limit, if they are farther by more than twice
            that, and learning goes back there. The same as it was in between.
        """
        if distance <= self.nearest + chance:
            return replace(self, nearest=min(distance, self.nearest), place=place)
        if distance <= self.nearest + 2 * chance:
            return self
        return replace(self, limit=min(self.limit, part) / 2)


def planned(count: int, end: int) -> float:
    """The part that is subtracted after so many steps of a run, where nothing limits it."""
    return float(np.clip((count / max(end, 1) - _FIRST) / (_WHOLE - _FIRST), 0, 1))
