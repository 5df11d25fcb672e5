"""people met, their posts, what is thought of them and who was merged; letters that were addressed anew."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import wall

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

LIST = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")

TERM = f"{wall.part_of('interlocutor', 'person_id')} AND {wall.part_of('post', 'post_id')}"
STANCE = f"({wall.handled_about()}) AND {wall.part_of('interlocutor', 'person_id')}"
MERGE = f"{wall.party_rows()} AND {wall.part_of('interlocutor', 'gone_id')}"


def _key(table: str, column: str, target: str, ondelete: str | None = None, to: str = "id") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{to}"], name=name, ondelete=ondelete)


def _handled() -> list[sa.Column]:
    return [
        sa.Column("originator_id", sa.Uuid(), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _index(table: str, *columns: str) -> None:
    for one in columns:
        op.create_index(op.f(f"ix_{table}_{one}"), table, [one])


def _interlocutor() -> None:
    op.create_table(
        "interlocutor",
        sa.Column("state_iso3", sa.String(), nullable=False),
        *(sa.Column(one, sa.String(), nullable=False) for one in ("name", "sought", "title", "ministry", "level")),
        sa.Column("note", sa.String(), nullable=False),
        *(sa.Column(one, sa.Uuid(), nullable=True) for one in ("holder_id", "source_id", "merged_into_id")),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_handled(),
        _key("interlocutor", "state_iso3", "state", to="iso3"),
        _key("interlocutor", "holder_id", "office_holder", "SET NULL"),
        _key("interlocutor", "source_id", "activity", "SET NULL"),
        _key("interlocutor", "merged_into_id", "interlocutor", "SET NULL"),
        _key("interlocutor", "recorded_by_id", "user_account", "SET NULL"),
        _key("interlocutor", "originator_id", "party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interlocutor")),
    )
    op.create_index("ix_interlocutor_state", "interlocutor", ["state_iso3", "sought", "id"])
    op.create_index("ix_interlocutor_sought", "interlocutor", ["sought", "id"])
    _index("interlocutor", "holder_id", "source_id", "merged_into_id", "recorded_by_id", "originator_id")


def _post() -> None:
    op.create_table(
        "post",
        sa.Column("state_iso3", sa.String(), nullable=False),
        *(sa.Column(one, sa.String(), nullable=False) for one in ("title_en", "title_fr", "ministry", "sought")),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_handled(),
        _key("post", "state_iso3", "state", to="iso3"),
        _key("post", "originator_id", "party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint(
            "state_iso3", "originator_id", "sought", name=op.f("uq_post_state_iso3_originator_id_sought")
        ),
    )
    op.create_index("ix_post_state", "post", ["state_iso3", "sought", "id"])
    _index("post", "originator_id")
    op.create_table(
        "post_term",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("until_on IS NULL OR until_on > from_on", name=op.f("ck_post_term_term_runs_forward")),
        _key("post_term", "post_id", "post", "CASCADE"),
        _key("post_term", "person_id", "interlocutor", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_term")),
    )
    op.create_index("ix_post_term_terms", "post_term", ["post_id", "from_on"])
    _index("post_term", "person_id")


def _stance() -> None:
    op.create_table(
        "stance_claim",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(), nullable=False),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        *_handled(),
        sa.CheckConstraint("stance IN ('friend', 'neutral', 'target', 'blocker')", name=op.f("ck_stance_claim_stance")),
        _key("stance_claim", "person_id", "interlocutor", "CASCADE"),
        _key("stance_claim", "state_iso3", "state", to="iso3"),
        _key("stance_claim", "source_id", "activity", "SET NULL"),
        _key("stance_claim", "originator_id", "party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stance_claim")),
    )
    _index("stance_claim", "person_id", "state_iso3", "source_id", "originator_id")


def _merge() -> None:
    op.create_table(
        "person_merge",
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("gone_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("brought", LIST, nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("person_merge", "kept_id", "interlocutor", "CASCADE"),
        _key("person_merge", "gone_id", "interlocutor", "CASCADE"),
        _key("person_merge", "party_id", "party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    _index("person_merge", "kept_id", "gone_id", "party_id")


def upgrade() -> None:
    _interlocutor()
    _post()
    _stance()
    _merge()
    with op.batch_alter_table("activity_person") as table:
        table.add_column(sa.Column("interlocutor_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("holder_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_activity_person_interlocutor_id_interlocutor"),
            "interlocutor",
            ["interlocutor_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_foreign_key(
            op.f("fk_activity_person_holder_id_office_holder"),
            "office_holder",
            ["holder_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_index(op.f("ix_activity_person_interlocutor_id"), ["interlocutor_id"])
        table.create_index(op.f("ix_activity_person_holder_id"), ["holder_id"])
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("readdressed", LIST, nullable=True))
    wall.protect("interlocutor", wall.handled_about())
    wall.protect("post", wall.handled_about())
    wall.protect("post_term", TERM)
    wall.protect("stance_claim", STANCE)
    wall.protect("person_merge", MERGE)


def downgrade() -> None:
    with op.batch_alter_table("letter") as table:
        table.drop_column("readdressed")
    with op.batch_alter_table("activity_person") as table:
        table.drop_index(op.f("ix_activity_person_holder_id"))
        table.drop_index(op.f("ix_activity_person_interlocutor_id"))
        table.drop_constraint(op.f("fk_activity_person_holder_id_office_holder"), type_="foreignkey")
        table.drop_constraint(op.f("fk_activity_person_interlocutor_id_interlocutor"), type_="foreignkey")
        table.drop_column("holder_id")
        table.drop_column("interlocutor_id")
    for name in ("person_merge", "stance_claim", "post_term", "post", "interlocutor"):
        op.drop_table(name)
