"""Status from acts: by table, and by properties that hold for every history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.states.reference import read_reference
from crm.states.rules import (
    Act,
    ActKind,
    Basis,
    DayRefused,
    Status,
    Treaty,
    article7_due,
    check_day,
    effective_day,
    entry_into_force,
    parse_day,
    standing_on,
    status_on,
    treaty_from,
    withdrawal_effect,
)
from tests.states.conftest import FOLDER

CCM = treaty_from(read_reference(FOLDER).facts)
DAYS = st.dates(date(2008, 12, 3), date(2060, 12, 31))


def act(kind: str, deposited: str, effective: str = "") -> Act:
    """An act of a State that exists for these tests alone."""
    day = date.fromisoformat(deposited)
    known = date.fromisoformat(effective) if effective else effective_day(ActKind(kind), day, CCM)
    return Act("XXX", ActKind(kind), day, known)


@pytest.mark.parametrize(
    ("deposited", "in_force", "report"),
    [
        ("2019-01-03", "2019-07-01", "2019-12-28"),
        ("2017-05-20", "2017-11-01", "2018-04-30"),
        ("2011-03-24", "2011-09-01", "2012-02-28"),
        ("2008-12-03", "2010-08-01", "2011-01-28"),
        ("2010-02-16", "2010-08-01", "2011-01-28"),
        ("2010-02-28", "2010-08-01", "2011-01-28"),
        ("2010-03-01", "2010-09-01", "2011-02-28"),
        ("2012-07-03", "2013-01-01", "2013-06-30"),
        ("2013-08-31", "2014-02-01", "2014-07-31"),
    ],
)
def test_entry_into_force_and_first_report(deposited: str, in_force: str, report: str) -> None:
    found = entry_into_force(date.fromisoformat(deposited), CCM)
    assert found.isoformat() == in_force
    assert article7_due(found, CCM).isoformat() == report


@given(DAYS)
def test_entry_into_force_is_the_first_of_a_month_half_a_year_on(deposited: date) -> None:
    found = entry_into_force(deposited, CCM)
    assert found.day == 1
    assert found >= CCM.in_force_on
    if found > CCM.in_force_on:
        months = (found.year - deposited.year) * 12 + found.month - deposited.month
        assert months == 6
        assert timedelta(days=150) < found - deposited <= timedelta(days=184)


@given(DAYS, DAYS)
def test_later_deposit_never_enters_into_force_earlier(one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    assert entry_into_force(earlier, CCM) <= entry_into_force(later, CCM)


@pytest.mark.parametrize(
    ("received", "effect"),
    [("2024-09-06", "2025-03-06"), ("2024-08-31", "2025-02-28"), ("2023-08-31", "2024-02-29")],
)
def test_withdrawal_takes_effect_six_months_later(received: str, effect: str) -> None:
    assert withdrawal_effect(date.fromisoformat(received), CCM).isoformat() == effect


SIGNED = act("signature", "2008-12-03")
RATIFIED = act("ratification", "2011-03-24")
LEFT = act("withdrawal", "2024-09-06")
BACK = act("accession", "2027-02-01")
ACCEDED = act("accession", "2025-09-05")


@pytest.mark.parametrize(
    ("acts", "on", "by_deposit", "by_force"),
    [
        ([], "2020-01-01", "non_signatory", "non_signatory"),
        ([SIGNED], "2008-12-02", "non_signatory", "non_signatory"),
        ([SIGNED], "2008-12-03", "signatory", "signatory"),
        ([SIGNED, RATIFIED], "2011-03-23", "signatory", "signatory"),
        ([SIGNED, RATIFIED], "2011-03-24", "state_party", "signatory"),
        ([SIGNED, RATIFIED], "2011-08-31", "state_party", "signatory"),
        ([SIGNED, RATIFIED], "2011-09-01", "state_party", "state_party"),
        ([SIGNED, RATIFIED, LEFT], "2024-09-06", "state_party", "state_party"),
        ([SIGNED, RATIFIED, LEFT], "2025-03-05", "state_party", "state_party"),
        ([SIGNED, RATIFIED, LEFT], "2025-03-06", "withdrawn", "withdrawn"),
        ([SIGNED, RATIFIED, LEFT, BACK], "2027-01-31", "withdrawn", "withdrawn"),
        ([SIGNED, RATIFIED, LEFT, BACK], "2027-02-01", "state_party", "withdrawn"),
        ([SIGNED, RATIFIED, LEFT, BACK], "2027-08-01", "state_party", "state_party"),
        ([ACCEDED], "2025-09-04", "non_signatory", "non_signatory"),
        ([ACCEDED], "2025-09-05", "state_party", "non_signatory"),
        ([ACCEDED], "2026-03-01", "state_party", "state_party"),
    ],
)
def test_status(acts: list[Act], on: str, by_deposit: str, by_force: str) -> None:
    day = date.fromisoformat(on)
    assert status_on(acts, day) == by_deposit
    assert status_on(acts, day, Basis.IN_FORCE) == by_force
    assert status_on(list(reversed(acts)), day) == by_deposit


def test_there_are_four_codes_and_no_synonyms() -> None:
    assert [one.value for one in Status] == ["state_party", "signatory", "non_signatory", "withdrawn"]


def test_deposited_and_not_in_force_is_a_flag_with_both_dates() -> None:
    found = standing_on([ACCEDED], date(2025, 10, 1), CCM)
    assert found.status is Status.STATE_PARTY
    assert found.status_in_force is Status.NON_SIGNATORY
    assert (found.deposited_on, found.in_force_on) == (date(2025, 9, 5), date(2026, 3, 1))
    assert found.article7_due_on == date(2026, 8, 28)
    assert found.awaiting_entry
    assert not standing_on([ACCEDED], date(2026, 3, 1), CCM).awaiting_entry


def test_a_notified_withdrawal_is_shown_before_it_counts() -> None:
    acts = [SIGNED, RATIFIED, LEFT]
    before = standing_on(acts, date(2024, 9, 5), CCM)
    notified = standing_on(acts, date(2024, 9, 6), CCM)
    effective = standing_on(acts, date(2025, 3, 6), CCM)
    assert (before.withdrawal_notified, before.withdrawn_on) == (False, None)
    assert (notified.status, notified.withdrawal_notified) == (Status.STATE_PARTY, True)
    assert notified.withdrawn_on == date(2025, 3, 6)
    assert (effective.status, effective.withdrawal_notified) == (Status.WITHDRAWN, False)


def test_a_new_accession_puts_the_old_withdrawal_aside() -> None:
    found = standing_on([SIGNED, RATIFIED, LEFT, BACK], date(2027, 3, 1), CCM)
    assert found.consent is ActKind.ACCESSION
    assert (found.withdrawn_on, found.withdrawal_received_on) == (None, None)
    assert found.awaiting_entry


def histories() -> st.SearchStrategy[list[Act]]:
    """Histories that can happen: perhaps signed, perhaps bound, perhaps withdrawn, perhaps back."""

    def build(parts: tuple[bool, date, int, int, int]) -> list[Act]:
        signs, bound, length, stay, away = parts
        acts = [act("signature", "2008-12-03")] if signs else []
        if length:
            acts.append(act("ratification" if signs else "accession", bound.isoformat()))
        if length > 1:
            leave = bound + timedelta(days=stay)
            acts.append(act("withdrawal", leave.isoformat()))
            if length > 2:
                acts.append(act("accession", (withdrawal_effect(leave, CCM) + timedelta(days=away)).isoformat()))
        return acts

    days = st.dates(date(2010, 8, 1), date(2030, 1, 1))
    return st.tuples(st.booleans(), days, st.integers(0, 3), st.integers(0, 4000), st.integers(0, 4000)).map(build)


@given(histories(), DAYS)
def test_entry_into_force_never_runs_ahead_of_the_deposit(acts: list[Act], on: date) -> None:
    if status_on(acts, on, Basis.IN_FORCE) is Status.STATE_PARTY:
        assert status_on(acts, on) is Status.STATE_PARTY


@given(histories(), DAYS)
def test_standing_agrees_with_status(acts: list[Act], on: date) -> None:
    found = standing_on(acts, on, CCM)
    assert found.status is status_on(acts, on)
    assert found.status_in_force is status_on(acts, on, Basis.IN_FORCE)
    assert found.withdrawal_notified is False or found.status is Status.STATE_PARTY
    if found.awaiting_entry and not found.withdrawn_on:
        assert found.status is Status.STATE_PARTY
        assert found.status_in_force is not Status.STATE_PARTY


@given(histories(), DAYS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(acts: list[Act], on: date, chance: object) -> None:
    mixed = list(acts)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert status_on(mixed, on) is status_on(acts, on)


@given(histories(), DAYS)
def test_nothing_that_happens_later_changes_an_earlier_status(acts: list[Act], on: date) -> None:
    known = [one for one in acts if one.deposited_on <= on]
    assert status_on(known, on) is status_on(acts, on)


@pytest.mark.parametrize("text", ["", "yesterday", "01/06/2011", "2011-6-1", "2011-02-30", "20110601", "2011-W22-3"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(DayRefused, match="is not a day"):
        parse_day(text)


def test_no_status_for_days_to_come_or_before_the_treaty(ccm: Treaty) -> None:
    today = date(2026, 11, 23)
    assert check_day(today, treaty=ccm, today=today) == today
    assert check_day(date(2008, 12, 3), treaty=ccm, today=today)
    with pytest.raises(DayRefused, match="has not come yet"):
        check_day(date(2026, 11, 24), treaty=ccm, today=today)
    with pytest.raises(DayRefused, match="3 December 2008"):
        check_day(date(2008, 12, 2), treaty=ccm, today=today)
