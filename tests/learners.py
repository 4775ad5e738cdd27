"""A lab that learns, as plain as one can be, and the other end of its line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from front import Front

from hmlib import Generative, Recognition, exact, learning
from hmlib.figures import Picture, Progress
from hmlib.lab import LogSlider, Question, Training
from hmlib.learning import Step

QUESTION = Question("Does it learn?", ("yes", "no"), "no", "It counts.")
U = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0], [1, 1, 1.0]])


@dataclass(frozen=True)
class Heights:
    """Means of L and F over the data, in nats."""

    log_likelihood: float
    free_energy: float


@dataclass(frozen=True)
class Prior:
    """P[v = 1] of the first cause, before f."""

    g: float


class Curve(Picture[Progress[Heights, Prior]]):
    """L over the steps."""

    size = (2.0, 1.5)

    def build(self, style):
        axes = style.dress(self.figure.subplots())
        axes.set(xlim=(0, 100), ylim=(-4, 0))
        (self.line,) = axes.plot([], [], **style.line("likelihood"))
        return [self.line]

    def update(self, record):
        self.line.set_data(record.counts, record.curve(lambda step: step.log_likelihood))

    def alt(self, record):
        return f"A curve over {record.count} steps to {record.now.log_likelihood:.3f}."

    def readout(self, record):
        now = record.now
        return (
            f"step {record.count}, seed {record.seed}: L = {now.log_likelihood:.3f}, F = "
            f"{now.free_energy:.3f}, g = {record.shown.g:.3f}"
        )


def measured(step: Step) -> Heights:
    log_l = exact.log_likelihood(step.gen, U).mean()
    return Heights(float(log_l), float(exact.free_energy(step.gen, step.rec, U).mean()))


def shown(step: Step) -> Prior:
    return Prior(float(step.gen.g[0]))


def lab_of(begin, run, **options) -> Training[Step, Heights, Prior]:
    """A lab with this beginning and this rule."""
    rate = options.pop("rate", LogSlider("rate", "rate", 0.001, 10, 0.01))
    return Training(
        begin, run, measured, shown, Curve, QUESTION, rate=rate, title="A probe", **options
    )


# A rule that counts, to see what the lab does with it.


def counting(step: Step, rate: float, steps: int):
    """A rule that adds the rate to every parameter of G."""
    for _ in range(steps):
        gen = step.gen.like(step.gen.ravel() + rate)
        step = replace(step, gen=gen, count=step.count + 1)
        yield step


def failing_at(count: int, error: BaseException):
    def run(step, rate, steps):
        for after in counting(step, rate, steps):
            if after.count == count:
                raise error
            yield after

    return run


def probe(run=counting, **options) -> Training[Step, Heights, Prior]:
    """A lab whose parameters all begin at its seed."""
    models = Generative.zeros(3, 2), Recognition.zeros(3, 2)
    return lab_of(
        lambda seed: Step(*(model.like(model.ravel() + seed) for model in models)), run, **options
    )


# A rule that learns.


def begun(seed: int) -> Step:
    rng = np.random.default_rng(seed)
    gen, rec = learning.fresh(3, 2, rng=rng, scale=0.1)
    return Step(gen, rec, rng_state=rng.bit_generator.state)


def waking_and_sleeping(step: Step, rate: float, steps: int):
    return learning.wake_sleep(
        step.gen, step.rec, U, rate=rate, steps=steps, minibatch=5, start=step
    )


def learner() -> Training[Step, Heights, Prior]:
    """A lab of a machine 3-2 that learns by wake-sleep."""
    return lab_of(begun, waking_and_sleeping, rate=LogSlider("rate", "rate", 0.01, 10, 0.5))


# What tests ask.


def same_step(a: Step, b: Step) -> bool:
    """The same in every bit, also in what it will draw."""

    def moments(step: Step) -> list[np.ndarray]:
        states = step.optimiser or ()
        return [np.asarray(value) for state in states for value in vars(state).values()]

    return (
        (a.gen, a.rec, a.count, a.rng_state) == (b.gen, b.rec, b.count, b.rng_state)
        and len(moments(a)) == len(moments(b))
        and all(np.array_equal(x, y) for x, y in zip(moments(a), moments(b), strict=True))
    )


class Learner(Front):
    """The other end of the line of a lab that learns."""

    def asks(self, do: str, theme: str = "light", steps: int | None = None, **values) -> tuple:
        """One request to learn; its one answer."""
        tokens = {
            name: control.token((self.lab.values | values)[name])
            for name, control in self.lab._controls.items()
        }
        more = {} if steps is None else {"steps": steps}
        (answer,) = self.says(kind="train", id="a/1", do=do, theme=theme, tokens=tokens, **more)
        assert answer[0]["kind"] == "trained"
        assert answer[0]["id"] == "a/1"
        return answer
