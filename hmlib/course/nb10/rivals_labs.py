"""The lab of DDC beside its rivals: both kept tables as a picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hmlib.course.nb10.comparison import JUDGES, Comparison, Run, comparison
from hmlib.course.nb10.records import Spread, Strip, StripsRecord
from hmlib.course.nb10.rivals_pictures import Strips
from hmlib.course.nb10.rivals_table import MEASURES, RivalsTable, rivals_table
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice

WORDS = {
    "MMD^2, width s0": ("mmd2", "left"),
    "MMD^2, width s0/10": ("fine", "left"),
    "neighbours, off one half by": ("neighbours", "left"),
    "log likelihood, held out": ("log_likelihood", "right"),
    "seconds of learning": ("seconds", ""),
}
"""The measures as a student names them, with the side on which better runs stand."""

OLD = ("layered Laplace", "3 x 3 bars", "patches", "digits")
"""What is shown from the older table."""

FAR = "untouched start"
"""So far from the others that beside it they would all look alike: it is in the table alone."""

_OF_RUN: dict[str, Callable[[Run], float | None]] = {
    "mmd2": JUDGES["s0"][0],
    "fine": JUDGES["s0/10"][0],
    "neighbours": JUDGES["neighbours"][0],
    "log_likelihood": JUDGES["L"][0],
    "seconds": lambda run: run.seconds,
}


@lru_cache(maxsize=1)
def _kept() -> RivalsTable:
    return rivals_table()


@lru_cache(maxsize=1)
def _new() -> Comparison:
    return comparison()


def table_values(data: str, measure: str) -> StripsRecord:
    """Numbers of the table lab, all read off the kept records.

    Args:
        data: one of the data sets of the two files.
        measure: a key of `WORDS`.
    """
    name, better = WORDS[measure]
    strips, truth = (_of_old if data in OLD else _of_new)(data, name)
    known = [value for strip in strips for value in strip.values]
    known += [] if np.isnan(truth) else [truth]
    return StripsRecord(
        data=data,
        measure=name,
        words=measure,
        better=better,
        strips=strips,
        truth=None if np.isnan(truth) else truth,
        low=min(known, default=0.0),
        high=max(known, default=1.0),
    )


def _of_old(data: str, name: str) -> tuple[tuple[Strip, ...], float]:
    kept = _kept()
    truth = kept.truth(data) if name == "log_likelihood" else np.nan
    if name not in MEASURES:
        return tuple(Strip(method, (), None) for method in kept.methods(data)), truth
    return tuple(_strip(m, kept.values(data, m, name)) for m in kept.methods(data)), truth


def _of_new(data: str, name: str) -> tuple[tuple[Strip, ...], float]:
    kept = _new()
    truth = np.nan
    if name == "log_likelihood":
        known = [run.log_likelihood - run.gap for run in kept.runs
                 if run.data == data and run.log_likelihood is not None
                 and run.gap is not None]  # fmt: skip
        truth = float(np.mean(known)) if known else np.nan
    what, methods = _OF_RUN[name], [m for m in kept.methods(data) if m != FAR]
    return tuple(_strip(m, kept.values(data, m, what)) for m in methods), truth


def _strip(method: str, values: NDArray[np.float64]) -> Strip:
    known = values[~np.isnan(values)]
    if not known.size:
        return Strip(method, (), None)
    spread = Spread(float(np.median(known)), float(known.min()), float(known.max()))
    return Strip(method, tuple(known.tolist()), spread)


def table() -> Lab[StripsRecord]:
    """DDC beside its rivals, a dot for every seed."""
    data, first = (*_new().data, *OLD), next(iter(WORDS))
    answer = "One kind of wake-sleep"
    return Lab(
        [
            Choice("data", "what was learnt", data, data[0]),
            Choice("measure", "what is measured", tuple(WORDS), first),
        ],
        table_values,
        Strips,
        Question(
            "Digits, three layers of coins. Five methods learn for some 25 seconds each: DDC code, "
            "DDC score, classic wake-sleep, wake-sleep with reweighted guesses, and an IWAE whose "
            "causes are normal. Whose log likelihood of new digits is the highest?",
            (
                "DDC, in one of its modes",
                answer,
                "The IWAE, by its bound",
            ),
            answer,
            "On all five splits both kinds of wake-sleep are likelier than the three others, and "
            "the classic one of 1995 is not behind the reweighted one. A table is printed where "
            "one's own method loses, too.",
            replies={
                "DDC, in one of its modes": "Choose digits and the log likelihood: both modes "
                "stand behind.",
                "The IWAE, by its bound": "It climbs a bound on this very measure, with normal "
                "causes, and is in the middle.",
            },
        ),
        title="The table",
        legend="A dot a seed, the bar their median; the dashed line is the world that made the "
        "data, where that is known. MMD^2 is taken with a kernel of width s0, or s0/10. The "
        "untouched start would be far off: it is in the table alone. Data drawn anew for every "
        "seed; the numbers are read from the files that the two benchmarks wrote.",
        hides=("dots", "bars"),
    )
