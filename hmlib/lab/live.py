"""A lab that learns: play, pause, step, speed, learning rate, and restart with another seed.

Without a browser the same object works from Python: `lab.advance(100)`, `lab.set(rate=0.5)`,
`lab.restart(seed=3)`, then `lab.step`, `lab.record`, `lab.picture` and `lab.alt`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Generic, Protocol, Self, TypeVar, cast

import numpy as np

from hmlib._checks import count
from hmlib.figures import Picture, Progress
from hmlib.lab.base import Lab, LabError, Question, script
from hmlib.lab.controls import Choice, LogSlider, Slider, Value
from hmlib.lab.messages import Message
from hmlib.lab.traffic import IN_THIS_KERNEL, Traffic
from hmlib.learning import Diverged


class Counted(Protocol):
    """Where learning stands, such as a `learning.Step` or a `ddc.DDCStep`."""

    @property
    def count(self) -> int:
        """Steps made so far."""


T = TypeVar("T", bound=Counted)
M = TypeVar("M")
S = TypeVar("S")

Run = Callable[[T, float, int], Iterator[T]]
"""From a step, a learning rate and a number of steps: some of the steps that follow, and the last.
Where learning stands then must not depend on how the steps were cut into calls."""

AS_FAST = "as fast as it can"
SPEEDS = {
    "1 step a picture": 1,
    "10 steps a picture": 10,
    "100 steps a picture": 100,
    AS_FAST: None,
}
"""How much is learnt from one picture to the next."""

MOST_NOTES = 500
"""Points kept of each curve; beyond, every second one is forgotten."""

ORDERS = ("play", "step", "restart", "look")
"""What a browser may tell a lab that learns to do before its next picture."""

CUTS = 50
"""Points that a call of `advance` adds to each curve, at most."""

TRIAL = 200
"""Steps of a trial, where the speed does not say how many."""


class Training(Lab[Progress[M, S]], Generic[T, M, S]):
    """A lab whose picture is of a machine that learns.

    The controls are a learning rate, a seed and a speed. A new rate acts from the next step; a
    new seed when learning is restarted. After so many steps of a seed and its rates the machine
    is the same, however they were made: by play, by single steps or by `advance`.

    What passes to the picture is a `Progress`: what `measure` gave at many steps and what `show`
    gives of the last, each a frozen dataclass of the notebook's own, and the count, rate and seed:

        def measured(step: Step) -> Measured: ...      # numbers, one for each curve
        def shown(step: Step) -> Shown: ...            # dreams and the like
        class Learning(Picture[Progress[Measured, Shown]]): ...
        def stripes() -> Training[Step, Measured, Shown]:
            return Training(begin, run, measured, shown, Learning, Question(...), ...)

    Args:
        begin: the first step, from a seed.
        run: the learning rule.
        measure: the numbers of a step that become curves.
        show: what else the picture needs of a step.
        draw: a `Picture` class whose record is such a `Progress`.
        question: asked first; the controls unlock with the prediction.
        rate: the control of the learning rate; its name must be "rate".
        seed: the seed at first.
        speed: one of `SPEEDS`, the speed at first.
        most: the steps after which a run is over.
        title, legend, hides, traffic: as for `Lab`. Learning leaves room for the labs of this
            traffic.

    Raises:
        ValueError: if an argument is not accepted.
        LabError: if the first step cannot be made, measured or drawn.
    """

    _esm = script("live.js")

    def __init__(
        self,
        begin: Callable[[int], T],
        run: Run[T],
        measure: Callable[[T], M],
        show: Callable[[T], S],
        draw: type[Picture[Progress[M, S]]],
        question: Question,
        *,
        rate: Slider | LogSlider,
        title: str,
        seed: int = 1,
        speed: str = "100 steps a picture",
        most: int = 1_000_000,
        legend: str = "",
        hides: Sequence[str] = (),
        traffic: Traffic = IN_THIS_KERNEL,
    ) -> None:
        if rate.name != "rate":
            raise ValueError(f"rate has name {rate.name!r}; accepted: 'rate'")
        self._begin, self._run, self._measure, self._show = begin, run, measure, show
        self._most = count("most", most)
        self._pace = _Pace(traffic)
        controls = [
            rate,
            Slider("seed", "seed, for Restart", 0, 49, 1, seed),
            Choice("speed", "speed", tuple(SPEEDS), speed),
        ]
        self._start_over(seed)
        super().__init__(
            controls, self._trial, draw, question, title=title, legend=legend, hides=hides,
            traffic=traffic,
        )  # fmt: skip

    # What a student reads and does from Python.

    @property
    def step(self) -> T:
        """Where learning stands: the models, the optimiser, the random generator."""
        return self._step

    def advance(self, steps: int = 1) -> Self:
        """Learn so many steps more, here and in every open view; fewer if the run is over then.

        Raises:
            ValueError: if steps is not a whole number >= 1.
            LabError: if learning fails; the last good step is kept.
        """
        steps = count("steps", steps)
        piece = -(-steps // CUTS)
        try:
            for done in range(0, steps, piece):
                with self._lock:
                    self._learn(min(piece, steps - done))
                time.sleep(0)  # let a view that waits for the lock have it
        finally:
            self._tell_values()
        return self

    def restart(self, seed: int | None = None) -> Self:
        """Begin anew, with another seed or with the one that is chosen.

        Raises:
            ValueError: for a seed that cannot be chosen.
        """
        with self._lock:
            if seed is not None:
                control = self._controls["seed"]
                self._values |= {"seed": control.value(control.token(seed))}
            self._start_over(self._chosen()[1])
            self._record = self._shown(self._values)
        self._tell_values()
        return self

    def reset(self) -> Self:
        """Move every control to where it started, and begin anew."""
        super().reset()
        return self.restart()

    # Learning. The lock is held by whoever changes where learning stands.

    def _chosen(self) -> tuple[float, int, str]:
        """Rate, seed and speed at which the controls stand."""
        rate, seed, speed = (self._values[name] for name in ("rate", "seed", "speed"))
        return float(rate), int(seed), str(speed)

    def _start_over(self, seed: int) -> None:
        with self._failing("begin", {"seed": seed}):
            step = self._begin(seed)
            notes = [(step.count, self._measure(step))]
        self._seed, self._step, self._notes = seed, step, notes

    def _learn(self, steps: int) -> None:
        """Learn; keep the last good step, and a note of it, whatever happens."""
        steps, before = min(steps, self._most - self._step.count), self._step.count
        try:
            if steps > 0:
                with self._pace.learning(steps):
                    for step in self._run(self._step, self._chosen()[0], steps):
                        self._step = step
        except Exception as error:
            if isinstance(error, Diverged):
                self._step = cast(T, error.step)
            raise LabError(
                f"Learning has stopped; step {self._step.count:,} is kept. The controls were at "
                f"{self._where(self._values)}. What went wrong: {error} ({type(error).__name__})."
            ) from error
        finally:
            if self._step.count > before:
                self._note()
            self._record = self._shown(self._values)

    def _note(self) -> None:
        self._notes.append((self._step.count, self._measure(self._step)))
        if len(self._notes) > MOST_NOTES:
            self._notes = [*self._notes[:-1:2], self._notes[-1]]

    def _shown(self, values: Mapping[str, Value]) -> Progress[M, S]:
        with self._failing("compute", values):
            return self._recorded(float(values["rate"]), self._seed, self._step, self._notes)

    def _recorded(
        self, rate: float, seed: int, step: T, notes: list[tuple[int, M]]
    ) -> Progress[M, S]:
        counts = np.array([count for count, _ in notes])
        measured = tuple(note for _, note in notes)
        return Progress(step.count, rate, seed, counts, measured, self._show(step))

    def _trial(self, rate: float, seed: int, speed: str) -> Progress[M, S]:
        """What a short training with these controls would show; for `sweep`."""
        first = self._begin(seed)
        *_, last = self._run(first, rate, min(SPEEDS[speed] or TRIAL, self._most))
        notes = [(step.count, self._measure(step)) for step in (first, last)]
        return self._recorded(rate, seed, last, notes)

    # Talking with the browser, which asks for every advance.

    def _answers(self) -> dict[str, Callable[[Message], None]]:
        return super()._answers() | {"train": self._train}

    def _train(self, message: Message) -> None:
        theme, what = message.theme, message.one_of("do", ORDERS)
        steps = message.steps if what == "step" else 0
        reply: dict[str, object] = {"kind": "trained", "id": message.name("id"), "theme": theme}
        drawn: list[bytes] = []
        with self._lock:
            try:
                self._values = self._from_tokens(message.content.get("tokens"))
                self._obey(what, steps)
            except (LabError, ValueError) as error:
                reply |= {"error": str(error)}
            try:
                words, drawn = self._reply(self._values, self._record, theme)
                reply |= words
            except LabError as error:
                reply |= {"error": reply.get("error", str(error))}
            reply |= {
                "tokens": self._tokens(),
                "count": self._step.count,
                "over": self._step.count >= self._most,
                "said": self._said(),
            }
        self.send(reply, drawn)

    def _obey(self, what: str, steps: int) -> None:
        if what == "restart":
            self._start_over(self._chosen()[1])
        elif what == "play":
            steps = SPEEDS[self._chosen()[2]] or self._pace.steps()
        self._learn(steps)

    def _said(self) -> str:
        """What the controls do not say by themselves."""
        chosen = self._chosen()[1]
        if self._step.count >= self._most:
            return f"The run is over after {self._most:,} steps. Restart begins anew."
        if chosen != self._seed:
            return f"This run has seed {self._seed}; Restart begins anew with seed {chosen}."
        return ""


class _Pace:
    """How many steps to learn before the next picture, as fast as it can.

    Learning gets what the picture and its way to the screen leave of a period, but never less
    than its share of the whole time; little, while another lab is in use.
    """

    period, share = 0.083, 0.6  # seconds; a part
    aside = 0.012  # seconds while another lab is in use
    pause = 0.3  # a rest longer than this, in seconds, was a pause

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self.step_seconds, self.rest_seconds, self.end = 0.001, 0.03, -np.inf

    @contextmanager
    def learning(self, steps: int) -> Iterator[None]:
        """Around so many steps: note how long they take, and how long the rest before was."""
        begin = time.perf_counter()
        if (rest := begin - self.end) < self.pause:
            self.rest_seconds += 0.3 * (rest - self.rest_seconds)
        yield
        self.end = time.perf_counter()
        self.step_seconds += 0.5 * ((self.end - begin) / steps - self.step_seconds)

    def steps(self) -> int:
        """As many as fit."""
        rest = self.rest_seconds
        seconds = max(self.period - rest, rest * self.share / (1 - self.share))
        if self.traffic.quiet() < self.pause:
            seconds = self.aside
        return max(1, round(seconds / self.step_seconds))
