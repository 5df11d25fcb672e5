"""whoever asked for wider handling may take it back as long as nobody has answered.

On the way down what was withdrawn reads as refused: nobody is asked once more for what nobody wants any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

ASKED = sa.table(
    "handling_request",
    *(sa.column(name) for name in ("granted", "answer", "answered_at", "answered_by", "asked_by", "withdrawn_at")),
)


def upgrade() -> None:
    with op.batch_alter_table("handling_request") as batch:
        batch.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
        batch.create_check_constraint(
            op.f("ck_handling_request_answered_or_withdrawn"), "granted IS NULL OR withdrawn_at IS NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("handling_request") as batch:
        batch.drop_constraint(op.f("ck_handling_request_answered_or_withdrawn"), type_="check")
    settled = ASKED.update().where(ASKED.c.withdrawn_at.is_not(None))
    op.execute(
        settled.values(
            granted=sa.false(), answer="Withdrawn.", answered_at=ASKED.c.withdrawn_at, answered_by=ASKED.c.asked_by
        )
    )
    with op.batch_alter_table("handling_request") as batch:
        batch.drop_column("withdrawn_at")
