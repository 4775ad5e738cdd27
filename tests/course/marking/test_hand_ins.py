"""Labelled hand-ins, honest and hostile, are marked as labelled, and leave nothing behind."""

from __future__ import annotations

import csv
import html
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

from hmlib.course.__main__ import main
from hmlib.course.handing_out.filling import ROOT, code
from hmlib.course.marking import rounds, sandbox
from tools import hand_ins


@cache
def no_sandbox() -> str:
    return rounds.no_sandbox()


@pytest.fixture
def sandboxed() -> None:
    """Leaves a test out, and says why, where there is no sandbox."""
    if why := no_sandbox():
        pytest.skip(f"there is no sandbox here: {why}")


def left_behind() -> set[str]:
    """Processes of the runner, mounts and folders of the marking."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if b"hmlib.course.marking.inside" in line:
                found.add(f"process {folder.name}")
    found |= {str(path) for path in Path(tempfile.gettempdir()).glob("hmlib-marking-*")}
    mounts = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    return found | {line for line in mounts if "hmlib-" in line}


@pytest.mark.long
@pytest.mark.usefixtures("sandboxed")
def test_all_are_marked_as_labelled(tmp_path):
    everything, folder = hand_ins.everything(), tmp_path
    hand_ins.write(folder / "in", everything)
    before = left_behind()
    home = sorted(os.listdir(folder))
    arguments = ["mark", str(folder / "in"), "--out", str(folder / "out"), "--seed", "5"]
    assert main([*arguments, "--workers", "2", "--cell-seconds", "10"]) == 0
    assert left_behind() - before == set()
    assert sorted(os.listdir(folder)) == sorted([*home, "out"])
    with (folder / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    kept = [json.loads(path.read_text()) for path in (folder / "out" / "kept").glob("*.json")]
    slips = {
        (one["file"], id): told["tries"][-1]["slip"]
        for one in kept
        for id, told in one["questions"].items()
        if told["tries"]
    }
    wrong = []
    for one in everything:
        row = rows[one.name]
        assert bool(row["total"]) == one.marked, (one.name, row["flags"])
        for id in hand_ins.ids(one.notebook) if one.marked else ():
            expected = one.scores.get(id, 0.0)
            if abs(float(row[id]) - expected) > 1e-5:
                wrong.append((one.name, id, row[id], expected, row["flags"]))
            # Of a second guess the first is marked, and the slip is that of the first.
            slip = slips.get((one.name, id))
            if id in one.slips and slip != one.slips[id] and "second guess" not in one.name:
                wrong.append((one.name, id, slip, one.slips[id]))
    assert wrong == []


def test_there_are_sixty_and_more():
    everything = hand_ins.everything()
    assert len(everything) >= 60
    assert len({one.name for one in everything}) == len(everything)
    assert sum(one.name.startswith("hostile") for one in everything) >= 20


@pytest.mark.long
@pytest.mark.usefixtures("sandboxed")
def test_the_same_twice_resumed_and_reweighted(tmp_path, capsys):
    """What was run is kept; another weight runs nothing; the same seed gives the same table."""
    chosen = [one for one in hand_ins.everything() if one.name.startswith(("slip 01", "last only"))]
    hand_ins.write(tmp_path / "in", chosen)
    line = ["mark", str(tmp_path / "in"), "--workers", "2", "--seed", "9", "--out"]
    assert main([*line, str(tmp_path / "a")]) == 0
    assert main([*line, str(tmp_path / "b")]) == 0
    first = (tmp_path / "a" / "marks.csv").read_bytes()
    assert (tmp_path / "b" / "marks.csv").read_bytes() == first
    pages = [(tmp_path / out / "class.html").read_bytes() for out in ("a", "b")]
    assert pages[0] == pages[1]
    for path in (tmp_path / "a" / "kept").iterdir():
        assert (tmp_path / "b" / "kept" / path.name).read_bytes() == path.read_bytes()
    rules = tmp_path / "a" / "counts.toml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace('"02.9" = { points = 1', '"02.9" = { points = 7'))
    ages = {path: path.stat().st_mtime_ns for path in (tmp_path / "a" / "kept").iterdir()}
    assert main([*line, str(tmp_path / "a")]) == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "a" / "kept").iterdir()} == ages
    with (tmp_path / "a" / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["last only"]["02.9"] == "7"
    assert rows["last only"]["total"] == "7"
    assert rows["last only"]["of"] == "15"
    # One more hand-in, and the result of another lost: these two alone are run.
    again = next(one for one in hand_ins.everything() if one.name.startswith("second guess"))
    hand_ins.write(tmp_path / "in", [again])
    next((tmp_path / "a" / "kept").iterdir()).unlink()
    assert main([*line, str(tmp_path / "a")]) == 0
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "a" / "kept").iterdir()}
    assert len(after) == len(ages) + 1
    assert sum(ages.get(path) == age for path, age in after.items()) == len(ages) - 1


@pytest.mark.long
@pytest.mark.usefixtures("sandboxed")
def test_a_second_hand_in_does_not_take_a_choice_back(tmp_path):
    """The first letter that was handed in counts; a number may be put right."""
    right = hand_ins.typed("02")
    wrong = {"02.2": "'A'", "02.6": "1.0"}
    for answers in (wrong, {key: right[key] for key in wrong}):
        content = hand_ins.written(hand_ins.filled("02", answers, slim=True))
        hand_ins.write(tmp_path / "in", [hand_ins.Labelled("anna/02_x.ipynb", content, {})])
        line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "0"]
        assert main(line) == 0
    with (tmp_path / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["02.2"], row["02.6"], row["tries"]) == ("0", "1", "4")


ENDLESS = "def kl(q, p):\n    return kl(q, p)\n"
LATE = "def kl(q, p):\n    while True:\n        pass\n"
LEAVES = "def kl(q, p):\n    __import__('os')._exit(0)\n"
STOPPED = {
    "grammar": ({"02.6": "-0.77 +* 1"}, "02.6", "SyntaxError: invalid syntax, line 1", True),
    "pandas": (
        {"02.7": "import no_such_thing\n\n\ndef kl(q, p):\n    return 0\n"},
        "02.7",
        "ModuleNotFoundError: No module named 'no_such_thing'",
        True,
    ),
    "a loop": ({"02.6": "1\nwhile True:\n    pass\n"}, "02.6", "took more than 2 s of a", True),
    "a nap": ({"02.6": "__import__('time').sleep(60)"}, "02.6", "took more than 8 s by the", True),
    "endless": ({"02.7": ENDLESS}, "02.7", "the function called itself without end", False),
    "a late one": ({"02.7": LATE}, "02.7", "he function took more than 10 s of a processor", True),
    "an end": ({"02.7": LEAVES}, "02.7", "he function ended Python or its process", True),
}
"""Who -> answers that stop, the question, what is said to it, and whether a flag says it too."""
OF_A_FUNCTION = ("endless", "a late one", "an end")


@pytest.mark.long
@pytest.mark.usefixtures("sandboxed")
def test_what_stopped_is_told_as_it_was_and_once(tmp_path):
    """Neither is a check called missing that stands there, nor is a slip called a trick."""
    for who, (answers, *_) in STOPPED.items():
        content = hand_ins.written(hand_ins.filled("02", hand_ins.typed("02") | answers, slim=True))
        hand_ins.write(tmp_path / "in", [hand_ins.Labelled(f"{who}/02_x.ipynb", content, {})])
    line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "1"]
    assert main([*line, "--workers", "2", "--cell-seconds", "2"]) == 0
    with (tmp_path / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    listed = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert "7 handed in</strong>: 7 marked. 6 to look at by hand." in listed
    for who, (_, id, words, flagged) in STOPPED.items():
        name = f"{who.replace(' ', '_')}_02.html"
        page = html.unescape((tmp_path / "out" / "students" / name).read_text(encoding="utf-8"))
        assert words in page, who
        assert (words in rows[who]["flags"]) == flagged, rows[who]["flags"]
        assert ";" not in rows[who]["flags"], "it is said once"
        assert ("The cell with its check, code cell" in page) == (who not in OF_A_FUNCTION), who
        assert "<h2>Noticed</h2>" not in page, "it is said of the question or of the cell"
        assert (rows[who][id], rows[who]["total"]) == ("0", "8")
        assert "switched off" not in page
        assert "There is no check of this question" not in page


@pytest.mark.usefixtures("sandboxed")
@pytest.mark.long
@pytest.mark.parametrize("end", [os.killpg, os.kill], ids=["with its workers", "alone"])
def test_a_watcher_that_is_killed_leaves_no_sandbox(tmp_path, end):
    """Whoever ends the marking by force leaves no hand-in running, and no worker."""
    cells = [code("import time\ntime.sleep(600)\n")]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "02_x.ipynb").write_text(hand_ins.written(cells), encoding="utf-8")
    line = "import sys\nfrom hmlib.course.__main__ import main\nmain(sys.argv[1:])\n"
    arguments = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--notebook", "02"]
    before = left_behind()
    # Nobody clears up after SIGKILL: what it leaves on the disk goes with this folder.
    with tempfile.TemporaryDirectory(prefix="stop-") as room:
        marking = subprocess.Popen(
            [sys.executable, "-c", line, *arguments],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": room},
            start_new_session=True,
        )
        try:
            assert wait_until(lambda: any("process" in one for one in left_behind() - before))
        finally:
            end(marking.pid, signal.SIGKILL)
            marking.wait()
        assert wait_until(lambda: not any("process" in one for one in left_behind() - before), 20)
        assert wait_until(lambda: not processes_of(room), 20)


@pytest.mark.long
@pytest.mark.usefixtures("sandboxed")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_stops_at_once_and_leaves_nothing(tmp_path, times):
    """Pressed in a terminal it goes to the workers too: no new hand-in is begun, none runs on."""
    cells = [code("import time\ntime.sleep(600)\n")]
    for k in range(6):
        path = tmp_path / "in" / f"student {k}" / "02_x.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(hand_ins.written([*cells, code(f"{k}")]), encoding="utf-8")
    # A short one: the name of a socket in it has to fit into 108 bytes.
    room = tempfile.mkdtemp(prefix="stop-")
    arguments = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--notebook", "02"]
    marking = subprocess.Popen(
        [sys.executable, "-m", "hmlib.course", *arguments, "--workers", "2"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": room},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert wait_until(lambda: any(Path(room).glob("hmlib-*/hmlib-marking-*/talk*/door")))
        begun = time.monotonic()
        for _ in range(times):
            os.killpg(marking.pid, signal.SIGINT)
            time.sleep(0.01)
        said = marking.communicate(timeout=60)[1].decode()
        took = time.monotonic() - begun
    finally:
        marking.kill()
        marking.wait()
    assert "Stopping" in said
    assert "Traceback" not in said
    assert ("Stopped. The same command goes on" in said) == (times == 1)
    assert marking.returncode == 130
    assert took < 8, "a cell may take 30 s: nothing waits for it"
    assert wait_until(lambda: not processes_of(room), 10)
    assert os.listdir(room) == []
    os.rmdir(room)
    assert os.listdir(tmp_path / "out" / "kept") == []


def processes_of(room: str) -> list[str]:
    """Processes that were started with this folder to write in, or on a folder in it."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            told = [Path("/proc", name, file).read_bytes() for file in ("cmdline", "environ")]
        except OSError:
            continue
        if any(room.encode() in one for one in told):
            found.append(name)
    return found


def wait_until(holds, seconds: float = 120) -> bool:
    """Whether something comes to hold within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.2)
    return False


def test_without_a_sandbox_nothing_is_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "02_x.ipynb").write_text(hand_ins.published("02"), encoding="utf-8")
    line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert main(line) == 1
    said = capsys.readouterr().err
    assert "There is no sandbox here" in said
    assert "--unsafe-no-sandbox" in said
    assert "docs/teaching/give-this-course.md says how without an administrator" in said
    guide = (ROOT / "docs" / "teaching" / "give-this-course.md").read_text(encoding="utf-8")
    assert "### Without an administrator" in guide
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="hand-ins are run by forking, as on Unix")
@pytest.mark.long
def test_unsafe_runs_an_honest_hand_in(tmp_path):
    content = hand_ins.written(hand_ins.filled("02", hand_ins.typed("02"), slim=True))
    one = hand_ins.Labelled("anna/02_x.ipynb", content, {})
    hand_ins.write(tmp_path / "in", [one])
    line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--unsafe-no-sandbox"]
    before = left_behind()
    assert main(line) == 0
    with (tmp_path / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert row["total"] == row["of"] == "9"
    assert left_behind() - before == set()


def test_marks_may_not_lie_among_the_hand_ins(tmp_path, capsys):
    (tmp_path / "02_x.ipynb").write_text(hand_ins.published("02"), encoding="utf-8")
    assert main(["mark", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "lies in FOLDER" in capsys.readouterr().err
