"""How a picture is drawn again and again, and how few bytes it becomes on its way."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from hmlib.figures import THEMES, Picture
from hmlib.figures.palette import EXACT, MOST, indexed, small_png


class Everything(Picture[float]):
    """One of each kind of artist that moves; its record is a number from 0 to 1."""

    size = (4.0, 3.0)

    def build(self, style):
        self.left, self.right = self.figure.subplots(1, 2)
        for axes in (self.left, self.right):
            style.dress(axes, "title", "x", "y").set(xlim=(0, 1), ylim=(0, 1))
        self.image = self.left.imshow(np.zeros((4, 4)), extent=(0, 1, 0, 1), vmin=0, vmax=1)
        (self.bar,) = self.right.bar([0.3], [0.5], width=0.3, **style.bar("recognition"))
        (self.line,) = self.right.plot([], [], label="line", **style.line("gap"))
        self.words = self.right.text(0.5, 0.5, "", color=style.ink)
        self.note = self.left.annotate("here", (0, 0), color="w", arrowprops={"arrowstyle": "->"})
        style.legend(self.right, loc="upper left")
        self.legend = self.right.get_legend()
        return [self.image, self.bar, self.line, self.legend, self.words, self.note]

    def update(self, record):
        self.image.set_data(np.full((4, 4), np.round(record, 1)))
        self.bar.set_height(record)
        self.line.set_data([0, 1], [0, record])
        self.words.set_text(f"{record:.1f}")
        self.note.xy = (record, record)
        self.note.set_position((1 - record, 0.5))
        self.legend.get_texts()[0].set_text("high" if record > 0.5 else "low")

    def alt(self, record):
        return "Everything."

    def readout(self, record):
        return f"{record}"


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


RECORDS = (0.2, 0.8, 0.21, 0.8, 1.0, 0.0, 0.2)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.long
def test_what_was_shown_before_leaves_no_trace(theme):
    picture = Everything(theme)
    for record in RECORDS:
        assert picture.png(record) == Everything(theme).png(record)
        assert picture.small_png(record) == Everything(theme).small_png(record)


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_looks_as_matplotlib_draws_it(theme):
    """But for roundings, and for the rim of a hatched bar."""
    picture = Everything(theme)
    for record in RECORDS:
        own = pixels(picture.png(record))
        picture.canvas.restore_region(picture._background)
        for artist in picture._moving:
            picture.figure.draw_artist(artist)
        theirs = np.asarray(picture.canvas.buffer_rgba())[..., :3].astype(int)
        away = np.abs(own - theirs).max(axis=-1)
        rim = np.zeros_like(away, bool)
        box = picture.bar.get_window_extent()
        rows = [len(away) - round(y) for y in (box.y1, box.y0)]
        columns = [round(x) for x in (box.x0, box.x1)]
        for row in rows:
            rim[row - 2 : row + 2, columns[0] - 2 : columns[1] + 2] = True
        for column in columns:
            rim[rows[0] - 2 : rows[1] + 2, column - 2 : column + 2] = True
        assert away[~rim].max() <= 2


def test_what_is_hidden_is_not_drawn():
    picture = Everything()
    shown = picture.png(0.8)
    for artist in picture._moving:
        artist.set_visible(False)
    hidden = picture.png(0.8)
    assert hidden != shown
    assert (pixels(hidden) == np.asarray(Image.open(io.BytesIO(picture.png(0.2))))).all()


def test_a_picture_of_few_colours_stays_as_it_is():
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (MOST, 4), np.uint8)
    colours[:, 3] = 255
    page = colours[rng.integers(0, MOST, (50, 60))]
    assert (pixels(small_png(page)) == page[..., :3]).all()


def test_of_many_colours_the_commonest_stay_and_the_rest_come_near():
    rng = np.random.default_rng(0)
    common = rng.integers(0, 256, (EXACT - 2, 4), np.uint8)
    common[:, 3] = 255
    page = np.repeat(common, 40, axis=0)
    page = np.vstack([page, np.zeros((2000, 4), np.uint8)])
    page[-2000:, 3] = 255
    page[-2000:, :2] = np.linspace(0, 255, 2000)[:, None]  # one seam
    page = page.reshape(-1, 20, 4)
    places, kept = indexed(page)
    assert len(kept) <= MOST
    away = np.abs(kept[places].astype(int) - page[..., :3]).max(axis=-1)
    assert away.ravel()[:-2000].max() == 0
    assert 0 < away.max() <= 4


def test_equal_pictures_have_equal_bytes_whatever_came_before():
    rng = np.random.default_rng(0)
    pages = rng.integers(0, 256, (2, 30, 30, 4), np.uint8)
    pages[..., 3] = 255
    first = small_png(pages[0])
    small_png(pages[1])
    assert small_png(pages[0]) == first


def test_noise_of_all_colours_keeps_within_the_list():
    rng = np.random.default_rng(0)
    page = rng.integers(0, 256, (200, 200, 4), np.uint8)
    page[..., 3] = 255
    places, kept = indexed(page)
    assert len(kept) <= MOST
    away = np.abs(kept[places].astype(int) - page[..., :3]).max(axis=-1)
    assert away.max() < 64
