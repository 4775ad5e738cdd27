"""What the labs of "Wake and sleep" add to those of machines that learn: kept runs, own rules."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hmlib import datasets, learning
from hmlib.binary import Generative, Recognition
from hmlib.course import kept_runs
from hmlib.course.nb05.pictures import Parts, Runs
from hmlib.course.nb05.training_labs import on_by_top, shown
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, Slider

Array = np.ndarray
Update = Callable[[Generative, Recognition, Array, np.random.Generator], object]
"""A wake or a sleep update as a student types it: (gen, rec, u, rng) -> changes at rate 1."""

AIM = 0.1
"""Bits: the figure of the 1995 paper, as a public replication quotes it."""

LIMIT = 0.5
"""Bits at a quarter of the run, above which it is stuck."""

QUARTER = 10
"""Place of the quarter among the 41 heights of a run."""

TWO_STAGES, ONE_STAGE = "it waits for a quarter of the run", "it learns from the first step"
STAGES = {TWO_STAGES: "recipe", ONE_STAGE: "one_stage"}
"""What the cause on top does, as a student and as `kept_runs.wake_sleep_runs` name it."""

WHOLE = "the whole recipe"
PARTS = {
    WHOLE: ("whole\nrecipe", "recipe"),
    "the wait of the cause on top": ("no wait\non top", "one_stage"),
    "the bias of -3": ("no bias\nof -3", "no_bias"),
    "the sign of the weights": ("weights of\nany sign", "no_sign"),
    "both the bias and the sign": ("neither bias\nnor sign", "neither"),
}
"""What is left out: the option, the words under its column, and the name of its runs."""

N_COMPARED = 12
"""Seeds of each variant that are compared."""

_LUCK = 2
"""Seed of the dreams that are shown."""


# Rules that a student has typed


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
        step = learning.Step(gen, rec, rng_state=rng.bit_generator.state)
        *_, after = learning.wake_sleep(
            gen, rec, u, rate=1.0, steps=1, minibatch=None, phases=phase, start=step
        )
        rng.bit_generator.state = after.rng_state
        return after.gen - gen if phase == "wake" else after.rec - rec

    return update


def _change(kind: type, phase: str, changes: object) -> Generative | Recognition:
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


# Many runs


def runs_values(top: str, seed: int) -> Record:
    """Numbers of the seeds lab: one run on the bars among fifty, in bits.

    Args:
        top: what the cause on top does, one of `STAGES`.
        seed: of the run to look at.
    """
    kept = kept_runs.wake_sleep_runs(STAGES[top])
    gen, quarters = kept.gen[seed], kept.bits[:, QUARTER]
    return {
        "seed": seed,
        "steps": kept.steps,
        "curves": kept.bits,
        "ends": kept.bits[:, -1],
        "quarter_step": int(kept.steps[QUARTER]),
        "quarter": float(quarters[seed]),
        "end": float(kept.bits[seed, -1]),
        "stuck": int((quarters > LIMIT).sum()),
        "limit": LIMIT,
        "aim": AIM,
        "drawn": shown(gen, (4, 4))["drawn"],
        "on_by_top": on_by_top(gen),
    }


def seeds() -> Lab:
    """Fifty runs on the bars that differ in their seed alone, with and without the wait."""
    two = "Its causes draw bars as well, but one of them draws two"
    return Lab(
        [
            Choice("top", "the cause on top", tuple(STAGES), TWO_STAGES),
            Slider("seed", "seed", 0, 49, 1, 0),
        ],
        runs_values,
        Runs,
        question=Question(
            "The recipe ends below 0.1 bits from most seeds, and one in five gets stuck far above. "
            "What does a machine that is stuck look like?",
            ("Its causes draw nothing", two, "Its causes draw noise"),
            two,
            "Two bars share one cause, a row and a column, and another cause is left without any. "
            "To part them, the empty cause would have to take over one of the two. Hardly anything "
            "pulls it there, as the other cause draws both already.",
        ),
        title="Fifty seeds",
        legend="KL(data || dreams) of runs without restarts, made by python -m "
        "tools.run_wake_sleep. The short thick line is at a quarter of the run and at 0.5 bits. "
        "Shades: the darker (on a dark page: the brighter), the more probable.",
    )


def parts_values(left_out: str) -> Record:
    """Numbers of the ablation lab: where runs end, and the machine in the middle of them.

    Args:
        left_out: what is left out of the recipe, one of `PARTS`.
    """
    ends = np.array(
        [kept_runs.wake_sleep_runs(name).bits[:N_COMPARED, -1] for _, name in PARTS.values()]
    )
    words, name = PARTS[left_out]
    kept, world = kept_runs.wake_sleep_runs(name), datasets.bars()
    own = kept.bits[:N_COMPARED, -1]
    seed = int(own.argsort()[(N_COMPARED - 1) // 2])
    sheets = shown(kept.gen[seed], world.shape)
    known = {pattern.tobytes() for pattern in world.u}
    return {
        "variant": words,
        "names": [label for label, _ in PARTS.values()],
        "ends": ends,
        "aim": AIM,
        "seed": seed,
        "end": float(own[seed]),
        "drawn": sheets["drawn"],
        "dreams": sheets["dreams"],
        "valid": sum(dream.ravel().tobytes() in known for dream in sheets["dreams"]),
    }


def parts() -> Lab:
    """The recipe of the bars with parts left out."""
    return Lab(
        [Choice("left_out", "left out", tuple(PARTS), WHOLE)],
        parts_values,
        Parts,
        question=Question(
            "Go by the seed in the middle of its twelve: which part of the recipe, left out alone, "
            "does the most harm?",
            tuple(list(PARTS)[1:4]),
            "the sign of the weights",
            "A cause that may also switch pixels off draws its bar and forbids all other pixels. "
            "Where two such causes are on they clash, and the dreams are patchwork. Without the "
            "bias some causes are on most of the time, and it takes several of them to draw a bar. "
            "Without the wait most seeds get stuck with one cause for two bars.",
        ),
        title="The recipe, taken apart",
        legend="Twelve seeds each, without restarts, made by python -m tools.run_wake_sleep. The "
        "machine on the right is the one in the middle of its twelve.",
    )
