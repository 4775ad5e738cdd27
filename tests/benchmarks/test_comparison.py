"""The command that holds all methods beside each other, at a small size."""

import dataclasses
import json
import time
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from benchmarks import comparison, contenders, data_sets, standings
from benchmarks.contenders import METHODS, Method
from hmlib import ddc
from hmlib.learning import Diverged
from hmlib.verdicts import holm, sign_test


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(comparison, "PRIOR_DRAWS", 2000)
    monkeypatch.setattr(comparison, "PERMUTATIONS", 20)


def call(out, *more, methods=("the truth", "IWAE"), seeds=("1",), data=("ring",)):
    return comparison.main(
        ["--out", str(out), "--quick", "--steps", "3", "--executor", "serial",
         "--methods", *methods, "--seeds", *seeds, "--data", *data, *more]
    )  # fmt: skip


@pytest.mark.long
def test_a_row_of_every_method_is_made_again_from_what_it_says(tmp_path):
    out = tmp_path / "rows.jsonl"
    assert call(out, methods=[comparison.TRUTH, *METHODS], data=["pinwheel"]) == 0
    rows = comparison.kept(out)
    assert [row.method for row in rows] == [comparison.TRUTH, *METHODS]
    for row in rows:
        again = comparison.run(comparison.task_of(row))
        assert dataclasses.replace(again, seconds=row.seconds) == row
        assert row.gap == pytest.approx(row.log_likelihood - row.truth)
        assert row.low < row.accuracy < row.high
    assert rows[0].gap == 0.0
    assert len({row.truth for row in rows}) == 1
    assert min(row.mmd_p for row in rows) < 0.06


def test_what_is_there_is_not_made_again(tmp_path, monkeypatch, capsys):
    out = tmp_path / "rows.jsonl"
    assert call(out) == 0
    made, run = [], comparison.run

    def seen(task):
        made.append((task.method, task.seed))
        return run(task)

    monkeypatch.setattr(comparison, "run", seen)
    assert call(out, methods=["the truth", "IWAE", "VAE"], seeds=["1", "2"]) == 0
    assert sorted(made) == [("IWAE", 2), ("VAE", 1), ("VAE", 2), ("the truth", 2)]
    assert "6 runs, 2 of them in rows.jsonl already" in capsys.readouterr().out
    # Another number of steps is another run, but not of what steps do not matter to.
    made.clear()
    assert comparison.main(
        ["--out", str(out), "--quick", "--steps", "4", "--executor", "serial", "--seeds", "1",
         "--methods", "the truth", "IWAE", "--data", "ring"]
    ) == 0  # fmt: skip
    assert made == [("IWAE", 1)]


def test_a_line_that_was_cut_off_is_made_again(tmp_path):
    out = tmp_path / "rows.jsonl"
    call(out, seeds=["1", "2"])
    whole = out.read_text(encoding="utf-8")
    out.write_text(whole[:-40], encoding="utf-8")
    assert len(comparison.kept(out)) == 3
    assert call(out, seeds=["1", "2"]) == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(line["method"], line["seed"]) for line in lines] == [
        ("the truth", 1), ("IWAE", 1), ("the truth", 2), ("IWAE", 2),
    ]  # fmt: skip
    out.write_text("{}\n" + whole, encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 1: '\{\}'; accepted: a row"):
        comparison.kept(out)


@pytest.mark.long
def test_processes_make_the_rows_that_one_process_makes(tmp_path, monkeypatch):
    monkeypatch.undo()  # new processes know nothing of what was changed here
    rows = []
    for where in ("serial", "processes"):
        out = tmp_path / f"{where}.jsonl"
        assert call(out, "--executor", where, "--jobs", "2") == 0
        found = sorted(comparison.kept(out), key=lambda row: row.method)
        rows.append([dataclasses.replace(row, seconds=0.0) for row in found])
    assert rows[0] == rows[1]


def test_a_dask_cluster_makes_them_too(tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        out = tmp_path / "rows.jsonl"
        address = cluster.scheduler_address
        assert call(out, "--executor", "dask", address) == 0
    assert {row.method for row in comparison.kept(out)} == {"the truth", "IWAE"}


def test_a_run_that_fails_is_told_and_others_go_on(tmp_path, monkeypatch, capsys):
    def broken(train, rng, steps, latents):
        raise RuntimeError("out of luck")

    monkeypatch.setitem(METHODS, "VAE", Method(broken))
    assert call(tmp_path / "rows.jsonl", methods=["VAE", "IWAE"]) == 1
    assert "failed: ring, VAE, seed 1: RuntimeError: out of luck" in capsys.readouterr().err
    assert [row.method for row in comparison.kept(tmp_path / "rows.jsonl")] == ["IWAE"]


@pytest.mark.parametrize("overhead", [0.0, 0.05])
def test_seconds_buy_as_many_steps_as_fit(monkeypatch, overhead):
    def busy(seconds):
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass

    def learn(train, rng, steps, latents):
        busy(overhead)
        for _ in range(steps):
            busy(0.002)
        return [contenders.start(train, rng, latents)]

    monkeypatch.setitem(METHODS, "VAE", Method(learn))
    world = data_sets.WORLDS["ring"](np.random.default_rng(0))
    steps = comparison.affordable("VAE", world, world.sample(np.random.default_rng(0), 50), 0.4)
    assert steps == pytest.approx((0.4 - overhead) / 0.002, rel=0.2)


def test_a_trial_that_runs_away_is_the_last(monkeypatch):
    """It takes no longer with more steps, so that no number of them would fill the seconds."""

    def learn(train, rng, steps, latents):
        begun = contenders.start(train, rng, latents)
        yield SimpleNamespace(gen=begun)
        if steps > 20:
            raise Diverged(SimpleNamespace(count=20, gen=begun), "too far")

    monkeypatch.setitem(METHODS, "VAE", Method(learn))
    world = data_sets.WORLDS["ring"](np.random.default_rng(0))
    train = world.sample(np.random.default_rng(0), 50)
    assert comparison.affordable("VAE", world, train, 60.0) == 40


def test_a_budget_is_kept_and_its_row_can_be_made_again(tmp_path):
    out = tmp_path / "rows.jsonl"
    arguments = ["--out", str(out), "--quick", "--seconds", "0.3", "--executor", "serial",
                 "--methods", "IWAE", "--seeds", "1", "--data", "moons"]  # fmt: skip
    assert comparison.main(arguments) == 0
    (row,) = comparison.kept(out)
    assert row.budget == 0.3
    assert 0.1 < row.seconds < 0.9
    assert row.steps > 5
    again = comparison.run(comparison.task_of(row))
    assert dataclasses.replace(again, seconds=row.seconds) == row
    assert comparison.main(arguments) == 0
    assert len(comparison.kept(out)) == 1


def rows_of(method, scores):
    return [
        standings.Row("moon", method, seed, None, 1, 2, 3, 1.0, (s, -s, 0.0, s * s), 0.5,
                      0.5 + s, 0.4, 0.6, log_likelihood=-s)
        for seed, s in enumerate(scores)
    ]  # fmt: skip


def test_signs_are_those_of_pairs_and_corrected_for_all(capsys):
    a, b = [0.1, 0.2, 0.3, 0.4], [0.2, 0.3, 0.25, 0.5]
    rows = rows_of("A", a) + rows_of("B", b)
    found = standings.signs(rows, "B")
    assert found["moon", "A", "MMD s0"] == sign_test(a, b, higher=False)
    assert found["moon", "A", "L"] == sign_test(b, a)
    assert (found["moon", "A", "NN"].better, found["moon", "A", "s0/2"].better) == (3, 1)
    assert found["moon", "A", "s0/4"].p == 1
    standings.print_standings(rows, "B", ["A"])
    out = capsys.readouterr().out
    assert "Better/worse than B over seeds; * where p <= .05 after Holm's correction for 6" in out
    assert "3/1" in out
    assert "*" not in out.split("tests\n")[1]
    assert "at least 8 seeds" in out


def test_a_star_is_given_where_all_of_enough_seeds_agree(capsys):
    better = np.linspace(0.01, 0.1, 8)
    rows = rows_of("A", better) + rows_of("B", better + 0.1)
    standings.print_standings(rows, "B", ["A"])
    assert "8/0*" in capsys.readouterr().out
    for tests in (1, 6, 42, 294):
        seeds = standings.seeds_needed(tests)
        p = [sign_test(np.ones(n), np.zeros(n)).p for n in (seeds, seeds - 1)]
        least = [holm([one] + [1.0] * (tests - 1)).min() for one in p]
        assert least[0] <= 0.05 < least[1]


# The worlds.


def test_long_tails_have_the_density_of_scipy():
    world = data_sets.WORLDS["t(3)"](np.random.default_rng(0))
    x = world.sample(np.random.default_rng(1), 50)
    np.testing.assert_allclose(world.log_prob(x), stats.t(3).logpdf(x).sum(axis=1))


def test_eight_gaussians_lie_on_their_circle_and_add_up_to_one():
    world = data_sets.WORLDS["eight Gaussians"](np.random.default_rng(0))
    axis = np.arange(-4, 4, 0.05)
    grid = np.array(np.meshgrid(axis, axis)).reshape(2, -1).T
    assert np.exp(world.log_prob(grid)).sum() * 0.05**2 == pytest.approx(1, abs=1e-6)
    x = world.sample(np.random.default_rng(1), 4000)
    eighth = np.round(np.arctan2(x[:, 1], x[:, 0]) / (np.pi / 4))
    middle = 2 * np.stack([np.cos(eighth * np.pi / 4), np.sin(eighth * np.pi / 4)], axis=1)
    assert (x - middle).std() == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize("name", data_sets.WORLDS)
def test_a_world_follows_its_seed_and_its_draws_are_fresh(name):
    make = data_sets.WORLDS[name]
    one, same = make(np.random.default_rng(3)), make(np.random.default_rng(3))
    x, y = (world.sample(np.random.default_rng(4), 30) for world in (one, same))
    assert np.array_equal(x, y)
    assert not np.array_equal(one.sample(np.random.default_rng(5), 30), x)
    start = contenders.start(x, np.random.default_rng(0), one.latents)
    assert isinstance(start, ddc.Chain)
    assert start.layers[-1].n_y == one.latents


@pytest.mark.parametrize(
    "arguments",
    [["--executor", "dask"], ["--executor", "cloud"], ["--seconds", "0"], ["--jobs", "0"],
     ["--methods", "magic"], ["--data", "sun"]],
)  # fmt: skip
def test_bad_options_are_refused(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit):
        comparison.main(["--out", str(tmp_path / "rows.jsonl"), *arguments])
    assert arguments[-1] in capsys.readouterr().err
