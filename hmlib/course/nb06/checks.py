"""Questions of notebook 06, "What factorising costs"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.special import logsumexp

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition, sigmoid
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.slips import averaged, in_bits, summed, wrong_sign
from hmlib.check.varying import varied
from hmlib.course.machines import SIZES, machines
from hmlib.course.nb06 import variants
from hmlib.course.nb06.solutions import ANSWERS

price, score_slope, L_K = (ANSWERS[id] for id in ("06.2", "06.4", "06.6"))
reweighted, cosine = (ANSWERS[id] for id in ("06.7", "06.10"))

# Ratios of such guesses are far apart, so that exp alone may overflow or vanish.
_SPREAD = 30.0


def _posteriors(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random tables whose rows are distributions, and the number of causes."""
    for n_v, _, n in SIZES:
        yield {"p": rng.dirichlet(np.full(2**n_v, 2.0), n), "n_v": n_v}


def _seeing_machines(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random machines, each with an input that is not all 0, so that every slope has a length.

    In the last one sleep points downhill, so that a sign shows.
    """
    for case in machines(rng):
        case["u"][0] = 1
        yield case
    while True:
        gen, rec = Generative.random(rng, 5, 1, 1.5), Recognition.random(rng, 5, 1, 1.5)
        u = exact.states(5)[rng.permutation(32)[:6]]
        if cosine(gen, rec, u) < 0:
            break
    yield {"gen": gen, "rec": rec, "u": u}


def _log_ratios(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random log ratios (n, K); some are so small or so large that exp leaves the numbers."""
    for (k, _, n), away in zip(SIZES, (0.0, 0.0, 0.0, -2000.0, 1000.0), strict=True):
        yield {"log_r": away + _SPREAD * rng.standard_normal((n, k + 1))}


def _entropies(p: Array, n_v: int, on_only: bool = False) -> Array:
    """Entropy of every cause, shape (n, n_v)."""
    on = p @ exact.states(n_v)
    first = -on * np.log(on)
    return first if on_only else first - (1 - on) * np.log(1 - on)


def _entropy(p: Array) -> Array:
    return -(p * np.log(p)).sum(axis=1)


def _exclusive_of_marginals(p: Array, n_v: int) -> Array:
    """KL(Q || P) at the Q that has the posterior's own means."""
    q = exact.factorised_table(p @ exact.states(n_v))
    return (q * np.log(q / p)).sum(axis=1)


def _slopes(gen: Generative, rec: Recognition, u: Array) -> tuple[Recognition, Recognition]:
    up, sleep = exact.grad_free_energy(gen, rec, u)[1], exact.grad_dream(gen, rec, u)[1]
    assert isinstance(up, Recognition)
    assert isinstance(sleep, Recognition)
    return up, sleep


def _cosine_of(a: Array, b: Array) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def _dot(gen: Generative, rec: Recognition, u: Array) -> float:
    up, sleep = _slopes(gen, rec, u)
    return float(up.ravel() @ sleep.ravel())


def _squared_lengths(gen: Generative, rec: Recognition, u: Array) -> float:
    up, sleep = (slope.ravel() for slope in _slopes(gen, rec, u))
    return float(up @ sleep / ((up @ up) * (sleep @ sleep)))


def _weights_only(gen: Generative, rec: Recognition, u: Array) -> float:
    up, sleep = _slopes(gen, rec, u)
    return _cosine_of(up.W.ravel(), sleep.W.ravel())


def _row_by_row(gen: Generative, rec: Recognition, u: Array) -> float:
    """The mean of the cosines of the two parts, biases and weights."""
    up, sleep = _slopes(gen, rec, u)
    return (_cosine_of(up.w, sleep.w) + _cosine_of(up.W.ravel(), sleep.W.ravel())) / 2


def _data_for_dreams(gen: Generative, rec: Recognition, u: Array) -> float:
    up, down = exact.grad_free_energy(gen, rec, u)[1], exact.grad_kl_p_q(gen, rec, u)[1]
    return _cosine_of(up.ravel(), -down.ravel())


def _generative_slopes(gen: Generative, rec: Recognition, u: Array) -> float:
    up, dream = exact.grad_free_energy(gen, rec, u)[0], exact.grad_dream(gen, rec, u)[0]
    return _cosine_of(up.ravel(), dream.ravel())


def _guessing(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random machines, and a guess of the causes of each input."""
    for case in machines(rng):
        yield case | {"v": case["rec"].sample(rng, case["u"])}


def _weighing(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random machines, an input, more guesses than it has causes, and their weights."""
    for case in machines(rng):
        gen = case["gen"]
        k = gen.n_u + gen.n_v + 1
        v = (rng.random((k, gen.n_v)) < 0.5).astype(float)
        omega = rng.dirichlet(np.full(k, 0.5))
        yield {"gen": gen, "u": case["u"][0], "v": v, "omega": omega}


def _weighed(rec: Recognition, u: Array, v: Array, worth: Array) -> Recognition:
    error = worth[:, None] * (v - sigmoid(rec.drive(u)))
    return Recognition(error.mean(axis=0), error.T @ u / len(u))


def _worth(gen: Generative, rec: Recognition, u: Array, v: Array) -> Array:
    worth: Array = gen.log_prob(v, u) - rec.log_prob(v, u)
    return worth


def _means_multiplied(gen: Generative, rec: Recognition, u: Array, v: Array) -> Recognition:
    return _weighed(rec, u, v, np.full(len(u), _worth(gen, rec, u, v).mean()))


def _without_f(gen: Generative, rec: Recognition, u: Array, v: Array) -> Recognition:
    error = _worth(gen, rec, u, v)[:, None] * (v - rec.drive(u))
    return Recognition(error.mean(axis=0), error.T @ u / len(u))


def _guesses_averaged(gen: Generative, u: Array, v: Array, omega: Array) -> Generative:
    return reweighted(gen, u, (omega @ v)[None], np.ones(1))


def _reweighted_without_f(gen: Generative, u: Array, v: Array, omega: Array) -> Generative:
    error = u - gen.drive(v)
    return Generative(omega @ (v - gen.g), (omega[:, None] * error).T @ v, omega @ error)


def _weights_squared(gen: Generative, u: Array, v: Array, omega: Array) -> Generative:
    right = reweighted(gen, u, v, omega)
    error = u - sigmoid(gen.drive(v))
    return Generative(right.g, (omega[:, None] * error).T @ (omega[:, None] * v), right.h)


def _counted_alike(share: float | None) -> Callable[..., Generative]:
    """Each guess counts as much as this; 1 / K if None."""

    def rule(gen: Generative, u: Array, v: Array, omega: Array) -> Generative:
        return reweighted(gen, u, v, np.full(len(v), share or 1 / len(v)))

    return rule


QUESTIONS = (
    Numbers(
        id="06.1",
        names=("KL(Q || P), deciding", "KL(P || Q), hedging"),
        answer=ANSWERS["06.1"],
        **varied(variants.two_guesses, variants.PRINTED, variants.one_of_three),
    ),
    Function(
        id="06.2",
        answer=price,
        cases=_posteriors,
        may_not_call=("tables.mutual_information", "tables.divergences"),
        slips={
            "only the causes that are on": lambda p, n_v: (
                _entropies(p, n_v, on_only=True).sum(axis=1) - _entropy(p)
            ),
            "wrong sign": wrong_sign(price),
            "entropy of the posterior forgotten": lambda p, n_v: _entropies(p, n_v).sum(axis=1),
            "entropy of the posterior added": lambda p, n_v: (
                _entropies(p, n_v).sum(axis=1) + _entropy(p)
            ),
            "mean over the causes": lambda p, n_v: _entropies(p, n_v).mean(axis=1) - _entropy(p),
            "KL turned around": _exclusive_of_marginals,
            "log2 for ln": in_bits(price),
            "mean over the data": averaged(price),
            "sum over the data": summed(price),
        },
    ),
    Choice(id="06.3", answer=ANSWERS["06.3"]),
    Function(
        id="06.4",
        answer=score_slope,
        cases=_guessing,
        slips={
            "wrong sign": wrong_sign(score_slope),
            "sum for the mean": lambda gen, rec, u, v: len(u) * score_slope(gen, rec, u, v),
            "worth left out": lambda gen, rec, u, v: _weighed(rec, u, v, np.ones(len(u))),
            "log P alone": lambda gen, rec, u, v: _weighed(rec, u, v, gen.log_prob(v, u)),
            "ratio for its logarithm": lambda gen, rec, u, v: _weighed(
                rec, u, v, np.exp(_worth(gen, rec, u, v))
            ),
            "one subtracted": lambda gen, rec, u, v: _weighed(
                rec, u, v, _worth(gen, rec, u, v) - 1
            ),
            "means multiplied": _means_multiplied,
            "f left out": _without_f,
        },
    ),
    Choice(id="06.5", answer=ANSWERS["06.5"]),
    Function(
        id="06.6",
        answer=L_K,
        cases=_log_ratios,
        # Where one ratio outweighs the rest, its slips are a few parts in a million apart.
        rtol=1e-6,
        slips={
            "mean of the logs": lambda log_r: log_r.mean(axis=1),
            "log K forgotten": lambda log_r: logsumexp(log_r, axis=1),
            "divided by K outside": lambda log_r: logsumexp(log_r, axis=1) / log_r.shape[1],
            "number of inputs for K": lambda log_r: logsumexp(log_r, axis=1) - np.log(len(log_r)),
            "best guess": lambda log_r: log_r.max(axis=1),
            "best guess over K": lambda log_r: log_r.max(axis=1) - np.log(log_r.shape[1]),
            "overflow": lambda log_r: np.log(np.exp(log_r).mean(axis=1)),
            "logarithm forgotten": lambda log_r: np.exp(log_r).mean(axis=1),
            "mean over the data": averaged(L_K),
            "log2 for ln": in_bits(L_K),
        },
    ),
    Function(
        id="06.7",
        answer=reweighted,
        cases=_weighing,
        slips={
            "plain mean": _counted_alike(None),
            "divided by K": lambda gen, u, v, omega: reweighted(gen, u, v, omega / len(v)),
            "weights forgotten": _counted_alike(1.0),
            "guesses averaged first": _guesses_averaged,
            "wrong sign": wrong_sign(reweighted),
            "f left out": _reweighted_without_f,
            "weights squared": _weights_squared,
        },
    ),
    Choice(id="06.8", answer=ANSWERS["06.8"]),
    Numbers(
        id="06.9",
        names=("L_4", "mean of log r"),
        answer=ANSWERS["06.9"],
        **varied(variants.log_of_mean, variants.EXPONENTS, variants.exponents_of),
    ),
    Function(
        id="06.10",
        answer=cosine,
        cases=_seeing_machines,
        slips={
            "lengths forgotten": _dot,
            "squared lengths": _squared_lengths,
            "wrong sign": wrong_sign(cosine),
            "biases left out": _weights_only,
            "biases and weights apart": _row_by_row,
            "the generative slopes": _generative_slopes,
            "data for dreams": _data_for_dreams,
            "the angle itself": lambda gen, rec, u: np.arccos(cosine(gen, rec, u)),
            "the angle in degrees": lambda gen, rec, u: np.degrees(np.arccos(cosine(gen, rec, u))),
            "a vector with itself": lambda gen, rec, u: 1.0,
        },
    ),
)
