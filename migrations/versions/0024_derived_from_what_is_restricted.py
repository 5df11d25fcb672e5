"""what comes out of an activity is closed to whom a State of the activity is closed."""

from alembic import op

from migrations import wall

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def _open_source(key: str) -> str:
    """No State of the activity with this key is closed to the viewer; a row without one has no source."""
    return (
        "NOT (SELECT wall.any_closed()) OR NOT EXISTS (SELECT 1 FROM wall.activity_state part "
        f"WHERE part.activity_id = {key} AND part.state_iso3 = ANY ({wall.CLOSED}))"
    )


def _and(rule: str, further: str) -> str:
    return f"({rule}) AND ({further})"


CLAIMED = f"""
    NOT (SELECT wall.any_closed()) OR NOT EXISTS (
        SELECT 1 FROM wall.activity_obstacle link JOIN wall.activity_state part ON part.activity_id = link.activity_id
        WHERE link.claim_id = obstacle_claim.id AND part.state_iso3 = ANY ({wall.CLOSED})
    )"""

PERSON_SEEN = wall.part_of("interlocutor", "person_id")
PIN = f"({wall.own_rows()} AND NOT for_party) OR (for_party AND {wall.party_rows()})"
FOLLOWED = f"NOT (SELECT wall.any_closed()) OR follow_up_id IS NULL OR {wall.part_of('follow_up', 'follow_up_id')}"

BEFORE = {
    "follow_up": wall.handled_about(),
    "obstacle_claim": wall.handled_about(),
    "interlocutor": wall.handled_about(),
    "stance_claim": f"({wall.handled_about()}) AND {PERSON_SEEN}",
    "timeline_pin": f"({PIN}) AND state_iso3 <> ALL ({wall.CLOSED})",
}
NOW = {
    "follow_up": _and(BEFORE["follow_up"], _open_source("follow_up.activity_id")),
    "obstacle_claim": _and(BEFORE["obstacle_claim"], CLAIMED),
    "interlocutor": _and(BEFORE["interlocutor"], _open_source("interlocutor.source_id")),
    "stance_claim": _and(BEFORE["stance_claim"], _open_source("stance_claim.source_id")),
    "timeline_pin": _and(_and(BEFORE["timeline_pin"], _open_source("timeline_pin.activity_id")), FOLLOWED),
}


def upgrade() -> None:
    wall.tell("activity_obstacle", "activity_id", "claim_id")
    _guard(NOW)


def downgrade() -> None:
    _guard(BEFORE)
    if wall.on_postgresql():
        op.execute("DROP VIEW wall.activity_obstacle")


def _guard(rules: dict[str, str]) -> None:
    for table, rule in rules.items():
        wall.open_up(table)
        wall.protect(table, rule)
