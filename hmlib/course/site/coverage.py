"""Which values of a lab's controls a page without a kernel has pictures for, and how it says so.

Every control goes through all its values while the others stand at their start. Controls go through
all their values together where that makes few pictures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from hmlib.lab import Choice, LogSlider, Slider, Steps
from hmlib.lab.controls import Control, Value


@dataclass(frozen=True)
class Caps:
    """What limits the pictures of a page."""

    together: int
    """the most values that two controls, or three, go through together"""
    word: int
    """the most letters of a word of steps of which every one is there; longer ones go in turn"""


CAPS = Caps(together=155, word=4)


@dataclass(frozen=True)
class Coverage:
    """The values that a page has, the start first, and the sets of controls that move freely."""

    stops: tuple[dict[str, Value], ...]
    together: tuple[tuple[str, ...], ...]
    """labels of controls that move together, none of which is part of another"""
    labels: tuple[str, ...]
    """labels of all controls"""
    words: str
    """what is said of words of steps; empty if there are none"""

    @property
    def sentence(self) -> str:
        """What a reader is told of it; empty if nothing is left out."""
        free = [labels for labels in self.together if len(labels) == len(self.labels)]
        said = [] if free or len(self.labels) == 1 else [self._limits()]
        if self.words:
            said.append(self.words)
        if not said:
            return ""
        return " ".join([*said, "In the notebook all of it moves."])

    def _limits(self) -> str:
        alone = "On this page one control moves at a time, the others stand where they started"
        pairs = [" and ".join(f"“{label}”" for label in labels) for labels in self.together]
        if not pairs:
            return f"{alone}."
        return f"{alone}; these also move together: {'; '.join(pairs)}."


def coverage(controls: Sequence[Control], caps: Caps = CAPS) -> Coverage:
    """What a page has of a lab with these controls.

    Args:
        controls: the lab's controls.
        caps: what limits the pictures.
    """
    start: dict[str, Value] = {control.name: control.start for control in controls}
    lists = {control.name: every_value(control, caps) for control in controls}
    sets: list[tuple[Control, ...]] = [(control,) for control in controls]
    for size in (2, 3):
        sets += [
            group
            for group in combinations(controls, size)
            if math.prod(len(lists[control.name]) for control in group) <= caps.together
        ]
    stops = [start]
    for group in sets:
        names = [control.name for control in group]
        places = product(*(lists[name] for name in names))
        stops += [start | dict(zip(names, values, strict=True)) for values in places]
    whole = [group for group in sets if len(group) > 1 and not _is_part(group, sets)]
    return Coverage(
        tuple(_different(stops)),
        tuple(tuple(control.label for control in group) for group in whole),
        tuple(control.label for control in controls),
        " ".join(_of_words(control, caps) for control in controls if isinstance(control, Steps)),
    )


def every_value(control: Control, caps: Caps = CAPS) -> tuple[Value, ...]:
    """All values of a control; of words of steps the short ones, and those that go in turn."""
    if isinstance(control, Choice):
        return control.options
    if isinstance(control, Slider | LogSlider):
        return control.values
    letters = "".join(control.actions)
    short = (
        "".join(word)
        for length in range(min(caps.word, control.most) + 1)
        for word in product(letters, repeat=length)
    )
    in_turn = (letters * control.most)[: control.most]
    turns = (in_turn[:length] for length in range(control.most + 1))
    return tuple(dict.fromkeys([*short, *turns]))


def _of_words(control: Steps, caps: Caps) -> str:
    if control.most <= caps.word:
        return ""
    return (
        f"Up to {caps.word} steps come in any order, and up to {control.most} if they go in turn."
    )


def _is_part(group: tuple[Control, ...], sets: Iterable[tuple[Control, ...]]) -> bool:
    names = {control.name for control in group}
    return any(names < {control.name for control in other} for other in sets)


def _different(stops: Iterable[dict[str, Value]]) -> list[dict[str, Value]]:
    return list({tuple(stop.items()): stop for stop in stops}.values())
