"""The sample accounts: one for each role, all with the same password, which is no secret."""

from __future__ import annotations

from dataclasses import dataclass

from crm.accounts.models import PartyKind, Role
from crm.accounts.policy import LABELS
from crm.accounts.rules import PUBLISHED

PASSWORD = PUBLISHED


@dataclass(frozen=True)
class Account:
    """One sample account. Everybody in it is invented; the parties took part in 2010 and 2011."""

    email: str
    name: str
    party: str
    kind: PartyKind
    state_iso3: str | None
    role: Role
    time_zone: str


ACCOUNTS = (
    Account(
        "officer@sample.example", "Mika Sample", "Japan (sample)", PartyKind.GOVERNMENT, "JPN",
        Role.MISSION_OFFICER, "Asia/Kolkata",
    ),
    Account(
        "coordinator@sample.example", "Ken Sample", "Japan (sample)", PartyKind.GOVERNMENT, "JPN",
        Role.COORDINATOR, "Asia/Tokyo",
    ),
    Account(
        "presidency@sample.example", "Rima Sample", "Lebanon (sample)", PartyKind.GOVERNMENT, "LBN",
        Role.PRESIDENCY_OFFICE, "Asia/Beirut",
    ),
    Account(
        "secretariat@sample.example", "Anna Sample", "Implementation Support Unit (sample)", PartyKind.SECRETARIAT,
        None, Role.SECRETARIAT, "Europe/Zurich",
    ),
    Account(
        "observer@sample.example", "Sam Sample", "Cluster Munition Coalition (sample)", PartyKind.OBSERVER,
        None, Role.OBSERVER, "Europe/London",
    ),
    Account(
        "administrator@sample.example", "Alex Sample", "Operator (sample)", PartyKind.OPERATOR,
        None, Role.ADMINISTRATOR, "UTC",
    ),
)  # fmt: skip


def table() -> str:
    """The accounts as lines to print, password included."""
    lines = [f"  {LABELS[one.role]:18} {one.email:30} {one.party}" for one in ACCOUNTS]
    return "\n".join([*lines, f"  The password of each: {PASSWORD}"])


MISSION = "Embassy of Japan in New Delhi (sample)"
"""Where the sample mission officer is posted. That Japan's embassy in India is accredited to Bhutan as well is real."""

NEW_YORK = "Permanent Mission of Japan in New York (sample)"
"""A permanent mission, which meets every State; nobody of the sample is posted there."""

ACCREDITED_TO = {"IND": "resident", "BTN": "concurrent"}
