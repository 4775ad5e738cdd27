"""The tables of the comparison: medians over seeds, and signs with corrected p-values."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from hmlib.verdicts import SignTest, holm, sign_test


@dataclass(frozen=True)
class Row:
    """What became of one method on one data set and seed.

    Attributes:
        data, method, seed: what was learnt, how, and from which numbers.
        budget: seconds that were given; None where a number of steps was.
        steps: steps that were made.
        train, test: data learnt from, and held out.
        seconds: of the processor, in learning.
        mmd2: unbiased, at the widths s0, s0/2, s0/4, s0/10.
        mmd_p: p-value of the test over all widths.
        accuracy, low, high: of 15 neighbours, and the ends of its interval.
        log_likelihood, log_likelihood_error: held out, in nats a datum, and its standard error as
            an estimate; None without a good one.
        effective: draws that count for the median datum, where L is estimated from draws.
        truth, gap, gap_error: L of the world itself, L minus that, and the standard error of this;
            None where it is not known.
        diverged: whether learning ran away; then its last good step was judged.
    """

    data: str
    method: str
    seed: int
    budget: float | None
    steps: int
    train: int
    test: int
    seconds: float
    mmd2: tuple[float, ...]
    mmd_p: float
    accuracy: float
    low: float
    high: float
    log_likelihood: float | None = None
    log_likelihood_error: float | None = None
    effective: float | None = None
    truth: float | None = None
    gap: float | None = None
    gap_error: float | None = None
    diverged: bool = False

    @classmethod
    def from_json(cls, record: Any) -> Self:
        """A row as it was kept; raises ValueError if it is none."""
        if not isinstance(record, Mapping) or set(record) != {f.name for f in fields(cls)}:
            raise ValueError(f"{record!r} is no row; accepted: an object with the fields of Row")
        return cls(**{**record, "mmd2": tuple(record["mmd2"])})


JUDGES: dict[str, tuple[Callable[[Row], float | None], bool]] = {
    "MMD s0": (lambda row: row.mmd2[0], False),
    "s0/2": (lambda row: row.mmd2[1], False),
    "s0/4": (lambda row: row.mmd2[2], False),
    "s0/10": (lambda row: row.mmd2[3], False),
    "NN": (lambda row: abs(row.accuracy - 0.5), False),
    "L": (lambda row: row.log_likelihood, True),
}
"""Each judge's score of a row, and whether a higher one is better."""


def print_standings(rows: Sequence[Row], against: str, tested: Sequence[str]) -> None:
    """Medians of every data set, then the signs of the tested methods."""
    for data in dict.fromkeys(row.data for row in rows):
        print_medians(data, [row for row in rows if row.data == data])
    print_signs([row for row in rows if row.method in {against, *tested}], against)


def print_medians(data: str, rows: Sequence[Row]) -> None:
    """Medians over seeds, a line a method, and how many tests saw a difference from the data."""
    print(f"\n{data}: {len({row.seed for row in rows})} seed(s); medians; MMD^2 in 1e-4")
    print(
        f"  {'':18}{'s':>7}{'steps':>8}{'s0':>7}{'s0/2':>7}{'s0/4':>7}{'s0/10':>7}{'told':>7}"
        f"{'NN':>6} (interval) {'L':>9}{'gap':>8}{'+-':>6}{'worst':>8}"
    )
    for method in dict.fromkeys(row.method for row in rows):
        own = [row for row in rows if row.method == method]

        def middle(value: Callable[[Row], float | None], own: list[Row] = own) -> float | None:
            known = [v for row in own if (v := value(row)) is not None]
            return statistics.median(known) if known else None

        mmd2 = [1e4 * statistics.median(row.mmd2[w] for row in own) for w in range(4)]
        told = sum(row.mmd_p <= 0.05 for row in own)
        low, high = middle(lambda row: row.low), middle(lambda row: row.high)
        worst = min((row.gap for row in own if row.gap is not None), default=None)
        print(
            f"  {method:18}{middle(lambda row: row.seconds):7.1f}"
            f"{middle(lambda row: row.steps):8.0f}"
            + "".join(f"{value:7.1f}" for value in mmd2)
            + f"{told:4}/{len(own):<2}"
            + f"{middle(lambda row: row.accuracy):6.3f} ({low:.2f} {high:.2f})"
            + _number(middle(lambda row: row.log_likelihood), 10)
            + _number(middle(lambda row: row.gap), 8)
            + _number(middle(lambda row: row.gap_error), 6)
            + _number(worst, 8)
            + (f"  {n} ran away" if (n := sum(row.diverged for row in own)) else "")
        )


def _number(value: float | None, width: int) -> str:
    digits = 3 if value is None or abs(value) < 100 else 0
    return f"{'-':>{width}}" if value is None else f"{value:{width}.{digits}f}"


def signs(rows: Sequence[Row], against: str) -> dict[tuple[str, str, str], SignTest]:
    """For every data set, method and judge: how often it was better, on the seeds of both."""
    found = {}
    for data in dict.fromkeys(row.data for row in rows):
        by = {(row.method, row.seed): row for row in rows if row.data == data}
        for method in dict.fromkeys(row.method for row in rows if row.data == data):
            seeds = [seed for m, seed in by if m == method and (against, seed) in by]
            for judge, (score, higher) in JUDGES.items():
                pairs = [(score(by[method, s]), score(by[against, s])) for s in seeds]
                known = [(a, b) for a, b in pairs if a is not None and b is not None]
                if method != against and known:
                    found[data, method, judge] = sign_test(*zip(*known, strict=True), higher)
    return found


def print_signs(rows: Sequence[Row], against: str) -> None:
    """Better and worse than the method named, and a star where p is small after Holm's correction.

    Few seeds cannot say much of many tests, and the table says how many seeds could.
    """
    found = signs(rows, against)
    if not found:
        return
    corrected = dict(zip(found, holm([test.p for test in found.values()]), strict=True))
    print(
        f"\nBetter/worse than {against} over seeds; * where p <= .05 after Holm's correction "
        f"for {len(found)} tests"
    )
    print(f"  {'':36}" + "".join(f"{judge:>10}" for judge in JUDGES))
    for data, method in dict.fromkeys((data, method) for data, method, _ in found):
        cells = []
        for judge in JUDGES:
            test = found.get((data, method, judge))
            star = "*" if test and corrected[data, method, judge] <= 0.05 else " "
            cells.append(f"{test.better}/{test.worse}{star}" if test else "- ")
        print(f"  {data:16}{method:20}" + "".join(f"{cell:>10}" for cell in cells))
    needed, most = seeds_needed(len(found)), len({row.seed for row in rows})
    if most < needed:
        print(
            f"  With {most} seed(s) no p is below {2.0 ** (1 - most):.2g}: one star among "
            f"{len(found)} tests takes at least {needed} seeds, or fewer tests (--test, --data)."
        )


def seeds_needed(tests: int, level: float = 0.05) -> int:
    """Seeds of which all must agree for one sign test among so many to pass at the level."""
    return 1 + math.ceil(math.log2(tests / level))
