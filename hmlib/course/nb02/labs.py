"""The labs of "Watch the free energy"."""

from __future__ import annotations

import numpy as np

from hmlib import datasets, exact
from hmlib.binary import sigmoid
from hmlib.course import kept_runs
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.nb02.digit_stages import held_out_curves
from hmlib.course.nb02.few_draws import MOST_DRAWS, estimates
from hmlib.course.nb02.lawn_guesses import GRID, free_energy, free_energy_map
from hmlib.course.nb02.pictures import Ceiling, DigitsInTraining, FewDraws, Landscape
from hmlib.course.nb02.records import Curves, DigitAtStage, Estimates, Parts, UnderCeiling
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Handle, Slider

_Q_RAIN = Slider("q_rain", "Q's probability of rain", 0.02, 0.98, 0.02, 0.9)
_Q_SPRINKLER = Slider("q_sprinkler", "Q's probability of sprinkler", 0.02, 0.98, 0.02, 0.9)
_EVEN_SPRINKLER = Slider("q_sprinkler", "Q's probability of sprinkler", 0.02, 0.98, 0.02, 0.5)
_STRENGTH = Slider("s", "strength s of the machine", 0.0, 3.0, 0.05, 2.0)
_SOME_RAIN = Slider("q_rain", "Q's probability of rain", 0.1, 0.9, 0.02, 0.9)
_DRAWS = Slider("k", "draws of each student, k", 1, MOST_DRAWS, 1, 5)
_GREAT_STRENGTH = Slider("s", "strength s of the machine", 0.0, 4.0, 0.1, 2.0)


_RAIN_MARK: Handle[UnderCeiling] = Handle("left", x="q_rain", at=lambda r: r.free_energy)


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


def few_draws_values(k: int, q_rain: float, s: float) -> Estimates:
    """Numbers of the few-draws lab; Q's probability of the sprinkler is one half."""
    gen, q = wet_lawn(s), np.array([q_rain, 0.5])
    (log_l,), (f,) = exact.log_likelihood(gen, WET), free_energy(s, q[None])
    of_f, of_l = estimates(s, q)
    return Estimates(
        k=k,
        gap=float(log_l - f),
        of_f=of_f[:, k - 1] - f,
        of_l=of_l[:, k - 1] - log_l,
        path=of_l.mean(axis=0) - log_l,
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
    passes, stays = (
        "F passes above L if Q is good enough",
        "F stays, as the machine does not change",
    )
    below = "F rises and falls, and stays below L"
    return Lab(
        [_Q_RAIN, _EVEN_SPRINKLER, _STRENGTH],
        ceiling_values,
        Ceiling,
        Question(
            "The lawn is wet. You move Q's probability of rain, and nothing else. What can the "
            "free energy F do?",
            (passes, stays, below),
            below,
            "The gap between them, L - F, is a divergence, KL(Q || P[v|u]), which is never "
            "negative (notebook 02). Moving Q moves F; the dashed line belongs to the generative "
            "model alone.",
            {
                passes: "Move rain from end to end, with the sprinkler anywhere: the best guess "
                "brings F close to the dashed line, and not above it.",
                stays: "L stays, since it belongs to the machine alone. F is about the machine and "
                "the guess, so it moves with Q.",
            },
        ),
        title="Why is the lawn wet?",
        legend="Dashed: L. Solid: F for each probability of rain; the point is Q now. Dotted: the "
        "gap. Bars: the true posterior and the guess.",
        hides=("path", "gap", "now"),
        handles=(_RAIN_MARK,),
    )


def best_rain() -> Lab[UnderCeiling]:
    """Where F is highest over one probability of Q, when the other one is far off."""
    middle, low, high = "At one half, as in the posterior", "Well below one half", "At 0.9, as sure"
    return Lab(
        [_Q_RAIN, _Q_SPRINKLER, _STRENGTH],
        ceiling_values,
        Ceiling,
        Question(
            "The lawn is wet, and in the posterior rain and sprinkler have probability one half "
            "each. Q makes the sprinkler 0.9. At which probability of rain is F highest?",
            (middle, low, high),
            low,
            "F averages over Q's own sprinkler, which is nearly surely on. Such a guess has little "
            "need of rain: explaining away happens inside Q as well, one probability answering "
            "the other.",
            {
                middle: "That would be best if the sprinkler were at one half as well. Here the "
                "guess has its sprinkler already.",
                high: "Then 'both' gets most of Q, and the posterior finds it improbable.",
            },
        ),
        title="The best guess of rain",
        legend="Dashed: the ceiling L. Solid: F for each probability of rain; the point is Q now. "
        "Dotted: the gap. Bars: the true posterior and the guess.",
        hides=("path", "gap", "now"),
        handles=(_RAIN_MARK,),
    )


def landscape() -> Lab[Parts]:
    """F over every factorised Q, and F as average log probability plus entropy."""
    stays = "It stays, as the posterior's halves do"
    aside = "Towards one cause, away from the other"
    down = "Down, since both causes become rarer"
    return Lab(
        [_Q_RAIN, _Q_SPRINKLER, _GREAT_STRENGTH],
        landscape_values,
        Landscape,
        Question(
            "At strength 2 the star, the best Q, has both probabilities at one half, as the "
            "posterior has. You raise the strength to 4. The posterior keeps its two halves. Where "
            "does the star go?",
            (stays, aside, down),
            aside,
            "A Q of one half each spends half of its weight on 'neither' and 'both', where P has "
            "less and less. Past a strength of 2.69 it is cheaper to give up one of the two tops "
            "of P. The star splits: both places are equally good.",
            {
                stays: "Each cause by itself would be right there. But the gap is about both "
                "together, and half of that Q lies on 'neither' and 'both'.",
                down: "That puts the weight of Q on 'neither', and a wet lawn needs a cause.",
            },
        ),
        title="The landscape",
        legend="Left: bright is high, 0 would be the ceiling L; the star is the highest F, the "
        "point Q now. Right: the entropy bar stands on the tip of the first bar, so that it ends "
        "at F.",
        handles=(Handle("left", x="q_rain", y="q_sprinkler"),),
    )


def few_draws() -> Lab[Estimates]:
    """Estimates of F and of L from a few draws of Q, by four hundred students."""
    at, below, above = (
        "At L, give or take chance",
        "Below L, and nearer for larger k",
        "Above L, and nearer for larger k",
    )
    return Lab(
        [_DRAWS, _SOME_RAIN, _STRENGTH],
        few_draws_values,
        FewDraws,
        Question(
            "400 students draw k patterns each from Q. The mean of a student's ratios r = P / Q is "
            "right on average: P[u]. As an estimate of L each takes its logarithm. Where does the "
            "mean of the 400 estimates lie?",
            (at, below, above),
            below,
            "A student above P[u] gains less by the logarithm than one below it loses: it bends "
            "downwards. This is Jensen's inequality, once more. With one draw the mean is F, and "
            "with more it climbs to L.",
            {
                at: "The mean ratios are right on average, and their logarithms are not: the "
                "logarithm bends, so that low ones lose more than high ones gain.",
                above: "The logarithm bends downwards, so that low mean ratios lose more than "
                "high ones gain.",
            },
        ),
        title="Few draws",
        legend="Left: a dot for each student, 0 is the truth; dotted: their mean. Right: that mean "
        "for L, over the number of draws. Q makes the sprinkler one half. The same coins are "
        "thrown for each Q.",
        hides=("l_dots", "l_mean", "start", "path", "now", "key"),
    )


def digits() -> Lab[DigitAtStage]:
    """L and F on real test digits while a machine is trained by climbing F."""
    end, early, start = "At the end of training", "On the way, early on", "Before any training"
    stages = len(kept_runs.digits_machine().steps)
    return Lab(
        [
            Slider("stage", "stage of training", 0, stages - 1, 1, 0),
            Slider("digit", "test digit, 60 of them", 0, 59, 1, 3),
        ],
        digits_values,
        DigitsInTraining,
        Question(
            "Training climbs F. The gap L - F on test digits is 0.460 nats before it and 0.253 "
            "after it. When is it smallest?",
            (end, early, start),
            early,
            "F is L minus the gap, so that it can climb by a higher L as well as by a smaller gap. "
            "Here the gap is smallest after 50 of 3200 steps, while L is still poor. It opens "
            "again while L and F both rise.",
            {
                end: "That is so for F, which is climbed. The gap is only one part of it: a "
                "larger gap is worth while if L gains more.",
                start: "It rises in the first few steps, and then it falls far below its start.",
            },
        ),
        title="Digits",
        legend="Left: a digit, and the inputs expected from Q's guess about it. Middle: means over "
        "297 test digits, with a mark at this stage. Right: the probability that each cause is "
        "on; squares for the posterior, triangles for Q.",
        hides=("gap_curve", "gap_now"),
    )
