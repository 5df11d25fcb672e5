"""a mail is seen where its entry is not closed, and a pin where its record stands."""

from migrations import wall

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

NAMED = "string_to_array(states, ' ')"
MAIL = f"""
    originator_id = (SELECT wall.party()) AND {wall.permission("activities:create")}
    AND phase IN ('waiting', 'logged', 'thrown')
    AND NOT ({NAMED} && {wall.CLOSED})
    AND ({wall.EVERY_STATE} OR states = '' OR {NAMED} && {wall.STATES} OR {wall.own_rows("brought_by_id")})
"""
ANY_CLOSED = "(SELECT wall.any_closed())"


def _open_source(key: str) -> str:
    """No State of the activity with this key is closed to the viewer; a row without one has no source."""
    return (
        f"NOT {ANY_CLOSED} OR NOT EXISTS (SELECT 1 FROM wall.activity_state part "
        f"WHERE part.activity_id = {key} AND part.state_iso3 = ANY ({wall.CLOSED}))"
    )


PIN = f"({wall.own_rows()} AND NOT for_party) OR (for_party AND {wall.party_rows()})"
FOLLOWED = f"NOT {ANY_CLOSED} OR follow_up_id IS NULL OR {wall.part_of('follow_up', 'follow_up_id')}"


def _stands(table: str, named: str, key: str) -> str:
    """The record with this key, if there is one, is on the timeline of the State of the pin."""
    return (
        f"timeline_pin.{key} IS NULL OR EXISTS (SELECT 1 FROM {table} seen "
        f"WHERE seen.{named} = timeline_pin.{key} AND seen.state_iso3 = timeline_pin.state_iso3)"
    )


BEFORE = {
    "waiting_mail": MAIL,
    "timeline_pin": f"""
        (({PIN}) AND state_iso3 <> ALL ({wall.CLOSED}))
        AND ({_open_source("timeline_pin.activity_id")}) AND ({FOLLOWED})
    """,
}
NOW = {
    "waiting_mail": f"({MAIL}) AND ({_open_source('waiting_mail.activity_id')})",
    "timeline_pin": f"""
        ({PIN})
        AND ({_stands("activity_state", "activity_id", "activity_id")})
        AND ({_stands("follow_up", "id", "follow_up_id")})
        AND ({_stands("letter", "id", "letter_id")})
    """,
}


def upgrade() -> None:
    _guard(NOW)


def downgrade() -> None:
    _guard(BEFORE)


def _guard(rules: dict[str, str]) -> None:
    for table, rule in rules.items():
        wall.open_up(table)
        wall.protect(table, rule)
