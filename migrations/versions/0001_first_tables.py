"""first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "act_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("treaty", sa.String(), nullable=False),
        sa.Column("source_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("base_token", sa.Uuid(), nullable=False),
        sa.Column("previewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("previewed_by", sa.String(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("committed_by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_import")),
    )
    with op.batch_alter_table("act_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_act_import_previewed_at"), ["previewed_at"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=True),
        sa.Column("handling", sa.String(), nullable=False),
        sa.Column("details", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_subject", ["subject_kind", "subject_id", "at"], unique=False)

    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "letter_series",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_letter_series")),
    )
    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("deferrals", sa.Integer(), nullable=False),
        sa.Column("unknown_outcomes", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_by", sa.String(), nullable=True),
        sa.Column("last_answer", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'ambiguous', 'withdrawn')",
            name=op.f("ck_outbox_mail_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_mail_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_mail_message_id")),
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_mail_due", ["state", "due_at", "id"], unique=False)
        batch_op.create_index("ix_outbox_mail_ready", ["state", "not_before", "id"], unique=False)

    op.create_table(
        "state",
        sa.Column("iso3", sa.String(length=3), nullable=False),
        sa.Column("iso2", sa.String(length=2), nullable=False),
        sa.Column("iso_numeric", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_es", sa.String(), nullable=False),
        sa.Column("formal_name", sa.String(), nullable=False),
        sa.Column("formal_name_fr", sa.String(), nullable=False),
        sa.Column("formal_name_es", sa.String(), nullable=False),
        sa.Column("capital", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("un_group", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("seed_region", sa.String(), nullable=False),
        sa.Column("seed_region_basis", sa.String(), nullable=False),
        sa.Column("m49_subregion", sa.String(), nullable=False),
        sa.Column("m49_intermediate_region", sa.String(), nullable=False),
        sa.Column("un_member_since", sa.Date(), nullable=True),
        sa.Column("counted_since", sa.Date(), nullable=False),
        sa.Column("official_un_language", sa.String(), nullable=False),
        sa.Column("tile_column", sa.Integer(), nullable=True),
        sa.Column("tile_row", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("iso3", name=op.f("pk_state")),
        sa.UniqueConstraint("iso2", name=op.f("uq_state_iso2")),
        sa.UniqueConstraint("iso_numeric", name=op.f("uq_state_iso_numeric")),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_file_originator_id"), ["originator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_file_sha256"), ["sha256"], unique=False)

    op.create_table(
        "treaty_reference",
        sa.Column("treaty", sa.String(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("files_sha256", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("treaty", name=op.f("pk_treaty_reference")),
    )
    op.create_table(
        "act_import_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("after", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["act_import.id"], name=op.f("fk_act_import_change_import_id_act_import")
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_act_import_change_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_import_change")),
    )
    with op.batch_alter_table("act_import_change", schema=None) as batch_op:
        batch_op.create_index("ix_act_import_change_act_id", ["act_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_act_import_change_import_id"), ["import_id"], unique=False)

    op.create_table(
        "coordinator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("capacity_en", sa.String(), nullable=False),
        sa.Column("capacity_fr", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=True),
        sa.Column("honorific", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("title_fr", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("gender IN ('female', 'male', 'unknown')", name=op.f("ck_coordinator_gender_known_word")),
        sa.CheckConstraint("until_on IS NULL OR until_on > from_on", name=op.f("ck_coordinator_term_runs_forward")),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_coordinator_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordinator")),
    )
    with op.batch_alter_table("coordinator", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_coordinator_from_on"), ["from_on"], unique=False)

    op.create_table(
        "mail_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("second_copy", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('sent', 'temporary', 'permanent', 'unknown', 'late')",
            name=op.f("ck_mail_attempt_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["outbox_mail.id"],
            name=op.f("fk_mail_attempt_mail_id_outbox_mail"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attempt")),
        sa.UniqueConstraint("mail_id", "number", name=op.f("uq_mail_attempt_mail_id_number")),
    )
    with op.batch_alter_table("mail_attempt", schema=None) as batch_op:
        batch_op.create_index(
            "uq_mail_attempt_sent",
            ["mail_id"],
            unique=True,
            sqlite_where=sa.text("outcome = 'sent'"),
            postgresql_where=sa.text("outcome = 'sent'"),
        )

    op.create_table(
        "meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("country_iso3", sa.String(length=3), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("precision", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_meeting_days_run_forward")),
        sa.ForeignKeyConstraint(["country_iso3"], ["state.iso3"], name=op.f("fk_meeting_country_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("key", name=op.f("uq_meeting_key")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index("ix_meeting_days", ["from_on"], unique=False)

    op.create_table(
        "office",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title_en_masculine", sa.String(), nullable=False),
        sa.Column("title_en_feminine", sa.String(), nullable=False),
        sa.Column("title_fr_masculine", sa.String(), nullable=False),
        sa.Column("title_fr_feminine", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_office_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("state_iso3", "kind", name=op.f("uq_office_state_iso3_kind")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_party_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("name", name=op.f("uq_party_name")),
    )
    op.create_table(
        "state_name",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("used_until", sa.Date(), nullable=True),
        sa.Column("precision", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_state_name_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_name")),
    )
    with op.batch_alter_table("state_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_state_name_state_iso3"), ["state_iso3"], unique=False)

    op.create_table(
        "treaty_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("treaty", sa.String(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("deposited_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_treaty_act_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treaty_act")),
        sa.UniqueConstraint(
            "treaty",
            "state_iso3",
            "kind",
            "deposited_on",
            name=op.f("uq_treaty_act_treaty_state_iso3_kind_deposited_on"),
        ),
    )
    with op.batch_alter_table("treaty_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_treaty_act_state_iso3"), ["state_iso3"], unique=False)

    op.create_table(
        "obstacle_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subtype", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["originator_id"], ["party.id"], name=op.f("fk_obstacle_claim_originator_id_party")),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_obstacle_claim_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle_claim")),
    )
    with op.batch_alter_table("obstacle_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_obstacle_claim_originator_id"), ["originator_id"], unique=False)
        batch_op.create_index("ix_obstacle_claim_state", ["state_iso3", "claimed_on"], unique=False)

    op.create_table(
        "office_holder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("honorific", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("gender IN ('female', 'male', 'unknown')", name=op.f("ck_office_holder_gender_known_word")),
        sa.CheckConstraint("until_on IS NULL OR until_on > from_on", name=op.f("ck_office_holder_term_runs_forward")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_office_holder_office_id_office"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_holder")),
    )
    with op.batch_alter_table("office_holder", schema=None) as batch_op:
        batch_op.create_index("ix_office_holder_terms", ["office_id", "from_on"], unique=False)

    op.create_table(
        "presidency",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("person_name", sa.String(), nullable=True),
        sa.Column("honorific", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("title_fr", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("took_over_on", sa.Date(), nullable=True),
        sa.Column("designate_from", sa.Date(), nullable=True),
        sa.Column("president_from", sa.Date(), nullable=True),
        sa.Column("president_until", sa.Date(), nullable=True),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("gender IN ('female', 'male', 'unknown')", name=op.f("ck_presidency_gender_known_word")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_presidency_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_presidency_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presidency")),
    )
    with op.batch_alter_table("presidency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presidency_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_user_account_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_account_fs_uniquifier")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_party_id"), ["party_id"], unique=False)

    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("precision", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("delivered_by", sa.String(), nullable=False),
        sa.Column("delivered_by_title", sa.String(), nullable=False),
        sa.Column("paper_left", sa.String(), nullable=False),
        sa.Column("paper_accepted", sa.Boolean(), nullable=True),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("officer_comment", sa.String(), nullable=False),
        sa.Column("attribution", sa.String(), nullable=False),
        sa.Column("next_action", sa.String(), nullable=False),
        sa.Column("next_action_due", sa.Date(), nullable=True),
        sa.Column("next_action_owner_id", sa.Uuid(), nullable=True),
        sa.Column("extras", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["next_action_owner_id"],
            ["user_account.id"],
            name=op.f("fk_activity_next_action_owner_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["originator_id"], ["party.id"], name=op.f("fk_activity_originator_id_party")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["user_account.id"],
            name=op.f("fk_activity_recorded_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("ix_activity_held", ["held_on", "id"], unique=False)
        batch_op.create_index("ix_activity_kind", ["kind", "held_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_next_action_owner_id"), ["next_action_owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_originator_id"), ["originator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_recorded_by_id"), ["recorded_by_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_api_token_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_token_sha256")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "letter_campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("treaty", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("letter_date", sa.Date(), nullable=False),
        sa.Column("statuses", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("occasion", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by_id", sa.Uuid(), nullable=True),
        sa.Column("planned_by", sa.String(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["originator_id"], ["party.id"], name=op.f("fk_letter_campaign_originator_id_party")),
        sa.ForeignKeyConstraint(
            ["planned_by_id"],
            ["user_account.id"],
            name=op.f("fk_letter_campaign_planned_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_campaign")),
        sa.UniqueConstraint("originator_id", "name", name=op.f("uq_letter_campaign_originator_id_name")),
    )
    with op.batch_alter_table("letter_campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_campaign_originator_id"), ["originator_id"], unique=False)
        batch_op.create_index("ix_letter_campaign_planned", ["planned_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_campaign_planned_by_id"), ["planned_by_id"], unique=False)

    op.create_table(
        "user_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_user_role_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_role")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_user_role_user_id_name")),
    )
    op.create_table(
        "activity_obstacle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_obstacle_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["obstacle_claim.id"],
            name=op.f("fk_activity_obstacle_claim_id_obstacle_claim"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_obstacle")),
    )
    with op.batch_alter_table("activity_obstacle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_obstacle_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_obstacle_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "activity_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("ministry", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_person_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_person")),
    )
    with op.batch_alter_table("activity_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_person_activity_id"), ["activity_id"], unique=False)

    op.create_table(
        "activity_state",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_state_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_activity_state_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_state")),
        sa.UniqueConstraint("activity_id", "state_iso3", name=op.f("uq_activity_state_activity_id_state_iso3")),
    )
    with op.batch_alter_table("activity_state", schema=None) as batch_op:
        batch_op.create_index("ix_activity_state_timeline", ["state_iso3", "held_on", "activity_id"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at_local", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_problem", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_note", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'done', 'cancelled')", name=op.f("ck_follow_up_status")),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_follow_up_activity_id_activity"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["originator_id"], ["party.id"], name=op.f("fk_follow_up_originator_id_party")),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_follow_up_owner_id_user_account")),
        sa.ForeignKeyConstraint(
            ["previous_id"],
            ["follow_up.id"],
            name=op.f("fk_follow_up_previous_id_follow_up"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_follow_up_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_originator_id"), ["originator_id"], unique=False)
        batch_op.create_index("ix_follow_up_owner", ["owner_id", "status", "due_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_previous_id"), ["previous_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_remind_at"), ["remind_at"], unique=False)
        batch_op.create_index("ix_follow_up_state", ["state_iso3", "status", "due_on", "id"], unique=False)
        batch_op.create_index("ix_follow_up_status", ["status", "due_on", "id"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("languages", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("addressee", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("texts", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'drafting', 'drafted', 'blocked', 'failed', 'stopped')",
            name=op.f("ck_letter_state_known_word"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["letter_campaign.id"],
            name=op.f("fk_letter_campaign_id_letter_campaign"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_letter_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("campaign_id", "state_iso3", name=op.f("uq_letter_campaign_id_state_iso3")),
        sa.UniqueConstraint("reference", name=op.f("uq_letter_reference")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index("ix_letter_state", ["state", "asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_state_iso3"), ["state_iso3"], unique=False)

    op.create_table(
        "follow_up_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("followup_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('done', 'cancelled', 'reopened', 'moved', 'reassigned')",
            name=op.f("ck_follow_up_change_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["followup_id"],
            ["follow_up.id"],
            name=op.f("fk_follow_up_change_followup_id_follow_up"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_change")),
    )
    with op.batch_alter_table("follow_up_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_change_followup_id"), ["followup_id"], unique=False)

    op.create_table(
        "letter_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
            name=op.f("fk_letter_document_file_id_stored_file"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_letter_document_letter_id_letter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_document")),
        sa.UniqueConstraint("file_id", name=op.f("uq_letter_document_file_id")),
        sa.UniqueConstraint(
            "letter_id", "language", "format", name=op.f("uq_letter_document_letter_id_language_format")
        ),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("followup_id", sa.Uuid(), nullable=False),
        sa.Column("occurrence", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["followup_id"],
            ["follow_up.id"],
            name=op.f("fk_reminder_followup_id_follow_up"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["outbox_mail.id"], name=op.f("fk_reminder_mail_id_outbox_mail")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["user_account.id"], name=op.f("fk_reminder_recipient_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "followup_id",
            "occurrence",
            "recipient_id",
            name=op.f("uq_reminder_followup_id_occurrence_recipient_id"),
        ),
        sa.UniqueConstraint("mail_id", name=op.f("uq_reminder_mail_id")),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminder_recipient_id"), ["recipient_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_recipient_id"))

    op.drop_table("reminder")
    op.drop_table("letter_document")
    with op.batch_alter_table("follow_up_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_change_followup_id"))

    op.drop_table("follow_up_change")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_state_iso3"))
        batch_op.drop_index("ix_letter_state")

    op.drop_table("letter")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_up_status")
        batch_op.drop_index("ix_follow_up_state")
        batch_op.drop_index(batch_op.f("ix_follow_up_remind_at"))
        batch_op.drop_index(batch_op.f("ix_follow_up_previous_id"))
        batch_op.drop_index("ix_follow_up_owner")
        batch_op.drop_index(batch_op.f("ix_follow_up_originator_id"))
        batch_op.drop_index(batch_op.f("ix_follow_up_activity_id"))

    op.drop_table("follow_up")
    with op.batch_alter_table("activity_state", schema=None) as batch_op:
        batch_op.drop_index("ix_activity_state_timeline")

    op.drop_table("activity_state")
    with op.batch_alter_table("activity_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_person_activity_id"))

    op.drop_table("activity_person")
    with op.batch_alter_table("activity_obstacle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_obstacle_claim_id"))
        batch_op.drop_index(batch_op.f("ix_activity_obstacle_activity_id"))

    op.drop_table("activity_obstacle")
    op.drop_table("user_role")
    with op.batch_alter_table("letter_campaign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_campaign_planned_by_id"))
        batch_op.drop_index("ix_letter_campaign_planned")
        batch_op.drop_index(batch_op.f("ix_letter_campaign_originator_id"))

    op.drop_table("letter_campaign")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_user_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_recorded_by_id"))
        batch_op.drop_index(batch_op.f("ix_activity_originator_id"))
        batch_op.drop_index(batch_op.f("ix_activity_next_action_owner_id"))
        batch_op.drop_index("ix_activity_kind")
        batch_op.drop_index("ix_activity_held")

    op.drop_table("activity")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_account_party_id"))

    op.drop_table("user_account")
    with op.batch_alter_table("presidency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presidency_meeting_id"))

    op.drop_table("presidency")
    with op.batch_alter_table("office_holder", schema=None) as batch_op:
        batch_op.drop_index("ix_office_holder_terms")

    op.drop_table("office_holder")
    with op.batch_alter_table("obstacle_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_obstacle_claim_state")
        batch_op.drop_index(batch_op.f("ix_obstacle_claim_originator_id"))

    op.drop_table("obstacle_claim")
    with op.batch_alter_table("treaty_act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_treaty_act_state_iso3"))

    op.drop_table("treaty_act")
    with op.batch_alter_table("state_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_state_name_state_iso3"))

    op.drop_table("state_name")
    op.drop_table("party")
    op.drop_table("office")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_days")

    op.drop_table("meeting")
    with op.batch_alter_table("mail_attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mail_attempt_sent",
            sqlite_where=sa.text("outcome = 'sent'"),
            postgresql_where=sa.text("outcome = 'sent'"),
        )

    op.drop_table("mail_attempt")
    with op.batch_alter_table("coordinator", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coordinator_from_on"))

    op.drop_table("coordinator")
    with op.batch_alter_table("act_import_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_act_import_change_import_id"))
        batch_op.drop_index("ix_act_import_change_act_id")

    op.drop_table("act_import_change")
    op.drop_table("treaty_reference")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_file_sha256"))
        batch_op.drop_index(batch_op.f("ix_stored_file_originator_id"))

    op.drop_table("stored_file")
    op.drop_table("state")
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_mail_ready")
        batch_op.drop_index("ix_outbox_mail_due")

    op.drop_table("outbox_mail")
    op.drop_table("letter_series")
    op.drop_table("heartbeat")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("act_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_act_import_previewed_at"))

    op.drop_table("act_import")
