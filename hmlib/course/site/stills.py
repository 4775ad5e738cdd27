"""What a page has in the place of a lab until it moves, in print, and where no script runs."""

from __future__ import annotations

import html
from typing import Any

from hmlib.course.site.recording import plan
from hmlib.lab import Lab

LABS = "labs"
"""Folder of the site that holds the files of the labs."""


def still_of(lab: Lab[Any], key: str, moves: bool = True) -> str:
    """Question, options, picture and words of a lab, as HTML.

    Args:
        lab: as it is before its prediction.
        key: name of its files.
        moves: whether a lab that moves takes its place.
    """
    planned = plan(lab)
    question = planned.spec["question"]
    width, height = planned.spec["size"]
    options = "".join(f"<li>{html.escape(option)}</li>" for option in question["options"])
    limits = f'<p class="hm-here">{html.escape(planned.sentence)}</p>' if planned.sentence else ""
    return (
        f'<div class="{"hm-place" if moves else "hm-unmoved"}" data-lab="{html.escape(key)}">'
        f'<div class="hm-still"><p class="hm-still-title">{html.escape(planned.spec["title"])}</p>'
        f"<p><b>Predict first.</b> {html.escape(question['text'])}</p><ul>{options}</ul>"
        f'<figure><img src="{LABS}/{html.escape(key)}.png" width="{width}" '
        f'height="{height}" alt="{html.escape(lab.alt)}" loading="lazy"/>'
        f"<figcaption>{html.escape(lab.readout)}</figcaption></figure></div>{limits}"
        '<p class="hm-moved" role="status"></p></div>'
    )
