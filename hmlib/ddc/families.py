"""Families: how one layer of a chain is drawn given the layer above it.

Every conditional is an exponential family whose units are independent given the layer above,
log p(y|z) = sum_i eta_i(z) . S_i(y) - Phi_i(eta_i(z)) + log base(y), i over the units of y.
With mu = E[S | z] the gradient in the parameters is J(z)^T (S(y) - mu(z)), J the Jacobian of eta.
Source: Vértes & Sahani 2018, section 2, and their equation 10.

Shapes, for n rows: y (n, n_y), z (n, n_z); S, eta and mu (n, n_y, s) with s statistics a unit;
J (n, n_y, s, k), since a unit has k parameters of its own, a row of each parameter array.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import binary_rows, generator, rows
from hmlib.binary import Parameters, flip, log_bernoulli, sigmoid, softplus

Array = NDArray[np.float64]

_LOG_2PI = float(np.log(2 * np.pi))

_LEAST_SCALE = 1e-12
"""Of a Laplace unit: nothing is divided by less."""


@dataclass(frozen=True, eq=False, repr=False)
class Family(Parameters):
    """p(y|z) with parameters: what all conditionals have in common."""

    splits: ClassVar[bool] = True
    """Whether the Jacobian is there, so that the paper's equation 10 can be used."""

    measured: ClassVar[bool] = True
    """Whether y is measured in some unit, and not just on or off."""

    @property
    def n_y(self) -> int:
        """Units of the layer that is drawn."""
        raise NotImplementedError

    @property
    def n_z(self) -> int:
        """Units of the layer above; 0 for the top layer."""
        raise NotImplementedError

    @property
    def units(self) -> str:
        """The numbers of units in words."""
        return f"{self.n_y} unit(s) below {self.n_z}"

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        """Draw y for each row of z, shape (n, n_y)."""
        raise NotImplementedError

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        """log p(y|z) of each row, shape (n,), in nats."""
        raise NotImplementedError

    def suff_stats(self, y: ArrayLike) -> Array:
        """Sufficient statistics S(y), shape (n, n_y, s)."""
        raise NotImplementedError

    def natural(self, z: ArrayLike) -> Array:
        """Natural parameters eta(z), shape (n, n_y, s)."""
        raise NotImplementedError

    def mean(self, z: ArrayLike) -> Array:
        """Mean parameters mu(z) = E[S(y) | z], shape (n, n_y, s)."""
        raise NotImplementedError

    def jacobian(self, z: ArrayLike) -> Array:
        """J, the derivative of eta(z) in the parameters of its unit, shape (n, n_y, s, k)."""
        raise NotImplementedError

    def observed(self, x: ArrayLike) -> Array:
        """Data, once they are known to be such as this layer can have, shape (n, n_y).

        Raises:
            ValueError: for no data, NaN, or values outside the support.
        """
        x = rows("x", x, self.n_y)
        try:
            self.suff_stats(x)
        except ValueError as error:
            raise ValueError(f"x does not fit {type(self).__name__}: {error}") from None
        return x

    @property
    def noise(self) -> Array | None:
        """Log variances of the Gaussian noise of y, shape (n_y,), if it has variances of its own.

        They come last among the parameters.
        """
        return getattr(self, "log_var", None)

    def log_base(self, y: ArrayLike) -> Array:
        """What of log p(y|z) depends on y alone and is no statistic, shape (n,), in nats.

        It is 0 but for a constant, unless a family says otherwise.
        """
        return np.zeros(len(np.asarray(y)))

    def with_noise(self, log_var: Array) -> Self:
        """The same layer with other log variances of its noise, shape (n_y,).

        Raises:
            ValueError: if it has none of its own.
        """
        if self.noise is None:
            raise ValueError(f"a {type(self).__name__} has no Gaussian noise of its own")
        return replace(self, **{"log_var": log_var})

    def shifted(self, by: Array) -> Self:
        """The layer of y - by, for a family whose mean has a bias; any other stays as it is."""
        return self

    def scales(self, spread: Array) -> Array:
        """The natural size of each parameter's moves, for y of this spread (n_y,), as one vector.

        Weights and biases that make up a mean are in units of y; all others have no unit.
        """
        return np.ones(self.ravel().size)

    def packed(self, table: Array) -> Array:
        """A table (..., n_y, k) of numbers, a row a unit, in the order of `ravel`."""
        start, parts = 0, [np.zeros((*table.shape[:-2], 0))]
        for array in self.arrays():
            columns = array.shape[1] if array.ndim == 2 else 1
            part = table[..., start : start + columns]
            parts.append(part.reshape(*table.shape[:-2], array.size))
            start += columns
        return np.concatenate(parts, axis=-1)

    def pull(self, z: ArrayLike, t: Array, w: Array) -> Array:
        """Gradient of sum_s eta(z_s) . t_s - w_s Phi(eta(z_s)) in the parameters, as one vector.

        It is sum_s J(z_s)^T (t_s - w_s mu(z_s)). With t = c S(y) and w = c it is the gradient of
        sum_s c_s log p(y_s|z_s).

        Args:
            z: the layer above, shape (n, n_z).
            t: weighted statistics, shape (n, n_y, s).
            w: weights, shape (n,).
        """
        error = t - w[:, None, None] * self.mean(z)
        return self.packed(np.einsum("nisk,nis->ik", self.jacobian(z), error, optimize=True))

    def score(self, y: ArrayLike, z: ArrayLike) -> Array:
        """Gradient of log p(y|z) in the parameters for each row, shape (n, parameters)."""
        S, mu = paired(self.suff_stats(y), self.mean(z))
        return self.packed(np.einsum("nisk,nis->nik", self.jacobian(z), S - mu, optimize=True))

    def weighted_score(self, y: ArrayLike, z: ArrayLike, c: Array) -> Array:
        """Gradient of sum_s c_s log p(y_s|z_s) in the parameters, as one vector."""
        return self.pull(z, c[:, None, None] * self.suff_stats(y), c)


@dataclass(frozen=True, eq=False, repr=False)
class Affine(Family):
    """Units that see the layer above through one weight each, and a bias."""

    @property
    def _weights(self) -> Array:
        return self.arrays()[0]

    @property
    def n_y(self) -> int:
        """Units of the layer that is drawn."""
        return len(self._weights)

    @property
    def n_z(self) -> int:
        """Units of the layer above."""
        return int(self._weights.shape[1])

    def _y(self, y: ArrayLike) -> Array:
        return rows("y", y, self.n_y)

    def _above(self, z: ArrayLike) -> Array:
        return rows("z", z, self.n_z)


@dataclass(frozen=True, eq=False, repr=False)
class Gaussian(Affine):
    """y ~ N(A z + b, diag exp(log_var)).

    S = (y, y^2), eta = (m / v, -1 / (2 v)), mu = (m, m^2 + v) with m = A z + b, v = exp(log_var).

    Attributes:
        A: weights, shape (n_y, n_z).
        b: biases, shape (n_y,).
        log_var: log variances, shape (n_y,).

    Raises:
        ValueError: if a parameter is not finite or the shapes do not fit together.
    """

    A: Array = field(metadata={"ndim": 2})
    b: Array = field(metadata={"ndim": 1})
    log_var: Array = field(metadata={"ndim": 1})

    def __post_init__(self) -> None:
        super().__post_init__()
        weights_fit("A", self.A, self.b)
        weights_fit("A", self.A, self.log_var)

    def _m(self, z: ArrayLike) -> Array:
        return self._above(z) @ self.A.T + self.b

    def shifted(self, by: Array) -> Self:
        return replace(self, b=self.b - by)

    def scales(self, spread: Array) -> Array:
        return np.concatenate([np.repeat(spread, self.n_z), spread, np.ones(self.n_y)])

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        m = self._m(z)
        return m + np.exp(self.log_var / 2) * generator("rng", rng).standard_normal(m.shape)

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        y, m = paired(self._y(y), self._m(z))
        return log_normal(y - m, self.log_var)

    def suff_stats(self, y: ArrayLike) -> Array:
        y = self._y(y)
        return np.stack([y, y**2], axis=-1)

    def natural(self, z: ArrayLike) -> Array:
        m, v = self._m(z), np.exp(self.log_var)
        return np.stack([m / v, np.broadcast_to(-1 / (2 * v), m.shape)], axis=-1)

    def mean(self, z: ArrayLike) -> Array:
        m = self._m(z)
        return np.stack([m, m**2 + np.exp(self.log_var)], axis=-1)

    def jacobian(self, z: ArrayLike) -> Array:
        z, m, v = self._above(z), self._m(z), np.exp(self.log_var)
        J = np.zeros((*m.shape, 2, self.n_z + 2))
        J[:, :, 0, : self.n_z] = z[:, None, :] / v[:, None]
        J[:, :, 0, -2] = 1 / v
        J[:, :, 0, -1] = -m / v
        J[:, :, 1, -1] = 1 / (2 * v)
        return J


@dataclass(frozen=True, eq=False, repr=False)
class GaussianScale(Affine):
    """y ~ N(0, diag exp(B z + c)): the layer above sets the variance, not the mean.

    S = y^2, eta = -exp(-(B z + c)) / 2, mu = exp(B z + c).

    Attributes:
        B: weights, shape (n_y, n_z).
        c: biases of the log variances, shape (n_y,).

    Raises:
        ValueError: if a parameter is not finite or the shapes do not fit together.
    """

    B: Array = field(metadata={"ndim": 2})
    c: Array = field(metadata={"ndim": 1})

    def __post_init__(self) -> None:
        super().__post_init__()
        weights_fit("B", self.B, self.c)

    def _log_var(self, z: ArrayLike) -> Array:
        return self._above(z) @ self.B.T + self.c

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        log_var = self._log_var(z)
        return np.exp(log_var / 2) * generator("rng", rng).standard_normal(log_var.shape)

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        return log_normal(*paired(self._y(y), self._log_var(z)))

    def suff_stats(self, y: ArrayLike) -> Array:
        return self._y(y)[..., None] ** 2

    def natural(self, z: ArrayLike) -> Array:
        return -np.exp(-self._log_var(z))[..., None] / 2

    def mean(self, z: ArrayLike) -> Array:
        return np.exp(self._log_var(z))[..., None]

    def jacobian(self, z: ArrayLike) -> Array:
        z = self._above(z)
        one = np.concatenate([z, np.ones((len(z), 1))], axis=1)
        precision = np.exp(-self._log_var(z))
        J: Array = precision[..., None] * one[:, None, :] / 2
        return J[:, :, None, :]

    def pull(self, z: ArrayLike, t: Array, w: Array) -> Array:
        """The relative error of the variances times the layer above."""
        z = self._above(z)
        variance = np.exp(self._log_var(z))
        error = (t[..., 0] / variance - w[:, None]) / 2
        return np.concatenate([(error.T @ z).ravel(), error.sum(axis=0)])


@dataclass(frozen=True, eq=False, repr=False)
class Laplace(Affine):
    """y_i ~ Laplace(0, scale_i) with scale = softplus(B z).

    S = |y|, eta = -1 / scale, mu = scale. No scale is below 1e-12, where it no longer
    depends on B.

    Attributes:
        B: weights, shape (n_y, n_z).

    Raises:
        ValueError: if B is not finite or empty.
    """

    B: Array = field(metadata={"ndim": 2})

    def __post_init__(self) -> None:
        super().__post_init__()
        weights_fit("B", self.B, self.B[:, 0] if self.B.size else np.zeros(1))

    def _scale(self, z: ArrayLike) -> Array:
        return scale_and_slope(self._above(z) @ self.B.T)[0]

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        scale = self._scale(z)
        return scale * generator("rng", rng).laplace(size=scale.shape)

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        y, scale = paired(self._y(y), self._scale(z))
        total: Array = (np.abs(y) / scale + np.log(2 * scale)).sum(axis=1)
        return -total

    def suff_stats(self, y: ArrayLike) -> Array:
        return np.abs(self._y(y))[..., None]

    def natural(self, z: ArrayLike) -> Array:
        return -1 / self._scale(z)[..., None]

    def mean(self, z: ArrayLike) -> Array:
        return self._scale(z)[..., None]

    def jacobian(self, z: ArrayLike) -> Array:
        z = self._above(z)
        scale, slope = scale_and_slope(z @ self.B.T)
        # The derivative of -1 / scale.
        J: Array = (slope / scale**2)[..., None] * z[:, None, :]
        return J[:, :, None, :]


@dataclass(frozen=True, eq=False, repr=False)
class Bernoulli(Affine):
    """Coins y_i with P[y_i = 1] = f(G z + h)_i, f the logistic function.

    S = y, eta = G z + h, mu = f(G z + h).

    Attributes:
        G: weights, shape (n_y, n_z).
        h: biases, shape (n_y,).

    Raises:
        ValueError: if a parameter is not finite or the shapes do not fit together.
    """

    measured: ClassVar[bool] = False

    G: Array = field(metadata={"ndim": 2})
    h: Array = field(metadata={"ndim": 1})

    def __post_init__(self) -> None:
        super().__post_init__()
        weights_fit("G", self.G, self.h)

    def _y(self, y: ArrayLike) -> Array:
        return binary_rows("y", y, self.n_y)

    def _drive(self, z: ArrayLike) -> Array:
        return self._above(z) @ self.G.T + self.h

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        return flip(rng, self._drive(z))

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        return log_bernoulli(*paired(self._y(y), self._drive(z)))

    def suff_stats(self, y: ArrayLike) -> Array:
        return self._y(y)[..., None]

    def natural(self, z: ArrayLike) -> Array:
        return self._drive(z)[..., None]

    def mean(self, z: ArrayLike) -> Array:
        return probability(self._drive(z))[..., None]

    def jacobian(self, z: ArrayLike) -> Array:
        z = self._above(z)
        one = np.concatenate([z, np.ones((len(z), 1))], axis=1)
        return np.broadcast_to(one[:, None, None, :], (len(z), self.n_y, 1, self.n_z + 1))

    def pull(self, z: ArrayLike, t: Array, w: Array) -> Array:
        """The delta rule: error times the layer above, without a Jacobian as large as both."""
        error = t[..., 0] - w[:, None] * self.mean(z)[..., 0]
        return np.concatenate([(error.T @ self._above(z)).ravel(), error.sum(axis=0)])


# Small parts.


def paired(y: Array, z: Array) -> tuple[Array, Array]:
    """y and what z makes of it, once they are known to have a row of z for each row of y."""
    if len(y) != len(z):
        raise ValueError(f"z has {len(z)} rows; accepted: {len(y)}, as y has")
    return y, z


def weights_fit(name: str, weights: Array, other: Array) -> None:
    """Raise ValueError unless the weights have a row for each number of the other array."""
    if weights.shape[0] != other.size or not weights.size:
        raise ValueError(
            f"{name} has shape {weights.shape}; accepted: (n, m) with n = {other.size}, both >= 1"
        )


def scale_and_slope(drive: Array) -> tuple[Array, Array]:
    """softplus of the drive, but at least 1e-12, and its derivative, which is 0 below that."""
    scale = np.maximum(softplus(drive), _LEAST_SCALE)
    return scale, np.where(scale > _LEAST_SCALE, probability(drive), 0.0)


def probability(drive: Array) -> Array:
    """f(drive), the chance that a coin of this drive shows 1."""
    chance: Array = sigmoid(drive)
    return chance


def log_normal(difference: Array, log_var: Array) -> Array:
    """Log density of a normal with independent coordinates, summed over the last axis, in nats."""
    total: Array = (difference**2 * np.exp(-log_var) + log_var + _LOG_2PI).sum(axis=-1)
    return -total / 2
