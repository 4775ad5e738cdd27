"""Sheets of small pictures, shared by the pictures of several notebooks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from hmlib.figures.style import Style


def horizon(count: int) -> int:
    """The end of the axis of steps: 500, or the next of 1, 2 or 5 with zeros."""
    return next(
        end for k in range(2, 12) for end in (10**k, 2 * 10**k, 5 * 10**k) if end >= max(count, 500)
    )


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
        colours = style.colormap.reversed() if style.paper == "#ffffff" else style.colormap
        colours = colours.with_extremes(bad=style.paper)
        self.image: AxesImage = ax.imshow(
            self.filled([]), cmap=colours, vmin=0, vmax=1, interpolation="nearest"
        )

    def filled(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """The pictures in their places, row by row; NaN elsewhere."""
        height, width = self.shape
        sheet = np.full((self.rows * (height + 1) - 1, self.columns * (width + 1) - 1), np.nan)
        for k, picture in enumerate(pictures):
            row, column = divmod(k, self.columns)
            top, left = row * (height + 1), column * (width + 1)
            sheet[top : top + height, left : left + width] = picture
        return sheet

    def show(self, pictures: np.ndarray) -> None:
        """Show pictures of shape (n, height, width)."""
        self.image.set_data(self.filled(pictures))


class CauseSheet:
    """What each cause draws: pictures of 3 x 3 pixels in two columns, with gaps between them."""

    columns = 2

    def __init__(self, ax: Axes, style: Style, most: int, title: str) -> None:
        self.rows = -(-most // self.columns)
        style.dress(ax, title)
        ax.set(xticks=[], yticks=[], aspect="equal")
        for spine in ax.spines.values():
            spine.set_visible(False)
        colours = style.colormap.reversed() if style.paper == "#ffffff" else style.colormap
        colours = colours.with_extremes(bad=style.paper)
        height, width = 4 * self.rows - 1, 4 * self.columns - 1
        blank = np.zeros((height, width))
        self.image: AxesImage = ax.imshow(blank, cmap=colours, vmin=0, vmax=1)

    def show(self, pictures: np.ndarray) -> None:
        """Place pictures (n, 3, 3); places without one stay empty."""
        sheet = np.full((4 * self.rows - 1, 4 * self.columns - 1), np.nan)
        for k, picture in enumerate(pictures):
            row, column = divmod(k, self.columns)
            sheet[4 * row : 4 * row + 3, 4 * column : 4 * column + 3] = picture
        self.image.set_data(sheet)
