"""What paper shows of a lab: the picture that waits for the prediction, and a strip of others.

The strip gives the prediction away, so it is folded: `paper` moves what is folded to the end.

A strip has four places: of the first control that moves, both ends and two places between, or the
beginning, the end and two pictures between of a run that was kept.
"""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hmlib.course.site.coverage import every_value
from hmlib.course.site.kept_learning import RUNS
from hmlib.lab import Lab, Training

PLACES = 4
"""Pictures of a strip, at most."""


@dataclass(frozen=True)
class Still:
    """A picture of a lab.

    Args:
        where: what its controls say, such as "Q's probability of rain: 0.25".
        png: the picture.
        alt, readout: its words.
    """

    where: str
    png: bytes
    alt: str
    readout: str


def strip_of(lab: Lab[Any]) -> list[Still]:
    """The pictures of a strip. The lab gets its prediction, and is moved."""
    lab.predict()
    return list(_learnt(lab) if isinstance(lab, Training) else _moved(lab))


def spread(count: int) -> list[int]:
    """Up to `PLACES` places out of so many, from the first to the last."""
    steps = min(PLACES, count) - 1
    return [round(step * (count - 1) / steps) for step in range(steps + 1)] if steps else [0]


def _moved(lab: Lab[Any]) -> Iterator[Still]:
    control = lab.controls[0]
    values = every_value(control)
    for place in spread(len(values)):
        lab.set(**{control.name: values[place]})
        yield _still(lab, [(one.label, _said(lab.values[one.name])) for one in lab.controls])


def _learnt(lab: Training[Any, Any, Any]) -> Iterator[Still]:
    runs = RUNS[lab.spec["title"]]
    run = runs.runs[0]
    lab.set(seed=run.seed, rate=run.rates[0][1])
    lab.restart()
    done = 0
    for place in spread(len(runs.counts)):
        while done < runs.counts[place]:
            lab.advance(runs.every)
            done += runs.every
            for start, rate in run.rates:
                if start == done:
                    lab.set(rate=rate)
        yield _still(lab, [("steps learnt", f"{done:,}"), ("run", run.name)])


def _said(value: float | str) -> str:
    return value or "none" if isinstance(value, str) else f"{value:g}"


def _still(lab: Lab[Any], places: list[tuple[str, str]]) -> Still:
    where = "; ".join(f"{label}: {value}" for label, value in places)
    return Still(where, lab.small_picture, lab.alt, lab.readout)


def on_paper(lab: Lab[Any]) -> str:
    """A lab, as HTML: question, options and first picture, and the strip, folded.

    Args:
        lab: as it is before its prediction; it is moved.
    """
    spec = lab.spec
    question = spec["question"]
    options = "".join(f"<li>{html.escape(option)}</li>" for option in question["options"])
    start = _shot(Still("", lab.small_picture, lab.alt, lab.readout))
    strip = "".join(map(_shot, strip_of(lab)))
    legend = f'<p class="legend">{html.escape(spec["legend"])}</p>' if spec["legend"] else ""
    return (
        f'<section class="lab"><p class="lab-title">Lab: {html.escape(spec["title"])}</p>'
        f'<div class="lab-start"><div class="lab-question"><p><b>Predict first.</b> '
        f"{html.escape(question['text'])}</p><ul>{options}</ul></div>{start}</div>{legend}"
        f"<details><summary>What the lab “{html.escape(spec['title'])}” shows when it is moved"
        f'</summary><div class="lab-strip">{strip}</div></details></section>'
    )


def _shot(still: Still) -> str:
    picture = b64encode(still.png).decode()
    where = f"<b>{html.escape(still.where)}</b>" if still.where else ""
    return (
        f'<div class="shot"><img src="data:image/png;base64,{picture}" '
        f'alt="{html.escape(still.alt)}"/>'
        f'<div class="words">{where}<span>{html.escape(still.readout)}</span></div></div>'
    )
