"""The wheel: what it carries, and what it needs. `tests/notebooks` runs the notebooks from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def carried(folder: Path) -> set[str]:
    """Files of the package below a folder, without what Python writes itself."""
    found = (path for path in (folder / "hmlib").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)) for path in found if "__pycache__" not in path.parts}


def test_the_wheel_carries_the_package_and_its_data(installed_wheel):
    kept = {
        f"hmlib/data/{path.name}"
        for path in (ROOT / "data").iterdir()
        if path.suffix in (".npz", ".json", ".md")
    }
    assert len(kept) >= 8
    assert carried(installed_wheel) == carried(ROOT) | kept


def test_its_data_are_read_with_no_checkout_near(installed_wheel, tmp_path):
    code = (
        "from hmlib import datasets; from hmlib.course import kept_runs; "
        "from hmlib.datasets.files import DATA; "
        "print(DATA); print(datasets.digits()); print(kept_runs.climbs(4))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(installed_wheel)},
    )  # fmt: skip
    where, digits, climbs = run.stdout.splitlines()
    assert where == str(installed_wheel / "hmlib" / "data")
    assert digits.startswith("Digits: 1500 to train")
    assert climbs.startswith("Climbs: 50 runs")
