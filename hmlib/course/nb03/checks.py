"""Questions of notebook 03, "Climb it: E-phase and M-phase"."""

from __future__ import annotations

import numpy as np

from hmlib import exact
from hmlib.binary import sigmoid, softplus
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Decoy, Number, Numbers, Order
from hmlib.check.question import Wrong
from hmlib.check.slips import averaged, in_bits, wrong_sign
from hmlib.course.machines import machines
from hmlib.course.nb03.solutions import ANSWERS, Q_OF_ONE_CAUSE

grad_G, mean_field_update, grad_y = (ANSWERS[id] for id in ("03.6", "03.7", "03.8"))
G_BIAS = ANSWERS["03.5"]
SLOPES = ANSWERS["03.4"]
LN2, LN3 = np.log(2), np.log(3)
Q_ROW = np.array(Q_OF_ONE_CAUSE)


def _weighted_delta(gen, t, u, error=lambda gen, v, u: u - sigmoid(gen.G @ v + gen.h)):
    """sum_n sum_v t[n, v] error v^T / n."""
    patterns = enumerate(exact.states(gen.n_v))
    return sum(np.outer(t[:, k] @ error(gen, v, u), v) for k, v in patterns) / len(u)


def _steep(gen, v, u):
    f = sigmoid(gen.G @ v + gen.h)
    return (u - f) * f * (1 - f)


def _averages_first(gen, q, u):
    m = q @ exact.states(gen.n_v)
    return (u - sigmoid(gen.drive(m))).T @ m / len(u)


def _prior(gen, u):
    v = exact.states(gen.n_v)
    return np.tile(np.exp(v @ gen.g - softplus(gen.g).sum()), (len(u), 1))


def _delta_of_causes(gen, q, u):
    m = q @ exact.states(gen.n_v)
    return (m - sigmoid(gen.g)).T @ u / len(u)


def _log_odds(gen, q, u, a):
    p = mean_field_update(gen, q, u, a)
    return np.log(p / (1 - p))


def _averages_put_in(gen, q, u, a):
    on, off = q.copy(), q.copy()
    on[:, a], off[:, a] = 1, 0
    x_on, x_off = gen.drive(on), gen.drive(off)
    terms = u * (x_on - x_off) - softplus(x_on) + softplus(x_off)
    return sigmoid(gen.g[a] + terms.sum(axis=1))


def _log_of_average(gen, q, u, a):
    on, off, joint = q.copy(), q.copy(), np.exp(exact.log_joint(gen, u))
    on[:, a], off[:, a] = 1, 0
    p_on, p_off = ((exact.factorised_table(t) * joint).sum(axis=1) for t in (on, off))
    return p_on / (p_on + p_off)


def _posterior_marginal(gen, u):
    return exact.posterior(gen, u) @ exact.states(gen.n_v)


def _placed(gen, q, u, a):
    whole = q.copy()
    whole[:, a] = mean_field_update(gen, q, u, a)
    return whole


def _slope_terms(gen, q, u, weight, log_ratio, score=lambda v, q: v - q):
    """sum_v weight[n, v] log_ratio[n, v] score(v, q)."""
    patterns = enumerate(exact.states(gen.n_v))
    return sum((weight * log_ratio)[:, [k]] * score(v, q) for k, v in patterns)


def _tables(gen, q, u):
    table = exact.factorised_table(q)
    return table, exact.log_joint(gen, u), np.log(table)


def _slope_of_energy(gen, q, u):
    table, log_p, _ = _tables(gen, q, u)
    return _slope_terms(gen, q, u, table, log_p)


def _slope_of_entropy(gen, q, u):
    table, _, log_q = _tables(gen, q, u)
    return _slope_terms(gen, q, u, table, -log_q)


def _slope_without_f(gen, q, u):
    table, log_p, log_q = _tables(gen, q, u)
    return _slope_terms(gen, q, u, table, log_p - log_q, lambda v, q: v + 0 * q)


def _slope_unweighted(gen, q, u):
    table, log_p, log_q = _tables(gen, q, u)
    return _slope_terms(gen, q, u, np.ones_like(table), log_p - log_q)


def _slope_under_posterior(gen, q, u):
    _, log_p, log_q = _tables(gen, q, u)
    return _slope_terms(gen, q, u, exact.posterior(gen, u), log_p - log_q)


def _with_table(rng):
    for case in machines(rng):
        n, n_v = len(case["u"]), case["gen"].n_v
        q = rng.dirichlet(np.full(2**n_v, 1.0), n)
        yield {"gen": case["gen"], "q": q, "u": case["u"]}


def _with_probabilities(rng):
    for case in machines(rng):
        q = rng.uniform(0.1, 0.9, (len(case["u"]), case["gen"].n_v))
        yield {"gen": case["gen"], "q": q, "u": case["u"]}


def _with_one_cause(rng):
    for case in _with_probabilities(rng):
        yield case | {"a": int(rng.integers(case["gen"].n_v))}


QUESTIONS = (
    Choice(
        id="03.1",
        title="Which phases ran?",
        prompt="Three phases were run, and L and F (in nats) noted. At the start L = -4.10 and "
        "F = -4.90. After one phase L = -4.10, F = -4.35. After two L = -3.60, F = -3.90. After "
        "three L = -3.60, F = -3.75. Which phases were they, in order?",
        options={"A": "M, E, M", "B": "E, M, E", "C": "E, E, M", "D": "E, M, M"},
        answer=ANSWERS["03.1"],
        why="L belongs to the generative model. It moved in the second phase only, so only that "
        "one was an M-phase; where F rises and L stays, Q was improved.",
        hints=(
            "Which of the two phases can change L?",
            "Go through the list: did L move from -4.10 to -4.10? From -4.10 to -3.60? From "
            "-3.60 to -3.60?",
        ),
        replies={
            "A": "You have the names swapped: the M-phase moves the generative model, and with "
            "it L. In the first phase L stayed where it was.",
            "C": "In the second phase L moved from -4.10 to -3.60. An E-phase leaves the "
            "generative model, and so L, alone.",
            "D": "In the third phase F rose and L stayed at -3.60. An M-phase that raised F "
            "would have moved the generative model.",
        },
    ),
    Order(
        id="03.2",
        title="Derive the M-phase",
        prompt="Put the lines in order, beginning with F, to get the slope of F in the weights G "
        "while Q is fixed. Q is short for Q[v|u], E_u is the average over the data, and "
        "x = G v + h. Two of the lines do not belong.",
        lines={
            "A": "dF/dG = E_u sum_v Q d/dG log P[v,u]",
            "B": "= E_u sum_v Q (v - f(y)) u^T",
            "C": "= E_u sum_v Q d/dG sum_b ( u_b x_b - log(1 + e^x_b) )",
            "D": "F = E_u sum_v Q log P[v,u] - E_u sum_v Q log Q",
            "F": "= E_u sum_v Q (u - f(x)) v^T",
            "H": "= E_u sum_v Q d/dG log P[u|v]",
            "K": "dF/dG = E_u sum_v P[v|u] d/dG log P[v,u]",
        },
        answer=ANSWERS["03.2"],
        why="Q is fixed, so its entropy drops out; the prior P[v] does not contain G; the "
        "logarithm of a coin is u x - log(1 + e^x); and its slope in x is u - f(x).",
        otherwise="Ask of every line what was done to the line before it.",
        hints=(
            "Begin with D and end with F.",
            "First take the slope and drop what does not contain G: the entropy of Q.",
            "Then P[v,u] = P[v] P[u|v] and P[v] does not contain G. Then write log P[u|v] out, "
            "input by input.",
        ),
        decoys={
            "B": Decoy(
                "F",
                "Line B is the rule of the other network: it teaches W, with causes as "
                "targets and inputs on the right. Here the inputs are the targets.",
            ),
            "K": Decoy(
                "A",
                "Line K averages under the posterior: it is the slope of L. F is an average under "
                "Q, whatever Q is, and Q stays fixed.",
            ),
        },
        wrong=(
            Wrong(
                "backwards",
                "FCHAD",
                "Every step is sound, and you walk from the slope to F. The question begins "
                "with F.",
            ),
            Wrong(
                "written out too early",
                "DACHF",
                "H comes before C here. C has the inputs u_b alone, so the prior P[v] was dropped "
                "before it, and that happens in H.",
            ),
            Wrong(
                "prior dropped too early",
                "DHACF",
                "A comes before H here. H goes on from a line with log P[v,u] in it: drop the "
                "entropy first, then the prior.",
            ),
        ),
    ),
    Choice(
        id="03.3",
        title="Name the term",
        prompt="For fixed Q the M-phase is easy; the E-phase over the recognition weights W is "
        "hard. dF/dG = E_u E_Q[(u - f(x)) v^T] and dF/dy_a = E_Q[(v_a - f(y_a)) log(P[v,u] / Q)]. "
        "Which part makes the second one hard?",
        options={
            "A": "f(y_a): the logistic function is curved.",
            "B": "v_a: the causes are hidden, while u is seen.",
            "C": "log(P[v,u] / Q): a number for the whole pattern v, which has to be averaged "
            "over all patterns, and in which Q stands again.",
            "D": "E_Q: an average under Q comes in nowhere else.",
        },
        answer=ANSWERS["03.3"],
        why="In the M-phase each weight sees only its own input and its own cause. Here every "
        "cause is rewarded with one number about all causes together, and Q is both what is "
        "averaged under and what is averaged.",
        hints=(
            "Mark in each slope what one weight needs to know besides its own two units.",
            "Which factor does not split into a sum of one term for each cause?",
        ),
        replies={
            "A": "The M-phase has a curved f as well, f(x), and F is concave in G all the same.",
            "B": "Q gives every hidden cause a probability, and the M-phase uses hidden causes "
            "too: v stands in its slope.",
            "D": "Both slopes are averages under Q. In the first one a single draw of v gives a "
            "cheap, local delta rule.",
        },
    ),
    Numbers(
        id="03.4",
        title="Two slopes by hand",
        prompt="The machine of notebook 02: P[v,u=1] = 1/8, 1/16, 3/16, 1/8 and Q = 1/8, 1/8, "
        "3/8, 3/8 for v = 00, 01, 10, 11, so f(y_1) = 3/4 and f(y_2) = 1/2. Give the pair "
        "(dF/dy_1, dF/dy_2), the slopes of F for u = 1, to three decimals.",
        names=("dF/dy_1", "dF/dy_2"),
        answer=SLOPES,
        atol=6e-4,
        why="Both are below 0: F rises when both causes are guessed a little less often. Each "
        "needed all four patterns.",
        otherwise="Make a table with a row for each pattern: Q, log(P / Q), v_1 - 3/4, v_2 - 1/2. "
        "Multiply along the rows, add down the columns.",
        hints=(
            "log(P / Q) is 0, -ln 2, -ln 2, -ln 3 for the four patterns.",
            "v_1 - f(y_1) is -3/4, -3/4, 1/4, 1/4, and v_2 - f(y_2) is -1/2, 1/2, -1/2, 1/2.",
            "The second row adds 1/8 times -3/4 times -ln 2 to the first slope.",
        ),
        wrong=(
            Wrong(
                "swapped",
                SLOPES[::-1],
                "Both numbers are right and in the wrong order: the first cause comes first.",
            ),
            wrong_sign(
                SLOPES,
                "The sizes are right and the signs are wrong: it is log(P / Q), and F is climbed.",
            ),
            in_bits(SLOPES),
            Wrong(
                "log Q left out",
                (-SLOPES[0], SLOPES[1]),
                "Q is missing inside the logarithm: you averaged log P[v,u]. This is the second "
                "place in which Q stands. For the second cause, guessed at one half, it makes no "
                "difference.",
            ),
            Wrong(
                "f left out",
                (-3 / 8 * LN2 - 3 / 8 * LN3, -LN2 / 8 - 3 / 8 * LN3),
                "You multiplied log(P / Q) by v_a alone. It is v_a - f(y_a), which may be below 0.",
            ),
            Wrong(
                "slope in the probability",
                (SLOPES[0] * 16 / 3, SLOPES[1] * 4),
                "These are the slopes in the probabilities q_a. With respect to y_a they are "
                "smaller by the factor q_a (1 - q_a).",
            ),
            Wrong(
                "the reversed divergence",
                (5 / 8 - 3 / 4, 3 / 8 - 1 / 2),
                "This is the true posterior probability minus f(y_a), the slope of "
                "L - KL(P || Q). It is simpler, and it is not the slope of F.",
            ),
        ),
    ),
    Number(
        id="03.5",
        title="The bias of a cause, in one step",
        prompt="Four inputs are the whole data set. For them Q[v_a = 1|u] = "
        f"{', '.join(f'{q:g}' for q in Q_OF_ONE_CAUSE)}. To what value does the M-phase set the "
        "bias g_a of this cause? Give three decimals.",
        answer=G_BIAS,
        unit="",
        why="The slope in g_a is the mean of q_a - f(g_a). It is 0 where f(g_a) is the mean of "
        "q_a, 0.4, so g_a = ln(0.4 / 0.6). Old values of g_a do not matter.",
        otherwise="Check by putting it back: f of your number should be the mean of the four "
        "probabilities.",
        hints=(
            "The slope of F in g_a is the average over the data of q_a - f(g_a). Where is it 0?",
            "f(g_a) has to be the mean of the four numbers.",
            "Turn f around: if f(g) = p then g = ln(p / (1 - p)).",
        ),
        wrong=(
            Wrong(
                "f not turned around",
                float(Q_ROW.mean()),
                "This is the mean of the four, so it is f(g_a). Which g_a gives it? Turn f around.",
            ),
            Wrong(
                "f applied once more",
                float(sigmoid(Q_ROW.mean())),
                "You applied f to the mean. The mean is f(g_a) already: go back from it to g_a.",
            ),
            Wrong(
                "sum for the mean",
                float(Q_ROW.sum()),
                "This is the sum of the four. The slope has their mean in it, and then f is "
                "turned around.",
            ),
            wrong_sign(
                G_BIAS,
                "The size is right and the sign is wrong: a cause that is on less than half of "
                "the time has a bias below 0.",
            ),
            Wrong(
                "mean of the log odds",
                float(np.log(Q_ROW / (1 - Q_ROW)).mean()),
                "You turned f around for each input and averaged then. The mean of q_a comes "
                "first, f is turned around last.",
            ),
            Wrong(
                "logarithm for log odds",
                float(np.log(Q_ROW.mean())),
                "This is the logarithm of the mean. f is turned around by ln(p / (1 - p)).",
            ),
            Wrong(
                "guesses rounded",
                float(np.log((Q_ROW > 0.5).mean() / (Q_ROW <= 0.5).mean())),
                "You rounded each guess to on or off and counted. EM keeps the probabilities: use "
                "their mean.",
            ),
            in_bits(G_BIAS, "Use the natural logarithm: f is made with e, not with 2."),
        ),
    ),
    Function(
        id="03.6",
        title="Type the slope in G",
        prompt="Write grad_G(gen, q, u): the slope of F in the weights G, shape (n_u, n_v), "
        "where F is the mean over the rows of u. q is a table of Q[v|u], shape (n, 2**n_v), its "
        "columns in the order of exact.states(gen.n_v). Use sigmoid for f.",
        answer=grad_G,
        cases=_with_table,
        why="Every pattern of causes, counted with its Q, gets the error u - f(x) times v: a "
        "delta rule. It agrees with exact.grad_free_energy.",
        otherwise="Take one input, one cause and a Q that is sure of v = 1: the slope is the mean "
        "of u - f(G + h).",
        hints=(
            "Loop over the patterns v of exact.states(gen.n_v); pattern k counts with q[:, k].",
            "For one pattern the errors of all inputs are u - sigmoid(gen.G @ v + gen.h), shape "
            "(n, n_u).",
            "q[:, k] @ error sums the errors over the data with their Q; np.outer(..., v) has the "
            "shape of G. Divide by len(u).",
        ),
        wrong=(
            Wrong(
                "sum over the data",
                lambda gen, q, u: len(u) * grad_G(gen, q, u),
                "You took the sum over the data. F is a mean over the rows of u: divide by len(u).",
            ),
            wrong_sign(
                grad_G,
                "The size is right and the sign is wrong: data minus prediction, u - f(x), so "
                "that F climbs.",
            ),
            Wrong(
                "f left out",
                lambda gen, q, u: _weighted_delta(gen, q, u, lambda g, v, u: u - g.G @ v - g.h),
                "The f is missing: the prediction of an input is f(x), a probability, and not x "
                "itself.",
            ),
            Wrong(
                "transposed",
                lambda gen, q, u: grad_G(gen, q, u).T,
                "The numbers are right and lie on their side. G has shape (n_u, n_v): inputs "
                "down, causes across.",
            ),
            Wrong(
                "prediction left out",
                lambda gen, q, u: _weighted_delta(gen, q, u, lambda g, v, u: u),
                "This is the average of u v^T. The prediction f(x) is missing: without it the "
                "weights would grow for ever.",
            ),
            Wrong(
                "averages before f",
                _averages_first,
                "You averaged the causes first and then applied f. f is curved, so the average "
                "over patterns has to come last.",
            ),
            Wrong(
                "prior for Q",
                lambda gen, q, u: _weighted_delta(gen, _prior(gen, u), u),
                "Your patterns come from the prior P[v], as in a dream. In the M-phase they come "
                "from Q, which has seen the input.",
            ),
            Wrong(
                "posterior for Q",
                lambda gen, q, u: _weighted_delta(gen, exact.posterior(gen, u), u),
                "You averaged under the true posterior: this is the slope of L. F is an average "
                "under the table q.",
            ),
            Wrong(
                "Q left out",
                lambda gen, q, u: _weighted_delta(gen, np.ones_like(q), u),
                "Every pattern counts the same in your sum. Weight it with its q[:, k].",
            ),
            Wrong(
                "the other network",
                _delta_of_causes,
                "This is a delta rule with the causes as targets, v - f(g), and the inputs on the "
                "right. In G the inputs are the targets: (u - f(x)) v^T.",
            ),
            Wrong(
                "slope of f added",
                lambda gen, q, u: _weighted_delta(gen, q, u, _steep),
                "There is a factor f(x) (1 - f(x)) too many. It belongs to squared errors; in the "
                "slope of log P[u|v] it cancels.",
            ),
        ),
    ),
    Function(
        id="03.7",
        title="One mean-field update",
        prompt="Write mean_field_update(gen, q, u, a). q holds the probabilities of a factorised "
        "Q, shape (n, n_v). Return the best new probability of cause a for every row of u, shape "
        "(n,), while the other causes stay as they are. exact.log_joint(gen, u) is the table of "
        "log P[v,u] and exact.factorised_table(q) the table of Q, both (n, 2**n_v).",
        answer=mean_field_update,
        cases=_with_one_cause,
        why="The log odds of a cause are the average, over the other causes, of what it changes "
        "in log P[v,u]. learning.e_phase repeats this for every cause until nothing moves.",
        otherwise="Two checks: the result lies between 0 and 1, and it does not depend on the old "
        "q[:, a].",
        hints=(
            "Make two copies of q. In one cause a is surely on, in the other surely off.",
            "Average log P[v,u] under each of the two tables. Their difference is the log odds, "
            "log q_a / (1 - q_a), which f turns into q_a.",
            "contrast = exact.factorised_table(on) - exact.factorised_table(off); the log odds "
            "are (contrast * exact.log_joint(gen, u)).sum(axis=1).",
        ),
        wrong=(
            Wrong(
                "f left out",
                _log_odds,
                "These are the log odds of the cause. Apply f, so that a probability comes out.",
            ),
            Wrong(
                "odds for the probability",
                lambda *m: np.exp(_log_odds(*m)),
                "These are odds, P[on] / P[off]. The probability is odds / (1 + odds), which is "
                "f of the log odds.",
            ),
            Wrong(
                "on and off swapped",
                lambda *m: 1 - mean_field_update(*m),
                "This is the probability that the cause is off: take on minus off.",
            ),
            Wrong(
                "bias left out",
                lambda gen, q, u, a: sigmoid(_log_odds(gen, q, u, a) - gen.g[a]),
                "The bias g_a is missing: use log P[v,u] = log P[v] + log P[u|v], with the prior.",
            ),
            Wrong(
                "bias alone",
                lambda gen, q, u, a: np.full(len(u), sigmoid(gen.g[a])),
                "This is the prior f(g_a). The input has not been used.",
            ),
            Wrong(
                "averages put in",
                _averages_put_in,
                "You put the probabilities of the other causes in the place of v. log P[v,u] is "
                "curved in v: average it over the patterns instead.",
            ),
            Wrong(
                "logarithm taken last",
                _log_of_average,
                "You averaged P[v,u] over the other causes and took the logarithm then. The "
                "average of log P[v,u] is wanted: the logarithm comes first.",
            ),
            Wrong(
                "posterior",
                lambda gen, q, u, a: _posterior_marginal(gen, u)[:, a],
                "This is the true posterior probability of the cause. A factorised Q cannot "
                "have it in general; use q for the other causes.",
            ),
            Wrong(
                "all causes returned",
                _placed,
                "The new value is right and stands in a copy of q. Return it alone, shape (n,).",
            ),
            Wrong(
                "one array for on and off",
                lambda gen, q, u, a: np.full(len(u), 0.5),
                "The answer is 1/2 everywhere: `on` and `off` are one and the same array, so their "
                "difference is 0. Use q.copy() twice.",
            ),
            averaged(mean_field_update),
        ),
    ),
    Function(
        id="03.8",
        title="Type the slope in y",
        prompt="Write grad_y(gen, q, u): the slope of F in y_a, for every row of u and every "
        "cause, shape (n, n_v). q holds the probabilities q_a = f(y_a), shape (n, n_v). Use "
        "exact.factorised_table(q) for Q and exact.log_joint(gen, u) for log P[v,u], both "
        "(n, 2**n_v).",
        answer=grad_y,
        cases=_with_probabilities,
        why="Each pattern v brings v_a - f(y_a), weighted by Q and by log(P / Q). The weights of "
        "a recognition model then follow by the chain rule: dF/dW = E_u dF/dy u^T.",
        otherwise="Check against a small step: raise one y_a by 0.0001 and see how F of that row "
        "changes.",
        hints=(
            "The factor v - f(y) of pattern v is v - q, shape (n, n_v).",
            "Its weight is Q[v|u] times (log P[v,u] - log Q[v|u]), one number for each row of u.",
            "grad += (table[:, k] * log_ratio[:, k])[:, None] * (v - q) for pattern k.",
        ),
        wrong=(
            Wrong(
                "log ratio left out",
                lambda gen, q, u: np.zeros_like(q),
                "This is 0, but for rounding: log(P/Q) is missing, and the average of v_a - q_a "
                "alone is 0.",
            ),
            wrong_sign(grad_y, "The size is right and the sign is wrong: log P - log Q."),
            Wrong(
                "entropy left out",
                _slope_of_energy,
                "log Q is missing: this is the slope of the average log P[v,u]. Q stands in F "
                "twice.",
            ),
            Wrong(
                "entropy alone",
                _slope_of_entropy,
                "This is the slope of the entropy of Q. log P[v,u] is missing.",
            ),
            Wrong(
                "f left out",
                _slope_without_f,
                "You multiplied by v_a alone. The factor is v_a - f(y_a), and f(y_a) is q_a.",
            ),
            Wrong(
                "Q left out",
                _slope_unweighted,
                "Every pattern counts the same in your sum. Weight it with Q[v|u].",
            ),
            Wrong(
                "posterior as the weight",
                _slope_under_posterior,
                "You averaged under the posterior. F is an average under Q, and so is its slope.",
            ),
            Wrong(
                "the delta rule",
                lambda gen, q, u: _posterior_marginal(gen, u) - q,
                "This is posterior minus guess, the slope of L - KL(P || Q). It is a simpler "
                "rule for another objective.",
            ),
            Wrong(
                "slope in q",
                lambda gen, q, u: grad_y(gen, q, u) / (q * (1 - q)),
                "This is the slope in the probability q_a. For the slope in y_a multiply by "
                "q_a (1 - q_a), which is what the factor v_a - q_a does.",
            ),
            Wrong(
                "mean over the data",
                lambda gen, q, u: grad_y(gen, q, u).mean(axis=0),
                "You averaged over the data. Return one row for every row of u, shape (n, n_v).",
            ),
        ),
    ),
)
