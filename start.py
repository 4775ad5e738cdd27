"""Start the course: ``python start.py``.

Makes the environment ``.venv`` in this folder the first time, checks it, and opens JupyterLab on
the notebooks. ``python start.py test`` runs every test, ``python start.py doctor`` says what works
and what does not. Needs nothing but Python. Nothing is written outside this folder, except what
pip or uv keep in their own caches.

Old Pythons must be able to read this file, so that they can say that they are too old: it has no
syntax newer than Python 3.6, and nothing before the version check needs a newer library.
"""

import argparse
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
SUPPORTED = ((3, 11), (3, 12), (3, 13))


def venv_python() -> Path:
    """Where the environment's own Python is, or will be."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def succeeds(command) -> bool:
    """Whether a command exists and ends without an error; what it prints is thrown away."""
    quiet = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    try:
        return subprocess.call(command, **quiet) == 0
    except OSError:
        return False


def python_problem(version: tuple) -> str:
    """Say in words why a Python of this version will not do; an empty string if it will."""
    release = tuple(version[:2])
    if release in SUPPORTED:
        return ""
    age = "too old" if release < SUPPORTED[0] else "newer than any the course was tried with"
    number = ".".join(str(part) for part in version[:3])
    return (
        f"This is Python {number}, which is {age}.\n"
        f"The course needs Python 3.11, 3.12 or 3.13. {other_python()}"
    )


def other_python() -> str:
    """What to type instead: the first Python on this computer that will do, or where to get one."""
    commands = [[str(venv_python())]]
    for major, minor in reversed(SUPPORTED):
        number = f"{major}.{minor}"
        commands.append(["py", "-" + number] if WINDOWS else ["python" + number])
    in_range = f"import sys; sys.exit(sys.version_info[:2] not in {SUPPORTED})"
    for command in commands:
        if succeeds([*command, "-c", in_range]):
            words = [f'"{word}"' if " " in word else word for word in [*command, "start.py"]]
            return "This computer has one that will do. Type:\n    " + " ".join(words)
    if succeeds(["uv", "--version"]):
        return "uv can fetch one. Type:\n    uv run --no-project --python 3.13 start.py"
    return "Install one (from python.org or your system's packages) and start again with it."


PROBLEM = python_problem(sys.version_info)
if PROBLEM:
    sys.exit(PROBLEM)

NOTEBOOKS = ROOT / "notebooks"
FIRST_NOTEBOOK = "00_start_here.ipynb"
JUPYTER = ROOT / ".jupyter"
STAMP = VENV / "hmlib-start.json"
COURSE, TESTS = "requirements.lock", "requirements-test.lock"
PORT = 8888

NO_VENV = """This Python cannot make environments: a part of it is missing.
On Debian and Ubuntu that part is a package of its own. Type:
    sudo apt install python{}.{}-venv
Then start again.""".format(*sys.version_info)

DISK_FULL = "The disk is full. The course needs about 1 GB: make room, then start again."
NO_NETWORK = """The packages could not be fetched: there is no network, or it lets nothing through.
Connect to the internet (at some places: set HTTPS_PROXY), then start again. What was
already fetched is kept."""

# What an installer prints when something fails, and what that means to the person waiting.
EXPLANATIONS = (
    (r"no module named '?(venv|ensurepip)", NO_VENV),
    (
        r"no space left|not enough space|disk quota exceeded|os error (28|112|122)\b",
        DISK_FULL,
    ),
    (
        r"do not match the hashes|hash mismatch",
        "A downloaded file is not the one the course was made with, so nothing was installed from\n"
        "it. Often a network that wants a login answers in the file's place: open any web page,\n"
        "log in, then start again.",
    ),
    (
        r"certificate_verify_failed|unknownissuer|invalid peer certificate|confirming the ssl cert",
        "The server of the packages could not be trusted. Either this computer's clock is wrong,\n"
        "or the network looks into secure connections: try another one, or ask for its\n"
        "certificate and set SSL_CERT_FILE and PIP_CERT to that file. Then start again.",
    ),
    (
        r"name resolution|failed to resolve|getaddrinfo|dns error|newconnectionerror|proxyerror"
        r"|error sending request|failed to fetch|connect(ion)? ?timeout|timed out|network is un"
        r"|connection (refused|reset|aborted)|tcp connect error|sslerror|tunnel"
        r"|network connectivity",
        NO_NETWORK,
    ),
    (
        r"no matching distribution|no usable wheels|no compatible wheels|not a supported wheel",
        "A package is not available ready-made for this computer. The course is made for 64-bit\n"
        "Linux, macOS and Windows with Python 3.11 to 3.13 from python.org, conda or the system.",
    ),
    (
        r"long path|winerror 206|filename or extension is too long",
        "The folder's path is too long for Windows: move the folder nearer to the top of the\n"
        "drive, for instance C:\\hmlib, then start again.",
    ),
    (
        r"permission denied|access is denied|winerror (5|32)\b|read-only file system"
        r"|os error (13|30)\b",
        "A file in .venv could not be written. Close JupyterLab and every other program that\n"
        "uses this folder, see that the folder is yours, then start again.",
    ),
)


class Stop(Exception):
    """A reason to stop, in words for the person at the keyboard."""


# ------------------------------------------------------------------ running other programs


def environment() -> dict[str, str]:
    """The variables for every program started here: .venv comes first, Jupyter's files stay here.

    Your own Jupyter settings, kernels and installer options are neither used nor changed.
    """
    foreign = ("PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX", "JUPYTERLAB_DIR", "JUPYTER_PATH")
    foreign += ("PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT", "PIP_REQUIRE_HASHES")
    foreign += (
        "UV_TARGET",
        "UV_CONSTRAINT",
        "UV_OVERRIDE",
        "UV_REQUIRE_HASHES",
        "UV_SYSTEM_PYTHON",
    )
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    path = os.pathsep.join([str(venv_python().parent), os.environ.get("PATH", os.defpath)])
    return {
        **kept,
        "PATH": path,
        "VIRTUAL_ENV": str(VENV),
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "PIP_USER": "0",
        "UV_NATIVE_TLS": "1",  # older and newer name: trust what the system trusts
        "UV_SYSTEM_CERTS": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "JUPYTER_CONFIG_DIR": str(JUPYTER / "config"),
        "JUPYTER_DATA_DIR": str(JUPYTER / "data"),
        "JUPYTER_RUNTIME_DIR": str(JUPYTER / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(JUPYTER / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(JUPYTER / "workspaces"),
        "IPYTHONDIR": str(JUPYTER / "ipython"),
        "MPLCONFIGDIR": str(JUPYTER / "matplotlib"),
    }


def run(command: list[str], env: dict[str, str]) -> int:
    """Run a program to its end and return its exit code; Ctrl-C reaches it, and it ends itself."""
    with subprocess.Popen(command, cwd=ROOT, env=env) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            return process.wait()
        except KeyboardInterrupt:
            return end(process)


def end(process: subprocess.Popen) -> int:
    """Wait for a program that has been told to stop; tell it again if it takes long."""
    try:
        return process.wait(timeout=5)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.terminate()
        return process.wait()


def install_step(doing: str, command: list[str]) -> None:
    """Run one step of an installation, showing only where it is; Stop says what went wrong."""
    print(doing, flush=True)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    text = {"text": True, "encoding": "utf-8", "errors": "replace"}
    lines = []
    with subprocess.Popen(command, cwd=ROOT, env=environment(), **pipes, **text) as process:
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


def explain(output: str) -> str:
    """Turn what an installer printed before it failed into what to do about it."""
    for pattern, words in EXPLANATIONS:
        if re.search(pattern, output, flags=re.IGNORECASE):
            return words
    last = "\n".join("    " + line for line in output.strip().splitlines()[-15:])
    return f"The installation failed. Its last words were:\n{last}"


# ------------------------------------------------------------------ the environment


def fingerprint(name: str) -> str:
    """A short text that changes when the file does."""
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def read_stamp() -> dict:
    """What this script last did to .venv; empty if that is not known."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def write_stamp(state: str, python: str, files: dict[str, str]) -> None:
    """Note what is being done to .venv; ``state`` is "installing" or "ready"."""
    write_json(STAMP, {"state": state, "folder": str(ROOT), "python": python, "files": files})


def venv_version() -> str:
    """The version of the Python in .venv, such as "3.12"; empty if it does not run."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [str(venv_python()), "-I", "-c", ask], capture_output=True, text=True
        )
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def why_rebuild(stamp: dict, version: str) -> str:
    """Why .venv must be made anew, in words; an empty string if it can be used.

    An environment that this script did not make is used as it is, or Stop says that it cannot be.
    """
    if not version:
        return "Its Python does not run"
    if stamp.get("state") == "installing":
        return "The last installation did not finish"
    if stamp and stamp.get("folder") != str(ROOT):
        return "It was made in another folder"
    if stamp and stamp.get("python") != version:
        return f"Its Python is now {version}"
    if version not in [f"{major}.{minor}" for major, minor in SUPPORTED]:
        raise Stop(
            f"The folder .venv was made by something else, with Python {version}.\n"
            "Rename or remove it, then start again."
        )
    return ""


def check_writable() -> None:
    """Raise Stop unless files can be made in the course's folder."""
    try:
        with tempfile.TemporaryFile(dir=str(ROOT)):
            pass
    except OSError as error:
        raise Stop(what_it_means(error)) from error


def what_it_means(error: OSError) -> str:
    """Say what an error of the file system means for the person at the keyboard."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        folder = Path(error.filename).parent if error.filename else ROOT
        return (
            f"Files cannot be written in {folder}.\n"
            "Copy the course's folder to a place of your own, such as your home folder, and start\n"
            "it there."
        )
    if error.errno == errno.ENOENT:
        return f"{error.filename} is missing: this copy of the course is not whole. Get it again."
    return f"The system said: {error}"


def ready(*locks: str) -> bool:
    """Make .venv hold what the locks name, and hmlib; return whether anything had to be done."""
    check_writable()
    stamp, version = read_stamp(), venv_version()
    rebuild = why_rebuild(stamp, version)
    wanted = {name: fingerprint(name) for name in ("pyproject.toml", *locks)}
    done = {} if rebuild else stamp.get("files", {})
    missing = not wanted.items() <= done.items()
    if missing:
        version = make_venv(rebuild) if rebuild else version
        write_stamp("installing", version, {})
        try:
            install(locks)
        except Stop as reason:
            # Packages are fetched before any is replaced: without a network, nothing has changed.
            if done and str(reason) == NO_NETWORK:
                write_stamp("ready", version, done)
            raise
        write_stamp("ready", version, {**done, **wanted})
    settle_jupyter()
    return missing


def make_venv(reason: str) -> str:
    """Make .venv from nothing and return its Python's version."""
    if VENV.exists():
        print(f"Making the folder .venv anew. {reason}.", flush=True)
        shutil.rmtree(VENV)
    base = getattr(sys, "_base_executable", sys.executable)
    command = [base, "-m", "venv", "--without-pip", str(VENV)]
    install_step("Making an environment in the folder .venv", command)
    return venv_version()


def install(locks: tuple[str, ...]) -> None:
    """Install the locked packages by their hashes, then hmlib itself from this folder."""
    names = [argument for lock in locks for argument in ("-r", lock)]
    checked = ["--require-hashes", "--only-binary", ":all:", *names]
    itself = ["--no-deps", "--no-build-isolation", "-e", "."]
    installer = find_installer()
    install_step("Installing the packages (a minute or two the first time)", installer + checked)
    install_step("Installing hmlib", installer + itself)


def find_installer() -> list[str]:
    """The start of an install command: uv if it is there, otherwise pip, put into .venv first."""
    if succeeds(["uv", "--version"]):
        return ["uv", "pip", "install", "--python", str(venv_python())]
    python = str(venv_python())
    if not succeeds([python, "-m", "pip", "--version"]):
        install_step("Adding pip", [python, "-m", "ensurepip", "--default-pip"])
    return [python, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]


def settle_jupyter() -> None:
    """Give this course's JupyterLab its defaults: no news, no search for new versions.

    Kernels report errors only: on a loopback address their warning of eavesdroppers misleads.
    """
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    settings = {"@jupyterlab/apputils-extension:notification": quiet}
    write_json(VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json", settings)
    kernel = {"IPKernelApp": {"log_level": 40}}
    write_json(JUPYTER / "ipython" / "profile_default" / "ipython_kernel_config.json", kernel)
    (JUPYTER / ".gitignore").write_text("*\n", encoding="utf-8")


def write_json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


# ------------------------------------------------------------------ the three commands


def port_is_free(port: int) -> bool:
    """Whether JupyterLab could listen on this port of this computer."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        if not WINDOWS:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(wanted: int | None) -> int:
    """The port asked for, or the first free one from 8888; Stop if it is taken."""
    if wanted is not None:
        if port_is_free(wanted):
            return wanted
        raise Stop(
            f"Port {wanted} is taken by another program, or not allowed. Choose another number,\n"
            "or leave out --port and a free one is found."
        )
    for port in range(PORT, PORT + 100):
        if port_is_free(port):
            if port != PORT:
                print(f"Port {PORT} is taken, perhaps by another JupyterLab; using {port}.")
            return port
    raise Stop(f"No port from {PORT} to {PORT + 99} is free. Close some programs and start again.")


def start_address() -> str:
    """Where JupyterLab opens: the first notebook, or what was open when it was last closed."""
    been_here = any((JUPYTER / "workspaces").glob("*"))
    return (
        "/lab"
        if been_here or not (NOTEBOOKS / FIRST_NOTEBOOK).exists()
        else f"/lab/tree/{FIRST_NOTEBOOK}"
    )


def open_lab(wanted_port: int | None, browser: bool) -> int:
    """Install what is missing and open JupyterLab; return when it is closed."""
    if ready(COURSE) and examine() != 0:
        raise Stop("Something is not right yet: see the lines above that begin with FAILED.")
    port, address, token = choose_port(wanted_port), start_address(), secrets.token_hex(16)
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": NOTEBOOKS,
        "ServerApp.open_browser": browser,
        "ServerApp.use_redirect_file": False,  # some browsers may not read hidden folders
        "ServerApp.answer_yes": True,  # Ctrl-C ends it without a question
        "ServerApp.allow_root": True,
        "LabApp.default_url": address,
        "LanguageServerManager.autodetect": False,  # it would start npm, for nothing
        "Application.log_level": "ERROR",
        # A saved lab keeps its picture; its view, dead without a kernel, would hide it.
        "ContentsManager.pre_save_hook": "hmlib.lab.saving.forget_views",
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    print(f"JupyterLab opens at http://127.0.0.1:{port}{address}?token={token}")
    print("Leave this window open while you work; Ctrl-C here ends JupyterLab.", flush=True)
    command = [str(venv_python()), "-m", "jupyterlab", *options]
    code = run(command, {**environment(), "JUPYTER_TOKEN": token})
    if code > 0:
        raise Stop(
            "JupyterLab ended with an error. To see what works, type: python start.py doctor"
        )
    return 0


def examine() -> int:
    """Run the checks that need the installed packages."""
    print("Checking what works", flush=True)
    return run([str(venv_python()), str(ROOT / "tools" / "doctor.py")], environment())


def doctor(wanted_port: int | None) -> int:
    """Say what works and what does not; return 0 if all is well."""
    ready(COURSE)
    code = examine()
    port = choose_port(wanted_port)
    print(f"ok      port {port} is free")
    return code


def test(arguments: list[str]) -> int:
    """Run the style checks and every test; return 0 if all pass."""
    ready(COURSE, TESTS)
    # Two test processes on two cores: linear algebra must not take a core for each of its threads.
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    env = {**environment(), **dict.fromkeys(threads, "1")}
    python = str(venv_python())
    checks = [[python, "-m", "ruff", "check"], [python, "-m", "ruff", "format", "--check"]]
    tests = [python, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    tests += arguments
    codes = []
    for command in [*checks, tests]:
        print("\n$ python " + " ".join(command[1:]), flush=True)
        codes.append(run(command, env))
    if any(codes[:2]):
        print("\nThe style checks failed: see the top of this output.", file=sys.stderr)
    return next((code for code in reversed(codes) if code), 0)


def port_number(text: str) -> int:
    """Read a port from the command line."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")
    return int(text)


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python start.py",
        description="Install what the course needs into this folder and open it in JupyterLab.",
        epilog="Options after 'test' go to pytest, for instance: python start.py test -k exact",
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["open", "doctor", "test"],
        default="open",
        help="open the notebooks (what happens without a word), say what works, or run every test",
    )
    parser.add_argument("--port", type=port_number, help="the port for JupyterLab")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    return parser


def main(arguments: list[str]) -> int:
    """Do what the command line says and return the exit code."""
    try:
        if arguments[:1] == ["test"] and not {"-h", "--help"} & set(arguments):
            return test(arguments[1:])
        chosen = command_line().parse_args(arguments)
        if chosen.command == "doctor":
            return doctor(chosen.port)
        return open_lab(chosen.port, browser=not chosen.no_browser)
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{what_it_means(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
