"""A request that a record may travel further, and its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified
from crm.sharing.kinds import known


class HandlingRequest(Identified, Base):
    """Somebody of another party asks the originator of a record to let it travel further.

    `subject_kind` and `subject_id` name the record. `granted` is None until somebody of the originator answers,
    and for good where it was withdrawn before that.
    """

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    wanted: Mapped[str]
    reason: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked_by: Mapped[str]
    asked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    asking_party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    granted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_handling_request_subject", "subject_kind", "subject_id"),
        Index("ix_handling_request_originator", "originator_id", "asked_at", "id"),
        Index("ix_handling_request_asking", "asking_party_id", "asked_at", "id"),
        CheckConstraint("granted IS NULL OR withdrawn_at IS NULL", name="answered_or_withdrawn"),
    )

    @classmethod
    def waits(cls) -> ColumnElement[bool]:
        """Those that are neither answered nor withdrawn."""
        return and_(cls.granted.is_(None), cls.withdrawn_at.is_(None))

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of the two parties between which it passes who may see the record itself.

        Question and answer say of the record what is not for whoever may not read it.
        """
        if viewer.party_id is None or not viewer.may("own:read"):
            return false()
        ours = or_(cls.originator_id == viewer.party_id, cls.asking_party_id == viewer.party_id)
        return and_(ours, or_(*(_record_seen(viewer, cls, name, one.model) for name, one in known().items())))


def _record_seen(viewer: Viewer, request: Any, kind: str, model: Any) -> ColumnElement[bool]:
    """Whether a request is about a record of this kind that the viewer sees."""
    found = select(model.id).where(model.id == request.subject_id, model.visible_to(viewer))
    return and_(request.subject_kind == kind, found.correlate_except(model).exists())
