"""Ports, the loopback, what is opened, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from starting import LOCKS, ROOT, needs_posix

from tools.starting import commands, ports, programs

SLOW = "import time; print('slow', flush=True); time.sleep(60)"


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as page:
        return page.read().decode()


def address_said(process: subprocess.Popen) -> str:
    """Read what is printed up to the address."""
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            return found.group()
    raise AssertionError("no address was printed")


def opening(folder: Path, *options: str, server: str = "") -> subprocess.Popen:
    """Start the course with the Python of these tests, Jupyter's files in a folder of its own.

    In place of JupyterLab the program `server` can be run.
    """
    lines = [
        "import signal, sys",
        # Where the tests run in the background of a shell, Ctrl-C is not heard by those they start.
        "signal.signal(signal.SIGINT, signal.default_int_handler)",
        "from pathlib import Path",
        "from tools.starting import commands, places",
        f"here = places.Places(Path({str(ROOT)!r}), Path({str(ROOT)!r}), Path(sys.prefix))",
        f"places.Places.jupyter = Path({str(folder)!r})",
        "places.Places.python = Path(sys.executable)",
        "commands.settle = lambda course, *locks: (here, False)",
    ]
    if server:
        lines += [
            "begin = commands.programs.begin",
            f"other = [sys.executable, '-c', {server!r}]",
            "commands.programs.begin = lambda here, _, **rest: begin(here, other, **rest)",
        ]
    lines += [f"sys.exit(commands.main(['--no-browser', *{options!r}], here.course))"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    command = [sys.executable, "-c", "\n".join(lines)]
    return Started(command, cwd=ROOT, start_new_session=True, **pipes)


class Started(subprocess.Popen):
    """A process that does not outlive its test."""

    def __exit__(self, *failure: object) -> None:
        if self.poll() is None:
            self.kill() if os.name == "nt" else os.killpg(self.pid, signal.SIGKILL)
        super().__exit__(*failure)


def port_in_use() -> socket.socket:
    """A socket that holds some port of this computer until it is closed."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    holder.listen()
    return holder


# ------------------------------------------------------------------ ports


def test_a_port_asked_for_and_taken_is_refused(here, monkeypatch, capsys):
    monkeypatch.setattr(commands, "examine", lambda places: 0)
    with port_in_use() as holder:
        port = holder.getsockname()[1]
        assert commands.main(["--no-browser", "--port", str(port)], str(here.course)) == 1
    assert f"Port {port} is taken" in capsys.readouterr().err


def test_otherwise_the_next_free_port_is_used(monkeypatch):
    with port_in_use() as holder:
        taken = holder.getsockname()[1]
        monkeypatch.setattr(ports, "PORT", taken)
        assert taken < ports.choose_port(None) < taken + 100


def test_a_free_port_is_used():
    with port_in_use() as holder:
        free = holder.getsockname()[1]
    assert ports.choose_port(free) == free


def test_programs_of_this_computer_reach_each_other():
    assert ports.loopback_problem() == ""


def test_without_loopback_nothing_is_opened_and_it_says_why(here, no_loopback, monkeypatch, capsys):
    monkeypatch.setattr(commands, "examine", lambda places: 0)
    assert commands.main(["--no-browser"], str(here.course)) == 1
    said = capsys.readouterr().err
    assert "cannot talk to each other at the address 127.0.0.1" in said
    assert "Network is unreachable" in said


# ------------------------------------------------------------------ the commands


def test_the_first_notebook_opens_first_and_then_what_was_open(here):
    assert commands.start_page(here) == "/lab/tree/00_start_here.ipynb"
    here.jupyter.joinpath("workspaces").mkdir(parents=True)
    (here.jupyter / "workspaces" / "default.jupyterlab-workspace").write_text("{}")
    assert commands.start_page(here) == "/lab"


def test_a_course_without_its_first_notebook_opens_the_list(here):
    (here.notebooks / "00_start_here.ipynb").unlink()
    assert commands.start_page(here) == "/lab"


@pytest.mark.parametrize(
    ("codes", "code", "failed"),
    [
        ((0, 0, 0, 0), 0, []),
        ((1, 0, 0, 0), 1, ["ruff check"]),
        ((0, 1, 0, 0), 1, ["ruff format"]),
        ((0, 0, 2, 0), 2, ["mypy"]),
        ((0, 0, 0, 5), 5, ["pytest -n"]),
        ((1, 0, 1, 2), 2, ["ruff check", "mypy", "pytest -n"]),
    ],
)
def test_every_check_counts_and_options_go_to_pytest(
    here, tried, installed, capsys, codes, code, failed
):
    tried.codes = iter(codes)
    assert commands.main(["test", "-k", "exact", "--port-like"], str(here.course)) == code
    assert installed == [LOCKS]
    assert [command[2] for command in tried] == ["ruff", "ruff", "mypy", "pytest"]
    assert tried[3][-3:] == ["-k", "exact", "--port-like"]
    assert tried[3][3:7] == ["-n", "2", "--dist", "loadfile"]
    said = re.findall(r"FAILED  (.*): see above", capsys.readouterr().err)
    assert said == failed


def test_the_tests_leave_out_the_long_ones_and_say_so_last(here, tried, capsys):
    for codes in ((0, 0, 0, 0), (0, 0, 0, 1)):
        tried.clear()
        tried.codes = iter(codes)
        assert commands.main(["test", "-k", "long"], str(here.course)) == max(codes)
        assert tried[3][-4:] == ["--part", "quick", "-k", "long"]
        last = capsys.readouterr().out.splitlines()[-1]
        assert "long tests were left out" in last
        assert last.endswith("python start.py test --long")


@pytest.mark.parametrize(
    "given", [["--long", "-k", "from_the_wheel"], ["-k", "from_the_wheel", "--long"]]
)
def test_the_long_tests_run_alone_when_asked_for(here, with_javascript, tried, capsys, given):
    tried.codes = iter((3,))
    assert commands.main(["test", *given], str(here.course)) == 3
    ((*_, option, part, word, pattern),) = tried
    assert (option, part, word, pattern) == ("--part", "long", "-k", "from_the_wheel")
    said = capsys.readouterr()
    assert "left out" not in said.out
    assert "FAILED  pytest -n: see above" in said.err


@pytest.mark.parametrize("word", ["-long", "--Long", "--long=yes", "--long=", "long"])
def test_a_word_that_is_nearly_long_is_answered_in_words(here, tried, capsys, word):
    assert commands.main(["test", word, "-k", "exact"], str(here.course)) == 1
    assert tried == []
    said = capsys.readouterr().err
    assert f"{word!r} is not an option" in said
    assert "type: python start.py test --long" in said


@pytest.mark.parametrize("given", [["--long"], ["doctor", "--long"], ["--long", "test"]])
def test_long_without_the_tests_is_answered_in_words(here, installed, capsys, given):
    assert commands.main(given, str(here.course)) == 1
    assert installed == []
    assert (
        "--long goes with the tests. Type: python start.py test --long" in capsys.readouterr().err
    )


def test_the_labs_javascript_is_tested_where_node_is(
    here, with_javascript, tried, monkeypatch, capsys
):
    monkeypatch.setattr(commands.shutil, "which", lambda name: f"/somewhere/{name}")
    tried.codes = iter((0, 0, 0, 0, 3))
    assert commands.main(["test"], str(here.course)) == 3
    files = ("tests/lab/js/cache.test.js", "tests/lab/js/keys.test.mjs")
    assert tried[4] == ["/somewhere/node", "--test", *map(str, map(Path, files))]
    assert "FAILED  node: see above" in capsys.readouterr().err


def test_without_node_it_says_what_is_left_out(here, with_javascript, tried, monkeypatch, capsys):
    monkeypatch.setattr(commands.shutil, "which", lambda name: None)
    tried.codes = iter((0, 0, 0, 0))
    assert commands.main(["test"], str(here.course)) == 0
    assert "JavaScript are left out: they need Node.js" in capsys.readouterr().out


def test_a_failed_check_after_installing_opens_nothing(here, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(commands, "examine", lambda places: 1)
    monkeypatch.setattr(programs, "begin", lambda *_, **__: opened.append(True))
    assert commands.main(["--no-browser"], str(here.course)) == 1
    assert "FAILED" in capsys.readouterr().err
    assert opened == []


@needs_posix
@pytest.mark.parametrize(
    "told", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_jupyterlab_answers_when_its_address_is_said_and_ends_quietly(told, tmp_path):
    with port_in_use() as holder:
        port = holder.getsockname()[1]
    with opening(tmp_path, "--port", str(port)) as process:
        address = address_said(process)
        assert f"http://127.0.0.1:{port}/lab" in address
        assert "jupyter-config-data" in fetch(address)
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            fetch(f"http://127.0.0.1:{port}/api/contents")
        refused.value.close()
        os.kill(process.pid, told)
        rest, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    assert "JupyterLab has ended" in rest
    assert "Traceback" not in rest


@pytest.mark.long
@needs_posix
def test_two_starts_at_once_open_at_two_ports(tmp_path):
    both = [opening(tmp_path), opening(tmp_path)]
    try:
        addresses = [address_said(process) for process in both]
        assert len({re.search(r":(\d+)/", address).group(1) for address in addresses}) == 2
        for address in addresses:
            assert "jupyter-config-data" in fetch(address)
    finally:
        for process in both:
            process.terminate()
            process.communicate(timeout=30)


@needs_posix
def test_ctrl_c_before_jupyterlab_answers_ends_in_one_line(tmp_path):
    with opening(tmp_path, server=SLOW) as process:
        while process.stdout.readline() != "slow\n":
            pass
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
        assert rest == "\nStopped.\n"
        assert process.returncode == 130


def test_a_server_that_ends_by_itself_is_said_in_words(tmp_path):
    with opening(tmp_path, server="import sys; sys.exit(1)") as process:
        said = process.stdout.read()
    assert process.returncode == 1
    assert "http://" not in said
    assert "JupyterLab ended with an error" in said
