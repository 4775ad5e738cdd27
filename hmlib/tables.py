"""What tables of probabilities over binary causes say: two divergences, and dependence.

A table holds one number for every cause pattern, its last axis in the order of `exact.states`, and
sums to 1 along it. All in nats.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import exact

Array = NDArray[np.float64]


def divergences(q: ArrayLike, p: ArrayLike) -> tuple[Array, Array]:
    """KL(Q || P) and KL(P || Q) of tables without zeros.

    Args:
        q, p: tables, shapes (..., 2**n_v) that broadcast.

    Returns:
        sum_v Q log(Q / P) and sum_v P log(P / Q), each of shape (...), in nats.

    Raises:
        ValueError: if a table has a number that is not above 0.
    """
    q, p = _positive("q", q), _positive("p", p)
    ratio = np.log(q) - np.log(p)
    # Rounding may leave less than nothing where the two are equal.
    exclusive: Array = np.maximum((q * ratio).sum(axis=-1), 0)
    inclusive: Array = np.maximum((-p * ratio).sum(axis=-1), 0)
    return exclusive, inclusive


def independent(p: ArrayLike) -> Array:
    """Independent causes that come closest to a table: the product of its marginals.

    Args:
        p: table of n_v causes, shape (..., 2**n_v).

    Returns:
        prod_a P[v_a], shape (..., 2**n_v). Of all factorised Q it has the least KL(P || Q).
    """
    p = np.asarray(p, dtype=np.float64)
    v = exact.states(p.shape[-1].bit_length() - 1)
    on = (p @ v)[..., None, :]
    product: Array = np.where(v == 1, on, 1 - on).prod(axis=-1)
    return product


def mutual_information(p: ArrayLike) -> Array:
    """How much two causes say about each other: sum_v P log(P / product of the marginals).

    Of more than two causes it is their total correlation (Watanabe 1960).

    Args:
        p: table without zeros, shape (..., 2**n_v).

    Returns:
        One number for each table, shape (...), in nats; 0 if the causes are independent.

    Raises:
        ValueError: if the table has a number that is not above 0.
    """
    p = _positive("p", p)
    information: Array = (p * np.log(p / independent(p))).sum(axis=-1)
    return information


def _positive(name: str, table: ArrayLike) -> Array:
    table = np.asarray(table, dtype=np.float64)
    if not (table > 0).all():
        raise ValueError(f"{name} has minimum {table.min():g}; accepted: probabilities above 0")
    return table
