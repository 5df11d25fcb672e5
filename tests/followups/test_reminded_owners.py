"""Whom a reminder reaches when the owner of a follow-up changes, or what they may see does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Flask
from sqlalchemy import select

from crm.accounts.models import Role, User, UserRole
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.followups import service
from crm.followups.models import FollowUp
from crm.mail.models import OutboxMail
from tests.followups.opening import as_system, change, due_in_an_hour, mails_of, plan
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.support.people import Person

People = Callable[[str], Person]
Later = Callable[[float], None]

TODAY = date(2026, 11, 23)
DAY = 86_400.0


def test_given_to_somebody_else_reminds_them(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    followup_id = due_in_an_hour(person("officer").viewer)
    later(3601)
    plan()
    change(officer, service.reassign, followup_id, owner_id=coordinator.user_id)
    plan()
    drain()
    assert [one.recipients for one in relay.taken] == [["coordinator@example.org"]]
    assert sorted(one.state for one in mails_of(followup_id)) == ["sent", "withdrawn"]


def test_an_owner_whose_account_is_closed_is_not_written_to(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    officer = person("officer").viewer
    followup_id = due_in_an_hour(person("officer").viewer)
    later(3601)
    plan()
    as_system(lambda: setattr(db.session.get_one(User, officer.user_id), "active", False))
    assert drain() == {}
    (mail,) = mails_of(followup_id)
    assert (mail.state, mail.last_answer) == ("withdrawn", "The account of the recipient is closed.")


def test_an_owner_who_lost_the_right_is_not_written_to(app: Flask, relay: Relay, person: People, later: Later) -> None:
    """The owner is of another party and was cleared for it; then the role is taken away."""
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    followup_id = due_in_an_hour(person("officer").viewer, owner_id=coordinator.user_id)
    later(3601)
    plan()

    def demote() -> None:
        role = db.session.scalars(select(UserRole).where(UserRole.user_id == coordinator.user_id)).one()
        role.name = Role.MISSION_OFFICER.value

    as_system(demote)
    assert drain() == {}
    (mail,) = mails_of(followup_id)
    assert (mail.state, mail.last_answer) == ("withdrawn", "The owner may not see this follow-up any more.")
    assert officer.party_id != coordinator.party_id


def test_a_removed_follow_up_takes_its_reminder_along(app: Flask, relay: Relay, person: People, later: Later) -> None:
    followup_id = due_in_an_hour(person("officer").viewer)
    later(3601)
    plan()
    as_system(lambda: db.session.delete(db.session.get_one(FollowUp, followup_id)))
    assert drain() == {}
    with looking_as(SYSTEM):
        (mail,) = db.session.scalars(select(OutboxMail)).all()
    assert (mail.state, mail.last_answer) == ("withdrawn", "The follow-up does not exist any more.")
