"""Pictures of distributions and their codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from hmlib.course.nb07.records import KINDS, Built, Coded, Pair
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style

KIND_ROLES = dict(zip(KINDS, ("free_energy", "recognition", "gap", "dream"), strict=True))
"""The role in which each kind of encoding is drawn."""

SLOTS = 52
"""Bars for the largest code that is drawn."""


class CodeAndDecode(Picture[Coded]):
    """A density and what its code stands for, beside the code."""

    size = (7.8, 3.5)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.15, 1))
        style.dress(left, "A density, and what its code stands for", "z", "density")
        left.set(xlim=(-6, 6), ylim=(0, 1.12))
        blank, colour = np.zeros((1, 2)), style["data"].colour
        self.p = left.fill(*blank.T, facecolor=colour, alpha=0.45, label="the density")[0]
        thin = style.line("likelihood") | {"linewidth": 1.0}
        (self.base,) = left.plot([], [], label="base measure", **thin)
        (self.decoded,) = left.plot([], [], label="largest entropy", **style.line("free_energy"))
        style.legend(left, loc="upper right", ncols=3, columnspacing=0.9, handlelength=1.7)
        style.dress(right, "The code: averages of the functions", "function", "average")
        right.set(xlim=(-1, SLOTS), ylim=(-2.1, 2.1))
        right.axhline(0, color=style.ink, linewidth=0.6)
        # One artist for all bars: fifty patches would take longer than all the rest.
        self.bars = right.vlines([], [], [], colors=style["free_energy"].colour, linewidths=3.6)
        text = {"ha": "center", "va": "bottom", "fontsize": 8, "color": style.ink}
        self.names = [right.text(0, 0, name, **text) for name in ("z", "1")]
        return [self.p, self.base, self.decoded, left.get_legend(), self.bars, *self.names]

    def update(self, record: Coded) -> None:
        z, code = record.z, record.code
        edge = np.r_[z[0], z, z[-1]]
        self.p.set_xy(np.column_stack([edge, np.r_[0, record.p, 0]]))
        self.base.set_data(z, record.base)
        self.decoded.set_data(z, record.decoded)
        self.bars.set_segments([[(k, 0), (k, height)] for k, height in enumerate(code)])
        for name, k in zip(self.names, (code.size - 2, code.size - 1), strict=True):
            name.set_position((k, max(code[k], 0) + 0.05))

    def alt(self, record: Coded) -> str:
        values = ", ".join(f"{r:z.2f}" for r in record.code)
        return (
            f"Left: the density {record.shape}, {record.amount:.3f} of the way, and the density "
            f"of largest entropy with the same code, which has {_counted(record.peaks, 'peak')} "
            f"and misplaces {record.missed:.4f} of the probability. Right: the code, averages "
            f"of {_counted(record.K, 'random function')}, of z and of 1: {values}."
        )

    def readout(self, record: Coded) -> str:
        return (
            f"K = {record.K}   mean of z {record.mean:z.3f}   "
            f"probability in the wrong place {record.missed:.4f}"
        )


class ReadOff(Picture[Built]):
    """A function built out of encodings of each kind, and the error of its average."""

    size = (7.8, 3.5)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1, 1.1))
        style.dress(left, "f, and f out of encodings", "z", "")
        left.set(xlim=(-6, 6), ylim=(-0.2, 1.2))
        left.set_yticks((0, 1), ("lowest", "highest"))
        thick = {"color": style["data"].colour, "linewidth": 6, "alpha": 0.45, "label": "f"}
        (self.target,) = left.plot([], [], **thick)
        roles = KIND_ROLES.items()
        thin = {"linewidth": 1.5}
        self.built = [left.plot([], [], **(style.line(role) | thin))[0] for _, role in roles]
        style.dress(right, "Error of E[f]", "K random functions, and z and 1", "relative error")
        right.set(xscale="symlog", yscale="log", xlim=(0, 110), ylim=(1e-8, 10))
        right.set_xticks((0, 1, 3, 10, 30, 100), ("0", "1", "3", "10", "30", "100"))
        right.axhline(1, color=style.ink, linewidth=0.6)
        self.now = right.axvline(0, color=style.ink, linewidth=1.0, linestyle=":")
        self.paths = [right.plot([], [], label=kind, **style.line(role))[0] for kind, role in roles]
        self.points = [
            right.plot([], [], clip_on=False, **(style.point(role) | {"markersize": 7}))[0]
            for _, role in roles
        ]
        box = {"frameon": True, "facecolor": style.paper, "edgecolor": style.paper}
        style.legend(right, loc="lower left", ncols=2, handlelength=3.0, framealpha=1, **box)
        legend = right.get_legend()
        return [self.target, *self.built, self.now, *self.paths, legend, *self.points]

    def update(self, record: Built) -> None:
        self.target.set_data(record.z, record.target)
        self.now.set_xdata([record.K] * 2)
        for k, path in enumerate(record.path_errors):
            self.built[k].set_data(record.z, record.built[k])
            self.paths[k].set_data(np.arange(path.size), path)
            self.points[k].set_data([record.K], [record.errors[k]])

    def _errors(self, record: Built) -> str:
        pairs = zip(KINDS, record.errors, strict=True)
        return ", ".join(f"{kind} {_small(error)}" for kind, error in pairs)

    def alt(self, record: Built) -> str:
        return (
            f"Left: f, {record.f}, and four curves that the encodings of each kind make of it. "
            f"Right: the relative error of its average against K; for K = {record.K} and gain "
            f"{record.gain:g} it is {self._errors(record)}."
        )

    def readout(self, record: Built) -> str:
        return f"K = {record.K}   relative error: {self._errors(record)}"


class Unseen(Picture[Pair]):
    """Two densities with one code, their codes, and an average in which they differ."""

    size = (7.8, 3.5)
    roles = ("free_energy", "gap")

    def build(self, style: Style) -> Sequence[Artist]:
        left, middle, right = self.figure.subplots(1, 3, width_ratios=(1.5, 1.2, 0.6))
        style.dress(left, "Two densities", "z", "density")
        left.set(xlim=(-6, 6), ylim=(-0.2, 0.62), yticks=np.linspace(0, 0.6, 4))
        left.axhline(0, color=style.ink, linewidth=0.6)
        self.pair = [
            left.plot([], [], label=name, **style.line(role))[0]
            for name, role in zip(("first", "second"), self.roles, strict=True)
        ]
        (self.f,) = left.plot([], [], label="f (its height is 1)", **style.line("energy"))
        style.legend(left, loc="upper left", handlelength=3.0)
        style.dress(middle, "Their codes", "function", "average")
        middle.set(xlim=(-2, SLOTS + 1), ylim=(-1.1, 1.1))
        round_, cross = style.point(self.roles[0]), style.point(self.roles[1])
        empty = {"markersize": 8, "markerfacecolor": "none"}
        empty["markeredgecolor"] = style[self.roles[0]].colour
        thin = {"marker": "x", "markersize": 5, "markeredgecolor": style[self.roles[1]].colour}
        self.codes = [middle.plot([], [], **look)[0] for look in (round_ | empty, cross | thin)]
        style.dress(right, "E[f]", "", "")
        right.set(xlim=(-0.6, 1.6), ylim=(0, 1.05))
        right.set_xticks((0, 1), ("first", "second"), fontsize=8)
        self.bars = [right.bar(k, 0, 0.7, **style.bar(r))[0] for k, r in enumerate(self.roles)]
        text = {"ha": "center", "va": "bottom", "fontsize": 8, "color": style.ink}
        self.labels = [right.text(k, 0, "", **text) for k in range(2)]
        return [*self.pair, self.f, left.get_legend(), *self.codes, *self.bars, *self.labels]

    def update(self, record: Pair) -> None:
        self.f.set_data(record.z, 0.15 * record.f - 0.19)
        for k, average in enumerate(record.averages):
            self.pair[k].set_data(record.z, record.densities[k])
            self.codes[k].set_data(np.arange(record.K + 2), record.codes[k])
            self.bars[k].set_height(average)
            self.labels[k].set(y=average + 0.01, text=f"{average:.3f}")

    def alt(self, record: Pair) -> str:
        first, second = record.averages
        apart = record.codes_apart
        same = "agree to nine digits" if apart < 1e-9 else f"differ by up to {_small(apart)}"
        return (
            f"Left: two densities that differ in {record.missed:.3f} of their probability, and "
            f"a bump f of width {record.width:g} at 1. Middle: their codes for K = {record.K} and "
            f"gain {record.gain:g}, which {same}. Right: E[f] is {first:.4f} and {second:.4f}; "
            f"no pair with one code differs by more than {record.bound:.4f}."
        )

    def readout(self, record: Pair) -> str:
        first, second = record.averages
        return (
            f"E[f] {first:.4f} and {second:.4f}   difference {record.difference:.4f}, at most "
            f"{record.bound:.4f}   probability that differs {record.missed:.3f}"
        )


def _counted(n: int, word: str) -> str:
    """1 peak, 2 peaks."""
    return f"{n} {word}{'s' * (n != 1)}"


def _small(number: float) -> str:
    """Two digits, however many zeros come before them; no powers of ten."""
    if number < 1e-5:
        return "under 0.00001"
    if number >= 1:
        return f"{number:.1f}" if number < 10 else f"{number:.0f}"
    exponent = int(f"{number:.1e}".partition("e")[2])
    return f"{number:.{1 - exponent}f}"
