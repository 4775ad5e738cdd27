"""Pictures of the failure lab: gauges with a normal range, runs beside healthy runs, doses."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from hmlib.figures.base import Picture, Record
from hmlib.figures.style import Style

WELL, ILL = "posterior", "gap"
"""Roles of the healthy machine and of the one with a switch on."""


@dataclass(frozen=True)
class Gauge:
    """One instrument on its scale.

    Attributes:
        name: key of its reading.
        label: what it measures.
        low, high: ends of the scale.
        form: how a reading is written.
    """

    name: str
    label: str
    low: float
    high: float
    form: str

    @property
    def span(self) -> float:
        """Length of the scale."""
        return self.high - self.low

    def place(self, value: float) -> float:
        """Where on the scale a reading stands, 0 to 1; readings beyond stand at its ends."""
        return float(np.clip((value - self.low) / self.span, 0, 1))

    def beyond(self, value: float) -> int:
        """-1 or 1 if a reading is off the scale on this side, else 0."""
        return int(value > self.high) - int(value < self.low)

    def text(self, value: float) -> str:
        """The reading in digits."""
        return self.form.format(value + 0.0) if abs(value) < 1e4 else f"{value:.0e}"


GAUGES = (
    Gauge("bottom", "bottom layer: angle to the exact gradient, degrees", 0, 90, "{:.0f}"),
    Gauge("upper", "upper layer: error of the move over the gradient", 0, 5, "{:.2f}"),
    Gauge("code_r2", "R^2 of the codes of the data", 0, 1, "{:.2f}"),
    Gauge("slack", "R^2 learnt by heart", -0.05, 0.15, "{:.3f}"),
    Gauge("readout_r2", "held-out R^2 of the read-outs", 0, 1, "{:.2f}"),
    Gauge("constant", "code of the constant: off 1 by", 0, 1.2, "{:.2f}"),
    Gauge("features", "features of x that the ridge leaves", 0, 65, "{:.1f}"),
    Gauge("encodings", "encodings of z_1 that the ridge leaves", 0, 20, "{:.1f}"),
    Gauge("noise", "noise of x over spread of the data", 0, 0.8, "{:.2f}"),
    Gauge("run", "L lost in a short run, nats", 0, 5, "{:.2f}"),
)
"""The instruments, top to bottom, with the ends of their scales."""


def outside(now: Sequence[float], normal: Sequence[Sequence[float]]) -> list[str]:
    """The gauges that stand outside the normal range, with their readings."""
    return [
        f"{gauge.label}: {gauge.text(value)}"
        for gauge, value, (low, high) in zip(GAUGES, now, normal, strict=True)
        if not low - 0.02 * gauge.span <= value <= high + 0.02 * gauge.span
    ]


def _said(record: Record) -> str:
    out = outside(record["now"], record["normal"])
    return f"Outside the normal range are {'; '.join(out)}." if out else "All gauges are normal."


class _Board:
    """Rows of gauges on one pair of axes."""

    def __init__(self, ax: Axes, style: Style, twin: bool) -> None:
        self.n = n = len(GAUGES)
        ax.set(xlim=(-0.05, 1.3), ylim=(n - 0.4, -0.75), xticks=[], yticks=[])
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        rows = np.arange(n)
        ax.hlines(rows, 0, 1, color=style.faint, linewidth=1.2)
        for row, gauge in enumerate(GAUGES):
            ax.text(0, row - 0.3, gauge.label, fontsize=7.5, color=style.ink, va="bottom")
        self.bands = ax.barh(rows, 0, 0.34, color=style["data"].colour, alpha=0.45)
        square = style.point(WELL) | {"markersize": 6, "markerfacecolor": "none"}
        square |= {"markeredgecolor": style[WELL].colour, "markeredgewidth": 1.4}
        (self.well,) = ax.plot([], [], **square)
        triangle = style.point(ILL) | {"markersize": 8, "markeredgewidth": 0.6}
        (self.now,) = ax.plot([], [], **triangle)
        self.beyond = [
            ax.plot([], [], **(triangle | {"marker": marker}))[0] for marker in ("<", ">")
        ]
        self.digits = [
            ax.text(1.29, row, "", fontsize=8, color=style.ink, ha="right", va="center")
            for row in rows
        ]
        self.well.set_visible(twin)
        self.artists = [*self.bands, self.well, self.now, *self.beyond, *self.digits]

    def update(self, record: Record) -> None:
        now, normal = record["now"], record["normal"]
        for bar, gauge, (low, high) in zip(self.bands, GAUGES, normal, strict=True):
            left, right = gauge.place(low) - 0.008, gauge.place(high) + 0.008
            bar.set_x(left)
            bar.set_width(right - left)
        places = np.array([gauge.place(value) for gauge, value in zip(GAUGES, now, strict=True)])
        side = np.array([gauge.beyond(value) for gauge, value in zip(GAUGES, now, strict=True)])
        rows = np.arange(self.n)
        self.now.set_data(places[side == 0], rows[side == 0])
        for artist, which in zip(self.beyond, (-1, 1), strict=True):
            artist.set_data(places[side == which], rows[side == which])
        if "well" in record:
            well = [gauge.place(value) for gauge, value in zip(GAUGES, record["well"], strict=True)]
            self.well.set_data(well, rows)
        for digits, gauge, value in zip(self.digits, GAUGES, now, strict=True):
            digits.set_text(gauge.text(value))


class OneSwitch(Picture):
    """Ten gauges of a machine with one switch on, and its runs beside healthy ones.

    Record: `switch`, `now`, `well` (gauges,), `normal` (gauges, 2), `steps` (k,), `healthy` and
    `trapped` (5, k), in nats.
    """

    size = (7.8, 5.0)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.45, 1))
        style.dress(left, "Gauges, one step")
        self.board = _Board(left, style, twin=True)
        style.dress(right, "L lost on the way", "steps", "nats below the world")
        right.set(xlim=(0, 300), ylim=(2e-3, 9), yscale="log")
        thin = {"linewidth": 1.2}
        self.healthy = [right.plot([], [], **(style.line(WELL) | thin))[0] for _ in range(5)]
        self.trapped = [right.plot([], [], **(style.line(ILL) | thin))[0] for _ in range(5)]
        self.healthy[0].set_label("healthy, five seeds")
        self.trapped[0].set_label("switch on, five seeds")
        style.legend(right, loc="lower left", handlelength=2.4)
        return [*self.board.artists, *self.healthy, *self.trapped]

    def update(self, record: Record) -> None:
        self.board.update(record)
        for lines, name in ((self.healthy, "healthy"), (self.trapped, "trapped")):
            for line, curve in zip(lines, record[name], strict=True):
                # A logarithm has no place for a loss of nothing.
                line.set_data(record["steps"], np.maximum(curve, 1e-3))

    def alt(self, record: Record) -> str:
        ends = [np.sort(record[name][:, -1]) for name in ("healthy", "trapped")]
        return (
            f"The switch is {record['switch']}. {_said(record)} After {record['steps'][-1]} steps "
            f"five healthy machines have lost {ends[0][0]:.3f} to {ends[0][-1]:.3f} nats, and five "
            f"with the switch on {ends[1][0]:.3f} to {ends[1][-1]:.3f}. Seed of the gauges: "
            f"{record['seed']}."
        )

    def readout(self, record: Record) -> str:
        first, second = (np.median(record[name][:, -1]) for name in ("healthy", "trapped"))
        angle = record["now"][0]
        return (
            f"bottom layer {angle:.1f} degrees   lost after {record['steps'][-1]} steps, median: "
            f"healthy {first:.3f}, switch on {second:.3f} nats"
        )


class HiddenFault(Picture):
    """The gauges of a patient whose switch is to be found, and a reply to a verdict.

    Record: `patient`, `verdict`, `now` (gauges,), `normal` (gauges, 2), `reply`, `right`.
    """

    size = (7.8, 5.0)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.6, 1))
        style.dress(left, "Gauges of the patient")
        self.board = _Board(left, style, twin=False)
        style.dress(right, "The verdict")
        right.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        for side in ("left", "bottom"):
            right.spines[side].set_visible(False)
        words = {"color": style.ink, "va": "top", "linespacing": 1.5}
        self.name = right.text(0, 0.97, "", fontsize=11, **words)
        self.reply = right.text(0, 0.8, "", fontsize=9, **words)
        return [*self.board.artists, self.name, self.reply]

    def update(self, record: Record) -> None:
        self.board.update(record)
        self.name.set_text(textwrap.fill(record["verdict"], 26))
        self.reply.set_text(textwrap.fill(record["reply"], 36))

    def alt(self, record: Record) -> str:
        return (
            f"Patient {record['patient']}. {_said(record)} Verdict: {record['verdict']}. "
            f"{record['reply']}"
        )

    def readout(self, record: Record) -> str:
        return f"patient {record['patient']}   {record['verdict']}: {record['reply']}"


class Doses(Picture):
    """A function read off the code against its exact value; a move beside the exact gradient.

    Record: `n_dreams`, `functions`, `ridge`, `exact` and `found` (n,), `gradient` and `move` (6,),
    `angle`, `code_r2`, `found_r2`, `left`.
    """

    size = (7.8, 3.7)
    names = ("$A_1$", "$A_2$", "noise 1", "noise 2", "$a$", "spread")

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1, 1.3))
        style.dress(left, "Mean of z_1 squared, given x", "exact", "read off the code")
        left.set(xlim=(0, 6), ylim=(-2, 8))
        left.plot([0, 6], [0, 6], color=style.ink, linewidth=0.9)
        dots = style.point("recognition") | {"markersize": 4, "markeredgewidth": 0.3}
        (self.dots,) = left.plot([], [], **dots)
        style.dress(right, "One move", "", "gradient of L")
        right.set(xlim=(-0.6, 5.6), ylim=(-6, 9))
        right.set_xticks(range(6), self.names)
        right.axhline(0, color=style.ink, linewidth=0.8)
        places = np.arange(6)
        self.exact = right.bar(places - 0.2, 0, 0.38, label="exact", **style.bar(WELL))
        self.moves = right.bar(places + 0.2, 0, 0.38, label="this night", **style.bar(ILL))
        style.legend(right, loc="upper right")
        return [self.dots, *self.exact, *self.moves]

    def update(self, record: Record) -> None:
        self.dots.set_data(record["exact"], np.clip(record["found"], -2, 8))
        for bars, heights in ((self.exact, record["gradient"]), (self.moves, record["move"])):
            for bar, height in zip(bars, np.clip(heights, -6, 9), strict=True):
                bar.set_height(height)

    def alt(self, record: Record) -> str:
        spread = np.quantile(record["found"] - record["exact"], [0.05, 0.95])
        return (
            f"Left: {len(record['exact'])} dots, read-off against exact; nine in ten are off by "
            f"{spread[0]:.2f} to {spread[1]:.2f}. Right: bars of six parameters, exact gradient "
            f"and move, {record['angle']:.1f} degrees apart. {record['n_dreams']} dreams, "
            f"{record['functions']} functions, ridge {record['ridge']:.1e}."
        )

    def readout(self, record: Record) -> str:
        return (
            f"angle {record['angle']:.1f} degrees   R^2 of the codes {record['code_r2']:.3f}, of "
            f"the read-out {record['found_r2']:.3f}   encodings left {record['left']:.1f} of "
            f"{record['functions'] + 2}"
        )
