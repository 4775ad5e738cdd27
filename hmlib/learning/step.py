"""Where learning stands, and the walk from one such record to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import exact
from hmlib._checks import choice, generator, machine_name
from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition
from hmlib.learning.optimisers import OPTIMISERS, Optimiser
from hmlib.learning.walking import generator_at, workable

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """Where learning stands.

    Attributes:
        gen: the generative model.
        rec: the recognition model, if there is one.
        q: Q where it is free of a recognition model: a table (n, 2**n_v) in exact EM,
            probabilities (n, n_v) of the causes in mean-field EM.
        phase: what was done last: "start", "E", "M", "ascent", "wake-sleep", "wake" or "sleep".
        count: steps done.
        optimiser: state of the optimisers of `gen` and `rec`, in gradient ascent.
        rng_state: state of the random generator, if learning draws anything.
        bound: mean of L_K over the last minibatch, in reweighted wake-sleep, in nats.
        tries: beginnings so far, where a stuck run is begun anew.
    """

    gen: Generative | Layered
    rec: Recognition | LayeredRecognition | None = None
    q: Array | None = None
    phase: str = "start"
    count: int = 0
    optimiser: tuple[Optimiser, Optimiser] | None = None
    rng_state: Mapping[str, Any] | None = None
    bound: float | None = None
    tries: int = 1

    @property
    def q_form(self) -> str | None:
        """How Q is represented: "exact", "mean_field", "recognition", or None without a Q."""
        if self.q is None:
            return None if self.rec is None else "recognition"
        return "mean_field" if self.q.shape[1] == self.gen.n_v else "exact"

    def table(self, u: ArrayLike) -> Array:
        """Table of Q[v|u], shape (n, 2**n_v).

        Args:
            u: inputs, shape (n, n_u); the data that was learnt from unless Q is a recognition
                model, which knows a guess for every input.

        Raises:
            ValueError: if the step has no Q, or one of another number of rows.
        """
        u = known_inputs(self, u)
        if self.q is None:
            return exact.recognition_table(present(self.rec), u)
        return exact.factorised_table(self.q) if self.q_form == "mean_field" else self.q

    def free_energy(self, u: ArrayLike) -> Array:
        """F of each row of u under this step's G and Q, shape (n,), in nats."""
        return exact.table_free_energy(self.gen, self.table(u), u)

    def generator(self) -> np.random.Generator:
        """A random generator that draws what would have been drawn after this step.

        Raises:
            ValueError: if nothing is drawn in this kind of learning.
        """
        if self.rng_state is None:
            raise ValueError("rng_state is None; accepted: a step of learning that draws")
        return generator_at(self.rng_state)

    def __repr__(self) -> str:
        return f"Step {self.count}, phase {self.phase}: {self.gen.units}"


def beginning(gen: Any, rec: Any, start: Step | None) -> Step:
    """Where learning begins: with these models, or at a step to continue from.

    A run that is continued has the models of its step; those given with it say of which layers
    the machine is, and must agree.
    """
    _kind("gen", gen, Generative, Layered)
    if rec is not None:
        _kind("rec", rec, Recognition, LayeredRecognition)
    if start is None:
        return Step(gen, rec)
    _kind("start", start, Step)
    for name, given, kept in (("gen", gen, start.gen), ("rec", rec, start.rec)):
        if given is not None and kept is not None and given.sizes != kept.sizes:
            raise ValueError(
                f"{name} has layers {machine_name(given.sizes)}; accepted: "
                f"{machine_name(kept.sizes)}, as start has"
            )
    return start


def _kind(name: str, value: object, *kinds: type) -> None:
    if not isinstance(value, kinds):
        accepted = " or ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"{name} is of type {type(value).__name__}; accepted: {accepted}")


def known_inputs(step: Step, u: ArrayLike) -> Array:
    """The data, once they are known to fit the step's models and its Q."""
    u = exact.checked_inputs(step.gen, u, step.rec)
    if step.q_form is None:
        raise ValueError("step has neither rec nor q; accepted: a step with a Q")
    if step.q is not None and len(u) != len(step.q):
        raise ValueError(f"u has {len(u)} rows; accepted: {len(step.q)}, as the step's Q has")
    return u


def present(rec: Recognition | LayeredRecognition | None) -> Recognition | LayeredRecognition:
    """The recognition model, which must be there."""
    if rec is None:
        raise ValueError("rec is None; accepted: a Recognition model")
    return rec


def optimisers(step: Step) -> tuple[Optimiser, Optimiser]:
    """The optimisers of both models, which must be there."""
    if step.optimiser is None:
        raise ValueError("optimiser is None; accepted: a step of gradient ascent")
    return step.optimiser


def with_optimiser(step: Step, optimiser: str) -> Step:
    """The step with this kind of optimiser, whose state is kept if there is one."""
    fresh = OPTIMISERS[choice("optimiser", optimiser, tuple(OPTIMISERS))]()
    if step.optimiser is not None and type(step.optimiser[0]) is type(fresh):
        return step
    return replace(step, optimiser=(fresh, fresh))


def with_generator(step: Step, rng: np.random.Generator | None) -> tuple[Step, np.random.Generator]:
    """The generator to draw with, the step's own if it has one, and the step with its state."""
    if step.rng_state is None:
        checked = generator("rng", rng)
        return replace(step, rng_state=checked.bit_generator.state), checked
    if rng is not None:
        raise ValueError(
            "rng is given, and start has a generator of its own; accepted: None, or a start "
            "whose rng_state was replaced by None"
        )
    return step, step.generator()


def moved(model: Any, move: Array) -> Any:
    """The model after a move; raises NotFinite if that is no model."""
    return model.like(workable(model.ravel() + move))
