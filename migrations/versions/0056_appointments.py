"""appointments: at what time an approach is made, and who is invited to it."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0056"
down_revision = "0051"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MINE = "whole.originator_id = (SELECT wall.party())"
ANSWERS = "answer IN ('NEEDS-ACTION', 'ACCEPTED', 'DECLINED', 'TENTATIVE')"


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.Time(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("organizer", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_appointment_activity_id_activity"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_appointment_activity_id")),
    )
    op.create_table(
        "appointment_guest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.CheckConstraint(ANSWERS, name=op.f("ck_appointment_guest_answer")),
        sa.CheckConstraint("method IN ('REQUEST', 'CANCEL')", name=op.f("ck_appointment_guest_method")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_appointment_guest_appointment_id_appointment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_appointment_guest_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["outbox_mail.id"],
            name=op.f("fk_appointment_guest_mail_id_outbox_mail"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_guest")),
        sa.UniqueConstraint("appointment_id", "email", name=op.f("uq_appointment_guest_appointment_id_email")),
    )
    op.create_index(op.f("ix_appointment_guest_user_id"), "appointment_guest", ["user_id"])
    op.create_index(op.f("ix_appointment_guest_mail_id"), "appointment_guest", ["mail_id"])
    wall.protect("appointment", wall.part_of("activity", "activity_id", MINE))
    wall.protect("appointment_guest", wall.part_of("appointment", "appointment_id"))


def downgrade() -> None:
    for table in ("appointment_guest", "appointment"):
        wall.open_up(table)
        op.drop_table(table)
