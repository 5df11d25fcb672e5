"""values of the audit that can be erased, and what was refused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

VALUES = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content_commitment", sa.String(), nullable=False, server_default=""))
        batch_op.drop_index("ix_audit_entry_at")
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.create_index("ix_audit_entry_newest", ["at", "id"])
        batch_op.create_index("ix_audit_entry_record", ["subject_id", "at", "id"])
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.alter_column("content_commitment", server_default=None)
    op.create_table(
        "audit_content",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=True),
        sa.Column("handling", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("values", VALUES, nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_content_entry_id_audit_entry")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_content")),
    )
    op.create_table(
        "audit_refusal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("actor_party_id", sa.Uuid(), nullable=True),
        sa.Column("asked_for", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=True),
        sa.Column("handling", sa.String(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_refusal")),
        sa.UniqueConstraint(
            "actor_id",
            "asked_for",
            "reason",
            "subject_id",
            "hour",
            name=op.f("uq_audit_refusal_actor_id_asked_for_reason_subject_id_hour"),
        ),
    )
    op.create_index(op.f("ix_audit_refusal_hour"), "audit_refusal", ["hour"])


def downgrade() -> None:
    op.drop_table("audit_refusal")
    op.drop_table("audit_content")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_record")
        batch_op.drop_index("ix_audit_entry_newest")
        batch_op.create_index("ix_audit_entry_subject", ["subject_kind", "subject_id", "at"])
        batch_op.create_index("ix_audit_entry_at", ["at"])
        batch_op.drop_column("content_commitment")
