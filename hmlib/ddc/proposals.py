"""A recogniser that is trained by dreams: a network that says where z lies, and how wide.

It is moved every night by that night's dreams, up the gradient of mean log q(z_s|x_s): the delta
rule on what the network says of z. What it says is a code of z by its mean and its covariance.
In `code` latents are drawn as it says; in `guided` the likelihood weighs what is drawn about it.
Source: Hinton et al. 1995 for recognition learnt asleep; Bornschein & Bengio 2015 for the weights;
Le et al. 2019 for both together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from hmlib._checks import count, finite_array, generator, rows
from hmlib.binary import Parameters
from hmlib.ddc.chain import Chain
from hmlib.ddc.units import spread_about

Array = NDArray[np.float64]

_LOG_2PI = float(np.log(2 * np.pi))

Said = tuple[Array, Array, Callable[[Array, Array], tuple[Array, Array]]]
"""What a network says of x: m, C, and the way back to its weights and to its first hidden layer."""

DEGREES = 5.0
"""Degrees of freedom of the draws: tails that cover what the network has not learnt."""


@dataclass(frozen=True, eq=False, repr=False)
class Proposal(Parameters):
    """q(z|x) = N(m(x), (C(x) C(x)^T)^-1), all latents side by side.

    A network of two tanh layers sees U (x - centre) and gives m, the logarithms of the diagonal of
    the lower triangle C, and what is below it.

    Attributes:
        centre: shape (n_x,).
        U: what is seen of x, shape (n_x, n_x): in units of its spread, correlations half undone.
            Neither it nor the centre is learnt.
        weights: of the layers, shapes (n_h, n_x), (n_h, n_h), (outputs, n_h).
        biases: of the layers.
    """

    centre: Array = field(metadata={"ndim": 1})
    U: Array = field(metadata={"ndim": 2})
    weights: tuple[Array, ...] = field(metadata={"ndim": 2, "by_layer": True})
    biases: tuple[Array, ...] = field(metadata={"ndim": 1, "by_layer": True})

    @classmethod
    def random(
        cls, rng: np.random.Generator, points: ArrayLike, n_z: int, units: int = 100
    ) -> Proposal:
        """A network that guesses about N(0, I) for every x.

        Args:
            rng: random generator.
            points: values that x takes, shape (m, n_x).
            n_z: units of all latents together.
            units: of each hidden layer.

        Raises:
            ValueError: if an argument is not accepted.
        """
        rng, points = generator("rng", rng), finite_array("points", points, 2)
        n_z, units, n_x = count("n_z", n_z), count("units", units), points.shape[1]
        centre, spread = points.mean(axis=0), spread_about(points)
        correlation = np.atleast_2d(np.cov((points - centre) / spread, rowvar=False))
        values, vectors = np.linalg.eigh(correlation + 1e-6 * np.eye(n_x))
        U = (vectors * values**-0.25) @ vectors.T / spread
        return cls.untaught(rng, centre, U, n_z, units)

    @classmethod
    def untaught(
        cls, rng: np.random.Generator, centre: Array, U: Array, n_z: int, units: int
    ) -> Proposal:
        """A network that guesses about N(0, I), whatever is seen of x by U and the centre."""
        n_x, outputs = centre.size, 2 * n_z + n_z * (n_z - 1) // 2
        weights = (
            rng.standard_normal((units, n_x)) / np.sqrt(n_x),
            rng.standard_normal((units, units)) / np.sqrt(units),
            0.1 * rng.standard_normal((outputs, units)) / np.sqrt(units),
        )
        return cls(centre, U, weights, (np.zeros(units), np.zeros(units), np.zeros(outputs)))

    @property
    def n_x(self) -> int:
        """Width of x."""
        return self.centre.size

    @property
    def n_z(self) -> int:
        """Units of all latents together."""
        return int(np.sqrt(9 / 4 + 2 * self.biases[-1].size) - 3 / 2 + 0.5)

    @property
    def units(self) -> str:
        """The numbers of units in words."""
        return f"{self.n_x} input(s), {self.biases[0].size} hidden units, {self.n_z} latent(s)"

    def learnt(self) -> Array:
        """What learning moves, as one vector; `with_learnt` is the inverse."""
        return np.concatenate([part.ravel() for part in (*self.weights, *self.biases)])

    def with_learnt(self, vector: Array) -> Self:
        """The same recogniser with other weights and biases."""
        fixed = np.concatenate([self.centre, self.U.ravel()])
        return self.like(np.concatenate([fixed, vector]))

    def facing(self, model: Chain) -> Self:
        """Itself: what it says of x does not depend on the model."""
        return self

    def said_of(self, x: Array) -> Said:
        """m(x), C(x) and the way back.

        Args:
            x: shape (n, n_x).

        Returns:
            m (n, n_z); C (n, n_z, n_z); a function that takes the gradients in both to the
            gradient in what learning moves, as one vector, and to that in what each unit of the
            first hidden layer sums, shape (n, n_h).
        """
        values = [(x - self.centre) @ self.U.T]
        for W, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values.append(np.tanh(values[-1] @ W.T + b))
        out = values[-1] @ self.weights[-1].T + self.biases[-1]
        d, below = self.n_z, np.tril_indices(self.n_z, -1)
        C = np.zeros((len(x), d, d))
        diagonal = np.exp(np.clip(out[:, d : 2 * d], -_FARTHEST, _FARTHEST))
        C[:, range(d), range(d)] = diagonal
        C[:, below[0], below[1]] = out[:, 2 * d :]

        def back(d_m: Array, d_C: Array) -> tuple[Array, Array]:
            inside = np.abs(out[:, d : 2 * d]) < _FARTHEST
            d_log = d_C[:, range(d), range(d)] * diagonal * inside
            error = np.hstack([d_m, d_log, d_C[:, below[0], below[1]]])
            d_weights, d_biases = [], []
            for W, seen in zip(self.weights[::-1], values[::-1], strict=True):
                d_weights.append(error.T @ seen)
                d_biases.append(error.sum(axis=0))
                if seen is not values[0]:
                    error = (error @ W) * (1 - seen**2)
            parts = (*d_weights[::-1], *d_biases[::-1])
            return np.concatenate([part.ravel() for part in parts]), error

        return out[:, :d], C, back

    def log_prob(self, z: ArrayLike, x: ArrayLike) -> Array:
        """log q(z|x) of each row, shape (n,), in nats."""
        m, C, _ = self.said_of(rows("x", x, self.n_x))
        return _log_normal(C, np.einsum("nji,nj->ni", C, rows("z", z, self.n_z) - m))

    def gradient(self, z: Array, x: Array) -> tuple[float, Array]:
        """Mean log q(z_s|x_s) of dreams, in nats, and its gradient in what learning moves."""
        return slope(self.said_of(x), z)

    def decoded(self, rng: np.random.Generator, x: Array, k: int) -> Array:
        """k latents for each x from N(m, (C C^T)^-1): shape (n, k, n_z)."""
        m, C, _ = self.said_of(x)
        return decoded(rng, m, C, k)

    def draw(
        self, rng: np.random.Generator, x: Array, k: int
    ) -> tuple[Array, Callable[[Array], Array]]:
        """k latents for each x from a Student t about what the network says.

        Returns:
            z (n, k, n_z), and the log density of that t at any latents (n, m, n_z), shape (n, m).
        """
        m, C, _ = self.said_of(x)
        return student(rng, m, C, k)


def slope(said: Said, z: Array) -> tuple[float, Array]:
    """Mean log q(z_s|x_s) of what was said of each x, in nats, and its gradient in what learning
    moves."""
    m, C, back = said
    miss = z - m
    u = np.einsum("nji,nj->ni", C, miss)
    n, d = m.shape
    d_C = -miss[:, :, None] * u[:, None, :]
    d_C[:, range(d), range(d)] += 1 / C[:, range(d), range(d)]
    d_m = np.einsum("nij,nj->ni", C, u)
    return float(_log_normal(C, u).mean()), back(d_m / n, d_C / n)[0]


def decoded(rng: np.random.Generator, m: Array, C: Array, k: int) -> Array:
    """k latents from each N(m, (C C^T)^-1): shape (n, k, n_z)."""
    n, d = m.shape
    # u = C^T (z - m), solved for z.
    return np.asarray(m[:, None] + rng.standard_normal((n, k, d)) @ np.linalg.inv(C))


def student(
    rng: np.random.Generator, m: Array, C: Array, k: int
) -> tuple[Array, Callable[[Array], Array]]:
    """k draws from each Student t about m (n, n_z) with precision C C^T (n, n_z, n_z).

    Returns:
        z (n, k, n_z), and the log density at any latents (n, m, n_z), shape (n, m).
    """
    n, d = m.shape
    e = rng.standard_normal((n, k, d))
    e *= np.sqrt(DEGREES / rng.chisquare(DEGREES, (n, k, 1)))
    # u = C^T (z - m), solved for z.
    z = m[:, None] + e @ np.linalg.inv(C)
    log_det = np.log(C[:, range(d), range(d)]).sum(axis=1)[:, None]
    constant = gammaln((DEGREES + d) / 2) - gammaln(DEGREES / 2)
    constant -= d / 2 * np.log(DEGREES * np.pi)

    def log_density(at: Array) -> Array:
        u = (at - m[:, None]) @ C
        inner = np.log1p((u**2).sum(axis=2) / DEGREES)
        return np.asarray(constant + log_det - (DEGREES + d) / 2 * inner)

    return z, log_density


_FARTHEST = 12.0
"""Of a logarithm of C's diagonal, either way."""


def _log_normal(C: Array, u: Array) -> Array:
    d = C.shape[1]
    log_det = np.log(C[:, range(d), range(d)]).sum(axis=1)
    return np.asarray(log_det - (u**2).sum(axis=1) / 2 - d / 2 * _LOG_2PI)
