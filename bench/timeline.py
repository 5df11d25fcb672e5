"""The page of a State at 1,000, 100,000 and 1,000,000 activities: its first page, a page in the past, the last contact
for whoever may see none of them, and the brief.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from bench.house import EVERY_SIZE, PAGE_HEAD, Grown
from bench.measure import Table, median_p95, milliseconds
from crm.accounts.models import Role
from crm.accounts.policy import CLEARANCE, PERMISSIONS
from crm.activities.nearby import contacts_with
from crm.core import access
from crm.core.access import Viewer
from crm.core.db import db

STATE = "LAO"
PAGES = {
    "page of a State": f"/states/{STATE}",
    "a State before 2016": f"/states/{STATE}?before=2016-01-01",
    "a State by person": f"/states/{STATE}?person=Nobody",
    "brief of a State": f"/states/{STATE}/brief",
}
ROUNDS = 20


def _last_contact(house: Grown) -> list[list[Any]]:
    """The last contact for a coordinator, and for an observer, who may see none of them."""
    rows = []
    for role in (Role.COORDINATOR, Role.OBSERVER):
        viewer = Viewer(user_id=uuid4(), party_id=uuid4(), permissions=PERMISSIONS[role], clearance=CLEARANCE[role])
        with access.looking_as(viewer):
            db.session.rollback()
            middle, late = median_p95(
                milliseconds(lambda viewer=viewer: contacts_with(STATE, viewer, access.today()), ROUNDS)  # type: ignore[misc]
            )
        rows.append([role.value, *house.labels, middle, late])
    return rows


def _sheet(house: Grown) -> float:
    """Milliseconds from the click to the sheet."""
    begun = time.perf_counter()
    assert house.browser.get(f"/states/{STATE}/brief.pdf").status_code == 200
    return (time.perf_counter() - begun) * 1000


STATE_PAGES = Table("The page of a State, warm (target: ratio at most 3, growth at most 1.5)", PAGE_HEAD)
CONTACTS = Table("Last contact, asked anew", ("reader", "database", "activities", "median ms", "p95 ms"))
SHEETS = Table("The brief as one sheet, at best", ("database", "activities", "ms"))
SIZES = EVERY_SIZE
TABLES = (STATE_PAGES, CONTACTS, SHEETS)


def measure(house: Grown) -> None:
    """The page of a State and what stands beside it."""
    for name, address in PAGES.items():
        STATE_PAGES.add(house.page(name, address))
    for row in _last_contact(house):
        CONTACTS.add(row)
    _sheet(house)
    SHEETS.add([*house.labels, min(_sheet(house) for _ in range(5))])
