"""saved views of lists, and changes of many rows that can be taken back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import wall

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

VIEW = (
    f"{wall.own_rows()} OR shared AND {wall.party_rows()} AND (state_iso3 IS NULL OR state_iso3 <> ALL ({wall.CLOSED}))"
)
LIST = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("list_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("state_iso3", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_saved_view_party_id_party"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_saved_view_state_iso3_state")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_saved_view_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "list_key", "name", name=op.f("uq_saved_view_user_id_list_key_name")),
    )
    op.create_index("ix_saved_view_party", "saved_view", ["party_id", "list_key"])
    op.create_table(
        "default_view",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list_key", sa.String(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_default_view_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_view.id"], name=op.f("fk_default_view_view_id_saved_view"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_default_view")),
        sa.UniqueConstraint("user_id", "list_key", name=op.f("uq_default_view_user_id_list_key")),
    )
    op.create_index(op.f("ix_default_view_view_id"), "default_view", ["view_id"])
    op.create_table(
        "bulk_change",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list_key", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", LIST, nullable=False),
        sa.Column("left", LIST, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_bulk_change_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change")),
    )
    op.create_index("ix_bulk_change_user", "bulk_change", ["user_id", "at"])
    wall.protect("saved_view", VIEW)
    wall.protect("default_view", wall.own_rows())
    wall.protect("bulk_change", wall.own_rows())


def downgrade() -> None:
    op.drop_table("bulk_change")
    op.drop_table("default_view")
    op.drop_table("saved_view")
