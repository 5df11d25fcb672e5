"""Words and decisions about activities, on values alone."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How far an activity has come."""

    PLANNED = "planned"
    INSTRUCTED = "instructed"
    DELIVERED = "delivered"
    REPORTED = "reported"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Level(StrEnum):
    """Rank of a person met, as it was then."""

    HEAD_OF_STATE = "head_of_state"
    HEAD_OF_GOVERNMENT = "head_of_government"
    MINISTER = "minister"
    DEPUTY_MINISTER = "deputy_minister"
    SECRETARY_GENERAL = "secretary_general"
    DIRECTOR_GENERAL = "director_general"
    DIRECTOR = "director"
    DESK = "desk"
    AMBASSADOR = "ambassador"
    DEPUTY_HEAD_OF_MISSION = "deputy_head_of_mission"
    ATTACHE = "attache"
    PARLIAMENTARIAN = "parliamentarian"
    OTHER = "other"


class Paper(StrEnum):
    """What was left behind."""

    NONE = "none"
    NON_PAPER = "non_paper"
    AIDE_MEMOIRE = "aide_memoire"
    NOTE_VERBALE = "note_verbale"
    LETTER = "letter"


class Precision(StrEnum):
    """How exactly the day is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


LEVEL_LABELS = {
    Level.HEAD_OF_STATE: "Head of State",
    Level.HEAD_OF_GOVERNMENT: "Head of Government",
    Level.MINISTER: "Minister",
    Level.DEPUTY_MINISTER: "Deputy minister",
    Level.SECRETARY_GENERAL: "Secretary-general",
    Level.DIRECTOR_GENERAL: "Director-general",
    Level.DIRECTOR: "Director",
    Level.DESK: "Desk officer",
    Level.AMBASSADOR: "Ambassador",
    Level.DEPUTY_HEAD_OF_MISSION: "Deputy head of mission",
    Level.ATTACHE: "Attaché",
    Level.PARLIAMENTARIAN: "Parliamentarian",
    Level.OTHER: "Other",
}

PAPER_LABELS = {
    Paper.NONE: "Nothing",
    Paper.NON_PAPER: "Non-paper",
    Paper.AIDE_MEMOIRE: "Aide-mémoire",
    Paper.NOTE_VERBALE: "Note verbale",
    Paper.LETTER: "Letter",
}

SUMMARY_LENGTH = 160


def summary(reply: str) -> str:
    """The beginning of a reply, whole words, for a line of a list."""
    flat = " ".join(reply.split())
    if len(flat) <= SUMMARY_LENGTH:
        return flat
    return flat[:SUMMARY_LENGTH].rsplit(" ", 1)[0] + "…"
