"""An invitation stands on whoever sent it, and an installation on the administrators that are left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select

from crm.accounts import invitations, service
from crm.accounts.models import Invitation, Party, PartyKind, Role, User, UserRole
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from tests.followups.opening import colleague_of
from tests.support.people import PASSWORD, Person

People = Callable[[str], Person]


def invited(actor: Viewer, party_id: UUID | None = None) -> UUID:
    """An invitation, committed."""
    with looking_as(actor), unit_of_work():
        return invitations.invite(
            actor=actor, email="guest@example.net", name="Guest", roles=["mission_officer"], party_id=party_id
        ).id


def stands(key: UUID) -> bool:
    """Whether it may be accepted now."""
    db.session.rollback()
    return invitations.standing([key]) == {key}


def keeper(who: Viewer) -> Viewer:
    """Somebody keeps the accounts of their party from now on."""
    with looking_as(SYSTEM), unit_of_work():
        assert who.user_id
        service.give_party_administration(actor=SYSTEM, user_id=who.user_id)
    return Viewer(**{**vars(who), "permissions": who.permissions | {"party:accounts"}})


def changed(who: Viewer, **values: Any) -> None:
    """The account of somebody as it stands from now on."""
    with looking_as(SYSTEM), unit_of_work() as session:
        for name, value in values.items():
            setattr(session.get_one(User, who.user_id), name, value)


def test_it_stands_on_its_sender_and_on_nobody_else(app: Flask, person: People) -> None:
    """Neither a colleague who keeps the accounts nor an administrator elsewhere holds what the sender may not send."""
    person("administrator")
    officer = person("officer").viewer
    keeper(colleague_of(officer, "Near Colleague"))
    key = invited(keeper(officer))
    assert stands(key)
    changed(officer, administers_party=False)
    assert not stands(key)
    changed(officer, administers_party=True, active=False)
    assert not stands(key)
    changed(officer, active=True)
    assert stands(key)


def test_it_falls_when_its_sender_keeps_another_party(app: Flask, person: People) -> None:
    officer, elsewhere = person("officer").viewer, person("other_officer").viewer
    key = invited(keeper(officer))
    changed(officer, party_id=elsewhere.party_id, mission_id=None)
    assert not stands(key)


def test_an_administrator_sends_into_any_party_as_long_as_they_are_one(app: Flask, person: People) -> None:
    officer, sender = person("officer").viewer, person("administrator").viewer
    key = invited(sender, officer.party_id)
    assert stands(key)
    with looking_as(SYSTEM), unit_of_work() as session:
        role = select(UserRole.id).where(UserRole.user_id == sender.user_id)
        session.execute(delete(UserRole).where(UserRole.id.in_(role)))
        session.add(UserRole(user_id=sender.user_id, name=Role.SECRETARIAT.value))
    assert not stands(key)


def test_it_stands_where_nobody_sent_it_until_it_is_withdrawn_or_accepted(app: Flask, person: People) -> None:
    key = invited(person("administrator").viewer, person("officer").viewer.party_id)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Invitation, key).invited_by_id = None
    assert stands(key)
    for name in ("withdrawn_at", "accepted_at"):
        with looking_as(SYSTEM), unit_of_work() as session:
            made = session.get_one(Invitation, key)
            setattr(made, name, made.sent_at)
        assert not stands(key)
        with looking_as(SYSTEM), unit_of_work() as session:
            setattr(session.get_one(Invitation, key), name, None)
    assert stands(key)


def administrator(name: str, *, sample: bool) -> UUID:
    """Another one, committed."""
    with looking_as(SYSTEM), unit_of_work():
        party = db.session.scalars(select(Party).where(Party.kind == PartyKind.OPERATOR.value)).first()
        assert party
        return service.open_account(
            actor=SYSTEM, email=f"{name}@example.org", name=name, party=party, roles=[Role.ADMINISTRATOR],
            password=PASSWORD, sample=sample,
        ).id  # fmt: skip


def close(user_id: UUID | None) -> None:
    """Close an account, committed."""
    assert user_id
    with looking_as(SYSTEM), unit_of_work():
        service.close_account(actor=SYSTEM, user_id=user_id)


def test_an_administrator_of_the_sample_is_nobody_who_is_left(app: Flask, person: People) -> None:
    """They go with the sample: the last real one stays. One of the sample goes while anybody else is left."""
    real = person("administrator").viewer.user_id
    first, second = administrator("first", sample=True), administrator("second", sample=True)
    with pytest.raises(RuleViolation, match="last administrator"):
        close(real)
    close(first)
    close(second)
    with pytest.raises(RuleViolation, match="last administrator"):
        close(real)
    third = administrator("third", sample=False)
    close(real)
    with pytest.raises(RuleViolation, match="last administrator"):
        close(third)


def test_of_the_sample_one_is_left_to_open_the_others_again(app: Flask, person: People) -> None:
    real = person("administrator").viewer
    first, second = administrator("first", sample=True), administrator("second", sample=True)
    changed(real, active=False)
    close(first)
    with pytest.raises(RuleViolation, match="last administrator"):
        close(second)


def test_whom_one_writes_to_in_another_party_one_sees(app: Flask, person: People) -> None:
    """Those who coordinate and the presidency office; nobody else of another party."""
    officer = person("officer").viewer
    known = {person(who).viewer.user_id for who in ("coordinator", "presidency", "observer", "secretariat")}
    contacts = {person(who).viewer.user_id for who in ("coordinator", "presidency")}
    with looking_as(officer):
        db.session.rollback()
        seen = set(db.session.scalars(select(User.id)))
    assert seen & known == contacts and officer.user_id in seen
