"""The timeline: own milestones, contributions from above, pages by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from crm.core.access import Viewer
from crm.states import milestones, panels, timeline
from crm.states.panels import Glance, Panel, PanelRow
from crm.states.queries import register
from crm.states.timeline import Entry, Source, Wanted

NOBODY = Viewer()
TODAY = date(2026, 11, 23)


def entry(on: date, title: str = "", tone: str = "past") -> Entry:
    return Entry(date=on, date_text=on.isoformat(), title=title or on.isoformat(), tone=tone)


def test_own_milestones(app: Flask) -> None:
    found = [
        (one.date.isoformat(), one.title, one.tone) for one in milestones.entries(register(), "VUT", date(2025, 12, 1))
    ]
    assert found == [
        ("2025-09-05", "Accession deposited", "past"),
        ("2026-03-01", "Enters into force for Vanuatu", "upcoming"),
        ("2026-08-28", "Initial transparency report due", "upcoming"),
    ]


def test_milestones_of_a_state_that_withdrew_and_of_one_renamed(app: Flask) -> None:
    lithuania = [one.title for one in milestones.entries(register(), "LTU", TODAY)]
    assert "Withdrawal notified to the depositary" in lithuania
    assert "Withdrawal took effect" in lithuania
    eswatini = [(one.date_text, one.title) for one in milestones.entries(register(), "SWZ", TODAY)]
    assert ("19 April 2018", "Swaziland is now called Eswatini") in eswatini


def test_anchors_are_unique(app: Flask) -> None:
    known = register()
    for iso3 in known.states:
        anchors = [one.anchor for one in milestones.entries(known, iso3, TODAY)]
        assert len(anchors) == len(set(anchors)), iso3


def test_overdue_and_upcoming_first_then_the_past_newest_first() -> None:
    own = [
        entry(date(2026, 1, 1)),
        entry(date(2027, 5, 1), tone="upcoming"),
        entry(date(2026, 10, 1), tone="overdue"),
        entry(date(2026, 6, 1)),
        entry(date(2027, 1, 1), tone="upcoming"),
        entry(date(2026, 8, 1), tone="overdue"),
    ]
    found = timeline.arrange(own)
    assert [one.title for one in found.entries] == [
        "2026-08-01", "2026-10-01", "2027-01-01", "2027-05-01", "2026-06-01", "2026-01-01",
    ]  # fmt: skip
    assert found.older_than is None


def test_of_each_kind_the_nearest_of_both_parts_stand_and_the_lists_have_the_rest(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MOST_AHEAD", 2)
    late = [replace(entry(date(2026, 1, day), tone="overdue"), kind="a") for day in range(1, 5)]
    soon = [replace(entry(date(2027, 1, day), tone="upcoming"), kind="a") for day in range(1, 5)]
    other = [replace(entry(date(2027, 3, day), tone="upcoming"), kind="b") for day in range(1, 3)]
    found = timeline.arrange([*soon, *late, *other])
    assert [(one.date.month, one.date.day) for one in found.entries] == [(1, 3), (1, 4), (1, 1), (1, 2), (3, 1), (3, 2)]
    assert found.cut == {"a"}
    assert timeline.arrange(soon, before=date(2026, 1, 1)).cut == frozenset()
    sources = (Source("a", "A", lambda *_: [], lambda state: f"/{state}"), Source("b", "B", lambda *_: []))
    timeline.connect(app, sources)
    assert timeline.lists_of("LAO", found.cut) == [("A", "/LAO")]


def test_pages_go_by_whole_days() -> None:
    days = [date(2026, 1, 1) - timedelta(days=number // 3) for number in range(30)]
    own = [entry(day, f"{number}") for number, day in enumerate(days)]
    seen: list[str] = []
    before = None
    pages = 0
    while True:
        page = timeline.arrange(own, before=before, size=7)
        seen += [one.title for one in page.entries]
        pages += 1
        before = page.older_than
        if before is None:
            break
    assert sorted(seen, key=int) == [f"{number}" for number in range(30)]
    assert pages == 4


def test_later_pages_show_nothing_ahead() -> None:
    own = [entry(date(2027, 1, 1), tone="upcoming"), entry(date(2025, 1, 1)), entry(date(2024, 1, 1))]
    page = timeline.arrange(own, before=date(2025, 1, 1))
    assert [one.date.year for one in page.entries] == [2024]


def test_every_source_is_asked_for_what_lies_before_the_day(app: Flask) -> None:
    asked: list[object] = []

    def entries(state_iso3: str, viewer: Viewer, wanted: Wanted) -> Iterator[Entry]:
        asked.append((state_iso3, viewer, wanted))
        yield entry(date(2026, 3, 3), f"{len(asked)}")

    wanted = Wanted(before=date(2026, 6, 1))
    timeline.connect(app, (Source("a", "A", entries), Source("b", "B", entries)))
    found = timeline.contributed("LAO", NOBODY, wanted)
    assert [(one.title, one.kind) for one in found] == [("1", "a"), ("2", "b")]
    assert asked == [("LAO", NOBODY, wanted)] * 2
    assert [one.kind for one in timeline.contributed("LAO", NOBODY, Wanted(kind="b"))] == ["b"]


def test_panels_come_in_their_order(app: Flask) -> None:
    def late(_state: str, _viewer: Viewer) -> list[Panel]:
        return [Panel("B", (PanelRow("x", "y"),), place=20)]

    def early(_state: str, _viewer: Viewer) -> list[Panel | Glance]:
        return [Panel("A", (), place=10), Panel("Careful", (), guard=True), Glance("Last contact", "today")]

    panels.connect(app, (late, early))
    found = panels.around("LAO", NOBODY)
    assert [one.title for one in found.panels] == ["A", "B"]
    assert [one.title for one in found.guards] == ["Careful"]
    assert [one.value for one in found.glances] == ["today"]
