"""Data sets against listings by hand, the figures known for them, and the files' fingerprints."""

from __future__ import annotations

import cmath
import hashlib
import importlib.util
import itertools
import math
import re
import socket
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmlib import Generative, datasets, exact
from hmlib.course import kept_runs
from hmlib.datasets import Patterns, files
from hmlib.datasets.files import SHA256

ROOT = Path(__file__).resolve().parents[2]
NATS_PER_BIT = math.log(2)

Listing = Counter[tuple[int, ...]]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


# The worlds again, pixel by pixel, in loops.


def flat(side: int, pixel) -> tuple[int, ...]:
    return tuple(int(pixel(r, c)) for r in range(side) for c in range(side))


def chance_of(bits: tuple[int, ...], p: float) -> float:
    return math.prod(p if bit else 1 - p for bit in bits)


def bars_by_hand(side: int, p: float, vertical: float) -> Listing:
    found: Listing = Counter()
    for on in itertools.product((0, 1), repeat=side):
        found[flat(side, lambda r, c, on=on: on[c])] += vertical * chance_of(on, p)
        found[flat(side, lambda r, c, on=on: on[r])] += (1 - vertical) * chance_of(on, p)
    return found


def stripes_by_hand(side: int, vertical: float) -> Listing:
    found: Listing = Counter()
    for on in itertools.product((0, 1), repeat=side):
        if 0 < sum(on) < side:
            found[flat(side, lambda r, c, on=on: on[c])] += vertical / (2**side - 2)
            found[flat(side, lambda r, c, on=on: on[r])] += (1 - vertical) / (2**side - 2)
    return found


def or_bars_by_hand(side: int, p: float) -> Listing:
    found: Listing = Counter()
    for down in itertools.product((0, 1), repeat=side):
        for across in itertools.product((0, 1), repeat=side):
            picture = flat(side, lambda r, c, d=down, a=across: d[c] or a[r])
            found[picture] += chance_of(down, p) * chance_of(across, p)
    return found


def shifter_by_hand(width: int, p: float) -> Listing:
    found: Listing = Counter()
    for below in itertools.product((0, 1), repeat=width):
        for above in (below[1:] + below[:1], below[-1:] + below[:-1]):
            found[above + above + below + below] += chance_of(below, p) / 2
    return found


def entropy_by_hand(listing: Listing) -> float:
    return -sum(p * math.log(p) for p in listing.values())


WORLDS = {
    "bars": (datasets.bars, bars_by_hand, (4, 0.2, 2 / 3)),
    "bars, mostly across": (datasets.bars, bars_by_hand, (3, 0.6, 0.1)),
    "stripes": (datasets.stripes, stripes_by_hand, (3, 2 / 3)),
    "stripes, 4 x 4": (datasets.stripes, stripes_by_hand, (4, 0.3)),
    "stripes, 2 x 2": (datasets.stripes, stripes_by_hand, (2, 0.5)),
    "OR-bars": (datasets.or_bars, or_bars_by_hand, (4, 0.25)),
    "OR-bars, 3 x 3": (datasets.or_bars, or_bars_by_hand, (3, 0.3)),
    "OR-bars, 2 x 2": (datasets.or_bars, or_bars_by_hand, (2, 0.9)),
    "shifter": (datasets.shifter, shifter_by_hand, (8, 0.3)),
    "shifter, odd width": (datasets.shifter, shifter_by_hand, (5, 0.7)),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_is_its_listing_by_hand(name: str) -> None:
    make, by_hand, arguments = WORLDS[name]
    world, listing = make(*arguments), by_hand(*arguments)
    found = {tuple(map(int, u)): w for u, w in zip(world.u, world.weights, strict=True)}
    assert len(found) == len(world) == len(listing)
    assert found == pytest.approx(dict(listing), abs=1e-14)
    assert world.weights.sum() == pytest.approx(1, abs=1e-14)
    assert world.entropy == pytest.approx(entropy_by_hand(listing), abs=1e-12)


@pytest.mark.parametrize(
    ("make", "by_hand", "defaults"),
    [
        (datasets.bars, bars_by_hand, (4, 0.2, 2 / 3)),
        (datasets.stripes, stripes_by_hand, (3, 2 / 3)),
        (datasets.or_bars, or_bars_by_hand, (4, 0.25)),
        (datasets.shifter, shifter_by_hand, (8, 0.3)),
    ],
)
def test_defaults_are_those_of_the_literature(make, by_hand, defaults) -> None:
    assert make().entropy == pytest.approx(entropy_by_hand(by_hand(*defaults)), abs=1e-12)


@pytest.mark.parametrize(
    ("world", "patterns", "nats", "digits"),
    [
        (datasets.bars(), 30, 3.4284 * NATS_PER_BIT, 4),
        (datasets.stripes(), 12, 2.4283, 4),
        (datasets.or_bars(), 226, 4.476, 3),
        (datasets.or_bars(3, 0.3), 50, 3.533, 3),
        (datasets.shifter(), 508, 7.989 * NATS_PER_BIT, 3),
    ],
    ids=lambda value: value.name if isinstance(value, Patterns) else None,
)
def test_known_numbers_of_patterns_and_entropies(
    world: Patterns, patterns: int, nats: float, digits: int
) -> None:
    assert len(world) == patterns
    assert world.entropy == pytest.approx(nats, abs=0.5 * 10**-digits)


def test_the_blank_picture_comes_first_in_the_bars() -> None:
    world = datasets.bars()
    assert not world.u[0].any()
    assert world.weights[0] == pytest.approx(0.4096, abs=1e-14)


def test_kirbys_stripes_have_two_eighteenths_and_one() -> None:
    assert Counter((18 * datasets.stripes().weights).round(12)) == {2: 6, 1: 6}


def test_a_shifted_picture_is_drawn_in_four_rows() -> None:
    world = datasets.shifter()
    assert world.shape == (4, 8)
    for u in world.u:
        top, second, third, bottom = u.reshape(world.shape)
        assert (top == second).all()
        assert (third == bottom).all()
        assert any((np.roll(bottom, shift) == top).all() for shift in (-1, 1))


def test_direction_matters_only_to_the_weights() -> None:
    down, across = datasets.bars(3, 0.3, vertical=0.8), datasets.bars(3, 0.3, vertical=0.2)
    assert (down.u == across.u).all()
    turned = down.u.reshape(-1, 3, 3).swapaxes(1, 2).reshape(-1, 9)
    place = [int(np.flatnonzero((across.u == u).all(axis=1))[0]) for u in turned]
    np.testing.assert_allclose(down.weights, across.weights[place], atol=1e-15)


@pytest.mark.parametrize("name", WORLDS)
def test_patterns_are_distinct_sorted_binary_and_read_only(name: str) -> None:
    make, _, arguments = WORLDS[name]
    world = make(*arguments)
    rows = [tuple(u) for u in world.u]
    assert rows == sorted(set(rows))
    assert world.u.dtype == world.weights.dtype == np.float64
    assert set(np.unique(world.u)) == {0, 1}
    assert world.u.shape == (len(world), world.n_u) == (len(world), math.prod(world.shape))
    for array in (world.u, world.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 1)] * 9), min_size=1, max_size=40),
    st.integers(0, 10**6),
)
def test_equal_patterns_are_merged(patterns: list[tuple[int, ...]], seed: int) -> None:
    weights = np.random.default_rng(seed).uniform(0.1, 2, len(patterns))
    world = Patterns(patterns, weights, (3, 3), "made up")
    total: Listing = Counter()
    for pattern, weight in zip(patterns, weights, strict=True):
        total[pattern] += weight / weights.sum()
    assert [tuple(u) for u in world.u] == sorted(total)
    np.testing.assert_allclose(world.weights, [total[tuple(u)] for u in world.u], atol=1e-14)
    assert world.entropy == pytest.approx(entropy_by_hand(total), abs=1e-12)


def test_patterns_leave_the_callers_arrays_alone() -> None:
    u, weights = np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([3.0, 1.0])
    world = Patterns(u, weights, (1, 2), "two")
    u[0] = weights[0] = 1
    assert world.u.tolist() == [[0, 0], [1, 0]]
    assert world.weights.tolist() == [0.25, 0.75]


def test_a_world_that_never_happens_otherwise_has_no_entropy() -> None:
    assert Patterns([[0, 1], [1, 1]], [0, 1], (1, 2), "sure").entropy == 0


def test_repr_says_name_size_and_entropy() -> None:
    assert repr(datasets.bars()) == ("Patterns bars: 30 of 4 x 4 pixels, entropy 2.3764 nats")
    assert repr(datasets.digits()) == "Digits: 1500 to train, 297 to test, 8 x 8 pixels"
    assert repr(datasets.patches()) == "Patches: 3072 to train, 1024 to test, 16 x 16 pixels"


def test_samples_follow_the_weights() -> None:
    world, n = datasets.bars(), 200_000
    drawn = Counter(map(tuple, world.sample(np.random.default_rng(0), n).astype(int).tolist()))
    for u, p in zip(world.u.astype(int).tolist(), world.weights, strict=True):
        # Five standard errors of a frequency.
        assert abs(drawn.pop(tuple(u)) / n - p) < 5 * math.sqrt(p * (1 - p) / n)
    assert not drawn


def test_samples_are_rows_repeatable_and_free_to_change() -> None:
    world = datasets.shifter()
    one, same = (world.sample(np.random.default_rng(3), 7) for _ in range(2))
    assert one.shape == (7, 32)
    assert (one == same).all()
    one[:] = 0
    assert world.u.any()


def test_a_world_goes_straight_into_the_exact_objectives() -> None:
    world = datasets.bars()
    gen = Generative.random(np.random.default_rng(0), world.n_u, 3)
    average = exact.log_likelihood(gen, world.u) @ world.weights
    by_rows = sum(
        w * exact.log_likelihood(gen, u[None])[0]
        for u, w in zip(world.u, world.weights, strict=True)
    )
    assert average == pytest.approx(by_rows, abs=1e-12)
    assert average < -world.entropy


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: datasets.bars(side=1), "side is 1; accepted: a whole number >= 2"),
        (lambda: datasets.bars(side=4.0), "side is 4.0; accepted: a whole number >= 2"),
        (lambda: datasets.bars(side=16), "side is 16; accepted: 2 to 15"),
        (lambda: datasets.bars(p=0), "p is 0; accepted: a number above 0 and below 1"),
        (lambda: datasets.bars(p=1.0), "p is 1.0; accepted: a number above 0 and below 1"),
        (lambda: datasets.bars(p=math.nan), "p is nan; accepted: a number above 0 and below 1"),
        (lambda: datasets.bars(p="half"), "p is 'half'; accepted: a number above 0"),
        (lambda: datasets.bars(vertical=1.5), "vertical is 1.5; accepted: a number above 0"),
        (lambda: datasets.stripes(side=1), "side is 1; accepted: a whole number >= 2"),
        (lambda: datasets.stripes(side=99), "side is 99; accepted: 2 to 15"),
        (lambda: datasets.stripes(vertical=0), "vertical is 0; accepted: a number above 0"),
        (lambda: datasets.or_bars(side=True), "side is True; accepted: a whole number >= 2"),
        (lambda: datasets.or_bars(side=9), "side is 9; accepted: 2 to 8"),
        (lambda: datasets.or_bars(p=-0.1), "p is -0.1; accepted: a number above 0"),
        (lambda: datasets.shifter(width=2), "width is 2; accepted: a whole number >= 3"),
        (lambda: datasets.shifter(width=16), "width is 16; accepted: 3 to 15"),
        (lambda: datasets.shifter(p=True), "p is True; accepted: a number above 0"),
        (lambda: datasets.patches(remove_mean="no"), "remove_mean is 'no'; accepted: True or"),
        (
            lambda: datasets.bars().sample(np.random.default_rng(0), 0),
            "n is 0; accepted: a whole number >= 1",
        ),
        (lambda: datasets.bars().sample(0, 5), "rng is 0; accepted: a generator"),
        (lambda: Patterns([[0, 2]], [1], (1, 2), ""), "u contains 2; accepted: binary"),
        (lambda: Patterns([[0, 1]], [1], (2, 2), ""), "u has shape (1, 2); accepted: (n, 4)"),
        (lambda: Patterns([[0, 1]], [-1], (1, 2), ""), "weights has minimum -1"),
        (lambda: Patterns([[0, 1]], [1, 1], (1, 2), ""), "weights has length 2; accepted: 1"),
        (lambda: Patterns([[0, 1]], [1], 2, ""), "shape is 2; accepted: (height, width)"),
        (lambda: Patterns([[0, 1]], [1], (1, 0), ""), "shape[1] is 0; accepted: a whole number"),
    ],
)
def test_bad_arguments_are_named_with_what_is_accepted(call, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


def test_the_largest_worlds_can_be_listed() -> None:
    assert len(datasets.or_bars(8)) == 255**2 + 1
    assert len(datasets.stripes(10)) == 2 * (2**10 - 2)


# Points of the plane.

# Nodes and weights of an average over a standard normal.
NODES, SHARES = np.polynomial.hermite_e.hermegauss(60)
SHARES = SHARES / SHARES.sum()


def ring_mean(f) -> float:
    """The average of f(x, y) over the ring, by quadrature."""
    angles = [2 * math.pi * (j + 0.5) / 200 for j in range(200)]
    return sum(
        share * f((1.5 + 0.1 * node) * math.cos(t), (1.5 + 0.1 * node) * math.sin(t)) / len(angles)
        for node, share in zip(NODES, SHARES, strict=True)
        for t in angles
    )


def pinwheel_mean(f) -> float:
    """The average of f(x, y) over the pinwheel, by quadrature: complex numbers turn points."""
    total = 0.0
    for node_1, share_1 in zip(NODES, SHARES, strict=True):
        for node_2, share_2 in zip(NODES, SHARES, strict=True):
            r = 1 + 0.3 * node_1
            for arm in range(5):
                turn = cmath.exp(1j * (2 * math.pi * arm / 5 + 0.25 * math.exp(r)))
                point = 1.5 * complex(r, 0.05 * node_2) * turn
                total += share_1 * share_2 / 5 * f(point.real, point.imag)
    return total


PLANE = {"ring": (datasets.ring, ring_mean), "pinwheel": (datasets.pinwheel, pinwheel_mean)}

MOMENTS = [
    lambda x, y: x,
    lambda x, y: y,
    lambda x, y: x * x,
    lambda x, y: x * y,
    lambda x, y: y * y,
    lambda x, y: (x * x + y * y) ** 2,
    # Five arms are seen from the fifth harmonic on.
    lambda x, y: (complex(x, y) ** 5).real,
    lambda x, y: (complex(x, y) ** 5).imag,
    lambda x, y: math.cos(2 * x - y),
]


@pytest.mark.parametrize("name", PLANE)
def test_points_of_the_plane_have_the_moments_of_their_law(name: str) -> None:
    draw, mean = PLANE[name]
    points = draw(np.random.default_rng(0), 40_000)
    for moment in MOMENTS:
        values = np.array([moment(x, y) for x, y in points.tolist()])
        standard_error = values.std() / math.sqrt(len(values))
        assert abs(values.mean() - mean(moment)) < 4.5 * standard_error


def test_points_turned_back_lie_on_five_straight_arms() -> None:
    points = datasets.pinwheel(np.random.default_rng(1), 5000) / 1.5
    back, arms = [], Counter()
    for x, y in points.tolist():
        # An arm is so thin that the distance from the middle all but says where along it.
        turned = complex(x, y) * cmath.exp(-0.25j * math.exp(abs(complex(x, y))))
        arm = round(5 * cmath.phase(turned) / (2 * math.pi)) % 5
        arms[arm] += 1
        back.append(turned * cmath.exp(-2j * math.pi * arm / 5))
    along, across = np.real(back), np.imag(back)
    assert along.mean() == pytest.approx(1, abs=0.02)
    assert along.std() == pytest.approx(0.3, abs=0.02)
    assert across.std() == pytest.approx(0.05, abs=0.005)
    assert sorted(arms) == [0, 1, 2, 3, 4]
    assert all(abs(n - 1000) < 5 * math.sqrt(800) for n in arms.values())


@pytest.mark.parametrize("name", PLANE)
def test_points_of_the_plane_are_rows_and_repeatable(name: str) -> None:
    draw, _ = PLANE[name]
    one, same, other = (draw(np.random.default_rng(seed), 7) for seed in (3, 3, 4))
    assert one.shape == (7, 2)
    assert one.dtype == np.float64
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize("name", PLANE)
def test_bad_arguments_of_points_of_the_plane_are_named(name: str) -> None:
    draw, _ = PLANE[name]
    with pytest.raises(ValueError, match="n is 0; accepted: a whole number >= 1"):
        draw(np.random.default_rng(0), 0)
    with pytest.raises(ValueError, match=r"n is 2\.5; accepted: a whole number >= 1"):
        draw(np.random.default_rng(0), 2.5)
    with pytest.raises(ValueError, match="rng is 5; accepted: a generator"):
        draw(5, 10)


# Files.


def test_digits_are_split_in_grey_and_binary(no_network: None) -> None:
    found = datasets.digits()
    for binary, grey, label, n in (
        (found.train, found.train_grey, found.train_label, 1500),
        (found.test, found.test_grey, found.test_label, 297),
    ):
        assert binary.shape == grey.shape == (n, 64)
        assert label.shape == (n,)
        assert binary.dtype == grey.dtype == np.float64
        assert set(np.unique(grey * 16)) == set(range(17))
        assert ((grey * 16 >= 8) == (binary == 1)).all()
        assert set(np.unique(binary)) == {0, 1}
        assert set(label) == set(range(10))
        assert not any(a.flags.writeable for a in (binary, grey, label))
    assert found.shape == (8, 8)


def test_independent_pixels_cost_25_nats_a_test_digit() -> None:
    found = datasets.digits()
    train, test = found.train.tolist(), found.test.tolist()
    cost = 0.0
    for pixel in range(64):
        p = (sum(u[pixel] for u in train) + 1) / (len(train) + 2)
        cost -= sum(math.log(p if u[pixel] else 1 - p) for u in test) / len(test)
    assert cost == pytest.approx(25.21, abs=0.005)


def test_digits_look_like_their_labels() -> None:
    found = datasets.digits()
    nearest = ((found.test_grey[:, None] - found.train_grey) ** 2).sum(axis=2).argmin(axis=1)
    assert (found.train_label[nearest] == found.test_label).mean() > 0.97


def test_patches_are_grey_values_of_four_pictures(no_network: None) -> None:
    found = datasets.patches(remove_mean=False)
    for u, picture, each in (
        (found.train, found.train_picture, 768),
        (found.test, found.test_picture, 256),
    ):
        assert u.shape == (4 * each, 256)
        assert 0 <= u.min() < 0.05
        assert 0.95 < u.max() <= 1
        assert np.bincount(picture).tolist() == [each] * len(datasets.PICTURES)
        assert not u.flags.writeable
        assert not picture.flags.writeable
    assert found.shape == (16, 16)


def test_patches_without_their_mean_keep_their_contrast() -> None:
    raw, centred = datasets.patches(remove_mean=False), datasets.patches()
    for u, v in ((raw.train, centred.train), (raw.test, centred.test)):
        assert abs(v.sum(axis=1)).max() < 1e-10
        np.testing.assert_allclose(np.diff(v, axis=1), np.diff(u, axis=1), atol=1e-12)


# The loaders themselves, without the memory of what they once loaded.
LOADERS = [datasets.digits.__wrapped__, kept_runs.digits_machine.__wrapped__, datasets.patches]


@pytest.mark.parametrize("load", LOADERS)
def test_a_missing_file_says_where_it_should_be(
    load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "DATA", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"data/\w+\.npz is missing .*git checkout"):
        load()


@pytest.mark.parametrize("load", LOADERS)
def test_a_damaged_file_is_refused(load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SHA256:
        content = bytearray((ROOT / "data" / name).read_bytes())
        content[len(content) // 2] ^= 1
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(files, "DATA", tmp_path)
    with pytest.raises(ValueError, match=r"data/\w+\.npz is damaged: its sha256 is .* accepted"):
        load()


def test_files_readme_and_record_agree() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    in_readme = dict(re.findall(r"\| `(\w+\.npz)` \| `([0-9a-f]{64})` \|", text))
    in_folder = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (ROOT / "data").glob("*.npz")
        if path.name in SHA256
    }
    assert in_readme == in_folder == SHA256


def test_the_readme_has_every_array_of_the_files() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    row = re.compile(r"\| `(\w+)` \| (\([\d, ]+\)) \| (\w+) \|")
    for name in SHA256:
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        with np.load(ROOT / "data" / name, allow_pickle=False) as kept:
            arrays = {key: (str(kept[key].shape), str(kept[key].dtype)) for key in kept.files}
        assert {key: (shape, kind) for key, shape, kind in row.findall(section)} == arrays


def test_files_are_small() -> None:
    for name in SHA256:
        assert (ROOT / "data" / name).stat().st_size < 2_000_000


@pytest.fixture(scope="module")
def make() -> ModuleType:
    for package in ("skimage", "sklearn"):
        pytest.importorskip(package, reason="pip install -e '.[data]' to make the data again")
    spec = importlib.util.spec_from_file_location("make", ROOT / "data" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_made_again_byte_for_byte(
    make: ModuleType, tmp_path: Path, no_network: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make.main(tmp_path) == 0
    assert capsys.readouterr().out.count("(as on record)") == len(make.FILES)
    for name in make.FILES:
        assert (tmp_path / name).read_bytes() == (ROOT / "data" / name).read_bytes()


def test_a_change_of_the_data_does_not_go_unnoticed(
    make: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(make.FILES, "digits.npz", lambda: {"x": np.zeros(3)})
    assert make.main(tmp_path) == 1


def test_test_patches_are_the_diagonal_blocks_of_each_picture(make: ModuleType) -> None:
    kept = make.patches()
    for number, name in enumerate(datasets.PICTURES):
        picture = getattr(make.pictures, name)()
        wanted = {"train": Counter(), "test": Counter()}
        for top in range(0, 512, 16):
            for left in range(0, 512, 16):
                split = "test" if top // 128 == left // 128 else "train"
                wanted[split][picture[top : top + 16, left : left + 16].tobytes()] += 1
        for split, tiles in wanted.items():
            mine = kept[f"{split}_pixels"][kept[f"{split}_picture"] == number]
            assert Counter(u.tobytes() for u in mine) == tiles
