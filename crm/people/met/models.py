"""People met, posts, who held which and when, what a party thinks of somebody, and who was merged with whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, exists, false, true
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import EMPTY, Base, Identified
from crm.core.visibility import Derived, activity_concerns, as_seen, bare
from crm.people.met.rules import Stance

_STANCES = ", ".join(f"'{one.value}'" for one in Stance)


class Interlocutor(Derived, Identified, Base):
    """Somebody met, with name and title as they are now; each record of a meeting keeps them as they were then.

    `sought`: the name without accents and case, for search and order. `holder_id`: their record as the holder of an
    office that letters are addressed to. `source_id`: the activity from which they were kept, which this record does
    not outrun. `merged_into_id`: the person kept, where this turned out to be the same one.
    """

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    name: Mapped[str]
    sought: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    ministry: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(default="other")
    note: Mapped[str] = mapped_column(default="")
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("office_holder.id", ondelete="SET NULL"), index=True)
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"), index=True)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("interlocutor.id", ondelete="SET NULL"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_interlocutor_state", "state_iso3", "sought", "id"),
        Index("ix_interlocutor_sought", "sought", "id"),
    )
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def came_out_of(cls, codes: Collection[str]) -> ColumnElement[bool]:
        return activity_concerns(cls.source_id, codes)


class Post(Derived, Identified, Base):
    """A post of one State that is no office of the list, such as a directorate, with its title in each language.

    `source_id`: the activity from which the person was kept with whom it was written down.
    """

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    title_en: Mapped[str]
    title_fr: Mapped[str] = mapped_column(default="")
    title_es: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    ministry: Mapped[str] = mapped_column(default="")
    sought: Mapped[str]
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_post_state", "state_iso3", "sought", "id"),)
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def came_out_of(cls, codes: Collection[str]) -> ColumnElement[bool]:
        return activity_concerns(cls.source_id, codes)


# Of those that came out of something there may be two of a title: a refusal would tell of one that is closed.
Index(
    "uq_post_without_source",
    Post.state_iso3,
    Post.originator_id,
    Post.sought,
    unique=True,
    sqlite_where=Post.source_id.is_(None),
    postgresql_where=Post.source_id.is_(None),
)


class PostTerm(Identified, Base):
    """Somebody in a post from a day up to, and not including, another.

    Seen by whoever sees both the person and the post.
    """

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("interlocutor.id", ondelete="CASCADE"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    acting: Mapped[bool] = mapped_column(default=False)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_post_term_terms", "post_id", "from_on"),
        CheckConstraint("until_on IS NULL OR until_on > from_on", name="term_runs_forward"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return and_(
            exists().where(bare(Post).c.id == cls.post_id, as_seen(Post, viewer)),
            exists().where(bare(Interlocutor).c.id == cls.person_id, as_seen(Interlocutor, viewer)),
        )


class StanceClaim(Derived, Identified, Base):
    """Where somebody stood on a day, as one party saw it. Never overwritten: what is thought later stands beside it.

    `source_id`: the activity on which it rests.
    """

    person_id: Mapped[UUID] = mapped_column(ForeignKey("interlocutor.id", ondelete="CASCADE"), index=True)
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"), index=True)
    stance: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    claimed_on: Mapped[date]
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (CheckConstraint(f"stance IN ({_STANCES})", name="stance"),)

    @classmethod
    def came_out_of(cls, codes: Collection[str]) -> ColumnElement[bool]:
        return activity_concerns(cls.source_id, codes)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """By its own rule, and where the person is seen."""
        person = bare(Interlocutor)
        return and_(
            super().visible_to(viewer),
            exists().where(person.c.id == cls.person_id, as_seen(Interlocutor, viewer)),
        )


class PersonMerge(Identified, Base):
    """That two records were found to be of one person, until somebody takes it back.

    Nothing of the one that went is moved: what hangs on it is read together with what hangs on the one kept, each by
    its own handling. `brought`: those who had been merged into it before, by key.
    """

    kept_id: Mapped[UUID] = mapped_column(ForeignKey("interlocutor.id", ondelete="CASCADE"), index=True)
    gone_id: Mapped[UUID] = mapped_column(ForeignKey("interlocutor.id", ondelete="CASCADE"), index=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    brought: Mapped[list[Any]] = mapped_column(default=list)
    merged_at: Mapped[datetime] = mapped_column(default=clock.now)
    merged_by: Mapped[str] = mapped_column(default="")
    undone_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """For the party that merged them, where it sees the one that went."""
        own = cls.party_id == viewer.party_id if viewer.party_id else true() if viewer.is_system else false()
        return and_(own, exists().where(bare(Interlocutor).c.id == cls.gone_id, as_seen(Interlocutor, viewer)))
