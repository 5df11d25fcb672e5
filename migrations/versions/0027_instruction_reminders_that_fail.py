"""what became of a reminder that failed; entries about what gathers records are for whoever reads of one of them."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

READ = f"""
    (
        {wall.HANDLED}
        OR {wall.permission("accounts:read")}
        AND subject_kind IN (
            'user', 'user_session', 'api_token', 'calendar_feed', 'sign_in', 'single_sign_on', 'party', 'invitation',
            'sample', 'outbox_mail', 'function'
        )
    )"""

NAMES_CLOSED = f"string_to_array(details ->> 'state', ' ') && {wall.CLOSED}"
NAMES_CLOSED_ALONE = f"string_to_array(details ->> 'among', ' ') <@ {wall.CLOSED}"

BEFORE = f"{READ} AND NOT COALESCE({NAMES_CLOSED}, false)"
NOW = f"{BEFORE} AND NOT COALESCE({NAMES_CLOSED_ALONE}, false)"


def upgrade() -> None:
    with op.batch_alter_table("instruction") as batch_op:
        batch_op.add_column(sa.Column("remind_tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("remind_problem", sa.String(), nullable=False, server_default=""))
    _guard(NOW)


def downgrade() -> None:
    _guard(BEFORE)
    with op.batch_alter_table("instruction") as batch_op:
        batch_op.drop_column("remind_problem")
        batch_op.drop_column("remind_tries")


def _guard(rule: str) -> None:
    if wall.on_postgresql():
        op.execute("DROP POLICY audit_entry_read ON audit_entry")
        op.execute(
            f"CREATE POLICY audit_entry_read ON audit_entry FOR SELECT USING ((SELECT wall.is_system()) OR ({rule}))"
        )
