"""What the tests of start.py are given: the program, and a small course of their own."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from starting import START, small_course

from tools.starting import installing, places, ports, programs


@pytest.fixture
def start():
    """start.py as a module, fresh for each test."""
    spec = importlib.util.spec_from_file_location("start", START)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def signals(monkeypatch) -> None:
    """What the system tells these tests to do is not for start.py to answer."""
    monkeypatch.setattr(programs, "listen_to_the_system", lambda: None)


@pytest.fixture
def installed(monkeypatch) -> list:
    """Installing is not done, only noted in this list."""
    notes = []
    monkeypatch.setattr(installing, "install", lambda places, locks: notes.append(locks))
    return notes


@pytest.fixture
def here(tmp_path, installed) -> places.Places:
    """The places of a small copy of the course in a folder of its own."""
    return places.places_for(small_course(tmp_path / "course"))


@pytest.fixture
def read_only(here, tmp_path, monkeypatch) -> Path:
    """Make the course's folder one that its reader cannot write in; the reader's home folder."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.chdir(here.course)
    really = places.writable

    def writable(folder: Path) -> bool:
        return not folder.is_relative_to(here.course) and really(folder)

    monkeypatch.setattr(places, "writable", writable)
    return home


@pytest.fixture
def no_loopback(monkeypatch):
    """A computer whose programs cannot talk to each other."""

    def unreachable(*_, **__):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(ports.socket, "create_connection", unreachable)


@pytest.fixture
def tried(monkeypatch) -> list:
    """What `start.py test` runs, noted and not done; `tried.codes` are the exit codes to give."""

    class Tried(list):
        codes = iter(())

    noted = Tried()

    def run(places, command, **variables):
        assert variables["OPENBLAS_NUM_THREADS"] == "1"
        noted.append(command)
        return next(noted.codes)

    monkeypatch.setattr(programs, "run", run)
    return noted


@pytest.fixture
def with_javascript(here):
    folder = here.course / "tests" / "lab" / "js"
    folder.mkdir(parents=True)
    for name in ("cache.test.js", "keys.test.mjs", "helper.js"):
        (folder / name).touch()
