"""What can stand on top of a chain: coins, a standard normal, a mixture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import binary_rows, count, finite_array, generator, positive, rows
from hmlib.binary import flip, log_bernoulli, sigmoid
from hmlib.ddc.families import Family, log_normal

Array = NDArray[np.float64]


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

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        return self.draw(rng, len(z))


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

    def natural(self, z: ArrayLike) -> Array:
        return np.broadcast_to(self.g[:, None], (len(z), self.n_y, 1))

    def mean(self, z: ArrayLike) -> Array:
        return np.broadcast_to(sigmoid(self.g)[:, None], (len(z), self.n_y, 1))

    def jacobian(self, z: ArrayLike) -> Array:
        return np.ones((len(z), self.n_y, 1, 1))


@dataclass(frozen=True, eq=False, repr=False)
class _Fixed(Top):
    """A top layer that is given and never learnt: it has no parameters."""

    def arrays(self) -> tuple[Array, ...]:
        return ()

    def ravel(self) -> Array:
        return np.zeros(0)

    def like(self, vector: ArrayLike) -> _Fixed:
        if np.size(vector):
            raise ValueError(f"vector has length {np.size(vector)}; accepted: 0")
        return self

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(
            np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)
        )

    def __hash__(self) -> int:
        return hash(repr(self))

    def pull(self, z: ArrayLike, t: Array, w: Array) -> Array:
        return np.zeros(0)

    def score(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        return np.zeros((len(rows("y", y, self.n_y)), 0))

    def suff_stats(self, y: ArrayLike) -> Array:
        return np.zeros((len(rows("y", y, self.n_y)), self.n_y, 0))

    def natural(self, z: ArrayLike) -> Array:
        return np.zeros((len(z), self.n_y, 0))

    mean = natural

    def jacobian(self, z: ArrayLike) -> Array:
        return np.zeros((len(z), self.n_y, 0, 0))


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

    def log_prob(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        return log_normal(rows("y", y, self.n), np.zeros(self.n))

    def backward_y(self, y: ArrayLike, w: Array) -> Array:
        """Gradient of sum_s w_s log p(y_s) in each y_s, shape (n, n_y)."""
        return -w[:, None] * rows("y", y, self.n)

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
    shares: Sequence[float] | Array | None = None

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
        return self.means.shape[1]

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        which = generator("rng", rng).choice(len(self.means), size=count("n", n), p=self.shares)
        return self.means[which] + self.sd * rng.standard_normal((n, self.n_y))

    def log_prob(self, y: ArrayLike, z: ArrayLike | None = None) -> Array:
        difference = rows("y", y, self.n_y)[:, None, :] - self.means
        each = log_normal(difference, np.full(self.n_y, 2 * np.log(self.sd)))
        with np.errstate(divide="ignore"):
            return np.logaddexp.reduce(each + np.log(self.shares), axis=1)

    def __repr__(self) -> str:
        return f"Mixture of {len(self.means)}, sd {self.sd:g}, {self.units}"
