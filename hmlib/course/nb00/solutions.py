"""Answers to the questions of notebook 00, "Start here"."""

from __future__ import annotations

import numpy as np

F1 = 1 / (1 + np.exp(1.0))
"""f(-1), the probability of either cause at strength 1."""


def logistic(x):
    """f(x) = 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


# neither, one of two, both: P[v] times f(-2), f(0), f(2)
P_WET = (1 - F1) ** 2 * logistic(-2.0) + 2 * F1 * (1 - F1) * 0.5 + F1**2 * logistic(2.0)

ANSWERS = {"00.1": "B", "00.2": logistic, "00.3": "C", "00.4": float(P_WET)}
