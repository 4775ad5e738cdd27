"""Questions of notebook 01, "Meet the two models"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition, log_bernoulli, sigmoid
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Order
from hmlib.check.slips import averaged, in_bits, summed
from hmlib.check.varying import varied
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.machines import machines
from hmlib.course.nb01 import variants
from hmlib.course.nb01.solutions import ANSWERS


def _recognitions(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    return ({"rec": case["rec"], "u": case["u"]} for case in machines(rng))


def _generatives(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    return ({"gen": case["gen"], "u": case["u"]} for case in machines(rng))


def _pairs(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """A machine, and causes and inputs of the same data points."""
    for case in _generatives(rng):
        v = rng.integers(0, 2, (len(case["u"]), case["gen"].n_v)).astype(np.float64)
        yield {"gen": case["gen"], "v": v, "u": case["u"]}


def _strengths(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    return ({"s": round(s, 2)} for s in (0.7, 2.0, *rng.uniform(1.0, 5.0, 3)))


def _drive(rec: Recognition, u: Array) -> Array:
    return u @ rec.W.T + rec.w


def _log_prior(gen: Generative, v: Array) -> Array:
    return log_bernoulli(v, gen.g)


def _log_likelihood(gen: Generative, v: Array, u: Array) -> Array:
    return log_bernoulli(u, gen.drive(v))


def _on_only(gen: Generative, v: Array, u: Array) -> Array:
    """The factors of the units that are off left out."""
    f_g, f_x = sigmoid(gen.g), sigmoid(gen.drive(v))
    return (v * np.log(f_g)).sum(axis=1) + (u * np.log(f_x)).sum(axis=1)


def _without_h(gen: Generative, v: Array, u: Array) -> Array:
    return _log_prior(gen, v) + log_bernoulli(u, v @ gen.G.T)


def _averaged_units(gen: Generative, v: Array, u: Array) -> Array:
    return _log_prior(gen, v) / gen.n_v + _log_likelihood(gen, v, u) / gen.n_u


def _turned_over(gen: Generative, v: Array, u: Array) -> Array:
    """f for the units that are off, and 1 - f for those that are on."""
    return log_bernoulli(1 - v, gen.g) + log_bernoulli(1 - u, gen.drive(v))


def _joint(gen: Generative, u: Array) -> Array:
    return np.exp(exact.log_joint(gen, u))


def _prior_table(gen: Generative, u: Array) -> Array:
    prior = np.exp(_log_prior(gen, exact.states(gen.n_v)))
    return np.tile(prior, (len(u), 1))


def _likelihood_table(gen: Generative, u: Array) -> Array:
    return _joint(gen, u) / _prior_table(gen, u)


def _shares(table: Array, axis: int = 1) -> Array:
    return table / table.sum(axis=axis, keepdims=True)


def _mirrored(n_v: int) -> Array:
    """Places of the patterns read from the last cause to the first."""
    return (exact.states(n_v) @ 2.0 ** np.arange(n_v)).astype(int)


def _product_of_marginals(gen: Generative, u: Array) -> Array:
    q = exact.posterior(gen, u) @ exact.states(gen.n_v)
    return exact.factorised_table(np.clip(q, 0, 1))


QUESTIONS = (
    Order(
        id="01.1",
        answer=ANSWERS["01.1"],
        decoys={"C": "F", "E": "B"},
        slips={
            "inputs before causes": "FBDA",
            "backwards": "BFAD",
            "driven too early": "DFAB",
        },
    ),
    Choice(id="01.2", answer=ANSWERS["01.2"]),
    Function(
        id="01.3",
        answer=ANSWERS["01.3"],
        cases=_recognitions,
        slips={
            "w forgotten": lambda rec, u: sigmoid(u @ rec.W.T),
            "f forgotten": _drive,
            "probability of being off": lambda rec, u: sigmoid(-_drive(rec, u)),
            "log of the probability": lambda rec, u: np.log(sigmoid(_drive(rec, u))),
            "softmax": lambda rec, u: _shares(np.exp(_drive(rec, u))),
            "one axis too few": lambda rec, u: np.prod(sigmoid(_drive(rec, u)), axis=1),
            "transposed": lambda rec, u: sigmoid(_drive(rec, u)).T,
            "bias subtracted": lambda rec, u: sigmoid(u @ rec.W.T - rec.w),
            "coins flipped at one half": lambda rec, u: (_drive(rec, u) > 0).astype(float),
        },
    ),
    Choice(id="01.4", answer=ANSWERS["01.4"]),
    Choice(id="01.5", answer=ANSWERS["01.5"]),
    Choice(id="01.6", answer=ANSWERS["01.6"]),
    Function(
        id="01.7",
        answer=ANSWERS["01.7"],
        cases=_strengths,
        slips={
            "odds": lambda s: (
                exact.posterior(wet_lawn(s), WET)[0, 3] / exact.posterior(wet_lawn(s), WET)[0, 2]
            ),
            "rain not used": lambda s: exact.posterior(wet_lawn(s), WET)[0, [1, 3]].sum(),
            "not normalised again": lambda s: exact.posterior(wet_lawn(s), WET)[0, 3],
            "joint with the input": lambda s: np.exp(exact.log_joint(wet_lawn(s), WET))[0, 3],
            "told that it did not rain": lambda s: (
                exact.posterior(wet_lawn(s), WET)[0, 1]
                / exact.posterior(wet_lawn(s), WET)[0, :2].sum()
            ),
            "lawn not used": lambda s: sigmoid(-s),
        },
    ),
    Number(
        id="01.8",
        answer=ANSWERS["01.8"],
        unit="",
        **varied(variants.sprinkler_if_wet, variants.PRINTED, variants.lawn_of),
    ),
    Number(
        id="01.9",
        answer=ANSWERS["01.9"],
        unit="",
        **varied(variants.sprinkler_if_wet_and_rain, variants.PRINTED, variants.lawn_of),
    ),
    Function(
        id="01.10",
        answer=ANSWERS["01.10"],
        cases=_pairs,
        slips={
            "probability for its logarithm": lambda gen, v, u: np.exp(gen.log_prob(v, u)),
            "log2 for ln": in_bits(lambda gen, v, u: gen.log_prob(v, u)),
            "mean over the data": averaged(lambda gen, v, u: gen.log_prob(v, u)),
            "sum over the data": summed(lambda gen, v, u: gen.log_prob(v, u)),
            "h forgotten": _without_h,
            "G forgotten": lambda gen, v, u: _log_prior(gen, v) + log_bernoulli(u, gen.h),
            "prior forgotten": _log_likelihood,
            "likelihood forgotten": lambda gen, v, u: _log_prior(gen, v),
            "units that are off left out": _on_only,
            "f and 1 - f swapped": _turned_over,
            "mean over the units": _averaged_units,
            "terms multiplied": lambda gen, v, u: _log_prior(gen, v) * _log_likelihood(gen, v, u),
        },
        may_not_call=("binary.Generative.log_prob", "exact.log_joint"),
    ),
    Function(
        id="01.11",
        answer=ANSWERS["01.11"],
        cases=_generatives,
        slips={
            "not normalised": _joint,
            "normalised over the data": lambda gen, u: _shares(_joint(gen, u), axis=0),
            "normalised over everything": lambda gen, u: _joint(gen, u) / _joint(gen, u).sum(),
            "prior forgotten": lambda gen, u: _shares(_likelihood_table(gen, u)),
            "prior for the posterior": _prior_table,
            "likelihood for the posterior": _likelihood_table,
            "log of the posterior": lambda gen, u: np.log(exact.posterior(gen, u)),
            "logarithms normalised": lambda gen, u: _shares(exact.log_joint(gen, u)),
            "transposed": lambda gen, u: exact.posterior(gen, u).T,
            "first cause least significant": lambda gen, u: exact.posterior(gen, u)[
                :, _mirrored(gen.n_v)
            ],
            "product of marginals": _product_of_marginals,
        },
        may_not_call=("exact.posterior", "exact.log_joint", "exact.log_likelihood"),
    ),
    Choice(id="01.12", answer=ANSWERS["01.12"]),
)
