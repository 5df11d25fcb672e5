"""A calendar invitation (RFC 5545), read as plain values. Nothing in it is followed, repeated or loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar

from crm.capture.rules.words import one_line, readable
from crm.core.days import is_of_our_time

MOST_PEOPLE = 60
MOST_NOTE = 10_000


@dataclass(frozen=True)
class Person:
    """Somebody named in an invitation."""

    name: str
    address: str


@dataclass(frozen=True)
class Invitation:
    """What an invitation says. `begins` and `ends` are ISO 8601 with their offset, or days alone; `zone` is the name
    of the zone in which they were said, "" where none was. `unread`: what else there was, in sentences.
    """

    title: str
    begins: str
    ends: str = ""
    zone: str = ""
    place: str = ""
    note: str = ""
    cancelled: bool = False
    organizer: Person | None = None
    people: tuple[Person, ...] = ()
    unread: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        plain = {name: getattr(self, name) for name in ("title", "begins", "ends", "zone", "place", "cancelled")}
        people = [{"name": one.name, "address": one.address} for one in self.people]
        organizer = {"name": self.organizer.name, "address": self.organizer.address} if self.organizer else None
        return {**plain, "organizer": organizer, "people": people}


ANSWERS = frozenset({"ACCEPTED", "DECLINED", "TENTATIVE"})


@dataclass(frozen=True)
class Reply:
    """What somebody answered to an invitation (RFC 5546): to which, of which state, in whose name and when."""

    uid: str
    address: str
    answer: str
    sequence: int
    stamped_at: str

    def as_json(self) -> dict[str, Any]:
        """As it is passed on."""
        return asdict(self)


def reply_in(content: bytes) -> Reply | None:
    """The answer of one person to one appointment; None for what is none, or names more people than one."""
    try:
        calendar: Any = Calendar.from_ical(content)
        events = calendar.walk("VEVENT")
        if str(calendar.get("method") or "").upper() != "REPLY" or len(events) != 1:
            return None
        (event,) = events
        guest, stamped = event.get("attendee"), event.decoded("dtstamp")
        answer = str(guest.params.get("PARTSTAT", "")).upper() if not isinstance(guest, list) else ""
        if answer not in ANSWERS or not is_of_our_time(stamped):
            return None
        sequence = int(event.get("sequence") or 0)
        return Reply(str(event["uid"])[:300], _person(guest).address, answer, sequence, stamped.isoformat())
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def invitation_in(content: bytes) -> Invitation | None:
    """The first event of an invitation; None for what is none, or cannot be read."""
    try:
        calendar: Any = Calendar.from_ical(content)
        events = calendar.walk("VEVENT")
        event = events[0] if events else None
        begins = event.get("dtstart").dt if event is not None and event.get("dtstart") else None
        if event is None or not isinstance(begins, date) or not is_of_our_time(begins):
            return None
        others = len({str(one.get("uid") or at) for at, one in enumerate(events)}) - 1
        return _read(event, begins, str(calendar.get("method") or "").upper(), others)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _read(event: Any, begins: date, method: str, others: int) -> Invitation:
    start, zone = _moment(begins, event.get("dtstart"))
    ends = event.get("dtend")
    over = ends.dt if ends and isinstance(ends.dt, date) and is_of_our_time(ends.dt) else None
    people = event.get("attendee") or []
    people = people if isinstance(people, list) else [people]
    named = [_person(one) for one in people[:MOST_PEOPLE]]
    note = readable(str(event.get("description") or ""))
    unread = {
        f"It holds {others + 1} events; the first one is read.": others > 0,
        f"It names {len(people)} people; the first {MOST_PEOPLE} are read.": len(people) > MOST_PEOPLE,
        f"Its description is longer than what is kept of one ({MOST_NOTE:,} characters).": len(note) > MOST_NOTE,
    }
    return Invitation(
        title=one_line(str(event.get("summary") or ""), 300),
        begins=start,
        ends=_moment(over, ends)[0] if over else "",
        zone=zone,
        place=one_line(str(event.get("location") or ""), 200),
        note=note[:MOST_NOTE],
        cancelled=method == "CANCEL" or str(event.get("status") or "").upper() == "CANCELLED",
        organizer=_person(event.get("organizer")) if event.get("organizer") else None,
        people=tuple(one for one in named if one.name or one.address),
        unread=tuple(why for why, so in unread.items() if so),
    )


def _moment(value: date, said: Any) -> tuple[str, str]:
    """A moment or a day, and the zone in which it was said."""
    if not isinstance(value, datetime):
        return value.isoformat(), ""
    name = one_line(str(said.params.get("TZID", "")), 60) if hasattr(said, "params") else ""
    if value.tzinfo is None:
        return value.isoformat(), name
    known = getattr(value.tzinfo, "key", "") or ("UTC" if value.tzinfo is UTC else name)
    return value.isoformat(), known or "UTC"


def _person(one: Any) -> Person:
    text = str(one)
    address = text[7:] if text.lower().startswith("mailto:") else text
    name = one.params.get("CN", "") if hasattr(one, "params") else ""
    return Person(one_line(str(name).strip("\"'"), 120), one_line(address, 254).lower() if "@" in address else "")


def invitation_from(kept: dict[str, Any]) -> Invitation:
    """An invitation as `as_json` says it."""
    people, organizer = kept["people"], kept["organizer"]
    return Invitation(
        **{
            **kept,
            "organizer": Person(**organizer) if organizer else None,
            "people": tuple(Person(**one) for one in people),
        }
    )


def day_of(begins: str) -> date | None:
    """The day on which something begins, as it was said there."""
    try:
        return date.fromisoformat(begins[:10])
    except ValueError:
        return None


def moment_of(text: str) -> datetime | None:
    """A kept moment; None for a day alone, and for one that lies outside our time."""
    try:
        found = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
    return found if found and is_of_our_time(found) else None
