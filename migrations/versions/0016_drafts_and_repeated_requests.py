"""drafts, and requests that may be sent twice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import wall

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = (
    "'activity', 'plan', 'reference', 'report', 'correction', 'step', 'follow_up', 'finish', 'letter_campaign', 'round'"
)


def upgrade() -> None:
    op.create_table(
        "answered_request",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key_sha256", sa.String(), nullable=False),
        sa.Column("request_mark", sa.String(), nullable=False),
        sa.Column("answer", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_answered_request_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answered_request")),
    )
    op.create_index("uq_answered_request_key", "answered_request", ["user_id", "key_sha256"], unique=True)
    op.create_index("ix_answered_request_at", "answered_request", ["at"])
    wall.protect("answered_request", wall.own_rows())
    op.create_table(
        "draft",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("typed", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_draft_kind")),
        sa.CheckConstraint("ended IN ('saved', 'thrown')", name=op.f("ck_draft_ended")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_draft_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_user", "draft", ["user_id", "kept_at"])
    op.create_index("ix_draft_kept_at", "draft", ["kept_at"])
    wall.protect("draft", wall.own_rows())


def downgrade() -> None:
    op.drop_table("draft")
    op.drop_table("answered_request")
