"""The words of everything that can be found, each row with the rule of the record it comes from."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    String,
    and_,
    exists,
    false,
    literal_column,
    or_,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.activities.models import Activity, Attachment
from crm.core.access import Viewer
from crm.core.db import Base
from crm.core.fulltext import WORDS
from crm.core.visibility import HIDES_STATE, Attribution, as_seen, bare, one_of
from crm.followups.models import FollowUp
from crm.instructions.models import Instruction
from crm.letters.models import Letter, LetterCampaign
from crm.people.met.models import Interlocutor, Post
from crm.people.models import OfficeHolder
from crm.search.kinds import KINDS, Kind, Part

_KINDS = ", ".join(f"'{one.value}'" for one in Kind)
_PARTS = ", ".join(f"'{one.value}'" for one in Part)


class SearchText(Base):
    """A record, or as much of it as some may read, as words.

    `place` orders by day: newer is higher (`rules.places`). `kind` says which of the keys names the record, `part`
    how much of it this row tells. Somebody met has a row of their own and one for each post, which is read where both
    are; `kept_id`: as whom they are shown, where they were merged. `about`: the States that it tells, with spaces
    between; `office`: of an office-holder. `title` and `body` are shown as far as they answer; `words` are what is
    compared. `fingerprint` tells whether the row still says what its record says.
    """

    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    part: Mapped[str]
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    attachment_id: Mapped[UUID | None] = mapped_column(ForeignKey("attachment.id", ondelete="CASCADE"), index=True)
    follow_up_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter_campaign.id", ondelete="CASCADE"), index=True)
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("office_holder.id", ondelete="CASCADE"), index=True)
    interlocutor_id: Mapped[UUID | None] = mapped_column(ForeignKey("interlocutor.id", ondelete="CASCADE"), index=True)
    kept_id: Mapped[UUID | None] = mapped_column(ForeignKey("interlocutor.id", ondelete="SET NULL"), index=True)
    post_id: Mapped[UUID | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    instruction_id: Mapped[UUID | None] = mapped_column(ForeignKey("instruction.id", ondelete="CASCADE"), index=True)
    on_day: Mapped[date | None]
    precision: Mapped[str] = mapped_column(String(8))
    about: Mapped[str]
    office: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    words: Mapped[str] = mapped_column(WORDS, deferred=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    of_sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint(f"part IN ({_PARTS})", name="part"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where its record is, for those to whom such records are open; what is of no known kind nobody sees."""
        if viewer.is_system:
            return true()
        rules = {
            Kind.ACTIVITY: _of_activity(viewer, cls),
            Kind.FOLLOW_UP: _seen(FollowUp, cls.follow_up_id, viewer),
            Kind.CAMPAIGN: _seen(LetterCampaign, cls.campaign_id, viewer),
            Kind.LETTER: _seen(Letter, cls.letter_id, viewer),
            Kind.PERSON: _seen(OfficeHolder, cls.holder_id, viewer),
            Kind.INTERLOCUTOR: _of_interlocutor(viewer, cls),
            Kind.POST: _seen(Post, cls.post_id, viewer),
            Kind.INSTRUCTION: _seen(Instruction, cls.instruction_id, viewer),
            Kind.ATTACHMENT: _seen(Attachment, cls.attachment_id, viewer),
        }
        open_kinds = [kind for kind in rules if viewer.may(KINDS[kind].permission)]
        return or_(false(), *(and_(_is(cls.kind, kind), rules[kind]) for kind in open_kinds))


def _is(column: Any, word: Any) -> ColumnElement[bool]:
    """A word of ours stands in the statement as it is."""
    return column == literal_column(f"'{word.value}'")  # type: ignore[no-any-return]


def _seen(model: Any, key: Any, viewer: Viewer, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the row of a model with this key is seen, and more of it holds."""
    return exists().where(bare(model).c.id == key, as_seen(model, viewer), *more)


def _of_interlocutor(viewer: Viewer, row: Any) -> ColumnElement[bool]:
    """Where somebody met is seen, and the post that the row tells, and the person as whom they are shown."""
    return and_(
        _seen(Interlocutor, row.interlocutor_id, viewer),
        or_(row.post_id.is_(None), _seen(Post, row.post_id, viewer)),
        or_(row.kept_id.is_(None), _seen(Interlocutor, row.kept_id, viewer)),
    )


def _of_activity(viewer: Viewer, row: Any) -> ColumnElement[bool]:
    """How much of an activity its row may tell: what names the State or the person, to whom its attribution lets."""
    whole = bare(Activity).c
    own = whole.originator_id == viewer.party_id if viewer.party_id else false()
    told = {
        Part.NOTE: true(),
        Part.STATE: or_(own, one_of(whole.attribution, frozenset(Attribution) - HIDES_STATE)),
        Part.FULL: or_(own, one_of(whole.attribution, {Attribution.FULL})),
        Part.OWN: own,
    }
    parts = or_(*(and_(_is(row.part, part), rule) for part, rule in told.items()))
    return _seen(Activity, row.activity_id, viewer, parts)
