"""A recogniser that looks twice: at x, and then at what its own guess misses.

A first network sees x and guesses z. The model says which x it would expect of that guess, and a
second network sees x, the guess and the miss, in units of the noise. What it says is said of z
minus the guess. Both learn from the same dreams, and no likelihood is evaluated.
Source: Putzky & Welling 2017 and Marino et al. 2018, for guesses that are corrected by a network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count
from hmlib.ddc.chain import Chain
from hmlib.ddc.proposals import Proposal, decoded, slope, student
from hmlib.ddc.units import spread_about

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Looking:
    """q(z|x) = N(m(x) + d(s), (C(s) C(s)^T)^-1), where s is what is seen at the second look.

    Attributes:
        first: says m(x).
        second: says d and C of s = (U (x - centre), m(x), miss), shape (2 n_x + n_z,). The miss is
            in the first sufficient statistic of x, which is x itself for most families.
        spread: of that statistic, shape (n_x,): the miss's unit where x has no noise of its own.
        model: what the miss is read off.
    """

    first: Proposal
    second: Proposal
    spread: Array
    model: Chain

    @classmethod
    def random(
        cls, rng: np.random.Generator, model: Chain, points: ArrayLike, units: int = 100
    ) -> Looking:
        """Two networks that together guess about N(0, I) for every x.

        Args:
            rng: random generator.
            model: the chain whose latents are told.
            points: values that x takes, shape (m, n_x).
            units: of each hidden layer.

        Raises:
            ValueError: if an argument is not accepted.
        """
        n_z = sum(layer.n_y for layer in model.layers[1:])
        first = Proposal.random(rng, points, n_z, units)
        inputs = 2 * first.n_x + n_z
        second = Proposal.untaught(
            rng, np.zeros(inputs), np.eye(inputs), n_z, count("units", units)
        )
        spread = spread_about(model.layers[0].suff_stats(points)[..., 0])
        return cls(first, second, spread, model)

    def facing(self, model: Chain) -> Self:
        """The same networks before another model."""
        return replace(self, model=model)

    def learnt(self) -> Array:
        """What learning moves, as one vector; `with_learnt` is the inverse."""
        return np.concatenate([self.first.learnt(), self.second.learnt()])

    def with_learnt(self, vector: Array) -> Self:
        """The same recogniser with other weights and biases."""
        one, two = np.split(vector, [self.first.learnt().size])
        return replace(self, first=self.first.with_learnt(one), second=self.second.with_learnt(two))

    def seen(self, x: Array, m: Array) -> Array:
        """What the second network sees: x, the guess m (n, n_z), and the miss; a row a datum."""
        bottom = self.model.layers[0]
        expected = bottom.mean(m[:, : self.model.layers[1].n_y])
        miss = (bottom.suff_stats(x) - expected)[..., 0]
        unit = self.spread if bottom.noise is None else np.exp(bottom.noise / 2)
        return np.hstack([(x - self.first.centre) @ self.first.U.T, m, miss / (2 * unit)])

    def said_of(self, x: Array) -> tuple[Array, Array]:
        """The mean (n, n_z) and the lower triangle C (n, n_z, n_z) after both looks."""
        m = self.first.said_of(x)[0]
        d, C, _ = self.second.said_of(self.seen(x, m))
        return m + d, C

    def gradient(self, z: Array, x: Array) -> tuple[float, Array]:
        """Mean log q(z_s|x_s) of dreams after the second look, in nats, and the gradients that each
        network has of its own: the second takes the guess as it comes."""
        guess = self.first.said_of(x)
        _, one = slope(guess, z)
        said = self.second.said_of(self.seen(x, guess[0]))
        value, two = slope(said, z - guess[0])
        return value, np.concatenate([one, two])

    def decoded(self, rng: np.random.Generator, x: Array, k: int) -> Array:
        """k latents for each x from the normal that is said: shape (n, k, n_z)."""
        return decoded(rng, *self.said_of(x), k)

    def draw(
        self, rng: np.random.Generator, x: Array, k: int
    ) -> tuple[Array, Callable[[Array], Array]]:
        """k latents for each x from a Student t about what is said, as `Proposal.draw`."""
        return student(rng, *self.said_of(x), k)
