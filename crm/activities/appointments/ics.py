"""What a calendar program gets of an appointment (RFC 5546): one event, and of those invited whoever gets it alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event, vCalAddress

from crm.activities.appointments.rules import Method, Told
from crm.core.zones import said_in, zones_of


@dataclass(frozen=True)
class Letter:
    """One mail to one person. `organizer` is a name, `organizer_address` where its answer goes."""

    method: Method
    uid: str
    sequence: int
    stamped_at: datetime
    title: str
    told: Told
    organizer: str
    organizer_address: str
    guest: str
    guest_address: str
    url: str = ""


def as_ics(letter: Letter) -> str:
    """The invitation, or that it is called off. The library escapes texts, folds lines and ends them with CR LF."""
    calendar = Calendar()
    calendar.add("prodid", "-//Demarche//Invitation//EN")
    calendar.add("version", "2.0")
    calendar.add("method", letter.method.value)
    event = _event(letter)
    for zone in zones_of(one for one in (event.decoded("dtstart"),) if isinstance(one, datetime)):
        calendar.add_component(zone)
    calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text.decode()


def _event(letter: Letter) -> Event:
    event, told = Event(), letter.told
    event.add("uid", letter.uid)
    event.add("dtstamp", letter.stamped_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", letter.sequence)
    event.add("summary", letter.title)
    if told.begins and told.ends:
        begins, ends = said_in(told.zone, told.begins, told.ends)
        event.add("dtstart", begins)
        event.add("dtend", ends)
    else:
        event.add("dtstart", told.on)
        event.add("dtend", told.on + timedelta(days=1))
    if told.place:
        event.add("location", told.place)
    if letter.url:
        event.add("url", letter.url)
    event.add("organizer", _address(letter.organizer, letter.organizer_address))
    event.add("attendee", _guest(letter))
    event.add("status", "CANCELLED" if letter.method is Method.CANCEL else "CONFIRMED")
    event.add("class", "PRIVATE")
    if letter.method is Method.REQUEST:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", letter.title)
        alarm.add("trigger", timedelta(minutes=-30))
        event.add_component(alarm)
    return event


def _address(name: str, address: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{address}")
    if name:
        found.params["CN"] = name.replace('"', "'")
    return found


def _guest(letter: Letter) -> vCalAddress:
    found = _address(letter.guest, letter.guest_address)
    if letter.method is Method.REQUEST:
        found.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"})
    return found
