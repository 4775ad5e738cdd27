"""Questions of notebook 06, "What factorising costs"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import logsumexp

from hmlib import exact
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.question import Wrong
from hmlib.check.slips import averaged, in_bits, summed, wrong_sign
from hmlib.course.machines import SIZES, machines
from hmlib.course.nb06.solutions import ANSWERS

price, L_K, cosine = (ANSWERS[id] for id in ("06.2", "06.7", "06.8"))
DECIDES, HEDGES = ANSWERS["06.1"]
OF_MEAN, MEAN_OF = ANSWERS["06.6"]
RATIOS = np.array([1, 1 / 8, 1 / 8, 1 / 4])

# Ratios of such guesses are far apart, so that exp alone may overflow or vanish.
_SPREAD = 30.0


def _posteriors(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Random tables whose rows are distributions, and the number of causes."""
    for n_v, _, n in SIZES:
        yield {"p": rng.dirichlet(np.full(2**n_v, 2.0), n), "n_v": n_v}


def _seeing_machines(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Random machines, each with an input that is not all 0, so that every slope has a length."""
    for case in machines(rng):
        case["u"][0] = 1
        yield case


def _log_ratios(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Random log ratios (n, K); some are so small or so large that exp leaves the numbers."""
    for (k, _, n), away in zip(SIZES, (0.0, 0.0, 0.0, -2000.0, 1000.0), strict=True):
        yield {"log_r": away + _SPREAD * rng.standard_normal((n, k + 1))}


def _entropies(p, n_v, on_only=False):
    """Entropy of every cause, shape (n, n_v)."""
    on = p @ exact.states(n_v)
    first = -on * np.log(on)
    return first if on_only else first - (1 - on) * np.log(1 - on)


def _entropy(p):
    return -(p * np.log(p)).sum(axis=1)


def _exclusive_of_marginals(p, n_v):
    """KL(Q || P) at the Q that has the posterior's own means."""
    q = exact.factorised_table(p @ exact.states(n_v))
    return (q * np.log(q / p)).sum(axis=1)


def _slopes(gen, rec, u):
    up = exact.grad_free_energy(gen, rec, u)[1]
    return up, exact.grad_dream(gen, rec, u)[1]


def _cosine_of(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def _dot(gen, rec, u):
    up, sleep = _slopes(gen, rec, u)
    return up.ravel() @ sleep.ravel()


def _squared_lengths(gen, rec, u):
    up, sleep = (slope.ravel() for slope in _slopes(gen, rec, u))
    return up @ sleep / ((up @ up) * (sleep @ sleep))


def _weights_only(gen, rec, u):
    up, sleep = _slopes(gen, rec, u)
    return _cosine_of(up.W.ravel(), sleep.W.ravel())


def _row_by_row(gen, rec, u):
    """The mean of the cosines of the two parts, biases and weights."""
    up, sleep = _slopes(gen, rec, u)
    return (_cosine_of(up.w, sleep.w) + _cosine_of(up.W.ravel(), sleep.W.ravel())) / 2


def _data_for_dreams(gen, rec, u):
    up, down = exact.grad_free_energy(gen, rec, u)[1], exact.grad_kl_p_q(gen, rec, u)[1]
    return _cosine_of(up.ravel(), -down.ravel())


def _generative_slopes(gen, rec, u):
    up, dream = exact.grad_free_energy(gen, rec, u)[0], exact.grad_dream(gen, rec, u)[0]
    return _cosine_of(up.ravel(), dream.ravel())


QUESTIONS = (
    Numbers(
        id="06.1",
        title="Two guesses about one of three",
        prompt="Three causes. The posterior is 1/3 for each of the patterns 001, 010 and 100, "
        "and 0 for all others. The first guess decides: Q says 100 and nothing else. The second "
        "says 1/3 for each cause, independently. Give the pair (KL(Q || P) of the first, "
        "KL(P || Q) of the second) in nats, to three decimals.",
        names=("KL(Q || P), deciding", "KL(P || Q), hedging"),
        answer=(DECIDES, HEDGES),
        why="ln 3 and ln(9/4). The first is right in one case of three. The second gives each of "
        "the three patterns (1/3)(2/3)(2/3) = 4/27, less than half of its 1/3.",
        otherwise="Write down Q of each of the three patterns, and only then the sums.",
        hints=(
            "The first Q is 1 at one pattern, so its sum has one term: 1 times log(1 / (1/3)).",
            "The second Q gives 100 the probability (1/3)(2/3)(2/3): one cause on, two off.",
            "KL(P || Q) has three equal terms, 1/3 log((1/3) / (4/27)) each.",
        ),
        wrong=(
            Wrong(
                "swapped",
                (HEDGES, DECIDES),
                "Both numbers are right and in the wrong order: the guess that decides comes "
                "first.",
            ),
            wrong_sign(
                (DECIDES, HEDGES),
                "The sizes are right and the signs are wrong: no divergence is below 0.",
            ),
            in_bits(
                (DECIDES, HEDGES), "Both are in bits. Multiply by ln 2: the answer is in nats."
            ),
            Wrong(
                "causes off forgotten",
                (DECIDES, 0.0),
                "The first is right. For the second you took Q = 1/3 for each pattern. It is 1/3 "
                "for each cause: the two causes that are off have a probability as well, 2/3 each.",
            ),
            Wrong(
                "all causes on",
                (DECIDES, 2 * np.log(3)),
                "The first is right. For the second you took (1/3)^3, which is Q of 111. In 100 "
                "two causes are off, with probability 2/3 each.",
            ),
            Wrong(
                "one term for three",
                (DECIDES, HEDGES / 3),
                "The first is right. The second has three equal terms, one for each pattern: you "
                "stopped after one.",
            ),
        ),
    ),
    Function(
        id="06.2",
        title="The price of factorising",
        prompt="Of all factorised Q, the one with the posterior's own mean for every cause has "
        "the least KL(P || Q). That least divergence is the sum of the entropies of the single "
        "causes, less the entropy of the posterior. Write price(p, n_v): the least KL(P || Q) "
        "of every row, shape (n,), in nats. p is a table (n, 2**n_v) of a posterior without "
        "zeros, its columns in the order of exact.states(n_v).",
        answer=price,
        cases=_posteriors,
        why="Entropies of the parts less the entropy of the whole: 0 if the causes are "
        "independent given the input, and above 0 by all that they know of each other.",
        otherwise="Two steps: on = p @ exact.states(n_v), the mean of every cause, shape (n, n_v); "
        "then the entropies.",
        hints=(
            "p @ exact.states(n_v) is the probability that each cause is on, shape (n, n_v).",
            "A cause that is on with probability m has entropy -m log m - (1 - m) log(1 - m).",
            "Sum these over the causes (axis 1), and subtract -sum p log p, also over axis 1.",
        ),
        wrong=(
            Wrong(
                "only the causes that are on",
                lambda p, n_v: _entropies(p, n_v, on_only=True).sum(axis=1) - _entropy(p),
                "The entropy of a cause has two terms: -m log m for on, and -(1 - m) log(1 - m) "
                "for off. The second is missing.",
            ),
            wrong_sign(
                price,
                "The size is right and the sign is wrong: the parts have the larger entropy, and "
                "the divergence is what they have too much.",
            ),
            Wrong(
                "entropy of the posterior forgotten",
                lambda p, n_v: _entropies(p, n_v).sum(axis=1),
                "This is the sum of the entropies of the causes. Subtract the entropy of the "
                "posterior: a price of 0 is possible.",
            ),
            Wrong(
                "entropy of the posterior added",
                lambda p, n_v: _entropies(p, n_v).sum(axis=1) + _entropy(p),
                "You added the entropy of the posterior. Subtract it; mind that sum p log p is "
                "minus an entropy already.",
            ),
            Wrong(
                "mean over the causes",
                lambda p, n_v: _entropies(p, n_v).mean(axis=1) - _entropy(p),
                "You averaged the entropies of the causes. Sum them.",
            ),
            Wrong(
                "KL turned around",
                _exclusive_of_marginals,
                "This is KL(Q || P) at the right Q. Weight the logarithm with P, and turn the "
                "fraction over.",
            ),
            in_bits(price),
            averaged(price),
            summed(price),
        ),
    ),
    Choice(
        id="06.3",
        title="Why leave the top?",
        prompt="A machine stands at the top of L. Its posterior is dependent, and its Q is the "
        "best that factorises. The wake phase changes G. Why can it lower L?",
        options={
            "A": "Because its causes are drawn: with exact averages wake would stay.",
            "B": "Because the learning rate is too high: small steps cannot lower L.",
            "C": "Because it climbs F = L - KL(Q || P), and may pay with L for a smaller KL.",
            "D": "Because sleep moves Q in the meantime, away from the posterior.",
        },
        answer=ANSWERS["06.3"],
        why="At the top of L its slope is 0, so to first order the divergence alone decides: the "
        "machine moves towards a posterior that its Q can say.",
        hints=(
            "Which function does wake climb in G? And what is the slope of L at its top?",
            "Write F as L less a divergence. Which of the two terms still has a slope?",
        ),
        replies={
            "A": "The walk in the lab was done with exact averages, and it left the top all the "
            "same.",
            "B": "The slope of F in G is not that of L: also a step as small as you like goes "
            "along the wrong slope.",
            "D": "Wake alone would do it. With Q held, F still has a slope in G where L has none.",
        },
    ),
    Choice(
        id="06.4",
        title="When does sleep lower F?",
        prompt="The machine is held and only sleep works. Where must a small sleep step lower F, "
        "or at best leave it as it is?",
        options={
            "A": "Wherever Q is factorised: sleep climbs another function.",
            "B": "Where Q is at the top of F in W, and sleep still has somewhere to go.",
            "C": "Where Q equals the posterior of every input.",
            "D": "Nowhere: on average sleep always raises F.",
        },
        answer=ANSWERS["06.4"],
        why="From the top of F in W no way leads up. Sleep goes on, since its own top is "
        "elsewhere: so F falls.",
        hints=(
            "From which place does every direction lead down?",
            "F and the dreamt F-tilde have their tops, as functions of W, in different places. "
            "Stand on one of them.",
        ),
        replies={
            "A": "Not wherever: along wake-sleep from small weights sleep pointed uphill on F at "
            "every single step.",
            "C": "There both divergences are 0, and both slopes too: sleep stands still on "
            "average, and so does F.",
            "D": "The second run of the lab is a counterexample: sleep alone took F down by more "
            "than two nats.",
        },
    ),
    Choice(
        id="06.5",
        title="Better model, looser bound",
        prompt="Two machines have learnt the same data. A: L = -17.6, F = -18.3. B: L = -17.2, "
        "F = -19.6. A friend says: F is what we can compute, A has the higher F, so A is the "
        "better model of the data. What do you say?",
        options={
            "A": "Right: F is a bound on L, so the higher F belongs to the higher L.",
            "B": "Wrong: F is above L for machine B, so something is broken.",
            "C": "Neither is better: L - F has to be the same for both before they are compared.",
            "D": "Wrong: B gives the data more probability. A's guesses are closer to its own "
            "posterior, which is another virtue.",
        },
        answer=ANSWERS["06.5"],
        why="L says how good the model is; L - F says how well Q fits its posterior. F mixes "
        "the two, and an estimate such as L_K with large K tells them apart.",
        hints=(
            "Which of the two numbers belongs to the generative model alone?",
            "F = L - KL(Q || P). Work out both divergences.",
        ),
        replies={
            "A": "A bound says where L cannot be: below. It does not say how far above. Look at "
            "both L.",
            "B": "-19.6 is below -17.2. All is as it should be, only the gap is large.",
            "C": "L of two machines can be compared whatever their gaps: it is log P[u] of the "
            "same data.",
        },
    ),
    Numbers(
        id="06.6",
        title="L_4 by hand",
        prompt="Four guesses have the ratios r_k = P[v_k, u] / Q[v_k|u] = 1, 1/8, 1/8, 1/4. "
        "Give the pair (L_4, mean of log r_k) in nats, to three decimals. The second is what the "
        "same guesses say about F.",
        names=("L_4", "mean of log r"),
        answer=(OF_MEAN, MEAN_OF),
        why="The mean ratio is 3/8, so L_4 = ln(3/8); the mean of the logarithms is -2 ln 2, "
        "which is lower. The logarithm bends down, so the log of a mean is never below the mean "
        "of the logs.",
        otherwise="Add the ratios, divide by 4, then take ln. For the second take ln first.",
        hints=(
            "L_K is the log of the mean ratio. The ratios add up to 3/2.",
            "ln 1, ln 1/8, ln 1/8, ln 1/4 are 0, -3, -3 and -2 times ln 2.",
        ),
        wrong=(
            Wrong(
                "swapped",
                (MEAN_OF, OF_MEAN),
                "Both numbers are right and in the wrong order: the log of the mean comes first.",
            ),
            Wrong(
                "log K forgotten",
                (float(np.log(RATIOS.sum())), MEAN_OF),
                "The second is right. The first is the log of the sum of the ratios: divide the "
                "sum by K, or subtract ln K.",
            ),
            Wrong(
                "sums for means",
                (float(np.log(RATIOS.sum())), 4 * MEAN_OF),
                "You took sums. Both are means: divide by 4, before the logarithm in the first "
                "and after it in the second.",
            ),
            wrong_sign(
                (OF_MEAN, MEAN_OF),
                "The sizes are right and the signs are wrong: the logarithm of a number below 1 is "
                "negative, and so is the mean of these.",
            ),
            in_bits(
                (OF_MEAN, MEAN_OF), "Both are in bits. Multiply by ln 2: the answer is in nats."
            ),
            Wrong(
                "counted by its size",
                (OF_MEAN, float(RATIOS @ np.log(RATIOS))),
                "The first is right. In the second every guess counts alike, 1/4: you counted each "
                "with its own ratio.",
            ),
            Wrong(
                "best guess alone",
                (float(np.log(RATIOS.max())), MEAN_OF),
                "The second is right. The first is the log of the largest ratio: take the mean of "
                "all four.",
            ),
        ),
    ),
    Function(
        id="06.7",
        title="Type L_K",
        prompt="Write L_K(log_r): for log ratios of shape (n, K), K guesses for each of n "
        "inputs, the log of the mean ratio of every row, shape (n,), in nats. The ratios may be "
        "so small or so large that exp leaves the numbers: scipy.special.logsumexp does not, and "
        "neither do you if you take the largest of each row out first.",
        answer=L_K,
        cases=_log_ratios,
        why="logsumexp - log K. With K = 1 it is log r, whose mean is F; with K to infinity it "
        "is log P[u].",
        otherwise="log(1/K sum_k r_k) = log sum_k exp(log r_k) - log K.",
        hints=(
            "The mean of K ratios is their sum over K: the logarithm turns the quotient into a "
            "difference.",
            "The log of a sum of exponentials, for each row: logsumexp(log_r, axis=1).",
            "K is log_r.shape[1].",
        ),
        wrong=(
            Wrong(
                "mean of the logs",
                lambda log_r: log_r.mean(axis=1),
                "This is the mean of the logs: what the guesses say about F. Take the log of the "
                "mean ratio.",
            ),
            Wrong(
                "log K forgotten",
                lambda log_r: logsumexp(log_r, axis=1),
                "This is the log of the sum of the ratios, without the 1/K: subtract log K.",
            ),
            Wrong(
                "divided by K outside",
                lambda log_r: logsumexp(log_r, axis=1) / log_r.shape[1],
                "You divided the logarithm by K. Divide inside, or subtract log K outside.",
            ),
            Wrong(
                "number of inputs for K",
                lambda log_r: logsumexp(log_r, axis=1) - np.log(len(log_r)),
                "You subtracted the log of the number of inputs. K is the number of guesses, "
                "log_r.shape[1].",
            ),
            Wrong(
                "best guess",
                lambda log_r: log_r.max(axis=1),
                "This is the largest log ratio of each row. The other guesses count too, and so "
                "does the 1/K.",
            ),
            Wrong(
                "best guess over K",
                lambda log_r: log_r.max(axis=1) - np.log(log_r.shape[1]),
                "You kept only the largest ratio of each row. Add the others before you take the "
                "logarithm.",
            ),
            Wrong(
                "overflow",
                lambda log_r: np.log(np.exp(log_r).mean(axis=1)),
                "The formula is right, but exp of -2000 is 0 and exp of 1000 is infinite. Take the "
                "largest log ratio out of each row first, or use logsumexp.",
            ),
            Wrong(
                "logarithm forgotten",
                lambda log_r: np.exp(log_r).mean(axis=1),
                "This is the mean ratio, an estimate of P[u]. Its logarithm is wanted.",
            ),
            averaged(L_K),
            in_bits(L_K),
        ),
    ),
    Function(
        id="06.8",
        title="The angle between two slopes",
        prompt="Write cosine(gen, rec, u): the cosine of the angle between the slope of F in the "
        "recognition model (weights W and biases w together) and the expected sleep update, one "
        "number. The data u count equally. exact.grad_free_energy(gen, rec, u) and "
        "exact.grad_dream(gen, rec, u) give pairs of slopes; .ravel() makes one vector of a "
        "model.",
        answer=cosine,
        cases=_seeing_machines,
        why="Above 0, a small sleep step raises F; below 0, it lowers F. How long the vectors are "
        "does not matter.",
        otherwise="a @ b / (np.linalg.norm(a) * np.linalg.norm(b)).",
        hints=(
            "Both functions return a pair, for the generative and for the recognition model. You "
            "need the second of each.",
            "a = exact.grad_free_energy(gen, rec, u)[1].ravel(), and b likewise.",
            "The cosine is a @ b divided by both lengths; np.linalg.norm gives a length.",
        ),
        wrong=(
            Wrong(
                "lengths forgotten",
                _dot,
                "This is the product of the two vectors. Divide it by both lengths: a cosine does "
                "not depend on them.",
            ),
            Wrong(
                "squared lengths",
                _squared_lengths,
                "You divided by the squares of the lengths: a @ a is a length squared. Take the "
                "root, or use np.linalg.norm.",
            ),
            wrong_sign(
                cosine,
                "The size is right and the sign is wrong. Both vectors point uphill, each on its "
                "own function.",
            ),
            Wrong(
                "biases left out",
                _weights_only,
                "You compared the weights W alone. The biases w move too: .ravel() puts both into "
                "one vector.",
            ),
            Wrong(
                "biases and weights apart",
                _row_by_row,
                "You took one cosine for the biases and one for the weights, and averaged them. "
                "There is one angle, between two vectors with all parameters.",
            ),
            Wrong(
                "the generative slopes",
                _generative_slopes,
                "You compared the slopes in G, the first of each pair. Sleep moves W: take the "
                "second.",
            ),
            Wrong(
                "data for dreams",
                _data_for_dreams,
                "You compared F with F-tilde on the data, the second step of notebook 04. Sleep "
                "works on dreams: exact.grad_dream.",
            ),
            Wrong(
                "the angle itself",
                lambda gen, rec, u: np.arccos(cosine(gen, rec, u)),
                "This is the angle, in radians. Its cosine is wanted.",
            ),
            Wrong(
                "a vector with itself",
                lambda gen, rec, u: 1.0,
                "The cosine is 1 everywhere: you compared a vector with itself.",
            ),
        ),
    ),
)
