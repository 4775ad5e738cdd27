"""The labs of notebook 06 against slow loops, and the machines kept for it, made again."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import oracles
import pytest
from oracles import central_differences, f, mean, patterns
from scipy.optimize import minimize
from scipy.special import expit

from hmlib import datasets, exact, learning
from hmlib.binary import Recognition
from hmlib.course import kept_runs
from hmlib.course.nb06 import labs, slopes, weighed_guesses
from hmlib.course.nb06.pictures import Angle
from hmlib.learning import Step
from tools import run_costs

KEPT = kept_runs.costs()
WORLD = datasets.stripes()
TOP = KEPT.walks[0, "wake-sleep"]

# The walk


@pytest.mark.parametrize("machine", labs.WALKERS)
@pytest.mark.parametrize(("rule", "steps"), [("wake-sleep", 0), ("climb F", 1200)])
def test_the_walk_by_slow_loops(machine: str, rule: str, steps: int) -> None:
    record = labs.walk_values(steps, machine, rule)
    walk = KEPT.walks[labs.WALKERS[machine], labs.RULES[rule]]
    gen, rec = walk.gen[steps // 50], walk.rec[steps // 50]
    log_l = mean(lambda u: oracles.log_likelihood(gen, u), WORLD.u, WORLD.weights)
    gaps = [oracles.kl_q_p(gen, rec, u) for u in WORLD.u]
    entropy = -sum(w * math.log(w) for w in WORLD.weights)
    assert record.missing.now == pytest.approx(-entropy - log_l, abs=1e-8)
    assert record.by_picture == pytest.approx(gaps, abs=1e-6)
    assert record.worst == int(np.argmax(gaps))
    assert record.gap.now == pytest.approx(float(WORLD.weights @ gaps), abs=1e-7)
    free = mean(lambda u: oracles.free_energy(gen, rec, u), WORLD.u, WORLD.weights)
    assert record.free_energy == pytest.approx(free, abs=1e-6)


def test_l_is_flat_at_the_top_and_f_is_not() -> None:
    def slope(value) -> float:
        found = central_differences(
            lambda gen: mean(lambda u: value(gen, u), WORLD.u, WORLD.weights),
            TOP.gen[0], ("g", "G", "h"), h=1e-4,
        )  # fmt: skip
        return max(np.abs(part).max() for part in found.values())

    assert slope(oracles.log_likelihood) < 1e-3
    assert slope(lambda gen, u: oracles.free_energy(gen, TOP.rec[0], u)) > 0.01


def test_the_walks_end_as_the_notebook_says() -> None:
    dependent, factorises = labs.WALKERS
    ends = {rule: labs.walk_values(2500, dependent, rule) for rule in labs.RULES}
    start = labs.walk_values(0, dependent, "wake-sleep")
    assert ends["wake-sleep"].missing.now > start.missing.now + 0.25
    assert ends["wake-sleep"].gap.now < 0.2 * start.gap.now
    assert start.missing.now + 0.05 < ends["climb F"].missing.now < ends["wake-sleep"].missing.now
    assert ends["reweighted wake-sleep"].missing.now < start.missing.now
    assert ends["reweighted wake-sleep"].gap.now > start.gap.now
    for rule in labs.RULES:
        begin, end = (labs.walk_values(k, factorises, rule) for k in (0, 2500))
        assert abs(begin.missing.now - end.missing.now) < 0.005


def test_the_table_of_twenty_has_the_ends_of_the_kept_walks() -> None:
    for machine, seed in labs.WALKERS.items():
        found = [labs.walk_values(0, machine, "wake-sleep").missing.now]
        found += [labs.walk_values(2500, machine, rule).missing.now for rule in labs.RULES]
        assert KEPT.ends[seed] == pytest.approx(found, abs=1e-4)
    assert KEPT.ends.shape == (run_costs.SEEDS, 1 + len(kept_runs.WALKS))


# The angle


def slow_sleep(gen, rec) -> np.ndarray:
    """Expected sleep update, biases first and then weights, dream by dream."""
    update_w, update_W = np.zeros(4), np.zeros((4, 9))
    for v in map(np.array, patterns(4)):
        prior = math.prod(f(g) if on else f(-g) for g, on in zip(gen.g, v, strict=True))
        x = gen.G @ v + gen.h
        for u in map(np.array, patterns(9)):
            chance = prior * np.prod(np.where(u == 1, expit(x), expit(-x)))
            error = v - expit(rec.W @ u + rec.w)
            update_w += chance * error
            update_W += chance * np.outer(error, u)
    return np.concatenate([update_w, update_W.ravel()])


@pytest.mark.parametrize(("run", "part"), [("beginning", 10), ("asleep", 24), ("asleep", 50)])
def test_the_cosine_by_central_differences_and_all_dreams(run: str, part: int) -> None:
    stages = getattr(KEPT, run)
    gen, rec = stages.gen[part // 2], stages.rec[part // 2]

    def free(rec) -> float:
        return mean(lambda u: oracles.free_energy(gen, rec, u), WORLD.u, WORLD.weights)

    ups = central_differences(free, rec, ("w", "W"))
    up, sleep = np.concatenate([ups["w"], ups["W"].ravel()]), slow_sleep(gen, rec)
    expected = up @ sleep / np.sqrt((up @ up) * (sleep @ sleep))
    name = next(words for words, (kept, _) in labs.RUNS.items() if kept == run)
    record = labs.angle_values(part, name)
    assert record.cosine.now == pytest.approx(expected, abs=1e-4)
    assert math.cos(math.radians(record.angle)) == pytest.approx(expected, abs=1e-4)
    assert record.direction[1] == pytest.approx(expected, abs=1e-4)
    assert math.hypot(*record.direction) == pytest.approx(1)
    assert record.free_energy.now == pytest.approx(free(rec), abs=1e-9)
    assert record.dream.now == exact.dream_free_energy(gen, rec, WORLD.u, WORLD.weights)


def test_sleep_points_uphill_in_one_run_and_downhill_in_the_other() -> None:
    beginning, _, asleep = (labs.angle_values(0, run) for run in labs.RUNS)
    assert beginning.cosine.path.min() > 0.4
    assert asleep.cosine.path.max() < 0.05
    assert asleep.cosine.path.min() < -0.5
    assert asleep.cosine_range == (asleep.cosine.path.min(), asleep.cosine.path.max())
    assert asleep.free_energy.path[-1] < asleep.free_energy.path[0] - 2
    assert asleep.dream.path[-1] > asleep.dream.path[0] + 5
    assert max(KEPT.beginning.steps[-1], KEPT.asleep.steps[-1]) <= Angle.most


def test_where_f_has_no_slope_there_is_no_angle() -> None:
    gen, rec = KEPT.asleep.gen[0], KEPT.asleep.rec[0]
    up = exact.grad_free_energy(gen, rec, WORLD.u, WORLD.weights)[1].ravel()
    assert np.linalg.norm(up) < 1e-5
    assert slopes.cosine(gen, rec) == 0


# Many guesses


def slow_ratios(gen, rec, u) -> tuple[np.ndarray, np.ndarray]:
    """Q of every pattern, and P / Q, by slow loops; one layer of causes."""
    log_q = np.array([oracles.log_q(rec, v, u) for v in patterns(4)])
    log_p = np.array([oracles.log_joint(gen, v, u) for v in patterns(4)])
    return np.exp(log_q), log_p - log_q


@pytest.mark.parametrize("name", list(labs.GUESSERS)[:2])
def test_one_and_two_guesses_have_the_means_of_all_that_can_be_guessed(name: str) -> None:
    gen, rec = weighed_guesses.machine(labs.GUESSERS[name])
    one = two = spread_one = spread_two = 0.0
    for u, weight in zip(WORLD.u, WORLD.weights, strict=True):
        q, log_r = slow_ratios(gen, rec, u)
        pair = np.logaddexp(log_r[:, None], log_r) - math.log(2)
        both = np.outer(q, q)
        one, two = one + weight * (q @ log_r), two + weight * (both * pair).sum()
        spread_one += weight**2 * (q @ log_r**2 - (q @ log_r) ** 2)
        spread_two += weight**2 * ((both * pair**2).sum() - (both * pair).sum() ** 2)
    record = labs.many_guesses_values(1, name, 0)
    found = record.log_likelihood - record.path_below[:2]
    error = np.sqrt(np.array([spread_one, spread_two]) / weighed_guesses.SETS)
    assert (np.abs(found - [one, two]) < 4 * error).all()
    assert record.gap == pytest.approx(record.log_likelihood - one, abs=1e-8)


def test_the_more_guesses_the_closer_to_l() -> None:
    for name in labs.GUESSERS:
        below = labs.many_guesses_values(1, name, 0).path_below
        assert below[[0, 1, 4, 9, 29]] == pytest.approx(sorted(below[[0, 1, 4, 9, 29]])[::-1])
        assert below[29] < 0.1 * below[0]
    below = labs.many_guesses_values(1, "9-4 at the top of L", 0).path_below
    assert below[9] < 0.01 * below[0]


@pytest.mark.parametrize(("k", "draw"), [(1, 0), (10, 3), (60, 49)])
def test_the_weights_of_one_set_of_guesses(k: int, draw: int) -> None:
    record = labs.many_guesses_values(k, "9-4 at the top of L", draw)
    omega = record.omega
    assert omega.sum() == pytest.approx(1)
    assert (np.diff(omega) <= 0).all()
    assert record.effective == pytest.approx(1 / sum(w * w for w in omega))
    gen, rec = weighed_guesses.machine("top")
    gaps = [oracles.kl_q_p(gen, rec, u) for u in WORLD.u]
    assert record.picture.ravel().tolist() == WORLD.u[int(np.argmax(gaps))].tolist()


def test_the_layered_table_of_log_q() -> None:
    gen, rec = KEPT.tower
    table = weighed_guesses.log_recognition_table(rec, WORLD.u)
    assert np.exp(table) == pytest.approx(exact.recognition_table(rec, WORLD.u), abs=1e-12)
    assert gen.sizes == (9, 4, 1)


# What is kept, made again


def test_the_digits_say_what_the_notebook_says() -> None:
    test = datasets.digits().test
    for causes in run_costs.CAUSES:
        log_l, price = {}, {}
        for climbed in ("L", "F"):
            gen, _ = KEPT.by_causes[causes, climbed]
            log_l[climbed] = exact.log_likelihood(gen, test).mean()
            price[climbed] = KEPT.own_gap[causes, climbed]
        assert log_l["L"] > log_l["F"]
        assert price["L"] > price["F"] > 0
    rising = [KEPT.own_gap[causes, "L"] for causes in run_costs.CAUSES]
    assert rising == sorted(rising)
    assert 80 < rising[-1] / rising[0] < 100


@pytest.mark.parametrize("causes", [2, 4])
@pytest.mark.long
def test_the_price_of_factorising_is_found_again(causes: int) -> None:
    gen, rec = KEPT.by_causes[causes, "L"]
    found = run_costs.own_gap(Step(gen, rec), datasets.digits().test)
    assert found == pytest.approx(KEPT.own_gap[causes, "L"], abs=1e-4)
    u = datasets.digits().test[3]

    def gap(y: np.ndarray) -> float:
        return oracles.kl_q_p(gen, Recognition(y, np.zeros((causes, 64))), u)

    rng = np.random.default_rng(0)
    least = min(minimize(gap, rng.normal(0, 2, causes)).fun for _ in range(4))
    assert run_costs.own_gap(Step(gen, rec), u[None]) == pytest.approx(least, abs=1e-5)


def test_the_beginning_and_the_bars_start_as_they_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_costs, "BEGINNING", 48)
    monkeypatch.setattr(run_costs, "BARS", (80, 40))
    again = run_costs.beginning() | run_costs.bars()
    for stage, steps in enumerate((0, 24, 48)):
        assert KEPT.beginning.steps[stage] == again["beginning_steps"][steps] == steps
        for name in ("gen", "rec"):
            kept = getattr(KEPT.beginning, name)[stage].ravel()
            np.testing.assert_allclose(again[f"beginning_{name}"][steps], kept, atol=1e-4)
            kept = getattr(KEPT.bars, name)[stage].ravel()
            np.testing.assert_allclose(again[f"bars_{name}"][stage], kept, atol=1e-4)


@pytest.mark.parametrize("rule", kept_runs.WALKS)
def test_the_walks_start_as_they_did(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_costs, "WALK", 50)
    walk = KEPT.walks[0, rule]
    *_, step = run_costs.walk(Step(walk.gen[0], walk.rec[0]), rule)
    for found, kept in ((step.gen, walk.gen[1]), (step.rec, walk.rec[1])):
        np.testing.assert_allclose(found.ravel(), kept.ravel(), atol=0.02)


def test_sleep_alone_starts_where_f_is_highest_in_w() -> None:
    gen, rec = KEPT.asleep.gen[0], KEPT.asleep.rec[0]
    np.testing.assert_array_equal(gen.ravel(), TOP.gen[0].ravel())
    best = learning.first_step(gen, TOP.rec[0], WORLD.u, "recognition")
    best = learning.e_phase(best, WORLD.u, WORLD.weights, e_steps=5000)
    height = WORLD.weights @ exact.free_energy(gen, rec, WORLD.u)
    assert WORLD.weights @ best.free_energy(WORLD.u) == pytest.approx(height, abs=1e-3)


def test_a_short_run_writes_the_same_bytes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    short = {
        "SEEDS": 1, "WALKERS": (0,), "CLIMB": 3, "NAP": 3, "WALK": 4, "EVERY": 2, "ASLEEP": 50,
        "BEGINNING": 4, "TOWER": 4, "BARS": (4, 2), "CAUSES": (2,), "DIGIT_STEPS": 2,
        "WAKE_SLEEP": 2, "REWEIGHTED": 2,
    }  # fmt: skip
    for name, value in short.items():
        monkeypatch.setattr(run_costs, name, value)
    outs = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for out in outs:
        assert run_costs.main(["--out", str(out)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert "walks: done" in capsys.readouterr().out
    with np.load(outs[0]) as kept, np.load(run_costs.FILE) as whole:
        assert set(kept.files) < set(whole.files)
        assert kept["walk_steps"].tolist() == [0, 2, 4]
        assert kept["layers_64_32_16_gen"].shape == whole["layers_64_32_16_gen"].shape


def test_what_is_kept_says_what_it_is() -> None:
    assert repr(KEPT) == "Costs: 6 walks, 12 + 4 digits"
    assert repr(TOP) == "Stages: 9 inputs, 4 causes, 51 stages, 2500 steps"
