"""a draft whose record is gone is seen where the record would be.

Of a draft that is without its record already it is not known which States that was about: it is closed to whom any
State is closed, and so to more people than it need be, to none fewer.
"""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0044"
down_revision = "0040"
branch_labels = None
depends_on = None

SEEN_BEFORE = f"""{wall.own_rows()} AND (
    record_id IS NULL
    OR kind IN ('report', 'correction', 'step', 'request') AND {wall.part_of("activity", "record_id")}
    OR kind IN ('finish', 'move', 'cancel', 'reassign', 'request') AND {wall.part_of("follow_up", "record_id")}
    OR kind IN ('waiting_entry', 'waiting_plan') AND {wall.part_of("waiting_mail", "record_id")}
    OR kind = 'amendment' AND {wall.part_of("instruction", "record_id")}
    OR kind IN ('person_correction', 'stance') AND {wall.part_of("interlocutor", "record_id")}
    OR kind = 'request' AND {wall.part_of("letter_campaign", "record_id")}
    OR kind = 'request' AND {wall.part_of("interlocutor", "record_id")}
    OR kind = 'request' AND {wall.part_of("post", "record_id")}
    OR kind = 'answer' AND {wall.part_of("handling_request", "record_id")}
)"""
NAMED, BEHIND = "string_to_array(states, ' ')", "string_to_array(behind, ' ')"
SEEN = f"""{SEEN_BEFORE}
    AND (states = '' OR {wall.EVERY_STATE} OR {NAMED} && {wall.STATES} OR {NAMED} && {wall.OPENED})
    AND NOT ({NAMED} && {wall.CLOSED}) AND NOT ({BEHIND} && {wall.CLOSED})"""

WITH_RECORD = (
    "report", "correction", "step", "finish", "move", "cancel", "reassign", "waiting_entry", "waiting_plan", "request",
)  # fmt: skip

DRAFT = sa.table("draft", *(sa.column(name) for name in ("kind", "record_id", "behind")))
STATE = sa.table("state", sa.column("iso3"))


def upgrade() -> None:
    op.add_column("draft", sa.Column("states", sa.String(), server_default="", nullable=False))
    op.add_column("draft", sa.Column("behind", sa.String(), server_default="", nullable=False))
    every = op.get_bind().scalars(sa.select(STATE.c.iso3).order_by(STATE.c.iso3)).all()
    left = sa.and_(DRAFT.c.record_id.is_(None), DRAFT.c.kind.in_(WITH_RECORD))
    op.execute(sa.update(DRAFT).where(left).values(behind=" ".join(every)))
    _guard(SEEN)


def downgrade() -> None:
    _guard(SEEN_BEFORE)
    op.drop_column("draft", "behind")
    op.drop_column("draft", "states")


def _guard(rule: str) -> None:
    wall.open_up("draft")
    wall.protect("draft", rule)
