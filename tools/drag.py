"""Record a drag of a lab, which README.md and the first page show: `python -m tools.drag DIR`.

DIR is a site that `python -m hmlib.course site --out DIR` has made. Its first lab is opened in
Chromium, predicted and dragged by its handle, and every picture that comes is kept. It takes half
a minute and writes the files of `DRAG` beside `hmlib/course/site/opening.py`.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

from hmlib.course.site.opening import DRAG
from tools.browser import ROOT, browser

PAGE, LAB = "00_start_here.html", "nb02.ceiling"
FOLDER = ROOT / "hmlib" / "course" / "site"
WINDOW = {"width": 1180, "height": 900}

PICTURES = 48
EACH_MS = 80
REACH = 0.36
"""How far the handle goes to the left, as a part of the picture's width on the page."""

COLOURS = 128


def swing() -> Iterator[float]:
    """Where the handle is at each picture: from 0 to -1, and back to where it was."""
    yield from (np.cos(np.linspace(0, 2 * np.pi, PICTURES, endpoint=False)) - 1) / 2


def recorded(root: Locator) -> list[Image.Image]:
    """A picture of the lab for each place of the handle."""
    mouse, handle = root.page.mouse, root.locator(".hm-handle").first
    box, frame = handle.bounding_box(), root.locator(".hm-frame").bounding_box()
    assert box is not None
    assert frame is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    pictures = []
    for part in swing():
        mouse.move(x + part * REACH * frame["width"], y)
        root.page.wait_for_timeout(120)
        pictures.append(Image.open(io.BytesIO(root.screenshot())).convert("RGB"))
    mouse.up()
    return pictures


def alike(pictures: list[Image.Image]) -> list[Image.Image]:
    """The pictures in a few colours, the same for all: what stands still is then kept once."""
    width, height = pictures[0].size
    every = Image.new("RGB", (width, height * len(pictures[::8])))
    for place, picture in enumerate(pictures[::8]):
        every.paste(picture, (0, place * height))
    palette = every.quantize(COLOURS)
    return [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]


def write(pictures: list[Image.Image], folder: Path) -> None:
    """The drag as one moving picture, and its first as one that stands still."""
    moving, still = (folder / name for name in DRAG)
    first, *rest = (picture.convert("RGB") for picture in pictures)
    first.save(
        moving, save_all=True, append_images=rest, duration=EACH_MS, loop=0, lossless=True,
        quality=100, method=6, minimize_size=True,
    )  # fmt: skip
    pictures[0].save(still, optimize=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.drag", description=__doc__)
    parser.add_argument("site", type=Path, help="folder of a site")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write into")
    options = parser.parse_args(arguments)
    with browser() as opened:
        page = opened.new_page(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
        page.goto((options.site.resolve() / PAGE).as_uri())
        place = page.locator(f'.hm-place[data-lab="{LAB}"]')
        place.scroll_into_view_if_needed()
        root = place.locator(".hm-lab")
        root.locator(".hm-option input").first.check()
        root.get_by_role("button", name="Predict", exact=True).click()
        root.locator(".hm-handle").first.wait_for()
        root.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        write(alike(recorded(root)), options.out)
    for name in DRAG:
        print(f"{options.out / name}: {(options.out / name).stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
