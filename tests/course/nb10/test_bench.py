"""The bench moves as the library does."""

from __future__ import annotations

import numpy as np

from hmlib import ddc
from hmlib.course.nb10 import bench


def test_the_bench_moves_as_the_library_does() -> None:
    for mode, minus in (("code", True), ("score", True), ("split", False)):
        healthy = bench.healthy(2, mode=mode, minus_dreams=minus)
        found = healthy.direction(healthy.night(np.random.default_rng(5)))
        dreams = healthy.model.sample(np.random.default_rng(5), 1000)
        night = ddc.sleep(dreams, healthy.features, healthy.encodings, 1e-3)
        what = ddc.seen(healthy.x, healthy.features, healthy.model.layers[0])
        if minus:
            what = what - ddc.seen(dreams[0], healthy.features, healthy.model.layers[0])
        np.testing.assert_allclose(found, ddc.wake(healthy.model, night, what, mode), rtol=1e-6)
