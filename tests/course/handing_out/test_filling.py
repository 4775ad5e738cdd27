"""A filled cell checks what stands in it."""

import ast

import pytest

from hmlib.check.bank import notebooks
from hmlib.course.handing_out.filling import checked, filled, ids, typed


@pytest.mark.parametrize("notebook", notebooks())
def test_every_function_has_the_name_that_is_checked(notebook):
    answers, seen = typed(notebook), 0
    for cell in filled(notebook, answers):
        id = checked(cell, notebook)
        if id and answers[id].startswith("def "):
            source = "".join(cell["source"])
            given = source.partition(f'check("{id}", ')[2].partition(")")[0]
            made = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
            assert given in made
            seen += 1
    assert seen == sum(answers[id].startswith("def ") for id in ids(notebook))
