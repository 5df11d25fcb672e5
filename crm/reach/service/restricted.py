"""Restricted States: whose records only named people read, and which stay out of batches and exports.

Who is named names others, strikes them and lifts the restriction; nobody else does (ADR 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, select

from crm.accounts.events import AccountClosed, RolesChanged
from crm.accounts.holders import holders_of
from crm.accounts.models import RestrictedState, RestrictedStateReader, Role, User
from crm.accounts.notices import in_full
from crm.accounts.policy import roles_that_may
from crm.accounts.queries import user_by_email
from crm.accounts.service import while_none_is_closed
from crm.audit.service import Event, record
from crm.core import clock, events, keys
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.mail import service as mail
from crm.reach.events import StateRestricted
from crm.reach.service import concerned
from crm.states.models import State
from crm.states.queries import register

SUBJECT = "Demarche: who reads about a restricted State"
KEEPERS_SUBJECT = "Demarche: who reads records of your party"
KEEPERS = tuple(roles_that_may("restricted:write"))


def restrict(*, actor: Viewer, state_iso3: str) -> None:
    """From now on only named people read records about this State; the actor is the first. Twice changes nothing.

    Every party that keeps records about it is told that a State is restricted, and not which one.

    Raises NotAllowed without `restricted:write`, RuleViolation for an unknown State, and for one that others have
    restricted.
    """
    actor.require("restricted:write")
    if state_iso3 not in register().states:
        raise RuleViolation("state_iso3", "There is no State with this code.")
    locked(State, state_iso3)
    if locked(RestrictedState, state_iso3):
        if not _is_named(actor, state_iso3):
            raise RuleViolation("state_iso3", "This State is restricted already. Whoever is named for it names others.")
        return
    db.session.add(RestrictedState(state_iso3=state_iso3, by=actor.name))
    db.session.flush()
    _record(Event.STATE_RESTRICTED, actor, state_iso3)
    if actor.user_id:
        _name(actor, state_iso3, actor.user_id)
    _tell_keepers(actor, state_iso3, "email/state_restricted.txt")
    events.emit(StateRestricted(state_iso3))


def release(*, actor: Viewer, state_iso3: str) -> None:
    """Records about this State follow their handling alone again; who was named is told, and forgotten, and so is
    every party that keeps records about it.

    Raises NotFound, and NotAllowed for whoever is not named for it.
    """
    restriction = _for_change(actor, state_iso3)
    _tell(actor, state_iso3, "email/restriction_lifted.txt", about=state_iso3)
    _tell_keepers(actor, state_iso3, "email/records_open_again.txt")
    db.session.delete(restriction)
    db.session.flush()
    _record(Event.STATE_RELEASED, actor, state_iso3)


def name_reader(*, actor: Viewer, state_iso3: str, user_id: UUID) -> None:
    """Somebody may read records about a restricted State, as far as handling and party allow. Twice changes nothing.

    All who are named are told. Raises NotFound, and NotAllowed for whoever is not named for it.
    """
    _for_change(actor, state_iso3)
    if _name(actor, state_iso3, user_id):
        _tell(actor, state_iso3, "email/reader_named.txt", about=f"{state_iso3} {user_id}")


def name_when_nobody_is_left(*, state_iso3: str, email: str) -> None:
    """The last resort of whoever runs the machine: a coordinator for a State that nobody keeps any more.

    Raises NotFound, RuleViolation while somebody keeps it and for an account that could not.
    """
    _for_change(SYSTEM, state_iso3)
    if _keepers(state_iso3):
        raise RuleViolation("", "Somebody is named who keeps this State. Ask them to name others.")
    user = user_by_email(email)
    if user is None or not user.active or not any(one.name in KEEPERS for one in user.roles):
        raise RuleViolation("", "There is no open account of a coordinator with this address.")
    name_reader(actor=SYSTEM, state_iso3=state_iso3, user_id=user.id)


def _name(actor: Viewer, state_iso3: str, user_id: UUID) -> bool:
    """Whether somebody is named who was not yet. Looks as the system: people of every party may be named."""
    with looking_as(SYSTEM):
        user = db.session.get(User, user_id)
    if user is None or not user.active:
        raise RuleViolation("user_id", "Choose somebody from the list.")
    if _line(state_iso3, user_id):
        return False
    db.session.add(RestrictedStateReader(state_iso3=state_iso3, user_id=user_id))
    db.session.flush()
    _record(Event.READER_NAMED, actor, state_iso3, person=user.name)
    return True


def strike_reader(*, actor: Viewer, state_iso3: str, user_id: UUID) -> None:
    """Somebody reads records about a restricted State no more, from the next request on.

    Raises NotFound, NotAllowed for whoever is not named for it, and RuleViolation for the last one with an open
    account who keeps the list: nobody would be left who could name others. Looks as the system: people of every
    party may be named.
    """
    _for_change(actor, state_iso3)
    line = _line(state_iso3, user_id)
    if line is None:
        raise NotFound("nobody of that name here")
    if _keepers(state_iso3) == {user_id}:
        raise RuleViolation(
            "", "This is the last person named who keeps the list. Name a coordinator first, or lift the restriction."
        )
    with looking_as(SYSTEM):
        person = db.session.get_one(User, user_id).name
    db.session.delete(line)
    db.session.flush()
    _record(Event.READER_STRUCK, actor, state_iso3, person=person)


def tell_when_nobody_is_left(event: AccountClosed | RolesChanged) -> None:
    """An account is closed, or coordinates no more, whoever it was named for; if nobody is left who names others,
    administrators are told.

    Looks as the system: who keeps an account may not know of the State.
    """
    mine = select(RestrictedStateReader.state_iso3).where(RestrictedStateReader.user_id == event.user_id)
    with looking_as(SYSTEM):
        db.session.flush()
        left = [one for one in db.session.scalars(mine.order_by(RestrictedStateReader.state_iso3)) if not _keepers(one)]
        told = db.session.scalars(_open_accounts([Role.ADMINISTRATOR])).all() if left else []
    _send(told, "email/nobody_named.txt", about=str(event.user_id))


def check_named(*, actor: Viewer, state_iso3: str) -> None:
    """Raise NotFound for a State that is not restricted, NotAllowed for whoever is not named for it."""
    actor.require("restricted:write")
    if db.session.get(RestrictedState, state_iso3) is None:
        raise NotFound("not restricted")
    if not (actor.is_system or _is_named(actor, state_iso3)):
        raise NotAllowed("a restricted State for which you are not named")


def _for_change(actor: Viewer, state_iso3: str) -> RestrictedState:
    """The restriction, held; raises as `check_named` does."""
    locked(RestrictedState, state_iso3)
    check_named(actor=actor, state_iso3=state_iso3)
    return db.session.get_one(RestrictedState, state_iso3)


def _is_named(actor: Viewer, state_iso3: str) -> bool:
    return bool(actor.user_id and _line(state_iso3, actor.user_id))


def _keepers(state_iso3: str) -> set[UUID]:
    """Who is named for a State and may name others, with an open account; nobody closes one of them meanwhile.

    Looks as the system: people of every party may be named.
    """
    named = select(RestrictedStateReader.user_id).where(RestrictedStateReader.state_iso3 == state_iso3)
    while_none_is_closed()
    with looking_as(SYSTEM):
        return {one.id for one in db.session.scalars(_open_accounts(KEEPERS).where(User.id.in_(named)))}


def _open_accounts(roles: Sequence[Role]) -> Select[User]:
    return select(User).where(User.active, User.id.in_(holders_of(roles))).order_by(User.id)


def _tell(actor: Viewer, state_iso3: str, template: str, *, about: str) -> None:
    """A mail to everybody named for a State, but to whoever did it. Looks as the system, as they are of any party."""
    named = select(RestrictedStateReader.user_id).where(RestrictedStateReader.state_iso3 == state_iso3)
    with looking_as(SYSTEM):
        found = db.session.scalars(select(User).where(User.active, User.id.in_(named)).order_by(User.id)).all()
    _send([one for one in found if one.id != actor.user_id], template, about=about, who=in_full(actor))


def _tell_keepers(actor: Viewer, state_iso3: str, template: str) -> None:
    """A mail to those who coordinate or administer the parties that keep records about a State: their own are closed to
    them, or open again. An officer who works on one State alone would know by it which one. Whoever did it knows, and
    those who are named for the State are told so (`_tell`).
    """
    named = {one.user_id for one in _lines(state_iso3)} | {actor.user_id}
    people = [one for one in concerned.answering(concerned.parties(state_iso3)) if one.answers]
    told = [one for one in people if one.id not in named]
    _send(told, template, about=state_iso3, subject=KEEPERS_SUBJECT, who=in_full(actor))


def _send(people: Sequence[Any], template: str, *, about: str, subject: str = SUBJECT, **words: str) -> None:
    """In words that name no State: mail lies open on its way. Each is told the same thing `about` the same once a day
    (UTC), however often it is done and undone; the page has the rest.
    """
    text = current_app.jinja_env.get_template(template)
    href = f"{current_app.extensions['settings'].public_url}/restricted"
    parts = (one.encode() for one in (template, about, clock.today().isoformat()))
    sending = keys.sealed(str(current_app.config["SECRET_KEY"]), parts)
    for one in people:
        mail.post(
            key=f"restricted:{sending}:{one.id}",
            to=one.email,
            subject=subject,
            text=text.render(href=href, **words),
            repeats=1,
            sample=one.sample,
        )


def _line(state_iso3: str, user_id: UUID) -> RestrictedStateReader | None:
    return next((one for one in _lines(state_iso3) if one.user_id == user_id), None)


def _lines(state_iso3: str) -> Sequence[RestrictedStateReader]:
    return db.session.scalars(select(RestrictedStateReader).where(RestrictedStateReader.state_iso3 == state_iso3)).all()


def _record(event: Event, actor: Viewer, state_iso3: str, **facts: Any) -> None:
    """For all who coordinate and are named for the State, of whatever party."""
    subject = ("restricted_state", state_iso3)
    record(event, actor=actor, subject=subject, handling=Handling.COORDINATION, state=state_iso3, **facts)
