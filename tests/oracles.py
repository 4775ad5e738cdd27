"""Slow, plain answers to hold hmlib against.

Loops over states in pure Python, with `math.exp` and `math.log`. Nothing here imports hmlib: a
model is any object with the fields g, G, h (generative) or w, W (recognition), or with lists of
weights and biases, bottom layer first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

Pattern = tuple[int, ...]


def patterns(n: int) -> list[Pattern]:
    """All binary patterns of n units; the first unit changes slowest."""
    return list(itertools.product((0, 1), repeat=n))


def log_f(x: float) -> float:
    """Log of the logistic function 1 / (1 + e^-x)."""
    return -math.log1p(math.exp(-x)) if x >= 0 else x - math.log1p(math.exp(x))


def f(x: float) -> float:
    return math.exp(log_f(x))


def log_units(s: Sequence[float], x: Sequence[float]) -> float:
    """Log probability of independent units s with logits x, one unit after the other."""
    total = 0.0
    for on, drive in zip(s, x, strict=True):
        total += log_f(drive) if on else log_f(-drive)
    return total


def drive(weights: Any, bias: Any, s: Sequence[float]) -> list[float]:
    """weights s + bias, one output after the other."""
    return [
        float(bias[i]) + sum(float(weights[i][j]) * s[j] for j in range(len(s)))
        for i in range(len(bias))
    ]


def n_causes(gen: Any) -> int:
    return len(gen.g) if hasattr(gen, "g") else sum(len(b) for b in gen.biases[1:])


def n_inputs(gen: Any) -> int:
    return len(gen.h) if hasattr(gen, "h") else len(gen.biases[0])


def layers(v: Sequence[float], sizes: Sequence[int]) -> list[list[float]]:
    """The causes, cut into layers of these sizes."""
    left = list(v)
    return [[left.pop(0) for _ in range(size)] for size in sizes]


def log_joint(gen: Any, v: Sequence[float], u: Sequence[float]) -> float:
    """log P[v, u]"""
    if hasattr(gen, "g"):
        return log_units(v, [float(g) for g in gen.g]) + log_units(u, drive(gen.G, gen.h, v))
    units = [list(u), *layers(v, [len(b) for b in gen.biases[1:]])]
    total = log_units(units[-1], [float(b) for b in gen.biases[-1]])
    for l in range(len(gen.weights)):
        total += log_units(units[l], drive(gen.weights[l], gen.biases[l], units[l + 1]))
    return total


def log_q(rec: Any, v: Sequence[float], u: Sequence[float]) -> float:
    """log Q[v|u]"""
    if hasattr(rec, "w"):
        return log_units(v, drive(rec.W, rec.w, u))
    units, total = [list(u), *layers(v, [len(b) for b in rec.biases])], 0.0
    for l in range(len(rec.weights)):
        total += log_units(units[l + 1], drive(rec.weights[l], rec.biases[l], units[l]))
    return total


def log_sum(logs: Sequence[float]) -> float:
    """log of the sum of exp(logs)"""
    top = max(logs)
    return top + math.log(math.fsum(math.exp(x - top) for x in logs))


def log_likelihood(gen: Any, u: Sequence[float]) -> float:
    return log_sum([log_joint(gen, v, u) for v in patterns(n_causes(gen))])


def log_posterior(gen: Any, u: Sequence[float]) -> dict[Pattern, float]:
    joint = {v: log_joint(gen, v, u) for v in patterns(n_causes(gen))}
    total = log_sum(list(joint.values()))
    return {v: value - total for v, value in joint.items()}


def free_energy(gen: Any, rec: Any, u: Sequence[float]) -> float:
    """sum_v Q log(P[v, u] / Q)"""
    total = 0.0
    for v in patterns(n_causes(gen)):
        log_weight = log_q(rec, v, u)
        total += math.exp(log_weight) * (log_joint(gen, v, u) - log_weight)
    return total


def kl_q_p(gen: Any, rec: Any, u: Sequence[float]) -> float:
    """sum_v Q log(Q / P[v|u])"""
    total = 0.0
    for v, log_p in log_posterior(gen, u).items():
        log_weight = log_q(rec, v, u)
        total += math.exp(log_weight) * (log_weight - log_p)
    return total


def kl_p_q(gen: Any, rec: Any, u: Sequence[float]) -> float:
    """sum_v P[v|u] log(P[v|u] / Q)"""
    return sum(
        math.exp(log_p) * (log_p - log_q(rec, v, u)) for v, log_p in log_posterior(gen, u).items()
    )


def mean(
    value: Callable[[Sequence[float]], float],
    u: Sequence[Sequence[float]],
    weights: Sequence[float] | None = None,
) -> float:
    """Weighted mean of a value over the rows of u."""
    weights = [1.0] * len(u) if weights is None else weights
    total = sum(float(w) * value(row) for w, row in zip(weights, u, strict=True))
    return total / sum(float(w) for w in weights)


def dream_free_energy(
    gen: Any, rec: Any, u: Sequence[Sequence[float]], weights: Sequence[float] | None = None
) -> float:
    """Mean of log P[u] over data, minus the mean over dreams of KL(P[v|u] || Q)."""
    dreamt = sum(
        math.exp(log_likelihood(gen, dream)) * kl_p_q(gen, rec, dream)
        for dream in patterns(n_inputs(gen))
    )
    return mean(lambda row: log_likelihood(gen, row), u, weights) - dreamt


def table_free_energy(gen: Any, table_row: Sequence[float], u: Sequence[float]) -> float:
    """F of any distribution over the patterns; 0 log 0 = 0."""
    return sum(
        float(q) * (log_joint(gen, v, u) - math.log(q))
        for q, v in zip(table_row, patterns(n_causes(gen)), strict=True)
        if q > 0
    )


def factorised(q: Sequence[float]) -> dict[Pattern, float]:
    """Probability of every pattern of independent causes that are on with probabilities q."""
    return {
        v: math.prod(float(p) if on else 1 - float(p) for p, on in zip(q, v, strict=True))
        for v in patterns(len(q))
    }


def mean_field_drive(gen: Any, q: Sequence[float], a: int, u: Sequence[float]) -> float:
    """E over the other causes of log P[v_a = 1, ..., u] - log P[v_a = 0, ..., u]."""
    others = [float(p) for b, p in enumerate(q) if b != a]
    total = 0.0
    for rest, probability in factorised(others).items():
        on, off = (*rest[:a], 1, *rest[a:]), (*rest[:a], 0, *rest[a:])
        total += probability * (log_joint(gen, on, u) - log_joint(gen, off, u))
    return total


def central_differences(
    value: Callable[[Any], float], model: Any, names: Sequence[str], h: float = 1e-5
) -> dict[str, np.ndarray]:
    """Gradient of value(model) in the named arrays, one number moved up and down at a time."""
    fields = {name: np.array(getattr(model, name)) for name in names}

    def moved(name: str, index: tuple[int, ...], by: float) -> float:
        array = fields[name].copy()
        array[index] += by
        return value(SimpleNamespace(**(fields | {name: array})))

    def gradient(name: str) -> Iterator[float]:
        for index in np.ndindex(fields[name].shape):
            yield (moved(name, index, h) - moved(name, index, -h)) / (2 * h)

    return {name: np.array(list(gradient(name))).reshape(fields[name].shape) for name in names}
