"""Encodings T: what a distribution is asked about.

T(z) = [s(W^T z + b), z, 1]: some random non-linear functions, fixed for good, then z itself (in
units of its own spread), then the constant. Averaged over a distribution of z, they are its
distributed distributional code. Source: Vértes & Sahani 2018, equations 2 and 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit as sigmoid

from hmlib._checks import choice, count, finite_array, generator, positive, rows

Array = NDArray[np.float64]
Features = Callable[[Array], Array]
"""Any functions of the rows of an array (n, d), side by side, shape (n, K)."""

FUNCTIONS = "functions of the rows of an array, such as an Encoding"
"""What is accepted where features or encodings are asked for."""

_FILLED_IN = cast(Array, None)
"""Stands for an array that is worked out from the others."""

KINDS: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "relu": lambda a: np.maximum(a, 0.0),
    "fourier": np.cos,
}


@dataclass(frozen=True, eq=False, repr=False)
class Encoding:
    """Random functions of z, by the side of z itself and of the constant.

    Attributes:
        weights: W, shape (d, k), a column a function.
        bias: b, shape (k,).
        kind: "tanh", "sigmoid", "relu" or "fourier" (the cosine).
        linear: whether z itself stands among the functions.
        centre, scale: z stands there as (z - centre) / scale, shapes (d,); 0 and 1 if None.

    Raises:
        ValueError: if the shapes do not fit, numbers are not finite, there is no function or the
            kind is unknown.
    """

    weights: Array
    bias: Array
    kind: str = "tanh"
    linear: bool = True
    centre: Array = _FILLED_IN
    scale: Array = _FILLED_IN

    def __post_init__(self) -> None:
        weights, bias = finite_array("weights", self.weights, 2), finite_array("bias", self.bias, 1)
        choice("kind", self.kind, tuple(KINDS))
        if weights.shape[1] != bias.size or not weights.size:
            raise ValueError(
                f"weights has shape {weights.shape}; accepted: (d, k) with d >= 1 and k = "
                f"{bias.size}, the length of bias, at least 1"
            )
        d = len(weights)
        centre = finite_array("centre", np.zeros(d) if self.centre is None else self.centre, 1)
        scale = finite_array("scale", np.ones(d) if self.scale is None else self.scale, 1)
        if centre.size != d or scale.size != d or scale.min() <= 0:
            raise ValueError(
                f"centre has shape {centre.shape} and scale is {scale}; accepted: {d} number(s) "
                "each, those of scale above 0"
            )
        named = {"weights": weights, "bias": bias, "centre": centre, "scale": scale}
        for name, array in named.items():
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def random(
        cls,
        rng: np.random.Generator,
        points: ArrayLike,
        n: int,
        kind: str = "tanh",
        gain: float = 1.0,
        linear: bool = True,
    ) -> Encoding:
        """Functions placed where the values are.

        Each looks along a random direction w, normal with standard deviation `gain` over that of
        the points, and its kink (for the cosine: its phase 0, then shifted at random) lies at one
        of the points, c: it is s(w . (z - c)).

        Args:
            rng: random generator.
            points: values that z takes, shape (m, d).
            n: number of random functions.
            kind: "tanh", "sigmoid", "relu" or "fourier".
            gain: how sharp the functions are, above 0.
            linear: whether z itself stands among the functions.

        Raises:
            ValueError: for no function, an unknown kind, or bad points.
        """
        generator("rng", rng), choice("kind", kind, tuple(KINDS))
        n, gain = count("n", n), positive("gain", gain)
        points = finite_array("points", points, 2)
        if not points.size:
            raise ValueError(f"points has shape {points.shape}; accepted: (m, d), both >= 1")
        spread = points.std(axis=0)
        # A coordinate that never moves has no scale of its own, whatever rounding makes of it.
        scale = np.where(np.ptp(points, axis=0) > 0, spread, 1.0)
        weights = gain * rng.standard_normal((points.shape[1], n)) / scale[:, None]
        kinks = points[rng.integers(len(points), size=n)]
        if kind == "relu":
            # A kink at an outermost point would never be passed: such a function looks back.
            beyond = (points @ weights).max(axis=0) > np.einsum("dk,kd->k", weights, kinks)
            weights = np.where(beyond, weights, -weights)
        bias = -np.einsum("dk,kd->k", weights, kinks)
        if kind == "fourier":
            bias = bias + rng.uniform(0, 2 * np.pi, n)
        return cls(weights, bias, kind, linear, points.mean(axis=0), scale)

    @property
    def width(self) -> int:
        """Coordinates d of z."""
        return len(self.weights)

    @property
    def size(self) -> int:
        """Number of functions K, z and the constant among them."""
        return self.bias.size + self.linear * self.width + 1

    def __call__(self, z: ArrayLike) -> Array:
        """T(z) of each row of z (n, d), shape (n, K); the constant is the last column."""
        z = rows("z", z, self.width)
        values = np.ones((len(z), self.size))
        k = self.bias.size
        values[:, :k] = KINDS[self.kind](z @ self.weights + self.bias)
        if self.linear:
            values[:, k:-1] = (z - self.centre) / self.scale
        return values

    def __repr__(self) -> str:
        also = ", z" if self.linear else ""
        k, d = self.bias.size, self.width
        return (
            f"Encoding: {k} x {self.kind}{also} and 1, {self.size} functions of {d} coordinate(s)"
        )
