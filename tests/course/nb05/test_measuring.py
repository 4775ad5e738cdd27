"""What is measured and seen of a machine that learns, against slow loops."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import numpy as np
import oracles
import pytest

from hmlib import Generative, Layered, datasets
from hmlib.course.nb05 import measuring
from hmlib.course.nb05 import training_labs as training

WORLD = datasets.stripes()


def test_what_is_measured_is_what_slow_loops_find():
    step = training.stripes((9, 3)).advance(200).step
    slow = {
        name: oracles.mean(lambda u, value=value: value(u), WORLD.u, WORLD.weights)
        for name, value in {
            "log_likelihood": lambda u: oracles.log_likelihood(step.gen, u),
            "free_energy": lambda u: oracles.free_energy(step.gen, step.rec, u),
            "kl_q_p": lambda u: oracles.kl_q_p(step.gen, step.rec, u),
            "kl_p_q": lambda u: oracles.kl_p_q(step.gen, step.rec, u),
        }.items()
    }
    slow["reversed_free_energy"] = slow["log_likelihood"] - slow["kl_p_q"]
    slow["dream_free_energy"] = oracles.dream_free_energy(
        step.gen, step.rec, WORLD.u, WORLD.weights
    )
    entropy = -math.fsum(p * math.log(p) for p in WORLD.weights)
    slow["kl_data"] = -entropy - slow["log_likelihood"]
    found = measuring.measured(step, WORLD.u, WORLD.weights, ceiling=-WORLD.entropy)
    assert asdict(found) == pytest.approx(slow, rel=1e-9)
    assert found.kl_data_bits == pytest.approx(slow["kl_data"] / math.log(2), rel=1e-9)
    bare = measuring.measured(step, WORLD.u, WORLD.weights)
    assert bare == replace(found, kl_data=None)
    assert bare.kl_data_bits is None


def test_what_each_cause_draws_alone():
    gen = Generative.random(np.random.default_rng(0), 9, 4)
    for a, picture in enumerate(measuring.drawn(gen)):
        alone = [float(b == a) for b in range(4)]
        x = oracles.drive(gen.G, gen.h, alone)
        assert picture == pytest.approx([oracles.f(value) for value in x], rel=1e-12)
    assert measuring.on_by_top(gen).shape == (0, 4)


def test_how_often_causes_are_on_under_each_cause_on_top():
    gen = Layered.random(np.random.default_rng(0), 4, 3, 2)
    assert measuring.drawn(gen).shape == (3, 4)
    for top, row in zip(((0, 0), (1, 0), (0, 1)), measuring.on_by_top(gen), strict=True):
        x = oracles.drive(gen.weights[1], gen.biases[1], top)
        assert row == pytest.approx([oracles.f(value) for value in x], rel=1e-12)


def test_single_bars_are_counted() -> None:
    pictures = np.zeros((6, 4, 4))
    pictures[0, 2] = 0.9  # a row
    pictures[1, :, 3] = 0.9  # a column
    pictures[2, :2] = 0.9  # two rows
    pictures[3, 1, :3] = 0.9  # a part of a row
    pictures[4, 2], pictures[4, :, 1] = 0.4, 0.9  # a column, and half of a row
    assert measuring.single_bars(pictures) == 2


def test_what_the_top_does_and_what_is_bright():
    G = np.array([[3.0, -1.0, 0.0], [0.0, -1.0, 0.0], [0.0, -1.0, 0.0], [0.0, -1.0, 0.0]])
    top = np.array([[3.0], [-4.0], [0.1]])
    gen = Layered.zeros(4, 3, 1).with_layers([G, top], [np.zeros(4), np.full(3, -1.0), np.zeros(1)])
    seen = measuring.seen(gen, (2, 2))
    off, on = ([oracles.f(x) for x in row] for row in (
        gen.biases[1], gen.biases[1] + gen.weights[1][:, 0]
    ))  # fmt: skip
    assert seen.doubled == tuple(a + 1 for a in range(3) if on[a] > 2 * off[a])
    assert seen.halved == tuple(a + 1 for a in range(3) if off[a] > 2 * on[a])
    assert (seen.doubled, seen.halved) == ((1,), (2,))
    assert seen.bright == sum(any(pixel > 0.5 for pixel in p.ravel()) for p in seen.drawn)
    flat = measuring.seen(Generative.zeros(4, 3), (2, 2))
    assert (flat.bright, flat.doubled, flat.halved) == (0, (), ())


def test_dreams_that_are_data_are_counted():
    rows = {tuple(u) for u in WORLD.u}
    dreams = np.vstack([WORLD.u[:3], 1 - WORLD.u[:2], np.eye(9)]).reshape(-1, *WORLD.shape)
    slow = sum(tuple(dream.ravel()) in rows for dream in dreams)
    assert measuring.in_data(dreams, WORLD) == slow >= 3
