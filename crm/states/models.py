"""States, their names, the acts that decide their status, and the imports that change those acts."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import clock
from crm.core.access import PublicFact, Viewer
from crm.core.db import Base, Identified
from crm.states.rules import Act, ActKind, DatedName, NameKind, caution, from_record, name_on

IMPORT_PERMISSION = "treaty:import"


class State(PublicFact, Base):
    """A State, whatever it is called: its ISO 3166-1 code stays when the name changes.

    Coordinates are those of the capital in decimal degrees, from GeoNames (CC BY 4.0: name GeoNames where
    they are shown). `counted_since`: from when it belongs to the total. `tile_column` and `tile_row`, from
    0 at the top left, place it on our own tile map.
    """

    iso3: Mapped[str] = mapped_column(String(3), primary_key=True)
    iso2: Mapped[str] = mapped_column(String(2), unique=True)
    iso_numeric: Mapped[str] = mapped_column(String(3), unique=True)
    name: Mapped[str]
    name_fr: Mapped[str]
    name_es: Mapped[str]
    formal_name: Mapped[str]
    formal_name_fr: Mapped[str]
    formal_name_es: Mapped[str]
    capital: Mapped[str]
    latitude: Mapped[float]
    longitude: Mapped[float]
    un_group: Mapped[str]
    region: Mapped[str]
    seed_region: Mapped[str]
    seed_region_basis: Mapped[str]
    m49_subregion: Mapped[str]
    m49_intermediate_region: Mapped[str]
    un_member_since: Mapped[date | None]
    counted_since: Mapped[date]
    official_un_language: Mapped[str]
    tile_column: Mapped[int | None]
    tile_row: Mapped[int | None]

    names: Mapped[list[StateName]] = relationship(order_by="StateName.used_until", passive_deletes="all")

    def name_on(self, on: date, language: str = "en") -> str:
        """The short name in use on a day; a language we have no name in gives the English one."""
        current = {"en": self.name, "fr": self.name_fr, "es": self.name_es}
        known = language if language in current else "en"
        former = [one.as_value() for one in self.names]
        return name_on(current[known], former, on, kind=NameKind.SHORT, language=known)


class StateName(PublicFact, Identified, Base):
    """A name with its last day of use, or an alias for searching; see `rules.names.DatedName`."""

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"), index=True)
    kind: Mapped[str]
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str]
    used_until: Mapped[date | None]
    precision: Mapped[str]
    confidence: Mapped[str]
    note: Mapped[str] = mapped_column(default="")

    def as_value(self) -> DatedName:
        """The same as a plain value."""
        return DatedName(
            NameKind(self.kind),
            self.language,
            self.text,
            self.used_until,
            precision=self.precision,
            confidence=self.confidence,
            note=self.note,
        )


class TreatyAct(PublicFact, Identified, Base):
    """One act of one State under one treaty; see `rules.status.Act`. Status is computed, never stored."""

    treaty: Mapped[str]
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"), index=True)
    kind: Mapped[str]
    deposited_on: Mapped[date]
    effective_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="found")
    source: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("treaty", "state_iso3", "kind", "deposited_on"),)

    def as_value(self) -> Act:
        """The same as a plain value."""
        return Act(
            id=self.id,
            state_iso3=self.state_iso3,
            kind=ActKind(self.kind),
            deposited_on=self.deposited_on,
            effective_on=self.effective_on,
            note=self.note,
            confidence=self.confidence,
            source=self.source,
        )


class TreatyReference(PublicFact, Base):
    """One treaty's reference data as loaded: its facts, the fingerprint of the files, and a token.

    The token is drawn anew with every change of States, names or acts: a register read under the same
    token is still true. It is random rather than a counter, so that a change that was rolled back can
    never lend its number to another.
    """

    treaty: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[UUID] = mapped_column(default=uuid.uuid4)
    files_sha256: Mapped[str]
    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)
    facts: Mapped[dict[str, Any]]


class _Importers:
    """Visible to those who may import, and to nobody else."""

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return true() if viewer.may(IMPORT_PERMISSION) else false()


class ActImport(_Importers, Identified, Base):
    """One list of acts brought in: looked at (`preview`), then `committed`, then perhaps `undone`.

    `base_token` is the token of the acts that the preview was compared with. `complete`: the list was
    given as the whole register. `problems`: rows that cannot be read or cannot be true, each with its line.
    """

    treaty: Mapped[str]
    source_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    layout: Mapped[str]
    complete: Mapped[bool] = mapped_column(default=False)
    phase: Mapped[str] = mapped_column(default="preview")
    base_token: Mapped[UUID]
    previewed_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    previewed_by_id: Mapped[UUID | None]
    previewed_by: Mapped[str]
    committed_at: Mapped[datetime | None]
    committed_by: Mapped[str] = mapped_column(default="")
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(default="")
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[Any]] = mapped_column(default=list)

    changes: Mapped[list[ActImportChange]] = relationship(order_by="ActImportChange.position")


class ActImportChange(_Importers, Identified, Base):
    """One act before and after an import (plain JSON by `rules.to_record`), enough to undo it exactly."""

    import_id: Mapped[UUID] = mapped_column(ForeignKey("act_import.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    act_id: Mapped[UUID]
    line: Mapped[int | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]

    __table_args__ = (Index("ix_act_import_change_act_id", "act_id"),)

    @property
    def caution(self) -> str:
        """What to ask oneself before this change is believed; "" when there is nothing to ask."""
        return caution(from_record(self.before), from_record(self.after))
