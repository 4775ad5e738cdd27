"""The eight traps: each is worse than its healthy baseline, on its own instrument, every time."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from hmlib import ddc
from hmlib.course.nb10 import bench, traps
from hmlib.course.nb10.gauges import Reading, examine
from hmlib.course.nb10.traps import TRAPS, Turned
from hmlib.course.nb10.two_bumps import Centred

each_trap = pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)


@pytest.mark.long
@each_trap
def test_it_is_worse_by_its_least_effect_for_each_of_five_seeds(trap: traps.Trap) -> None:
    found = [trap.worse(seed) for seed in range(5)]
    assert min(found) >= trap.least > 0, found


@each_trap
def test_it_differs_from_its_baseline_in_its_own_piece_alone(trap: traps.Trap) -> None:
    pieces = {
        "features through the origin": {"features"},
        "nearly affine encodings": {"encodings"},
        "one gradient step a night": {"sleep"},
        "split, nothing subtracted": {"minus_dreams"},
        "Jacobian summed over the wrong index": {"seen_by_wake"},
        "top read-out never fitted": {"sleep"},
        "too few dreams": {"n_dreams"},
        "too few functions": {"features", "encodings"},
        "ridge too small": {"ridge"},
        "ridge too large": {"ridge"},
        "noise below what the encodings resolve": {"model"},
    }
    well = trap.healthy(0)
    ill = trap.spring(well)
    changed = {name for name in vars(well) if getattr(well, name) is not getattr(ill, name)}
    assert changed == pieces[trap.name]
    assert np.array_equal(well.x, trap.healthy(0).x)


def test_there_are_eight_and_the_library_knows_none_of_them() -> None:
    assert {trap.number for trap in TRAPS} == set(range(1, 9))
    assert len({trap.name for trap in TRAPS}) == len(TRAPS)
    source = "".join(
        inspect.getsource(module) for module in vars(ddc).values() if inspect.ismodule(module)
    )
    assert "trap" not in source


def test_never_fitted_and_wrong_index_spare_the_other_layer() -> None:
    def reading(name: str) -> tuple[Reading, Reading]:
        trap = next(trap for trap in TRAPS if trap.name.startswith(name))
        well = trap.healthy(1)
        return examine(well, 1), examine(trap.spring(well), 1)

    well, ill = reading("Jacobian")
    assert ill.upper == pytest.approx(well.upper)
    assert ill.bottom > well.bottom + 20
    well, ill = reading("top read-out")
    assert ill.bottom == pytest.approx(well.bottom)
    assert ill.upper > well.upper + 1


# The pieces


def test_turned_has_the_right_shape_and_the_wrong_numbers() -> None:
    z = np.array([[0.5], [-1.0]])
    right, wrong = (cls([[1.0], [2.0]], [0.1, 0.2]).jacobian(z) for cls in (Centred, Turned))
    assert right.shape == wrong.shape == (2, 2, 2, 2)
    np.testing.assert_array_equal(wrong[:, :, 0, 1], right[:, :, 1, 0])
    assert np.abs(right - wrong).max() > 0.1


def test_features_through_the_origin_grow_with_x_and_vanish_at_0() -> None:
    phi = traps.through_the_origin(bench.healthy(0)).features
    x = np.array([[0.3, -0.7]])
    assert not phi(0 * x).any()
    np.testing.assert_allclose(phi(3 * x), 3 * phi(x))
    assert (phi(x) >= 0).all()
