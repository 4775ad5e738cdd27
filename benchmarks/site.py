"""How large the site is, how long it takes to open, and how fast a lab moves there.

    python -m benchmarks.site DIR

DIR is a site that `python -m hmlib.course site --out DIR` has made. It is opened in Chromium from
a server on the loopback device, with every other address blocked.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from hmlib.course.site.serving import server
from hmlib.course.site.stills import LABS
from tools.browser import browser

DRAG = """
async () => {
  const range = document.querySelector(".hm-lab input[type=range]");
  const seen = new Set();
  const note = () => seen.add(document.querySelector(".hm-frame img").dataset.key);
  new MutationObserver(note).observe(document.querySelector(".hm-frame"), { childList: true });
  const begin = performance.now();
  for (let place = 0; place <= Number(range.max); place++) {
    range.value = place;
    range.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
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
        key = path.stem.removesuffix("-light").removesuffix("-dark")
        by_lab[key] += path.stat().st_size
    for key, size in by_lab.most_common(5):
        print(f"  {key:28} {size / 1e6:.2f} MB")


def times(site: Path) -> None:
    """Print how the first page and a lab behave in a browser."""
    made, base = server(site, "/", 0)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    with browser() as opened:
        page = opened.new_page(viewport={"width": 1366, "height": 768})
        asked: list[int] = []
        page.on("response", lambda answer: asked.append(int(answer.headers["content-length"])))
        page.route(
            "http*://**",
            lambda route: route.continue_() if base in route.request.url else route.abort(),
        )
        begin = time.perf_counter()
        page.goto(f"{base}index.html", wait_until="load")
        seconds = time.perf_counter() - begin
        print(f"first page         {sum(asked) / 1e6:.2f} MB, loaded after {seconds:.2f} s")
        page.goto(f"{base}00_start_here.html")
        begin = time.perf_counter()
        page.locator(".hm-place").first.scroll_into_view_if_needed()
        page.locator(".hm-frame img[data-key]").first.wait_for()
        print(f"a lab              there {time.perf_counter() - begin:.2f} s after it is near")
        page.locator(".hm-option input").first.check()
        page.get_by_role("button", name="Predict", exact=True).click()
        pictures, milliseconds = page.evaluate(DRAG)
        print(f"a drag             {pictures / milliseconds * 1000:.0f} pictures a second")
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
    main(Path(sys.argv[1]).resolve())
