"""The sandbox: bubblewrap where it is to be had, and in words why it is not where it is not.

In it there is Python with its packages, the library without its answers, the cells, a door to the
watcher outside, and two small folders to write into. There is no network, no other process, no
other file. What is limited, and what is not, is said in SECURITY.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hmlib.course.marking.library import ROOT

ENTER = "hmlib/course/marking/entering.py"
RUNNER = "hmlib.course.marking.inside"
TRYING = "hmlib.course.marking.trying"
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin")
SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime")

REFUSED = (
    "There is no sandbox here: {why}\n"
    "What students hand in is code, and without a sandbox it could read and change whatever you\n"
    "can. On Linux install bubblewrap (the package `bubblewrap` of Debian, Ubuntu and Fedora;\n"
    "docs/teaching/give-this-course.md says how without an administrator); elsewhere mark in a\n"
    "Linux virtual machine. --unsafe-no-sandbox runs the hand-ins all the\n"
    "same, with limits on time and memory alone: only for hand-ins that you would run yourself."
)


@dataclass(frozen=True)
class Limits:
    """What one hand-in may use.

    Attributes:
        cell: seconds of a processor that one cell may take; four times as long by the clock, so
            that a busy computer costs nobody a mark.
        call: the same for one call of a function on a case.
        whole: seconds for all of it, by the clock.
        memory: MiB of each of its processes.
        disk: MiB of each of the two folders that it may write into.
        processes: how many it may have at a time, threads among them.
    """

    cell: float = 30.0
    call: float = 10.0
    whole: float = 900.0
    memory: int = 3072
    disk: int = 64
    processes: int = 64

    def as_resources(self) -> dict[str, int]:
        """By the names of `resource`, without RLIMIT_."""
        return {
            "AS": self.memory * 2**20,
            "FSIZE": self.disk * 2**20,
            "NPROC": self.processes,
            "NOFILE": 512,
            "CORE": 0,
            "CPU": int(self.whole),
        }


def start(
    library: Path, job: Path, talk: Path, limits: Limits, sandboxed: bool = True
) -> subprocess.Popen[bytes]:
    """Start the runner on a hand-in.

    Args:
        library: the folder with the library as hand-ins see it.
        job: the folder with the cells; gets the limits.
        talk: the folder with the watcher's socket, `door`.
        limits: what it may use.
        sandboxed: False to run it as an ordinary process.
    """
    say_limits(job, limits, sandboxed)
    if sandboxed:
        inner = [str(job), RUNNER, "/job", "/talk/door"]
        command = wrapped(library, job, talk, limits, [f"/library/{ENTER}", "/job", *inner[1:]])
        return _popen(command, None, None)
    home = Path(tempfile.mkdtemp(dir=job))
    inner = [str(library / ENTER), str(job), RUNNER, str(job), str(talk / "door")]
    environment = {**os.environ, **variables(str(library), str(home))}
    return _popen([sys.executable, "-B", *inner], environment, home)


def say_limits(job: Path, limits: Limits, sandboxed: bool) -> None:
    """Write what `entering` reads: the limits, and who to become where root marks."""
    resources = limits.as_resources()
    if not sandboxed:
        # It counts all that a user runs, and so it would stop a busy teacher.
        del resources["NPROC"]
    user = 61184 + os.getpid() % 4000
    told = json.dumps({"limits": resources, "user": user if sandboxed else 0})
    (job / "limits.json").write_text(told, encoding="utf-8")


def _popen(
    command: Sequence[str], environment: dict[str, str] | None, folder: Path | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )


def variables(library: str, home: str) -> dict[str, str]:
    """What a hand-in finds in its environment."""
    return {
        "HOME": home,
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": library,
        "PYTHONHASHSEED": "0",
        "PYTHONSAFEPATH": "1",
        "PYTHONWARNINGS": "ignore",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "IPYTHONDIR": f"{home}/ipython",
        "TQDM_DISABLE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def wrapped(
    library: Path, job: Path, talk: Path, limits: Limits, arguments: Sequence[str]
) -> list[str]:
    """The command that runs Python with these arguments in a sandbox."""
    command = [str(shutil.which("bwrap")), "--die-with-parent", "--new-session", "--clearenv"]
    command += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "marking"]
    if os.getuid() == 0:
        # Root needs no user namespace, and its processes are limited only once they are another's.
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    packages = ":".join(["/library", *map(str, elsewhere())])
    for name, value in variables(packages, "/home/student").items():
        command += ["--setenv", name, value]
    room = ["--perms", "1777", "--size", str(limits.disk * 2**20), "--tmpfs"]
    command += ["--proc", "/proc", "--dev", "/dev", *room, "/dev/shm", "--remount-ro", "/dev"]
    # This Python may lie below one of these folders, so they come before it.
    command += [*room, "/tmp", *room, "/home/student", *_visible()]
    for inside, outside in (("/library", library), ("/job", job), ("/talk", talk)):
        command += ["--ro-bind", str(outside), inside]
    command += ["--remount-ro", "/", "--chdir", "/home/student", "--"]
    return [*command, sys.executable, "-B", *arguments]


def elsewhere() -> list[Path]:
    """Folders of packages that this Python reads besides its own, such as those of a user."""
    own = [Path(name) for name in (*SYSTEM, sys.prefix, sys.base_prefix)]
    found = [Path(entry) for entry in sys.path if entry]
    return [
        path
        for path in found
        if path.name in ("site-packages", "dist-packages")
        and path.is_dir()
        and not any(path.is_relative_to(other) for other in own)
    ]


def _visible() -> list[str]:
    """The system and this Python, for reading; the course itself, and hmlib as it is installed
    among the packages, are hidden wherever they lie below one of them."""
    shown: dict[Path, list[str]] = {}
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            shown[path] = ["--symlink", os.readlink(path), name]
        elif path.is_dir():
            shown[path] = ["--ro-bind", name, name]
    for name in SETTINGS:
        shown[Path("/etc", name)] = ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name in {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}:
        if name != "/usr":
            shown[Path(name)] = ["--ro-bind", name, name]
    for path in elsewhere():
        shown[path] = ["--ro-bind", str(path), str(path)]
    real = Path(sys.executable).resolve().parent
    if not any(real.is_relative_to(path) for path in shown):
        shown[real] = ["--ro-bind", str(real), str(real)]
    hidden = {path for path in (Path(entry) / "hmlib" for entry in sys.path if entry)}
    hidden = {path for path in hidden if path.is_dir()} | {ROOT}
    if (ROOT / "site.py").exists() or ROOT.name in ("site-packages", "dist-packages"):
        hidden.discard(ROOT)
    for path in hidden:
        if any(path.is_relative_to(other) for other in shown):
            shown.setdefault(path, ["--tmpfs", str(path)])
    # A folder on the way, such as the home of root, would be closed to whoever is nobody.
    for path in [path for parts in list(shown) for path in parts.parents if len(path.parts) > 1]:
        if path != Path("/tmp") and not any(path.is_relative_to(other) for other in shown):
            shown[path] = ["--perms", "0755", "--dir", str(path)]
    ordered = sorted(shown.items(), key=lambda item: len(item[0].parts))
    return [word for _, words in ordered for word in words]


def why_not(library: Path) -> str:
    """Why there is no sandbox, in words; empty if there is one that holds.

    It is tried before the first hand-in: that a process can be started in it, that no file of ours
    and no network is in it, and that memory is limited.

    Args:
        library: the folder with the library as hand-ins see it.
    """
    if not sys.platform.startswith("linux"):
        return "bubblewrap is for Linux, and this is another system."
    if shutil.which("bwrap") is None:
        return "the command `bwrap` of bubblewrap was not found."
    with tempfile.TemporaryDirectory() as name:
        job = Path(name) / "job"
        job.mkdir()
        limits = Limits(memory=512)
        say_limits(job, limits, True)
        line = [f"/library/{ENTER}", "/job", TRYING, str(ROOT)]
        made = subprocess.run(
            wrapped(library, job, job, limits, line), capture_output=True, text=True, timeout=60
        )
    if made.stdout.strip() == "holds":
        return ""
    said = (made.stdout + made.stderr).strip().splitlines()
    return f"bubblewrap does not work here ({said[-1] if said else made.returncode})."
