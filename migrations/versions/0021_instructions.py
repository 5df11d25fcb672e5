"""instructions to missions: their tasks, what changed in them, their material, the mails about them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import wall

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
BEFORE = (
    "activity", "plan", "reference", "report", "correction", "step", "follow_up", "finish", "letter_campaign", "round",
)  # fmt: skip
DRAFTS = (*BEFORE, "instruction")
TABLES = ("instruction_notice", "instruction_material", "instruction_change", "instruction_task", "instruction")


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def _key(table: str, column: str, target: str, nullable: bool = False) -> sa.Column:
    """A column that points at another table; `target`: the table, with what happens when its row goes behind a colon."""
    where, _, gone = target.partition(":")
    foreign = sa.ForeignKey(f"{where}.id", name=op.f(f"fk_{table}_{column}_{where}"), ondelete=gone or None)
    return sa.Column(column, sa.Uuid(), foreign, nullable=nullable)


def _sample() -> sa.Column:
    return sa.Column("sample", sa.Boolean(), nullable=False)


def upgrade() -> None:
    texts = (
        "name", "reference", "aim", "objective", "talking_points", "paper", "presenter_level", "addressee_level",
        "reach", "marks", "sent_by", "withdrawn_why", "handling",
    )  # fmt: skip
    op.create_table(
        "instruction",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(_text(one) for one in texts),
        sa.Column("arguments", JSON, nullable=False),
        sa.Column("deliver_by", sa.Date(), nullable=False),
        sa.Column("report_by", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        _key("instruction", "sent_by_id", "user_account:SET NULL", nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        _key("instruction", "originator_id", "party"),
        _sample(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction")),
    )
    for column in ("sent_by_id", "remind_at", "originator_id"):
        op.create_index(op.f(f"ix_instruction_{column}"), "instruction", [column])
    op.create_index("ix_instruction_sent", "instruction", ["sent_at", "id"])
    _tasks()
    _parts()
    task = "EXISTS (SELECT 1 FROM instruction_task t WHERE t.instruction_id = instruction.id)"
    wall.protect("instruction", f"originator_id = {wall.OWN_PARTY} AND ({wall.own_rows('sent_by_id')} OR {task})")
    wall.protect("instruction_task", wall.part_of("activity", "activity_id", f"originator_id = {wall.OWN_PARTY}"))
    wall.protect("instruction_change", wall.part_of("instruction", "instruction_id"))
    wall.protect("instruction_material", wall.part_of("instruction", "instruction_id"))
    wall.protect("instruction_notice", wall.NOBODY)
    _keep_drafts(DRAFTS)


def _keep_drafts(kinds: tuple[str, ...]) -> None:
    """Let the forms of these kinds keep drafts."""
    names = ", ".join(f"'{one}'" for one in kinds)
    with op.batch_alter_table("draft") as batch:
        batch.drop_constraint(op.f("ck_draft_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_draft_kind"), f"kind IN ({names})")


def _tasks() -> None:
    op.create_table(
        "instruction_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("instruction_task", "instruction_id", "instruction:CASCADE"),
        _key("instruction_task", "mission_id", "mission"),
        sa.Column(
            "state_iso3",
            sa.String(),
            sa.ForeignKey("state.iso3", name=op.f("fk_instruction_task_state_iso3_state")),
            nullable=False,
        ),
        _key("instruction_task", "activity_id", "activity:CASCADE"),
        _key("instruction_task", "followup_id", "follow_up:SET NULL", nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        _text("acknowledged_by"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appointment_on", sa.Date(), nullable=True),
        _text("appointment_with"),
        sa.Column("nudged_on", sa.Date(), nullable=True),
        _sample(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_task")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_instruction_task_activity_id")),
        sa.UniqueConstraint(
            "instruction_id",
            "mission_id",
            "state_iso3",
            name=op.f("uq_instruction_task_instruction_id_mission_id_state_iso3"),
        ),
    )
    for column in ("mission_id", "state_iso3", "followup_id"):
        op.create_index(op.f(f"ix_instruction_task_{column}"), "instruction_task", [column])


def _parts() -> None:
    op.create_table(
        "instruction_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("instruction_change", "instruction_id", "instruction:CASCADE"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("by"),
        _text("why"),
        sa.Column("changes", JSON, nullable=False),
        _sample(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_change")),
        sa.UniqueConstraint("instruction_id", "version", name=op.f("uq_instruction_change_instruction_id_version")),
    )
    op.create_table(
        "instruction_material",
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("instruction_material", "instruction_id", "instruction:CASCADE"),
        _key("instruction_material", "file_id", "stored_file"),
        _text("what"),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        _text("added_by"),
        _sample(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_material")),
        sa.UniqueConstraint("file_id", name=op.f("uq_instruction_material_file_id")),
    )
    op.create_index("ix_instruction_material_instruction", "instruction_material", ["instruction_id", "added_at", "id"])
    _notices()


def _notices() -> None:
    op.create_table(
        "instruction_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("instruction_notice", "instruction_id", "instruction:CASCADE"),
        _text("told"),
        _text("round"),
        _key("instruction_notice", "mission_id", "mission:SET NULL", nullable=True),
        _key("instruction_notice", "recipient_id", "user_account"),
        _key("instruction_notice", "mail_id", "outbox_mail"),
        _sample(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_notice")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_instruction_notice_mail_id")),
        sa.UniqueConstraint(
            "instruction_id",
            "told",
            "round",
            "recipient_id",
            name=op.f("uq_instruction_notice_instruction_id_told_round_recipient_id"),
        ),
    )
    for column in ("instruction_id", "mission_id", "recipient_id"):
        op.create_index(op.f(f"ix_instruction_notice_{column}"), "instruction_notice", [column])


def downgrade() -> None:
    op.execute("DELETE FROM draft WHERE kind = 'instruction'")
    _keep_drafts(BEFORE)
    for table in reversed(TABLES):
        wall.open_up(table)
    for table in TABLES:
        op.drop_table(table)
