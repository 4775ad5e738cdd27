"""The numbers of the free energy labs, against slow loops."""

import math

import numpy as np
import pytest
from oracles import (
    f,
    factorised,
    free_energy,
    kl_q_p,
    log_joint,
    log_likelihood,
    log_posterior,
    table_free_energy,
)

from hmlib import datasets
from hmlib.course import kept_runs
from hmlib.course.lawn import wet_lawn
from hmlib.course.nb02 import labs

PLACES = [(0.02, 0.02, 0.0), (0.9, 0.5, 2.0), (0.98, 0.98, 3.0), (0.3, 0.84, 1.25)]


@pytest.mark.parametrize(("rain", "sprinkler", "s"), PLACES)
def test_the_ceiling_lab(rain, sprinkler, s):
    record, gen = labs.ceiling_values(rain, sprinkler, s), wet_lawn(s)
    table = factorised([rain, sprinkler])
    expected = table_free_energy(gen, list(table.values()), [1])
    assert record.log_likelihood == pytest.approx(log_likelihood(gen, [1]), abs=1e-10)
    assert record.free_energy == pytest.approx(expected, abs=1e-10)
    log_p = log_posterior(gen, [1])
    gap = sum(q * (math.log(q) - log_p[v]) for v, q in table.items())
    assert record.kl_q_p == pytest.approx(gap, abs=1e-10)
    assert record.q == pytest.approx(list(table.values()))
    assert record.posterior == pytest.approx([math.exp(p) for p in log_p.values()])
    for q_rain, value in zip(record.path_q, record.path_free_energy, strict=True):
        on_path = list(factorised([q_rain, sprinkler]).values())
        assert value == pytest.approx(table_free_energy(gen, on_path, [1]), abs=1e-10)


@pytest.mark.parametrize(("rain", "sprinkler", "s"), PLACES)
def test_the_landscape_lab(rain, sprinkler, s):
    record, gen = labs.landscape_values(rain, sprinkler, s), wet_lawn(s)
    table = factorised([rain, sprinkler])
    average = sum(q * log_joint(gen, v, [1]) for v, q in table.items())
    assert record.expected_log_joint == pytest.approx(average, abs=1e-10)
    assert record.entropy == pytest.approx(-sum(q * math.log(q) for q in table.values()))
    assert record.free_energy == pytest.approx(average + record.entropy, abs=1e-10)
    grid, surface = record.grid, record.below
    for row, column in ((0, 0), (3, 40), (48, 7)):
        here = list(factorised([grid[column], grid[row]]).values())
        below = table_free_energy(gen, here, [1]) - log_likelihood(gen, [1])
        assert surface[row, column] == pytest.approx(below, abs=1e-10)
    top = [table_free_energy(gen, list(factorised(q).values()), [1]) for q in record.best]
    highest = surface.max() + log_likelihood(gen, [1])
    assert top == pytest.approx([highest] * len(top), abs=1e-8)


def test_a_strong_machine_has_two_tops_and_a_weak_one_has_one():
    assert len(labs.landscape_values(0.5, 0.5, 4.0).best) == 2
    assert labs.landscape_values(0.5, 0.5, 2.0).best.tolist() == [[0.5, 0.5]]


def test_the_ceiling_is_touched_only_where_the_posterior_factorises():
    assert labs.ceiling_values(0.5, 0.5, 0.0).kl_q_p == pytest.approx(0, abs=1e-12)
    assert labs.ceiling_values(0.5, 0.5, 2.0).kl_q_p > 0.1


@pytest.mark.parametrize(("stage", "digit"), [(0, 0), (-1, 7)])
def test_the_digits_lab(stage, digit):
    machine, u = kept_runs.digits_machine(), datasets.digits().test[digit]
    stage = stage % len(machine.steps)
    record = labs.digits_values(stage, digit)
    gen, rec = machine.gen[stage], machine.rec[stage]
    assert record.log_likelihood == pytest.approx(log_likelihood(gen, u), abs=1e-8)
    assert record.free_energy == pytest.approx(free_energy(gen, rec, u), abs=1e-8)
    assert record.kl_q_p == pytest.approx(kl_q_p(gen, rec, u), abs=1e-8)
    posterior = {v: math.exp(p) for v, p in log_posterior(gen, u).items()}
    on = [sum(p for v, p in posterior.items() if v[a]) for a in range(gen.n_v)]
    assert record.posterior == pytest.approx(on, abs=1e-8)
    guess = [f(float(rec.w[a] + rec.W[a] @ u)) for a in range(gen.n_v)]
    assert record.q == pytest.approx(guess, abs=1e-8)
    apart = [abs(p - q) for p, q in zip(on, guess, strict=True)]
    assert record.worst_by == pytest.approx(max(apart), abs=1e-8)
    assert apart[record.worst_cause] == max(apart)
    assert (record.stage, record.step) == (stage, machine.steps[stage])
    table = factorised(guess)
    pixel = 27
    expected = sum(
        q * f(float(gen.h[pixel] + gen.G[pixel] @ np.array(v))) for v, q in table.items()
    )
    assert record.expected.ravel()[pixel] == pytest.approx(expected, abs=1e-8)


def test_training_raises_both_curves_of_the_digits_lab():
    record = labs.digits_values(0, 0)
    log_l, free = record.curves.log_likelihood, record.curves.free_energy
    for curve in (log_l, free):
        assert curve[-1] > curve[0] + 5
    assert (log_l > free).all()
    np.testing.assert_array_equal(record.curves.gap, log_l - free)


@pytest.mark.parametrize(("k", "q_rain", "s"), [(1, 0.9, 2.0), (7, 0.1, 3.0), (60, 0.5, 0.5)])
def test_the_few_draws_lab(k, q_rain, s):
    record, gen = labs.few_draws_values(k, q_rain, s), wet_lawn(s)
    table = factorised([q_rain, 0.5])
    log_l, f_of_q = log_likelihood(gen, [1]), table_free_energy(gen, list(table.values()), [1])
    assert record.gap == pytest.approx(log_l - f_of_q, abs=1e-10)
    coins = np.random.default_rng(0).random((400, 60, 2))
    for student in (0, 17, 399):
        logs = []
        for rain, sprinkler in coins[student, :k]:
            v = (int(rain < q_rain), int(sprinkler < 0.5))
            logs.append(log_joint(gen, v, [1]) - math.log(table[v]))
        assert record.of_f[student] == pytest.approx(sum(logs) / k - f_of_q, abs=1e-10)
        mean = sum(map(math.exp, logs)) / k
        assert record.of_l[student] == pytest.approx(math.log(mean) - log_l, abs=1e-10)
    assert record.path[k - 1] == pytest.approx(record.of_l.mean(), abs=1e-12)


def test_the_answer_to_each_prediction_is_what_the_numbers_say():
    rain = np.linspace(0.02, 0.98, 49)
    highest = rain[np.argmax([labs.ceiling_values(r, 0.9, 2.0).free_energy for r in rain])]
    assert highest == pytest.approx(0.26)
    for k in (1, 5, 60):
        assert labs.few_draws_values(k, 0.9, 2.0).of_l.mean() < 0
    gap = labs.digits_values(0, 0).curves.gap
    assert 0 < gap.argmin() < len(gap) // 4
    for name in ("0.460", "0.253"):
        assert name in labs.digits()._question.text
    assert (f"{gap[0]:.3f}", f"{gap[-1]:.3f}") == ("0.460", "0.253")
