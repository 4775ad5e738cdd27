"""The lab of the comparison: the kept table as a picture."""

from __future__ import annotations

from functools import lru_cache

from hmlib.course.nb10.comparison_pictures import Strips
from hmlib.course.nb10.records import Comparison, comparison
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice

WORDS = {
    "MMD^2, held out": ("mmd2", "left"),
    "log likelihood, held out": ("log_likelihood", "right"),
    "p-value of 'closer than IWAE'": ("p_closer", "left"),
    "seconds of learning": ("seconds", ""),
}
"""The measures as a student names them, with the side on which better runs stand."""


@lru_cache(maxsize=1)
def _kept() -> Comparison:
    return comparison()


def table_values(data: str, measure: str) -> Record:
    """Numbers of the table lab, all read off the kept records.

    Args:
        data: one of the data sets of the file.
        measure: a key of `WORDS`.
    """
    kept, (name, better) = _kept(), WORDS[measure]
    methods = kept.methods(data)
    return {
        "data": data,
        "measure": name,
        "words": measure,
        "better": better,
        "methods": methods,
        "values": [kept.values(data, method, name) for method in methods],
        "truth": kept.truth(data),
    }


def table() -> Lab:
    """The comparison, a dot for every seed."""
    kept = _kept()
    first = next(iter(WORDS))
    answer = "Yes: the two ask different questions of a model"
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
            (answer, "No: a better model is better in everything", "Only if a run went wrong"),
            answer,
            "MMD compares averages of smooth functions, and DDC learns by matching averages. The "
            "log likelihood punishes every place where the data are and the model says they "
            "cannot be.",
        ),
        title="The table",
        legend="A dot a seed, the bar their median; the dashed line is the model that made the "
        "data, where that is known. Data drawn anew for every seed; every number is read from the "
        "file that the benchmark wrote.",
    )
