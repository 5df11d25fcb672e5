"""guests of an appointment keep the time that went out to them: of what is off they are told no more."""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0069"
branch_labels = None
depends_on = None

SAID = ("said_on", "said_at", "said_minutes", "said_zone")


def upgrade() -> None:
    """Those who are invited were told the present time; of those who were left out nobody knows what they were told."""
    with op.batch_alter_table("appointment_guest") as batch:
        batch.add_column(sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("said_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("said_at", sa.Time(), nullable=True))
        batch.add_column(sa.Column("said_minutes", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("said_zone", sa.String(), nullable=True))
    op.execute(
        """
        UPDATE appointment_guest SET (sequence, said_on, said_at, said_minutes, said_zone) = (
            SELECT whole.sequence, whole."on", whole.at, whole.minutes, whole.zone
            FROM appointment whole WHERE whole.id = appointment_guest.appointment_id
        )
        WHERE NOT "left"
        """
    )
    op.execute(
        """
        UPDATE outbox_mail SET key = 'appointment:guest:' || substr(key, 13)
        WHERE id IN (SELECT mail_id FROM appointment_guest WHERE user_id IS NULL AND mail_id IS NOT NULL)
        """
    )


def downgrade() -> None:
    with op.batch_alter_table("appointment_guest") as batch:
        for name in (*SAID, "sequence"):
            batch.drop_column(name)
