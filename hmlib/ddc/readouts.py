"""Read-outs: least squares from some functions to others, in closed form or by the delta rule.

One regression is behind everything that sleep learns. From features of x to encodings of z it
gives the code r(x) ~ E[T(z)|x]; from encodings of z to any f(z) it gives the weights with which
E[f(z)|x] ~ alpha . r(x) is read off. Source: Vértes & Sahani 2018, equations 5, 7 and 11.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, eigh

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
        weights: of the rows, shape (n,); equal if None.

    Returns:
        A, shape (K, m).

    Raises:
        ValueError: if there are no rows, shapes do not fit, numbers are not finite or the ridge is
            not above 0.

    Warns:
        RuntimeWarning: for fewer rows than features, or features that never change beside one
            constant, with their number. The result stands all the same.

    Source: Vértes & Sahani 2018, equations 5 and 7.
    """
    features, targets = _matching(features, targets)
    share = data_weights(weights, len(features))
    warn_of_poor_features(features)
    weighted = share[:, None] * features
    return solve(weighted.T @ features, weighted.T @ targets, ridge)


def solve(square: Array, cross: Array, ridge: float) -> Array:
    """(E[F F^T] + rho I)^-1 E[F Y^T], from the two averages, shapes (K, K) and (K, m).

    Raises:
        LinAlgError: if E[F F^T] is not finite.
    """
    ridge = positive("ridge", ridge)
    if not np.isfinite(square).all():
        raise LinAlgError("the averaged products of the functions are not finite")
    try:
        factor = cho_factor(square + ridge * np.eye(len(square)), lower=True, check_finite=False)
        solved: Array = cho_solve(factor, cross, check_finite=False)
    except LinAlgError:
        # A ridge below the rounding of the products: the rounding takes its place.
        values, vectors = eigh(square, check_finite=False)
        rounding = len(square) * np.finfo(np.float64).eps * values[-1]
        solved = (vectors / np.maximum(values + ridge, rounding)) @ (vectors.T @ cross)
    return solved


def r_squared(predicted: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The part of the targets' variance that is predicted, all columns pooled.

    1 - E|Y - prediction|^2 / E|Y - E[Y]|^2: 1 if all is right, 0 for predicting the mean, below 0
    for worse. It is NaN for targets that never change.

    Args:
        predicted, targets: shapes (n, m), in the same units.
        weights: of the rows, shape (n,); equal if None.

    Raises:
        ValueError: if the shapes differ, there are no rows or numbers are not finite.
    """
    predicted, targets = _matching(predicted, targets, "predicted")
    if predicted.shape != targets.shape:
        raise ValueError(f"predicted has shape {predicted.shape}; accepted: {targets.shape}")
    share = data_weights(weights, len(targets))
    error = share @ ((targets - predicted) ** 2).sum(axis=1)
    variance = share @ ((targets - share @ targets) ** 2).sum(axis=1)
    still = not np.ptp(targets[share > 0], axis=0).any()
    return float("nan") if still else float(1 - error / variance)


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
    """Running averages of the products that regressions need, over nights of dreams.

    With memory m, a night t nights ago counts as m^t: dreams of about 1 / (1 - m) nights count.

    Attributes:
        memory: m, from 0 (only the latest dreams count) to below 1.
        sums: of each product, by its name, sum_t m^t P_t.
        masses: of each product, sum_t m^t.
    """

    memory: float = 0.0
    sums: Mapping[str, Array] = field(default_factory=dict)
    masses: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.memory, Real) or not 0 <= self.memory < 1:
            raise ValueError(f"memory is {self.memory!r}; accepted: a number from 0 to below 1")

    def with_latest(self, products: Mapping[str, Array]) -> Averages:
        """The averages after one more night; a product that is not among them is forgotten."""
        m = self.memory
        old = {name: m * self.sums[name] for name in products if m and name in self.sums}
        return Averages(
            m,
            {name: old[name] + P if name in old else P for name, P in products.items()},
            {name: m * self.masses.get(name, 0.0) + 1 for name in products},
        )

    def __getitem__(self, name: str) -> Array:
        """The average of the product of this name."""
        return self.sums[name] / self.masses[name]


def _matching(
    features: ArrayLike, targets: ArrayLike, name: str = "features"
) -> tuple[Array, Array]:
    features, targets = finite_array(name, features, 2), finite_array("targets", targets, 2)
    if len(features) != len(targets):
        raise ValueError(
            f"{name} has {len(features)} rows; accepted: {len(targets)}, as targets has"
        )
    for guilty, array in ((name, features), ("targets", targets)):
        if not array.size:
            raise ValueError(
                f"{guilty} has shape {array.shape}; accepted: at least one row and column"
            )
    return features, targets


def warn_of_poor_features(
    features: Array, name: str = "features", n: int | None = None, stacklevel: int = 3
) -> None:
    """Warn, with the count, of fewer rows than functions or of functions that never change.

    Args:
        features: values of the functions, shape (m, K).
        name: what they are called.
        n: rows that a regression will have; m if None.
        stacklevel: whose line the warning names: 3 is the caller of the caller.
    """
    K = features.shape[1]
    n = len(features) if n is None else n
    if n < K:
        warnings.warn(
            f"{name}: {n} rows for {K} functions; the ridge decides what the rows leave open",
            RuntimeWarning,
            stacklevel=stacklevel,
        )
    still = int((np.ptp(features, axis=0) == 0).sum())
    if still > 1:
        warnings.warn(
            f"{name}: {still} of {K} functions never change; one constant is enough",
            RuntimeWarning,
            stacklevel=stacklevel,
        )
