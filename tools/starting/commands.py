"""The three commands of `start.py`: open the notebooks, say what works, run the tests."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
from pathlib import Path

from tools.starting import ports, programs
from tools.starting.installing import COURSE, SITE, TESTS, ready, shared_environment
from tools.starting.places import Places, hand_out, places_for
from tools.starting.words import Stop, what_it_means

FIRST_NOTEBOOK = "00_start_here.ipynb"
LONG = "--long"
LONG_COMMAND = f"python start.py test {LONG}"
PYTEST = ("pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def settle(course: Path, *locks: str) -> tuple[Places, bool]:
    """Find the folders and make the environment ready; also whether that took an installation."""
    places = places_for(course)
    if places.shared:
        if TESTS in locks:
            raise Stop(
                "The tests write into the course's folder, and that is read-only here.\n"
                "Copy it to a place of your own and start them there."
            )
        places = shared_environment(places)
        copied, kept = hand_out(places)
        print(f"The course's folder is read-only here. Your notebooks are in {places.own}")
        print(f"({copied} copied now; {kept} were there and stay as they are).")
        print(f"The environment is {places.venv}", flush=True)
    return places, ready(places, *locks)


def start_page(places: Places) -> str:
    """What JupyterLab opens: the first notebook, or what was open when it was last closed."""
    been_here = any((places.jupyter / "workspaces").glob("*"))
    first = (places.notebooks / FIRST_NOTEBOOK).exists() and not been_here
    return f"/lab/tree/{FIRST_NOTEBOOK}" if first else "/lab"


def open_lab(course: Path, wanted_port: int | None, browser: bool) -> int:
    """Install what is missing and open JupyterLab; return when it is closed."""
    places, installed = settle(course, COURSE)
    if installed and examine(places) != 0:
        raise Stop("Something is not right yet: see the lines above that begin with FAILED.")
    port, page, token = ports.choose_port(wanted_port), start_page(places), secrets.token_hex(16)
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        # Another start may take the port before this one does: then the server tries the next.
        "ServerApp.port_retries": ports.TRIES if wanted_port is None else 0,
        "ServerApp.root_dir": places.notebooks,
        "ServerApp.open_browser": browser,
        "ServerApp.use_redirect_file": False,  # some browsers may not read hidden folders
        "ServerApp.answer_yes": True,  # Ctrl-C ends it without a question
        "ServerApp.allow_root": True,
        "LabApp.default_url": page,
        "LanguageServerManager.autodetect": False,  # it would start npm, for nothing
        "Application.log_level": "ERROR",
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    command = [str(places.python), "-m", "jupyterlab", *options]
    print("Starting JupyterLab", flush=True)
    with programs.begin(places, command, alone=True, variables={"JUPYTER_TOKEN": token}) as server:
        address = ""
        try:
            address = programs.wait_for_server(places, server, token)
            if address:
                if wanted_port is None and not address.endswith(f":{ports.PORT}"):
                    print(f"(Port {ports.PORT} is taken, perhaps by another JupyterLab.)")
                print(f"JupyterLab is open at {address}{page}?token={token}")
                print("Leave this window open while you work; Ctrl-C here ends it.", flush=True)
            code = server.wait()
        except KeyboardInterrupt:
            programs.end(server)
            if not address:
                raise
            print("\nJupyterLab has ended.")
            return 0
    if code > 0:
        raise Stop(
            "JupyterLab ended with an error. To see what works, type: python start.py doctor"
        )
    return 0


def examine(places: Places) -> int:
    """Run the checks that need the installed packages."""
    print("Checking what works", flush=True)
    return programs.run(places, [str(places.python), "-m", "tools.doctor"], alone=True)


def doctor(course: Path, wanted_port: int | None) -> int:
    """Say what works and what does not; return 0 if all is well."""
    places, _ = settle(course, COURSE)
    code = examine(places)
    if not ports.loopback_problem():
        print(f"ok      port {ports.choose_port(wanted_port)} is free")
    return code


def test(course: Path, arguments: list[str]) -> int:
    """Run the tests; return 0 if all pass.

    Without ``--long`` these are the style checks, the type checks, the JavaScript and every test
    that is not marked as long; with it the long ones alone. The other arguments go to pytest.
    """
    long, arguments = asks_for_long(arguments)
    places, _ = settle(course, COURSE, TESTS, SITE)
    # Two test processes on two cores: linear algebra must not take a core for each of its threads.
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    python = [str(places.python), "-m"]
    tests = [*python, *PYTEST, "--part", "long" if long else "quick", *arguments]
    checks = [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]]
    others = [] if long else [[*python, *check] for check in checks]
    commands = [*others, tests, *([] if long else javascript_tests(course))]
    codes = []
    for command in commands:
        print("\n$ " + " ".join([Path(command[0]).stem, *command[1:]]), flush=True)
        codes.append(programs.run(places, command, **dict.fromkeys(threads, "1")))
    failed = [command for command, code in zip(commands, codes, strict=True) if code]
    for command in failed:
        words = command[2:] if command[1] == "-m" else ["node"]
        print(f"FAILED  {' '.join(words[:2])}: see above", file=sys.stderr)
    if not long:
        print(f"\nThe long tests were left out; they run with: {LONG_COMMAND}", flush=True)
    return next((code for code in reversed(codes) if code), 0)


def asks_for_long(arguments: list[str]) -> tuple[bool, list[str]]:
    """Whether the long tests are asked for, and what is left for pytest.

    Stop if the word is nearly there: pytest would answer with a page of its own options.
    """
    left = [argument for argument in arguments if argument != LONG]
    flags = [argument for argument in left if argument.startswith("-")]
    for word in (*flags, *left[:1]):
        if word.partition("=")[0].strip("-").lower() == LONG.strip("-"):
            raise Stop(f"{word!r} is not an option. For the long tests, type: {LONG_COMMAND}")
    return len(left) < len(arguments), left


def javascript_tests(course: Path) -> list[list[str]]:
    """The command that tests the labs' JavaScript: one, or none where there is no Node.js."""
    folder = course / "tests" / "lab" / "js"
    files = sorted(path for path in folder.rglob("*test*") if path.suffix in (".js", ".mjs"))
    if not files:
        return []
    node = shutil.which("node")
    if node is None:
        print("The tests of the labs' JavaScript are left out: they need Node.js (nodejs.org).")
        return []
    # File by file: versions of Node.js differ in what they make of a folder.
    return [[node, "--test", *(str(path.relative_to(course)) for path in files)]]


def port_number(text: str) -> int:
    """Read a port from the command line."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")
    return int(text)


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python start.py",
        description="Install what the course needs into its folder and open it in JupyterLab.",
        epilog="'test' leaves out the long tests; 'test --long' runs those alone. Other options "
        "after 'test' go to pytest, for instance: python start.py test -k exact",
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["open", "doctor", "test"],
        default="open",
        help="open the notebooks (what happens without a word), say what works, or run the tests",
    )
    parser.add_argument("--port", type=port_number, help="the port for JupyterLab")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    return parser


def main(arguments: list[str], folder: str) -> int:
    """Do what the command line says to the course in a folder, and return the exit code."""
    course = Path(folder)
    programs.listen_to_the_system()
    try:
        if arguments[:1] == ["test"] and not {"-h", "--help"} & set(arguments):
            return test(course, arguments[1:])
        if LONG in arguments:
            raise Stop(f"{LONG} goes with the tests. Type: {LONG_COMMAND}")
        chosen = command_line().parse_args(arguments)
        if chosen.command == "doctor":
            return doctor(course, chosen.port)
        return open_lab(course, chosen.port, browser=not chosen.no_browser)
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{what_it_means(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130
