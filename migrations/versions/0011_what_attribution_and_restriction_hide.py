"""what attribution and restriction hide from the audit, requests, emergencies and files of activities."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

READ_BEFORE = f"""
    (
        {wall.HANDLED}
        OR {wall.permission("accounts:read")}
        AND subject_kind IN (
            'user', 'user_session', 'api_token', 'calendar_feed', 'sign_in', 'single_sign_on', 'party', 'invitation',
            'sample', 'outbox_mail', 'function'
        )
    )"""

NAMES_CLOSED = f"string_to_array(details ->> 'state', ' ') && {wall.CLOSED}"
"""An entry names every State that its record is about, with spaces between them."""

AUDIT = f"{READ_BEFORE} AND NOT COALESCE({NAMES_CLOSED}, false)"
AUDIT_BEFORE = f"{READ_BEFORE} AND (details ->> 'state' IS NULL OR details ->> 'state' <> ALL ({wall.CLOSED}))"

TWO_PARTIES = f"originator_id = {wall.OWN_PARTY} OR asking_party_id = {wall.OWN_PARTY}"

REQUEST = f"""
    ({TWO_PARTIES}) AND (
        subject_kind = 'activity' AND {wall.part_of("activity", "subject_id")}
        OR subject_kind = 'follow_up' AND {wall.part_of("follow_up", "subject_id")}
        OR subject_kind = 'letter_campaign' AND {wall.part_of("letter_campaign", "subject_id")}
    )"""

TOLD = """EXISTS (
        SELECT 1 FROM emergency_notice notice
        WHERE notice.emergency_id = emergency_access.id AND notice.party_id = (SELECT wall.party())
    )"""

EMERGENCY = f"""
    {wall.SIGNED_IN} AND (
        {wall.own_rows()}
        OR state_iso3 <> ALL ({wall.CLOSED}) AND (
            {wall.permission("emergencies:read")}
            OR {TOLD} AND ({wall.EVERY_STATE} OR state_iso3 = ANY ({wall.STATES}))
        )
    )"""

EMERGENCY_BEFORE = f"{wall.SIGNED_IN} AND ({wall.permission('emergencies:read')} OR {wall.own_rows()} OR {TOLD})"

OWN_HANDLING = (
    f"attachment.handling IS NULL OR whole.originator_id = {wall.OWN_PARTY} "
    f"OR attachment.handling <> 'originator' AND attachment.handling = ANY ({wall.CLEARED})"
)
NAMES_STATE = "whole.originator_id = (SELECT wall.party()) OR whole.attribution IN ('full', 'state_not_person')"

ATTACHED = wall.part_of("activity", "activity_id", f"({OWN_HANDLING}) AND ({NAMES_STATE})")
ATTACHED_BEFORE = wall.part_of("activity", "activity_id", OWN_HANDLING)

NOW = {"handling_request": REQUEST, "emergency_access": EMERGENCY, "attachment": ATTACHED}
BEFORE = {"handling_request": TWO_PARTIES, "emergency_access": EMERGENCY_BEFORE, "attachment": ATTACHED_BEFORE}


def upgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT 1 FROM audit_entry WHERE place < 1")).first():
        raise RuntimeError("Somebody forged an entry of the audit: `flask --app wsgi audit verify` names it.")
    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.create_check_constraint("place_counts_from_one", "place > 0")
    _guard(NOW, AUDIT)


def downgrade() -> None:
    _guard(BEFORE, AUDIT_BEFORE)
    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.drop_constraint(op.f("ck_audit_entry_place_counts_from_one"), type_="check")


def _guard(rules: dict[str, str], audit: str) -> None:
    for table, rule in rules.items():
        wall.open_up(table)
        wall.protect(table, rule)
    if wall.on_postgresql():
        op.execute("DROP POLICY audit_entry_read ON audit_entry")
        op.execute(
            f"CREATE POLICY audit_entry_read ON audit_entry FOR SELECT USING ((SELECT wall.is_system()) OR ({audit}))"
        )
