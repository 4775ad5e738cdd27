"""The race on the bars: the kept table, and a part of it made again."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import exact
from hmlib.course import ddc_recipes as recipes
from hmlib.course.nb09 import race
from tools import run_race

KEPT = race.kept_race()


def test_the_counts_that_the_notebook_names_are_those_of_the_file() -> None:
    close = {name: int((nats <= race.CLOSE).sum()) for name, nats in KEPT.nats.items()}
    assert close == {
        "DDC code": 14, "wake-sleep": 0, "wake-sleep, hidden layer": 0,
        "code that ties nothing": 16, "code of linear features": 0,
    }  # fmt: skip
    middle = {name: np.median(nats) for name, nats in KEPT.nats.items()}
    begun = race.distance(recipes.bars_start(np.random.default_rng(run_race.SEEDS[0])))
    assert middle["code of linear features"] > begun
    assert middle["wake-sleep, hidden layer"] < middle["wake-sleep"]


def test_the_table_has_a_line_a_runner() -> None:
    lines = KEPT.table().splitlines()[1:]
    assert [line[:26].rstrip() for line in lines] == list(race.WAYS)
    assert lines[0].split()[2:5] == [f"{np.median(KEPT.nats['DDC code']):.3f}", "0.324", "14"]


def test_the_distance_is_the_divergence_summed_by_hand() -> None:
    gen, bars = recipes.bars_start(np.random.default_rng(3)), recipes.bars_world()
    log_p = exact.log_likelihood(gen, bars.u)
    slow = sum(w * (np.log(w) - l) for w, l in zip(bars.weights, log_p, strict=True))
    assert race.distance(gen) == pytest.approx(slow)


def test_every_runner_starts_where_the_others_do() -> None:
    begun = race.distance(recipes.bars_start(np.random.default_rng(5)))
    assert race.by_wake_sleep([5], steps=1)[0] == pytest.approx(begun, abs=0.3)
    assert race.by_wake_sleep([5], hidden=4, steps=1)[0] == pytest.approx(begun, abs=0.3)
    assert race.by_ddc(5, steps=1) == pytest.approx(begun, abs=1.5)


@pytest.mark.long
def test_a_run_made_again_is_the_one_that_was_kept() -> None:
    seed = run_race.SEEDS[1]
    assert race.by_ddc(seed) == pytest.approx(KEPT.nats["DDC code"][1], abs=0.01)
