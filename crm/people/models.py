"""Offices and those who hold them. Public facts: no judgement of a person is kept here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.access import PublicFact
from crm.core.db import EMPTY, Base, Identified


class Office(PublicFact, Identified, Base):
    """An office of one State, with its titles as that State uses them ("" where the usual title serves)."""

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    kind: Mapped[str]
    title_en_masculine: Mapped[str] = mapped_column(default="")
    title_en_feminine: Mapped[str] = mapped_column(default="")
    title_fr_masculine: Mapped[str] = mapped_column(default="")
    title_fr_feminine: Mapped[str] = mapped_column(default="")
    title_es_masculine: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    title_es_feminine: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("state_iso3", "kind"),)
    __mapper_args__ = {"version_id_col": version}


class OfficeHolder(PublicFact, Identified, Base):
    """A person in an office from a day up to, and not including, another.

    `honorific` (Dr, Sheikh) takes the place of Mr or Ms. `verified_on` is the day on which somebody last
    looked whether this person is still in office.
    """

    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id", ondelete="CASCADE"))
    name: Mapped[str]
    honorific: Mapped[str] = mapped_column(default="")
    gender: Mapped[str] = mapped_column(default="unknown")
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    acting: Mapped[bool] = mapped_column(default=False)
    verified_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_office_holder_terms", "office_id", "from_on"),
        CheckConstraint("until_on IS NULL OR until_on > from_on", name="term_runs_forward"),
        CheckConstraint("gender IN ('female', 'male', 'unknown')", name="gender_known_word"),
    )
    __mapper_args__ = {"version_id_col": version}
