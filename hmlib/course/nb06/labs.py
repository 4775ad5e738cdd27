"""The labs of "What factorising costs"."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from scipy.special import entr, gammaln, logsumexp

from hmlib import datasets, exact
from hmlib.binary import Generative, Recognition, log_bernoulli, sigmoid
from hmlib.course import kept_runs
from hmlib.course.nb06.pictures import Angle, ManyCauses, ManyGuesses, Walk
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, Slider
from hmlib.layered import Layered, LayeredRecognition

Array = np.ndarray

MOST_CAUSES = 40
MOST_GUESSES = 60

WALKERS = {"a dependent posterior": 0, "a posterior that factorises": 3}
"""The two machines of the walk: what is special at the top of L, and the seed."""

RULES = {
    "wake-sleep": "wake-sleep",
    "climb F": "F",
    "reweighted wake-sleep": "reweighted",
}
"""Ways to learn, as a student and as `kept_runs.costs` name them."""

RUNS = {"wake-sleep, from the beginning": "beginning", "sleep alone, from F's top": "asleep"}
"""The two runs of the angle lab."""

GUESSERS = {
    "9-4 at the top of L": "top",
    "9-4 after wake-sleep from there": "walked",
    "9-4-1 taught by wake-sleep": "tower",
}
"""The machines of the many-guesses lab."""

SETS = 2000
"""Sets of guesses a picture, over which L_K is averaged."""

_FLAT = 1e-5
"""A slope shorter than this is rounding."""

_Y = np.linspace(-14.0, 8.0, 441)
_FINE = np.linspace(-0.05, 0.05, 41)


# Many causes of one wet lawn


def count_posterior(n: int, s: float) -> Array:
    """P[k causes are on | the lawn is wet], shape (n + 1,), for n causes like rain and sprinkler.

    Each cause has bias -s and weight 2 s, and the lawn has bias -2 s: with n = 2 it is
    `hmlib.course.lawn.wet_lawn(s)`. All patterns with k causes on are equally probable.
    """
    k = np.arange(n + 1)
    log_p = _log_choose(n, k) - k * np.logaddexp(0, s) - (n - k) * np.logaddexp(0, -s)
    log_p -= np.logaddexp(0, -2 * s * (k - 1))
    return np.exp(log_p - logsumexp(log_p))


def least_inclusive(n: int, s: float) -> float:
    """The least KL(P || Q) of a factorised Q, in nats: entropies of the causes less that of P."""
    p, k = count_posterior(n, s), np.arange(n + 1)
    entropy = entr(p).sum() + p @ _log_choose(n, k)
    on = p @ k / n
    return max(float(n * (entr(on) + entr(1 - on)) - entropy), 0.0)


def least_exclusive(n: int, s: float) -> tuple[float, float, float]:
    """The least KL(Q || P) of a factorised Q in which one cause may lead and the others are alike.

    For every probability of the others the best one of the leader is known in closed form, so
    that one number has to be searched for.

    Returns:
        (divergence in nats, probability of the leading cause, probability of each other one).
    """
    y = _Y
    for _ in range(2 if n > 1 else 1):
        free, lead = _best_leader(n, s, y)
        best = int(free.argmax())
        y = y[best] + _FINE
    y = float((y - _FINE)[0]) if n > 1 else 0.0
    return max(_log_wet(n, s) - float(free[best]), 0.0), float(lead[best]), float(sigmoid(y))


def _best_leader(n: int, s: float, y: Array) -> tuple[Array, Array]:
    """F of the wet lawn and the leader's best probability, for drives y of the other causes."""
    m, k = n - 1, np.arange(n)
    q = sigmoid(y)
    counts = np.exp(_log_choose(m, k) + np.outer(y, k) - m * np.logaddexp(0, y)[:, None])
    fixed = -m * (q * np.logaddexp(0, s) + (1 - q) * np.logaddexp(0, -s))
    fixed += m * (np.logaddexp(0, y) - q * y)
    on = -np.logaddexp(0, s) - counts @ np.logaddexp(0, -2 * s * k)
    off = -np.logaddexp(0, -s) - counts @ np.logaddexp(0, -2 * s * (k - 1))
    return fixed + np.logaddexp(on, off), sigmoid(on - off)


def _log_wet(n: int, s: float) -> float:
    """log P[wet], in nats."""
    k = np.arange(n + 1)
    log_p = _log_choose(n, k) - k * np.logaddexp(0, s) - (n - k) * np.logaddexp(0, -s)
    return float(logsumexp(log_p - np.logaddexp(0, -2 * s * (k - 1))))


def _log_choose(n: int, k: Array) -> Array:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _counts_of(n: int, lead: float, other: float) -> Array:
    """P[k causes are on] under a factorised Q with one leader, shape (n + 1,)."""
    k = np.arange(n)
    others = np.exp(_log_choose(n - 1, k)) * other**k * (1 - other) ** (n - 1 - k)
    return np.append(others * (1 - lead), 0) + np.append(0, others * lead)


@lru_cache(maxsize=256)
def _least(s: float) -> tuple[Array, Array]:
    """Both least divergences for 1 to `MOST_CAUSES` causes, in nats."""
    n = range(1, MOST_CAUSES + 1)
    return np.array([least_exclusive(k, s)[0] for k in n]), np.array(
        [least_inclusive(k, s) for k in n]
    )


def many_causes_values(n: int, s: float) -> Record:
    """Numbers of the many-causes lab: what no factorised Q can do better, in nats.

    Args:
        n: causes of the one wet lawn.
        s: their strength.
    """
    exclusive, inclusive = _least(s)
    posterior = count_posterior(n, s)
    _, lead, other = least_exclusive(n, s)
    on = float(posterior @ np.arange(n + 1) / n)
    return {
        "n": n,
        "s": s,
        "path_n": np.arange(1, MOST_CAUSES + 1),
        "path_exclusive": exclusive,
        "path_inclusive": inclusive,
        "exclusive": float(exclusive[n - 1]),
        "inclusive": float(inclusive[n - 1]),
        "log_n": float(np.log(n)),
        "posterior": posterior,
        "decides": _counts_of(n, lead, other),
        "hedges": _counts_of(n, on, on),
    }


# A walk from the top of L


@cache
def _walked(machine: str, rule: str) -> tuple[Array, Array, Array]:
    """Along a walk: log P[u] and KL(Q || P) of every picture, (m, 12) each; and the steps."""
    walk = kept_runs.costs().walks[WALKERS[machine], RULES[rule]]
    pairs = zip(walk.gen, walk.rec, strict=True)
    along = [exact.objectives(gen, rec, datasets.stripes().u) for gen, rec in pairs]
    log_l = np.array([o.log_likelihood for o in along])
    gap = np.array([o.kl_q_p for o in along])
    return log_l, np.maximum(gap, 0.0), np.array(walk.steps)


def walk_values(steps: int, machine: str, rule: str) -> Record:
    """Numbers of the walk lab: how far L is below its bound and F below L, in nats.

    Args:
        steps: steps from the top of L, 0 to 2500 in fifties.
        machine: one of `WALKERS`.
        rule: one of `RULES`.
    """
    world = datasets.stripes()
    log_l, gap, counts = _walked(machine, rule)
    place = int(np.searchsorted(counts, steps))
    missing, gaps = -world.entropy - log_l @ world.weights, gap @ world.weights
    return {
        "steps": steps,
        "machine": machine,
        "rule": rule,
        "counts": counts,
        "path_missing": missing,
        "path_gap": gaps,
        "missing": float(missing[place]),
        "gap": float(gaps[place]),
        "free_energy": float(-world.entropy - missing[place] - gaps[place]),
        "pictures": world.u.reshape(-1, *world.shape),
        "by_picture": gap[place],
    }


# The angle between two slopes


@cache
def _turning(run: str) -> tuple[Array, Array, Array, Array]:
    """Along a run: F, the dreamt F-tilde and the cosine between their slopes in W, (m,); steps."""
    stages, world = getattr(kept_runs.costs(), RUNS[run]), datasets.stripes()
    numbers = []
    for gen, rec in zip(stages.gen, stages.rec, strict=True):
        free = world.weights @ exact.free_energy(gen, rec, world.u)
        dream = exact.dream_free_energy(gen, rec, world.u, world.weights)
        numbers.append((free, dream, cosine(gen, rec)))
    return *np.array(numbers).T, np.array(stages.steps)


def cosine(gen: Generative, rec: Recognition) -> float:
    """Cosine of the angle between dF/dW and the expected sleep update, on the stripes.

    Where F has no slope it has no way up, and the cosine is set to 0.
    """
    world = datasets.stripes()
    up = exact.grad_free_energy(gen, rec, world.u, world.weights)[1].ravel()
    sleep = exact.grad_dream(gen, rec, world.u, world.weights)[1].ravel()
    if np.linalg.norm(up) < _FLAT:
        return 0.0
    return float(up @ sleep / (np.linalg.norm(up) * np.linalg.norm(sleep)))


def angle_values(part: int, run: str) -> Record:
    """Numbers of the angle lab: F, dreamt F-tilde (nats) and the angle between their slopes.

    Args:
        part: how much of the run is done, in percent, even.
        run: one of `RUNS`.
    """
    free, dream, cosines, counts = _turning(run)
    place = part // 2
    return {
        "run": run,
        "counts": counts,
        "steps": int(counts[place]),
        "path_free_energy": free,
        "path_dream": dream,
        "path_cosine": cosines,
        "free_energy": float(free[place]),
        "dream": float(dream[place]),
        "cosine": float(cosines[place]),
        "angle": float(np.degrees(np.arccos(np.clip(cosines[place], -1, 1)))),
    }


# Many guesses


def guesser(name: str) -> tuple[Generative | Layered, Recognition | LayeredRecognition]:
    """A machine of the many-guesses lab."""
    costs = kept_runs.costs()
    walk = costs.walks[WALKERS["a dependent posterior"], "wake-sleep"]
    pairs = {
        "top": (walk.gen[0], walk.rec[0]),
        "walked": (walk.gen[-1], walk.rec[-1]),
        "tower": costs.tower,
    }
    return pairs[GUESSERS[name]]


@cache
def _log_weights(name: str) -> Array:
    """log(P[v_k, u] / Q[v_k|u]) of drawn guesses, shape (12, SETS, MOST_GUESSES)."""
    gen, rec = guesser(name)
    u, rng = datasets.stripes().u, np.random.default_rng(0)
    q = exact.recognition_table(rec, u)
    up_to = q.cumsum(axis=1) / q.sum(axis=1, keepdims=True)
    draws = rng.random((len(u), SETS, MOST_GUESSES))
    picks = [row.searchsorted(draw, side="right") for row, draw in zip(up_to, draws, strict=True)]
    log_ratio = exact.log_joint(gen, u) - _log_q(rec, u)
    return np.array([row[pick] for row, pick in zip(log_ratio, picks, strict=True)])


def _log_q(rec: Recognition | LayeredRecognition, u: Array) -> Array:
    """Table of log Q[v|u], also where Q is too small to be told from 0."""
    v = exact.states(rec.n_v)
    if isinstance(rec, Recognition):
        return log_bernoulli(v, rec.drive(u)[:, None])
    return np.array([rec.log_prob(v, np.repeat(row[None], len(v), axis=0)) for row in u])


@cache
def _bounds(name: str) -> tuple[Array, float, float, int]:
    """L - L_K for K = 1 to `MOST_GUESSES` (averages), L, L - F, and the picture of largest gap."""
    gen, rec = guesser(name)
    world, log_w = datasets.stripes(), _log_weights(name)
    o = exact.objectives(gen, rec, world.u)
    log_l, gap = world.weights @ o.log_likelihood, world.weights @ o.kl_q_p
    sums = np.logaddexp.accumulate(log_w, axis=2).mean(axis=1)
    bounds = world.weights @ sums - np.log(np.arange(1, MOST_GUESSES + 1))
    return log_l - bounds, float(log_l), float(gap), int(o.kl_q_p.argmax())


def many_guesses_values(k: int, machine: str, draw: int) -> Record:
    """Numbers of the many-guesses lab: how far L_K is below L, and the weights of K guesses.

    Args:
        k: guesses a picture.
        machine: one of `GUESSERS`.
        draw: which of the sets of guesses is shown on the right.
    """
    below, log_l, gap, picture = _bounds(machine)
    log_w = _log_weights(machine)[picture, draw, :k]
    omega = np.exp(log_w - logsumexp(log_w))
    return {
        "k": k,
        "machine": machine,
        "path_k": np.arange(1, MOST_GUESSES + 1),
        # Where nothing is left, drawn guesses may end a little above L.
        "path_below": np.maximum(below, 1e-7),
        "below": float(below[k - 1]),
        "log_likelihood": log_l,
        "gap": gap,
        "omega": np.sort(omega)[::-1],
        "effective": float(1 / (omega**2).sum()),
        "picture": datasets.stripes().u[picture].reshape(3, 3),
    }


# The labs


def many_causes() -> Lab:
    """What no factorised Q can do better, against the number of causes."""
    grows = "Without end, like the logarithm of n"
    return Lab(
        [
            Slider("n", "n, number of causes", 1, MOST_CAUSES, 1, 2),
            Slider("s", "s, strength", 2.0, 10.0, 0.1, 10.0),
        ],
        many_causes_values,
        ManyCauses,
        Question(
            "The lawn is wet, and one of n equal causes is to blame: just one, but nobody knows "
            "which. Q factorises. How does the least possible gap between F and L grow with n?",
            ("Not at all: it is ln 2 for every n", grows, "In proportion to n"),
            grows,
            "The best Q decides for one of n equal explanations, and is right in one of n cases. "
            "That costs ln n. The other direction, KL(P || Q), never costs more than one nat "
            "here: Q gives every cause its 1 / n, and often says none or two.",
        ),
        title="Many causes of one wet lawn",
        legend="Left: the least divergence that any factorised Q can have, over the number of "
        "causes; the thin line is ln n. Right: how many causes are on at once, in the posterior "
        "and in the two best guesses.",
    )


def walk() -> Lab:
    """Learning that starts at the top of L, and may leave it."""
    falls = "L falls, and the gap shrinks"
    return Lab(
        [
            Slider("steps", "steps from the top of L", 0, 2500, 50, 0),
            Choice("machine", "the machine has", tuple(WALKERS), next(iter(WALKERS))),
            Choice("rule", "and learns by", tuple(RULES), "wake-sleep"),
        ],
        walk_values,
        Walk,
        Question(
            "A machine stands at the top of L. Its posterior is dependent, and sleep has made "
            "its Q as good as sleep can. Now wake-sleep goes on. What will happen?",
            ("Nothing: no machine near it has a higher L", falls, "L rises further"),
            falls,
            "Wake climbs F, not L. F = L - KL(Q || P), and there is far more to be gained from a "
            "smaller divergence than is lost in L: the machine becomes worse, so that its "
            "posterior is easier to say.",
        ),
        title="A walk from the top",
        legend="Left: what is missing from L to its bound, above, and from F to L, below, both in "
        "nats; the point is now. Right: the gap of each of the twelve pictures.",
    )


def angle() -> Lab:
    """Sleep's direction beside the slope of F, along two runs."""
    half = "It differs, but points uphill all the same: the angle stays below 90 degrees"
    return Lab(
        [
            Slider("part", "how much of the run is done, %", 0, 100, 2, 0),
            Choice("run", "run", tuple(RUNS), next(iter(RUNS))),
        ],
        angle_values,
        Angle,
        Question(
            "A machine learns the stripes by wake-sleep from small random weights. Sleep does "
            "not climb F. How does its direction compare with the steepest way up on F?",
            (
                "It is the same, up to its length",
                half,
                "It points downhill about as often as uphill",
            ),
            half,
            "Along this run no sleep update points downhill on F, though the angle grows to more "
            "than 60 degrees. While wake and sleep go together, Q is never far from the posterior, "
            "and there the two divergences are alike. The other run starts where they are not.",
        ),
        title="The angle between two slopes",
        legend="Left: F and the dreamt F-tilde, above; the cosine of the angle, below. Right: the "
        "way up on F, straight up, and the direction of sleep. In the shaded half F rises.",
    )


def many_guesses() -> Lab:
    """L_K between F and L, and the weights of K guesses."""
    faster = "Much faster: thirty guesses close more than nine tenths of it"
    return Lab(
        [
            Slider("k", "K, guesses a picture", 1, MOST_GUESSES, 1, 1),
            Choice("machine", "machine", tuple(GUESSERS), next(iter(GUESSERS))),
            Slider("draw", "which draw, on the right", 0, 49, 1, 0),
        ],
        many_guesses_values,
        ManyGuesses,
        Question(
            "A machine at the top of L, after sleep: the gap between F and L is about three nats. "
            "Now Q may guess K times, and the guesses are weighed. How does the gap fall?",
            ("Not at all: Q still factorises", "By a tenth with ten guesses", faster),
            faster,
            "Each guess is drawn from a factorised Q, but the weights compare whole patterns, and "
            "a weighted set of guesses need not factorise. As soon as one guess of the set is a "
            "good one, the others hardly matter.",
        ),
        title="Many guesses",
        legend="Left: how far L_K lies below L, on a logarithmic axis; the dotted line is L - F. "
        "Right: the weights of K guesses for the picture with the largest gap, heaviest first.",
    )
