"""answers are awaited: what is noted of the answer to an entry, and promises are found by their day."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0066"
down_revision = "0063"
branch_labels = None
depends_on = None

NAMES_STATE = "whole.originator_id = (SELECT wall.party()) OR whole.attribution IN ('full', 'state_not_person')"
STANDS = "stands IN ('by_record', 'awaited', 'answered', 'unexpected')"


def upgrade() -> None:
    op.create_table(
        "awaited_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("stands", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(STANDS, name=op.f("ck_awaited_answer_stands")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_awaited_answer_activity_id_activity"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["activity.id"], name=op.f("fk_awaited_answer_answer_id_activity"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awaited_answer")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_awaited_answer_activity_id")),
    )
    op.create_index(op.f("ix_awaited_answer_answer_id"), "awaited_answer", ["answer_id"])
    op.create_index("ix_follow_up_promised", "follow_up", ["promised", "status", "due_on", "id"])
    part, answer = wall.part_of("activity", "activity_id", NAMES_STATE), wall.part_of("activity", "answer_id")
    wall.protect("awaited_answer", f"({part}) AND (answer_id IS NULL OR {answer})")


def downgrade() -> None:
    op.drop_index("ix_follow_up_promised", table_name="follow_up")
    wall.open_up("awaited_answer")
    op.drop_table("awaited_answer")
