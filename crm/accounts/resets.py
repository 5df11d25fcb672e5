"""A forgotten password: a link by e-mail, and a new password by that link. Verbs are part of a unit of work."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import current_app
from flask_security import hash_password
from sqlalchemy import ColumnElement, delete, func, select

from crm.accounts import notices, rules, service, sessions
from crm.accounts.events import KeysEnded
from crm.accounts.here import device
from crm.accounts.models import PasswordRequest, User
from crm.accounts.queries import user_by_email
from crm.accounts.viewers import viewer_of
from crm.audit.service import Event, record
from crm.core import clock, links
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.errors import NotFound
from crm.mail import service as mail

PURPOSE = "new_password"
LASTS = timedelta(hours=1)
SUBJECT = "Demarche: a new password"
COPIES = 1


def too_many(network: str) -> bool:
    """Whether a network has asked for as many links as it may within the hour.

    Looks as the system: whoever asks is not signed in.
    """
    with looking_as(SYSTEM):
        return _count(PasswordRequest.network == network) >= rules.LINKS_OF_NETWORK


def ask(*, email: str, network: str) -> None:
    """Send a link for a new password to the owner of an open account.

    Says nothing of whether there is one. An address is sent few of them, and one at a time. Looks as the system:
    whoever asks is not signed in.
    """
    account = sessions.account_hash(email)
    with looking_as(SYSTEM):
        asked = _count(PasswordRequest.account_sha256 == account)
        db.session.add(PasswordRequest(account_sha256=account, network=network))
        db.session.flush()
        user = user_by_email(email)
        if user is not None and user.active and asked < rules.LINKS_OF_ACCOUNT and not _just_sent(user.id):
            _send(user)


def _count(which: ColumnElement[bool]) -> int:
    since = PasswordRequest.at > clock.now() - rules.WINDOW
    return db.session.scalar(select(func.count()).select_from(PasswordRequest).where(which, since)) or 0


def _just_sent(user_id: UUID) -> bool:
    made_at = links.newest(purpose=PURPOSE, subject_id=user_id)
    return made_at is not None and clock.now() - made_at < rules.LINK_REST


def _send(user: User) -> None:
    made, secret = links.make(purpose=PURPOSE, subject_id=user.id, lasts=LASTS)
    href = f"{current_app.extensions['settings'].public_url}/new-password/{secret}"
    made.mail_id = mail.post(
        key=f"new_password:{made.id}",
        to=user.email,
        subject=SUBJECT,
        text=current_app.jinja_env.get_template("email/new_password.txt").render(href=href),
        purpose=PURPOSE,
        repeats=COPIES,
        forgets=True,
        sample=user.sample,
    )
    db.session.flush()
    record(Event.PASSWORD_LINK_SENT, actor=SYSTEM, subject=("user", user.id), originator_id=user.party_id)


def behind(secret: str) -> User:
    """Whose password a link changes, without using it up. Raises NotFound.

    Looks as the system: whoever holds the link is not signed in.
    """
    user_id = links.subject(secret, PURPOSE)
    with looking_as(SYSTEM):
        found = db.session.scalar(select(User).where(User.id == user_id, User.active))
    if found is None:
        raise NotFound("no such account")
    return found


def choose(*, secret: str, password: str) -> User:
    """Use the link up for another password: every key to the account ends, and so does every other such link.

    Raises NotFound, and RuleViolation for a password that will not do. Its owner is told by e-mail. Looks as the
    system: whoever holds the link is not signed in.
    """
    user = service.locked_user(links.use(secret, PURPOSE))
    if not user.active:
        raise NotFound("no such account")
    with looking_as(SYSTEM):
        service.check_new(user, password)
        user.password = hash_password(password)
        ended = service.end_keys(user)
        record(Event.PASSWORD_CHANGED, actor=viewer_of(user), subject=("user", user.id), sessions_ended=ended)
        notices.password_changed(user, notices.BY_LINK, device=device())
    return user


def end_links_of(ended_keys: KeysEnded) -> None:
    """No link for a new password opens an account whose keys have ended."""
    links.revoke(purpose=PURPOSE, subject_id=ended_keys.user_id)


def tidy() -> None:
    """Forget requests that count no more; part of a nightly unit of work."""
    old = delete(PasswordRequest).where(PasswordRequest.at < clock.now() - sessions.KEPT)
    db.session.execute(old.execution_options(synchronize_session=False))
