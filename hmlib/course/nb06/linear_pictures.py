"""The picture of linear factor analysis, where wake-sleep is exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist

from hmlib.course.nb06.records import FactorAnalysisRecord
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style


class WakeSleepIsExact(Picture[FactorAnalysisRecord]):
    """L, F and the maximum of L along wake-sleep; what both miss; the weights of Q and P[v|u]."""

    size = (7.6, 4.0)
    most = 10_000

    def build(self, style: Style) -> Sequence[Artist]:
        layout = "hw;mw"
        axes = self.figure.subplot_mosaic(layout, width_ratios=(1.25, 1))
        heights, misses, weights = (axes[name] for name in "hmw")
        style.dress(heights, "L, F and the maximum of L", "", "nats a row")
        style.dress(misses, "What is missing", "steps of wake-sleep", "nats a row")
        heights.set(xscale="log", xlim=(0.8, 1.25 * self.most), ylim=(-10.8, -7.2))
        misses.set(xscale="log", xlim=(0.8, 1.25 * self.most), yscale="log", ylim=(1e-7, 40))
        heights.tick_params(labelbottom=False)
        misses.set_yticks([1e-6, 1e-4, 1e-2, 1], ["0.000001", "0.0001", "0.01", "1"])
        (self.maximum,) = heights.plot(
            [0.8, 1.25 * self.most], [0, 0], color=style.ink, linewidth=0.9, label="maximum"
        )
        (self.log_l,) = heights.plot([], [], label="L", **style.line("likelihood"))
        (self.free,) = heights.plot([], [], label="F", **style.line("free_energy"))
        (self.log_l_now,) = heights.plot([], [], **style.point("likelihood"))
        (self.free_now,) = heights.plot([], [], **style.point("free_energy"))
        style.legend(heights, loc="lower right", ncols=3)
        (self.below,) = misses.plot([], [], label="maximum - L", **style.line("likelihood"))
        (self.gap,) = misses.plot([], [], label="L - F", **style.line("gap"))
        (self.below_now,) = misses.plot([], [], **style.point("likelihood"))
        (self.gap_now,) = misses.plot([], [], **style.point("gap"))
        style.legend(misses, loc="upper right", ncols=2)
        style.dress(weights, "From instruments to causes", "instrument", "weight")
        weights.set(xlim=(0.2, 14.2), ylim=(-0.5, 0.6))
        self.places = np.array([np.arange(1, 7), np.arange(8, 14)])
        weights.set_xticks(self.places.ravel(), [*"123456", *"123456"])
        weights.axhline(0, color=style.faint, linewidth=0.9)
        weights.plot([7, 7], [-0.5, 0.48], color=style.faint, linewidth=0.9)
        (self.true,) = weights.plot([], [], label="posterior", **style.point("posterior"))
        guess = style.point("recognition") | {"markersize": 6}
        (self.guess,) = weights.plot([], [], label="Q", **guess)
        style.legend(weights, loc="upper center", ncols=2)
        words: dict[str, Any] = {
            "ha": "center", "va": "bottom", "fontsize": 8, "color": style.ink
        }  # fmt: skip
        self.names = [weights.text(x, -0.48, "", **words) for x in (3.5, 10.5)]
        lines = [self.maximum, self.log_l, self.free, self.below, self.gap]
        marks = [self.log_l_now, self.free_now, self.below_now, self.gap_now]
        return [*lines, *marks, self.true, self.guess, *self.names]

    def update(self, record: FactorAnalysisRecord) -> None:
        counts, causes = record.counts, record.causes
        self.maximum.set_ydata([record.maximum] * 2)
        for line, now, curve in (
            (self.log_l, self.log_l_now, record.log_likelihood),
            (self.free, self.free_now, record.free_energy),
            (self.below, self.below_now, record.below),
            (self.gap, self.gap_now, record.gap),
        ):
            line.set_data(counts, curve)
            now.set_data(counts[-1:], curve[-1:])
        places = self.places[:causes].ravel()
        self.true.set_data(places, record.posterior_W.ravel())
        self.guess.set_data(places, record.W.ravel())
        for k, name in enumerate(self.names):
            name.set_text(f"cause {k + 1}" if k < causes else "")

    def alt(self, record: FactorAnalysisRecord) -> str:
        log_l = record.log_likelihood
        correlation = (
            ""
            if record.correlation is None
            else f" Given an input the causes have correlation {record.correlation:+.3f}."
        )
        return (
            f"Linear factor analysis, {record.machine}, averages {record.averages}, after "
            f"{record.counts[-1]} steps of wake-sleep. Left, above: L went from {log_l[0]:.3f} "
            f"to {log_l[-1]:.3f} nats and F is {record.free_energy[-1]:.3f}, under the maximum "
            f"{record.maximum:.3f}. Left, below: L is {_small(record.below[-1])} below the "
            f"maximum and F {_small(record.gap[-1])} below L. Right: the weights of Q from six "
            f"instruments differ from those of the true posterior by at most "
            f"{record.apart:.3f}.{correlation}"
        )

    def readout(self, record: FactorAnalysisRecord) -> str:
        none = record.correlation is None
        correlation = "one cause, no correlation" if none else f"{record.correlation:+.3f}"
        return (
            f"maximum = {record.maximum:.3f}   maximum - L = {_small(record.below[-1])}   "
            f"L - F = {_small(record.gap[-1])} nats\n"
            f"correlation of the causes, given a reading: {correlation}"
        )


def _small(nats: float) -> str:
    """A number that may be tiny, without powers of ten."""
    return f"{nats:.7f}" if nats >= 1e-7 else "under 0.0000001"
