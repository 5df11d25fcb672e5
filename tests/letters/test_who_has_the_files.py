"""A campaign that its originator widens or narrows takes its files along, on the page, in the archive and as JSON."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.files.models import StoredFile
from crm.letters.models import Letter, LetterCampaign
from crm.reach.service import restricted
from crm.sharing import service as sharing
from tests.support.people import Person

Plan = Callable[..., LetterCampaign]
Clients = Callable[[str], FlaskClient]
Work = Callable[..., int]


def in_archive(browser: FlaskClient, address: str) -> int | None:
    """How many letters an archive holds; None for no archive."""
    answer = browser.get(address)
    if answer.status_code == 404:
        return None
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return sum(name.endswith(".pdf") for name in archive.namelist())


@pytest.mark.parametrize(
    ("before", "after"),
    [(Handling.COORDINATION, Handling.STATES), (Handling.STATES, Handling.COORDINATION)],
)
def test_files_go_as_far_as_their_campaign(
    plan: Plan, person: Callable[[str], Person], signed_in: Clients, work_off: Work, before: Handling, after: Handling
) -> None:
    own, other = signed_in("coordinator"), signed_in("other_officer")
    key = plan(handling=before).id
    work_off("BTN")
    with looking_as(SYSTEM):
        letter = db.session.scalars(select(Letter.id).where(Letter.state_iso3 == "BTN")).one()
    archives = (f"/letters/campaigns/{key}/letters.zip", f"/api/v1/letters/campaigns/{key}/letters.zip")
    files = (f"/letters/{letter}/en.pdf", f"/letters/{letter}/en.docx", f"/api/v1/letters/{letter}/en.pdf")

    def had(browser: FlaskClient) -> list[Any]:
        return [in_archive(browser, one) for one in archives] + [browser.get(one).status_code for one in files]

    everything, nothing = [1, 1, 200, 200, 200], [None, None, 404, 404, 404]
    assert had(own) == everything
    assert had(other) == (everything if before is Handling.STATES else nothing)
    actor = person("coordinator").viewer
    with looking_as(actor), unit_of_work():
        sharing.change_handling(actor=actor, kind="letter_campaign", record_id=key, handling=after)
    assert had(own) == everything
    assert had(other) == (everything if after is Handling.STATES else nothing)
    with looking_as(SYSTEM):
        assert set(db.session.scalars(select(StoredFile.handling))) == {Handling.ORIGINATOR.value}


def test_an_archive_leaves_a_state_out_that_was_restricted_after_its_letter(
    plan: Plan, person: Callable[[str], Person], signed_in: Clients, work_off: Work
) -> None:
    key = plan().id
    work_off("BTN")
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="BTN")
    browser = signed_in("coordinator")
    assert "BTN" in browser.get(f"/api/v1/letters/campaigns/{key}").text, "they are named and see the letter"
    for door in ("", "/api/v1"):
        answer = browser.get(f"{door}/letters/campaigns/{key}/letters.zip")
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert "BTN" not in archive.read("index.csv").decode() + " ".join(archive.namelist())
