"""What the course takes on a JupyterHub, and whether it stays in its place there.

    python -m benchmarks.hub --work DIR

A real JupyterHub with the settings of docs/teaching/jupyterhub_config.py on the loopback device:
one student's edition that is read-only, and two students at once, in Chromium. They run a notebook,
move a lab, type an answer, save; then a new version of the course comes. Printed are memory and
processor of each student, and what was written where. DIR keeps the environment for the next time;
making it needs uv, npm and their registries. As root each student is a user of their own, else all
are you.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from hmlib.course.carrying import remember, text_of
from hmlib.course.handing_out.editions import hand_out
from hmlib.course.releasing.packing import settle
from tools import front_ends
from tools.browser import browser, run_all, until_ready

ROOT = Path(__file__).resolve().parent.parent
PARTS = Path(__file__).resolve().parent / "hub_parts"
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-site.lock",
         "requirements-release.lock")  # fmt: skip
NOTEBOOK = "02_watch_the_free_energy.ipynb"
STUDENTS = {"anna": 23001, "ben": 23002}
ANSWER = 'answer_02_6 = -0.770\ncheck("02.6", answer_02_6)'
NEWS = "A sentence of the new version."


def run(*command: str | Path, folder: Path = ROOT, **variables: str) -> None:
    """Run a program to its end; RuntimeError with what it said if it fails."""
    made = subprocess.run(
        [str(word) for word in command], cwd=folder, env=os.environ | variables,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{made.stdout[-2000:]}{made.stderr[-2000:]}")


@dataclass
class Place:
    """The folders of one try.

    Attributes:
        work: what is kept for the next time.
        tried: what is made anew: the course, the homes, what the hub writes.
    """

    work: Path
    tried: Path = field(init=False)

    def __post_init__(self) -> None:
        self.tried = self.work / "tried"

    @property
    def env(self) -> Path:
        return self.work / "env"

    @property
    def proxy(self) -> Path:
        return self.work / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"

    @property
    def course(self) -> Path:
        return self.tried / "course"

    def home(self, student: str) -> Path:
        return self.tried / "homes" / student

    def own(self, student: str) -> Path:
        return self.home(student) / "helmholtz" / NOTEBOOK


def reachable_python() -> str:
    """A Python that students, who are other users, can run too."""
    system = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    return system if os.getuid() == 0 and system else sys.executable


def reachable(folder: Path) -> None:
    """Refuse a folder that users other than its owner cannot reach.

    Raises:
        PermissionError: names the folder on the way that is closed.
    """
    for above in folder.resolve().parents:
        if above.exists() and not above.stat().st_mode & 0o001:
            raise PermissionError(
                f"students are other users, and {above} is closed to them; accepted as --work: a "
                "folder that everybody may enter, such as one in /srv"
            )


def prepare(place: Place, base: str) -> None:
    """Make the environment with the hub, its proxy, and a student's edition installed in it.

    Args:
        place: its folders.
        base: the Python that the environment is made of.

    Raises:
        PermissionError: if students, as users of their own, cannot reach the folders.
        RuntimeError: if the hub cannot be installed; says why.
    """
    if os.getuid() == 0:
        reachable(place.work)
    place.work.mkdir(parents=True, exist_ok=True)
    place.work.chmod(0o755)
    shutil.rmtree(place.tried, ignore_errors=True)
    python = place.env / "bin" / "python"
    if not python.exists():
        print("making the environment", flush=True)
        run("uv", "venv", "--quiet", "--python", base, place.env)
        locks = [word for lock in LOCKS for word in ("-r", str(ROOT / lock))]
        run("uv", "pip", "install", "--quiet", "--python", python, "--require-hashes", *locks)
    if not place.proxy.exists():
        print("fetching the proxy", flush=True)
        place.proxy.parent.parent.parent.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(PARTS / name, place.work / "proxy" / name)
        run("npm", "ci", "--silent", "--ignore-scripts", folder=place.work / "proxy")
    hand_out(place.course, rounds=20)
    source = place.tried / "source"
    shutil.copytree(place.course, source)
    install = ("uv", "pip", "install", "--quiet", "--python", python, "--no-deps", "--reinstall")
    run(*install, "--no-build-isolation", source)
    shutil.rmtree(source)
    settle(place.course, int(time.time()))
    for student, number in STUDENTS.items():
        place.home(student).mkdir(parents=True)
        place.home(student).chmod(0o700)
        if os.getuid() == 0:
            os.chown(place.home(student), number, number)
    read_only(place.course)


def read_only(folder: Path) -> None:
    """Take away everybody's right to write."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback device that nobody has now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def hub(place: Place) -> Iterator[str]:
    """The hub, running; yields its address."""
    port, inner, api = free_ports(3)
    address, folder = f"http://127.0.0.1:{port}", place.tried / "hub"
    folder.mkdir(exist_ok=True)
    variables = {
        "HELMHOLTZ_ENV": str(place.env),
        "HELMHOLTZ_COURSE": str(place.course),
        "HELMHOLTZ_URL": address,
        "HELMHOLTZ_CONFIG": str(ROOT / "docs" / "teaching" / "jupyterhub_config.py"),
        "HELMHOLTZ_HOMES": str(place.tried / "homes"),
        "HELMHOLTZ_STUDENTS": ",".join(f"{name}:{k}" for name, k in STUDENTS.items()),
        "HELMHOLTZ_PROXY": str(place.proxy),
        "HELMHOLTZ_HUB_PORT": str(inner),
        "HELMHOLTZ_PROXY_PORT": str(api),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(folder),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [place.env / "bin" / "python", "-m", "jupyterhub", "-f", PARTS / "tried_config.py"]
    with (folder / "log.txt").open("a") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=kept | variables, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        try:
            _wait(f"{address}/hub/health", server, folder / "log.txt")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.2)
    raise RuntimeError(f"the hub did not start:\n{log.read_text()[-3000:]}")


# What a student does.


def log_in(opened: Browser, address: str, student: str) -> Page:
    """A page of JupyterLab with the notebook, after the hub has let the student in."""
    page = opened.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/hub/login?next=/hub/user-redirect/lab/tree/{NOTEBOOK}")
    page.locator("#username_input").fill(student)
    page.locator("#password_input").fill("none")
    page.locator("#login_submit").click()
    until_ready(page, NOTEBOOK)
    return page


def move_a_lab(page: Page) -> bool:
    """Predict in the first lab and press arrow keys on its slider; whether its readout changed."""
    lab = page.locator(".hm-lab").first
    lab.scroll_into_view_if_needed()
    lab.locator(".hm-frame img[data-key]").wait_for()
    lab.locator(".hm-option input").first.check()
    lab.get_by_role("button", name="Predict", exact=True).click()
    slider = lab.locator("input[type=range]").first
    expect(slider).to_be_enabled()
    before = lab.locator(".hm-readout").text_content()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(lab.locator(".hm-readout")).not_to_have_text(before or "")
    return lab.locator(".hm-readout").text_content() != before


def answer(page: Page, file: Path) -> None:
    """Type the answer to 02.6, run its cell, and save until it is in the file; a minute at most.

    While JupyterLab saves it takes no other order to save, and takes for saved what is typed then.
    """
    page.evaluate(
        """async (text) => {
            const panel = jupyterapp.shell.currentWidget;
            const cells = panel.content.widgets;
            const asks = (one) => one.model.sharedModel.source.includes('check("02.6"');
            const place = cells.findIndex(asks);
            cells[place].model.sharedModel.setSource(text);
            panel.content.activeCellIndex = place;
            await jupyterapp.commands.execute("notebook:run-cell");
        }""",
        ANSWER,
    )
    end = time.monotonic() + 60
    while not has_answer(file) and time.monotonic() < end:
        page.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save'); }")
        page.wait_for_timeout(500)


# What is measured.


def processes(student: str) -> list[int]:
    """The processes of a student, by a variable that the hub gives each of them."""
    mark = f"JUPYTERHUB_USER={student}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (path / "environ").read_bytes().split(b"\0"):
                found.append(int(path.name))
    return found


def memory(student: str) -> float:
    """Memory of a student's processes, each shared page counted in parts; MB."""
    total = 0
    for pid in processes(student):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def seconds(student: str) -> float:
    """Seconds of a processor that a student's processes have taken so far."""
    ticks = 0
    for pid in processes(student):
        with contextlib.suppress(OSError):
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file of a folder with its size and time."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def outside(place: Place) -> list[str]:
    """Files that students have left outside their homes; known only where each is a user.

    Those of an earlier try, whose students had the same numbers, are older than this one's course.
    """
    if os.getuid() != 0:
        return []
    tests = [word for k in STUDENTS.values() for word in ("-o", "-uid", str(k))][1:]
    made = subprocess.run(
        ["find", "/", "-xdev", "(", *tests, ")", "-cnewer", str(place.course),
         "-not", "-path", f"{place.tried}/homes/*", "-not", "-path", "/proc/*"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return made.stdout.splitlines()


def has_answer(file: Path) -> bool:
    """Whether the answer that is typed stands in a notebook's file."""
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return any(text_of(cell) == ANSWER for cell in cells)


def saved(place: Place, student: str) -> dict[str, object]:
    """What a student's notebook holds on the disk."""
    notebook = json.loads(place.own(student).read_text(encoding="utf-8"))
    outputs = [out for cell in notebook["cells"] for out in cell.get("outputs", [])]
    data = [out.get("data", {}) for out in outputs]
    return {
        "pictures of labs": sum("image/png" in one for one in data),
        "dead controls": sum("widget-view" in key for one in data for key in one),
        "the answer": has_answer(place.own(student)),
        "the new sentence": any(NEWS in text_of(cell) for cell in notebook["cells"]),
    }


def new_version(place: Place) -> None:
    """Give the shared course another sentence, as a new version of it has."""
    path = place.course / "notebooks" / NOTEBOOK
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = text_of(notebook["cells"][0]) + f"\n\n{NEWS}"
    remember(notebook)
    path.chmod(0o644)
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    path.chmod(0o444)


class Told(dict[str, object]):
    """What was seen; each line is printed when it is known."""

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        print(f"{name:42} {value:.1f}" if isinstance(value, float) else f"{name:42} {value}")
        sys.stdout.flush()


def try_it(place: Place) -> Told:
    """Two students at once, then a new version; returns what was seen, and prints it."""
    told = Told()
    course, env = listing(place.course), listing(place.env)
    with hub(place) as address, browser() as opened:
        begin = time.perf_counter()
        pages = {name: log_in(opened, address, name) for name in STUDENTS}
        told["until both have a notebook, s"] = time.perf_counter() - begin
        for name in STUDENTS:
            told[f"{name}: memory with a kernel at rest, MB"] = memory(name)
        before = {name: seconds(name) for name in STUDENTS}
        begin = time.perf_counter()
        for page in pages.values():  # both at once: neither is waited for
            page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
        for page in pages.values():
            run_all(page)
        told["both have run 02 twice over, s"] = time.perf_counter() - begin
        for name, page in pages.items():
            told[f"{name}: a lab moves by keys"] = move_a_lab(page)
            root = page.locator(".hm-lab").first
            told[f"{name}: by mouse"] = front_ends.mouse(root)
            told[f"{name}: Ctrl+S in a lab"] = front_ends.saves(
                root, front_ends.on_disk(place.own(name))
            )
            told[f"{name}: dark"] = front_ends.darkens(root, front_ends.DARK)
            answer(page, place.own(name))
        for name in STUDENTS:
            told[f"{name}: memory after 02, MB"] = memory(name)
            told[f"{name}: processor, s"] = seconds(name) - before[name]
            told[f"{name}: saved"] = saved(place, name)
        told["files outside the homes"] = outside(place)
    new_version(place)
    with hub(place) as address, browser() as opened:
        log_in(opened, address, "anna")
        told["anna: after the update"] = saved(place, "anna")
        kept = place.own("anna").parent / "before-update-1" / NOTEBOOK
        told["anna: the old file is kept"] = kept.exists()
    told["files outside the homes, in the end"] = outside(place)
    changed = listing(place.course).items() ^ course.items()
    told["changed in the course"] = sorted({name for name, _ in changed})
    told["changed in the environment"] = sorted(
        {name for name, _ in listing(place.env).items() ^ env.items()}
    )
    for name in STUDENTS:
        told[f"{name}: disk, MB"] = sum(k for k, _ in listing(place.home(name)).values()) / 1e6
    return told


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hub", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="kept folder")
    parser.add_argument(
        "--python", default=reachable_python(), metavar="PROGRAM", help="of the environment"
    )
    options = parser.parse_args(arguments)
    place = Place(options.work.resolve())
    prepare(place, options.python)
    try_it(place)
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    print(f"{platform.system()}, {os.cpu_count()} processors, load {load}, "
          f"Python {platform.python_version()}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
