"""reminders come as their readers wish: before, on and after the day, alone or in a digest.

What is open is looked at once more, also what is overdue and was told of; what had passed by then is not told again.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import wall

revision = "0050"
down_revision = "0045"
branch_labels = None
depends_on = None

LIST = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MOMENT = sa.DateTime(timezone=True)
FOLLOW_UP = sa.table(
    "follow_up", sa.column("status", sa.String), sa.column("remind_at", MOMENT), sa.column("planned_since", MOMENT)
)
WHYS = "why IN ('given', 'before', 'due', 'again', 'overdue', 'escalated')"

CHANGES_BEFORE = "kind IN ('done', 'cancelled', 'reopened', 'moved', 'reassigned')"
CHANGES = "kind IN ('done', 'cancelled', 'reopened', 'moved', 'reassigned', 'later')"


def _changes(rule: str) -> None:
    with op.batch_alter_table("follow_up_change") as batch:
        batch.drop_constraint(op.f("ck_follow_up_change_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_follow_up_change_kind"), rule)


def upgrade() -> None:
    _changes(CHANGES)
    op.create_table(
        "reminder_wishes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("when_given", sa.Boolean(), nullable=False),
        sa.Column("before", LIST, nullable=False),
        sa.Column("when_due", sa.Boolean(), nullable=False),
        sa.Column("overdue_every", sa.Integer(), nullable=False),
        sa.Column("escalated_after", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("way IN ('at_once', 'daily', 'weekly')", name=op.f("ck_reminder_wishes_way")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_reminder_wishes_weekday")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_reminder_wishes_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_wishes")),
        sa.UniqueConstraint("user_id", name=op.f("uq_reminder_wishes_user_id")),
    )
    wall.protect("reminder_wishes", wall.own_rows())
    with op.batch_alter_table("follow_up") as batch:
        batch.add_column(sa.Column("planned_since", MOMENT, nullable=True))
        batch.add_column(sa.Column("given_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("again_at", MOMENT, nullable=True))
    op.execute("UPDATE follow_up SET planned_since = opened_at")
    now = datetime.now(UTC)
    op.execute(FOLLOW_UP.update().where(FOLLOW_UP.c.status == "open").values(remind_at=now, planned_since=now))
    with op.batch_alter_table("follow_up") as batch:
        batch.alter_column("planned_since", existing_type=MOMENT, nullable=False)
    with op.batch_alter_table("reminder") as batch:
        batch.add_column(sa.Column("why", sa.String(), nullable=False, server_default="due"))
        batch.add_column(sa.Column("due_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("tell_at", MOMENT, nullable=True))
    op.execute("UPDATE reminder SET due_at = occurrence, tell_at = occurrence")
    with op.batch_alter_table("reminder") as batch:
        batch.alter_column("why", existing_type=sa.String(), server_default=None)
        batch.alter_column("due_at", existing_type=MOMENT, nullable=False)
        batch.alter_column("tell_at", existing_type=MOMENT, nullable=False)
        batch.alter_column("mail_id", existing_type=sa.Uuid(), nullable=True)
        batch.drop_constraint(op.f("uq_reminder_mail_id"), type_="unique")
        batch.drop_index(op.f("ix_reminder_recipient_id"))
        batch.create_check_constraint(op.f("ck_reminder_why"), WHYS)
        batch.drop_constraint(op.f("uq_reminder_followup_id_occurrence_recipient_id"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_reminder_followup_id_why_occurrence_recipient_id"),
            ["followup_id", "why", "occurrence", "recipient_id"],
        )
        batch.create_index(op.f("ix_reminder_mail_id"), ["mail_id"])
        batch.create_index("ix_reminder_recipient", ["recipient_id", "mail_id", "tell_at"])


def downgrade() -> None:
    op.execute("DELETE FROM follow_up_change WHERE kind = 'later'")
    _changes(CHANGES_BEFORE)
    op.execute("DELETE FROM reminder WHERE why <> 'due' OR mail_id IS NULL")
    op.execute(
        "DELETE FROM reminder WHERE EXISTS (SELECT 1 FROM reminder o WHERE o.mail_id = reminder.mail_id AND o.id < reminder.id)"
    )
    op.execute(
        "UPDATE follow_up SET remind_at = CASE WHEN status = 'open' AND NOT EXISTS (SELECT 1 FROM reminder r"
        " WHERE r.followup_id = follow_up.id AND r.occurrence = follow_up.due_at) THEN due_at END"
    )
    with op.batch_alter_table("reminder") as batch:
        batch.drop_index("ix_reminder_recipient")
        batch.drop_index(op.f("ix_reminder_mail_id"))
        batch.drop_constraint(op.f("ck_reminder_why"), type_="check")
        batch.drop_constraint(op.f("uq_reminder_followup_id_why_occurrence_recipient_id"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_reminder_followup_id_occurrence_recipient_id"), ["followup_id", "occurrence", "recipient_id"]
        )
        batch.create_index(op.f("ix_reminder_recipient_id"), ["recipient_id"])
        batch.create_unique_constraint(op.f("uq_reminder_mail_id"), ["mail_id"])
        batch.alter_column("mail_id", existing_type=sa.Uuid(), nullable=False)
        for name in ("tell_at", "due_at", "why"):
            batch.drop_column(name)
    with op.batch_alter_table("follow_up") as batch:
        for name in ("again_at", "given_at", "planned_since"):
            batch.drop_column(name)
    wall.open_up("reminder_wishes")
    op.drop_table("reminder_wishes")
