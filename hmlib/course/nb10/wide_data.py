"""Patches and digits, learnt in several ways and kept.

Nothing is learnt here. Every number that notebook 10 says of these runs is read off the files that
`python -m tools.run_wide` wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib._checks import choice
from hmlib.course.nb10.comparison import told_above
from hmlib.datasets.files import load, read_only
from hmlib.verdicts import SignTest, holm, sign_test

Array = NDArray[np.float64]

LEVEL = 0.05


@dataclass(frozen=True)
class Kept:
    """A file of runs.

    Attributes:
        file: in data/.
        methods: the ways to learn, in the order of the file.
        tested, against: whose L was to be held against whose, named before the runs.
        side: pixels of a picture's edge.
    """

    file: str
    methods: tuple[str, ...]
    tested: tuple[str, ...]
    against: tuple[str, ...]
    side: int


PATCHES = Kept(
    "patch_scales.npz",
    ("untouched start", "multivariate t", "DDC, one scale", "DDC", "IWAE", "exact posterior"),
    ("DDC",),
    ("multivariate t", "IWAE"),
    16,
)
DIGITS = Kept(
    "digit_layers.npz",
    (
        "60 coins",
        "wake-sleep",
        "reweighted",
        "causes alone",
        "causes, tuned",
        "code of pairs",
    ),
    ("code of pairs",),
    ("60 coins", "wake-sleep", "reweighted", "causes alone", "causes, tuned"),
    8,
)


@dataclass(frozen=True, eq=False, repr=False)
class WideRuns:
    """Runs of several methods on several splits.

    Attributes:
        kept: what the file is.
        log_likelihood: of held-out data, in nats a datum, shape (seeds, methods).
        error: what it may be wrong by as an estimate, shape (seeds, methods).
        steps, seconds: of learning, shape (seeds, methods).
        mmd2: at the widths s0, s0/2, s0/4, s0/10, shape (seeds, methods, 4).
        accuracy: of a vote of 15 neighbours that tells dreams from data, shape (seeds, methods).
        dreams: of the first split, shape (methods, n, pixels).
        held: data of the first split that nobody learnt from, shape (n, pixels).
    """

    kept: Kept
    log_likelihood: Array
    error: Array
    steps: NDArray[np.int64]
    seconds: Array
    mmd2: Array
    accuracy: Array
    dreams: Array
    held: Array

    def of(self, method: str) -> Array:
        """L of one method on every split, shape (seeds,).

        Raises:
            ValueError: if there is no such method.
        """
        choice("method", method, self.kept.methods)
        return self.log_likelihood[:, self.kept.methods.index(method)]

    def table(self) -> str:
        """A line a method: medians over the splits, and the worst L."""
        lines = [
            f"{'':16}{'L':>9}{'worst':>9}{'+-':>7}{'s0':>8}{'s0/10':>8}{'neighb.':>9}{'s':>7}{'steps':>8}"
        ]
        for number, method in enumerate(self.kept.methods):
            own = self.log_likelihood[:, number]
            mmd2 = 1e4 * np.median(self.mmd2[:, number], axis=0)
            lines.append(
                f"{method:16}{np.median(own):9.2f}{own.min():9.2f}"
                f"{self.error[:, number].max():7.3f}{mmd2[0]:8.1f}{mmd2[3]:8.1f}"
                f"{np.median(self.accuracy[:, number]):9.3f}"
                f"{np.median(self.seconds[:, number]):7.1f}"
                f"{np.median(self.steps[:, number]):8.0f}"
            )
        return "\n".join(lines)

    def signs(self) -> dict[tuple[str, str], SignTest]:
        """For each tested method and each it is held against: on how many splits L is higher."""
        return {
            (method, other): sign_test(self.of(method).tolist(), self.of(other).tolist(), True)
            for method in self.kept.tested
            for other in self.kept.against
        }

    def signs_table(self) -> str:
        """The signs in words, with p-values corrected for their number."""
        signs = self.signs()
        corrected = holm([test.p for test in signs.values()])
        return "\n".join(
            f"{method} above {other} on {test.better} of {test.better + test.worse} splits, "
            f"p {p:.3f} corrected"
            for (method, other), test, p in zip(signs, signs.values(), corrected, strict=True)
        )

    def above(self, ours: str, theirs: str) -> str:
        """How far one method's L is above another's, split by split, in words.

        Raises:
            ValueError: if there is no such method.
        """
        return told_above(ours, theirs, self.of(ours) - self.of(theirs))

    def __repr__(self) -> str:
        seeds, methods = self.log_likelihood.shape
        return f"WideRuns: {methods} methods on {seeds} splits"


@cache
def wide_runs(kept: Kept) -> WideRuns:
    """The runs of a file, `PATCHES` or `DIGITS`.

    Raises:
        ValueError: if the file is damaged.
        FileNotFoundError: if it is missing.
    """
    arrays = load(kept.file)

    def numbers(name: str) -> Array:
        return read_only(arrays[name].astype(np.float64))

    return WideRuns(
        kept, numbers("L"), numbers("error"), read_only(arrays["steps"].astype(np.int64)),
        numbers("seconds"), numbers("mmd2"), numbers("accuracy"), numbers("dreams"),
        numbers("held"),
    )  # fmt: skip


def as_grey(patches: Array) -> Array:
    """Patches to be looked at, shape (n, 16, 16), 0 to 1.

    They have lost their mean, so that 0 is grey; contrast is drawn alike in all.
    """
    side = PATCHES.side
    return np.clip(0.5 + 1.5 * patches.reshape(-1, side, side), 0, 1)
