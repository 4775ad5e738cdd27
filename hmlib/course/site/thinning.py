"""Many pictures of one lab in few bytes.

They have most in common: axes, words, whatever does not move. That is kept once, as the picture
underneath; each picture is kept as what differs from it, the rest is clear, and a page lays one
over the other. Colours are few, the same for all pictures: the commonest as they are, the rest,
which are seams between two of them, by the nearest that is kept. Everything is lossless WebP.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter
from scipy.spatial import KDTree

Pixels = NDArray[np.uint8]
Places = NDArray[np.uint8]

COLOURS = 64
"""Colours of the pictures of a lab on a page of one theme, at most."""

EXACT = 32
"""The commonest colours, which stay as they are."""

CLEAR = COLOURS
"""The place of no colour at all."""

SAMPLE = 24
"""Pictures by which colours are chosen, and what is common to all."""

SEAM = 5
"""Pixels across which a picture is kept around each that differs, so that no seam shows when a page
scales both."""


@dataclass(frozen=True)
class Thin:
    """Pictures as WebP: `under` lies under each of `over`."""

    under: bytes
    over: tuple[bytes, ...]


class Folded(Sequence[Pixels]):
    """Pictures (h, w, 4) that are unfolded when they are looked at."""

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self._kept: list[bytes] = []

    def add(self, picture: Pixels) -> None:
        """Keep one more."""
        self._shape = picture.shape
        self._kept.append(zlib.compress(picture.tobytes(), 1))

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        flat = np.frombuffer(zlib.decompress(self._kept[place]), np.uint8)
        return flat.reshape(self._shape)


class Colours:
    """A few colours, and the nearest of them to any.

    Args:
        pictures: (h, w, 4) each, without holes, by which they are chosen.
    """

    def __init__(self, pictures: Iterable[Pixels]) -> None:
        numbers = np.concatenate([_numbers(picture).ravel() for picture in pictures])
        found, counts = np.unique(numbers, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        exact, rest = _colours(found[order[:EXACT]]), order[EXACT:]
        few = exact
        if len(rest) <= COLOURS - EXACT:
            few = np.vstack([exact, _colours(found[rest])])
        else:
            several = np.repeat(_colours(found[rest]), np.minimum(counts[rest], 64), axis=0)
            mixed = Image.fromarray(several[None]).quantize(COLOURS - EXACT, kmeans=1)
            palette = np.array(mixed.getpalette(), np.uint8).reshape(-1, 3)
            few = np.vstack([exact, palette[: COLOURS - EXACT]])
        self.few: Pixels = few
        self._seen = np.zeros((CLEAR + 1, 4), np.uint8)
        self._seen[: len(few)] = np.hstack([few, np.full((len(few), 1), 255, np.uint8)])
        self._tree = KDTree(few.astype(float))
        self._place = np.full(1 << 24, -1, np.int16)

    def places(self, picture: Pixels) -> Places:
        """Place of the nearest colour for each pixel of (h, w, 4), shape (h, w)."""
        numbers = _numbers(picture)
        places = self._place[numbers]
        if (unseen := numbers[places < 0]).size:
            new = np.unique(unseen)
            self._place[new] = self._tree.query(_colours(new).astype(float))[1]
            places = self._place[numbers]
        return places.astype(np.uint8)

    def webp(self, places: Places) -> bytes:
        """The picture of places (h, w) as lossless WebP; `CLEAR` shows what lies below."""
        seen = self._seen.view(np.uint32)[:, 0][places].view(np.uint8).reshape(*places.shape, 4)
        stream = io.BytesIO()
        Image.fromarray(seen).save(stream, "webp", lossless=True, quality=25, method=1)
        return stream.getvalue()


def thin(pictures: Sequence[Pixels]) -> Thin:
    """The pictures of a lab in few bytes.

    Args:
        pictures: at least one, all of one shape (h, w, 4), without holes.
    """
    rng = np.random.default_rng(0)
    lot = np.sort(rng.permutation(len(pictures))[:SAMPLE])
    colours = Colours(pictures[place] for place in lot)
    under = commonest(np.array([colours.places(pictures[place]) for place in lot]))
    over = []
    for picture in pictures:
        places = colours.places(picture)
        kept = maximum_filter((places != under).view(np.uint8), SEAM)
        over.append(colours.webp(np.where(kept, places, CLEAR)))
    return Thin(colours.webp(under), tuple(over))


def commonest(places: Places) -> Places:
    """For each pixel what stands there most often: (h, w) from (n, h, w)."""
    values = np.sort(places, axis=0)
    best, run, most = values[0], np.ones(values.shape[1:], int), np.ones(values.shape[1:], int)
    for before, value in pairwise(values):
        run = np.where(value == before, run + 1, 1)
        better = run > most
        best, most = np.where(better, value, best), np.where(better, run, most)
    return np.asarray(best, np.uint8)


def _numbers(picture: Pixels) -> NDArray[np.uint32]:
    """Each pixel of (h, w, 4) as a number of 24 bits, red lowest."""
    return np.ascontiguousarray(picture).view("<u4")[..., 0] & np.uint32(0xFFFFFF)


def _colours(numbers: NDArray[np.uint32]) -> Pixels:
    return np.stack([numbers & 255, numbers >> 8 & 255, numbers >> 16], -1).astype(np.uint8)
