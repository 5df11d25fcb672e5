"""a line of a spreadsheet is seen where its record is, or by whoever works on a State that it names; a draft of a request
is seen where the person or post is that it is about.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations import wall

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
SENT = wall.part_of("spreadsheet_import", "import_id")
NAMED = "string_to_array(states, ' ')"
LINE = f"""
    {SENT} AND NOT ({NAMED} && {wall.CLOSED})
    AND (
        {wall.part_of("activity", "spreadsheet_row.activity_id")}
        OR activity_id IS NULL AND (states = '' OR beyond OR {wall.EVERY_STATE} OR {NAMED} && {wall.STATES})
    )"""

ROW = sa.table(
    "spreadsheet_row",
    *(sa.column(name, sa.Uuid()) for name in ("id", "import_id", "activity_id")),
    *(sa.column(name, JSON) for name in ("cells", "carried")),
    sa.column("states", sa.String()),
)
IMPORT = sa.table("spreadsheet_import", sa.column("id", sa.Uuid()), sa.column("choices", JSON))
PART = sa.table("activity_state", sa.column("activity_id", sa.Uuid()), sa.column("state_iso3", sa.String()))
NAME = sa.table("state_name", sa.column("text", sa.String()), sa.column("state_iso3", sa.String()))

DRAFT_BEFORE = f"""{wall.own_rows()} AND (
    record_id IS NULL
    OR kind IN ('report', 'correction', 'step', 'request') AND {wall.part_of("activity", "record_id")}
    OR kind IN ('finish', 'move', 'cancel', 'reassign', 'request') AND {wall.part_of("follow_up", "record_id")}
    OR kind IN ('waiting_entry', 'waiting_plan') AND {wall.part_of("waiting_mail", "record_id")}
    OR kind = 'amendment' AND {wall.part_of("instruction", "record_id")}
    OR kind IN ('person_correction', 'stance') AND {wall.part_of("interlocutor", "record_id")}
    OR kind = 'request' AND {wall.part_of("letter_campaign", "record_id")}
    OR kind = 'answer' AND {wall.part_of("handling_request", "record_id")}
)"""
DRAFT = f"""{DRAFT_BEFORE} OR {wall.own_rows()} AND kind = 'request' AND (
    {wall.part_of("interlocutor", "record_id")} OR {wall.part_of("post", "record_id")}
)"""


def upgrade() -> None:
    op.add_column("spreadsheet_row", sa.Column("states", sa.String(), server_default="", nullable=False))
    op.add_column("spreadsheet_row", sa.Column("beyond", sa.Boolean(), server_default=sa.false(), nullable=False))
    _name_states()
    _guard(LINE, DRAFT)


def _name_states() -> None:
    """Say with each line which States it names: those of its record, or the one whose name it writes."""
    connection = op.get_bind()
    of_record: dict[Any, list[str]] = {}
    kept = sa.select(PART).where(PART.c.activity_id.in_(sa.select(ROW.c.activity_id))).order_by(PART.c.state_iso3)
    for key, iso3 in connection.execute(kept):
        of_record.setdefault(key, []).append(iso3)
    names = {name.lower(): iso3 for name, iso3 in connection.execute(sa.select(NAME.c.text, NAME.c.state_iso3))}
    chosen = {key: choices.get("columns", {}) for key, choices in connection.execute(sa.select(IMPORT))}
    for row in connection.execute(sa.select(ROW)).all():
        at = chosen[row.import_id].get("state", len(row.cells))
        said = row.cells[at] if at < len(row.cells) else ""
        written = names.get((said or (row.carried or {}).get("state", "")).strip().lower())
        states = of_record.get(row.activity_id) or ([written] if written else [])
        if states:
            connection.execute(ROW.update().where(ROW.c.id == row.id).values(states=" ".join(states)))


def downgrade() -> None:
    _guard(SENT, DRAFT_BEFORE)
    op.drop_column("spreadsheet_row", "beyond")
    op.drop_column("spreadsheet_row", "states")


def _guard(line: str, draft: str) -> None:
    for table, rule in {"spreadsheet_row": line, "draft": draft}.items():
        wall.open_up(table)
        wall.protect(table, rule)
