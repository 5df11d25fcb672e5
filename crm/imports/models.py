"""A spreadsheet that was sent in, its bytes, its lines, and what a party has said of headings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    and_,
    exists,
    false,
    not_,
    or_,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.activities.models import Activity
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import EMPTY, Base, Identified
from crm.core.visibility import as_seen, bare, names_one_of
from crm.imports.rules.course import Fate, Phase


class SpreadsheetImport(Identified, Base):
    """One spreadsheet on its way to become records. It is for whoever sent it alone, and its lines are too, as far as
    they read of the States in them: before they are records they have no handling.

    `head`: how the file is read and what its columns are called; `choices`: what was said of it, as the form says it.
    `read_to`: the last line that was read; `attempt` counts workers, so that one that was overtaken knows; `tries`
    counts those that died one after the other. `taken`: lines that are records, `undone`: those that were.
    `states`: those that the records were about which are taken back, codes with spaces between them.
    """

    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    brought_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    name: Mapped[str]
    kind: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
    phase: Mapped[str] = mapped_column(default=Phase.COLUMNS.value)
    head: Mapped[dict[str, Any]] = mapped_column(default=dict)
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str] = mapped_column(default="")
    read_to: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ready: Mapped[int] = mapped_column(default=0)
    problems: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    states: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_spreadsheet_import_sender", "brought_by_id", "sent_at", "id"),
        Index("ix_spreadsheet_import_phase", "phase", "lease_until"),
    )

    @property
    def lines(self) -> int:
        """Lines that were read so far, the heading left aside."""
        looked_at = self.ready + self.problems + self.duplicates + self.left_out
        return looked_at + self.taken + self.failed + self.undone

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.is_system:
            return true()
        return cls.brought_by_id == viewer.user_id if viewer.user_id else false()


class _PartOfImport:
    """Mixin: visible to whoever sent the spreadsheet."""

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.is_system:
            return true()
        whole = bare(SpreadsheetImport)
        sent = exists().where(whole.c.id == cls.import_id, whole.c.brought_by_id == viewer.user_id)  # type: ignore[attr-defined]
        return sent if viewer.user_id else false()


class SpreadsheetPart(_PartOfImport, Identified, Base):
    """A piece of the file as it came, so that no machine holds the whole of it in memory."""

    import_id: Mapped[UUID] = mapped_column(ForeignKey("spreadsheet_import.id", ondelete="CASCADE"))
    place: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint("import_id", "place"),)


class SpreadsheetRow(_PartOfImport, Identified, Base):
    """A line of a spreadsheet, word for word, and what becomes of it.

    `problems`: pairs of column and sentence. `fingerprint`: the same for lines that say the same. `carried`: what it
    leaves blank and takes from a line above, by column. `activity_id`: the record that it became, `version` as that
    was then: what was done to it since is seen by it. `states`: those that it names, codes with spaces between them;
    `beyond`: one of them was none of its sender's when it was read, so that it goes back to them with that reason.
    """

    import_id: Mapped[UUID] = mapped_column(ForeignKey("spreadsheet_import.id", ondelete="CASCADE"))
    line: Mapped[int]
    cells: Mapped[list[Any]]
    fate: Mapped[str] = mapped_column(default=Fate.READY.value)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    fingerprint: Mapped[str] = mapped_column(default="")
    carried: Mapped[dict[str, Any] | None]
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"), index=True)
    version: Mapped[int | None]
    states: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    beyond: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        UniqueConstraint("import_id", "line"),
        Index("ix_spreadsheet_row_fate", "import_id", "fate", "line"),
        Index("ix_spreadsheet_row_fingerprint", "import_id", "fingerprint"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """To whoever sent it: a record where that is seen, anything else while they work on a State that it names;
        never what names a State that is closed to them.
        """
        sent = super().visible_to(viewer)
        if viewer.is_system:
            return sent
        record = bare(Activity).c
        became = exists().where(record.id == cls.activity_id, as_seen(Activity, viewer))
        named = cls.states != ""
        theirs: ColumnElement[bool] = true()
        if viewer.states is not None:
            theirs = or_(not_(named), cls.beyond, names_one_of(cls.states, viewer.states) if viewer.states else false())
        rule = and_(sent, or_(became, and_(cls.activity_id.is_(None), theirs)))
        return and_(rule, not_(names_one_of(cls.states, viewer.closed))) if viewer.closed else rule


class HeadingMemory(Identified, Base):
    """What a party said a heading of its spreadsheets means: `target` is "" where it says nothing of ours."""

    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    heading: Mapped[str]
    target: Mapped[str]
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("party_id", "heading"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.is_system:
            return true()
        return cls.party_id == viewer.party_id if viewer.party_id else false()
