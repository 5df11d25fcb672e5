"""what somebody means by "other", and accounts that the operator closed.

Who closed an account before this is not known from its row: only the operator reopens those.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXTS = (("activity_person", "level_other"), ("obstacle_claim", "other"))


def upgrade() -> None:
    for table, column in TEXTS:
        op.add_column(table, sa.Column(column, sa.String(), nullable=False, server_default=""))
    closed = sa.Column("closed_by_operator", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("user_account", closed)
    account = sa.table("user_account", sa.column("active", sa.Boolean), sa.column("closed_by_operator", sa.Boolean))
    op.execute(account.update().where(~account.c.active).values(closed_by_operator=True))


def downgrade() -> None:
    for table, column in (*TEXTS, ("user_account", "closed_by_operator")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
