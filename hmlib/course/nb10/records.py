"""What the labs of notebook 10 hand to their pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Board:
    """Readings of one machine, in the order of `gauges.GAUGES`.

    Attributes:
        now: of the machine as it is, shape (gauges,).
        normal: the lowest and the highest of healthy machines, shape (gauges, 2).
        outside: the gauges outside the normal range, in words, with their readings.
        well: of the same machine without its switch, shape (gauges,); None if it is not shown.
    """

    now: Array
    normal: Array
    outside: tuple[str, ...]
    well: Array | None = None


@dataclass(frozen=True, eq=False)
class Runs:
    """L lost along the runs of some seeds, in nats.

    Attributes:
        lost: shape (seeds, k).
        least, median, most: of the seeds, at the end.
    """

    lost: Array
    least: float
    median: float
    most: float


@dataclass(frozen=True, eq=False)
class OneSwitchRecord:
    """A machine with one switch on, and its runs beside healthy ones.

    Attributes:
        switch: its name.
        seed: of the gauges.
        board: the gauges, those without the switch among them.
        steps: of learning at the points of the runs, shape (k,).
        healthy, trapped: the runs without the switch and with it.
    """

    switch: str
    seed: int
    board: Board
    steps: NDArray[np.int64]
    healthy: Runs
    trapped: Runs


@dataclass(frozen=True, eq=False)
class HiddenFaultRecord:
    """A patient whose switch is to be found.

    Attributes:
        patient: its number.
        verdict: which switch is suspected.
        board: its gauges.
        right: whether it is that switch.
        reply: a sentence on the verdict.
    """

    patient: int
    verdict: str
    board: Board
    right: bool
    reply: str


@dataclass(frozen=True, eq=False)
class DosesRecord:
    """One night of some size, and its move.

    Attributes:
        n_dreams: dreams M.
        functions: features of x, and encodings of each latent, beside the values and the constant.
        ridge: rho.
        exact: E[z_1^2 | x] of each datum by quadrature, shape (n,).
        found: the same read off the code, shape (n,).
        off: nine in ten of `found` less `exact` lie between these two.
        gradient: of L, exact, in nats for each parameter, shape (6,).
        move: what this night makes of it, shape (6,).
        angle: between the two, in degrees.
        code_r2: R^2 of the codes.
        found_r2: R^2 of `found`.
        left: how many encodings of z_1 the ridge leaves.
    """

    n_dreams: int
    functions: int
    ridge: float
    exact: Array
    found: Array
    off: tuple[float, float]
    gradient: Array
    move: Array
    angle: float
    code_r2: float
    found_r2: float
    left: float


@dataclass(frozen=True)
class Spread:
    """Where the seeds of one method lie: in the middle, and at the ends."""

    median: float
    least: float
    most: float


@dataclass(frozen=True)
class Strip:
    """One measure of one method.

    Attributes:
        method: its name.
        values: one for each seed for which it was taken.
        spread: of the values; None if there are none.
    """

    method: str
    values: tuple[float, ...]
    spread: Spread | None


@dataclass(frozen=True)
class StripsRecord:
    """One measure of all methods.

    Attributes:
        data: what was learnt.
        measure: one of the names in `rivals_labs.WORDS`.
        words: how it is called.
        better: the side on which better runs stand, "left" or "right"; "" for neither.
        strips: the methods, top to bottom.
        truth: the measure of the model that made the data; None if it is not known or has none.
        low, high: the least and the greatest of all values, the truth among them.
    """

    data: str
    measure: str
    words: str
    better: str
    strips: tuple[Strip, ...]
    truth: float | None
    low: float
    high: float


@dataclass(frozen=True)
class SheetsRecord:
    """Dreams of one method beside data.

    Attributes:
        source: the method, or "fresh data".
        sheet: which twelve of them, "first" or "second".
        held: patches that nobody learnt from, shape (12, 16, 16), 0 to 1.
        shown: patches of the source, shape (12, 16, 16), 0 to 1.
        names: the methods.
        middle: median over splits of each method's L on held-out data, in nats.
        log_likelihood: that of the source; None for data.
    """

    source: str
    sheet: str
    held: Array
    shown: Array
    names: tuple[str, ...]
    middle: tuple[float, ...]
    log_likelihood: float | None
