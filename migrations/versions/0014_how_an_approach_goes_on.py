"""how an approach goes on: what it is to bring about, and its steps."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NAMES_PEOPLE = "whole.originator_id = (SELECT wall.party()) OR whole.attribution = 'full'"


def upgrade() -> None:
    with op.batch_alter_table("activity") as batch_op:
        batch_op.add_column(sa.Column("objective", sa.String(), nullable=False, server_default=""))
        batch_op.create_index("ix_activity_status", ["status", "held_on", "id"], unique=False)
    op.create_table(
        "activity_step",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_step_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_step")),
    )
    op.create_index("ix_activity_step_activity", "activity_step", ["activity_id", "at"])
    wall.protect("activity_step", wall.part_of("activity", "activity_id", NAMES_PEOPLE))


def downgrade() -> None:
    op.drop_table("activity_step")
    with op.batch_alter_table("activity") as batch_op:
        batch_op.drop_index("ix_activity_status")
        batch_op.drop_column("objective")
