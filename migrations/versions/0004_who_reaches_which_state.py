"""who reaches which state."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restricted_state",
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_restricted_state_state_iso3_state")),
        sa.PrimaryKeyConstraint("state_iso3", name=op.f("pk_restricted_state")),
    )
    op.create_table(
        "mission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("every_state", sa.Boolean(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_mission_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mission")),
        sa.UniqueConstraint("party_id", "name", name=op.f("uq_mission_party_id_name")),
    )
    with op.batch_alter_table("mission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mission_party_id"), ["party_id"], unique=False)

    op.create_table(
        "accreditation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR until_on > from_on", name=op.f("ck_accreditation_term_runs_forward")),
        sa.ForeignKeyConstraint(
            ["mission_id"], ["mission.id"], name=op.f("fk_accreditation_mission_id_mission"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_accreditation_state_iso3_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accreditation")),
        sa.UniqueConstraint(
            "mission_id", "state_iso3", "from_on", name=op.f("uq_accreditation_mission_id_state_iso3_from_on")
        ),
    )
    with op.batch_alter_table("accreditation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accreditation_state_iso3"), ["state_iso3"], unique=False)

    op.create_table(
        "emergency_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_emergency_access_party_id_party")),
        sa.ForeignKeyConstraint(["state_iso3"], ["state.iso3"], name=op.f("fk_emergency_access_state_iso3_state")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_emergency_access_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_access")),
    )
    with op.batch_alter_table("emergency_access", schema=None) as batch_op:
        batch_op.create_index("ix_emergency_access_begun", ["begun_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_emergency_access_user_id"), ["user_id"], unique=False)

    op.create_table(
        "restricted_state_reader",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(length=3), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state_iso3"],
            ["restricted_state.state_iso3"],
            name=op.f("fk_restricted_state_reader_state_iso3_restricted_state"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_restricted_state_reader_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restricted_state_reader")),
        sa.UniqueConstraint("state_iso3", "user_id", name=op.f("uq_restricted_state_reader_state_iso3_user_id")),
    )
    with op.batch_alter_table("restricted_state_reader", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_restricted_state_reader_user_id"), ["user_id"], unique=False)

    op.create_table(
        "activity_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_activity_comment_activity_id_activity"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_comment")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_activity_comment_activity_id")),
    )
    op.create_table(
        "emergency_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["emergency_id"],
            ["emergency_access.id"],
            name=op.f("fk_emergency_notice_emergency_id_emergency_access"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_emergency_notice_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_notice")),
        sa.UniqueConstraint("emergency_id", "party_id", name=op.f("uq_emergency_notice_emergency_id_party_id")),
    )
    with op.batch_alter_table("emergency_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emergency_notice_emergency_id"), ["emergency_id"], unique=False)

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marks", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("report_ref", sa.String(), nullable=False, server_default=""))
    _move_comments()
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.alter_column("marks", server_default=None)
        batch_op.alter_column("report_ref", server_default=None)
        batch_op.drop_column("officer_comment")

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mission_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_user_account_mission_id"), ["mission_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_user_account_mission_id_mission"), "mission", ["mission_id"], ["id"], ondelete="SET NULL"
        )

    op.create_table(
        "handling_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("wanted", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asking_party_id", sa.Uuid(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["user_account.id"],
            name=op.f("fk_handling_request_asked_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["asking_party_id"], ["party.id"], name=op.f("fk_handling_request_asking_party_id_party")
        ),
        sa.ForeignKeyConstraint(["originator_id"], ["party.id"], name=op.f("fk_handling_request_originator_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handling_request")),
    )
    with op.batch_alter_table("handling_request", schema=None) as batch_op:
        batch_op.create_index("ix_handling_request_subject", ["subject_kind", "subject_id"])
        batch_op.create_index("ix_handling_request_originator", ["originator_id", "asked_at", "id"])
        batch_op.create_index("ix_handling_request_asking", ["asking_party_id", "asked_at", "id"])


def _move_comments() -> None:
    """An officer's comment becomes a row of its own, with a rule of its own."""
    activity = sa.table("activity", sa.column("id", sa.Uuid()), sa.column("officer_comment", sa.String()))
    comment = sa.table(
        "activity_comment",
        sa.column("id", sa.Uuid()),
        sa.column("activity_id", sa.Uuid()),
        sa.column("text", sa.String()),
    )
    written = sa.select(activity.c.id, activity.c.officer_comment).where(activity.c.officer_comment != "")
    rows = [{"id": uuid.uuid4(), "activity_id": key, "text": text} for key, text in op.get_bind().execute(written)]
    if rows:
        op.bulk_insert(comment, rows)


def downgrade() -> None:
    op.drop_table("handling_request")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_user_account_mission_id_mission"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_user_account_mission_id"))
        batch_op.drop_column("mission_id")

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("officer_comment", sa.String(), nullable=False, server_default=""))
        batch_op.drop_column("report_ref")
        batch_op.drop_column("marks")
    op.execute(
        "UPDATE activity SET officer_comment = (SELECT text FROM activity_comment WHERE activity_id = activity.id) "
        "WHERE id IN (SELECT activity_id FROM activity_comment)"
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.alter_column("officer_comment", server_default=None)

    with op.batch_alter_table("emergency_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_emergency_notice_emergency_id"))

    op.drop_table("emergency_notice")
    op.drop_table("activity_comment")
    with op.batch_alter_table("restricted_state_reader", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_restricted_state_reader_user_id"))

    op.drop_table("restricted_state_reader")
    with op.batch_alter_table("emergency_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_emergency_access_user_id"))
        batch_op.drop_index("ix_emergency_access_begun")

    op.drop_table("emergency_access")
    with op.batch_alter_table("accreditation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accreditation_state_iso3"))

    op.drop_table("accreditation")
    with op.batch_alter_table("mission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mission_party_id"))

    op.drop_table("mission")
    op.drop_table("restricted_state")
