"""The columns of the list of States."""

from __future__ import annotations

from datetime import date

from crm.core.listing import Column
from crm.states.listing import Line

REGION_NAMES = {
    "GRULAC": "Latin America and the Caribbean",
    "WEOG": "Western Europe and others",
    "none": "No group",
}
STATUS_LABELS = {
    "state_party": "State Party",
    "signatory": "Signatory",
    "non_signatory": "Non-signatory",
    "withdrawn": "Withdrawn",
}
CONSENT_LABELS = {
    "ratification": "Ratification",
    "acceptance": "Acceptance",
    "approval": "Approval",
    "accession": "Accession",
}


def _consent(line: Line) -> str:
    return CONSENT_LABELS[line.standing.consent.value] if line.standing.consent else ""


def _withdrawn(line: Line) -> date | None:
    return line.standing.withdrawn_on


COLUMNS = (
    Column("name", "State", lambda line: line.name, always=True),
    Column("code", "Code", lambda line: line.iso3, shown=False),
    Column("status", "Status", lambda line: STATUS_LABELS[line.status.value]),
    Column("region", "Region", lambda line: REGION_NAMES.get(line.region, line.region)),
    Column("signed", "Signed", lambda line: line.standing.signed_on),
    Column("deposited", "Consent deposited", lambda line: line.standing.deposited_on),
    Column("consent", "By way of", _consent),
    Column("in_force", "In force", lambda line: line.standing.in_force_on),
    Column("withdrawn", "Withdrawn on", _withdrawn, shown=False),
    Column("article7", "Report due", lambda line: line.standing.article7_due_on, shown=False),
)
