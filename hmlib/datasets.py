"""The data of the course: small worlds listed in full, and small pictures kept in data/.

A *world* is a list of binary patterns with their probabilities, so that its entropy is known and
an average over it is exact: `log_likelihood(gen, world.u) @ world.weights` is L, and
-entropy - L is the KL divergence from the world to the model. `ring` and `pinwheel` draw points of
the plane. Nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import io
import numbers
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from hmlib._checks import binary_rows, choice, count, data_weights, generator
from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition

__all__ = [
    "PICTURES",
    "WALKS",
    "Climbs",
    "Costs",
    "Digits",
    "DigitsMachine",
    "Patches",
    "Patterns",
    "Stages",
    "WakeSleepRuns",
    "bars",
    "climbs",
    "costs",
    "digits",
    "digits_machine",
    "or_bars",
    "patches",
    "pinwheel",
    "ring",
    "shifter",
    "stripes",
    "wake_sleep_runs",
]

Array = NDArray[np.float64]
Machine = tuple[Generative | Layered, Recognition | LayeredRecognition]

PICTURES = ("camera", "brick", "grass", "gravel")
"""The pictures that the patches are cut from; `Patches.train_picture` counts along this list."""

WALKS = ("wake-sleep", "F", "reweighted")
"""Learning rules by which machines leave the top of L: wake-sleep with exact expectations, exact
ascent on F, and reweighted wake-sleep."""

SHA256 = {
    "climbs.npz": "675bf54beb9621e148d85e3462957d493ab7186985a2505fd1442c9190d4c103",
    "costs.npz": "8d1e36d8ec31ed1db91b5cdac745305a5321d1855ec3321691af3d5803915232",
    "digits.npz": "d596bc3679319d62355b6f2322c6498035ae21a6e86e8dfc61f097058d3a11a8",
    "digits_machine.npz": "1808c0571faa9baf2871f2b678ea55b420dcc2705672db85b64cdb1a19b976ce",
    "failures.npz": "dec8dd922433d3234111dfd0609c3ace4c6447ef86248425298c6c7748743f44",
    "patches.npz": "1e411f86b91fbdea19e9b5adc579c14608cffeafbd32eeffe0edf78968e8cdaa",
    "wake_sleep_runs.npz": "013a6d80a452b96d1f0d3a990b0c350f069cf1d821ac31759e5bc7e416a7a914",
}
"""Fingerprints of the files in data/; data/README.md names the commands that write them."""

DATA = Path(__file__).resolve().parent.parent / "data"
"""Where the files are: beside the package, in a checkout of the course."""

_MOST_SWITCHES = 16
"""Independent bits listed at most: 65,536 settings."""


@dataclass(frozen=True, eq=False, repr=False)
class Patterns:
    """A small world: binary patterns and the probability of each.

    Equal patterns are merged and sorted, the blank one first if it is there, and weights are
    normalised.

    Attributes:
        u: patterns, read-only, shape (n, n_u), float64 zeros and ones.
        weights: probabilities, read-only, shape (n,), sum 1.
        shape: (height, width) of a pattern as a picture; height * width = n_u.
        name: for titles.

    Raises:
        ValueError: if u is not binary, or weights or shape do not fit it.
    """

    u: Array
    weights: Array
    shape: tuple[int, int]
    name: str

    def __post_init__(self) -> None:
        shape = _picture_shape(self.shape)
        u = binary_rows("u", self.u, shape[0] * shape[1])
        weights = data_weights(self.weights, len(u))
        # Eight pixels a byte: the same order as the pixels, and much faster to sort.
        packed = np.packbits(u.astype(bool), axis=1)
        _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        object.__setattr__(self, "u", _read_only(u[first]))
        object.__setattr__(self, "weights", _read_only(np.bincount(group.ravel(), weights)))
        object.__setattr__(self, "shape", shape)

    @property
    def n_u(self) -> int:
        """Pixels of a pattern."""
        return self.u.shape[1]

    @property
    def entropy(self) -> float:
        """-sum_k p_k log p_k, in nats: no model of this world has L above -entropy."""
        return float(entr(self.weights).sum())

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Draw patterns independently.

        Returns:
            A fresh array of shape (n, n_u).

        Raises:
            ValueError: if rng is no generator or n is not a whole number >= 1.
        """
        rng, n = generator("rng", rng), count("n", n)
        return self.u[rng.choice(len(self.u), n, p=self.weights)]

    def __len__(self) -> int:
        return len(self.u)

    def __repr__(self) -> str:
        height, width = self.shape
        return (
            f"Patterns {self.name}: {len(self)} of {height} x {width} pixels, "
            f"entropy {self.entropy:.4f} nats"
        )


def bars(side: int = 4, p: float = 0.2, vertical: float = 2 / 3) -> Patterns:
    """Bars that all point one way: choose the direction, then switch every bar on by itself.

    Args:
        side: height and width, 2 to 15.
        p: probability that a bar of the chosen direction is on.
        vertical: probability of the vertical direction.

    Returns:
        2 * 2**side - 2 patterns: the blank and the full picture belong to both directions.

    Raises:
        ValueError: if side is out of range or a probability is not between 0 and 1.

    Source: Hinton, Dayan, Frey & Neal 1995, Science 268.
    """
    side = _listed("side", side, least=2, most=_MOST_SWITCHES - 1)
    p, vertical = _probability("p", p), _probability("vertical", vertical)
    on, chance = _switches(side, p)
    return _two_directions(on, chance, vertical, name="bars")


def stripes(side: int = 3, vertical: float = 2 / 3) -> Patterns:
    """Stripes that all point one way: choose the direction, then some stripes, not none or all.

    Every choice of stripes is equally likely.

    Args:
        side: height and width, 2 to 15.
        vertical: probability of the vertical direction.

    Returns:
        2 * (2**side - 2) patterns: neither blank nor full. With side 3 six vertical patterns have
        probability 2/18 and six horizontal ones 1/18.

    Raises:
        ValueError: if side is out of range or vertical is not between 0 and 1.

    Source: Kirby 2006, A tutorial on Helmholtz machines.
    """
    side = _listed("side", side, least=2, most=_MOST_SWITCHES - 1)
    vertical = _probability("vertical", vertical)
    on = _switches(side, 0.5)[0][1:-1]
    return _two_directions(on, np.full(len(on), 1 / len(on)), vertical, name="stripes")


def or_bars(side: int = 4, p: float = 0.25) -> Patterns:
    """Bars of both directions, each on by itself; a pixel is on if any bar through it is.

    Args:
        side: height and width, 2 to 8.
        p: probability that a bar is on.

    Returns:
        (2**side - 1)**2 + 1 patterns: the full picture has many causes, the others one.

    Raises:
        ValueError: if side is out of range or p is not between 0 and 1.
    """
    side = _listed("side", side, least=2, most=_MOST_SWITCHES // 2)
    on, chance = _switches(2 * side, _probability("p", p))
    pictures = _vertical(on[:, :side]) | _horizontal(on[:, side:])
    return _patterns(pictures, chance, name="OR-bars")


def shifter(width: int = 8, p: float = 0.3) -> Patterns:
    """A row of random pixels below, the same row shifted by one pixel above: which way?

    Four rows. The bottom one is random; the top one is a copy shifted left or right by one
    pixel, wrapped around, both ways equally likely; the middle two are copies of the outer two.

    Args:
        width: pixels in a row, 3 to 15.
        p: probability that a pixel of the bottom row is on.

    Returns:
        With width 8, 508 patterns: of 256 bottom rows the two constant and the two alternating
        ones look the same shifted either way.

    Raises:
        ValueError: if width is out of range or p is not between 0 and 1.

    Source: Dayan, Hinton, Neal & Zemel 1995, figure 1.
    """
    width = _listed("width", width, least=3, most=_MOST_SWITCHES - 1)
    bottom, chance = _switches(width, _probability("p", p))
    pictures = []
    for shift in (-1, 1):
        top = np.roll(bottom, shift, axis=1)
        pictures.append(np.stack([top, top, bottom, bottom], axis=1))
    return _patterns(np.concatenate(pictures), np.tile(chance / 2, 2), name="shifter")


def ring(rng: np.random.Generator, n: int) -> Array:
    """Draw points of a ring: radius 1.5 + 0.1 N(0, 1), all angles equally likely.

    Args:
        rng: random generator.
        n: number of points.

    Returns:
        Points, shape (n, 2).

    Raises:
        ValueError: if rng is no generator or n is not a whole number >= 1.
    """
    rng, n = generator("rng", rng), count("n", n)
    radius = 1.5 + 0.1 * rng.standard_normal(n)
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def pinwheel(rng: np.random.Generator, n: int) -> Array:
    """Draw points of a wheel of five curved arms, all equally likely.

    With normal n_1 and n_2, a point (r, s) = (1 + 0.3 n_1, 0.05 n_2) is turned by the angle
    2 pi a / 5 of its arm a = 0..4 and by another 0.25 e^r, then made 1.5 times as large.

    Args:
        rng: random generator.
        n: number of points.

    Returns:
        Points, shape (n, 2).

    Raises:
        ValueError: if rng is no generator or n is not a whole number >= 1.

    Source: after the pinwheel of Johnson et al. 2016, Composing graphical models with neural
        networks.
    """
    rng, n = generator("rng", rng), count("n", n)
    r = 1 + 0.3 * rng.standard_normal(n)
    s = 0.05 * rng.standard_normal(n)
    angle = 2 * np.pi * rng.integers(5, size=n) / 5 + 0.25 * np.exp(r)
    cos, sin = np.cos(angle), np.sin(angle)
    return 1.5 * np.stack([r * cos - s * sin, r * sin + s * cos], axis=1)


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
    kept = _load("digits.npz")
    grey = {split: kept[f"{split}_pixels"] / 16.0 for split in ("train", "test")}
    return Digits(
        train=_read_only((grey["train"] >= 0.5).astype(np.float64)),
        test=_read_only((grey["test"] >= 0.5).astype(np.float64)),
        train_grey=_read_only(grey["train"]),
        test_grey=_read_only(grey["test"]),
        train_label=_read_only(kept["train_label"].astype(np.int64)),
        test_label=_read_only(kept["test_label"].astype(np.int64)),
    )


@dataclass(frozen=True, eq=False, repr=False)
class DigitsMachine:
    """A small machine of the digits, kept at several stages of its training.

    Attributes:
        gen, rec: both models at each stage; the first before training, the last after it.
        steps: how many steps of learning came before each stage.
    """

    gen: tuple[Generative, ...]
    rec: tuple[Recognition, ...]
    steps: tuple[int, ...]

    def __repr__(self) -> str:
        return (
            f"DigitsMachine: {self.gen[0].n_u} inputs, {self.gen[0].n_v} causes, "
            f"{len(self.steps)} stages of training, {self.steps[-1]} steps"
        )


@cache
def digits_machine() -> DigitsMachine:
    """The machine that `python -m tools.train_digits` trained by exact ascent on F.

    Raises:
        FileNotFoundError: if data/digits_machine.npz is missing.
        ValueError: if it is damaged.
    """
    kept = _load("digits_machine.npz")
    return DigitsMachine(
        gen=tuple(map(Generative, kept["g"], kept["G"], kept["h"])),
        rec=tuple(map(Recognition, kept["w"], kept["W"])),
        steps=tuple(kept["step"].tolist()),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Climbs:
    """Fifty runs of EM on the 3 x 3 stripes, which differ in their first weights.

    Attributes:
        log_likelihood: L before the first and after each of 60 phases, E first, in nats,
            read-only, shape (50, 61).
        gen: the machine at the end of each run.
    """

    log_likelihood: Array
    gen: tuple[Generative, ...]

    def __repr__(self) -> str:
        runs, heights = self.log_likelihood.shape
        return f"Climbs: {runs} runs of {heights - 1} phases, {self.gen[0].units}"


@cache
def climbs(n_v: int) -> Climbs:
    """The runs that `python -m tools.climb_stripes` made.

    Args:
        n_v: number of causes, 4, 5 or 6.

    Raises:
        FileNotFoundError: if data/climbs.npz is missing.
        ValueError: if it is damaged, or n_v is not accepted.
    """
    n_v = choice("n_v", count("n_v", n_v), (4, 5, 6))
    kept = _load("climbs.npz")
    return Climbs(
        log_likelihood=_read_only(kept[f"log_likelihood_{n_v}"].astype(np.float64)),
        gen=tuple(map(Generative, *(kept[f"{name}_{n_v}"] for name in ("g", "G", "h")))),
    )


@dataclass(frozen=True, eq=False, repr=False)
class WakeSleepRuns:
    """Runs of wake-sleep on the bars by machines 16-8-1, which differ in their seed alone.

    Attributes:
        bits: KL(data || dreams) on the way, in bits, read-only, shape (n, 41).
        steps: steps done at each of these, read-only, shape (41,).
        gen, rec: the machine at the end of each run.
    """

    bits: Array
    steps: NDArray[np.int64]
    gen: tuple[Layered, ...]
    rec: tuple[LayeredRecognition, ...]

    def __repr__(self) -> str:
        return f"WakeSleepRuns: {len(self.bits)} runs of {self.steps[-1]:,} steps, 16-8-1"


@cache
def wake_sleep_runs(variant: str = "recipe") -> WakeSleepRuns:
    """The runs that `python -m tools.run_wake_sleep` made, without restarts.

    Args:
        variant: "recipe", or what is left out of it: "one_stage" (the cause on top learns from
            the first step), "no_bias" (of -3), "no_sign" (weights onto the pixels >= 0),
            "neither" bias nor sign. 50 runs each of the first two, 12 of the others.

    Raises:
        FileNotFoundError: if data/wake_sleep_runs.npz is missing.
        ValueError: if it is damaged, or the variant is not accepted.
    """
    choice("variant", variant, ("recipe", "one_stage", "no_bias", "no_sign", "neither"))
    kept = _load("wake_sleep_runs.npz")
    bits = kept[f"bits_{variant}"].astype(np.float64)
    gen, rec = Layered.zeros(16, 8, 1), LayeredRecognition.zeros(16, 8, 1)
    return WakeSleepRuns(
        bits=_read_only(bits),
        steps=_read_only(kept["steps"].astype(np.int64)),
        gen=tuple(map(gen.like, kept[f"gen_{variant}"])),
        rec=tuple(map(rec.like, kept[f"rec_{variant}"])),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Stages:
    """A machine at several stages of its learning.

    Attributes:
        gen, rec: both models at each stage.
        steps: how many steps of learning came before each stage.
    """

    gen: tuple[Generative | Layered, ...]
    rec: tuple[Recognition | LayeredRecognition, ...]
    steps: tuple[int, ...]

    def __repr__(self) -> str:
        return f"Stages: {self.gen[0].units}, {len(self.steps)} stages, {self.steps[-1]} steps"


@dataclass(frozen=True, eq=False, repr=False)
class Costs:
    """What a factorised Q costs: the machines of notebook 06.

    Attributes:
        walks: by (seed, rule), rules from `WALKS`: 9-4 on the stripes, which begins at the top of
            L with the recognition model that sleep finds there.
        ends: KL from the world of stripes to twenty such machines, shape (20, 4), in nats: at the
            top of L, and where each of the `WALKS` has led.
        asleep: sleep alone, on the first of these machines, from the top of F in W.
        beginning: 9-4, wake-sleep with exact expectations from small random weights.
        tower: (gen, rec) of a 9-4-1 that wake-sleep has taught the stripes.
        bars: 16-8-1, the first part of wake-sleep on the bars.
        by_causes: by (number of causes, "L" or "F"), (gen, rec): digits, climbed on L or on F.
        own_gap: by the same: L - F on test digits with a mean-field guess for each digit, in nats.
        layers: by (machine, "wake-sleep" or "reweighted"), (gen, rec): digits, 64-32 and
            64-32-16.
    """

    walks: dict[tuple[int, str], Stages]
    ends: Array
    asleep: Stages
    beginning: Stages
    tower: Machine
    bars: Stages
    by_causes: dict[tuple[int, str], Machine]
    own_gap: dict[tuple[int, str], float]
    layers: dict[tuple[str, str], Machine]

    def __repr__(self) -> str:
        return f"Costs: {len(self.walks)} walks, {len(self.by_causes)} + {len(self.layers)} digits"


@cache
def costs() -> Costs:
    """The machines that `python -m tools.run_costs` trained.

    Raises:
        FileNotFoundError: if data/costs.npz is missing.
        ValueError: if it is damaged.
    """
    kept = _load("costs.npz")

    def machines(name: str, *sizes: int) -> tuple[tuple, tuple]:
        kinds = (Generative, Recognition) if len(sizes) == 2 else (Layered, LayeredRecognition)
        gen, rec = (kind.zeros(*sizes) for kind in kinds)
        return tuple(map(gen.like, kept[f"{name}_gen"])), tuple(map(rec.like, kept[f"{name}_rec"]))

    def stages(name: str, *sizes: int, steps: str = "") -> Stages:
        return Stages(*machines(name, *sizes), tuple(kept[steps or f"{name}_steps"].tolist()))

    walks, by_causes, layers = {}, {}, {}
    for seed in (0, 3):
        for rule in WALKS:
            name = f"walk_{seed}_{rule}".replace("-", "_")
            walks[seed, rule] = stages(name, 9, 4, steps="walk_steps")
    for n_v in (2, 4, 6, 8, 10, 12):
        for objective, *machine in zip(
            ("L", "F"), *machines(f"digits_{n_v}", 64, n_v), strict=True
        ):
            by_causes[n_v, objective] = tuple(machine)
    for sizes in ((64, 32), (64, 32, 16)):
        kept_as, name = ("_".join(map(str, sizes)), "-".join(map(str, sizes)))
        pairs = machines(f"layers_{kept_as}", *sizes)
        for rule, *machine in zip(("wake-sleep", "reweighted"), *pairs, strict=True):
            layers[name, rule] = tuple(machine)
    return Costs(
        walks=walks,
        ends=_read_only(kept["ends"].astype(np.float64)),
        asleep=stages("asleep", 9, 4),
        beginning=stages("beginning", 9, 4),
        tower=next(zip(*machines("tower", 9, 4, 1), strict=True)),
        bars=stages("bars", 16, 8, 1),
        by_causes=by_causes,
        own_gap=dict(zip(by_causes, kept["own_gap"].ravel().tolist(), strict=True)),
        layers=layers,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Failures:
    """Runs of the failure lab, as what L lacks to that of the world, in nats; 5 stands for more.

    Attributes:
        curves: for each trap in the order of `hmlib.lab.traps.TRAPS`, of five seeds, the healthy
            machine and the trapped one, along a run: shape (traps, 5, 2, 31).
        steps: of learning before each point of a curve, shape (31,).
        ends: after a short run of each of 48 patients, the healthy machine and then every trap:
            shape (48, 1 + traps).
    """

    curves: Array
    steps: NDArray[np.int64]
    ends: Array

    def __repr__(self) -> str:
        return f"Failures: {len(self.curves)} traps, {len(self.ends)} patients"


@cache
def failures() -> Failures:
    """The runs that `python -m tools.run_failures` made.

    Raises:
        FileNotFoundError: if data/failures.npz is missing.
        ValueError: if it is damaged.
    """
    kept = _load("failures.npz")
    return Failures(
        curves=_read_only(kept["curves"].astype(np.float64)),
        steps=_read_only(kept["steps"].astype(np.int64)),
        ends=_read_only(kept["ends"].astype(np.float64)),
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
    kept = _load("patches.npz")
    grey = {split: kept[f"{split}_pixels"] / 255.0 for split in ("train", "test")}
    if remove_mean:
        grey = {split: u - u.mean(axis=1, keepdims=True) for split, u in grey.items()}
    return Patches(
        train=_read_only(grey["train"]),
        test=_read_only(grey["test"]),
        train_picture=_read_only(kept["train_picture"].astype(np.int64)),
        test_picture=_read_only(kept["test_picture"].astype(np.int64)),
    )


def _load(name: str) -> dict[str, NDArray]:
    """The arrays of a file in data/, if its bytes are those on record."""
    path = DATA / name
    if not path.is_file():
        raise FileNotFoundError(
            f"data/{name} is missing (looked for {path}). hmlib reads it from a checkout of the "
            "course: run start.py there, or `git checkout -- data` if it was deleted."
        )
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise ValueError(
            f"data/{name} is damaged: its sha256 is {found}; accepted: {SHA256[name]}. "
            "`git checkout -- data` brings it back."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        return dict(kept)


def _switches(n: int, p: float) -> tuple[NDArray[np.bool_], Array]:
    """All settings of n independent switches, shape (2**n, n), off first, with their chances."""
    on = (np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1)) & 1 == 1
    return on, np.where(on, p, 1 - p).prod(axis=1)


def _vertical(on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Switches (n, side) as pictures (n, side, side): switch k fills column k."""
    return np.repeat(on[:, None, :], on.shape[1], axis=1)


def _horizontal(on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Switches (n, side) as pictures (n, side, side): switch k fills row k."""
    return np.repeat(on[:, :, None], on.shape[1], axis=2)


def _two_directions(on: NDArray[np.bool_], chance: Array, vertical: float, name: str) -> Patterns:
    """The same bars drawn downwards with probability `vertical`, otherwise across."""
    pictures = np.concatenate([_vertical(on), _horizontal(on)])
    weights = np.concatenate([vertical * chance, (1 - vertical) * chance])
    return _patterns(pictures, weights, name)


def _patterns(pictures: NDArray[np.bool_], weights: Array, name: str) -> Patterns:
    """Pictures (n, height, width) laid out as rows of pixels."""
    n, height, width = pictures.shape
    return Patterns(pictures.reshape(n, -1), weights, (height, width), name)


def _read_only(array: NDArray) -> NDArray:
    array.flags.writeable = False
    return array


def _picture_shape(shape: object) -> tuple[int, int]:
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise ValueError(f"shape is {shape!r}; accepted: (height, width)")
    return count("shape[0]", shape[0]), count("shape[1]", shape[1])


def _listed(name: str, value: int, least: int, most: int) -> int:
    """A size whose patterns are few enough to be listed."""
    if count(name, value, least) > most:
        raise ValueError(
            f"{name} is {value}; accepted: {least} to {most}, since every pattern is listed "
            f"and larger ones have over {2**_MOST_SWITCHES:,}"
        )
    return int(value)


def _probability(name: str, value: float) -> float:
    """A probability that leaves both outcomes possible."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    if not number or not 0 < value < 1:
        raise ValueError(f"{name} is {value!r}; accepted: a number above 0 and below 1")
    return float(value)
