"""Pictures in few bytes: what a page lays over one another is the picture."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from hmlib.course.nb02 import labs
from hmlib.course.site.thinning import COLOURS, ENOUGH, LOT, NEAR, Folded, Thin, thin

PAGES = ("light", "dark")


def unpacked(thinned: Thin, place: int, page: int) -> np.ndarray:
    """The picture as a page unpacks it, (h, w, 4)."""
    width, height = thinned.size
    rows = np.frombuffer(zlib.decompress(thinned.lots[place // LOT]), np.uint8)
    picture = rows.reshape(height, -1, width)[:, place % LOT]
    colours = thinned.colours[:, 3 * page : 3 * page + 3]
    return np.dstack([colours[picture], np.full((height, width), 255, np.uint8)])


def blocks(n: int, colours: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pictures with a block that wanders, of a few colours on either page."""
    few = rng.integers(256, size=(2, colours, 4)).astype(np.uint8)
    few[..., 3] = 255
    pictures = []
    for place in range(n):
        where = np.zeros((40, 60), int)
        where[5:15, 3 * place : 3 * place + 9] = 1 + place % (colours - 1)
        pictures.append((few[0][where], few[1][where]))
    return pictures


def folded(pictures) -> Folded:
    kept = Folded()
    for light, dark in pictures:
        kept.add(light, dark)
    return kept


@pytest.mark.parametrize("seed", range(5))
def test_few_colours_come_back_as_they_were(seed):
    pictures = blocks(12, 9, np.random.default_rng(seed))
    thinned = thin(folded(pictures))
    for place, both in enumerate(pictures):
        for page, picture in enumerate(both):
            np.testing.assert_array_equal(unpacked(thinned, place, page), picture)


def test_what_is_one_colour_on_one_page_may_be_two_on_the_other():
    """White on white and white on black, say: the pair tells them apart."""
    rng = np.random.default_rng(3)
    pictures = blocks(6, 5, rng)
    plain = np.full_like(pictures[0][0], 255)
    thinned = thin(folded([(plain, dark) for _, dark in pictures]))
    for place, (_, dark) in enumerate(pictures):
        np.testing.assert_array_equal(unpacked(thinned, place, 0), plain)
        np.testing.assert_array_equal(unpacked(thinned, place, 1), dark)


def test_pictures_that_are_alike_cost_little_beside_one_another():
    rng = np.random.default_rng(0)
    noise = rng.integers(256, size=(40, 60, 4)).astype(np.uint8)
    noise[..., 3] = 255
    alone = thin(folded([(noise, noise)]))
    many = thin(folded([(noise, noise)] * (2 * LOT + 1)))
    assert len(many.lots) == 3
    assert len(many.lots[0]) < 1.5 * len(alone.lots[0])
    for place in (1, LOT, 2 * LOT):
        np.testing.assert_array_equal(unpacked(many, place, 0), unpacked(many, 0, 0))


def test_folding_loses_nothing():
    pictures = np.random.default_rng(2).integers(256, size=(3, 2, 7, 5, 4)).astype(np.uint8)
    kept = folded(pictures)
    assert len(kept) == 3
    for pairs, both in zip(kept, pictures, strict=True):
        for page, picture in enumerate(both):
            for shift in range(3):
                seen = pairs >> np.uint64(32 * page + 8 * shift) & np.uint64(255)
                np.testing.assert_array_equal(seen, picture[..., shift])


@pytest.mark.long
def test_a_lab_looks_as_it_does_in_a_notebook():
    """Its colours are few, so a seam may differ; what it is made of may not."""
    lab, pictures = labs.ceiling().predict(), []
    for q_rain in (0.1, 0.5, 0.9):
        lab.set(q_rain=q_rain)
        pictures.append([lab.frame(page).pixels for page in PAGES])
    thinned = thin(folded(pictures))
    for place, both in enumerate(pictures):
        for page, picture in enumerate(both):
            seen = unpacked(thinned, place, page)
            apart = np.abs(seen.astype(int) - picture).max(axis=-1)
            assert (apart == 0).mean() > 0.95
            assert (apart > 24).mean() < 0.002
            assert len(np.unique(seen.reshape(-1, 4), axis=0)) <= COLOURS[0]
    assert sum(map(len, thinned.lots)) < 3 * len(lab.small_picture)


def test_a_picture_of_many_colours_gets_as_many_as_it_needs():
    """Photographs, say: with the fewest colours more pixels would be off than may be."""
    rng = np.random.default_rng(4)
    pictures = []
    for _ in range(6):
        red, green = rng.integers(256, size=(60, 80)), rng.integers(80, 180, size=(60, 80))
        picture = np.dstack([red, green, 255 - red, np.full_like(red, 255)]).astype(np.uint8)
        pictures.append((picture, picture))
    thinned = thin(folded(pictures))
    assert COLOURS[0] < len(thinned.colours) <= COLOURS[-1]
    for place, (picture, _) in enumerate(pictures):
        apart = np.abs(unpacked(thinned, place, 0).astype(int) - picture)
        assert (apart.max(axis=-1) <= NEAR).mean() > ENOUGH - 0.02
