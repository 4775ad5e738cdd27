"""Pictures of EM: the staircase, F along one weight, and where fifty climbs end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection

from hmlib.figures.base import Picture, Record
from hmlib.figures.sheets import CauseSheet
from hmlib.figures.style import Style


class Staircase(Picture):
    """F and L after every phase of EM; beside them what the causes draw.

    Record: `word` of k letters, `kind`, `log_likelihood` (k + 1,), `free_energy` (k + 1,), `gap`,
    `best`, `drawn` (n_v, 3, 3).
    """

    size = (7.6, 3.6)
    most = 40

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(3.6, 1))
        style.dress(left, "Average over the stripes", "phases", "nats a picture")
        left.set(xlim=(-1, self.most + 1), ylim=(-8.8, -1.9))
        self.best = left.axhline(0, color=style.ink, linewidth=0.9)
        words = {"ha": "left", "va": "bottom", "fontsize": 8, "color": style.ink}
        self.best_label = left.text(-0.5, 0, "bound", **words)
        where = {"drawstyle": "steps-post"}
        (self.l_line,) = left.plot([], [], label="L", **where, **style.line("likelihood"))
        (self.f_line,) = left.plot([], [], label="F", **where, **style.line("free_energy"))
        gap = style.line("gap") | {"linewidth": 3.0}
        (self.gap,) = left.plot([], [], label="gap now", **gap)
        e = style.point("recognition") | {"markersize": 7}
        m = style.point("dream") | {"markersize": 7}
        (self.e_marks,) = left.plot([], [], label="E-phase", **e)
        (self.m_marks,) = left.plot([], [], label="M-phase", **m)
        style.legend(left, loc="lower right", ncols=5, columnspacing=1.0, handlelength=1.8)
        self.sheet = CauseSheet(right, style, 6, "What causes draw")
        lines = [
            self.best,
            self.best_label,
            self.l_line,
            self.f_line,
            self.gap,
            self.e_marks,
            self.m_marks,
        ]
        return [*lines, self.sheet.image]

    def update(self, record: Record) -> None:
        word, log_l, f = record["word"], record["log_likelihood"], record["free_energy"]
        k = np.arange(len(f))
        # The last step is drawn half a phase long, so that it can be seen.
        steps = np.append(k, k[-1] + 0.5)
        self.l_line.set_data(steps, np.append(log_l, log_l[-1]))
        self.f_line.set_data(steps, np.append(f, f[-1]))
        self.gap.set_data([k[-1] + 0.5] * 2, [f[-1], log_l[-1]])
        self.best.set_ydata([record["best"]] * 2)
        self.best_label.set_y(record["best"] + 0.05)
        for letter, marks in (("E", self.e_marks), ("M", self.m_marks)):
            places = np.array([i + 1 for i, x in enumerate(word) if x == letter], dtype=int)
            marks.set_data(places, f[places])
        self.sheet.show(record["drawn"])

    def alt(self, record: Record) -> str:
        word, log_l, f = record["word"], record["log_likelihood"], record["free_energy"]
        rise = f" F rose from {f[0]:.3f} to {f[-1]:.3f} and L from {log_l[0]:.3f}." if word else ""
        return (
            f"Left: stairs of F under stairs of L, after {_phases(word)} "
            f"({word or 'none yet'}) with Q {record['kind']}.{rise} Now F is {f[-1]:.3f}, L is "
            f"{log_l[-1]:.3f}, the gap {record['gap']:.3f} nats; a line at {record['best']:.3f} "
            f"marks the bound. Right: what each of {len(record['drawn'])} causes draws."
        )

    def readout(self, record: Record) -> str:
        return (
            f"after {_phases(record['word'])}: L = {record['log_likelihood'][-1]:.3f}   "
            f"F = {record['free_energy'][-1]:.3f}   gap = {record['gap']:.3f}   "
            f"bound = {record['best']:.3f} nats"
        )


def _phases(word: str) -> str:
    return f"{len(word)} phase{'s' * (len(word) != 1)}"


class OneWeight(Picture):
    """F along one generative weight, and along a line through the recognition weights.

    Record: `G_rain`, `W_rain`, `path_G`, `path_G_free_energy`, `path_G_log_likelihood` (k,),
    `path_W`, `path_W_free_energy` (m,), `log_likelihood`, `free_energy`, `slope_G`, `slope_W`.
    """

    size = (7.6, 3.6)
    low, high = -5.8, -2.0

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, sharey=True)
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
        style.legend(left, loc="lower right")
        return [*self.ceilings, *self.tangents, *self.lines, *self.points]

    def update(self, record: Record) -> None:
        log_l, f = record["log_likelihood"], record["free_energy"]
        self.ceilings[0].set_data(record["path_G"], record["path_G_log_likelihood"])
        self.ceilings[1].set_data(record["path_W"][[0, -1]], [log_l, log_l])
        for i, (name, weight) in enumerate((("G", "G_rain"), ("W", "W_rain"))):
            path, here = record[f"path_{name}"], record[weight]
            self.lines[i].set_data(path, record[f"path_{name}_free_energy"])
            self.tangents[i].set_data(path, f + record[f"slope_{name}"] * (path - here))
            self.points[i].set_data([here], [f])

    def alt(self, record: Record) -> str:
        f_g, f_w = record["path_G_free_energy"], record["path_W_free_energy"]
        top_g, top_w = record["path_G"][f_g.argmax()], record["path_W"][f_w.argmax()]
        tops = int(((f_w[1:-1] > f_w[:-2]) & (f_w[1:-1] >= f_w[2:])).sum())
        inside = f"{tops} top{'s' * (tops != 1)} inside" if tops else "no top inside"
        return (
            f"F at G = {record['G_rain']:.2f} and W = {record['W_rain']:.2f} is "
            f"{record['free_energy']:.3f} nats. Left: F over G, a curve that bends down "
            f"everywhere, highest at {top_g:.2f}, below its tangent of slope "
            f"{record['slope_G']:.4f}. Right: F over W, with {inside} and highest at "
            f"{top_w:.2f}; the tangent there has slope {record['slope_W']:.4f}."
        )

    def readout(self, record: Record) -> str:
        return (
            f"F = {record['free_energy']:.3f}   L = {record['log_likelihood']:.3f} nats   "
            f"slope left = {record['slope_G']:+.4f}   slope right = {record['slope_W']:+.4f}"
        )


class Stuck(Picture):
    """The machine at the end of one climb, its climb among fifty, and where all of them end.

    Record: `seed`, `causes`, `curves` (50, k), `ends` (50,), `log_likelihood`, `rank`, `best`,
    `drawn` (n_v, 3, 3), `on` (n_v,).
    """

    size = (7.6, 3.6)
    causes = 6

    def build(self, style: Style) -> Sequence[Artist]:
        left, middle, right = self.figure.subplots(1, 3, width_ratios=(1, 1.5, 1.5))
        self.sheet = CauseSheet(left, style, self.causes, "What causes draw")
        text = {"ha": "center", "va": "top", "fontsize": 7, "color": style.ink}
        places = [divmod(k, 2) for k in range(self.causes)]
        self.labels = [left.text(4 * c + 1, 4 * r + 2.6, "", **text) for r, c in places]
        style.dress(middle, "L along the climb", "phases", "nats a picture")
        style.dress(right, "Where all fifty end", "seeds, from best to worst")
        middle.set(xlim=(0, 60))
        right.set(xlim=(-2, 51), xticks=[])
        for ax in (middle, right):
            ax.set_ylim(-4.2, -2.3)
        faint = [np.zeros((2, 2))] * 50
        self.others = LineCollection(faint, colors=style.faint, linewidths=0.8)
        middle.add_collection(self.others, autolim=False)
        solid = style.line("likelihood") | {"linestyle": "-"}
        (self.curve,) = middle.plot([], [], **solid)
        best = style.line("likelihood") | {"linewidth": 1.2}
        self.best = [ax.axhline(0, **best) for ax in (middle, right)]
        small = style.point("likelihood") | {"markersize": 3, "color": style.ink, "marker": "o"}
        (self.ends,) = right.plot([], [], **small)
        (self.now,) = right.plot([], [], label="this seed", **style.point("likelihood"))
        style.legend(right, loc="lower left")
        return [*self.best, self.others, self.curve, self.ends, self.now,
                self.sheet.image, *self.labels]  # fmt: skip

    def update(self, record: Record) -> None:
        phases = np.arange(record["curves"].shape[1])
        curves = np.broadcast_to(phases, record["curves"].shape)
        self.others.set_segments(np.stack([curves, record["curves"]], axis=2))
        self.curve.set_data(phases, record["curves"][record["seed"]])
        for line in self.best:
            line.set_ydata([record["best"]] * 2)
        self.ends.set_data(np.arange(len(record["ends"])), np.sort(record["ends"])[::-1])
        self.now.set_data([record["rank"] - 1], [record["log_likelihood"]])
        self.sheet.show(record["drawn"])
        on = [f"on {p:.2f}" for p in record["on"]] + [""] * self.causes
        for label, words in zip(self.labels, on, strict=False):
            label.set_text(words)

    def alt(self, record: Record) -> str:
        ends, on = record["ends"], ", ".join(f"{p:.2f}" for p in record["on"])
        return (
            f"Left: what each of {record['causes']} causes draws, on with probability {on}. "
            f"Middle: L of seed {record['seed']} climbs from "
            f"{record['curves'][record['seed'], 0]:.3f} to {record['log_likelihood']:.3f} nats, "
            f"among forty-nine others. Right: the last L of fifty seeds, from {ends.max():.3f} to "
            f"{ends.min():.3f}; this one is number {record['rank']}. A dashed line at "
            f"{record['best']:.3f} marks the bound."
        )

    def readout(self, record: Record) -> str:
        missing = record["best"] - record["log_likelihood"]
        return (
            f"seed {record['seed']}: last L = {record['log_likelihood']:.3f}   bound = "
            f"{record['best']:.3f}   missing = {missing:.3f} nats   place {record['rank']} of 50"
        )
