"""How large the site is, how long it takes to open, and how fast labs move there.

    python -m benchmarks.site DIR

DIR is a site that `python -m hmlib.course site --out DIR` has made. It is opened in Chromium from
a server on the loopback device, with every other address blocked. Each lab is dragged through all
places of its first slider, one a frame: a browser shows at most 60 frames a second.
"""

from __future__ import annotations

import os
import platform
import statistics
import threading
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Browser, Page, Route

from benchmarks.running import folder_given
from hmlib.course.site.serving import server
from hmlib.course.site.stills import LABS
from tools.browser import browser

DRAG = """
async (root) => {
  const range = root.querySelector("input[type=range]");
  if (!range) return null;
  const seen = new Set();
  const note = () => seen.add(root.querySelector(".hm-frame img").dataset.key);
  const watcher = new MutationObserver(note);
  watcher.observe(root.querySelector(".hm-frame"), { childList: true });
  const begin = performance.now();
  for (let place = 0; place <= Number(range.max); place++) {
    range.value = place;
    range.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  watcher.disconnect();
  return [seen.size, performance.now() - begin];
}
"""


def megabytes(paths: list[Path]) -> str:
    return f"{sum(path.stat().st_size for path in paths) / 1e6:.2f} MB"


def sizes(site: Path) -> None:
    """Print what the folder holds."""
    files = [path for path in site.rglob("*") if path.is_file()]
    labs = [path for path in files if path.parent.name == LABS]
    print(f"the whole folder   {megabytes(files)} in {len(files)} files")
    print(f"all labs           {megabytes(labs)}")
    by_lab: Counter[str] = Counter()
    for path in labs:
        key = path.stem.removesuffix("-pictures")
        by_lab[key] += path.stat().st_size
    for key, size in by_lab.most_common():
        print(f"  {key:36} {size / 1e6:.2f} MB")


def first_page(opened: Browser, base: str) -> None:
    """Print how the first page behaves in a browser that has seen nothing yet."""
    page = page_of(opened, base)
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(int(answer.headers["content-length"])))
    begin = time.perf_counter()
    page.goto(f"{base}index.html", wait_until="load")
    seconds = time.perf_counter() - begin
    print(f"first page         {sum(asked) / 1e6:.2f} MB, loaded after {seconds:.2f} s")
    page.close()


def page_of(opened: Browser, base: str) -> Page:
    page = opened.new_page(viewport={"width": 1366, "height": 768})

    def here_only(route: Route) -> None:
        route.continue_() if base in route.request.url else route.abort()

    page.route("http*://**", here_only)
    return page


def drags(opened: Browser, base: str, pages: list[str]) -> None:
    """Print how soon labs are there once they are near, and how fast they move."""
    soon, fast = [], {}
    for name in pages:
        page = page_of(opened, base)
        page.goto(base + name)
        for place in page.locator(".hm-place").all():
            begin = time.perf_counter()
            place.scroll_into_view_if_needed()
            place.locator(".hm-frame img[data-key]").wait_for()
            soon.append(time.perf_counter() - begin)
            root = place.locator(".hm-lab")
            root.locator(".hm-option input").first.check()
            root.get_by_role("button", name="Predict", exact=True).click()
            page.wait_for_timeout(300)
            if measured := root.evaluate(DRAG):
                pictures, milliseconds = measured
                fast[place.get_attribute("data-lab")] = pictures / milliseconds * 1000
        page.close()
    middle, slowest = statistics.median, min(fast, key=fast.__getitem__)
    print(f"a lab              there after {middle(soon):.2f} s, at most {max(soon):.2f} s")
    print(
        f"a first drag       {middle(fast.values()):.0f} pictures a second (median of {len(fast)} "
        f"labs), at least {fast[slowest]:.0f} ({slowest})"
    )


def times(site: Path) -> None:
    """Print how the site behaves in a browser."""
    made, base = server(site, "/", 0)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    with browser() as opened:
        first_page(opened, base)
        drags(opened, base, sorted(path.name for path in site.glob("[0-9]*.html")))
    made.shutdown()
    made.server_close()


def main(site: Path) -> None:
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, load "
        f"{os.getloadavg()[0]:.1f}, Python {platform.python_version()}, "
        f"Sphinx {version('sphinx')}, matplotlib {version('matplotlib')}, "
        f"pillow {version('pillow')}"
    )
    sizes(site)
    times(site)


if __name__ == "__main__":
    main(folder_given(__doc__, "index.html"))
