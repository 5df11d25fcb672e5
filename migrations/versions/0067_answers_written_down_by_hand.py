"""answers written down by hand: who wrote down what somebody invited answered."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("appointment_guest") as batch:
        batch.add_column(sa.Column("noted_by", sa.String(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("appointment_guest") as batch:
        batch.drop_column("noted_by")
