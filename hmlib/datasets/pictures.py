"""Digits and patches, kept in data/."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib.datasets.files import load, read_only

Array = NDArray[np.float64]


PICTURES = ("camera", "brick", "grass", "gravel")
"""The pictures that the patches are cut from; `Patches.train_picture` counts along this list."""


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """Handwritten digits of 8 x 8 pixels. All arrays are read-only.

    Attributes:
        train, test: binary pictures, shapes (1500, 64) and (297, 64): 1 where a pixel is at least
            half of the range.
        train_grey, test_grey: the same pictures in grey, 0 to 1 in steps of 1/16.
        train_label, test_label: the digit, 0 to 9, shapes (1500,) and (297,).
        shape: (8, 8).
    """

    train: Array
    test: Array
    train_grey: Array
    test_grey: Array
    train_label: NDArray[np.int64]
    test_label: NDArray[np.int64]
    shape: tuple[int, int] = (8, 8)

    def __repr__(self) -> str:
        return f"Digits: {len(self.train)} to train, {len(self.test)} to test, 8 x 8 pixels"


@cache
def digits() -> Digits:
    """The 1797 digits of scikit-learn, shuffled once and split.

    A yardstick for binary digits: pixels that are independent, on with probability
    (count + 1) / (1500 + 2), cost 25.21 nats a test digit.

    Raises:
        FileNotFoundError: if data/digits.npz is missing.
        ValueError: if it is damaged.

    Source: Alpaydin & Kaynak 1998; see data/README.md.
    """
    kept = load("digits.npz")
    grey = {split: kept[f"{split}_pixels"] / 16.0 for split in ("train", "test")}
    return Digits(
        train=read_only((grey["train"] >= 0.5).astype(np.float64)),
        test=read_only((grey["test"] >= 0.5).astype(np.float64)),
        train_grey=read_only(grey["train"]),
        test_grey=read_only(grey["test"]),
        train_label=read_only(kept["train_label"].astype(np.int64)),
        test_label=read_only(kept["test_label"].astype(np.int64)),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Patches:
    """Patches of 16 x 16 pixels cut from four pictures. All arrays are read-only.

    Attributes:
        train, test: grey values, shapes (3072, 256) and (1024, 256).
        train_picture, test_picture: the place in `PICTURES` of the picture that each patch is
            from, shapes (3072,) and (1024,).
        shape: (16, 16).
    """

    train: Array
    test: Array
    train_picture: NDArray[np.int64]
    test_picture: NDArray[np.int64]
    shape: tuple[int, int] = (16, 16)

    def __repr__(self) -> str:
        return f"Patches: {len(self.train)} to train, {len(self.test)} to test, 16 x 16 pixels"


def patches(remove_mean: bool = True) -> Patches:
    """Patches of a photographer, a brick wall, grass and gravel.

    No two patches share a pixel, and test patches are from other parts of the pictures.

    Args:
        remove_mean: subtract from each patch its own mean, so that only contrast is left. If
            False, black is 0 and white is 1.

    Raises:
        FileNotFoundError: if data/patches.npz is missing.
        ValueError: if it is damaged, or remove_mean is neither True nor False.

    Source: pictures of scikit-image, all CC0; see data/README.md.
    """
    if not isinstance(remove_mean, bool | np.bool_):
        raise ValueError(f"remove_mean is {remove_mean!r}; accepted: True or False")
    kept = load("patches.npz")
    grey = {split: kept[f"{split}_pixels"] / 255.0 for split in ("train", "test")}
    if remove_mean:
        grey = {split: u - u.mean(axis=1, keepdims=True) for split, u in grey.items()}
    return Patches(
        train=read_only(grey["train"]),
        test=read_only(grey["test"]),
        train_picture=read_only(kept["train_picture"].astype(np.int64)),
        test_picture=read_only(kept["test_picture"].astype(np.int64)),
    )
