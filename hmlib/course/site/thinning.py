"""Many pictures of one lab, on a light and on a dark page, in few bytes.

A picture is the same on a light and on a dark page but for its colours, so that a colour here is a
pair, one of each, and a picture is kept once: as numbers of pairs. Pairs are few, the same for all
pictures: the commonest as they are, the rest, which are seams between two of them, by the nearest
that is kept.

Pictures that follow one another have most in common: axes, words, whatever does not move. So some
are packed together, row by row: the first row of each, the second row of each, and so on. What
packs them then finds a row again beside itself.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from scipy.spatial import KDTree

Pixels = NDArray[np.uint8]
Pairs = NDArray[np.uint64]
Places = NDArray[np.uint8]

COLOURS = (64, 128, 256)
"""Pairs of colours of the pictures of a lab: the first of these that is enough."""

NEAR, ENOUGH = 8, 0.97
"""How far a colour may be off in red, green or blue, and how many of the pixels must be as near."""

EXACT = 32
"""The commonest pairs, which stay as they are."""

SAMPLE = 24
"""Pictures by which colours are chosen."""

DRAWN = 20_000
"""Pixels that choose the pairs beside the commonest."""

LOT = 24
"""Pictures that are packed together."""

COLOUR = np.uint64(0xFFFFFF)
UP = np.uint64(32)


@dataclass(frozen=True)
class Thin:
    """The pictures of a lab.

    Args:
        size: (width, height) of each.
        colours: pairs, (n, 6): red, green and blue on a light page, then on a dark one.
        lots: each holds `LOT` pictures, the last may hold fewer: places of colours, a byte each,
            row by row of all of them (height, pictures, width), packed by zlib.
    """

    size: tuple[int, int]
    colours: Pixels
    lots: tuple[bytes, ...]


class Folded(Sequence[Pairs]):
    """Pictures as pairs of colours (h, w), which are unfolded when they are looked at."""

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self._kept: list[bytes] = []

    def add(self, light: Pixels, dark: Pixels) -> None:
        """Keep one more, (h, w, 4) on a light and on a dark page."""
        pairs = _numbers(light) | _numbers(dark) << UP
        self._shape = pairs.shape
        self._kept.append(zlib.compress(pairs.tobytes(), 1))

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        return np.frombuffer(zlib.decompress(self._kept[place]), np.uint64).reshape(self._shape)


class Colours:
    """A few pairs of colours, and the nearest of them to any.

    Args:
        pictures: (h, w) each, by which they are chosen.
        rng: draws the pixels that choose them.
    """

    def __init__(self, pictures: Iterable[Pairs], rng: np.random.Generator) -> None:
        counted = [np.unique(picture, return_counts=True) for picture in pictures]
        found, back = np.unique(
            np.concatenate([pairs for pairs, _ in counted]), return_inverse=True
        )
        counts = np.bincount(back, np.concatenate([many for _, many in counted]))
        order = np.argsort(-counts, kind="stable")
        rest, every = order[EXACT:], _colours(found)
        for most in COLOURS:
            few = every[order[:most]]
            if len(found) > most:
                chances = np.minimum(counts[rest], 64)
                drawn = every[rng.choice(rest, DRAWN, p=chances / chances.sum())]
                few = np.vstack([few[:EXACT], _middles(drawn, most - EXACT, rng)])
            tree = KDTree(few.astype(float))
            given = few[tree.query(every.astype(float))[1]]
            near = np.abs(given.astype(int) - every).max(axis=1) <= NEAR
            if counts[near].sum() >= ENOUGH * counts.sum():
                break
        self.few: Pixels = few
        self._tree = tree
        self._last = np.zeros((0, 0), np.uint64)
        self._places = np.zeros((0, 0), np.uint8)

    def places(self, picture: Pairs) -> Places:
        """Place of the nearest pair for each pixel of (h, w), shape (h, w)."""
        if self._last.shape != picture.shape:
            self._last, self._places = ~picture, np.zeros(picture.shape, np.uint8)
        # Pictures that follow one another have most pixels in common.
        new = picture != self._last
        pairs, back = np.unique(picture[new], return_inverse=True)
        places = self._places.copy()
        if len(pairs):
            places[new] = self._tree.query(_colours(pairs).astype(float))[1][back]
        self._last, self._places = picture, places
        return places


def thin(pictures: Sequence[Pairs]) -> Thin:
    """The pictures of a lab in few bytes.

    Args:
        pictures: at least one, (h, w) each, such as `Folded`.
    """
    rng = np.random.default_rng(0)
    sample = np.sort(rng.permutation(len(pictures))[:SAMPLE])
    colours = Colours((pictures[place] for place in sample), rng)
    lots = []
    for begin in range(0, len(pictures), LOT):
        end = min(begin + LOT, len(pictures))
        lot = np.stack([colours.places(pictures[place]) for place in range(begin, end)], axis=1)
        lots.append(zlib.compress(lot.tobytes(), 9))
    height, width = pictures[0].shape
    return Thin((width, height), colours.few, tuple(lots))


def _middles(drawn: Pixels, many: int, rng: np.random.Generator) -> Pixels:
    """So many pairs, (many, 6), each in the middle of those that it stands for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a middle that stands for none
        middles, _ = kmeans2(drawn.astype(float), many, minit="++", seed=rng)
    return np.asarray(np.rint(middles), np.uint8)


def _numbers(picture: Pixels) -> Pairs:
    """Each pixel of (h, w, 4) as a number of 24 bits, red lowest."""
    return np.ascontiguousarray(picture).view("<u4")[..., 0].astype(np.uint64) & COLOUR


def _colours(pairs: Pairs) -> Pixels:
    """Red, green, blue on a light page, then on a dark one: (n, 6) from (n,)."""
    parts = [pairs >> np.uint64(shift) for shift in (0, 8, 16, 32, 40, 48)]
    return np.stack(parts, -1).astype(np.uint8)
