"""invitations, links for their holders, forgotten passwords, single sign-on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LIST = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def _moment(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "held_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        _moment("made_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
        _moment("revoked_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_link")),
        sa.UniqueConstraint("sha256", name=op.f("uq_held_link_sha256")),
    )
    with op.batch_alter_table("held_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_link_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_link_mail_id"), ["mail_id"], unique=False)
        batch_op.create_index("ix_held_link_subject", ["purpose", "subject_id"], unique=False)

    op.create_table(
        "password_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        _moment("at", nullable=False),
        sa.Column("account_sha256", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_request")),
    )
    with op.batch_alter_table("password_request", schema=None) as batch_op:
        batch_op.create_index("ix_password_request_account", ["account_sha256", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_password_request_at"), ["at"], unique=False)
        batch_op.create_index("ix_password_request_network", ["network", "at"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("roles", LIST, nullable=False),
        sa.Column("administers_party", sa.Boolean(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=True),
        sa.Column("invited_by_name", sa.String(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        _moment("sent_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("accepted_at"),
        _moment("withdrawn_at"),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by_id"],
            ["user_account.id"],
            name=op.f("fk_invitation_invited_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_invitation_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_invited_by_id"), ["invited_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_party_id"), ["party_id"], unique=False)

    op.create_table(
        "provider_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        _moment("bound_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_provider_identity_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_provider_identity_issuer_subject")),
        sa.UniqueConstraint("user_id", "issuer", name=op.f("uq_provider_identity_user_id_issuer")),
    )

    # The default stays in the table: taking it out would make SQLite write the table anew, and dropping the old
    # one would take the sessions and roles of its accounts along.
    for table, column in (("user_account", "administers_party"), ("outbox_mail", "forgets")):
        op.add_column(table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table, column in (("outbox_mail", "forgets"), ("user_account", "administers_party")):
        op.drop_column(table, column)
    for table in ("provider_identity", "invitation", "password_request", "held_link"):
        op.drop_table(table)
