"""Steps of signing in: what is still due of whoever sends this request, and how they are asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import Flask, current_app


class Due(StrEnum):
    """What somebody whose password was right has still to do before they are anybody here."""

    FACTOR = "second_factor"
    ENROLMENT = "enrolment"


@dataclass(frozen=True)
class Standing:
    """What this browser has shown of its owner: what is still `due`, and whether they showed themselves just now."""

    due: Due | None = None
    fresh: bool = False


PAGES: Mapping[Due | None, str] = {
    None: "security.login",
    Due.FACTOR: "factors.second_step",
    Due.ENROLMENT: "factors.index",
}
"""Where each step is done."""

WORDS: Mapping[Due | None, str] = {
    None: "Sign in, or send a token in the Authorization header.",
    Due.FACTOR: "The second factor is still due. Show it on the page /sign-in/second-step.",
    Due.ENROLMENT: "Enrolment is pending: your role needs a second factor. Set one up on the page /account/factors.",
}
"""The same, said to a program."""

SHOW_AGAIN = (
    "Show your password or a second factor again: POST it to /api/v1/account/confirm in a browser's session, "
    "then repeat this within five minutes. A token cannot do it."
)


@dataclass(frozen=True)
class Steps:
    """Answers of the floor that knows sessions: `standing` of this request, and the page that asks again."""

    standing: Callable[[], Standing]
    ask_again: Callable[[], Any]


def connect(app: Flask, answers: Steps) -> None:
    """Set who answers."""
    app.extensions["steps"] = answers


def standing() -> Standing:
    """What this request's sender has shown so far."""
    answers: Steps = current_app.extensions["steps"]
    return answers.standing()


def ask_again() -> Any:
    """The page that asks for the password or a second factor before a change is made."""
    answers: Steps = current_app.extensions["steps"]
    return answers.ask_again()
