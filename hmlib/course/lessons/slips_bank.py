"""The bank of slips: every wrong answer that the questions recognise, by the idea behind it.

The questions are the source. A slip belongs to the first idea whose pattern its name fits; wrong
options of a choice are ideas by themselves, in the words of the option.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hmlib import check
from hmlib.check.question import Question
from hmlib.check.text import markdown


@dataclass(frozen=True)
class Idea:
    """What a student thinks who makes such slips.

    Attributes:
        title: a few words.
        pattern: what the names of its slips have in them.
        behind: the idea, and where it comes from.
        helps: what to ask or do in class.
    """

    title: str
    pattern: str
    behind: str
    helps: str


IDEAS = (
    Idea(
        "The two networks, taken for each other",
        r"other network|generative slopes|models swapped|dreamt causes with data"
        r"|guess for the prior|prior for the guess|reconstruction",
        "Both rules look alike: target minus guess, times what drives. Which network learns, what "
        "its targets are and what drives it is not yet a picture but a formula to be remembered.",
        "Draw both networks with arrows, and let a student point at the target, the guess and the "
        "driver of one weight before anything is typed.",
    ),
    Idea(
        "Steps in another order",
        r"early|backwards|(?:sleep|draws) first|before (?:causes|drawing)|written|tuned"
        r"|line left out",
        "Each step is known, and what each one needs is not looked at: a line is used before it "
        "is there, or a decision is made after its result was seen.",
        "Under every line write what it needs and what it makes.",
    ),
    Idea(
        "Data where dreams belong, and dreams where data belong",
        r"dreamt|dreams? (?:where|for|left|without)|data (?:where|for|left)|for data"
        r"|rows of the data|inputs all alike|own guess|guess about the data|causes from the prior"
        r"|error times data",
        "Wake and sleep both have inputs and causes, and in code both are called u and v. That in "
        "sleep the pair comes from the model alone is said once and seen nowhere.",
        "Ask of every line: where does this array come from? Cover the data with a hand while "
        "sleep is explained.",
    ),
    Idea(
        "The average taken under another distribution",
        r"under the|posterior (?:for|as)|prior (?:for|as|in)|Q left out|[Ww]eights? left out"
        r"|KL turned|log Q as|without weights|weights kept|places count the same|plain mean"
        r"|equal weights|true average|uniform|reversed divergence|both directions|likelihood for"
        r"|weights? (?:forgotten|of)|probabilities left out|chances that",
        "An average is thought of as adding up and dividing. That F, a divergence, a code or a "
        "read-out is an average *under something*, and that it matters under what, is the new "
        "idea.",
        "Let every average be read aloud with its weight: 'the average, under Q, of ...'. Ask "
        "which column of the table is multiplied.",
    ),
    Idea(
        "A function of an average, for the average of the function",
        r"of the average|averages (?:before|put)|product of (?:averages|marginals)"
        r"|means multiplied|mean of the log|averaged first|logarithm taken last|L for F"
        r"|f not averaged|averages first"
        r"|ratio for its|the two means|function of",
        "With straight lines the order does not matter, and most of school mathematics is "
        "straight. Here the logarithm, f and tanh bend, and the order is the whole point (Jensen).",
        "Two numbers, one curve, on the board: mark the value at the mean, and the "
        "mean of the values.",
    ),
    Idea(
        "Bayes' rule left halfway",
        r"normalis|odds|condition turned|joint|divided by the (?:wrong|data)"
        r"|not divided(?! by [KM])|told that it did not|rain not used|lawn not used"
        r"|one pattern forgotten|both only|sprinkler off"
        r"|other cause|causes swapped|^dry$|input off|exactly one|causes off|neither|bias alone"
        r"|probability of being off|on and off swapped|all causes on|only the causes",
        "The joint is taken for the posterior, or a ratio for a probability: the division is "
        "forgotten, or is by something other than what is known.",
        "A table with a row for each pattern. Strike out what is impossible now; what is left has "
        "to add up to 1.",
    ),
    Idea(
        "Signs",
        r"\bsign|subtracted|energy for|gap added|turned over|turned round|F climbed"
        r"|\badded\b(?! up)|target not|ridge subtracted|one subtracted",
        "One text minimises what another maximises, and a divergence is written with either "
        "fraction. Who learns signs by heart mixes them up.",
        "Ask for a check instead of a rule: may this number be below 0? On which side of L "
        "must it lie?",
    ),
    Idea(
        "Units and scales",
        r"log2|nats|bits|percentage|power of|angle in|degrees|kernel without|without the half"
        r"|square of s|not squared|squared twice|root|standard deviation|range of"
        r"|once for twice|twice the|halves|1/n",
        "Bits and nats, a width and its square, a probability and a percentage: the size is "
        "nearly right, and nobody has said a unit aloud.",
        "Have the unit written behind every number, and one order of magnitude guessed before "
        "computing.",
    ),
    Idea(
        "Sums, means and axes",
        r"\bsum|\bmean|\baxis|averaged|added up|rows|row for|summed|not taken|divided by"
        r"|not divided by|divided$|terms multiplied|slopes added|one average for all"
        r"|each dream alone|count(?:s|ed)"
        r"|sums|worth|lengths|over K|divisor",
        "Whether data, units or patterns are added up, and what is divided by, is in the formula "
        "a letter under a sign, and in the program the number of an axis.",
        "Say the shape before and after every line. A check: what happens to the answer when "
        "every datum comes twice?",
    ),
    Idea(
        "Something left out",
        r"left out|forgotten|dropped|alone|only|not summed|without",
        "A term that did not stand in the last example, or that is constant there: the prior, the "
        "entropy, a bias, a ridge.",
        "Put in a case in which that term is all there is: no weights, one cause, no data.",
    ),
    Idea(
        "Shape and order",
        r"transposed|swapped|index|least significant|one axis|all causes returned|across|diagonal"
        r"|wrong way|other way|direction|middle|beside|apart|shares|divided$|inverted|right way",
        "The numbers are right and stand elsewhere: rows are data points is a convention, and "
        "conventions have to be met more than once.",
        "Name one entry in words before looking at the array: 'row 2, column 0 is ...'.",
    ),
    Idea(
        "Logarithm or logistic once too often, or not at all",
        r"log|exp|\bf (?:applied|not|itself|out|and)|softmax|other curve|probability for|slope in"
        r"|slope of f|not inverted|eta",
        "Drive, probability and log probability are three scales of one thing, and code names do "
        "not tell which one an array is on.",
        "Ask: can this number be below 0? Above 1? Which of the three is it, then?",
    ),
    Idea(
        "A draw, its probability, and its most likely value",
        r"drawn|coins|rounded|probabilities for|most probable|most frequent|generator|best guess"
        r"|draws|every dream|frequent|own|guess of|step alone|rate|a vector",
        "That a unit is on with probability 0.7, is on, and is most likely on are three "
        "statements. In averages they differ as soon as something bends.",
        "Throw real coins once. Ask what a second run would give.",
    ),
    Idea(
        "Numbers of another example",
        r"of the notebook|worked example|other strength|other picture|as it should be|again",
        "The cell above is copied, with its names or its numbers.",
        "Change one number of the question and ask what changes.",
    ),
)

ELSE = Idea(
    "Another quantity than the one asked",
    "",
    "Something near by was computed, often rightly: another distance, another moment, the number "
    "of something else.",
    "Have the question read aloud, and then the unit and the rough size of what is asked for.",
)

LINE = re.compile(r"line [A-Z]")
"""A slip that says which line of a question does not belong."""


@dataclass(frozen=True)
class Slip:
    """One recognised wrong answer.

    Attributes:
        question: its id.
        name: as in `questions.md`.
        said: what a student is told, in Markdown.
        chosen: the wrong option; empty if it is no choice.
    """

    question: str
    name: str
    said: str
    chosen: str

    @property
    def secret(self) -> bool:
        """Whether its name alone would tell what is right: options and lines that do not belong."""
        return bool(self.chosen or LINE.fullmatch(self.name))


def idea_of(name: str) -> Idea:
    """The idea behind a slip of this name."""
    return next((idea for idea in IDEAS if re.search(idea.pattern, name)), ELSE)


def slips() -> Iterator[Slip]:
    """Every slip of every question."""
    for question in check.questions():
        yield from _of(question)


def _of(question: Question) -> Iterator[Slip]:
    for name, said in question.prose.slips.items():
        option = question.prose.options.get(name, "")
        yield Slip(question.id, name, markdown(said), markdown(option))


def page(secrets: bool) -> str:
    """The bank, in Markdown.

    Args:
        secrets: with what is said to each slip and with the wrong options, as teachers get it; else
            only what tells nothing of an answer.
    """
    found = list(slips())
    open_ones = [slip for slip in found if not slip.secret]
    lines = ["# The bank of slips", "", *_above(len(found), len(open_ones), secrets), ""]
    for idea in (*IDEAS, ELSE):
        mine = [slip for slip in open_ones if idea_of(slip.name) is idea]
        lines += [f"## {idea.title} ({len(mine)})", "", f"*Behind it:* {idea.behind}", ""]
        lines += [f"*What helps:* {idea.helps}", ""]
        if secrets:
            lines += [f"- {slip.question} *{slip.name}:* {slip.said}" for slip in mine]
        else:
            lines.append("; ".join(_by_name(mine)) + ".")
        lines.append("")
    if secrets:
        lines += ["## Wrong options, and lines that do not belong", ""]
        lines += ["The idea behind a wrong option is what the option says.", ""]
        for slip in found:
            if slip.secret:
                belief = f"“{slip.chosen}” " if slip.chosen else ""
                lines.append(f"- {slip.question} **{slip.name}** {belief}→ {slip.said}")
    return "\n".join(lines).rstrip() + "\n"


def _above(count: int, open_count: int, secrets: bool) -> list[str]:
    """What stands above the bank."""
    made = (
        f"The questions of the course recognise {count} wrong answers, and have a sentence for "
        "each. Here are the ideas behind them. This page is made from the questions."
    )
    if secrets:
        return [made, "Keep it to yourself: it tells which options are wrong."]
    left = count - open_count
    return [
        f"{made} It gives no answer away: {left} wrong options and lines that do not belong are "
        "left out, and so is what is said to each slip. The teacher's edition has both "
        "(`teaching/slips.md`). After a marking, `class.html` says how often each slip was made."
    ]


def _by_name(found: list[Slip]) -> list[str]:
    """Names of slips, each with the questions that know it."""
    by_name: dict[str, list[str]] = {}
    for slip in found:
        by_name.setdefault(slip.name, []).append(slip.question)
    return [f"{name} ({', '.join(ids)})" for name, ids in by_name.items()]
