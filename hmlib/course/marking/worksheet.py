"""Moodle's grading worksheet: the points go into its column of grades, all else stays as it came.

Its headings are translated, so the column that says who it is is found by what stands in it: it
ends in the numbers that Moodle's folders have.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hmlib.check.words import counted, listed
from hmlib.course.marking.counting import Rule
from hmlib.course.marking.handins import HandIn, number_of, per_notebook
from hmlib.course.marking.marked import Row

NAME = "worksheet.csv"
"""The filled copy, in the folder of the marks."""
GRADE, MAXIMUM = "Grade", "Maximum grade"
"""Headings of an English worksheet."""

BOM = b"\xef\xbb\xbf"
SEPARATORS = (",", ";", "\t")
NAMED = 5
"""Students that one sentence names."""

_LAST_NUMBER = re.compile(r"(\d+)\s*$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Worksheet:
    """A worksheet that has been read.

    Attributes:
        path: of the file.
        start: the bytes before its text.
        separator: between cells.
        lines: raw text of each cell and of what ends the line.
        values: what stands in each cell; the first line has the headings.
        grade: which column has grades.
        maximum: which column has the highest grade; None if there is none.
    """

    path: Path
    start: bytes
    separator: str
    lines: Sequence[Sequence[str]]
    values: Sequence[Sequence[str]]
    grade: int
    maximum: int | None


def read(path: Path, grade: str | None = None, maximum: str | None = None) -> Worksheet:
    """Read a worksheet and find its columns.

    Args:
        path: of the file that Moodle gave.
        grade: heading of the column of grades; "Grade" if it is not given.
        maximum: heading of the highest grade; "Maximum grade", if it is there, if it is not given.

    Raises:
        ValueError: if it cannot be read as a table, or has no such column.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise wrong(path, f"cannot be opened ({type(error).__name__})") from None
    start = BOM if content.startswith(BOM) else b""
    try:
        text = content.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError:
        raise wrong(path, "is not in UTF-8") from None
    head = text.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    lines, values = _table(path, text, separator)
    if not values or len(values[0]) < 2:
        raise wrong(path, "has no line of headings")
    names = [name.strip() for name in values[0]]
    column = _column(path, names, grade, GRADE, "--grade-column")
    if column is None:
        raise wrong(
            path,
            f"has no column {GRADE!r}; its columns are {listed(map(repr, names), 'and')}",
            "the name of one of them with --grade-column",
        )
    most = _column(path, names, maximum, MAXIMUM, "--maximum-column")
    return Worksheet(path, start, separator, lines, values, column, most)


def wrong(path: Path, what: str, accepted: str = "") -> ValueError:
    """What is said of a worksheet that does not fit."""
    usual = "the grading worksheet as Moodle gave it, a table in UTF-8 with commas"
    return ValueError(f"--worksheet is {str(path)!r}, which {what}; accepted: {accepted or usual}")


def _table(path: Path, text: str, separator: str) -> tuple[list[list[str]], list[list[str]]]:
    """The raw cells of each line, and what stands in them."""
    raw = list(io.StringIO(text, newline=""))
    reader = csv.reader(raw, delimiter=separator)
    lines, values, begun = [], [], 0
    try:
        for row in reader:
            cells = _cells("".join(raw[begun : reader.line_num]), separator)
            begun = reader.line_num
            if row and len(cells) != len(row) + 1:
                raise wrong(path, f"has quotes that do not close in line {begun}")
            lines.append(cells)
            values.append(row)
    except csv.Error as error:
        raise wrong(path, f"cannot be read at line {reader.line_num} ({error})") from None
    return lines, values


def _cells(line: str, separator: str) -> list[str]:
    """The raw text of each cell, with its quotes, and last what ends the line."""
    plain = rf"[^{separator}\r\n]*"
    cell = re.compile(rf'"(?:[^"]|"")*"{plain}|{plain}')
    found, place = [], 0
    while True:
        match = cell.match(line, place)
        assert match is not None
        found.append(match[0])
        place = match.end()
        if line[place : place + 1] != separator:
            return [*found, line[place:]]
        place += 1


def _column(
    path: Path, names: Sequence[str], given: str | None, usual: str, option: str
) -> int | None:
    """The place of a heading; None if the usual one is not there and no other was given."""
    wanted = (usual if given is None else given).strip().casefold()
    found = [place for place, name in enumerate(names) if name.casefold() == wanted]
    if len(found) > 1:
        raise wrong(path, f"has {len(found)} columns {names[found[0]]!r}", "one of them")
    if found:
        return found[0]
    if given is None:
        return None
    known = listed(map(repr, names), "or")
    raise ValueError(f"{option} is {given!r}; accepted, in {str(path)!r}: {known}")


def refuse_misfits(sheet: Worksheet, handins: Sequence[HandIn]) -> None:
    """Refuse, before anything is run, what could not be filled in afterwards.

    Args:
        sheet: as it came.
        handins: what was handed in.

    Raises:
        ValueError: as `fill` does.
    """
    line_of = _lines_of(sheet, handins)
    here = [one for one in handins if not one.trouble and number_of(one.file) in line_of]
    _of_one_notebook(sheet, here)
    for one in here:
        _highest(sheet, line_of[number_of(one.file)])


def fill(sheet: Worksheet, path: Path, rows: Sequence[Row], rules: Mapping[str, Rule]) -> list[str]:
    """Write a copy with the grades of those who handed in, and say what was done.

    Args:
        sheet: as it came.
        path: where the copy goes.
        rows: what was handed in, marked.
        rules: what counts.

    Returns:
        Sentences for the teacher: how many grades there are, and who has none.

    Raises:
        ValueError: if the worksheet is of another assignment, has no number where the highest grade
            should be, or the hand-ins are of more than one notebook. Nothing is written then.
    """
    line_of = _lines_of(sheet, rows)
    here = [row for row in rows if number_of(row.file) in line_of]
    graded = [row for row in here if row.marks]
    _of_one_notebook(sheet, graded)
    if any(not row.most(rules) for row in graded):
        raise ValueError(
            "no question counts, so that there is no grade; accepted: another counts.toml"
        )
    lines = [list(cells) for cells in sheet.lines]
    comma = _has_commas(sheet)
    for row in graded:
        place = line_of[number_of(row.file)]
        points = row.total(rules) * (_highest(sheet, place) or row.most(rules)) / row.most(rules)
        text = f"{points:.2f}".replace(".", "," if comma else ".")
        lines[place][sheet.grade] = f'"{text}"' if sheet.separator in text else text
    content = "".join(sheet.separator.join(cells[:-1]) + cells[-1] for cells in lines)
    half = path.with_suffix(".half")
    half.write_bytes(sheet.start + content.encode("utf-8"))
    half.replace(path)
    said = [f"{counted(len(graded), 'grade')} for Moodle: see {path}."]
    if sheet.maximum is None:
        said.append(
            f"There is no column {MAXIMUM!r}: the grades are points, not scaled. If it has another "
            "name, give --maximum-column."
        )
    done = {number_of(row.file) for row in graded}
    left = [row for row in here if number_of(row.file) not in done]
    why = [f"{row.file} ({row.flags[0]})" for row in left]
    said += _left("Not marked, so their grades are as they came", why)
    return said + _left("Not in the worksheet", [row.file for row in rows if row not in here])


def _left(what: str, files: Sequence[str]) -> list[str]:
    """A sentence on those who got no grade."""
    if not files:
        return []
    more = f"; and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return [f"{what}: {'; '.join(files[:NAMED])}{more}."]


def _lines_of(sheet: Worksheet, rows: Sequence[Row | HandIn]) -> dict[str, int]:
    """The line of each number of Moodle's that was handed in under and is in the worksheet."""
    numbers = {number for row in rows if (number := number_of(row.file))}
    if not numbers:
        raise wrong(
            sheet.path,
            "goes by Moodle's numbers, and no hand-in has one",
            "folders as Moodle names them, such as Anna Berg_4411_assignsubmission_file_",
        )
    found: list[Counter[str]] = []
    for column in range(len(sheet.values[0])):
        cells = [row[column] for row in sheet.values[1:] if column < len(row)]
        ends = Counter(end[1] for cell in cells if (end := _LAST_NUMBER.search(cell)))
        found.append(Counter({number: ends[number] for number in numbers & ends.keys()}))
    column = max(range(len(found)), key=lambda one: len(found[one]))
    if not found[column]:
        raise wrong(
            sheet.path,
            f"has no column that ends in the numbers of the hand-ins, such as {min(numbers)}",
            "the worksheet of the same assignment",
        )
    twice = [number for number, times in found[column].items() if times > 1]
    if twice:
        raise wrong(sheet.path, f"has more than one line for {min(twice)}", "a line a student")
    lines = {}
    for place, row in enumerate(sheet.values[1:], start=1):
        end = _LAST_NUMBER.search(row[column]) if column < len(row) else None
        if end and end[1] in numbers:
            if len(row) <= max(sheet.grade, sheet.maximum or 0):
                raise wrong(sheet.path, f"has {counted(len(row), 'cell')} in the line of {end[1]}")
            lines[end[1]] = place
    return lines


def _of_one_notebook(sheet: Worksheet, graded: Sequence[Row | HandIn]) -> None:
    """Refuse hand-ins of several notebooks: a worksheet has one grade a student."""
    files = {one.file: one.notebook for one in graded}
    if len(set(files.values())) > 1:
        raise wrong(
            sheet.path,
            f"has one grade a student, and these notebooks were handed in: {per_notebook(files)}",
            "hand-ins of one notebook in FOLDER, as from an assignment for each notebook",
        )


def _highest(sheet: Worksheet, place: int) -> float | None:
    """The highest grade in a line; None if there is no such column."""
    if sheet.maximum is None:
        return None
    cell = sheet.values[place][sheet.maximum].strip()
    if not _NUMBER.fullmatch(cell):
        name = sheet.values[0][sheet.maximum]
        raise wrong(sheet.path, f"has {cell!r} in the column {name!r}", "a number there")
    return float(cell.replace(",", "."))


def _has_commas(sheet: Worksheet) -> bool:
    """Whether numbers are written with a decimal comma, as those that stand there are."""
    columns = [sheet.grade] if sheet.maximum is None else [sheet.grade, sheet.maximum]
    cells = [row[one].strip() for row in sheet.values[1:] for one in columns if one < len(row)]
    return any("," in cell and _NUMBER.fullmatch(cell) for cell in cells)
