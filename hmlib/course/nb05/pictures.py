"""Pictures of many runs of wake-sleep on the bars: on the way, at the end, and what they draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FuncFormatter, NullFormatter

from hmlib.figures.base import Picture, Record
from hmlib.figures.sheets import Sheet
from hmlib.figures.style import Style

BITS = (0.03, 20.0)
"""Ends of the logarithmic axes of KL(data || dreams)."""

N_BINS = 26
BINS = np.geomspace(*BITS, N_BINS + 1)

CAUSES, SIDE = (2, 4), (4, 4)
"""Rows and columns of what causes draw; shape of a picture."""


def _bits_axis(axes: Axes) -> None:
    """A logarithmic axis of bits, written in plain numbers."""
    axes.set(yscale="log", ylim=BITS)
    axes.set_yticks([0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()


class Runs(Picture):
    """One run among many from other seeds, where all of them end, and what its causes draw.

    Record: `seed`, `steps` (k,), `curves` (n, k), `ends` (n,), `quarter`, `end`, `limit`, `aim`
    in bits; `quarter_step`; `stuck`: how many runs are above the limit at a quarter; `drawn`
    (8, 4, 4); `on_by_top` (2, 8).
    """

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
        thin = {"color": style.ink, "linewidth": 0.9}
        self.aims = [axes.axhline(1, linestyle="--", **thin) for axes in (left, middle)]
        text = {"fontsize": 8, "color": style.ink}
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
            self.end, *self.bars, self.here, self.sheet.image, self.top.image,
        ]  # fmt: skip

    def _build_sheets(self, style: Style, grid) -> None:
        upper, lower = (self.figure.add_subplot(grid[row, 2]) for row in (0, 1))
        self.sheet = Sheet(upper, style, *CAUSES, SIDE, "What each cause draws alone")
        self.top = Sheet(lower, style, 2, 1, CAUSES, "On: top off, top on")

    def update(self, record: Record) -> None:
        seed, steps = record["seed"], record["steps"]
        across = np.broadcast_to(steps, record["curves"].shape)
        self.others.set_segments(np.stack([across, record["curves"]], axis=2))
        self.curve.set_data(steps, record["curves"][seed])
        self.end.set_data([steps[-1]], [record["end"]])
        for line in self.aims:
            line.set_ydata([record["aim"]] * 2)
        self.aim_label.set(y=record["aim"] * 0.95, text=f"{record['aim']:g} bits")
        at, limit = record["quarter_step"], record["limit"]
        self.hurdle.set_data([at - 3_000, at + 3_000], [limit, limit])
        self.hurdle_label.set_position((at + 4_500, limit))
        counts, _ = np.histogram(np.clip(record["ends"], *BITS), BINS)
        for bar, width in zip(self.bars, counts, strict=True):
            bar.set_width(width)
        place = min(np.searchsorted(BINS, record["end"], side="right") - 1, N_BINS - 1)
        self.here.set(y=BINS[place], height=BINS[place + 1] - BINS[place], width=1)
        self.sheet.show(record["drawn"])
        self.top.show(record["on_by_top"].reshape(2, *CAUSES))

    def alt(self, record: Record) -> str:
        ends, aim = record["ends"], record["aim"]
        return (
            f"Left: KL(data || dreams) of {len(ends)} runs over {record['steps'][-1]:,} steps, on "
            f"a logarithmic axis; seed {record['seed']} goes from {record['curves'][0, 0]:.1f} to "
            f"{record['quarter']:.3f} bits at a quarter and {record['end']:.3f} at the end. "
            f"{record['stuck']} runs are above the mark of {record['limit']:g} bits at a quarter. "
            f"Middle: a histogram of the ends: {(ends < aim).sum()} below the dashed line at "
            f"{aim:g} bits, {(ends >= aim).sum()} above it, up to {ends.max():.2f}. Right: what "
            f"each of {len(record['drawn'])} causes draws, {_several(record['drawn'])}; and how "
            "often each is on with the cause on top off and on."
        )

    def readout(self, record: Record) -> str:
        ends = record["ends"]
        stuck = "stuck" if record["quarter"] > record["limit"] else "on its way"
        return (
            f"seed {record['seed']}: {record['quarter']:.3f} bits at a quarter ({stuck}), "
            f"{record['end']:.3f} at the end\n{len(ends)} seeds: {record['stuck']} stuck at a "
            f"quarter, {(ends < record['aim']).sum()} end below {record['aim']:g} bits"
        )


def _several(drawn: np.ndarray) -> str:
    """How many of the causes draw one bar, in words."""
    return f"{single_bars(drawn)} of them one bar"


def single_bars(drawn: np.ndarray) -> int:
    """How many pictures (n, 4, 4) of pixel probabilities are of one row or one column alone.

    A pixel counts from 0.2 upwards: half of a second bar is a second bar.
    """
    on = drawn > 0.2
    rows, columns = on.all(axis=2).sum(axis=1), on.all(axis=1).sum(axis=1)
    whole = on.sum(axis=(1, 2)) == SIDE[0]
    return int((whole & (rows + columns == 1)).sum())


class Parts(Picture):
    """Where the runs end with parts of the recipe left out; one machine, and its dreams.

    Record: `variant`, `names`, `ends` (a row of bits for each name), `aim`, `end` and `seed` of
    the run shown; `drawn` (8, 4, 4), `dreams` (12, 4, 4), `valid`: how many dreams are in the
    data.
    """

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
        return [self.aim, self.ends, self.chosen, self.shown, self.sheet.image, self.dreams.image]

    def scale(self, record: Record) -> tuple[str, ...]:
        return tuple(record["names"])

    def update(self, record: Record) -> None:
        if [label.get_text() for label in self.axes.get_xticklabels()] != record["names"]:
            self.axes.set_xticks(range(self.n_columns), record["names"], fontsize=7.5)
        self.aim.set_ydata([record["aim"]] * 2)
        n, which = record["ends"].shape[1], list(record["names"]).index(record["variant"])
        spread = np.linspace(-0.25, 0.25, n)
        across = np.arange(self.n_columns)[:, None] + spread
        others = np.arange(self.n_columns) != which
        self.ends.set_data(across[others].ravel(), record["ends"][others].ravel())
        self.chosen.set_data(across[which], record["ends"][which])
        self.shown.set_data([across[which, record["seed"]]], [record["end"]])
        self.sheet.show(record["drawn"])
        self.dreams.show(record["dreams"])

    def alt(self, record: Record) -> str:
        ranges = "; ".join(
            f"{name.replace(chr(10), ' ')}: {row.min():.2f} to {row.max():.2f}, median "
            f"{np.median(row):.2f}"
            for name, row in zip(record["names"], record["ends"], strict=True)
        )
        return (
            f"Left: where twelve seeds end, in bits, with parts of the recipe left out. {ranges}. "
            f"A dashed line at {record['aim']:g}. Right: seed {record['seed']} of "
            f"{record['variant'].replace(chr(10), ' ')}, {record['end']:.2f} bits: what each of 8 "
            f"causes draws, {_several(record['drawn'])}; and 12 dreams, {record['valid']} of them "
            "pictures of the data."
        )

    def readout(self, record: Record) -> str:
        row = record["ends"][list(record["names"]).index(record["variant"])]
        return (
            f"{record['variant'].replace(chr(10), ' ')}: best {row.min():.3f}, median "
            f"{np.median(row):.3f}, worst {row.max():.3f} bits; "
            f"{(row < record['aim']).sum()} of {len(row)} below {record['aim']:g}\n"
            f"shown: seed {record['seed']}, {record['end']:.3f} bits, "
            f"{single_bars(record['drawn'])} of 8 causes draw one bar, "
            f"{record['valid']} of 12 dreams are pictures of the data"
        )
