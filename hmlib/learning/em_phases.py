"""EM on the free energy F: climb in Q, then in G, in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from hmlib import exact
from hmlib._checks import choice, count, data_weights, machine_name
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.layered import Layered
from hmlib.learning.step import Step, beginning, known_inputs, present

Array = NDArray[np.float64]
M = TypeVar("M", Generative, Recognition)

Q_FORMS = ("exact", "mean_field", "recognition")

_CONVERGED = 1e-12
"""Mean-field sweeps stop when no probability moves by more than this."""

_LARGEST_BIAS = 40.0
"""The bias of a cause that is always on, or its opposite if never: F gains under 1e-17 beyond."""


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
    gen = _one_layer(gen)
    u = exact.checked_inputs(gen, u, rec)
    if q == "recognition":
        return Step(gen, present(rec))
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
        start: a step to continue from: the models are its own, so `gen` and `rec` only say the
            layers, which must agree.

    Returns:
        Iterator of steps: the start (unless continued), then E, M, E, M, ...

    Raises:
        ValueError: at the call, if an argument is not accepted.
    """
    choice("q", q, Q_FORMS)
    step = first_step(gen, rec, u, q) if start is None else beginning(gen, rec, start)
    u = known_inputs(step, u)
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
    u, e_steps = known_inputs(step, u), count("e_steps", e_steps)
    weights = data_weights(weights, len(u))
    done, gen = replace(step, phase="E", count=step.count + 1), _one_layer(step.gen)
    if step.q is not None:
        exactly = step.q_form == "exact"
        q = exact.posterior(gen, u) if exactly else _mean_field(gen, step.q, u, e_steps)
        return replace(done, q=_frozen(q))

    def objective(rec: Recognition) -> tuple[float, Recognition]:
        _, d_rec = exact.grad_free_energy(gen, rec, u, weights)
        return float(weights @ exact.free_energy(gen, rec, u)), d_rec

    begun = present(step.rec)
    if not isinstance(begun, Recognition):
        raise ValueError(f"step has {begun.units}; accepted in EM: one layer of causes")
    return replace(done, rec=_climb(objective, begun, e_steps))


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
    u, m_steps = known_inputs(step, u), count("m_steps", m_steps)
    weights, gen = data_weights(weights, len(u)), _one_layer(step.gen)
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


def _one_layer(gen: Generative | Layered) -> Generative:
    """A generative model that EM can learn."""
    if not isinstance(gen, Generative):
        name = machine_name(gen.sizes)
        raise ValueError(f"gen has layers {name}; accepted in EM: one layer of causes")
    return gen


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


def _climb(objective: Callable[[M], tuple[float, M]], model: M, iterations: int) -> M:
    """Climb from a model by L-BFGS, given value and gradient; never end lower."""
    # Fetched by those who climb: it takes as long to load as all of hmlib.
    from scipy.optimize import minimize

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


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
