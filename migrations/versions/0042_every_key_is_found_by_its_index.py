"""what points at something is found by an index when that goes; an index that another one holds already is none the
quicker and is written along for nothing.
"""

from alembic import op

revision = "0042"
down_revision = "0038"
branch_labels = None
depends_on = None

MISSING = (("handling_request", "asked_by_id"), ("waiting_mail", "brought_by_id"), ("waiting_mail", "address_id"))
SUPERFLUOUS = (
    ("stored_file", "originator_id"),
    ("mission", "party_id"),
    ("letter_campaign", "originator_id"),
    ("emergency_notice", "emergency_id"),
    ("instruction_notice", "instruction_id"),
)
"""Each the beginning of another index or of a unique key."""


def upgrade() -> None:
    for table, column in MISSING:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for table, column in SUPERFLUOUS:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)


def downgrade() -> None:
    for table, column in SUPERFLUOUS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for table, column in MISSING:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
