"""files follow what they belong to: each is for its own party alone, and others come through its record."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_A_CAMPAIGN = """
FROM letter_document
JOIN letter ON letter.id = letter_document.letter_id
JOIN letter_campaign ON letter_campaign.id = letter.campaign_id
WHERE letter_document.file_id = stored_file.id
"""


def upgrade() -> None:
    op.execute("UPDATE stored_file SET handling = 'originator' WHERE handling <> 'originator'")


def downgrade() -> None:
    """Files of letters went as far as their campaign."""
    op.execute(
        f"UPDATE stored_file SET handling = (SELECT letter_campaign.handling {OF_A_CAMPAIGN}) "
        f"WHERE EXISTS (SELECT 1 {OF_A_CAMPAIGN})"
    )
