"""The shape of what a person says of a mail, for both doors. An entry is told in the form of every entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wtforms import SelectField
from wtforms.validators import InputRequired

from crm.activities.forms import ActivityForm, PlanForm
from crm.activities.rules import NOTE_LENGTH
from crm.activities.types import ACTIVITY_TYPES
from crm.capture.models import WaitingMail
from crm.capture.rules.invitations import day_of, moment_of
from crm.capture.rules.words import one_line
from crm.core import ceiling, clock
from crm.core.access import Handling, Viewer
from crm.core.forms import Form, options


class KeepWithForm(Form):
    """The entry with which a mail is to be kept."""

    activity_id = SelectField(
        "Entry", choices=[], validators=[InputRequired("Choose the entry.")], description="The newest of your party."
    )

    def offer(self, entries: list[tuple[str, str]]) -> None:
        """Fill in the entries that this viewer may choose."""
        self.activity_id.choices = options(entries, "Choose an entry")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        return {"activity_id": UUID(super().command()["activity_id"])}


def is_long(mail: WaitingMail) -> bool:
    """Whether a mail says more than a field of an entry takes, so that its text goes along as a file."""
    return len(mail.text) > NOTE_LENGTH


def proposed_day(mail: WaitingMail, viewer: Viewer) -> date | None:
    """The day that a mail proposes. Of an invitation it is the day on which it begins where it was said; of a moment
    that names no place, and of the one at which a mail was written, the day where the viewer is.
    """
    said = mail.proposed or {}
    if mail.invitation:
        return day_on(mail.invitation, viewer.time_zone)
    if said.get("written_at"):
        moment = datetime.fromisoformat(said["written_at"])
        return clock.day_of(moment, viewer.time_zone) if moment.tzinfo else moment.date()
    return date.fromisoformat(said["held_on"]) if said.get("held_on") else None


def day_on(invitation: Mapping[str, Any], zone: str) -> date | None:
    """The day on which an invitation begins; of one that says it in universal time, which is nobody's, the day in this
    zone.
    """
    moment = moment_of(invitation["begins"])
    universal = moment is not None and moment.tzinfo is not None and invitation.get("zone") == "UTC"
    return clock.day_of(moment, zone) if moment and universal else day_of(invitation["begins"])


def proposed_for(form: type[PlanForm], mail: WaitingMail, viewer: Viewer, today: date) -> dict[str, Any]:
    """What stands in the form of an entry before anybody has touched it: guesses that its writer looks at.

    Nothing of a mail travels further than its party by default.
    """
    said, codes = mail.proposed or {}, [one for one in mail.states.split() if viewer.works_on(one)]
    kind = str(said.get("kind", ""))
    kind = kind if kind in ACTIVITY_TYPES else "bilateral_talks"
    several = ACTIVITY_TYPES[kind].several_states
    found: dict[str, Any] = {
        "kind": kind,
        "state_iso3": codes[0] if codes and (several or len(codes) == 1) else "",
        "further_states": tuple(codes[1:]) if several else (),
        "person_name": one_line(said.get("person_name", ""), 200),
        "place": one_line(said.get("place", ""), 200),
        "occasion": one_line(said.get("occasion", ""), 200),
    }
    day = proposed_day(mail, viewer)
    if day and (day > today) is (form is PlanForm):
        found["held_on"] = day
    if ceiling.ceiling().keeps(Handling.ORIGINATOR):
        found["handling"] = Handling.ORIGINATOR.value
    words = mail.text[:NOTE_LENGTH].strip()
    found["reply" if issubclass(form, ActivityForm) else "objective"] = words
    return {name: value for name, value in found.items() if value not in ("", ())}
