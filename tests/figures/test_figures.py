"""Pictures: one table of looks, readable on both pages, and a blit that leaves nothing behind."""

from __future__ import annotations

import io
import itertools
import pickle

import numpy as np
import pytest
from looked_at import looked_at
from matplotlib.colors import to_rgb
from PIL import Image

from hmlib.figures import THEMES, Picture

ROLES = list(THEMES["light"].roles)


def luminance(colour: str) -> float:
    """Relative luminance of a colour, after WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def records(lab, n: int) -> list:
    """Records at the ends of all controls together, and at n random places."""
    rng = np.random.default_rng(3)
    lists = {name: list(control.sweep(rng, n)) for name, control in lab._controls.items()}
    stops = [{name: values[end] for name, values in lists.items()} for end in (0, 1)]
    stops += [
        {name: values[rng.integers(len(values))] for name, values in lists.items()}
        for _ in range(n)
    ]
    return [lab._compute(**stop) for stop in stops]


# The table of looks


def test_the_formula_of_contrast_knows_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme):
    assert contrast(THEMES[theme].ink, THEMES[theme].paper) >= 7


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("theme", THEMES)
def test_what_is_drawn_stands_out_from_the_page(theme, role):
    """WCAG asks for 3 to 1; a filled shape may reach it with its outline."""
    style = THEMES[theme]
    bar, point = style.bar(role), style.point(role)
    for shape in (
        (style.line(role)["color"],),
        (bar["facecolor"], bar["edgecolor"]),
        (point["color"], point["markeredgecolor"]),
    ):
        assert max(contrast(colour, style.paper) for colour in shape) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_no_two_roles_differ_by_colour_alone(theme):
    roles = THEMES[theme].roles
    for a, b in itertools.combinations(roles, 2):
        assert roles[a].colour != roles[b].colour, (a, b)
        looks = [(roles[r].line, roles[r].marker, roles[r].hatch) for r in (a, b)]
        assert looks[0] != looks[1], f"{a} and {b} differ by colour alone"


def test_both_pages_know_the_same_roles_with_the_same_shapes():
    light, dark = (THEMES[theme].roles for theme in ("light", "dark"))
    assert list(light) == list(dark)
    for role in light:
        shapes = [(page[role].line, page[role].marker, page[role].hatch) for page in (light, dark)]
        assert shapes[0] == shapes[1]


@pytest.mark.parametrize("theme", THEMES)
def test_the_ramp_grows_brighter_all_the_way(theme):
    shades = [luminance(colour) for colour in THEMES[theme].ramp]
    assert shades == sorted(shades)


# The pictures


class Dot(Picture):
    """A dot and a number that move; made to test what a picture does with its artists."""

    def build(self, style):
        axes = style.dress(self.figure.subplots(), "a dot", "x", "y")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        (self.dot,) = axes.plot([], [], **style.point("data"))
        return [self.dot]

    def update(self, record):
        self.dot.set_data([record["x"]], [0.5])

    def alt(self, record):
        return f"A dot at {record['x']:.2f}."

    def readout(self, record):
        return f"x = {record['x']:.2f}"


class Sheet(Dot):
    """An image that moves, beside the dot."""

    def build(self, style):
        self.sheet = self.figure.add_axes((0.1, 0.1, 0.3, 0.3)).imshow(np.eye(2))
        return [self.sheet, *super().build(style)]


def test_an_image_that_is_hidden_is_not_in_what_stays():
    """Matplotlib 3.8 draws images with what stays, though they are animated; so does this one."""
    hidden = Sheet()
    hidden.sheet.set_animated(False)
    blank = Sheet()
    blank.sheet.set_visible(False)
    record = {"x": 0.3}
    assert (pixels(hidden.png(record, hiding=["sheet"])) == pixels(blank.png(record))).all()
    assert (pixels(hidden.png(record)) != pixels(blank.png(record))).any()


def test_an_unknown_page_is_refused_in_words():
    with pytest.raises(ValueError, match=r"theme is 'sepia'; accepted: .*light.*dark"):
        Dot("sepia")


def test_a_picture_has_the_pixels_it_promises():
    width, height = Dot.size
    shape = pixels(Dot().png({"x": 0.5})).shape
    assert shape == (round(height * Dot.dpi), round(width * Dot.dpi), 3)


def test_the_png_holds_the_pixels_of_the_canvas():
    picture = Dot()
    png = picture.png({"x": 0.3})
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.mode) == ("PNG", "RGB")
    assert (np.asarray(image) == np.asarray(picture.canvas.buffer_rgba())[..., :3]).all()


def test_the_dot_is_where_the_record_says():
    """The brightest change between two pictures is at the two places of the dot."""
    picture = Dot()
    changed = pixels(picture.png({"x": 0.25})) != pixels(picture.png({"x": 0.75}))
    columns = np.flatnonzero(changed.any(axis=(0, 2)))
    axes = picture.figure.axes[0].get_window_extent()
    places = (columns + 0.5 - axes.x0) / axes.width
    assert {round(place, 1) for place in places} <= {0.2, 0.3, 0.7, 0.8}
    assert places.min() < 0.25 < 0.75 < places.max()


def test_light_and_dark_pages_differ_and_have_their_paper(make_lab):
    lab = looked_at(make_lab)
    pages = {theme: pixels(lab._drawn(lab.values, lab.record, theme)) for theme in THEMES}
    for theme, page in pages.items():
        corner = tuple(int(c) for c in page[0, 0])
        paper = tuple(round(255 * c) for c in to_rgb(THEMES[theme].paper))
        assert corner == paper
    assert (pages["light"] != pages["dark"]).mean() > 0.5


def test_a_moved_picture_equals_a_fresh_one(make_lab):
    """No residue of the records before, and nothing that moves was left out of `build`."""
    lab = looked_at(make_lab)
    stops, moved = records(lab, n=3), lab._picture("dark")
    for record in stops:
        page = moved.png(record)
    assert (pixels(page) == pixels(lab._draw("dark").png(stops[-1]))).all()


def test_the_same_record_gives_the_same_bytes(make_lab):
    lab = looked_at(make_lab)
    picture, (first, second) = lab._picture("light"), records(lab, n=0)
    before = picture.png(first)
    picture.png(second)
    assert picture.png(first) == before


def test_drawing_leaves_the_record_alone(make_lab):
    lab = looked_at(make_lab)
    picture, record = lab._picture("light"), lab.record
    before = pickle.dumps(record)
    picture.png(record), picture.alt(record), picture.readout(record)
    assert pickle.dumps(record) == before
