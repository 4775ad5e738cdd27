"""Pictures of the DDC asleep: posteriors beside their codes, and what is learnt from dreams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hmlib.course.nb08.records import Ceiling, Learnt, Observed, Turned
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style

Array = NDArray[np.float64]

DECODED, GAUSSIAN = "recognition", "free_energy"
"""Roles of what the code stands for, and of the Gaussian with the least KL(q || p)."""


R = TypeVar("R")


class _Believed(Picture[R]):
    """Pictures whose left side has the posterior, the decode and the Gaussian."""

    def believed(self, style: Style, ax: Axes) -> list[Artist]:
        style.dress(ax, "Where is the bird?", "place z_1", "density")
        ax.set(xlim=(-5, 5), ylim=(0, 1.75))
        colour = style["posterior"].colour
        self.p = ax.fill(
            *np.zeros((2, 1)), facecolor=colour, edgecolor=colour, alpha=0.45, label="posterior"
        )[0]
        names = ((DECODED, "decoded"), (GAUSSIAN, "Gaussian"))
        self.q = [ax.plot([], [], label=name, **style.line(role))[0] for role, name in names]
        box = {"frameon": True, "facecolor": style.paper, "edgecolor": style.paper, "framealpha": 1}
        place = {"loc": "upper center", "ncols": 3, "columnspacing": 0.8, "handlelength": 2.6}
        self.decode = self.q[0]
        return [self.p, *self.q, style.legend(ax, **place, **box)]

    def move_believed(self, z: Array, p: Array, *q: Array) -> None:
        self.p.set_xy(np.column_stack([np.r_[z[0], z, z[-1]], np.r_[0, p, 0]]))
        for line, density in zip(self.q, q, strict=True):
            line.set_data(z, density)


class AskedAwake(_Believed[Observed]):
    """What is believed about a place, and the code it was decoded from."""

    size = (7.8, 3.5)
    entries = 41

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.15, 1))
        believed = self.believed(style, left)
        style.dress(right, "The code r(x): 40 functions, then z_1", "entry", "average")
        right.set(xlim=(-1, self.entries), ylim=(-2.6, 3.1))
        right.axhline(0, color=style.faint, linewidth=0.8)
        # One collection of thick lines: so many bars with a hatch would be slow to draw.
        self.bars = right.vlines(
            np.arange(self.entries),
            0,
            0,
            style[DECODED].colour,
            linewidth=4.5,
            label="from the code",
        )
        small = style.point("posterior") | {"markersize": 4.5, "markeredgewidth": 0.5}
        (self.exact,) = right.plot([], [], label="exact", **small)
        style.legend(right, loc="upper center", ncols=2)
        return [*believed, self.bars, self.exact]

    def update(self, record: Observed) -> None:
        beliefs = record.decoded.density, record.gaussian.density
        self.move_believed(record.z, record.posterior, *beliefs)
        ends = np.zeros((self.entries, 2, 2))
        ends[..., 0], ends[:, 1, 1] = np.arange(self.entries)[:, None], record.code
        self.bars.set_segments(ends)
        self.exact.set_data(np.arange(self.entries), record.exact_code)

    def alt(self, record: Observed) -> str:
        return (
            f"Left: the posterior of the place for distance {record.x:.2f}, with probability "
            f"{record.exact.right:.2f} on the right; the density decoded from the code, whose "
            f"divergence from it is {record.decoded.kl:.2f} nats; and the best Gaussian, centre "
            f"{record.centre:.2f}, width {record.width:.2f}, divergence "
            f"{record.gaussian.kl:.2f}. Right: 41 entries of the code from {record.n} dreams; the "
            f"largest is off by {record.largest_error:.2f}. It reads P[z > 0] = "
            f"{record.read.right:.2f}."
        )

    def readout(self, record: Observed) -> str:
        read, exact = record.read, record.exact
        return (
            f"M = {record.n}   read off the code (exact): "
            f"E[z] {read.place:.2f} ({exact.place:.2f})   "
            f"P[z>0] {read.right:.2f} ({exact.right:.2f})   "
            f"E[z^2] {read.square:.2f} ({exact.square:.2f})   KL decoded "
            f"{record.decoded.kl:.2f}, Gaussian {record.gaussian.kl:.2f} nats"
        )

    def locked_alt(self, record: Observed) -> str:
        return (
            "Left: the posterior of the place; what the code and a Gaussian say of it is drawn "
            "once you predict. Right: the code, bars of both signs, and the exact averages as "
            "marks near their ends."
        )


class Learning(Picture[Learnt]):
    """Two rules, the same dreams: their errors, and one shadow."""

    size = (7.8, 3.5)
    rules = (("gap", "delta rule"), (DECODED, "least squares"))
    low, high = 1e-2, 100.0

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2)
        style.dress(left, "Missed part of the exact code", "dreams seen n", "1 - R^2")
        left.set(xscale="log", yscale="log", xlim=(9, 1100), ylim=(self.low, self.high))
        self.paths = [left.plot([], [], label=name, **style.line(r))[0] for r, name in self.rules]
        self.points = [left.plot([], [], **style.point(r))[0] for r, _ in self.rules]
        style.legend(left, loc="upper right", ncols=2)
        style.dress(right, "One shadow: left or right?", "distance x", "average of T(z_1)")
        right.set(xlim=(0, 4), ylim=(-1.6, 2.1))
        dots = style.point("dream") | {"markersize": 3.5, "markeredgewidth": 0, "alpha": 0.6}
        (self.dreams,) = right.plot([], [], label="dreams", **dots)
        (self.exact,) = right.plot([], [], label="exact", **style.line("posterior"))
        self.curves = [right.plot([], [], label=name, **style.line(r))[0] for r, name in self.rules]
        box = {"frameon": True, "facecolor": style.paper, "edgecolor": style.paper, "framealpha": 1}
        legend = style.legend(right, loc="upper center", ncols=2, **box)
        return [*self.paths, *self.points, self.dreams, self.exact, *self.curves, legend]

    def update(self, record: Learnt) -> None:
        paths = np.clip(record.path_missed, self.low, self.high)
        here = np.clip(record.missed, self.low, self.high)
        for k in (0, 1):
            self.paths[k].set_data(record.path_n, paths[k])
            self.points[k].set_data([record.n], [here[k]])
            self.curves[k].set_data(record.path_x, record.curves[k])
        self.exact.set_data(record.path_x, record.exact)
        self.dreams.set_data(record.dreams_x, record.dreams_T)

    def alt(self, record: Learnt) -> str:
        (d, s), (d_end, s_end) = record.missed, record.path_missed[:, -1]
        return (
            f"Left: the missed part of the exact code against the number of dreams. After "
            f"{record.n} dreams the delta rule at rate {record.rate:.2f} misses {d:.3f}, "
            f"least squares {s:.3f}; after {record.path_n[-1]} they miss {d_end:.3f} and "
            f"{s_end:.3f}. Right: one shadow along the distance, both rules beside the exact "
            f"average, through dots near -1 and 1."
        )

    def readout(self, record: Learnt) -> str:
        d, s = record.missed
        return f"{record.n} dreams   missed: delta rule {d:.3f}, least squares {s:.3f}"

    def locked_alt(self, record: Learnt) -> str:
        return (
            "Left: empty axes, where both rules' errors will be drawn against the number of "
            "dreams. Right: one shadow along the distance, exactly, and its values at the dreams, "
            "most of them far above or below that curve."
        )


class Angles(Picture[Turned]):
    """Gradients as bars, and their angles to the exact one."""

    size = (7.8, 3.5)
    looks = (("posterior", "exact"), ("gap", "split"), ("dream", "split minus dreams"))

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1, 1.1))
        style.dress(left, "The gradient, length 1", "", "entry")
        left.set(xlim=(-0.6, 2.6), ylim=(-1.05, 1.65))
        left.set_xticks(range(3), ("A", "b", "log variance"))
        left.axhline(0, color=style.faint, linewidth=0.8)
        self.bars = [
            left.bar(np.arange(3) + 0.27 * (k - 1), 0, 0.25, label=name, **style.bar(role))
            for k, (role, name) in enumerate(self.looks)
        ]
        style.legend(left, loc="upper center", ncols=2)
        style.dress(right, "Angle to the exact gradient", "dreams M", "degrees")
        right.set(xscale="log", xlim=(42, 6000), ylim=(-4, 199), yticks=range(0, 181, 30))
        right.axhline(90, color=style.faint, linewidth=0.8)
        self.paths = [
            right.plot([], [], label=name, **style.line(role))[0] for role, name in self.looks[1:]
        ]
        self.points = [
            right.plot([], [], clip_on=False, **style.point(role))[0] for role, _ in self.looks[1:]
        ]
        style.legend(right, loc="upper right")
        exact, *read_off = self.bars
        self.rises = [bar for group in read_off for bar in group]
        return [*exact, *self.rises, *self.paths, *self.points]

    def update(self, record: Turned) -> None:
        for group, gradient in zip(self.bars, record.gradients, strict=True):
            for bar, height in zip(group, gradient, strict=True):
                bar.set_height(height)
        for k in range(2):
            self.paths[k].set_data(record.path_n, record.path_angles[k])
            self.points[k].set_data([record.n], [record.angles[k]])

    def alt(self, record: Turned) -> str:
        split, less = record.angles
        return (
            f"Left: the entries of three gradients scaled to length 1; the exact one is "
            f"{np.round(record.gradients[0], 2).tolist()}. Right: angles to it over the number "
            f"of dreams. With {record.n} dreams, ridge {record.ridge} and features "
            f"{record.constant} a constant: split {split:.0f} degrees, split "
            f"minus dreams {less:.0f}."
        )

    def readout(self, record: Turned) -> str:
        split, less = record.angles
        return f"M = {record.n}   degrees off: split {split:.1f}, split minus dreams {less:.1f}"

    def locked_alt(self, record: Turned) -> str:
        return (
            "Left: the exact gradient as bars, the one in A the longest. Right: empty axes, where "
            "the angles of both others will be drawn against the number of dreams."
        )


class UnderTheCeiling(_Believed[Ceiling]):
    """L over a parameter of the model, and F of two beliefs under it."""

    size = (7.8, 3.5)
    floor = -8.0

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2)
        believed = self.believed(style, left)
        style.dress(right, "L, and F under it", "A, the model asked", "nats")
        right.set(xlim=(0.6, 1.6), ylim=(self.floor, 0.6))
        right.axvline(1.0, color=style.faint, linewidth=0.8)
        roles = (("likelihood", "L"), (DECODED, "F, decoded"), (GAUSSIAN, "F, Gaussian"))
        self.paths = [right.plot([], [], label=name, **style.line(r))[0] for r, name in roles]
        self.points = [right.plot([], [], clip_on=False, **style.point(r))[0] for r, _ in roles]
        style.legend(right, loc="upper center", ncols=3, columnspacing=0.8, handlelength=2.6)
        self.path, self.here = self.paths[1], self.points[1]
        return [*believed, *self.paths, *self.points]

    def update(self, record: Ceiling) -> None:
        decoded, gaussian = record.decoded, record.gaussian
        self.move_believed(record.z, record.posterior, decoded.density, gaussian.density)
        curves = (record.path_log_likelihood, decoded.path, gaussian.path)
        for line, curve in zip(self.paths, curves, strict=True):
            line.set_data(record.path_A, curve)
        here = (record.log_likelihood, decoded.free_energy, gaussian.free_energy)
        for point, height in zip(self.points, here, strict=True):
            point.set_data([record.A], [max(height, self.floor)])

    def alt(self, record: Ceiling) -> str:
        return (
            f"Left: posterior, decoded code of {record.k} random functions and best Gaussian "
            f"for distance {record.x:.2f}. Right: three curves over A. At A = {record.A:.2f}, L is "
            f"{record.log_likelihood:.3f}, F of the decoded code {record.decoded.free_energy:.3f} "
            f"and F of the Gaussian {record.gaussian.free_energy:.3f} nats; both F stay below L."
        )

    def readout(self, record: Ceiling) -> str:
        L, decoded, gaussian = record.log_likelihood, record.decoded, record.gaussian
        return (
            f"L {L:.3f}   F decoded {decoded.free_energy:.3f} (gap {decoded.gap:.3f})   "
            f"F Gaussian {gaussian.free_energy:.3f} (gap {gaussian.gap:.3f}) nats"
        )

    def locked_alt(self, record: Ceiling) -> str:
        return (
            "Left: the posterior, with a high peak on the right and a lower one on the left, and "
            "the best Gaussian, on the right. Right: L over A, and F of the Gaussian below it. "
            "What the code says is drawn once you predict."
        )
