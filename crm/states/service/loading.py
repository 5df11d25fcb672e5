"""Load the reference data of a treaty from its files."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, select

from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, locked
from crm.states import reference
from crm.states.models import ActImport, ActImportChange, State, StateName, TreatyReference
from crm.states.rules import ChangeKind, GivenAct, differences, treaty_from
from crm.states.service.acts import acts_on_file, apply, mark_changed, row_of
from crm.states.service.previews import keep_preview

REFERENCE_SOURCE = "Reference data"


def load_reference(data_dir: Path, treaty: str) -> bool:
    """Bring States, names and acts in line with the files in `data_dir/treaty`; whether anything was read.

    Files that were loaded before are known by their fingerprint and cost one row. When they have changed, acts that
    an import has touched since keep what the import said; the rest of the difference is written down as an import
    of its own, to be seen and undone like any other. Raises ValueError for a wrong file. Works as the system: an
    installation has nobody who looks.
    """
    folder = data_dir / treaty
    digest = reference.fingerprint(folder)
    with looking_as(SYSTEM):
        held = locked(TreatyReference, treaty)
        if held is not None and held.files_sha256 == digest:
            return False
        data = reference.read_reference(folder)
        _load_states(data)
        if held is None:
            held = TreatyReference(treaty=treaty, files_sha256=digest, facts=data.facts)
            db.session.add(held)
            db.session.add_all(row_of(treaty, act) for act in data.acts)
        else:
            _load_later_acts(held, data, digest)
        held.facts, held.files_sha256, held.loaded_at = data.facts, digest, clock.now()
        mark_changed(held)
    return True


def _load_states(data: reference.ReferenceData) -> None:
    present = {row.iso3: row for row in db.session.scalars(select(State))}
    for iso3, values in data.states.items():
        row = present.get(iso3)
        if row is None:
            db.session.add(State(iso3=iso3, **values))
        else:
            for name, value in values.items():
                setattr(row, name, value)
    db.session.flush()
    db.session.execute(delete(StateName))
    db.session.add_all(
        StateName(
            state_iso3=iso3,
            kind=one.kind.value,
            language=one.language,
            text=one.text,
            used_until=one.used_until,
            precision=one.precision,
            confidence=one.confidence,
            note=one.note,
        )
        for iso3, one in data.names
    )
    db.session.flush()


def _load_later_acts(held: TreatyReference, data: reference.ReferenceData, digest: str) -> None:
    """Changed files: what they say of acts that no import has touched becomes an import of its own."""
    touched = _touched(held.treaty)
    given = [
        GivenAct(0, a.state_iso3, a.kind, a.deposited_on, a.effective_on, a.note, a.confidence, a.source)
        for a in data.acts
        if (a.state_iso3, a.kind.value) not in touched
    ]
    current = [act for act in acts_on_file(held.treaty) if (act.state_iso3, act.kind.value) not in touched]
    found = differences(current, given, treaty=treaty_from(data.facts), source="")
    if not found.changes:
        return
    made = keep_preview(
        actor=SYSTEM,
        held=held,
        found=found,
        layout="reference",
        source_name=f"{REFERENCE_SOURCE} {digest[:8]}",
        sha256=digest,
    )
    apply(held.treaty, [(ChangeKind(one.kind), one.before, one.after) for one in made.changes])
    made.phase, made.committed_at, made.committed_by = "committed", clock.now(), SYSTEM.name


def _touched(treaty: str) -> set[tuple[str, str]]:
    """State and kind of every act that a committed import of people has brought, corrected or removed."""
    rows = db.session.execute(
        select(ActImportChange.before, ActImportChange.after)
        .join(ActImport, ActImport.id == ActImportChange.import_id)
        .where(ActImport.treaty == treaty, ActImport.phase == "committed", ActImport.layout != "reference")
    )
    records = [record for row in rows for record in row if record]
    return {(record["state_iso3"], record["kind"]) for record in records}
