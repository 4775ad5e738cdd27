"""Which environments the command for graders makes."""

import pytest

from tools import graders


@pytest.mark.parametrize(
    ("names", "made"), [([], ["nbgrader", "otter", "cluster"]), (["otter"], ["otter"])]
)
def test_those_are_made_that_are_named_or_all(tmp_path, monkeypatch, capsys, names, made):
    monkeypatch.setattr(graders, "make", lambda folder, name: folder / name)
    assert graders.main([str(tmp_path), *names]) == 0
    lines = [f"export HMLIB_{name.upper()}={tmp_path / name}" for name in made]
    assert capsys.readouterr().out.splitlines() == lines
