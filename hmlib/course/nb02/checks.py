"""Questions of notebook 02, "Watch the free energy"."""

from __future__ import annotations

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition, log_bernoulli
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Numbers, Order
from hmlib.check.slips import averaged, in_bits, summed, wrong_sign
from hmlib.check.varying import varied
from hmlib.course.machines import TINY, machines, tables, tiny_of
from hmlib.course.nb02 import variants
from hmlib.course.nb02.solutions import ANSWERS


def _log_tables(gen: Generative, rec: Recognition, u: Array) -> tuple[Array, Array]:
    """Tables of log P[v, u] and log Q[v|u], shape (n, 2**n_v)."""
    return exact.log_joint(gen, u), np.log(exact.recognition_table(rec, u))


def _terms(gen: Generative, rec: Recognition, u: Array) -> Array:
    """Table of Q log(P[v, u] / Q): the terms of F."""
    log_p, log_q = _log_tables(gen, rec, u)
    return np.exp(log_q) * (log_p - log_q)


def _log_joint_average(gen: Generative, rec: Recognition, u: Array) -> Array:
    log_p, log_q = _log_tables(gen, rec, u)
    return (np.exp(log_q) * log_p).sum(axis=1)


def _entropy(gen: Generative, rec: Recognition, u: Array) -> Array:
    log_q = _log_tables(gen, rec, u)[1]
    return -(np.exp(log_q) * log_q).sum(axis=1)


def _without_prior(gen: Generative, rec: Recognition, u: Array) -> Array:
    log_p, log_q = _log_tables(gen, rec, u)
    log_prior = log_bernoulli(exact.states(gen.n_v), gen.g)
    return (np.exp(log_q) * (log_p - log_prior - log_q)).sum(axis=1)


def _log_weighted(gen: Generative, rec: Recognition, u: Array) -> Array:
    log_p, log_q = _log_tables(gen, rec, u)
    return (log_q * (log_p - log_q)).sum(axis=1)


def _unweighted(gen: Generative, rec: Recognition, u: Array) -> Array:
    log_p, log_q = _log_tables(gen, rec, u)
    return (log_p - log_q).sum(axis=1)


def _most_probable_pattern(gen: Generative, rec: Recognition, u: Array) -> Array:
    v = (rec.drive(u) > 0).astype(float)
    return gen.log_prob(v, u) - rec.log_prob(v, u)


def _jensen_shannon(q: Array, p: Array) -> Array:
    middle = (q + p) / 2
    return np.sum(q * np.log(q / middle) + p * np.log(p / middle), axis=1) / 2


QUESTIONS = (
    Order(
        id="02.1",
        answer=ANSWERS["02.1"],
        decoys={"B": "C", "J": "A"},
        slips={
            "backwards": "DAKNCE",
            "line left out": "ECKAD",
            "sum over Q used too early": "ECKNAD",
            "fraction turned over too early": "ECNAKD",
        },
    ),
    Choice(id="02.2", answer=ANSWERS["02.2"]),
    Choice(id="02.3", answer=ANSWERS["02.3"]),
    Choice(id="02.4", answer=ANSWERS["02.4"]),
    Numbers(
        id="02.5",
        names=("average log joint", "entropy"),
        answer=ANSWERS["02.5"],
        **varied(variants.split, TINY, tiny_of),
    ),
    Number(
        id="02.6",
        answer=ANSWERS["02.6"],
        **varied(variants.free_energy, TINY, tiny_of),
    ),
    Function(
        id="02.7",
        answer=ANSWERS["02.7"],
        cases=tables,
        slips={
            "KL turned around": lambda q, p: np.sum(p * np.log(p / q), axis=1),
            "average under the other distribution": lambda q, p: np.sum(p * np.log(q / p), axis=1),
            "wrong sign": wrong_sign(ANSWERS["02.7"]),
            "log2 for ln": in_bits(ANSWERS["02.7"]),
            "mean over the data": averaged(ANSWERS["02.7"]),
            "sum over the data": summed(ANSWERS["02.7"]),
            "sum over the wrong axis": lambda q, p: np.sum(q * np.log(q / p), axis=0),
            "mean over the states": lambda q, p: np.mean(q * np.log(q / p), axis=1),
            "weights left out": lambda q, p: np.sum(np.log(q / p), axis=1),
            "p left out": lambda q, p: np.sum(q * np.log(q), axis=1),
            "cross entropy": lambda q, p: -np.sum(q * np.log(p), axis=1),
            "sum not taken": lambda q, p: q * np.log(q / p),
            "both directions added": lambda q, p: np.sum((q - p) * np.log(q / p), axis=1),
            "both directions averaged": lambda q, p: np.sum((q - p) * np.log(q / p), axis=1) / 2,
            "Jensen-Shannon": _jensen_shannon,
            "total variation": lambda q, p: np.sum(np.abs(q - p), axis=1) / 2,
            "squared distance": lambda q, p: np.sum((q - p) ** 2, axis=1),
        },
        may_not_call=("tables.divergences",),
    ),
    Function(
        id="02.8",
        answer=ANSWERS["02.8"],
        cases=machines,
        slips={
            "entropy dropped": _log_joint_average,
            "entropy subtracted": lambda *m: _log_joint_average(*m) - _entropy(*m),
            "entropy only": _entropy,
            "wrong sign": wrong_sign(ANSWERS["02.8"]),
            "log2 for ln": in_bits(ANSWERS["02.8"]),
            "mean over the data": averaged(ANSWERS["02.8"]),
            "sum over the data": summed(ANSWERS["02.8"]),
            "KL turned around": exact.reversed_free_energy,
            "L for F": lambda gen, rec, u: exact.log_likelihood(gen, u),
            "gap for F": lambda *m: exact.kl_q_p(*m),
            "gap added": lambda *m: exact.free_energy(*m) + 2 * exact.kl_q_p(*m),
            "prior left out": _without_prior,
            "Q left out of the average": _unweighted,
            "log Q as the weight": _log_weighted,
            "most probable pattern alone": _most_probable_pattern,
            "mean over the states": lambda *m: _terms(*m).mean(axis=1),
            "sum over the wrong axis": lambda *m: _terms(*m).sum(axis=0),
        },
        may_not_call=(
            "exact.free_energy",
            "exact.table_free_energy",
            "exact.objectives",
            "exact.kl_q_p",
            "importance.estimate",
        ),
    ),
    Number(
        id="02.9",
        answer=ANSWERS["02.9"],
        unit="",
        **varied(variants.alike, variants.CAUSES, variants.causes_of),
    ),
)
