"""What start.py says when something is missing, full or broken."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from starting import START, run_start

from tools.starting import commands, installing, places, words

# ------------------------------------------------------------------ words when something fails


# What pip and uv print, shortened, and a part of what is made of it.
FAILURES = [
    ("/usr/bin/python3: No module named venv", "-venv\nThen start again"),
    ("python: No module named ensurepip", "-venv\nThen start again"),
    ("error: Failed to fetch: `simple/numpy/`\n  cause: dns error\n", "no network"),
    ("NewConnectionError: refused\nERROR: No matching distribution found", "no network"),
    ("[Errno -3] Temporary failure in name resolution\nERROR: No matching", "no network"),
    ("error: failed to copy file\n  No space left on device (os error 28)", "disk is full"),
    ("ERROR: OSError: [Errno 28] No space left on device", "disk is full"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE", "is not the one"),
    ("error: Hash mismatch for `six==1.17.0`", "is not the one"),
    ("Failed to fetch\n  cause: invalid peer certificate: UnknownIssuer", "not be trusted"),
    ("SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate", "not be trusted"),
    ("ERROR: No matching distribution found for numpy==2.4.6", "not available ready-made"),
    ("PermissionError: [WinError 5] Access is denied: 'zmq.pyd'", "Close JupyterLab"),
]


@pytest.mark.parametrize(("printed", "said"), FAILURES)
def test_failed_installations_are_explained(printed, said):
    assert said in words.explain(printed)


def test_an_unknown_failure_shows_its_last_words():
    output = "".join(f"line {number}.\n" for number in range(100))
    said = words.explain(output)
    assert "line 99." in said
    assert "line 50." not in said


def test_a_failed_step_stops_with_words(here):
    fail = "import sys; print('no space left on device'); sys.exit(3)"
    with pytest.raises(words.Stop, match="disk is full"):
        installing.install_step(here, "Trying", [sys.executable, "-c", fail])


def test_a_full_disk_is_said_in_words(here, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(places.tempfile, "TemporaryFile", full)
    assert commands.main([], str(here.course)) == 1
    assert "disk is full" in capsys.readouterr().err


def test_an_incomplete_copy_is_said_in_words(here, capsys):
    (here.course / "requirements.lock").unlink()
    assert commands.main([], str(here.course)) == 1
    said = capsys.readouterr().err
    assert "requirements.lock is missing" in said


@pytest.mark.parametrize("part", ["tools", "hmlib", "notebooks", "pyproject.toml"])
def test_a_copy_with_a_part_missing_is_refused_in_words(tmp_path, part):
    for name in ("hmlib", "notebooks", "etc", "tools/starting"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).touch()
    script = Path(shutil.copy(START, tmp_path))
    gone = tmp_path / part
    gone.rename(tmp_path / "elsewhere")
    code, output = run_start(script=script)
    assert code == 1
    assert f"{part}" in output.splitlines()[0]
    assert f"is missing in {tmp_path}" in output
    assert "not whole" in output
    assert "Traceback" not in output


def test_ctrl_c_ends_quietly(here, monkeypatch, capsys):
    def interrupted(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "places_for", interrupted)
    assert commands.main([], str(here.course)) == 130
    assert capsys.readouterr().out.strip() == "Stopped."
