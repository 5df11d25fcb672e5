"""The browser of the tests: a named one is taken or refused, never silently replaced."""

from pathlib import Path

import pytest

from launcher import browser
from launcher.say import Problem


def executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_one_that_is_named_is_taken(tmp_path, monkeypatch):
    mine = executable(tmp_path / "mine", "echo Chromium 1.0")
    monkeypatch.setenv("DEMARCHE_CHROMIUM", str(mine))
    assert browser.find() == mine


def test_a_named_one_that_does_not_start_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DEMARCHE_CHROMIUM", str(executable(tmp_path / "broken", "exit 127")))
    with pytest.raises(Problem, match="does not start as a browser"):
        browser.find()


def test_one_on_the_path_must_start_to_be_found(tmp_path, monkeypatch):
    monkeypatch.delenv("DEMARCHE_CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "APPLICATIONS", ())
    monkeypatch.setattr(browser, "FOLDER", tmp_path / "tools")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(browser, "NAMES", ("chromium-a", "chromium-b"))
    assert browser.find(install=False) is None
    executable(tmp_path / "chromium-a", "echo use the other installer; exit 1")
    good = executable(tmp_path / "chromium-b", "echo Chromium 1.0")
    assert browser.find(install=False) == good


def test_libraries_and_fonts_are_brought_along_only_where_they_are_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "FOLDER", tmp_path)
    monkeypatch.setattr(browser, "_machine_has_fonts", lambda: True)
    executable(tmp_path / "chrome", "echo Chromium 1.0")
    assert browser._wrap() == tmp_path / "chromium"
    assert "LD_LIBRARY_PATH" not in (tmp_path / "chromium").read_text()
    assert "FONTCONFIG_PATH" not in (tmp_path / "chromium").read_text()
    executable(tmp_path / "chrome", 'case "$LD_LIBRARY_PATH" in */lib*) echo 1.0;; *) exit 127;; esac')
    monkeypatch.setattr(browser, "_machine_has_fonts", lambda: False)
    assert browser._wrap() == tmp_path / "chromium"
    assert "FONTCONFIG_PATH" in (tmp_path / "chromium").read_text()
    executable(tmp_path / "chrome", "exit 127")
    assert browser._wrap() is None
