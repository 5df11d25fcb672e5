"""The second wall as migrations build it: policies of PostgreSQL for tables whose rows are not for everybody.

Written by hand and apart from the rules in Python, so that a mistake in one is caught by the other. Every
policy lets the system through and adds the condition given here, in SQL. What is asked of the viewer stands
in a subquery of its own, so that it is answered once for a statement and not once for a row. A text here is
used by migrations that have run: it is never changed, only followed by another.
"""

from __future__ import annotations

from alembic import op

ROLE = "demarche_app"

SIGNED_IN = "(SELECT wall.user_id()) IS NOT NULL"
"""For everybody with an account."""

NOBODY = "false"
"""For the software itself alone."""

OWN_PARTY = "(SELECT wall.own_party())"
CLEARED = "(SELECT wall.clearance())::text[]"
EVERY_STATE = "(SELECT wall.every_state())"
STATES = "(SELECT wall.states())::text[]"
NAMED = "(SELECT wall.named())::text[]"
CLOSED = "(SELECT wall.closed())::text[]"
OPENED = "(SELECT wall.opened())::text[]"

OPEN_HANDLING = f"handling IN ('public', 'community') AND handling = ANY ({CLEARED})"
"""A record that reaches beyond governments, for those who are cleared for it."""

NARROW_HANDLING = f"originator_id = {OWN_PARTY} OR handling <> 'originator' AND handling = ANY ({CLEARED})"
"""A record of one's own party, or one that its handling opens to the viewer."""

HANDLED = f"{OPEN_HANDLING} OR {NARROW_HANDLING}"
"""A record about no State: by whose it is and its handling."""


def own_rows(column: str = "user_id") -> str:
    """For the user whose row it is."""
    return f"{column} = (SELECT wall.user_id())"


def party_rows(column: str = "party_id") -> str:
    """For everybody of the party whose row it is."""
    return f"{column} = (SELECT wall.party())"


def permission(name: str) -> str:
    """For those to whom a function (`resource:action`) is open."""
    return f"(SELECT wall.may('{name}'))"


def part_of(table: str, column: str, and_where: str = "true") -> str:
    """For those who see the row of `table` that it is a part of; `and_where` may say more of that row, `whole`."""
    return f"EXISTS (SELECT 1 FROM {table} whole WHERE whole.id = {column} AND ({and_where}))"


def handled_about(column: str = "state_iso3") -> str:
    """A record with an originator and a handling, about the State in `column`."""
    return f"""
        {column} <> ALL ({CLOSED})
        AND (
            {column} = ANY ({OPENED})
            OR {OPEN_HANDLING}
            OR ({NARROW_HANDLING}) AND ({EVERY_STATE} OR {column} = ANY ({STATES}))
        )"""


def on_postgresql() -> bool:
    """Whether there is a wall to build."""
    return op.get_bind().dialect.name == "postgresql"


def protect(table: str, rule: str) -> None:
    """Show and let change the rows of a table only to the system and to whom the rule names."""
    if on_postgresql():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        condition = "(SELECT wall.is_system())" if rule == NOBODY else f"(SELECT wall.is_system()) OR ({rule})"
        op.execute(f"CREATE POLICY {table}_wall ON {table} USING ({condition})")


def open_up(table: str) -> None:
    """Take the wall of a table down (a migration that goes back)."""
    if on_postgresql():
        op.execute(f"DROP POLICY IF EXISTS {table}_wall ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def tell(table: str, *columns: str) -> None:
    """Let rules ask these columns of every row: a view that its owner reads, shut while nobody looks."""
    if on_postgresql():
        op.execute(
            f"CREATE VIEW wall.{table} AS SELECT {', '.join(columns)} FROM {table} WHERE (SELECT wall.somebody())"
        )
        op.execute(f"GRANT SELECT ON wall.{table} TO {ROLE}")
