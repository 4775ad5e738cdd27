"""Dreams of patches beside data."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from matplotlib.artist import Artist

from hmlib.course.nb10.records import SheetsRecord
from hmlib.course.nb10.wide_data import PATCHES
from hmlib.figures.picture import Picture
from hmlib.figures.sheets import Sheet
from hmlib.figures.style import Style

ROWS, COLUMNS = 3, 4

_MOST = 6
"""Methods that have room."""


class PatchDreams(Picture[SheetsRecord]):
    """Left: data. Middle: a method's dreams. Right: L of all methods, the one shown marked."""

    size = (8.4, 3.4)

    def build(self, style: Style) -> Sequence[Artist]:
        self.figure.set_layout_engine("none")
        self.held_sheet, self.shown_sheet = (
            Sheet(
                self.figure.add_axes((left, 0.04, 0.33, 0.84)), style, ROWS, COLUMNS,
                (PATCHES.side, PATCHES.side), title,
            )
            for left, title in ((0.02, "Data, held out"), (0.37, "From the source chosen"))
        )  # fmt: skip
        self.axes = style.dress(self.figure.add_axes((0.73, 0.16, 0.25, 0.72)), "L, nats a datum")
        self.axes.spines["left"].set_visible(False)
        self.axes.set(yticks=[], ylim=(_MOST - 0.4, -0.8))
        (self.dots,) = self.axes.plot([], [], **(style.point("energy") | {"clip_on": False}))
        ring = style.point("likelihood") | {"markersize": 12, "markerfacecolor": "none"}
        (self.mark,) = self.axes.plot([], [], **(ring | {"markeredgewidth": 1.8}))
        self.names = [
            self.axes.text(
                0.0, row - 0.4, "", transform=self.axes.get_yaxis_transform(), color=style.ink,
                fontsize=8, va="center",
            )
            for row in range(_MOST)
        ]  # fmt: skip
        self.data, self.dreams = self.held_sheet.image, self.shown_sheet.image
        return [self.data, self.dreams, self.dots, self.mark, *self.names]

    def scale(self, record: SheetsRecord) -> Hashable:
        return record.middle

    def update(self, record: SheetsRecord) -> None:
        self.held_sheet.show(record.held)
        self.shown_sheet.show(record.shown)
        if self._scale != self.scale(record):
            low, high = min(record.middle), max(record.middle)
            self.axes.set_xlim(low - 0.1 * (high - low), high + 0.1 * (high - low))
        places = list(range(len(record.names)))
        self.dots.set_data(record.middle, places)
        at = [k for k in places if record.names[k] == record.source]
        self.mark.set_data([record.middle[k] for k in at], at)
        for row, text in enumerate(self.names):
            text.set_text(record.names[row] if row < len(record.names) else "")

    def alt(self, record: SheetsRecord) -> str:
        each = "; ".join(f"{n} {m:.2f}" for n, m in zip(record.names, record.middle, strict=True))
        return (
            f"The {record.sheet} twelve patches that nobody learnt from, beside twelve from: "
            f"{record.source}. {_said(record)} L in nats, medians: {each}."
        )

    def readout(self, record: SheetsRecord) -> str:
        worth = "" if record.log_likelihood is None else f"L {record.log_likelihood:.2f}. "
        return f"{record.source}, {record.sheet} twelve: {worth}{_said(record)}"

    def locked_alt(self, record: SheetsRecord) -> str:
        return (
            f"The {record.sheet} twelve patches that nobody learnt from; the others, and L, "
            "are drawn once you predict."
        )

    def locked_readout(self, record: SheetsRecord) -> str:
        return "the dreams are drawn after your prediction"


def _said(record: SheetsRecord) -> str:
    """What an eye sees first: how much contrasts differ."""
    data, shown = (
        np.quantile(pictures.std(axis=(1, 2)), (0.1, 0.9))
        for pictures in (record.held, record.shown)
    )
    return (
        f"Contrast, weak and strong: data {data[0]:.3f} and {data[1]:.3f}, here "
        f"{shown[0]:.3f} and {shown[1]:.3f}."
    )
