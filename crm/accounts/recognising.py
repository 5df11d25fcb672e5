"""Which account somebody has whom the provider of single sign-on has sent: part of a unit of work.

By issuer and subject; at the first coming by an address that the provider has verified, for an open account or
for an invitation. Nobody is let in whom nobody here has opened an account for or invited.
"""

from __future__ import annotations

from sqlalchemy import select

from crm.accounts import invitations
from crm.accounts.models import ProviderIdentity, User
from crm.accounts.provider import Arrival
from crm.accounts.queries import user_by_email
from crm.accounts.service import locked_user
from crm.accounts.viewers import viewer_of
from crm.audit.service import Event, record
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unless_taken
from crm.core.errors import RuleViolation

UNKNOWN = "There is no open account here for you. Ask whoever keeps the accounts of your party."


def recognise(arrival: Arrival) -> User:
    """The open account of whom the provider has sent, held. Raises RuleViolation, the same for every reason.

    Looks as the system: nobody is signed in yet.
    """
    with looking_as(SYSTEM):
        known = db.session.scalar(
            select(User)
            .join(ProviderIdentity, ProviderIdentity.user_id == User.id)
            .where(ProviderIdentity.issuer == arrival.issuer, ProviderIdentity.subject == arrival.subject)
        )
        found = known or _newcomer(arrival)
        user = locked_user(found.id) if found else None
        if user is None or not user.active:
            raise RuleViolation("", UNKNOWN)
        if known is None:
            _bind(user, arrival)
    return user


def _newcomer(arrival: Arrival) -> User | None:
    if not arrival.email_verified or not arrival.email:
        return None
    user = user_by_email(arrival.email)
    if user is not None:
        return user
    invitation = invitations.for_address(arrival.email)
    return invitations.take_up(invitation, password=None, time_zone=arrival.time_zone) if invitation else None


def _bind(user: User, arrival: Arrival) -> None:
    """Let the account, which is held, be known by this name; two may arrive with it at the same moment.

    Raises RuleViolation where the issuer knows the account by another: the address has passed to somebody else there.
    """
    names = select(ProviderIdentity.subject).where(
        ProviderIdentity.user_id == user.id, ProviderIdentity.issuer == arrival.issuer
    )
    known = db.session.scalar(names)
    if known == arrival.subject:
        return
    if known is not None:
        raise RuleViolation("", UNKNOWN)
    with unless_taken("", UNKNOWN):
        db.session.add(ProviderIdentity(user_id=user.id, issuer=arrival.issuer, subject=arrival.subject))
    record(Event.PROVIDER_BOUND, actor=viewer_of(user), subject=("user", user.id), issuer=arrival.issuer)
