"""What every homework question has in common, and what grading it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, Self

from hmlib.check.prose import Prose
from hmlib.check.text import Text, joined, markdown, wrap
from hmlib.check.varying import Posed

Outcome = Literal["not attempted", "not yet", "correct"]


@dataclass(frozen=True)
class Verdict:
    """What a check says about one answer. Its `str` is plain; notebooks render it.

    Attributes:
        id: name of the question, such as "02.8".
        outcome: "not attempted", "not yet" or "correct".
        message: the reason, in plain words.
        score: 1 for a correct answer, the share that is right where there are several parts.
        slip: name of the recognised slip; empty if none was recognised.
    """

    id: str
    outcome: Outcome
    message: str
    score: float = 0.0
    slip: str = ""

    def __str__(self) -> str:
        return wrap(f"{self.id}: {self.outcome}. {self.message}")

    def _repr_markdown_(self) -> str:
        return f"**{self.id}: {self.outcome}.** {markdown(self.message)}"

    def text(self) -> Text:
        """The verdict as `check` shows it: in both forms, and with the way to a hint."""
        if self.outcome != "not yet":
            return Text(str(self), self._repr_markdown_())
        call = f'check.hint("{self.id}", 1)'
        return Text(
            f"{self}\nFor a hint: {call}", f"{self._repr_markdown_()}\n\nFor a hint: `{call}`"
        )


class Unreadable(Exception):
    """An answer that cannot be read; its text says, in words, what was found."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Question:
    """One question. The kinds in `kinds.py` and `function.py` say how an answer is graded.

    A slip is a recognised wrong answer: its name and the wrong answer stand here, its sentence in
    the prose.

    Attributes:
        id: two digits of the notebook, a dot, and a number: "02.8".
        answer: the right answer, from `solutions.py`.
        slips: name of a slip, such as "entropy dropped" -> the wrong answer itself.
        values: name -> what stands in the prose in place of {name}.
        vary: from the number of a variant, the question with other numbers; None if it has none.
        prose: all that a student reads.
    """

    id: str
    answer: object
    slips: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    vary: Callable[[int], Posed] | None = None
    prose: Prose = field(default_factory=Prose)

    own_words: ClassVar[str] = (
        "These numbers go with your name, and with a few others. Where the page has different "
        "ones, the steps are the same."
    )
    blank: ClassVar[str] = "Put your answer in place of the ... and run the cell again."
    lettered: ClassVar[str] = ""
    """The section of the prose with a letter for each item, if this kind has one."""

    @property
    def varies(self) -> bool:
        """Whether it is asked with other numbers of other students."""
        return self.vary is not None

    @property
    def own(self) -> str:
        """What is a student's own in it, in words; empty if it is the same for everybody."""
        return self.own_words if self.varies else ""

    def variant(self, number: int) -> Self:
        """The question with the numbers of a variant, still without prose; 0 for those printed."""
        if not number or self.vary is None:
            return self
        posed = self.vary(number)
        return replace(self, answer=posed.answer, slips=posed.slips, values=posed.values)

    def told(self, prose: Prose) -> Self:
        """The question with its prose.

        Raises:
            ValueError: if prose and question do not belong together; names file and line.
        """
        question = replace(self, prose=prose)
        for section, letters in (("Options", prose.options), ("Lines", prose.lines)):
            if bool(letters) != (section == self.lettered):
                needs = "needs a" if section == self.lettered else "has no"
                raise ValueError(
                    f"{prose.place}: question {self.id}, a {type(self).__name__}, "
                    f"{needs} section '### {section}'"
                )
        question.check_letters()
        known, said = question.all_slips(), prose.slips
        for name in known:
            if name not in said:
                raise ValueError(
                    f"{prose.place}: question {self.id} says nothing to the slip {name!r}; "
                    "give it a sentence under '### Slips'"
                )
        for name in said:
            if name not in known:
                raise ValueError(
                    f"{prose.place}: question {self.id} has a sentence for {name!r}, which is no "
                    "slip in checks.py"
                )
        return question

    def check_letters(self) -> None:
        """Hold the letters of the question against those of its prose; may raise ValueError."""

    def grade(self, answer: object, seed: int = 0) -> Verdict:
        """Grade an answer. Nothing is printed, and no error escapes."""
        if answer is ... or answer is None:
            return self.not_attempted()
        try:
            return self._grade(answer, seed)
        except Unreadable as trouble:
            return self.not_yet(str(trouble))

    def _grade(self, answer: object, seed: int) -> Verdict:
        """Grade an answer that was attempted; may raise `Unreadable`."""
        raise NotImplementedError

    def all_slips(self) -> Mapping[str, object]:
        """The wrong answer of every slip, by its name."""
        return self.slips

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        """The names of the slips that this answer cannot be told from."""
        raise NotImplementedError

    def text(self, note: str = "") -> Text:
        """The question as `check.ask` shows it, and a note below it."""
        prose = self.prose
        items = prose.options or prose.lines
        plain = [f"{self.id} {prose.title}", prose.prompt, *(f"{k}. {v}" for k, v in items.items())]
        rich = [f"**{self.id} {markdown(prose.title)}**", markdown(prose.prompt)]
        if items:
            rich.append("\n".join(f"- **{k}.** {markdown(item)}" for k, item in items.items()))
        if note:
            plain, rich = [*plain, note], [*rich, markdown(note)]
        return Text("\n".join(map(wrap, plain)), "\n\n".join(rich))

    def hint(self, level: int) -> Text:
        """One hint as `check.hint` shows it."""
        what = f"{self.id}, hint {level} of {len(self.prose.hints)}:"
        said = self.prose.hints[level - 1]
        return Text(wrap(f"{what} {said}"), f"**{what}** {markdown(said)}")

    def correct(self, note: str = "") -> Verdict:
        return Verdict(self.id, "correct", joined([self.prose.why, note]), score=1.0)

    def not_yet(self, *sentences: str, score: float = 0.0, slip: str = "") -> Verdict:
        return Verdict(self.id, "not yet", joined(sentences), score, slip)

    def slipped(self, slip: str, *notes: str, score: float = 0.0) -> Verdict:
        """The verdict on a recognised slip: its own sentence."""
        return self.not_yet(self.prose.slips[slip], *notes, score=score, slip=slip)

    def not_attempted(self, sentence: str = "") -> Verdict:
        return Verdict(self.id, "not attempted", sentence or self.blank)

    def __repr__(self) -> str:
        return f"{self.id} {self.prose.title}"
