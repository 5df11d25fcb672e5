"""Finding people with accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts import rules
from crm.accounts.holders import holders_of
from crm.accounts.models import ApiToken, Invitation, Mission, Party, Role, User
from crm.accounts.policy import needs_second_factor
from crm.core import keys
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.lists import Key, Question, uuid_key
from crm.core.text import escaped
from crm.states.rules import fold


def _whole_user() -> Select[User]:
    return select(User).options(joinedload(User.party), joinedload(User.roles))


def plain_address(text: str) -> str:
    """An address as accounts keep it: whatever spellings a mail system takes for one and the same are one here.

    What is no address at all comes back trimmed, in lower case and without NUL, which PostgreSQL does not take.
    """
    if len(text) > rules.LONGEST_ADDRESS:
        return text.replace("\0", "").strip().lower()
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        return text.replace("\0", "").strip().lower()


def user_by_email(email: str) -> User | None:
    """The user with this address, however it is spelled. For the sign-in: asks as the system."""
    wanted = _whole_user().where(User.email == plain_address(email))
    with looking_as(SYSTEM):
        return db.session.execute(wanted).unique().scalar_one_or_none()


def user_by_token(token: str) -> User | None:
    """The user behind a live token.

    Where a second factor is needed, only a token that was issued when there was one opens anything: else a
    password alone would have been enough to come by it.
    """
    owner = joinedload(ApiToken.user)
    wanted = (
        select(ApiToken)
        .where(ApiToken.sha256 == keys.digest(token), ApiToken.revoked_at.is_(None))
        .options(owner.joinedload(User.party), owner.joinedload(User.roles))
    )
    found = db.session.execute(wanted).unique().scalar_one_or_none()
    if found is None or (owes_factor(found.user) and not found.with_factor):
        return None
    return found.user


def owes_factor(user: User) -> bool:
    """Whether this account must have a second factor, by policy and settings."""
    samples_too: bool = current_app.extensions["settings"].sample_needs_second_factor
    return needs_second_factor(user, samples_too=samples_too)


def tokens_of(viewer: Viewer) -> Sequence[ApiToken]:
    """The viewer's own tokens, newest first."""
    return db.session.scalars(
        select(ApiToken).where(ApiToken.user_id == viewer.user_id).order_by(ApiToken.created_at.desc())
    ).all()


def colleagues(viewer: Viewer) -> list[tuple[str, str]]:
    """Who may own an action, as choices (id, "Name (party)"): own party, coordinators and presidency offices."""
    return choices(with_content().order_by(User.id != viewer.user_id, func.lower(User.name)))


def with_content() -> Select[UUID, str, str]:
    """Everybody visible who may read records at all: key, name, party."""
    content = holders_of(one for one in Role if one is not Role.ADMINISTRATOR)
    wanted = select(User.id, User.name, Party.name).join(Party, Party.id == User.party_id)
    return wanted.where(User.active, User.id.in_(content))


def choices(people: Select[UUID, str, str]) -> list[tuple[str, str]]:
    """These people as choices of a list: (key, "Name (party)")."""
    return [(str(key), f"{name} ({party})") for key, name, party in db.session.execute(people)]


def accounts(viewer: Viewer) -> Sequence[User]:
    """The accounts that the viewer keeps, by party and name: everybody's, or those of their own party.

    Raises NotAllowed for who keeps none. Looks as the system: the rule shows colleagues, and administrators keep
    everybody's.
    """
    with looking_as(SYSTEM):
        return db.session.execute(_kept(viewer)).unique().scalars().all()


def own_account(viewer: Viewer) -> User:
    """The viewer's own account."""
    return db.session.get_one(User, viewer.user_id)


def account(viewer: Viewer, user_id: UUID) -> User | None:
    """One of the accounts that the viewer keeps. Raises NotAllowed for who keeps none. Looks as the system, as
    `accounts` does.
    """
    with looking_as(SYSTEM):
        return db.session.execute(_kept(viewer).where(User.id == user_id)).unique().scalar_one_or_none()


def _kept(viewer: Viewer) -> Select[User]:
    viewer.require("party:accounts")
    wanted = _whole_user().join(Party, Party.id == User.party_id).order_by(Party.name, User.name)
    return wanted if viewer.may("accounts:read") else wanted.where(User.party_id == viewer.party_id)


def accounts_asked(
    viewer: Viewer,
    *,
    text: str = "",
    party_id: str = "",
    role: Role | None = None,
    keepers: bool = False,
    active: bool | None = None,
    with_factor: bool | None = None,
    sort: str = "",
) -> Question:
    """What the list of these accounts asks, by party and name unless told otherwise. Raises NotAllowed as `accounts`
    does, and looks as the system for the same reason.
    """
    viewer.require("party:accounts")
    wanted: Any = select(User.id, User.name, Party.name.label("party")).join(Party, Party.id == User.party_id)
    if not viewer.may("accounts:read"):
        wanted = wanted.where(User.party_id == viewer.party_id)
    if text:
        like = f"%{escaped(text)}%"
        wanted = wanted.where(or_(User.name.ilike(like, escape="\\"), User.email.ilike(like, escape="\\")))
    if party_id:
        wanted = wanted.where(User.party_id == UUID(party_id))
    if role:
        wanted = wanted.where(User.id.in_(holders_of([role])))
    for column, given in ((User.administers_party, keepers or None), (User.active, active)):
        wanted = wanted if given is None else wanted.where(column.is_(given))
    if with_factor is not None:
        wanted = wanted.where(User.has_factor.is_(with_factor))
    down = sort.startswith("-")
    party, name = (
        Key(Party.name, lambda row: row.party, str, down), Key(User.name, lambda row: row.name, str, down)
    )  # fmt: skip
    last = uuid_key(User.id, lambda row: row.id, descending=down)
    keys = (name, last) if sort.lstrip("-") == "person" else (party, name, last)
    return Question(wanted, keys, _accounts_in_order, whose=User.party_id, as_system=True)


def _accounts_in_order(rows: Sequence[Any]) -> list[User]:
    """The accounts of these rows, whole, in two statements."""
    wanted = _whole_user().where(User.id.in_([row.id for row in rows]))
    found = {one.id: one for one in db.session.execute(wanted).unique().scalars()}
    return [found[row.id] for row in rows]


def names_of_accounts(keys: Collection[UUID], viewer: Viewer) -> dict[UUID, str]:
    """Whose accounts these are, for whoever keeps them or belongs to their party. Looks as the system: administrators
    keep everybody's.
    """
    return _names(select(User.id, User.name).where(User.id.in_(keys)), User.party_id, viewer)


def names_of_invitations(keys: Collection[UUID], viewer: Viewer) -> dict[UUID, str]:
    """Who was invited, in the same way."""
    return _names(select(Invitation.id, Invitation.name).where(Invitation.id.in_(keys)), Invitation.party_id, viewer)


def names_of_missions(keys: Collection[UUID], _viewer: Viewer) -> dict[UUID, str]:
    """What missions are called, as far as whoever looks may see them."""
    return dict(db.session.execute(select(Mission.id, Mission.name).where(Mission.id.in_(keys))).all())


def _names(wanted: Select[UUID, str], party_id: Any, viewer: Viewer) -> dict[UUID, str]:
    """Looks as the system, as both say."""
    if not viewer.may("accounts:read"):
        wanted = wanted.where(party_id == viewer.party_id)
    with looking_as(SYSTEM):
        return dict(db.session.execute(wanted).all())


def party_named(name: str) -> Party | None:
    """The party of that name."""
    return db.session.scalar(select(Party).where(Party.name == name))


def party_like(name: str) -> str | None:
    """What a party is called that goes by this name, however it is written. Looks as the system: names of parties are
    no secret to whoever opens one.
    """
    with looking_as(SYSTEM):
        return next((one for one in db.session.scalars(select(Party.name)) if fold(one) == fold(name)), None)


def every_party() -> list[tuple[str, str]]:
    """Key and name of each party that the viewer knows, by name, for a choice."""
    return [(str(key), name) for key, name in db.session.execute(select(Party.id, Party.name).order_by(Party.name))]


def parties(viewer: Viewer) -> Sequence[Party]:
    """The parties whose accounts the viewer keeps, by name. Raises NotAllowed for who keeps none."""
    viewer.require("party:accounts")
    wanted = select(Party).order_by(Party.name)
    if not viewer.may("accounts:read"):
        wanted = wanted.where(Party.id == viewer.party_id)
    return db.session.scalars(wanted).all()
