"""Learning as climbing: EM on the free energy F, and exact gradient ascent on F or L.

Every rule is an iterator of `Step` records. A record holds all that the next step needs, so that
a run stopped at step k and continued from it equals, bit for bit, the run that never stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import logit

from hmlib import exact
from hmlib._checks import choice, count, data_weights, generator, positive
from hmlib.binary import Generative, Recognition, sigmoid

Array = NDArray[np.float64]
Model = TypeVar("Model", Generative, Recognition)

Q_FORMS = ("exact", "mean_field", "recognition")
OBJECTIVES = ("F", "L")

_CONVERGED = 1e-12
"""Mean-field sweeps stop when no probability moves by more than this."""

_LARGEST_BIAS = 40.0
"""The bias of a cause that is always on, or its opposite if never: F gains under 1e-17 beyond."""


@dataclass(frozen=True)
class Sgd:
    """Plain gradient steps."""

    def move(self, gradient: Array, rate: float) -> tuple[Array, Sgd]:
        """The move for one gradient, and the optimiser after it."""
        return rate * gradient, self


@dataclass(frozen=True, eq=False)
class Adam:
    """Adam: the running mean of the gradient over its running root mean square.

    Source: Kingma & Ba 2015, algorithm 1.

    Attributes:
        count: moves made.
        mean, square: running means of the gradient and of its square, before the correction for
            their start at 0.
    """

    count: int = 0
    mean: Array | float = 0.0
    square: Array | float = 0.0

    def move(
        self, gradient: Array, rate: float, b1: float = 0.9, b2: float = 0.999
    ) -> tuple[Array, Adam]:
        """The move for one gradient, and the optimiser after it."""
        t = self.count + 1
        mean = b1 * self.mean + (1 - b1) * gradient
        square = b2 * self.square + (1 - b2) * gradient**2
        root_mean_square = np.sqrt(square / (1 - b2**t)) + 1e-8
        return rate * (mean / (1 - b1**t)) / root_mean_square, Adam(t, mean, square)


Optimiser = Sgd | Adam
OPTIMISERS: dict[str, type[Optimiser]] = {"adam": Adam, "sgd": Sgd}


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """Where learning stands.

    Attributes:
        gen: the generative model.
        rec: the recognition model, if there is one.
        q: Q where it is free of a recognition model: a table (n, 2**n_v) in exact EM,
            probabilities (n, n_v) of the causes in mean-field EM.
        phase: what was done last: "start", "E", "M" or "ascent".
        count: steps done.
        optimiser: state of the optimisers of `gen` and `rec`, in gradient ascent.
        rng_state: state of the random generator, if learning draws minibatches.
    """

    gen: Generative
    rec: Recognition | None = None
    q: Array | None = None
    phase: str = "start"
    count: int = 0
    optimiser: tuple[Optimiser, Optimiser] | None = None
    rng_state: dict[str, Any] | None = None

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
        u = _known_inputs(self, u)
        if self.q_form == "recognition":
            return exact.recognition_table(self.rec, u)
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
            raise ValueError("rng_state is None; accepted: a step of learning with minibatches")
        bits = getattr(np.random, self.rng_state["bit_generator"])()
        bits.state = self.rng_state
        return np.random.Generator(bits)

    def __repr__(self) -> str:
        return f"Step {self.count}, phase {self.phase}: {self.gen.units}"


def first_step(gen: Generative, rec: Recognition | None, u: ArrayLike, q: str = "exact") -> Step:
    """Where EM starts: Q guesses as `rec` does, or one half for every cause without it.

    Args:
        gen: the generative model.
        rec: the recognition model; None is accepted unless q is "recognition".
        u: data, shape (n, n_u).
        q: what Q may be, see `em`.

    Raises:
        ValueError: if an argument is not accepted, or models and data do not fit together.
    """
    choice("q", q, Q_FORMS)
    u = exact.checked_inputs(gen, u, rec)
    if q == "recognition":
        return Step(gen, _present(rec))
    guess = np.full((len(u), gen.n_v), 0.5) if rec is None else sigmoid(rec.drive(u))
    return Step(gen, q=_frozen(guess if q == "mean_field" else exact.factorised_table(guess)))


def em(
    gen: Generative,
    rec: Recognition | None,
    u: ArrayLike,
    q: str = "exact",
    weights: ArrayLike | None = None,
    steps: int = 20,
    e_steps: int = 50,
    m_steps: int = 50,
    start: Step | None = None,
) -> Iterator[Step]:
    """EM: climb F in Q with G fixed, then in G with Q fixed, in turn. F never falls.

    Source: Dayan & Abbott 2001, section 10.2; Neal & Hinton 1998.

    Args:
        gen: generative model to start from.
        rec: recognition model to start from; None is accepted unless q is "recognition".
        u: data, shape (n, n_u).
        q: what Q may be. "exact": anything, so that the E-phase finds the posterior;
            "mean_field": factorised, free for each input; "recognition": what one recognition
            model says about all inputs.
        weights: data weights, shape (n,); equal if None.
        steps: number of phases; an E-phase and an M-phase count one each.
        e_steps: most mean-field sweeps, or most L-BFGS iterations on W.
        m_steps: most L-BFGS iterations on G.
        start: a step to continue from; `gen` and `rec` are then its own.

    Returns:
        Iterator of steps: the start (unless continued), then E, M, E, M, ...

    Raises:
        ValueError: at the call, if an argument is not accepted.
    """
    choice("q", q, Q_FORMS)
    step = first_step(gen, rec, u, q) if start is None else start
    u = _known_inputs(step, u)
    if step.q_form != q:
        raise ValueError(f"q is {q!r}; accepted: {step.q_form!r}, as in start")
    weights = data_weights(weights, len(u))
    steps, e_steps = count("steps", steps), count("e_steps", e_steps)
    m_steps = count("m_steps", m_steps)

    def climb(step: Step) -> Iterator[Step]:
        if start is None:
            yield step
        for _ in range(steps):
            if step.phase == "E":
                step = m_phase(step, u, weights, m_steps)
            else:
                step = e_phase(step, u, weights, e_steps)
            yield step

    return climb(step)


def e_phase(step: Step, u: ArrayLike, weights: ArrayLike | None = None, e_steps: int = 50) -> Step:
    """Climb F in Q, with G fixed.

    An exact Q becomes the posterior. A mean-field Q is swept, cause by cause, to a fixed point.
    The weights of a recognition model climb the mean of F by L-BFGS.

    Args:
        step: where learning stands.
        u: data, shape (n, n_u).
        weights: data weights, shape (n,); equal if None.
        e_steps: most sweeps or iterations.

    Raises:
        ValueError: if an argument is not accepted, or the step has no Q for these data.
    """
    u, e_steps = _known_inputs(step, u), count("e_steps", e_steps)
    weights = data_weights(weights, len(u))
    done = replace(step, phase="E", count=step.count + 1)
    if step.q_form == "exact":
        return replace(done, q=_frozen(exact.posterior(step.gen, u)))
    if step.q_form == "mean_field":
        return replace(done, q=_frozen(_mean_field(step.gen, step.q, u, e_steps)))

    def objective(rec: Recognition) -> tuple[float, Recognition]:
        _, d_rec = exact.grad_free_energy(step.gen, rec, u, weights)
        return float(weights @ exact.free_energy(step.gen, rec, u)), d_rec

    return replace(done, rec=_climb(objective, step.rec, e_steps))


def m_phase(step: Step, u: ArrayLike, weights: ArrayLike | None = None, m_steps: int = 50) -> Step:
    """Climb F in G, with Q fixed: maximise the mean over data of E_Q log P[v, u; G].

    The prior has its maximum in closed form: f(g_a) is the mean of Q[v_a = 1|u]. The weights G
    and biases h pose a concave problem, climbed by L-BFGS.

    Args:
        step: where learning stands.
        u: data, shape (n, n_u).
        weights: data weights, shape (n,); equal if None.
        m_steps: most iterations.

    Raises:
        ValueError: if an argument is not accepted, or the step has no Q for these data.
    """
    u, m_steps = _known_inputs(step, u), count("m_steps", m_steps)
    weights, gen = data_weights(weights, len(u)), step.gen
    statistics = exact.Statistics(gen.n_u, gen.n_v)
    statistics.add(step.table(u) * weights[:, None], u)
    on = np.clip(statistics.per_state @ exact.states(gen.n_v), 0, 1)
    g = np.clip(logit(on), -_LARGEST_BIAS, _LARGEST_BIAS)
    gen = _climb(
        lambda gen: (statistics.log_joint(gen), statistics.score(gen)),
        Generative(g, gen.G, gen.h),
        m_steps,
    )
    return replace(step, gen=gen, phase="M", count=step.count + 1)


def ascend(
    gen: Generative,
    rec: Recognition | None,
    u: ArrayLike,
    objective: str = "F",
    weights: ArrayLike | None = None,
    rate: float = 0.01,
    steps: int = 100,
    optimiser: str = "adam",
    minibatch: int | None = None,
    rng: np.random.Generator | None = None,
    start: Step | None = None,
) -> Iterator[Step]:
    """Climb the exact gradient of F in G and W together, or of L in G alone.

    Args:
        gen: generative model to start from.
        rec: recognition model to start from; None is accepted if the objective is "L".
        u: data, shape (n, n_u).
        objective: "F" or "L".
        weights: data weights, shape (n,); equal if None.
        rate: learning rate, above 0.
        steps: number of steps.
        optimiser: "adam" or "sgd".
        minibatch: number of data drawn for each step, with replacement and in proportion to
            their weights; None: all data in every step.
        rng: random generator; needed for minibatches.
        start: a step to continue from; the models, the optimiser's state and the random
            generator are then its own.

    Returns:
        Iterator of steps: the start (unless continued), then one for each move.

    Raises:
        ValueError: at the call, if an argument is not accepted.
    """
    choice("objective", objective, OBJECTIVES)
    fresh = OPTIMISERS[choice("optimiser", optimiser, tuple(OPTIMISERS))]()
    rate, steps = positive("rate", rate), count("steps", steps)
    step = Step(gen, rec) if start is None else start
    u = exact.checked_inputs(step.gen, u, step.rec)
    weights = data_weights(weights, len(u))
    if objective == "F":
        _present(step.rec)
    if step.optimiser is None or type(step.optimiser[0]) is not type(fresh):
        step = replace(step, optimiser=(fresh, fresh))
    if minibatch is not None:
        minibatch = count("minibatch", minibatch)
        rng = generator("rng", rng) if step.rng_state is None else step.generator()
        step = replace(step, rng_state=rng.bit_generator.state)

    def climb(step: Step) -> Iterator[Step]:
        if start is None:
            yield step
        for _ in range(steps):
            batch, batch_weights = u, weights
            if minibatch is not None:
                batch, batch_weights = u[rng.choice(len(u), minibatch, p=weights)], None
                step = replace(step, rng_state=rng.bit_generator.state)
            step = _ascent(step, batch, batch_weights, objective, rate)
            yield step

    return climb(step)


def _ascent(step: Step, u: Array, weights: Array | None, objective: str, rate: float) -> Step:
    """One move up the gradient."""
    gen, rec = step.gen, step.rec
    for_gen, for_rec = step.optimiser
    if objective == "L":
        d_gen = exact.grad_log_likelihood(gen, u, weights)
    else:
        d_gen, d_rec = exact.grad_free_energy(gen, rec, u, weights)
        move, for_rec = for_rec.move(d_rec.ravel(), rate)
        rec = rec + rec.like(move)
    move, for_gen = for_gen.move(d_gen.ravel(), rate)
    gen = gen + gen.like(move)
    return Step(gen, rec, None, "ascent", step.count + 1, (for_gen, for_rec), step.rng_state)


def _mean_field(gen: Generative, q: Array, u: Array, sweeps: int) -> Array:
    """Sweep over the causes, each given its best probability while the others stay.

    f^-1(q_a) = E_{Q without a}[log P[v_a = 1, ...] - log P[v_a = 0, ...]]
    """
    log_joint, q = exact.log_joint(gen, u), q.copy()
    for _ in range(sweeps):
        before = q.copy()
        for a in range(gen.n_v):
            on, off = q.copy(), q.copy()
            on[:, a], off[:, a] = 1, 0
            contrast = exact.factorised_table(on) - exact.factorised_table(off)
            q[:, a] = sigmoid((contrast * log_joint).sum(axis=1))
        if np.abs(q - before).max() < _CONVERGED:
            break
    return q


def _climb(
    objective: Callable[[Model], tuple[float, Model]], model: Model, iterations: int
) -> Model:
    """Climb from a model by L-BFGS, given value and gradient; never end lower."""

    def cost(vector: Array) -> tuple[float, Array]:
        value, gradient = objective(model.like(vector))
        return -value, -gradient.ravel()

    found = minimize(
        cost,
        model.ravel(),
        method="L-BFGS-B",
        jac=True,
        options={"maxiter": iterations, "ftol": 1e-15, "gtol": 1e-9},
    )
    return model.like(found.x) if found.fun < cost(model.ravel())[0] else model


def _known_inputs(step: Step, u: ArrayLike) -> Array:
    """The data, once they are known to fit the step's models and its Q."""
    u = exact.checked_inputs(step.gen, u, step.rec)
    if step.q_form is None:
        raise ValueError("step has neither rec nor q; accepted: a step with a Q")
    if step.q is not None and len(u) != len(step.q):
        raise ValueError(f"u has {len(u)} rows; accepted: {len(step.q)}, as the step's Q has")
    return u


def _present(rec: Recognition | None) -> Recognition:
    if rec is None:
        raise ValueError("rec is None; accepted: a Recognition model")
    return rec


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
