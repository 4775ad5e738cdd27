"""A release is packed so that the same files make the same bytes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import zipfile

import pytest

from hmlib.course.__main__ import main
from hmlib.course.handing_out.filling import ROOT
from hmlib.course.releasing import assembling, manifests
from hmlib.course.releasing.packing import repacked, zipped

EPOCH = 1_700_000_000


def folder(place, time: int, mode: int):
    """A folder with two files and a program, of a certain time and with certain modes."""
    place.mkdir()
    for name, text in (("b.txt", "two"), ("a/c.txt", "three"), ("run", "#!/bin/sh\n")):
        path = place / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode | (0o100 if name == "run" else 0))
        os.utime(path, (time, time))
    return place


def test_a_zip_file_does_not_tell_when_and_by_whom_it_was_made(tmp_path):
    one, other = (folder(tmp_path / str(k), 10**9 + k, 0o600 | k * 0o44) for k in (0, 1))
    made = []
    for source in (one, other):
        out = tmp_path / f"out{source.name}"
        out.mkdir()
        made.append(zipped(source, out / "course.zip", EPOCH).read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as packed:
        entries = packed.infolist()
        assert [entry.filename for entry in entries] == [
            "course/a/c.txt", "course/b.txt", "course/run"
        ]  # fmt: skip
        assert [entry.external_attr >> 16 & 0o777 for entry in entries] == [0o644, 0o644, 0o755]
        assert packed.read("course/b.txt") == b"two"


def source_archive(path, time: int, name: str):
    with tarfile.open(path, "w:gz") as made:
        for member in ("p/b", "p/a") if time % 2 else ("p/a", "p/b"):
            entry = tarfile.TarInfo(member)
            entry.size, entry.mtime, entry.uname, entry.uid = 1, time, name, time % 1000
            made.addfile(entry, io.BytesIO(member[-1:].encode()))
    return path


def test_a_source_archive_does_not_either(tmp_path):
    made = []
    for time, name in ((1_600_000_001, "anna"), (1_600_000_002, "ben")):
        (tmp_path / name).mkdir()
        path = source_archive(tmp_path / name / "x.tar.gz", time, name)
        repacked(path, EPOCH)
        made.append(path.read_bytes())
    assert made[0] == made[1]
    with tarfile.open(fileobj=io.BytesIO(made[0])) as packed:
        assert packed.extractfile("p/b").read() == b"b"
        assert {entry.mtime for entry in packed} == {EPOCH}


def test_the_newest_section_of_the_changelog_is_the_first():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = manifests.newest(text)
    assert found.startswith("## ")
    assert found.count("\n## ") == 0
    assert "### Added" in found
    assert manifests.newest("# C\n\n## 2\n\nnew\n\n## 1\n\nold\n") == "## 2\n\nnew\n"
    with pytest.raises(ValueError, match="has no section"):
        manifests.newest("# Changelog\n")


def test_the_manifest_has_every_file_with_its_sum(tmp_path):
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "a").write_bytes(b"abc")
    manifests.manifest(tmp_path, "n", "1", EPOCH, "", {"site": "not wanted"})
    told = json.loads((tmp_path / "manifest.json").read_text())
    sum_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert told["files"] == [{"path": "public/a", "bytes": 3, "sha256": sum_of_abc}]
    assert told["left_out"] == {"site": "not wanted"}
    assert told["commit"] is None
    assert (tmp_path / "public" / "SHA256SUMS").read_text() == f"{sum_of_abc}  a\n"


def test_the_time_comes_from_outside_or_from_the_last_commit(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "12")
    assert assembling.epoch() == 12
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ValueError, match="SOURCE_DATE_EPOCH is 'yesterday'"):
        assembling.epoch()
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setattr(assembling, "_git", lambda *_: "")
    with pytest.raises(ValueError, match="no commit"):
        assembling.epoch()


def test_the_seed_of_the_seals_is_made_of_all_answers(monkeypatch):
    assert assembling.secret() == assembling.secret()
    assert assembling.secret().bit_length() > 200
    before = assembling.secret()
    monkeypatch.setattr(assembling, "ANSWERS", ("checks.py", "solutions.py"))
    assert assembling.secret() != before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--without", "tea"], "--without has 'tea'"), ([], "is not empty")],
)
def test_mistakes_are_told_in_words(tmp_path, capsys, arguments, words):
    (tmp_path / "there").touch()
    assert main(["release", "--out", str(tmp_path), *arguments]) == 1
    assert words in capsys.readouterr().err


def test_what_is_missing_is_told_with_the_way_out(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(assembling, "TOOLS", ("no_such_tool",))
    assert main(["release", "--out", str(tmp_path / "out")]) == 1
    assert "pip install '.[release]'" in capsys.readouterr().err
    monkeypatch.setattr(assembling, "TOOLS", ())
    part = assembling.Part("site", ("no_such_module.inside",), lambda made: None)
    monkeypatch.setattr(assembling, "PARTS", (part,))
    assert main(["release", "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "no_such_module" in said
    assert "--without site" in said
    assert not (tmp_path / "out").exists()


def made_from(tmp_path, **left_out) -> assembling.Release:
    (tmp_path / "out" / "public").mkdir(parents=True)
    return assembling.Release(
        tmp_path / "out", tmp_path / "aside", tmp_path / "kept", "9", EPOCH, left_out
    )


def test_pages_are_packed_and_the_print_edition_is_taken_out_of_them(tmp_path, monkeypatch):
    asked = []

    def site(command, **_):
        asked.append(command)
        pages = tmp_path / "kept" / "pages"
        (pages / "print").mkdir(parents=True)
        (pages / "index.html").write_text("hello")
        (pages / "print" / "course.pdf").write_bytes(b"%PDF")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(assembling.subprocess, "run", site)
    made = made_from(tmp_path)
    assembling._site(made)
    assembling._print(made)
    assert asked[0][1:5] == ["-m", "hmlib.course", "site", "--out"]
    assert (tmp_path / "out" / "public" / "course.pdf").read_bytes() == b"%PDF"
    with zipfile.ZipFile(tmp_path / "out" / "public" / "helmholtz-pages-9.zip") as packed:
        assert "helmholtz-pages-9/index.html" in packed.namelist()
    assert made.left_out == {}


def test_print_is_said_to_be_left_out_with_the_pages(tmp_path):
    made = made_from(tmp_path, site="not wanted")
    assembling._print(made)
    assert "print" in made.left_out


def test_pages_that_fail_are_told_in_words(tmp_path, monkeypatch):
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(assembling.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(ValueError, match="--without site"):
        assembling._site(made_from(tmp_path))
