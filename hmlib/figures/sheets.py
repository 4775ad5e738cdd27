"""Sheets of small pictures, shared by the pictures of several notebooks."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from hmlib.figures.style import Style

Array = NDArray[np.float64]


def horizon(count: int) -> int:
    """The end of the axis of steps: 500, or the next of 1, 2 or 5 with zeros."""
    ends = (step * 10**k for k in itertools.count(2) for step in (1, 2, 5))
    return next(end for end in ends if end >= max(count, 500))


class Sheet:
    """Small pictures of one shape in rows and columns, with gaps between them."""

    def __init__(
        self, ax: Axes, style: Style, rows: int, columns: int, shape: tuple[int, int], title: str
    ) -> None:
        self.rows, self.columns, self.shape = rows, columns, shape
        style.dress(ax, title)
        ax.set(xticks=[], yticks=[], aspect="equal", anchor="NW")
        for spine in ax.spines.values():
            spine.set_visible(False)
        # Shades of ink on paper, so that pixels that are off look like the page.
        ramp = style.colormap.reversed() if style.paper == "#ffffff" else style.colormap
        colours = ramp.with_extremes(bad=style.paper)
        self.image: AxesImage = ax.imshow(
            self.filled([]), cmap=colours, vmin=0, vmax=1, interpolation="nearest"
        )

    def filled(self, pictures: Iterable[Array]) -> Array:
        """The pictures in their places, row by row; NaN elsewhere."""
        height, width = self.shape
        sheet = np.full((self.rows * (height + 1) - 1, self.columns * (width + 1) - 1), np.nan)
        for k, picture in enumerate(pictures):
            row, column = divmod(k, self.columns)
            top, left = row * (height + 1), column * (width + 1)
            sheet[top : top + height, left : left + width] = picture
        return sheet

    def show(self, pictures: Array) -> None:
        """Show pictures of shape (n, height, width)."""
        self.image.set_data(self.filled(pictures))


class CauseSheet(Sheet):
    """What each cause draws: pictures of 3 x 3 pixels in two columns."""

    def __init__(self, ax: Axes, style: Style, most: int, title: str) -> None:
        super().__init__(ax, style, rows=-(-most // 2), columns=2, shape=(3, 3), title=title)
        ax.set_anchor("C")
