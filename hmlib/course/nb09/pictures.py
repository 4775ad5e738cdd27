"""Pictures of the DDC awake: dreams with their signed weights, and where the model moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from hmlib.course.nb09.moves import RULES
from hmlib.course.nb09.records import Measured, OneUpdateRecord, PainterRecord, Shown
from hmlib.figures.picture import Picture
from hmlib.figures.sheets import horizon
from hmlib.figures.style import Style

Array = NDArray[np.float64]

MORE, LESS = "gap", "free_energy"
"""Roles of dreams that should come more often and less often."""


class _Signed:
    """Dreams in two kinds: triangles that should come more often, rings that should less."""

    def __init__(self, ax: Axes, style: Style, above: str, below: str) -> None:
        self.more = ax.scatter(
            [], [], marker="^", color=style[MORE].colour, linewidths=0, label=above
        )
        self.less = ax.scatter(
            [], [], marker="o", facecolors="none", edgecolors=style[LESS].colour,
            linewidths=1.0, label=below,
        )  # fmt: skip
        self.artists = [self.less, self.more]

    def show(self, places: Array, weights: Array, sizes: Array) -> None:
        for artist, which in ((self.more, weights > 0), (self.less, weights <= 0)):
            artist.set_offsets(places[which])
            artist.set_sizes(sizes[which])


def _show_marks(legend: Legend, size: float) -> None:
    """Give the dreams a mark in the legend, though none is drawn yet."""
    for handle in legend.legend_handles:
        if isinstance(handle, PathCollection):
            handle.set_sizes([size])


class Painter(Picture[PainterRecord]):
    """A generator that learns points in the plane."""

    size = (7.8, 4.4)
    half = 3.2
    lowest, highest = 2e-4, 1.0
    between_samples = 0.002
    """What two samples of 500 data differ by in MMD^2: two standard deviations."""

    def build(self, style: Style) -> Sequence[Artist]:
        self.figure.set_layout_engine("none")  # labels of steps grow; the axes stay
        grid = self.figure.add_gridspec(
            1, 2, width_ratios=(1.15, 1), left=0.045, right=0.97, bottom=0.1, top=0.87, wspace=0.2
        )
        self.plane = self.figure.add_subplot(grid[0])
        style.dress(self.plane, "Data, and dreams with their weights")
        self.plane.set(xlim=(-self.half, self.half), ylim=(-self.half, self.half), aspect="equal")
        (self.data,) = self.plane.plot(
            [], [], linestyle="none", marker=".", markersize=2.2, color=style["data"].colour,
            alpha=0.6, label="data",
        )  # fmt: skip
        self.signed = _Signed(self.plane, style, "should come more often", "less often")
        legend = self.plane.legend(
            loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, fontsize=8, frameon=False,
            labelcolor=style.ink, borderpad=1.6,
        )  # fmt: skip
        _show_marks(legend, 30)
        cells = grid[1].subgridspec(2, 1, hspace=0.34)
        self.upper, self.lower = (self.figure.add_subplot(cells[row]) for row in range(2))
        style.dress(self.upper, "MMD$^2$, dreams against data", "", "")
        self.upper.set(yscale="log", ylim=(1e-4, self.highest))
        self.upper.axhline(self.between_samples, color=style.faint, linewidth=0.9)
        style.dress(self.lower, "", "steps", "")
        self.lower.set(ylim=(-0.2, 1.25))
        self.lower.axhline(0, color=style.faint, linewidth=0.8)
        self.mmd2 = self._curve(self.upper, style, "dream", "")
        self.noise = self._curve(self.lower, style, "entropy", "noise")
        self.r2 = self._curve(self.lower, style, "recognition", "held-out R$^2$")
        style.legend(
            self.lower, loc="lower right", bbox_to_anchor=(1.0, 0.97), ncols=2, handlelength=3
        )
        for axes in (self.upper, self.lower):
            axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
        self.banner = self.figure.text(0.045, 0.965, "", color=style.ink, fontsize=10.5, va="top")
        return [self.data, *self.signed.artists, self.mmd2, self.noise, self.r2, self.banner]

    @staticmethod
    def _curve(axes: Axes, style: Style, role: str, label: str) -> Line2D:
        mark = style.point(role) | style.line(role) | {"markersize": 6, "markevery": [-1]}
        (line,) = axes.plot([], [], label=label, **mark)
        return line

    def scale(self, record: PainterRecord) -> int:
        """The end of the axis of steps."""
        return horizon(record.count)

    def update(self, record: PainterRecord) -> None:
        end = self.scale(record)
        for axes in (self.upper, self.lower):
            if axes.get_xlim()[1] != 1.02 * end:
                axes.set_xlim(0, 1.02 * end)
        shown = record.shown
        self.data.set_data(*shown.data.T)
        sizes = 6 + 60 * np.minimum(np.abs(shown.weights), 3.0)
        self.signed.show(shown.dreams, shown.weights, sizes)
        mmd2 = record.curve(lambda step: step.mmd2)
        self.mmd2.set_data(record.counts, np.clip(mmd2, self.lowest, self.highest))
        for line, number in ((self.noise, _noise), (self.r2, _r2)):
            line.set_data(record.counts, np.clip(record.curve(number), -0.2, 1.25))
        self.banner.set_text(self.said(shown))

    @staticmethod
    def said(shown: Shown) -> str:
        """Which mode made the picture, and what of, in words."""
        blur = f"data blurred by {shown.blur:.2f}" if shown.blur else "no blur"
        if shown.mode == "score":
            return f"The {shown.name} by score: no code is used, so this is not DDC ({blur})"
        return f"The {shown.name} by code: this is DDC ({blur})"

    def alt(self, record: PainterRecord) -> str:
        shown, first, now = record.shown, record.first, record.now
        alarm = "" if shown.alarm is None else f" The first warning was {shown.alarm}."
        return (
            f"{self.said(shown)}. Step {record.count:,}, seed {record.seed}. Left: "
            f"{len(shown.data)} data and {len(shown.weights)} dreams, {shown.more} of which should "
            f"come more often; the weights have a root mean square of {shown.rms:.2f}. Right: "
            f"MMD^2 went from {first.mmd2:.4f} to {now.mmd2:.4f}, the noise from "
            f"{first.noise:.2f} to {now.noise:.2f} of the data's spread, the held-out R^2 from "
            f"{first.r2:.2f} to {now.r2:.2f}.{alarm}"
        )

    def readout(self, record: PainterRecord) -> str:
        shown, now = record.shown, record.now
        alarm = "" if shown.alarm is None else f"\nfirst warning: {shown.alarm}"
        return (
            f"wake {shown.mode}, step {record.count:,}, seed {record.seed}, rate "
            f"{record.rate:g}\nMMD^2 = {now.mmd2:.4f}   noise = {now.noise:.2f}   "
            f"held-out R^2 = {now.r2:.2f}   rms weight = {shown.rms:.2f}\ndata outside the dreams "
            f"= {now.outside:.2f}   move by dreams alone / move = {now.dream_score:.2f}{alarm}"
        )


def _noise(step: Measured) -> float:
    return step.noise


def _r2(step: Measured) -> float:
    return step.r2


class OneUpdate(Picture[OneUpdateRecord]):
    """Signed weights on dreamt places for one observation, and angles of the moves."""

    size = (7.8, 3.6)
    low, high = -4.0, 12.0
    roles = ("gap", "recognition", "likelihood")
    """Of the rules, in their order."""

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.15, 1))
        style.dress(left, "Weights that the code of x gives", "place z_1", "M w(x)")
        left.set(xlim=(-5, 5), ylim=(self.low, 16), yticks=range(-4, 13, 4))
        left.axhline(0, color=style.faint, linewidth=0.8)
        (self.ratio,) = left.plot([], [], label="exact p(z|x) / p(z)", **style.line("posterior"))
        self.signed = _Signed(left, style, "weight above 0", "below 0")
        style.legend(left, loc="upper center", ncols=2, columnspacing=1.0)
        _show_marks(left.get_legend(), 28)
        style.dress(right, "Angle to the exact gradient, degrees", "noise of x", "")
        right.set(xscale="log", xlim=(0.045, 0.9), ylim=(-2, 92), yticks=range(0, 91, 30))
        ticks = (0.05, 0.1, 0.2, 0.4, 0.8)
        right.set_xticks(ticks, [f"{t:g}" for t in ticks])
        right.minorticks_off()
        named = zip(RULES, self.roles, strict=True)
        self.paths = [right.plot([], [], label=n, **style.line(r))[0] for n, r in named]
        self.points = [right.plot([], [], **style.point(r))[0] for r in self.roles]
        style.legend(right, loc="upper right")
        return [self.ratio, *self.signed.artists, left.get_legend(), *self.paths, *self.points]

    def update(self, record: OneUpdateRecord) -> None:
        self.ratio.set_data(record.path_z, np.clip(record.ratio, self.low, self.high))
        w = record.weights
        places = np.column_stack([record.z, np.clip(w, self.low, self.high)])
        self.signed.show(places, w, np.full(len(w), 18.0))
        for k in range(3):
            self.paths[k].set_data(record.path_noise, record.path_angles[:, k])
            self.points[k].set_data([record.noise], [record.angles[k]])

    @staticmethod
    def _angles(record: OneUpdateRecord) -> str:
        return ", ".join(f"{n} {a:.0f}" for n, a in zip(RULES, record.angles, strict=True))

    def locked_alt(self, record: OneUpdateRecord) -> str:
        return (
            "Left: dreamt places and the signed weights that the code of this distance gives "
            "them. Right: axes, the noise along and an angle in degrees up."
        )

    def alt(self, record: OneUpdateRecord) -> str:
        return (
            f"Left: the exact ratio p(z|x) / p(z) for x = {record.x:.2f}, up to "
            f"{record.highest:.1f}, and 200 dreamt places with weights from {record.least:.2f} "
            f"to {record.most:.2f}; {100 * record.negative:.0f} % of all are below 0. Right: "
            f"angles to the exact gradient against the noise. At {record.noise:.3g}, with "
            f"{record.k} random functions: {self._angles(record)} degrees."
        )

    def readout(self, record: OneUpdateRecord) -> str:
        read, exact = record.read, record.exact
        return (
            f"x = {record.x:.2f}, K = {record.k}   read off with the weights (exact): "
            f"E[z] {read.place:.2f} ({exact.place:.2f})   P[z>0] {read.right:.2f} "
            f"({exact.right:.2f})   E[|z|] {read.distance:.2f} ({exact.distance:.2f})\n"
            f"weights below 0: {100 * record.negative:.0f} %   degrees off: "
            f"{self._angles(record)}"
        )
