"""The kept runs of wake-sleep, and their labs."""

from __future__ import annotations

import hashlib

import numpy as np
import oracles
import pytest

from hmlib import datasets, exact, learning
from hmlib.course import kept_runs
from hmlib.course.nb05 import labs
from hmlib.course.nb05 import training_labs as training
from hmlib.course.nb05.measuring import single_bars
from hmlib.course.nb05.records import BINS
from hmlib.datasets.files import DATA
from tools import run_wake_sleep

README = (DATA / "README.md").read_text(encoding="utf-8")
BARS = datasets.bars()


# The kept runs


@pytest.mark.parametrize("variant", run_wake_sleep.VARIANTS)
def test_the_readme_has_the_figures_of_the_file(variant: str) -> None:
    ends = kept_runs.wake_sleep_runs(variant).bits[:, -1]
    line = (
        f"{variant:9}  {len(ends)} seeds  bits: best {ends.min():.3f}  "
        f"median {np.median(ends):.3f}  worst {ends.max():.3f}  "
        f"below 0.1 bits: {(ends < 0.1).sum()}"
    )
    assert line in README.splitlines()


@pytest.mark.parametrize("variant", run_wake_sleep.VARIANTS)
def test_the_kept_machines_have_the_kept_distance(variant: str) -> None:
    kept = kept_runs.wake_sleep_runs(variant)
    for seed in (0, len(kept.gen) - 1):
        log_p = exact.log_likelihood(kept.gen[seed], BARS.u)
        again = BARS.weights @ (np.log2(BARS.weights) - log_p / np.log(2))
        # The file keeps seven digits.
        assert kept.bits[seed, -1] == pytest.approx(again, abs=1e-4)


def test_one_picture_against_loops() -> None:
    gen = kept_runs.wake_sleep_runs().gen[0]
    u = BARS.u[5]
    slow = oracles.log_likelihood(gen, u)
    assert exact.log_likelihood(gen, u[None])[0] == pytest.approx(slow, abs=1e-9)


@pytest.mark.parametrize("variant", run_wake_sleep.VARIANTS)
def test_the_kept_runs_are_made_again(variant: str) -> None:
    again = run_wake_sleep.run(variant, 5, steps=5_000)["bits"]
    kept = kept_runs.wake_sleep_runs(variant)
    assert kept.steps[:3].tolist() == [0, 2_500, 5_000]
    np.testing.assert_allclose(kept.bits[5, :3], again, atol=1e-3)


def test_the_quarter_tells_how_almost_all_runs_will_end() -> None:
    kept = kept_runs.wake_sleep_runs()
    assert kept.steps[labs.QUARTER] == run_wake_sleep.STEPS / 4
    stuck = kept.bits[:, labs.QUARTER] > labs.LIMIT
    assert 5 <= stuck.sum() <= 15
    assert kept.bits[stuck, -1].min() > 5 * labs.AIM
    assert abs(kept.bits[:, labs.QUARTER] - labs.LIMIT).min() > 0.1
    late = np.flatnonzero(~stuck & (kept.bits[:, -1] > labs.AIM))
    assert late.tolist() == [20]
    # All bars are there, and the cause on top has not found out which go together.
    gen = kept.gen[20]
    assert single_bars(labs.runs_values(labs.TWO_STAGES, 20).machine.drawn) == 8
    assert abs(gen.weights[1]).max() < 0.5 < abs(kept.gen[0].weights[1]).min()


def test_the_recipe_of_the_kept_runs_is_that_of_the_lab() -> None:
    schedule = run_wake_sleep.schedule(2)
    for done in (0, 24_999, 25_000, 69_999, 85_000, 100_000):
        assert list(schedule(done)) == list(training.BARS_RATES(done))
    assert run_wake_sleep.STEPS == training.BARS_STEPS


def test_a_short_run_writes_the_same_file_twice(tmp_path, monkeypatch, capsys) -> None:
    few = {name: variant | {"seeds": 1} for name, variant in run_wake_sleep.VARIANTS.items()}
    monkeypatch.setattr(run_wake_sleep, "VARIANTS", few)
    monkeypatch.setattr(run_wake_sleep, "STEPS", 40)
    monkeypatch.setattr(run_wake_sleep, "EVERY", 10)
    outs = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for out in outs:
        assert run_wake_sleep.main(["--out", str(out), "--jobs", "1"]) == 0
    assert "neither    1 seeds  bits: best" in capsys.readouterr().out
    one, two = (dict(np.load(out)) for out in outs)
    assert one.keys() == two.keys() == dict(np.load(DATA / "wake_sleep_runs.npz")).keys()
    assert all((one[name] == two[name]).all() for name in one)
    assert one["bits_recipe"].shape == (1, 5)


def test_the_fingerprint_is_in_the_readme() -> None:
    content = (DATA / "wake_sleep_runs.npz").read_bytes()
    assert f"| `wake_sleep_runs.npz` | `{hashlib.sha256(content).hexdigest()}` |" in README


def test_other_variants_were_not_run() -> None:
    with pytest.raises(ValueError, match="variant is 'adam'; accepted"):
        kept_runs.wake_sleep_runs("adam")


# The labs of kept runs


@pytest.mark.parametrize(("top", "seed"), [(labs.TWO_STAGES, 5), (labs.ONE_STAGE, 0)])
def test_the_record_of_a_run_is_that_of_the_file(top: str, seed: int) -> None:
    record, kept = labs.runs_values(top, seed), kept_runs.wake_sleep_runs()
    if top == labs.ONE_STAGE:
        kept = kept_runs.wake_sleep_runs("one_stage")
    assert record.end == kept.bits[seed, 40]
    assert record.quarter == kept.bits[seed, 10]
    assert record.start == kept.bits[seed, 0]
    assert record.is_stuck == (record.quarter > 0.5)
    assert record.stuck == sum(bits > 0.5 for bits in kept.bits[:, 10])
    ends = kept.bits[:, 40].tolist()
    assert record.below_aim == sum(bits < 0.1 for bits in ends)
    assert record.below_aim + record.above_aim == len(ends) == record.counts.sum()
    assert record.worst == max(ends)
    assert BINS[record.bin] <= record.end < BINS[record.bin + 1]
    assert record.counts[record.bin] == sum(
        BINS[record.bin] <= bits < BINS[record.bin + 1] for bits in ends
    )
    assert record.single_bars == single_bars(record.machine.drawn)
    gen = kept.gen[seed]
    for a in range(8):
        drive = gen.weights[0][:, a] + gen.biases[0]
        slow = [oracles.f(x) for x in drive]
        assert record.machine.drawn[a].ravel() == pytest.approx(slow)
        off, on = gen.biases[1][a], gen.biases[1][a] + gen.weights[1][a, 0]
        assert record.machine.on_by_top[:, a] == pytest.approx([oracles.f(off), oracles.f(on)])


def test_the_machine_of_a_part_is_in_the_middle_of_its_twelve() -> None:
    for left_out, (words, name) in labs.PARTS.items():
        record = labs.parts_values(left_out)
        own = kept_runs.wake_sleep_runs(name).bits[:12, -1]
        assert sum(own < record.end) == 5
        chosen = record.variants[record.chosen]
        assert chosen.name == words
        assert (chosen.best, chosen.worst) == (min(own), max(own))
        assert chosen.median == pytest.approx(sum(sorted(own)[5:7]) / 2)
        assert chosen.below_aim == sum(bits < record.aim for bits in own)
        assert own[record.seed] == record.end
        rows = {tuple(u) for u in BARS.u}
        assert record.valid == sum(tuple(d.ravel()) in rows for d in record.machine.dreams)


def test_the_answer_of_the_ablation_is_true() -> None:
    middle = {
        left_out: np.median(kept_runs.wake_sleep_runs(name).bits[:12, -1])
        for left_out, (_, name) in list(labs.PARTS.items())[1:4]
    }
    assert max(middle, key=middle.get) == labs.parts()._question.answer


def test_the_answer_of_the_seeds_is_true() -> None:
    bits = kept_runs.wake_sleep_runs().bits
    told = (bits[:, 10] > 0.5) == (bits[:, -1] > 0.1)
    assert told.sum() == 49


def test_what_a_stuck_machine_draws() -> None:
    kept = kept_runs.wake_sleep_runs()
    for seed, quarter in enumerate(kept.bits[:, 10]):
        drawn = labs.runs_values(labs.TWO_STAGES, seed).machine.drawn
        # Pixels that each cause draws: four, but for a cause with two bars and one with none.
        drawn_by = sorted((drawn > 0.2).sum(axis=(1, 2)))
        assert drawn_by == ([0, *[4] * 6, 7] if quarter > 0.5 else [4] * 8)
        assert single_bars(drawn) == (6 if quarter > 0.5 else 8)


@pytest.mark.long
def test_restarting_as_in_the_notebook_leaves_a_stuck_run() -> None:
    gen, rec = learning.fresh(16, 8, 1, hidden_bias=-3)

    def attempt(rng, start):
        return learning.wake_sleep(
            gen, rec, BARS.u, BARS.weights, training.BARS_RATES, 30_000, nonnegative=True,
            rng=rng, every=5_000, start=start,
        )  # fmt: skip

    def score(step) -> float:
        return float(BARS.weights @ exact.log_likelihood(step.gen, BARS.u) + BARS.entropy)

    limit = -0.5 * np.log(2)
    steps = list(learning.restarting(attempt, score, {25_000: limit}, np.random.default_rng(0)))
    at_quarter = [step for step in steps if step.count == 25_000]
    assert [score(step) > limit for step in at_quarter] == [False, True]
    assert steps[-1].tries == 2
    assert steps[-1].count == 30_000
