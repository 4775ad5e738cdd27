"""Answers to a choice of letters, in the forms in which students type them."""

from __future__ import annotations

from labelled import Labelled


def letters(id: str, right: str) -> list[Labelled]:
    """The right letter in four forms, and the other letters."""
    forms = {"small": right.lower(), "bracket": f"{right})", "spaces": f" {right} "}
    wrong = [letter for letter in "ABCD" if letter != right]
    return [
        Labelled(id, "capital", right, True),
        *(Labelled(id, how, form, True) for how, form in forms.items()),
        *(Labelled(id, f"letter {letter}", letter, False) for letter in wrong),
    ]
