"""The labs of "Watch the free energy"."""

from __future__ import annotations

import numpy as np

from hmlib import datasets, exact
from hmlib.binary import sigmoid
from hmlib.course import kept_runs
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.nb02.digit_stages import held_out_curves
from hmlib.course.nb02.lawn_guesses import GRID, free_energy, free_energy_map
from hmlib.course.nb02.pictures import Ceiling, DigitsInTraining, Landscape
from hmlib.course.nb02.records import Curves, DigitAtStage, Parts, UnderCeiling
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Slider

_Q_RAIN = Slider("q_rain", "Q's probability of rain", 0.02, 0.98, 0.02, 0.9)
_Q_SPRINKLER = Slider("q_sprinkler", "Q's probability of sprinkler", 0.02, 0.98, 0.02, 0.9)
_STRENGTH = Slider("s", "strength s of the machine", 0.0, 3.0, 0.05, 2.0)
_GREAT_STRENGTH = Slider("s", "strength s of the machine", 0.0, 4.0, 0.1, 2.0)


def ceiling_values(q_rain: float, q_sprinkler: float, s: float) -> UnderCeiling:
    """Numbers of the ceiling lab: L, F and the gap for one factorised Q."""
    gen, q = wet_lawn(s), np.array([[q_rain, q_sprinkler]])
    path = np.column_stack([GRID, np.full_like(GRID, q_sprinkler)])
    (log_l,), (f,) = exact.log_likelihood(gen, WET), free_energy(s, q)
    return UnderCeiling(
        q_rain=q_rain,
        q_sprinkler=q_sprinkler,
        log_likelihood=float(log_l),
        free_energy=float(f),
        kl_q_p=float(log_l - f),
        path_q=GRID,
        path_free_energy=free_energy(s, path),
        posterior=exact.posterior(gen, WET)[0],
        q=exact.factorised_table(q)[0],
    )


def landscape_values(q_rain: float, q_sprinkler: float, s: float) -> Parts:
    """Numbers of the landscape lab: F over all factorised Q, and its two parts."""
    gen, q = wet_lawn(s), np.array([[q_rain, q_sprinkler]])
    average = float((exact.factorised_table(q) * exact.log_joint(gen, WET)).sum())
    (log_l,), (f,) = exact.log_likelihood(gen, WET), free_energy(s, q)
    surface, best = free_energy_map(s)
    return Parts(
        q_rain=q_rain,
        q_sprinkler=q_sprinkler,
        grid=GRID,
        below=surface - log_l,
        best=best,
        log_likelihood=float(log_l),
        free_energy=float(f),
        expected_log_joint=average,
        entropy=float(f) - average,
    )


def digits_values(stage: int, digit: int) -> DigitAtStage:
    """Numbers of the digits lab: one test digit at one stage of training."""
    machine, u = kept_runs.digits_machine(), datasets.digits().test[digit : digit + 1]
    gen, rec = machine.gen[stage], machine.rec[stage]
    v, table = exact.states(gen.n_v), exact.recognition_table(rec, u)[0]
    of_digit, (mean_l, mean_f) = exact.objectives(gen, rec, u), held_out_curves()
    posterior, q = exact.posterior(gen, u)[0] @ v, table @ v
    apart = np.abs(posterior - q)
    return DigitAtStage(
        digit=u.reshape(8, 8),
        expected=(table @ sigmoid(gen.drive(v))).reshape(8, 8),
        stage=stage,
        step=machine.steps[stage],
        curves=Curves(mean_l, mean_f, mean_l - mean_f),
        log_likelihood=float(of_digit.log_likelihood[0]),
        free_energy=float(of_digit.free_energy[0]),
        kl_q_p=float(of_digit.kl_q_p[0]),
        posterior=posterior,
        q=q,
        worst_cause=int(apart.argmax()),
        worst_by=float(apart.max()),
    )


def ceiling() -> Lab[UnderCeiling]:
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


def landscape() -> Lab[Parts]:
    """F over every factorised Q, and F as average log probability plus entropy."""
    return Lab(
        [_Q_RAIN, _Q_SPRINKLER, _GREAT_STRENGTH],
        landscape_values,
        Landscape,
        Question(
            "Q becomes certain: from one half each of its two probabilities goes to 0.02 or to "
            "0.98, and you choose which. Which part of F falls, wherever you go?",
            ("the average of log P[v, u]", "the entropy of Q", "both of them"),
            "the entropy of Q",
            "A certain Q has no entropy left. Whether the average of log P[v, u] rises or falls "
            "depends on what Q is certain of: F asks whether certainty was worth its price.",
        ),
        title="The landscape",
        legend="Left: bright is high, 0 would be the ceiling L; the star is the highest F. Right: "
        "the entropy bar stands on the tip of the first bar, so that it ends at F.",
    )


def digits() -> Lab[DigitAtStage]:
    """L and F on real test digits while a machine is trained by climbing F."""
    stages = len(kept_runs.digits_machine().steps)
    return Lab(
        [
            Slider("stage", "stage of training", 0, stages - 1, 1, 0),
            Slider("digit", "test digit, 60 of them", 0, 59, 1, 3),
        ],
        digits_values,
        DigitsInTraining,
        Question(
            "Training climbs F and never looks at L. What will L, the ceiling, do on digits that "
            "the machine has not seen?",
            (
                "L stays, since only F is climbed",
                "L falls, so that the gap closes from above",
                "L rises as well, and stays above F",
            ),
            "L rises as well, and stays above F",
            "Once F has passed the place where L began, L must have risen: F never passes L. And "
            "what was learnt carries over to digits that were not seen. The gap that is left is "
            "what the recogniser misses.",
        ),
        title="Digits",
        legend="Left: a digit, and the inputs expected from Q's guess about it. Middle: means over "
        "297 test digits, with a mark at this stage. Right: the probability that each cause is "
        "on; squares for the posterior, triangles for Q.",
    )
