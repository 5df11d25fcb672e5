"""Views of lists that somebody saved, and with which of them a list opens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, and_, false, or_, true
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified


class SavedView(Identified, Base):
    """A list as somebody wants to see it again: its filters, order and columns as they stand in the address.

    `shared`: their party sees it as well. `state_iso3`: the State that it is about, if it is about one.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"))
    list_key: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False)
    state_iso3: Mapped[str | None] = mapped_column(ForeignKey("state.iso3"))
    made_by: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("user_id", "list_key", "name"),
        Index("ix_saved_view_party", "party_id", "list_key"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own, and those that colleagues share, but not one about a State that is closed to the viewer."""
        if viewer.is_system:
            return true()
        if viewer.user_id is None:
            return false()
        ours = and_(cls.shared.is_(True), cls.party_id == viewer.party_id if viewer.party_id else false())
        if viewer.closed:
            ours = and_(ours, or_(cls.state_iso3.is_(None), cls.state_iso3.not_in(viewer.closed)))
        return or_(cls.user_id == viewer.user_id, ours)


class DefaultView(Identified, Base):
    """With which view a list opens for somebody."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    list_key: Mapped[str]
    view_id: Mapped[UUID] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"), index=True)

    __table_args__ = (UniqueConstraint("user_id", "list_key"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own alone."""
        if viewer.is_system:
            return true()
        return cls.user_id == viewer.user_id if viewer.user_id else false()
