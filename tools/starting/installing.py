"""The environment: whether it will do, and how it is made and filled from the locks."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from start import SUPPORTED, succeeds
from tools.starting.places import Places
from tools.starting.words import NO_NETWORK, Stop, explain

COURSE, TESTS = "requirements.lock", "requirements-test.lock"
SITE = "requirements-site.lock"
SAVE_HOOK = Path("etc", "jupyter", "jupyter_server_config.d", "hmlib.json")


def fingerprints(places: Places, locks: tuple[str, ...]) -> dict[str, str]:
    """For every file that says what to install, a short text that changes when the file does.

    Also where hmlib is: one reader's environment may have been filled from another course.
    """
    names = ("pyproject.toml", *locks)
    read = {name: (places.course / name).read_bytes() for name in names}
    texts = {name: hashlib.sha256(content).hexdigest() for name, content in read.items()}
    return {**texts, "hmlib": str(places.course)}


def read_stamp(places: Places) -> dict:
    """What was last done to the environment; empty if that is not known."""
    try:
        return dict(json.loads(places.stamp.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def write_stamp(places: Places, state: str, python: str, files: dict[str, str]) -> None:
    """Note what is being done to the environment; ``state`` is "installing" or "ready"."""
    done = {"state": state, "folder": str(places.venv.parent), "python": python, "files": files}
    write_json(places.stamp, done)


def write_json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def venv_version(places: Places) -> str:
    """The version of the environment's Python, such as "3.12"; empty if it does not run."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [str(places.python), "-I", "-c", ask]
    try:
        answer = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def why_rebuild(places: Places, stamp: dict, version: str) -> str:
    """Why the environment must be made anew, in words; an empty string if it can be used.

    An environment that this script did not make is used as it is, or Stop says that it cannot be.
    """
    if not version:
        return "Its Python does not run"
    if stamp.get("state") == "installing":
        return "The last installation did not finish"
    if stamp and stamp.get("folder") != str(places.venv.parent):
        return "It was made in another folder"
    if stamp and stamp.get("python") != version:
        return f"Its Python is now {version}"
    if version not in [f"{major}.{minor}" for major, minor in SUPPORTED]:
        raise Stop(
            f"The folder {places.venv} was made by something else, with Python {version}.\n"
            "Rename or remove it, then start again."
        )
    return ""


def shared_environment(places: Places) -> Places:
    """The same places with the environment of a read-only course, if that is there and good."""
    theirs = replace(places, venv=places.course / ".venv")
    stamp, version = read_stamp(theirs), venv_version(theirs)
    wanted = fingerprints(theirs, (COURSE,)).items()
    try:
        good = not why_rebuild(theirs, stamp, version) and wanted <= stamp.get("files", {}).items()
    except Stop:
        good = False
    return theirs if good else places


def ready(places: Places, *locks: str) -> bool:
    """Make the environment hold what the locks name, and hmlib; return whether it did not yet."""
    stamp, version = read_stamp(places), venv_version(places)
    rebuild = why_rebuild(places, stamp, version)
    wanted = fingerprints(places, locks)
    done = {} if rebuild else stamp.get("files", {})
    missing = not wanted.items() <= done.items()
    if missing:
        version = make_venv(places, rebuild) if rebuild else version
        write_stamp(places, "installing", version, {})
        try:
            install(places, locks)
        except Stop as reason:
            # Packages are fetched before any is replaced: without a network, nothing has changed.
            if done and str(reason) == NO_NETWORK:
                write_stamp(places, "ready", version, done)
            raise
        settle_environment(places)
        write_stamp(places, "ready", version, {**done, **wanted})
    settle_jupyter(places)
    return missing


def make_venv(places: Places, reason: str) -> str:
    """Make the environment from nothing and return its Python's version."""
    if places.venv.exists():
        print(f"Making the folder .venv anew. {reason}.", flush=True)
        shutil.rmtree(places.venv)
    base = getattr(sys, "_base_executable", sys.executable)
    command = [base, "-m", "venv", "--without-pip", str(places.venv)]
    where = f" in {places.own}" if places.shared else ""
    install_step(places, f"Making an environment in the folder .venv{where}", command)
    return venv_version(places)


def install(places: Places, locks: tuple[str, ...]) -> None:
    """Install the locked packages by their hashes, then hmlib itself from the course's folder."""
    names = [argument for lock in locks for argument in ("-r", lock)]
    checked = ["--require-hashes", "--only-binary", ":all:", *names]
    itself = ["--no-deps", "--no-build-isolation", "-e", "."]
    installer = find_installer(places)
    doing = "Installing the packages (a minute or two the first time)"
    install_step(places, doing, installer + checked)
    install_step(places, "Installing hmlib", installer + itself)


def find_installer(places: Places) -> list[str]:
    """The start of an install command: uv if it is there, otherwise pip, put into .venv first."""
    python = str(places.python)
    if succeeds(["uv", "--version"]):
        return ["uv", "pip", "install", "--python", python]
    if not succeeds([python, "-m", "pip", "--version"]):
        install_step(places, "Adding pip", [python, "-m", "ensurepip", "--default-pip"])
    return [python, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]


def settle_environment(places: Places) -> None:
    """Give the environment's JupyterLab its defaults: no news, no search for new versions.

    The save hook is part of hmlib's wheel, but an editable installation leaves such files out.
    """
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    settings = {"@jupyterlab/apputils-extension:notification": quiet}
    write_json(places.venv / "share" / "jupyter" / "lab" / "settings" / "overrides.json", settings)
    hook = places.venv / SAVE_HOOK
    hook.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(places.course / SAVE_HOOK, hook)


def settle_jupyter(places: Places) -> None:
    """Let kernels report errors only: here their warning of eavesdroppers misleads."""
    kernel = {"IPKernelApp": {"log_level": 40}}
    profile = places.jupyter / "ipython" / "profile_default"
    write_json(profile / "ipython_kernel_config.json", kernel)
    (places.jupyter / ".gitignore").write_text("*\n", encoding="utf-8")


def install_step(places: Places, doing: str, command: list[str]) -> None:
    """Run one step of an installation, showing only where it is; Stop says what went wrong."""
    print(doing, flush=True)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    text = {"text": True, "encoding": "utf-8", "errors": "replace"}
    where = {"cwd": places.course, "env": places.environment()}
    lines = []
    with subprocess.Popen(command, **where, **pipes, **text) as process:
        try:
            for line in process.stdout:
                lines.append(line)
                show_progress(line)
        except KeyboardInterrupt:
            process.terminate()
            raise
    show_progress("")
    if process.returncode != 0:
        raise Stop(explain("".join(lines)))


def show_progress(line: str) -> None:
    """Overwrite one line of the terminal; a file or a pipe gets nothing."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print("\r" + line.strip()[:width].ljust(width) + ("" if line else "\r"), end="", flush=True)
