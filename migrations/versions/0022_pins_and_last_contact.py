"""what is ahead with a State, whose promise an action is, and what is pinned on the timeline of a State."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

REPEAT = """
UPDATE activity_state SET ahead = true
WHERE activity_id IN (SELECT id FROM activity WHERE status IN ('planned', 'instructed'))
"""

PIN = f"({wall.own_rows()} AND NOT for_party) OR (for_party AND {wall.party_rows()})"
PINNED = f"({PIN}) AND state_iso3 <> ALL ({wall.CLOSED})"
SUBJECTS = {"activity_id": "activity", "follow_up_id": "follow_up", "letter_id": "letter"}


def upgrade() -> None:
    op.add_column("activity_state", sa.Column("ahead", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(REPEAT)
    op.drop_index("ix_activity_state_timeline", "activity_state")
    op.create_index("ix_activity_state_timeline", "activity_state", ["state_iso3", "ahead", "held_on", "activity_id"])
    op.create_index("ix_activity_state_held", "activity_state", ["state_iso3", "held_on", "activity_id"])
    op.add_column("follow_up", sa.Column("promised", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_follow_up_done", "follow_up", ["state_iso3", "status", "done_at", "id"])
    op.create_table(
        "timeline_pin",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("for_party", sa.Boolean(), nullable=False),
        sa.Column("keeper_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in SUBJECTS),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pinned_by", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_timeline_pin_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_timeline_pin_party_id_party"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_timeline_pin_state_iso3_state")),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_timeline_pin_{name}_{table}"), ondelete="CASCADE"
            )
            for name, table in SUBJECTS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_pin")),
        sa.UniqueConstraint(
            "keeper_id", "state_iso3", "record", name=op.f("uq_timeline_pin_keeper_id_state_iso3_record")
        ),
    )
    op.create_index("ix_timeline_pin_user", "timeline_pin", ["user_id", "state_iso3"])
    op.create_index("ix_timeline_pin_party", "timeline_pin", ["party_id", "state_iso3"])
    for name in SUBJECTS:
        op.create_index(op.f(f"ix_timeline_pin_{name}"), "timeline_pin", [name])
    wall.protect("timeline_pin", PINNED)


def downgrade() -> None:
    op.drop_table("timeline_pin")
    op.drop_index("ix_follow_up_done", "follow_up")
    op.drop_column("follow_up", "promised")
    op.drop_index("ix_activity_state_held", "activity_state")
    op.drop_index("ix_activity_state_timeline", "activity_state")
    op.drop_column("activity_state", "ahead")
    op.create_index("ix_activity_state_timeline", "activity_state", ["state_iso3", "held_on", "activity_id"])
