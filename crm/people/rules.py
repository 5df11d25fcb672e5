"""Offices of State, who may hold them at the same time, and what about a holder needs attention. Pure.

A term runs from its first day up to, and not including, the day on which it ended: on a day of handover
the successor holds the office.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from crm.core.gender import Gender as Gender

LANGUAGES = ("en", "fr", "es")
VERIFICATION_DAYS = 365
"""After so many days a record about a holder must be looked at again."""

EARLIEST = date(1990, 1, 1)
"""No term that matters to a campaign of this kind began earlier."""


class OfficeKind(StrEnum):
    """The offices a campaign writes to or meets."""

    HEAD_OF_STATE = "head_of_state"
    HEAD_OF_GOVERNMENT = "head_of_government"
    FOREIGN_MINISTER = "foreign_minister"
    PERMANENT_REPRESENTATIVE = "permanent_representative"


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


def level_in_words(level: str) -> str:
    """A level, "" where none is said."""
    return "" if level == Level.OTHER else LEVEL_LABELS[Level(level)]


class Attention(StrEnum):
    """Why an office needs somebody to look at it before the next letter."""

    VACANT = "vacant"
    GENDER_UNKNOWN = "gender_unknown"
    NOT_VERIFIED = "not_verified"


@dataclass(frozen=True, slots=True)
class Titles:
    """One title of an office in one language, for a man and for a woman."""

    masculine: str = ""
    feminine: str = ""

    def for_gender(self, gender: Gender) -> str:
        """The title as this person bears it; both forms, where they differ, while the gender is unknown."""
        if gender is Gender.MALE:
            return self.masculine
        if gender is Gender.FEMALE:
            return self.feminine
        if self.masculine == self.feminine:
            return self.masculine
        return " / ".join(one for one in (self.masculine, self.feminine) if one)


DEFAULT_TITLES: dict[OfficeKind, dict[str, Titles]] = {
    OfficeKind.HEAD_OF_STATE: {"en": Titles(), "fr": Titles(), "es": Titles()},
    OfficeKind.HEAD_OF_GOVERNMENT: {
        "en": Titles("Prime Minister", "Prime Minister"),
        "fr": Titles("Premier ministre", "Première ministre"),
        "es": Titles("Primer Ministro", "Primera Ministra"),
    },
    OfficeKind.FOREIGN_MINISTER: {
        "en": Titles("Minister for Foreign Affairs", "Minister for Foreign Affairs"),
        "fr": Titles("Ministre des Affaires étrangères", "Ministre des Affaires étrangères"),
        "es": Titles("Ministro de Relaciones Exteriores", "Ministra de Relaciones Exteriores"),
    },
    OfficeKind.PERMANENT_REPRESENTATIVE: {
        "en": Titles(
            "Permanent Representative to the United Nations", "Permanent Representative to the United Nations"
        ),
        "fr": Titles(
            "Représentant permanent auprès des Nations Unies",
            "Représentante permanente auprès des Nations Unies",
        ),
        "es": Titles(
            "Representante Permanente ante las Naciones Unidas", "Representante Permanente ante las Naciones Unidas"
        ),
    },
}
"""Titles in use when a State's own are not recorded. A Head of State has none: there is no usual one."""


def resolved(kind: OfficeKind, language: str, recorded: Titles) -> Titles:
    """The State's own titles; where only one form is recorded it serves for both; else the usual ones."""
    if recorded.masculine or recorded.feminine:
        return Titles(recorded.masculine or recorded.feminine, recorded.feminine or recorded.masculine)
    return DEFAULT_TITLES[kind][language]


class Term(Protocol):
    """A time in office: [from_on, until_on), open-ended while until_on is None."""

    @property
    def from_on(self) -> date: ...
    @property
    def until_on(self) -> date | None: ...
    @property
    def acting(self) -> bool: ...
    @property
    def sample(self) -> bool: ...


AnyTerm = TypeVar("AnyTerm", bound=Term)


def holds_on(term: Term, day: date) -> bool:
    """Whether the term covers the day."""
    return term.from_on <= day and (term.until_on is None or day < term.until_on)


def overlap(one: Term, other: Term) -> bool:
    """Whether two terms share a day."""
    ends_first = one.until_on is not None and one.until_on <= other.from_on
    ends_last = other.until_on is not None and other.until_on <= one.from_on
    return not (ends_first or ends_last)


def clash(wanted: Term, others: Iterable[AnyTerm]) -> AnyTerm | None:
    """The earliest term that cannot stand beside the wanted one.

    An office has one holder at a time. Somebody may act beside an absent holder, but only one person acts.
    Persons invented for sample data never stand in the way of a real one.
    """
    met = [
        one for one in others if one.acting == wanted.acting and one.sample == wanted.sample and overlap(one, wanted)
    ]
    return min(met, key=lambda one: one.from_on, default=None)


def holder_among(terms: Iterable[AnyTerm], day: date) -> AnyTerm | None:
    """Who is addressed on a day: the holder, else whoever acts; a real person before an invented one."""
    present = [one for one in terms if holds_on(one, day)]
    return min(present, key=lambda one: (one.sample, one.acting, one.from_on), default=None)


def ended_by_successor(wanted: Term, others: Sequence[AnyTerm]) -> list[AnyTerm]:
    """Open-ended terms that began earlier: they end when the successor's begins."""
    return [one for one in others if one.until_on is None and one.from_on < wanted.from_on]


def attention(gender: Gender | None, verified_on: date | None, today: date) -> tuple[Attention, ...]:
    """What to look at for an office; `gender` None means that nobody holds it."""
    if gender is None:
        return (Attention.VACANT,)
    found = []
    if gender is Gender.UNKNOWN:
        found.append(Attention.GENDER_UNKNOWN)
    if verified_on is None or (today - verified_on).days > VERIFICATION_DAYS:
        found.append(Attention.NOT_VERIFIED)
    return tuple(found)


_EXCELLENCY = {"he", "se", "hisexcellency", "herexcellency", "excellency", "sonexcellence"}


def is_excellency(honorific: str) -> bool:
    """Whether an honorific only says "Excellency", which letters set by themselves."""
    return "".join(char for char in honorific.lower() if char.isalpha()) in _EXCELLENCY
