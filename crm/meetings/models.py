"""Meetings, those who preside over them, and the coordinator. Public facts."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.access import PublicFact
from crm.core.db import Base, Identified


class Meeting(PublicFact, Identified, Base):
    """A Meeting of States Parties or a Review Conference.

    With `precision` "month" or "year" the two days are the first and last possible ones. `confidence` is
    found or memory for reference data and recorded once a user wrote the row: reference data never
    overwrites that.
    """

    key: Mapped[str] = mapped_column(unique=True)
    number: Mapped[int]
    kind: Mapped[str]
    name_en: Mapped[str]
    name_fr: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    country_iso3: Mapped[str | None] = mapped_column(ForeignKey("state.iso3"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    precision: Mapped[str] = mapped_column(default="day")
    confidence: Mapped[str] = mapped_column(default="recorded")
    source: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_meeting_days", "from_on"),
        CheckConstraint("until_on >= from_on", name="days_run_forward"),
    )
    __mapper_args__ = {"version_id_col": version}


class Presidency(PublicFact, Identified, Base):
    """A State presides over a meeting, through a person where one is known.

    Days are set only where they differ from the rule (see `rules`); `took_over_on` is set for a person who
    followed another within the same presidency.
    """

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    person_name: Mapped[str | None]
    honorific: Mapped[str] = mapped_column(default="")
    title_en: Mapped[str] = mapped_column(default="")
    title_fr: Mapped[str] = mapped_column(default="")
    gender: Mapped[str] = mapped_column(default="unknown")
    took_over_on: Mapped[date | None]
    designate_from: Mapped[date | None]
    president_from: Mapped[date | None]
    president_until: Mapped[date | None]
    confidence: Mapped[str] = mapped_column(default="recorded")
    source: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    meeting: Mapped[Meeting] = relationship()

    __table_args__ = (CheckConstraint("gender IN ('female', 'male', 'unknown')", name="gender_known_word"),)
    __mapper_args__ = {"version_id_col": version}


class Coordinator(PublicFact, Identified, Base):
    """A State coordinates universalization from a day up to, and not including, another.

    `capacity_*` is the name of the task, such as "Friend of the President on Universalization".
    """

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    capacity_en: Mapped[str]
    capacity_fr: Mapped[str] = mapped_column(default="")
    person_name: Mapped[str | None]
    honorific: Mapped[str] = mapped_column(default="")
    title_en: Mapped[str] = mapped_column(default="")
    title_fr: Mapped[str] = mapped_column(default="")
    gender: Mapped[str] = mapped_column(default="unknown")
    from_on: Mapped[date] = mapped_column(index=True)
    until_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on > from_on", name="term_runs_forward"),
        CheckConstraint("gender IN ('female', 'male', 'unknown')", name="gender_known_word"),
    )
    __mapper_args__ = {"version_id_col": version}
