"""people met, posts and instructions are found; an activity says which mission goes."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

MINE = "whole.originator_id = (SELECT wall.party())"


def _activity(part: str, told: str) -> str:
    return f"part = '{part}' AND {wall.part_of('activity', 'activity_id', told)}"


ACTIVITY = " OR ".join(
    f"({one})"
    for one in (
        _activity("note", "true"),
        _activity("state", f"{MINE} OR whole.attribution IN ('full', 'state_not_person')"),
        _activity("full", f"{MINE} OR whole.attribution = 'full'"),
        _activity("own", MINE),
    )
)

BEFORE = f"""
    kind = 'activity' AND {wall.permission("activities:read")} AND ({ACTIVITY})
    OR kind = 'attachment' AND {wall.permission("activities:read")} AND {wall.part_of("attachment", "attachment_id")}
    OR kind = 'follow_up' AND {wall.permission("followups:read")} AND {wall.part_of("follow_up", "follow_up_id")}
    OR kind = 'campaign' AND {wall.permission("letters:read")} AND {wall.part_of("letter_campaign", "campaign_id")}
    OR kind = 'letter' AND {wall.permission("letters:read")} AND {wall.part_of("letter", "letter_id")}
    OR kind = 'person' AND {wall.permission("people:read")} AND {wall.part_of("office_holder", "holder_id")}"""

MET = f"""{wall.part_of("interlocutor", "interlocutor_id")}
        AND (post_id IS NULL OR {wall.part_of("post", "post_id")})
        AND (kept_id IS NULL OR {wall.part_of("interlocutor", "kept_id")})"""
NOW = f"""{BEFORE}
    OR kind = 'interlocutor' AND {wall.permission("activities:read")} AND {MET}
    OR kind = 'post' AND {wall.permission("activities:read")} AND {wall.part_of("post", "post_id")}
    OR kind = 'instruction' AND {wall.permission("instructions:read")}
        AND {wall.part_of("instruction", "instruction_id")}"""

KEYS = {
    "interlocutor_id": "interlocutor",
    "kept_id": "interlocutor",
    "post_id": "post",
    "instruction_id": "instruction",
}
OLD = ("activity", "follow_up", "campaign", "letter", "person", "attachment")
NEW = ("interlocutor", "post", "instruction")
PARTS = ("note", "state", "full", "own")

# A table that SQLite writes anew loses its triggers: these keep the index of words.
FOLLOW = {
    "added": "AFTER INSERT ON search_text BEGIN {add} END",
    "gone": "AFTER DELETE ON search_text BEGIN {take} END",
    "changed": "AFTER UPDATE OF place, words ON search_text BEGIN {take} {add} END",
}
ADD = "INSERT INTO search_word (rowid, words) VALUES (new.place, new.words);"
TAKE = "INSERT INTO search_word (search_word, rowid, words) VALUES ('delete', old.place, old.words);"

INSTRUCTED = """
UPDATE activity SET mission_id = (SELECT task.mission_id FROM instruction_task task WHERE task.activity_id = activity.id)
WHERE id IN (SELECT activity_id FROM instruction_task)
"""


def _is_one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(one) for one in words)})"


def _search_text(kinds: tuple[str, ...], *, gain: bool) -> None:
    """The table with other kinds, and with their keys or without. What SQLite writes anew loses what it checks."""
    with op.batch_alter_table("search_text", recreate="auto" if wall.on_postgresql() else "always") as table:
        for name, of in KEYS.items():
            if gain:
                table.add_column(sa.Column(name, sa.Uuid(), nullable=True))
                table.create_foreign_key(
                    op.f(f"fk_search_text_{name}_{of}"),
                    of,
                    [name],
                    ["id"],
                    ondelete="SET NULL" if name == "kept_id" else "CASCADE",
                )
                table.create_index(op.f(f"ix_search_text_{name}"), [name])
            else:
                table.drop_index(op.f(f"ix_search_text_{name}"))
                table.drop_constraint(op.f(f"fk_search_text_{name}_{of}"), type_="foreignkey")
                table.drop_column(name)
        if wall.on_postgresql():
            table.drop_constraint(op.f("ck_search_text_kind"), type_="check")
        else:
            table.create_check_constraint(op.f("ck_search_text_part"), _is_one_of("part", PARTS))
        table.create_check_constraint(op.f("ck_search_text_kind"), _is_one_of("kind", kinds))
    if not wall.on_postgresql():
        for name, what in FOLLOW.items():
            op.execute(f"CREATE TRIGGER search_text_{name} {what.format(add=ADD, take=TAKE)}")


def upgrade() -> None:
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("mission_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_activity_mission_id_mission"), "mission", ["mission_id"], ["id"], ondelete="SET NULL"
        )
        table.create_index(op.f("ix_activity_mission_id"), ["mission_id"])
    op.execute(INSTRUCTED)
    wall.open_up("search_text")
    _search_text((*OLD, *NEW), gain=True)
    wall.protect("search_text", NOW)


def downgrade() -> None:
    wall.open_up("search_text")
    op.execute(f"DELETE FROM search_text WHERE {_is_one_of('kind', NEW)}")
    _search_text(OLD, gain=False)
    wall.protect("search_text", BEFORE)
    with op.batch_alter_table("activity") as table:
        table.drop_index(op.f("ix_activity_mission_id"))
        table.drop_constraint(op.f("fk_activity_mission_id_mission"), type_="foreignkey")
        table.drop_column("mission_id")
