"""An invitation stands on whoever sent it, and an installation on the administrators that are left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from crm.accounts import invitations, service
from crm.accounts.models import Invitation, Party, PartyKind, Role, User, UserRole
from crm.accounts.queries import user_by_email
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from tests.accounts.test_changing import anew, change, colleague
from tests.followups.opening import colleague_of
from tests.support.links import link_in, mails_to
from tests.support.pages import token_of
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


def in_both_offices(of: Viewer) -> Viewer:
    """A coordinator who is an administrator too, and keeps the accounts of their own party."""
    user_id = colleague(of, Role.COORDINATOR, Role.ADMINISTRATOR, email="both@example.org")
    return keeper(anew(Viewer(user_id=user_id)))


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({"roles": ["administrator"]}, False),
        ({"roles": ["coordinator", "administrator"]}, False),
        ({"roles": ["presidency_office"]}, False),
        ({"roles": ["coordinator"], "administers_party": True}, False),
        ({"roles": ["coordinator"]}, True),
        ({"roles": ["mission_officer"]}, True),
    ],
)
def test_it_gives_nothing_that_its_sender_may_not_give_any_more(
    app: Flask, person: People, more: dict[str, Any], left: bool
) -> None:
    """Of two who may invite here, one is not an administrator any more and still keeps the accounts of the party."""
    root, home = person("administrator").viewer, person("coordinator").viewer
    sender = in_both_offices(home)
    with looking_as(sender), unit_of_work():
        key = invitations.invite(actor=sender, email="guest@example.net", name="Guest", **more).id
    assert stands(key)
    [mail] = mails_to("guest@example.net")
    link, guest = link_in(mail), app.test_client()
    page = guest.get(link)
    change(root, sender.user_id, ["coordinator"])
    assert stands(key) is left
    with looking_as(SYSTEM):
        assert (invitations.for_address("guest@example.net") is not None) is left
        assert (invitations.objection(mail.id) is None) is left
    given = {"csrf_token": token_of(page.text), "password": "correct lantern violin marmalade", "time_zone": "UTC"}
    assert guest.post(link, data=given).status_code == (303 if left else 404)
    with looking_as(SYSTEM):
        db.session.rollback()
        assert (user_by_email("guest@example.net") is not None) is left


def test_the_list_says_that_it_opens_nothing_any_more(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient]
) -> None:
    root, sender = person("administrator").viewer, in_both_offices(person("coordinator").viewer)
    with looking_as(sender), unit_of_work():
        invitations.invite(actor=sender, email="guest@example.net", name="Guest", roles=["administrator"])
    change(root, sender.user_id, ["coordinator"])
    browser = signed_in("administrator")
    assert "Opens nothing any more" in browser.get("/administration/accounts").text
    assert [one["stands"] for one in browser.get("/api/v1/invitations").get_json()["items"]] == [False]


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
