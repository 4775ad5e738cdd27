"""Pictures of the two models: the table of dreams, explaining away, and dreams of stripes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from hmlib.course.nb01.records import SHEET, Dreamt, Explained, StripeDreams
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style

Array = NDArray[np.float64]

CAUSE_PATTERNS = ("neither", "sprinkler", "rain", "both")
TOLD = ("nothing", "wet", "wet,\nno rain", "wet,\nrain")


class DreamTable(Picture[Dreamt]):
    """How often each pattern is dreamt, wet or dry; beside it the posterior of a wet lawn."""

    size = (7.2, 3.0)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2)
        places, none = np.arange(4), np.zeros(4)
        style.dress(left, "What it dreams", "", "P[v, u]")
        wet = left.bar(places, none, 0.7, label="and the lawn is wet", **style.bar("dream"))
        plain = style.bar("dream") | {"facecolor": style.faint, "hatch": ""}
        dry = left.bar(places, none, 0.7, label="and the lawn is dry", **plain)
        style.dress(right, "The lawn is wet: why?", "", "probability")
        p = right.bar(places - 0.2, none, 0.38, label="P[v|wet]", **style.bar("posterior"))
        q = right.bar(places + 0.2, none, 0.38, label="if independent", **style.bar("recognition"))
        for ax in (left, right):
            ax.set(xlim=(-0.6, 3.6), ylim=(0, 1.25), yticks=np.arange(0, 1.01, 0.2))
            ax.set_xticks(places, CAUSE_PATTERNS)
            style.legend(ax, loc="upper left", ncols=2, columnspacing=1.0)
        self.wet, self.dry, self.posterior, self.product = list(wet), list(dry), list(p), list(q)
        return [*self.wet, *self.dry, *self.posterior, *self.product]

    def update(self, record: Dreamt) -> None:
        for bars, table in (
            (self.wet, record.wet),
            (self.dry, record.dry),
            (self.posterior, record.posterior),
            (self.product, record.product),
        ):
            for bar, height in zip(bars, table, strict=True):
                bar.set_height(height)
        # Dry dreams stand on the wet ones, so that a whole bar is the prior.
        for bar, bottom in zip(self.dry, record.wet, strict=True):
            bar.set_y(bottom)

    def alt(self, record: Dreamt) -> str:
        dreams = "; ".join(
            f"{name}: {p:.3f}, of which wet {w:.3f}"
            for name, p, w in zip(CAUSE_PATTERNS, record.prior, record.wet, strict=True)
        )
        guesses = "; ".join(
            f"{name}: P {p:.3f}, guess {q:.3f}"
            for name, p, q in zip(CAUSE_PATTERNS, record.posterior, record.product, strict=True)
        )
        return (
            f"Left: a bar for each pattern of causes, as high as its probability, the lower part "
            f"for dreams with a wet lawn; {dreams}. Right: the posterior of a wet lawn beside the "
            f"best independent guess; {guesses}."
        )

    def readout(self, record: Dreamt) -> str:
        return (
            f"P[wet] = {record.p_wet:.3f}   P[both|wet] = {record.p_both:.3f}   "
            f"P[rain|wet] × P[sprinkler|wet] = {record.p_product:.3f}"
        )


class ExplainingAway(Picture[Explained]):
    """The probability of the sprinkler as more is known; beside it the dependence over s."""

    size = (7.2, 3.0)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2)
        style.dress(left, "How probable is the sprinkler?", "what you know", "probability")
        left.set(xlim=(-0.6, 3.6), ylim=(0, 1.1), yticks=np.arange(0, 1.01, 0.2))
        left.set_xticks(range(4), TOLD)
        self.bars = list(left.bar(range(4), np.zeros(4), 0.6, **style.bar("posterior")))
        text = {"ha": "center", "va": "bottom", "fontsize": 9, "color": style.ink}
        self.labels = [left.text(i, 0, "", **text) for i in range(4)]
        style.dress(right, "Dependence of rain and sprinkler", "strength s", "nats")
        right.set(xlim=(0, 6.2), ylim=(0, 0.85))
        self.limit = right.axhline(np.log(2), label="log 2", **style.line("likelihood"))
        solid = style.line("gap") | {"linestyle": "-"}
        (self.path,) = right.plot([], [], label="given that the lawn is wet", **solid)
        (self.now,) = right.plot([], [], clip_on=False, **style.point("gap"))
        self.legend = style.legend(right, loc="upper left")
        return [*self.bars, *self.labels, self.limit, self.legend, self.path, self.now]

    def locked_alt(self, record: Explained) -> str:
        return (
            "Left: bars of the probability of the sprinkler, told nothing, of the wet lawn, and of "
            "the rain besides. Right: the dependence of rain and sprinkler as a curve over the "
            "strength, with a mark at the start."
        )

    def update(self, record: Explained) -> None:
        for bar, label, p in zip(self.bars, self.labels, record.sprinkler, strict=True):
            bar.set_height(p)
            label.set(y=p + 0.01, text=f"{p:.2f}")
        self.path.set_data(record.path_s, record.path_dependence)
        self.now.set_data([record.s], [record.dependence])

    def alt(self, record: Explained) -> str:
        told = "; ".join(
            f"told {what.replace(chr(10), ' ')}: {p:.3f}"
            for what, p in zip(TOLD, record.sprinkler, strict=True)
        )
        return (
            f"Left: bars of the probability of the sprinkler; {told}. Right: the dependence of "
            f"rain and sprinkler on a wet lawn as a curve over the strength s, below a dashed "
            f"line at log 2; at s = {record.s:.1f} it is {record.dependence:.3f} nats."
        )

    def readout(self, record: Explained) -> str:
        _, wet, _, rain = record.sprinkler
        return (
            f"P[sprinkler|wet] = {wet:.3f}   P[sprinkler|wet, rain] = {rain:.3f}   "
            f"dependence = {record.dependence:.3f} nats"
        )


class Stripes(Picture[StripeDreams]):
    """Pictures of the data, pictures that a machine dreams, and what its two causes draw."""

    size = (7.2, 2.6)
    rows, columns = SHEET

    def build(self, style: Style) -> Sequence[Artist]:
        left, middle, right = self.figure.subplots(1, 3, width_ratios=(21, 21, 9.5))
        self.data = self._sheet(left, "Data", self.rows, self.columns, "data")
        self.dreams = self._sheet(middle, "Dreams", self.rows, self.columns, "dream")
        self.drawn = self._sheet(right, "Each cause", 2, 1, "dream")
        right.set_yticks([2, 6], ["1", "2"])
        right.tick_params(left=False)
        return [self.data, self.dreams, self.drawn]

    def _sheet(self, ax: Axes, title: str, rows: int, columns: int, role: str) -> AxesImage:
        """Axes for rows x columns pictures of 3 x 3 pixels, with gaps between them."""
        style = self.style
        style.dress(ax, title)
        ax.set(xticks=[], yticks=[], aspect="equal")
        ax.spines[:].set_visible(False)
        off, on = style.faint, style[role].colour
        shades = LinearSegmentedColormap.from_list(role, (off, on)).with_extremes(bad=style.paper)
        empty = np.full((4 * rows + 1, 4 * columns + 1), np.nan)
        return ax.imshow(empty, cmap=shades, vmin=0, vmax=1, interpolation="nearest")

    def update(self, record: StripeDreams) -> None:
        self.data.set_data(_laid_out(record.data, self.columns))
        self.dreams.set_data(_laid_out(record.dreams, self.columns))
        self.drawn.set_data(_laid_out(record.drawn, 1))

    def alt(self, record: StripeDreams) -> str:
        n = len(record.dreams)
        causes = " and ".join(_in_words(pixels) for pixels in record.drawn)
        return (
            f"Left: {n} pictures of the data, stripes of 3 x 3 pixels. Middle: {n} dreams of the "
            f"machine, {record.shown_stripes} of them stripes. Right: the probabilities of the "
            f"pixels when one cause alone is on, row by row: {causes}. A dream is a stripe "
            f"picture with probability {record.p_stripes:.3f}."
        )

    def readout(self, record: StripeDreams) -> str:
        return (
            f"P[dream is a stripe picture] = {record.p_stripes:.3f}   "
            f"kinds dreamt more than once in 100: {record.kinds} of 12"
        )


def _laid_out(pictures: Array, columns: int) -> Array:
    """Pictures (n, 3, 3) side by side on one sheet, with a gap of one pixel (nan) around each."""
    framed = np.pad(pictures, ((0, 0), (1, 0), (1, 0)), constant_values=np.nan)
    rows = framed.reshape(-1, columns, 4, 4).transpose(0, 2, 1, 3).reshape(-1, 4 * columns)
    return np.pad(rows, ((0, 1), (0, 1)), constant_values=np.nan)


def _in_words(pixels: Array) -> str:
    return " / ".join(" ".join(f"{p:.2f}" for p in row) for row in pixels)
