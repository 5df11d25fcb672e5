"""Campaigns of letters, their letters, and the files that were drafted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint, and_, exists
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import SystemOnly, Viewer
from crm.core.db import Base, Identified
from crm.core.visibility import Handled, about, bare, seen


class LetterCampaign(Handled, Identified, Base):
    """One letter to each of many States on one date.

    `statuses` are the codes it was planned for, as of `letter_date`; `languages` is a `LanguageChoice`;
    `occasion` maps a language to a noun phrase with its article. `stopped_at` is set while it is stopped.
    """

    treaty: Mapped[str]
    name: Mapped[str]
    letter_date: Mapped[date]
    statuses: Mapped[list[Any]] = mapped_column(default=list)
    languages: Mapped[str]
    occasion: Mapped[dict[str, Any]] = mapped_column(default=dict)
    contact: Mapped[str] = mapped_column(default="")
    stopped_at: Mapped[datetime | None]
    planned_at: Mapped[datetime] = mapped_column(default=clock.now)
    planned_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    planned_by: Mapped[str] = mapped_column(default="")
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("originator_id", "name"),
        Index("ix_letter_campaign_planned", "planned_at", "id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """By whose it is and its handling alone: a campaign is about no State of its own."""
        return _campaign_seen(viewer, cls)


def _campaign_seen(viewer: Viewer, row: Any) -> ColumnElement[bool]:
    return seen(viewer, originator=row.originator_id, handling=row.handling)


def _letter_seen(viewer: Viewer, row: Any) -> ColumnElement[bool]:
    campaign = bare(LetterCampaign)
    return and_(
        exists().where(campaign.c.id == row.campaign_id, _campaign_seen(viewer, campaign.c)),
        about(viewer, row.state_iso3.in_),
    )


class Letter(Identified, Base):
    """The letter to one State: how far it is, and what it was made from.

    `status` and `verb` are as of the letter's date. `reasons` says why it is blocked or failed, as JSON of
    `rules.Reason`. `attempt` counts every claim and fences off a worker that was overtaken; `tries` counts
    those since somebody last asked for it. `texts` keeps the words of the letter by language. `readdressed`: what
    changes of office-holders made of it after it was drafted, each with its moment, the former addressee and why.
    """

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("letter_campaign.id", ondelete="CASCADE"))
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"), index=True)
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    verb: Mapped[str] = mapped_column(default="")
    languages: Mapped[list[Any]] = mapped_column(default=list)
    addressee: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="waiting")
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    lease_until: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    readdressed: Mapped[list[Any] | None] = mapped_column(deferred=True)

    __table_args__ = (
        UniqueConstraint("campaign_id", "state_iso3"),
        Index("ix_letter_state", "state", "asked_at"),
        CheckConstraint(
            "state IN ('waiting', 'drafting', 'drafted', 'blocked', 'failed', 'stopped')",
            name="state_known_word",
        ),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """As its campaign, for those who read of its State."""
        return _letter_seen(viewer, cls)


class LetterDocument(Identified, Base):
    """One file of a letter: language, format (pdf or docx), and the SHA-256 of its bytes."""

    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(8))
    format: Mapped[str] = mapped_column(String(8))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("letter_id", "language", "format"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """A file is visible exactly when its letter is."""
        letter = bare(Letter)
        return exists().where(letter.c.id == cls.letter_id, _letter_seen(viewer, letter.c))


class LetterSeries(SystemOnly, Base):
    """The register of references of one kind and year: the next number, never given out twice."""

    key: Mapped[str] = mapped_column(primary_key=True)
    next_number: Mapped[int] = mapped_column(default=1)
