"""Small worlds, listed in full: every pattern with its probability."""

from __future__ import annotations

import numbers
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from hmlib._checks import binary_rows, count, data_weights, generator
from hmlib.datasets.files import read_only

Array = NDArray[np.float64]


_MOST_SWITCHES = 16
"""Independent bits listed at most: 65,536 settings."""


@dataclass(frozen=True, eq=False, repr=False)
class Patterns:
    """A small world: binary patterns and the probability of each.

    Equal patterns are merged and sorted, the blank one first if it is there, and weights are
    normalised.

    Attributes:
        u: patterns, read-only, shape (n, n_u), float64 zeros and ones.
        weights: probabilities, read-only, shape (n,), sum 1.
        shape: (height, width) of a pattern as a picture; height * width = n_u.
        name: for titles.

    Raises:
        ValueError: if u is not binary, or weights or shape do not fit it.
    """

    u: Array
    weights: Array
    shape: tuple[int, int]
    name: str

    def __post_init__(self) -> None:
        shape = _picture_shape(self.shape)
        u = binary_rows("u", self.u, shape[0] * shape[1])
        weights = data_weights(self.weights, len(u))
        # Eight pixels a byte: the same order as the pixels, and much faster to sort.
        packed = np.packbits(u.astype(bool), axis=1)
        _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        object.__setattr__(self, "u", read_only(u[first]))
        object.__setattr__(self, "weights", read_only(np.bincount(group.ravel(), weights)))
        object.__setattr__(self, "shape", shape)

    @property
    def n_u(self) -> int:
        """Pixels of a pattern."""
        return int(self.u.shape[1])

    @property
    def entropy(self) -> float:
        """-sum_k p_k log p_k, in nats: no model of this world has L above -entropy."""
        return float(entr(self.weights).sum())

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Draw patterns independently.

        Returns:
            A fresh array of shape (n, n_u).

        Raises:
            ValueError: if rng is no generator or n is not a whole number >= 1.
        """
        rng, n = generator("rng", rng), count("n", n)
        return self.u[rng.choice(len(self.u), n, p=self.weights)]

    def __len__(self) -> int:
        return len(self.u)

    def __repr__(self) -> str:
        height, width = self.shape
        return (
            f"Patterns {self.name}: {len(self)} of {height} x {width} pixels, "
            f"entropy {self.entropy:.4f} nats"
        )


def bars(side: int = 4, p: float = 0.2, vertical: float = 2 / 3) -> Patterns:
    """Bars that all point one way: choose the direction, then switch every bar on by itself.

    Args:
        side: height and width, 2 to 15.
        p: probability that a bar of the chosen direction is on.
        vertical: probability of the vertical direction.

    Returns:
        2 * 2**side - 2 patterns: the blank and the full picture belong to both directions.

    Raises:
        ValueError: if side is out of range or a probability is not between 0 and 1.

    Source: Hinton, Dayan, Frey & Neal 1995, Science 268.
    """
    side = _listed("side", side, least=2, most=_MOST_SWITCHES - 1)
    p, vertical = _probability("p", p), _probability("vertical", vertical)
    on, chance = _switches(side, p)
    return _two_directions(on, chance, vertical, name="bars")


def stripes(side: int = 3, vertical: float = 2 / 3) -> Patterns:
    """Stripes that all point one way: choose the direction, then some stripes, not none or all.

    Every choice of stripes is equally likely.

    Args:
        side: height and width, 2 to 15.
        vertical: probability of the vertical direction.

    Returns:
        2 * (2**side - 2) patterns: neither blank nor full. With side 3 six vertical patterns have
        probability 2/18 and six horizontal ones 1/18.

    Raises:
        ValueError: if side is out of range or vertical is not between 0 and 1.

    Source: Kirby 2006, A tutorial on Helmholtz machines.
    """
    side = _listed("side", side, least=2, most=_MOST_SWITCHES - 1)
    vertical = _probability("vertical", vertical)
    on = _switches(side, 0.5)[0][1:-1]
    return _two_directions(on, np.full(len(on), 1 / len(on)), vertical, name="stripes")


def or_bars(side: int = 4, p: float = 0.25) -> Patterns:
    """Bars of both directions, each on by itself; a pixel is on if any bar through it is.

    Args:
        side: height and width, 2 to 8.
        p: probability that a bar is on.

    Returns:
        (2**side - 1)**2 + 1 patterns: the full picture has many causes, the others one.

    Raises:
        ValueError: if side is out of range or p is not between 0 and 1.
    """
    side = _listed("side", side, least=2, most=_MOST_SWITCHES // 2)
    on, chance = _switches(2 * side, _probability("p", p))
    pictures = _vertical(on[:, :side]) | _horizontal(on[:, side:])
    return _patterns(pictures, chance, name="OR-bars")


def shifter(width: int = 8, p: float = 0.3) -> Patterns:
    """A row of random pixels below, the same row shifted by one pixel above: which way?

    Four rows. The bottom one is random; the top one is a copy shifted left or right by one
    pixel, wrapped around, both ways equally likely; the middle two are copies of the outer two.

    Args:
        width: pixels in a row, 3 to 15.
        p: probability that a pixel of the bottom row is on.

    Returns:
        With width 8, 508 patterns: of 256 bottom rows the two constant and the two alternating
        ones look the same shifted either way.

    Raises:
        ValueError: if width is out of range or p is not between 0 and 1.

    Source: Dayan, Hinton, Neal & Zemel 1995, figure 1.
    """
    width = _listed("width", width, least=3, most=_MOST_SWITCHES - 1)
    bottom, chance = _switches(width, _probability("p", p))
    pictures = []
    for shift in (-1, 1):
        top = np.roll(bottom, shift, axis=1)
        pictures.append(np.stack([top, top, bottom, bottom], axis=1))
    return _patterns(np.concatenate(pictures), np.tile(chance / 2, 2), name="shifter")


def _switches(n: int, p: float) -> tuple[NDArray[np.bool_], Array]:
    """All settings of n independent switches, shape (2**n, n), off first, with their chances."""
    on = (np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1)) & 1 == 1
    return on, np.where(on, p, 1 - p).prod(axis=1)


def _vertical(on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Switches (n, side) as pictures (n, side, side): switch k fills column k."""
    return np.repeat(on[:, None, :], on.shape[1], axis=1)


def _horizontal(on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Switches (n, side) as pictures (n, side, side): switch k fills row k."""
    return np.repeat(on[:, :, None], on.shape[1], axis=2)


def _two_directions(on: NDArray[np.bool_], chance: Array, vertical: float, name: str) -> Patterns:
    """The same bars drawn downwards with probability `vertical`, otherwise across."""
    pictures = np.concatenate([_vertical(on), _horizontal(on)])
    weights = np.concatenate([vertical * chance, (1 - vertical) * chance])
    return _patterns(pictures, weights, name)


def _patterns(pictures: NDArray[np.bool_], weights: Array, name: str) -> Patterns:
    """Pictures (n, height, width) laid out as rows of pixels."""
    n, height, width = pictures.shape
    u = pictures.reshape(n, -1).astype(np.float64)
    return Patterns(u, weights, (height, width), name)


def _picture_shape(shape: object) -> tuple[int, int]:
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise ValueError(f"shape is {shape!r}; accepted: (height, width)")
    return count("shape[0]", shape[0]), count("shape[1]", shape[1])


def _listed(name: str, value: int, least: int, most: int) -> int:
    """A size whose patterns are few enough to be listed."""
    if count(name, value, least) > most:
        raise ValueError(
            f"{name} is {value}; accepted: {least} to {most}, since every pattern is listed "
            f"and larger ones have over {2**_MOST_SWITCHES:,}"
        )
    return int(value)


def _probability(name: str, value: float) -> float:
    """A probability that leaves both outcomes possible."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    if not number or not 0 < value < 1:
        raise ValueError(f"{name} is {value!r}; accepted: a number above 0 and below 1")
    return float(value)
