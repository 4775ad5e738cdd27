"""Sheets of small pictures, and where the axis of steps ends."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib.figures import THEMES
from hmlib.figures.sheets import horizon, placed, shades


def test_the_axis_of_steps_ends_at_a_round_number():
    ends = [horizon(n) for n in (0, 500, 501, 1001, 2000, 4999, 100_000, 100_001, 999_999)]
    assert ends == [500, 500, 1000, 2000, 2000, 5000, 100_000, 200_000, 1_000_000]


def test_pictures_have_their_places_and_gaps_between_them():
    sheet = placed(np.arange(1, 4)[:, None, None] * np.ones((3, 2, 2)), rows=2, columns=2)
    assert np.nan_to_num(sheet).astype(int).tolist() == [
        [1, 1, 0, 2, 2],
        [1, 1, 0, 2, 2],
        [0, 0, 0, 0, 0],
        [3, 3, 0, 0, 0],
        [3, 3, 0, 0, 0],
    ]
    assert np.isnan(sheet[2]).all()
    assert np.isnan(sheet[:, 2]).all()
    assert np.isnan(placed(np.empty((0, 2, 2)), 2, 2)).all()


@pytest.mark.parametrize("theme", THEMES)
def test_pixels_that_are_off_are_closest_to_the_page(theme):
    style = THEMES[theme]
    page = np.array([int(style.paper[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    off, on, gap = (np.array(shades(style)(value)[:3]) for value in (0.0, 1.0, np.nan))
    assert np.abs(off - page).max() < np.abs(on - page).max()
    np.testing.assert_allclose(gap, page, atol=1e-6)
