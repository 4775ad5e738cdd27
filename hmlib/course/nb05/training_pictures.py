"""Pictures of a machine that learns: objectives as curves, what causes draw, dreams beside data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import FuncFormatter, MaxNLocator

from hmlib.figures.base import Picture, Record
from hmlib.figures.sheets import Sheet, horizon
from hmlib.figures.style import Style

NAT_IN_BITS = 1 / np.log(2)

HEIGHTS = {
    "log_likelihood": ("L", "likelihood"),
    "free_energy": ("F", "free_energy"),
    "reversed_free_energy": ("F-tilde", "reversed"),
    "dream_free_energy": ("dreamt F-tilde", "dream"),
}
"""Curves of the upper axes: names in the record, in the legend, and roles."""

GAPS = {"kl_q_p": ("KL(Q || P)", "gap"), "kl_p_q": ("KL(P || Q)", "reversed")}
"""Curves of the lower axes."""


LOWEST = -2000.0
"""The upper axis is never made longer than it takes to show this, in nats."""


class Learning(Picture):
    """Objectives as curves over steps, both divergences, what causes draw, dreams beside data.

    Record: `count`, `rate`, `seed`; `counts` (k,) and curves (k,) named as in `HEIGHTS`, of which
    the dreamt one may be missing, and in `GAPS`, in nats; `ceiling` or None: minus the entropy of
    the data, which L cannot pass; `drawn` (n, height, width): what each cause draws;
    `on_by_top` (2, n): how often it is on with the cause on top off and on, (0, n) without a
    second layer; `dreams` and `data` (12, height, width); `dreams_in_data`: how many of the
    dreams are pictures of the data, or None where that says nothing.
    """

    size = (7.6, 4.7)
    subject: ClassVar[str] = "the data"
    shape: ClassVar[tuple[int, int]] = (3, 3)
    causes: ClassVar[tuple[int, int]] = (2, 3)
    """Rows and columns of what causes draw."""
    heights: ClassVar[tuple[float, float]] = (-8.0, -2.0)
    """Ends of the upper axis, in nats, as long as L has been above the lower one lately."""
    dreamt: ClassVar[bool] = True
    top: ClassVar[bool] = False

    def build(self, style: Style) -> Sequence[Artist]:
        self.figure.set_layout_engine("none")  # labels of steps grow; the axes stay
        grid = self.figure.add_gridspec(
            1, 2, width_ratios=(1.55, 1), left=0.08, right=0.985, bottom=0.1, top=0.94, wspace=0.1
        )
        left = grid[0].subgridspec(2, 1, height_ratios=(2, 1), hspace=0.16)
        self.upper, self.lower = (self.figure.add_subplot(cell) for cell in left)
        self._build_curves(style)
        right = grid[1].subgridspec(3, 1, height_ratios=(1, 1, 1), hspace=0.3)
        self._build_sheets(style, right)
        sheets = [self.causes_sheet, self.dreams_sheet, self.data_sheet]
        if self.top:
            sheets.append(self.top_sheet)
        return [self.ceiling, *self.curves.values(), *(sheet.image for sheet in sheets)]

    def _build_curves(self, style: Style) -> None:
        style.dress(self.upper, "", "", f"average over {self.subject}, nats")
        style.dress(self.lower, "", "steps", "nats")
        self.upper.tick_params(labelbottom=False)
        self.lower.set(yscale="log", ylim=(1e-3, 200))
        self.lower.yaxis.set_label_coords(-0.09, 0.5)
        self.upper.yaxis.set_label_coords(-0.09, 0.5)
        self.lower.set_yticks(
            [0.001, 0.01, 0.1, 1, 10, 100], ["0.001", "0.01", "0.1", "1", "10", "100"]
        )
        self.lower.minorticks_off()
        for axes in (self.upper, self.lower):
            axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        self.lower.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
        self.ceiling = self.upper.axhline(np.nan, color=style.ink, linewidth=0.9)
        heights = {n: look for n, look in HEIGHTS.items() if self.dreamt or look[1] != "dream"}
        self.curves = {}
        for axes, curves in ((self.upper, heights), (self.lower, GAPS)):
            for name, (label, role) in curves.items():
                mark = style.point(role) | style.line(role) | {"markersize": 6, "markevery": [-1]}
                (self.curves[name],) = axes.plot([], [], label=label, **mark)
        beside = {"loc": "lower right", "borderpad": 0, "columnspacing": 1.0, "handletextpad": 0.5}
        for axes in (self.upper, self.lower):
            style.legend(axes, bbox_to_anchor=(1.01, 1.01), ncols=4, handlelength=3.2, **beside)

    def _build_sheets(self, style: Style, cells) -> None:
        rows, columns = self.causes
        ratios = (3, 1) if self.top else (1,)
        first = cells[0].subgridspec(1, len(ratios), width_ratios=ratios)
        places = [self.figure.add_subplot(first[i]) for i in range(len(ratios))]
        title = "What causes draw"
        self.causes_sheet = Sheet(places[0], style, rows, columns, self.shape, title)
        if self.top:
            self.top_sheet = Sheet(places[1], style, 2, 1, self.causes, "Top off, on")
        self.dreams_sheet, self.data_sheet = (
            Sheet(self.figure.add_subplot(cell), style, 2, 6, self.shape, title)
            for cell, title in ((cells[1], "Dreams"), (cells[2], "Data"))
        )

    def scale(self, record: Record) -> tuple[int, float]:
        """The ends of the axes that may move: of the steps, and the lower one of the heights."""
        lately = record["log_likelihood"][len(record["counts"]) // 2 :].min()
        bottom = self.heights[0]
        while max(lately, LOWEST) < bottom:
            bottom *= 2
        return horizon(record["count"]), bottom

    def update(self, record: Record) -> None:
        end, bottom = self.scale(record)
        for axes in (self.upper, self.lower):
            if axes.get_xlim()[1] != 1.02 * end:  # setting it makes all curves move
                axes.set_xlim(0, 1.02 * end)
        if self.upper.get_ylim()[0] != bottom:
            self.upper.set_ylim(bottom, self.heights[1])
        for name, curve in self.curves.items():
            curve.set_data(record["counts"], record[name])
        ceiling = record["ceiling"]
        self.ceiling.set_ydata([np.nan if ceiling is None else ceiling] * 2)
        self.causes_sheet.show(record["drawn"])
        self.dreams_sheet.show(record["dreams"])
        self.data_sheet.show(record["data"])
        if self.top:
            on = np.full((2, self.causes[0] * self.causes[1]), np.nan)
            on[:, : len(record["drawn"])] = record["on_by_top"]
            self.top_sheet.show(on.reshape(2, *self.causes))

    def alt(self, record: Record) -> str:
        heights = [
            f"{label} went from {record[name][0]:.2f} to {record[name][-1]:.2f}"
            for name, (label, _) in HEIGHTS.items()
            if name in self.curves
        ]
        gaps = [
            f"{label} from {record[name][0]:.3f} to {record[name][-1]:.3f}"
            for name, (label, _) in GAPS.items()
        ]
        ceiling, drawn = record["ceiling"], record["drawn"]
        bright = int((drawn.reshape(len(drawn), -1).max(axis=1) > 0.5).sum())
        return (
            f"Curves over {record['count']:,} steps of learning {self.subject}, seed "
            f"{record['seed']}. Top: {', '.join(heights)} nats"
            + ("" if ceiling is None else f", under a line at {ceiling:.3f} that none can pass")
            + f". Bottom: {', '.join(gaps)} nats. Right: what each of {len(drawn)} causes draws "
            f"alone, {bright} of them with a pixel that is more often on than off"
            + (_moved_by_top(record["on_by_top"]) if self.top else "")
            + f". Below: {len(record['dreams'])} dreams"
            + _valid(record, ", {} of them pictures of the data")
            + f"; and {len(record['data'])} pictures of the data."
        )

    def readout(self, record: Record) -> str:
        now = {name: record[name][-1] for name in self.curves}
        where = f"step {record['count']:,}, seed {record['seed']}, rate {record['rate']:g}"
        if record["ceiling"] is not None:
            kl = record["ceiling"] - now["log_likelihood"]
            where += f"; KL(data || dreams) = {kl:.3f} nats = {kl * NAT_IN_BITS:.3f} bits"
        heights = ", ".join(f"{HEIGHTS[n][0]} = {now[n]:.3f}" for n in HEIGHTS if n in now)
        gaps = ", ".join(f"{label} = {now[name]:.3f}" for name, (label, _) in GAPS.items())
        valid = _valid(record, "; {} of 12 dreams are pictures of the data")
        return f"{where}\n{heights} nats\n{gaps} nats{valid}"


def _moved_by_top(on: np.ndarray) -> str:
    """What the cause on top does to those below it, in words."""
    off, on = on
    lists = (np.flatnonzero(on > 2 * off) + 1, np.flatnonzero(off > 2 * on) + 1)
    more, less = (", ".join(map(str, causes)) or "none" for causes in lists)
    return f"; the cause on top more than doubles how often these are on: {more}; halves: {less}"


def _valid(record: Record, words: str) -> str:
    valid = record["dreams_in_data"]
    return "" if valid is None else words.format(valid)


class LearningStripes(Learning):
    """A machine that learns the 3 x 3 stripes."""

    subject = "the stripes"
    causes = (2, 3)


class LearningStripesFromTop(LearningStripes):
    """The same with a second layer of one cause."""

    top = True


class LearningBars(Learning):
    """A machine of two layers that learns the 4 x 4 bars; its dreams are too many to list."""

    subject = "the bars"
    shape = (4, 4)
    causes = (2, 4)
    heights = (-12.0, -2.0)
    dreamt = False
    top = True


class LearningDigits(Learning):
    """A machine that learns handwritten digits of 8 x 8 pixels."""

    subject = "150 test digits"
    shape = (8, 8)
    causes = (2, 5)
    heights = (-34.0, -17.0)
    dreamt = False
