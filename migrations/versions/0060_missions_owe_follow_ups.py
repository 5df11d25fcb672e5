"""a follow-up is owed by a person or by a mission, and so is the next action of an activity."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

SOMEBODY = (
    "(SELECT u.id FROM user_account u JOIN mission m ON m.id = follow_up.owner_mission_id"
    " WHERE u.party_id = m.party_id ORDER BY (u.mission_id = m.id AND u.mission_id IS NOT NULL) DESC, u.active DESC,"
    " u.name, u.id LIMIT 1)"
)
"""Of the mission, else of its party, else nobody."""


def upgrade() -> None:
    with op.batch_alter_table("follow_up") as batch:
        batch.add_column(sa.Column("owner_mission_id", sa.Uuid(), nullable=True))
        batch.alter_column("owner_id", existing_type=sa.Uuid(), nullable=True)
        batch.create_foreign_key(op.f("fk_follow_up_owner_mission_id_mission"), "mission", ["owner_mission_id"], ["id"])
        batch.create_check_constraint(
            op.f("ck_follow_up_one_owner"), "(owner_id IS NULL) <> (owner_mission_id IS NULL)"
        )
        batch.create_index("ix_follow_up_owner_mission", ["owner_mission_id", "status", "due_on", "id"])
    with op.batch_alter_table("activity") as batch:
        batch.add_column(sa.Column("next_action_mission_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_activity_next_action_mission_id_mission"),
            "mission",
            ["next_action_mission_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch.create_index(op.f("ix_activity_next_action_mission_id"), ["next_action_mission_id"])


def downgrade() -> None:
    with op.batch_alter_table("activity") as batch:
        batch.drop_index(op.f("ix_activity_next_action_mission_id"))
        batch.drop_constraint(op.f("fk_activity_next_action_mission_id_mission"), type_="foreignkey")
        batch.drop_column("next_action_mission_id")
    with op.batch_alter_table("follow_up") as batch:
        batch.drop_index("ix_follow_up_owner_mission")
        batch.drop_constraint(op.f("ck_follow_up_one_owner"), type_="check")
    op.execute(f"UPDATE follow_up SET owner_id = {SOMEBODY} WHERE owner_id IS NULL")
    op.execute("DELETE FROM follow_up WHERE owner_id IS NULL")
    with op.batch_alter_table("follow_up") as batch:
        batch.alter_column("owner_id", existing_type=sa.Uuid(), nullable=False)
        batch.drop_constraint(op.f("fk_follow_up_owner_mission_id_mission"), type_="foreignkey")
        batch.drop_column("owner_mission_id")
