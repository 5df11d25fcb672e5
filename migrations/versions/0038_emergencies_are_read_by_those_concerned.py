"""an emergency is read by whoever used it and by the parties whose records it opened; nobody reads every one."""

from migrations import wall

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TOLD = """EXISTS (
        SELECT 1 FROM emergency_notice notice
        WHERE notice.emergency_id = emergency_access.id AND notice.party_id = (SELECT wall.party())
    )"""
OF_ITS_STATE = f"{TOLD} AND ({wall.EVERY_STATE} OR state_iso3 = ANY ({wall.STATES}))"


def _rule(others: str) -> str:
    return f"""
    {wall.SIGNED_IN} AND (
        {wall.own_rows()}
        OR state_iso3 <> ALL ({wall.CLOSED}) AND ({others})
    )"""


def upgrade() -> None:
    _guard(_rule(OF_ITS_STATE))


def downgrade() -> None:
    _guard(_rule(f"{wall.permission('emergencies:read')} OR {OF_ITS_STATE}"))


def _guard(rule: str) -> None:
    wall.open_up("emergency_access")
    wall.protect("emergency_access", rule)
