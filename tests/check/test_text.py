"""Text in two forms, and how it is shown."""

import pickle
import sys
from types import SimpleNamespace

import pytest

from hmlib import check
from hmlib.check.text import Text, joined, markdown, marked, show


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("Call `exact.posterior(gen, u)`.", "Call exact.posterior(gen, u)."),
        ("Use `tanh` here.", "Use `tanh` here."),
        ("It is $P[v|u]$.", "It is P[v|u]."),
        (r"$L - \mathrm{KL}(Q \Vert P)$", "L - KL(Q || P)"),
        (r"$\tilde F \leq \log P[u]$", "F-tilde <= log P[u]"),
        (r"$\sum_v Q \log(P / Q)$", "sum_v Q log(P / Q)"),
        (r"$(T^T T / n + \rho I)^{-1}$", "(T^T T / n + rho I)^-1"),
        (r"$0.5 \times 0.6$, $\eta \cdot T$", "0.5 * 0.6, eta . T"),
    ],
)
def test_plain_text_is_without_its_markup(source, plain):
    text = marked(source)
    assert text == plain
    assert text.markdown == source


def test_what_is_no_prose_is_escaped():
    assert markdown("a * b * c, x_1, <b> and 2 | 3") == r"a \* b \* c, x\_1, \<b\> and 2 \| 3"
    assert markdown("it cost $1 and $2") == "it cost `$`1 and `$`2"
    assert markdown(marked("`a` * 2")) == "`a` * 2"


def test_sentences_are_joined_in_both_forms():
    text = joined(["x_1 is wrong.", "", marked("Use `np.sum`.")])
    assert text == "x_1 is wrong. Use np.sum."
    assert text.markdown == r"x\_1 is wrong. Use `np.sum`."


def test_a_text_survives_a_trip_to_another_process():
    verdict = check.grade("02.7", lambda q, p: q)
    again = pickle.loads(pickle.dumps(verdict))
    assert again == verdict
    assert again._repr_markdown_() == verdict._repr_markdown_()


@pytest.fixture
def shown(monkeypatch):
    """What a notebook is sent."""
    sent = []
    page = SimpleNamespace(display=lambda forms, raw: sent.append(forms))
    shell = SimpleNamespace(get_ipython=lambda: "a kernel", display=page)
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", page)
    return sent


def test_a_notebook_is_sent_both_forms(shown, capsys):
    show(Text("plain", "**rich**"))
    assert shown == [{"text/plain": "plain", "text/markdown": "**rich**"}]
    assert capsys.readouterr().out == ""


def test_without_a_running_ipython_the_plain_form_is_printed(shown, monkeypatch, capsys):
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: None)
    show(Text("plain", "**rich**"))
    assert capsys.readouterr().out == "plain\n"
    monkeypatch.delitem(sys.modules, "IPython")
    show(Text("plain", "**rich**"))
    assert capsys.readouterr().out == "plain\n"
    assert shown == []


def test_question_hint_and_verdict_are_rendered(shown):
    check.ask("02.1")
    check.hint("02.7", 3)
    check("02.2", "A")
    check("02.2", "D")
    question, hint, wrong, right = shown
    assert question["text/markdown"].startswith(
        r"**02.1 Derive $F = L - \mathrm{KL}$**" + "\n\nPut"
    )
    assert "\n- **D.** $= L - \\mathrm{KL}(Q \\Vert P[v|u])$\n" in question["text/markdown"]
    assert hint["text/markdown"].startswith("**02.7, hint 3 of 3:** ")
    assert "`np.sum(..., axis=1)`" in hint["text/markdown"]
    assert "np.sum(..., axis=1)" in " ".join(hint["text/plain"].split())
    assert wrong["text/markdown"].startswith("**02.2: not yet.** The best W")
    assert wrong["text/markdown"].endswith('\n\nFor a hint: `check.hint("02.2", 1)`')
    assert wrong["text/plain"].endswith('\nFor a hint: check.hint("02.2", 1)')
    assert right["text/markdown"].startswith("**02.2: correct.** $L - F$ is an average of ")


def test_what_a_student_wrote_is_not_taken_for_markup(shown):
    def broken(q, p):
        return q * p * undefined_name  # noqa: F821

    check("02.7", broken)
    [forms] = shown
    assert r"(return q \* p \* undefined\_name" in forms["text/markdown"]
    assert "(return q * p * undefined_name" in " ".join(forms["text/plain"].split())
