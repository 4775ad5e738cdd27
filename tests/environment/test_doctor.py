"""The doctor: what works and what does not."""

from __future__ import annotations

import re

import pytest

from tools import doctor


def broken() -> str:
    raise RuntimeError("no ink")


# ------------------------------------------------------------------ the doctor


def test_doctor_gets_an_answer_from_a_kernel():
    assert "answered" in doctor.check_kernel()


def test_doctor_sees_a_lab_draw():
    assert re.search(r"\d{3,} x \d{3,} pixels", doctor.check_lab())


def test_doctor_compares_every_locked_package(monkeypatch):
    pins = {r.name: next(iter(r.specifier)).version for r in doctor.locked()} | {"hmlib": "0.1.0"}
    monkeypatch.setattr(doctor, "version", pins.__getitem__)
    assert pins["numpy"] in doctor.check_versions()
    pins["numpy"] = "1.0"
    with pytest.raises(RuntimeError, match=r"numpy is 1\.0, not =="):
        doctor.check_versions()


def test_doctor_says_what_failed_and_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", (("a lab", broken), ("more", lambda: "more works")))
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "FAILED  a lab: RuntimeError: no ink" in said
    assert "Connect to the internet first. Then remove the folder" in said
    assert "ok      more works" in said


def test_doctor_without_loopback_says_so_and_removes_nothing(no_loopback, monkeypatch, capsys):
    monkeypatch.setattr(
        doctor,
        "CHECKS",
        (("talking", doctor.check_loopback), ("a Jupyter kernel", broken)),
    )
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "cannot talk to each other at the address 127.0.0.1" in said
    assert "remove" not in said
    assert "kernel" not in said


def test_doctor_sends_readers_of_a_shared_environment_to_its_keeper(monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda folder, mode: False)
    assert "Ask whoever keeps the environment" in doctor.repair("somewhere")
