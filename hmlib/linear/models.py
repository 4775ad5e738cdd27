"""The two linear models, as frozen records, and the six instruments to learn from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, finite_array, generator, positive, rows
from hmlib.binary import Units

Array = NDArray[np.float64]
Line = tuple[Array, Array, Array]
"""Weights A, biases a and variances of noisy linear units: target = A source + a + noise."""

_LOG_2PI = np.log(2 * np.pi)


@dataclass(frozen=True, eq=False, repr=False)
class _Linear(Units):
    """Linear units with independent Gaussian noise: fields weights, biases and variances."""

    def __post_init__(self) -> None:
        super().__post_init__()
        weights, bias, variance = self.line
        if not weights.size or weights.shape[0] != bias.size or bias.shape != variance.shape:
            raise ValueError(
                f"{fields(self)[0].name} has shape {weights.shape}, beside {bias.size} biases and "
                f"{variance.size} variances; accepted: one bias and one variance for each row"
            )
        if variance.min() <= 0:
            raise ValueError(f"variance contains {variance.min():g}; accepted: numbers > 0")

    @property
    def line(self) -> Line:
        """Weights, biases and variances."""
        weights, bias, variance = self.arrays()
        return weights, bias, variance

    @property
    def n_u(self) -> int:
        """Number of inputs."""
        raise NotImplementedError

    @property
    def n_v(self) -> int:
        """Number of causes."""
        raise NotImplementedError

    def _paired(self, v: ArrayLike, u: ArrayLike) -> tuple[Array, Array]:
        v, u = rows("v", v, self.n_v), rows("u", u, self.n_u)
        if len(v) != len(u):
            raise ValueError(f"v has {len(v)} rows; accepted: {len(u)}, one a row of u")
        return v, u


@dataclass(frozen=True, eq=False, repr=False)
class LinearGenerative(_Linear):
    """The generative model: v ~ N(0, I), u = G v + h + noise.

    Attributes:
        G: weights from causes to inputs, shape (n_u, n_v).
        h: biases of the inputs, shape (n_u,).
        variance: variances of the noise of the inputs (the diagonal of Psi), shape (n_u,).

    Raises:
        ValueError: if a parameter is not finite, a variance is not above 0, or the shapes do not
            fit together.
    """

    G: Array = field(metadata={"ndim": 2})
    h: Array = field(metadata={"ndim": 1})
    variance: Array = field(metadata={"ndim": 1})

    @classmethod
    def random(
        cls, rng: np.random.Generator, n_u: int, n_v: int, scale: float = 1.0
    ) -> LinearGenerative:
        """Independent normal weights of standard deviation `scale`, biases 0, variances 1."""
        n_u, n_v = count("n_u", n_u), count("n_v", n_v)
        return cls(*_random(rng, n_u, n_v, scale))

    @property
    def n_u(self) -> int:
        """Number of inputs."""
        return len(self.G)

    @property
    def n_v(self) -> int:
        """Number of causes."""
        return int(self.G.shape[1])

    @property
    def covariance(self) -> Array:
        """C = G G^T + Psi, the covariance of the inputs, shape (n_u, n_u)."""
        return self.G @ self.G.T + np.diag(self.variance)

    def sample(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Dream: causes first, then inputs.

        Returns:
            (v, u), shapes (n, n_v) and (n, n_u).
        """
        v = generator("rng", rng).standard_normal((count("n", n), self.n_v))
        return v, noisy(rng, self.line, v)

    def log_prob(self, v: ArrayLike, u: ArrayLike) -> Array:
        """Joint log density log P[v, u] of each row, shape (n,), in nats."""
        v, u = self._paired(v, u)
        return _log_normal(v, 0.0, 1.0) + _log_normal(u, v @ self.G.T + self.h, self.variance)


@dataclass(frozen=True, eq=False, repr=False)
class LinearRecognition(_Linear):
    """The recognition model: v = W u + w + noise, an independent guess for every cause.

    Attributes:
        W: weights from inputs to causes, shape (n_v, n_u).
        w: biases of the causes, shape (n_v,).
        variance: variances of the guesses, shape (n_v,).

    Raises:
        ValueError: if a parameter is not finite, a variance is not above 0, or the shapes do not
            fit together.
    """

    W: Array = field(metadata={"ndim": 2})
    w: Array = field(metadata={"ndim": 1})
    variance: Array = field(metadata={"ndim": 1})

    @classmethod
    def random(
        cls, rng: np.random.Generator, n_u: int, n_v: int, scale: float = 1.0
    ) -> LinearRecognition:
        """Independent normal weights of standard deviation `scale`, biases 0, variances 1."""
        n_u, n_v = count("n_u", n_u), count("n_v", n_v)
        return cls(*_random(rng, n_v, n_u, scale))

    @property
    def n_u(self) -> int:
        """Number of inputs."""
        return int(self.W.shape[1])

    @property
    def n_v(self) -> int:
        """Number of causes."""
        return len(self.W)

    def sample(self, rng: np.random.Generator, u: ArrayLike) -> Array:
        """Guess the causes of each row of u once, shape (n, n_v)."""
        return noisy(generator("rng", rng), self.line, rows("u", u, self.n_u))

    def log_prob(self, v: ArrayLike, u: ArrayLike) -> Array:
        """Log density log Q[v|u] of each row, shape (n,), in nats."""
        v, u = self._paired(v, u)
        return _log_normal(v, u @ self.W.T + self.w, self.variance)


def fitting(gen: LinearGenerative, rec: LinearRecognition) -> LinearGenerative:
    """The generative model, once it is known that the recognition model has its units."""
    if (rec.n_u, rec.n_v) != (gen.n_u, gen.n_v):
        raise ValueError(f"rec has {rec.units}; accepted: {gen.units}, as gen has")
    return gen


# Data to learn from.


def instruments(n_v: int = 1, noise: float = 1.0) -> LinearGenerative:
    """Six instruments on one roof: the first cause is warmth, the second wind.

    Args:
        n_v: number of causes, 1 or 2.
        noise: factor of the variances of all instruments, above 0.
    """
    if count("n_v", n_v) > 2:
        raise ValueError(f"n_v is {n_v}; accepted: 1 or 2")
    G = np.array([[1.2, 1.0, 0.8, -0.9, 0.5, 0.3], [0.2, -0.4, 0.6, 0.3, 0.7, -0.5]])
    variance = positive("noise", noise) * np.array([0.4, 0.6, 0.3, 0.8, 0.5, 0.7])
    return LinearGenerative(G[:n_v].T, np.array([1.0, 0.0, -1.0, 0.5, 0.0, -0.5]), variance)


def make_data(rng: np.random.Generator, n: int = 400, n_v: int = 1, noise: float = 1.0) -> Array:
    """Readings of the six `instruments` at n moments, shape (n, 6)."""
    return instruments(n_v, noise).sample(rng, n)[1]


# Small parts.


def _random(rng: np.random.Generator, n: int, m: int, scale: float) -> Line:
    """Normal weights (n, m), biases 0, variances 1."""
    weights = generator("rng", rng).standard_normal((n, m))
    return finite_array("scale", scale, 0) * weights, np.zeros(n), np.ones(n)


def noisy(rng: np.random.Generator, line: Line, source: Array) -> Array:
    """A draw of weights source + bias + noise for each row of the source."""
    A, a, variance = line
    mean = source @ A.T + a
    return mean + np.sqrt(variance) * rng.standard_normal(mean.shape)


def _log_normal(x: Array, mean: Array | float, variance: Array | float) -> Array:
    """log N(x; mean, variance) of independent numbers, summed over each row."""
    total: Array = (_LOG_2PI + np.log(variance) + (x - mean) ** 2 / variance).sum(axis=1)
    return -0.5 * total
