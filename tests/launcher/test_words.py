"""The words of run.py: what the help says is what README and Makefile say, and mistakes are answered."""

import re
import sys

import pytest

from launcher import places, words
from launcher.say import Problem, Step


def known() -> set[str]:
    return {word.name for word in words.WORDS}


def test_the_help_lists_every_word_and_every_setting(capsys):
    assert words.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(re.search(rf"^  {name}\b", text, re.MULTILINE) for name in known())
    assert all(name in text for name, _ in words.SETTINGS)


def test_readme_and_makefile_use_the_words_that_exist():
    readme = places.ROOT / "README.md"
    if readme.exists():
        used = set(re.findall(r"python3 run\.py ([a-z]+)", readme.read_text(encoding="utf-8")))
        assert used
        assert used <= known()
        assert {"test", "help"} <= used
    makefile = (places.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets
    assert set(targets[1].split()) == known()


def test_an_unknown_word_is_answered_with_the_known_ones(capsys):
    assert words.main(["tset"]) == words.USAGE_STATUS
    text = capsys.readouterr().err
    assert "There is no word 'tset'." in text
    assert all(name in text for name in known())


def test_a_word_too_many_is_refused(capsys):
    assert words.main(["clean", "everything"]) == words.USAGE_STATUS
    assert "clean takes no further words" in capsys.readouterr().err


def test_a_problem_has_its_remedy_on_the_same_line_and_its_evidence_below():
    problem = Problem("It failed.", remedy="Do this.", evidence="one\ntwo")
    assert str(problem) == "It failed. Do this.\n    one\n    two"


def test_a_step_says_one_line_where_the_screen_cannot_be_rewritten(capsys):
    with Step("Working") as step:
        step.tick("news")
    assert capsys.readouterr().out == "  Working …\n"


def test_a_step_on_a_terminal_shows_news_and_leaves_one_line(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with Step("Working") as step:
        step.tick("the latest news")
    text = capsys.readouterr().out
    assert "the latest news" in text
    assert text.endswith("\r\x1b[K  Working\n")


def test_a_step_cut_short_says_so(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(Problem), Step("Working"):
        raise Problem("It failed.")
    assert capsys.readouterr().out.endswith("  Working: not done\n")
