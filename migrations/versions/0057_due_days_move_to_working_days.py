"""whoever wishes it has due days moved to working days."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reminder_wishes") as batch:
        batch.add_column(sa.Column("to_working_days", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("reminder_wishes") as batch:
        batch.drop_column("to_working_days")
