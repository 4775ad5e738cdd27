"""Read-outs: least squares from some functions to others, in closed form or by the delta rule.

One regression is behind everything that sleep learns. From features of x to encodings of z it
gives the code r(x) ~ E[T(z)|x]; from encodings of z to any f(z) it gives the weights with which
E[f(z)|x] ~ alpha . r(x) is read off. Source: Vértes & Sahani 2018, equations 5, 7 and 11.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve

from hmlib._checks import count, data_weights, finite_array, generator, positive

Array = NDArray[np.float64]


def readout(
    features: ArrayLike, targets: ArrayLike, ridge: float = 1e-3, weights: ArrayLike | None = None
) -> Array:
    """Weights A with which `features @ A` is nearest to the targets.

    A = (E[F F^T] + rho I)^-1 E[F Y^T], the minimum of E|Y - A^T F|^2 + rho |A|^2.

    Args:
        features: F, shape (n, K).
        targets: Y, shape (n, m).
        ridge: rho, above 0.
        weights: of the rows; equal if None.

    Returns:
        A, shape (K, m).

    Raises:
        ValueError: if there are no rows, shapes do not fit, numbers are not finite or the ridge is
            not above 0.

    Warns:
        RuntimeWarning: for fewer rows than features, or features that never change beside one
            constant, with their number. The result stands all the same.
    """
    features, targets = _matching(features, targets)
    share = data_weights(weights, len(features))
    warn_of_poor_features(features)
    weighted = share[:, None] * features
    return solve(weighted.T @ features, weighted.T @ targets, ridge)


def solve(square: Array, cross: Array, ridge: float) -> Array:
    """(E[F F^T] + rho I)^-1 E[F Y^T], from the two averages, shapes (K, K) and (K, m)."""
    ridged = square + positive("ridge", ridge) * np.eye(len(square))
    return cho_solve(cho_factor(ridged, lower=True, check_finite=False), cross, check_finite=False)


def r_squared(predicted: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The part of the targets' variance that is predicted, all columns pooled.

    1 - E|Y - prediction|^2 / E|Y - E[Y]|^2: 1 if all is right, 0 for predicting the mean, below 0
    for worse. It is NaN for targets that never change.

    Raises:
        ValueError: if the shapes differ or there are no rows.
    """
    predicted, targets = _matching(predicted, targets, "predicted")
    if predicted.shape != targets.shape:
        raise ValueError(f"predicted has shape {predicted.shape}; accepted: {targets.shape}")
    share = data_weights(weights, len(targets))
    error = share @ ((targets - predicted) ** 2).sum(axis=1)
    variance = share @ ((targets - share @ targets) ** 2).sum(axis=1)
    return float(1 - error / variance) if variance > 0 else float("nan")


def delta_rule(
    features: ArrayLike,
    targets: ArrayLike,
    rng: np.random.Generator,
    rate: float = 0.5,
    sweeps: int = 1,
    start: ArrayLike | None = None,
) -> Array:
    """The same weights, learnt one row after another by their prediction error.

    A <- A + rate * F (Y - A^T F)^T / |F|^2, over the rows in random order. Dividing by |F|^2
    keeps the step at the same part of the error for every row (normalised least mean squares).

    Args:
        features: F, shape (n, K).
        targets: Y, shape (n, m).
        rng: random generator, for the order of the rows.
        rate: part of the error that a row takes away, above 0; from 2 on it runs away.
        sweeps: times through all rows.
        start: weights to start from, shape (K, m); zeros if None.

    Raises:
        ValueError: as `readout` does, or for a rate that is not above 0.

    Source: Vértes & Sahani 2018, the text after equation 7.
    """
    features, targets = _matching(features, targets)
    rate, sweeps, rng = positive("rate", rate), count("sweeps", sweeps), generator("rng", rng)
    shape = features.shape[1], targets.shape[1]
    A = np.zeros(shape) if start is None else finite_array("start", start, 2)
    if A.shape != shape:
        raise ValueError(f"start has shape {A.shape}; accepted: {shape}")
    for s in np.concatenate([rng.permutation(len(features)) for _ in range(sweeps)]):
        F = features[s]
        A += rate * np.outer(F, targets[s] - F @ A) / max(F @ F, 1e-12)
    return A


@dataclass(frozen=True, eq=False)
class Averages:
    """Running averages of the products that a regression needs, over steps of learning.

    With memory m, a step t steps ago counts as m^t: dreams of about 1 / (1 - m) steps are averaged.

    Attributes:
        memory: m, from 0 (only the latest dreams count) to below 1.
        products: the averages so far, uncorrected for their start at 0.
        mass: the sum of all weights so far, 1 - m^t.
    """

    memory: float = 0.0
    products: tuple[Array, ...] = ()
    mass: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.memory < 1:
            raise ValueError(f"memory is {self.memory!r}; accepted: a number from 0 to below 1")

    def with_latest(self, products: tuple[Array, ...]) -> Averages:
        """The averages after one more step."""
        if self.memory == 0 or not self.products:
            kept: tuple[Array, ...] = tuple((1 - self.memory) * new for new in products)
        else:
            kept = tuple(
                self.memory * old + (1 - self.memory) * new
                for old, new in zip(self.products, products, strict=True)
            )
        return Averages(self.memory, kept, self.memory * self.mass + 1 - self.memory)

    @property
    def values(self) -> tuple[Array, ...]:
        """The averages, corrected for their start at 0."""
        return tuple(product / self.mass for product in self.products)


def _matching(
    features: ArrayLike, targets: ArrayLike, name: str = "features"
) -> tuple[Array, Array]:
    features, targets = finite_array(name, features, 2), finite_array("targets", targets, 2)
    if len(features) != len(targets):
        raise ValueError(
            f"{name} has {len(features)} rows; accepted: {len(targets)}, as targets has"
        )
    if not features.size or not targets.size:
        raise ValueError(
            f"{name} has shape {features.shape}; accepted: at least one row and column"
        )
    return features, targets


def warn_of_poor_features(features: Array, name: str = "features") -> None:
    """Warn, with the count, of fewer rows than functions or of functions that never change."""
    n, K = features.shape
    if n < K:
        warnings.warn(
            f"{name}: {n} rows for {K} functions; the ridge decides what the rows leave open",
            RuntimeWarning,
            stacklevel=3,
        )
    still = int((np.ptp(features, axis=0) == 0).sum())
    if still > 1:
        warnings.warn(
            f"{name}: {still} of {K} functions never change; one constant is enough",
            RuntimeWarning,
            stacklevel=3,
        )
