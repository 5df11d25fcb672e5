"""Letters are found by their reference, their addressee and their words; a campaign by its name."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.letters.models import Letter, LetterCampaign
from tests.letters.conftest import Plan, offices, plan
from tests.search.test_finding import found, hidden_from, titles
from tests.support.people import Person

__all__ = ["offices", "plan"]
WORDS = {"subject": "Universalization", "paragraphs": [{"text": "Your Canaryword has been read with interest."}]}


def test_letters(plan: Plan, person: Callable[[str], Person]) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    campaign = plan().id
    with looking_as(SYSTEM), unit_of_work():
        letter = db.session.scalars(select(Letter).where(Letter.state_iso3 == "BTN")).one()
        letter.texts = {"en": WORDS}
        reference = letter.reference
    assert titles(coordinator, reference) == [f"{reference}, Bhutan"]
    assert titles(coordinator, "canaryword") == [f"{reference}, Bhutan"]
    assert titles(coordinator, "before beirut", kind="campaign") == ["Before Beirut"]
    assert found(coordinator, "before beirut", state_iso3="BTN").results[0].about == ("BTN",)
    assert hidden_from(person("observer").viewer, "canaryword")
    with looking_as(SYSTEM), unit_of_work():
        db.session.get_one(LetterCampaign, campaign).handling = Handling.ORIGINATOR.value
    assert hidden_from(other, "canaryword")
    assert len(titles(coordinator, "canaryword")) == 1
