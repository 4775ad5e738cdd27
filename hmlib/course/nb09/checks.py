"""Questions of notebook 09, "DDC awake"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.question import Wrong
from hmlib.check.slips import wrong_sign
from hmlib.course.nb09.solutions import ANSWERS

split, moments, weights = (ANSWERS[id] for id in ("09.3", "09.4", "09.5"))

SIZES = ((6, 2), (9, 3), (12, 4))
"""(rows, functions) of every trial."""


def _layers(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """As many statistics as parameters, so that either index of J can be summed over."""
    for n, k in SIZES:
        yield {
            "S": rng.normal(size=(n, k)),
            "J": rng.normal(size=(n, k, k)),
            "mu": rng.normal(size=(n, k)),
        }


def _codes(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Codes and observations of data and of dreams; more dreams than data."""
    for n, K in SIZES:
        yield {
            "r_data": rng.normal(size=(n, K)),
            "x_data": rng.normal(1.0, 1.0, n),
            "r_dream": rng.normal(size=(2 * n, K)),
            "x_dream": rng.normal(size=2 * n),
        }


def _features(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Features of dreams and of data, which differ in number, and a ridge that is felt."""
    for n, K in SIZES:
        yield {
            "phi_dream": rng.normal(size=(2 * n, K)),
            "phi_data": rng.normal(0.5, 1.0, size=(n, K)),
            "rho": rng.uniform(0.2, 0.5),
        }


def _averages(r, x):
    return np.array([(r * f[:, None]).mean(axis=0) for f in (x**0, x, x**2)])


def _products(r, x):
    """Averages of r and of x, multiplied afterwards."""
    return np.array([r.mean(axis=0) * f.mean() for f in (x**0, x, x**2)])


def _sums(r, x):
    return len(x) * _averages(r, x)


def _solved(phi_dream, rho, gap):
    M, K = phi_dream.shape
    return phi_dream @ np.linalg.solve(phi_dream.T @ phi_dream / M + rho * np.eye(K), gap) / M


def _gap(phi_dream, phi_data):
    return phi_data.mean(axis=0) - phi_dream.mean(axis=0)


QUESTIONS = (
    Choice(
        id="09.1",
        title="Spot the slip",
        prompt='A student notes: "Wake: we optimise F for q, by eqs 9 and 10." What does wake '
        "optimise?",
        options={
            "A": "q, as the student says: F is the bound that q makes tight.",
            "B": "q and theta together.",
            "C": "theta, with q fixed: q is what sleep has made of the recogniser.",
            "D": "The recognition weights R, with theta fixed.",
        },
        answer=ANSWERS["09.1"],
        why="Wake is the M-phase: the gradient in theta of the average of log p(x, z), the average "
        "under q. Sleep is the stand-in for the E-phase.",
        hints=(
            "In notebook 03, which phase moved which parameters?",
            "Equation 9 is a gradient of log p(x, z), averaged under q. Which parameters stand in "
            "log p(x, z)?",
        ),
        replies={
            "A": "q is made in sleep, from dreams. In equation 9 it is what the average is taken "
            "under.",
            "B": "One at a time, as in EM: sleep for q, wake for the other.",
            "D": "The recogniser learns in sleep, from dreams, whose causes are known.",
        },
    ),
    Choice(
        id="09.2",
        title="Which phase, which equation",
        prompt="The same student puts all of equations 9, 10 and 11 under sleep. Where do they "
        "belong?",
        options={
            "A": "All in sleep: gradients are functions of z, and z is known in dreams.",
            "B": "9 and 10 in wake. 11 has two halves: read-outs alpha are learnt in sleep, and "
            "used on r(x) in wake.",
            "C": "9 and 10 in sleep, 11 in wake.",
            "D": "All in wake: each is about the data.",
        },
        answer=ANSWERS["09.2"],
        why="9 and 10 say which average moves theta. 11 says how it is had: alpha is learnt where "
        "z is known, in dreams, and then multiplied by the code of a real x.",
        hints=(
            "For each: is there a real x in it?",
            "Equation 11 learns something, and then uses it. Where is z known, where is it not?",
        ),
        replies={
            "A": "Learning alpha needs dreams, yes. But what moves theta is an average for real x.",
            "C": "9 and 10 are about the move of theta at real x: wake. Nor could 11 learn "
            "anything in wake, where z is unknown.",
            "D": "To learn alpha, one needs pairs of z and a function of z. In wake, z is not "
            "known.",
        },
    ),
    Function(
        id="09.3",
        title="Type equation 10",
        prompt="Write split(S, J, mu): S^T J - mu^T J for every row, shape (n, k). S and mu are "
        "(n, s), the statistics and their means; J is (n, s, k), the derivative of each natural "
        "parameter (s of them) in each of k parameters.",
        answer=split,
        cases=_layers,
        why="Each statistic is matched with its own natural parameter: the sum is over s. What is "
        "left is one number a parameter.",
        otherwise="For row 0 and parameter 0: sum over s of (S[0, s] - mu[0, s]) * J[0, s, 0].",
        hints=(
            "Both terms have the same J: S^T J - mu^T J = (S - mu)^T J.",
            "The index that S and J share is s. Sum over it, and keep n and k.",
            'It is np.einsum("ns,nsk->nk", ..., J).',
        ),
        wrong=(
            wrong_sign(split, "The sign is wrong: S comes with plus, its mean mu with minus."),
            Wrong(
                "wrong index",
                lambda S, J, mu: np.einsum("nk,nsk->ns", S - mu, J),
                "You summed over the last index of J, the parameters. S belongs to the natural "
                "parameters, the middle index. With s = k the shapes do not tell.",
            ),
            Wrong(
                "mean left out",
                lambda S, J, mu: np.einsum("ns,nsk->nk", S, J),
                "This is the first term. Subtract the same with mu: what the model expects.",
            ),
            Wrong(
                "summed over the rows",
                lambda S, J, mu: np.einsum("ns,nsk->k", S - mu, J),
                "You summed over the rows. There is one vector a row.",
            ),
            Wrong(
                "mean without J",
                lambda S, J, mu: np.einsum("ns,nsk->nk", S, J) - mu,
                "Multiply mu by J as well: the second term is mu^T J.",
            ),
        ),
    ),
    Function(
        id="09.4",
        title="Three moments",
        prompt="Write three_moments(r_data, x_data, r_dream, x_dream), shape (3, K): the averages "
        "of r, of r x and of r x^2 over the data, minus the same over the dreams. A code is a row "
        "of r, (n, K); x is (n,). There may be more dreams than data.",
        answer=moments,
        cases=_codes,
        why="log p(x|z) of a Gaussian has x in it as 1, x and x^2 only. So these averages are all "
        "that wake has to know of the data: z is averaged under the code of each x, at its x.",
        otherwise="Row 1 should be the mean over the data of r times x, minus that of the dreams.",
        hints=(
            "r_data.mean(axis=0) is the average of r. Row 0 is this minus that of the dreams.",
            "(r_data * x_data[:, None]).mean(axis=0) is the average of r x.",
            "Three rows for data, three for dreams; np.array(...) of each, and subtract.",
        ),
        wrong=(
            wrong_sign(moments, "The sign is wrong: data minus dreams, wake minus sleep."),
            Wrong(
                "dreams left out",
                lambda r_data, x_data, r_dream, x_dream: _averages(r_data, x_data),
                "These are the averages over the data. Subtract those over the dreams.",
            ),
            Wrong(
                "data left out",
                lambda r_data, x_data, r_dream, x_dream: _averages(r_dream, x_dream),
                "These are the averages over the dreams. They are subtracted from those over the "
                "data.",
            ),
            Wrong(
                "product of averages",
                lambda r_data, x_data, r_dream, x_dream: (
                    _products(r_data, x_data) - _products(r_dream, x_dream)
                ),
                "You multiplied the average of r with the average of x. Each r belongs to its own "
                "x: multiply first, and average after that.",
            ),
            Wrong(
                "sums",
                lambda r_data, x_data, r_dream, x_dream: (
                    _sums(r_data, x_data) - _sums(r_dream, x_dream)
                ),
                "You added up. With more dreams than data, sums cannot be compared: take averages.",
            ),
        ),
    ),
    Function(
        id="09.5",
        title="Which dreams should come more often",
        prompt="Write dream_weights(phi_dream, phi_data, rho), shape (M,): c = phi (phi^T phi / M "
        "+ rho I)^-1 (mean of phi over data - mean over dreams) / M, where phi is phi_dream, "
        "(M, K), and phi_data is (n, K).",
        answer=weights,
        cases=_features,
        why="c says of every dream how much more of it the data would need. Any function of a "
        "dream, weighted with c and added up, is its average over the data minus that over dreams, "
        "as far as the features can tell.",
        otherwise="One number for each dream. Compare with night.particles(0, gap[:, None])[:, 0].",
        hints=(
            "gap = phi_data.mean(axis=0) - phi_dream.mean(axis=0), K numbers.",
            "np.linalg.solve(phi_dream.T @ phi_dream / M + rho * np.eye(K), gap) is K numbers.",
            "phi_dream @ those / M gives one number a dream.",
        ),
        wrong=(
            wrong_sign(weights, "The sign is wrong: what the data have more of comes with plus."),
            Wrong(
                "dreams left out",
                lambda phi_dream, phi_data, rho: _solved(phi_dream, rho, phi_data.mean(axis=0)),
                "You used the mean over the data alone. Subtract the mean over the dreams.",
            ),
            Wrong(
                "not divided by M",
                lambda phi_dream, phi_data, rho: (
                    len(phi_dream) * _solved(phi_dream, rho, _gap(phi_dream, phi_data))
                ),
                "Divide by M: the weights are added up over M dreams, like an average.",
            ),
            Wrong(
                "ridge left out",
                lambda phi_dream, phi_data, rho: _solved(phi_dream, 0.0, _gap(phi_dream, phi_data)),
                "This is without the ridge rho. Add rho * np.eye(K) before you solve.",
            ),
            Wrong(
                "not solved",
                lambda phi_dream, phi_data, rho: (
                    phi_dream @ _gap(phi_dream, phi_data) / len(phi_dream)
                ),
                "Features overlap, so a product with the gap counts the same thing many times: "
                "solve with phi^T phi / M + rho I in between.",
            ),
            Wrong(
                "weights of the features",
                lambda phi_dream, phi_data, rho: np.linalg.solve(
                    phi_dream.T @ phi_dream / len(phi_dream) + rho * np.eye(phi_dream.shape[1]),
                    _gap(phi_dream, phi_data),
                ),
                "These are K numbers, one a feature. Multiply by phi_dream, and divide by M.",
            ),
        ),
    ),
    Choice(
        id="09.6",
        title="Is it DDC?",
        prompt="A machine with one layer of latents learns the ring by `score`, and its dreams are "
        'excellent. A report says: "So DDC learns the ring." What is right?',
        options={
            "A": "It is right: `score` is one of three modes of DDC.",
            "B": "It is right, as sleep fits a recogniser in every mode.",
            "C": "It is wrong, since DDC needs an exponential family.",
            "D": "It is wrong. The bottom layer's score is regressed on features of x directly, "
            "and with one layer there is nothing else: no code is used.",
        },
        answer=ANSWERS["09.6"],
        why="With one layer of latents, `score` never averages an encoding of z. It is amortised "
        "learning (Wenliang and others 2020), and DDC only in layers above the bottom one.",
        hints=(
            "Go through the lines of `score` above. Where does T(z) come in?",
            "For a DDC claim, posterior averages must have been read off a code r(x).",
        ),
        replies={
            "A": "The name of a mode is not enough. Look for a code r(x) in what it computes.",
            "B": "No recogniser is needed: `score` regresses gradients on features of x.",
            "C": "The family is not the point. Look whether a code is used.",
        },
    ),
    Choice(
        id="09.7",
        title="Read the instruments",
        prompt="The pinwheel by `code`. MMD^2 fell, then rose. Noise sank to 0.05 of the spread. "
        "The held-out R^2 of the codes rose to 0.7 and is now 0.35. No data are outside the "
        "dreams. What do you try first?",
        options={
            "A": "A larger learning rate, to get away from here.",
            "B": "A floor under the noise, and finer or more encodings.",
            "C": "A larger start, so that the dreams cover the data.",
            "D": "To leave the constant out of the features.",
        },
        answer=ANSWERS["09.7"],
        why="With little noise posteriors are sharper than the encodings. The shadows are blind, "
        "and the held-out R^2 says so before the dreams do.",
        hints=(
            "Which two readings moved together? Compare with the lab that took one update apart.",
            "Dreams cover the data, so that is not it. What do encodings have to resolve when the "
            "noise is small?",
        ),
        replies={
            "A": "The moves are wrong, not too short: the codes behind them predict less and less.",
            "C": "No data are outside: the dreams cover them.",
            "D": "The constant is what lets a regression find the mean. Leaving it out breaks a "
            "healthy machine.",
        },
    ),
    Numbers(
        id="09.8",
        title="Weights by hand",
        prompt="There are two pictures, A and B, and a feature for each: 1 if it is this picture. "
        "In the data A has 0.6 and B 0.4; in the dreams 0.75 and 0.25. The ridge is next to 0. "
        "What is M c for a dream of A, and for a dream of B?",
        names=("dream of A", "dream of B"),
        answer=ANSWERS["09.8"],
        unit="",
        why="phi^T phi / M is diagonal, with the chances of the dreams. So M c is (0.6 - 0.75) / "
        "0.75 and (0.4 - 0.25) / 0.25: the ratio of the chances, minus 1.",
        otherwise="phi^T phi / M has 0.75 and 0.25 on its diagonal and nothing else.",
        hints=(
            "The gap is 0.6 - 0.75 for A, and 0.4 - 0.25 for B.",
            "Solving with a diagonal matrix is dividing by its entries.",
            "Dreams of A come too often, those of B too seldom: one weight is below 0.",
        ),
        wrong=(
            Wrong(
                "ratio",
                (0.8, 1.6),
                "These are the ratios of the chances. The dreams were subtracted: minus 1.",
            ),
            Wrong(
                "gap",
                (-0.15, 0.15),
                "These are the gaps. Divide by how often the dream comes: phi^T phi / M.",
            ),
            Wrong(
                "divided by the data",
                (-0.25, 0.375),
                "You divided by the chances in the data. phi^T phi / M is of the dreams.",
            ),
            Wrong(
                "turned round",
                (0.2, -0.6),
                "The signs are turned round. B is too rare among the dreams: it should come more "
                "often.",
            ),
        ),
    ),
    Choice(
        id="09.9",
        title="Nothing to learn",
        prompt="A model is the truth: dreams and data have one distribution. Its sleep "
        "regressions are poor, as there are few functions. Which wake move is 0 on average?",
        options={
            "A": "Wake minus sleep, however poor the regressions are.",
            "B": "Wake without the dreams, since E_p grad log p = 0.",
            "C": "None: poor regressions always push.",
            "D": "All: gradients vanish at the truth.",
        },
        answer=ANSWERS["09.9"],
        why="The move is linear in averages of features. With the dreams' own averages subtracted "
        "nothing is left to multiply, up to chance. Without that, each poor regression leaves its "
        "error.",
        hints=(
            "E_p grad log p = 0 holds for exact averages. What does a poor read-out make of it?",
            "In wake minus sleep the read-outs multiply a difference of averages. What is it if "
            "data and dreams have one distribution?",
        ),
        replies={
            "B": "It holds for the exact average. A poor read-out puts another number in its "
            "place.",
            "C": "They only multiply averages. If those are 0, nothing is left to push.",
            "D": "The exact gradient does. What is read off is only as good as the regression.",
        },
    ),
)
