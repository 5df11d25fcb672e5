"""Pure decisions about waiting: how old it has become, by limits for each kind, and what may end it."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

NOTE_LENGTH = 500


class Waits(StrEnum):
    """What waits: the words of `Asks.wait`, a promise of the State, or what somebody said to be awaited."""

    LETTER = "letter"
    QUESTIONNAIRE = "questionnaire"
    DEMARCHE = "demarche"
    PROMISE = "promise"
    OTHER = "other"


WAITS_LABELS = {
    Waits.LETTER: "Letter",
    Waits.QUESTIONNAIRE: "Questionnaire",
    Waits.DEMARCHE: "Démarche",
    Waits.PROMISE: "Promise of theirs",
    Waits.OTHER: "Other contact",
}


class Age(StrEnum):
    """How old a waiting has become."""

    FRESH = "fresh"
    ASKED = "asked"
    OLD = "old"
    SILENT = "silent"


AGE_LABELS = {
    Age.FRESH: "Fresh",
    Age.ASKED: "Asked a while ago",
    Age.OLD: "Getting old",
    Age.SILENT: "Silent",
}

Limits = tuple[int, int, int]
"""After how many days it was asked a while ago, is getting old, is silent."""


class Stands(StrEnum):
    """What somebody said of an answer; `BY_RECORD`: no more than the record itself says."""

    BY_RECORD = "by_record"
    AWAITED = "awaited"
    ANSWERED = "answered"
    UNEXPECTED = "unexpected"


class Came(StrEnum):
    """What came back: the answer itself, or a receipt, after which the answer is awaited from that day on."""

    ANSWER = "answer"
    RECEIPT = "receipt"


CAME_LABELS = {
    Came.ANSWER: "Their answer",
    Came.RECEIPT: "Only an acknowledgement: the answer is still awaited",
}


class End(StrEnum):
    """What ended a waiting: an answer that was noted, a reply in the record itself, a promise kept, nothing more."""

    ANSWERED = "answered"
    REPLY = "reply"
    KEPT = "kept"
    UNEXPECTED = "unexpected"


END_LABELS = {
    End.ANSWERED: "Answered",
    End.REPLY: "Answered in the entry itself",
    End.KEPT: "Promise kept",
    End.UNEXPECTED: "No answer expected",
}


def is_awaited(stands: Stands, *, by_record: bool) -> bool:
    """Whether an answer is awaited. `by_record`: what went out asks for one, and nothing came back in it."""
    return stands is Stands.AWAITED or (stands is Stands.BY_RECORD and by_record)


def days_waited(since: date, today: date) -> int:
    """So many days; of a promise whose day is still to come none."""
    return max((today - since).days, 0)


def age_of(days: int, limits: Limits) -> Age:
    """How old a waiting of so many days is."""
    return list(Age)[sum(days >= one for one in limits)]


def since_within(age: Age, limits: Limits, today: date) -> tuple[date | None, date | None]:
    """Between which days something went out that is so old today: after the first, up to the second."""
    place = list(Age).index(age)
    older = today - timedelta(days=limits[place]) if place < len(limits) else None
    return older, today - timedelta(days=limits[place - 1]) if place else None


def in_words(days: int) -> str:
    """For example: 47 days."""
    return "Today" if days == 0 else "1 day" if days == 1 else f"{days} days"


def day_problem(on: date, sent_on: date, today: date) -> str | None:
    """Why an answer cannot have come on a day, or None."""
    if on > today:
        return "This day is still to come."
    if on < sent_on:
        return "This is before the day on which it went out."
    return None
