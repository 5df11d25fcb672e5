"""the titles of offices and posts in Spanish, too."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0043"
branch_labels = None
depends_on = None

COLUMNS = (("office", "title_es_masculine"), ("office", "title_es_feminine"), ("post", "title_es"))


def upgrade() -> None:
    for table, name in COLUMNS:
        op.add_column(table, sa.Column(name, sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    for table, name in reversed(COLUMNS):
        op.drop_column(table, name)
