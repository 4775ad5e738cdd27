"""The lab of DDC beside its rivals: the kept table as a picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hmlib.course.nb10.records import Spread, Strip, StripsRecord
from hmlib.course.nb10.rivals_pictures import Strips
from hmlib.course.nb10.rivals_table import RivalsTable, rivals_table
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice

WORDS = {
    "MMD^2, held out": ("mmd2", "left"),
    "log likelihood, held out": ("log_likelihood", "right"),
    "p-value of 'closer than IWAE'": ("p_closer", "left"),
    "seconds of learning": ("seconds", ""),
}
"""The measures as a student names them, with the side on which better runs stand."""


@lru_cache(maxsize=1)
def _kept() -> RivalsTable:
    return rivals_table()


def table_values(data: str, measure: str) -> StripsRecord:
    """Numbers of the table lab, all read off the kept records.

    Args:
        data: one of the data sets of the file.
        measure: a key of `WORDS`.
    """
    kept, (name, better) = _kept(), WORDS[measure]
    strips = tuple(_strip(m, kept.values(data, m, name)) for m in kept.methods(data))
    truth = kept.truth(data) if name == "log_likelihood" else np.nan
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


def _strip(method: str, values: NDArray[np.float64]) -> Strip:
    known = values[~np.isnan(values)]
    if not known.size:
        return Strip(method, (), None)
    spread = Spread(float(np.median(known)), float(known.min()), float(known.max()))
    return Strip(method, tuple(known.tolist()), spread)


def table() -> Lab[StripsRecord]:
    """DDC beside its rivals, a dot for every seed."""
    kept = _kept()
    first = next(iter(WORDS))
    answer = "Yes: they ask for different things"
    return Lab(
        [
            Choice("data", "what was learnt", kept.data, kept.data[0]),
            Choice("measure", "what is measured", tuple(WORDS), first),
        ],
        table_values,
        Strips,
        Question(
            "Can a method be the best in MMD^2 and not the best in log likelihood, on the same "
            "data?",
            ("No: a better model is better in both", answer, "Only if one of the runs went wrong"),
            answer,
            "MMD compares averages of smooth functions, and DDC learns by matching averages. The "
            "log likelihood punishes every place where the data are and the model says they "
            "cannot be.",
            replies={
                "No: a better model is better in both": "Look at the pinwheel, in MMD^2 and then "
                "in log likelihood: the first is not the first again.",
                "Only if one of the runs went wrong": "On the pinwheel no run ran away, and the "
                "two orders differ.",
            },
        ),
        title="The table",
        legend="A dot a seed, the bar their median; the dashed line is the model that made the "
        "data, where that is known. Data drawn anew for every seed; every number is read from the "
        "file that the benchmark wrote.",
    )
