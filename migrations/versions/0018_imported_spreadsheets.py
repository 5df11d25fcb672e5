"""imported spreadsheets: the file in pieces, its lines, and what a party says of headings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import wall

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
COUNTS = ("ready", "problems", "duplicates", "left_out", "taken", "failed")


def upgrade() -> None:
    op.create_table(
        "spreadsheet_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("brought_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("head", JSON, nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("read_to", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["originator_id"], ["party.id"], name=op.f("fk_spreadsheet_import_originator_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["brought_by_id"],
            ["user_account.id"],
            name=op.f("fk_spreadsheet_import_brought_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spreadsheet_import")),
    )
    op.create_index(op.f("ix_spreadsheet_import_originator_id"), "spreadsheet_import", ["originator_id"])
    op.create_index("ix_spreadsheet_import_sender", "spreadsheet_import", ["brought_by_id", "sent_at", "id"])
    op.create_index("ix_spreadsheet_import_phase", "spreadsheet_import", ["phase", "lease_until"])
    _parts()
    op.create_table(
        "heading_memory",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_heading_memory_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heading_memory")),
        sa.UniqueConstraint("party_id", "heading", name=op.f("uq_heading_memory_party_id_heading")),
    )
    wall.protect("spreadsheet_import", wall.own_rows("brought_by_id"))
    wall.protect("spreadsheet_part", wall.part_of("spreadsheet_import", "import_id"))
    wall.protect("spreadsheet_row", wall.part_of("spreadsheet_import", "import_id"))
    wall.protect("heading_memory", wall.party_rows())


def _parts() -> None:
    op.create_table(
        "spreadsheet_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["spreadsheet_import.id"],
            name=op.f("fk_spreadsheet_part_import_id_spreadsheet_import"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spreadsheet_part")),
        sa.UniqueConstraint("import_id", "place", name=op.f("uq_spreadsheet_part_import_id_place")),
    )
    op.create_table(
        "spreadsheet_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["spreadsheet_import.id"],
            name=op.f("fk_spreadsheet_row_import_id_spreadsheet_import"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_spreadsheet_row_activity_id_activity"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spreadsheet_row")),
        sa.UniqueConstraint("import_id", "line", name=op.f("uq_spreadsheet_row_import_id_line")),
    )
    op.create_index(op.f("ix_spreadsheet_row_activity_id"), "spreadsheet_row", ["activity_id"])
    op.create_index("ix_spreadsheet_row_fate", "spreadsheet_row", ["import_id", "fate", "line"])
    op.create_index("ix_spreadsheet_row_fingerprint", "spreadsheet_row", ["import_id", "fingerprint"])


def downgrade() -> None:
    for table in ("heading_memory", "spreadsheet_row", "spreadsheet_part", "spreadsheet_import"):
        op.drop_table(table)
