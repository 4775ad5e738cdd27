"""A chain of layers: z_D is drawn first, each layer from the one above it, and x last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, finite_array
from hmlib.ddc.families import Family
from hmlib.ddc.tops import Top

Array = NDArray[np.float64]
Values = tuple[Array, ...]
"""The values of all layers, bottom first: (x, z_1, ..., z_D), a row a dream in each."""


@dataclass(frozen=True, eq=False, repr=False)
class Chain:
    """p(z_D) p(z_(D-1)|z_D) ... p(x|z_1).

    Attributes:
        layers: p(x|z_1), p(z_1|z_2), ..., p(z_D), bottom first.

    Raises:
        ValueError: if the layers do not fit together or the last one is no top layer.

    Source: Vértes & Sahani 2018, section 2.
    """

    layers: tuple[Family, ...]

    def __post_init__(self) -> None:
        layers = tuple(self.layers)
        if len(layers) < 2 or not all(isinstance(layer, Family) for layer in layers):
            raise ValueError(
                f"layers is {self.layers!r}; accepted: at least two families, p(x|z_1) first"
            )
        if not isinstance(layers[-1], Top) or any(isinstance(f, Top) for f in layers[:-1]):
            raise ValueError(
                "layers: accepted is one top layer, such as StandardNormal, at the end"
            )
        for l, (below, above) in enumerate(pairwise(layers)):
            if below.n_z != above.n_y:
                raise ValueError(
                    f"layers[{l}] is driven by {below.n_z} unit(s); accepted: {above.n_y}, as "
                    f"layers[{l + 1}] has"
                )
        object.__setattr__(self, "layers", layers)

    @property
    def depth(self) -> int:
        """Layers of latents D."""
        return len(self.layers) - 1

    @property
    def top(self) -> Top:
        """p(z_D), the layer that is drawn from nothing."""
        return cast(Top, self.layers[-1])

    @property
    def n_x(self) -> int:
        """Width of the observation x."""
        return self.layers[0].n_y

    @property
    def units(self) -> str:
        """The layers in words, as a machine is named: visible first."""
        kinds = ", ".join(type(layer).__name__ for layer in self.layers)
        return f"{'-'.join(str(layer.n_y) for layer in self.layers)}: {kinds}"

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        """Dream, from the top layer down.

        Returns:
            (x, z_1, ..., z_D), shapes (n, n_l).
        """
        values = [self.top.draw(rng, count("n", n))]
        for layer in reversed(self.layers[:-1]):
            values.append(layer.sample(rng, values[-1]))
        return tuple(reversed(values))

    def log_prob(self, values: Sequence[ArrayLike]) -> Array:
        """Joint log p(x, z_1, ..., z_D) of each row, shape (n,), in nats.

        Args:
            values: x, z_1, ..., z_D, as `sample` gives them: shapes (n, n_l).

        Raises:
            ValueError: for another number of layers, or values that a layer cannot have.
        """
        if len(values) != len(self.layers):
            raise ValueError(f"values has {len(values)} arrays; accepted: {len(self.layers)}")
        driven = zip(self.layers[:-1], pairwise(values), strict=True)
        each = [*(f.log_prob(y, z) for f, (y, z) in driven), self.top.log_prob(values[-1])]
        return sum(each[1:], start=each[0])

    def ravel(self) -> Array:
        """All parameters as one vector, bottom layer first; `like` is the inverse."""
        return np.concatenate([layer.ravel() for layer in self.layers])

    def like(self, vector: ArrayLike) -> Chain:
        """A chain of this one's shape, filled from one vector.

        Raises:
            ValueError: if the vector has the wrong length or is not finite.
        """
        vector = finite_array("vector", vector, 1)
        sizes = [layer.ravel().size for layer in self.layers]
        if vector.size != sum(sizes):
            raise ValueError(f"vector has length {vector.size}; accepted: {sum(sizes)}")
        parts = np.split(vector, np.cumsum(sizes)[:-1])
        return Chain(tuple(f.like(part) for f, part in zip(self.layers, parts, strict=True)))

    def same_as(self, other: object) -> bool:
        """Whether the other is a chain of the same layers with the same numbers."""
        return isinstance(other, Chain) and self.layers == other.layers

    def __repr__(self) -> str:
        return f"Chain {self.units}"
