"""Pictures for the way to the browser: PNG of at most 256 colours, less than half of the bytes.

A picture of up to 256 colours stays as it is. Most have about a thousand, nearly all of them the
seams between two colours, a few pixels each. Then the commonest colours stay as they are, and the
rest are put together with others near them.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MOST = 256
"""Colours of a picture, at most."""

EXACT = 96
"""The commonest colours, which stay as they are."""

COARSEST, FINEST = 2, 5
"""Bits of each of red, green and blue by which the others are told apart."""

Pixels = NDArray[np.uint8]
Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]

# From a colour, as a number of 24 bits, to its place; only the places just written are read.
_PLACE = np.zeros(1 << 24, np.uint8)


def indexed(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """Places (h, w) in a list of colours (n, 3), n <= 256, for pixels (h, w, 4) without holes."""
    page = np.ascontiguousarray(pixels)
    image = Image.fromarray(page)
    found = image.getcolors(1 << 13) or image.getcolors(page.shape[0] * page.shape[1]) or []
    counts = np.array([count for count, _ in found])
    colours = np.array([colour for _, colour in found], np.uint8)[:, :3]
    numbers = colours @ np.array([1, 1 << 8, 1 << 16])
    # Equals have one order too, so that equal pictures have equal bytes.
    order = np.lexsort((numbers, -counts))
    counts, colours, numbers = counts[order], colours[order], numbers[order]
    places, kept = np.arange(len(colours)), colours
    if len(colours) > MOST:
        near = _put_together(colours[EXACT:], counts[EXACT:], MOST - EXACT)
        places[EXACT:] = EXACT + near
        kept = np.vstack([colours[:EXACT], _means(colours[EXACT:], counts[EXACT:], near)])
    _PLACE[numbers] = places
    return _PLACE[page.view("<u4")[..., 0] & 0xFFFFFF], kept


def small_png(pixels: Pixels) -> bytes:
    """Pixels (h, w, 4) without holes as an indexed PNG."""
    places, colours = indexed(pixels)
    image = Image.fromarray(places)
    image.putpalette(colours.tobytes())
    stream = io.BytesIO()
    image.save(stream, "png", compress_level=1)
    return stream.getvalue()


def _put_together(colours: Pixels, counts: Whole, most: int) -> Whole:
    """For each colour (n, 3) the number of its group, of at most `most`, shape (n,).

    Groups are cubes. Those that lose most are cut into eight, as long as there are groups left.
    """
    group = _cubes(colours, COARSEST)
    for bits in range(COARSEST + 1, FINEST + 1):
        finer = group * (1 << 3 * bits) + _cubes(colours, bits)
        pieces, own = np.unique(finer, return_inverse=True)
        inside = np.zeros(len(pieces), int)
        inside[own] = group
        more = np.bincount(inside) - 1  # groups that a cut of each would add
        order = np.argsort(-_lost(colours, counts, group) / (more + 1), kind="stable")
        cut = np.zeros(len(order), bool)
        cut[order] = np.cumsum(more[order]) <= most - len(order)
        group = np.unique(np.where(cut[group], finer, -1 - group), return_inverse=True)[1]
    return group


def _cubes(colours: Pixels, bits: int) -> Whole:
    """Number of the cube of each colour, from 0 without gaps."""
    parts = (colours >> (8 - bits)).astype(int)
    cubes = (parts[:, 0] << 2 * bits) | (parts[:, 1] << bits) | parts[:, 2]
    return np.unique(cubes, return_inverse=True)[1]


def _means(colours: Pixels, counts: Whole, group: Whole) -> Pixels:
    """Mean colour of each group, (n, 3)."""
    total = np.bincount(group, counts)
    sums = [np.bincount(group, counts * part) for part in colours.T]
    return np.rint(np.array(sums) / total).astype(np.uint8).T


def _lost(colours: Pixels, counts: Whole, group: Whole) -> Numbers:
    """Sum over the pixels of each group of the squared distance from its mean."""
    away = colours.astype(float) - _means(colours, counts, group)[group]
    lost: Numbers = np.bincount(group, counts * (away**2).sum(axis=1)).astype(np.float64)
    return lost
