"""DDC and its rivals drawn: a dot for every seed of every method."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

from hmlib.course.nb10.records import Strip, StripsRecord
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style

MOST = 14
"""Methods that have room."""

ROLES = ("posterior", "free_energy", "recognition", "energy", "gap", "reversed", "dream")
"""Looks of the methods, top to bottom, and again from the first."""

_LEAST = 1e-6
"""The lower end of a logarithmic axis, at most."""


class Strips(Picture[StripsRecord]):
    """One measure of all methods, a row a method: dots are seeds, the bar is the median."""

    size = (7.6, 4.4)

    def build(self, style: Style) -> Sequence[Artist]:
        # The axes stay where they are, whatever the labels of their ticks.
        self.figure.set_layout_engine("none")
        self.axes = style.dress(self.figure.add_axes((0.03, 0.13, 0.94, 0.8)), "", " ")
        self.axes.set(ylim=(MOST - 0.4, -0.8), yticks=[])
        self.axes.spines["left"].set_visible(False)
        self.axes.set_autoscale_on(False)
        self.truth = self.axes.axvline(0, **(style.line("likelihood") | {"linewidth": 1.2}))
        self.dots, self.bars, self.names = [], [], []
        for row in range(MOST):
            look = style.point(ROLES[row % len(ROLES)]) | {"markersize": 6, "markeredgewidth": 0.5}
            self.dots.append(self.axes.plot([], [], clip_on=False, **look)[0])
            (bar,) = self.axes.plot([], [], color=style.ink, linewidth=2.4, solid_capstyle="butt")
            self.bars.append(bar)
            self.names.append(
                self.axes.text(
                    0.0, row - 0.4, "", transform=self.axes.get_yaxis_transform(),
                    color=style.ink, fontsize=8, va="center",
                )
            )  # fmt: skip
        return [self.truth, *self.dots, *self.bars, *self.names]

    def scale(self, record: StripsRecord) -> Hashable:
        return record.data, record.measure

    def update(self, record: StripsRecord) -> None:
        if self._scale != self.scale(record):
            self._fit_axes(record)
        self.truth.set_visible(record.truth is not None)
        self.truth.set_xdata([1.0 if record.truth is None else record.truth] * 2)
        least = _LEAST if record.measure == "seconds" else -np.inf
        for row in range(MOST):
            strip = record.strips[row] if row < len(record.strips) else Strip("", (), None)
            self.dots[row].set_data(np.maximum(strip.values, least), [row] * len(strip.values))
            middle = np.nan if strip.spread is None else max(strip.spread.median, least)
            self.bars[row].set_data([middle, middle], [row - 0.25, row + 0.25])
            unknown = strip.method and not strip.values
            self.names[row].set_text(strip.method + (": not measured" if unknown else ""))

    def _fit_axes(self, record: StripsRecord) -> None:
        ax, low, high = self.axes, record.low, record.high
        ax.set_ylim(max(len(record.strips), 5) - 0.4, -0.8)
        log = record.measure == "seconds"
        ax.set_xlim(1, 10)  # what was shown before may have no place on a logarithmic axis
        ax.set_xscale("log" if log else "linear")
        if log:
            low, high = max(low, _LEAST), max(high, 10 * _LEAST)
            ax.set_xlim(low / 1.6, high * 1.6)
            ax.xaxis.set_major_locator(LogLocator(numticks=7))
            ax.xaxis.set_minor_formatter(NullFormatter())
        else:
            room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
            ax.set_xlim(low - room, high + room)
            ax.xaxis.set_major_locator(MaxNLocator(6))
            ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.set_title(record.data, color=self.style.ink, fontsize=10, loc="left")
        arrow = {"left": "   (left is better)", "right": "   (right is better)", "": ""}
        ax.set_xlabel(record.words + arrow[record.better], color=self.style.ink, fontsize=9)

    def alt(self, record: StripsRecord) -> str:
        rows = "; ".join(f"{strip.method}: {_said(strip)}" for strip in record.strips)
        return f"{record.words} on {record.data}, a dot a seed. {rows}."

    def readout(self, record: StripsRecord) -> str:
        measured = [strip for strip in record.strips if strip.spread is not None]
        if not measured:
            return f"{record.words} on {record.data}: not measured"
        order = sorted(measured, key=_median, reverse=record.better == "right")
        words = ("is ahead", "is behind") if record.better else ("is least", "is most")
        ends = zip((order[0], order[-1]), words, strict=True)
        said = ", ".join(f"{s.method} {_digits(_median(s))} {word}" for s, word in ends)
        return f"{record.words}, medians: {said}"

    def locked_alt(self, record: StripsRecord) -> str:
        return f"A row for each method on {record.data}, and no dots before your prediction."

    def locked_readout(self, record: StripsRecord) -> str:
        return "the dots are drawn after your prediction"


def _median(strip: Strip) -> float:
    assert strip.spread is not None
    return strip.spread.median


def _said(strip: Strip) -> str:
    if strip.spread is None:
        return "not measured"
    spread = strip.spread
    low, middle, high = map(_digits, (spread.least, spread.median, spread.most))
    return f"median {middle}, from {low} to {high}"


def _digits(value: float) -> str:
    """Three digits that count, and no powers of ten."""
    return np.format_float_positional(value, 3, unique=False, fractional=False, trim="-")
