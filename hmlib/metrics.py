"""How far two samples are apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist, pdist

from hmlib._checks import finite_array, positive

__all__ = ["median_bandwidth", "mmd2"]

Array = NDArray[np.float64]


def median_bandwidth(x: ArrayLike) -> float:
    """Half the median distance between two different points of x, shape (n, d).

    Raises:
        ValueError: if x has fewer than two points, or more than half of all pairs coincide.
    """
    half = float(np.median(pdist(_sample("x", x)))) / 2
    if half == 0:
        raise ValueError("x has median distance 0; accepted: points that differ, or a bandwidth")
    return half


def mmd2(x: ArrayLike, y: ArrayLike, bandwidth: float | None = None) -> float:
    """Unbiased estimate of the squared maximum mean discrepancy between two samples.

    The kernel is k(a, b) = exp(-|a - b|^2 / (2 s^2)). The estimate is
    mean k(x, x') + mean k(y, y') - 2 mean k(x, y), without pairs of a point with itself: it is 0
    on average if both samples are from one distribution, so it may come out negative.

    Args:
        x: the data, shape (n, d).
        y: the other sample, shape (m, d).
        bandwidth: s; half the median distance within x if None.

    Raises:
        ValueError: if a sample has fewer than two points or values that are not finite, if the
            widths differ, or if the bandwidth is not above 0.

    Source: Gretton et al. 2012, A kernel two-sample test, equation 3.
    """
    x, y = _sample("x", x), _sample("y", y)
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"y has width {y.shape[1]}; accepted: {x.shape[1]}, the width of x")
    s = median_bandwidth(x) if bandwidth is None else positive("bandwidth", bandwidth)

    def kernel(squared_distance: Array) -> Array:
        return np.exp(-squared_distance / (2 * s**2))

    within_x = kernel(pdist(x, "sqeuclidean")).mean()
    within_y = kernel(pdist(y, "sqeuclidean")).mean()
    return float(within_x + within_y - 2 * kernel(cdist(x, y, "sqeuclidean")).mean())


def _sample(name: str, value: ArrayLike) -> Array:
    sample = finite_array(name, value, 2)
    if len(sample) < 2 or sample.shape[1] < 1:
        raise ValueError(f"{name} has shape {sample.shape}; accepted: (n, d) with n >= 2, d >= 1")
    return sample
