"""Where DDC learning stands, and what its instruments read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmlib.ddc.blur import blurred_data, sharpened
from hmlib.ddc.chain import Chain
from hmlib.ddc.encodings import Features
from hmlib.ddc.readouts import Averages
from hmlib.ddc.sleep import Night, night_of
from hmlib.ddc.wake import Seen, direction
from hmlib.learning.optimisers import Optimiser
from hmlib.learning.walking import generator_at

Array = NDArray[np.float64]

SHARPEST = 0.2
"""The least noise that is left when the blur is taken off, over the blur."""


@dataclass(frozen=True, eq=False, repr=False)
class Instruments:
    """One reading, on fresh dreams that nothing was fitted to.

    Attributes:
        code_r2: held-out R^2 of r_1(x), ..., r_D(x) as predictions of the dreamt encodings. The
            ceiling is below 1: x does not tell all about z.
        score_r2: held-out R^2 of the scores of each layer, bottom first, along random directions
            in parameter space, predicted from what the wake phase reads them off.
        dream_score: length of the move that fresh dreams in place of data would give, over the
            length of the move that the data give: 0 if wake minus sleep is without bias.
        outside: share of the data farther from their nearest dream than 99 in 100 dreams are
            from theirs.
        spread: root mean square distance of the dreams from the data's mean, over that of the data.
        bulk: the same of the median distance from the data's median, which long tails do not hide.
        effective: median over data of the number of dreams that speak for a datum, where
            recognition is local, or of its draws, where they are weighted; NaN elsewhere.
    """

    code_r2: tuple[float, ...]
    score_r2: tuple[float, ...]
    dream_score: float
    outside: float
    spread: float
    bulk: float = 1.0
    effective: float = float("nan")

    def __repr__(self) -> str:
        codes = ", ".join(f"{r2:.2f}" for r2 in self.code_r2)
        return (
            f"Instruments: R^2 of codes {codes}; move by dreams / move {self.dream_score:.2f}; "
            f"data outside {self.outside:.2f}; spread {self.spread:.2f}"
            + ("" if np.isnan(self.effective) else f"; effective {self.effective:.1f}")
        )


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class DDCStep:
    """Where learning stands, however recognition is learnt.

    Attributes:
        learnt: the generative model as it learns.
        mode: "split", "code", "score" or "guided".
        optimiser: its state.
        rng_state: state of the random generator.
        count: steps done.
        instruments: the last reading of the instruments.
        alarm: the first instrument that was beyond its limit, and when; it stays, also where the
            machine recovers. None while there was none.
    """

    learnt: Chain
    mode: str
    optimiser: Optimiser
    rng_state: Mapping[str, Any]
    count: int = 0
    instruments: Instruments | None = None
    alarm: str | None = None

    @property
    def model(self) -> Chain:
        """The generative model of the data."""
        return self.learnt

    @property
    def gen(self) -> Chain:
        """The generative model, under the name that it has in all kinds of learning."""
        return self.model

    def generator(self) -> np.random.Generator:
        """A random generator that draws what would have been drawn after this step."""
        return generator_at(dict(self.rng_state))

    def __repr__(self) -> str:
        return f"Step {self.count}, wake {self.mode}: {self.model.units}"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RegressionStep(DDCStep):
    """Where learning stands with recognition and read-outs by regression.

    Attributes:
        minus_dreams: whether the average over the dreams is subtracted.
        features: phi, of x.
        encodings: T_1, ..., T_D.
        ridge: rho of the regression on features of x, and of those on encodings.
        averages: running averages of the regressions' products.
        blur: standard deviation of noise added to the data, shape (n_x,), which `model` is without
            and `learnt` with; None if there is none.
        blur_seed: of that noise.
    """

    minus_dreams: bool
    features: Features
    encodings: tuple[Features, ...]
    ridge: tuple[float, float]
    averages: Averages
    blur: Array | None = None
    blur_seed: int = 0

    @cached_property
    def model(self) -> Chain:
        """The generative model, with the blur taken off."""
        if self.blur is None:
            return self.learnt
        return sharpened(self.learnt, self.blur, SHARPEST * self.blur)

    def night(self, rng: np.random.Generator, n: int) -> Night:
        """A sleep phase of this step's model with n dreams, as learning would have it."""
        return night_of(
            self.learnt, rng, n, self.features, self.encodings, self.ridge, self.averages
        )

    def direction(self, night: Night, data: Seen) -> Array:
        """The move that wakes after this night: what `wake` says in this step's mode."""
        return direction(self.learnt, night, data, self.mode, self.minus_dreams)

    def looked_at(self, x: Array) -> Array:
        """The data as learning sees them: blurred copies, or just as they are."""
        return as_learning_sees(x, self.blur, self.blur_seed)


def as_learning_sees(x: Array, blur: Array | None, seed: int) -> Array:
    """The data with noise of this standard deviation, if any, drawn from this seed."""
    return x if blur is None else blurred_data(x, blur, np.random.default_rng(seed))
