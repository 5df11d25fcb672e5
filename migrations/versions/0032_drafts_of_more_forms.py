"""more forms keep drafts, and a draft knows the window that kept it last."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

BEFORE = (
    "activity", "plan", "reference", "report", "correction", "step", "follow_up", "finish", "letter_campaign", "round",
    "instruction",
)  # fmt: skip
NEW = (
    "waiting_entry", "waiting_plan", "move", "cancel", "reassign", "amendment", "person", "person_correction", "stance",
    "request", "answer", "emergency",
)  # fmt: skip

SEEN_BEFORE = f"""{wall.own_rows()} AND (
    record_id IS NULL
    OR kind IN ('report', 'correction', 'step') AND {wall.part_of("activity", "record_id")}
    OR kind = 'finish' AND {wall.part_of("follow_up", "record_id")}
)"""
SEEN = f"""{wall.own_rows()} AND (
    record_id IS NULL
    OR kind IN ('report', 'correction', 'step', 'request') AND {wall.part_of("activity", "record_id")}
    OR kind IN ('finish', 'move', 'cancel', 'reassign', 'request') AND {wall.part_of("follow_up", "record_id")}
    OR kind IN ('waiting_entry', 'waiting_plan') AND {wall.part_of("waiting_mail", "record_id")}
    OR kind = 'amendment' AND {wall.part_of("instruction", "record_id")}
    OR kind IN ('person_correction', 'stance') AND {wall.part_of("interlocutor", "record_id")}
    OR kind = 'request' AND {wall.part_of("letter_campaign", "record_id")}
    OR kind = 'answer' AND {wall.part_of("handling_request", "record_id")}
)"""


def upgrade() -> None:
    _keep_drafts((*BEFORE, *NEW))
    with op.batch_alter_table("draft") as batch:
        batch.add_column(sa.Column("window", sa.Uuid(), nullable=True))
    wall.open_up("draft")
    wall.protect("draft", SEEN)


def _keep_drafts(kinds: tuple[str, ...]) -> None:
    """Let the forms of these kinds keep drafts."""
    names = ", ".join(f"'{one}'" for one in kinds)
    with op.batch_alter_table("draft") as batch:
        batch.drop_constraint(op.f("ck_draft_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_draft_kind"), f"kind IN ({names})")


def downgrade() -> None:
    wall.open_up("draft")
    wall.protect("draft", SEEN_BEFORE)
    with op.batch_alter_table("draft") as batch:
        batch.drop_column("window")
    op.execute(f"DELETE FROM draft WHERE kind NOT IN ({', '.join(repr(one) for one in BEFORE)})")
    _keep_drafts(BEFORE)
