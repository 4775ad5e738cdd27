"""The sleep phase: what is learnt from dreams.

Goal 1, recognition: r_1 = R_1 phi(x) and r_l = R_l r_(l-1), each R the least-squares map onto
the encodings of the dreamt latents. Its minimum is E[T_l(z_l)|x]. Goal 2, read-outs: weights from
encodings of the dreamt latents to any function of them.
Source: Vértes & Sahani 2018, equations 6 to 8 and 11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import data_weights, finite_array, positive, unmasked
from hmlib.ddc.chain import Chain, Values
from hmlib.ddc.encodings import FUNCTIONS, Features
from hmlib.ddc.readouts import Averages, solve, warn_of_poor_features

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Recogniser:
    """The recognition chain: from an observation to the codes of all latents (equation 8).

    Attributes:
        features: phi, functions of x.
        maps: R_1 (K_1, M), R_2 (K_2, K_1), ...
    """

    features: Features
    maps: tuple[Array, ...]

    def codes(self, x: ArrayLike) -> tuple[Array, ...]:
        """r_1(x), ..., r_D(x), shapes (n, K_l).

        Raises:
            ValueError: if x is no table (n, n_x) of finite numbers.
        """
        return self.climb(self.features(finite_array("x", x, 2)))

    def climb(self, phi: Array) -> tuple[Array, ...]:
        """The codes from features of x that are known already, shape (..., M)."""
        codes, r = [], phi
        for R in self.maps:
            r = r @ R.T
            codes.append(r)
        return tuple(codes)


class Night:
    """One sleep phase: the dreams, and what can be learnt from them.

    Nothing is worked out before it is asked for: `score` on a single layer of latents never
    encodes them.

    Attributes:
        dreams: x, z_1, ..., z_D.
        share: weight of each dream, shape (M,), summing to 1.
        phi: features of the dreamt x, shape (M, features).
        ridges: rho of the regression on features of x, and rho of those on encodings.
    """

    def __init__(
        self,
        dreams: Values,
        features: Features,
        encodings: tuple[Features, ...],
        ridges: tuple[float, float],
        share: Array,
        before: Averages,
    ) -> None:
        self.dreams, self.share, self.ridges = dreams, share, ridges
        self.phi = features(dreams[0])
        self._features, self._encodings, self._before = features, encodings, before
        self._latest: dict[str, Array] = {}

    @cached_property
    def encoded(self) -> tuple[Array, ...]:
        """T_1(z_1), ..., T_D(z_D) of the dreams, shapes (M, K_l)."""
        return tuple(T(z) for T, z in zip(self._encodings, self.dreams[1:], strict=True))

    @cached_property
    def recogniser(self) -> Recogniser:
        """Goal 1: r_1 = R_1 phi(x), r_l = R_l r_(l-1), by least squares (equations 7 and 8)."""
        maps = []
        for l in range(len(self._encodings)):
            cross = self._average(f"F{l} F{l + 1}", l, l + 1)
            maps.append(solve(self.square(l), cross, self.functions(l)[1]).T)
        return Recogniser(self._features, tuple(maps))

    def check(self) -> None:
        """Raise ValueError unless features and encodings give finite numbers, a row a dream."""
        m, named = len(self.share), {"features": self.phi}
        named |= {f"encodings[{l}]": T for l, T in enumerate(self.encoded)}
        for name, values in named.items():
            shape = np.shape(values)
            if len(shape) != 2 or shape[0] != m or not shape[1]:
                raise ValueError(
                    f"{name} gives shape {shape} for {m} dreams; accepted: ({m}, K), K >= 1"
                )
            if not np.isfinite(values).all():
                raise ValueError(f"{name} gives numbers without end; accepted: finite numbers")

    def readout(self, l: int, targets: Array) -> Array:
        """Goal 2: alpha with which E[targets] ~ r_l alpha (equation 11), shape (K_l, m).

        The targets belong to the dreams, a row each, and are regressed on T_l(z_l); on features
        of x for l = 0.
        """
        T, rho = self.functions(l)
        return solve(self.square(l), (self.share[:, None] * T).T @ targets, rho)

    def particles(self, l: int, r: Array) -> Array:
        """Signed weights on the dreams with which a code is read out.

        w_s = share_s T_l(z_s)^T (E[T T^T] + rho I)^-1 r, so that sum_s w_s f(z_s) = r alpha for
        the read-out alpha of any f.

        Args:
            l: layer of the code; 0 for features of x, in place of a code.
            r: code, shape (K_l, m): m of them side by side.

        Returns:
            w, shape (M, m).
        """
        T, rho = self.functions(l)
        return self.share[:, None] * (T @ solve(self.square(l), r, rho))

    def functions(self, l: int) -> tuple[Array, float]:
        """T_l(z_l) of the dreams and their rho; features of x and theirs for l = 0."""
        return (self.encoded[l - 1], self.ridges[1]) if l else (self.phi, self.ridges[0])

    def square(self, l: int) -> Array:
        """E[T_l T_l^T], shape (K_l, K_l), or E[phi phi^T] for l = 0."""
        return self._average(f"F{l} F{l}", l, l)

    @property
    def averages(self) -> Averages:
        """Running averages of the products that were asked for, this night's among them."""
        return self._before.with_latest(self._latest)

    def _average(self, name: str, a: int, b: int) -> Array:
        if name not in self._latest:
            weighted = self.share[:, None] * self.functions(a)[0]
            self._latest[name] = weighted.T @ self.functions(b)[0]
        return self._before.with_latest({name: self._latest[name]})[name]


def sleep(
    dreams: Values,
    features: Features,
    encodings: Sequence[Features],
    ridge: float | tuple[float, float] = 1e-3,
    weights: ArrayLike | None = None,
    averages: Averages | None = None,
) -> Night:
    """Learn recognition from dreams, and what the read-outs need.

    Args:
        dreams: (x, z_1, ..., z_D), shapes (M, n_l).
        features: phi, of x.
        encodings: T_1, ..., T_D.
        ridge: rho, above 0; two numbers if features and encodings have their own.
        weights: of the dreams, shape (M,); equal if None.
        averages: running averages of the products of earlier nights.

    Raises:
        ValueError: for no dreams, no features, no encodings or not one for each layer of latents,
            or a ridge that is not above 0; for layers of dreams that differ in rows.

    Source: Vértes & Sahani 2018, equations 6 to 8 and 11.
    """
    if not isinstance(encodings, Sequence):
        raise ValueError(
            f"encodings is {encodings!r}; accepted: a list, one for each layer of latents"
        )
    named = {"features": features} | {f"encodings[{l}]": T for l, T in enumerate(encodings)}
    for name, functions in named.items():
        if not callable(functions):
            raise ValueError(f"{name} is {functions!r}; accepted: {FUNCTIONS}")
    if not hasattr(dreams, "__len__"):
        raise ValueError(f"dreams is {dreams!r}; accepted: (x, z_1, ..., z_D), an array a layer")
    depth = len(encodings)
    if not depth or len(dreams) != depth + 1:
        raise ValueError(
            f"encodings has {depth} item(s) beside {len(dreams)} dreamt layer(s); accepted: one "
            "for each layer of latents, at least one"
        )
    ridges = two_ridges(ridge)
    for l, values in enumerate(dreams):
        unmasked(f"dreams[{l}]", values)
    if not len(dreams[0]):
        raise ValueError("dreams has no rows; accepted: at least one dream")
    if len({len(values) for values in dreams}) > 1:
        raise ValueError(
            f"dreams has layers of {[len(values) for values in dreams]} rows; accepted: as many "
            "rows in each"
        )
    share = data_weights(weights, len(dreams[0]))
    return Night(tuple(dreams), features, tuple(encodings), ridges, share, averages or Averages())


def night_of(
    model: Chain,
    rng: np.random.Generator,
    n: int,
    features: Features,
    encodings: Sequence[Features],
    ridge: float | tuple[float, float] = 1e-3,
    averages: Averages | None = None,
    asleep: Callable[..., Night] = sleep,
) -> Night:
    """The sleep half of a step: the model dreams n times, and the dreams are learnt from.

    Args:
        model: the chain that dreams.
        rng: random generator.
        n: number of dreams, M.
        features, encodings, ridge, averages: as in `sleep`.
        asleep: what learns from the dreams: `sleep`, or a function that takes its place, and takes
            averages if there are any.

    Raises:
        ValueError: as `sleep` does.
    """
    dreams = model.sample(rng, n)
    earlier = {} if averages is None else {"averages": averages}
    return asleep(dreams, features, encodings, ridge, **earlier)


def two_ridges(ridge: float | tuple[float, float]) -> tuple[float, float]:
    """rho of the regression on features of x, and of those on encodings."""
    both = tuple(ridge) if isinstance(ridge, Iterable) else (ridge, ridge)
    if len(both) != 2:
        raise ValueError(f"ridge has {len(both)} numbers; accepted: one or two")
    return positive("ridge", both[0]), positive("ridge", both[1])


def recognise(
    dreams: Values,
    features: Features,
    encodings: Sequence[Features],
    ridge: float | tuple[float, float] = 1e-3,
    weights: ArrayLike | None = None,
) -> Recogniser:
    """The recognition chain learnt from dreams: goal 1 alone (equations 6 to 8).

    Args:
        dreams: (x, z_1, ..., z_D), shapes (M, n_l).
        features: phi, of x, such as `Encoding.random(rng, x, 200, kind="relu")`.
        encodings: T_1, ..., T_D.
        ridge, weights: as in `sleep`.

    Raises:
        ValueError: as `sleep` does, and for functions that give no finite numbers.

    Warns:
        RuntimeWarning: for fewer dreams than functions, or functions that never change.
    """
    night = sleep(dreams, features, encodings, ridge, weights)
    night.check()
    warn_of_poor_features(night.phi, "features")
    for l, T in enumerate(night.encoded, start=1):
        warn_of_poor_features(T, f"encodings of z_{l}")
    return night.recogniser
