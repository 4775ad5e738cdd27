"""The labs of "Watch the free energy"."""

from __future__ import annotations

import numpy as np

from hmlib import exact
from hmlib.examples import WET, wet_lawn
from hmlib.figures.free_energy import Ceiling, Landscape
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Slider

_GRID = np.linspace(0.02, 0.98, 49)

_Q_RAIN = Slider("q_rain", "Q's probability of rain", 0.02, 0.98, 0.02, 0.9)
_Q_SPRINKLER = Slider("q_sprinkler", "Q's probability of sprinkler", 0.02, 0.98, 0.02, 0.9)
_STRENGTH = Slider("s", "strength s of the machine", 0.0, 3.0, 0.05, 2.0)
_GREAT_STRENGTH = Slider("s", "strength s of the machine", 0.0, 4.0, 0.1, 2.0)


def _factorised_free_energy(s: float, q: np.ndarray) -> np.ndarray:
    """F of each factorised guess q (n, 2) about the wet lawn, shape (n,)."""
    table = exact.factorised_table(q)
    return exact.table_free_energy(wet_lawn(s), table, np.repeat(WET, len(q), axis=0))


def ceiling_values(q_rain: float, q_sprinkler: float, s: float) -> Record:
    """Numbers of the ceiling lab: L, F and the gap for one factorised Q, in nats."""
    gen, q = wet_lawn(s), np.array([[q_rain, q_sprinkler]])
    path = np.column_stack([_GRID, np.full_like(_GRID, q_sprinkler)])
    (log_l,), (f,) = exact.log_likelihood(gen, WET), _factorised_free_energy(s, q)
    return {
        "q_rain": q_rain,
        "q_sprinkler": q_sprinkler,
        "log_likelihood": float(log_l),
        "free_energy": float(f),
        "kl_q_p": float(log_l - f),
        "path_q": _GRID,
        "path_free_energy": _factorised_free_energy(s, path),
        "posterior": exact.posterior(gen, WET)[0],
        "q": exact.factorised_table(q)[0],
    }


def landscape_values(q_rain: float, q_sprinkler: float, s: float) -> Record:
    """Numbers of the landscape lab: F over all factorised Q, and its two parts, in nats."""
    gen, q = wet_lawn(s), np.array([[q_rain, q_sprinkler]])
    table = exact.factorised_table(q)
    rain, sprinkler = np.meshgrid(_GRID, _GRID)
    surface = _factorised_free_energy(s, np.column_stack([rain.ravel(), sprinkler.ravel()]))
    highest = surface >= surface.max() - 1e-9
    average = float((table * exact.log_joint(gen, WET)).sum())
    (f,) = exact.table_free_energy(gen, table, WET)
    return {
        "q_rain": q_rain,
        "q_sprinkler": q_sprinkler,
        "grid": _GRID,
        "surface": surface.reshape(rain.shape),
        "best": np.column_stack([rain.ravel(), sprinkler.ravel()])[highest],
        "log_likelihood": float(exact.log_likelihood(gen, WET)[0]),
        "free_energy": float(f),
        "expected_log_joint": average,
        "entropy": float(f) - average,
    }


def ceiling() -> Lab:
    """L as a ceiling, F under it, and the gap between them."""
    return Lab(
        [_Q_RAIN, _Q_SPRINKLER, _STRENGTH],
        ceiling_values,
        Ceiling,
        Question(
            "The lawn is wet. You move Q's probability of rain, and nothing else. What can the "
            "free energy F do?",
            (
                "F can pass above L if Q is good enough",
                "F rises and falls, but never passes L",
                "F stays where it is, since the machine has not changed",
            ),
            "F rises and falls, but never passes L",
            "L - F is the divergence KL(Q || P[v|u]), which is never negative. Moving Q moves F "
            "under a ceiling that belongs to the generative model alone.",
        ),
        title="The ceiling",
        legend="Dashed: the ceiling L. Solid: F for every probability of rain; the point is Q "
        "now. Dotted: the gap. Bars: the true posterior and the guess.",
    )


def landscape() -> Lab:
    """F over every factorised Q, and F as average log probability plus entropy."""
    return Lab(
        [_Q_RAIN, _Q_SPRINKLER, _GREAT_STRENGTH],
        landscape_values,
        Landscape,
        Question(
            "Q moves towards certainty: both of its probabilities go to 0.98. Which part of F "
            "falls for sure?",
            ("the average of log P[v, u]", "the entropy of Q", "neither of them"),
            "the entropy of Q",
            "A certain Q has no entropy left. Whether the average of log P[v, u] rises or falls "
            "depends on what Q is certain of: F asks whether certainty was worth its price.",
        ),
        title="The landscape",
        legend="Left: bright is high; the star is the highest F on the map. Right: the entropy "
        "bar stands on the tip of the first bar, so that it ends at F.",
    )
