"""Questions of notebook 08, "DDC asleep"."""

from __future__ import annotations

import numpy as np

from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.question import Wrong
from hmlib.check.slips import wrong_sign
from hmlib.course.nb08.solutions import ANSWERS

learn_R, delta_step, read_off = (ANSWERS[id] for id in ("08.3", "08.4", "08.9"))
BY_HAND, READ_OUT = ANSWERS["08.2"], ANSWERS["08.8"]

RIDGE = 0.3
"""Large, so that every way to misplace it shows."""

M, RHO = 5000, 1e-4
"""Dreams and ridge of the notebook's own cells, which are easily copied along."""


def dreams(rng):
    """Features and encodings of some dreams; all sizes differ."""
    for n, m, K in ((9, 3, 2), (14, 5, 4), (11, 2, 6)):
        yield {
            "phi": np.column_stack([rng.normal(0.4, 1, (n, m - 1)), np.ones(n)]),
            "T": np.tanh(rng.normal(0.3, 1, (n, K))),
            "ridge": RIDGE,
        }


def one_dream(rng):
    """Weights, and the features and encodings of one dream."""
    for m, K in ((3, 2), (5, 4), (2, 6)):
        yield {
            "R": rng.normal(0, 1, (K, m)),
            "phi": rng.normal(0.4, 1, m),
            "T": np.tanh(rng.normal(0.3, 1, K)),
            "rate": 0.35,
        }


def codes(rng):
    """Encodings of some dreams, a function of them, and codes to read it off."""
    for n, K, asked in ((9, 3, 4), (14, 5, 2), (11, 2, 6)):
        yield {
            "T": np.column_stack([rng.normal(0.4, 1, (n, K - 1)), np.ones(n)]),
            "f": rng.normal(0.5, 1, n),
            "r": rng.normal(0.2, 0.5, (asked, K)),
            "ridge": RIDGE,
        }


def _regression(A, B, ridge, n):
    """(A^T A / n + ridge I)^-1 A^T B / n."""
    return np.linalg.solve(A.T @ A / n + ridge * np.eye(A.shape[1]), A.T @ B / n)


def _ridge_on_sums(A, B, ridge):
    return _regression(A, B, ridge / len(A), len(A))


def _no_ridge(A, B, ridge):
    return _regression(A, B, 0.0, len(A))


def _not_inverted(A, B, ridge):
    return A.T @ B / len(A)


def _turned_round(A, B, ridge):
    return _regression(B, A, ridge, len(A))


QUESTIONS = (
    Choice(
        id="08.1",
        title="Spot the slip: which divergence, where?",
        prompt='Notes on the paper say: "there are some shortcomings of using the exclusive KL '
        "divergence; recall that the classic formulation of the Helmholtz machine uses inclusive "
        'KL divergence". Which sentence puts the second half right?',
        options={
            "A": "The classic machine uses the exclusive divergence throughout.",
            "B": "It uses the inclusive one in sleep only. Wake climbs F, and the gap between F "
            "and L is the exclusive one. So it is in the DDC machine.",
            "C": "It uses the inclusive one in wake, where the data are, and the exclusive one in "
            "sleep.",
            "D": "Nothing is wrong: both phases of the classic machine use the inclusive one.",
        },
        answer=ANSWERS["08.1"],
        why="Sleep fits recognition to dreams, whose latents come from p(z|x): KL(p || q). Wake "
        "moves the model with q fixed, up F = L - KL(q || p).",
        hints=(
            "Look at the three steps of notebook 04. In which phase were the targets dreamt?",
            "An average over dreamt latents is an average under p. An average over what "
            "recognition says is one under q. Which phase has which?",
        ),
        replies={
            "A": "Sleep takes its averages over dreams, so under p: that is the inclusive "
            "direction. The exclusive one is in F, which wake climbs.",
            "C": "The other way round. Wake takes its latents from recognition, an average under "
            "q; sleep takes them from dreams, an average under p.",
            "D": "Wake climbs F, and F = L - KL(q || p): the exclusive one. Only sleep is "
            "inclusive.",
        },
    ),
    Numbers(
        id="08.2",
        title="A code by hand",
        prompt="Eight dreams. In five the bird was heard near, from the places -1, -1, 1, 1, 1. In "
        "three it was heard far, from the places -2, 2, 2. The one encoding is T(z) = z, and there "
        "is a feature for near and one for far, so that r may take any value for each. Least "
        "squares, no ridge. Give (r for near, r for far, mean square of the prediction error over "
        "the eight dreams), to three decimals.",
        names=("near", "far", "error"),
        answer=BY_HAND,
        unit="",
        atol=2e-3,
        why="The best prediction in squares is the average of each group. The error does not go "
        "to 0: it is the variance of the place given what is heard, and no recognition can take "
        "it away.",
        otherwise="Take each group by itself. The number with the least squared distance to some "
        "numbers is their average. The error is the mean of all eight squared distances.",
        hints=(
            "The two groups do not touch each other. Which single number is nearest to -1, -1, 1, "
            "1, 1 in squares?",
            "The averages are 0.2 and 2/3. Now the squares: near (1.2)^2 twice and (0.8)^2 three "
            "times.",
            "Add the squares of all eight dreams and divide by eight.",
        ),
        wrong=(
            Wrong(
                "most frequent place",
                (1.0, 2.0, (2 * 4 + 16) / 8),
                "You took the most frequent place of each group. Squares are least at the average, "
                "and the average knows of both sides.",
            ),
            Wrong(
                "middle of the two places",
                (0.0, 0.0, (5 + 12) / 8),
                "You took the middle between left and right. The right is dreamt more often, and "
                "every dream counts once.",
            ),
            Wrong(
                "one average for all",
                (3 / 8, 3 / 8, 17 / 8 - 9 / 64),
                "This is the average over all eight dreams, the code before anything is heard. "
                "Near and far may have different ones.",
            ),
            Wrong(
                "sum of squares",
                (0.2, 2 / 3, 4.8 + 96 / 9),
                "Both entries are right. The error is the sum over the dreams; divide by eight for "
                "the mean.",
            ),
            Wrong(
                "mean of the two groups",
                (0.2, 2 / 3, (4.8 / 5 + 96 / 27) / 2),
                "Both entries are right. You averaged the errors of the two groups as if they were "
                "of one size: five dreams and three.",
            ),
            Wrong(
                "groups swapped",
                (2 / 3, 0.2, BY_HAND[2]),
                "All three numbers are right, and the first two have changed places: near comes "
                "first.",
            ),
            Wrong(
                "root of the mean square",
                (0.2, 2 / 3, BY_HAND[2] ** 0.5),
                "Both entries are right. You took the root of the mean square; the mean square "
                "itself is asked.",
            ),
            Wrong(
                "error of zero",
                (0.2, 2 / 3, 0.0),
                "Both entries are right. The error is not 0: the bird was never at 0.2. What is "
                "left is the variance of the place.",
            ),
        ),
    ),
    Function(
        id="08.3",
        title="Type equation 7",
        prompt="Write learn_R(phi, T, ridge): the weights R, shape (K, m), for which r = R phi "
        "predicts the dreamt encodings best. phi has shape (n, m), a row a dream; T has shape "
        "(n, K). Minimised is the mean over the dreams of |T - R phi|^2, plus ridge |R|^2.",
        answer=learn_R,
        cases=dreams,
        why="One regression for all encodings at once. In the limit of many dreams and rich "
        "features it is E[T(z)|x]: the code of the true posterior.",
        otherwise="Start from (phi^T phi / n + ridge I)^-1 phi^T T / n, and look at its shape.",
        hints=(
            "Set the slope in R to 0: the mean of (T - R phi) phi^T is ridge R.",
            "square = phi.T @ phi / n + ridge * np.eye(m); cross = phi.T @ T / n.",
            "np.linalg.solve(square, cross) has shape (m, K). R is that, transposed.",
        ),
        wrong=(
            Wrong(
                "transposed",
                lambda phi, T, ridge: learn_R(phi, T, ridge).T,
                "The numbers are right and lie on their side: R has shape (K, m), so that r = R "
                "phi.",
            ),
            Wrong(
                "ridge beside sums",
                lambda phi, T, ridge: _ridge_on_sums(phi, T, ridge).T,
                "You used sums over the dreams beside the ridge. With means, as asked, the ridge "
                "weighs the same whatever the number of dreams: divide both products by n.",
            ),
            Wrong(
                "no ridge",
                lambda phi, T, ridge: _no_ridge(phi, T, ridge).T,
                "The ridge is missing: add ridge * np.eye(m) to phi^T phi / n.",
            ),
            Wrong(
                "not solved",
                lambda phi, T, ridge: _not_inverted(phi, T, ridge).T,
                "This is the mean of T phi^T, and it still has to be divided by the mean of phi "
                "phi^T: features that go together must not be counted twice.",
            ),
            Wrong(
                "regressed the other way",
                lambda phi, T, ridge: _turned_round(phi, T, ridge).T,
                "You predict the features from the encodings, as the generative model does. "
                "Recognition goes from features of x to encodings of z.",
            ),
            Wrong(
                "M of the notebook",
                lambda phi, T, ridge: _regression(phi, T, ridge, M).T,
                "You divided by M, the 5000 dreams of the cells above. Here it is the number of "
                "rows of phi: len(phi).",
            ),
            Wrong(
                "rho of the notebook",
                lambda phi, T, ridge: _regression(phi, T, RHO, len(phi)).T,
                "You used rho, the ridge of the cells above. Here it is called ridge.",
            ),
            Wrong(
                "M and rho of the notebook",
                lambda phi, T, ridge: _regression(phi, T, RHO, M).T,
                "You used M and rho, which belong to the cells above. Here they are len(phi) and "
                "ridge.",
            ),
            wrong_sign(
                learn_R, "The size is right and the sign is wrong: R phi predicts T, not -T."
            ),
            Wrong(
                "ridge subtracted",
                lambda phi, T, ridge: _regression(phi, T, -ridge, len(phi)).T,
                "The ridge has the wrong sign: it is added to the diagonal of phi^T phi / n.",
            ),
            Wrong(
                "cross product not averaged",
                lambda phi, T, ridge: len(phi) * learn_R(phi, T, ridge),
                "Your result is n times too large: phi^T T has to be divided by n as well.",
            ),
        ),
    ),
    Function(
        id="08.4",
        title="Type the delta rule",
        prompt="Write delta_step(R, phi, T, rate): the weights after one dream. R has shape "
        "(K, m), phi has shape (m,), T has shape (K,). The step takes the part `rate` of this "
        "dream's prediction error away. Return the new R.",
        answer=delta_step,
        cases=one_dream,
        why="After the step the error of this dream is (1 - rate) times what it was. It is the "
        "slope of equation 7 for a single dream, scaled.",
        otherwise="The error T - R phi has shape (K,); its outer product with phi has the shape "
        "of R.",
        hints=(
            "First the prediction R @ phi, then the error T - R @ phi.",
            "np.outer(error, phi) has shape (K, m). Divide it by phi @ phi.",
            "The whole body: return R + rate * np.outer(T - R @ phi, phi) / (phi @ phi).",
        ),
        wrong=(
            Wrong(
                "wrong direction",
                lambda R, phi, T, rate: 2 * R - delta_step(R, phi, T, rate),
                "The step goes the wrong way and makes the error larger: it is target minus "
                "prediction, T - R phi.",
            ),
            Wrong(
                "step alone",
                lambda R, phi, T, rate: delta_step(R, phi, T, rate) - R,
                "This is the step. The new weights are the old ones plus the step.",
            ),
            Wrong(
                "not divided",
                lambda R, phi, T, rate: R + rate * np.outer(T - R @ phi, phi),
                "The step is not divided by |phi|^2, so it takes away another part of the error "
                "for every dream. Divide by phi @ phi.",
            ),
            Wrong(
                "divided by the length",
                lambda R, phi, T, rate: R + rate * np.outer(T - R @ phi, phi) / np.linalg.norm(phi),
                "You divided by |phi|. The features come in twice, in the step and in the next "
                "prediction: divide by |phi|^2 = phi @ phi.",
            ),
            Wrong(
                "prediction left out",
                lambda R, phi, T, rate: R + rate * np.outer(T, phi) / (phi @ phi),
                "The prediction is missing: this grows for ever. A delta rule stops when target "
                "and prediction agree.",
            ),
            Wrong(
                "rate left out",
                lambda R, phi, T, rate: delta_step(R, phi, T, 1.0),
                "The rate is missing: this takes the whole error of the dream away.",
            ),
            Wrong(
                "twice the rate",
                lambda R, phi, T, rate: delta_step(R, phi, T, 2 * rate),
                "Twice too far: the 2 from the square of the error is part of the rate here.",
            ),
        ),
    ),
    Choice(
        id="08.5",
        title="The missing line",
        prompt="The notes, and many a reader, pass over one line: wake needs averages of functions "
        "of two neighbouring latents, such as S(z_1) times a function of z_2, and each layer has a "
        "code of its own; nothing holds for the pair. Why may a function of the pair (z_1, z_2) be "
        "read off r_1(x) alone?",
        options={
            "A": "It may not: a code for the pair would be needed, and the paper leaves it out.",
            "B": "Because z_1 and z_2 are independent given x.",
            "C": "Because z_1 is a function of z_2, so that knowing one is knowing the other.",
            "D": "Because p(z_2|z_1, x) = p(z_2|z_1) in a chain: the average over z_2 is a "
            "function of z_1 alone, and dreams teach it by regression on T_1(z_1).",
        },
        answer=ANSWERS["08.5"],
        why="E[f|x] = E[E[f|z_1]|x]. Regression on the lower variable is the inner average, the "
        "code r_1(x) the outer one. The same line makes r_2 = R_2 r_1 right.",
        hints=(
            "Once the bird's place is known, does the distance say anything more about the nest?",
            "Write E[f(z_1, z_2)|x] as an average over z_1 of an average over z_2 given z_1 and x.",
        ),
        replies={
            "A": "A code of the pair is not needed. Given z_1, x says nothing more about z_2, so "
            "the average over z_2 is a function of z_1, and that can be read off r_1.",
            "B": "They are not: a bird on the right makes a nest on the right more probable, "
            "whatever x. It is x and z_2 that are independent, given z_1.",
            "C": "z_1 is drawn, with noise, from z_2. But the average of f given z_1 is a function "
            "of z_1, and that is enough.",
        },
    ),
    Choice(
        id="08.6",
        title="Spot the slip: which phase?",
        prompt='The notes say: "Goal 2 (eqs 9, 10, 11) of this phase", sleep, "is to use the '
        "expected function approximation (eq 5) to approximate the mean gradients. This is done "
        'also on the dreamt latents." Equations 9 and 10 are the gradient of F, <grad log '
        "p(x, z)>_q. Equation 11 says that grad eta ~ alpha T(z), and so <grad eta>_q ~ alpha "
        "r(x). Which sentence puts it right?",
        options={
            "A": "All three belong to sleep: alpha is learnt there, and the rest follows.",
            "B": "All three belong to wake: without data there is no gradient.",
            "C": "9 and 10 belong to wake, where x is real. 11 has two halves: alpha is learnt in "
            "sleep, on dreamt latents, and applied to r(x) in wake.",
            "D": "9 and 10 belong to sleep, as they need the model; 11 belongs to wake, as it "
            "needs the code.",
        },
        answer=ANSWERS["08.6"],
        why="Sleep has the latents, so it can learn functions of them; it has no data. Wake has "
        "data and their codes, and uses what was learnt to move theta, with q fixed.",
        hints=(
            "For each equation ask: are the latents known there, or only believed?",
            "alpha is learnt where z is known. <.>_q is taken where x is real.",
        ),
        replies={
            "A": "The gradient of F is taken at real x, so 9 and 10 are wake. In the cells above, "
            "alpha came from z_1 of the dreams, and the gradient from x_real.",
            "B": "Learning alpha needs the latents themselves, and only dreams come with them: "
            "that half of equation 11 is sleep.",
            "D": "9 and 10 average over q at real x, which is wake. 11 begins in sleep, with the "
            "regression for alpha.",
        },
    ),
    Choice(
        id="08.7",
        title="Spot the slip: read-outs of what?",
        prompt='The notes end: "Note that this function approximation uses a combination of the '
        'approximations of the expected encodings defined above." So alpha would be fitted on the '
        "recognised codes r(x_s) of the dreams. What are the read-outs fitted on?",
        options={
            "A": "On T(z_s), the encodings of the dreamt latents themselves. Recognised codes come "
            "in only when the read-outs are used, in wake.",
            "B": "On r(x_s), as the notes say: these are what wake will have.",
            "C": "On both together, T(z_s) and r(x_s), one below the other.",
            "D": "On features of the real data, since wake is about data.",
        },
        answer=ANSWERS["08.7"],
        why="alpha says how one function of z is made from other functions of z: f(z) ~ alpha "
        "T(z). That has to do with z alone. Taking averages of both sides then gives alpha r(x).",
        hints=(
            "Which two things stood in the regression for alpha, in the cell above?",
            "Equation 5 first says f(z) ~ alpha T(z), for every z, and then takes averages.",
        ),
        replies={
            "B": "Then alpha would mend the errors of recognition on dreams, and mean another "
            "thing for every recogniser. In the cell above the regression was on T(z_1).",
            "C": "Only one of them is an input: f(z) ~ alpha T(z) is about functions of z.",
            "D": "There the latents are unknown, so there would be no target f(z). Read-outs are "
            "learnt in sleep.",
        },
    ),
    Numbers(
        id="08.8",
        title="A read-out by hand",
        prompt="The dreams of the worked example, z = -2, -1, 1, 2, the encodings T(z) = (|z|, 1) "
        "and the code r = (1.4, 1). Now f(z) = |z|^3. Least squares without ridge. Give "
        "(slope, intercept, E[f|x] read off the code).",
        names=("slope", "intercept", "read off"),
        answer=READ_OUT,
        unit="",
        why="The line through (1, 1) and (2, 8), at 1.4. It is right here, since the places are "
        "only these: 0.6 * 1 + 0.4 * 8. Between them a line would be wrong about |z|^3.",
        otherwise="List the pairs (|z|, |z|^3): there are only two different ones, and the line "
        "goes through both. What is read off is slope times 1.4, plus intercept times 1.",
        hints=(
            "For |z| = 1 the function is 1, for |z| = 2 it is 8.",
            "A line through two points: slope (8 - 1) / (2 - 1); the intercept makes it right at "
            "1.",
            "Read off: slope times 1.4, plus intercept times 1.",
        ),
        wrong=(
            Wrong(
                "function of the average",
                (7.0, -6.0, 1.4**3),
                "Slope and intercept are right. Then you took the cube of the average, 1.4^3. The "
                "average of a function is not the function of the average: use the code.",
            ),
            Wrong(
                "intercept left out",
                (7.0, -6.0, 9.8),
                "Slope and intercept are right. In reading off, the second entry of the code "
                "counts too: -6 times 1.",
            ),
            Wrong(
                "average over the dreams",
                (7.0, -6.0, 4.5),
                "Slope and intercept are right. The third is the average over the dreams, before "
                "anything is heard. Use the code of this x.",
            ),
            Wrong(
                "the worked example again",
                (3.0, -2.0, 2.2),
                "These are the numbers for z^2. Now the function is |z|^3.",
            ),
            Wrong(
                "through the origin",
                (3.4, 0.0, 4.76),
                "Your line goes through the origin: the constant is missing. It stands in T, and "
                "gives the intercept.",
            ),
            Wrong(
                "sign lost",
                (0.0, 0.0, 0.0),
                "That is z^3, which left and right cancel. The function is |z|^3.",
            ),
        ),
    ),
    Function(
        id="08.9",
        title="Type a read-out",
        prompt="Write read_off(T, f, r, ridge): E[f|x] for every code in r. T has shape (m, K): "
        "encodings of dreamt latents; f has shape (m,): the function at the same latents; r has "
        "shape (n, K): codes of n observations. Learn alpha by least squares with the ridge, over "
        "means as in 08.3; return an array of shape (n,).",
        answer=read_off,
        cases=codes,
        why="Sleep learns alpha where z is known; wake applies it where only r(x) is. The library "
        "has the first half as ddc.readout.",
        otherwise="First alpha, shape (K,), from T and f alone. Then r @ alpha.",
        hints=(
            "The codes r have nothing to do with learning alpha.",
            "alpha is np.linalg.solve(T.T @ T / m + ridge * np.eye(K), T.T @ f / m).",
            "Return r @ alpha.",
        ),
        wrong=(
            Wrong(
                "ridge beside sums",
                lambda T, f, r, ridge: r @ _ridge_on_sums(T, f, ridge),
                "You used sums over the dreams beside the ridge. Divide both products by m, the "
                "number of dreams.",
            ),
            Wrong(
                "no ridge",
                lambda T, f, r, ridge: r @ _no_ridge(T, f, ridge),
                "The ridge is missing: add ridge * np.eye(K) to T^T T / m.",
            ),
            Wrong(
                "not solved",
                lambda T, f, r, ridge: r @ _not_inverted(T, f, ridge),
                "Your alpha is the mean of T f. It still has to be divided by the mean of T T^T: "
                "encodings that go together must not be counted twice.",
            ),
            Wrong(
                "M of the notebook",
                lambda T, f, r, ridge: r @ _regression(T, f, ridge, M),
                "You divided by M, the 5000 dreams of the cells above. Here it is m, the number of "
                "rows of T: len(T).",
            ),
            Wrong(
                "rho of the notebook",
                lambda T, f, r, ridge: r @ _regression(T, f, RHO, len(T)),
                "You used rho, the ridge of the cells above. Here it is called ridge.",
            ),
            Wrong(
                "M and rho of the notebook",
                lambda T, f, r, ridge: r @ _regression(T, f, RHO, M),
                "You used M and rho, which belong to the cells above. Here they are len(T) and "
                "ridge.",
            ),
            Wrong(
                "alpha alone",
                lambda T, f, r, ridge: _regression(T, f, ridge, len(T)),
                "This is alpha, the read-out. Apply it to the codes: r @ alpha.",
            ),
            wrong_sign(read_off, "The size is right and the sign is wrong."),
            Wrong(
                "average over the dreams",
                lambda T, f, r, ridge: np.full(len(r), f.mean()),
                "This is the average of f over the dreams, the same for every observation. The "
                "codes have to come in.",
            ),
            Wrong(
                "codes in the regression",
                lambda T, f, r, ridge: (
                    r
                    @ np.linalg.solve(
                        r.T @ r / len(r) + ridge * np.eye(r.shape[1]), T.T @ f / len(f)
                    )
                ),
                "You divided by the mean of r r^T. Read-outs are learnt on the dreamt encodings: "
                "T^T T / m.",
            ),
            Wrong(
                "prediction for the dreams",
                lambda T, f, r, ridge: T @ _regression(T, f, ridge, len(T)),
                "You applied alpha to T, and predicted f for the dreams. It is wanted for the "
                "codes: r @ alpha.",
            ),
        ),
    ),
)
