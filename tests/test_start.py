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
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
START = ROOT / "start.py"
OLD_NAMES = ["python3." + str(minor) for minor in range(6, 11)]
needs_posix = pytest.mark.skipif(os.name == "nt", reason="tries what only Unix systems do")


@pytest.fixture
def start():
    """start.py as a module, fresh for each test."""
    spec = importlib.util.spec_from_file_location("start", START)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def course(start, tmp_path, monkeypatch):
    """start.py in a folder of its own, where installing is only noted in `start.installed`."""
    for name in ("pyproject.toml", "requirements.lock", "requirements-test.lock"):
        (tmp_path / name).write_text(f"first {name}")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(start, "STAMP", tmp_path / ".venv" / "hmlib-start.json")
    monkeypatch.setattr(start, "JUPYTER", tmp_path / ".jupyter")
    monkeypatch.setattr(start, "NOTEBOOKS", tmp_path / "notebooks")
    start.installed = []
    monkeypatch.setattr(start, "install", start.installed.append)
    return start


@pytest.fixture
def read_only(tmp_path):
    """Make the test's folder read-only, also for the administrator, who may write everywhere."""
    if os.name == "nt":
        pytest.skip("Windows has no folders that are read-only for one's own programs")
    user = os.geteuid()
    tmp_path.chmod(0o555)
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)
    tmp_path.chmod(0o755)


def port_in_use() -> socket.socket:
    """A socket that holds some port of this computer until it is closed."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    holder.listen()
    return holder


def run_start(*arguments: str, python: str = sys.executable, before: str = "") -> tuple[int, str]:
    """Run start.py in another Python, after the line ``before``; exit code and all it printed."""
    code = f"import runpy, sys\n{before}\nsys.argv = {['start.py', *arguments]!r}\n"
    code += f"runpy.run_path({str(START)!r}, run_name='__main__')"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    answer = subprocess.run([python, "-c", code], **pipes, timeout=60)
    return answer.returncode, answer.stdout


# ------------------------------------------------------------------ which Python


def old_pythons() -> list[str]:
    """Pythons on this computer that are too old for the course."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(name) for name in OLD_NAMES]
    found += [str(path) for path in pyenv.glob("3.*/bin/python")]
    too_old = "import sys; sys.exit(not (3, 6) <= sys.version_info < (3, 11))"
    works = [path for path in found if path and subprocess.call([path, "-c", too_old]) == 0]
    return sorted(set(works))


def test_old_grammar_reads_it():
    tree = ast.parse(START.read_text(encoding="utf-8"), feature_version=(3, 7))
    newer = (ast.NamedExpr, ast.Match, ast.TryStar)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
    arguments = [node for node in ast.walk(tree) if isinstance(node, ast.arguments)]
    assert not any(node.posonlyargs for node in arguments)
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert "__future__" not in imported


def test_real_old_pythons_say_that_they_are_too_old():
    pythons = old_pythons()
    if not pythons:
        pytest.skip("install a Python 3.6 to 3.10 to try start.py with it")
    for python in pythons:
        code, output = run_start(python=python)
        assert code == 1
        assert "too old" in output
        assert "3.11, 3.12 or 3.13" in output
        assert "Traceback" not in output


@pytest.mark.parametrize(
    ("version", "word"),
    [
        ((3, 6, 15), "too old"),
        ((3, 10, 13), "too old"),
        ((3, 14, 0), "newer"),
        ((4, 0, 0), "newer"),
    ],
)
def test_other_versions_are_refused_in_words(version, word):
    code, output = run_start(before=f"sys.version_info = {version}")
    assert code == 1
    assert f"This is Python {'.'.join(map(str, version))}, which is {word}" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
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


def test_second_start_installs_nothing(course):
    assert course.ready("requirements.lock") is True
    assert course.ready("requirements.lock") is False
    assert course.installed == [("requirements.lock",)]


def test_tests_install_on_top_and_students_need_them_not(course):
    course.ready("requirements.lock")
    assert course.ready("requirements.lock", "requirements-test.lock") is True
    assert course.ready("requirements.lock", "requirements-test.lock") is False
    assert course.ready("requirements.lock") is False


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_installs_again_in_the_same_environment(course, name):
    course.ready("requirements.lock")
    mine = course.VENV / "mine.txt"
    mine.write_text("kept")
    (course.ROOT / name).write_text("second")
    assert course.ready("requirements.lock") is True
    assert mine.exists()


def test_an_interrupted_installation_starts_from_nothing(course, monkeypatch, capsys):
    def interrupted(locks):
        (course.VENV / "half.txt").write_text("half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(course, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            course.ready("requirements.lock")
    assert course.ready("requirements.lock") is True
    assert not (course.VENV / "half.txt").exists()
    assert "did not finish" in capsys.readouterr().out
    assert course.ready("requirements.lock") is False


def test_without_network_what_worked_before_still_works(course, monkeypatch):
    def offline(locks):
        raise course.Stop(course.NO_NETWORK)

    course.ready("requirements.lock")
    with monkeypatch.context() as patch:
        patch.setattr(course, "install", offline)
        with pytest.raises(course.Stop, match="no network"):
            course.ready("requirements.lock", "requirements-test.lock")
    assert course.ready("requirements.lock") is False


def test_an_environment_from_another_folder_is_made_anew(course, capsys):
    course.ready("requirements.lock")
    stamp = json.loads(course.STAMP.read_text())
    course.STAMP.write_text(json.dumps({**stamp, "folder": "elsewhere"}))
    assert course.ready("requirements.lock") is True
    assert "made in another folder" in capsys.readouterr().out


def test_an_environment_whose_python_is_gone_is_made_anew(course, capsys):
    course.ready("requirements.lock")
    course.venv_python().unlink()
    assert course.ready("requirements.lock") is True
    assert "does not run" in capsys.readouterr().out
    assert course.venv_version() == f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_an_environment_of_another_python_is_made_anew(course, capsys):
    course.ready("requirements.lock")
    stamp = json.loads(course.STAMP.read_text())
    course.STAMP.write_text(json.dumps({**stamp, "python": "3.10"}))
    assert course.ready("requirements.lock") is True
    assert "Its Python is now" in capsys.readouterr().out


def test_an_environment_made_by_somebody_else_is_not_removed(course, monkeypatch):
    course.make_venv("")
    mine = course.VENV / "mine.txt"
    mine.write_text("kept")
    monkeypatch.setattr(course, "venv_version", lambda: "3.9")
    with pytest.raises(course.Stop, match=r"made by something else, with Python 3\.9"):
        course.ready("requirements.lock")
    monkeypatch.undo()
    assert mine.exists()


def test_uv_is_used_if_it_is_there(start, monkeypatch):
    monkeypatch.setattr(start, "succeeds", lambda command: command[0] == "uv")
    assert start.find_installer()[:3] == ["uv", "pip", "install"]
    monkeypatch.setattr(start, "succeeds", lambda command: command[0] != "uv")
    assert start.find_installer()[1:4] == ["-m", "pip", "install"]


def test_packages_are_installed_by_hash_and_hmlib_without_fetching(start, monkeypatch):
    steps = []
    monkeypatch.setattr(start, "find_installer", lambda: ["installer"])
    monkeypatch.setattr(start, "install_step", lambda doing, command: steps.append(command))
    start.install(("a.lock", "b.lock"))
    packages, itself = steps
    assert "--require-hashes" in packages
    assert packages[-4:] == ["-r", "a.lock", "-r", "b.lock"]
    assert {"--no-deps", "--no-build-isolation", "-e", "."} <= set(itself)


def test_news_and_updates_are_off_and_nothing_is_for_git(course):
    course.ready("requirements.lock")
    overrides = course.VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    notification = json.loads(overrides.read_text())["@jupyterlab/apputils-extension:notification"]
    assert notification == {"fetchNews": "false", "checkForUpdates": False}
    assert (course.JUPYTER / ".gitignore").read_text() == "*\n"


def test_jupyter_keeps_its_files_in_the_folder_of_the_course(start, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", "elsewhere")
    monkeypatch.setenv("PIP_REQUIRE_HASHES", "1")
    env = start.environment()
    folders = [name for name in env if re.fullmatch(r"(JUPYTER\w*|IPYTHON|MPLCONFIG)_?DIR", name)]
    assert len(folders) == 7
    assert all(Path(env[name]).is_relative_to(ROOT) for name in folders)
    assert "PYTHONPATH" not in env
    assert "PIP_REQUIRE_HASHES" not in env
    assert Path(env["PATH"].split(os.pathsep)[0]) == start.venv_python().parent


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
def test_failed_installations_are_explained(start, printed, said):
    assert said in start.explain(printed)


def test_an_unknown_failure_shows_its_last_words(start):
    output = "".join(f"line {number}.\n" for number in range(100))
    said = start.explain(output)
    assert "line 99." in said
    assert "line 50." not in said


def test_a_failed_step_stops_with_words(start):
    fail = "import sys; print('no space left on device'); sys.exit(3)"
    with pytest.raises(start.Stop, match="disk is full"):
        start.install_step("Trying", [sys.executable, "-c", fail])


def test_a_read_only_folder_is_refused_in_words(course, read_only, capsys):
    assert course.main([]) == 1
    said = capsys.readouterr().err
    assert "Files cannot be written" in said
    assert "Copy the course's folder" in said


def test_a_full_disk_is_said_in_words(course, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(course.tempfile, "TemporaryFile", full)
    assert course.main([]) == 1
    assert "disk is full" in capsys.readouterr().err


def test_an_incomplete_copy_is_said_in_words(course, capsys):
    (course.ROOT / "requirements.lock").unlink()
    assert course.main([]) == 1
    said = capsys.readouterr().err
    assert "requirements.lock is missing" in said


def test_ctrl_c_ends_quietly(course, monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "check_writable", interrupted)
    assert course.main([]) == 130
    assert capsys.readouterr().out.strip() == "Stopped."


# ------------------------------------------------------------------ ports


def test_a_port_asked_for_and_taken_is_refused(start, monkeypatch, capsys):
    monkeypatch.setattr(start, "ready", lambda *locks: False)
    with port_in_use() as holder:
        port = holder.getsockname()[1]
        assert start.main(["--no-browser", "--port", str(port)]) == 1
    said = capsys.readouterr().err
    assert f"Port {port} is taken" in said


def test_otherwise_the_next_free_port_is_used_and_said(start, monkeypatch, capsys):
    with port_in_use() as holder:
        taken = holder.getsockname()[1]
        monkeypatch.setattr(start, "PORT", taken)
        chosen = start.choose_port(None)
    assert taken < chosen < taken + 100
    assert f"Port {taken} is taken" in capsys.readouterr().out


def test_a_free_port_is_used_silently(start, capsys):
    with port_in_use() as holder:
        free = holder.getsockname()[1]
    assert start.choose_port(free) == free
    assert capsys.readouterr().out == ""


# ------------------------------------------------------------------ the commands


def test_the_first_notebook_opens_first_and_then_what_was_open(course):
    assert course.start_address() == "/lab"
    (course.NOTEBOOKS / "00_start_here.ipynb").write_text("{}")
    assert course.start_address() == "/lab/tree/00_start_here.ipynb"
    workspaces = course.JUPYTER / "workspaces"
    workspaces.mkdir(parents=True)
    (workspaces / "default.jupyterlab-workspace").write_text("{}")
    assert course.start_address() == "/lab"


@pytest.mark.parametrize(
    ("codes", "code"),
    [((0, 0, 0), 0), ((1, 0, 0), 1), ((0, 1, 0), 1), ((0, 0, 5), 5), ((1, 1, 2), 2)],
)
def test_every_check_counts_and_options_go_to_pytest(start, monkeypatch, codes, code):
    commands, results, installed = [], iter(codes), []

    def run(command, env):
        assert env["OPENBLAS_NUM_THREADS"] == "1"
        commands.append(command[2:])
        return next(results)

    monkeypatch.setattr(start, "run", run)
    monkeypatch.setattr(start, "ready", lambda *locks: installed.append(locks))
    assert start.main(["test", "-k", "exact", "--port-like"]) == code
    assert installed == [("requirements.lock", "requirements-test.lock")]
    assert [command[0] for command in commands] == ["ruff", "ruff", "pytest"]
    assert commands[2][-3:] == ["-k", "exact", "--port-like"]
    assert commands[2][1:5] == ["-n", "2", "--dist", "loadfile"]


def test_a_failed_check_after_installing_opens_nothing(course, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(course, "examine", lambda: 1)
    monkeypatch.setattr(course, "run", lambda *_: opened.append(True) or 0)
    assert course.main(["--no-browser"]) == 1
    assert "FAILED" in capsys.readouterr().err
    assert opened == []


@needs_posix
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_jupyterlab_opens_with_its_token_and_ends_quietly(told, tmp_path):
    with port_in_use() as holder:
        port = holder.getsockname()[1]
    here = (
        "import sys, start; from pathlib import Path\n"
        "start.ready = lambda *locks: False\n"
        "start.venv_python = lambda: Path(sys.executable)\n"
        f"start.JUPYTER = Path({str(tmp_path)!r})\n"
        f"sys.exit(start.main(['--no-browser', '--port', '{port}']))"
    )
    command = [sys.executable, "-c", here]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes) as process:
        said = process.stdout.readline()
        address = re.search(r"http://\S+", said).group()
        assert f"http://127.0.0.1:{port}/lab" in address
        assert "jupyter-config-data" in fetch(address)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(f"http://127.0.0.1:{port}/api/contents")
        os.kill(process.pid, told)
        rest = process.stdout.read()
        assert process.wait(timeout=30) == 0
    assert "Traceback" not in rest


def fetch(address: str) -> str:
    """Read a page of a server that may still be starting."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=10) as page:
                return page.read().decode()
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nothing answers at {address}")


# ------------------------------------------------------------------ the doctor


@pytest.fixture
def doctor():
    spec = importlib.util.spec_from_file_location("doctor", ROOT / "tools" / "doctor.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_doctor_gets_an_answer_from_a_kernel(doctor):
    assert "answered" in doctor.check_kernel()


def test_doctor_sees_a_lab_draw(doctor):
    assert re.search(r"\d{3,} x \d{3,} pixels", doctor.check_lab())


def test_doctor_compares_every_locked_package(doctor, monkeypatch):
    pins = {r.name: next(iter(r.specifier)).version for r in doctor.locked()} | {"hmlib": "0.1.0"}
    monkeypatch.setattr(doctor, "version", pins.__getitem__)
    assert pins["numpy"] in doctor.check_versions()
    pins["numpy"] = "1.0"
    with pytest.raises(RuntimeError, match=r"numpy is 1\.0, not =="):
        doctor.check_versions()


def test_doctor_says_what_failed_and_goes_on(doctor, monkeypatch, capsys):
    def broken():
        raise RuntimeError("no ink")

    monkeypatch.setattr(doctor, "CHECKS", (("a lab", broken), ("more", lambda: "more works")))
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "FAILED  a lab: RuntimeError: no ink" in said
    assert "ok      more works" in said
