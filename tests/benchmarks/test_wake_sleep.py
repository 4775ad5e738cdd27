"""The benchmark of wake-sleep, in short: what it prints is what was learnt."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat

import numpy as np
import oracles
import pytest

from benchmarks import wake_sleep as bench
from hmlib import datasets, layered, learning
from hmlib.course import wake_sleep_recipes as recipes
from hmlib.learning import Diverged, Step

SHORT = (40, 8, 4, 3)
"""Steps of each method."""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contests of a few steps."""
    contests = {name: replace(task, steps=SHORT) for name, task in bench.CONTESTS.items()}
    monkeypatch.setattr(bench, "CONTESTS", contests)


def numbers(outcomes: list[bench.Outcome]) -> list[tuple[int, float, float, int]]:
    return [(o.seed, o.value, o.beside, o.tries) for o in outcomes]


@pytest.mark.long
def test_seeds_give_the_same_numbers_in_a_row_and_over_processes() -> None:
    seeds = (7, 3)
    row, spread = (
        numbers(bench.in_parallel(bench.outcome, repeat("stripes"), seeds, jobs=jobs))
        for jobs in (1, 2)
    )
    assert row == spread
    assert [seed for seed, *_ in row] == [7, 3]
    assert row[0][1] != row[1][1]
    *_, last = recipes.stripes(np.random.default_rng(7))
    assert row[0][1] == pytest.approx(slow_divergence(datasets.stripes(), last.gen), abs=1e-9)
    gap = oracles.mean(
        lambda u: oracles.kl_q_p(last.gen, last.rec, u),
        datasets.stripes().u,
        datasets.stripes().weights,
    )
    assert row[0][2] == pytest.approx(gap, abs=1e-9)


def slow_divergence(world: datasets.Patterns, gen: object) -> float:
    return sum(
        p * (math.log(p) - oracles.log_likelihood(gen, u))
        for p, u in zip(world.weights.tolist(), world.u, strict=True)
    )


def test_bars_are_judged_in_bits() -> None:
    step = Step(*learning.fresh(16, 8, 1))
    kl, gap = bench.bars_judged(step)
    assert kl == pytest.approx(16 - datasets.bars().entropy / math.log(2))
    assert gap == pytest.approx(0, abs=1e-9)


def test_shifter_is_judged_in_bits_and_by_its_dreams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels by chance are hardly ever a picture of the data; the full picture is one."""
    monkeypatch.setattr(bench, "IMPORTANCE_SAMPLES", 20)
    bits, valid = bench.shifter_judged(Step(*learning.fresh(32, 16, 4)))
    assert bits == pytest.approx(32)
    assert valid < 0.1
    gen, rec = learning.fresh(32, 16, 4)
    on = gen.with_layers(gen.weights, (gen.biases[0] + 40, *gen.biases[1:]))
    assert bench.shifter_judged(Step(on, rec))[1] == 100


def test_digits_are_judged_on_the_test_set() -> None:
    gen, rec = layered.Layered.zeros(64, 3, 2), layered.LayeredRecognition.zeros(64, 3, 2)
    on = datasets.digits().train.mean(axis=0)
    p = (on * 1500 + 1) / 1502
    gen = gen.with_layers(gen.weights, (np.log(p / (1 - p)), *gen.biases[1:]))
    loss, minus_f = bench.digits_judged(Step(gen, rec))
    assert loss == pytest.approx(25.21, abs=0.005)
    assert minus_f == pytest.approx(loss, abs=1e-9)


@pytest.mark.parametrize("contest", bench.CONTESTS)
@pytest.mark.usefixtures("short")
def test_every_method_begins_with_the_same_machine(
    contest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    def watched(rule):
        def run(gen, rec, u, *rest, **options) -> Iterator[Step]:
            begun.append((rule.__name__, gen, rec, options["steps"]))
            return rule(gen, rec, u, *rest, **options)

        return run

    for name in ("wake_sleep", "reweighted_wake_sleep", "ascend"):
        monkeypatch.setattr(learning, name, watched(getattr(learning, name)))
    outcomes = [bench.rival(contest, method, 5) for method in bench.METHODS]
    assert [name for name, *_ in begun] == [
        "wake_sleep", "reweighted_wake_sleep", "ascend", "ascend",
    ]  # fmt: skip
    assert [steps for *_, steps in begun] == list(SHORT)
    _, gen, rec, _ = begun[0]
    assert all(other_gen == gen and other_rec == rec for _, other_gen, other_rec, _ in begun)
    assert np.isfinite([o.value for o in outcomes]).all()
    assert len({o.value for o in outcomes}) == len(bench.METHODS)


@pytest.mark.usefixtures("short")
def test_the_value_of_a_rival_is_that_of_its_machine() -> None:
    task = bench.CONTESTS["stripes"]
    rng = np.random.default_rng(5)
    gen, rec = learning.fresh(9, 6, 1, rng=rng, scale=0.1)
    u, weights = task.data()
    *_, last = learning.ascend(
        gen, rec, u, "L", weights, learning.anneal(bench.EXACT_RATE, 4), 4, rng=rng
    )
    found = bench.rival("stripes", "exact ascent on L", 5).value
    assert found == pytest.approx(slow_divergence(datasets.stripes(), last.gen), abs=1e-9)


def test_a_run_that_diverges_counts_as_infinitely_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    def learn(rng: np.random.Generator) -> Iterator[Step]:
        step = Step(*learning.fresh(9, 6, 1), count=3, tries=2)
        yield step
        raise Diverged(step, "too fast")

    monkeypatch.setattr(bench, "PARTS", {"it": replace(bench.PARTS["stripes"], learn=learn)})
    found = bench.outcome("it", 4)
    assert (found.seed, found.value, found.tries) == (4, np.inf, 2)


def outcomes_of(*values: float) -> list[bench.Outcome]:
    return [
        bench.Outcome(k, value, 0.5, 1.0 + k, 0.5 * k, 1 + k % 2) for k, value in enumerate(values)
    ]


def test_targets_are_judged_by_median_worst_and_slowest() -> None:
    part = replace(bench.PARTS["bars"], median=0.06, worst=0.12, seconds=2.5)
    assert bench.verdicts(part, outcomes_of(0.05, 0.04)) == (
        "targets: median 0.045 <= 0.06 bits, met; worst 0.05 <= 0.12 bits, met; "
        "slowest 2 <= 2.5 s, met"
    )
    text = bench.verdicts(part, outcomes_of(0.05, 0.07, 0.13))
    assert text.count("MISSED") == 3
    unbounded = replace(part, worst=np.inf, seconds=np.inf)
    assert bench.verdicts(unbounded, outcomes_of(9)) == "targets: median 9 <= 0.06 bits, MISSED"


def test_the_table_names_seeds_spread_and_restarts(capsys: pytest.CaptureFixture[str]) -> None:
    bench.print_part(bench.PARTS["bars"], outcomes_of(0.05, 0.08, 0.06))
    printed = capsys.readouterr().out
    assert "0: 0.050  1: 0.080 (1 restarted)  2: 0.060" in printed
    assert printed.splitlines()[3].split()[:6] == ["0.050", "0.060", "0.080", "2.0", "3.0", "1.0"]


def test_the_command_prints_parts_and_rivals(
    short: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = replace(
        bench.PARTS["stripes"], learn=lambda rng: recipes.stripes(rng, steps=20, every=20)
    )
    monkeypatch.setattr(bench, "PARTS", {"stripes": quick})
    arguments = ["--only", "stripes", "rivals", "--seeds", "7", "3", "--jobs", "1"]
    assert bench.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "seeds 7 3; 1 at a time" in printed
    assert "  7: " in printed
    for method in bench.METHODS:
        assert printed.count(method) == len(bench.CONTESTS)
    assert "the step" not in printed


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["--jobs", "0"], "--jobs is 0"), (["--only", "nothing"], "invalid choice: 'nothing'")],
)
def test_bad_arguments_are_named(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        bench.main(arguments)
    assert named in capsys.readouterr().err


def test_seeds_are_not_those_of_tuning() -> None:
    assert len(set(bench.SEEDS)) == 12
    assert not set(bench.SEEDS) & set(range(20))


def test_the_products_timed_alone_are_those_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shapes, transposes and all: recorded while the library makes one step."""
    world, dot, seen = datasets.bars(), np.dot, []
    gen, rec = learning.fresh(*bench.STEP_SIZES)
    run = learning.wake_sleep(
        gen, rec, world.u, world.weights, rng=np.random.default_rng(0), steps=1, minibatch=20
    )
    next(run)

    def kept(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> np.ndarray:
        seen.append((a.shape, b.shape, b.flags.c_contiguous))
        return dot(a, b, out)

    monkeypatch.setattr(np, "dot", kept)
    next(run)
    monkeypatch.undo()
    alone = [
        (a.shape, b.shape, b.flags.c_contiguous) for a, b in bench.factors(bench.STEP_SIZES, 20)
    ]
    assert sorted(seen) == sorted(alone)


def test_the_numbers_drawn_alone_are_as_many_as_in_a_step() -> None:
    """A random generator that has drawn as many is in the same state."""
    world = datasets.bars()
    gen, rec = learning.fresh(*bench.STEP_SIZES)
    *_, step = learning.wake_sleep(
        gen, rec, world.u, world.weights, rng=np.random.default_rng(0), steps=1, minibatch=20
    )
    rng = np.random.default_rng(0)
    rng.random(20 + 20 * bench.drawn(bench.STEP_SIZES))
    assert step.rng_state == rng.bit_generator.state


def test_the_cost_of_a_step_has_all_its_parts(capsys: pytest.CaptureFixture[str]) -> None:
    cost = bench.step_cost(rounds=1, calls=2)
    assert min(vars(cost).values()) > 0
    bench.print_step(bench.StepCost(30.0, 8.0, 2.0, 12.0, 30.0, 20.0))
    printed = capsys.readouterr().out
    ratios = [line[67:] for line in printed.splitlines() if line.startswith("  the step /")]
    assert ratios == [
        "   1.50  target <= 1.5, met",
        "   3.00  target <= 1.5, MISSED",
        "   0.60  target <= 1.5, met",
    ]
