"""a post follows what the person came out of with whom it was written down; people and posts can be asked about."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

UNIQUE = "uq_post_state_iso3_originator_id_sought"
TITLE = ["state_iso3", "originator_id", "sought"]
SOURCE = "ix_post_source_id"
HANDLINGS = ("public", "community", "states", "coordination", "originator")

POST = sa.table(
    "post",
    *(sa.column(name, sa.Uuid()) for name in ("id", "source_id", "originator_id")),
    *(sa.column(name) for name in ("handling", "state_iso3", "sought")),
)
TERM = sa.table(
    "post_term",
    sa.column("id", sa.Uuid()),
    sa.column("post_id", sa.Uuid()),
    sa.column("person_id", sa.Uuid()),
    sa.column("from_on", sa.Date()),
)
PERSON = sa.table("interlocutor", sa.column("id", sa.Uuid()), sa.column("handling"), sa.column("source_id", sa.Uuid()))
FIRST_IN = (
    sa.select(POST.c.id, POST.c.handling, PERSON.c.source_id, PERSON.c.handling.label("of_person"))
    .select_from(POST)
    .join(TERM, TERM.c.post_id == POST.c.id)
    .join(PERSON, PERSON.c.id == TERM.c.person_id)
    .where(PERSON.c.source_id.is_not(None))
    .order_by(TERM.c.from_on, TERM.c.id)
)

OPEN_SOURCE = (
    "NOT (SELECT wall.any_closed()) OR NOT EXISTS (SELECT 1 FROM wall.activity_state part "
    f"WHERE part.activity_id = post.source_id AND part.state_iso3 = ANY ({wall.CLOSED}))"
)
TWO_PARTIES = f"originator_id = {wall.OWN_PARTY} OR asking_party_id = {wall.OWN_PARTY}"
FORMER_KINDS = ("activity", "follow_up", "letter_campaign")


def _asked(*kinds: str) -> str:
    """Of the two parties, for those who see the record."""
    seen = " OR ".join(f"subject_kind = '{one}' AND {wall.part_of(one, 'subject_id')}" for one in kinds)
    return f"({TWO_PARTIES}) AND ({seen})"


BEFORE = {"post": wall.handled_about(), "handling_request": _asked(*FORMER_KINDS)}
NOW = {
    "post": f"({wall.handled_about()}) AND ({OPEN_SOURCE})",
    "handling_request": _asked(*FORMER_KINDS, "interlocutor", "post"),
}


def upgrade() -> None:
    with op.batch_alter_table("post") as table:
        table.add_column(sa.Column("source_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_post_source_id_activity"), "activity", ["source_id"], ["id"], ondelete="SET NULL"
        )
        table.drop_constraint(op.f(UNIQUE), type_="unique")
        table.create_index(SOURCE, ["source_id"])
    _look_back()
    without = sa.text("source_id IS NULL")
    op.create_index(
        "uq_post_without_source", "post", TITLE, unique=True, sqlite_where=without, postgresql_where=without
    )
    _guard(NOW)


def _look_back() -> None:
    """Who was first in a post was written down with it, and it travels no further than they do. A post that was there
    before them may so be closed to more people than it need be, none to fewer.
    """
    connection = op.get_bind()
    found: dict[Any, Any] = {}
    for row in connection.execute(FIRST_IN):
        found.setdefault(row.id, row)
    for row in found.values():
        handling = max(row.handling, row.of_person, key=HANDLINGS.index)
        given = {"source_id": row.source_id, "handling": handling}
        connection.execute(sa.update(POST).where(POST.c.id == row.id).values(given))


def _tell_apart() -> None:
    """Of those that came out of something there may be two of a title: all but the first are sought with a number."""
    connection = op.get_bind()
    met: dict[Any, int] = {}
    named = (POST.c.source_id.is_not(None), POST.c.id)
    for row in connection.execute(sa.select(POST.c.id, *(POST.c[one] for one in TITLE)).order_by(*named)).all():
        title = (row.state_iso3, row.originator_id, row.sought)
        met[title] = number = met.get(title, 0) + 1
        if number > 1:
            sought = f"{row.sought} {number}"
            connection.execute(sa.update(POST).where(POST.c.id == row.id).values(sought=sought))


def downgrade() -> None:
    _guard(BEFORE)
    op.drop_index("uq_post_without_source", "post")
    _tell_apart()
    with op.batch_alter_table("post") as table:
        table.drop_index(SOURCE)
        table.drop_constraint(op.f("fk_post_source_id_activity"), type_="foreignkey")
        table.drop_column("source_id")
        table.create_unique_constraint(op.f(UNIQUE), TITLE)


def _guard(rules: dict[str, str]) -> None:
    for table, rule in rules.items():
        wall.open_up(table)
        wall.protect(table, rule)
