"""What the letters add to a State's timeline."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import select

from crm.core.access import Viewer
from crm.core.db import db
from crm.core.display import day
from crm.letters.models import Letter, LetterCampaign
from crm.letters.progress import LetterState
from crm.states.timeline import Entry

MOST = 50


def entries(state_iso3: str, viewer: Viewer, before: date | None = None) -> list[Entry]:
    """Drafted letters to a State by their own date, as far as visible, newest first."""
    if not viewer.may("letters:read"):
        return []
    wanted = (
        select(
            Letter.id,
            Letter.reference,
            Letter.verb,
            LetterCampaign.letter_date,
            LetterCampaign.name,
            LetterCampaign.sample,
        )
        .join(LetterCampaign, LetterCampaign.id == Letter.campaign_id)
        .where(Letter.state_iso3 == state_iso3, Letter.state == LetterState.DRAFTED.value)
        .order_by(LetterCampaign.letter_date.desc(), Letter.reference)
        .limit(MOST)
    )
    if before:
        wanted = wanted.where(LetterCampaign.letter_date < before)
    return [_entry(row) for row in db.session.execute(wanted)]


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
    )
