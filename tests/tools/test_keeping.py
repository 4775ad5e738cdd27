"""A long run that is kept piece by piece."""

import numpy as np
import pytest

from tools.keeping import in_pieces


def test_a_run_that_was_stopped_goes_on_and_leaves_no_pieces(tmp_path):
    out, made = tmp_path / "run.npz", []

    def make(k):
        if k == 2 and len(made) < 3:
            made.append("stopped")
            raise KeyboardInterrupt
        made.append(k)
        return np.full(3, k)

    def run():
        with in_pieces(out) as piece:
            return np.array([piece(str(k), lambda k=k: make(k)) for k in range(4)])

    with pytest.raises(KeyboardInterrupt):
        run()
    assert (run() == np.arange(4)[:, None]).all()
    assert made == [0, 1, "stopped", 2, 3]
    assert list(tmp_path.iterdir()) == []
