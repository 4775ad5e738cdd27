"""A benchmark that measures a folder says so where it is given another."""

import pytest

from benchmarks.running import folder_given


def test_a_folder_is_taken_if_it_holds_what_it_should(tmp_path, capsys):
    (tmp_path / "index.html").touch()
    assert folder_given("Sizes.", "index.html", [str(tmp_path)]) == tmp_path
    with pytest.raises(SystemExit):
        folder_given("Sizes.", "lab", [str(tmp_path)])
    assert "lab is not there" in capsys.readouterr().err
