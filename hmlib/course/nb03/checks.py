"""Questions of notebook 03, "Climb it: E-phase and M-phase"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, sigmoid, softplus
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Numbers, Order
from hmlib.check.slips import averaged, wrong_sign
from hmlib.check.varying import varied
from hmlib.course.machines import machines
from hmlib.course.nb03 import variants
from hmlib.course.nb03.solutions import ANSWERS

grad_G, mean_field_update, grad_y = (ANSWERS[id] for id in ("03.6", "03.7", "03.8"))


def _error(gen: Generative, v: Array, u: Array) -> Array:
    return u - sigmoid(gen.G @ v + gen.h)


def _weighted_delta(
    gen: Generative, t: Array, u: Array, error: Callable[..., Array] = _error
) -> Array:
    """sum_n sum_v t[n, v] error v^T / n."""
    total = np.zeros_like(gen.G)
    for k, v in enumerate(exact.states(gen.n_v)):
        total += np.outer(t[:, k] @ error(gen, v, u), v)
    return total / len(u)


def _steep(gen: Generative, v: Array, u: Array) -> Array:
    f = sigmoid(gen.G @ v + gen.h)
    return (u - f) * f * (1 - f)


def _averages_first(gen: Generative, q: Array, u: Array) -> Array:
    m = q @ exact.states(gen.n_v)
    return (u - sigmoid(gen.drive(m))).T @ m / len(u)


def _prior(gen: Generative, u: Array) -> Array:
    v = exact.states(gen.n_v)
    return np.tile(np.exp(v @ gen.g - softplus(gen.g).sum()), (len(u), 1))


def _delta_of_causes(gen: Generative, q: Array, u: Array) -> Array:
    m = q @ exact.states(gen.n_v)
    return (m - sigmoid(gen.g)).T @ u / len(u)


def _log_odds(gen: Generative, q: Array, u: Array, a: int) -> Array:
    p = mean_field_update(gen, q, u, a)
    return np.log(p / (1 - p))


def _averages_put_in(gen: Generative, q: Array, u: Array, a: int) -> Array:
    on, off = q.copy(), q.copy()
    on[:, a], off[:, a] = 1, 0
    x_on, x_off = gen.drive(on), gen.drive(off)
    terms = u * (x_on - x_off) - softplus(x_on) + softplus(x_off)
    return sigmoid(gen.g[a] + terms.sum(axis=1))


def _log_of_average(gen: Generative, q: Array, u: Array, a: int) -> Array:
    on, off, joint = q.copy(), q.copy(), np.exp(exact.log_joint(gen, u))
    on[:, a], off[:, a] = 1, 0
    p_on, p_off = ((exact.factorised_table(t) * joint).sum(axis=1) for t in (on, off))
    return p_on / (p_on + p_off)


def _posterior_marginal(gen: Generative, u: Array) -> Array:
    return exact.posterior(gen, u) @ exact.states(gen.n_v)


def _placed(gen: Generative, q: Array, u: Array, a: int) -> Array:
    whole = q.copy()
    whole[:, a] = mean_field_update(gen, q, u, a)
    return whole


def _slope_terms(
    gen: Generative,
    q: Array,
    u: Array,
    weight: Array,
    log_ratio: Array,
    score: Callable[[Array, Array], Array] = lambda v, q: v - q,
) -> Array:
    """sum_v weight[n, v] log_ratio[n, v] score(v, q)."""
    total = np.zeros_like(q)
    for k, v in enumerate(exact.states(gen.n_v)):
        total += (weight * log_ratio)[:, [k]] * score(v, q)
    return total


def _tables(gen: Generative, q: Array, u: Array) -> tuple[Array, Array, Array]:
    table = exact.factorised_table(q)
    return table, exact.log_joint(gen, u), np.log(table)


def _slope_of_energy(gen: Generative, q: Array, u: Array) -> Array:
    table, log_p, _ = _tables(gen, q, u)
    return _slope_terms(gen, q, u, table, log_p)


def _slope_of_entropy(gen: Generative, q: Array, u: Array) -> Array:
    table, _, log_q = _tables(gen, q, u)
    return _slope_terms(gen, q, u, table, -log_q)


def _slope_without_f(gen: Generative, q: Array, u: Array) -> Array:
    table, log_p, log_q = _tables(gen, q, u)
    return _slope_terms(gen, q, u, table, log_p - log_q, lambda v, q: v + 0 * q)


def _slope_unweighted(gen: Generative, q: Array, u: Array) -> Array:
    table, log_p, log_q = _tables(gen, q, u)
    return _slope_terms(gen, q, u, np.ones_like(table), log_p - log_q)


def _slope_under_posterior(gen: Generative, q: Array, u: Array) -> Array:
    _, log_p, log_q = _tables(gen, q, u)
    return _slope_terms(gen, q, u, exact.posterior(gen, u), log_p - log_q)


def _with_table(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for case in machines(rng):
        n, n_v = len(case["u"]), case["gen"].n_v
        q = rng.dirichlet(np.full(2**n_v, 1.0), n)
        yield {"gen": case["gen"], "q": q, "u": case["u"]}


def _with_probabilities(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for case in machines(rng):
        q = rng.uniform(0.1, 0.9, (len(case["u"]), case["gen"].n_v))
        yield {"gen": case["gen"], "q": q, "u": case["u"]}


def _with_one_cause(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for case in _with_probabilities(rng):
        yield case | {"a": int(rng.integers(case["gen"].n_v))}
    # A machine that is sure: no clip to the middle passes.
    sure = Generative(
        g=np.array([-5.0, -5.0]), G=np.array([[9.0, 2.0], [0.0, 1.0]]), h=np.array([-5.0, 1.0])
    )
    u = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    yield {"gen": sure, "q": rng.uniform(0.1, 0.9, (3, 2)), "u": u, "a": 0}


QUESTIONS = (
    Choice(id="03.1", answer=ANSWERS["03.1"]),
    Order(
        id="03.2",
        answer=ANSWERS["03.2"],
        decoys={"B": "F", "K": "A"},
        slips={
            "backwards": "FCHAD",
            "written out too early": "DACHF",
            "prior dropped too early": "DHACF",
        },
    ),
    Choice(id="03.3", answer=ANSWERS["03.3"]),
    Numbers(
        id="03.4",
        names=("dF/dy_1", "dF/dy_2"),
        answer=ANSWERS["03.4"],
        atol=6e-4,
        **varied(variants.two_slopes, variants.PRINTED, variants.slopes_of),
    ),
    Number(
        id="03.5",
        answer=ANSWERS["03.5"],
        unit="",
        **varied(variants.one_bias, variants.GUESSES, variants.guesses_of),
    ),
    Function(
        id="03.6",
        answer=grad_G,
        cases=_with_table,
        may_not_call=(
            "exact.expected_score",
            "exact.grad_free_energy",
            "exact.grad_log_likelihood",
        ),
        slips={
            "sum over the data": lambda gen, q, u: len(u) * grad_G(gen, q, u),
            "wrong sign": wrong_sign(grad_G),
            "f left out": lambda gen, q, u: _weighted_delta(
                gen, q, u, lambda g, v, u: u - g.G @ v - g.h
            ),
            "transposed": lambda gen, q, u: grad_G(gen, q, u).T,
            "prediction left out": lambda gen, q, u: _weighted_delta(gen, q, u, lambda g, v, u: u),
            "averages before f": _averages_first,
            "prior for Q": lambda gen, q, u: _weighted_delta(gen, _prior(gen, u), u),
            "posterior for Q": lambda gen, q, u: _weighted_delta(gen, exact.posterior(gen, u), u),
            "Q left out": lambda gen, q, u: _weighted_delta(gen, np.ones_like(q), u),
            "the other network": _delta_of_causes,
            "slope of f added": lambda gen, q, u: _weighted_delta(gen, q, u, _steep),
        },
    ),
    Function(
        id="03.7",
        answer=mean_field_update,
        cases=_with_one_cause,
        may_not_call=("learning.e_phase", "learning.em"),
        slips={
            "f left out": _log_odds,
            "odds for the probability": lambda *m: np.exp(_log_odds(*m)),
            "on and off swapped": lambda *m: 1 - mean_field_update(*m),
            "bias left out": lambda gen, q, u, a: sigmoid(_log_odds(gen, q, u, a) - gen.g[a]),
            "bias alone": lambda gen, q, u, a: np.full(len(u), sigmoid(gen.g[a])),
            "averages put in": _averages_put_in,
            "logarithm taken last": _log_of_average,
            "posterior": lambda gen, q, u, a: _posterior_marginal(gen, u)[:, a],
            "all causes returned": _placed,
            "one half everywhere": lambda gen, q, u, a: np.full(len(u), 0.5),
            "mean over the data": averaged(mean_field_update),
        },
    ),
    Function(
        id="03.8",
        answer=grad_y,
        cases=_with_probabilities,
        may_not_call=("exact.grad_free_energy",),
        slips={
            "log ratio left out": lambda gen, q, u: np.zeros_like(q),
            "wrong sign": wrong_sign(grad_y),
            "entropy left out": _slope_of_energy,
            "entropy alone": _slope_of_entropy,
            "f left out": _slope_without_f,
            "Q left out": _slope_unweighted,
            "posterior as the weight": _slope_under_posterior,
            "the delta rule": lambda gen, q, u: _posterior_marginal(gen, u) - q,
            "slope in q": lambda gen, q, u: grad_y(gen, q, u) / (q * (1 - q)),
            "mean over the data": lambda gen, q, u: grad_y(gen, q, u).mean(axis=0),
        },
    ),
)
