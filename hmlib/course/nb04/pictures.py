"""Pictures of the KL turned around: one Q or one update, measured in more than one way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist

from hmlib.course.nb04.records import Drawn, Fitted, Leaning, Steps
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style

EXCLUSIVE, INCLUSIVE = "free_energy", "reversed"
"""Roles of the two directions: KL(Q || P), which F has, and KL(P || Q), which F-tilde has."""


def _star(style: Style, role: str) -> dict[str, Any]:
    """Keywords for a star in the colour of a role."""
    return style.point(role) | {"marker": "*", "markersize": 15, "clip_on": False}


def _counted(n: int) -> str:
    """1 dream, 2 dreams."""
    return f"{n} dream{'s' * (n != 1)}"


class TwoDirections(Picture[Leaning]):
    """Both divergences of a leaning Q; its table beside the posterior; the two best Q."""

    size = (7.8, 3.5)
    patterns = ("neither", "only\nsprinkler", "only\nrain", "both")

    def build(self, style: Style) -> Sequence[Artist]:
        left, middle, right = self.figure.subplots(1, 3, width_ratios=(1.3, 1.15, 1))
        self.left = left
        style.dress(left, "What a leaning Q costs", "Q: rain (sprinkler: 1 - rain)", "bits")
        left.set(xlim=(0, 1), ylim=(0, 7.4))
        names = ((EXCLUSIVE, "KL(Q || P)"), (INCLUSIVE, "KL(P || Q)"))
        self.lines = [left.plot([], [], label=name, **style.line(r))[0] for r, name in names]
        # The stars may fall on the same place, and points on them: what comes later is smaller.
        sizes = {EXCLUSIVE: 22, INCLUSIVE: 15}
        self.stars = [
            left.plot([], [], **_star(style, role) | {"markersize": size})[0]
            for role, size in sizes.items()
        ]
        self.points = [
            left.plot([], [], clip_on=False, **style.point(role) | {"markersize": 6})[0]
            for role, _ in names
        ]
        style.legend(left, loc="upper center", handlelength=3.0)
        style.dress(middle, "The lawn is wet: why?", "", "probability")
        middle.set(ylim=(0, 1.12), xlim=(-0.6, 3.6), yticks=np.linspace(0, 1, 6))
        middle.set_xticks(range(4), self.patterns, fontsize=7)
        places = np.arange(4)
        self.p = middle.bar(places - 0.2, 0, 0.38, label="P[v|u]", **style.bar("posterior"))
        self.q = middle.bar(places + 0.2, 0, 0.38, label="your Q", **style.bar("recognition"))
        style.legend(middle, loc="upper center", ncols=2)
        style.dress(right, "The best Q", "", "bits")
        right.set(ylim=(0, 14.5), xlim=(-0.6, 1.6))
        right.set_xticks((0, 1), ("for\nKL(Q || P)", "for\nKL(P || Q)"))
        sides = ((-0.2, EXCLUSIVE), (0.2, INCLUSIVE))
        self.costs = [right.bar(np.arange(2) + x, 0, 0.38, **style.bar(r)) for x, r in sides]
        text = {"ha": "center", "va": "bottom", "fontsize": 8, "color": style.ink}
        self.labels = [[right.text(k + x, 0, "", **text) for k in range(2)] for x, _ in sides]
        self.cost_bars = [*self.costs[0], *self.costs[1]]
        self.cost_labels = [*self.labels[0], *self.labels[1]]
        bars = [*self.p, *self.q, *self.cost_bars]
        return [*self.lines, *self.stars, *self.points, *bars, *self.cost_labels]

    def update(self, record: Leaning) -> None:
        for k, (path, cost) in enumerate(zip(record.path, record.cost, strict=True)):
            self.lines[k].set_data(record.path_q, path)
            self.points[k].set_data([record.q_rain], [cost])
        lowest = (record.best.exclusive.cost.exclusive, record.best.inclusive.cost.inclusive)
        for star, best, height in zip(self.stars, record.best, lowest, strict=True):
            star.set_data(best.rain, np.full(len(best.rain), height))
        for i, best in enumerate(record.best):
            for bars, labels, cost in zip(self.costs, self.labels, best.cost, strict=True):
                bars[i].set_height(cost)
                labels[i].set(y=cost + 0.1, text=f"{cost:.2f}")
        for bars, table in ((self.p, record.posterior), (self.q, record.q)):
            for bar, height in zip(bars, table, strict=True):
                bar.set_height(height)

    def alt(self, record: Leaning) -> str:
        leans = " and ".join(f"{q:.2f}" for q in record.best.exclusive.rain)
        here, (e, i) = record.cost, (best.cost for best in record.best)
        tables = ", ".join(
            f"{name.replace(chr(10), ' ')}: P {p:.2f}, Q {q:.2f}"
            for name, p, q in zip(self.patterns, record.posterior, record.q, strict=True)
        )
        return (
            f"Left: two curves over Q's probability of rain. KL(Q || P) is lowest at {leans}, "
            f"KL(P || Q) at 0.50; at {record.q_rain:.2f} they are {here.exclusive:.2f} and "
            f"{here.inclusive:.2f} bits. Middle: bars; {tables}. Right: the best Q for "
            f"KL(Q || P) costs {e.exclusive:.2f} bits there and {e.inclusive:.2f} in KL(P || Q); "
            f"the best for KL(P || Q) costs {i.exclusive:.2f} and {i.inclusive:.2f}."
        )

    def readout(self, record: Leaning) -> str:
        here, rain = record.cost, record.best.exclusive.rain[-1]
        return (
            f"your Q: KL(Q || P) = {here.exclusive:.2f}, KL(P || Q) = {here.inclusive:.2f} bits   "
            f"stars: rain {rain:.4f}, 0.5"
        )

    def locked_alt(self, record: Leaning) -> str:
        return (
            "Left: empty axes, where both divergences will be drawn. Middle: bars of the posterior "
            "P, high at 'only sprinkler' and 'only rain', and of a Q that is the same for all four "
            "patterns. Right: empty axes for the costs of the best Q."
        )


class TwoPeaks(Picture[Fitted]):
    """A density with two peaks, a Gaussian fitted in each direction, and what a centre costs."""

    size = (7.8, 3.5)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.35, 1))
        self.right = right
        style.dress(left, "P, and a Gaussian Q for each direction", "the cause", "density")
        left.set(xlim=(-8, 8), ylim=(0, 0.52))
        blank = np.zeros((1, 2))
        colour = style["posterior"].colour
        self.p = left.fill(*blank.T, facecolor=colour, edgecolor=colour, alpha=0.45, label="P")[0]
        roles = ((EXCLUSIVE, "Q, least KL(Q || P)"), (INCLUSIVE, "Q, least KL(P || Q)"))
        self.q = [left.plot([], [], label=name, **style.line(role))[0] for role, name in roles]
        style.legend(left, loc="upper left", ncols=3, columnspacing=0.8, handlelength=2.6)
        style.dress(right, "What a centre costs", "centre of Q", "bits")
        right.set(xlim=(-6, 6), ylim=(0, 8))
        names = ((EXCLUSIVE, "KL(Q || P)"), (INCLUSIVE, "KL(P || Q)"))
        self.paths = [right.plot([], [], label=n, **style.line(role))[0] for role, n in names]
        colour = style[EXCLUSIVE].colour
        self.start = right.axvline(0, color=colour, linewidth=1.0, linestyle=":", label="start")
        self.fits = [right.plot([], [], clip_on=False, **style.point(r))[0] for r, _ in names]
        foot = style.point(EXCLUSIVE) | {"marker": "^", "markersize": 9, "clip_on": False}
        (self.foot,) = right.plot([], [], **foot)
        box = {
            "frameon": True, "facecolor": style.paper, "edgecolor": style.paper, "framealpha": 1,
            "borderaxespad": 0.0, "columnspacing": 0.6, "handlelength": 2.4,
        }  # fmt: skip
        style.legend(right, loc="upper center", ncols=3, **box)
        return [self.p, *self.q, self.start, *self.paths, right.get_legend(), *self.fits,
                self.foot]  # fmt: skip

    def update(self, record: Fitted) -> None:
        self.p.set_xy(np.column_stack([record.x, record.p]))
        for k, (fit, path) in enumerate(zip(record.fit, record.path, strict=True)):
            self.q[k].set_data(record.x, fit.density)
            self.paths[k].set_data(record.centres, path)
        exclusive, inclusive = record.fit
        self.fits[0].set_data([exclusive.centre], [exclusive.cost.exclusive])
        self.fits[1].set_data([inclusive.centre], [inclusive.cost.inclusive])
        self.start.set_xdata([record.start] * 2)
        self.foot.set_data([record.start], [0])

    def alt(self, record: Fitted) -> str:
        e, i = record.fit
        return (
            f"Left: a density with peaks {record.separation:.1f} apart, the left one of weight "
            f"{record.weight:.2f}, and two Gaussians. The least KL(Q || P) found from "
            f"{record.start:.1f} has centre {e.centre:.2f} and width {e.width:.2f}, and costs "
            f"{e.cost.exclusive:.2f} bits; the least KL(P || Q) has centre {i.centre:.2f} and "
            f"width {i.width:.2f}, and costs {i.cost.inclusive:.2f} bits. Right: both divergences "
            f"over the centre of Q."
        )

    def readout(self, record: Fitted) -> str:
        e, i = record.fit
        return (
            f"exclusive: centre {e.centre:.2f}, width {e.width:.2f}, {e.cost.exclusive:.2f} bits   "
            f"inclusive: centre {i.centre:.2f}, width {i.width:.2f}, {i.cost.inclusive:.2f} bits"
        )


class ThreeSteps(Picture[Steps]):
    """F, F-tilde and dreamt F-tilde over one recognition weight; data beside dreams."""

    size = (7.8, 3.6)
    names = ("free_energy", "reversed", "dream")
    inputs = ("nothing", "street", "lawn", "both")

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.75, 1))
        self.left = left
        style.dress(left, "Three objectives for one weight", "W, from lawn to rain", "nats")
        left.set(xlim=(-4, 10), ylim=(-5.7, -0.5))
        thin = style.line("likelihood") | {"linewidth": 1.1}
        (self.ceiling,) = left.plot([-4, 10], [0, 0], label="L", **thin)
        words = ("F: KL(Q || P), data", "F-tilde: KL(P || Q), data", "F-tilde: KL(P || Q), dreams")
        self.lines = [
            left.plot([], [], label=word, **style.line(name))[0]
            for name, word in zip(self.names, words, strict=True)
        ]
        # When data are dreams two curves are one: what is drawn later is smaller.
        self.points = [
            left.plot([], [], clip_on=False, **style.point(name) | {"markersize": size})[0]
            for name, size in zip(self.names, (11, 9, 6), strict=True)
        ]
        self.stars = [
            left.plot([], [], **_star(style, name) | {"markersize": size})[0]
            for name, size in zip(self.names, (20, 16, 10), strict=True)
        ]
        style.legend(left, loc="lower right", handlelength=3.0)
        style.dress(right, "What is wet?", "", "probability")
        right.set(ylim=(0, 1), xlim=(-0.6, 3.6))
        right.set_xticks(range(4), self.inputs)
        places = np.arange(4)
        self.data = right.bar(places - 0.2, 0, 0.38, label="data", **style.bar("data"))
        self.dreams = right.bar(places + 0.2, 0, 0.38, label="dreams", **style.bar("dream"))
        style.legend(right, loc="upper center", ncols=2)
        return [self.ceiling, *self.lines, *self.points, *self.stars, *self.data, *self.dreams]

    def update(self, record: Steps) -> None:
        self.ceiling.set_ydata([record.log_likelihood] * 2)
        for k, objective in enumerate(record.objectives):
            self.lines[k].set_data(record.path_W, objective.path)
            self.stars[k].set_data([objective.top_W], [objective.top])
            self.points[k].set_data([record.W_lawn], [objective.here])
        for bars, table in ((self.data, record.data), (self.dreams, record.dreams)):
            for bar, height in zip(bars, table, strict=True):
                bar.set_height(height)

    def alt(self, record: Steps) -> str:
        f, reversed_f, dream = record.objectives
        tables = ", ".join(
            f"{name} {a:.2f} and {b:.2f}"
            for name, a, b in zip(self.inputs, record.data, record.dreams, strict=True)
        )
        return (
            f"Left: three curves over W below L at {record.log_likelihood:.3f} nats. F is "
            f"highest at {f.top_W:.1f}, F-tilde at {reversed_f.top_W:.1f}, dreamt F-tilde at "
            f"{dream.top_W:.1f}; at W = {record.W_lawn:.1f} they are {f.here:.3f}, "
            f"{reversed_f.here:.3f} and {dream.here:.3f}. Right: how often each input "
            f"occurs in data and in dreams: {tables}."
        )

    def readout(self, record: Steps) -> str:
        f, reversed_f, dream = record.objectives
        tops = ", ".join(f"{objective.top_W:.1f}" for objective in record.objectives)
        return (
            f"L {record.log_likelihood:.3f}   F {f.here:.3f}   F-tilde {reversed_f.here:.3f}   "
            f"dreamt {dream.here:.3f} nats   tops at W {tops}"
        )


class DrawnDreams(Picture[Drawn]):
    """A cloud of drawn updates around the expected one; its size against the number of dreams."""

    size = (7.8, 3.6)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1, 1.2))
        style.dress(
            left, "Drawn updates", "update of W, lawn to rain", "update of W, street to rain"
        )
        left.set(xlim=(-0.25, 1.05), ylim=(-0.25, 1.25))
        colour = style["dream"].colour
        self.cloud = left.scatter(
            [], [], facecolor=colour, edgecolor=style.ink, linewidths=0.4, label="from n dreams"
        )
        cross = style.point("likelihood") | {
            "marker": "+", "markersize": 16, "markeredgewidth": 2.0,
            "markeredgecolor": style["likelihood"].colour,
        }  # fmt: skip
        (self.exact,) = left.plot([], [], label="expected", **cross)
        style.legend(left, loc="upper left", ncols=2, columnspacing=1.0)
        style.dress(right, "Error of an update", "number of dreams n", "root mean square error")
        right.set(xscale="log", yscale="log", xlim=(0.7, 5e4), ylim=(1e-3, 1))
        line = style.line("likelihood") | {"linewidth": 1.4}
        (self.expected,) = right.plot([], [], label="sqrt(variance / n)", **line)
        dots = style.point("dream") | {"markersize": 5, "markeredgewidth": 0.4}
        (self.errors,) = right.plot([], [], label="drawn", **dots)
        (self.now,) = right.plot([], [], label="this n", **_star(style, "dream"))
        style.legend(right, loc="lower left")
        return [self.cloud, self.exact, self.expected, self.errors, self.now]

    def update(self, record: Drawn) -> None:
        self.cloud.set_offsets(record.places)
        self.cloud.set_sizes(20.0 * record.piles**0.75)
        self.exact.set_data(*record.exact[:, None])
        self.expected.set_data(record.path_n, record.path_expected)
        self.errors.set_data(record.path_n, record.path_error)
        self.now.set_data([record.n], [record.error])

    def alt(self, record: Drawn) -> str:
        x, y = record.exact
        return (
            f"Left: updates, each from {_counted(record.n)}, on {len(record.piles)} places, up to "
            f"{record.piles.max()} of them on one, and a cross at the expected update "
            f"({x:.4f}, {y:.4f}). Right: with logarithmic axes, the error falls "
            f"with the number of dreams along a straight line, from {record.path_error[0]:.3f} "
            f"at 1 to {record.path_error[-1]:.4f} at {record.path_n[-1]}; here it is "
            f"{record.error:.4f}, and the line says {record.expected:.4f}."
        )

    def readout(self, record: Drawn) -> str:
        return (
            f"{_counted(record.n)}   {len(record.piles)} places   error {record.error:.4f}   "
            f"sqrt(variance / n) = {record.expected:.4f}"
        )

    def locked_alt(self, record: Drawn) -> str:
        return (
            "Left: a cross at the expected update; the drawn ones come once you predict. Right: "
            "the error against the number of dreams, with logarithmic axes."
        )
