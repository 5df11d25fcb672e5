"""Activities as rows of the tables, each with its States, a person and its words: of all kinds, parties, handlings and
attributions, over seventeen years.

What can be found of them is what `crm.search` would write; `tests/bench` compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

from bench.wording import RARE_IN, reply
from crm.activities.rules import Status
from crm.activities.types import ACTIVITY_TYPES
from crm.core import clock
from crm.core.access import Handling
from crm.core.fulltext import kept
from crm.core.visibility import HIDES_STATE, Attribution, Record
from crm.search.gathering import Text
from crm.search.keeping import _fingerprint
from crm.search.kinds import Kind, Part
from crm.search.rules.audience import kind_mark, marks_of, state_mark
from crm.search.rules.folding import words
from crm.search.rules.places import next_after, wished

FIRST_DAY = date(2010, 8, 1)
HANDLINGS = ((Handling.STATES, 70), (Handling.COORDINATION, 15), (Handling.ORIGINATOR, 8), (Handling.COMMUNITY, 7))
ATTRIBUTIONS = (
    (Attribution.STATE_NOT_PERSON, 45), (Attribution.FULL, 45), (Attribution.REGION_ONLY, 6), (Attribution.NONE, 4),
)  # fmt: skip
PAST = ((Status.REPORTED, 62), (Status.CLOSED, 30), (Status.DELIVERED, 5), (Status.CANCELLED, 3))
PLACES = ("New York", "Geneva", "The capital", "The ministry", "")
OCCASIONS = ("", "", "First Committee", "Meeting of States Parties", "A visit of the minister")
AHEAD_OF = 200
"""One activity in so many is still to come."""

Row = tuple[Any, ...]


@dataclass
class Rows:
    """Rows for each table, their columns in the order of `COLUMNS`."""

    activity: list[Row] = field(default_factory=list)
    activity_state: list[Row] = field(default_factory=list)
    activity_person: list[Row] = field(default_factory=list)
    search_text: list[Row] = field(default_factory=list)


COLUMNS: Mapping[str, Sequence[str]] = {
    "activity": (
        "id", "kind", "status", "held_on", "precision", "occasion", "objective", "place", "delivered_by",
        "delivered_by_title", "paper_left", "reply", "attribution", "marks", "report_ref", "next_action",
        "extras", "recorded_at", "originator_id", "version", "sample", "handling",
    ),
    "activity_state": ("id", "activity_id", "state_iso3", "held_on", "ahead"),
    "activity_person": ("id", "activity_id", "name", "title", "ministry", "level", "level_other"),
    "search_text": (
        "place", "kind", "part", "activity_id", "on_day", "precision", "about", "office", "title", "body", "words",
        "fingerprint", "of_sample",
    ),
}  # fmt: skip


@dataclass
class Author:
    """Writes activities of these parties with these States: by its code each has its name and all it is called.

    `taken`: the places of the search.
    """

    parties: Sequence[UUID]
    states: Mapping[str, tuple[str, str]]
    taken: set[int] = field(default_factory=set)

    def write(self, numbers: range) -> Rows:
        """The activities of these numbers."""
        draw, found = Random(numbers.start), Rows()
        for number in numbers:
            self._write(draw, number, found)
        return found

    def _write(self, draw: Random, number: int, found: Rows) -> None:
        key, ahead = UUID(int=draw.getrandbits(128)), number % AHEAD_OF == 1
        today = clock.today("UTC")
        span = (today - FIRST_DAY).days
        day = today + timedelta(days=1 + draw.randrange(90)) if ahead else FIRST_DAY + timedelta(draw.randrange(span))
        status = (Status.PLANNED if ahead else _one_of(draw, PAST)).value
        kind = _KINDS[number % len(_KINDS)]
        opening, own = reply(draw, rare=number < RARE_IN * 7 and number % 7 == 0)
        handling, attribution = _one_of(draw, HANDLINGS), _one_of(draw, ATTRIBUTIONS)
        party = self.parties[draw.randrange(len(self.parties))]
        codes = tuple(sorted(draw.sample(list(self.states), 2 if number % 10 == 0 else 1)))
        place, occasion = draw.choice(PLACES), draw.choice(OCCASIONS)
        person = (f"Person {number % 3_000}", "Director", "Foreign Affairs")
        found.activity.append((
            key.hex, kind, status, day.isoformat(), "day", occasion, "", place, "", "", "none", f"{opening} {own}",
            attribution.value, "", "", "", json.dumps({}), _MOMENT, party.hex, 1, False, handling.value,
        ))  # fmt: skip
        for code in codes:
            found.activity_state.append((_key(draw), key.hex, code, day.isoformat(), ahead))
        found.activity_person.append((_key(draw), key.hex, *person, "director", ""))
        record = Record(party, handling, frozenset(codes), attribution)
        self._words(found, key, day, kind, codes, record, (f"{opening} {own}", occasion, place, person))

    def _words(
        self,
        found: Rows,
        key: UUID,
        day: date,
        kind: str,
        codes: tuple[str, ...],
        record: Record,
        said: tuple[Any, ...],
    ) -> None:
        """A row for each audience, as `crm.search.gathering` says which those are."""
        note, occasion, place, person = said
        around = "\n".join(filter(None, (note, occasion, place)))
        whole = f"{around}\n{', '.join(person)}"
        label = ACTIVITY_TYPES[kind].label
        names, called = ([self.states[one][which] for one in codes] for which in (0, 1))
        named = (f"{label}, {', '.join(sorted(names))}", codes, " ".join(called))
        texts: list[tuple[Part, str, tuple[str, tuple[str, ...], str]]] = []
        if record.attribution is not Attribution.FULL:
            texts.append((Part.OWN, whole, named))
        if record.attribution is Attribution.FULL:
            texts.append((Part.FULL, whole, named))
        elif record.attribution in HIDES_STATE:
            texts.append((Part.NOTE, note, (label, (), "")))
        else:
            texts.append((Part.STATE, around, named))
        for part, body, (title, about, also) in texts:
            own = part is Part.OWN
            text = Text(
                Kind.ACTIVITY, {"activity_id": key}, day, title, body, record, part, about=about, also=also, own=own
            )
            found.search_text.append(self._row(text))

    def _row(self, text: Text) -> Row:
        place = wished(text.day, text.key, text.own)
        while place in self.taken:
            place = next_after(place)
        self.taken.add(place)
        marks = [kind_mark(text.kind.value), *map(state_mark, text.about), *marks_of(text.record, own=text.own)]
        shown = [_words_of(text.title), [one for line in text.body.split(" ") for one in _words_of(line)]]
        return (
            place, text.kind.value, text.part.value, text.key.hex, text.day.isoformat(), "day", " ".join(text.about),
            "", text.title, text.body, kept([*shown, _words_of(text.also)], marks), _fingerprint(text), False,
        )  # fmt: skip


def _key(draw: Random) -> str:
    return f"{draw.getrandbits(128):032x}"


def _one_of(draw: Random, choices: Sequence[tuple[Any, int]]) -> Any:
    """One of several, each as often in a hundred as its number says."""
    at = draw.randrange(100)
    for one, often in choices:
        at -= often
        if at < 0:
            return one
    raise ValueError(choices)


_KINDS = tuple(ACTIVITY_TYPES)
_MOMENT = "2026-01-05 09:00:00.000000"
_words_of = lru_cache(maxsize=100_000)(words)
