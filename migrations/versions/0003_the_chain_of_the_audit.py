"""the chain of the audit."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FIRST_LINK = hashlib.sha256(b"Demarche audit").hexdigest()


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    head = sa.table("audit_head", sa.column("id"), sa.column("place"), sa.column("link"))
    op.bulk_insert(head, [{"id": 1, "place": 0, "link": FIRST_LINK}])
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("salt", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("commitment", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("link", sa.String(), nullable=False, server_default=""))
        batch_op.create_index("ix_audit_entry_event", ["event", "at", "id"])
        batch_op.create_index("ix_audit_entry_originator", ["originator_id", "at", "id"])
        batch_op.create_unique_constraint(batch_op.f("uq_audit_entry_place"), ["place"])
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        for name in ("salt", "commitment", "link"):
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_audit_entry_place"), type_="unique")
        batch_op.drop_index("ix_audit_entry_originator")
        batch_op.drop_index("ix_audit_entry_event")
        batch_op.drop_column("link")
        batch_op.drop_column("commitment")
        batch_op.drop_column("salt")
        batch_op.drop_column("place")

    op.drop_table("audit_head")
