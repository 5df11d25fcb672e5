"""the waiting room: addresses of parties, mails that came there, and their files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import wall

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
PHASES = "'received', 'waiting', 'logged', 'thrown', 'aside'"

MAY_LOG = wall.permission("activities:create")
NAMED = "string_to_array(states, ' ')"
MAIL = f"""
    originator_id = (SELECT wall.party()) AND {MAY_LOG}
    AND phase IN ('waiting', 'logged', 'thrown')
    AND NOT ({NAMED} && {wall.CLOSED})
    AND ({wall.EVERY_STATE} OR states = '' OR {NAMED} && {wall.STATES} OR {wall.own_rows("brought_by_id")})
"""
"""A mail: for those of its party who may log, as far as they read of the States that it seems to be about."""


def upgrade() -> None:
    op.create_table(
        "capture_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_capture_address_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture_address")),
        sa.UniqueConstraint("sha256", name=op.f("uq_capture_address_sha256")),
    )
    op.create_index("ix_capture_address_party", "capture_address", ["party_id", "ended_at"])
    _mails()
    op.create_table(
        "waiting_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["waiting_mail.id"], name=op.f("fk_waiting_file_mail_id_waiting_mail"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_file")),
        sa.UniqueConstraint("mail_id", "place", name=op.f("uq_waiting_file_mail_id_place")),
    )
    wall.protect("capture_address", f"{wall.party_rows()} AND {MAY_LOG}")
    wall.protect("waiting_mail", MAIL)
    wall.protect("waiting_file", wall.part_of("waiting_mail", "mail_id"))


def _mails() -> None:
    op.create_table(
        "waiting_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=True),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("bounce", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sender_name", sa.String(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("brought_by_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("states", sa.String(), nullable=False),
        sa.Column("proposed", JSON, nullable=False),
        sa.Column("invitation", JSON, nullable=False),
        sa.Column("left_out", JSON, nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"phase IN ({PHASES})", name=op.f("ck_waiting_mail_phase")),
        sa.ForeignKeyConstraint(["originator_id"], ["party.id"], name=op.f("fk_waiting_mail_originator_id_party")),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["capture_address.id"],
            name=op.f("fk_waiting_mail_address_id_capture_address"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["brought_by_id"],
            ["user_account.id"],
            name=op.f("fk_waiting_mail_brought_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_waiting_mail_activity_id_activity"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_mail")),
        sa.UniqueConstraint("originator_id", "mark", name=op.f("uq_waiting_mail_originator_id_mark")),
    )
    op.create_index(op.f("ix_waiting_mail_activity_id"), "waiting_mail", ["activity_id"])
    op.create_index("ix_waiting_mail_party", "waiting_mail", ["originator_id", "phase", "received_at"])
    op.create_index("ix_waiting_mail_phase", "waiting_mail", ["phase", "asked_at"])


def downgrade() -> None:
    for table in ("waiting_file", "waiting_mail", "capture_address"):
        op.drop_table(table)
