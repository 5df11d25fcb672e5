"""Invitations by e-mail: sent, sent again, withdrawn, accepted. Verbs are part of a unit of work of the caller.

Nobody learns from an invitation which addresses have accounts: whoever has one already gets a mail that says so,
and for the sender it looks like any other that nobody has answered yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from crm.accounts import rules, service
from crm.accounts.models import Invitation, Party, PartyKind, Role, User, UserRole
from crm.accounts.policy import LABELS, PARTY_ADMINISTRATOR, keeps_accounts_of, roles_to_give
from crm.accounts.queries import plain_address
from crm.accounts.viewers import viewer_of
from crm.audit.service import Event, record
from crm.core import clock, links
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.days import in_words
from crm.core.db import db, held, in_turn
from crm.core.errors import NotFound, RuleViolation
from crm.mail import service as mail

PURPOSE = "invitation"
LASTS = timedelta(days=7)
SHOWN = timedelta(days=30)
"""How long an invitation that nobody accepted stays on the list after its last day."""

SUBJECT = "Demarche: an invitation"
COPIES = 1
"""How many further copies an unknown outcome may cause: an invitation twice is better than none."""


def _waits() -> ColumnElement[bool]:
    return and_(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))


def _in_time() -> ColumnElement[bool]:
    return and_(_waits(), Invitation.expires_at > clock.now())


def _still_sent(found: Sequence[Invitation]) -> list[Invitation]:
    """Those that may be accepted now: whose sender may send them today as they are, each role and the administration of
    the party, or that nobody sent. Its caller looks as the system.
    """
    wanted = select(User).where(User.id.in_({one.invited_by_id for one in found if one.invited_by_id}))
    accounts = db.session.scalars(wanted.options(joinedload(User.party), joinedload(User.roles))).unique()
    senders = {one.id: viewer_of(one) for one in accounts}
    known = _held_roles({one.party_id for one in found})
    return [
        one
        for one in found
        if one.invited_by_id is None or _may_send(senders[one.invited_by_id], one, known[one.party_id])
    ]


def _may_send(sender: Viewer, invitation: Invitation, known: Collection[Role]) -> bool:
    if invitation.administers_party and not sender.may("accounts:write"):
        return False
    allowed = roles_to_give(sender, PartyKind(invitation.party.kind), known)
    return keeps_accounts_of(sender, invitation.party_id) and set(allowed).issuperset(invitation.roles)


def waiting(viewer: Viewer) -> Sequence[Invitation]:
    """Invitations that nobody has accepted yet and that the viewer keeps, the newest first."""
    viewer.require("party:accounts")
    wanted = (
        select(Invitation)
        .where(_waits(), Invitation.expires_at > clock.now() - SHOWN)
        .options(joinedload(Invitation.party))
        .order_by(Invitation.sent_at.desc(), Invitation.id)
    )
    return db.session.scalars(wanted).all()


def standing(keys: Collection[UUID]) -> set[UUID]:
    """Which of these invitations may be accepted now.

    Looks as the system: whether one may be accepted hangs on whoever sent it, whom the viewer may not see.
    """
    wanted = select(Invitation).where(Invitation.id.in_(keys), _in_time()).options(joinedload(Invitation.party))
    with looking_as(SYSTEM):
        return {one.id for one in _still_sent(db.session.scalars(wanted).all())}


def held_roles(party_id: UUID) -> set[Role]:
    """The roles that somebody of a party has or had, in an account open or closed.

    Looks as the system: the party may be another than the actor's.
    """
    with looking_as(SYSTEM):
        return _held_roles({party_id})[party_id]


def _held_roles(party_ids: Collection[UUID]) -> dict[UUID, set[Role]]:
    wanted = select(User.party_id, UserRole.name).join(UserRole, UserRole.user_id == User.id)
    found: dict[UUID, set[Role]] = {one: set() for one in party_ids}
    for party_id, name in db.session.execute(wanted.where(User.party_id.in_(party_ids)).distinct()):
        found[party_id].add(Role(name))
    return found


def invite(
    *,
    actor: Viewer,
    email: str,
    name: str,
    roles: Collection[str],
    title: str = "",
    party_id: UUID | None = None,
    administers_party: bool = False,
) -> Invitation:
    """Ask somebody by e-mail to open an account in a party (the actor's own when none is named).

    An earlier invitation of the same address to that party is withdrawn. Raises NotFound for a party that is not
    the actor's to keep, RuleViolation for an impossible address, a role that cannot be given, a known colleague, an
    address that was invited too often within the hour.
    """
    actor.require("party:accounts")
    party = _party(actor, party_id)
    found = objections(actor=actor, party=party, email=email, roles=roles, administers_party=administers_party)
    if found:
        raise RuleViolation.of(found)
    given, address = _given(actor, party, roles), service.possible_address(email)
    in_turn(f"invitation of {address}")
    _not_too_often(address, party)
    _replace(actor, address, party)
    made = Invitation(
        email=address,
        name=name,
        title=title,
        party=party,
        roles=[one.value for one in given],
        administers_party=administers_party,
        invited_by_id=actor.user_id,
        invited_by_name=actor.name,
        expires_at=clock.now() + LASTS,
        sample=party.sample,
    )
    db.session.add(made)
    db.session.flush()
    _send(made, _account_at(address))
    record(
        Event.INVITATION_SENT,
        actor=actor,
        subject=("invitation", made.id),
        originator_id=party.id,
        roles=made.roles,
        administers_party=administers_party,
    )
    return made


def objections(
    *, actor: Viewer, party: Party | None, email: str, roles: Collection[str], administers_party: bool
) -> dict[str, str]:
    """Everything that speaks against an invitation, by field; without a party what can be said without it."""
    found = {}
    if administers_party and not actor.may("accounts:write"):
        found["administers_party"] = "Only an administrator makes a party administrator."
    try:
        if not roles and not administers_party:
            raise RuleViolation("roles", "Choose at least one role.")
        if party:
            _given(actor, party, roles)
    except RuleViolation as violation:
        found["roles"] = str(violation)
    try:
        account = _account_at(service.possible_address(email))
        if account and keeps_accounts_of(actor, account.party_id):
            raise RuleViolation("email", "There is an account with this address already.")
    except RuleViolation as violation:
        found["email"] = str(violation)
    return found


def _party(actor: Viewer, party_id: UUID | None) -> Party:
    wanted = party_id or actor.party_id
    with looking_as(SYSTEM):
        found = db.session.get(Party, wanted) if wanted else None
    if found is None or not keeps_accounts_of(actor, found.id):
        raise NotFound("no such party")
    return found


def _given(actor: Viewer, party: Party, roles: Collection[str]) -> list[Role]:
    allowed = roles_to_give(actor, PartyKind(party.kind), held_roles(party.id))
    refused = [LABELS[Role(one)] for one in roles if one not in allowed]
    if refused:
        raise RuleViolation("roles", f"{party.name} cannot be given the role {', '.join(sorted(refused))} by you.")
    return [one for one in allowed if one.value in roles]


def _account_at(address: str) -> User | None:
    with looking_as(SYSTEM):
        return db.session.scalar(select(User).where(User.email == plain_address(address)))


def _not_too_often(address: str, party: Party) -> None:
    """Of one party alone: nobody learns from it that another invites the same person. Looks as the system, because the
    party may be another than the actor's.
    """
    lately = select(func.count()).select_from(Invitation).where(Invitation.email == address)
    lately = lately.where(Invitation.party_id == party.id, Invitation.sent_at > clock.now() - rules.WINDOW)
    with looking_as(SYSTEM):
        sent = db.session.scalar(lately) or 0
    if sent >= rules.LINKS_OF_ACCOUNT:
        raise RuleViolation("email", f"{sent} invitations went there within the hour. Give them time to arrive.")


def _replace(actor: Viewer, address: str, party: Party) -> None:
    """Withdraw what waits for this address in this party; an administrator's invitation replaces every other."""
    earlier = select(Invitation).where(Invitation.email == address, _waits())
    if not actor.may("accounts:write"):
        earlier = earlier.where(Invitation.party_id == party.id)
    with looking_as(SYSTEM):
        for one in db.session.scalars(held(earlier)).all():
            _end(actor, one)


def _send(invitation: Invitation, account: User | None) -> None:
    """Write the mail: with a fresh link, or, to somebody who has an account, with the word that they have one."""
    links.revoke(purpose=PURPOSE, subject_id=invitation.id)
    invitation.sent_at, invitation.expires_at = clock.now(), clock.now() + LASTS
    address = current_app.extensions["settings"].public_url
    made, secret = links.make(purpose=PURPOSE, subject_id=invitation.id, lasts=LASTS)
    facts = {
        "sender": invitation.invited_by_name,
        "party": invitation.party.name,
        "roles": words_for(invitation),
        "until": in_words(invitation.expires_at.date()),
        "href": f"{address}/sign-in" if account else f"{address}/invitation/{secret}",
        "known": account is not None,
    }
    if account:
        links.revoke(purpose=PURPOSE, subject_id=invitation.id)
    invitation.mail_id = made.mail_id = mail.post(
        key=f"invitation:{made.id}",
        to=invitation.email,
        subject=SUBJECT,
        text=current_app.jinja_env.get_template("email/invitation.txt").render(facts),
        purpose=PURPOSE,
        repeats=COPIES,
        forgets=True,
        sample=invitation.sample,
    )
    db.session.flush()


def words_for(invitation: Invitation) -> str:
    """The roles of an invitation in words."""
    more = [PARTY_ADMINISTRATOR] if invitation.administers_party else []
    return ", ".join([*(LABELS[Role(one)] for one in invitation.roles), *more])


def objection(mail_id: UUID) -> str | None:
    """Why a mail with an invitation must not go out any more, or None. At the claim its caller looks as the system."""
    wanted = select(Invitation).where(Invitation.mail_id == mail_id, _in_time()).options(joinedload(Invitation.party))
    if _still_sent(db.session.scalars(wanted).all()):
        return None
    return "The invitation was withdrawn, replaced, too old or no longer its sender's to give before this went out."


def _kept(actor: Viewer, invitation_id: UUID) -> Invitation:
    actor.require("party:accounts")
    found = db.session.scalar(held(select(Invitation).where(Invitation.id == invitation_id, _waits())))
    if found is None or not keeps_accounts_of(actor, found.party_id):
        raise NotFound("no such invitation")
    return found


def resend(*, actor: Viewer, invitation_id: UUID) -> None:
    """Send it again with a new link; the one before opens nothing. Raises NotFound, RuleViolation within minutes."""
    invitation = _kept(actor, invitation_id)
    if clock.now() - invitation.sent_at < rules.LINK_REST:
        raise RuleViolation("", "This invitation went out less than five minutes ago. Give it time to arrive.")
    roles = _given(actor, invitation.party, invitation.roles)
    if invitation.administers_party and not actor.may("accounts:write"):
        raise RuleViolation("", "Only an administrator makes a party administrator.")
    invitation.roles = [one.value for one in roles]
    invitation.invited_by_id, invitation.invited_by_name = actor.user_id, actor.name
    _send(invitation, _account_at(invitation.email))
    record(
        Event.INVITATION_REPEATED,
        actor=actor,
        subject=("invitation", invitation.id),
        originator_id=invitation.party_id,
    )


def withdraw(*, actor: Viewer, invitation_id: UUID) -> None:
    """Its link opens nothing from now on; a mail that has not gone out stays here. Raises NotFound."""
    _end(actor, _kept(actor, invitation_id))


def _end(actor: Viewer, invitation: Invitation) -> None:
    invitation.withdrawn_at = clock.now()
    links.revoke(purpose=PURPOSE, subject_id=invitation.id)
    record(
        Event.INVITATION_WITHDRAWN,
        actor=actor,
        subject=("invitation", invitation.id),
        originator_id=invitation.party_id,
    )


def behind(secret: str) -> Invitation:
    """The invitation that a link opens, without using it up. Raises NotFound."""
    return _standing(links.subject(secret, PURPOSE))


def _standing(invitation_id: UUID, *, lock: bool = False) -> Invitation:
    wanted = select(Invitation).where(Invitation.id == invitation_id, _in_time()).options(joinedload(Invitation.party))
    with looking_as(SYSTEM):
        found = _still_sent(db.session.scalars(held(wanted, of=Invitation) if lock else wanted).all())
    if not found:
        raise NotFound("no such invitation")
    return found[0]


def accept(*, secret: str, password: str, time_zone: str) -> User:
    """Use the link up and open the account. Raises NotFound, RuleViolation for a password that will not do."""
    invitation = _standing(links.use(secret, PURPOSE), lock=True)
    return take_up(invitation, password=password, time_zone=time_zone)


def for_address(address: str) -> Invitation | None:
    """The one invitation that stands for an address; None when there is none, or more than one to choose from.

    Looks as the system: whoever was invited has no account yet.
    """
    wanted = select(Invitation).where(Invitation.email == plain_address(address), _in_time())
    with looking_as(SYSTEM):
        waiting_for = held(wanted.options(joinedload(Invitation.party)), of=Invitation)
        found = _still_sent(db.session.scalars(waiting_for).all())
    return found[0] if len(found) == 1 else None


def take_up(invitation: Invitation, *, password: str | None, time_zone: str) -> User:
    """Open the account of an invitation; every other one for the same address is withdrawn.

    Looks as the system: whoever was invited has no account yet.
    """
    with looking_as(SYSTEM):
        user = service.open_account(
            actor=SYSTEM,
            email=invitation.email,
            name=invitation.name,
            title=invitation.title,
            party=invitation.party,
            roles=[Role(one) for one in invitation.roles],
            password=password,
            time_zone=time_zone,
            administers_party=invitation.administers_party,
        )
        invitation.accepted_at = clock.now()
        db.session.flush()
        links.revoke(purpose=PURPOSE, subject_id=invitation.id)
        accepted: dict[str, Any] = {"subject": ("invitation", invitation.id), "originator_id": invitation.party_id}
        record(Event.INVITATION_ACCEPTED, actor=viewer_of(user), **accepted)
        others = held(select(Invitation).where(Invitation.email == invitation.email, _waits()))
        for one in db.session.scalars(others).all():
            _end(SYSTEM, one)
    return user
