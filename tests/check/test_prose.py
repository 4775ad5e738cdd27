"""Reading questions.md, and putting prose and code together."""

import re

import pytest

from hmlib import check
from hmlib.check.bank import put_together
from hmlib.check.kinds import Choice, Number, Order
from hmlib.check.prose import read

PAGE = """# Questions of notebook 07, "A test"

## 07.1 How many?

A machine has {causes} causes,
and $2^3$ patterns. How many

```
for v in states:
    print("# one `pattern`")
```

lines are printed?

### Hints

1. Count.
2. It is `2**n_v`, where
   `n_v` is 3.

### Why

Every pattern once.

### Otherwise

Count again.

### Slips

- **causes counted:** These are the causes. Patterns
  are more.
- **half:** Twice that.

## 07.2 Which?

One of these.

### Options

- **A:** The first.
- **B:** $Q$ or
  the second.

### Hints

1. Not A.

### Why

B is.

### Slips

- **A:** Not this one.

## 07.3 In order

Put these in order.

### Lines

- **A:** one
- **B:** two
- **C:** three

### Hints

1. Begin with A.

### Why

So one counts.

### Slips

- **backwards:** The other way.
- **line C:** C does not belong.
"""


def questions(**changes):
    fields = {"answer": 8.0, "slips": {"causes counted": 3.0, "half": 4.0}}
    return (
        Number(id="07.1", **{**fields, "values": {"causes": "three"}, **changes}),
        Choice(id="07.2", answer="B"),
        Order(id="07.3", answer="AB", decoys={"C": "B"}, slips={"backwards": "BA"}),
    )


def line_of(text, page=PAGE):
    return page[: page.index(text)].count("\n") + 1


def test_every_part_of_a_question_is_read():
    first, second, third = put_together(questions(), PAGE, "nb07/questions.md").values()
    prose = first.prose
    assert prose.title == "How many?"
    assert prose.prompt.split("\n") == [
        "A machine has three causes, and 2^3 patterns. How many",
        "for v in states:",
        '    print("# one `pattern`")',
        "lines are printed?",
    ]
    assert "\n\n```\nfor v in states:\n" in prose.prompt.markdown
    assert prose.hints == ("Count.", "It is 2**n_v, where n_v is 3.")
    assert (prose.why, prose.otherwise) == ("Every pattern once.", "Count again.")
    assert prose.slips["causes counted"] == "These are the causes. Patterns are more."
    assert second.prose.options == {"A": "The first.", "B": "Q or the second."}
    assert third.prose.lines == {"A": "one", "B": "two", "C": "three"}
    assert first.grade(3).message == "These are the causes. Patterns are more."
    assert second.grade("a").message == "Not this one."
    assert third.grade("AC").message == "C does not belong."


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("# Questions", "Questions", "Questions of", "begins with a heading"),
        ("## 07.1 How", "What is this?\n\n## 07.1 How", "What is", "before the first question"),
        ("## 07.1 How many?", "## How many?", "## How", "no heading such as '## 02.1 Title'"),
        ("## 07.2 Which?", "## 07.1 Which?", "## 07.1 Which", "question 07.1 is there twice"),
        (
            "### Hints\n\n1. Not",
            "### Clues\n\n1. Not",
            "### Clues",
            "section 'Clues'; accepted: Op",
        ),
        ("### Why\n\nB is.", "### Hints\n\nB is.", "### Hints\n\nB", "the order is Options, Lines"),
        ("### Why\n\nB is.\n", "", "## 07.2", "no section '### Why'"),
        ("\nOne of these.\n", "", "## 07.2", "no text"),
        ("B is.", "B is.\n\nIt is.", "### Why\n\nB", "one paragraph"),
        ("B is.", "", "### Why\n\n\n", "no text"),
        ("1. Not A.", "- Not A.", "- Not A", "'1. text' is wanted"),
        ("2. It is", "3. It is", "3. It is", "'2. text' is wanted"),
        ("- **A:** The", "- A: The", "- A: The", "an item such as '- **name:** text'"),
        ("- **B:** $Q$", "- **A:** $Q$", "- **A:** $Q$", "'A' is there twice"),
        ("- **half:** Twice that.", "Twice that.", "Twice that", "an item such as"),
        ("1. Not A.", "  Not A.", "  Not A.", "belongs to no item"),
        ("- **A:** Not this one.", "", "### Slips\n\n\n", "the section is empty"),
        ("Count again.", "Count `again.", "Count `", "` stands alone"),
        ("Count again.", "Count $again.", "Count $", "$ stands alone"),
        ("Count again.", "Count *again*.", "Count *", "* stands alone"),
        ("Count again.", r"Count \again.", "Count \\", "\\ stands alone"),
        ("Count again.", r"Count $\{a\}$.", "Count $", "begins a name"),
        ("Count again.", "Count  again.", "Count  ", "two spaces"),
        ("Count again.", "Count {often}.", "Count {", "{often} has no value in checks.py"),
        ("```\n\nlines", "\nlines", "```", "is opened and not closed"),
    ],
)
def test_an_error_of_layout_names_file_and_line(old, new, at, said):
    assert old in PAGE
    page = PAGE.replace(old, new, 1)
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        put_together(questions(), page, "nb07/questions.md")
    [line] = re.findall(r"^nb07/questions.md, line (\d+): ", str(error.value))
    assert int(line) == line_of(at, page)


@pytest.mark.parametrize(
    ("changes", "old", "new", "said"),
    [
        ({"slips": {"half": 4.0}}, "", "", "has a sentence for 'causes counted', which is no slip"),
        ({}, "- **half:** Twice that.\n", "", "says nothing to the slip 'half'"),
        ({}, "- **A:** Not this one.", "- **B:** Not this one.", "nothing to the slip 'A'"),
        ({}, "- **line C:** C does not belong.\n", "", "nothing to the slip 'line C'"),
        ({}, "- **C:** three\n", "", "has no item 'C', which checks.py names"),
        ({}, "- **B:** $Q$ or\n  the second.\n", "", "has no item 'B', which checks.py names"),
        ({}, "### Lines", "### Options", "07.3, a Order, has no section '### Options'"),
        ({}, "### Options", "### Lines", "07.2, a Choice, needs a section '### Options'"),
        ({"values": {"causes": "3", "x": "1"}}, "", "", "has a value for 'x'; no {x} uses it"),
    ],
)
def test_code_and_prose_must_belong_together(changes, old, new, said):
    page = PAGE.replace(old, new, 1)
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        put_together(questions(**changes), page, "nb07/questions.md")
    assert re.match(r"nb07/questions.md, line \d+: ", str(error.value))


def test_code_and_prose_hold_the_same_questions_in_the_same_order():
    first, second, third = questions()
    with pytest.raises(ValueError, match=r"line 57: question 07\.3 is not in checks"):
        put_together((first, second), PAGE, "nb07/questions.md")
    more = (first, second, third, Choice(id="07.4", answer="A"))
    with pytest.raises(ValueError, match=r"question 07\.4 of checks\.py is not there"):
        put_together(more, PAGE, "nb07/questions.md")
    with pytest.raises(ValueError, match=r"07\.1 stands elsewhere in checks\.py"):
        put_together((second, first, third), PAGE, "nb07/questions.md")


def test_every_question_of_the_course_knows_where_its_prose_stands():
    for question in check.questions():
        assert question.prose.place.startswith(f"hmlib/course/nb{question.id[:2]}/questions.md")


def test_a_page_without_questions_is_empty():
    assert read('# Questions of notebook 07, "A test"\n', "questions.md") == {}
