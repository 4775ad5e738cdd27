"""Pictures of a machine that learns: objectives as curves, what causes draw, dreams beside data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.gridspec import GridSpecBase
from matplotlib.ticker import FuncFormatter, MaxNLocator

from hmlib.course.nb05.records import Measured, Seen, Shown
from hmlib.figures.picture import Picture
from hmlib.figures.progress import Progress
from hmlib.figures.sheets import Sheet, horizon
from hmlib.figures.style import Style

Learnt = Progress[Measured, Shown]


@dataclass(frozen=True)
class Curve:
    """One of the curves: its name in the legend, its role, and its number at a step."""

    label: str
    role: str
    number: Callable[[Measured], float]


HEIGHTS = (
    Curve("L", "likelihood", lambda step: step.log_likelihood),
    Curve("F", "free_energy", lambda step: step.free_energy),
    Curve("F-tilde", "reversed", lambda step: step.reversed_free_energy),
)
"""Curves of the upper axes."""

DREAMT = Curve("dreamt F-tilde", "dream", lambda step: _known(step.dream_free_energy))
"""One more, where all dreams can be listed."""

GAPS = (
    Curve("KL(Q || P)", "gap", lambda step: step.kl_q_p),
    Curve("KL(P || Q)", "reversed", lambda step: step.kl_p_q),
)
"""Curves of the lower axes."""

LOWEST = -2000.0
"""The upper axis is never made longer than it takes to show this, in nats."""


class Learning(Picture[Learnt]):
    """Objectives as curves over steps, both divergences, what causes draw, dreams beside data."""

    size = (7.6, 4.3)
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
        self.upper, self.lower = (self.figure.add_subplot(left[row]) for row in (0, 1))
        self._build_curves(style)
        right = grid[1].subgridspec(3, 1, height_ratios=(1, 1, 1), hspace=0.3)
        self._build_sheets(style, right)
        sheets = [self.causes_sheet, self.dreams_sheet, self.data_sheet]
        if self.top:
            sheets.append(self.top_sheet)
        return [self.ceiling, *self.lines, *(sheet.image for sheet in sheets)]

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
        self.heights_drawn = (*HEIGHTS, DREAMT) if self.dreamt else HEIGHTS
        self.lines = []
        for axes, curves in ((self.upper, self.heights_drawn), (self.lower, GAPS)):
            for curve in curves:
                mark = style.point(curve.role) | style.line(curve.role)
                mark |= {"markersize": 6, "markevery": [-1]}
                self.lines += axes.plot([], [], label=curve.label, **mark)
        beside = {"loc": "lower right", "borderpad": 0, "columnspacing": 1.0, "handletextpad": 0.5}
        for axes in (self.upper, self.lower):
            style.legend(axes, bbox_to_anchor=(1.01, 1.01), ncols=4, handlelength=3.2, **beside)

    def _build_sheets(self, style: Style, cells: GridSpecBase) -> None:
        rows, columns = self.causes
        ratios = (2.2, 1) if self.top else (1,)
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

    def scale(self, record: Learnt) -> tuple[int, float]:
        """The ends of the axes that may move: of the steps, and the lower one of the heights."""
        log_l = record.curve(lambda step: step.log_likelihood)
        lately = float(log_l[len(log_l) // 2 :].min())
        bottom = self.heights[0]
        while max(lately, LOWEST) < bottom:
            bottom *= 2
        return horizon(record.count), bottom

    def update(self, record: Learnt) -> None:
        end, bottom = self.scale(record)
        for axes in (self.upper, self.lower):
            if axes.get_xlim()[1] != 1.02 * end:  # setting it makes all curves move
                axes.set_xlim(0, 1.02 * end)
        if self.upper.get_ylim()[0] != bottom:
            self.upper.set_ylim(bottom, self.heights[1])
        for line, curve in zip(self.lines, (*self.heights_drawn, *GAPS), strict=True):
            line.set_data(record.counts, record.curve(curve.number))
        shown, machine = record.shown, record.shown.machine
        self.ceiling.set_ydata([np.nan if shown.ceiling is None else shown.ceiling] * 2)
        self.causes_sheet.show(machine.drawn)
        self.dreams_sheet.show(machine.dreams)
        self.data_sheet.show(shown.data)
        if self.top:
            on = np.full((2, self.causes[0] * self.causes[1]), np.nan)
            on[:, : len(machine.drawn)] = machine.on_by_top
            self.top_sheet.show(on.reshape(2, *self.causes))

    def alt(self, record: Learnt) -> str:
        first, now, shown, machine = record.first, record.now, record.shown, record.shown.machine
        heights = ", ".join(
            f"{curve.label} went from {curve.number(first):.2f} to {curve.number(now):.2f}"
            for curve in self.heights_drawn
        )
        gaps = ", ".join(
            f"{curve.label} from {curve.number(first):.3f} to {curve.number(now):.3f}"
            for curve in GAPS
        )
        ceiling = shown.ceiling
        return (
            f"Curves over {record.count:,} steps of learning {self.subject}, seed {record.seed}. "
            f"Top: {heights} nats"
            + ("" if ceiling is None else f", under a line at {ceiling:.3f} that none can pass")
            + f". Bottom: {gaps} nats. Right: what each of {len(machine.drawn)} causes draws "
            f"alone, {machine.bright} of them with a pixel that is more often on than off"
            + (_moved_by_top(machine) if self.top else "")
            + f". Below: {len(machine.dreams)} dreams"
            + _valid(shown, ", {} of them pictures of the data")
            + f"; and {len(shown.data)} pictures of the data."
        )

    def readout(self, record: Learnt) -> str:
        now = record.now
        where = f"step {record.count:,}, seed {record.seed}, rate {record.rate:g}"
        if now.kl_data is not None:
            where += f"; KL(data || dreams) = {now.kl_data:.3f} nats = {now.kl_data_bits:.3f} bits"
        heights, gaps = (
            ", ".join(f"{curve.label} = {curve.number(now):.3f}" for curve in curves)
            for curves in (self.heights_drawn, GAPS)
        )
        valid = _valid(record.shown, "; {} of 12 dreams are pictures of the data")
        return f"{where}\n{heights} nats\n{gaps} nats{valid}"


def _known(number: float | None) -> float:
    return math.nan if number is None else number


def _moved_by_top(machine: Seen) -> str:
    """What the cause on top does to those below it, in words."""
    more, less = (
        ", ".join(map(str, causes)) or "none" for causes in (machine.doubled, machine.halved)
    )
    return f"; the cause on top more than doubles how often these are on: {more}; halves: {less}"


def _valid(shown: Shown, words: str) -> str:
    return "" if shown.dreams_in_data is None else words.format(shown.dreams_in_data)


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
    heights = (-4.0, -2.2)
    dreamt = False
    top = True


class LearningDigits(Learning):
    """A machine that learns handwritten digits of 8 x 8 pixels."""

    subject = "150 test digits"
    shape = (8, 8)
    causes = (2, 5)
    heights = (-34.0, -17.0)
    dreamt = False
