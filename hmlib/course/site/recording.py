"""Every picture that a page without a kernel shows of a lab, and every word.

A lab is kept in three files. `KEY.png` is the picture that is there before anything moves. `KEY.js`
has the lab's description, the stops that are there, and their words. `KEY-pictures.js` has the
pictures. They are scripts since a page that was opened from a folder may load scripts and nothing
else.
"""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hmlib.course.site.coverage import coverage
from hmlib.course.site.kept_learning import RUNS, controls_of, frames_of, sentence_of
from hmlib.course.site.thinning import LOT, Folded, thin
from hmlib.lab import Lab, Training
from hmlib.lab.base import Frame

THEMES = ("light", "dark")

Frames = tuple[Frame, Frame]
"""Of a light and of a dark page."""


@dataclass(frozen=True)
class Call:
    """How a notebook makes a lab.

    Args:
        module: such as "hmlib.course.nb02.labs".
        function: such as "ceiling".
        arguments: such as ("ring", "code").
    """

    module: str
    function: str
    arguments: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A name for its files, such as "nb02.ceiling"."""
        room = self.module.split(".")[2]
        return ".".join((room, "-".join((self.function, *self.arguments))))

    def lab(self) -> Lab[Any]:
        """The lab, made anew."""
        made = getattr(importlib.import_module(self.module), self.function)(*self.arguments)
        assert isinstance(made, Lab)
        return made


@dataclass(frozen=True)
class Plan:
    """What a page has of a lab, before anything is drawn.

    Args:
        spec: what the front end is told.
        sentence: what a reader is told is left out; empty if nothing is.
    """

    spec: dict[str, Any]
    sentence: str


def plan(lab: Lab[Any]) -> Plan:
    """What a page has of a lab."""
    spec = dict(lab.spec) | {"ahead": False, "update": "live"}
    if isinstance(lab, Training):
        runs = RUNS[spec["title"]]
        spec |= {"controls": controls_of(runs), "kept": True}
        return Plan(spec, sentence_of(lab, runs))
    return Plan(spec, coverage(lab.controls).sentence)


def shown(lab: Lab[Any]) -> Iterator[tuple[tuple[int | str, ...], Frames]]:
    """Every stop of a lab that a page has, the start first: its tokens and what is shown there.

    The lab must have its prediction.
    """
    if isinstance(lab, Training):
        yield from frames_of(lab, RUNS[lab.spec["title"]])
        return
    for stop in coverage(lab.controls).stops:
        lab.set(**stop)
        tokens = tuple(control.token(stop[control.name]) for control in lab.controls)
        yield tokens, (lab.frame("light"), lab.frame("dark"))


def record(lab: Lab[Any], key: str, folder: Path) -> int:
    """Write the files of a lab; returns how many bytes they have.

    Args:
        lab: as it is before its prediction.
        key: name of its files.
        folder: where they go.

    Raises:
        LabError: at the first stop that cannot be computed or drawn.
    """
    planned = plan(lab)
    locked = lab.frame("light"), lab.frame("dark")
    still = lab.small_picture
    lab.predict()
    stops, words, pictures = [], _Words(locked[0]), Folded()
    for tokens, frames in shown(lab):
        stops.append(tokens)
        words.add(frames[0])
        pictures.add(*(frame.pixels for frame in frames))
    pictures.add(*(frame.pixels for frame in locked))
    about = {"spec": planned.spec, "stops": stops} | words.told()
    thinned = thin(pictures)
    light, dark = (np.ascontiguousarray(part) for part in np.split(thinned.colours, 2, axis=1))
    packed = {
        "size": thinned.size,
        "colours": {"light": _text(light.tobytes()), "dark": _text(dark.tobytes())},
        "lot": LOT,
        "lots": [_text(lot) for lot in thinned.lots],
    }
    names = files_of(key)
    contents = (still, _script(key, "words", about), _script(key, "pictures", packed))
    files = dict(zip(names, contents, strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return sum(map(len, files.values()))


def files_of(key: str) -> tuple[str, ...]:
    """The names of a lab's files."""
    return (f"{key}.png", f"{key}.js", f"{key}-pictures.js")


def read(path: Path) -> dict[str, Any]:
    """What a script of a lab holds."""
    inside = path.read_text(encoding="utf-8").partition(", ")[2].rpartition(")")[0]
    return dict(json.loads(inside))


class _Words:
    """The words of all stops; where handles stand is the same at most stops, and kept once."""

    def __init__(self, locked: Frame) -> None:
        self._locked = {"alt": locked.alt, "readout": locked.readout}
        self._alts: list[str] = []
        self._readouts: list[str] = []
        self._handles: list[str] = []

    def add(self, frame: Frame) -> None:
        self._alts.append(frame.alt)
        self._readouts.append(frame.readout)
        self._handles.append(json.dumps(frame.handles))

    def told(self) -> dict[str, Any]:
        different = list(dict.fromkeys(self._handles))
        place = {handles: number for number, handles in enumerate(different)}
        return {
            "locked": self._locked,
            "alt": self._alts,
            "readout": self._readouts,
            "handles": [json.loads(handles) for handles in different],
            "handle": [place[handles] for handles in self._handles],
        }


def _script(name: str, what: str, content: dict[str, Any]) -> bytes:
    said = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"hmKept.{what}({json.dumps(name)}, {said});\n".encode()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
