"""Pictures of the free energy: under its ceiling, split in two, and as a landscape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist

from hmlib.course.nb02.few_draws import MOST_DRAWS, STUDENTS
from hmlib.course.nb02.records import DigitAtStage, Estimates, Parts, UnderCeiling
from hmlib.figures.picture import Picture
from hmlib.figures.style import Style

CAUSE_PATTERNS = ("neither", "sprinkler", "rain", "both")


class Ceiling(Picture[UnderCeiling]):
    """F against one probability of Q, under the ceiling L; beside it the tables P and Q."""

    size = (7.2, 3.0)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.25, 1))
        self.left = style.dress(left, "F and L", "Q's probability of rain", "nats")
        left.set(xlim=(0, 1), ylim=(-7, 0))
        (self.ceiling,) = left.plot(
            [0, 1], [0, 0], label="L = log P[u]", **style.line("likelihood")
        )
        (self.path,) = left.plot([], [], label="F", **style.line("free_energy"))
        gap = style.line("gap") | {"linewidth": 3.0}
        (self.gap,) = left.plot([], [], label="KL(Q || P[v|u])", **gap)
        (self.now,) = left.plot([], [], **style.point("free_energy"))
        style.legend(left, loc="lower center", ncols=3)
        style.dress(right, "The lawn is wet: why?", "", "probability")
        right.set(ylim=(0, 1), xlim=(-0.6, 3.6))
        right.set_xticks(range(4), CAUSE_PATTERNS)
        places = np.arange(4)
        p = right.bar(places - 0.2, np.zeros(4), 0.38, label="P[v|u]", **style.bar("posterior"))
        q = right.bar(places + 0.2, np.zeros(4), 0.38, label="Q[v|u]", **style.bar("recognition"))
        style.legend(right, loc="upper left")
        self.p_bars, self.q_bars = list(p), list(q)
        return [self.ceiling, self.gap, self.path, self.now, *self.p_bars, *self.q_bars]

    def update(self, record: UnderCeiling) -> None:
        l, f, q = record.log_likelihood, record.free_energy, record.q_rain
        self.ceiling.set_ydata([l, l])
        self.path.set_data(record.path_q, record.path_free_energy)
        self.gap.set_data([q, q], [f, l])
        self.now.set_data([q], [f])
        for bars, table in ((self.p_bars, record.posterior), (self.q_bars, record.q)):
            for bar, height in zip(bars, table, strict=True):
                bar.set_height(height)

    def alt(self, record: UnderCeiling) -> str:
        tables = "; ".join(
            f"{name}: P {p:.2f}, Q {q:.2f}"
            for name, p, q in zip(CAUSE_PATTERNS, record.posterior, record.q, strict=True)
        )
        return (
            f"Left: F as a curve over Q's probability of rain, below a dashed ceiling L at "
            f"{record.log_likelihood:.3f} nats. At {record.q_rain:.2f} F is "
            f"{record.free_energy:.3f}, and a dotted line of length {record.kl_q_p:.3f} "
            f"joins it to the ceiling. Right: bars of the posterior P and the guess Q; {tables}."
        )

    def locked_alt(self, record: UnderCeiling) -> str:
        return (
            "Left: axes for F over Q's probability of rain, and a dashed line at L; the curve is "
            "drawn once you predict. Right: bars of the posterior P and of the guess Q, for each "
            "pattern of rain and sprinkler."
        )

    def readout(self, record: UnderCeiling) -> str:
        return (
            f"L = {record.log_likelihood:.3f}   F = {record.free_energy:.3f}   "
            f"L - F = KL(Q || P) = {record.kl_q_p:.3f} nats"
        )


class Landscape(Picture[Parts]):
    """F over both probabilities of Q, today's point on it; beside it F as energy plus entropy."""

    low = -6.0
    size = (7.2, 3.0)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.1, 1))
        rain, sprinkler = "Q's probability of rain", "Q's probability of sprinkler"
        self.left = style.dress(left, "F - L, in nats, for each factorised Q", rain, sprinkler)
        bands = style.colormap.resampled(30)
        self.surface = left.imshow(
            np.zeros((2, 2)), origin="lower", extent=(0, 1, 0, 1), cmap=bands,
            vmin=self.low, vmax=0.0, interpolation="bilinear", aspect="auto",
        )  # fmt: skip
        bar = self.figure.colorbar(self.surface, ax=left)
        bar.ax.tick_params(colors=style.ink, labelsize=8)
        mark = {"markeredgecolor": "#ffffff", "color": "#000000", "linestyle": "none"}
        (self.best,) = left.plot([], [], marker="*", markersize=14, **mark)
        (self.now,) = left.plot([], [], marker="o", markersize=9, **mark)
        style.dress(right, "F = average log P[v, u] + entropy", "", "nats")
        right.set(xlim=(-0.6, 2.6), ylim=(-10, 2))
        right.set_xticks(range(3), ("average\nlog P[v, u]", "entropy\nof Q", "F"))
        right.axhline(0, color=style.ink, linewidth=0.8)
        roles = ("energy", "entropy", "free_energy")
        self.bars = [right.bar(i, 0, 0.6, **style.bar(role))[0] for i, role in enumerate(roles)]
        (self.ceiling,) = right.plot([-0.6, 2.6], [0, 0], label="L", **style.line("likelihood"))
        style.legend(right, loc="lower right")
        text = {"ha": "center", "fontsize": 9, "color": style.ink}
        self.labels = [right.text(i, 0, "", va="bottom", **text) for i in range(3)]
        return [self.surface, self.best, self.now, *self.bars, self.ceiling, *self.labels]

    def update(self, record: Parts) -> None:
        self.surface.set_data(record.below)
        self.now.set_data([record.q_rain], [record.q_sprinkler])
        self.best.set_data(record.best[:, 0], record.best[:, 1])
        energy, entropy = record.expected_log_joint, record.entropy
        # The entropy bar stands on the tip of the first, so that its top is F.
        spans = ((0.0, energy), (energy, entropy), (0.0, record.free_energy))
        for bar, label, (bottom, height) in zip(self.bars, self.labels, spans, strict=True):
            bar.set(y=bottom, height=height)
            label.set(y=max(bottom, bottom + height, 0) + 0.1, text=f"{height:+.2f}")
        self.ceiling.set_ydata([record.log_likelihood] * 2)

    def alt(self, record: Parts) -> str:
        peaks = " and ".join(f"({r:.2f}, {s:.2f})" for r, s in record.best)
        return (
            f"Left: a map of F - L over Q's probabilities of rain and sprinkler, highest at "
            f"{peaks}; Q is now at ({record.q_rain:.2f}, {record.q_sprinkler:.2f}). Right: "
            f"three bars, average log P[v, u] {record.expected_log_joint:.3f}, entropy "
            f"{record.entropy:.3f}, and their sum F {record.free_energy:.3f} nats, below a "
            f"dashed ceiling L at {record.log_likelihood:.3f}."
        )

    def readout(self, record: Parts) -> str:
        return (
            f"average log P[v, u] = {record.expected_log_joint:.3f}   "
            f"entropy = {record.entropy:.3f}   F = {record.free_energy:.3f}   "
            f"L = {record.log_likelihood:.3f} nats"
        )


class FewDraws(Picture[Estimates]):
    """By how much many students miss F and L after k draws; beside it the mean miss of L."""

    size = (7.2, 3.0)

    def build(self, style: Style) -> Sequence[Artist]:
        left, right = self.figure.subplots(1, 2, width_ratios=(1.1, 1))
        style.dress(left, f"Estimate less truth, {STUDENTS} students", "", "nats")
        left.set(xlim=(-0.5, 1.5), ylim=(-2, 3.4))
        left.set_xticks((0, 1), ("F: mean of log r", "L: log of mean r"))
        left.axhline(0, color=style.ink, linewidth=0.8)
        dots = {"marker": ".", "markersize": 3, "linestyle": "none", "alpha": 0.5}
        roles = ("free_energy", "likelihood")
        self.f_dots, self.l_dots = (
            left.plot([], [], color=style[role].colour, **dots)[0] for role in roles
        )
        self.f_mean, self.l_mean = (left.plot([], [], **style.line("gap"))[0] for _ in roles)
        style.dress(right, "The same for L, mean of all students", "draws of each, k", "")
        right.set(xlim=(0, MOST_DRAWS + 1), ylim=(-1.2, 1.2))
        right.axhline(0, color=style.ink, linewidth=0.8)
        (self.start,) = right.plot([], [], label="F - L", **style.line("free_energy"))
        (self.path,) = right.plot([], [], label="mean of the estimates - L", **style.line("gap"))
        (self.now,) = right.plot([], [], clip_on=False, **style.point("gap"))
        self.key = style.legend(right, loc="upper right")
        means = [self.f_mean, self.l_mean]
        return [self.f_dots, self.l_dots, *means, self.start, self.path, self.now, self.key]

    def update(self, record: Estimates) -> None:
        aside = np.linspace(-0.3, 0.3, STUDENTS)
        self.f_dots.set_data(aside, record.of_f)
        self.l_dots.set_data(1 + aside, record.of_l)
        self.f_mean.set_data([-0.4, 0.4], [record.of_f.mean()] * 2)
        self.l_mean.set_data([0.6, 1.4], [record.of_l.mean()] * 2)
        self.start.set_data([1, MOST_DRAWS], [-record.gap] * 2)
        self.path.set_data(np.arange(1, MOST_DRAWS + 1), record.path)
        self.now.set_data([record.k], [record.path[record.k - 1]])

    def alt(self, record: Estimates) -> str:
        return (
            f"Left: a dot for each student, estimate less truth after {record.k} draws, in two "
            f"columns. For F they scatter about {record.of_f.mean():+z.3f} by "
            f"{record.of_f.std():.3f} nats; for L about {record.of_l.mean():+z.3f} by "
            f"{record.of_l.std():.3f}. Right: the mean for L over the number of draws, from "
            f"{record.path[0]:+z.3f}, near F - L at {-record.gap:+z.3f}, to "
            f"{record.path[-1]:+z.3f}."
        )

    def locked_alt(self, record: Estimates) -> str:
        return (
            "Left: a column of dots, one for each student, estimate of F less F, about a line at "
            "the middle; the column for L is drawn once you predict. Right: axes for the mean of "
            "the estimates of L over the number of draws."
        )

    def readout(self, record: Estimates) -> str:
        return (
            f"estimate less truth, mean of {STUDENTS} students: for F {record.of_f.mean():+z.3f}, "
            f"for L {record.of_l.mean():+z.3f} nats   L - F = {record.gap:.3f}"
        )


class DigitsInTraining(Picture[DigitAtStage]):
    """A digit and what the machine expects, L, F and their gap in training, and the causes."""

    causes = 10
    size = (7.6, 3.15)

    def build(self, style: Style) -> Sequence[Artist]:
        layout: list[Any] = [["digit", "curves", "causes"], ["expected", "gap", "causes"]]
        axes = self.figure.subplot_mosaic(layout, width_ratios=(0.62, 1.5, 1.15))
        self.pictures = []
        for name, title in (("digit", "the digit u"), ("expected", "expected u")):
            style.dress(axes[name], title).set(xticks=[], yticks=[])
            blank = np.zeros((8, 8))
            picture = axes[name].imshow(blank, cmap=style.colormap.reversed(), vmin=0, vmax=1)
            self.pictures.append(picture)
        curves = style.dress(axes["curves"], "All test digits", "", "nats a digit")
        curves.set(xlim=(-1.6, 41.6), ylim=(-46, -16))
        gap = style.dress(axes["gap"], "The gap L - F", "stage of training", "nats a digit")
        gap.set(xlim=(-1.6, 41.6), ylim=(0, 1.0))
        (self.gap_curve,) = gap.plot([], [], **style.line("gap"))
        (self.gap_now,) = gap.plot([], [], **style.point("gap"))
        (self.l_curve,) = curves.plot([], [], label="L", **style.line("likelihood"))
        (self.f_curve,) = curves.plot([], [], label="F", **style.line("free_energy"))
        (self.l_now,) = curves.plot([], [], **style.point("likelihood"))
        (self.f_now,) = curves.plot([], [], **style.point("free_energy"))
        style.legend(curves, loc="lower right")
        self.step = curves.text(20, -33, "", color=style.ink, fontsize=9, ha="center", va="top")
        dots = style.dress(axes["causes"], "Causes of this digit", "probability on", "cause")
        dots.set(xlim=(-0.04, 1.04), ylim=(self.causes - 0.4, -1.9), yticks=range(self.causes))
        dots.grid(axis="y", color=style.faint)
        dots.set_axisbelow(True)
        (self.p_dots,) = dots.plot([], [], label="posterior", **style.point("posterior"))
        (self.q_dots,) = dots.plot([], [], label="Q", **style.point("recognition"))
        style.legend(dots, loc="upper center", ncols=2)
        lines = [self.l_curve, self.f_curve, self.gap_curve]
        points = [self.l_now, self.f_now, self.gap_now, self.step]
        return [*self.pictures, *lines, *points, self.p_dots, self.q_dots]

    def update(self, record: DigitAtStage) -> None:
        for picture, pixels in zip(self.pictures, (record.digit, record.expected), strict=True):
            picture.set_data(pixels)
        for line, point, curve in (
            (self.l_curve, self.l_now, record.curves.log_likelihood),
            (self.f_curve, self.f_now, record.curves.free_energy),
            (self.gap_curve, self.gap_now, record.curves.gap),
        ):
            line.set_data(range(len(curve)), curve)
            point.set_data([record.stage], [curve[record.stage]])
        self.step.set_text(f"after {record.step} steps")
        for dots, on in ((self.p_dots, record.posterior), (self.q_dots, record.q)):
            dots.set_data(on, np.arange(self.causes))

    def alt(self, record: DigitAtStage) -> str:
        here, curves = record.stage, record.curves
        return (
            f"Left: a handwritten digit and the inputs the machine expects. Middle: over all test "
            f"digits, after {record.step} steps of training, L is "
            f"{curves.log_likelihood[here]:.2f} and F "
            f"{curves.free_energy[here]:.2f} nats; below them their gap is "
            f"{curves.gap[here]:.2f}. Right: two points for each cause, its "
            f"probability under the posterior and under Q; they differ most for cause "
            f"{record.worst_cause}, by {record.worst_by:.2f}."
        )

    def locked_alt(self, record: DigitAtStage) -> str:
        return (
            "Left: a handwritten digit and the inputs the machine expects before training. Middle: "
            "L and F of all test digits over the stages of training, both rising; below them empty "
            "axes for the gap. Right: two points for each cause, its probability under the "
            "posterior and under Q."
        )

    def readout(self, record: DigitAtStage) -> str:
        return (
            f"this digit: L = {record.log_likelihood:.2f}   F = {record.free_energy:.2f}   "
            f"gap = {record.kl_q_p:.2f} nats"
        )
