"""Long tails by an exact change of variables: a family seen through arcsinh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import finite_array, rows
from hmlib.ddc.families import Family

Array = NDArray[np.float64]

_LONG = 1.4
"""Tails are long where the spread is this much above that of a normal with the same quartiles."""

_QUARTILES = 1.349
"""Distance between the quartiles of N(0, 1)."""


@dataclass(frozen=True, eq=False, repr=False)
class Warped(Family):
    """x with g(x) ~ inner(z), where g_i(x) = arcsinh((x_i - centre_i) / width_i), or x_i itself.

    Near the centre g is a straight line, far out a logarithm. Statistics, natural and mean
    parameters are those of the inner family at g(x); densities of x have the slope of g as well.

    Attributes:
        inner: the family of g(x); its parameters are the parameters.
        centre: shape (n_y,).
        width: shape (n_y,); infinity where the coordinate is left as it is.

    Raises:
        ValueError: if the shapes do not fit together or a width is not above 0.
    """

    inner: Family
    centre: Array
    width: Array

    def __post_init__(self) -> None:
        centre = finite_array("centre", self.centre, 1)
        width = np.array(self.width, dtype=np.float64)
        if centre.shape != (self.inner.n_y,) or width.shape != centre.shape:
            raise ValueError(
                f"centre and width have shapes {centre.shape} and {width.shape}; accepted: "
                f"({self.inner.n_y},), as inner has"
            )
        if not (width > 0).all():
            raise ValueError(f"width is {width}; accepted: numbers above 0, or infinity")
        width.flags.writeable = False
        object.__setattr__(self, "centre", centre)
        object.__setattr__(self, "width", width)

    def warp(self, x: ArrayLike) -> Array:
        """g(x), shape (n, n_y)."""
        return warped(rows("x", x, self.n_y), self.centre, self.width)

    def unwarp(self, y: ArrayLike) -> Array:
        """The x whose g(x) is y, shape (n, n_y)."""
        y = rows("y", y, self.n_y)
        bent = np.isfinite(self.width)
        width = np.where(bent, self.width, 1.0)
        return np.where(bent, self.centre + width * np.sinh(np.where(bent, y, 0.0)), y)

    def log_base(self, y: ArrayLike) -> Array:
        """Log of the slope of g at each row, summed over coordinates, shape (n,)."""
        own: Array = np.log(self.slope(rows("y", y, self.n_y))[0]).sum(axis=1)
        return self.inner.log_base(self.warp(y)) + own

    def slope(self, x: Array) -> tuple[Array, Array]:
        """g'(x) and (log g')'(x) of each coordinate, shapes (n, n_y)."""
        bent = np.isfinite(self.width)
        far, width = x - self.centre, np.where(bent, self.width, 1.0)
        g = np.where(bent, 1 / np.hypot(far, width), 1.0)
        return g, np.where(bent, -far * g**2, 0.0)

    @property
    def splits(self) -> bool:  # type: ignore[override]  # as the inner family says
        """Whether the inner family has a Jacobian."""
        return self.inner.splits

    @property
    def n_y(self) -> int:
        """Units of the layer that is drawn."""
        return self.inner.n_y

    @property
    def n_z(self) -> int:
        """Units of the layer above."""
        return self.inner.n_z

    def arrays(self) -> tuple[Array, ...]:
        return self.inner.arrays()

    def ravel(self) -> Array:
        return self.inner.ravel()

    def like(self, vector: ArrayLike) -> Self:
        return replace(self, inner=self.inner.like(vector))

    @property
    def noise(self) -> Array | None:
        """Log variances of the inner family's noise, if it has any: those of g(x)."""
        return self.inner.noise

    def with_noise(self, log_var: Array) -> Self:
        return replace(self, inner=self.inner.with_noise(log_var))

    def scales(self, spread: Array) -> Array:
        # What is seen has a unit of its own, whatever x is measured in.
        return self.inner.scales(np.ones(self.n_y))

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        return self.unwarp(self.inner.sample(rng, z))

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        slope = self.log_base(y) - self.inner.log_base(self.warp(y))
        return self.inner.log_prob(self.warp(y), z) + slope

    def suff_stats(self, y: ArrayLike) -> Array:
        return self.inner.suff_stats(self.warp(y))

    def natural(self, z: ArrayLike) -> Array:
        return self.inner.natural(z)

    def mean(self, z: ArrayLike) -> Array:
        return self.inner.mean(z)

    def jacobian(self, z: ArrayLike) -> Array:
        return self.inner.jacobian(z)

    def pull(self, z: ArrayLike, t: Array, w: Array) -> Array:
        return self.inner.pull(z, t, w)

    def score(self, y: ArrayLike, z: ArrayLike) -> Array:
        return self.inner.score(self.warp(y), z)

    def weighted_score(self, y: ArrayLike, z: ArrayLike, c: Array) -> Array:
        return self.inner.weighted_score(self.warp(y), z, c)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Warped)
            and self.inner == other.inner
            and np.array_equal(self.centre, other.centre)
            and np.array_equal(self.width, other.width)
        )

    def __hash__(self) -> int:
        return hash((type(self), self.inner))


def warped(x: Array, centre: Array, width: Array) -> Array:
    """arcsinh((x - centre) / width), and x itself where the width is infinity."""
    bent: Array = np.where(np.isfinite(width), np.arcsinh((x - centre) / width), x)
    return bent


def long_tails(x: Array) -> tuple[Array, Array] | None:
    """Centre and width of the warp that data with long tails want; None if none has them.

    A coordinate has long tails if its standard deviation is 1.4 times that of a normal variable
    with the same quartiles. The width is that normal's standard deviation, and infinity for a
    coordinate that is left as it is, as one is where half of the values are the same.

    Args:
        x: data, shape (n, d).
    """
    low, centre, high = np.quantile(x, (0.25, 0.5, 0.75), axis=0)
    width = (high - low) / _QUARTILES
    apart = np.minimum(high - centre, centre - low)
    bent = (apart > 0) & (x.std(axis=0) > _LONG * width)
    return (centre, np.where(bent, width, np.inf)) if bent.any() else None
