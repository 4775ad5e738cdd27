"""Edges of the rivals' rules, each of them a line that could be off by a factor."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib.rivals import Encoder


@pytest.mark.parametrize("n_x", [2, 200])
def test_hidden_units_of_a_fresh_encoder_are_driven_alike_by_few_and_by_many(n_x: int) -> None:
    points = 3 + 5 * np.random.default_rng(0).normal(size=(400, n_x))
    encoder = Encoder.random(np.random.default_rng(1), points, 2, units=300)
    drives = points @ encoder.weights[0].T + encoder.biases[0]
    assert drives.std() == pytest.approx(1, rel=0.1)
