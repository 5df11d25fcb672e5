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


def proposed_day(said: Mapping[str, Any], viewer: Viewer) -> date | None:
    """The day that a mail proposes; of the moment at which it was written, the day where the viewer is."""
    if said.get("written_at"):
        return clock.day_of(datetime.fromisoformat(said["written_at"]), viewer.time_zone)
    return date.fromisoformat(said["held_on"]) if said.get("held_on") else None


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
    day = proposed_day(said, viewer)
    if day and (day > today) is (form is PlanForm):
        found["held_on"] = day
    if ceiling.ceiling().keeps(Handling.ORIGINATOR):
        found["handling"] = Handling.ORIGINATOR.value
    words = mail.text[:NOTE_LENGTH].strip()
    found["reply" if issubclass(form, ActivityForm) else "objective"] = words
    return {name: value for name, value in found.items() if value not in ("", ())}
