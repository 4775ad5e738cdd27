"""The labs of "Climb it: E-phase and M-phase"."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from scipy.special import entr, logsumexp

from hmlib import datasets, exact, learning
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.course import kept_runs
from hmlib.course.lawn import wet_lawn
from hmlib.course.nb03.pictures import OneWeight, Staircase, Stuck
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, Slider, Steps
from hmlib.learning import Step

Array = np.ndarray

KINDS = {"exact": "exact", "mean field": "mean_field", "recognition weights": "recognition"}
"""What Q may be, as a student and as `learning.em` name it."""

N_CAUSES = 5
SCALE = 0.5
"""The machine of the staircase: its number of causes, and how large its first weights are."""

MOST = Staircase.most
STRENGTH = 5.0
DRY_BIAS = -3.0
"""The wet lawn of the one-weight lab, and both biases of its recognition model."""

SLICES = ("rain alone", "rain up, sprinkler down")
"""Lines through the recognition weights: one weight moves, or two in opposite ways."""

_LAWN, _HALVES = np.array([[0.0], [1.0]]), np.array([0.5, 0.5])
_SEED = Slider("seed", "seed of the first weights", 0, 49, 1, 1)
_G_PATH = np.linspace(4, 20, 65)
_W_PATH = np.linspace(-7, 13, 81)


def beginning(seed: int, n_v: int = N_CAUSES) -> tuple[Generative, Recognition]:
    """Two small random models of 3 x 3 pixels; the same seed gives the same models."""
    rng = np.random.default_rng(seed)
    return Generative.random(rng, 9, n_v, SCALE), Recognition.random(rng, 9, n_v, SCALE)


@lru_cache(maxsize=4096)
def climb(word: str, kind: str, seed: int) -> Step:
    """Where a word of phases such as "EMEM" leads; one letter more costs one phase more."""
    world = datasets.stripes()
    if not word:
        return learning.first_step(*beginning(seed), world.u, KINDS[kind])
    phase = {"E": learning.e_phase, "M": learning.m_phase}[word[-1]]
    return phase(climb(word[:-1], kind, seed), world.u, world.weights)


@lru_cache(maxsize=4096)
def _heights(word: str, kind: str, seed: int) -> tuple[float, float]:
    """L and F after a word of phases, averaged over the world of stripes."""
    world, step = datasets.stripes(), climb(word, kind, seed)
    log_l = exact.log_likelihood(step.gen, world.u)
    return float(world.weights @ log_l), float(world.weights @ step.free_energy(world.u))


def drawn(gen: Generative) -> Array:
    """What each cause draws when it alone is on: pixel probabilities, shape (n_v, 3, 3)."""
    return sigmoid(gen.drive(np.eye(gen.n_v))).reshape(-1, 3, 3)


def staircase_values(word: str, kind: str, seed: int) -> Record:
    """Numbers of the staircase lab: L and F after every phase, in nats, and what the causes draw.

    Args:
        word: the phases so far, such as "EMEM".
        kind: what Q may be, one of `KINDS`.
        seed: of the first weights.
    """
    heights = [_heights(word[:k], kind, seed) for k in range(len(word) + 1)]
    log_l, f = np.array(heights).T
    return {
        "word": word,
        "kind": kind,
        "log_likelihood": log_l,
        "free_energy": f,
        "gap": float(log_l[-1] - f[-1]),
        "best": -datasets.stripes().entropy,
        "drawn": drawn(climb(word, kind, seed).gen),
    }


def lawn_models(G_rain: float, W_rain: float, line: str) -> tuple[Generative, Recognition]:
    """A strong wet lawn and a guess about it, each with one weight to move.

    Args:
        G_rain: weight from rain to the lawn.
        W_rain: weight from the lawn to rain.
        line: one of `SLICES`. In the first the weight to the sprinkler stays at 0, in the second
            it is -6 - W_rain less the biases, so that both guesses about a wet lawn are opposite.
    """
    gen = wet_lawn(STRENGTH)
    W_sprinkler = 0.0 if line == SLICES[0] else -2 * DRY_BIAS - W_rain
    return (
        Generative(gen.g, [[G_rain, gen.G[0, 1]]], gen.h),
        Recognition([DRY_BIAS, DRY_BIAS], [[W_rain], [W_sprinkler]]),
    )


@cache
def _log_joint_along_G() -> Array:
    """log P[v, u] for every G on the path, shape (65, 2, 4); the guess does not come in."""
    gens = (lawn_models(G, 0.0, SLICES[0])[0] for G in _G_PATH)
    return np.array([exact.log_joint(gen, _LAWN) for gen in gens])


@cache
def _q_along_W(line: str) -> Array:
    """Q[v|u] for every W on the path, shape (81, 2, 4); the machine does not come in."""
    recs = (lawn_models(0.0, W, line)[1] for W in _W_PATH)
    return np.array([exact.recognition_table(rec, _LAWN) for rec in recs])


def _mean_free_energy(q: Array, log_p: Array) -> Array:
    """F = E_u sum_v Q (log P - log Q) of tables (..., 2, 4), one row a day."""
    return (q * log_p + entr(q)).sum(axis=-1) @ _HALVES


def one_weight_values(G_rain: float, W_rain: float, line: str) -> Record:
    """Numbers of the one-weight lab: F along a generative and along a recognition weight.

    Averages over a lawn that is dry on half of the days. The slopes are in nats a unit of weight.

    Args:
        G_rain, W_rain, line: see `lawn_models`.
    """
    gen, rec = lawn_models(G_rain, W_rain, line)
    q, log_p = exact.recognition_table(rec, _LAWN), exact.log_joint(gen, _LAWN)
    d_gen, d_rec = exact.grad_free_energy(gen, rec, _LAWN, _HALVES)
    d_rain, d_sprinkler = d_rec.W[:, 0]
    along_G = _log_joint_along_G()
    return {
        "G_rain": G_rain,
        "W_rain": W_rain,
        "path_G": _G_PATH,
        "path_G_free_energy": _mean_free_energy(q, along_G),
        "path_G_log_likelihood": logsumexp(along_G, axis=-1) @ _HALVES,
        "path_W": _W_PATH,
        "path_W_free_energy": _mean_free_energy(_q_along_W(line), log_p),
        "log_likelihood": float(_HALVES @ exact.log_likelihood(gen, _LAWN)),
        "free_energy": float(_mean_free_energy(q, log_p)),
        "slope_G": float(d_gen.G[0, 0]),
        "slope_W": float(d_rain if line == SLICES[0] else d_rain - d_sprinkler),
    }


def stuck_values(seed: int, causes: str) -> Record:
    """Numbers of the getting-stuck lab: one run of EM among fifty, and the machine at its end.

    Args:
        seed: of the first weights.
        causes: number of causes, "4", "5" or "6".
    """
    runs = kept_runs.climbs(int(causes))
    ends, last = runs.log_likelihood[:, -1], runs.gen[seed]
    return {
        "seed": seed,
        "causes": int(causes),
        "curves": runs.log_likelihood,
        "ends": ends,
        "log_likelihood": float(ends[seed]),
        "rank": int((ends > ends[seed]).sum()) + 1,
        "best": -datasets.stripes().entropy,
        "drawn": drawn(last),
        "on": sigmoid(last.g),
    }


def staircase() -> Lab:
    """EM by hand: F and L after every phase, for three kinds of Q."""
    return Lab(
        [
            Steps("word", "phases", {"E": "E-phase", "M": "M-phase"}, MOST),
            Choice("kind", "Q may be", tuple(KINDS), "exact"),
            _SEED,
        ],
        staircase_values,
        Staircase,
        Question(
            "Q may be anything (exact). You press E twice, one after the other. What does the "
            "second E-phase do?",
            ("F rises again, by less", "Nothing at all", "L rises, F stays"),
            "Nothing at all",
            "The first E-phase put Q on the posterior, where F touches L. There is nothing left to "
            "climb in Q until an M-phase has moved the machine, and the ceiling with it.",
        ),
        title="The staircase",
        legend="Solid: F, with a mark for each phase. Dashed: L. Dotted: the gap now. Line at the "
        "top: minus the entropy of the data, which no machine can pass. Right: what each cause "
        "draws when it alone is on; the stronger the colour, the more probable the pixel.",
    )


def one_weight() -> Lab:
    """F along one generative weight beside F along a line through the recognition weights."""
    only_right = "Only on the right, where a recognition weight moves"
    return Lab(
        [
            Slider("G_rain", "G, weight from rain to lawn", 4.0, 20.0, 0.25, 7.0),
            Slider("W_rain", "W, weight from lawn to rain", -7.0, 13.0, 0.25, 4.0),
            Choice("line", "weights that move on the right", SLICES, SLICES[0]),
        ],
        one_weight_values,
        OneWeight,
        Question(
            "Both pictures show F. On the left a generative weight moves and Q is fixed. On the "
            "right a recognition weight moves and the machine is fixed. Where can a climber who "
            "feels only the slope come to rest below the top?",
            (
                "Only on the left, where a generative weight moves",
                only_right,
                "On neither side: F has one top",
                "On both sides",
            ),
            only_right,
            "For every fixed Q, F is concave in the generative weights: a curve that never lies "
            "above its tangent. In the recognition weights it has plains, where the slope is "
            "almost 0 far from the top, and on the line 'rain up, sprinkler down' two tops.",
        ),
        title="One weight at a time",
        legend="Solid: F. Dashed: L. The point is where the sliders stand, the dash-dotted line "
        "its tangent. Half of the days the lawn is wet.",
    )


def stuck() -> Lab:
    """Where EM ends, from fifty beginnings."""
    different = "No: they end at different heights, and stay there"
    return Lab(
        [_SEED, Choice("causes", "number of causes", ("4", "5", "6"), "5")],
        stuck_values,
        Stuck,
        Question(
            "Fifty machines learn the stripes by EM with an exact Q. They differ only in their "
            "first, small weights. Do they all end at the same L?",
            ("Yes: F can only rise, so all reach the top", different, "Yes, after enough phases"),
            different,
            "Every phase climbs, but each run climbs the hill on which it began. Small changes "
            "would first make things worse, and steps that only go up never make them.",
        ),
        title="Getting stuck",
        legend="Left: what each cause draws when it alone is on, and how often it is on. Middle: "
        "L after each phase, this seed solid, the others faint. Right: the last L of all fifty "
        "seeds in order. Dashed: minus the entropy of the data.",
    )
