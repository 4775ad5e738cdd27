"""Pictures of EM: the staircase, F along one weight, and where fifty climbs end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection

from hmlib.course.nb03.records import MOST_PHASES, Ending, Slices, Stairs
from hmlib.figures.picture import Picture
from hmlib.figures.sheets import CauseSheet
from hmlib.figures.style import Style


class Staircase(Picture[Stairs]):
    """F and L after every phase of EM; beside them what the causes draw."""

    size = (7.6, 3.6)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(3.6, 1))
        style.dress(left, "Average over the stripes", "phases", "nats a picture")
        left.set(xlim=(-1, MOST_PHASES + 1), ylim=(-8.8, -1.9))
        self.bound = left.axhline(0, color=style.ink, linewidth=0.9)
        words = {"ha": "left", "va": "bottom", "fontsize": 8, "color": style.ink}
        self.bound_label = left.text(-0.5, 0, "bound", **words)
        where = {"drawstyle": "steps-post"}
        (self.l_line,) = left.plot([], [], label="L", **where, **style.line("likelihood"))
        (self.f_line,) = left.plot([], [], label="F", **where, **style.line("free_energy"))
        gap = style.line("gap") | {"linewidth": 3.0}
        (self.gap,) = left.plot([], [], label="gap now", **gap)
        e = style.point("recognition") | {"markersize": 7}
        m = style.point("dream") | {"markersize": 7}
        (self.e_marks,) = left.plot([], [], label="E-phase", **e)
        (self.m_marks,) = left.plot([], [], label="M-phase", **m)
        fall = style.point("likelihood") | {"marker": "v", "markersize": 7}
        (self.falls,) = left.plot([], [], **fall)
        style.legend(left, loc="lower right", ncols=5, columnspacing=0.8, handlelength=1.5)
        self.sheet = CauseSheet(right, style, 6, "What causes draw")
        lines = [
            self.bound,
            self.bound_label,
            self.l_line,
            self.f_line,
            self.gap,
            self.e_marks,
            self.m_marks,
            self.falls,
        ]
        return [*lines, self.sheet.image]

    def update(self, record: Stairs) -> None:
        log_l, f = record.log_likelihood, record.free_energy
        # The last step is drawn half a phase long, so that it can be seen.
        now = len(record.word) + 0.5
        steps = [*range(len(f)), now]
        self.l_line.set_data(steps, np.append(log_l, log_l[-1]))
        self.f_line.set_data(steps, np.append(f, f[-1]))
        self.gap.set_data([now, now], [f[-1], log_l[-1]])
        self.bound.set_ydata([record.bound] * 2)
        self.bound_label.set_y(record.bound + 0.05)
        self.e_marks.set_data(record.e_phases, f[record.e_phases])
        self.m_marks.set_data(record.m_phases, f[record.m_phases])
        self.falls.set_data(record.fallen, log_l[record.fallen] + 0.22)
        self.sheet.show(record.drawn)

    def alt(self, record: Stairs) -> str:
        word, log_l, f = record.word, record.log_likelihood, record.free_energy
        rise = f" F rose from {f[0]:.3f} to {f[-1]:.3f} and L from {log_l[0]:.3f}." if word else ""
        return (
            f"Left: stairs of F under stairs of L, after {_phases(word)} "
            f"({word or 'none yet'}) with Q {record.kind}.{rise} Now F is {f[-1]:.3f}, L is "
            f"{log_l[-1]:.3f}, the gap {record.gap:z.3f} nats; a line at {record.bound:.3f} "
            f"marks the bound.{_falls(record)} Right: what each of {len(record.drawn)} causes "
            "draws."
        )

    def readout(self, record: Stairs) -> str:
        return (
            f"after {_phases(record.word)}: L = {record.log_likelihood[-1]:.3f}   "
            f"F = {record.free_energy[-1]:.3f}   gap = {record.gap:z.3f}   "
            f"bound = {record.bound:.3f} nats{_falls(record)}"
        )


def _falls(record: Stairs) -> str:
    """In which phases L fell."""
    fallen = ", ".join(map(str, record.fallen))
    return f" L fell in phase {fallen}." if fallen else ""


def _phases(word: str) -> str:
    return f"{len(word)} phase{'s' * (len(word) != 1)}"


class OneWeight(Picture[Slices]):
    """F along one generative weight, and along a line through the recognition weights."""

    size = (7.6, 3.6)
    low, high = -5.8, -1.5

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, sharey=True)
        self.left, self.right = left, right
        style.dress(left, "Q fixed: a generative weight moves", "G, from rain to lawn", "nats")
        style.dress(right, "Machine fixed: recognition moves", "W, from lawn to rain")
        left.set(xlim=(3.5, 20.5), ylim=(self.low, self.high), xticks=range(4, 21, 4))
        right.set(xlim=(-7.5, 13.5), xticks=range(-6, 13, 3))
        tangent = style.line("gap") | {"linestyle": "-.", "linewidth": 1.4}
        self.lines, self.tangents, self.ceilings, self.points = [], [], [], []
        for ax in (left, right):
            self.ceilings += ax.plot([], [], label="L", **style.line("likelihood"))
            self.tangents += ax.plot([], [], label="tangent", **tangent)
            self.lines += ax.plot([], [], label="F", **style.line("free_energy"))
            self.points += ax.plot([], [], clip_on=False, **style.point("free_energy"))
        box = {
            "frameon": True, "facecolor": style.paper, "edgecolor": style.paper, "framealpha": 1,
        }  # fmt: skip
        style.legend(left, loc="upper center", ncols=3, borderaxespad=0.0, **box)
        moving = (self.ceilings, self.tangents, self.lines, self.points)
        self.W_side = [artists[1] for artists in moving]
        return [*(artist for artists in moving for artist in artists), left.get_legend()]

    def update(self, record: Slices) -> None:
        for i, line in enumerate((record.G, record.W)):
            self.ceilings[i].set_data(line.path, line.log_likelihood)
            self.tangents[i].set_data(line.path, line.tangent)
            self.lines[i].set_data(line.path, line.free_energy)
            self.points[i].set_data([line.weight], [record.free_energy])

    def alt(self, record: Slices) -> str:
        G, W = record.G, record.W
        inside = f"{W.tops} top{'s' * (W.tops != 1)} inside" if W.tops else "no top inside"
        return (
            f"F at G = {G.weight:.2f} and W = {W.weight:.2f} is "
            f"{record.free_energy:.3f} nats. Left: F over G, a curve that bends down "
            f"everywhere, highest at {G.top:.2f}, below its tangent of slope "
            f"{G.slope:.4f}. Right: F over W, with {inside} and highest at "
            f"{W.top:.2f}; the tangent there has slope {W.slope:.4f}."
        )

    def locked_alt(self, record: Slices) -> str:
        return (
            "Left: F over the generative weight, under L, with its tangent. Right: empty axes "
            "until you predict; F over the recognition weight is drawn there."
        )

    def readout(self, record: Slices) -> str:
        return (
            f"F = {record.free_energy:.3f}   L = {record.log_likelihood:.3f} nats   "
            f"slope left = {record.G.slope:+.4f}   slope right = {record.W.slope:+.4f}"
        )


class Stuck(Picture[Ending]):
    """The machine at the end of one climb, its climb among fifty, and where all of them end."""

    size = (7.6, 3.6)
    causes = 6

    def build(self, style: Style) -> Sequence[Artist]:
        left, middle, right = self.figure.subplots(1, 3, width_ratios=(1, 1.5, 1.5))
        self.sheet = CauseSheet(left, style, self.causes, "What causes draw")
        text = {"ha": "center", "va": "top", "fontsize": 7, "color": style.ink}
        places = [divmod(k, 2) for k in range(self.causes)]
        self.labels = [left.text(4 * c + 1, 4 * r + 2.6, "", **text) for r, c in places]
        style.dress(middle, "L along the climb", "phases", "nats a picture")
        style.dress(right, "Where all fifty end", "seeds, from best EM to worst")
        middle.set(xlim=(0, 60))
        right.set(xlim=(-2, 51), xticks=[])
        for ax in (middle, right):
            ax.set_ylim(-4.2, -2.3)
        faint = [np.zeros((2, 2))] * 50
        self.others = LineCollection(faint, colors=style.faint, linewidths=0.8)
        middle.add_collection(self.others, autolim=False)
        solid = style.line("likelihood") | {"linestyle": "-"}
        (self.curve,) = middle.plot([], [], **solid)
        bound = style.line("likelihood") | {"linewidth": 1.2}
        self.bounds = [ax.axhline(0, **bound) for ax in (middle, right)]
        small = style.point("likelihood") | {"markersize": 3, "color": style.ink, "marker": "o"}
        (self.ends,) = right.plot([], [], label="EM", **small)
        cross = style.point("gap") | {"marker": "x", "markersize": 4}
        cross["markeredgecolor"] = style["gap"].colour
        (self.steps,) = right.plot([], [], label="small steps", **cross)
        (self.now,) = right.plot([], [], label="EM, this seed", **style.point("likelihood"))
        here = style.point("gap") | {"markersize": 6, "label": "small steps, this seed"}
        (self.step_now,) = right.plot([], [], **here)
        style.legend(right, loc="lower left")
        return [*self.bounds, self.others, self.curve, self.ends, self.steps, self.now,
                self.step_now, self.sheet.image, *self.labels]  # fmt: skip

    def update(self, record: Ending) -> None:
        phases = np.arange(record.curves.shape[1])
        self.others.set_segments([np.column_stack([phases, curve]) for curve in record.curves])
        self.curve.set_data(phases, record.curves[record.seed])
        for line in self.bounds:
            line.set_ydata([record.bound] * 2)
        self.ends.set_data(np.arange(len(record.ends)), record.ends)
        self.steps.set_data(np.arange(len(record.ends)), record.small_steps)
        self.now.set_data([record.rank - 1], [record.log_likelihood])
        self.step_now.set_data([record.rank - 1], [record.small_step])
        self.sheet.show(record.drawn)
        on = [f"on {p:.2f}" for p in record.on] + [""] * self.causes
        for label, words in zip(self.labels, on, strict=False):
            label.set_text(words)

    def alt(self, record: Ending) -> str:
        on = ", ".join(f"{p:.2f}" for p in record.on)
        return (
            f"Left: what each of {record.causes} causes draws, on with probability {on}. "
            f"Middle: L of seed {record.seed} climbs from "
            f"{record.curves[record.seed, 0]:.3f} to {record.log_likelihood:.3f} nats, "
            f"among forty-nine others. Right: the last L of fifty seeds, from "
            f"{record.ends[0]:.3f} to {record.ends[-1]:.3f}; this one is number {record.rank}. "
            f"Crosses: small steps from the same beginnings; EM ends higher from {record.higher} "
            f"and lower from {record.lower}; from this one they end at {record.small_step:.3f}. "
            f"A dashed line at {record.bound:.3f} marks the bound."
        )

    def readout(self, record: Ending) -> str:
        return (
            f"seed {record.seed}: EM {record.log_likelihood:.3f} (place {record.rank}), "
            f"small steps {record.small_step:.3f}, bound {record.bound:.3f} nats   EM higher from "
            f"{record.higher} seeds, lower from {record.lower}"
        )

    def locked_alt(self, record: Ending) -> str:
        return (
            "Left: what each cause draws. Middle: L along fifty climbs of EM, all rising. Right: "
            "the last L of the fifty, from best to worst. Where small steps end is drawn once you "
            "predict."
        )
