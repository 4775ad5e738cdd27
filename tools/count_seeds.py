"""Count over many seeds what notebooks 05 and 06 say: `python -m tools.count_seeds`.

Each part below is a table with a row a seed. They go to data/counts.npz, which
`hmlib.course.kept_runs.counts` reads. It takes about fifteen minutes on one core.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from hmlib import datasets, exact, learning
from hmlib.binary import Generative, sigmoid
from hmlib.course import kept_runs
from hmlib.datasets.files import DATA
from hmlib.learning import Step
from tools.keeping import keep

Array = NDArray[np.float64]

FILE = DATA / "counts.npz"

SEEDS = range(20, 40)
"""Seeds that no figure of the notebooks was made with."""

MORE = (*range(20), *range(40, 50))
"""The other seeds of the climbs: what was found with `SEEDS` is tried on them."""

STRIPES = datasets.stripes()
BARS = datasets.bars()
DIGITS = datasets.digits()

STRIPES_STEPS, BURST, BARS_STEPS, DIGITS_STEPS = 10_000, 500, 100_000, 3000
TURNS = (("05", 6), ("06", 4), ("06", 6))
"""The notebook whose pace it is, and the number of causes."""


def last(steps: Iterable[Step]) -> Step:
    """The last step of a run."""
    *_, step = steps
    return step


def height(gen: Generative) -> float:
    """L on the stripes, in nats."""
    return float(STRIPES.weights @ exact.log_likelihood(gen, STRIPES.u))


def stripes(seed: int) -> list[float]:
    """L of a 9-6 after ways to learn that begin alike, see `kept_runs.Counts`."""
    rng = np.random.default_rng(seed)
    gen, rec = learning.fresh(9, 6, rng=rng, scale=0.1)
    first = Step(gen, rec, rng_state=rng.bit_generator.state)
    world = {"u": STRIPES.u, "weights": STRIPES.weights}
    n = STRIPES_STEPS

    def sampled(start: Step, rate: object, steps: int) -> Step:
        return last(
            learning.wake_sleep(
                start.gen, start.rec, **world, rate=rate, steps=steps, every=steps, start=start
            )
        )

    plain = sampled(first, 0.5, n)
    calm = sampled(first, learning.anneal(0.5, n), n)
    before = sampled(first, 0.5, n // 5)
    burst = sampled(sampled(before, 10.0, BURST), 0.5, n - n // 5 - BURST)
    climb = learning.ascend(
        gen, None, **world, objective="L", rate=0.5, steps=n, every=n, optimiser="sgd"
    )
    after = learning.em(plain.gen, None, **world, steps=30)
    ends = plain, calm, burst, last(climb), last(after)
    return [height(step.gen) for step in ends]


def noiseless(seeds: Sequence[int], steps: int, n_v: int = 6) -> list[Generative]:
    """Wake-sleep on the stripes at rate 0.5 with exact averages, all seeds side by side.

    What `learning.wake_sleep(..., expectations="exact")` does, many times as fast: the two halves
    of a dreamt picture are independent given the causes, so no table of both is needed.
    """
    first = [learning.fresh(9, n_v, rng=np.random.default_rng(seed), scale=0.1) for seed in seeds]
    g, G, h = (np.array([getattr(gen, name) for gen, _ in first]) for name in "gGh")
    w, W = (np.array([getattr(rec, name) for _, rec in first]) for name in "wW")
    v, u, rate = exact.states(n_v), exact.states(9), 0.5
    for _ in range(steps):
        q = _table(STRIPES.u @ W.swapaxes(1, 2) + w[:, None], v) * STRIPES.weights[:, None]
        on = q.sum(axis=1)
        expected = sigmoid(v @ G.swapaxes(1, 2) + h[:, None])
        error = q.swapaxes(1, 2) @ STRIPES.u - on[..., None] * expected
        g, G = g + rate * (on @ v - sigmoid(g)), G + rate * error.swapaxes(1, 2) @ v
        h = h + rate * error.sum(axis=1)

        p, x = _table(g[:, None], v)[:, 0], v @ G.swapaxes(1, 2) + h[:, None]
        upper = p[..., None] * _table(x[..., :4], exact.states(4))
        dreamt = upper.swapaxes(1, 2) @ _table(x[..., 4:], exact.states(5))
        guess = sigmoid(u @ W.swapaxes(1, 2) + w[:, None]) * dreamt.reshape(len(p), -1, 1)
        w = w + rate * (p @ v - guess.sum(axis=1))
        pairs = (v * p[..., None]).swapaxes(1, 2) @ sigmoid(x)
        W = W + rate * (pairs - guess.swapaxes(1, 2) @ u)
    return [Generative(*parts) for parts in zip(g, G, h, strict=True)]


def _table(drive: Array, states: Array) -> Array:
    """Probability of each state, units driven by drive (..., n): shape (..., m)."""
    total = np.logaddexp(0, drive).sum(axis=-1, keepdims=True)
    table: Array = np.exp(drive @ states.T - total)
    return table


def digits(seed: int, steps: int = DIGITS_STEPS) -> list[float]:
    """Gap of a 64-10 after wake-sleep, and what is left of it with a guess for each digit."""
    rng = np.random.default_rng(seed)
    gen, rec = learning.fresh(64, 10, rng=rng, scale=0.1)
    rate = learning.anneal(0.01, steps)
    step = last(
        learning.wake_sleep(
            gen, rec, DIGITS.train, rate=rate, steps=steps, every=steps,
            optimiser="adam", minibatch=100, rng=rng,
        )
    )  # fmt: skip
    gap = exact.kl_q_p(step.gen, step.rec, DIGITS.test)
    own = learning.first_step(step.gen, step.rec, DIGITS.test, "mean_field")
    table = learning.e_phase(own, DIGITS.test, e_steps=200).table(DIGITS.test)
    left = exact.log_likelihood(step.gen, DIGITS.test)
    left = left - exact.table_free_energy(step.gen, table, DIGITS.test)
    return [float(gap.mean()), float(left.mean())]


def recipe(parts: int) -> Callable[[int], list[float]]:
    """KL(data || dreams) of the bars, in bits, with so many parts of the recipe on."""
    n = BARS_STEPS
    rates = (0.5, 0.1) if parts < 3 else learning.two_stage((0.5, 0.001), (0.5, 0.1), n)

    def end(seed: int) -> list[float]:
        gen, rec = learning.fresh(16, 8, 1, hidden_bias=-3.0 if parts else 0.0)
        run = learning.wake_sleep(
            gen, rec, BARS.u, BARS.weights, rates, n, nonnegative=parts > 1, every=n,
            rng=np.random.default_rng(seed),
        )  # fmt: skip
        log_l = BARS.weights @ exact.log_likelihood(last(run).gen, BARS.u)
        return [float((-BARS.entropy - log_l) / np.log(2))]

    return end


def turn(seed: int, pace: str, n_v: int) -> list[float]:
    """The cosine between the slope of F and sleep along exact wake-sleep, at 51 places."""
    scale, ways = {
        "05": (0.1, {"rate": 1.0, "steps": 1200, "every": 24}),
        "06": (0.5, {"rate": 0.02, "steps": 1200, "every": 24, "optimiser": "adam"}),
    }[pace]
    gen, rec = learning.fresh(9, n_v, rng=np.random.default_rng(seed), scale=scale)
    run = learning.wake_sleep(gen, rec, STRIPES.u, STRIPES.weights, expectations="exact", **ways)
    return [cosine(step) for step in run]


def cosine(step: Step) -> float:
    """Of the angle between the slope of F in W and the expected sleep update."""
    world = STRIPES.u, STRIPES.weights
    up = exact.grad_free_energy(step.gen, step.rec, *world)[1].ravel()
    sleep = exact.grad_dream(step.gen, step.rec, *world)[1].ravel()
    return float(up @ sleep / np.sqrt((up @ up) * (sleep @ sleep)))


def leave(seed: int) -> list[float]:
    """A 9-4 at a top of L, found by EM: what hedging costs, what sleep leaves, L and L walked.

    Sleep works first until Q is the best that it can make; then wake-sleep goes on, 2500 exact
    steps.
    """
    gen = learning.em(
        kept_runs.climbs(4).gen[seed], None, STRIPES.u, weights=STRIPES.weights, steps=40
    )
    top = last(gen).gen
    _, rec = learning.fresh(9, 4, rng=np.random.default_rng(seed), scale=0.5)
    ways = {"optimiser": "adam", "expectations": "exact"}
    nap = {"rate": learning.anneal(0.05, 1000, 0.3), "steps": 1000, "every": 1000}
    world = STRIPES.u, STRIPES.weights
    slept = last(learning.wake_sleep(top, rec, *world, **nap, **ways, phases="sleep"))
    p = exact.posterior(top, STRIPES.u)
    on = np.clip(p @ exact.states(4), 0, 1)
    hedged = (entr(on) + entr(1 - on)).sum(axis=1) - entr(p).sum(axis=1)
    walk = learning.wake_sleep(top, slept.rec, *world, rate=0.005, steps=2500, every=2500, **ways)
    left = exact.kl_p_q(top, slept.rec, STRIPES.u)
    costs = [float(STRIPES.weights @ cost) for cost in (hedged, left)]
    return [*costs, height(top), height(last(walk).gen)]


PARTS: dict[str, Callable[[], list[list[float]]]] = {
    "stripes": lambda: [stripes(seed) for seed in SEEDS],
    "no_draws": lambda: [[height(gen)] for gen in noiseless(SEEDS, STRIPES_STEPS)],
    "digits": lambda: [digits(seed) for seed in SEEDS],
    **{
        f"bars_{parts}": lambda parts=parts: [recipe(parts)(seed) for seed in SEEDS]
        for parts in range(4)
    },
    **{
        f"turn_{pace}_{n_v}": lambda pace=pace, n_v=n_v: [turn(seed, pace, n_v) for seed in SEEDS]
        for pace, n_v in TURNS
    },
    "leave": lambda: [leave(seed) for seed in SEEDS],
    "leave_more": lambda: [leave(seed) for seed in MORE],
}
"""The tables, by name."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.count_seeds", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    parser.add_argument("--only", nargs="*", choices=tuple(PARTS), help="tables to make anew")
    options = parser.parse_args(arguments)

    arrays = dict(np.load(options.out)) if options.only and options.out.exists() else {}
    for name in options.only or PARTS:
        arrays[name] = np.array(PARTS[name](), dtype=np.float32)
        print(name, arrays[name].shape, np.median(arrays[name], axis=0).round(3)[:8], flush=True)
    keep(options.out, arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
