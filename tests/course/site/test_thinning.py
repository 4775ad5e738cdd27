"""Pictures in few bytes: what a page lays over one another is the picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from hmlib.course.nb02 import labs
from hmlib.course.site.thinning import COLOURS, Folded, Thin, commonest, thin


def laid_over(thinned: Thin, place: int) -> np.ndarray:
    """The picture as a browser puts it together, (h, w, 4)."""
    under = Image.open(io.BytesIO(thinned.under)).convert("RGBA")
    over = Image.open(io.BytesIO(thinned.over[place])).convert("RGBA")
    return np.array(Image.alpha_composite(under, over))


def blocks(n: int, colours: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Pictures with a block that wanders, of a few colours."""
    few = rng.integers(256, size=(colours, 4)).astype(np.uint8)
    few[:, 3] = 255
    pictures = []
    for place in range(n):
        picture = np.full((40, 60, 4), few[0], np.uint8)
        picture[5:15, 3 * place : 3 * place + 9] = few[1 + place % (colours - 1)]
        pictures.append(picture)
    return pictures


def folded(pictures) -> Folded:
    kept = Folded()
    for picture in pictures:
        kept.add(picture)
    return kept


@pytest.mark.parametrize("seed", range(5))
def test_few_colours_come_back_as_they_were(seed):
    pictures = blocks(12, 9, np.random.default_rng(seed))
    thinned = thin(folded(pictures))
    for place, picture in enumerate(pictures):
        np.testing.assert_array_equal(laid_over(thinned, place), picture)


def test_a_picture_is_lossless_webp_with_holes_where_it_is_as_the_one_below():
    pictures = blocks(12, 5, np.random.default_rng(0))
    for over in thin(folded(pictures)).over:
        image = Image.open(io.BytesIO(over))
        assert image.format == "WEBP"
        clear = np.array(image.convert("RGBA"))[..., 3]
        assert set(np.unique(clear)) <= {0, 255}
        assert (clear == 0).mean() > 0.5


def test_what_stands_most_often_lies_below():
    rng = np.random.default_rng(1)
    places = rng.integers(3, size=(11, 8, 9)).astype(np.uint8)
    found = commonest(places)
    for row, column in np.ndindex(8, 9):
        counts = np.bincount(places[:, row, column], minlength=3)
        assert counts[found[row, column]] == counts.max()


def test_folding_loses_nothing():
    pictures = np.random.default_rng(2).integers(256, size=(3, 7, 5, 4)).astype(np.uint8)
    kept = folded(pictures)
    assert len(kept) == 3
    np.testing.assert_array_equal(np.array(list(kept)), pictures)


def test_a_lab_looks_as_it_does_in_a_notebook():
    """Its colours are few, so a seam may differ; what it is made of may not."""
    lab = labs.ceiling().predict()
    pictures = []
    for q_rain in (0.1, 0.5, 0.9):
        pictures.append(lab.set(q_rain=q_rain).frame("dark").pixels)
    thinned = thin(folded(pictures))
    for place, picture in enumerate(pictures):
        seen = laid_over(thinned, place)
        apart = np.abs(seen.astype(int) - picture).max(axis=-1)
        assert (apart == 0).mean() > 0.95
        assert (apart > 24).mean() < 0.002
        assert len(np.unique(seen.reshape(-1, 4), axis=0)) <= COLOURS
    assert max(map(len, thinned.over)) < 0.5 * len(lab.small_picture)
