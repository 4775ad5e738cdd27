"""The small machine of the digits: its file, its figures, and the command that made them."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import oracles
import pytest

from hmlib import datasets, exact
from hmlib.course import kept_runs
from hmlib.datasets.files import DATA
from tools import train_digits

README = (DATA / "README.md").read_text(encoding="utf-8")
DIGITS = datasets.digits()
MACHINE = kept_runs.digits_machine()


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(("name", "stage"), [("before", 0), ("after", -1)])
def test_the_readme_has_the_figures_of_the_file(name: str, stage: int, split: str) -> None:
    record = exact.objectives(MACHINE.gen[stage], MACHINE.rec[stage], getattr(DIGITS, split))
    log_l, f = record.log_likelihood.mean(), record.free_energy.mean()
    line = f"{name:6}  {split:5}  L {log_l:.3f}  F {f:.3f}  L - F {log_l - f:.3f}"
    assert line in README.splitlines()


def test_the_readme_has_the_baseline() -> None:
    counts = DIGITS.train.sum(axis=0)
    chance = [(float(count) + 1) / (len(DIGITS.train) + 2) for count in counts]
    costs = [
        sum(np.log(p if on else 1 - p) for on, p in zip(digit, chance, strict=True))
        for digit in DIGITS.test
    ]
    assert f"independent pixels, test  L {np.mean(costs):.3f}" in README.splitlines()


def test_one_digit_against_loops() -> None:
    gen, rec, digit = MACHINE.gen[-1], MACHINE.rec[-1], DIGITS.test[0]
    record = exact.objectives(gen, rec, digit[None])
    assert record.log_likelihood[0] == pytest.approx(oracles.log_likelihood(gen, digit), abs=1e-9)
    assert record.free_energy[0] == pytest.approx(oracles.free_energy(gen, rec, digit), abs=1e-9)


def test_training_pays() -> None:
    f = [
        exact.free_energy(gen, rec, DIGITS.test).mean()
        for gen, rec in zip(MACHINE.gen, MACHINE.rec, strict=True)
    ]
    assert MACHINE.steps == train_digits.MOMENTS
    assert f[0] < -44
    assert f[-1] > train_digits.independent_pixels(DIGITS.train, DIGITS.test) + 5
    assert np.diff(f).min() > -0.5


def test_the_command_starts_as_it_did() -> None:
    steps = list(itertools.islice(train_digits.training(DIGITS.train), 9))
    for stage, count in enumerate((0, 2, 8)):
        assert MACHINE.steps[stage] == count == steps[count].count
        for models, model in ((MACHINE.gen, steps[count].gen), (MACHINE.rec, steps[count].rec)):
            np.testing.assert_allclose(model.ravel(), models[stage].ravel(), atol=1e-5)


def test_a_short_training_writes_the_same_bytes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train_digits, "RATES", ((0.03, 2), (0.01, 2)))
    outs = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for out in outs:
        assert train_digits.main(["--out", str(out)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    printed = capsys.readouterr().out.splitlines()
    assert next(line for line in printed if line.startswith("before")) in README.splitlines()
    with np.load(outs[0]) as kept:
        assert kept["step"].tolist() == [0, 2]
        assert kept["W"].shape == (2, 10, 64)
