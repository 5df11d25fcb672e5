"""Reading the register: three statements when something changed, one row otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from crm.core.access import Viewer, today
from crm.core.db import db
from crm.core.errors import NotFound
from crm.states.models import ActImport, ActImportChange, State, StateName, TreatyAct, TreatyReference
from crm.states.register import Register, StateFacts
from crm.states.rules import Act, DatedName, treaty_from

_MEMO = "register"
_known: dict[tuple[str, str], tuple[UUID, Register]] = {}


def treaty_code() -> str:
    """The treaty of this installation (setting TREATY)."""
    return str(current_app.extensions["settings"].treaty)


def states_of(viewer: Viewer) -> list[tuple[str, str]]:
    """Code and name of every State of today about which this viewer writes, in alphabetical order, for a choice."""
    return [(iso3, name) for iso3, name in register().options(today()) if viewer.works_on(iso3)]


def register(treaty: str | None = None) -> Register:
    """The register of a treaty, of this installation's when none is named.

    Kept per process and read again when the token says that something changed; within one transaction
    the answer stays the same and costs nothing more. Raises NotFound before the reference data is loaded.
    """
    code = treaty or treaty_code()
    session = db.session()
    memo = session.info.get(_MEMO)
    if memo and memo[0] is session.get_transaction() and code in memo[1]:
        found: Register = memo[1][code]
        return found
    reference = session.execute(
        select(TreatyReference.token, TreatyReference.facts).where(TreatyReference.treaty == code)
    ).one_or_none()
    if reference is None:
        raise NotFound(f"no reference data of the treaty {code}; run `flask states load`")
    key = (str(session.get_bind().url), code)  # type: ignore[union-attr]
    token, held = _known.get(key, (None, None))
    if held is None or token != reference.token:
        held = _read(code, reference.facts)
        _known[key] = (reference.token, held)
    transaction = session.get_transaction()
    same = memo[1] if memo and memo[0] is transaction else {}
    session.info[_MEMO] = (transaction, {**same, code: held})
    return held


def forget_register() -> None:
    """Have the register read again in the present transaction, after a change to what it is made of."""
    db.session().info.pop(_MEMO, None)


def _read(code: str, facts: Mapping[str, object]) -> Register:
    former: dict[str, list[DatedName]] = defaultdict(list)
    order = (StateName.state_iso3, StateName.kind, StateName.language, StateName.used_until, StateName.text)
    for name in db.session.scalars(select(StateName).order_by(*order)):
        former[name.state_iso3].append(name.as_value())
    acts: dict[str, list[Act]] = defaultdict(list)
    for act in db.session.scalars(
        select(TreatyAct).where(TreatyAct.treaty == code).order_by(TreatyAct.deposited_on, TreatyAct.kind.desc())
    ):
        acts[act.state_iso3].append(act.as_value())
    states = db.session.scalars(select(State).order_by(State.iso3))
    return Register(
        treaty=treaty_from(facts),
        states={row.iso3: _facts_of(row, tuple(former[row.iso3])) for row in states},
        acts={iso3: tuple(found) for iso3, found in acts.items()},
    )


def _facts_of(row: State, former: tuple[DatedName, ...]) -> StateFacts:
    return StateFacts(
        iso3=row.iso3,
        iso2=row.iso2,
        iso_numeric=row.iso_numeric,
        names={"en": row.name, "fr": row.name_fr, "es": row.name_es},
        formal_names={"en": row.formal_name, "fr": row.formal_name_fr, "es": row.formal_name_es},
        capital=row.capital,
        latitude=row.latitude,
        longitude=row.longitude,
        un_group=row.un_group,
        region=row.region,
        seed_region=row.seed_region,
        seed_region_basis=row.seed_region_basis,
        m49_subregion=row.m49_subregion,
        m49_intermediate_region=row.m49_intermediate_region,
        un_member_since=row.un_member_since,
        counted_since=row.counted_since,
        official_un_language=row.official_un_language,
        tile_column=row.tile_column,
        tile_row=row.tile_row,
        former=former,
    )


def imports(viewer: Viewer, treaty: str | None = None, limit: int = 50) -> list[ActImport]:
    """The latest imports of acts, newest first, for those who may import."""
    viewer.require("treaty:import")
    return list(
        db.session.scalars(
            select(ActImport)
            .where(ActImport.treaty == (treaty or treaty_code()))
            .order_by(ActImport.previewed_at.desc(), ActImport.id)
            .limit(limit)
        )
    )


def act_import(viewer: Viewer, import_id: UUID) -> ActImport:
    """One import; raises NotFound for an unknown one and NotAllowed for those who may not import."""
    viewer.require("treaty:import")
    found = db.session.get(ActImport, import_id)
    if found is None:
        raise NotFound("no such import")
    return found


def notable_neighbours(held: Register, on: date, today: date) -> tuple[date | None, date | None]:
    """The notable days before and after a day, for stepping through the treaty's history."""
    days = sorted({one.on for one in held.treaty.notable if one.on <= today} | {today})
    earlier = [day for day in days if day < on]
    later = [day for day in days if day > on]
    return (earlier[-1] if earlier else None, later[0] if later else None)


def changes_of(made: ActImport) -> list[ActImportChange]:
    """The changes of an import, in the order in which they are shown."""
    statement = select(ActImportChange).where(ActImportChange.import_id == made.id)
    return list(db.session.scalars(statement.order_by(ActImportChange.position)))


def token(treaty: str) -> UUID | None:
    """The token of a treaty's States and acts as they are now."""
    return db.session.scalar(select(TreatyReference.token).where(TreatyReference.treaty == treaty))
