"""an instruction is read by whoever sees one of its approaches, its sender included."""

from alembic import op

from migrations import wall

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TASK = "EXISTS (SELECT 1 FROM instruction_task t WHERE t.instruction_id = instruction.id)"
NO_TASK = "NOT EXISTS (SELECT 1 FROM wall.instruction_task t WHERE t.instruction_id = instruction.id)"
BEFORE = f"originator_id = {wall.OWN_PARTY} AND ({wall.own_rows('sent_by_id')} OR {TASK})"
NOW = f"originator_id = {wall.OWN_PARTY} AND ({wall.own_rows('sent_by_id')} AND {NO_TASK} OR {TASK})"


def upgrade() -> None:
    wall.tell("instruction_task", "instruction_id")
    wall.open_up("instruction")
    wall.protect("instruction", NOW)


def downgrade() -> None:
    wall.open_up("instruction")
    wall.protect("instruction", BEFORE)
    if wall.on_postgresql():
        op.execute("DROP VIEW wall.instruction_task")
