"""Making the tab: JupyterLite with the notebooks, the labs' front ends, and what Python needs.

By default a reader's browser takes Pyodide from the CDN that JupyterLite uses; the site brings this
library and what it needs, inside the lock. With a folder of Pyodide's files the site has all of it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from hmlib.course.site.freshness import Stamps
from hmlib.course.tab import parts, settings
from hmlib.course.tab.wheels import Wheel, extensions, kernel_extension, own_wheels

NAME = "The Helmholtz machine"

FOLDER = "tab"
"""Folder of the site that holds the tab."""
NEEDED = ("jupyterlite_core", "jupyterlite_pyodide_kernel")
"""What the extra `site` brings for it."""

FRONT_ENDS = ("anywidget", "@jupyter-widgets/jupyterlab-manager")
"""Extensions of JupyterLab that show the labs."""


def link_to(notebook: str) -> str:
    """The address, seen from the site, at which a notebook such as "00_start_here.ipynb" opens."""
    return f"{FOLDER}/lab/index.html?path={notebook}"


FROM_A_DISK = (
    '<p class="hm-run-here hm-from-disk"><strong>This page was opened from the disk</strong>, '
    "where pages can be read and their labs move. To run cells in the browser, the site needs a "
    "web server: run <code>python -m http.server</code> in its folder and open "
    "http://localhost:8000, or put the folder on any host.</p>"
)
"""What takes the place of the link where it cannot lead anywhere, as HTML."""


def run_here(notebook: str, offline: bool = True) -> str:
    """What a page says of the tab, as HTML.

    Args:
        notebook: its file, such as "00_start_here.ipynb".
        offline: whether Pyodide lies in the site; else the page says where it comes from.
    """
    host = urlsplit(parts.CDN).netloc
    fetched = "" if offline else f"Python itself (some 55 MB, once) is fetched from {host}. "
    return (
        f'<p class="hm-run-here hm-served"><a href="{link_to(notebook)}">Run this page in the '
        "browser</a>: the notebook itself, with Python in the tab and nothing to install. Cells "
        "and exercises run there; on this page only the labs move. The first start takes a minute "
        f"or so. {fetched}What you change there is kept in this browser until the data of this "
        "site are cleared; <em>File &gt; Download</em> keeps a copy.</p>"
        f"{FROM_A_DISK}"
    )


def cells_run_there(notebook: str) -> str:
    """What stands above a page's first exercise, as HTML."""
    return (
        '<p class="hm-run-here hm-served">Cells do not run on this page: '
        f'<a href="{link_to(notebook)}">run it in the browser</a> to answer, or read on.</p>'
    )


def to_the_notebook(notebook: str) -> str:
    """What follows the words "In the notebook all of it moves", as HTML."""
    return (
        f'<span class="hm-served">: <a href="{link_to(notebook)}">run it in the browser</a></span>'
    )


def make(out: Path, notebooks: Path, offline: Path | None, aside: Path) -> bool:
    """Make the tab unless it is there and nothing has changed; returns whether it was made.

    Args:
        out, notebooks, offline: as for `build`.
        aside: what is kept for the next time.
    """
    digest = hashlib.sha256(f"{offline}".encode())
    for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        digest.update(path.read_bytes())
    for wheel in own_wheels():
        digest.update(wheel.content)
    for path in sorted(Path(__file__).parent.glob("*.*")):
        digest.update(path.read_bytes())
    stamps = Stamps(aside / "tab.json")
    if stamps.same("tab", digest.hexdigest()) and (out / "lab" / "index.html").exists():
        return False
    size = build(out, notebooks, offline)
    stamps.note("tab", digest.hexdigest())
    print(f"{out}: the course in a tab, {size / 1e6:.0f} MB", flush=True)
    return True


def build(out: Path, notebooks: Path, offline: Path | None = None) -> int:
    """Make the tab; returns how many bytes it has.

    Args:
        out: its folder; what is in it is replaced.
        notebooks: the folder of the course's notebooks.
        offline: a folder with Pyodide's files; None leaves them to the CDN.

    Raises:
        FileNotFoundError, ValueError: if files of Pyodide are missing or are not what the official
            lock says; names them.
        RuntimeError: if JupyterLite is not installed, or has anything to complain of; says what.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise RuntimeError(f"{', '.join(missing)} cannot be imported; `pip install 'hmlib[site]'`")
    given = parts.checked(offline) if offline else []
    wheels = own_wheels()
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "source", Path(folder) / "made"
        _lay_out(source, notebooks, wheels, offline is not None)
        _lite(source, made)
        where = made / settings.PARTS
        where.mkdir()
        for path in given:
            shutil.copyfile(path, where / path.name)
        lock = parts.lock_with(wheels, _addresses(wheels, where if offline else None))
        (where / parts.LOCK).write_text(json.dumps(lock), encoding="utf-8")
        page = made / "lab" / "index.html"
        told = with_progress(page.read_text(encoding="utf-8"), offline is not None)
        page.write_text(told, encoding="utf-8")
        if out.exists():
            shutil.rmtree(out)
        shutil.copytree(made, out)
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def _lay_out(source: Path, notebooks: Path, wheels: list[Wheel], offline: bool) -> None:
    """Write what JupyterLite makes the tab of."""
    files = source / "files"
    files.mkdir(parents=True)
    for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        (files / path.name).write_text(whole(path.read_text(encoding="utf-8")), encoding="utf-8")
    lite = settings.of_lite(NAME, wheels, offline)
    (source / "jupyter-lite.json").write_text(json.dumps(lite, indent=1), encoding="utf-8")
    overrides = json.dumps(settings.OVERRIDES, indent=1)
    (source / "overrides.json").write_text(overrides, encoding="utf-8")


def whole(notebook: str) -> str:
    """A notebook whose texts are single strings; JupyterLite does not join their lines itself."""
    read = json.loads(notebook)
    for cell in read["cells"]:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = "".join(output["text"])
            for kind, data in output.get("data", {}).items():
                if isinstance(data, list):
                    output["data"][kind] = "".join(data)
    return json.dumps(read, ensure_ascii=False, indent=1)


def _lite(source: Path, made: Path) -> None:
    """Run JupyterLite's own build."""
    config = {
        "apps": ["lab"],
        "contents": [str(source / "files")],
        "federated_extensions": [
            str(path)
            for path in (*(extensions() / name for name in FRONT_ENDS), kernel_extension())
        ],
        # Other extensions that happen to be installed here are none of the course's.
        "ignore_sys_prefix": ["federated_extensions"],
        "no_libarchive": True,
        "no_sourcemaps": True,
        "output_dir": str(made),
    }
    told = json.dumps({"LiteBuildConfig": config})
    (source / "jupyter_lite_config.json").write_text(told, encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"JupyterLite could not be built: {(done.stdout + done.stderr)[-2000:]}")


def _addresses(wheels: list[Wheel], where: Path | None) -> dict[str, str]:
    """Where the browser finds the site's wheels: in a folder, or inside the lock itself.

    What a lock names is looked for beside Pyodide. If that comes from a CDN, the site's own cannot
    lie there; an address may hold its content, and ends as a file's name would.
    """
    if where:
        for wheel in wheels:
            (where / wheel.file_name).write_bytes(wheel.content)
        return {}
    return {
        wheel.file_name: "data:application/zip;base64,"
        f"{b64encode(wheel.content).decode()}#/{wheel.file_name}"
        for wheel in wheels
    }


def with_progress(page: str, offline: bool) -> str:
    """The page of the tab, with a line that says how far Python is and what a reset loses.

    Args:
        page: as JupyterLite makes it.
        offline: whether Pyodide lies in the site.
    """
    script = (resources.files("hmlib.course.tab") / "progress.js").read_text(encoding="utf-8")
    head, found, rest = page.partition("</body>")
    assert found, "the page of JupyterLite ends otherwise than it did"
    files = " ".join(settings.needed(offline))
    return f'{head}<script data-python="{files}">\n{script}</script>\n  {found}{rest}'
