"""The comparison drawn: a dot for every seed of every method."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

from hmlib.figures.base import Picture, Record
from hmlib.figures.style import Style

MOST = 7
"""Methods that have room."""

ROLES = ("posterior", "free_energy", "recognition", "energy", "gap", "reversed", "dream")
"""Looks of the methods, top to bottom."""


class Strips(Picture):
    """One measure of all methods, a row a method: dots are seeds, the bar is the median.

    Record: `data`, `measure`, `words` (how the measure is called), `methods` (names),
    `values` (one array a method; NaN where not taken), `truth` (NaN if there is none), `better`
    ("left", "right" or "").
    """

    size = (7.6, 3.6)

    def build(self, style: Style) -> Sequence[Artist]:
        # The axes stay where they are, whatever the labels of their ticks.
        self.figure.set_layout_engine("none")
        self.axes = style.dress(self.figure.add_axes((0.03, 0.16, 0.94, 0.75)), "", " ")
        self.axes.set(ylim=(MOST - 0.4, -0.8), yticks=[])
        self.axes.spines["left"].set_visible(False)
        self.axes.set_autoscale_on(False)
        self.truth = self.axes.axvline(0, **(style.line("likelihood") | {"linewidth": 1.2}))
        self.dots, self.bars, self.names = [], [], []
        for row in range(MOST):
            look = style.point(ROLES[row]) | {"markersize": 7, "markeredgewidth": 0.5}
            self.dots.append(self.axes.plot([], [], clip_on=False, **look)[0])
            line = {"color": style.ink, "linewidth": 2.4, "solid_capstyle": "butt"}
            self.bars.append(self.axes.plot([], [], **line)[0])
            words = {"color": style.ink, "fontsize": 8, "va": "center"}
            place = {"transform": self.axes.get_yaxis_transform()}
            self.names.append(self.axes.text(0.0, row - 0.4, "", **place, **words))
        return [self.truth, *self.dots, *self.bars, *self.names]

    def scale(self, record: Record) -> Hashable:
        return record["data"], record["measure"]

    def update(self, record: Record) -> None:
        log = record["measure"] == "seconds"
        methods = record["methods"][:MOST]
        known = np.concatenate([v[~np.isnan(v)] for v in record["values"]] or [np.zeros(0)])
        if self._scale != self.scale(record):
            self._fit_axes(record, known, log)
        has_truth = record["measure"] == "log_likelihood" and np.isfinite(record["truth"])
        self.truth.set_visible(bool(has_truth))
        self.truth.set_xdata([record["truth"] if has_truth else 1.0] * 2)
        for row in range(MOST):
            values = record["values"][row] if row < len(methods) else np.zeros(0)
            values = values[~np.isnan(values)]
            if log:
                values = np.maximum(values, _LEAST)
            self.dots[row].set_data(values, np.full(len(values), row))
            middle = np.median(values) if len(values) else np.nan
            self.bars[row].set_data([middle, middle], [row - 0.25, row + 0.25])
            name = methods[row] if row < len(methods) else ""
            self.names[row].set_text(name if len(values) or not name else f"{name}: not measured")

    def _fit_axes(self, record: Record, known: np.ndarray, log: bool) -> None:
        ax = self.axes
        ax.set_xlim(1, 10)  # what was shown before may have no place on a logarithmic axis
        ax.set_xscale("log" if log else "linear")
        if record["measure"] == "log_likelihood" and np.isfinite(record["truth"]):
            known = np.append(known, record["truth"])
        low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
        if log:
            low, high = max(low, _LEAST), max(high, 10 * _LEAST)
            ax.set_xlim(low / 1.6, high * 1.6)
            ax.xaxis.set_major_locator(LogLocator(numticks=7))
            ax.xaxis.set_minor_formatter(NullFormatter())
        else:
            room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
            ax.set_xlim(low - room, high + room)
            if record["measure"] == "p_closer":
                ax.set_xlim(-0.03, 1.03)
            ax.xaxis.set_major_locator(MaxNLocator(6))
            ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.set_title(record["data"], color=self.style.ink, fontsize=10, loc="left")
        arrow = {"left": "   (left is better)", "right": "   (right is better)", "": ""}
        ax.set_xlabel(record["words"] + arrow[record["better"]], color=self.style.ink, fontsize=9)

    def alt(self, record: Record) -> str:
        rows = [
            f"{name}: {_said(values)}"
            for name, values in zip(record["methods"], record["values"], strict=True)
        ]
        return f"{record['words']} on {record['data']}, a dot a seed. " + "; ".join(rows) + "."

    def readout(self, record: Record) -> str:
        parts = [
            f"{name} {np.nanmedian(values):.4g}"
            for name, values in zip(record["methods"], record["values"], strict=True)
            if not np.isnan(values).all()
        ]
        return f"{record['words']}, medians: " + ("   ".join(parts) or "none")


_LEAST = 1e-6


def _said(values: np.ndarray) -> str:
    known = values[~np.isnan(values)]
    if not known.size:
        return "not measured"
    return f"median {np.median(known):.4g}, from {known.min():.4g} to {known.max():.4g}"
