"""The ladder: dreams of one rung, and where all runs of all rungs end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from hmlib.course.nb09.records import RungRecord
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style

ROWS = ("exact", "slow", "fixed\nread-out", "regressed\ncode", "local\ncode", "both\nregressed")
"""The rungs of `ladder.RUNGS`, in a word or two."""


class LadderPicture(Picture[RungRecord]):
    """Dreams of one rung among the data; L and the neighbours' vote of every run of every rung."""

    size = (7.8, 3.8)
    half = 3.4
    lowest, highest = -4.0, -1.0
    """Of L; what lies below is drawn at the end of the axis."""

    def build(self, style: Style) -> Sequence[Artist]:
        plane, middle, right = self.figure.subplots(1, 3, width_ratios=(1.35, 1, 0.85))
        style.dress(plane, "Data, and dreams of the first run")
        plane.set(xlim=(-self.half, self.half), ylim=(-self.half, self.half + 0.8), aspect="equal")
        (self.data,) = plane.plot(
            [], [], linestyle="none", marker=".", markersize=3, color=style["data"].colour,
            alpha=0.5, label="data",
        )  # fmt: skip
        (self.dreams,) = plane.plot(
            [], [], linestyle="none", marker="d", markersize=3.2, color=style["dream"].colour,
            markeredgewidth=0, label="dreams",
        )  # fmt: skip
        style.legend(plane, loc="upper center", ncols=2, markerscale=1.6)
        self._rows(middle, style, "L, ten runs a row")
        middle.set(xlim=(self.lowest - 0.15, self.highest))
        middle.set_xlabel("nats", color=style.ink, fontsize=9)
        self._rows(right, style, "Told apart")
        right.set(xlim=(0.45, 1.03), yticklabels=[])
        right.axvline(0.5, color=style.faint, linewidth=0.9)
        right.set_xlabel("right votes", color=style.ink, fontsize=9)
        self.bands = [self._band(axes, style) for axes in (middle, right)]
        self.whole = [self._marks(axes, style, "posterior", "o") for axes in (middle, right)]
        self.lost = [self._marks(axes, style, "gap", "x") for axes in (middle, right)]
        self.lost[0].set_label("ran away")
        self.whole[0].set_label("stayed")
        style.legend(
            middle, handles=[self.whole[0], self.lost[0]], loc="lower center", ncols=2,
            bbox_to_anchor=(0.8, 1.08), columnspacing=1.0, handletextpad=0.2,
        )  # fmt: skip
        return [self.data, self.dreams, *self.bands, *self.whole, *self.lost]

    @staticmethod
    def _band(axes: Axes, style: Style) -> Rectangle:
        """A row's background; what `axhspan` makes cannot be moved in every matplotlib."""
        across = axes.get_yaxis_transform()
        band = Rectangle(
            (0, -0.5), 1, 1, transform=across, color=style.faint, alpha=0.5, linewidth=0
        )
        axes.add_patch(band)
        return band

    @staticmethod
    def _rows(axes: Axes, style: Style, title: str) -> None:
        style.dress(axes, title)
        axes.set(ylim=(len(ROWS) - 0.5, -0.5))
        axes.set_yticks(range(len(ROWS)), ROWS, fontsize=7.5)

    @staticmethod
    def _marks(axes: Axes, style: Style, role: str, marker: str) -> Line2D:
        (line,) = axes.plot(
            [], [], linestyle="none", marker=marker, markersize=4.5, color=style[role].colour,
            markeredgewidth=1.3 if marker == "x" else 0, alpha=0.8, clip_on=False,
        )  # fmt: skip
        return line

    def update(self, record: RungRecord) -> None:
        self.data.set_data(*record.data.T)
        near = np.abs(record.dreams).max(axis=1) <= self.half
        self.dreams.set_data(*record.dreams[near].T)
        for band in self.bands:
            band.set_y(record.place - 0.5)
        rungs, runs = record.ran_away.shape
        # Runs of a row lie a little apart, so that equal ones are seen.
        rows = np.arange(rungs)[:, None] + np.linspace(-0.28, 0.28, runs)
        worth = np.clip(record.log_likelihood, self.lowest, self.highest)
        for k, values in enumerate((worth, record.accuracy)):
            self.whole[k].set_data(values[~record.ran_away], rows[~record.ran_away])
            self.lost[k].set_data(values[record.ran_away], rows[record.ran_away])

    @staticmethod
    def _ends(record: RungRecord) -> tuple[float, float, int, int]:
        """Medians of L and of the vote, and how many of how many runs ran away."""
        here = record.place
        lost = record.ran_away[here]
        return (
            float(np.median(record.log_likelihood[here])),
            float(np.median(record.accuracy[here])),
            int(lost.sum()),
            len(lost),
        )

    @staticmethod
    def _when(record: RungRecord) -> str:
        """After how many steps the first run is seen."""
        return f"{record.steps} steps" + ", where it ran away" * record.lost

    def locked_alt(self, record: RungRecord) -> str:
        return (
            f"Left: the {record.name} and what a machine that learnt it with the exact gradient "
            "dreams of. Right: a row for each rung, its runs not drawn until you predict."
        )

    def alt(self, record: RungRecord) -> str:
        worth, told, lost, runs = self._ends(record)
        return (
            f"Left: 300 data of the {record.name} and 300 dreams of {record.rung} after "
            f"{self._when(record)}. Right: ten runs for each of six rungs. Of {record.rung}, "
            f"{lost} of {runs} ran away; the median L is {worth:.2f} nats and the median share of "
            f"dreams and data told apart {told:.2f}."
        )

    def readout(self, record: RungRecord) -> str:
        worth, told, lost, runs = self._ends(record)
        return (
            f"{record.name}, {record.rung}, {self._when(record)}\nten runs at the end: median L = "
            f"{worth:.2f} nats   told apart = {told:.2f}   ran away: {lost} of {runs}"
        )
