"""The two models of the binary Helmholtz machine (Dayan & Abbott 2001, section 10.4).

The generative model G = {g, G, h} dreams from causes v down to inputs u.
The recognition model W = {w, W} guesses the causes v of an input u.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from numbers import Real
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit as sigmoid

from hmlib._checks import binary_rows, by_layer, count, finite_array, generator

__all__ = ["Generative", "Recognition", "log_bernoulli", "sigmoid", "softplus"]

Array = NDArray[np.float64]


def softplus(x: ArrayLike) -> Array:
    """Return log(1 + e^x) = max(x, 0) + log(1 + e^-|x|) element by element, without overflow."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def log_bernoulli(s: ArrayLike, x: ArrayLike) -> Array:
    """Log probability of binary units s with inputs x, summed over the last axis.

    log prod_b f(x_b)^s_b (1 - f(x_b))^(1 - s_b) = sum_b s_b x_b - log(1 + e^x_b), in nats.

    Args:
        s: binary values, shape (..., n).
        x: total inputs (logits), a shape that broadcasts with s.
    """
    s, x = np.asarray(s), np.asarray(x)
    total: Array = (s * x - softplus(x)).sum(axis=-1)
    return total


@dataclass(frozen=True, eq=False, repr=False)
class Parameters:
    """Frozen arrays that add and scale like one vector, so that a learning rule reads
    `gen + rate * gradient`. A field is an array, or a tuple of arrays, one a layer."""

    # numpy must leave `rate * gradient` to __rmul__.
    __array_ufunc__: ClassVar[None] = None

    def __post_init__(self) -> None:
        for f in fields(self):
            value, ndim = getattr(self, f.name), f.metadata["ndim"]
            if f.metadata.get("by_layer"):
                arrays = enumerate(by_layer(f.name, value))
                value = tuple(_frozen(f"{f.name}[{l}]", array, ndim) for l, array in arrays)
            else:
                value = _frozen(f.name, value, ndim)
            object.__setattr__(self, f.name, value)

    def _named(self) -> dict[str, Array]:
        """Every array by its name, in the order in which they are declared."""
        named: dict[str, Array] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if f.metadata.get("by_layer"):
                named |= {f"{f.name}[{l}]": array for l, array in enumerate(value)}
            else:
                named[f.name] = value
        return named

    def arrays(self) -> tuple[Array, ...]:
        """The parameter arrays, in the order in which they are declared."""
        return tuple(self._named().values())

    def ravel(self) -> Array:
        """All parameters as one vector; `like` is the inverse."""
        return np.concatenate([array.ravel() for array in self.arrays()])

    def like(self, vector: ArrayLike) -> Self:
        """Parameters of this machine's shape, filled from one vector.

        Raises:
            ValueError: if the vector has the wrong length or is not finite.
        """
        vector = finite_array("vector", vector, 1)
        sizes = [array.size for array in self.arrays()]
        if vector.size != sum(sizes):
            raise ValueError(f"vector has length {vector.size}; accepted: {sum(sizes)}")
        parts = np.split(vector, np.cumsum(sizes)[:-1])
        shaped = (part.reshape(a.shape) for part, a in zip(parts, self.arrays(), strict=True))
        values = []
        for f in fields(self):
            layers = len(getattr(self, f.name))
            is_tuple = f.metadata.get("by_layer")
            values.append(tuple(islice(shaped, layers)) if is_tuple else next(shaped))
        return type(self)(*values)

    def _vector_of(self, other: Self) -> Array:
        """Another machine's parameters, once they are known to stand where this one's do."""
        if [a.shape for a in other.arrays()] != [a.shape for a in self.arrays()]:
            raise ValueError(f"other has {other.units}; accepted: {self.units}, as self has")
        return other.ravel()

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return self.like(self.ravel() + self._vector_of(other))

    def __sub__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return self.like(self.ravel() - self._vector_of(other))

    def __mul__(self, factor: float) -> Self:
        if not isinstance(factor, Real):
            return NotImplemented
        return self.like(self.ravel() * factor)

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(
            np.array_equal(a, b) for a, b in zip(self.arrays(), other.arrays(), strict=True)
        )

    def __hash__(self) -> int:
        return hash(tuple((array.shape, array.tobytes()) for array in self.arrays()))

    @property
    def units(self) -> str:
        """The numbers of units in words."""
        raise NotImplementedError

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__}, {self.units}"]
        for name, array in self._named().items():
            numbers = np.array2string(array, precision=3, prefix="  x: ")
            lines.append(f"  {name}: {numbers if array.size <= 8 else f'shape {array.shape}'}")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False, repr=False)
class Units(Parameters):
    """Parameters of a model that has inputs and causes."""

    @property
    def n_u(self) -> int:
        """Number of inputs."""
        raise NotImplementedError

    @property
    def n_v(self) -> int:
        """Number of causes."""
        raise NotImplementedError

    @property
    def units(self) -> str:
        """The numbers of units in words: "3 inputs, 1 cause"."""
        numbers = ((self.n_u, "input"), (self.n_v, "cause"))
        return ", ".join(f"{n} {name}{'s' * (n != 1)}" for n, name in numbers)


@dataclass(frozen=True, eq=False, repr=False)
class Machine(Units):
    """One of the two models of a binary machine, with one layer of causes or several."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of each layer, visible first."""
        raise NotImplementedError

    def with_layers(self, weights: Sequence[Array], biases: Sequence[Array]) -> Self:
        """A model with these weights and biases, bottom layer first."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class Generative(Machine):
    """The generative model: causes switch on by themselves, and together they drive the inputs.

    P[v] = prod_a f(g_a)^v_a (1 - f(g_a))^(1 - v_a)
    P[u|v] = prod_b f(x_b)^u_b (1 - f(x_b))^(1 - u_b) with x = G v + h, f the logistic function.
    Source: Dayan & Abbott 2001, section 10.4.

    Attributes:
        g: biases of the causes, shape (n_v,).
        G: weights from causes to inputs, shape (n_u, n_v).
        h: biases of the inputs, shape (n_u,).

    Raises:
        ValueError: if a parameter is not finite or the shapes do not fit together.
    """

    g: Array = field(metadata={"ndim": 1})
    G: Array = field(metadata={"ndim": 2})
    h: Array = field(metadata={"ndim": 1})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.G.shape != (self.h.size, self.g.size) or not self.G.size:
            raise ValueError(
                f"G has shape {self.G.shape}; accepted: (n_u, n_v) = "
                f"{(self.h.size, self.g.size)}, from the lengths of h and g, both >= 1"
            )

    @classmethod
    def zeros(cls, n_u: int, n_v: int) -> Generative:
        """A machine with every parameter 0: all patterns equally likely."""
        n_u, n_v = count("n_u", n_u), count("n_v", n_v)
        return cls(np.zeros(n_v), np.zeros((n_u, n_v)), np.zeros(n_u))

    @classmethod
    def random(cls, rng: np.random.Generator, n_u: int, n_v: int, scale: float = 1.0) -> Generative:
        """A machine with independent normal parameters of standard deviation `scale`."""
        n_u, n_v = count("n_u", n_u), count("n_v", n_v)
        return cls(*(normal(rng, scale, shape) for shape in (n_v, (n_u, n_v), n_u)))

    @property
    def n_u(self) -> int:
        """Number of inputs."""
        return self.h.size

    @property
    def n_v(self) -> int:
        """Number of causes."""
        return self.g.size

    @property
    def sizes(self) -> tuple[int, int]:
        """Units of each layer, visible first."""
        return self.n_u, self.n_v

    @property
    def weights(self) -> tuple[Array]:
        """Weights onto each layer but the top one, as a machine of many layers has them."""
        return (self.G,)

    @property
    def biases(self) -> tuple[Array, Array]:
        """Biases of each layer, visible first."""
        return self.h, self.g

    def with_layers(self, weights: Sequence[Array], biases: Sequence[Array]) -> Self:
        """A model with these weights and biases, as `weights` and `biases` list them."""
        (G,), (h, g) = weights, biases
        return type(self)(g, G, h)

    def drive(self, v: ArrayLike) -> Array:
        """Total input x = G v + h to every input unit, shape (n, n_u)."""
        return np.asarray(v) @ self.G.T + self.h

    def sample(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Dream: causes first, then inputs.

        Returns:
            (v, u), shapes (n, n_v) and (n, n_u).
        """
        n = count("n", n)
        v = flip(rng, np.broadcast_to(self.g, (n, self.n_v)))
        return v, flip(rng, self.drive(v))

    def log_prob(self, v: ArrayLike, u: ArrayLike) -> Array:
        """Joint log probability log P[v, u; G] of each row, shape (n,), in nats."""
        v, u = paired(self, v, u)
        return log_bernoulli(v, self.g) + log_bernoulli(u, self.drive(v))


@dataclass(frozen=True, eq=False, repr=False)
class Recognition(Machine):
    """The recognition model: given an input, an independent guess for every cause.

    Q[v|u] = prod_a f(y_a)^v_a (1 - f(y_a))^(1 - v_a) with y = W u + w, f the logistic function.
    Source: Dayan & Abbott 2001, section 10.4.

    Attributes:
        w: biases of the causes, shape (n_v,).
        W: weights from inputs to causes, shape (n_v, n_u).

    Raises:
        ValueError: if a parameter is not finite or the shapes do not fit together.
    """

    w: Array = field(metadata={"ndim": 1})
    W: Array = field(metadata={"ndim": 2})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.W.shape[0] != self.w.size or not self.W.size:
            raise ValueError(
                f"W has shape {self.W.shape}; accepted: (n_v, n_u) with n_v = {self.w.size}, "
                "the length of w, both >= 1"
            )

    @classmethod
    def zeros(cls, n_u: int, n_v: int) -> Recognition:
        """A machine with every parameter 0: each cause is guessed at one half."""
        n_u, n_v = count("n_u", n_u), count("n_v", n_v)
        return cls(np.zeros(n_v), np.zeros((n_v, n_u)))

    @classmethod
    def random(
        cls, rng: np.random.Generator, n_u: int, n_v: int, scale: float = 1.0
    ) -> Recognition:
        """A machine with independent normal parameters of standard deviation `scale`."""
        n_u, n_v = count("n_u", n_u), count("n_v", n_v)
        return cls(*(normal(rng, scale, shape) for shape in (n_v, (n_v, n_u))))

    @property
    def n_u(self) -> int:
        """Number of inputs."""
        return int(self.W.shape[1])

    @property
    def n_v(self) -> int:
        """Number of causes."""
        return self.w.size

    @property
    def sizes(self) -> tuple[int, int]:
        """Units of each layer, visible first."""
        return self.n_u, self.n_v

    @property
    def weights(self) -> tuple[Array]:
        """Weights onto each layer of causes, as a machine of many layers has them."""
        return (self.W,)

    @property
    def biases(self) -> tuple[Array]:
        """Biases of each layer of causes."""
        return (self.w,)

    def with_layers(self, weights: Sequence[Array], biases: Sequence[Array]) -> Self:
        """A model with these weights and biases, as `weights` and `biases` list them."""
        (W,), (w,) = weights, biases
        return type(self)(w, W)

    def drive(self, u: ArrayLike) -> Array:
        """Total input y = W u + w to every cause, shape (n, n_v)."""
        return np.asarray(u) @ self.W.T + self.w

    def sample(self, rng: np.random.Generator, u: ArrayLike) -> Array:
        """Guess the causes of each row of u once, shape (n, n_v)."""
        return flip(rng, self.drive(binary_rows("u", u, self.n_u)))

    def log_prob(self, v: ArrayLike, u: ArrayLike) -> Array:
        """Log probability log Q[v|u; W] of each row, shape (n,), in nats."""
        v, u = paired(self, v, u)
        return log_bernoulli(v, self.drive(u))


def paired(model: Machine, v: ArrayLike, u: ArrayLike) -> tuple[Array, Array]:
    """Causes and inputs of the same data points, once they are known to fit the model."""
    v, u = binary_rows("v", v, model.n_v), binary_rows("u", u, model.n_u)
    if len(v) != len(u):
        raise ValueError(f"v has {len(v)} rows; accepted: {len(u)}, one a row of u")
    return v, u


def _frozen(name: str, value: ArrayLike, ndim: int) -> Array:
    array = finite_array(name, value, ndim)
    array.flags.writeable = False
    return array


def normal(rng: np.random.Generator, scale: float, shape: int | tuple[int, ...]) -> Array:
    """Independent normal numbers of standard deviation `scale`."""
    spread = float(finite_array("scale", scale, 0))
    return spread * generator("rng", rng).standard_normal(shape)


def flip(rng: np.random.Generator, x: Array) -> Array:
    """Flip one coin a unit, heads (1) with probability f(x)."""
    heads: NDArray[np.bool_] = generator("rng", rng).random(x.shape) < sigmoid(x)
    return heads.astype(np.float64)
