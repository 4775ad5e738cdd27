"""The kept table of DDC beside its rivals, as `python -m benchmarks.ddc --write` filled it.

Nothing is learnt here. Every number that notebook 10 shows or says of it is read off
data/ddc_results.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hmlib._checks import choice
from hmlib.datasets.files import DATA

Array = NDArray[np.float64]

FILE = DATA / "ddc_results.json"


@dataclass(frozen=True)
class Row:
    """What became of one method on one seed.

    Attributes:
        data, method, seed: what was learnt, how (named with its mode), and from which numbers.
        seconds: of learning.
        mmd2: unbiased MMD^2 between dreams and held-out data.
        log_likelihood, log_likelihood_error: held out, in nats a datum, and its standard error as
            an estimate; None if there is no good estimate.
        truth: log likelihood of the model that made the data, where it is known.
        p_closer, p_farther: p-values of the relative-MMD test for "closer to the data than IWAE"
            and "farther"; None for IWAE itself, and where there is no IWAE.
        diverged: whether learning ran away; then the last good step was judged.
    """

    data: str
    method: str
    seed: int
    seconds: float
    mmd2: float
    log_likelihood: float | None = None
    log_likelihood_error: float | None = None
    truth: float | None = None
    p_closer: float | None = None
    p_farther: float | None = None
    diverged: bool = False


_MEASURED: dict[str, Callable[[Row], float | None]] = {
    "mmd2": lambda row: row.mmd2,
    "log_likelihood": lambda row: row.log_likelihood,
    "p_closer": lambda row: row.p_closer,
    "p_farther": lambda row: row.p_farther,
    "seconds": lambda row: row.seconds,
}

MEASURES = tuple(_MEASURED)
"""What is measured of a run."""


@dataclass(frozen=True, eq=False, repr=False)
class RivalsTable:
    """All rows, in the order of the file."""

    rows: tuple[Row, ...]

    @property
    def data(self) -> tuple[str, ...]:
        """What was learnt."""
        return tuple(dict.fromkeys(row.data for row in self.rows))

    def methods(self, data: str) -> tuple[str, ...]:
        """How it was learnt, DDC first, then everything else in the order of the file.

        Raises:
            ValueError: if there are no such data.
        """
        choice("data", data, self.data)
        found = dict.fromkeys(row.method for row in self.rows if row.data == data)
        return tuple(sorted(found, key=lambda name: not name.startswith("DDC")))

    def of(self, data: str, method: str) -> tuple[Row, ...]:
        """The rows of one method, a row a seed.

        Raises:
            ValueError: if there are no such data, or no such method for them.
        """
        choice("method", method, self.methods(data))
        return tuple(row for row in self.rows if (row.data, row.method) == (data, method))

    def values(self, data: str, method: str, measure: str) -> Array:
        """One measure for all seeds; NaN where it was not taken.

        Raises:
            ValueError: for unknown data, method or measure.
        """
        measured = _MEASURED[choice("measure", measure, MEASURES)]
        found = [measured(row) for row in self.of(data, method)]
        return np.array([np.nan if value is None else value for value in found])

    def truth(self, data: str) -> float:
        """Mean log likelihood of the models that made the data; NaN where it is not known."""
        known = [row.truth for row in self.rows if row.data == data and row.truth is not None]
        return float(np.mean(known)) if known else float("nan")

    def table(self, data: str, level: float = 0.01) -> str:
        """Medians and ranges over the seeds, a line a method.

        Args:
            data: what was learnt.
            level: p-values below this count as a verdict.
        """
        methods = self.methods(data)
        seeds = len({row.seed for row in self.rows if row.data == data})
        lines = [
            f"{data}: {seeds} seed(s)",
            f"{'':13}{'MMD^2':>9}{'(worst)':>9}{'log lik.':>10}{'(worst)':>9}"
            f"{'closer':>8}{'farther':>8}{'s':>7}",
        ]
        for method in methods:
            m, l, near, far, s = (self.values(data, method, name) for name in MEASURES)
            lines.append(
                f"{method:13}{np.median(m):9.4f}{m.max():9.4f}{_number(l, np.median)}"
                f"{_number(l, np.min, 9)}{_counted(near, level)}{_counted(far, level)}"
                f"{np.median(s):7.1f}"
                + (
                    f"  {n} ran away"
                    if (n := sum(r.diverged for r in self.of(data, method)))
                    else ""
                )
            )
        return "\n".join(lines)

    def verdict(self, data: str, method: str, level: float = 0.01) -> str:
        """One sentence: how often a method is closer to the data than IWAE, how often farther."""
        near, far = (self.values(data, method, name) for name in ("p_closer", "p_farther"))
        if np.isnan(near).all():
            return f"{method} on {data}: not held beside IWAE."
        closer, farther, n = (near < level).sum(), (far < level).sum(), len(near)
        word = (
            "wins" if closer > n / 2 else "loses" if farther > n / 2 else "neither wins nor loses"
        )
        return (
            f"{method} on {data}: {word}; closer than IWAE on {closer} of {n} seeds, farther on "
            f"{farther}, undecided on {n - closer - farther}."
        )

    def __repr__(self) -> str:
        return f"RivalsTable: {len(self.rows)} records of {len(self.data)} data set(s)"


def _number(values: Array, what: Callable[[Array], float], width: int = 10) -> str:
    known = values[~np.isnan(values)]
    return f"{what(known):{width}.3f}" if known.size else " " * (width - 1) + "-"


def _counted(p: Array, level: float) -> str:
    known = p[~np.isnan(p)]
    return f"{(known < level).sum():>4}/{known.size:<3}" if known.size else f"{'-':>5}   "


def rivals_table(path: Path = FILE) -> RivalsTable:
    """Read the records.

    Args:
        path: a JSON list of records; fields that `Row` does not have are passed over.

    Raises:
        FileNotFoundError: if the file is missing.
        ValueError: if it holds no records, or a record lacks a field.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.name} is missing (looked for {path}): run `python -m benchmarks.ddc --write`, "
            "or `git checkout -- data` if it was deleted"
        )
    records = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(records, list) or not records:
        raise ValueError(f"{path.name} holds no records; accepted: a list of at least one")
    return RivalsTable(tuple(_row(record, path.name) for record in records))


def _row(record: object, name: str) -> Row:
    known = {f.name for f in fields(Row)}
    if not isinstance(record, dict):
        raise ValueError(f"{name}: {record!r} is no record; accepted: fields by name")
    try:
        return Row(**{key: value for key, value in record.items() if key in known})
    except TypeError as error:
        raise ValueError(f"{name}: {record!r} is no record ({error})") from None
