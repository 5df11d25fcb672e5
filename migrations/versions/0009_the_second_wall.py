"""the second wall: who sees which row, known to PostgreSQL itself."""

from alembic import op

from migrations import wall

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Roles belong to the whole cluster: another database of it may have made this one, or be making it now.
ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{wall.ROLE}') THEN
        BEGIN
            CREATE ROLE {wall.ROLE} NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'The login of the migrations may not create roles. Let an administrator of the server '
                    'run: CREATE ROLE {wall.ROLE} NOLOGIN; GRANT {wall.ROLE} TO %;', quote_ident(session_user);
        END;
    END IF;
    IF NOT pg_has_role(session_user, '{wall.ROLE}', 'MEMBER')
        OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = session_user AND rolsuper)
    THEN
        BEGIN
            EXECUTE format('GRANT {wall.ROLE} TO %I', session_user);
        EXCEPTION WHEN unique_violation OR internal_error OR insufficient_privilege THEN
            IF NOT pg_has_role(session_user, '{wall.ROLE}', 'MEMBER') THEN
                RAISE;
            END IF;
        END;
    END IF;
END
$$
"""

GRANTS = f"""
GRANT USAGE ON SCHEMA public, wall TO {wall.ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {wall.ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {wall.ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {wall.ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {wall.ROLE};
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {wall.ROLE};
REVOKE UPDATE, DELETE ON audit_entry FROM {wall.ROLE};
GRANT UPDATE (place, salt, commitment, content_commitment, link) ON audit_entry TO {wall.ROLE};
REVOKE INSERT, DELETE ON audit_head FROM {wall.ROLE};
"""

TAKE_BACK = f"""
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {wall.ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {wall.ROLE};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {wall.ROLE};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {wall.ROLE};
REVOKE ALL ON SCHEMA public FROM {wall.ROLE};
DROP SCHEMA wall CASCADE;
"""


def _word(name: str) -> str:
    return f"NULLIF(current_setting('demarche.{name}', true), '')"


def _words(name: str) -> str:
    return f"COALESCE(string_to_array({_word(name)}, ','), '{{}}')"


FUNCTIONS = {
    "is_system()": ("boolean", f"COALESCE({_word('system')} = 'on', false)"),
    "user_id()": ("uuid", f"{_word('user_id')}::uuid"),
    "party()": ("uuid", f"{_word('party')}::uuid"),
    "may(name text)": ("boolean", f"name = ANY ({_words('permissions')})"),
    "own_party()": ("uuid", "CASE WHEN wall.may('own:read') THEN wall.party() END"),
    "clearance()": ("text[]", _words("clearance")),
    "every_state()": ("boolean", f"COALESCE({_word('states')} = '*', false)"),
    "states()": ("text[]", _words("states")),
    "named()": ("text[]", _words("named")),
    "closed()": ("text[]", _words("closed")),
    "opened()": ("text[]", _words("opened")),
    "any_closed()": ("boolean", "cardinality(wall.closed()) > 0"),
    "any_opened()": ("boolean", "cardinality(wall.opened()) > 0"),
    "somebody()": ("boolean", "wall.is_system() OR wall.user_id() IS NOT NULL"),
}


def _concerns(codes: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM wall.activity_state part "
        f"WHERE part.activity_id = activity.id AND part.state_iso3 = ANY ({codes}))"
    )


ACTIVITY = f"""
    (NOT (SELECT wall.any_closed()) OR NOT {_concerns(wall.CLOSED)})
    AND (
        {wall.OPEN_HANDLING}
        OR ({wall.NARROW_HANDLING}) AND (
            {wall.EVERY_STATE}
            OR (originator_id = {wall.OWN_PARTY} OR attribution NOT IN ('region_only', 'none'))
            AND {_concerns(wall.STATES)}
        )
        OR (SELECT wall.any_opened()) AND {_concerns(wall.OPENED)}
    )"""

MINE = "whole.originator_id = (SELECT wall.party())"
STATE_TOLD = wall.part_of("activity", "activity_id", f"{MINE} OR whole.attribution IN ('full', 'state_not_person')")
PERSON_TOLD = wall.part_of("activity", "activity_id", f"{MINE} OR whole.attribution = 'full'")

COLLEAGUES_AND_COORDINATORS = f"""
    {wall.SIGNED_IN} AND (
        party_id = (SELECT wall.party())
        OR EXISTS (
            SELECT 1 FROM user_role
            WHERE user_role.user_id = user_account.id AND user_role.name IN ('coordinator', 'presidency_office')
        )
    )"""

KEEPS_THE_LIST = wall.permission("restricted:write")

EMERGENCY = f"""
    {wall.SIGNED_IN} AND (
        {wall.permission("emergencies:read")}
        OR {wall.own_rows()}
        OR EXISTS (
            SELECT 1 FROM emergency_notice notice
            WHERE notice.emergency_id = emergency_access.id AND notice.party_id = (SELECT wall.party())
        )
    )"""

LETTER = f"""
    {wall.part_of("letter_campaign", "campaign_id")}
    AND ({wall.EVERY_STATE} OR state_iso3 = ANY ({wall.STATES}))
    AND state_iso3 <> ALL ({wall.CLOSED})"""

AUDIT = f"""
    (
        {wall.HANDLED}
        OR {wall.permission("accounts:read")}
        AND subject_kind IN (
            'user', 'user_session', 'api_token', 'calendar_feed', 'sign_in', 'single_sign_on', 'party', 'invitation',
            'sample', 'outbox_mail', 'function'
        )
    )
    AND (details ->> 'state' IS NULL OR details ->> 'state' <> ALL ({wall.CLOSED}))"""

ATTACHED = wall.part_of(
    "activity",
    "activity_id",
    f"attachment.handling IS NULL OR whole.originator_id = {wall.OWN_PARTY} "
    f"OR attachment.handling <> 'originator' AND attachment.handling = ANY ({wall.CLEARED})",
)

INVITED = f"""
    {wall.permission("accounts:read")}
    OR {wall.permission("party:accounts")} AND {wall.party_rows()}"""

RULES = {
    "party": wall.SIGNED_IN,
    "user_account": COLLEAGUES_AND_COORDINATORS,
    "user_role": wall.SIGNED_IN,
    "api_token": wall.own_rows(),
    "user_session": wall.own_rows(),
    "sign_in_failure": wall.NOBODY,
    "mission": wall.SIGNED_IN,
    "accreditation": wall.SIGNED_IN,
    "restricted_state": f"{KEEPS_THE_LIST} OR state_iso3 = ANY ({wall.NAMED})",
    "restricted_state_reader": f"{KEEPS_THE_LIST} OR {wall.own_rows()}",
    "emergency_access": EMERGENCY,
    "emergency_notice": wall.party_rows(),
    "act_import": wall.permission("treaty:import"),
    "act_import_change": wall.permission("treaty:import"),
    "activity": ACTIVITY,
    "activity_state": STATE_TOLD,
    "activity_person": PERSON_TOLD,
    "activity_comment": wall.part_of("activity", "activity_id", MINE),
    "activity_obstacle": STATE_TOLD,
    "obstacle_claim": wall.handled_about("state_iso3"),
    "follow_up": wall.handled_about("state_iso3"),
    "reminder": wall.part_of("follow_up", "followup_id"),
    "follow_up_change": wall.part_of("follow_up", "followup_id"),
    "letter_campaign": wall.HANDLED,
    "letter": LETTER,
    "letter_document": wall.part_of("letter", "letter_id"),
    "letter_series": wall.NOBODY,
    "stored_file": wall.HANDLED,
    "handling_request": f"originator_id = {wall.OWN_PARTY} OR asking_party_id = {wall.OWN_PARTY}",
    "outbox_mail": wall.NOBODY,
    "mail_attempt": wall.NOBODY,
    "heartbeat": wall.NOBODY,
    "audit_head": wall.NOBODY,
    "audit_content": wall.HANDLED,
    "audit_refusal": wall.NOBODY,
    "authenticator_app": wall.NOBODY,
    "passkey": wall.NOBODY,
    "recovery_code": wall.NOBODY,
    "spent_challenge": wall.NOBODY,
    "held_link": wall.NOBODY,
    "password_request": wall.NOBODY,
    "invitation": INVITED,
    "provider_identity": wall.own_rows(),
    "attachment": ATTACHED,
    "calendar_feed": wall.own_rows(),
}


def upgrade() -> None:
    if not wall.on_postgresql():
        return
    op.execute(ROLE)
    op.execute("CREATE SCHEMA wall")
    for name, (kind, value) in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION wall.{name} RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE RETURN {value}")
    op.execute(GRANTS)
    wall.tell("activity_state", "activity_id", "state_iso3")
    for table, rule in RULES.items():
        wall.protect(table, rule)
    _protect_the_audit()


def _protect_the_audit() -> None:
    """Entries are read, added, and sealed once; what is sealed nobody changes, and nobody takes anything out."""
    system = "(SELECT wall.is_system())"
    op.execute("ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY audit_entry_read ON audit_entry FOR SELECT USING ({system} OR ({AUDIT}))")
    op.execute(f"CREATE POLICY audit_entry_add ON audit_entry FOR INSERT WITH CHECK ({system})")
    op.execute(
        f"CREATE POLICY audit_entry_seal ON audit_entry FOR UPDATE USING ({system} AND place IS NULL) "
        f"WITH CHECK ({system})"
    )


def downgrade() -> None:
    """Other databases of the cluster may use the role: it stays."""
    if not wall.on_postgresql():
        return
    for name in ("read", "add", "seal"):
        op.execute(f"DROP POLICY audit_entry_{name} ON audit_entry")
    op.execute("ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY")
    for table in RULES:
        wall.open_up(table)
    op.execute(TAKE_BACK)
