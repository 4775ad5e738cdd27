"""Machines with several layers of causes: each layer is driven by the one above it.

P[v_D] P[v_(D-1)|v_D] ... P[u|v_1] downwards, Q[v_1|u] Q[v_2|v_1] ... upwards, every factor a
product of logistic units. A machine is named visible first: 16-8-1. Its causes v stand side by
side in one array, bottom layer first, so that everything said of one layer can be said of many.

Sources: Dayan, Hinton, Neal & Zemel 1995; Hinton, Dayan, Frey & Neal 1995.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import binary_rows, count, machine_name
from hmlib.binary import Machine, flip, log_bernoulli, normal, paired

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class _Layers(Machine):
    """What the two models of a layered machine have in common."""

    weights: tuple[Array, ...] = field(metadata={"ndim": 2, "by_layer": True})
    biases: tuple[Array, ...] = field(metadata={"ndim": 1, "by_layer": True})

    @property
    def n_u(self) -> int:
        """Number of inputs."""
        return self.sizes[0]

    @property
    def n_v(self) -> int:
        """Number of causes in all layers together."""
        return sum(self.sizes[1:])

    @property
    def units(self) -> str:
        """The layers in words: "16-8-1, 16 inputs, 9 causes in 2 layers"."""
        depth = len(self.sizes) - 1
        layers = f"{depth} layer{'s' * (depth != 1)}"
        return f"{machine_name(self.sizes)}, {super().units} in {layers}"

    def with_layers(self, weights: Sequence[Array], biases: Sequence[Array]) -> Self:
        """The same kind of model with these arrays, bottom layer first."""
        return type(self)(tuple(weights), tuple(biases))

    def split(self, v: ArrayLike) -> tuple[Array, ...]:
        """The causes of each layer, shapes (n, n_l), bottom layer first.

        Raises:
            ValueError: if v has no column for each cause.
        """
        v = np.asarray(v)
        if v.shape[1:] != (self.n_v,):
            raise ValueError(f"v has shape {v.shape}; accepted: (n, {self.n_v}), a row a pattern")
        return tuple(np.split(v, np.cumsum(self.sizes[1:])[:-1], axis=1))


@dataclass(frozen=True, eq=False, repr=False)
class Layered(_Layers):
    """The generative model of a machine with D layers of causes.

    The top layer switches on by itself, P[v_D] = prod_a f(b_a)^v_a (1 - f(b_a))^(1 - v_a) with b
    its biases; layer l is driven by G_l v_(l+1) + b_l, and layer 0 is the input u.

    Attributes:
        weights: G_0, ..., G_(D-1), shapes (n_l, n_(l+1)).
        biases: b_0, ..., b_D, shapes (n_l,); b_0 is h and b_D is g of a machine with one layer.

    Raises:
        ValueError: if a parameter is not finite or the layers do not fit together.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = self.sizes
        if len(sizes) < 2 or len(self.weights) != len(sizes) - 1:
            raise ValueError(
                f"there are {len(self.weights)} weights and {len(sizes)} biases; accepted: one "
                "array of biases for each layer, at least two, and weights between them"
            )
        _check_shapes(self.weights, list(itertools.pairwise(sizes)), "n_l, n_(l+1)")

    @classmethod
    def zeros(cls, *sizes: int) -> Layered:
        """A machine with every parameter 0, its layers visible first."""
        sizes = _checked_sizes(sizes)
        shapes = itertools.pairwise(sizes)
        return cls(tuple(map(np.zeros, shapes)), tuple(map(np.zeros, sizes)))

    @classmethod
    def random(cls, rng: np.random.Generator, *sizes: int, scale: float = 1.0) -> Layered:
        """A machine with independent normal parameters of standard deviation `scale`."""
        like = cls.zeros(*sizes)
        return like.like(normal(rng, scale, (like.ravel().size,)))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of each layer, visible first."""
        return tuple(bias.size for bias in self.biases)

    def drive(self, v: ArrayLike) -> tuple[Array, ...]:
        """Total inputs of the layers 0 to D - 1, shapes (n, n_l), given all causes."""
        layers = zip(self.split(v), self.weights, self.biases, strict=False)
        return tuple(above @ G.T + b for above, G, b in layers)

    def sample(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Dream, from the top layer down.

        Returns:
            (v, u), shapes (n, n_v) and (n, n_u).
        """
        n = count("n", n)
        layer = flip(rng, np.broadcast_to(self.biases[-1], (n, self.sizes[-1])))
        layers = [layer]
        for G, b in zip(reversed(self.weights), reversed(self.biases[:-1]), strict=True):
            layer = flip(rng, layer @ G.T + b)
            layers.append(layer)
        return np.hstack(layers[-2::-1]), layers[-1]

    def log_prob(self, v: ArrayLike, u: ArrayLike) -> Array:
        """Joint log probability log P[v, u] of each row, shape (n,), in nats."""
        v, u = paired(self, v, u)
        layers, drives = (u, *self.split(v)), (*self.drive(v), self.biases[-1])
        return sum(map(log_bernoulli, layers, drives), start=np.zeros(len(u)))


@dataclass(frozen=True, eq=False, repr=False)
class LayeredRecognition(_Layers):
    """The recognition model of a machine with D layers of causes.

    Layer l + 1 is driven by W_l v_l + w_l, and v_0 is the input u.

    Attributes:
        weights: W_0, ..., W_(D-1), shapes (n_(l+1), n_l).
        biases: w_0, ..., w_(D-1), shapes (n_(l+1),).

    Raises:
        ValueError: if a parameter is not finite or the layers do not fit together.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.weights or len(self.weights) != len(self.biases):
            raise ValueError(
                f"there are {len(self.weights)} weights and {len(self.biases)} biases; accepted: "
                "one of each for every layer of causes, at least one"
            )
        sizes = self.sizes
        _check_shapes(self.weights, list(zip(sizes[1:], sizes, strict=False)), "n_(l+1), n_l")

    @classmethod
    def zeros(cls, *sizes: int) -> LayeredRecognition:
        """A machine with every parameter 0, its layers visible first."""
        sizes = _checked_sizes(sizes)
        shapes = zip(sizes[1:], sizes, strict=False)
        return cls(tuple(map(np.zeros, shapes)), tuple(map(np.zeros, sizes[1:])))

    @classmethod
    def random(
        cls, rng: np.random.Generator, *sizes: int, scale: float = 1.0
    ) -> LayeredRecognition:
        """A machine with independent normal parameters of standard deviation `scale`."""
        like = cls.zeros(*sizes)
        return like.like(normal(rng, scale, (like.ravel().size,)))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of each layer, visible first."""
        return self.weights[0].shape[1], *(bias.size for bias in self.biases)

    def drive(self, u: ArrayLike, v: ArrayLike) -> tuple[Array, ...]:
        """Total inputs of the layers 1 to D, shapes (n, n_l), given the inputs and all causes."""
        below = (np.asarray(u), *self.split(v)[:-1])
        layers = zip(below, self.weights, self.biases, strict=True)
        return tuple(s @ W.T + w for s, W, w in layers)

    def sample(self, rng: np.random.Generator, u: ArrayLike) -> Array:
        """Guess the causes of each row of u once, from the bottom layer up, shape (n, n_v)."""
        layer, layers = binary_rows("u", u, self.n_u), []
        for W, w in zip(self.weights, self.biases, strict=True):
            layer = flip(rng, layer @ W.T + w)
            layers.append(layer)
        return np.hstack(layers)

    def log_prob(self, v: ArrayLike, u: ArrayLike) -> Array:
        """Log probability log Q[v|u] of each row, shape (n,), in nats."""
        v, u = paired(self, v, u)
        return sum(map(log_bernoulli, self.split(v), self.drive(u, v)), start=np.zeros(len(u)))


def _checked_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """At least two layers of at least one unit each."""
    if len(sizes) < 2:
        raise ValueError(f"sizes are {tuple(sizes)}; accepted: at least two layers, visible first")
    return tuple(count(f"sizes[{l}]", size) for l, size in enumerate(sizes))


def _check_shapes(weights: Sequence[Array], shapes: list[tuple[int, int]], named: str) -> None:
    for l, (array, shape) in enumerate(zip(weights, shapes, strict=True)):
        if array.shape != shape or not array.size:
            raise ValueError(
                f"weights[{l}] has shape {array.shape}; accepted: ({named}) = {shape}, from the "
                "layers beside it, every one of at least one unit"
            )
