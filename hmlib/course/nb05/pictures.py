"""Pictures of many runs of wake-sleep on the bars: on the way, at the end, and what they draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.gridspec import GridSpecBase
from matplotlib.ticker import FuncFormatter, NullFormatter

from hmlib.course.nb05.records import BINS, BITS, PartsRecord, RunsRecord
from hmlib.figures.picture import Picture
from hmlib.figures.sheets import Sheet
from hmlib.figures.style import Style

CAUSES, SIDE = (2, 4), (4, 4)
"""Rows and columns of what causes draw; shape of a picture."""


def _bits_axis(axes: Axes) -> None:
    """A logarithmic axis of bits, written in plain numbers."""
    axes.set(yscale="log", ylim=BITS)
    axes.set_yticks([0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()


class Runs(Picture[RunsRecord]):
    """One run among many from other seeds, where all of them end, and what its causes draw."""

    size = (7.8, 3.7)

    def build(self, style: Style) -> Sequence[Artist]:
        grid = self.figure.add_gridspec(2, 3, width_ratios=(2.2, 0.9, 1.6))
        left = self.figure.add_subplot(grid[:, 0])
        middle = self.figure.add_subplot(grid[:, 1], sharey=left)
        style.dress(left, "KL(data || dreams)", "steps", "bits")
        style.dress(middle, "Where all end", "seeds")
        _bits_axis(left)
        middle.tick_params(labelleft=False)
        left.set(xlim=(0, 102_000), xticks=[0, 25_000, 50_000, 75_000, 100_000])
        left.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / 1000:g}k"))
        middle.set(xlim=(0, 50), xticks=[0, 25, 50])
        thin: dict[str, Any] = {"color": style.ink, "linewidth": 0.9}
        self.aims = [axes.axhline(1, linestyle="--", **thin) for axes in (left, middle)]
        text: dict[str, Any] = {"fontsize": 8, "color": style.ink}
        self.aim_label = left.text(1_000, 1, "", va="top", **text)
        (self.hurdle,) = left.plot([], [], solid_capstyle="butt", **(thin | {"linewidth": 2.5}))
        self.hurdle_label = left.text(0, 1, "stuck above", ha="left", va="center", **text)
        self.others = LineCollection([np.ones((2, 2))] * 50, colors=style.faint, linewidths=0.8)
        left.add_collection(self.others, autolim=False)
        look = style.line("dream") | {"linestyle": "-"}
        (self.curve,) = left.plot([], [], label="this seed", **look)
        (self.end,) = left.plot([], [], clip_on=False, **(style.point("dream") | {"markersize": 7}))
        style.legend(left, loc="upper right")
        places, heights = BINS[:-1], np.diff(BINS)
        self.bars = middle.barh(places, 0, heights, align="edge", **style.bar("data"))
        here = style.bar("dream")
        self.here = middle.barh(places[:1], 0, heights[:1], align="edge", **here)[0]
        self._build_sheets(style, grid)
        return [
            *self.aims, self.others, self.aim_label, self.hurdle, self.hurdle_label, self.curve,
            self.end, *self.bars, self.here, *self.images,
        ]  # fmt: skip

    def _build_sheets(self, style: Style, grid: GridSpecBase) -> None:
        upper, lower = (self.figure.add_subplot(grid[row, 2]) for row in (0, 1))
        self.sheet = Sheet(upper, style, *CAUSES, SIDE, "What each cause draws alone")
        self.top = Sheet(lower, style, 2, 1, CAUSES, "On: top off, top on")
        self.images = [self.sheet.image, self.top.image]

    def update(self, record: RunsRecord) -> None:
        across = np.broadcast_to(record.steps, record.curves.shape)
        self.others.set_segments(list(np.stack([across, record.curves], axis=2)))
        self.curve.set_data(record.steps, record.curves[record.seed])
        self.end.set_data([record.steps[-1]], [record.end])
        for line in self.aims:
            line.set_ydata([record.aim] * 2)
        self.aim_label.set(y=record.aim * 0.95, text=f"{record.aim:g} bits")
        at, limit = record.quarter_step, record.limit
        self.hurdle.set_data([at - 3_000, at + 3_000], [limit, limit])
        self.hurdle_label.set_position((at + 4_500, limit))
        for bar, width in zip(self.bars, record.counts, strict=True):
            bar.set_width(width)
        low, high = BINS[record.bin : record.bin + 2]
        self.here.set(y=low, height=high - low, width=1)
        self.sheet.show(record.machine.drawn)
        self.top.show(record.machine.on_by_top.reshape(2, *CAUSES))

    def alt(self, record: RunsRecord) -> str:
        return (
            f"Left: KL(data || dreams) of {len(record.curves)} runs over {record.steps[-1]:,} "
            f"steps, on a logarithmic axis; seed {record.seed} goes from {record.start:.1f} to "
            f"{record.quarter:.3f} bits at a quarter and {record.end:.3f} at the end. "
            f"{record.stuck} runs are above the mark of {record.limit:g} bits at a quarter. "
            f"Middle: a histogram of the ends: {record.below_aim} below the dashed line at "
            f"{record.aim:g} bits, {record.above_aim} above it, up to {record.worst:.2f}. Right: "
            f"what each of {len(record.machine.drawn)} causes draws, {record.single_bars} of them "
            "one bar; and how often each is on with the cause on top off and on."
        )

    def readout(self, record: RunsRecord) -> str:
        stuck = "stuck" if record.is_stuck else "on its way"
        return (
            f"seed {record.seed}: {record.quarter:.3f} bits at a quarter ({stuck}), "
            f"{record.end:.3f} at the end\n{len(record.curves)} seeds: {record.stuck} stuck at a "
            f"quarter, {record.below_aim} end below {record.aim:g} bits"
        )


class Parts(Picture[PartsRecord]):
    """Where the runs end with parts of the recipe left out; one machine, and its dreams."""

    size = (7.8, 3.7)
    n_columns = 5

    def build(self, style: Style) -> Sequence[Artist]:
        grid = self.figure.add_gridspec(2, 2, width_ratios=(2.2, 1))
        left = self.figure.add_subplot(grid[:, 0])
        style.dress(left, "Where twelve seeds end", "", "KL(data || dreams), bits")
        _bits_axis(left)
        left.set(xlim=(-0.5, self.n_columns - 0.5))
        self.axes = left
        self.aim = left.axhline(1, linestyle="--", color=style.ink, linewidth=0.9)
        small = style.point("data") | {"markersize": 6, "markeredgecolor": style.paper}
        (self.ends,) = left.plot([], [], **small)
        (self.chosen,) = left.plot([], [], label="chosen", **(style.point("dream")))
        shown = {"markersize": 15, "markerfacecolor": "none", "markeredgewidth": 1.6, "marker": "o"}
        (self.shown,) = left.plot([], [], label="shown", **(style.point("dream") | shown))
        style.legend(left, loc="lower right")
        upper, lower = (self.figure.add_subplot(grid[row, 1]) for row in (0, 1))
        self.sheet = Sheet(upper, style, *CAUSES, SIDE, "What each cause draws alone")
        self.dreams = Sheet(lower, style, 3, 4, SIDE, "Dreams")
        self.images = [self.sheet.image, self.dreams.image]
        return [self.aim, self.ends, self.chosen, self.shown, *self.images]

    def scale(self, record: PartsRecord) -> tuple[str, ...]:
        return tuple(variant.name for variant in record.variants)

    def update(self, record: PartsRecord) -> None:
        names = list(self.scale(record))
        if [label.get_text() for label in self.axes.get_xticklabels()] != names:
            self.axes.set_xticks(range(self.n_columns), names, fontsize=7.5)
        self.aim.set_ydata([record.aim] * 2)
        chosen, ends = record.chosen, np.array([variant.ends for variant in record.variants])
        across = np.arange(self.n_columns)[:, None] + np.linspace(-0.25, 0.25, ends.shape[1])
        others = np.arange(self.n_columns) != chosen
        self.ends.set_data(across[others].ravel(), ends[others].ravel())
        self.chosen.set_data(across[chosen], ends[chosen])
        self.shown.set_data([across[chosen, record.seed]], [record.end])
        self.sheet.show(record.machine.drawn)
        self.dreams.show(record.machine.dreams)

    def alt(self, record: PartsRecord) -> str:
        ranges = "; ".join(
            f"{_in_a_line(variant.name)}: {variant.best:.2f} to {variant.worst:.2f}, median "
            f"{variant.median:.2f}"
            for variant in record.variants
        )
        return (
            f"Left: where twelve seeds end, in bits, with parts of the recipe left out. {ranges}. "
            f"A dashed line at {record.aim:g}. Right: seed {record.seed} of "
            f"{_in_a_line(record.variants[record.chosen].name)}, {record.end:.2f} bits: what each "
            f"of 8 causes draws, {record.single_bars} of them one bar; and 12 dreams, "
            f"{record.valid} of them pictures of the data."
        )

    def readout(self, record: PartsRecord) -> str:
        own = record.variants[record.chosen]
        return (
            f"{_in_a_line(own.name)}: best {own.best:.3f}, median {own.median:.3f}, worst "
            f"{own.worst:.3f} bits; {own.below_aim} of {len(own.ends)} below {record.aim:g}\n"
            f"shown: seed {record.seed}, {record.end:.3f} bits, {record.single_bars} of 8 causes "
            f"draw one bar, {record.valid} of 12 dreams are pictures of the data"
        )


def _in_a_line(name: str) -> str:
    return name.replace("\n", " ")
