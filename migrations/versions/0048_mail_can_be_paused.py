"""outgoing mail can be paused, with a reason, until somebody lets it go on."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0048"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_pause",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("restored", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_pause")),
    )
    wall.protect("mail_pause", wall.NOBODY)


def downgrade() -> None:
    op.drop_table("mail_pause")
