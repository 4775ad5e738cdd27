"""Starting the course: what start.py does, and what it says when it cannot."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = ROOT / "start.py"
needs_posix = pytest.mark.skipif(os.name == "nt", reason="tries what only Unix systems do")

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools import doctor  # noqa: E402
from tools.starting import commands, installing, places, ports, programs, words  # noqa: E402


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


def small_course(folder: Path) -> Path:
    for name in ("pyproject.toml", "requirements.lock", "requirements-test.lock"):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"first {name}")
    (folder / "notebooks").mkdir()
    for name in ("00_start_here.ipynb", "01_meet.ipynb"):
        (folder / "notebooks" / name).write_text(f"first {name}")
    shutil.copytree(ROOT / "etc", folder / "etc")
    return folder


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


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def port_in_use() -> socket.socket:
    """A socket that holds some port of this computer until it is closed."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    holder.listen()
    return holder


def run_start(
    *arguments: str, python: str = sys.executable, before: str = "", script: Path = START
) -> tuple[int, str]:
    """Run start.py in another Python, after the line ``before``; exit code and all it printed."""
    code = f"import runpy, sys\n{before}\nsys.argv = {['start.py', *arguments]!r}\n"
    code += f"runpy.run_path({str(script)!r}, run_name='__main__')"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    answer = subprocess.run([python, "-c", code], **pipes, timeout=60)
    return answer.returncode, answer.stdout


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


def quiet(*command: str) -> int:
    return subprocess.run(command, capture_output=True).returncode


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


# ------------------------------------------------------------------ a folder that is read-only


@needs_posix
def test_a_folder_is_tried_for_writing_as_the_user_who_runs_it(tmp_path):
    assert places.writable(tmp_path) is True
    user = os.geteuid()
    tmp_path.chmod(0o555)
    try:
        if user == 0:
            os.seteuid(65534)
        assert places.writable(tmp_path) is False
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o755)


def test_a_reader_of_a_read_only_course_gets_notebooks_at_home(here, read_only, capsys):
    before = files_in(here.course)
    mine, installed = commands.settle(here.course, "requirements.lock")
    assert installed is True
    assert files_in(here.course) == before
    assert mine.own == mine.notebooks == read_only / "helmholtz-notebooks"
    assert (mine.own / "01_meet.ipynb").read_text() == "first 01_meet.ipynb"
    assert mine.venv == mine.own / ".venv"
    assert all(
        Path(value).is_relative_to(mine.own)
        for name, value in mine.environment().items()
        if name.startswith("JUPYTER") and name.endswith("_DIR")
    )
    said = capsys.readouterr().out
    assert f"read-only here. Your notebooks are in {mine.own}\n(2 copied now; 0 were" in said
    assert f"The environment is {mine.venv}" in said


def test_notebooks_with_answers_are_never_overwritten(here, read_only, capsys):
    mine, _ = commands.settle(here.course, "requirements.lock")
    (mine.own / "01_meet.ipynb").write_text("my answers")
    (mine.own / "00_start_here.ipynb").unlink()
    commands.settle(here.course, "requirements.lock")
    assert (mine.own / "01_meet.ipynb").read_text() == "my answers"
    assert (mine.own / "00_start_here.ipynb").exists()
    assert "(1 copied now; 1 were there and stay as they are)" in capsys.readouterr().out


def test_copies_of_notebooks_that_cannot_be_written_can_be(here, read_only):
    for notebook in here.notebooks.iterdir():
        notebook.chmod(0o444)
    mine, _ = commands.settle(here.course, "requirements.lock")
    assert os.stat(mine.own / "01_meet.ipynb").st_mode & 0o200


def test_an_interrupted_copy_leaves_no_half_notebook(here, read_only, monkeypatch):
    def interrupted(source, target):
        Path(target).write_text("half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(places.shutil, "copyfile", interrupted)
        with pytest.raises(KeyboardInterrupt):
            commands.settle(here.course, "requirements.lock")
    mine, _ = commands.settle(here.course, "requirements.lock")
    assert (mine.own / "00_start_here.ipynb").read_text() == "first 00_start_here.ipynb"


def test_the_environment_of_the_course_is_used_if_it_is_good(here, read_only, installed):
    installing.ready(here, "requirements.lock")
    before = files_in(here.course)
    mine, anew = commands.settle(here.course, "requirements.lock")
    assert (mine.venv, anew) == (here.venv, False)
    assert installed == [("requirements.lock",)]
    assert files_in(here.course) == before
    assert not (mine.own / ".venv").exists()


@pytest.mark.parametrize("fault", ["behind", "half", "moved", "foreign"])
def test_an_environment_of_the_course_that_is_not_good_is_let_be(here, read_only, fault):
    installing.ready(here, "requirements.lock")
    stamp = json.loads(here.stamp.read_text())
    changed = {
        "behind": {**stamp, "files": {**stamp["files"], "requirements.lock": "older"}},
        "half": {**stamp, "state": "installing"},
        "moved": {**stamp, "folder": "elsewhere"},
        "foreign": {},
    }[fault]
    here.stamp.write_text(json.dumps(changed))
    before = files_in(here.course)
    mine, anew = commands.settle(here.course, "requirements.lock")
    assert (mine.venv, anew) == (mine.own / ".venv", True)
    assert files_in(here.course) == before


def test_another_course_fills_the_reader_s_environment_anew(here, read_only, monkeypatch):
    first, _ = commands.settle(here.course, "requirements.lock")
    # Two copies of the course, the second with the same locks and another hmlib.
    other = shutil.copytree(here.course, here.course.with_name("other"))
    monkeypatch.setattr(places, "writable", lambda folder: folder == first.own)
    second, anew = commands.settle(other, "requirements.lock")
    assert second.venv == first.venv
    assert anew is True


def test_without_a_home_the_notebooks_go_where_the_reader_stands(
    here, read_only, tmp_path, monkeypatch
):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    monkeypatch.chdir(read_only)
    mine, _ = commands.settle(here.course, "requirements.lock")
    assert mine.own == read_only / "helmholtz-notebooks"


def test_with_nowhere_to_write_it_says_where_it_tried(here, read_only, monkeypatch, capsys):
    monkeypatch.setattr(places, "writable", lambda folder: False)
    assert commands.main([], str(here.course)) == 1
    said = capsys.readouterr().err
    assert f"    {read_only / 'helmholtz-notebooks'}\n" in said
    assert f"    {here.course / 'helmholtz-notebooks'}\n" in said
    assert "start from there" in said


def test_tests_in_a_read_only_folder_are_refused_in_words(here, read_only, capsys):
    assert commands.main(["test"], str(here.course)) == 1
    assert "The tests write into the course's folder" in capsys.readouterr().err


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


@pytest.fixture
def no_loopback(monkeypatch):
    """A computer whose programs cannot talk to each other."""

    def unreachable(*_, **__):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(ports.socket, "create_connection", unreachable)


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
    assert installed == [("requirements.lock", "requirements-test.lock")]
    assert [command[2] for command in tried] == ["ruff", "ruff", "mypy", "pytest"]
    assert tried[3][-3:] == ["-k", "exact", "--port-like"]
    assert tried[3][3:7] == ["-n", "2", "--dist", "loadfile"]
    said = re.findall(r"FAILED  (.*): see above", capsys.readouterr().err)
    assert said == failed


@pytest.fixture
def with_javascript(here):
    folder = here.course / "tests" / "lab" / "js"
    folder.mkdir(parents=True)
    for name in ("cache.test.js", "keys.test.mjs", "helper.js"):
        (folder / name).touch()


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


def opening(folder: Path, *options: str, server: str = "") -> subprocess.Popen:
    """Start the course with the Python of these tests, Jupyter's files in a folder of its own.

    In place of JupyterLab the program `server` can be run.
    """
    lines = [
        "import sys",
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
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes)


def address_said(process: subprocess.Popen) -> str:
    """Read what is printed up to the address."""
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            return found.group()
    raise AssertionError("no address was printed")


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as page:
        return page.read().decode()


@needs_posix
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_jupyterlab_answers_when_its_address_is_said_and_ends_quietly(told, tmp_path):
    with port_in_use() as holder:
        port = holder.getsockname()[1]
    with opening(tmp_path, "--port", str(port)) as process:
        address = address_said(process)
        assert f"http://127.0.0.1:{port}/lab" in address
        assert "jupyter-config-data" in fetch(address)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(f"http://127.0.0.1:{port}/api/contents")
        os.kill(process.pid, told)
        rest = process.stdout.read()
        assert process.wait(timeout=30) == 0
    assert "JupyterLab has ended" in rest
    assert "Traceback" not in rest


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


SLOW = "import time; print('slow', flush=True); time.sleep(60)"


@needs_posix
def test_ctrl_c_before_jupyterlab_answers_ends_in_one_line(tmp_path):
    with opening(tmp_path, server=SLOW) as process:
        while process.stdout.readline() != "slow\n":
            pass
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == "\nStopped.\n"
        assert process.wait(timeout=30) == 130


def test_a_server_that_ends_by_itself_is_said_in_words(tmp_path):
    with opening(tmp_path, server="import sys; sys.exit(1)") as process:
        said = process.stdout.read()
    assert process.returncode == 1
    assert "http://" not in said
    assert "JupyterLab ended with an error" in said


# ------------------------------------------------------------------ the doctor


def test_doctor_gets_an_answer_from_a_kernel():
    assert "answered" in doctor.check_kernel()


def test_doctor_sees_a_lab_draw():
    assert re.search(r"\d{3,} x \d{3,} pixels", doctor.check_lab())


def test_doctor_compares_every_locked_package(monkeypatch):
    pins = {r.name: next(iter(r.specifier)).version for r in doctor.locked()} | {"hmlib": "0.1.0"}
    monkeypatch.setattr(doctor, "version", pins.__getitem__)
    assert pins["numpy"] in doctor.check_versions()
    pins["numpy"] = "1.0"
    with pytest.raises(RuntimeError, match=r"numpy is 1\.0, not =="):
        doctor.check_versions()


def broken() -> str:
    raise RuntimeError("no ink")


def test_doctor_says_what_failed_and_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", (("a lab", broken), ("more", lambda: "more works")))
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "FAILED  a lab: RuntimeError: no ink" in said
    assert "Connect to the internet first. Then remove the folder" in said
    assert "ok      more works" in said


def test_doctor_without_loopback_says_so_and_removes_nothing(no_loopback, monkeypatch, capsys):
    monkeypatch.setattr(
        doctor,
        "CHECKS",
        (("talking", doctor.check_loopback), ("a Jupyter kernel", broken)),
    )
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "cannot talk to each other at the address 127.0.0.1" in said
    assert "remove" not in said
    assert "kernel" not in said


def test_doctor_sends_readers_of_a_shared_environment_to_its_keeper(monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda folder, mode: False)
    assert "Ask whoever keeps the environment" in doctor.repair("somewhere")
