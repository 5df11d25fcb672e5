"""What the letters add to a State's timeline."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import select, true

from crm.accounts.sides import of_side
from crm.core.access import Viewer
from crm.core.display import day
from crm.core.text import escaped
from crm.letters.models import Letter, LetterCampaign
from crm.letters.progress import LetterState
from crm.states.timeline import Entry, Source, Wanted, days_by, whole_days


def entries(state_iso3: str, viewer: Viewer, wanted: Wanted) -> list[Entry]:
    """Drafted letters to a State by their own date, as far as visible, newest first."""
    if not viewer.may("letters:read"):
        return []
    on = LetterCampaign.letter_date
    asked: Any = select(Letter.id, Letter.reference, Letter.verb, on, LetterCampaign.name, LetterCampaign.sample)
    asked = asked.join(LetterCampaign, LetterCampaign.id == Letter.campaign_id).where(
        Letter.state_iso3 == state_iso3, Letter.state == LetterState.DRAFTED.value, *wanted.within(on)
    )
    if wanted.keys is not None:
        asked = asked.where(Letter.id.in_(wanted.keys))
    if wanted.person:
        asked = asked.where(Letter.addressee.ilike(f"%{escaped(wanted.person)}%", escape="\\"))
    if wanted.whose:
        who = {"writer": LetterCampaign.planned_by_id, "originator": LetterCampaign.originator_id}
        asked = asked.where(of_side(wanted.whose, viewer, told=true(), **who))
    if wanted.before:
        asked = asked.where(on < wanted.before)
    newest = asked.order_by(on.desc(), Letter.reference)
    return [_entry(row) for row in whole_days(newest, days_by(on, "letter_date"))]


def _entry(row: Any) -> Entry:
    return Entry(
        date=row.letter_date,
        date_text=day(row.letter_date),
        title=f"Letter drafted, asking to {row.verb}",
        href=url_for("letters.show", letter_id=row.id),
        body=row.reference,
        meta=row.name,
        icon="mail",
        anchor=f"letter-{row.id}",
        sample=row.sample,
        datetime=row.letter_date.isoformat(),
        key=row.id,
    )


SOURCE = Source("letter", "Letters", entries)
