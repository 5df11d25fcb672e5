"""The grid of short talks with 87 rows: how long a key takes until its letter is painted, and what saving costs.

A browser types into the last row of a grid on SQLite; `DEMARCHE_CHROMIUM` names the browser. The floor is the same key
in a bare field of an empty page.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.house import PASSWORD, empty_houses
from bench.measure import median_p95, show
from crm.accounts import service
from crm.accounts.models import Party, PartyKind, Role
from crm.accounts.viewers import viewer_of
from crm.activities.margins.service import record_round
from crm.activities.margins.talks import Talk
from crm.core import access
from crm.core.access import Viewer
from crm.core.db import db, unit_of_work
from crm.states.queries import register
from tests.support.browser import DESK, SWITCHES, sign_in
from tests.support.served import serving
from tests.support.statements import recorded

ROWS = 87
ROUNDS = 5
WORDS = "The draft law goes to parliament in spring, they study the cost. "
FIELDS = ("state", "note", "next_action", "next_action_due")

_WATCH = """
field => {
    window.painted = [];
    field.addEventListener("keydown", () => {
        const begun = performance.now();
        requestAnimationFrame(() => setTimeout(() => window.painted.push(performance.now() - begun)));
    }, { capture: true });
}
"""


def _typed(page: Page, field: str, text: str) -> list[float]:
    """Milliseconds from each key to the frame that shows it."""
    place = page.locator(field)
    place.focus()
    place.evaluate(_WATCH)
    page.keyboard.type(text, delay=60)
    page.wait_for_timeout(300)
    found: list[float] = page.evaluate("window.painted")
    return found


def _open(page: Page) -> None:
    page.goto("/activities/margins")
    page.locator("form[data-ready]").wait_for()
    while page.locator("[data-rows] > *").count() < ROWS:
        page.locator("[data-more]").click()
    for row, code in enumerate(_codes()):
        page.locator(f"#rows-{row}-state").fill(code)
        page.locator(f"#rows-{row}-note").fill(WORDS)
    page.locator(f"#rows-{ROWS - 1}-state").fill("")


def _codes() -> list[str]:
    with access.looking_as(access.SYSTEM):
        return sorted(register().states)[:ROWS]


def _typing(address: str) -> list[list[Any]]:
    """Each field of the last row, and a bare field."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ["DEMARCHE_CHROMIUM"], args=SWITCHES)
        page = chromium.new_page(base_url=address, viewport=DESK)  # type: ignore[arg-type]
        page.set_content("<input id='bare'>")
        rows = [["a bare field", *_middle_and_most(_typed(page, "#bare", WORDS))]]
        sign_in(page, f"{Role.MISSION_OFFICER.value}@example.org", PASSWORD)
        _open(page)
        for name in FIELDS:
            text = {"state": "Viet", "next_action_due": "in 3 weeks"}.get(name, WORDS)
            rows.append([name, *_middle_and_most(_typed(page, f"#rows-{ROWS - 1}-{name}", text))])
        chromium.close()
    return rows


def _middle_and_most(times: list[float]) -> tuple[float, float, float]:
    return (*median_p95(times), max(times))


def _account(role: Role, party: Party) -> Viewer:
    made = service.open_account(
        actor=access.SYSTEM,
        email=f"{role.value}@example.org",
        name="Bench",
        party=party,
        roles=[role],
        password=PASSWORD,
    )
    return viewer_of(made)


def _people() -> dict[Role, Viewer]:
    """An officer, who signs in without a second factor, and a coordinator, who works on every State."""
    with access.looking_as(access.SYSTEM), unit_of_work():
        party = service.open_party(name="Austria", kind=PartyKind.GOVERNMENT, state_iso3="AUT")
        found = {role: _account(role, party) for role in (Role.MISSION_OFFICER, Role.COORDINATOR)}
    db.session.remove()
    return found


def _save(viewer: Viewer) -> None:
    due = access.today().replace(year=access.today().year + 1, day=1)
    told = {"whom": "Somebody, Director", "note": WORDS, "next_action": "Send the text", "next_action_due": due}
    talks = [Talk(row=row, state_iso3=code, **told) for row, code in enumerate(_codes())]  # type: ignore[arg-type]
    with access.looking_as(viewer), unit_of_work():
        record_round(actor=viewer, occasion="First Committee", held_on=access.today(), talks=talks)
    db.session.remove()


def _saving(viewer: Viewer, kind: str) -> list[Any]:
    """Saving as many talks: processor time of this process, time on the wall, statements."""
    _save(viewer)
    spent, walls = [], []
    for _ in range(ROUNDS):
        cpu, begun = time.process_time(), time.perf_counter()
        _save(viewer)
        spent.append(time.process_time() - cpu)
        walls.append(time.perf_counter() - begun)
    with recorded() as seen:
        _save(viewer)
    return [kind, statistics.median(spent), statistics.median(walls), len(seen)]


def run() -> None:
    """Print both tables."""
    saved = []
    typed: list[list[Any]] = []
    with empty_houses() as houses:
        for kind, app in houses:
            people = _people()
            if kind == "SQLite":
                with serving(app) as address:
                    typed = _typing(address)
            saved.append(_saving(people[Role.COORDINATOR], kind))
    show(f"A key until it is painted, row {ROWS}", ("field", "median ms", "p95 ms", "most ms"), typed)
    show(f"Saving {ROWS} talks", ("database", "processor s", "seconds", "statements"), saved)
