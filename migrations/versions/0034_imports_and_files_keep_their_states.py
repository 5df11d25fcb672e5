"""an import that is undone is about the States of its records still, and a file that came by mail about those of its
mail.

Of a file that is kept already it is not known with which mail of its entry it came: it is about the States of all of
these, and may so be closed to more people than it need be, to none fewer.
"""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

OWN_HANDLING = (
    f"attachment.handling IS NULL OR whole.originator_id = {wall.OWN_PARTY} "
    f"OR attachment.handling <> 'originator' AND attachment.handling = ANY ({wall.CLEARED})"
)
NAMES_STATE = "whole.originator_id = (SELECT wall.party()) OR whole.attribution IN ('full', 'state_not_person')"
BEFORE = wall.part_of("activity", "activity_id", f"({OWN_HANDLING}) AND ({NAMES_STATE})")


def _about(states: str) -> str:
    """The activity of a file concerns one of these States."""
    return (
        "EXISTS (SELECT 1 FROM wall.activity_state part "
        f"WHERE part.activity_id = attachment.activity_id AND part.state_iso3 = ANY ({states}))"
    )


AS_ITS_OWN = f"""
    attachment.handling IS NULL
    OR {_about(wall.OPENED)}
    OR attachment.handling IN ('public', 'community') AND attachment.handling = ANY ({wall.CLEARED})
    OR (
        whole.originator_id = {wall.OWN_PARTY}
        OR attachment.handling <> 'originator' AND attachment.handling = ANY ({wall.CLEARED})
    ) AND ({wall.EVERY_STATE} OR {_about(wall.STATES)})"""
"""A file with a handling of its own is seen where an activity of that handling would be."""

WHOLE = wall.part_of("activity", "activity_id", f"({AS_ITS_OWN}) AND ({NAMES_STATE})")
NOW = f"{WHOLE} AND NOT (string_to_array(attachment.states, ' ') && {wall.CLOSED})"

CAME_BY_MAIL = "Came by mail"

MAIL = sa.table("waiting_mail", sa.column("activity_id", sa.Uuid()), sa.column("states", sa.String()))
FILE = sa.table("attachment", *(sa.column(name) for name in ("activity_id", "what", "states")))


def upgrade() -> None:
    op.add_column("spreadsheet_import", sa.Column("states", sa.String(), server_default="", nullable=False))
    op.add_column("attachment", sa.Column("states", sa.String(), server_default="", nullable=False))
    kept = sa.select(MAIL.c.activity_id, MAIL.c.states).where(MAIL.c.activity_id.is_not(None))
    named: dict[object, set[str]] = {}
    for key, states in op.get_bind().execute(kept).all():
        named.setdefault(key, set()).update(states.split())
    for key, codes in named.items():
        came = sa.and_(FILE.c.activity_id == sa.bindparam("key", key, sa.Uuid()), FILE.c.what == CAME_BY_MAIL)
        op.get_bind().execute(sa.update(FILE).where(came).values(states=" ".join(sorted(codes))))
    _guard(NOW)


def downgrade() -> None:
    _guard(BEFORE)
    op.drop_column("attachment", "states")
    op.drop_column("spreadsheet_import", "states")


def _guard(rule: str) -> None:
    wall.open_up("attachment")
    wall.protect("attachment", rule)
