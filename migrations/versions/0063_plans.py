"""plans: their steps, where each State stands in one, and which replies were heard of there."""

import sqlalchemy as sa
from alembic import op

from migrations import wall

revision = "0063"
down_revision = "0060"
branch_labels = None
depends_on = None

RUN = f"""({wall.party_rows()})
    AND state_iso3 <> ALL ({wall.CLOSED})
    AND ({wall.EVERY_STATE} OR state_iso3 = ANY ({wall.STATES}))"""


def _key(table: str, column: str, other: str, ondelete: str | None = "CASCADE") -> sa.ForeignKeyConstraint:
    target = "iso3" if other == "state" else "id"
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.{target}"], name=name, ondelete=ondelete)


def _begin(table: str, *columns: sa.Column, keys: list[sa.schema.SchemaItem]) -> None:
    primary = sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))
    op.create_table(table, sa.Column("id", sa.Uuid(), nullable=False), *columns, *keys, primary)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{columns[0]}"), table, list(columns))


def upgrade() -> None:
    _plans()
    _runs()
    _steps_and_replies()


def _plans() -> None:
    _begin(
        "plan",
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept_by_id", sa.Uuid(), nullable=True),
        sa.Column("kept_by", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        keys=[_key("plan", "party_id", "party"), _key("plan", "kept_by_id", "user_account", "SET NULL")],
    )
    _index("plan", "party_id")
    _index("plan", "kept_by_id")
    wall.protect("plan", wall.party_rows())
    _begin(
        "plan_step",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        keys=[
            sa.CheckConstraint("unit IN ('days', 'weeks', 'months')", name=op.f("ck_plan_step_unit")),
            sa.CheckConstraint("who IN ('mission', 'runner', 'person')", name=op.f("ck_plan_step_who")),
            _key("plan_step", "plan_id", "plan"),
            _key("plan_step", "person_id", "user_account", "SET NULL"),
            sa.UniqueConstraint(
                "plan_id", "plan_version", "number", name=op.f("uq_plan_step_plan_id_plan_version_number")
            ),
        ],
    )
    _index("plan_step", "person_id")
    wall.protect("plan_step", wall.part_of("plan", "plan_id"))
    _begin(
        "plan_start",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        keys=[
            _key("plan_start", "plan_id", "plan"),
            _key("plan_start", "party_id", "party"),
            _key("plan_start", "user_id", "user_account", "SET NULL"),
        ],
    )
    for column in ("plan_id", "party_id", "user_id"):
        _index("plan_start", column)
    wall.protect("plan_start", wall.party_rows())


def _runs() -> None:
    _begin(
        "plan_run",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("start_id", sa.Uuid(), nullable=True),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("state_iso3", sa.String(), nullable=False),
        sa.Column("runner_id", sa.Uuid(), nullable=True),
        sa.Column("run_by", sa.String(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("asked_id", sa.Uuid(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        keys=[
            sa.CheckConstraint(
                "status IN ('running', 'waiting', 'paused', 'finished', 'ended')", name=op.f("ck_plan_run_status")
            ),
            _key("plan_run", "plan_id", "plan"),
            _key("plan_run", "start_id", "plan_start", "SET NULL"),
            _key("plan_run", "party_id", "party"),
            _key("plan_run", "state_iso3", "state", None),
            _key("plan_run", "runner_id", "user_account", "SET NULL"),
            _key("plan_run", "asked_id", "follow_up", "SET NULL"),
        ],
    )
    for column in ("start_id", "party_id", "runner_id", "asked_id"):
        _index("plan_run", column)
    op.create_index("ix_plan_run_plan", "plan_run", ["plan_id", "state_iso3"])
    op.create_index("ix_plan_run_state", "plan_run", ["state_iso3", "status"])
    still_on = sa.text("ended_on IS NULL")
    op.create_index(
        "uq_plan_run_once", "plan_run", ["plan_id", "state_iso3"], unique=True,
        sqlite_where=still_on, postgresql_where=still_on,
    )  # fmt: skip
    wall.protect("plan_run", RUN)


def _steps_and_replies() -> None:
    _begin(
        "plan_run_step",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("followup_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        keys=[
            _key("plan_run_step", "run_id", "plan_run"),
            _key("plan_run_step", "followup_id", "follow_up", "SET NULL"),
            _key("plan_run_step", "activity_id", "activity", "SET NULL"),
            sa.UniqueConstraint("run_id", "number", name=op.f("uq_plan_run_step_run_id_number")),
            sa.UniqueConstraint("followup_id", name=op.f("uq_plan_run_step_followup_id")),
        ],
    )
    _index("plan_run_step", "activity_id")
    wall.protect("plan_run_step", wall.part_of("plan_run", "run_id"))
    _begin(
        "plan_reply",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        keys=[
            _key("plan_reply", "run_id", "plan_run"),
            _key("plan_reply", "activity_id", "activity"),
            sa.UniqueConstraint("run_id", "activity_id", name=op.f("uq_plan_reply_run_id_activity_id")),
        ],
    )
    _index("plan_reply", "activity_id")
    wall.protect("plan_reply", f"{wall.part_of('plan_run', 'run_id')} AND {wall.part_of('activity', 'activity_id')}")


def downgrade() -> None:
    for table in ("plan_reply", "plan_run_step", "plan_run", "plan_start", "plan_step", "plan"):
        op.drop_table(table)
