"""The encoder of an autoencoder: a network that guesses latents from data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, finite_array, generator, rows
from hmlib.binary import Parameters
from hmlib.ddc.families import log_normal
from hmlib.ddc.units import spread_about
from hmlib.rivals.gradients import in_one_vector

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Encoder(Parameters):
    """q(z|x) = N(m(x), diag exp(log_var(x))): a network of tanh layers with two outputs a latent.

    All latents z = (z_1, ..., z_D) of a chain are guessed side by side and at once: given x they
    are independent under q. A guess of each layer from the one below would cost a network more.

    Attributes:
        weights: one matrix a layer, shapes (n_h, n_x), (n_h, n_h), ..., (2 n_z, n_h).
        biases: one vector a layer, shapes (n_h,), ..., (2 n_z,); the last layer gives m(x), then
            log_var(x).

    Raises:
        ValueError: if a parameter is not finite or the shapes do not fit together.
    """

    weights: tuple[Array, ...] = field(metadata={"ndim": 2, "by_layer": True})
    biases: tuple[Array, ...] = field(metadata={"ndim": 1, "by_layer": True})

    def __post_init__(self) -> None:
        super().__post_init__()
        shapes = [weights.shape for weights in self.weights]
        fit = [shape[0] for shape in shapes] == [bias.size for bias in self.biases]
        chained = all(below[0] == above[1] for below, above in pairwise(shapes))
        if not shapes or not fit or not chained or shapes[-1][0] % 2 or 0 in shapes[-1]:
            raise ValueError(
                f"weights have shapes {shapes} beside biases of {[b.size for b in self.biases]}; "
                "accepted: (n_h, n_x), ..., (2 n_z, n_h), each with its bias"
            )

    @classmethod
    def random(
        cls, rng: np.random.Generator, points: ArrayLike, n_z: int, units: int = 100
    ) -> Encoder:
        """Two hidden layers of random weights that see unit scale; guesses of about N(0, I).

        Args:
            rng: random generator.
            points: values that x takes, shape (m, n_x).
            n_z: units of all latents together.
            units: of each hidden layer.

        Raises:
            ValueError: for bad points or no units.
        """
        rng, n_z, units = generator("rng", rng), count("n_z", n_z), count("encoder_units", units)
        points = finite_array("points", points, 2)
        if not points.size:
            raise ValueError(f"points has shape {points.shape}; accepted: (m, n_x), both >= 1")
        # A coordinate that never moves has no scale of its own, whatever rounding makes of it.
        scale = spread_about(points) * np.sqrt(points.shape[1])
        first = rng.standard_normal((units, points.shape[1])) / scale
        second = rng.standard_normal((units, units)) / np.sqrt(units)
        last = 0.1 * rng.standard_normal((2 * n_z, units)) / np.sqrt(units)
        biases = (-first @ points.mean(axis=0), np.zeros(units), np.zeros(2 * n_z))
        return cls((first, second, last), biases)

    @property
    def n_x(self) -> int:
        """Width of x."""
        return int(self.weights[0].shape[1])

    @property
    def n_z(self) -> int:
        """Units of all latents together."""
        return self.biases[-1].size // 2

    @property
    def units(self) -> str:
        """The numbers of units in words."""
        hidden = "-".join(str(bias.size) for bias in self.biases[:-1])
        return f"{self.n_x} input(s), {hidden} hidden units, {self.n_z} latent(s)"

    def moments(self, x: ArrayLike) -> tuple[Array, Array]:
        """m(x) and log_var(x), shapes (n, n_z)."""
        return self.forward(rows("x", x, self.n_x))[:2]

    def sample(self, rng: np.random.Generator, x: ArrayLike) -> Array:
        """Draw a guess z for each row of x, shape (n, n_z)."""
        mean, log_var = self.moments(x)
        return mean + np.exp(log_var / 2) * generator("rng", rng).standard_normal(mean.shape)

    def log_prob(self, z: ArrayLike, x: ArrayLike) -> Array:
        """log q(z|x) of each row, shape (n,), in nats."""
        mean, log_var = self.moments(x)
        return log_normal(rows("z", z, self.n_z) - mean, log_var)

    def forward(self, x: Array) -> tuple[Array, Array, Callable[[Array, Array], Array]]:
        """m(x), log_var(x), and the way back.

        The way back takes the gradients in m and log_var, shapes (n, n_z), to the gradient in the
        parameters, as one vector.
        """
        *hidden, last = zip(self.weights, self.biases, strict=True)
        values = [x]
        for W, b in hidden:
            values.append(np.tanh(values[-1] @ W.T + b))
        out = values[-1] @ last[0].T + last[1]

        def back(d_mean: Array, d_log_var: Array) -> Array:
            error, d_weights, d_biases = np.hstack([d_mean, d_log_var]), [], []
            for W, below in zip(self.weights[::-1], values[::-1], strict=True):
                d_weights.append(error.T @ below)
                d_biases.append(error.sum(axis=0))
                if below is not x:
                    error = (error @ W) * (1 - below**2)
            return in_one_vector(*d_weights[::-1], *d_biases[::-1])

        return out[:, : self.n_z], out[:, self.n_z :], back
