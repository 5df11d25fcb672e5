"""what can be searched: the words of every record, and an index of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from migrations import wall

revision = "0019"
down_revision = "0018"
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

SEEN = f"""
    kind = 'activity' AND {wall.permission("activities:read")} AND ({ACTIVITY})
    OR kind = 'attachment' AND {wall.permission("activities:read")} AND {wall.part_of("attachment", "attachment_id")}
    OR kind = 'follow_up' AND {wall.permission("followups:read")} AND {wall.part_of("follow_up", "follow_up_id")}
    OR kind = 'campaign' AND {wall.permission("letters:read")} AND {wall.part_of("letter_campaign", "campaign_id")}
    OR kind = 'letter' AND {wall.permission("letters:read")} AND {wall.part_of("letter", "letter_id")}
    OR kind = 'person' AND {wall.permission("people:read")} AND {wall.part_of("office_holder", "holder_id")}"""

# Comparing words with a question may not pass a policy, and without that no index of words is used: what is asked
# here answers with keys alone, and nothing to whom nobody has named.
PLACES = """
CREATE FUNCTION wall.search_places(asked tsquery, above bigint, below bigint, most integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF wall.somebody() THEN
        RETURN QUERY EXECUTE 'SELECT place FROM public.search_text WHERE words @@ $1 AND place > $2 AND place < $3
            ORDER BY place DESC LIMIT $4' USING asked, above, below, most;
    END IF;
END
$$
"""

KEYS = {
    "activity_id": "activity",
    "attachment_id": "attachment",
    "follow_up_id": "follow_up",
    "campaign_id": "letter_campaign",
    "letter_id": "letter",
    "holder_id": "office_holder",
}

FOLLOW = {
    "added": "AFTER INSERT ON search_text BEGIN {add} END",
    "gone": "AFTER DELETE ON search_text BEGIN {take} END",
    "changed": "AFTER UPDATE OF place, words ON search_text BEGIN {take} {add} END",
}
ADD = "INSERT INTO search_word (rowid, words) VALUES (new.place, new.words);"
TAKE = "INSERT INTO search_word (search_word, rowid, words) VALUES ('delete', old.place, old.words);"


READ = """
INSERT INTO attachment_text (attachment_id, activity_id, state, text, tries, asked_at)
SELECT id, activity_id, 'waiting', '', 0, added_at FROM attachment
"""


def _texts_of_files() -> None:
    op.create_table(
        "attachment_text",
        sa.Column(
            "attachment_id",
            sa.Uuid(),
            sa.ForeignKey("attachment.id", name="fk_attachment_text_attachment_id_attachment", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "activity_id",
            sa.Uuid(),
            sa.ForeignKey("activity.id", name="fk_attachment_text_activity_id_activity", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'reading', 'read', 'unreadable', 'nothing')", name=op.f("ck_attachment_text_state")
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_text")),
    )
    op.create_index("ix_attachment_text_activity_id", "attachment_text", ["activity_id"])
    op.create_index("ix_attachment_text_state", "attachment_text", ["state", "asked_at"])
    op.execute(READ)
    wall.protect("attachment_text", wall.part_of("attachment", "attachment_id"))


def upgrade() -> None:
    _texts_of_files()
    op.create_table(
        "search_text",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        *(
            sa.Column(
                name,
                sa.Uuid(),
                sa.ForeignKey(f"{table}.id", name=f"fk_search_text_{name}_{table}", ondelete="CASCADE"),
            )
            for name, table in KEYS.items()
        ),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("precision", sa.String(length=8), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("of_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('activity', 'follow_up', 'campaign', 'letter', 'person', 'attachment')",
            name=op.f("ck_search_text_kind"),
        ),
        sa.CheckConstraint("part IN ('note', 'state', 'full', 'own')", name=op.f("ck_search_text_part")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_search_text")),
    )
    for name in KEYS:
        op.create_index(f"ix_search_text_{name}", "search_text", [name])
    wall.protect("search_text", SEEN)
    if wall.on_postgresql():
        op.execute("CREATE INDEX ix_search_text_words ON search_text USING gin (words)")
        op.execute(PLACES)
        op.execute("REVOKE ALL ON FUNCTION wall.search_places FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION wall.search_places TO {wall.ROLE}")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE search_word USING fts5 (words, content='search_text', content_rowid='place', "
            "columnsize=0, tokenize='ascii')"
        )
        for name, what in FOLLOW.items():
            op.execute(f"CREATE TRIGGER search_text_{name} {what.format(add=ADD, take=TAKE)}")


def downgrade() -> None:
    if wall.on_postgresql():
        op.execute("DROP FUNCTION wall.search_places")
    else:
        for name in FOLLOW:
            op.execute(f"DROP TRIGGER search_text_{name}")
        op.execute("DROP TABLE search_word")
    op.drop_table("search_text")
    op.drop_table("attachment_text")
