"""how long a State may stay silent: cadences of each party, and the tasks that they raised."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0051"
down_revision = "0048"
branch_labels = None
depends_on = None

CADENCE = f"({wall.party_rows()}) AND (state_iso3 IS NULL OR state_iso3 <> ALL ({wall.CLOSED}))"


def upgrade() -> None:
    op.create_table(
        "cadence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state_iso3", sa.String(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("keeper_id", sa.Uuid(), nullable=True),
        sa.Column("kept_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("scope IN ('state', 'region', 'status', 'every')", name=op.f("ck_cadence_scope")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_cadence_party_id_party"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_cadence_state_iso3_state")),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["user_account.id"], name=op.f("fk_cadence_keeper_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadence")),
        sa.UniqueConstraint("party_id", "scope", "subject", name=op.f("uq_cadence_party_id_scope_subject")),
    )
    op.create_index(op.f("ix_cadence_keeper_id"), "cadence", ["keeper_id"])
    wall.protect("cadence", CADENCE)
    op.create_table(
        "silence_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("followup_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["followup_id"], ["follow_up.id"], name=op.f("fk_silence_task_followup_id_follow_up"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_silence_task_party_id_party"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_silence_task_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence_task")),
        sa.UniqueConstraint(
            "party_id", "state_iso3", "counted_from", name=op.f("uq_silence_task_party_id_state_iso3_counted_from")
        ),
    )
    op.create_index(op.f("ix_silence_task_followup_id"), "silence_task", ["followup_id"])
    wall.protect("silence_task", wall.part_of("follow_up", "followup_id"))


def downgrade() -> None:
    op.drop_table("silence_task")
    op.drop_table("cadence")
