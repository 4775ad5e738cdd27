"""Runs that are kept as numbers, some of them made again; and the slopes behind small steps."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import datasets, exact
from hmlib.course.nb03 import climbing, kept, uphill


def test_the_slopes_of_l_are_those_of_the_library() -> None:
    world, gens = datasets.stripes(), [climbing.beginning(seed, 3)[0] for seed in (5, 6)]
    g, G, h = ([getattr(gen, name) for gen in gens] for name in ("g", "G", "h"))
    log_l, slope = uphill.slopes((np.array(g), np.array(G), np.array(h)))
    for k, gen in enumerate(gens):
        assert log_l[k] == pytest.approx(world.weights @ exact.log_likelihood(gen, world.u))
        right = exact.grad_log_likelihood(gen, world.u, world.weights)
        for mine, theirs in zip(slope, (right.g, right.G, right.h), strict=True):
            np.testing.assert_allclose(mine[k], theirs, atol=1e-12)


def test_small_steps_end_where_it_is_kept() -> None:
    log_l, _ = uphill.small_steps([16], 4, steps=4000)
    np.testing.assert_allclose(log_l, np.array(kept.SMALL_STEPS[4])[16:17], atol=0.01)


STEADY = (1, 9, 16)
"""Seeds whose runs end in the same place if their start is moved in the seventh digit. For others
the processor and SciPy decide where a run goes."""


@pytest.mark.parametrize("seed", STEADY)
def test_em_with_an_inexact_q_ends_where_it_is_kept(seed) -> None:
    world, runs = datasets.stripes(), kept.INEXACT["mean field"]
    step = climbing.climb("EM" * 20 + "E", "mean field", seed)
    end = exact.log_likelihood(step.gen, world.u)
    assert world.weights @ end == pytest.approx(runs.last[seed], abs=2e-3)
    gap = world.weights @ (end - step.free_energy(world.u))
    assert gap == pytest.approx(runs.gap[seed], abs=2e-3)


@pytest.mark.long
def test_em_with_an_inexact_q_falls_now_and_then_on_any_processor() -> None:
    runs, fallen = kept.INEXACT["mean field"], []
    for seed in range(20):
        heights = [climbing.heights("EM" * k, "mean field", seed)[0] for k in range(21)]
        changes = np.diff(heights)
        fallen.append((changes < -kept.FALL).sum())
        if seed in STEADY:
            assert fallen[-1] == runs.fallen[seed]
    assert sum(runs.fallen) / 3 < sum(fallen) < 3 * sum(runs.fallen)
    assert 0 < np.count_nonzero(fallen) <= 10
