"""The lab of patches: dreams that a reader can judge."""

from __future__ import annotations

import numpy as np

from hmlib._checks import choice
from hmlib.course.nb10.records import SheetsRecord
from hmlib.course.nb10.wide_data import PATCHES, as_grey, wide_runs
from hmlib.course.nb10.wide_pictures import COLUMNS, ROWS, PatchDreams
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice

FRESH = "fresh data"
"""Other data, in place of dreams."""

SHEETS = ("first", "second")

_SHOWN = ROWS * COLUMNS


def dreams_values(source: str, sheet: str) -> SheetsRecord:
    """Numbers of the lab, all read off the kept runs.

    Args:
        source: a method, or "fresh data".
        sheet: "first" or "second" twelve.
    """
    runs, number = wide_runs(PATCHES), SHEETS.index(choice("sheet", sheet, SHEETS))
    methods = PATCHES.methods
    choice("source", source, (FRESH, *methods))
    here = slice(number * _SHOWN, (number + 1) * _SHOWN)
    # The second half of what was held out stands for fresh data.
    pictures = runs.held[len(runs.held) // 2 :]
    if source != FRESH:
        pictures = runs.dreams[methods.index(source)]
    middle = tuple(float(np.median(runs.of(method))) for method in methods)
    return SheetsRecord(
        source=source,
        sheet=sheet,
        held=as_grey(runs.held[here]),
        shown=as_grey(pictures[here]),
        names=methods,
        middle=middle,
        log_likelihood=None if source == FRESH else middle[methods.index(source)],
    )


def patch_dreams() -> Lab[SheetsRecord]:
    """Dreams of patches beside patches."""
    answer = "DDC far above the t, the IWAE a little above DDC"
    return Lab(
        [
            Choice("source", "pictures from", (FRESH, *PATCHES.methods), "untouched start"),
            Choice("sheet", "which twelve", SHEETS, SHEETS[0]),
        ],
        dreams_values,
        PatchDreams,
        Question(
            "A multivariate t has one scale for a whole patch. DDC has three latents that "
            "set variances, and its own dreams to learn them from. An IWAE has the same model, the "
            "same functions that see scale, as many seconds, and the likelihood. How do they "
            "stand, by L on patches held out?",
            (
                "The t above both: it is fitted by EM, exactly",
                answer,
                "The IWAE far above DDC, DDC below the t",
            ),
            answer,
            "Most of what there is to win is in the model: variances that change together. A code "
            "that sees scale finds most of it from dreams alone.",
            replies={
                "The t above both: it is fitted by EM, exactly": "Exactly, but with one scale: "
                "it cannot make fine texture weaker where coarse texture is strong.",
                "The IWAE far above DDC, DDC below the t": "What its likelihoods win over a code "
                "is about a nat here, and the t is sixteen and more behind.",
            },
        ),
        title="Patches, dreamt",
        legend="Left: patches held out, their mean grey taken away. Middle: the source chosen. "
        "Right: L of each method, a median over splits; the diamond is the source that is shown.",
        hides=("dreams", "dots", "mark"),
    )
