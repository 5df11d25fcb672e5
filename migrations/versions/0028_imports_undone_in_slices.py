"""how many records of an import are undone, and what a line takes from the lines above it."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
CARRIED = ("state", "held_on")

IMPORT = sa.table("spreadsheet_import", sa.column("id", sa.Uuid()), sa.column("choices", JSON))
ROW = sa.table(
    "spreadsheet_row",
    *(sa.column(name, sa.Uuid()) for name in ("id", "import_id")),
    sa.column("line", sa.Integer()),
    sa.column("fate", sa.String()),
    *(sa.column(name, JSON) for name in ("cells", "carried")),
)


def upgrade() -> None:
    op.add_column("spreadsheet_import", sa.Column("undone", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE spreadsheet_import SET undone = taken, taken = 0 WHERE phase = 'undone'")
    op.add_column("spreadsheet_row", sa.Column("carried", JSON, nullable=True))
    for key, choices in op.get_bind().execute(sa.select(IMPORT.c.id, IMPORT.c.choices)).all():
        if choices.get("carry_down"):
            _carry_down(key, choices["columns"])
    op.drop_column("spreadsheet_row", "taken_at")


def _carry_down(key: Any, columns: dict[str, int]) -> None:
    """Say with each line what it takes from above, as is done when a line is read."""
    connection, above = op.get_bind(), dict[str, str]()
    lines = sa.select(ROW.c.id, ROW.c.cells).where(ROW.c.import_id == key, ROW.c.fate != "left_out")
    for line, cells in connection.execute(lines.order_by(ROW.c.line)).all():
        said = {one: cells[columns[one]] for one in CARRIED if one in columns and columns[one] < len(cells)}
        carried = {one: text for one, text in above.items() if not said.get(one)}
        above |= {one: text for one, text in said.items() if text}
        if carried:
            connection.execute(ROW.update().where(ROW.c.id == line).values(carried=carried))


def downgrade() -> None:
    op.add_column("spreadsheet_row", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("spreadsheet_row", "carried")
    op.execute("UPDATE spreadsheet_import SET taken = undone WHERE phase = 'undone'")
    op.drop_column("spreadsheet_import", "undone")
