"""Questions of notebook 04, "Turn the KL around"."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition, sigmoid
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Numbers
from hmlib.check.slips import wrong_sign
from hmlib.check.varying import varied
from hmlib.course.machines import machines
from hmlib.course.nb04 import variants
from hmlib.course.nb04.solutions import ANSWERS

grad_W, sleep_W = ANSWERS["04.4"], ANSWERS["04.9"]


def _means(gen: Generative, table: Array) -> Array:
    """The mean of every cause under a table (n, 2**n_v), shape (n, n_v)."""
    return table @ exact.states(gen.n_v)


def _guess(rec: Recognition, u: Array) -> Array:
    return sigmoid(rec.drive(u))


def _targets(gen: Generative, u: Array) -> Array:
    return _means(gen, exact.posterior(gen, u))


def _delta(target: Array, guess: Array | float, u: Array) -> Array:
    """Mean over the rows of (target - guess) u^T."""
    return (target - guess).T @ u / len(u)


def _free_energy_slope(gen: Generative, rec: Recognition, u: Array) -> Array:
    slope = exact.grad_free_energy(gen, rec, u)[1]
    assert isinstance(slope, Recognition)
    return slope.W


def _generative_slope(gen: Generative, rec: Recognition, u: Array) -> Array:
    """The other network's rule, (u - f(x)) v^T under the posterior, turned to the shape of W."""
    slope = exact.grad_log_likelihood(gen, u)
    assert isinstance(slope, Generative)
    return slope.G.T


def _sureness(gen: Generative, rec: Recognition, u: Array) -> Array:
    """The most probable pattern as the target."""
    best = exact.states(gen.n_v)[exact.posterior(gen, u).argmax(axis=1)]
    return _delta(best, _guess(rec, u), u)


def _prior_means(gen: Generative, u: Array) -> Array:
    return np.tile(sigmoid(gen.g), (len(u), 1))


def _dreamt_inputs(gen: Generative) -> tuple[Array, Array]:
    """Every input and how often it is dreamt."""
    inputs = exact.states(gen.n_u)
    return inputs, np.exp(exact.log_likelihood(gen, inputs))


def _weighted(
    gen: Generative, rec: Recognition, target: Callable[[Array], Array], weight: Array
) -> Array:
    """sum over all inputs of weight (target - f(y)) u^T."""
    inputs = exact.states(gen.n_u)
    return ((target(inputs) - _guess(rec, inputs)) * weight[:, None]).T @ inputs


def _every_input_alike(gen: Generative, rec: Recognition, u: Array) -> Array:
    n = 2**gen.n_u
    return _weighted(gen, rec, lambda all_u: _targets(gen, all_u), np.full(n, 1 / n))


def _posteriors_added(gen: Generative, rec: Recognition, u: Array) -> Array:
    return _weighted(gen, rec, lambda all_u: _targets(gen, all_u), np.ones(2**gen.n_u))


def _prior_targets(gen: Generative, rec: Recognition, u: Array) -> Array:
    return _weighted(gen, rec, lambda all_u: _prior_means(gen, all_u), _dreamt_inputs(gen)[1])


def _likelihood_for_joint(gen: Generative, rec: Recognition, u: Array) -> Array:
    inputs, v = exact.states(gen.n_u), exact.states(gen.n_v)
    prior = np.exp(v @ gen.g - np.logaddexp(0, gen.g).sum())
    table = np.exp(exact.log_joint(gen, inputs)) / prior
    error = table @ v - table.sum(axis=1, keepdims=True) * _guess(rec, inputs)
    return error.T @ inputs


def _without_f(gen: Generative, rec: Recognition, u: Array) -> Array:
    inputs, chance = _dreamt_inputs(gen)
    error = _targets(gen, inputs) - rec.drive(inputs)
    return (error * chance[:, None]).T @ inputs


def _without_guess(gen: Generative, rec: Recognition, u: Array) -> Array:
    inputs, chance = _dreamt_inputs(gen)
    return (_targets(gen, inputs) * chance[:, None]).T @ inputs


def _data_in_the_loop(gen: Generative, rec: Recognition, u: Array) -> Array:
    """The loop over dreams with the rows of the data in place of all inputs."""
    chance = np.exp(exact.log_joint(gen, u))
    error = chance @ exact.states(gen.n_v) - chance.sum(axis=1, keepdims=True) * _guess(rec, u)
    return error.T @ u


def _own_targets(gen: Generative, rec: Recognition, u: Array) -> Array:
    return np.zeros_like(rec.W)


QUESTIONS = (
    Numbers(
        id="04.1",
        names=("KL(Q || P)", "KL(P || Q)"),
        answer=ANSWERS["04.1"],
        **varied(variants.both_directions, variants.PRINTED, variants.directions_of),
    ),
    Choice(id="04.2", answer=ANSWERS["04.2"]),
    Choice(id="04.3", answer=ANSWERS["04.3"]),
    Function(
        id="04.4",
        answer=grad_W,
        cases=machines,
        may_not_call=("exact.grad_kl_p_q",),
        slips={
            "sum over the data": lambda gen, rec, u: len(u) * grad_W(gen, rec, u),
            "wrong sign": wrong_sign(grad_W),
            "transposed": lambda gen, rec, u: grad_W(gen, rec, u).T,
            "f left out": lambda gen, rec, u: _delta(_targets(gen, u), rec.drive(u), u),
            "guess left out": lambda gen, rec, u: _delta(_targets(gen, u), 0, u),
            "KL turned around": _free_energy_slope,
            "the other network": _generative_slope,
            "prior for the posterior": lambda gen, rec, u: _delta(
                _prior_means(gen, u), _guess(rec, u), u
            ),
            "most probable pattern": _sureness,
            "dreams for data": sleep_W,
            "own guesses as targets": _own_targets,
        },
    ),
    Choice(id="04.5", answer=ANSWERS["04.5"]),
    Number(
        id="04.6",
        answer=ANSWERS["04.6"],
        unit="dreams",
        atol=25,
        **varied(variants.how_many, variants.DREAMS, variants.dreams_of),
    ),
    Choice(id="04.7", answer=ANSWERS["04.7"]),
    Numbers(
        id="04.8",
        names=("update of w", "update of W"),
        answer=ANSWERS["04.8"],
        unit="",
        **varied(variants.sleep_update, variants.GUESS, variants.guess_of),
    ),
    Function(
        id="04.9",
        answer=sleep_W,
        cases=machines,
        may_not_call=("exact.grad_dream",),
        slips={
            "data where dreams belong": grad_W,
            "rows of the data in the loop": _data_in_the_loop,
            "wrong sign": wrong_sign(sleep_W),
            "mean over the dreams": lambda gen, rec, u: (
                sleep_W(gen, rec, u) / 2 ** (gen.n_u + gen.n_v)
            ),
            "transposed": lambda gen, rec, u: sleep_W(gen, rec, u).T,
            "inputs all alike": _every_input_alike,
            "chances that do not add up to 1": _posteriors_added,
            "likelihood for the joint": _likelihood_for_joint,
            "prior as the target": _prior_targets,
            "the other network": lambda gen, rec, u: np.zeros((gen.n_v, gen.n_u)),
            "f left out": _without_f,
            "guess left out": _without_guess,
            "KL turned around": _free_energy_slope,
        },
    ),
)
