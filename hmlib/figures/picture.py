"""A picture drawn once, whose moving artists alone are drawn again."""

from __future__ import annotations

import io
import threading
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image

from hmlib._checks import choice
from hmlib.figures.layers import Layers, Pixels
from hmlib.figures.palette import small_png
from hmlib.figures.style import THEMES, Style

R_contra = TypeVar("R_contra", contravariant=True)

# Matplotlib shares font and text caches between figures and is not safe in threads, while
# JupyterLab runs a slider's callback beside the running cell.
_DRAWING = threading.RLock()


@dataclass(frozen=True)
class Place:
    """Where axes stand in a picture, and what they show."""

    left: float
    """from the left edge, as a part of the width; the others likewise"""
    top: float
    width: float
    height: float
    x: tuple[float, float]
    """what the axis shows, from left to right"""
    y: tuple[float, float]
    """what the axis shows, from below to above"""
    log_x: bool
    log_y: bool


class Picture(ABC, Generic[R_contra]):
    """A figure on which a record of numbers is shown.

    A subclass makes every artist once in `build`, moves them in `update`, and says the same in
    words in `alt` and `readout`. Axes, ticks and labels stay as they are built, unless `scale` says
    that they depend on the record.

    A record is a frozen dataclass, every field with its type and, for arrays, its shape:

        @dataclass(frozen=True)
        class Gap:
            log_likelihood: float  # nats
            path: Array  # (k,), F along the slider, in nats

        class GapPicture(Picture[Gap]):
            def readout(self, record: Gap) -> str:
                return f"L = {record.log_likelihood:.2f} nats"

    A picture of a machine that learns shows a `Progress`.
    """

    size: ClassVar[tuple[float, float]] = (7.2, 3.4)
    """Width and height in inches; an inch is 100 pixels of the page."""

    dpi: ClassVar[int] = 125

    def __init__(self, theme: str = "light") -> None:
        self.style: Style = THEMES[choice("theme", theme, tuple(THEMES))]
        with _DRAWING:
            self.figure = Figure(self.size, dpi=self.dpi, facecolor=self.style.paper)
            self.figure.set_layout_engine("constrained")
            self.canvas: Any = FigureCanvasAgg(self.figure)  # matplotlib gives it no types
            self._moving = tuple(self.build(self.style))
            for artist in self._moving:
                artist.set_animated(True)
                artist.set_in_layout(False)  # the axes stay where they are, whatever comes first
        self._layers = Layers(self.canvas)
        self._background: Any = None
        self._scale: Hashable = None

    @abstractmethod
    def build(self, style: Style) -> Sequence[Artist]:
        """Make all artists; return those that move, the lowest first."""

    @abstractmethod
    def update(self, record: R_contra) -> None:
        """Move the artists to where the record says."""

    def scale(self, record: R_contra) -> Hashable:
        """What of the record the axes depend on; where it changes all is drawn again."""
        return None

    @abstractmethod
    def alt(self, record: R_contra) -> str:
        """What the picture shows, in words, with its numbers."""

    @abstractmethod
    def readout(self, record: R_contra) -> str:
        """The numbers to read off, in one line."""

    def locked_alt(self, record: R_contra) -> str:
        """What the picture shows while it hides something, in words that do not tell it."""
        return "The axes and the start. What the question asks about is drawn once you predict."

    def locked_readout(self, record: R_contra) -> str:
        """The numbers to read off while the picture hides something; they do not tell it."""
        return "Predict first: the numbers come with the rest of the picture."

    def png(self, record: R_contra, hiding: Iterable[str] = ()) -> bytes:
        """The picture of a record, as PNG; for keeping.

        Args:
            record: what to show.
            hiding: names of attributes that hold artists, or lists of them, to leave out.

        Raises:
            ValueError: if a name holds no artist that moves.
        """
        with _DRAWING:
            stream = io.BytesIO()
            image = Image.fromarray(self._drawn(record, hiding)).convert("RGB")
            image.save(stream, "png", compress_level=1)
            return stream.getvalue()

    def small_png(self, record: R_contra, hiding: Iterable[str] = ()) -> bytes:
        """The picture of a record, as PNG of at most 256 colours; for the way to the browser."""
        with _DRAWING:
            return small_png(self._drawn(record, hiding))

    def pixels(self, record: R_contra, hiding: Iterable[str] = ()) -> Pixels:
        """The picture of a record, (h, w, 4): red, green, blue, and 255."""
        with _DRAWING:
            return self._drawn(record, hiding).copy()

    def place(self, axes: str) -> Place:
        """Where axes stand; known once a picture has been drawn.

        Args:
            axes: name of the attribute that holds them.

        Raises:
            ValueError: if there is no such attribute, or it holds no axes.
        """
        held = getattr(self, axes, None)
        if not isinstance(held, Axes):
            raise ValueError(f"axes is {axes!r}; accepted: an attribute that holds axes")
        box, (left, right), (low, high) = held.get_position(), held.get_xlim(), held.get_ylim()
        return Place(
            left=float(box.x0),
            top=float(1 - box.y1),
            width=float(box.width),
            height=float(box.height),
            x=(float(left), float(right)),
            y=(float(low), float(high)),
            log_x=held.get_xscale() == "log",
            log_y=held.get_yscale() == "log",
        )

    def _held(self, names: Iterable[str]) -> set[Artist]:
        """The artists that attributes of these names hold."""
        moving, found = set(self._moving), set[Artist]()
        for name in names:
            held = getattr(self, name, None)
            several = held if isinstance(held, list | tuple) else [held]
            artists = [artist for artist in several if isinstance(artist, Artist)]
            if not artists or len(artists) < len(several) or not moving.issuperset(artists):
                raise ValueError(
                    f"hides has {name!r}; accepted: an attribute that holds artists which "
                    "`build` returns"
                )
            found.update(artists)
        return found

    def _draw_what_stays(self) -> None:
        """Draw all but the artists that move."""
        # Matplotlib 3.8 draws images here though they are animated.
        images = [a for a in self._moving if isinstance(a, AxesImage) and a.get_visible()]
        for image in images:
            image.set_visible(False)
        self.canvas.draw()
        for image in images:
            image.set_visible(True)

    def _drawn(self, record: R_contra, hiding: Iterable[str]) -> Pixels:
        """The pixels of a record, (h, w, 4); the canvas itself."""
        self.update(record)
        scale = self.scale(record)
        if self._background is None or self._scale != scale:
            self._scale = scale
            self._draw_what_stays()
            self.figure.set_layout_engine("none")
            self._background = self.canvas.copy_from_bbox(self.figure.bbox)
            self._layers.forget()
        self.canvas.restore_region(self._background)
        hidden = self._held(hiding)
        for artist in self._moving:
            if artist not in hidden:
                self._layers.draw(artist)
        return self._layers.page
