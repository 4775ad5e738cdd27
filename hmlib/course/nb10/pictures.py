"""Pictures of the failure lab: gauges with a normal range, runs beside healthy runs, doses."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from hmlib.course.nb10.gauges import GAUGES
from hmlib.course.nb10.records import Board, DosesRecord, HiddenFaultRecord, OneSwitchRecord
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style

WELL, ILL = "posterior", "gap"
"""Roles of the healthy machine and of the one with a switch on."""


def _said(board: Board) -> str:
    if not board.outside:
        return "All gauges are normal."
    return f"Outside the normal range are {'; '.join(board.outside)}."


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
            for row in range(n)
        ]
        self.well.set_visible(twin)
        self.artists = [*self.bands, self.well, self.now, *self.beyond, *self.digits]

    def update(self, board: Board) -> None:
        now, normal = board.now, board.normal
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
        if board.well is not None:
            well = [gauge.place(value) for gauge, value in zip(GAUGES, board.well, strict=True)]
            self.well.set_data(well, rows)
        for digits, gauge, value in zip(self.digits, GAUGES, now, strict=True):
            digits.set_text(gauge.text(value))


class OneSwitch(Picture[OneSwitchRecord]):
    """Ten gauges of a machine with one switch on, and its runs beside healthy ones."""

    size = (7.8, 5.0)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.45, 1))
        style.dress(left, "Gauges, one step")
        self.board = _Board(left, style, twin=True)
        style.dress(right, "L lost on the way", "steps", "nats below the world")
        # Room above the curves, which end at 5 nats, for the legend.
        right.set(xlim=(0, 300), ylim=(2e-3, 60), yscale="log")
        thin = {"linewidth": 1.2}
        self.healthy = [right.plot([], [], **(style.line(WELL) | thin))[0] for _ in range(5)]
        self.trapped = [right.plot([], [], **(style.line(ILL) | thin))[0] for _ in range(5)]
        self.healthy[0].set_label("healthy, five seeds")
        self.trapped[0].set_label("switch on, five seeds")
        style.legend(right, loc="upper right", handlelength=2.4)
        return [*self.board.artists, *self.healthy, *self.trapped]

    def update(self, record: OneSwitchRecord) -> None:
        self.board.update(record.board)
        for lines, runs in ((self.healthy, record.healthy), (self.trapped, record.trapped)):
            for line, curve in zip(lines, runs.lost, strict=True):
                # A logarithm has no place for a loss of nothing.
                line.set_data(record.steps, np.maximum(curve, 1e-3))

    def alt(self, record: OneSwitchRecord) -> str:
        healthy, trapped = record.healthy, record.trapped
        return (
            f"The switch is {record.switch}. {_said(record.board)} After {record.steps[-1]} steps "
            f"five healthy machines have lost {healthy.least:.3f} to {healthy.most:.3f} nats, and "
            f"five with the switch on {trapped.least:.3f} to {trapped.most:.3f}. Seed of the "
            f"gauges: {record.seed}."
        )

    def readout(self, record: OneSwitchRecord) -> str:
        return (
            f"bottom layer {record.board.now[0]:.1f} degrees   lost after {record.steps[-1]} "
            f"steps, median: healthy {record.healthy.median:.3f}, switch on "
            f"{record.trapped.median:.3f} nats"
        )

    def locked_alt(self, record: OneSwitchRecord) -> str:
        return (
            "Left: gauges of one step, a triangle on each, beside grey bars where healthy machines "
            "stand. Right: empty axes, where the runs will be drawn."
        )

    def locked_readout(self, record: OneSwitchRecord) -> str:
        return "the runs are drawn after your prediction"


class HiddenFault(Picture[HiddenFaultRecord]):
    """The gauges of a patient whose switch is to be found, and a reply to a verdict."""

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
        self.readings = [self.board.now, *self.board.beyond, *self.board.digits]
        return [*self.board.artists, self.name, self.reply]

    def update(self, record: HiddenFaultRecord) -> None:
        self.board.update(record.board)
        self.name.set_text(textwrap.fill(record.verdict, 26))
        self.reply.set_text(textwrap.fill(record.reply, 36))

    def alt(self, record: HiddenFaultRecord) -> str:
        return (
            f"Patient {record.patient}. {_said(record.board)} Verdict: {record.verdict}. "
            f"{record.reply}"
        )

    def readout(self, record: HiddenFaultRecord) -> str:
        return f"patient {record.patient}   {record.verdict}: {record.reply}"

    def locked_alt(self, record: HiddenFaultRecord) -> str:
        return (
            f"Patient {record.patient}, its gauges still covered; grey bars show where healthy "
            "machines stand."
        )

    def locked_readout(self, record: HiddenFaultRecord) -> str:
        return f"patient {record.patient}: the gauges are uncovered after your prediction"


class Doses(Picture[DosesRecord]):
    """A function read off the code against its exact value; a move beside the exact gradient."""

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

    def update(self, record: DosesRecord) -> None:
        self.dots.set_data(record.exact, np.clip(record.found, -2, 8))
        for bars, heights in ((self.exact, record.gradient), (self.moves, record.move)):
            for bar, height in zip(bars, np.clip(heights, -6, 9), strict=True):
                bar.set_height(height)

    def alt(self, record: DosesRecord) -> str:
        low, high = record.off
        return (
            f"Left: {len(record.exact)} dots, read-off against exact; nine in ten are off by "
            f"{low:.2f} to {high:.2f}. Right: bars of six parameters, exact gradient "
            f"and move, {record.angle:.1f} degrees apart. {record.n_dreams} dreams, "
            f"{record.functions} functions, ridge {record.ridge:.1e}."
        )

    def readout(self, record: DosesRecord) -> str:
        return (
            f"angle {record.angle:.1f} degrees   R^2 of the codes {record.code_r2:.3f}, of "
            f"the read-out {record.found_r2:.3f}   encodings left {record.left:.1f} of "
            f"{record.functions + 2}"
        )
