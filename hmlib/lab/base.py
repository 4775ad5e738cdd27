"""A lab: controls, a pure computation, a picture, and a question asked first.

The only part of the course that knows a browser exists. Without one the same object works from
Python: `lab.set(s=2.0)`, then `lab.record`, `lab.picture` and `lab.alt`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray

from hmlib._checks import choice, count
from hmlib.figures import THEMES, Picture
from hmlib.lab.controls import Control, Handle, LogSlider, Slider, Token, Value
from hmlib.lab.foreseen import note
from hmlib.lab.messages import Message, id_of
from hmlib.lab.traffic import IN_THIS_KERNEL, Traffic

R = TypeVar("R")

UNSURE = "I cannot say yet"
"""The prediction that every question accepts."""

UPDATES = ("live", "release", "button")
"""When a lab follows its controls: at once, when a slider is let go, or when told to."""

FETCH_AHEAD = "HMLIB_FETCH_AHEAD"
"""A variable of the environment: with "0" a lab draws what is asked for alone, and spares a hub."""

_HERE = Path(__file__).parent


def script(name: str) -> str:
    """A front end: what all labs have on the page, and then a file of its own."""
    parts = ("pure.js", "parts.js", name)
    return "\n".join((_HERE / part).read_text(encoding="utf-8") for part in parts)


@dataclass(frozen=True)
class Frame:
    """What is shown of a lab where it stands."""

    pixels: NDArray[np.uint8]
    """(h, w, 4): red, green, blue, and 255"""
    alt: str
    readout: str
    handles: tuple[dict[str, object], ...]
    """where the axes of each handle stand, as the browser is told"""


class LabError(RuntimeError):
    """A lab that failed; the message gives the control values and the cause, in words."""


@dataclass(frozen=True)
class Question:
    """What a student predicts before anything moves.

    Args:
        text: the question.
        options: the possible predictions.
        answer: the option that the lab will show to be right.
        because: what there was to see, and why.
        replies: wrong option -> a sentence to whoever chose it.

    Raises:
        ValueError: if the answer is no option, or a reply is to none of the wrong ones.
    """

    text: str
    options: tuple[str, ...]
    answer: str
    because: str
    replies: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", tuple(self.options))
        choice("answer", self.answer, self.options)
        wrong = tuple(option for option in self.options if option != self.answer)
        for option in self.replies:
            choice("replies", option, wrong)


class Lab(anywidget.AnyWidget, Generic[R]):
    """An interactive figure that asks before it answers.

    What passes from the computation to the picture is a record of the lab's own type, a frozen
    dataclass:

        @dataclass(frozen=True)
        class Gap:
            log_likelihood: float  # nats
            path: Array  # (k,), F along the slider, in nats

        def gap(s: float) -> Gap: ...
        class GapPicture(Picture[Gap]): ...
        def the_gap() -> Lab[Gap]:
            return Lab([Slider("s", ...)], gap, GapPicture, Question(...), title="The gap")

    and `the_gap().record.log_likelihood` is a number that a type checker knows.

    Args:
        controls: one to three controls.
        compute: pure function from control values (keywords) to a record of numbers.
        draw: a `Picture` class that shows such a record.
        question: asked first; the controls unlock with the prediction.
        title: a few words.
        legend: how to read the picture, shown under it.
        update: "live", "release" or "button"; the last two are for computations over 100 ms.
        hides: what the picture hides until the prediction is made: names of attributes of `draw`
            that hold artists. Until then the words are `locked_alt` and `locked_readout`.
        handles: marks in the picture that can be dragged.
        traffic: where it is told that this lab is in use; shared by all labs of a kernel.

    Raises:
        ValueError: if there are no controls, over three, or two of one name; or if a handle
            moves what is no slider.
        LabError: if the lab cannot be computed or drawn at its first values.
    """

    _esm = script("lab.js")
    _css = _HERE / "lab.css"
    spec = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        controls: Sequence[Control],
        compute: Callable[..., R],
        draw: type[Picture[R]],
        question: Question,
        *,
        title: str,
        legend: str = "",
        update: str = "live",
        hides: Sequence[str] = (),
        handles: Sequence[Handle[R]] = (),
        traffic: Traffic = IN_THIS_KERNEL,
    ) -> None:
        controls = tuple(controls)
        names = [control.name for control in controls]
        if not 1 <= len(controls) <= 3 or len(set(names)) != len(names):
            raise ValueError(f"controls are {names}; accepted: one to three of different names")
        choice("update", update, UPDATES)
        self._controls = {control.name: control for control in controls}
        self._hides, self._handles = tuple(hides), tuple(handles)
        for handle in self._handles:
            for name in filter(None, (handle.x, handle.y)):
                if not isinstance(self._controls.get(name), Slider | LogSlider):
                    raise ValueError(f"handles has {name!r}; accepted: the name of a slider")
        self._compute, self._draw, self._question, self._title = compute, draw, question, title
        self._pictures: dict[str, Picture[R]] = {}
        self._traffic = traffic
        self._prediction = ""
        self._lock = threading.RLock()
        self._values: dict[str, Value] = {c.name: c.start for c in controls}
        self._record = self._shown(self._values)
        super().__init__(
            spec={
                "title": title,
                "controls": [control.spec() for control in controls],
                "question": asdict(question) | {"unsure": UNSURE},
                "legend": legend,
                "update": update,
                "ahead": os.environ.get(FETCH_AHEAD) != "0",
                "size": [round(100 * inches) for inches in draw.size],
                "hides": bool(self._hides),
                "handles": [{"x": handle.x, "y": handle.y} for handle in self._handles],
            }
        )
        self.on_msg(self._receive)

    # What a student reads from Python.

    @property
    def values(self) -> dict[str, Value]:
        """Where the controls stand."""
        return dict(self._values)

    @property
    def controls(self) -> tuple[Control, ...]:
        """What can be moved."""
        return tuple(self._controls.values())

    @property
    def record(self) -> R:
        """The numbers that are shown."""
        return self._record

    @property
    def picture(self) -> bytes:
        """The picture that is shown, as PNG on a light page."""
        with self._failing("draw", self._values):
            return self._picture("light").png(self._record, self._hidden)

    @property
    def small_picture(self) -> bytes:
        """The same in at most 256 colours, as the browser gets it."""
        return self._drawn(self._values, self._record, "light", self._hidden)

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""
        return self._worded(self._values, self._record)["alt"]

    @property
    def readout(self) -> str:
        """The numbers to read off, in one line."""
        return self._worded(self._values, self._record)["readout"]

    def frame(self, theme: str = "light") -> Frame:
        """Picture and words where the lab stands, for a page that shows them without a kernel.

        Raises:
            ValueError: if the theme is neither "light" nor "dark".
            LabError: if the lab cannot be drawn here.
        """
        values, record = self._values, self._record
        picture = self._picture(choice("theme", theme, tuple(THEMES)))
        with self._failing("draw", values):
            pixels = picture.pixels(record, self._hidden)
        return Frame(pixels, handles=self._places(picture, record), **self._worded(values, record))

    @property
    def question(self) -> Question:
        """What is asked before anything moves."""
        return self._question

    @property
    def prediction(self) -> str:
        """What was predicted; empty until then."""
        return self._prediction

    @property
    def locked(self) -> bool:
        """Whether something is hidden until the prediction is made."""
        return bool(self._hides) and not self._prediction

    def predict(self, option: str = UNSURE) -> Self:
        """Predict, here and in every open view: controls unlock, and nothing is hidden any more.

        Raises:
            ValueError: if it is none of the question's options.
        """
        self._foresee(choice("option", option, (*self._question.options, UNSURE)))
        self._tell_values()
        return self

    def set(self, **values: Value) -> Self:
        """Move controls by name, here and in every open view.

        Raises:
            ValueError: for an unknown control or a value it cannot take.
            LabError: if the lab fails there; the lab then stays where it was.
        """
        with self._lock:
            unknown = set(values) - set(self._controls)
            if unknown:
                raise ValueError(
                    f"control {sorted(unknown)[0]!r} is unknown; "
                    f"accepted: {', '.join(self._controls)}"
                )
            merged = self._values | {
                name: self._controls[name].value(self._controls[name].token(value))
                for name, value in values.items()
            }
            record = self._shown(merged)
            self._values, self._record = merged, record
        self._tell_values()
        return self

    def reset(self) -> Self:
        """Move every control to where it started."""
        return self.set(**{name: control.start for name, control in self._controls.items()})

    def sweep(
        self, rng: np.random.Generator | None = None, n: int = 5
    ) -> list[tuple[dict[str, Value], R]]:
        """Visit both ends, the start and n random values of every control, then random places.

        Every stop is computed, drawn on a light and a dark page, and put into words, as if the
        prediction had been made.

        Args:
            rng: generator for the random values; seed 0 if None.
            n: random values a control, and random places of all controls together.

        Returns:
            (control values, record) of each stop.

        Raises:
            LabError: at the first stop that fails or has no words.
        """
        return [(stop, self._visit(stop)) for stop in self.stops(rng, n)]

    def stops(self, rng: np.random.Generator | None = None, n: int = 5) -> list[dict[str, Value]]:
        """Control values of the stops of a `sweep`, with nothing computed."""
        rng, n = np.random.default_rng(0) if rng is None else rng, count("n", n, least=0)
        start: dict[str, Value] = {name: c.start for name, c in self._controls.items()}
        lists: dict[str, list[Value]] = {
            name: [*control.sweep(rng, n)] for name, control in self._controls.items()
        }
        stops = [start]
        stops += [start | {name: value} for name, values in lists.items() for value in values]
        ends = {name: values[:2] for name, values in lists.items()}
        stops += [{name: pair[end] for name, pair in ends.items()} for end in (0, 1)]
        stops += [
            {name: values[rng.integers(len(values))] for name, values in lists.items()}
            for _ in range(n)
        ]
        return stops

    def __repr__(self) -> str:
        return f"Lab {self._title!r} at {self._where(self._values)}: {self.readout}"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data = dict(data or {}) | {"text/plain": repr(self), "image/png": self.picture}
        return data, dict(metadata) | {"image/png": {"alt": self.alt}}

    # Computing and drawing.

    def _where(self, values: Mapping[str, Value]) -> str:
        return ", ".join(f"{name} = {value}" for name, value in values.items())

    @contextmanager
    def _failing(self, doing: str, values: Mapping[str, Value]) -> Iterator[None]:
        """Around what may fail: it then fails in words."""
        try:
            yield
        except Exception as error:
            raise LabError(
                f"The lab could not {doing} this. The controls were at {self._where(values)}. "
                f"What went wrong: {error} ({type(error).__name__})."
            ) from error

    def _computed(self, values: Mapping[str, Value]) -> R:
        with self._failing("compute", values):
            return self._compute(**values)

    def _shown(self, values: Mapping[str, Value]) -> R:
        """What the lab shows when its controls stand there."""
        return self._computed(values)

    def _picture(self, theme: str) -> Picture[R]:
        with self._lock:
            if theme not in self._pictures:
                self._pictures[theme] = self._draw(theme)
            return self._pictures[theme]

    @property
    def _hidden(self) -> tuple[str, ...]:
        """What is hidden now."""
        return self._hides if self.locked else ()

    def _drawn(
        self, values: Mapping[str, Value], record: R, theme: str, hiding: Sequence[str] = ()
    ) -> bytes:
        with self._failing("draw", values):
            return self._picture(theme).small_png(record, hiding)

    def _worded(self, values: Mapping[str, Value], record: R) -> dict[str, str]:
        return self._words(values, record, self.locked)

    def _words(self, values: Mapping[str, Value], record: R, locked: bool) -> dict[str, str]:
        picture = self._picture("light")
        with self._failing("describe", values):
            if locked:
                words = picture.locked_alt(record), picture.locked_readout(record)
            else:
                words = picture.alt(record), picture.readout(record)
        return dict(zip(("alt", "readout"), words, strict=True))

    def _reply(
        self, values: Mapping[str, Value], record: R, theme: str
    ) -> tuple[dict[str, object], list[bytes]]:
        """What is sent of a picture: its words, where its handles are, and its bytes."""
        locked = self.locked
        reply: dict[str, object] = {"locked": locked, **self._words(values, record, locked)}
        drawn = self._drawn(values, record, theme, self._hides if locked else ())
        with self._failing("describe", values):
            reply["handles"] = [*self._places(self._picture(theme), record)]
        return reply, [drawn]

    def _places(self, picture: Picture[R], record: R) -> tuple[dict[str, object], ...]:
        """Where the axes of each handle stand in a picture that has been drawn."""
        return tuple(
            asdict(picture.place(handle.axes)) | {"other": handle.other(record)}
            for handle in self._handles
        )

    def _visit(self, values: Mapping[str, Value]) -> R:
        record = self._computed(values)
        for theme in ("light", "dark"):
            self._drawn(values, record, theme)
        words = self._words(values, record, locked=False).values()
        if not all(said.strip() for said in words):
            raise LabError(f"The lab has no words for its picture at {self._where(values)}.")
        return record

    # Talking with the browser. One request is answered at a time, one message a picture.

    def _receive(self, _: object, content: object, buffers: object) -> None:
        """Answer a message, whatever it is; nothing is raised, since nobody would hear it."""
        try:
            message, answers = Message.read(content, buffers), self._answers()
            answers[message.one_of("kind", tuple(answers))](message)
        except Exception as error:
            words = f"The lab refused a message: {error}."
            self.send({"kind": "refused", "id": id_of(content), "error": words})

    def _answers(self) -> dict[str, Callable[[Message], None]]:
        """By the kind of a message, what answers it."""
        return {
            "hello": lambda message: self._tell_values(),
            "predict": self._predict,
            "settle": self._settle,
            "want": self._serve,
        }

    def _tell_values(self, by: str = "") -> None:
        """Tell every view where the lab stands; `by` is the view that moved it."""
        where = {"tokens": self._tokens(), "prediction": self._prediction}
        self.send({"kind": "values", "by": by, **where})

    def _predict(self, message: Message) -> None:
        options = (*self._question.options, UNSURE)
        self._foresee(message.one_of("prediction", options))
        self._tell_values(message.name("by"))

    def _foresee(self, option: str) -> None:
        self._prediction = option
        note(str(self.model_id), self._title, option)

    def _tokens(self) -> dict[str, Token]:
        return {name: control.token(self._values[name]) for name, control in self._controls.items()}

    def _from_tokens(self, tokens: object) -> dict[str, Value]:
        if not isinstance(tokens, Mapping):
            raise ValueError(f"tokens are {tokens!r}; accepted: one for each control, by name")
        return {name: control.value(tokens.get(name)) for name, control in self._controls.items()}

    def _settle(self, message: Message) -> None:
        """Follow the browser, so that the next cell and other views show what is on screen."""
        by, values = message.name("by"), self._from_tokens(message.content.get("tokens"))
        try:
            record = self._shown(values)
        except LabError:
            return  # The picture's own answer has already said so, in words.
        with self._lock:
            self._values, self._record = values, record
        self._tell_values(by)

    def _serve(self, message: Message) -> None:
        about = {"kind": "picture", "id": message.name("id"), "theme": message.theme}
        wants = message.wants
        for i, tokens in enumerate(wants):
            reply = about | {"tokens": tokens, "last": i == len(wants) - 1}
            buffers: list[bytes] = []
            try:
                values = self._from_tokens(tokens)
                words, buffers = self._reply(values, self._computed(values), message.theme)
                reply |= words
            except (LabError, ValueError) as error:
                reply |= {"error": str(error)}
            self.send(reply, buffers)
        self._traffic.served()
