"""Starting the course: what start.py does, and what it says when it cannot."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from starting import START, quiet, run_start

from tools.starting import installing, places, words

# ------------------------------------------------------------------ which Python


def old_pythons() -> list[str]:
    """Pythons on this computer that are too old for the course."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    names = ["python2", "python2.7", *(f"python3.{minor}" for minor in range(6, 11))]
    found = [shutil.which(name) for name in names]
    found += [str(path) for path in pyenv.glob("[23].*/bin/python")]
    too_old = "import sys; sys.exit(not (2, 7) <= sys.version_info < (3, 11))"
    works = [path for path in found if path and quiet(path, "-c", too_old) == 0]
    return sorted(set(works))


def test_the_oldest_grammar_reads_it():
    source = START.read_bytes()
    source.decode("ascii")
    tree = ast.parse(source)
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.YieldFrom, ast.Match)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            given = node.args
            assert given.posonlyargs == given.kwonlyargs == []
            assert not [one for one in given.args if one.annotation]
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            assert not [one for one in node.elts if isinstance(one, ast.Starred)]
        if isinstance(node, ast.Raise):
            assert node.cause is None
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert imported == {"os", "sys", "subprocess"}


@pytest.mark.long
def test_real_old_pythons_say_that_they_are_too_old():
    pythons = old_pythons()
    if not pythons:
        pytest.skip("install a Python 2.7, or 3.6 to 3.10, to try start.py with it")
    for python in pythons:
        code, output = run_start(python=python)
        assert code == 1
        assert "too old" in output
        assert "3.11 to 3.15" in output
        assert "Traceback" not in output


@pytest.mark.parametrize(
    ("version", "word"),
    [
        ((3, 6, 15), "too old"),
        ((3, 10, 13), "too old"),
        ((3, 16, 0), "newer"),
        ((2, 7, 18), "too old"),
        ((4, 0, 0), "newer"),
    ],
)
def test_other_versions_are_refused_in_words(version, word):
    code, output = run_start(before=f"sys.version_info = {version}")
    assert code == 1
    assert f"This is Python {'.'.join(map(str, version))}, which is {word}" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1), (3, 14, 2), (3, 15, 0)])
def test_supported_versions_are_not_refused(start, version):
    assert start.python_problem(version) == ""


def test_advice_names_a_python_of_this_computer_that_will_do(start, monkeypatch):
    monkeypatch.setattr(start, "succeeds", lambda command: "3.12" in command[0] + command[1])
    assert start.other_python().endswith(
        "py -3.12 start.py" if os.name == "nt" else "python3.12 start.py"
    )
    monkeypatch.setattr(start, "succeeds", lambda command: command[0] == "uv")
    assert "uv run --no-project --python 3.13 start.py" in start.other_python()
    monkeypatch.setattr(start, "succeeds", lambda command: False)
    assert "python.org" in start.other_python()


def test_help_names_the_commands():
    code, output = run_start("--help")
    assert code == 0
    assert all(word in output for word in ("doctor", "test", "--port", "--no-browser"))


@pytest.mark.parametrize("port", ["0", "65536", "many", "-1"])
def test_bad_ports_are_refused_in_words(port):
    code, output = run_start(f"--port={port}")
    assert code == 2
    assert "is not a port: give a number from 1 to 65535" in output


# ------------------------------------------------------------------ what is installed when


def test_second_start_installs_nothing(here, installed):
    assert installing.ready(here, "requirements.lock") is True
    assert installing.ready(here, "requirements.lock") is False
    assert installed == [("requirements.lock",)]


def test_tests_install_on_top_and_students_need_them_not(here):
    installing.ready(here, "requirements.lock")
    assert installing.ready(here, "requirements.lock", "requirements-test.lock") is True
    assert installing.ready(here, "requirements.lock", "requirements-test.lock") is False
    assert installing.ready(here, "requirements.lock") is False


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_installs_again_in_the_same_environment(here, name):
    installing.ready(here, "requirements.lock")
    mine = here.venv / "mine.txt"
    mine.write_text("kept")
    (here.course / name).write_text("second")
    assert installing.ready(here, "requirements.lock") is True
    assert mine.exists()


def test_an_interrupted_installation_starts_from_nothing(here, monkeypatch, capsys):
    def interrupted(places, locks):
        (here.venv / "half.txt").write_text("half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(installing, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            installing.ready(here, "requirements.lock")
    assert installing.ready(here, "requirements.lock") is True
    assert not (here.venv / "half.txt").exists()
    assert "did not finish" in capsys.readouterr().out
    assert installing.ready(here, "requirements.lock") is False


def test_without_network_what_worked_before_still_works(here, monkeypatch):
    def offline(places, locks):
        raise words.Stop(words.NO_NETWORK)

    installing.ready(here, "requirements.lock")
    with monkeypatch.context() as patch:
        patch.setattr(installing, "install", offline)
        with pytest.raises(words.Stop, match="no network"):
            installing.ready(here, "requirements.lock", "requirements-test.lock")
    assert installing.ready(here, "requirements.lock") is False


def test_an_environment_from_another_folder_is_made_anew(here, capsys):
    installing.ready(here, "requirements.lock")
    stamp = json.loads(here.stamp.read_text())
    here.stamp.write_text(json.dumps({**stamp, "folder": "elsewhere"}))
    assert installing.ready(here, "requirements.lock") is True
    assert "made in another folder" in capsys.readouterr().out


def test_an_environment_whose_python_is_gone_is_made_anew(here, capsys):
    installing.ready(here, "requirements.lock")
    here.python.unlink()
    assert installing.ready(here, "requirements.lock") is True
    assert "does not run" in capsys.readouterr().out
    assert installing.venv_version(here) == f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_an_environment_of_another_python_is_made_anew(here, capsys):
    installing.ready(here, "requirements.lock")
    stamp = json.loads(here.stamp.read_text())
    here.stamp.write_text(json.dumps({**stamp, "python": "3.10"}))
    assert installing.ready(here, "requirements.lock") is True
    assert "Its Python is now" in capsys.readouterr().out


def test_an_environment_made_by_somebody_else_is_not_removed(here, monkeypatch):
    installing.make_venv(here, "")
    mine = here.venv / "mine.txt"
    mine.write_text("kept")
    monkeypatch.setattr(installing, "venv_version", lambda places: "3.9")
    with pytest.raises(words.Stop, match=r"made by something else, with Python 3\.9"):
        installing.ready(here, "requirements.lock")
    assert mine.exists()


def test_uv_is_used_if_it_is_there(here, monkeypatch):
    monkeypatch.setattr(installing, "succeeds", lambda command: command[0] == "uv")
    assert installing.find_installer(here)[:3] == ["uv", "pip", "install"]
    monkeypatch.setattr(installing, "succeeds", lambda command: command[0] != "uv")
    assert installing.find_installer(here)[1:4] == ["-m", "pip", "install"]


def test_packages_are_installed_by_hash_and_hmlib_without_fetching(tmp_path, monkeypatch):
    here, steps = places.places_for(tmp_path), []
    monkeypatch.setattr(installing, "find_installer", lambda places: ["installer"])
    monkeypatch.setattr(installing, "install_step", lambda _, doing, command: steps.append(command))
    installing.install(here, ("a.lock", "b.lock"))
    packages, itself = steps
    assert "--require-hashes" in packages
    assert packages[-4:] == ["-r", "a.lock", "-r", "b.lock"]
    assert {"--no-deps", "--no-build-isolation", "-e", "."} <= set(itself)


def test_news_and_updates_are_off_and_nothing_is_for_git(here):
    installing.ready(here, "requirements.lock")
    overrides = here.venv / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    notification = json.loads(overrides.read_text())["@jupyterlab/apputils-extension:notification"]
    assert notification == {"fetchNews": "false", "checkForUpdates": False}
    assert (here.jupyter / ".gitignore").read_text() == "*\n"


def test_the_environment_gets_the_save_hook(here):
    installing.ready(here, "requirements.lock")
    hook = here.venv / "etc" / "jupyter" / "jupyter_server_config.d" / "hmlib.json"
    assert json.loads(hook.read_text())["ServerApp"]["jpserver_extensions"] == {
        "hmlib.lab.saving": True
    }


def test_jupyter_keeps_its_files_in_the_folder_of_the_course(here, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", "elsewhere")
    monkeypatch.setenv("PIP_REQUIRE_HASHES", "1")
    env = here.environment()
    folders = [name for name in env if re.fullmatch(r"(JUPYTER\w*|IPYTHON|MPLCONFIG)_?DIR", name)]
    assert len(folders) == 7
    assert all(Path(env[name]).is_relative_to(here.course) for name in folders)
    assert "PYTHONPATH" not in env
    assert "PIP_REQUIRE_HASHES" not in env
    assert Path(env["PATH"].split(os.pathsep)[0]) == here.python.parent
