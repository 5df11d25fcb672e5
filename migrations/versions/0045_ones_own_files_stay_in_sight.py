"""whoever took a file out reads that they did, whatever State they named; the drafts of a record are found by an index."""

from alembic import op

from migrations import wall

revision = "0045"
down_revision = "0044"
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

OPEN = f"""
    NOT COALESCE(string_to_array(details ->> 'state', ' ') && {wall.CLOSED}, false)
    AND NOT COALESCE(string_to_array(details ->> 'among', ' ') <@ {wall.CLOSED}, false)"""
OWN_FILE = f"COALESCE({wall.own_rows('actor_id')} AND event IN ('list_exported', 'brief_exported'), false)"

BEFORE = f"{READ} AND {OPEN}"
NOW = f"{READ} AND ({OWN_FILE} OR {OPEN})"


def upgrade() -> None:
    op.create_index(op.f("ix_draft_record_id"), "draft", ["record_id"])
    _guard(NOW)


def downgrade() -> None:
    _guard(BEFORE)
    op.drop_index(op.f("ix_draft_record_id"), "draft")


def _guard(rule: str) -> None:
    if wall.on_postgresql():
        op.execute("DROP POLICY audit_entry_read ON audit_entry")
        op.execute(
            f"CREATE POLICY audit_entry_read ON audit_entry FOR SELECT USING ((SELECT wall.is_system()) OR ({rule}))"
        )
