"""Make the files in data/ again: `python data/make.py [folder]`.

Needs scikit-learn and scikit-image (`pip install -e '.[data]'`), whose packages contain the
digits and the pictures, so that no network is used. The bytes depend on nothing but the arrays,
and are compared with the fingerprints in hmlib/datasets.py.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from skimage import data as pictures
from sklearn.datasets import load_digits

from hmlib.datasets import PICTURES
from hmlib.datasets.files import SHA256

SIDE = 16
"""Pixels along a patch."""

BLOCK = 128
"""Pixels along a block of a picture. Blocks on the diagonal are kept for the test."""

Arrays = dict[str, np.ndarray]


def digits() -> Arrays:
    """The digits in random order: 1500 to train, 297 to test."""
    pixels, label = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(pixels))
    pixels, label = pixels[order].astype(np.uint8), label[order].astype(np.uint8)
    return {
        "train_pixels": pixels[:1500],
        "train_label": label[:1500],
        "test_pixels": pixels[1500:],
        "test_label": label[1500:],
    }


def patches() -> Arrays:
    """Each picture cut into tiles without overlap; test tiles are those of the diagonal blocks."""
    cut = [tiles(getattr(pictures, name)()) for name in PICTURES]
    pixels = np.concatenate([tile for tile, _ in cut])
    held_out = np.concatenate([diagonal for _, diagonal in cut])
    picture = np.repeat(np.arange(len(PICTURES), dtype=np.uint8), [len(t) for t, _ in cut])
    order = np.random.default_rng(0).permutation(len(pixels))
    train, test = order[~held_out[order]], order[held_out[order]]
    return {
        "train_pixels": pixels[train],
        "train_picture": picture[train],
        "test_pixels": pixels[test],
        "test_picture": picture[test],
    }


def tiles(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tiles of a grey picture as rows of pixels, and whether each is in a diagonal block."""
    down, across = (size // SIDE for size in picture.shape)
    grid = picture.reshape(down, SIDE, across, SIDE).swapaxes(1, 2)
    block_down, block_across = np.indices((down, across)) * SIDE // BLOCK
    return grid.reshape(-1, SIDE * SIDE), (block_down == block_across).ravel()


def npz(arrays: Arrays) -> bytes:
    """An uncompressed .npz whose bytes name no date, no system and no compression library."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            archive.writestr(entry, member.getvalue())
    return content.getvalue()


FILES = {"digits.npz": digits, "patches.npz": patches}


def main(folder: Path) -> int:
    """Write every file; 0 if all have the fingerprints on record, otherwise 1."""
    same = True
    for name, make in FILES.items():
        content = npz(make())
        found = hashlib.sha256(content).hexdigest()
        (folder / name).write_bytes(content)
        same &= found == SHA256[name]
        verdict = "as on record" if found == SHA256[name] else f"on record: {SHA256[name]}"
        print(f"{name}  {len(content)} bytes  sha256 {found}  ({verdict})")
    if not same:
        print("If the change is meant, write the new sha256 in hmlib/datasets.py and README.md.")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
