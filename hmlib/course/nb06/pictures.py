"""Pictures of what a factorised Q costs: a gap, a walk, an angle, and many guesses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import NDArray

from hmlib.course.nb06.records import (
    AngleRecord,
    ManyCausesRecord,
    ManyGuessesRecord,
    WalkRecord,
)
from hmlib.figures.picture import Picture
from hmlib.figures.sheets import placed, shades
from hmlib.figures.style import Style

Array = NDArray[np.float64]

EXCLUSIVE, INCLUSIVE = "free_energy", "reversed"
"""Roles of the two directions: KL(Q || P), which F has, and KL(P || Q)."""


def _now(style: Style, role: str) -> dict[str, Any]:
    """Keywords for the point that says where the controls stand."""
    return style.point(role) | {"clip_on": False}


def _rows(picture: Array) -> str:
    """A picture of 0 and 1 in words, row by row."""
    return "/".join("".join(str(int(x)) for x in row) for row in picture)


class ManyCauses(Picture[ManyCausesRecord]):
    """Least divergences of a factorised Q over the number of causes; how many causes are on."""

    size = (7.8, 3.5)
    shown = 12

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.2, 1))
        style.dress(left, "No factorised Q can do better", "n, number of causes", "nats")
        left.set(xscale="log", xlim=(0.9, 450), ylim=(0, 6.2))
        left.set_xticks([1, 2, 5, 10, 20, 50, 100, 200, 400])
        left.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        left.xaxis.set_minor_formatter(NullFormatter())
        left.minorticks_off()
        (self.log_n,) = left.plot([], [], color=style.ink, linewidth=0.8, label="ln n")
        names = ((EXCLUSIVE, "least KL(Q || P)"), (INCLUSIVE, "least KL(P || Q)"))
        self.lines = [left.plot([], [], label=name, **style.line(r))[0] for r, name in names]
        self.points = [left.plot([], [], **_now(style, role))[0] for role, _ in names]
        style.legend(left, loc="upper left")
        style.dress(right, "How many causes are on?", "causes on at once", "probability")
        right.set(xlim=(-0.7, self.shown + 0.7), ylim=(0, 1.12))
        right.set_xticks(range(0, self.shown + 1, 2))
        places = np.arange(self.shown + 1)
        roles = (
            ("posterior", "posterior P"),
            (EXCLUSIVE, "Q, least KL(Q || P)"),
            (INCLUSIVE, "Q, least KL(P || Q)"),
        )
        self.counts = [
            right.bar(places + x, 0, 0.27, label=name, **style.bar(role))
            for x, (role, name) in zip((-0.28, 0.0, 0.28), roles, strict=True)
        ]
        style.legend(right, loc="upper right")
        self.bars = [bar for bars in self.counts for bar in bars]
        return [self.log_n, *self.lines, *self.points, *self.bars]

    def update(self, record: ManyCausesRecord) -> None:
        self.log_n.set_data(record.path_n, record.path_log_n)
        directions = (record.exclusive, record.inclusive)
        for line, point, direction in zip(self.lines, self.points, directions, strict=True):
            line.set_data(record.path_n, direction.path)
            point.set_data([record.n], [direction.least])
        all_counts = (record.posterior, record.exclusive.counts, record.inclusive.counts)
        for bars, counts in zip(self.counts, all_counts, strict=True):
            heights = np.append(counts, np.zeros(self.shown + 1))
            for bar, height in zip(bars, heights, strict=False):
                bar.set_height(height if height > 1e-3 else np.nan)

    def alt(self, record: ManyCausesRecord) -> str:
        exclusive, inclusive = record.exclusive, record.inclusive
        return (
            f"Left: the least divergences over the number of causes, at strength "
            f"{record.s:.1f}. With {record.n} causes the least KL(Q || P) is "
            f"{exclusive.least:.3f} and the least KL(P || Q) {inclusive.least:.3f} nats; a "
            f"thin line shows ln n, here {record.log_n:.3f}. Right: bars of how many causes are "
            f"on at once; probability of just one: the posterior {record.posterior[1]:.2f}, the Q "
            f"of least KL(Q || P) {exclusive.counts[1]:.2f}, the Q of least KL(P || Q) "
            f"{inclusive.counts[1]:.2f}."
        )

    def readout(self, record: ManyCausesRecord) -> str:
        return (
            f"n = {record.n}   least KL(Q || P) = {record.exclusive.least:.3f}   least KL(P || Q) "
            f"= {record.inclusive.least:.3f}   ln n = {record.log_n:.3f} nats"
        )


class Walk(Picture[WalkRecord]):
    """What L and F lack along a walk from the top of L, and the gap of each picture."""

    size = (7.8, 4.0)

    def build(self, style: Style) -> Sequence[Artist]:
        axes = self.figure.subplot_mosaic(
            [["missing", "bars"], ["gap", "bars"], ["gap", "sheet"]],
            width_ratios=(1.1, 1), height_ratios=(1, 0.72, 0.28),
        )  # fmt: skip
        top, below, right, sheet = (axes[name] for name in ("missing", "gap", "bars", "sheet"))
        style.dress(top, "Missing from L to its bound", "", "nats")
        top.set(xlim=(0, 2500), ylim=(0, 0.85))
        top.tick_params(labelbottom=False)
        style.dress(below, "Missing from F to L: the gap", "steps", "nats")
        below.set(xlim=(0, 2500), ylim=(0, 3.7))
        places = ((top, "likelihood"), (below, "gap"))
        self.lines = [ax.plot([], [], **style.line(role))[0] for ax, role in places]
        self.points = [ax.plot([], [], **_now(style, role))[0] for ax, role in places]
        style.dress(right, "KL(Q || P) of each picture", "", "nats")
        right.set(xlim=(-0.6, 11.6), ylim=(0, 11.5), xticks=[])
        self.bars = list(right.bar(np.arange(12), 0, 0.7, **style.bar("gap")))
        style.dress(sheet)
        sheet.set(xticks=[], yticks=[], xlim=(-0.6, 11.6), ylim=(0.5, -0.5), aspect="auto")
        for spine in sheet.spines.values():
            spine.set_visible(False)
        self.image = sheet.imshow(
            placed(np.empty((0, 3, 3)), 1, 12), cmap=shades(style), vmin=0, vmax=1,
            aspect="auto", extent=(-0.375, 11.375, 0.45, -0.45),
        )  # fmt: skip
        sheet.set(xlim=(-0.6, 11.6), ylim=(0.5, -0.5))
        return [*self.lines, *self.points, *self.bars, self.image]

    def update(self, record: WalkRecord) -> None:
        curves = (record.missing, record.gap)
        for line, point, curve in zip(self.lines, self.points, curves, strict=True):
            line.set_data(record.counts, curve.path)
            point.set_data([record.steps], [curve.now])
        for bar, height in zip(self.bars, record.by_picture, strict=True):
            bar.set_height(height)
        self.image.set_data(placed(record.pictures, 1, 12))

    def alt(self, record: WalkRecord) -> str:
        missing, gap, worst = record.missing, record.gap, record.worst
        return (
            f"Left: two curves over 2500 steps of {record.rule} on the machine with "
            f"{record.machine}. L lies {missing.path[0]:.3f} nats below its bound at first and "
            f"{missing.path[-1]:.3f} at the end; F lies {gap.path[0]:.3f} below L at first and "
            f"{gap.path[-1]:.3f} at the end. After {record.steps} steps: {missing.now:.3f} and "
            f"{gap.now:.3f}. Right: a bar for each of twelve pictures; the highest, "
            f"{record.by_picture[worst]:.2f}, for {_rows(record.pictures[worst])}."
        )

    def readout(self, record: WalkRecord) -> str:
        return (
            f"after {record.steps} steps: L is {record.missing.now:.3f} below its bound, F "
            f"{record.gap.now:.3f} below L   F = {record.free_energy:.3f} nats"
        )


class Angle(Picture[AngleRecord]):
    """F and dreamt F-tilde along a run, the cosine between their slopes, and the angle drawn."""

    size = (7.8, 4.0)
    most = 1200

    def build(self, style: Style) -> Sequence[Artist]:
        axes = self.figure.subplot_mosaic(
            [["heights", "angle"], ["cosine", "angle"]],
            width_ratios=(1.25, 1), height_ratios=(1.25, 1),
        )  # fmt: skip
        top, below, right = (axes[name] for name in ("heights", "cosine", "angle"))
        style.dress(top, "Average over the stripes", "", "nats")
        top.set(xlim=(0, self.most), ylim=(-11, -2))
        top.tick_params(labelbottom=False)
        names = (("free_energy", "F"), ("dream", "dreamt F-tilde"))
        self.lines = [top.plot([], [], label=name, **style.line(role))[0] for role, name in names]
        self.points = [top.plot([], [], **_now(style, role))[0] for role, _ in names]
        style.legend(top, loc="lower right", ncols=2)
        style.dress(below, "Cosine of the angle", "steps", "")
        below.set(xlim=(0, self.most), ylim=(-1.05, 1.05), yticks=[-1, 0, 1])
        below.axhline(0, color=style.ink, linewidth=0.8)
        self.others = LineCollection([np.zeros((2, 2))] * 20, colors=style.faint, linewidths=0.8)
        below.add_collection(self.others, autolim=False)
        (self.cosine,) = below.plot([], [], **style.line("dream"))
        (self.cosine_now,) = below.plot([], [], **_now(style, "dream"))
        style.dress(right, "Slopes in the recognition weights")
        right.set(xlim=(-1.15, 1.15), ylim=(-1.25, 1.25), xticks=[], yticks=[], aspect="equal")
        for spine in right.spines.values():
            spine.set_visible(False)
        right.fill_between([-1.15, 1.15], 0, 1.25, color=style.faint, linewidth=0, zorder=0)
        text: dict[str, Any] = {"fontsize": 8, "color": style.ink, "ha": "left"}
        right.text(-1.1, 1.1, "F rises", **text)
        right.text(-1.1, -1.15, "F falls", **text)
        up = style.line("free_energy") | {"linewidth": 3}
        right.plot([0, 0], [0, 1], **up)
        right.plot([0], [1], **(style.point("free_energy") | {"marker": "^", "markersize": 10}))
        right.text(0.08, 1.06, "steepest up on F", **text)
        sleep = style.line("dream") | {"linewidth": 3}
        (self.sleep,) = right.plot([], [], **sleep)
        (self.tip,) = right.plot([], [], **style.point("dream"))
        self.words = right.text(0, 0, "", **(text | {"ha": "center", "va": "center"}))
        return [
            *self.lines, *self.points, self.others, self.cosine, self.cosine_now, self.sleep,
            self.tip, self.words,
        ]  # fmt: skip

    def update(self, record: AngleRecord) -> None:
        for line, point, curve in zip(
            self.lines, self.points, (record.free_energy, record.dream), strict=True
        ):
            line.set_data(record.counts, curve.path)
            point.set_data([record.steps], [curve.now])
        across_runs = np.broadcast_to(record.counts, record.others.shape)
        self.others.set_segments(list(np.stack([across_runs, record.others], axis=2)))
        self.cosine.set_data(record.counts, record.cosine.path)
        self.cosine_now.set_data([record.steps], [record.cosine.now])
        across, up = record.direction
        self.sleep.set_data([0, 0.95 * across], [0, 0.95 * up])
        self.tip.set_data([0.95 * across], [0.95 * up])
        self.words.set(text=f"sleep\n{record.angle:.0f} degrees", position=(-0.55, -0.3))

    def alt(self, record: AngleRecord) -> str:
        free, dream = record.free_energy.path, record.dream.path
        lowest, highest = record.cosine_range
        side = "above" if record.cosine.now > 0 else "below"
        return (
            f"Left: {record.run}. F goes from {free[0]:.3f} to {free[-1]:.3f} nats, the dreamt "
            f"F-tilde from {dream[0]:.3f} to {dream[-1]:.3f}; the cosine between their slopes "
            f"lies between {lowest:.2f} and {highest:.2f}.{_others(record)} Right, after "
            f"{record.steps} steps: an arrow for sleep at {record.angle:.0f} degrees from the "
            f"steepest way up on F, {side} the line where F stays level."
        )

    def readout(self, record: AngleRecord) -> str:
        return (
            f"after {record.steps} steps: F = {record.free_energy.now:.3f}   dreamt F-tilde = "
            f"{record.dream.now:.3f} nats\ncosine {record.cosine.now:.2f}, angle "
            f"{record.angle:.0f} degrees.{_others(record)}"
        )


def _others(record: AngleRecord) -> str:
    """The thin lines in words."""
    if not len(record.others):
        return ""
    return (
        f" Of {len(record.others)} other machines {record.downhill} have a place where sleep "
        "points downhill."
    )


class ManyGuesses(Picture[ManyGuessesRecord]):
    """How far L_K lies below L over K, and the weights of K guesses."""

    size = (7.8, 3.6)
    most = 60
    every: ClassVar[dict[int, int]] = {10: 2, 20: 5, 40: 10, 60: 10}
    """From the end of the axis of guesses to the distance of its ticks."""

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.2, 1))
        style.dress(left, "L - L_K", "K, guesses a picture", "nats")
        left.set(xlim=(0.9, 70), ylim=(1e-5, 10), xscale="log", yscale="log")
        left.set_xticks([1, 2, 5, 10, 20, 50], ["1", "2", "5", "10", "20", "50"])
        left.minorticks_off()
        (self.gap,) = left.plot([], [], label="L - F", **style.line("gap"))
        (self.line,) = left.plot([], [], label="L - L_K", **style.line("free_energy"))
        (self.now,) = left.plot([], [], **_now(style, "free_energy"))
        style.legend(left, loc="lower left")
        style.dress(right, "Weights of K guesses", "guess, heaviest first", "weight")
        right.set(xlim=(0, self.most + 1), ylim=(0, 1.05))
        places = np.arange(1, self.most + 1)
        bars = right.bar(places, 0, 0.85, **(style.bar("recognition") | {"hatch": ""}))
        self.bars, self.weights = list(bars), right
        inset = right.inset_axes((0.74, 0.62, 0.24, 0.34))
        inset.set(xticks=[], yticks=[])
        style.dress(inset, "")
        self.image = inset.imshow(np.zeros((3, 3)), cmap=shades(style), vmin=0, vmax=1)
        return [self.gap, self.line, self.now, *self.bars, self.image]

    def scale(self, record: ManyGuessesRecord) -> int:
        """The end of the axis of guesses: the next of 10, 20, 40, 60."""
        return next(end for end in (10, 20, 40, self.most) if record.k <= end)

    def update(self, record: ManyGuessesRecord) -> None:
        end = self.scale(record)
        if self.weights.get_xlim()[1] != end + 0.6:
            self.weights.set_xlim(0.4, end + 0.6)
            # None at the end itself: a number that stands out would make the axes narrower.
            self.weights.set_xticks(range(self.every[end], end, self.every[end]))
        self.gap.set_data([0.9, 70], [record.gap] * 2)
        self.line.set_data(record.path_k, record.path_below)
        self.now.set_data([record.k], [np.clip(record.below, 1.1e-5, 10)])
        heights = np.append(record.omega, np.zeros(self.most - record.k))
        for bar, height in zip(self.bars, heights, strict=True):
            bar.set_height(height if height > 1e-4 else np.nan)
        self.image.set_data(record.picture)

    def alt(self, record: ManyGuessesRecord) -> str:
        below = record.path_below
        return (
            f"Left, both axes logarithmic, machine {record.machine}: L_K lies {below[0]:.4f} "
            f"nats below L with one guess, {below[9]:.4f} with ten and {below[-1]:.4f} with "
            f"{self.most}; with K = {record.k} it is {record.below:.4f}. A dotted line marks "
            f"L - F = {record.gap:.4f}. Right: the weights of K guesses for the picture "
            f"{_rows(record.picture)}; the heaviest has {record.omega[0]:.2f}, and they count as "
            f"{record.effective:.1f} equal ones."
        )

    def readout(self, record: ManyGuessesRecord) -> str:
        return (
            f"K = {record.k}   L - L_K = {record.below:.4f}   L - F = {record.gap:.4f} "
            f"nats   {_count(record.k)} as much as {record.effective:.1f} equal ones"
        )


def _count(k: int) -> str:
    return "1 guess counts" if k == 1 else f"{k} guesses count"
