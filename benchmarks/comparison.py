"""All methods on all data sets over many seeds, by judges that can embarrass:
`python -m benchmarks.comparison --out results.jsonl`.

    --data ring pinwheel          some data sets; all without
    --methods "prior dreams"      some methods; all without
    --seeds 6000 6001             any seeds; tune on others
    --seconds 20                  of the processor, for every run of every method whose steps can
                                  be bought: a short trial says what a step costs
    --steps 500                   so many steps in place of seconds: the same numbers on any machine
    --against IWAE                the method that others are held against
    --test "DDC code"             the methods that are held against it, named before anything is
                                  run: the fewer tests, the less each p-value is corrected
    --executor serial             one run after the other in this process; or `processes`, or
                                  `dask tcp://HOST:PORT`, a scheduler whose workers can import
                                  this folder (PYTHONPATH) and have one thread each
    --jobs 2                      processes
    --quick                       few data, to see that it runs

A run that is done is a line of JSON in the file; the command goes on from there when it is called
again, with more seeds or methods, too. A line says how its run can be made again: data, method,
seed, steps, sizes. What a run needs besides, generators included, follows from these.

Judges, each against the same held-out data: MMD^2 with a kernel of width s0, s0/2, s0/4 and s0/10,
s0 half the median distance in the data, and one test over all four; a vote of 15 neighbours with
its interval; L in nats, with its gap to the density that the data come from where that is known.
"the truth" is not a method but fresh draws of the data: the floor.

p-values of the last table are of two-sided sign tests over seeds, corrected by Holm for all tests
of that table.
"""

from __future__ import annotations

import argparse
import concurrent.futures as futures
import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks import judging
from benchmarks.contenders import METHODS
from benchmarks.data_sets import WORLDS, World
from benchmarks.running import cores, load
from benchmarks.standings import Row, print_standings
from hmlib import ddc, metrics
from hmlib.course.workers import end_with_parent

TRUTH = "the truth"
"""Fresh draws of the data in place of a model's."""

TRAIN, TEST, JUDGED = 4000, 2000, 1000
"""Data learnt from, held out, and held out for L."""

PRIOR_DRAWS, LEAST_DRAWS = 100_000, 20
"""Latents drawn for L, and how many must count for the median datum for it to be told."""

FILLED = 2
"""Latents that so many draws from the prior fill."""

PROPOSED = 300
"""Data held out for L, where it takes draws that are weighed."""

PERMUTATIONS, DEALT = 300, 500
"""Of the test over all widths, and points of each sample in it."""


@dataclass(frozen=True)
class Task:
    """One run: what is learnt, how, from which numbers, and for how long."""

    data: str
    method: str
    seed: int
    seconds: float | None
    steps: int | None
    train: int
    test: int

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from all others: a run with a budget has the budget, not its steps."""
        bought = self.method != TRUTH and METHODS[self.method].bought
        budget = (self.seconds, None if self.seconds else self.steps) if bought else None
        return self.data, self.method, self.seed, budget, self.train, self.test


def run(task: Task) -> Row:
    """Learn and judge; the same row for the same task if it says its steps, but for the seconds."""
    world = WORLDS[task.data](np.random.default_rng([task.seed, 0]))
    draws = np.random.default_rng([task.seed, 1])
    train, test = world.sample(draws, task.train), world.sample(draws, task.test)
    steps = task.steps or 1
    if task.method == TRUTH:
        model, seconds, diverged = world, 0.0, False
    else:
        method = METHODS[task.method]
        if method.bought and task.steps is None:
            steps = affordable(task.method, world, train, task.seconds or 1.0)
        model, seconds, diverged = learnt(task.method, world, train, task.seed, steps)
    return judged(task, world, model, test, steps, seconds, diverged)


def learnt(
    method: str, world: World, train: np.ndarray, seed: int, steps: int
) -> tuple[Any, float, bool]:
    """The model, the processor's seconds, and whether learning ran away."""
    # Every method draws its own numbers, whatever the others do.
    rng = np.random.default_rng([seed, 2, *method.encode()])
    last, seconds, diverged = judging.learnt(
        lambda rng: METHODS[method].learn(train, rng, steps, world.latents), rng
    )
    return getattr(last, "gen", getattr(last, "model", last)), seconds, diverged


def affordable(method: str, world: World, train: np.ndarray, seconds: float) -> int:
    """Steps that fill the seconds, by two trials: what a run costs at all, and what a step adds.

    The trials take up to a third of the budget and are not counted in it. Where one runs away a
    longer one may take no longer; then its steps are what is given.
    """
    few, many, spent = 2, 10, 0.0
    learnt(method, world, train, 0, few)  # whatever is slow once only
    while True:
        _, base, _ = learnt(method, world, train, 0, few)
        _, spent, away = learnt(method, world, train, 0, many)
        if away:
            return many
        a_step = (spent - base) / (many - few)
        # What a run costs before its first step must not hide what a step costs.
        if spent - base > seconds / 8 and a_step > 0:
            return max(1, int((seconds - base + few * a_step) / a_step))
        few, many = many, 4 * many


def judged(
    task: Task,
    world: World,
    model: Any,
    test: np.ndarray,
    steps: int,
    seconds: float,
    diverged: bool,
) -> Row:
    """The model before all judges."""
    rng = np.random.default_rng([task.seed, 3])
    dreams = model.sample(rng, task.test)
    dreams = dreams[0] if isinstance(model, ddc.Chain) else dreams
    votes = metrics.neighbour_test(test, dreams, rng)
    told = metrics.mmd_test(test[:DEALT], dreams[:DEALT], rng, permutations=PERMUTATIONS)
    row = Row(
        task.data, task.method, task.seed, task.seconds, steps, task.train, task.test, seconds,
        tuple(metrics.mmd2_at_widths(test, dreams).tolist()), told.p,
        votes.accuracy, votes.low, votes.high, diverged=diverged,
    )  # fmt: skip
    # Of many latents none that the prior draws fits: then draws are weighed, and fewer data judged.
    weighed = world.latents > FILLED
    x = test[: PROPOSED if weighed else JUDGED]
    if model is world and world.chain is not None:
        model = world.chain
    if isinstance(model, ddc.Chain):
        if weighed:
            found = judging.proposed_likelihood(model, x, rng)
        else:
            found = judging.sampled_likelihood(model, x, rng, PRIOR_DRAWS)
        each, error = found.each, found.error
        row = replace(row, effective=found.effective)
        if found.effective < LEAST_DRAWS:
            return row
    elif model.log_prob is not None:
        each, error = model.log_prob(x), 0.0
    else:
        return row
    row = replace(row, log_likelihood=float(each.mean()), log_likelihood_error=error)
    if world.chain is not None:
        # The same draws beside every method of a seed.
        fresh = np.random.default_rng([task.seed, 4])
        truth = judging.proposed_likelihood(world.chain, x, fresh).each
    elif world.log_prob is not None:
        truth = world.log_prob(x)
    else:
        return row
    gap = metrics.gap(each, truth, error)
    return replace(row, truth=gap.truth, gap=gap.gap, gap_error=gap.error)


# Rows in a file.


def kept(path: Path) -> list[Row]:
    """The rows of a file; a last line that was cut off is passed over, and its run made again."""
    if not path.exists():
        return []
    lines, rows = path.read_text(encoding="utf-8").splitlines(), []
    for number, line in enumerate(lines, 1):
        try:
            rows.append(Row.from_json(json.loads(line)))
        except ValueError:
            if number < len(lines):
                raise ValueError(f"{path}, line {number}: {line!r}; accepted: a row") from None
    return rows


def keep(path: Path, row: Row) -> None:
    """Add one row to the file, on a line of its own whatever stands before it."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if text and not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
        path.write_text(text, encoding="utf-8")
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(row)) + "\n")


def task_of(row: Row) -> Task:
    """The task that makes a row again, in as many steps."""
    return Task(row.data, row.method, row.seed, row.budget, row.steps, row.train, row.test)


def asked_for(row: Row) -> Task:
    """The task that the row answered: with a budget its steps were not asked for."""
    return replace(task_of(row), steps=None) if row.budget else task_of(row)


# Where runs are made.


class Serial(futures.Executor):
    """Runs that are made in this process when they are handed in."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> futures.Future:
        future: futures.Future = futures.Future()
        try:
            future.set_result(function(*args, **more))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def executor(words: Sequence[str], jobs: int) -> Iterator[futures.Executor]:
    """serial, processes, or dask with the address of its scheduler."""
    if words[0] == "dask":
        from distributed import Client

        with Client(words[1]) as client:
            yield client.get_executor()
    elif words[0] == "processes":
        for library in ("OPENBLAS", "OMP", "MKL"):  # read by the new processes
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")
        fresh = multiprocessing.get_context("spawn")
        with futures.ProcessPoolExecutor(jobs, fresh, end_with_parent) as pool:
            yield pool
    else:
        yield Serial()


def made(
    tasks: Sequence[Task], pool: AbstractContextManager[futures.Executor], out: Path
) -> list[str]:
    """Make all runs and keep each when it is done; returns what went wrong, in words."""
    wrong, done_at_once = [], {}
    with pool as at, tqdm(total=len(tasks), unit="run", disable=None) as bar:

        def finished(future: futures.Future, task: Task) -> None:
            try:
                keep(out, future.result())
            except Exception as error:
                name = f"{task.data}, {task.method}, seed {task.seed}"
                wrong.append(f"{name}: {type(error).__name__}: {error}")
            bar.update()

        for task in tasks:
            future = at.submit(run, task)
            if isinstance(at, Serial):
                finished(future, task)
            else:
                done_at_once[future] = task
        for future in futures.as_completed(done_at_once):
            finished(future, done_at_once[future])
    return wrong


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.comparison",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [TRUTH, *METHODS]
    parser.add_argument("--out", type=Path, required=True, help="rows, a line each")
    parser.add_argument("--data", choices=WORLDS, nargs="+", default=list(WORLDS), metavar="DATA")
    parser.add_argument("--methods", choices=names, nargs="+", default=names, metavar="METHOD")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(6000, 6010)))
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--against", choices=names, default="IWAE", metavar="METHOD")
    parser.add_argument("--test", choices=list(METHODS), nargs="+", metavar="METHOD")
    parser.add_argument("--executor", nargs="+", default=["processes"], metavar="WHERE")
    parser.add_argument("--jobs", type=int, default=cores())
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    where = options.executor
    if (where[0], len(where)) not in {("serial", 1), ("processes", 1), ("dask", 2)}:
        parser.error(f"--executor is {' '.join(where)}; accepted: serial, processes, dask ADDRESS")
    for name in ("seconds", "steps", "jobs"):
        value = getattr(options, name)
        if value is not None and not value > 0:
            parser.error(f"--{name} is {value}; accepted: a number above 0")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parsed(arguments)
    n_train, n_test = (400, 200) if options.quick else (TRAIN, TEST)
    seconds = None if options.steps else options.seconds
    tasks = [
        Task(data, method, seed, seconds, options.steps, n_train, n_test)
        for seed in options.seeds
        for data in options.data
        for method in options.methods
    ]
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {load()}")
    have = {asked_for(row).key for row in kept(options.out)}
    left = [task for task in tasks if task.key not in have]
    print(f"{len(tasks)} runs, {len(tasks) - len(left)} of them in {options.out.name} already")
    began = time.perf_counter()
    wrong = made(left, executor(options.executor, options.jobs), options.out)
    asked = {task.key for task in tasks}
    rows = [row for row in kept(options.out) if asked_for(row).key in asked]
    print_standings(rows, options.against, options.test or list(METHODS))
    print(f"\n{time.perf_counter() - began:.0f} s by the clock, {load()} at the end")
    for words in wrong:
        print(f"failed: {words}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    # By its own name: what belongs to __main__ cannot be found by workers elsewhere.
    from benchmarks import comparison

    sys.exit(comparison.main())
