"""Drawing the moving artists of a picture again and again, each as cheaply as it can be.

What is dear in a picture is seldom what moves: a legend that lies over curves, words, an image, the
hatch of a bar. Words, legends and images are drawn once onto a layer of their own and put down from
there until they change. A hatch is drawn once over the whole figure, and a bar cuts its piece out.

They are put down from there every time, also when they have just been drawn, so that a picture
never depends on the pictures before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class _Stamp:
    """Pixels of one artist, (h, w, 4), and the row and column where they begin."""

    pixels: Pixels
    top: int
    left: int

    def put(self, page: Pixels) -> None:
        """Lay these pixels over those of a page."""
        height, width, _ = self.pixels.shape
        _lay(self.pixels, page[self.top : self.top + height, self.left : self.left + width])


def _lay(over: Pixels, page: Pixels) -> None:
    """Lay pixels (h, w, 4) over a page that has no holes, in place."""
    alpha = over[..., 3:].astype(np.uint16)
    if alpha.size and alpha.min() == 255:
        page[...] = over
        return
    mixed = over[..., :3] * alpha + page[..., :3] * (255 - alpha) + 128
    page[..., :3] = (mixed + (mixed >> 8)) >> 8  # mixed / 255, rounded


class Layers:
    """Draws artists on the canvas of one figure."""

    def __init__(self, canvas: FigureCanvasAgg) -> None:
        self._canvas: Any = canvas  # matplotlib gives it no types
        self._stamps: dict[Artist, tuple[object, _Stamp | None]] = {}
        self._hatches: dict[tuple[object, ...], Pixels] = {}
        self._layer: Any = None

    @property
    def page(self) -> Pixels:
        """The canvas itself, (h, w, 4)."""
        return np.asarray(self._canvas.buffer_rgba())

    def forget(self) -> None:
        """Draw everything anew: the axes have moved."""
        self._stamps.clear()

    def draw(self, artist: Artist) -> None:
        """Draw one artist over what is there."""
        if not artist.get_visible():
            return
        if isinstance(artist, Text | Legend | AxesImage):
            stamp = self._stamp(artist)
            if stamp is not None:
                stamp.put(self.page)
        elif isinstance(artist, Rectangle) and artist.get_hatch() and not artist.get_angle():
            self._draw_hatched(artist)
        else:
            artist.draw(self._canvas.get_renderer())

    def _stamp(self, artist: Text | Legend | AxesImage) -> _Stamp | None:
        state = _state(artist)
        kept = self._stamps.get(artist)
        if kept is None or artist.stale or kept[0] != state:
            self._stamps[artist] = kept = state, self._drawn(artist)
        return kept[1]

    def _drawn(self, artist: Text | Legend | AxesImage) -> _Stamp | None:
        """What an artist draws on an empty layer; None if that is nothing."""
        layer = self._empty_layer()
        artist.draw(self._layer)
        rows, columns = self._reach(artist)
        inked = layer[rows, columns, 3] > 0
        down, across = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        if not down.size:
            return None
        top, left = int(rows.start + down[0]), int(columns.start + across[0])
        piece = layer[top : rows.start + down[-1] + 1, left : columns.start + across[-1] + 1]
        stamp = _Stamp(piece.copy(), top, left)
        piece[...] = 0
        return stamp

    def _reach(self, artist: Artist) -> tuple[slice, slice]:
        """Rows and columns beyond which an artist draws nothing."""
        height, width, _ = self.page.shape
        if type(artist) is not Text or artist.get_bbox_patch() is not None:
            return slice(0, height), slice(0, width)
        box, near = artist.get_window_extent(self._layer), 8
        left, right = (int(np.clip(x, 0, width)) for x in (box.x0 - near, box.x1 + near))
        top, bottom = (int(np.clip(height - y, 0, height)) for y in (box.y1 + near, box.y0 - near))
        return slice(top, bottom), slice(left, right)

    def _empty_layer(self) -> Pixels:
        """A layer as large as the page; whoever draws on it makes it empty again."""
        if self._layer is None:
            height, width, _ = self.page.shape
            agg: Any = RendererAgg
            self._layer = agg(width, height, self._canvas.figure.dpi)
        return np.asarray(self._layer.buffer_rgba())

    def _draw_hatched(self, bar: Rectangle) -> None:
        hatch = bar.get_hatch()
        bar.set_hatch("")
        try:
            bar.draw(self._canvas.get_renderer())
        finally:
            bar.set_hatch(hatch)
        # Inside its edge, and inside the axes.
        page, clip = self.page, bar.get_clip_box()
        box: Bbox | None = bar.get_window_extent()
        if box is not None and clip is not None:
            box = Bbox.intersection(box, clip)
        if box is None:
            return
        height = len(page)
        inset = 0.5 * bar.get_linewidth() * self._canvas.figure.dpi / 72
        left, right = math.ceil(box.x0 + inset), math.floor(box.x1 - inset)
        top, bottom = math.ceil(height - box.y1 + inset), math.floor(height - box.y0 - inset)
        left, top = max(left, 0), max(top, 0)
        if left < right and top < bottom:
            piece = slice(top, bottom), slice(left, right)
            _lay(self._hatch(bar)[piece], page[piece])

    def _hatch(self, bar: Rectangle) -> Pixels:
        """The hatch of a bar over the whole figure."""
        look = (bar.get_hatch(), tuple(bar.get_edgecolor()))
        if look not in self._hatches:
            layer = self._empty_layer()
            height, width, _ = layer.shape
            whole = Rectangle(
                (0, 0), width, height, facecolor="none", edgecolor=look[1], linewidth=0,
                hatch=look[0], transform=None,
            )  # fmt: skip
            whole.draw(self._layer)
            self._hatches[look] = layer.copy()
            layer[...] = 0
        return self._hatches[look]


def _state(artist: Text | Legend | AxesImage) -> object:
    """What an artist depends on and does not tell when it changes."""
    if isinstance(artist, Annotation):
        return artist.xy, artist.xyann
    if isinstance(artist, Legend):
        return [(text.get_text(), text.get_color(), text.stale) for text in artist.get_texts()]
    return None
