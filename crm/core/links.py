"""A link that opens one thing for whoever holds it: an invitation, a new password.

The address carries a key (`crm.core.keys`). Reading it changes nothing, because scanners of mail follow links; a
button on the page uses it up. An address that was guessed, used, revoked, is too old or was made for something
else is no address at all: NotFound.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Index, and_, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock, keys
from crm.core.access import SYSTEM, SystemOnly, looking_as
from crm.core.db import Base, Identified, db, held
from crm.core.errors import NotFound

KEPT = timedelta(days=35)
"""How long a link that opens nothing any more stays."""

NO_LONGER = "The link in it opens nothing any more."

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


class HeldLink(SystemOnly, Identified, Base):
    """One link: what it is for, what it is about, until when. `mail_id` is the mail in which it travels."""

    sha256: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    subject_id: Mapped[UUID]
    mail_id: Mapped[UUID | None] = mapped_column(index=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_held_link_subject", "purpose", "subject_id"),)


def _opens() -> ColumnElement[bool]:
    return and_(HeldLink.used_at.is_(None), HeldLink.revoked_at.is_(None), HeldLink.expires_at > clock.now())


def make(*, purpose: str, subject_id: UUID, lasts: timedelta) -> tuple[HeldLink, str]:
    """A new link and the secret part of its address, which is in nobody's hands but the caller's.

    Works as the system: links are for the software alone.
    """
    secret = keys.draw()
    made = HeldLink(sha256=keys.digest(secret), purpose=purpose, subject_id=subject_id, expires_at=clock.now() + lasts)
    with looking_as(SYSTEM):
        db.session.add(made)
        db.session.flush()
    return made, secret


def subject(secret: str, purpose: str) -> UUID:
    """What a link is about, without using it up. Raises NotFound."""
    return _found(secret, purpose, lock=False).subject_id


def use(secret: str, purpose: str) -> UUID:
    """Use a link up, this once, and say what it is about; of two at the same time one raises NotFound.

    Works as the system: links are for the software alone.
    """
    found = _found(secret, purpose, lock=True)
    found.used_at = clock.now()
    with looking_as(SYSTEM):
        db.session.flush()
    return found.subject_id


def _found(secret: str, purpose: str, *, lock: bool) -> HeldLink:
    if not _SHAPE.fullmatch(secret):
        raise NotFound("no such link")
    wanted = select(HeldLink).where(HeldLink.sha256 == keys.digest(secret), HeldLink.purpose == purpose, _opens())
    if lock:
        wanted = held(wanted)
    with looking_as(SYSTEM):
        found = db.session.scalar(wanted)
    if found is None:
        raise NotFound("no such link")
    return found


def revoke(*, purpose: str, subject_id: UUID) -> None:
    """Let every link of this purpose about this subject open nothing any more.

    Works as the system: links are for the software alone.
    """
    ending = update(HeldLink).where(HeldLink.purpose == purpose, HeldLink.subject_id == subject_id, _opens())
    with looking_as(SYSTEM):
        db.session.execute(ending.values(revoked_at=clock.now()).execution_options(synchronize_session=False))


def newest(*, purpose: str, subject_id: UUID) -> datetime | None:
    """When the newest link of this purpose about this subject was made, whether it still opens or not.

    Looks as the system: links are for the software alone.
    """
    made = select(HeldLink.made_at).where(HeldLink.purpose == purpose, HeldLink.subject_id == subject_id)
    with looking_as(SYSTEM):
        return db.session.scalar(made.order_by(HeldLink.made_at.desc()).limit(1))


def objection(mail_id: UUID) -> str | None:
    """Why a mail with a link must not go out any more, or None: asked when it is about to.

    Looks as the system: links are for the software alone.
    """
    with looking_as(SYSTEM):
        alive = db.session.scalar(select(HeldLink.id).where(HeldLink.mail_id == mail_id, _opens()))
    return None if alive else NO_LONGER


def tidy() -> None:
    """Forget links that have opened nothing for long; part of a nightly unit of work."""
    old = delete(HeldLink).where(HeldLink.expires_at < clock.now() - KEPT)
    db.session.execute(old.execution_options(synchronize_session=False))
