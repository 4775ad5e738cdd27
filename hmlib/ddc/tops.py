"""What can stand on top of a chain: coins, a standard normal, a mixture."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from hmlib._checks import binary_rows, count, finite_array, generator, positive, rows
from hmlib.binary import flip, log_bernoulli
from hmlib.ddc.families import Family, log_normal, probability

Array = NDArray[np.float64]

_GRID_UNITS = 2
"""Units that a grid covers better than chance."""

_LEAST_CHANCE = 1e-12
"""Nothing is drawn from farther out in a tail."""

_EQUAL = cast(Array, None)
"""Stands for equal shares, however many there are."""


@dataclass(frozen=True, eq=False, repr=False)
class Top(Family):
    """The top layer: drawn from nothing above it, so that `z` is left out."""

    @property
    def n_z(self) -> int:
        """Units of the layer above: none."""
        return 0

    @property
    def units(self) -> str:
        """The number of units in words."""
        return f"{self.n_y} unit(s) at the top"

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Draw n rows, shape (n, n_y)."""
        raise NotImplementedError

    def draw_evenly(self, rng: np.random.Generator, n: int) -> Array:
        """Draw at most n rows that cover the layer more evenly than chance, where it is known how.

        Every row has the layer's distribution, but rows are no longer independent.
        """
        return self.draw(rng, n)

    def sample(self, rng: np.random.Generator, z: ArrayLike | None) -> Array:
        """Draw as many rows as z has, shape (n, n_y); one row for None."""
        return self.draw(rng, _rows_above(z))

    def log_prob(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        """log p(y) of each row, shape (n,), in nats."""
        raise NotImplementedError

    def score(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        """Gradient of log p(y) in the parameters for each row, shape (n, parameters)."""
        return super().score(y, y if z is None else z)

    def pull(self, z: ArrayLike | None, t: Array, w: Array) -> Array:
        return super().pull(t if z is None else z, t, w)

    def weighted_score(self, y: ArrayLike, z: ArrayLike | None, c: Array) -> Array:
        return super().weighted_score(y, y if z is None else z, c)


@dataclass(frozen=True, eq=False, repr=False)
class Coins(Top):
    """Independent coins with P[y_i = 1] = f(g_i): S = y, eta = g, mu = f(g).

    Attributes:
        g: biases, shape (n_y,).

    Raises:
        ValueError: if g is not finite or empty.
    """

    g: Array = field(metadata={"ndim": 1})

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.g.size:
            raise ValueError(f"g has shape {self.g.shape}; accepted: (n_y,), n_y >= 1")

    @property
    def n_y(self) -> int:
        """Units of the layer."""
        return self.g.size

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        return flip(rng, np.broadcast_to(self.g, (count("n", n), self.n_y)))

    def log_prob(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        return log_bernoulli(binary_rows("y", y, self.n_y), self.g)

    def suff_stats(self, y: ArrayLike) -> Array:
        return binary_rows("y", y, self.n_y)[..., None]

    def natural(self, z: ArrayLike | None) -> Array:
        return np.broadcast_to(self.g[:, None], (_rows_above(z), self.n_y, 1))

    def mean(self, z: ArrayLike | None) -> Array:
        return np.broadcast_to(probability(self.g)[:, None], (_rows_above(z), self.n_y, 1))

    def jacobian(self, z: ArrayLike | None) -> Array:
        return np.ones((_rows_above(z), self.n_y, 1, 1))


@dataclass(frozen=True, eq=False, repr=False)
class _Fixed(Top):
    """A top layer that is given and never learnt: it has no parameters."""

    def arrays(self) -> tuple[Array, ...]:
        return ()

    def ravel(self) -> Array:
        return np.zeros(0)

    def like(self, vector: ArrayLike) -> Self:
        if np.size(vector):
            raise ValueError(f"vector has length {np.size(vector)}; accepted: 0")
        return self

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(
            np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)
        )

    def __hash__(self) -> int:
        return hash(repr(self))

    def pull(self, z: ArrayLike | None, t: Array, w: Array) -> Array:
        return np.zeros(0)

    def score(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        return np.zeros((len(rows("y", y, self.n_y)), 0))

    def suff_stats(self, y: ArrayLike) -> Array:
        return np.zeros((len(rows("y", y, self.n_y)), self.n_y, 0))

    def natural(self, z: ArrayLike | None) -> Array:
        return np.zeros((_rows_above(z), self.n_y, 0))

    mean = natural

    def jacobian(self, z: ArrayLike | None) -> Array:
        return np.zeros((_rows_above(z), self.n_y, 0, 0))


@dataclass(frozen=True, eq=False, repr=False)
class StandardNormal(_Fixed):
    """z ~ N(0, I), fixed.

    Attributes:
        n: units.
    """

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", count("n", self.n))

    @property
    def n_y(self) -> int:
        """Units of the layer."""
        return self.n

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        return generator("rng", rng).standard_normal((count("n", n), self.n))

    def draw_evenly(self, rng: np.random.Generator, n: int) -> Array:
        """A grid over chances, shifted at random and read through the quantiles, up to 2 units."""
        side = int(count("n", n) ** (1 / self.n) + 1e-9)
        if self.n > _GRID_UNITS:
            return self.draw(rng, n)
        shift = generator("rng", rng).uniform(size=self.n)
        axes = np.meshgrid(*[np.arange(side) / side] * self.n, indexing="ij")
        # Every cell has the same shift, so that the chances of each unit stay equally spaced.
        chance = np.stack(axes, axis=-1).reshape(-1, self.n) + shift / side
        evenly: Array = ndtri(np.clip(chance, _LEAST_CHANCE, 1 - _LEAST_CHANCE))
        return evenly

    def log_prob(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        return log_normal(rows("y", y, self.n), np.zeros(self.n))

    def __repr__(self) -> str:
        return f"StandardNormal, {self.units}"


@dataclass(frozen=True, eq=False, repr=False)
class Mixture(_Fixed):
    """A mixture of Gaussians of one standard deviation, fixed.

    Attributes:
        means: shape (m, n_y).
        sd: standard deviation around each mean, above 0.
        shares: chance of each, shape (m,); equal if None.

    Raises:
        ValueError: for bad means, a standard deviation not above 0, or shares that are no chances.
    """

    means: Array
    sd: float
    shares: Array = _EQUAL

    def __post_init__(self) -> None:
        means = finite_array("means", self.means, 2)
        if not means.size:
            raise ValueError(f"means has shape {means.shape}; accepted: (m, n_y), both >= 1")
        shares = np.full(len(means), 1 / len(means)) if self.shares is None else self.shares
        shares = finite_array("shares", shares, 1)
        if shares.size != len(means) or shares.min() < 0 or not np.isclose(shares.sum(), 1):
            raise ValueError(
                f"shares is {shares}; accepted: {len(means)} numbers >= 0 that sum to 1"
            )
        shares = shares / shares.sum()
        means.flags.writeable = shares.flags.writeable = False
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "sd", positive("sd", self.sd))
        object.__setattr__(self, "shares", shares)

    @property
    def n_y(self) -> int:
        """Units of the layer."""
        return int(self.means.shape[1])

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        which = generator("rng", rng).choice(len(self.means), size=count("n", n), p=self.shares)
        return self.means[which] + self.sd * rng.standard_normal((n, self.n_y))

    def log_prob(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        difference = rows("y", y, self.n_y)[:, None, :] - self.means
        each = log_normal(difference, np.full(self.n_y, 2 * np.log(self.sd)))
        with np.errstate(divide="ignore"):
            total: Array = np.logaddexp.reduce(each + np.log(self.shares), axis=1)
        return total

    def __repr__(self) -> str:
        return f"Mixture of {len(self.means)}, sd {self.sd:g}, {self.units}"


def _rows_above(z: ArrayLike | None) -> int:
    """Rows of the layer above; one, which stands for any number, where there is none."""
    return 1 if z is None else len(np.asarray(z))
