"""Pictures of the DDC awake: dreams with their signed weights, and where the model moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from hmlib.figures.base import Picture, Record
from hmlib.figures.sheets import horizon
from hmlib.figures.style import Style

MORE, LESS = "gap", "free_energy"
"""Roles of dreams that should come more often and less often."""


class _Signed:
    """Dreams in two kinds: triangles that should come more often, rings that should less."""

    def __init__(self, ax: Axes, style: Style, above: str, below: str) -> None:
        self.more = ax.scatter(
            [], [], marker="^", color=style[MORE].colour, linewidths=0, label=above
        )
        self.less = ax.scatter(
            [], [], marker="o", facecolors="none", edgecolors=style[LESS].colour,
            linewidths=1.0, label=below,
        )  # fmt: skip
        self.artists = [self.less, self.more]

    def show(self, places: np.ndarray, weights: np.ndarray, sizes: np.ndarray) -> None:
        for artist, which in ((self.more, weights > 0), (self.less, weights <= 0)):
            artist.set_offsets(places[which])
            artist.set_sizes(sizes[which])


class Painter(Picture):
    """A generator that learns points in the plane.

    Record: `name` of the data; `mode`; `blur`; `count`, `rate`, `seed`; `data` (n, 2), `dreams`
    (m, 2), `weights` (m,); `counts` (k,) and curves (k,) `mmd2`, `noise`, `r2`, `outside`,
    `dream_score`; `alarm` or None.
    """

    size = (7.8, 4.4)
    half = 3.2
    lowest, highest = 2e-4, 1.0
    between_samples = 0.002
    """What two samples of 500 data differ by in MMD^2: two standard deviations."""

    def build(self, style: Style) -> Sequence[Artist]:
        self.figure.set_layout_engine("none")  # labels of steps grow; the axes stay
        grid = self.figure.add_gridspec(
            1, 2, width_ratios=(1.15, 1), left=0.045, right=0.97, bottom=0.1, top=0.87, wspace=0.2
        )
        self.plane = self.figure.add_subplot(grid[0])
        style.dress(self.plane, "Data, and dreams with their weights")
        self.plane.set(xlim=(-self.half, self.half), ylim=(-self.half, self.half), aspect="equal")
        dots = {"color": style["data"].colour, "markersize": 2.2, "marker": "."}
        (self.data,) = self.plane.plot([], [], linestyle="none", alpha=0.6, label="data", **dots)
        self.signed = _Signed(self.plane, style, "should come more often", "less often")
        handles = self.plane.legend(
            loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, fontsize=8, frameon=False,
            labelcolor=style.ink, borderpad=1.6,
        )  # fmt: skip
        handles.legend_handles[1].set_sizes([30])
        handles.legend_handles[2].set_sizes([30])
        for handle in handles.legend_handles:
            handle.set_visible(True)
        cells = grid[1].subgridspec(2, 1, hspace=0.34)
        self.upper, self.lower = (self.figure.add_subplot(cell) for cell in cells)
        style.dress(self.upper, "MMD$^2$, dreams against data", "", "")
        self.upper.set(yscale="log", ylim=(1e-4, self.highest))
        self.upper.axhline(self.between_samples, color=style.faint, linewidth=0.9)
        style.dress(self.lower, "", "steps", "")
        self.lower.set(ylim=(-0.2, 1.25))
        self.lower.axhline(0, color=style.faint, linewidth=0.8)
        curves = (
            (self.upper, "mmd2", "dream", ""),
            (self.lower, "noise", "entropy", "noise"),
            (self.lower, "r2", "recognition", "held-out R$^2$"),
        )
        self.curves = {}
        for axes, name, role, label in curves:
            mark = style.point(role) | style.line(role) | {"markersize": 6, "markevery": [-1]}
            (self.curves[name],) = axes.plot([], [], label=label, **mark)
        style.legend(
            self.lower, loc="lower right", bbox_to_anchor=(1.0, 0.97), ncols=2, handlelength=3
        )
        for axes in (self.upper, self.lower):
            axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
        self.banner = self.figure.text(0.045, 0.965, "", color=style.ink, fontsize=10.5, va="top")
        return [self.data, *self.signed.artists, *self.curves.values(), self.banner]

    def scale(self, record: Record) -> int:
        """The end of the axis of steps."""
        return horizon(record["count"])

    def update(self, record: Record) -> None:
        end = self.scale(record)
        for axes in (self.upper, self.lower):
            if axes.get_xlim()[1] != 1.02 * end:
                axes.set_xlim(0, 1.02 * end)
        self.data.set_data(*record["data"].T)
        weights = record["weights"]
        self.signed.show(record["dreams"], weights, 6 + 60 * np.minimum(np.abs(weights), 3.0))
        for name, curve in self.curves.items():
            ends = (self.lowest, self.highest) if name == "mmd2" else (-0.2, 1.25)
            curve.set_data(record["counts"], np.clip(record[name], *ends))
        self.banner.set_text(self.said(record))

    @staticmethod
    def said(record: Record) -> str:
        """Which mode made the picture, and what of, in words."""
        blur = f"data blurred by {record['blur']:.2f}" if record["blur"] else "no blur"
        if record["mode"] == "score":
            return f"The {record['name']} by score: no code is used, so this is not DDC ({blur})"
        return f"The {record['name']} by code: this is DDC ({blur})"

    def alt(self, record: Record) -> str:
        weights = record["weights"]
        now = {name: record[name][-1] for name in ("mmd2", "noise", "r2")}
        alarm = "" if record["alarm"] is None else f" The first warning was {record['alarm']}."
        return (
            f"{self.said(record)}. Step {record['count']:,}, seed {record['seed']}. Left: "
            f"{len(record['data'])} data and {len(weights)} dreams, {int((weights > 0).sum())} of "
            f"which should come more often; the weights have a root mean square of "
            f"{np.sqrt((weights**2).mean()):.2f}. Right: MMD^2 went from {record['mmd2'][0]:.4f} "
            f"to {now['mmd2']:.4f}, the noise from {record['noise'][0]:.2f} to {now['noise']:.2f} "
            f"of the data's spread, the held-out R^2 from {record['r2'][0]:.2f} to "
            f"{now['r2']:.2f}.{alarm}"
        )

    def readout(self, record: Record) -> str:
        now = {n: record[n][-1] for n in ("mmd2", "noise", "r2", "outside", "dream_score")}
        rms = np.sqrt((record["weights"] ** 2).mean())
        alarm = "" if record["alarm"] is None else f"\nfirst warning: {record['alarm']}"
        return (
            f"wake {record['mode']}, step {record['count']:,}, seed {record['seed']}, rate "
            f"{record['rate']:g}\nMMD^2 = {now['mmd2']:.4f}   noise = {now['noise']:.2f}   "
            f"held-out R^2 = {now['r2']:.2f}   rms weight = {rms:.2f}\ndata outside the dreams = "
            f"{now['outside']:.2f}   move by dreams alone / move = {now['dream_score']:.2f}{alarm}"
        )


class OneUpdate(Picture):
    """Signed weights on dreamt places for one observation, and angles of the moves.

    Record: what `hmlib.course.nb09.labs.update_values` gives.
    """

    size = (7.8, 3.6)
    low, high = -4.0, 12.0
    rules = (("split", "gap"), ("code", "recognition"), ("score", "likelihood"))

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.15, 1))
        style.dress(left, "Weights that the code of x gives", "place z_1", "M w(x)")
        left.set(xlim=(-5, 5), ylim=(self.low, 16), yticks=range(-4, 13, 4))
        left.axhline(0, color=style.faint, linewidth=0.8)
        (self.ratio,) = left.plot([], [], label="exact p(z|x) / p(z)", **style.line("posterior"))
        self.signed = _Signed(left, style, "weight above 0", "below 0")
        style.legend(left, loc="upper center", ncols=2, columnspacing=1.0)
        for handle in left.get_legend().legend_handles[1:]:
            handle.set_sizes([28])
        style.dress(right, "Angle to the exact gradient, degrees", "noise of x", "")
        right.set(xscale="log", xlim=(0.045, 0.9), ylim=(-2, 92), yticks=range(0, 91, 30))
        ticks = (0.05, 0.1, 0.2, 0.4, 0.8)
        right.set_xticks(ticks, [f"{t:g}" for t in ticks])
        right.minorticks_off()
        self.paths = [right.plot([], [], label=n, **style.line(r))[0] for n, r in self.rules]
        self.points = [right.plot([], [], **style.point(r))[0] for _, r in self.rules]
        style.legend(right, loc="upper right")
        return [self.ratio, *self.signed.artists, left.get_legend(), *self.paths, *self.points]

    def update(self, record: Record) -> None:
        self.ratio.set_data(record["path_z"], np.clip(record["ratio"], self.low, self.high))
        w = record["weights"]
        places = np.column_stack([record["z"], np.clip(w, self.low, self.high)])
        self.signed.show(places, w, np.full(len(w), 18.0))
        for k in range(3):
            self.paths[k].set_data(record["path_noise"], record["path_angles"][:, k])
            self.points[k].set_data([record["noise"]], [record["angles"][k]])

    def alt(self, record: Record) -> str:
        angles = ", ".join(
            f"{name} {a:.0f}" for (name, _), a in zip(self.rules, record["angles"], strict=True)
        )
        w = record["weights"]
        return (
            f"Left: the exact ratio p(z|x) / p(z) for x = {record['x']:.2f}, up to "
            f"{record['ratio'].max():.1f}, and 200 dreamt places with weights from {w.min():.2f} "
            f"to {w.max():.2f}; {100 * record['negative']:.0f} % of all are below 0. Right: angles "
            f"to the exact gradient against the noise. At {record['noise']:.3g}, with "
            f"{record['k']} random functions: {angles} degrees."
        )

    def readout(self, record: Record) -> str:
        words = ("E[z]", "P[z>0]", "E[|z|]")
        pairs = zip(words, record["read"], record["exact"], strict=True)
        read = "   ".join(f"{word} {a:.2f} ({b:.2f})" for word, a, b in pairs)
        angles = ", ".join(
            f"{name} {a:.0f}" for (name, _), a in zip(self.rules, record["angles"], strict=True)
        )
        return (
            f"x = {record['x']:.2f}, K = {record['k']}   read off with the weights (exact): {read}"
            f"\nweights below 0: {100 * record['negative']:.0f} %   degrees off: {angles}"
        )
