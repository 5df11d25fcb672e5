"""The tables of what happened: entries, their values, the end of the chain, and what was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    literal_column,
    not_,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.audit.vocabulary import Event
from crm.core import clock
from crm.core.access import Handling, SystemOnly, Viewer
from crm.core.db import Base, Identified
from crm.core.visibility import names_one_of, names_only, seen

OF_ACCOUNTS = (
    "user",
    "user_session",
    "api_token",
    "calendar_feed",
    "sign_in",
    "single_sign_on",
    "party",
    "invitation",
    "sample",
    "outbox_mail",
    "function",
)
"""Subjects that say something about accounts, mail and functions, and nothing about any State."""


FILES_OF_MANY = (Event.LIST_EXPORTED.value, Event.BRIEF_EXPORTED.value)
"""Files of many records; restricted States are left out of them, whoever asks."""


class AuditEntry(Identified, Base):
    """One event: who, on what, with which facts. Entries are added, sealed, and never changed after that.

    `place` is its place in the chain, `commitment` the SHA-256 of its content with `salt`, `link` the SHA-256
    of the link before it, the place and the commitment. `content_commitment` is the SHA-256 of its values,
    which stand in `AuditContent`; empty when it has none.
    """

    at: Mapped[datetime] = mapped_column(default=clock.now)
    event: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(default="")
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    originator_id: Mapped[UUID | None]
    handling: Mapped[str] = mapped_column(default=Handling.ORIGINATOR.value)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    content_commitment: Mapped[str] = mapped_column(default="")
    place: Mapped[int | None] = mapped_column(unique=True)
    salt: Mapped[str] = mapped_column(default="")
    commitment: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("place > 0", name="place_counts_from_one"),
        Index("ix_audit_entry_newest", "at", "id"),
        Index("ix_audit_entry_record", "subject_id", "at", "id"),
        Index("ix_audit_entry_event", "event", "at", "id"),
        Index("ix_audit_entry_originator", "originator_id", "at", "id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """As the record it is about; whoever keeps the accounts sees what happened to them, and nothing else.

        What names a restricted State is for those who are named for it; what gathers several records, whose States
        stand in `among`, for whoever reads of one of them. That they took a file out, and the State that they named
        for it, everybody reads of themselves: an entry that were missing for some States alone would say of which.
        """
        record = seen(viewer, originator=cls.originator_id, handling=cls.handling)
        rule = or_(record, cls.subject_kind.in_(OF_ACCOUNTS)) if viewer.may("accounts:read") else record
        if not viewer.closed:
            return rule
        state, among = (
            cls.details.op("->>", return_type=String())(literal_column(f"'{name}'")) for name in ("state", "among")
        )
        told = and_(
            or_(state.is_(None), not_(names_one_of(state, viewer.closed))),
            or_(among.is_(None), not_(names_only(among, viewer.closed))),
        )
        own_file = and_(cls.actor_id == viewer.user_id, cls.event.in_(FILES_OF_MANY))
        return and_(rule, or_(told, own_file) if viewer.user_id else told)


class AuditContent(Base):
    """The values before and after a change: the part of an entry that can be erased, the chain still holding.

    `values` maps the name of a field to its value before and after; None (and no salt) once it is erased.
    """

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    originator_id: Mapped[UUID | None]
    handling: Mapped[str]
    salt: Mapped[str]
    values: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    )
    erased_at: Mapped[datetime | None]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """By originator and handling of the record, whoever may read the entry itself."""
        return seen(viewer, originator=cls.originator_id, handling=cls.handling)


class AuditHead(SystemOnly, Base):
    """The end of the chain, one row: whoever adds to it waits here for the one before."""

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    place: Mapped[int] = mapped_column(default=0)
    link: Mapped[str] = mapped_column(default="")


class AuditRefusal(SystemOnly, Identified, Base):
    """How often somebody was refused something within an hour; becomes an entry of the audit.

    One row for a person, an address, a reason, a record that exists, and an hour, so that nobody fills the disk
    by knocking. `subject_id` is empty for a record that does not exist and for a function; `told` is how many
    tries the audit has been told of.
    """

    actor_id: Mapped[UUID]
    actor_name: Mapped[str] = mapped_column(default="")
    actor_party_id: Mapped[UUID | None]
    asked_for: Mapped[str]
    reason: Mapped[str]
    hour: Mapped[datetime] = mapped_column(index=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    originator_id: Mapped[UUID | None]
    handling: Mapped[str]
    first_at: Mapped[datetime] = mapped_column(default=clock.now)
    tries: Mapped[int] = mapped_column(default=1)
    told: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("actor_id", "asked_for", "reason", "subject_id", "hour"),)
