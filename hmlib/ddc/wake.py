"""The wake phase: how the generative model moves, given what sleep has learnt.

Three ways to use the dreams. All need from the data only averages of features of x, since every
code is linear in them; with the averages over the dreams subtracted, the same three lines give
wake minus sleep, whose expectation is 0 where the dreams are like the data.

- `split` (equations 10 and 11): S and J apart, each with a read-out.
- `code`: the gradient at the real x is averaged over the dreamt z_1 with the signed weights that
  the code r_1(x) gives them.
- `score`: the bottom layer's scores are regressed on features of x, without any code.

Above the bottom layer `code` and `score` are one: scores are read off the code of the layer below.
A chain of one layer of latents therefore uses no code at all in `score`, and is no DDC.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import choice, data_weights
from hmlib.ddc.chain import Chain
from hmlib.ddc.encodings import FUNCTIONS, Features
from hmlib.ddc.families import Family
from hmlib.ddc.sleep import Night

Array = NDArray[np.float64]

MODES = ("split", "code", "score")

_BLOCK = 4096
"""Observations whose features are worked out at a time."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What is seen of a set of observations: averages, which add and subtract.

    Attributes:
        mass: 1 for a set of observations, 0 for the difference of two.
        phi: E[phi(x)], shape (M,).
        moments: E[phi(x) S_0(x)], shape (M, n_x, s).
    """

    mass: float
    phi: Array
    moments: Array

    def __sub__(self, other: Seen) -> Seen:
        return Seen(self.mass - other.mass, self.phi - other.phi, self.moments - other.moments)


def seen(
    x: ArrayLike, features: Features, family: Family, weights: ArrayLike | None = None
) -> Seen:
    """The averages over observations x, shape (n, n_x), that any wake phase needs.

    Args:
        x: observations.
        features: phi.
        family: p(x|z_1), which has the sufficient statistics.
        weights: of the observations, shape (n,); equal if None.

    Raises:
        ValueError: for no observations, NaN, or values that the family cannot have.
    """
    x = family.observed(x)
    if not callable(features):
        raise ValueError(f"features is {features!r}; accepted: {FUNCTIONS}")
    share, blocks = data_weights(weights, len(x)), []
    for start in range(0, len(x), _BLOCK):
        block = slice(start, start + _BLOCK)
        blocks.append(averages_of(features(x[block]), family.suff_stats(x[block]), share[block]))
    phi, moments = (sum(parts[1:], parts[0]) for parts in zip(*blocks, strict=True))
    return Seen(1.0, phi, moments)


def seen_in_dreams(night: Night, family: Family) -> Seen:
    """The same averages over the dreams of a night.

    Args:
        night: a sleep phase.
        family: p(x|z_1) of the chain that dreamt.
    """
    return Seen(1.0, *averages_of(night.phi, family.suff_stats(night.dreams[0]), night.share))


def wake(model: Chain, night: Night, what: Seen, mode: str) -> Array:
    """The direction of steepest ascent of the log likelihood, as far as the dreams can tell it.

    Args:
        model: the chain that dreamt.
        night: its sleep phase.
        what: averages over the data, from `seen`, or those minus `seen_in_dreams`.
        mode: "split", "code" or "score".

    Returns:
        One vector, shape (parameters,), in the order of `model.ravel()`; in nats for each unit of
        a parameter.

    Raises:
        ValueError: for another mode, or `split` of a family without a Jacobian.

    Source: Vértes & Sahani 2018, equations 9 to 11; for `score` at the bottom layer, Wenliang,
        Moskovitz, Kanagawa & Sahani 2020, on amortised learning.
    """
    rules = {"split": split, "code": code, "score": score}
    return rules[choice("wake", mode, MODES)](model, night, what)


def direction(
    model: Chain,
    night: Night,
    data: Seen,
    mode: str,
    minus_dreams: bool = True,
    awake: Chain | None = None,
) -> Array:
    """The wake half of a step: what `wake` says of the data, or of data minus dreams.

    Args:
        model: the chain that dreamt.
        night: its sleep phase.
        data: averages over the data, from `seen`.
        mode: "split", "code" or "score".
        minus_dreams: whether the averages over the dreams are subtracted.
        awake: the chain as the wake phase takes it to be; the one that dreamt if None.

    Returns:
        One vector, as `wake` gives it.

    Raises:
        ValueError: as `wake` does.
    """
    what = data - seen_in_dreams(night, model.layers[0]) if minus_dreams else data
    return wake(model if awake is None else awake, night, what, mode)


def split(model: Chain, night: Night, what: Seen) -> Array:
    """Equations 10 and 11: S_0^T [alpha_0 r_1] - beta_1 r_1, ..., alpha_D r_D - grad Phi_D."""
    codes, latents = night.recogniser.climb(what.phi), night.dreams[1:]
    bottom, *uppers, top = model.layers
    J = bottom.jacobian(latents[0])
    alpha = night.readout(1, J.reshape(len(J), -1)).reshape(-1, *J.shape[1:])
    moments = night.recogniser.climb(what.moments.reshape(len(what.phi), -1).T)[0].T
    moments = moments.reshape(len(alpha), *what.moments.shape[1:])
    tables = [np.einsum("Kis,Kisk->ik", moments, alpha)]
    tables[0] -= _read(night, 1, codes, _contracted(bottom.mean(latents[0]), J))
    for l, (family, y, z) in enumerate(zip(uppers, latents, latents[1:], strict=False), start=1):
        J = family.jacobian(z)
        # A function of the pair (z_l, z_(l+1)), regressed on the lower variable alone.
        grown = _read(night, l, codes, _contracted(family.suff_stats(y), J))
        tables.append(grown - _read(night, l + 1, codes, _contracted(family.mean(z), J)))
    J = top.jacobian(latents[-1])
    grown = _read(night, model.depth, codes, _contracted(top.suff_stats(latents[-1]), J))
    tables.append(grown - what.mass * _contracted(top.mean(latents[-1]), J)[0])
    return np.concatenate(
        [family.packed(table) for family, table in zip(model.layers, tables, strict=True)]
    )


def code(model: Chain, night: Night, what: Seen) -> Array:
    """E[grad log p(x|z_1)] under the code of the real x, then scores read off the codes."""
    # A column each: E[r_1] and E[r_1 S_0(x)], all that grad log p(x|z_1) needs to know of x.
    phi = np.column_stack([what.phi, what.moments.reshape(len(what.phi), -1)])
    weights = night.particles(1, night.recogniser.climb(phi.T)[0].T)
    w, t = weights[:, 0], weights[:, 1:].reshape(-1, *what.moments.shape[1:])
    return np.concatenate(
        [model.layers[0].pull(night.dreams[1], t, w), *_above(model, night, what)]
    )


def score(model: Chain, night: Night, what: Seen) -> Array:
    """E[grad log p(x|z_1) | x] regressed on features of x, then scores read off the codes."""
    x, z = night.dreams[:2]
    c = night.particles(0, what.phi[:, None])[:, 0]
    return np.concatenate([model.layers[0].weighted_score(x, z, c), *_above(model, night, what)])


def _above(model: Chain, night: Night, what: Seen) -> list[Array]:
    """Scores of every layer above the bottom one, each read off the code of its own variable."""
    if not any(layer.ravel().size for layer in model.layers[1:]):
        return []
    gradients = []
    for l, r in enumerate(night.recogniser.climb(what.phi), start=1):
        y, z = night.dreams[l], night.dreams[min(l + 1, model.depth)]
        c = night.particles(l, r[:, None])[:, 0]
        gradients.append(model.layers[l].weighted_score(y, z, c))
    return gradients


def averages_of(phi: Array, S: Array, share: Array) -> tuple[Array, Array]:
    """E[phi] and E[phi S] of rows with these weights, shapes (M,) and (M, n_x, s)."""
    moments = (share[:, None] * phi).T @ S.reshape(len(S), -1)
    return share @ phi, moments.reshape(phi.shape[1], *S.shape[1:])


def _contracted(S: Array, J: Array) -> Array:
    """S^T J of each row: over the statistics, never over the parameters; shape (n, n_y, k)."""
    contracted: Array = np.einsum("nis,nisk->nik", S, J)
    return contracted


def _read(night: Night, l: int, codes: tuple[Array, ...], targets: Array) -> Array:
    """Expectation of functions of the dreamt latents under the code of layer l, a table."""
    flat = targets.reshape(len(targets), -1)
    return (codes[l - 1] @ night.readout(l, flat)).reshape(targets.shape[1:])
