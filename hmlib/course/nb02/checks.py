"""Questions of notebook 02, "Watch the free energy"."""

from __future__ import annotations

import numpy as np

from hmlib import exact
from hmlib.binary import log_bernoulli
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Decoy, Number, Numbers, Order
from hmlib.check.question import Wrong
from hmlib.check.slips import averaged, in_bits, summed, wrong_sign
from hmlib.course.machines import machines, tables
from hmlib.course.nb02.solutions import ANSWERS

# The tiny machine of `machines.tiny`: its parts of F, and what stands beside them.
F_TINY = ANSWERS["02.6"]
LOG_JOINT, ENTROPY = ANSWERS["02.5"]
LN2, LN3 = np.log(2), np.log(3)
L_TINY = -LN2
KL_P_Q = 1.5 * LN2 - 7 / 8 * LN3
EQUAL_WEIGHTS = -3.5 * LN2 + LN3 / 4
INPUT_OFF = -29 / 8 * LN2 + LN3 / 16
POSTERIOR_AVERAGE = -3.5 * LN2 + 3 / 8 * LN3

TINY = (
    "Two causes drive one input. Every pattern v of the causes is equally likely: P[v] = 1/4. "
    "The input is on with probability P[u=1|v] = 1/2, 1/4, 3/4, 1/2 for v = 00, 01, 10, 11. "
    "Recognition guesses the causes independently: the first is on with probability 3/4, the "
    "second with probability 1/4. The input is on, u = 1."
)


def _log_tables(gen, rec, u):
    """Tables of log P[v, u] and log Q[v|u], shape (n, 2**n_v)."""
    return exact.log_joint(gen, u), np.log(exact.recognition_table(rec, u))


def _terms(gen, rec, u):
    """Table of Q log(P[v, u] / Q): the terms of F."""
    log_p, log_q = _log_tables(gen, rec, u)
    return np.exp(log_q) * (log_p - log_q)


def _log_joint_average(gen, rec, u):
    log_p, log_q = _log_tables(gen, rec, u)
    return (np.exp(log_q) * log_p).sum(axis=1)


def _entropy(gen, rec, u):
    log_q = _log_tables(gen, rec, u)[1]
    return -(np.exp(log_q) * log_q).sum(axis=1)


def _without_prior(gen, rec, u):
    log_p, log_q = _log_tables(gen, rec, u)
    log_prior = log_bernoulli(exact.states(gen.n_v), gen.g)
    return (np.exp(log_q) * (log_p - log_prior - log_q)).sum(axis=1)


def _log_weighted(gen, rec, u):
    log_p, log_q = _log_tables(gen, rec, u)
    return (log_q * (log_p - log_q)).sum(axis=1)


def _unweighted(gen, rec, u):
    log_p, log_q = _log_tables(gen, rec, u)
    return (log_p - log_q).sum(axis=1)


QUESTIONS = (
    Order(
        id="02.1",
        title="Derive F = L - KL",
        prompt="Put the lines in order, beginning with the definition of F, for one input u. "
        "Q is short for Q[v|u], and L is log P[u]. Two of the lines do not belong.",
        lines={
            "A": "= log P[u] - sum_v Q log( Q / P[v|u] )",
            "B": "= sum_v Q log( P[u|v] P[u] / Q )",
            "C": "= sum_v Q log( P[v|u] P[u] / Q )",
            "D": "= L - KL(Q || P[v|u])",
            "E": "F = sum_v Q log( P[v,u] / Q )",
            "J": "= log P[u] - sum_v P[v|u] log( P[v|u] / Q )",
            "K": "= log P[u] + sum_v Q log( P[v|u] / Q )",
            "N": "= sum_v Q log P[u] + sum_v Q log( P[v|u] / Q )",
        },
        answer=ANSWERS["02.1"],
        why="Three things were used: P[v,u] = P[v|u] P[u], the logarithm of a product is a sum, "
        "and Q sums to 1.",
        otherwise="Ask of every line what was done to the line before it.",
        hints=(
            "Begin with E and end with D.",
            "After E, split P[v,u] with the product rule so that the posterior appears.",
            "Then the logarithm of a product becomes a sum, then sum_v Q = 1 is used, then the "
            "fraction is turned over.",
        ),
        decoys={
            "B": Decoy(
                "C",
                "Line B is not the product rule: P[v,u] is P[u|v] P[v], or P[v|u] P[u], and not "
                "P[u|v] P[u].",
            ),
            "J": Decoy(
                "A",
                "Line J averages under the posterior: that is KL(P || Q), the other direction. "
                "The weight is Q from the first line on.",
            ),
        },
        wrong=(
            Wrong(
                "backwards",
                "DAKNCE",
                "Every step is sound, and you walk from L - KL to F. The question begins with "
                "the definition of F.",
            ),
            Wrong(
                "line left out",
                "ECKAD",
                "A line is missing between C and K. In C there is one logarithm of a product, in K "
                "two terms, and log P[u] stands without its sum: two steps at once.",
            ),
            Wrong(
                "sum over Q used too early",
                "ECKNAD",
                "K comes before N here. K uses sum_v Q = 1, and the sum with log P[u] in it "
                "first appears in N.",
            ),
            Wrong(
                "fraction turned over too early",
                "ECNAKD",
                "A comes before K here. In A the fraction is turned over and log P[u] already "
                "stands alone, as in K: from N the small step is to K.",
            ),
        ),
    ),
    Choice(
        id="02.2",
        title="When does F touch the ceiling?",
        prompt="When is F = L for every input in the data?",
        options={
            "A": "When F has been maximised over the weights W.",
            "B": "When Q[v|u] equals the prior P[v] for every input.",
            "C": "When L has been maximised over G.",
            "D": "When Q[v|u] equals the posterior P[v|u] for every input.",
        },
        answer=ANSWERS["02.2"],
        why="L - F is an average of KL(Q || P[v|u]), and a KL is 0 only when its two "
        "distributions are the same. A factorised Q can do this only where the posterior "
        "factorises.",
        hints=(
            "Write the gap L - F as a divergence. Between which two distributions?",
            "A divergence is 0 only if both distributions are equal. What is the second one?",
        ),
        replies={
            "A": "The best W makes the gap as small as this Q can, and not always 0: causes "
            "that explain each other away leave a gap for every factorised Q.",
            "B": "A Q equal to the prior ignores the input. The gap is measured to the "
            "posterior P[v|u].",
            "C": "Maximising L moves the ceiling. How far F hangs below it depends on Q as well.",
        },
    ),
    Choice(
        id="02.3",
        title="Which sign convention?",
        prompt='Another text says: "We minimise the variational free energy, an upper bound on '
        'the surprise -log P[u]." Call its quantity J. What is J in our letters?',
        options={
            "A": "J = F: the text says minimise where it should say maximise.",
            "B": "J = -F: minimising J is maximising our F.",
            "C": "J = KL(Q || P[v|u]): that is what is minimised.",
            "D": "J = -L: surprise is what is minimised.",
        },
        answer=ANSWERS["02.3"],
        why="F <= log P[u] turns into -F >= -log P[u]: a lower bound that rises and an upper "
        "bound that falls are the same statement. Look for the word bound to tell which is used.",
        hints=(
            "Ask of each candidate: is it never below -log P[u]?",
            "We have F <= log P[u]. Multiply both sides by -1 and turn the sign round.",
        ),
        replies={
            "A": "F is a lower bound on log P[u], so it is not an upper bound on -log P[u]. The "
            "text makes no slip: it uses the opposite sign.",
            "C": "The KL is at least 0 and may lie below the surprise, so it is not a bound on "
            "it. J is the surprise plus this KL.",
            "D": "-L is the surprise itself. A bound on it lies above it, by the gap "
            "KL(Q || P[v|u]).",
        },
    ),
    Choice(
        id="02.4",
        title="Spot the slip: E-phase and M-phase",
        prompt="A student's notes say: \"Maximise F with respect to G during the E-phase, as "
        "always. However Q appears in two places, making maximising with respect to W for the "
        'M-phase more difficult." Which sentence is right?',
        options={
            "A": "The notes are right as they stand.",
            "B": "Both phases should minimise F, since it is a free energy.",
            "C": "The names are swapped: the E-phase maximises F over W (or Q), the M-phase "
            "over G. It is still W that is the harder one.",
            "D": "The names are right, but Q appears in two places for G, so it is G that is "
            "harder.",
        },
        answer=ANSWERS["02.4"],
        why="E is for expectation: it sets the Q under which the average is taken. M is for "
        "maximisation of the model G under that Q. F contains Q as a weight and inside the "
        "logarithm, so W is the harder one.",
        hints=(
            "What does the letter E stand for, and which of W and G does an expectation need?",
            "Write F = sum_v Q log P[v,u] - sum_v Q log Q and mark every place where W, and every "
            "place where G, comes in.",
        ),
        replies={
            "A": "One thing is swapped. Expectations are taken under Q, so the phase named after "
            "them is the one that sets Q.",
            "B": "Here F is a lower bound on the log likelihood, so both phases raise it. "
            "Another text may minimise -F, and the slip is elsewhere.",
            "D": "G comes in at one place only, log P[v,u]. Q, and with it W, stands in two: as "
            "the weight and inside the logarithm.",
        },
    ),
    Numbers(
        id="02.5",
        title="Split F in two",
        prompt=f"{TINY} Give a pair: the average of log P[v,u] under Q, and the entropy of Q, in "
        "nats, to three decimals.",
        names=("average log joint", "entropy"),
        answer=ANSWERS["02.5"],
        why="Their sum is F. The first term pulls Q to the most probable pattern, the "
        "entropy pulls it apart again.",
        otherwise="Check that Q adds up to 1 over the four patterns, and that your two numbers add "
        "up to less than L = ln(1/2) = -0.693.",
        hints=(
            "A table has all you need: P[v,u] and Q[v] for each of the four patterns.",
            "The first number is the sum of Q ln P[v,u], the second minus the sum of Q ln Q.",
            "Q factorises, so its entropy is the sum of two, one for each cause; here both are "
            "-(3/4) ln(3/4) - (1/4) ln(1/4).",
        ),
        wrong=(
            Wrong(
                "swapped",
                (ENTROPY, LOG_JOINT),
                "Both numbers are right and in the wrong order: first the average, then the "
                "entropy.",
            ),
            Wrong(
                "wrong sign of the entropy",
                (LOG_JOINT, -ENTROPY),
                "The average is right. The entropy is minus the average of log Q, so it is never "
                "below 0.",
            ),
            Wrong(
                "energy for its negative",
                (-LOG_JOINT, ENTROPY),
                "The entropy is right. The first number is the average energy, minus the "
                "average of log P[v,u]: F is entropy minus energy.",
            ),
            in_bits((LOG_JOINT, ENTROPY), "Both are in bits. Use the natural logarithm."),
            Wrong(
                "entropy of one cause",
                (LOG_JOINT, ENTROPY / 2),
                "The average is right. This is the entropy of one cause alone; the other adds as "
                "much again.",
            ),
            Wrong(
                "prior left out",
                (LOG_JOINT + 2 * LN2, ENTROPY),
                "The entropy is right. The first number is the average of log P[u|v]: the prior "
                "P[v] = 1/4 is missing.",
            ),
            Wrong(
                "average under the posterior",
                (POSTERIOR_AVERAGE, ENTROPY),
                "The entropy is right. You averaged log P[v,u] under the posterior; the weights "
                "are Q, the guess.",
            ),
            Wrong(
                "Q left out of the average",
                (EQUAL_WEIGHTS, ENTROPY),
                "The entropy is right. In the average each pattern counts with its own Q[v], not "
                "all the same.",
            ),
        ),
    ),
    Number(
        id="02.6",
        title="F of one input, by hand",
        prompt=f"{TINY} What is the free energy F, in nats, to three decimals?",
        answer=F_TINY,
        why="F = (3/8) ln 2 - (15/16) ln 3, about -0.770. It lies 0.077 below "
        "L = ln(1/2) = -0.693, and that gap is KL(Q || P[v|u]).",
        otherwise="Two checks: Q[v] adds up to 1 over the four patterns, and F must lie below "
        "L = ln(1/2) = -0.693.",
        hints=(
            "Make a table with one row for each of 00, 01, 10, 11, and two columns: "
            "P[v,u] = P[v] P[u=1|v], and Q[v], a product of one probability for each cause.",
            "The columns are P[v,u] = 1/8, 1/16, 3/16, 1/8 and Q = 3/16, 1/16, 9/16, 3/16.",
            "F is the sum over the four rows of Q times (ln P[v,u] - ln Q). The second row gives "
            "1/16 times (ln 1/16 - ln 1/16) = 0.",
        ),
        wrong=(
            Wrong(
                "entropy dropped",
                LOG_JOINT,
                "This is the average of log P[v,u] under Q. The entropy of Q is missing: "
                "subtract log Q inside the average.",
            ),
            Wrong(
                "entropy subtracted",
                LOG_JOINT - ENTROPY,
                "You subtracted the entropy of Q. F is the average of log P[v,u] plus the "
                "entropy: a Q that keeps its options open is rewarded.",
            ),
            wrong_sign(
                F_TINY,
                "The size is right and the sign is wrong. You have -F, which some texts minimise; "
                "here F lies below the log likelihood and is maximised.",
            ),
            in_bits(F_TINY, "This is F in bits. Use the natural logarithm: the answer is in nats."),
            Wrong(
                "L for F",
                L_TINY,
                "This is L = log P[u], the ceiling: the logarithm was taken after the sum over v. "
                "In F the logarithm stands inside the sum, weighted by Q.",
            ),
            Wrong(
                "KL turned around",
                L_TINY - KL_P_Q,
                "This is L - KL(P || Q). In F the divergence is KL(Q || P[v|u]): the average is "
                "taken under Q, not under the posterior.",
            ),
            Wrong(
                "gap for F",
                L_TINY - F_TINY,
                "This is the gap KL(Q || P[v|u]), not F itself. F is L minus this gap.",
            ),
            Wrong(
                "prior left out",
                LOG_JOINT + 2 * LN2 + ENTROPY,
                "The prior is missing: you used P[u|v] where P[v,u] = P[v] P[u|v] belongs. A "
                "value above L = -0.693 cannot be F.",
            ),
            Wrong(
                "Q left out of the average",
                EQUAL_WEIGHTS + ENTROPY,
                "You averaged log P[v,u] over the four patterns with equal weights. Each pattern "
                "counts with its own Q[v].",
            ),
            Wrong(
                "average under the posterior",
                POSTERIOR_AVERAGE + ENTROPY,
                "You averaged log P[v,u] under the posterior 1/4, 1/8, 3/8, 1/4. In F the average "
                "is taken under Q, the guess.",
            ),
            Wrong(
                "input off",
                INPUT_OFF + ENTROPY,
                "This is F for u = 0: you used the probabilities of the input being off.",
            ),
        ),
    ),
    Function(
        id="02.7",
        title="Type the KL divergence",
        prompt="Write kl(q, p). Both are tables of shape (n, S), a row for each input and a column "
        "for each of S patterns; every row is a distribution without zeros. It returns KL(q || p) "
        "of every row, shape (n,), in nats.",
        answer=ANSWERS["02.7"],
        cases=tables,
        why="The average of log q - log p is taken under q, the first argument. With q = Q and "
        "p = P[v|u] it is the gap between L and F.",
        otherwise="Two checks: kl(q, q) is 0, and no value is ever below 0.",
        hints=(
            "KL(q || p) is an average of log(q / p). Under which of the two distributions?",
            "The first argument gives the weights: sum over the states of q log(q / p).",
            "States run along axis 1: np.sum(..., axis=1).",
        ),
        wrong=(
            Wrong(
                "KL turned around",
                lambda q, p: np.sum(p * np.log(p / q), axis=1),
                "This is KL(p || q). The two directions differ: the average is taken under the "
                "first argument, q.",
            ),
            Wrong(
                "average under the other distribution",
                lambda q, p: np.sum(p * np.log(q / p), axis=1),
                "The ratio log(q / p) is right and its average is taken under p. Take it under q: "
                "this value is never above 0, and a KL is never below.",
            ),
            wrong_sign(
                ANSWERS["02.7"],
                "The size is right and the sign is wrong: q stands above and p below, and no KL "
                "is below 0.",
            ),
            in_bits(ANSWERS["02.7"]),
            averaged(ANSWERS["02.7"]),
            summed(ANSWERS["02.7"]),
            Wrong(
                "sum over the wrong axis",
                lambda q, p: np.sum(q * np.log(q / p), axis=0),
                "You summed over the rows and kept one number for every state. Sum over the "
                "states, axis=1, and keep one number for every row.",
            ),
            Wrong(
                "mean over the states",
                lambda q, p: np.mean(q * np.log(q / p), axis=1),
                "You averaged over the states after weighting them with q. q is the weight: take "
                "the sum.",
            ),
            Wrong(
                "weights left out",
                lambda q, p: np.sum(np.log(q / p), axis=1),
                "Every state counts the same in your sum. Weight log(q / p) with q.",
            ),
            Wrong(
                "p left out",
                lambda q, p: np.sum(q * np.log(q), axis=1),
                "This is minus the entropy of q: p is missing. Compare log q with log p.",
            ),
            Wrong(
                "cross entropy",
                lambda q, p: -np.sum(q * np.log(p), axis=1),
                "This is the cross entropy of q and p: the entropy of q is still in it. "
                "Subtract it, so that kl(q, q) is 0.",
            ),
            Wrong(
                "sum not taken",
                lambda q, p: q * np.log(q / p),
                "These are the terms of the sum, one for every state. Add them up along axis 1.",
            ),
        ),
    ),
    Function(
        id="02.8",
        title="Type the free energy",
        prompt="Write free_energy(gen, rec, u). It returns F of every row of u, shape (n,), in "
        "nats, by summing over the patterns in exact.states(gen.n_v). Use gen.log_prob(v, u) for "
        "log P[v,u] and rec.log_prob(v, u) for log Q[v|u]; both take one row of v for every row "
        "of u.",
        answer=ANSWERS["02.8"],
        cases=machines,
        why="Every pattern of causes counts with its Q, and log P - log Q is the average log "
        "joint and the entropy in one. It agrees with exact.free_energy.",
        otherwise="Take one input and one cause, and compare each of the two terms with a hand "
        "computation.",
        hints=(
            "Loop over the patterns in exact.states(gen.n_v) and add one term for each; start from "
            "np.zeros(len(u)).",
            "The term of v is Q[v|u] times (log P[v,u] - log Q[v|u]).",
            "v = np.tile(pattern, (len(u), 1)) repeats one pattern for every row of u; then "
            "log_q = rec.log_prob(v, u) has shape (n,). The weight is np.exp(log_q).",
        ),
        wrong=(
            Wrong(
                "entropy dropped",
                _log_joint_average,
                "This is the average of log P[v,u] under Q. The entropy is missing: subtract "
                "log Q inside the sum.",
            ),
            Wrong(
                "entropy subtracted",
                lambda *m: _log_joint_average(*m) - _entropy(*m),
                "The entropy came in with the wrong sign: inside the sum stands "
                "log P[v,u] - log Q, not log P[v,u] + log Q.",
            ),
            Wrong(
                "entropy only",
                _entropy,
                "This is the entropy of Q alone. The average of log P[v,u] is missing.",
            ),
            wrong_sign(
                exact.free_energy,
                "The size is right and the sign is wrong: this is -F. Here F is the lower bound "
                "that is maximised: log P[v,u] comes with plus, log Q with minus.",
            ),
            in_bits(exact.free_energy),
            averaged(exact.free_energy),
            summed(exact.free_energy),
            Wrong(
                "KL turned around",
                exact.reversed_free_energy,
                "This is L - KL(P || Q), the reversed free energy. Weight the terms with "
                "Q[v|u], not with the posterior.",
            ),
            Wrong(
                "L for F",
                lambda gen, rec, u: exact.log_likelihood(gen, u),
                "This is log P[u], the ceiling: the logarithm was taken after the sum. In F it "
                "stands inside the sum, weighted by Q.",
            ),
            Wrong(
                "gap for F",
                exact.kl_q_p,
                "This is the gap KL(Q || P[v|u]). F is log P[u] minus it.",
            ),
            Wrong(
                "gap added",
                lambda *m: exact.free_energy(*m) + 2 * exact.kl_q_p(*m),
                "This is log P[u] + KL(Q || P[v|u]). The gap is subtracted: F lies below the "
                "ceiling.",
            ),
            Wrong(
                "prior left out",
                _without_prior,
                "The prior is missing: log P[u|v] stands where log P[v,u] = log P[v] + "
                "log P[u|v] belongs.",
            ),
            Wrong(
                "Q left out of the average",
                _unweighted,
                "Every pattern counts the same in your sum. Weight each term with Q[v|u], which "
                "is np.exp of the log probability.",
            ),
            Wrong(
                "log Q as the weight",
                _log_weighted,
                "The weight of each term is log Q[v|u]. A weight is a probability: take np.exp "
                "of it first.",
            ),
            Wrong(
                "mean over the states",
                lambda *m: _terms(*m).mean(axis=1),
                "You averaged over the patterns after weighting them with Q. Q is the weight: "
                "take the sum.",
            ),
            Wrong(
                "sum over the wrong axis",
                lambda *m: _terms(*m).sum(axis=0),
                "You summed over the data and kept one number for every pattern of causes. Sum "
                "over the patterns and keep one number for every row of u.",
            ),
        ),
    ),
)
