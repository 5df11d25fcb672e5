"""Looking into a campaign, and changing what it was made from."""

from __future__ import annotations

from sqlalchemy import select, update

from crm.core.db import db, unit_of_work
from crm.letters.content import LetterContent
from crm.letters.models import Letter, LetterCampaign
from crm.people.models import Office, OfficeHolder


def letters(campaign: LetterCampaign) -> dict[str, Letter]:
    rows = db.session.scalars(
        select(Letter).where(Letter.campaign_id == campaign.id).execution_options(populate_existing=True)
    )
    return {one.state_iso3: one for one in rows}


def words(letter: Letter, language: str = "en") -> str:
    return LetterContent.from_json(letter.texts[language]).plain()


def set_gender(iso3: str, gender: str) -> None:
    with unit_of_work():
        offices = select(Office.id).where(Office.state_iso3 == iso3)
        db.session.execute(update(OfficeHolder).where(OfficeHolder.office_id.in_(offices)).values(gender=gender))
