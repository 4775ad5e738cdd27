"""Sheets of small pictures, shared by the pictures of several notebooks."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from hmlib.figures.style import Style

Array = NDArray[np.float64]


def horizon(count: int) -> int:
    """The end of the axis of steps: 500, or the next of 1, 2 or 5 with zeros."""
    ends = (first * int(10**k) for k in range(2, 12) for first in (1, 2, 5))
    return next(end for end in ends if end >= max(count, 500))


def shades(style: Style) -> Colormap:
    """Shades of ink on paper, so that pixels that are off, and gaps, look like the page."""
    ramp: Colormap = style.colormap
    if style.paper == "#ffffff":
        ramp = ramp.reversed()
    return ramp.with_extremes(bad=style.paper)


def placed(pictures: Array, rows: int, columns: int) -> Array:
    """Pictures (n, height, width) in rows and columns, row by row; NaN in gaps and elsewhere."""
    _, height, width = pictures.shape
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for k, picture in enumerate(pictures):
        row, column = divmod(k, columns)
        top, left = row * (height + 1), column * (width + 1)
        sheet[top : top + height, left : left + width] = picture
    return sheet


class Sheet:
    """Small pictures of one shape in rows and columns, with gaps between them."""

    def __init__(
        self, ax: Axes, style: Style, rows: int, columns: int, shape: tuple[int, int], title: str
    ) -> None:
        self.rows, self.columns = rows, columns
        style.dress(ax, title)
        ax.set(xticks=[], yticks=[], aspect="equal", anchor="NW")
        for spine in ax.spines.values():
            spine.set_visible(False)
        self.image: AxesImage = ax.imshow(
            placed(np.empty((0, *shape)), rows, columns),
            cmap=shades(style), vmin=0, vmax=1, interpolation="nearest",
        )  # fmt: skip

    def show(self, pictures: Array) -> None:
        """Show pictures of shape (n, height, width)."""
        self.image.set_data(placed(pictures, self.rows, self.columns))


class CauseSheet(Sheet):
    """What each cause draws: pictures of 3 x 3 pixels in two columns."""

    def __init__(self, ax: Axes, style: Style, most: int, title: str) -> None:
        super().__init__(ax, style, rows=-(-most // 2), columns=2, shape=(3, 3), title=title)
        ax.set_anchor("C")
