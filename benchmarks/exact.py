"""Exact objectives side by side: `python -m benchmarks.exact`.

L, F and both KL divergences of binary digits under a random machine, alone and with the
gradients of L, F and KL(P||Q) (that of KL(Q||P) is their difference), by

- hmlib;
- a straightforward loop over the digits and the patterns of causes, timed on a few digits;
- autograd (the HIPS package), if it is installed: whole tables, and gradients derived by machine.
  Its record of the computation for 1797 digits and 16 causes would not fit in memory, so there it
  is timed on one block of digits, as if all were done block by block.

What is timed on a few digits is multiplied up to all of them, and says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from hmlib import datasets, exact
from hmlib.binary import Generative, Recognition

TARGET = 0.040
"""Seconds for the objectives of 150 digits under 12 causes, on one quiet core."""


@dataclass(frozen=True)
class Case:
    """One size of problem, and on how many digits the slow ways are timed."""

    digits: int
    causes: int
    repeats: int
    loop_digits: int
    autograd_digits: int


CASES = {
    "small": Case(digits=150, causes=12, repeats=15, loop_digits=2, autograd_digits=150),
    "large": Case(digits=1797, causes=16, repeats=1, loop_digits=1, autograd_digits=32),
}

Models = tuple[Generative, Recognition]
Answers = list[np.ndarray]
Way = Callable[[Models, np.ndarray], Answers]


def hmlib_objectives(models: Models, u: np.ndarray) -> Answers:
    """Mean L, F, KL(Q||P), KL(P||Q)."""
    o = exact.objectives(*models, u)
    values = (o.log_likelihood, o.free_energy, o.kl_q_p, o.kl_p_q)
    return [np.array([value.mean() for value in values])]


def hmlib_gradients(models: Models, u: np.ndarray) -> Answers:
    """The objectives and the gradients of L, F and KL(P||Q), each as one vector."""
    d_l = exact.grad_log_likelihood(models[0], u)
    d_f, d_kl = exact.grad_free_energy(*models, u), exact.grad_kl_p_q(*models, u)
    vectors = [np.concatenate([part.ravel() for part in pair]) for pair in (d_f, d_kl)]
    return [*hmlib_objectives(models, u), d_l.ravel(), *vectors]


def f(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def log_units(s: np.ndarray, x: np.ndarray) -> float:
    return float(s @ x - np.log(1 + np.exp(x)).sum())


def loop_tables(models: Models, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log P[v, u] and log Q[v|u] of one digit, one pattern v after the other."""
    gen, rec = models
    y = rec.W @ u + rec.w
    joint, guess = [], []
    for v in exact.states(gen.n_v):
        joint.append(log_units(v, gen.g) + log_units(u, gen.G @ v + gen.h))
        guess.append(log_units(v, y))
    return np.array(joint), np.array(guess)


def loop_objectives(models: Models, u: np.ndarray) -> Answers:
    total = np.zeros(4)
    for row in u:
        log_p, log_q = loop_tables(models, row)
        log_l = np.log(np.exp(log_p).sum())
        p, q = np.exp(log_p - log_l), np.exp(log_q)
        gap = q @ (log_q - log_p + log_l)
        total += [log_l, log_l - gap, gap, p @ (log_p - log_l - log_q)]
    return [total / len(u)]


def loop_gradients(models: Models, u: np.ndarray) -> Answers:
    gen, rec = models
    n_gen, n_rec = gen.ravel().size, rec.ravel().size
    d_l, d_f, d_kl = np.zeros(n_gen), np.zeros(n_gen + n_rec), np.zeros(n_gen + n_rec)
    for row in u:
        log_p, log_q = loop_tables(models, row)
        log_post = log_p - np.log(np.exp(log_p).sum())
        y = rec.W @ row + rec.w
        divergence = np.exp(log_post) @ (log_post - log_q)
        for v, lp, lj, lq in zip(exact.states(gen.n_v), log_post, log_p, log_q, strict=True):
            p, q = np.exp(lp), np.exp(lq)
            error = row - f(gen.G @ v + gen.h)
            score = np.concatenate([v - f(gen.g), np.outer(error, v).ravel(), error])
            delta = v - f(y)
            guess_score = np.concatenate([delta, np.outer(delta, row).ravel()])
            d_l += p * score
            d_f += np.concatenate([q * score, q * (lj - lq) * guess_score])
            d_kl += np.concatenate([p * (lp - lq - divergence) * score, -p * guess_score])
    return [*loop_objectives(models, u), d_l / len(u), d_f / len(u), d_kl / len(u)]


def autograd_ways(anp: ModuleType, grad: Callable) -> tuple[Way, Way]:
    """The objectives as tables in autograd's numpy, and their gradients derived by it."""

    def values(parameters: tuple, u: np.ndarray) -> tuple:
        g, G, h, w, W = parameters
        v = exact.states(len(g))
        x, y = anp.dot(v, G.T) + h, anp.dot(u, W.T) + w
        log_p = (
            anp.dot(v, g) - anp.sum(anp.logaddexp(0.0, g))
            + anp.dot(u, x.T) - anp.sum(anp.logaddexp(0.0, x), axis=1)
        )  # fmt: skip
        log_q = anp.dot(y, v.T) - anp.sum(anp.logaddexp(0.0, y), axis=1, keepdims=True)
        top = anp.max(log_p, axis=1, keepdims=True)
        log_l = top + anp.log(anp.sum(anp.exp(log_p - top), axis=1, keepdims=True))
        f = anp.sum(anp.exp(log_q) * (log_p - log_q), axis=1)
        kl_p_q = anp.sum(anp.exp(log_p - log_l) * (log_p - log_l - log_q), axis=1)
        log_l, f = anp.mean(log_l), anp.mean(f)
        return log_l, f, log_l - f, anp.mean(kl_p_q)

    def parameters(models: Models) -> tuple:
        return tuple(array for model in models for array in model.arrays())

    def objectives(models: Models, u: np.ndarray) -> Answers:
        return [np.array(values(parameters(models), u))]

    def gradients(models: Models, u: np.ndarray) -> Answers:
        slopes = [grad(lambda p, i=i: values(p, u)[i])(parameters(models)) for i in (0, 1, 3)]
        vectors = [np.concatenate([array.ravel() for array in slope]) for slope in slopes]
        return [*objectives(models, u), vectors[0][: models[0].ravel().size], *vectors[1:]]

    return objectives, gradients


def timed(way: Way, models: Models, u: np.ndarray, repeats: int) -> tuple[float, Answers]:
    """Median seconds, after one run that is not counted unless there is only one."""
    if repeats > 1:
        way(models, u)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        answers = way(models, u)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), answers


def difference(a: Answers, b: Answers) -> float:
    return max(float(np.abs(x - y).max()) for x, y in zip(a, b, strict=True))


def in_words(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def compare(case: Case, rivals: dict[str, tuple[int, Way, Way]]) -> float:
    """Print the table of one case; returns hmlib's seconds for the objectives."""
    digits = datasets.digits()
    u = np.concatenate([digits.train, digits.test])[: case.digits]
    rng = np.random.default_rng(0)
    models = (
        Generative.random(rng, u.shape[1], case.causes, 0.3),
        Recognition.random(rng, u.shape[1], case.causes, 0.3),
    )
    print(f"\n{case.digits} digits x {case.causes} causes ({2**case.causes} patterns), one core")
    print(
        f"{'':9} {'L, F, both KLs':>16} {'':>9} {'with gradients':>16} {'':>9}  answers differ by"
    )
    ours = [timed(way, models, u, case.repeats)[0] for way in (hmlib_objectives, hmlib_gradients)]
    print(f"{'hmlib':9} {in_words(ours[0]):>16} {'':>9} {in_words(ours[1]):>16}")
    for name, (some, *ways) in rivals.items():
        few = u[:some]
        line, worst = f"{name:9}", 0.0
        for way, own_way, own in zip(ways, (hmlib_objectives, hmlib_gradients), ours, strict=True):
            seconds, answers = timed(way, models, few, 1 if some < len(u) else 5)
            seconds *= len(u) / some
            worst = max(worst, difference(answers, own_way(models, few)))
            line += f" {in_words(seconds):>16} {f'x {seconds / own:,.1f}':>9}"
        scaled = f"; timed on {some} of the digits and multiplied up" if some < len(u) else ""
        print(f"{line}  {worst:.0e}{scaled}")
        if worst > 1e-9:
            raise SystemExit(f"{name} and hmlib disagree by {worst:g}")
    return ours[0]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.exact",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--case", choices=[*CASES, "both"], default="both")
    parser.add_argument("--no-loop", action="store_true", help="leave the slow loop out")
    options = parser.parse_args(arguments)
    has_autograd = importlib.util.find_spec("autograd") is not None
    if not has_autograd:
        print("autograd is not installed (pip install autograd), so it is left out")
    for name, case in CASES.items():
        if options.case not in (name, "both"):
            continue
        rivals = {}
        if not options.no_loop:
            rivals["loop"] = (case.loop_digits, loop_objectives, loop_gradients)
        if has_autograd:
            import autograd.numpy
            from autograd import grad

            rivals["autograd"] = (case.autograd_digits, *autograd_ways(autograd.numpy, grad))
        seconds = compare(case, rivals)
        if name == "small":
            verdict = "met" if seconds <= TARGET else "missed"
            print(f"target for the objectives: {in_words(TARGET)}, {verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
