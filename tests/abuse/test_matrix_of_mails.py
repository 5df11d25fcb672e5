"""S8, S11, S22: what is hidden from somebody is in no mail to them, in no calendar of theirs and in no log.

Records are theirs to follow up, as far as the State and the party go, and then are not theirs to see any more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import update

import config
from crm.accounts import witness
from crm.audit.service import SENSITIVE
from crm.calendar import service as calendar
from crm.calendar.rules import Detail
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import unit_of_work
from crm.core.visibility import Attribution
from crm.followups.models import FollowUp
from crm.followups.reminding.models import ReminderWishes
from crm.followups.reminding.rules import Way
from crm.reach.service import emergency, restricted
from tests.abuse.world import (
    CANARY,
    CLEARED,
    ELSEWHERE,
    RESTRICTED,
    STATE,
    VISIBLE,
    Bundle,
    accredit_to_one,
    bundle,
    keeper,
    revoke,
    unattributed,
)
from tests.followups.opening import plan
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.support.databases import settings_for
from tests.support.people import Person

People = Callable[[str], Person]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WORDS = "Call the desk officer"
"""What a follow-up says that is there for its owner."""


@pytest.fixture
def settings(database_url: str, var_dir: Path, relay: Relay) -> config.Settings:
    """An installation that lets mails and calendars say as much as they ever may."""
    return settings_for(
        database_url, var_dir, smtp_url=relay.url, mail_from="Demarche <demarche@example.org>", reminder_detail="full"
    )


def _owed(me: Viewer, owner: Viewer, who: str) -> dict[str, Bundle]:
    """Records of every relation, each with a follow-up that is this person's to do and has fallen due."""
    cleared, too_narrow = CLEARED[who]
    made = {
        "own": bundle(me.party_id, me.user_id, Handling.ORIGINATOR),
        "other": bundle(owner.party_id, me.user_id, Handling.ORIGINATOR),
        "shared": bundle(owner.party_id, me.user_id, cleared),
        "revoked": bundle(owner.party_id, me.user_id, cleared),
        "over_marked": bundle(owner.party_id, me.user_id, too_narrow),
        "restricted": bundle(owner.party_id, me.user_id, Handling.PUBLIC, RESTRICTED),
        "unattributed": unattributed(owner.party_id, me.user_id, cleared, Attribution.NONE),
    }
    if who == "officer":
        accredit_to_one(me)
        made["elsewhere"] = bundle(owner.party_id, me.user_id, Handling.STATES, ELSEWHERE)
    revoke(owner, made["revoked"])
    with looking_as(SYSTEM), unit_of_work() as session:
        restricted.restrict(actor=owner, state_iso3=RESTRICTED)
        session.execute(update(FollowUp).values(remind_at=FollowUp.due_at))
        at_once = ReminderWishes.usual(me.user_id)
        at_once.way, at_once.said_at = Way.AT_ONCE.value, LONG_AGO
        of_nothing = ReminderWishes.usual(owner.user_id)
        of_nothing.escalated_after, of_nothing.said_at = 0, LONG_AGO
        session.add_all([at_once, of_nothing])
        plain = [made[relation].keys["followup_id"] for relation in VISIBLE]
        session.execute(update(FollowUp).where(FollowUp.id.in_(plain)).values(what=WORDS))
    return made


def _mails(relay: Relay, to: Viewer) -> list[str]:
    """Every mail that went out to somebody, as it was sent and as they see it."""
    found = []
    for one in [each for each in relay.taken if each.recipients == [to.email]]:
        parts = [part.get_content() for part in one.message.walk() if not part.is_multipart()]
        found.append("\n".join([one.content.decode(), str(one.message["Subject"]), *map(str, parts)]))
    return found


@pytest.mark.parametrize("who", [*CLEARED])
def test_s08_a_mail_reminds_of_nothing_that_is_hidden(
    app: Flask, person: People, who: str, relay: Relay, said: Callable[[], str]
) -> None:
    me = person(who).viewer
    records = _owed(me, keeper(), who)
    assert plan() == len(records)
    drain()
    sent = _mails(relay, me)
    told = {relation for relation, one in records.items() for mail in sent if str(one.keys["followup_id"]) in mail}
    assert told == (VISIBLE if me.may("followups:read") else set()), who
    open_ones = told - {"own"} if CLEARED[who][0] not in SENSITIVE else set()
    assert sum(WORDS in mail for mail in sent) == len(open_ones), "what is read under one's own name alone is neutral"
    assert CANARY not in "".join(sent) and CANARY not in said()


@pytest.mark.parametrize("who", [one for one in CLEARED if one not in ("observer", "administrator")])
def test_s22_a_calendar_holds_nothing_that_is_hidden(
    app: Flask, person: People, who: str, said: Callable[[], str]
) -> None:
    me = person(who).viewer
    records = _owed(me, keeper(), who)
    with looking_as(me), unit_of_work():
        _, token = calendar.make_feed(actor=me, label="Desk", detail=Detail.FULL)
    body = app.test_client().get(f"/calendar/{token}.ics").get_data(as_text=True)
    titles = [str(event["summary"]) for event in Calendar.from_ical(body).walk("VEVENT")]
    assert CANARY not in body.replace("\r\n ", "") and CANARY not in said()
    shown = bool([title for title in titles if WORDS in title])
    assert shown is (CLEARED[who][0] not in SENSITIVE), "what another party shares, unless with few"
    assert "Follow-up due" in titles, "what one's own party keeps to itself is there, and neutral"
    hidden = [one.keys["followup_id"] for relation, one in records.items() if relation not in VISIBLE]
    assert not [key for key in hidden if str(key) in body.replace("\r\n ", "")]


@pytest.mark.parametrize("who", ["coordinator", "presidency"])
def test_s11_what_was_opened_in_an_emergency_is_in_no_mail(
    app: Flask, person: People, who: str, relay: Relay, said: Callable[[], str]
) -> None:
    me, owner = person(who).viewer, keeper()
    bundle(owner.party_id, owner.user_id, Handling.ORIGINATOR)
    with looking_as(me), unit_of_work():
        emergency.begin(actor=me, state_iso3=STATE, reason=CANARY)
    with looking_as(SYSTEM), unit_of_work():
        witness.send_mark()
    drain()
    told = _mails(relay, owner)
    assert len(told) == 2, "whose records they are is told, and is sent the mark of the audit"
    assert CANARY not in "".join([*told, *_mails(relay, me)]) and CANARY not in said()
