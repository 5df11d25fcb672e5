"""a draft about a record is seen where its record is."""

from migrations import wall

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SEEN = f"""{wall.own_rows()} AND (
    record_id IS NULL
    OR kind IN ('report', 'correction', 'step') AND {wall.part_of("activity", "record_id")}
    OR kind = 'finish' AND {wall.part_of("follow_up", "record_id")}
)"""


def upgrade() -> None:
    wall.open_up("draft")
    wall.protect("draft", SEEN)


def downgrade() -> None:
    wall.open_up("draft")
    wall.protect("draft", wall.own_rows())
