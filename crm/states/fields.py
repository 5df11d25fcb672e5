"""States in a form: several on one line, by any of their names; and why a choice has not all of them."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import ValidationError

from crm.core.access import Viewer
from crm.core.forms import Form, ListField
from crm.states.queries import register

MOST = 60
"""So many States one activity concerns at most: more than any region has."""


def why_only_these(viewer: Viewer) -> str:
    """The hint of a choice that has the States of somebody's mission alone; "" where it has all, or none."""
    if not viewer.states:
        return ""
    return f"Only States to which your mission, {viewer.mission_name}, is accredited today stand here."


class StatesField(ListField):
    """Names or codes of States, past or present, in any of our languages; `data` holds their codes."""

    def process_formdata(self, valuelist: Iterable[str]) -> None:
        """Find each; the first that nobody is called is named beside the field."""
        super().process_formdata(valuelist)
        known = register()
        found = {text: known.find(text) for text in self.data}
        unknown = [text for text, iso3 in found.items() if iso3 is None]
        if unknown:
            raise ValueError(f"No State is called “{unknown[0][:60]}”.")
        self.data = tuple(dict.fromkeys(iso3 for iso3 in found.values() if iso3))

    def pre_validate(self, form: Form) -> None:
        """Refuse more than any activity has."""
        if len(self.data or ()) > MOST:
            raise ValidationError(f"These are more than {MOST} States.")
