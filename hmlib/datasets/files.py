"""The files in data/, and their fingerprints."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

A = TypeVar("A", bound=np.generic)

SHA256 = {
    "climbs.npz": "675bf54beb9621e148d85e3462957d493ab7186985a2505fd1442c9190d4c103",
    "costs.npz": "8d1e36d8ec31ed1db91b5cdac745305a5321d1855ec3321691af3d5803915232",
    "counts.npz": "195dd48ec314a9999220538f800c5b0b4365ec2fc43e292369d95fcbb45fcd9b",
    "digit_layers.npz": "3ad66a298a0667050b739cbd7d8d6c0e07f6878b2062d6c1a8b23731b787a995",
    "digits.npz": "d596bc3679319d62355b6f2322c6498035ae21a6e86e8dfc61f097058d3a11a8",
    "digits_machine.npz": "1808c0571faa9baf2871f2b678ea55b420dcc2705672db85b64cdb1a19b976ce",
    "failure_counts.npz": "457a58478af1c938b097ca0d09f2acc3562fc9c764b48bf15a3da67f43499dfe",
    "failures.npz": "9252998f80a6bbe0be9b5c457e3a807c0aa6b3ab86bc6c892add4c3a1b6caa13",
    "ladder.npz": "80c77917316417420163e1a6e9855ca498ea1a9007e94bfa3d3ca13b87db1805",
    "ladder_controls.npz": "64693e04d0301b2144e666e050600e59594b8fa16e722b4804259deab7d7afaa",
    "mends.npz": "fe1cc5c7d1cff87e6143ef03a0348f73f97939ba85fa71fd03d2ab1a8cc2e693",
    "noise.npz": "3ad3c219dbf23959b80a6d9f3405691b9e55f3ae4f02ece2392ae5a38dee4850",
    "patch_scales.npz": "969ce23d4b7b9b7f43e34dad84e427164f61618b91a248dbadeb484a3770f091",
    "patches.npz": "1e411f86b91fbdea19e9b5adc579c14608cffeafbd32eeffe0edf78968e8cdaa",
    "race.npz": "f63177b4883b36f014060800ae98eb1bd08a2032efa4f874d4076e3042a089a6",
    "wake_sleep_runs.npz": "013a6d80a452b96d1f0d3a990b0c350f069cf1d821ac31759e5bc7e416a7a914",
}
"""Fingerprints of the files in data/; data/README.md names the commands that write them."""

_PACKAGE = Path(__file__).resolve().parent.parent
_CARRIED = _PACKAGE / "data"

DATA = _CARRIED if _CARRIED.is_dir() else _PACKAGE.parent / "data"
"""Where the files are: inside the package if it came as a wheel, beside it in a checkout."""


def load(name: str) -> dict[str, NDArray[Any]]:
    """The arrays of a file in data/, if its bytes are those on record."""
    path = DATA / name
    if not path.is_file():
        raise FileNotFoundError(
            f"data/{name} is missing (looked for {path}). In a checkout of the course "
            "`git checkout -- data` brings it back; otherwise install hmlib again."
        )
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise ValueError(
            f"data/{name} is damaged: its sha256 is {found}; accepted: {SHA256[name]}. "
            "`git checkout -- data` brings it back in a checkout; otherwise install hmlib again."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        return dict(kept)


def read_only(array: NDArray[A]) -> NDArray[A]:
    """The array itself, which can no longer be changed."""
    array.flags.writeable = False
    return array
