"""Pictures of the KL turned around: one Q or one update, measured in more than one way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from hmlib.figures.base import Picture, Record
from hmlib.figures.style import Style

EXCLUSIVE, INCLUSIVE = "free_energy", "reversed"
"""Roles of the two directions: KL(Q || P), which F has, and KL(P || Q), which F-tilde has."""


def _star(style: Style, role: str) -> dict[str, object]:
    """Keywords for a star in the colour of a role."""
    return style.point(role) | {"marker": "*", "markersize": 15, "clip_on": False}


def _counted(n: int) -> str:
    """1 dream, 2 dreams."""
    return f"{n} dream{'s' * (n != 1)}"


class TwoDirections(Picture):
    """Both divergences of a leaning Q; its table beside the posterior; the two best Q.

    Record: `q_rain`, `path_q`, `path_exclusive` and `path_inclusive` (k,), `exclusive`,
    `inclusive`, `best_exclusive` (1 or 2,), `costs` (2, 2), `posterior` and `q` (4,); bits.
    """

    size = (7.8, 3.5)
    patterns = ("neither", "only\nsprinkler", "only\nrain", "both")

    def build(self, style: Style) -> Sequence[Artist]:
        left, middle, right = self.figure.subplots(1, 3, width_ratios=(1.3, 1.15, 1))
        style.dress(left, "What a leaning Q costs", "Q: rain (sprinkler: 1 - rain)", "bits")
        left.set(xlim=(0, 1), ylim=(0, 7.4))
        names = ((EXCLUSIVE, "KL(Q || P)"), (INCLUSIVE, "KL(P || Q)"))
        self.lines = [left.plot([], [], label=name, **style.line(r))[0] for r, name in names]
        # The stars may fall on the same place: the second one is small enough to show both.
        sizes = {EXCLUSIVE: 20, INCLUSIVE: 10}
        self.stars = [
            left.plot([], [], **_star(style, role) | {"markersize": size})[0]
            for role, size in sizes.items()
        ]
        self.points = [left.plot([], [], clip_on=False, **style.point(r))[0] for r, _ in names]
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
        bars = [*self.p, *self.q, *self.costs[0], *self.costs[1]]
        return [*self.lines, *self.stars, *self.points, *bars, *self.labels[0], *self.labels[1]]

    def update(self, record: Record) -> None:
        costs, both = record["costs"], ("exclusive", "inclusive")
        tops = (record["best_exclusive"], np.array([0.5]))
        for k, name in enumerate(both):
            self.lines[k].set_data(record["path_q"], record[f"path_{name}"])
            self.stars[k].set_data(tops[k], np.full(len(tops[k]), costs[k, k]))
            self.points[k].set_data([record["q_rain"]], [record[name]])
            for i, (bar, label) in enumerate(zip(self.costs[k], self.labels[k], strict=True)):
                bar.set_height(costs[i, k])
                label.set(y=costs[i, k] + 0.1, text=f"{costs[i, k]:.2f}")
        for bars, table in ((self.p, record["posterior"]), (self.q, record["q"])):
            for bar, height in zip(bars, table, strict=True):
                bar.set_height(height)

    def alt(self, record: Record) -> str:
        leans = " and ".join(f"{q:.2f}" for q in record["best_exclusive"])
        (e_e, e_i), (i_e, i_i) = record["costs"]
        tables = ", ".join(
            f"{name.replace(chr(10), ' ')}: P {p:.2f}, Q {q:.2f}"
            for name, p, q in zip(self.patterns, record["posterior"], record["q"], strict=True)
        )
        return (
            f"Left: two curves over Q's probability of rain. KL(Q || P) is lowest at {leans}, "
            f"KL(P || Q) at 0.50; at {record['q_rain']:.2f} they are {record['exclusive']:.2f} and "
            f"{record['inclusive']:.2f} bits. Middle: bars; {tables}. Right: the best Q for "
            f"KL(Q || P) costs {e_e:.2f} bits there and {e_i:.2f} in KL(P || Q); the best for "
            f"KL(P || Q) costs {i_e:.2f} and {i_i:.2f}."
        )

    def readout(self, record: Record) -> str:
        return (
            f"your Q: KL(Q || P) = {record['exclusive']:.2f}, KL(P || Q) = "
            f"{record['inclusive']:.2f} bits   stars: rain {record['best_exclusive'][-1]:.4f}, 0.5"
        )


class TwoPeaks(Picture):
    """A density with two peaks, a Gaussian fitted in each direction, and what a centre costs.

    Record: `x`, `p`, `q_exclusive` and `q_inclusive` (k,), `centre_...`, `width_...` and
    `costs_...` (2,) of both fits, `centres`, `path_exclusive`, `path_inclusive` (m,), `start`;
    bits.
    """

    size = (7.8, 3.5)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.35, 1))
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
        box = {
            "frameon": True, "facecolor": style.paper, "edgecolor": style.paper, "framealpha": 1,
            "borderaxespad": 0.0, "columnspacing": 0.6, "handlelength": 2.4,
        }  # fmt: skip
        style.legend(right, loc="upper center", ncols=3, **box)
        return [self.p, *self.q, self.start, *self.paths, right.get_legend(), *self.fits]

    def update(self, record: Record) -> None:
        x = record["x"]
        self.p.set_xy(np.column_stack([x, record["p"]]))
        for k, name in enumerate(("exclusive", "inclusive")):
            self.q[k].set_data(x, record[f"q_{name}"])
            self.paths[k].set_data(record["centres"], record[f"path_{name}"])
            self.fits[k].set_data([record[f"centre_{name}"]], [record[f"costs_{name}"][k]])
        self.start.set_xdata([record["start"]] * 2)

    def alt(self, record: Record) -> str:
        e, i = record["costs_exclusive"], record["costs_inclusive"]
        return (
            f"Left: a density with peaks {record['separation']:.1f} apart, the left one of weight "
            f"{record['weight']:.2f}, and two Gaussians. The least KL(Q || P) found from "
            f"{record['start']:.1f} has centre {record['centre_exclusive']:.2f} and width "
            f"{record['width_exclusive']:.2f}, and costs {e[0]:.2f} bits; the least KL(P || Q) has "
            f"centre {record['centre_inclusive']:.2f} and width {record['width_inclusive']:.2f}, "
            f"and costs {i[1]:.2f} bits. Right: both divergences over the centre of Q."
        )

    def readout(self, record: Record) -> str:
        parts = [
            f"{name}: centre {record[f'centre_{name}']:.2f}, width {record[f'width_{name}']:.2f}, "
            f"{record[f'costs_{name}'][k]:.2f} bits"
            for k, name in enumerate(("exclusive", "inclusive"))
        ]
        return "   ".join(parts)


class ThreeSteps(Picture):
    """F, F-tilde and dreamt F-tilde over one recognition weight; data beside dreams.

    Record: `W_lawn`, `path_W`, `path_free_energy`, `path_reversed` and `path_dream` (k,),
    `free_energy`, `reversed`, `dream`, `log_likelihood`, `data` and `dreams` (4,); nats.
    """

    size = (7.8, 3.6)
    names = ("free_energy", "reversed", "dream")
    inputs = ("nothing", "street", "lawn", "both")

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.75, 1))
        style.dress(left, "Three objectives for one weight", "W, from lawn to rain", "nats")
        left.set(xlim=(-4, 10), ylim=(-5.7, -0.5))
        thin = style.line("likelihood") | {"linewidth": 1.1}
        (self.ceiling,) = left.plot([-4, 10], [0, 0], label="L", **thin)
        words = ("F: KL(Q || P), data", "F-tilde: KL(P || Q), data", "F-tilde: KL(P || Q), dreams")
        self.lines = [
            left.plot([], [], label=word, **style.line(name))[0]
            for name, word in zip(self.names, words, strict=True)
        ]
        self.stars = [left.plot([], [], **_star(style, name))[0] for name in self.names]
        self.points = [
            left.plot([], [], clip_on=False, **style.point(name))[0] for name in self.names
        ]
        style.legend(left, loc="lower right", handlelength=3.0)
        style.dress(right, "What is wet?", "", "probability")
        right.set(ylim=(0, 1), xlim=(-0.6, 3.6))
        right.set_xticks(range(4), self.inputs)
        places = np.arange(4)
        self.data = right.bar(places - 0.2, 0, 0.38, label="data", **style.bar("data"))
        self.dreams = right.bar(places + 0.2, 0, 0.38, label="dreams", **style.bar("dream"))
        style.legend(right, loc="upper center", ncols=2)
        return [self.ceiling, *self.lines, *self.stars, *self.points, *self.data, *self.dreams]

    def update(self, record: Record) -> None:
        self.ceiling.set_ydata([record["log_likelihood"]] * 2)
        for k, name in enumerate(self.names):
            path = record[f"path_{name}"]
            top = path.argmax()
            self.lines[k].set_data(record["path_W"], path)
            self.stars[k].set_data([record["path_W"][top]], [path[top]])
            self.points[k].set_data([record["W_lawn"]], [record[name]])
        for bars, table in ((self.data, record["data"]), (self.dreams, record["dreams"])):
            for bar, height in zip(bars, table, strict=True):
                bar.set_height(height)

    def _tops(self, record: Record) -> list[float]:
        return [record["path_W"][record[f"path_{name}"].argmax()] for name in self.names]

    def alt(self, record: Record) -> str:
        f, reversed_f, dream = self._tops(record)
        tables = ", ".join(
            f"{name} {a:.2f} and {b:.2f}"
            for name, a, b in zip(self.inputs, record["data"], record["dreams"], strict=True)
        )
        return (
            f"Left: three curves over W below L at {record['log_likelihood']:.3f} nats. F is "
            f"highest at {f:.1f}, F-tilde at {reversed_f:.1f}, dreamt F-tilde at {dream:.1f}; at "
            f"W = {record['W_lawn']:.1f} they are {record['free_energy']:.3f}, "
            f"{record['reversed']:.3f} and {record['dream']:.3f}. Right: how often each input "
            f"occurs in data and in dreams: {tables}."
        )

    def readout(self, record: Record) -> str:
        tops = ", ".join(f"{top:.1f}" for top in self._tops(record))
        return (
            f"L {record['log_likelihood']:.3f}   F {record['free_energy']:.3f}   F-tilde "
            f"{record['reversed']:.3f}   dreamt {record['dream']:.3f} nats   tops at W {tops}"
        )


class DrawnDreams(Picture):
    """A cloud of drawn updates around the expected one; its size against the number of dreams.

    Record: `n`, `drawn` (r, 2), `exact` (2,), `path_n`, `errors` and `expected` (k,), `error`,
    `place`.
    """

    size = (7.8, 3.6)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1, 1.2))
        style.dress(
            left, "Drawn updates", "update of W, lawn to rain", "update of W, street to rain"
        )
        left.set(xlim=(-0.25, 1.05), ylim=(-0.25, 1.25))
        small = style.point("dream") | {"markersize": 5, "markeredgewidth": 0.4}
        (self.cloud,) = left.plot([], [], label="from n dreams", **small)
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

    def update(self, record: Record) -> None:
        self.cloud.set_data(*record["drawn"].T)
        self.exact.set_data(*record["exact"][:, None])
        self.expected.set_data(record["path_n"], record["expected"])
        self.errors.set_data(record["path_n"], record["errors"])
        self.now.set_data([record["n"]], [record["error"]])

    def alt(self, record: Record) -> str:
        x, y = record["exact"]
        return (
            f"Left: a cloud of updates, each from {_counted(record['n'])}, around a cross at the "
            f"expected update ({x:.4f}, {y:.4f}). Right: with logarithmic axes, the error falls "
            f"with the number of dreams along a straight line, from {record['errors'][0]:.3f} at 1 "
            f"to {record['errors'][-1]:.4f} at {record['path_n'][-1]}; here it is "
            f"{record['error']:.4f}, and the line says {record['expected'][record['place']]:.4f}."
        )

    def readout(self, record: Record) -> str:
        return (
            f"{_counted(record['n'])}   error {record['error']:.4f}   sqrt(variance / n) = "
            f"{record['expected'][record['place']]:.4f}"
        )
