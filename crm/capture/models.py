"""Addresses to which mail may be forwarded, the mails that wait, and the files that came with them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    and_,
    exists,
    false,
    or_,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.capture.rules.course import SHOWN, Phase
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified
from crm.core.visibility import activity_concerns, bare, names_one_of, not_closed, one_of

_PHASES = ", ".join(f"'{one.value}'" for one in Phase)


class CaptureAddress(Identified, Base):
    """An address of a party. Of its secret part the SHA-256 is kept, and the `salt` from which it is made anew with
    the secret of the installation: who has the table alone has no address. `ended_at`: another took its place.
    """

    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    sha256: Mapped[str] = mapped_column(unique=True)
    salt: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    made_by: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_capture_address_party", "party_id", "ended_at"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of the party who may log."""
        if viewer.is_system:
            return true()
        if viewer.party_id is None or not viewer.may("activities:create"):
            return false()
        return cls.party_id == viewer.party_id


class WaitingMail(Identified, Base):
    """One mail to a party. It is the row first (`raw`, the bytes as they came) and read afterwards.

    It has no handling: it is for its party alone, as far as people there read of the States that it seems to be about
    (`states`, codes with spaces between them). With an entry (`activity_id`) it is about the States of that one, too,
    and follows them. `proven`: the mail server
    vouches that the sender is the person of the party named by `brought_by_id`. `mark` is the same for a mail that
    comes twice. `left_out`: pairs of a file's name and why it is not kept. `proposed` and `invitation`: plain values.
    """

    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    address_id: Mapped[UUID | None] = mapped_column(ForeignKey("capture_address.id", ondelete="SET NULL"), index=True)
    mark: Mapped[str]
    phase: Mapped[str] = mapped_column(default=Phase.RECEIVED.value)
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    size: Mapped[int]
    bounce: Mapped[bool] = mapped_column(default=False)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")
    sender: Mapped[str] = mapped_column(default="")
    sender_name: Mapped[str] = mapped_column(default="")
    proven: Mapped[bool] = mapped_column(default=False)
    automatic: Mapped[bool] = mapped_column(default=False)
    brought_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    sent_at: Mapped[datetime | None]
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    states: Mapped[str] = mapped_column(default="")
    proposed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    invitation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    left_out: Mapped[list[Any]] = mapped_column(default=list)
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"), index=True)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(default="")
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("originator_id", "mark"),
        CheckConstraint(f"phase IN ({_PHASES})", name="phase"),
        Index("ix_waiting_mail_party", "originator_id", "phase", "received_at"),
        Index("ix_waiting_mail_phase", "phase", "asked_at"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return mail_seen(cls, viewer)


def mail_seen(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The rule for a mail, given as a class or as the columns of its table."""
    if viewer.is_system:
        return true()
    if viewer.party_id is None or not viewer.may("activities:create"):
        return false()
    rule = and_(row.originator_id == viewer.party_id, one_of(row.phase, SHOWN))
    if viewer.states is not None:
        own = or_(row.brought_by_id == viewer.user_id, row.states == "")
        rule = and_(rule, or_(own, names_one_of(row.states, viewer.states)) if viewer.states else own)
    if viewer.closed:
        rule = and_(rule, ~names_one_of(row.states, viewer.closed))
    return and_(rule, not_closed(viewer, partial(activity_concerns, row.activity_id)))


class WaitingFile(Identified, Base):
    """A file that came with a mail, looked at and made harmless, until it goes with an entry."""

    mail_id: Mapped[UUID] = mapped_column(ForeignKey("waiting_mail.id", ondelete="CASCADE"))
    place: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    __table_args__ = (UniqueConstraint("mail_id", "place"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Whoever sees the mail."""
        if viewer.is_system:
            return true()
        whole = bare(WaitingMail).c
        return exists().where(whole.id == cls.mail_id, mail_seen(whole, viewer))
