"""The kept comparisons, as `python -m benchmarks.comparison` filled them: on ring and pinwheel, on
six latents, and on six sines.

Nothing is learnt here. Every number that notebook 10 says of these runs, and every count, is read
off comparison.json, six_latents.json, six_sines.json and longer_sines.json in data: a run a line,
as the command writes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hmlib._checks import choice
from hmlib.datasets.files import DATA
from hmlib.verdicts import SignTest, holm, sign_test

Array = NDArray[np.float64]

FILE, SIX, SINES, LONGER = (
    DATA / f"{name}.json" for name in ("comparison", "six_latents", "six_sines", "longer_sines")
)

TRUTH = "the truth"
"""Not a method but fresh draws of the data: how well anything could do."""

AGAINST, TESTED, TESTED_SIX = "IWAE", ("DDC code", "guided"), ("code, trained", "guided")
"""The method that others are held against, and those held against it: named before the runs."""


@dataclass(frozen=True)
class Run:
    """What became of one method on one seed.

    Attributes:
        data, method, seed: what was learnt, how, and from which numbers.
        seconds: of the processor, in learning.
        mmd2: unbiased MMD^2 of dreams and held-out data, kernels of width s0, s0/2, s0/4, s0/10.
        accuracy: of a vote of 15 neighbours that tells dreams from data; .5 is perfect.
        log_likelihood: held out, in nats a datum; None without a good estimate.
        gap: the same less L of the density that the data come from; None where that is not known.
        diverged: whether learning ran away; then its last good step was judged.
    """

    data: str
    method: str
    seed: int
    seconds: float
    mmd2: tuple[float, ...]
    accuracy: float
    log_likelihood: float | None = None
    gap: float | None = None
    diverged: bool = False


def _width(place: int) -> Callable[[Run], float | None]:
    return lambda run: run.mmd2[place]


JUDGES: dict[str, tuple[Callable[[Run], float | None], bool]] = {
    "s0": (_width(0), False),
    "s0/2": (_width(1), False),
    "s0/4": (_width(2), False),
    "s0/10": (_width(3), False),
    "neighbours": (lambda run: abs(run.accuracy - 0.5), False),
    "L": (lambda run: run.log_likelihood, True),
}
"""Each judge's score of a run, and whether a higher one is better."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """All runs, in the order of the file."""

    runs: tuple[Run, ...]

    @property
    def data(self) -> tuple[str, ...]:
        """What was learnt."""
        return tuple(dict.fromkeys(run.data for run in self.runs))

    def methods(self, data: str) -> tuple[str, ...]:
        """How it was learnt, in the order of the file.

        Raises:
            ValueError: if there are no such data.
        """
        choice("data", data, self.data)
        return tuple(dict.fromkeys(run.method for run in self.runs if run.data == data))

    def of(self, data: str, method: str) -> tuple[Run, ...]:
        """The runs of one method, a run a seed, in their order: a file has runs as they came.

        Raises:
            ValueError: if there are no such data, or no such method for them.
        """
        choice("method", method, self.methods(data))
        mine = (run for run in self.runs if (run.data, run.method) == (data, method))
        return tuple(sorted(mine, key=lambda run: run.seed))

    def values(self, data: str, method: str, what: Callable[[Run], float | None]) -> Array:
        """One number of each run of a method; NaN where there is none."""
        found = [what(run) for run in self.of(data, method)]
        return np.array([np.nan if value is None else value for value in found])

    def table(self, data: str) -> str:
        """Medians over the seeds, a line a method; MMD^2 in ten-thousandths."""
        seeds = len({run.seed for run in self.runs if run.data == data})
        lines = [
            f"{data}: medians of {seeds} seeds; MMD^2 in 1e-4",
            f"{'':18}{'s0':>7}{'s0/2':>7}{'s0/4':>7}{'s0/10':>7}{'neighb.':>9}{'L':>9}"
            f"{'gap':>8}{'worst':>8}{'s':>6}",
        ]
        for method in self.methods(data):
            widths = (self.values(data, method, _width(place)) for place in range(4))
            gap = self.values(data, method, lambda run: run.gap)
            away = sum(run.diverged for run in self.of(data, method))
            lines.append(
                f"{method:18}"
                + "".join(f"{1e4 * np.median(mmd2):7.1f}" for mmd2 in widths)
                + f"{np.median(self.values(data, method, lambda run: run.accuracy)):9.3f}"
                + _number(self.values(data, method, lambda run: run.log_likelihood), 9)
                + _number(gap, 8)
                + _number(gap, 8, np.min)
                + f"{np.median(self.values(data, method, lambda run: run.seconds)):6.1f}"
                + (f"  {away} ran away" if away else "")
            )
        return "\n".join(lines)

    def signs(
        self, methods: Sequence[str] = TESTED, against: str = AGAINST
    ) -> dict[tuple[str, str, str], SignTest]:
        """For each data set, method and judge: on how many seeds the method was better.

        Args:
            methods: those that are held against another; data without them are passed over.
            against: that other one, seed by seed.
        """
        found = {}
        for data in self.data:
            scored = {(run.method, run.seed): run for run in self.runs if run.data == data}
            for method in methods:
                seeds = [s for m, s in scored if m == method and (against, s) in scored]
                for judge, (score, higher) in JUDGES.items():
                    pairs = [(score(scored[method, s]), score(scored[against, s])) for s in seeds]
                    known = [(a, b) for a, b in pairs if a is not None and b is not None]
                    if known:
                        ours, theirs = zip(*known, strict=True)
                        found[data, method, judge] = sign_test(ours, theirs, higher)
        return found

    def signs_table(self, methods: Sequence[str] = TESTED, against: str = AGAINST) -> str:
        """How often each method was better than another, a star where chance is ruled out.

        A star: p of the two-sided sign test at most .05 after Holm's correction for all of them.
        """
        found = self.signs(methods, against)
        right = dict(zip(found, holm([test.p for test in found.values()]), strict=True))
        first, second = (max(10, 2 + max(map(len, names))) for names in (self.data, methods))
        lines = [
            f"better than {against} on so many seeds; * p <= .05, corrected for {len(found)} tests",
            " " * (first + second) + "".join(f"{judge:>12}" for judge in JUDGES),
        ]
        for data, method in dict.fromkeys((data, method) for data, method, _ in found):
            cells = []
            for judge in JUDGES:
                if (test := found.get((data, method, judge))) is None:
                    cells.append("- ")
                    continue
                star = "*" if right[data, method, judge] <= 0.05 else " "
                n = test.better + test.worse + test.ties
                cells.append(f"{test.better} of {n}{star}")
            named = f"{data:{first}}{method:{second}}"
            lines.append(named + "".join(f"{cell:>12}" for cell in cells))
        return "\n".join(lines)

    def heights(self, data: str) -> str:
        """The least and the most of each gap that is known, a line a method, in nats."""
        lines = []
        for method in self.methods(data):
            gap = self.values(data, method, lambda run: run.gap)
            if not np.isnan(gap).all():
                lines.append(f"{method:18}{np.nanmin(gap):9.2f} to {np.nanmax(gap):6.2f}")
        return "\n".join(lines)

    def above(self, data: str, ours: str, theirs: str) -> str:
        """How far one method's L is above another's, seed by seed, in words.

        Raises:
            ValueError: if there are no such data, or no such method for them.
        """
        mine, other = (self.values(data, m, lambda run: run.log_likelihood) for m in (ours, theirs))
        return told_above(ours, theirs, mine - other)

    def __repr__(self) -> str:
        return f"Comparison: {len(self.runs)} runs of {len(self.data)} data set(s)"


def told_above(ours: str, theirs: str, apart: Array) -> str:
    """The least and the most of a difference of L, in nats, and how often it is above 0."""
    return (
        f"{ours} above {theirs}: {apart.min():.2f} to {apart.max():.2f} nats, "
        f"above 0 on {(apart > 0).sum()} of {len(apart)}"
    )


def _number(values: Array, width: int, what: Callable[[Array], float] = np.median) -> str:
    known = values[~np.isnan(values)]
    if not known.size:
        return f"{'-':>{width}}"
    value = what(known)
    return f"{value:{width}.2f}" if abs(value) < 1000 else f"{value:{width}.0e}"


def comparison(path: Path = FILE) -> Comparison:
    """Read the runs.

    Args:
        path: an object of JSON a line; fields that `Run` does not have are passed over.

    Raises:
        FileNotFoundError: if the file is missing.
        ValueError: if it holds no runs, or a line is none.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.name} is missing (looked for {path}): `git checkout -- data` brings back one "
            "that was deleted; data/README.md names the benchmarks.comparison that made it"
        )
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise ValueError(f"{path.name} holds no runs; accepted: a line of JSON for each")
    return Comparison(
        tuple(_run(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1))
    )


def _run(line: str, where: str) -> Run:
    known = {f.name for f in fields(Run)}
    try:
        record = json.loads(line)
        values = {key: value for key, value in record.items() if key in known}
        return Run(**{**values, "mmd2": tuple(map(float, values["mmd2"]))})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{where}: {line!r} is no run ({error!r})") from None
