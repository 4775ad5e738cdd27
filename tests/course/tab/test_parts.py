"""Pyodide's files: which they are, and that nothing else is taken for them."""

from __future__ import annotations

import hashlib
import json

import pytest

from hmlib.course.tab import parts as pyodide
from hmlib.course.tab.wheels import Wheel
from tools import wasm_parts


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A folder with two files that are what they should be."""
    files = {"pyodide.js": b"one", "numpy.whl": b"two"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    known = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    monkeypatch.setattr(pyodide, "fingerprints", lambda: known)
    return tmp_path


def test_files_that_are_what_they_should_be_are_accepted(small):
    assert [path.name for path in pyodide.checked(small)] == ["pyodide.js", "numpy.whl"]


def test_what_is_missing_is_named(small):
    (small / "numpy.whl").unlink()
    with pytest.raises(FileNotFoundError, match=r"numpy\.whl cannot be found; accepted: a folder"):
        pyodide.checked(small)


def test_what_is_damaged_is_named(small):
    (small / "numpy.whl").write_bytes(b"three")
    known = hashlib.sha256(b"two").hexdigest()
    with pytest.raises(ValueError, match=rf"numpy\.whl has the sha256 .*accepted: {known}"):
        pyodide.checked(small)


def test_every_package_that_is_asked_for_is_there():
    packages = pyodide.official()["packages"]
    assert set(map(pyodide.key_of, pyodide.WANTED)) <= set(packages)
    for one in packages.values():
        assert {pyodide.key_of(name) for name in one["depends"]} <= set(packages)
        assert len(one["sha256"]) == 64


def test_the_lock_of_the_site_has_the_wheels_of_the_site_too():
    wheel = Wheel("some_thing", "1.0", b"bytes", ("some_thing",), ("numpy",))
    lock = pyodide.lock_with([wheel], {wheel.file_name: "elsewhere#/x.whl"})
    assert set(lock["packages"]) == {*pyodide.official()["packages"], "some-thing"}
    own = lock["packages"]["some-thing"]
    assert (own["file_name"], own["depends"]) == ("elsewhere#/x.whl", ["numpy"])
    assert own["sha256"] == hashlib.sha256(b"bytes").hexdigest()
    plain = pyodide.lock_with([wheel], {})["packages"]["some-thing"]
    assert plain["file_name"] == "some_thing-1.0-py3-none-any.whl"


@pytest.mark.long
def test_the_lock_is_the_official_one_cut_down(parts):
    official = json.loads((parts / pyodide.LOCK).read_text(encoding="utf-8"))
    assert pyodide.official() == pyodide.cut_down(official)
    assert official["info"]["version"] == pyodide.VERSION
    assert wasm_parts.missing(parts) == []
