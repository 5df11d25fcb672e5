"""The panel beside a State: each obstacle once, with how and when it is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Flask

from crm.core.access import Handling
from crm.core.db import unit_of_work
from crm.positions.panel import obstacles
from crm.positions.rules import Basis, ObstacleType
from crm.positions.service import claim_obstacle
from tests.support.people import Person


def test_each_obstacle_is_named_once(app: Flask, person: Callable[[str], Person]) -> None:
    officer = person("officer").viewer

    def claim(kind: ObstacleType, subtype: str, basis: Basis, day: date) -> None:
        with unit_of_work():
            claim_obstacle(
                state_iso3="LAO", type=kind, subtype=subtype, basis=basis, claimed_on=day,
                originator_id=officer.party_id or UUID(int=0), handling=Handling.STATES,
            )  # fmt: skip

    claim(ObstacleType.HUMAN_RESOURCES, "", Basis.STATED, date(2026, 11, 15))
    claim(ObstacleType.LEGISLATURE, "committee", Basis.STATED, date(2026, 11, 14))
    claim(ObstacleType.HUMAN_RESOURCES, "ratification", Basis.INFERRED, date(2026, 11, 13))
    with app.test_request_context():
        (panel,) = obstacles("LAO", officer)
    assert [(row.label, row.text) for row in panel.rows] == [
        (
            "Lack of human resources",
            "Said so, 15 November 2026; For the ratification itself (concluded, 13 November 2026)",
        ),
        ("Communication with the legislature", "Held in committee (said so, 14 November 2026)"),
    ]
