"""what is undone of a spreadsheet is still about the States of its records."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spreadsheet_import", sa.Column("states", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("spreadsheet_import", "states")
