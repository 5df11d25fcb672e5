"""The words that `run.py` understands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from launcher import checks, cleaning, environment, house, pins, say, setup
from launcher.say import Problem

USAGE_STATUS = 2


@dataclass(frozen=True)
class Word:
    """One word: what it does, in a line of help, and whether further arguments belong to it."""

    name: str
    help: str
    act: Callable[[Sequence[str]], int]
    arguments: str = ""


def _setup() -> int:
    setup.prepare(environment.DEVELOPMENT)
    say.line("Everything is set up.")
    return 0


def _help() -> int:
    say.line(text())
    return 0


WORDS = (
    Word("run", "set up and start everything; the same without a word", lambda _: house.run()),
    Word("setup", "set up only: .venv, all libraries, front-end assets", lambda _: _setup()),
    Word("test", "all tests, with the servers and the browser they need", checks.test, "[pytest arguments]"),
    Word("lint", "ruff check, ruff format --check, mypy", lambda _: checks.lint()),
    Word("bench", "the measurements in bench/", checks.bench, "[arguments]"),
    Word("drill", "break the parts while reminders fall due, and look what is lost", checks.drill, "[arguments]"),
    Word("lock", "compile the pins of pyproject.toml into the locked requirements", pins.lock, "[--upgrade]"),
    Word("clean", "remove what the set-up made; the data stay", lambda _: cleaning.clean()),
    Word("help", "this list", lambda _: _help()),
)

SETTINGS = (
    ("PORT", "port of the pages (8000)"),
    ("DATABASE_URL", "a PostgreSQL database instead of the embedded SQLite one"),
    ("REDIS_URL", "a Redis server instead of the embedded broker"),
    ("SMTP_URL", "a mail relay instead of the local catcher"),
    ("MAIL_PORT", "port of the local mail catcher (a free one)"),
    ("VAR_DIR", "folder of the data (var)"),
)


def text() -> str:
    """The whole help."""
    lines = ["Demarche: python3 run.py [word]", ""]
    lines += [f"  {f'{word.name} {word.arguments}'.strip():<26}{word.help}" for word in WORDS]
    lines += ["", "Settings in the environment, all optional (the rest is in docs/operations.md):", ""]
    lines += [f"  {name:<26}{meaning}" for name, meaning in SETTINGS]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Do what the word says; answers the exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    name, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    name = "help" if name in ("-h", "--help") else name
    try:
        return _find(name, rest).act(rest)
    except Problem as failure:
        say.problem(failure)
        return failure.status
    except KeyboardInterrupt:
        say.line("\nStopped.")
        return 130


def _find(name: str, rest: Sequence[str]) -> Word:
    word = next((word for word in WORDS if word.name == name), None)
    known = ", ".join(word.name for word in WORDS)
    if word is None:
        raise Problem(f"There is no word {name!r}.", remedy=f"The words are: {known}.", status=USAGE_STATUS)
    if rest and not word.arguments:
        raise Problem(f"{name} takes no further words, not {' '.join(rest)!r}.", status=USAGE_STATUS)
    return word
