"""rounds of short talks in the margins of a meeting."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import wall

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "talk_round",
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=False),
        sa.Column(
            "rows",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["originator_id"],
            ["party.id"],
            name=op.f("fk_talk_round_originator_id_party"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["user_account.id"],
            name=op.f("fk_talk_round_recorded_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_round")),
    )
    op.create_index(op.f("ix_talk_round_originator_id"), "talk_round", ["originator_id"])
    op.create_index(op.f("ix_talk_round_recorded_by_id"), "talk_round", ["recorded_by_id"])
    op.create_index("ix_talk_round_recorded", "talk_round", ["recorded_at", "id"])
    wall.protect("talk_round", wall.HANDLED)
    with op.batch_alter_table("activity") as batch_op:
        batch_op.add_column(sa.Column("round_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_activity_round_id"), ["round_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_activity_round_id_talk_round"), "talk_round", ["round_id"], ["id"], ondelete="SET NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("activity") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_activity_round_id_talk_round"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_activity_round_id"))
        batch_op.drop_column("round_id")
    op.drop_table("talk_round")
