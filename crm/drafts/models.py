"""Drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, exists, false, or_
from sqlalchemy.orm import Mapped, mapped_column

from crm.activities.models import Activity
from crm.capture.models import WaitingMail
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import EMPTY, Base, Identified
from crm.core.visibility import as_seen, bare, names_one_of, one_of
from crm.drafts.rules import End, Kind
from crm.followups.models import FollowUp
from crm.instructions.models import Instruction
from crm.letters.models import LetterCampaign
from crm.people.met.models import Interlocutor, Post
from crm.sharing.models import HandlingRequest

_KINDS = ", ".join(f"'{one.value}'" for one in Kind)
_ENDS = ", ".join(f"'{one.value}'" for one in End)

ABOUT: dict[Kind, tuple[type[Any], ...]] = {
    Kind.REPORT: (Activity,),
    Kind.CORRECTION: (Activity,),
    Kind.STEP: (Activity,),
    Kind.FINISH: (FollowUp,),
    Kind.MOVE: (FollowUp,),
    Kind.CANCEL: (FollowUp,),
    Kind.REASSIGN: (FollowUp,),
    Kind.WAITING_ENTRY: (WaitingMail,),
    Kind.WAITING_PLAN: (WaitingMail,),
    Kind.AMENDMENT: (Instruction,),
    Kind.PERSON_CORRECTION: (Interlocutor,),
    Kind.STANCE: (Interlocutor,),
    Kind.REQUEST: (Activity, FollowUp, LetterCampaign, Interlocutor, Post),
    Kind.ANSWER: (HandlingRequest,),
}
"""The forms that are about a record, and what kinds of record it may be."""


class Draft(Identified, Base):
    """What stands in a form that is not saved yet, exactly as it was typed (`typed`, JSON), for its writer alone.

    `record_id` is the record that the form is about, if there is one, and none once that is gone; the version from
    which it began stands among the fields. What was typed may repeat the record, so that a draft whose record is gone
    keeps, as codes with spaces between them, of which States its writer has to read one (`states`, "" where none is
    asked) and which others may not be closed to them (`behind`), whatever it becomes. `window` is the key of the
    window that kept it last. One that was saved keeps no words: its row remains for a day, so that a late message from
    a window does not bring it back.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    kind: Mapped[str]
    record_id: Mapped[UUID | None] = mapped_column(index=True)
    typed: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1)
    states: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    behind: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    window: Mapped[UUID | None]
    begun_at: Mapped[datetime] = mapped_column(default=clock.now)
    kept_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint(f"ended IN ({_ENDS})", name="ended"),
        Index("ix_draft_user", "user_id", "kept_at"),
        Index("ix_draft_kept_at", "kept_at"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own alone; one about a record where that is seen, because its form was opened with the record in it.
        Once that is gone it is seen where it would be.
        """
        if viewer.user_id is None:
            return false()
        about = [cls._about(viewer, model) for model in dict.fromkeys(one for of in ABOUT.values() for one in of)]
        return and_(cls.user_id == viewer.user_id, or_(cls.record_id.is_(None), *about), *cls._kept_from(viewer))

    @classmethod
    def _kept_from(cls, viewer: Viewer) -> list[ColumnElement[bool]]:
        """What the States ask that a record was about which is gone."""
        asked = []
        if viewer.states is not None:
            reads = viewer.states | viewer.opened
            asked.append(or_(cls.states == "", names_one_of(cls.states, reads)) if reads else cls.states == "")
        if viewer.closed:
            asked += [~names_one_of(cls.states, viewer.closed), ~names_one_of(cls.behind, viewer.closed)]
        return asked

    @classmethod
    def _about(cls, viewer: Viewer, model: type[Any]) -> ColumnElement[bool]:
        whole: Any = bare(model)  # type: ignore[arg-type]
        kinds = [kind for kind, of in ABOUT.items() if model in of]
        return and_(one_of(cls.kind, kinds), exists().where(whole.c.id == cls.record_id, as_seen(model, viewer)))
