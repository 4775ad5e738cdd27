"""Wake-sleep on the data of the course, with seeds and spread: `python -m benchmarks.wake_sleep`.

    --seeds 100 101 102        any seeds (recipes were tuned on 0 to 19)
    --only bars shifter        some parts
    --jobs 1                   seeds one after the other; the same numbers

Parts: the recipes of `hmlib.course.wake_sleep_recipes`, restarts included in their seconds;
`rivals`, wake-sleep beside reweighted wake-sleep and exact ascent on L and on F from the same
beginnings; `step`, one step of 16-8-1 beside its matrix products and random draws.

Seeds run over all cores, each on one core of its own. Seconds are of the clock, "s busy" those of
the processor in the slowest run: the two agree on a quiet machine.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise, repeat
from types import MappingProxyType
from typing import Any

import numpy as np

from benchmarks.running import cores, in_parallel, load
from hmlib import datasets, exact, importance, learning
from hmlib.binary import sigmoid
from hmlib.course import wake_sleep_recipes as recipes
from hmlib.learning import Diverged, Step, Steps
from hmlib.learning.optimisers import Rate

SEEDS = tuple(range(100, 112))
RIVAL_SEEDS = 4
"""Of these, tried where every method has its turn."""

BIT = np.log(2)
IMPORTANCE_SAMPLES = 2000
LONG = {"steps": 80_000, "minibatch": 200}
"""The long run on digits."""


@dataclass(frozen=True)
class Outcome:
    """What became of one seed.

    Attributes:
        seed: of the generator of the run.
        value: the lower the better.
        beside: another figure of the same machine.
        seconds: of learning, by the clock.
        busy: of learning, by the processor: the same on a quiet machine.
        tries: beginnings.
    """

    seed: int
    value: float
    beside: float
    seconds: float
    busy: float
    tries: int


# The recipes, and how far each machine is from its data.


@dataclass(frozen=True)
class Part:
    """One recipe, how its last step is judged, and what it should reach.

    Attributes:
        title, unit: for the table.
        learn: the recipe: from a generator, the steps of a run.
        judge: (value, value beside) of the last step.
        beside: what the value beside is.
        median, worst, seconds: the most that is accepted of the median value, of every value,
            and of the seconds of every seed (of their median for the others' sake if `typical`).
        seeds: seeds tried at most, where a run is long.
    """

    title: str
    unit: str
    learn: Callable[[np.random.Generator], Steps]
    judge: Callable[[Step], tuple[float, float]]
    beside: str
    median: float
    worst: float = np.inf
    seconds: float = np.inf
    seeds: int = len(SEEDS)


def judged_on(world: datasets.Patterns, step: Step, unit: float = 1.0) -> tuple[float, float]:
    gap = exact.kl_q_p(step.gen, step.rec, world.u) @ world.weights
    return recipes.divergence(world, step.gen) / unit, gap / unit


def bars_judged(step: Step) -> tuple[float, float]:
    return judged_on(datasets.bars(), step, BIT)


def shifter_judged(step: Step) -> tuple[float, float]:
    world, rng = datasets.shifter(), np.random.default_rng(0)
    log_l = importance.estimate(step.gen, step.rec, world.u, rng, IMPORTANCE_SAMPLES).log_likelihood
    _, dreams = step.gen.sample(rng, 5000)
    known = {picture.tobytes() for picture in world.u}
    valid = np.mean([dream.tobytes() in known for dream in dreams])
    return -(log_l @ world.weights) / BIT, 100 * valid


def digits_judged(step: Step) -> tuple[float, float]:
    test, rng = datasets.digits().test, np.random.default_rng(0)
    found = importance.estimate(step.gen, step.rec, test, rng, IMPORTANCE_SAMPLES)
    return -found.log_likelihood.mean(), -found.free_energy.mean()


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "bars": Part(
            "bars 16-8-1, KL(data||dreams)", "bits", recipes.bars, bars_judged, "KL(Q||P)",
            median=0.06, worst=0.12, seconds=15,
        ),
        "or_bars": Part(
            "OR-bars 16-8, KL(data||dreams)", "nats", recipes.or_bars,
            lambda step: judged_on(datasets.or_bars(), step), "KL(Q||P)", median=0.53,
        ),
        "stripes": Part(
            "stripes 9-6-1, KL(data||dreams)", "nats", recipes.stripes,
            lambda step: judged_on(datasets.stripes(), step), "KL(Q||P)", median=0.17,
        ),
        "shifter": Part(
            "shifter 32-16-4, -L (sampled)", "bits", recipes.shifter, shifter_judged,
            "% valid dreams", median=9.3, seconds=15,
        ),
        "digits_one_layer": Part(
            "digits 64-32, test -L (sampled)", "nats", lambda rng: recipes.digits(rng, 32),
            digits_judged, "-F", median=19.0, seconds=10, seeds=4,
        ),
        "digits": Part(
            "digits 64-32-16, test -L (sampled)", "nats", recipes.digits, digits_judged, "-F",
            median=18.0, seconds=10,
        ),
        "digits_long": Part(
            "digits 64-32-16, a long run, test -L (sampled)", "nats",
            lambda rng: recipes.digits(rng, **LONG),
            digits_judged, "-F", median=17.6, seconds=60, seeds=4,
        ),
    }
)  # fmt: skip


def outcome(part: str, seed: int) -> Outcome:
    """One seed of one recipe, timed."""
    recipe = PARTS[part]
    return timed(seed, lambda: recipe.learn(np.random.default_rng(seed)), recipe.judge)


def timed(
    seed: int, learn: Callable[[], Steps], judge: Callable[[Step], tuple[float, float]]
) -> Outcome:
    """Seconds of learning, and how its last step is judged: infinitely bad if it diverged."""
    start, busy = time.perf_counter(), time.process_time()
    try:
        *_, last = learn()
        diverged = False
    except Diverged as failure:
        last, diverged = failure.step, True
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    value, beside = (np.inf, np.nan) if diverged else judge(last)
    return Outcome(seed, float(value), float(beside), seconds, busy, last.tries)


# Wake-sleep beside its rivals, from the same beginnings.

METHODS = ("wake-sleep", "reweighted, K = 10", "exact ascent on L", "exact ascent on F")
EXACT_RATE = 0.02
"""Learning rate of Adam on the exact gradients."""


@dataclass(frozen=True)
class Contest:
    """One data set, learnt by every method from the same random parameters.

    Attributes:
        title, unit: for the table.
        sizes: layers of the machine, visible first.
        data: (inputs, weights) to learn from.
        value: the value of the last step, the lower the better.
        rates: learning rates of wake-sleep, from the number of steps.
        reweighted: the same of the reweighted kind, which makes fewer but surer steps.
        steps: steps of each method, about as many seconds each.
        sampled, exact: further options of the two sampled and the two exact methods.
        hidden_bias: generative bias of the causes at the beginning.
    """

    title: str
    unit: str
    sizes: tuple[int, ...]
    data: Callable[[], tuple[np.ndarray, np.ndarray | None]]
    value: Callable[[Step], float]
    rates: Callable[[int], Rate]
    reweighted: Callable[[int], Rate]
    steps: tuple[int, int, int, int]
    sampled: Mapping[str, Any] = field(default_factory=dict)
    exact: Mapping[str, Any] = field(default_factory=dict)
    hidden_bias: float | None = None


def listed(world: datasets.Patterns) -> tuple[np.ndarray, np.ndarray]:
    return world.u, world.weights


CONTESTS: Mapping[str, Contest] = MappingProxyType(
    {
        "bars": Contest(
            "bars 16-8-1, KL(data||dreams); no restarts", "bits", (16, 8, 1),
            lambda: listed(datasets.bars()), lambda step: bars_judged(step)[0],
            lambda steps: learning.two_stage((0.5, 0.001), (0.5, 0.2), steps),
            lambda steps: learning.two_stage((2.0, 0.001), (2.0, 0.5), steps),
            (120_000, 15_000, 6000, 4000), sampled={"nonnegative": True}, hidden_bias=-3.0,
        ),
        "or_bars": Contest(
            "OR-bars 16-8, KL(data||dreams)", "nats", (16, 8),
            lambda: listed(datasets.or_bars()),
            lambda step: judged_on(datasets.or_bars(), step)[0],
            lambda steps: 1.0, lambda steps: 4.0, (100_000, 15_000, 5000, 3500), hidden_bias=-1.0,
        ),
        "stripes": Contest(
            "stripes 9-6-1, KL(data||dreams)", "nats", (9, 6, 1),
            lambda: listed(datasets.stripes()),
            lambda step: judged_on(datasets.stripes(), step)[0],
            lambda steps: (1.0, 0.1), lambda steps: (2.0, 0.2), (40_000, 5000, 3000, 2000),
        ),
        "digits": Contest(
            "digits 64-10, test -L", "nats", (64, 10), lambda: (datasets.digits().train, None),
            lambda step: -exact.log_likelihood(step.gen, datasets.digits().test).mean(),
            lambda steps: 0.02, lambda steps: 0.02, (40_000, 4000, 3000, 2400),
            sampled={"minibatch": 100, "optimiser": "adam"}, exact={"minibatch": 100},
        ),
    }
)  # fmt: skip


def rival(contest: str, method: str, seed: int) -> Outcome:
    """One seed of one method in one contest, timed."""
    task, rng = CONTESTS[contest], np.random.default_rng(seed)
    gen, rec = learning.fresh(*task.sizes, hidden_bias=task.hidden_bias, rng=rng, scale=0.1)
    u, weights = task.data()
    steps = task.steps[METHODS.index(method)]
    same = {"weights": weights, "steps": steps, "rng": rng, "every": steps}
    if method.startswith("exact"):
        rule = partial(learning.ascend, objective=method[-1])
        rates, options = EXACT_RATE, task.exact
    elif method.startswith("reweighted"):
        rule, rates, options = learning.reweighted_wake_sleep, task.reweighted(steps), task.sampled
    else:
        rule, rates, options = learning.wake_sleep, task.rates(steps), task.sampled
    learn = partial(rule, gen, rec, u, rate=learning.anneal(rates, steps), **same, **options)
    return timed(seed, learn, lambda step: (task.value(step), np.nan))


# One step, and the arithmetic it cannot do without.

STEP_SIZES, STEP_MINIBATCH = (16, 8, 1), 20
ROUNDS, CALLS = 40, 1000
STEP_TARGET = 1.5


@dataclass(frozen=True)
class StepCost:
    """Microseconds of the processor for one step and for its parts, fastest of many rounds."""

    step: float
    products: float
    numbers: float
    draws: float
    plain_products: float
    plain_draws: float


def step_cost(rounds: int = ROUNDS, calls: int = CALLS) -> StepCost:
    """One step of wake-sleep, and its products and draws alone, timed in turn."""
    world, n = datasets.bars(), STEP_MINIBATCH
    gen, rec = learning.fresh(*STEP_SIZES)
    run = learning.wake_sleep(
        gen, rec, world.u, world.weights, 0.01, calls * (rounds + 2), n, every=calls,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    next(run)
    ways = {
        "products": lean_products(STEP_SIZES, n),
        "numbers": random_numbers(STEP_SIZES, n),
        "draws": lean_draws(STEP_SIZES, world, n),
        "plain_products": plain_products(STEP_SIZES, n),
        "plain_draws": plain_draws(STEP_SIZES, world, n),
    }
    best = dict.fromkeys(("step", *ways), np.inf)
    for _ in range(rounds + 1):
        start = time.process_time()
        next(run)
        best["step"] = min(best["step"], time.process_time() - start)
        for name, way in ways.items():
            start = time.process_time()
            for _ in range(calls):
                way()
            best[name] = min(best[name], time.process_time() - start)
    return StepCost(**{name: seconds / calls * 1e6 for name, seconds in best.items()})


def factors(sizes: Sequence[int], n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The factors of every matrix product of one step, one example a column, biases included.

    Wake: W guesses, G explains, errors times sources change G. Sleep: G dreams, W recognises,
    errors times sources change W.
    """
    rng = np.random.default_rng(0)
    up = [(above, below + 1) for below, above in pairwise(sizes)]
    down = [*((below, above + 1) for below, above in pairwise(sizes)), (sizes[-1], 1)]

    def drives(shapes: list[tuple[int, int]]) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(rng.random(shape), rng.random((shape[1], n))) for shape in shapes]

    def rule(shapes: list[tuple[int, int]]) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(rng.random((rows, n)), rng.random((columns, n)).T) for rows, columns in shapes]

    wake = drives(up) + drives(down) + rule(down)
    return wake + drives(down) + drives(up) + rule(up)


def lean_products(sizes: Sequence[int], n: int) -> Callable[[], None]:
    """Into arrays that are there already, as the library does it."""
    dot, products = np.dot, [(a, b, a @ b) for a, b in factors(sizes, n)]

    def way() -> None:
        for a, b, out in products:
            dot(a, b, out)

    return way


def random_numbers(sizes: Sequence[int], n: int) -> Callable[[], None]:
    """All random numbers of one step in one call, and nothing done with them."""
    random, numbers = np.random.default_rng(0).random, np.empty(n + n * drawn(sizes))
    return lambda: random(out=numbers)


def lean_draws(sizes: Sequence[int], world: datasets.Patterns, n: int) -> Callable[[], None]:
    """Which data, and which units are on: drives above logistic noise, as the library draws."""
    random, numbers = np.random.default_rng(0).random, np.empty(n + n * drawn(sizes))
    pick, noise = numbers[:n], numbers[n:]
    up_to, data, u = world.weights.cumsum(), np.ascontiguousarray(world.u.T), np.empty((16, n))
    one, room, layers, left = np.ones(()), np.empty_like(noise), [], noise
    for size in (*sizes[1:], *sizes):
        part, left = left[: size * n].reshape(size, n), left[size * n :]
        layers.append((part, np.zeros((size, n)), np.empty((size, n))))

    def way() -> None:
        random(out=numbers)
        np.subtract(one, noise, room)
        np.divide(noise, room, noise)
        np.log(noise, noise)
        data.take(up_to.searchsorted(pick, side="right"), axis=1, out=u, mode="clip")
        for part, drive, unit in layers:
            unit[:] = part < drive

    return way


def plain_products(sizes: Sequence[int], n: int) -> Callable[[], None]:
    """As in a textbook: x = u W^T + w, and the two delta rules as they are written."""
    rng = np.random.default_rng(0)
    layers = [rng.random((n, size)) for size in sizes]
    W = [rng.random((above, below)) for below, above in pairwise(sizes)]
    w = [rng.random(size) for size in sizes[1:]]

    def pass_up() -> None:
        for u, W_l, w_l in zip(layers, W, w, strict=False):
            u @ W_l.T + w_l

    def pass_down() -> None:
        for v, W_l, u in zip(layers[1:], W, layers, strict=False):
            v @ W_l + u[0]

    def rule(rows: Sequence[np.ndarray], columns: Sequence[np.ndarray]) -> None:
        for error, source in zip(rows, columns, strict=False):
            error.T @ source
        for error in rows:
            error.sum(axis=0)

    def way() -> None:
        pass_up()
        pass_down()
        rule(layers, layers[1:])
        pass_down()
        pass_up()
        rule(layers[1:], layers)

    return way


def plain_draws(sizes: Sequence[int], world: datasets.Patterns, n: int) -> Callable[[], None]:
    """As in a textbook: rows of the data by their weights, and rng.random(shape) < f(x)."""
    rng, x = np.random.default_rng(0), [np.zeros((n, size)) for size in (*sizes[1:], *sizes)]
    up_to = world.weights.cumsum()

    def way() -> None:
        world.u[up_to.searchsorted(rng.random(n))]
        for drive in x:
            rng.random(drive.shape) < sigmoid(drive)  # noqa: B015

    return way


def drawn(sizes: Sequence[int]) -> int:
    """Units drawn for one example: causes when awake, every unit asleep."""
    return sum(sizes[1:]) + sum(sizes)


# Tables.


def spread(outcomes: Sequence[Outcome]) -> str:
    """Best, median and worst value; seconds by the clock, and by the processor."""
    values, seconds = [o.value for o in outcomes], [o.seconds for o in outcomes]
    busy = max(o.busy for o in outcomes)
    return (
        f"{min(values):8.3f} {statistics.median(values):8.3f} {max(values):8.3f}"
        f" {statistics.median(seconds):8.1f} {max(seconds):8.1f} {busy:8.1f}"
    )


_GLUE = "\N{NO-BREAK SPACE}"

HEADINGS = f"{'best':>8} {'median':>8} {'worst':>8} {'s median':>8} {'s worst':>8} {'s busy':>8}"


def print_part(part: Part, outcomes: Sequence[Outcome]) -> None:
    print(f"\n{part.title}, {part.unit}; {len(outcomes)} seeds")
    beside = statistics.median(o.beside for o in outcomes)
    print(f"  {HEADINGS}   {part.beside} (median)")
    print(f"  {spread(outcomes)}   {beside:.3g}")
    by_seed = (
        f"{o.seed}:{_GLUE}{o.value:.3f}"
        + (f"{_GLUE}({o.tries - 1}{_GLUE}restarted)" if o.tries > 1 else "")
        for o in outcomes
    )
    lines = textwrap.fill("  ".join(by_seed), 96, initial_indent="  ", subsequent_indent="  ")
    print(lines.replace(_GLUE, " "))
    print(f"  {verdicts(part, outcomes)}")


def verdicts(part: Part, outcomes: Sequence[Outcome]) -> str:
    """The targets of a part, each with what was reached."""
    values = [o.value for o in outcomes]
    aims = [
        ("median", part.median, statistics.median(values), part.unit),
        ("worst", part.worst, max(values), part.unit),
        ("slowest", part.seconds, max(o.seconds for o in outcomes), "s"),
    ]
    return "targets: " + "; ".join(
        f"{name} {reached:.3g} <= {aim:g} {unit}, {'met' if reached <= aim else 'MISSED'}"
        for name, aim, reached, unit in aims
        if aim < np.inf
    )


def print_contest(contest: Contest, rows: Iterator[tuple[str, list[Outcome]]]) -> None:
    print(f"\n{contest.title}, {contest.unit}; every method from the same beginnings")
    print(f"  {'':20}{'steps':>8} {HEADINGS}")
    for (method, outcomes), steps in zip(rows, contest.steps, strict=True):
        print(f"  {method:20}{steps:8,} {spread(outcomes)}", flush=True)


def print_step(cost: StepCost) -> None:
    name = "-".join(map(str, STEP_SIZES))
    print(f"\none step of wake-sleep, {name}, minibatch {STEP_MINIBATCH}; fastest of many rounds")
    needed = cost.products + cost.draws
    plain = cost.plain_products + cost.plain_draws
    for what, microseconds in (
        ("the step", cost.step),
        ("its matrix products alone, into arrays that are there", cost.products),
        ("its random numbers alone", cost.numbers),
        ("its random draws alone: numbers, which data, which units are on", cost.draws),
        ("its matrix products, written plainly", cost.plain_products),
        ("its random draws, written plainly", cost.plain_draws),
    ):
        print(f"  {what:65} {microseconds:6.1f} microseconds")
    for what, least in (
        ("the step / (products + draws)", needed),
        ("the step / (products + random numbers)", cost.products + cost.numbers),
        ("the step / (products + draws, both written plainly)", plain),
    ):
        ratio = cost.step / least
        verdict = f"target <= {STEP_TARGET}, {'met' if ratio <= STEP_TARGET else 'MISSED'}"
        print(f"  {what:65} {ratio:6.2f}  {verdict}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.wake_sleep",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = (*PARTS, "rivals", "step")
    parser.add_argument("--seeds", type=int, nargs="+", help="default: 100 to 111")
    parser.add_argument("--only", choices=names, nargs="+", default=names, metavar="PART")
    parser.add_argument("--jobs", type=int, default=cores(), help="seeds at a time")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error(f"--jobs is {options.jobs}; accepted: 1 or more")

    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {load()}")
    print(f"seeds {' '.join(map(str, options.seeds or SEEDS))}; {options.jobs} at a time")
    for name, part in PARTS.items():
        if name in options.only:
            seeds = options.seeds or SEEDS[: part.seeds]
            print_part(part, in_parallel(outcome, repeat(name), seeds, jobs=options.jobs))
    if "rivals" in options.only:
        seeds = options.seeds or SEEDS[:RIVAL_SEEDS]
        for name, contest in CONTESTS.items():
            rows = (
                (method, in_parallel(rival, repeat(name), repeat(method), seeds, jobs=options.jobs))
                for method in METHODS
            )
            print_contest(contest, rows)
    if "step" in options.only:
        print_step(step_cost())
    print(f"\n{load()} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
