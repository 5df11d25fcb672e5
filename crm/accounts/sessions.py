"""Sessions on the server: begun by a sign-in, found by the key in the cookie, ended by their owner or by closing.

Verbs are part of a unit of work that the caller opens; `find` alone opens one, to note that a session is in use.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, update
from sqlalchemy.orm import joinedload

from crm.accounts import rules
from crm.accounts.models import SignInFailure, User, UserSession
from crm.accounts.queries import plain_address
from crm.accounts.rules import Failures
from crm.audit.service import Event, record
from crm.core import clock, keys
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, in_turn, unit_of_work
from crm.core.errors import NotFound

HOME = timedelta(days=30)
"""For how long a network counts as one from which the account is used."""

KEPT = timedelta(days=35)
"""How long ended sessions and failures stay."""

UNKNOWN = ("sign_in", "unknown")
"""What a try was for that was for no account, or for many."""


@dataclass(frozen=True)
class Proof:
    """When the owner of a session last showed anything (`proved_at`), and when a second factor (`verified_at`)."""

    proved_at: datetime | None = None
    verified_at: datetime | None = None


def begin(*, user_id: UUID, device: str, network: str, proof: Proof | None = None) -> str:
    """A new session; its key, which the cookie carries and nobody can find out afterwards."""
    key, shown = keys.draw(), proof or Proof()
    db.session.add(
        UserSession(
            user_id=user_id,
            key_sha256=keys.digest(key),
            device=device,
            network=network,
            proved_at=shown.proved_at,
            verified_at=shown.verified_at,
        )
    )
    db.session.flush()
    return key


def prove(*, session_id: UUID, factor: bool) -> str:
    """Its owner has shown who they are, with a second factor or without; the session goes on under a new key.

    Raises NotFound when it has ended. Looks as the system: nobody may be signed in yet.
    """
    now = clock.now()
    return _renew(session_id, proved_at=now, seen_at=now, **({"verified_at": now} if factor else {}))


def go_on_alone(*, session_id: UUID, user_id: UUID) -> tuple[str, int]:
    """The session goes on under a new key, for no longer than it would have, and every other one of its owner ends.

    The key, and how many ended. Raises NotFound when it has ended itself.
    """
    return _renew(session_id), end_all(user_id=user_id, but=session_id)


def end_others(*, actor: Viewer, session_id: UUID) -> str:
    """End every session of the actor but this one, which goes on under the key that comes back. Raises NotFound."""
    if actor.user_id is None:
        raise NotFound("no account")
    key, ended = go_on_alone(session_id=session_id, user_id=actor.user_id)
    record(Event.SESSION_ENDED, actor=actor, subject=("user", actor.user_id), sessions_ended=ended)
    return key


def _renew(session_id: UUID, **values: object) -> str:
    """Another key for a session; looks as the system, as `prove` says."""
    key = keys.draw()
    renewed = update(UserSession).where(UserSession.id == session_id, UserSession.ended_at.is_(None))
    with looking_as(SYSTEM):
        done = db.session.execute(
            renewed.values(key_sha256=keys.digest(key), **values).execution_options(synchronize_session=False)
        )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise NotFound("no such session")
    return key


def find(key: str | None) -> UserSession | None:
    """The live session behind a key, with its user, party and roles; its caller looks as the system."""
    if not key:
        return None
    whole = joinedload(UserSession.user)
    wanted = (
        select(UserSession)
        .where(UserSession.key_sha256 == keys.digest(key))
        .options(whole.joinedload(User.party), whole.joinedload(User.roles))
    )
    found = db.session.execute(wanted).unique().scalar_one_or_none()
    now = clock.now()
    if found is None or not rules.alive(
        began_at=found.began_at, seen_at=found.seen_at, ended_at=found.ended_at, now=now
    ):
        return None
    if now - found.seen_at >= rules.SEEN_EVERY:
        _note_use(found.id, now)
        return find(key)
    return found


def lasts(key: str | None) -> bool:
    """Whether the session of a key has not been ended, asked anew. Looks as the system: a step may be due."""
    wanted = select(UserSession.id).where(
        UserSession.key_sha256 == keys.digest(key or ""), UserSession.ended_at.is_(None)
    )
    with looking_as(SYSTEM):
        return db.session.scalar(wanted) is not None


def _note_use(session_id: UUID, now: datetime) -> None:
    with unit_of_work():
        db.session.execute(
            update(UserSession)
            .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )


def is_mine(session: UserSession, key: str | None) -> bool:
    """Whether a session is the one that this key opens."""
    return bool(key) and keys.fits(str(key), session.key_sha256)


def open_sessions(viewer: Viewer) -> Sequence[UserSession]:
    """The viewer's own live sessions, the one used last first; none that still waits for a second factor."""
    now = clock.now()
    return db.session.scalars(
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.user_id == viewer.user_id,
            _complete(),
            UserSession.ended_at.is_(None),
            UserSession.seen_at > now - rules.IDLE,
            UserSession.began_at > now - rules.LONGEST,
        )
        .order_by(UserSession.seen_at.desc(), UserSession.id)
    ).all()


def count_open() -> int:
    """How many sessions of anybody are live; looks as the caller does, who must be the system."""
    now = clock.now()
    live = select(func.count()).select_from(UserSession).join(User, User.id == UserSession.user_id)
    wanted = live.where(
        _complete(),
        UserSession.ended_at.is_(None),
        UserSession.seen_at > now - rules.IDLE,
        UserSession.began_at > now - rules.LONGEST,
    )
    return db.session.scalar(wanted) or 0


def _complete() -> ColumnElement[bool]:
    """Sessions, joined to their users, in which everything was shown that there is to show."""
    return or_(User.has_factor.is_(False), UserSession.verified_at.is_not(None))


def end(*, actor: Viewer, session_id: UUID) -> None:
    """End one of the actor's own sessions; it opens nothing from the next request on. Raises NotFound."""
    found = db.session.scalar(
        select(UserSession).where(UserSession.id == session_id, UserSession.user_id == actor.user_id)
    )
    if found is None:
        raise NotFound("no such session")
    if found.ended_at is None:
        found.ended_at = clock.now()
        record(Event.SESSION_ENDED, actor=actor, subject=("user_session", found.id), sessions_ended=1)


def end_behind(key: str | None) -> None:
    """End the session of a key, at the sign-out; a key that opens nothing changes nothing."""
    if key:
        _end(UserSession.key_sha256 == keys.digest(key))


def end_everywhere(*, actor: Viewer) -> int:
    """End every session of the actor; how many there were. Raises NotFound."""
    if actor.user_id is None:
        raise NotFound("no account")
    ended = end_all(user_id=actor.user_id)
    record(Event.SESSION_ENDED, actor=actor, subject=("user", actor.user_id), sessions_ended=ended)
    return ended


def end_all(*, user_id: UUID, but: UUID | None = None) -> int:
    """End every session of somebody, perhaps but one; how many there were."""
    return _end(and_(UserSession.user_id == user_id, UserSession.id != but if but else true()))


def _end(which: ColumnElement[bool]) -> int:
    """Looks as the system: whoever closes an account does not see its sessions."""
    ending = update(UserSession).where(which, UserSession.ended_at.is_(None)).values(ended_at=clock.now())
    with looking_as(SYSTEM):
        done = db.session.execute(ending.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]


def account_hash(email: str) -> str:
    """An address as it is counted: keyed, because it may be a mistyped password."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, plain_address(email).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Try:
    """A try to sign in that counts as failed until it is released; `account` is the keyed hash of its address."""

    id: UUID
    email: str
    account: str
    network: str


def take_turns(*, email: str, network: str) -> None:
    """Let tries for one account, and those from one network, be counted one after the other."""
    in_turn(f"try for {account_hash(email)}", f"try from {network}")


def count_ahead(*, email: str, network: str) -> Try:
    """Count a try as failed before it is looked at. Looks as the system: whoever tries is not signed in."""
    made = SignInFailure(id=uuid4(), account_sha256=account_hash(email), network=network)
    with looking_as(SYSTEM):
        db.session.add(made)
        db.session.flush()
        return Try(made.id, email, made.account_sha256, network)


def release(counted: Try) -> None:
    """It did not fail. Looks as the system: whoever tries is not signed in."""
    gone = delete(SignInFailure).where(SignInFailure.id == counted.id)
    with looking_as(SYSTEM):
        db.session.execute(gone.execution_options(synchronize_session=False))


def failed(counted: Try) -> bool:
    """It failed, whether or not there is such an account; whether with it the first pause begins.

    The audit hears of it when the first pause begins and when the tries have doubled, with how many they were and from
    which network, and not of every try: anybody can make those. Looks as the system: whoever tries is not signed in.
    """
    with looking_as(SYSTEM):
        moment = db.session.scalar(select(SignInFailure.at).where(SignInFailure.id == counted.id))
        if moment is None:
            return failed(count_ahead(email=counted.email, network=counted.network))
        network = and_(SignInFailure.network == counted.network, SignInFailure.at <= moment)
        here = _failures(and_(network, SignInFailure.account_sha256 == counted.account), clock.now()).count
        if rules.is_told(here, rules.FREE_FROM_HERE):
            attacked = db.session.scalar(select(User.id).where(User.email == plain_address(counted.email)))
            _tell(("user", attacked) if attacked else UNKNOWN, counted.network, tries=here, addresses=1)
        of_network = _failures(network, clock.now()).count
        if rules.is_told(of_network, rules.FREE_OF_NETWORK):
            _tell(UNKNOWN, counted.network, tries=of_network, addresses=_addresses(network))
        return here == rules.FREE_FROM_HERE


def _tell(subject: tuple[str, UUID | str], network: str, *, tries: int, addresses: int) -> None:
    record(Event.SIGN_IN_FAILED, actor=SYSTEM, subject=subject, network=network, tries=tries, addresses=addresses)


def _addresses(which: ColumnElement[bool]) -> int:
    """How many addresses were tried within the hour."""
    counted = select(func.count(SignInFailure.account_sha256.distinct())).where(
        which, SignInFailure.at > clock.now() - rules.WINDOW
    )
    return db.session.scalar(counted) or 0


def note_failure(*, email: str, network: str) -> bool:
    """Count a try that failed; see `failed`."""
    return failed(count_ahead(email=email, network=network))


def forgive(*, email: str, network: str) -> None:
    """Forget the failures of an account from a network: its owner has signed in from there."""
    db.session.execute(
        delete(SignInFailure)
        .where(SignInFailure.account_sha256 == account_hash(email), SignInFailure.network == network)
        .execution_options(synchronize_session=False)
    )


def wait(*, email: str, network: str) -> timedelta:
    """How long until the next try to sign in may be made. Says the same of accounts that do not exist.

    Looks as the system: whoever tries is not signed in.
    """
    now, account = clock.now(), account_hash(email)
    of_account, of_network = SignInFailure.account_sha256 == account, SignInFailure.network == network
    with looking_as(SYSTEM):
        home = (
            select(UserSession.id)
            .join(User, User.id == UserSession.user_id)
            .where(User.email == plain_address(email), UserSession.network == network)
            .where(UserSession.began_at > now - HOME, _complete())
            .limit(1)
        )
        return rules.wait(
            here=_failures(and_(of_account, of_network), now),
            network=_failures(of_network, now),
            account=_failures(of_account, now),
            at_home=db.session.scalar(home) is not None,
            now=now,
        )


def _failures(which: ColumnElement[bool], now: datetime) -> Failures:
    counted = select(func.count(), func.max(SignInFailure.at)).where(which, SignInFailure.at > now - rules.WINDOW)
    count, last = db.session.execute(counted).one()
    return Failures(count, last)


def tidy() -> None:
    """Remove what is over and no longer needed, as a nightly unit of work."""
    limit = clock.now() - KEPT
    for model, column in ((UserSession, UserSession.seen_at), (SignInFailure, SignInFailure.at)):
        db.session.execute(delete(model).where(column < limit).execution_options(synchronize_session=False))
