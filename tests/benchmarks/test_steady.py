"""The benchmark of odd data: its sets are sound, and a run of it says how it ended."""

import numpy as np
import pytest

from benchmarks import steady


@pytest.mark.parametrize("name", steady.SETS)
def test_every_set_gives_finite_rows_and_the_same_again(name):
    draw, _ = steady.SETS[name]
    x, again = (draw(np.random.default_rng(0), 200) for _ in range(2))
    assert x.shape[0] == 200
    assert 2 <= x.shape[1] <= 20
    assert np.isfinite(x).all()
    assert np.array_equal(x, again)


def test_a_run_says_how_it_ended_and_what_fresh_data_give():
    name, ended, found = steady.one(4, True, 2, "local", "two moons", 1)
    assert name == "two moons"
    assert ended.startswith("well")
    dreams, dreams_fine, floor, floor_fine, rival, rival_fine, seconds = found
    assert np.isfinite([rival, rival_fine]).all()
    assert dreams > floor + 0.01
    assert dreams_fine > floor_fine + 0.005
    assert seconds > 0


def test_a_run_that_is_lost_says_so(monkeypatch):
    fit = steady.ddc.fit
    monkeypatch.setattr(steady.ddc, "fit", lambda *a, **k: fit(*a, **(k | {"rate": 1e9})))
    assert steady.one(60, False, 2, "local", "two moons", 1)[1].startswith("ran away")
