"""The controls of a lab: what a student can move, and which values it can take.

Every control has a finite list of values, so that a picture can be kept for each of them. On
its way to the browser and back a value is its `token`: a place in the list, or a word of steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Generic, TypeVar

import numpy as np

from hmlib._checks import count, finite_array, positive

Value = float | str
"""Where a control stands, as `compute` is told."""

Token = int | str
"""The same, as the browser is told."""

V = TypeVar("V", bound=Value)
R = TypeVar("R")


class _Places(ABC):
    """A control whose token is a place in its list of values."""

    name: str

    @property
    @abstractmethod
    def values(self) -> tuple[float, ...]:
        """All values, from low to high."""

    def value(self, token: object) -> float:
        """Value of a place in the list."""
        return _pick(self.name, self.values, token)

    def sweep(self, rng: np.random.Generator, n: int) -> Iterator[float]:
        """Both ends and n random values."""
        yield self.values[0]
        yield self.values[-1]
        for place in rng.integers(len(self.values), size=n):
            yield self.values[place]


@dataclass(frozen=True)
class Slider(_Places):
    """A number between two ends, moved in equal steps.

    Args:
        name: the keyword that `compute` and `Lab.set` use.
        label: what stands beside the slider; say the symbol and what it is.
        low, high, step: the values are low, low + step, ..., high.
        start: the value at first and after a reset; one of the values.

    Raises:
        ValueError: if the ends, the step or the start do not fit together.
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    start: float

    def __post_init__(self) -> None:
        _check_name(self.name)
        low, high, step, _ = finite_array(
            "low, high, step, start", (self.low, self.high, self.step, self.start), 1
        )
        if not (low < high and 0 < step <= high - low):
            raise ValueError(
                f"low, high, step are {low:g}, {high:g}, {step:g}; "
                "accepted: low < high and 0 < step <= high - low"
            )
        if abs((high - low) / step - round((high - low) / step)) > 1e-6:
            raise ValueError(f"step is {step:g}; accepted: a step that leads from low to high")
        self.token(self.start)

    @property
    def values(self) -> tuple[float, ...]:
        """All values, from low to high; whole numbers are ints."""
        n = round((self.high - self.low) / self.step) + 1
        values = [round(self.low + i * self.step, 10) for i in range(n)]
        whole = all(value == round(value) for value in values)
        return tuple(int(value) for value in values) if whole else tuple(values)

    def token(self, value: object) -> int:
        """Place of a value in the list."""
        if isinstance(value, Real):
            distance = [abs(float(value) - v) for v in self.values]
            place = int(np.argmin(distance))
            if distance[place] <= 1e-6 * self.step:
                return place
        raise ValueError(
            f"{self.name} is {value!r}; accepted: {self.low:g} to {self.high:g} "
            f"in steps of {self.step:g}"
        )

    def spec(self) -> dict[str, object]:
        """What the browser needs to draw this control."""
        decimals = max(len(f"{v:.10f}".rstrip("0").split(".")[1]) for v in self.values)
        shown = [f"{v:.{decimals}f}" for v in self.values]
        return {
            "kind": "slider",
            "name": self.name,
            "label": self.label,
            "values": shown,
            "step": f"{self.step:g}",
            "start": self.token(self.start),
        }


@dataclass(frozen=True)
class LogSlider(_Places):
    """A number above 0 that is multiplied by the same factor from place to place.

    Args:
        name, label: as for `Slider`.
        low, high: the ends, powers of ten, such as 0.01 and 10.
        per_decade: places from each power of ten to the next.
        start: the value at first and after a reset; one of the values.

    Values are rounded to two digits.

    Raises:
        ValueError: if the ends or the start do not fit together.
    """

    name: str
    label: str
    low: float
    high: float
    start: float
    per_decade: int = 20

    def __post_init__(self) -> None:
        _check_name(self.name)
        low, high = positive("low", self.low), positive("high", self.high)
        if low >= high or any(abs(p - round(p)) > 1e-9 for p in np.log10([low, high])):
            raise ValueError(
                f"low, high are {low:g}, {high:g}; accepted: two powers of ten, low < high"
            )
        places = count("per_decade", self.per_decade)
        if places > 20:
            raise ValueError(f"per_decade is {places}; accepted: 1 to 20, or values coincide")
        self.token(self.start)

    @property
    def values(self) -> tuple[float, ...]:
        """All values, from low to high."""
        first, last = (round(np.log10(end) * self.per_decade) for end in (self.low, self.high))
        return tuple(float(f"{10 ** (k / self.per_decade):.1e}") for k in range(first, last + 1))

    def token(self, value: object) -> int:
        """Place of a value in the list."""
        if isinstance(value, Real) and float(value) in self.values:
            return self.values.index(float(value))
        raise ValueError(
            f"{self.name} is {value!r}; accepted: {self.low:g} to {self.high:g}, one of "
            + ", ".join(f"{v:g}" for v in self.values)
        )

    def spec(self) -> dict[str, object]:
        """What the browser needs to draw this control."""
        return {
            "kind": "slider",
            "name": self.name,
            "label": self.label,
            "values": [f"{v:g}" for v in self.values],
            "step": "any",
            "start": self.token(self.start),
        }


@dataclass(frozen=True)
class Choice:
    """One of a few named options.

    Raises:
        ValueError: if there are fewer than two options or the start is not among them.
    """

    name: str
    label: str
    options: tuple[str, ...]
    start: str

    def __post_init__(self) -> None:
        _check_name(self.name)
        object.__setattr__(self, "options", tuple(self.options))
        if len(set(self.options)) != len(self.options) or len(self.options) < 2:
            raise ValueError(f"options are {self.options}; accepted: two or more different words")
        self.token(self.start)

    def token(self, value: object) -> int:
        """Place of an option in the list."""
        if isinstance(value, str) and value in self.options:
            return self.options.index(value)
        accepted = ", ".join(map(repr, self.options))
        raise ValueError(f"{self.name} is {value!r}; accepted: {accepted}")

    def value(self, token: object) -> str:
        """Option of a place in the list."""
        return _pick(self.name, self.options, token)

    def sweep(self, rng: np.random.Generator, n: int) -> Iterator[str]:
        """Every option."""
        yield from self.options

    def spec(self) -> dict[str, object]:
        """What the browser needs to draw this control."""
        return {
            "kind": "choice",
            "name": self.name,
            "label": self.label,
            "values": list(self.options),
            "start": self.token(self.start),
        }


@dataclass(frozen=True)
class Steps:
    """Buttons that each add one step; the value is the word of steps so far, such as "EMEE".

    Args:
        name: the keyword that `compute` and `Lab.set` use.
        label: what the steps do.
        actions: letter -> label of its button; "play" goes through them in this order.
        most: the largest number of steps.
        start: the steps already made at first and after a reset.
    """

    name: str
    label: str
    actions: dict[str, str]
    most: int
    start: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        count("most", self.most)
        if not self.actions or any(len(letter) != 1 for letter in self.actions):
            raise ValueError(f"actions are {self.actions!r}; accepted: single letters with labels")
        self.token(self.start)

    def token(self, value: object) -> str:
        """The word itself, once it is known to be one."""
        letters = "".join(self.actions)
        if isinstance(value, str) and len(value) <= self.most and set(value) <= set(letters):
            return value
        raise ValueError(
            f"{self.name} is {value!r}; accepted: a word of at most {self.most} "
            f"letters out of {letters!r}"
        )

    def value(self, token: object) -> str:
        """The word of a token."""
        return self.token(token)

    def sweep(self, rng: np.random.Generator, n: int) -> Iterator[str]:
        """No step, each action over and over, all in turn, and n random words."""
        letters = "".join(self.actions)
        yield ""
        for letter in letters:
            yield letter * self.most
        yield (letters * self.most)[: self.most]
        for length in rng.integers(1, self.most + 1, size=n):
            yield "".join(rng.choice(list(letters), size=length))

    def spec(self) -> dict[str, object]:
        """What the browser needs to draw this control."""
        return {
            "kind": "steps",
            "name": self.name,
            "label": self.label,
            "actions": [list(pair) for pair in self.actions.items()],
            "most": self.most,
            "start": self.start,
        }


Control = Slider | LogSlider | Choice | Steps


@dataclass(frozen=True)
class Handle(Generic[R]):
    """A mark in the picture that can be dragged; the sliders follow.

    Args:
        axes: name of the attribute of the picture that holds the axes it stands on.
        x, y: names of the sliders whose values are its place along the axes; one may be empty.
        at: its place along the other axis, if there is one slider: a number, or from the record.

    Raises:
        ValueError: if there is no slider, or neither slider nor place for an axis.
    """

    axes: str
    x: str = ""
    y: str = ""
    at: float | Callable[[R], float] | None = None

    def __post_init__(self) -> None:
        sliders = bool(self.x) + bool(self.y)
        if sliders == 0 or (sliders == 1) != (self.at is not None):
            raise ValueError(
                f"x, y, at are {self.x!r}, {self.y!r}, {self.at!r}; accepted: a slider for each "
                "axis, or for one of them and a place for the other"
            )

    def other(self, record: R) -> float | None:
        """The place along the axis without a slider; None if both have one."""
        return self.at(record) if callable(self.at) else self.at


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(
            f"name is {name!r}; accepted: a word that can be a Python keyword argument"
        )


def _pick(name: str, values: Sequence[V], token: object) -> V:
    if isinstance(token, bool) or not isinstance(token, int) or not 0 <= token < len(values):
        raise ValueError(f"{name} has place {token!r}; accepted: 0 to {len(values) - 1}")
    return values[token]
