"""Questions of notebook 05, "Wake and sleep"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition, sigmoid
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers, Order
from hmlib.check.slips import wrong_sign
from hmlib.check.varying import varied
from hmlib.course.machines import machines
from hmlib.course.nb05 import variants
from hmlib.course.nb05.solutions import ANSWERS, Rng

wake, sleep, distance = (ANSWERS[id] for id in ("05.2", "05.3", "05.7"))


def _generative(error_v: Array, error_u: Array, v: Array, n: int) -> Generative:
    """A change of G, from one error a row."""
    return Generative(error_v.sum(axis=0) / n, error_u.T @ v / n, error_u.sum(axis=0) / n)


def _recognition(error: Array, u: Array, n: int) -> Recognition:
    return Recognition(error.sum(axis=0) / n, error.T @ u / n)


def _summed_wake(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    return len(u) * wake(gen, rec, u, rng)


def _dreams_in_wake(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    v, u = gen.sample(rng, len(u))
    return _generative(v - sigmoid(gen.g), u - sigmoid(gen.drive(v)), v, len(u))


def _causes_from_prior(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    v, _ = gen.sample(rng, len(u))
    return _generative(v - sigmoid(gen.g), u - sigmoid(gen.drive(v)), v, len(u))


def _posterior_in_wake(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> object:
    return exact.grad_log_likelihood(gen, u)


def _means_for_draws(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    q = sigmoid(rec.drive(u))
    return _generative(q - sigmoid(gen.g), u - sigmoid(gen.drive(q)), q, len(u))


def _reconstruction(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    """Inputs are drawn anew from the guessed causes and taken for data."""
    v = rec.sample(rng, u)
    again = (rng.random(u.shape) < sigmoid(gen.drive(v))).astype(float)
    return _generative(v - sigmoid(gen.g), again - sigmoid(gen.drive(v)), v, len(u))


def _other_prior(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    """The causes are expected by the recogniser, whose own draws they are."""
    v = rec.sample(rng, u)
    return _generative(v - sigmoid(rec.drive(u)), u - sigmoid(gen.drive(v)), v, len(u))


def _without_f_in_wake(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    v = rec.sample(rng, u)
    return _generative(v - gen.g, u - gen.drive(v), v, len(u))


def _without_prediction(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    v = rec.sample(rng, u)
    return _generative(v, u, v, len(u))


def _h_forgotten(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    v = rec.sample(rng, u)
    return _generative(v - sigmoid(gen.g), u - sigmoid(v @ gen.G.T), v, len(u))


def _data_in_sleep(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    v = rec.sample(rng, u)
    return _recognition(v - sigmoid(rec.drive(u)), u, len(u))


def _half_a_dream(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    v, _ = gen.sample(rng, len(u))
    return _recognition(v - sigmoid(rec.drive(u)), u, len(u))


def _data_times_error(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - sigmoid(rec.drive(dream)), u, len(u))


def _guess_from_data(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - sigmoid(rec.drive(u)), dream, len(u))


def _summed_sleep(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    return len(u) * sleep(gen, rec, u, rng)


def _without_f_in_sleep(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - rec.drive(dream), dream, len(u))


def _without_guess(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    v, dream = gen.sample(rng, len(u))
    return _recognition(v, dream, len(u))


def _drawn_guess(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - rec.sample(rng, dream), dream, len(u))


def _prior_as_guess(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - sigmoid(gen.g), dream, len(u))


def _all_dreams(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> object:
    return exact.grad_dream(gen, rec, u)[1]


def _generative_in_sleep(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    """The other network's rule, (u - f(x)) v^T, turned to the shape of W."""
    v, dream = gen.sample(rng, len(u))
    error = dream - sigmoid(gen.drive(v))
    return Recognition((v - sigmoid(gen.g)).mean(axis=0), v.T @ error / len(u))


def _free_energy_slope(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> object:
    return exact.grad_free_energy(gen, rec, u)[1]


def _recognition_in_wake(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    """The other network's rule, (v - f(y)) u^T, turned to the shape of G."""
    v = rec.sample(rng, u)
    error = v - sigmoid(rec.drive(u))
    zero = np.zeros(gen.n_u)
    return Generative(error.mean(axis=0), u.T @ error / len(u), zero)


def _in_nats(gen: Generative, u: Array, weights: Array) -> float:
    return distance(gen, u, weights) * np.log(2)


def _entropy_dropped(gen: Generative, u: Array, weights: Array) -> float:
    return -float(weights @ exact.log_likelihood(gen, u)) / np.log(2)


def _unweighted(gen: Generative, u: Array, weights: Array) -> float:
    return float(np.mean(np.log(weights) - exact.log_likelihood(gen, u))) / np.log(2)


def _added_up(gen: Generative, u: Array, weights: Array) -> float:
    return float(np.sum(np.log(weights) - exact.log_likelihood(gen, u))) / np.log(2)


def _dreams_as_weights(gen: Generative, u: Array, weights: Array) -> float:
    log_p = exact.log_likelihood(gen, u)
    return float(np.exp(log_p) @ (log_p - np.log(weights))) / np.log(2)


def _fraction_kept(gen: Generative, u: Array, weights: Array) -> float:
    log_p = exact.log_likelihood(gen, u)
    return float(np.exp(log_p) @ (np.log(weights) - log_p)) / np.log(2)


def _nats_and_bits(gen: Generative, u: Array, weights: Array) -> float:
    return float(weights @ (np.log2(weights) - exact.log_likelihood(gen, u)))


def _learning(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random machines and data, and a generator to draw with, the same for every function."""
    for case in machines(rng):
        yield case | {"rng": np.random.default_rng(rng.integers(2**32))}


def _worlds(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """A machine, different patterns, and how often each of them occurs."""
    for case in machines(rng):
        inputs = exact.states(case["gen"].n_u)
        u = inputs[np.sort(rng.permutation(len(inputs))[: len(case["u"])])]
        yield {"gen": case["gen"], "u": u, "weights": rng.dirichlet(np.full(len(u), 2.0))}


def _own_rng(update: Callable[..., Any]) -> Callable[..., Any]:
    """The update with a new generator in place of the one that is given."""
    return lambda gen, rec, u, rng: update(gen, rec, u, np.random.default_rng(0))


QUESTIONS = (
    Order(
        id="05.1",
        answer=ANSWERS["05.1"],
        decoys={"C": "A", "H": "F"},
        slips={
            "sleep first": "AFBD",
            "models swapped": "BFAD",
            "learning before drawing": "DBFA",
            "both draws first": "BADF",
        },
    ),
    Function(
        id="05.2",
        answer=wake,
        cases=_learning,
        may_not_call=("learning.wake_sleep",),
        slips={
            "wrong sign": wrong_sign(wake),
            "change added to gen": lambda gen, rec, u, rng: gen + wake(gen, rec, u, rng),
            "generator of its own": _own_rng(wake),
            "sum for the mean": _summed_wake,
            "dreams where data belong": _dreams_in_wake,
            "causes from the prior": _causes_from_prior,
            "posterior for Q": _posterior_in_wake,
            "probabilities for draws": _means_for_draws,
            "reconstruction for data": _reconstruction,
            "guess for the prior": _other_prior,
            "the other network's gradient": _recognition_in_wake,
            "f left out": _without_f_in_wake,
            "prediction left out": _without_prediction,
            "h forgotten": _h_forgotten,
        },
    ),
    Function(
        id="05.3",
        answer=sleep,
        cases=_learning,
        may_not_call=("learning.wake_sleep",),
        slips={
            "wrong sign": wrong_sign(sleep),
            "change added to rec": lambda gen, rec, u, rng: rec + sleep(gen, rec, u, rng),
            "generator of its own": _own_rng(sleep),
            "sum for the mean": _summed_sleep,
            "data where dreams belong": _data_in_sleep,
            "dreamt causes with data": _half_a_dream,
            "error times data": _data_times_error,
            "guess about the data": _guess_from_data,
            "guess drawn": _drawn_guess,
            "prior for the guess": _prior_as_guess,
            "every dream": _all_dreams,
            "the other network's gradient": _generative_in_sleep,
            "slope of F": _free_energy_slope,
            "f left out": _without_f_in_sleep,
            "guess left out": _without_guess,
        },
    ),
    Choice(id="05.4", answer=ANSWERS["05.4"]),
    Numbers(
        id="05.5",
        names=("change of F", "change of the dreamt F-tilde"),
        answer=ANSWERS["05.5"],
        atol=6e-5,
        **varied(variants.changes, variants.PRINTED, variants.step_of),
    ),
    Choice(id="05.6", answer=ANSWERS["05.6"]),
    Function(
        id="05.7",
        answer=distance,
        cases=_worlds,
        may_not_call=("course.wake_sleep_recipes.divergence",),
        slips={
            "nats for bits": _in_nats,
            "entropy dropped": _entropy_dropped,
            "wrong sign": wrong_sign(distance),
            "weights left out": _unweighted,
            "sum without weights": _added_up,
            "KL turned around": _dreams_as_weights,
            "weights of the dreams": _fraction_kept,
            "bits less nats": _nats_and_bits,
        },
    ),
    Choice(id="05.8", answer=ANSWERS["05.8"]),
)
