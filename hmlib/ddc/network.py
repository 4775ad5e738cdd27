"""A family whose mean is a small network of the layer above."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, generator, positive, rows
from hmlib.ddc.families import Family, log_normal, paired, weights_fit

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Network(Family):
    """y ~ N(U tanh(V z + a) + b, diag exp(log_var)): a generator with one hidden layer.

    Its statistics, natural and mean parameters are those of `Gaussian`. The hidden layer belongs
    to all units of y together, so there is no Jacobian by unit and no `split`; `pull` is the
    backward pass.

    Attributes:
        V: weights onto the hidden units, shape (n_h, n_z).
        a: biases of the hidden units, shape (n_h,).
        U: weights onto y, shape (n_y, n_h).
        b: biases of y, shape (n_y,).
        log_var: log variances, shape (n_y,).

    Raises:
        ValueError: if a parameter is not finite or the shapes do not fit together.
    """

    splits: ClassVar[bool] = False

    V: Array = field(metadata={"ndim": 2})
    a: Array = field(metadata={"ndim": 1})
    U: Array = field(metadata={"ndim": 2})
    b: Array = field(metadata={"ndim": 1})
    log_var: Array = field(metadata={"ndim": 1})

    def __post_init__(self) -> None:
        super().__post_init__()
        weights_fit("V", self.V, self.a)
        weights_fit("U", self.U, self.b)
        weights_fit("U", self.U, self.log_var)
        if self.U.shape[1] != self.a.size:
            raise ValueError(f"U has shape {self.U.shape}; accepted: (n_y, {self.a.size})")

    @classmethod
    def random(
        cls, rng: np.random.Generator, n_y: int, n_z: int, hidden: int = 60, variance: float = 1.0
    ) -> Network:
        """A network with random weights: hidden units of many slopes, outputs of about unit size.

        Args:
            rng: random generator.
            n_y, n_z: units of the layer drawn and of the layer above.
            hidden: hidden units.
            variance: of the noise, above 0.
        """
        rng, variance = generator("rng", rng), positive("variance", variance)
        n_y, n_z, hidden = count("n_y", n_y), count("n_z", n_z), count("hidden", hidden)
        return cls(
            rng.standard_normal((hidden, n_z)),
            rng.standard_normal(hidden),
            rng.standard_normal((n_y, hidden)) / np.sqrt(hidden),
            np.zeros(n_y),
            np.full(n_y, np.log(variance)),
        )

    @property
    def n_y(self) -> int:
        """Units of the layer that is drawn."""
        return self.b.size

    @property
    def n_z(self) -> int:
        """Units of the layer above."""
        return int(self.V.shape[1])

    def shifted(self, by: Array) -> Self:
        return replace(self, b=self.b - by)

    def scales(self, spread: Array) -> Array:
        inner, hidden = self.V.size + self.a.size, self.a.size
        return np.concatenate(
            [np.ones(inner), np.repeat(spread, hidden), spread, np.ones(self.n_y)]
        )

    def _forward(self, z: ArrayLike) -> tuple[Array, Array, Array]:
        z = rows("z", z, self.n_z)
        hidden = np.tanh(z @ self.V.T + self.a)
        return z, hidden, hidden @ self.U.T + self.b

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        _, _, m = self._forward(z)
        return m + np.exp(self.log_var / 2) * generator("rng", rng).standard_normal(m.shape)

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        y, m = paired(rows("y", y, self.n_y), self._forward(z)[2])
        return log_normal(y - m, self.log_var)

    def suff_stats(self, y: ArrayLike) -> Array:
        y = rows("y", y, self.n_y)
        return np.stack([y, y**2], axis=-1)

    def natural(self, z: ArrayLike) -> Array:
        m, v = self._forward(z)[2], np.exp(self.log_var)
        return np.stack([m / v, np.broadcast_to(-1 / (2 * v), m.shape)], axis=-1)

    def mean(self, z: ArrayLike) -> Array:
        m = self._forward(z)[2]
        return np.stack([m, m**2 + np.exp(self.log_var)], axis=-1)

    def jacobian(self, z: ArrayLike) -> Array:
        """There is none by unit.

        Raises:
            ValueError: always; accepted are families whose units have parameters of their own.
        """
        raise ValueError(
            "a Network has no Jacobian a unit, since its hidden layer is shared; accepted: wake "
            "'code' or 'score', or a family of one layer of weights"
        )

    def pull(self, z: ArrayLike, t: Array, w: Array) -> Array:
        """Backward pass: gradient of sum_s eta(z_s) . t_s - w_s Phi(eta(z_s)), as one vector."""
        z, hidden, m = self._forward(z)
        v = np.exp(self.log_var)
        t_y, t_yy = t[..., 0], t[..., 1]
        d_m = (t_y - w[:, None] * m) / v
        d_log_var = ((t_yy - 2 * m * t_y + w[:, None] * m**2) / v - w[:, None]).sum(axis=0) / 2
        d_inner = (d_m @ self.U) * (1 - hidden**2)
        parts = (d_inner.T @ z, d_inner.sum(axis=0), d_m.T @ hidden, d_m.sum(axis=0), d_log_var)
        return np.concatenate([part.ravel() for part in parts])

    def score(self, y: ArrayLike, z: ArrayLike) -> Array:
        z, hidden, m = self._forward(z)
        y, m = paired(rows("y", y, self.n_y), m)
        v = np.exp(self.log_var)
        d_m = (y - m) / v
        d_inner = (d_m @ self.U) * (1 - hidden**2)
        n = len(z)
        parts = (
            d_inner[:, :, None] * z[:, None, :],
            d_inner,
            d_m[:, :, None] * hidden[:, None, :],
            d_m,
            ((y - m) ** 2 / v - 1) / 2,
        )
        return np.concatenate([part.reshape(n, -1) for part in parts], axis=1)
