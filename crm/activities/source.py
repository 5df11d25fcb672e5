"""An activity as the source of something else, read while it is held.

Whoever narrows an activity holds it, and narrows what they find has come out of it. What is made of one meanwhile
must wait for them, or they for it: else it would stay as wide as the activity was. What has a source and is to be held
as well is held after it, as they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from crm.activities.models import Activity
from crm.core.access import Handling
from crm.core.db import db, held
from crm.core.errors import NotFound
from crm.core.visibility import Attribution, derived_handling


@dataclass(frozen=True)
class Source:
    """How far an activity travels, and what others learn of where it comes from."""

    handling: Handling
    attribution: Attribution

    @property
    def of_state(self) -> Handling:
        """How far what names the State may travel."""
        return derived_handling(self.handling, self.attribution)

    @property
    def of_person(self) -> Handling:
        """How far the person met may travel: as the activity where that is told of in full, else with its own party."""
        return self.handling if self.attribution is Attribution.FULL else Handling.ORIGINATOR


def source(activity_id: UUID) -> Source:
    """An activity that the viewer sees, held; raises NotFound."""
    wanted = select(Activity.handling, Activity.attribution).where(Activity.id == activity_id)
    found = db.session.execute(held(wanted, of=Activity)).one_or_none()
    if found is None:
        raise NotFound("no such activity")
    return Source(Handling(found.handling), Attribution(found.attribution))
