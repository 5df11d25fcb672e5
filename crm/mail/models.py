"""The outbox and every attempt to empty it.

Both tables hold what was written to people, so no viewer may select them: whatever pages show of them
comes from `queries`, which reads as the system and gives out states, times and relay answers, no content.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import SystemOnly
from crm.core.db import Base, Identified
from crm.mail.rules import MailState, Outcome

_STATES = ", ".join(f"'{one.value}'" for one in MailState)
_OUTCOMES = ", ".join(f"'{one.value}'" for one in Outcome)


class OutboxMail(SystemOnly, Identified, Base):
    """One mail to one address. `key` says what it is about: the same cause never makes two mails.

    `purpose` names the question asked before it is sent ("is it still wanted?"); `repeats` is how many
    further copies an unknown outcome may cause without a person deciding; `not_before` is both the due
    moment and, after a try, the end of the rest. `due_at` keeps the first value. `forgets`: it holds a secret,
    so what is written in it goes as soon as nothing more happens with it by itself.
    """

    key: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str] = mapped_column(default="")
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=MailState.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    deferrals: Mapped[int] = mapped_column(default=0)
    unknown_outcomes: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[int] = mapped_column(default=0)
    posted_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_by: Mapped[str | None]
    last_answer: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    forgets: Mapped[bool] = mapped_column(default=False, server_default=false())
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_outbox_mail_ready", "state", "not_before", "id"),
        Index("ix_outbox_mail_due", "state", "due_at", "id"),
    )


class MailAttempt(SystemOnly, Identified, Base):
    """One try, written down before the relay is spoken to; an attempt without an end is still under way.

    `second_copy`: an earlier outcome is unknown, so this may reach the recipient a second time.
    """

    mail_id: Mapped[UUID] = mapped_column(ForeignKey("outbox_mail.id", ondelete="CASCADE"))
    number: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    answer: Mapped[str] = mapped_column(default="")
    second_copy: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("mail_id", "number"),
        CheckConstraint(f"outcome IN ({_OUTCOMES})", name="outcome"),
    )


Index(
    "uq_mail_attempt_sent",
    MailAttempt.mail_id,
    unique=True,
    sqlite_where=MailAttempt.outcome == Outcome.SENT.value,
    postgresql_where=MailAttempt.outcome == Outcome.SENT.value,
)


class MailPause(SystemOnly, Base):
    """That no mail goes out at present: there is one row while it is so, and none else. The audit keeps those before.

    `restored`: a backup was brought back, so nobody may let mail go on before having looked at what it held.
    """

    name: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    since: Mapped[datetime] = mapped_column(default=clock.now)
    by: Mapped[str]
    restored: Mapped[bool] = mapped_column(default=False, server_default=false())
