"""Marks a folder: what is new is run, the rest is taken from the last time."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from hmlib.check.bank import COURSE
from hmlib.check.words import counted
from hmlib.course.marking import (
    belonging,
    correcting,
    counting,
    predictions,
    reports,
    stopping,
    worksheet,
)
from hmlib.course.marking.handins import ZIPPED, HandIn, find, first_cell
from hmlib.course.marking.judging import Job, Result, mark_one
from hmlib.course.marking.library import PACKAGE, without_answers
from hmlib.course.marking.marked import Row
from hmlib.course.marking.naming import NOBODY
from hmlib.course.marking.noticing import SEVERAL
from hmlib.course.marking.sandbox import REFUSED, Limits, why_not
from hmlib.course.marking.worksheet import Worksheet

KEPT = "kept"
"""The folder of what was run, a file a hand-in."""
SEEN = "seen.json"
"""The seed, and the hand-ins in the order in which they came."""


def mark(
    folder: Path,
    out: Path,
    notebook: str | None = None,
    seed: int | None = None,
    limits: Limits | None = None,
    sandboxed: bool = True,
    executor: Executor | None = None,
    workers: int | None = None,
    names: str = "fitting",
    give_back: bool = False,
    sheet: Worksheet | None = None,
) -> list[Row]:
    """Mark all hand-ins of a folder and write `marks.csv`, a page a student and a class page.

    Args:
        folder: where the hand-ins are.
        out: where all that is written goes; what is kept there is not run again.
        notebook: its two digits, for files that do not say it.
        seed: of the cases on which functions are tried; drawn if there is none yet.
        limits: what one hand-in may use.
        sandboxed: False to run hand-ins as ordinary processes.
        executor: where they are run; processes of this computer if it is not given.
        workers: how many of those.
        names: which name says whose numbers a hand-in has; see `naming.whose`.
        give_back: whether pages are written a second time, each into a folder named as the hand-in.
        sheet: Moodle's worksheet that is to be filled afterwards, if there is one.

    Returns:
        One row a hand-in, in the order of the table.

    Raises:
        ValueError: if there is no sandbox, nothing to mark, a rule that is not accepted, a
            correction or worksheet that does not fit, or a folder with marks of others. Nothing
            is run then.
    """
    handins = find(folder, notebook)
    if out.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"--out is {str(out)!r}, which lies in FOLDER; accepted: another folder")
    results = kept(out)
    belonging.refuse_others(out, folder, handins, list(results.values()))
    if sheet is not None:
        worksheet.refuse_misfits(sheet, handins)
    if sandboxed and (why := no_sandbox()):
        raise ValueError(REFUSED.format(why=why))
    (out / KEPT).mkdir(parents=True, exist_ok=True)
    rules = counting.rules(out)
    corrected = correcting.corrections(out, rules, handins, results.values())
    seen = remember(out, handins, seed)
    keys = {
        one.file: f"{known_as(one)}-{way(one.notebook, seen['seed'], names)}"
        for one in handins
        if not one.trouble
    }
    missing = [one for one in handins if not one.trouble and keys[one.file] not in results]
    jobs = {
        keys[one.file]: Job(
            one.file,
            one.who,
            one.notebook,
            one.cells,
            first_cell(one.notebook),
            seen["seed"],
            limits or Limits(),
            sandboxed,
            names,
            one.student,
        )
        for one in missing
    }
    if jobs:
        with _executor(executor, workers, len(jobs)) as pool:
            for name, result in run_all(pool, jobs):
                result["seed"] = seen["seed"]
                write(out / KEPT / f"{name}.json", result)
                results[name] = result
    rows = table(handins, results, seen, rules, names, corrected)
    reports.write_all(out, rows, rules, give_back)
    return rows


def no_sandbox() -> str:
    """Why there is no sandbox here; empty if there is one."""
    with tempfile.TemporaryDirectory(prefix="hmlib-library-") as name:
        Path(name).chmod(0o755)
        return why_not(without_answers(Path(name) / "library"))


@contextmanager
def _executor(given: Executor | None, workers: int | None, jobs: int) -> Iterator[Executor]:
    """The executor that was given, or a pool of processes."""
    if given is not None:
        yield given
        return
    count = min(workers or os.cpu_count() or 1, jobs)
    # Started anew, so that no worker carries threads or state of whoever called.
    context = multiprocessing.get_context("spawn")
    with stopping.folder_of_workers() as folder:
        pool = ProcessPoolExecutor(
            count, mp_context=context, initializer=stopping.begin_worker, initargs=(folder,)
        )
        try:
            yield pool
        except KeyboardInterrupt:
            stopping.end_workers()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def run_one(job: Job) -> Result:
    """Mark one hand-in, in a worker."""
    with stopping.at_work():
        return mark_one(job)


def run_all(pool: Executor, jobs: dict[str, Job]) -> Iterator[tuple[str, Result]]:
    """Every job with its result, as they come."""
    run = run_one if isinstance(pool, ProcessPoolExecutor) else mark_one
    with stopping.unheard():
        futures: dict[Future[Result], str] = {
            pool.submit(run, job): name for name, job in jobs.items()
        }
    with tqdm(total=len(jobs), desc="marking", unit="hand-in") as bar:
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
                bar.update()
        finally:
            for future in futures:
                future.cancel()


def remember(out: Path, handins: Sequence[HandIn], seed: int | None) -> dict[str, Any]:
    """The seed, and the hand-ins in the order in which they came; new ones are added, by their age.

    Raises:
        ValueError: if the file that keeps them was changed by hand into something else.
    """
    path = out / SEEN
    seen: dict[str, Any] = {"seed": seed, "order": []}
    if path.exists():
        try:
            seen = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(seen["seed"], int) or not isinstance(seen["order"], list):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise ValueError(
                f"{path} is not as it was written; remove the folder {out} and mark anew"
            ) from None
    if seed is not None:
        seen["seed"] = seed
    if seen["seed"] is None:
        seen["seed"] = secrets.randbits(62)
    known = set(seen["order"])
    seen["order"] += [
        name for one in handins if not one.trouble and (name := known_as(one)) not in known
    ]
    write(path, seen)
    return seen


def known_as(one: HandIn) -> str:
    """The name of a hand-in: another for other bytes, another student or another notebook."""
    said = json.dumps([one.digest, one.who, one.notebook])
    return f"{one.notebook}-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def way(notebook: str, seed: int, names: str) -> str:
    """How hand-ins are judged: otherwise with another seed, other questions, numbers or limits."""
    course = PACKAGE / COURSE.rpartition(".")[2]
    judges = [PACKAGE / "check" / f"{name}.py" for name in ("function", "kinds", "reading")]
    judges += [course / "marking" / f"{name}.py" for name in ("inside", "judging", "warden")]
    asked = ("checks.py", "solutions.py", "variants.py", "questions.md")
    files = [*judges, course / "machines.py", *(course / f"nb{notebook}" / name for name in asked)]
    content = b"".join(path.read_bytes() for path in files)
    return hashlib.sha256(json.dumps([seed, names]).encode() + content).hexdigest()[:12]


def kept(out: Path) -> dict[str, Result]:
    """All that was run before and is whole."""
    found = {}
    for path in sorted((out / KEPT).glob("*.json")):
        try:
            found[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
    return found


def write(path: Path, content: Any) -> None:
    """Write JSON so that an interruption leaves the old file or the new one."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(content, indent=1), encoding="utf-8")
    half.replace(path)


def _judged(name: str, results: dict[str, Result], ways: dict[str, str]) -> Result:
    """What is kept of a hand-in: judged as it is now if it was there to be run, else as before."""
    before = [one for key, one in results.items() if key.startswith(f"{name}-")]
    return results.get(f"{name}-{ways.get(name[:2])}", before[-1] if before else {})


def unnamed(told: Result, typed: Sequence[bool]) -> list[str]:
    """A flag for whoever has the shared numbers in a class that was asked for names."""
    alone = not told.get("name") and not told["variant"] and NOBODY not in told["flags"]
    return [NOBODY] if alone and 2 * sum(typed) > len(typed) else []


def beside(handins: Sequence[HandIn]) -> dict[str, list[str]]:
    """The files that are no notebooks of each hand-in that is a folder; zips first."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in sorted(handins, key=lambda one: (one.trouble != ZIPPED, one.file)):
        if one.is_other:
            found[one.place].append(one.file)
    return found


def and_others(files: Sequence[str]) -> list[str]:
    """A flag for files that were not looked at."""
    return [f"and {counted(len(files), 'other file')}"] if files else []


def several(files: Sequence[HandIn]) -> list[str]:
    """A flag if one student has more than one file of a notebook."""
    if len(files) == 1:
        return []
    return [SEVERAL.format(files=", ".join(one.file for one in files))]


def table(
    handins: Sequence[HandIn],
    results: dict[str, Result],
    seen: dict[str, Any],
    rules: dict[str, counting.Rule],
    names: str,
    corrected: correcting.Corrections,
) -> list[Row]:
    """One row for each student and notebook, and one for each file that cannot be marked."""
    came = {name: place for place, name in enumerate(seen["order"])}
    files_of: dict[tuple[str, str], list[HandIn]] = defaultdict(list)
    for one in sorted((h for h in handins if not h.trouble), key=lambda h: came[known_as(h)]):
        files_of[one.who, one.notebook].append(one)
    newest_of = {whose: files[-1] for whose, files in files_of.items()}
    ways = {notebook: way(notebook, seen["seed"], names) for _, notebook in newest_of}
    judged = {name: _judged(name, results, ways) for name in seen["order"]}
    foreseen = predictions.class_of(newest_of.values())
    typed: dict[str, list[bool]] = defaultdict(list)
    for known in filter(None, judged.values()):
        typed[known["notebook"]].append(bool(known.get("name")))
    others, read = beside(handins), [one for one in handins if not one.is_other]
    rows = []
    for (student, notebook), newest in sorted(newest_of.items(), key=lambda item: item[0]):
        files = files_of[student, notebook]
        left = [name for one in files for name in others.pop(one.place, [])]
        told = [
            one
            for one in judged.values()
            if one and (one["student"], one["notebook"]) == (student, notebook)
        ]
        marks = {
            id: counting.settle(told, id, rule)
            for id, rule in rules.items()
            if id.startswith(f"{notebook}.")
        }
        by_hand = []
        for id, mark in marks.items():
            if correction := corrected.get((student, id)):
                marks[id], flag = correction.of(mark, id, rules[id])
                by_hand.append(flag)
        last = told[-1]
        rows.append(
            Row(
                newest.file,
                student,
                notebook,
                marks,
                [
                    *filter(None, [newest.noticed]),
                    *several(files),
                    *and_others(left),
                    *last["flags"],
                    *unnamed(last, typed[notebook]),
                    *by_hand,
                ],
                last["errors"],
                last["variant"],
                foreseen[newest.file],
                left,
            )
        )
    for one in (one for one in read if one.trouble):
        left = others.pop(one.place, [])
        flags = [one.trouble, *and_others(left)]
        rows.append(Row(one.file, one.who, one.notebook, {}, flags, beside=left))
    known = {one.file: one for one in handins}
    for first, *left in others.values():
        flags = [known[first].trouble, *and_others(left)]
        rows.append(Row(first, known[first].student, "", {}, flags, beside=left))
    return sorted(rows, key=lambda row: (row.notebook, row.student, row.file))
