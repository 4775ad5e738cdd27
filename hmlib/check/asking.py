"""Who is asked: nobody in particular, with the numbers that are printed, or a student by name."""

from __future__ import annotations

from dataclasses import dataclass

from hmlib.check.varying import seed_of, variant_of


@dataclass(frozen=True)
class Student:
    """Who is asked.

    Attributes:
        name: as it was given; empty for nobody in particular.
        variant: which numbers are theirs; 0 for those that are printed.
        seed: of the cases on which their functions are tried.
    """

    name: str = ""
    variant: int = 0
    seed: int = 0


def called(name: str | int) -> Student:
    """The student of a name.

    Raises:
        ValueError: if it is no name.
    """
    return Student(str(name), variant_of(name), seed_of(name))


class _Asked:
    """Holds who is asked in this process."""

    student = Student()


def now() -> Student:
    """Who is asked now."""
    return _Asked.student


def ask_for(student: Student) -> None:
    """From here on questions are asked of this student."""
    _Asked.student = student
