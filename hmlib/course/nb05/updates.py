"""Learning rules of the labs: the library's wake-sleep, and rules that a student has typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hmlib import learning
from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition
from hmlib.learning import Step
from hmlib.learning.optimisers import Rates
from hmlib.learning.step import present

Array = NDArray[np.float64]
Gen = Generative | Layered
Rec = Recognition | LayeredRecognition
Changed = TypeVar("Changed", Generative, Recognition)

Run = Callable[[Step, float, int], Iterator[Step]]
"""From a step, a learning rate and a number of steps: some of the steps that follow."""

Rule = Callable[..., tuple[Gen, Rec]]
"""A learning rule as a student types it: rule(gen, rec, u, rng, rate) -> (gen, rec), where u is a
minibatch of shape (n, n_u)."""

Update = Callable[[Generative, Recognition, Array, np.random.Generator], object]
"""A wake or a sleep update as a student types it: (gen, rec, u, rng) -> changes at rate 1."""

MINIBATCH = 20

RECORDS = 4
"""Records of wake-sleep from one picture to the next: if learning fails, what was learnt after
the last of them is lost."""


def wake_sleep(
    u: Array,
    weights: Array | None,
    schedule: Callable[[int], Rates] = lambda done: 1.0,
    minibatch: int = MINIBATCH,
    nonnegative: bool = False,
    optimiser: str = "sgd",
) -> Run:
    """Wake-sleep on these data; the lab's rate multiplies the schedule of the rule."""

    def run(step: Step, rate: float, steps: int) -> Iterator[Step]:
        return learning.wake_sleep(
            step.gen, present(step.rec), u, weights, _times(rate, schedule), steps,
            minibatch=minibatch, nonnegative=nonnegative, optimiser=optimiser,
            every=-(-steps // RECORDS), start=step,
        )  # fmt: skip

    return run


def by_rule(rule: Rule, u: Array, weights: Array | None, minibatch: int = MINIBATCH) -> Run:
    """Learning by a rule that is given one minibatch after the other."""

    def run(step: Step, rate: float, steps: int) -> Iterator[Step]:
        rng = step.generator()
        for _ in range(steps):
            batch = u[rng.choice(len(u), minibatch, p=weights)]
            gen, rec = _models(rule(step.gen, step.rec, batch, rng, rate), step)
            step = replace(
                step, gen=gen, rec=rec, phase="rule", count=step.count + 1,
                rng_state=rng.bit_generator.state,
            )  # fmt: skip
            yield step

    return run


class OwnRule:
    """One step of wake-sleep from two updates, each the library's own while it is not written.

    Args:
        wake: wake(gen, rec, u, rng) -> the changes (g, G, h) at rate 1, as a `Generative` or a
            tuple; an empty stub stands for the library's.
        sleep: sleep(gen, rec, u, rng) -> the changes (w, W), likewise.
    """

    def __init__(self, wake: Update, sleep: Update) -> None:
        self.wake = wake if _written(wake) else _librarys("wake")
        self.sleep = sleep if _written(sleep) else _librarys("sleep")
        self.own = {"wake": _written(wake), "sleep": _written(sleep)}

    def __call__(
        self,
        gen: Generative,
        rec: Recognition,
        u: Array,
        rng: np.random.Generator,
        rate: float,
    ) -> tuple[Generative, Recognition]:
        """A wake and a sleep phase on one minibatch, shape (n, n_u)."""
        gen = gen + rate * _change(Generative, "wake", self.wake(gen, rec, u, rng))
        rec = rec + rate * _change(Recognition, "sleep", self.sleep(gen, rec, u, rng))
        return gen, rec

    def __repr__(self) -> str:
        whose = {True: "yours", False: "the library's (yours is not written yet)"}
        return ", ".join(f"{phase}: {whose[own]}" for phase, own in self.own.items())


def _times(rate: float, schedule: Callable[[int], Rates]) -> Callable[[int], Rates]:
    def rates(done: int) -> Rates:
        now = schedule(done)
        return [rate * each for each in now] if isinstance(now, Sequence) else rate * now

    return rates


def _models(returned: object, step: Step) -> tuple[Gen, Rec]:
    """What a rule returned, once it is known to be two models like those it was given."""
    match returned:
        case (Generative() | Layered() as gen, Recognition() | LayeredRecognition() as rec):
            alike = type(gen) is type(step.gen) and type(rec) is type(step.rec)
            if alike and gen.sizes == rec.sizes == step.gen.sizes:
                return gen, rec
    raise ValueError(
        f"the rule returned {type(returned).__name__}; accepted: (gen, rec), two models of the "
        "kind and size that it was given"
    )


def _written(update: Update) -> bool:
    """Whether an update is more than a stub, which returns None or ... on a small machine."""
    gen, rec = Generative.zeros(2, 1), Recognition.zeros(2, 1)
    try:
        changes = update(gen, rec, np.zeros((3, 2)), np.random.default_rng(0))
    except Exception:
        return True  # the lab will say in words what is wrong with it
    return changes is not None and changes is not ...


def _librarys(phase: str) -> Update:
    """The update of one phase as `learning.wake_sleep` makes it, from as many draws as rows."""

    def update(
        gen: Generative, rec: Recognition, u: Array, rng: np.random.Generator
    ) -> Generative | Recognition:
        step = Step(gen, rec, rng_state=rng.bit_generator.state)
        *_, after = learning.wake_sleep(
            gen, rec, u, rate=1.0, steps=1, minibatch=None, phases=phase, start=step
        )
        rng.bit_generator.state = after.generator().bit_generator.state
        if phase == "wake":
            return gen.like(after.gen.ravel() - gen.ravel())
        return rec.like(present(after.rec).ravel() - rec.ravel())

    return update


def _change(kind: type[Changed], phase: str, changes: object) -> Changed:
    """What an update returned, as changes of a model."""
    if isinstance(changes, kind):
        return changes
    if isinstance(changes, tuple | list):
        return kind(*changes)
    names = "(g, G, h)" if kind is Generative else "(w, W)"
    raise ValueError(
        f"{phase} returned {type(changes).__name__}; accepted: a {kind.__name__} of changes, or "
        f"the tuple {names}"
    )
