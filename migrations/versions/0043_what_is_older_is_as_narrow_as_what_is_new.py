"""what was written down before it was kept as narrow as it is today follows: what an instruction says stays with its
party, a line of a spreadsheet names every State in its cell, and a follow-up that a verb made narrower keeps how far it
was to travel.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def _table(name: str, keys: str, texts: str, json: str = "") -> Any:
    kinds = {sa.Uuid(): keys, sa.String(): texts, JSON: json}
    return sa.table(name, *(sa.column(one, kind) for kind, names in kinds.items() for one in names.split()))


ACTIVITY = _table("activity", "id", "objective handling attribution", "extras")
FOLLOW_UP = _table("follow_up", "id activity_id", "what handling narrowed_from")
INSTRUCTION = _table("instruction", "id", "objective reference name")
CHANGE = _table("instruction_change", "instruction_id", "why", "changes")
TASK = _table("instruction_task", "instruction_id activity_id followup_id", "")
STEP = _table("activity_step", "id activity_id", "status note")
FOUND = _table("search_text", "activity_id follow_up_id", "")
ROW = _table("spreadsheet_row", "id import_id activity_id", "states", "cells carried")
IMPORT = _table("spreadsheet_import", "id", "", "choices")
NAMES = ("name", "name_fr", "name_es", "formal_name", "formal_name_fr", "formal_name_es", "iso2", "iso_numeric")
STATE = _table("state", "", " ".join(("iso3", *NAMES)))
NAME = _table("state_name", "", "state_iso3 kind text")

SLICE = 1_000
"""How many lines of spreadsheets are held at a time."""

WITHDRAWN = "The instruction was withdrawn."
FOOTNOTE = re.compile(r"[\s*†‡¹²³⁴⁵⁶⁷⁸⁹⁰]+$|\s*[\[(]\d{1,2}[\])]$")
ARTICLES = ("", "the ", "la ", "le ", "l’", "el ", "les ", "los ")


def upgrade() -> None:
    op.add_column("follow_up", sa.Column("narrowed_from", sa.String(), nullable=True))
    connection = op.get_bind()
    _keep_what_was_chosen(connection)
    for task in connection.execute(sa.select(TASK)).all():
        _keep_with_its_party(connection, task)
    _name_states(connection)


def downgrade() -> None:
    """What became narrower stays so: how wide it was, nobody knows any more."""
    op.drop_column("follow_up", "narrowed_from")


def _keep_what_was_chosen(connection: sa.Connection) -> None:
    """What came out of an activity that hides its State was to travel as far as that does."""
    behind = sa.select(ACTIVITY.c.handling).where(ACTIVITY.c.id == FOLLOW_UP.c.activity_id)
    hides = behind.where(
        ACTIVITY.c.attribution.in_(["region_only", "none"]), ACTIVITY.c.handling != FOLLOW_UP.c.handling
    )
    own = FOLLOW_UP.update().where(FOLLOW_UP.c.handling == "originator", hides.exists())
    connection.execute(own.values(narrowed_from=hides.scalar_subquery()))


def _keep_with_its_party(connection: sa.Connection, task: Any) -> None:
    """An approach that was asked for repeats nothing of its instruction that others could read with it."""
    said = _said(connection, task.instruction_id)
    ours = ACTIVITY.c.id == task.activity_id
    activity = connection.execute(sa.select(ACTIVITY).where(ours)).one()
    extras = dict(activity.extras or {})
    if extras.get("instruction_ref") in said["reference"] | said["name"]:
        del extras["instruction_ref"]
    objective = "" if activity.objective in said["objective"] else activity.objective
    changed = (objective, extras) != (activity.objective, activity.extras or {})
    if changed:
        connection.execute(ACTIVITY.update().where(ours).values(objective=objective, extras=extras))
    steps = STEP.update().where(STEP.c.activity_id == task.activity_id)
    amended = steps.where(STEP.c.status == "amended", STEP.c.note.in_(said["why"])).values(note="")
    withdrawn = steps.where(STEP.c.status == "cancelled", STEP.c.note.startswith(f"{WITHDRAWN[:-1]}: "))
    noted = [connection.execute(one).rowcount for one in (amended, withdrawn.values(note=WITHDRAWN))]
    if changed or any(noted):
        connection.execute(FOUND.delete().where(FOUND.c.activity_id == task.activity_id))
    asked = [f"{word}: {name}" for word in ("Deliver", "Report") for name in said["name"]]
    owed = sa.and_(FOLLOW_UP.c.activity_id == task.activity_id, FOLLOW_UP.c.what.in_(asked))
    came_out = FOLLOW_UP.update().where(sa.or_(FOLLOW_UP.c.id == task.followup_id, owed))
    wider = activity.handling if activity.handling != "originator" else None
    connection.execute(came_out.values(handling="originator", narrowed_from=wider))


def _said(connection: sa.Connection, key: Any) -> dict[str, set[str]]:
    """What an instruction says and said before, by field, and why it was changed."""
    now = connection.execute(sa.select(INSTRUCTION).where(INSTRUCTION.c.id == key)).one()
    said = {name: {getattr(now, name)} for name in ("objective", "reference", "name")} | {"why": set[str]()}
    for one in connection.execute(sa.select(CHANGE).where(CHANGE.c.instruction_id == key)):
        said["why"].add(one.why)
        for name in said.keys() & (one.changes or {}).keys():
            said[name].update(one.changes[name])
    return {name: texts - {"", None} for name, texts in said.items()}


def _name_states(connection: sa.Connection) -> None:
    """Lines of which no State was known, though their cell names some; a slice at a time, however many there are."""
    known = _known(connection)
    chosen = {key: choices.get("columns", {}) for key, choices in connection.execute(sa.select(IMPORT))}
    unnamed = sa.select(ROW).where(ROW.c.activity_id.is_(None), ROW.c.states == "").order_by(ROW.c.id).limit(SLICE)
    naming = ROW.update().where(ROW.c.id == sa.bindparam("key")).values(states=sa.bindparam("named"))
    rows = connection.execute(unnamed).all()
    while rows:
        texts = {row.id: _text(row, chosen[row.import_id]) for row in rows}
        told = {text: " ".join(_states_in(text, known)) for text in set(texts.values())}
        if named := [{"key": key, "named": told[text]} for key, text in texts.items() if told[text]]:
            connection.execute(naming, named)
        rows = connection.execute(unnamed.where(ROW.c.id > rows[-1].id)).all() if len(rows) == SLICE else []


def _text(row: Any, columns: dict[str, int]) -> str:
    """What stands in the cell of the State, or what was carried down to it."""
    at = columns.get("state", len(row.cells))
    return (row.cells[at] if at < len(row.cells) else "") or (row.carried or {}).get("state", "")


def _known(connection: sa.Connection) -> dict[str, str | None]:
    """Which State has a name or code, None for several."""
    known: dict[str, str | None] = {}
    named = [(one.iso3, text) for one in connection.execute(sa.select(STATE)) for text in one]
    former = sa.select(NAME.c.state_iso3, NAME.c.text).where(NAME.c.kind != "capital")
    for iso3, text in [*named, *connection.execute(former)]:
        name = _fold(text)
        known[name] = iso3 if known.get(name, iso3) == iso3 else None
    return known


def _states_in(text: str, known: dict[str, str | None]) -> list[str]:
    """The State that a cell names, or those that stand in it with signs between them."""
    for pieces in ([text], re.split(r"[;\n/]", text), re.split(r"[,&]", text)):
        if found := [iso3 for one in pieces if (iso3 := _state(one, known))]:
            return list(dict.fromkeys(found))
    return []


def _state(text: str, known: dict[str, str | None]) -> str | None:
    bare = text.strip()
    while (shorter := FOOTNOTE.sub("", bare)) != bare:
        bare = shorter
    return next(filter(None, map(known.get, _ways(bare))), None) if bare else None


def _ways(name: str) -> Iterable[str]:
    """A name as it stands, with an article and without, and turned round as in a list."""
    turned = re.sub(r"^\s*([^,()]+?)\s*[,(]\s*([^,()]+?)\s*\)?\s*$", r"\2 \1", name)
    for article in ARTICLES:
        yield from (_fold(f"{article}{one}") for one in (name, turned))
        if article and name.lower().startswith(article):
            yield _fold(name[len(article) :])


def _fold(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())
