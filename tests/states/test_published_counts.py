"""Every published count that the data is known to match, asked of the register."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
from flask import Flask

from crm.states.queries import register
from crm.states.register import Register
from crm.states.rules import ActKind, Scheme, Status
from tests.states.conftest import rows_of

FIGURES = ("states_parties", "signatories_not_party", "states_not_party", "signatories_total", "joined_total")


@pytest.fixture
def known(app: Flask) -> Register:
    """The register as the database gives it."""
    return register()


def _among(known: Register, scope: str) -> list[str]:
    kind, _, value = scope.partition(":")
    if kind == "world":
        return list(known.states)
    return [iso3 for iso3, state in known.states.items() if state.region_in(Scheme(kind)) == value]


def _signed(known: Register, among: Iterable[str], on: date) -> int:
    return sum(act.kind is ActKind.SIGNATURE for iso3 in among for act in known.acts_of(iso3, until=on))


def _computed(known: Register, scope: str, on: date) -> dict[str, int]:
    if scope.startswith("consents_after:"):
        after = date.fromisoformat(scope.partition(":")[2])
        return {"states_parties": len(known.consents_between(after, on))}
    among = _among(known, scope)
    counts = known.counts(on, among=among)
    return {
        "states_parties": counts.state_party,
        "signatories_not_party": counts.signatory,
        "states_not_party": counts.not_party,
        "signatories_total": _signed(known, among, on),
        "joined_total": counts.state_party + counts.signatory,
    }


def test_published_counts(known: Register) -> None:
    checked = 0
    for row in rows_of("status_checks.csv"):
        computed = _computed(known, row["scope"], date.fromisoformat(row["date"]))
        wanted = {name: int(row[name]) for name in FIGURES if row[name]}
        found = {name: computed[name] for name in wanted}
        where = f"{row['date']} {row['scope']} [{row['source']}]"
        if row["expect"] == "match":
            assert found == wanted, where
            checked += len(wanted)
        else:
            assert found != wanted, f"{where} fits now: say so in the file"
    assert checked == 157


def test_the_day_of_the_2011_deck(known: Register) -> None:
    on = date(2011, 6, 1)
    counts = known.counts(on)
    assert (counts.state_party, counts.signatory, counts.non_signatory, counts.withdrawn) == (57, 51, 87, 0)
    assert counts.total == 195
    assert known.not_party_by_region(on, Scheme.SEED_REGION) == {
        "Asia": 18,
        "Pacific": 9,
        "Middle East": 15,
        "Central and South America": 15,
        "Africa": 9,
        "Former Soviet Union": 12,
        "Europe and North America": 9,
    }
    assert sum(known.not_party_by_region(on).values()) == 87


TOTALS = {"2011-06-01": 195, "2011-07-13": 195, "2011-07-14": 196, "2012-11-28": 196, "2012-11-29": 197}


@pytest.mark.parametrize(("on", "total"), TOTALS.items())
def test_the_universe_depends_on_the_day(known: Register, on: str, total: int) -> None:
    assert known.counts(date.fromisoformat(on)).total == total


def test_withdrawn_states_are_states_not_party(known: Register) -> None:
    day = date(2025, 3, 6)
    counts = known.counts(day)
    assert (counts.state_party, counts.withdrawn, counts.not_party) == (111, 1, 74)
    assert sum(known.not_party_by_region(day).values()) == counts.not_party
    assert known.not_party_by_region(day)["Former Soviet Union"] == 14
    assert known.counts(date(2025, 3, 5)).withdrawn == 0


def test_every_status_of_every_region_adds_up(known: Register) -> None:
    for scheme in Scheme:
        for on in (date(2008, 12, 3), date(2011, 6, 1), date(2026, 11, 23)):
            table = known.by_region(on, scheme)
            for status in Status:
                assert sum(row[status] for row in table.values()) == known.counts(on).of(status)
