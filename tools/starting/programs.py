"""Other programs: run one to its end, or JupyterLab until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request

from tools.starting.places import Places


def listen_to_the_system() -> None:
    """Being told to end, or losing the terminal, is the same as Ctrl-C."""

    def interrupt(*_):
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, interrupt)


def run(places: Places, command: list[str], alone: bool = False, **variables: str) -> int:
    """Run a program in the course's folder to its end and return its exit code."""
    with begin(places, command, alone, variables) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            end(process)
            raise


def begin(
    places: Places, command: list[str], alone: bool, variables: dict[str, str]
) -> subprocess.Popen:
    """Start a program; Ctrl-C does not reach one that is ``alone``, it only ends when told to.

    Python programs that Ctrl-C finds while they start answer with a long traceback.
    """
    options = {}
    if alone and os.name == "nt":
        options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    elif alone:
        options = {"start_new_session": True, "stdin": subprocess.DEVNULL}
    env = {**places.environment(), **variables}
    return subprocess.Popen(command, cwd=places.course, env=env, **options)


def end(process: subprocess.Popen) -> None:
    """Tell a program to stop, and make it stop if it takes long or Ctrl-C comes again."""
    try:
        process.terminate()
        process.wait(timeout=10)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def server_address(places: Places, token: str) -> str:
    """Where the Jupyter server with this token listens; empty as long as it does not answer."""
    for note in (places.jupyter / "runtime").glob("jpserver-*.json"):
        try:
            server = json.loads(note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if server.get("token") == token and answers(server["port"], token):
            return f"http://127.0.0.1:{server['port']}"
    return ""


def answers(port: int, token: str) -> bool:
    """Whether a Jupyter server at this port answers to this token."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    address = f"http://127.0.0.1:{port}/api/status"
    request = urllib.request.Request(address, headers={"Authorization": f"token {token}"})
    try:
        with direct.open(request, timeout=10):
            return True
    except OSError:
        return False


def wait_for_server(places: Places, process: subprocess.Popen, token: str) -> str:
    """The address of the server that is starting, once it answers; empty if it ends instead."""
    while process.poll() is None:
        if address := server_address(places, token):
            return address
        time.sleep(0.1)
    return ""
