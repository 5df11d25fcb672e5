"""What a list changes in the acts on file."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.states.reference import read_reference
from crm.states.rules import (
    Act,
    ActKind,
    ChangeKind,
    GivenAct,
    caution,
    differences,
    from_record,
    to_record,
    treaty_from,
)
from tests.states.conftest import FOLDER

CCM = treaty_from(read_reference(FOLDER).facts)
SIGNED = Act("AAA", ActKind.SIGNATURE, date(2008, 12, 3), None, "", "found", "press", uuid.uuid4())
BOUND = Act("AAA", ActKind.RATIFICATION, date(2011, 1, 10), date(2011, 7, 1), "56th", "found", "press", uuid.uuid4())


def row(act: Act, line: int = 2, **changes: object) -> GivenAct:
    """A row that says of an act no more than State, kind and day."""
    return replace(GivenAct(line, act.state_iso3, act.kind, act.deposited_on), **changes)


def test_the_same_acts_are_no_difference() -> None:
    found = differences([SIGNED, BOUND], [row(SIGNED), row(BOUND)], treaty=CCM, source="new")
    assert (found.changes, found.unchanged, found.missing) == ((), 2, ())


def test_an_act_that_is_not_on_file_is_added_with_its_day_by_rule() -> None:
    given = GivenAct(7, "BBB", ActKind.ACCESSION, date(2026, 10, 5))
    (change,) = differences([SIGNED], [given], treaty=CCM, source="UN, 6 October").changes
    assert (change.kind, change.line, change.before) == (ChangeKind.ADDED, 7, None)
    assert change.after == Act(
        "BBB", ActKind.ACCESSION, date(2026, 10, 5), date(2027, 4, 1), "", "found", "UN, 6 October"
    )


def test_another_day_corrects_the_act_and_keeps_what_the_list_does_not_say() -> None:
    given = GivenAct(3, "AAA", ActKind.RATIFICATION, date(2011, 2, 10))
    (change,) = differences([SIGNED, BOUND], [given], treaty=CCM, source="new").changes
    assert change.kind is ChangeKind.CHANGED
    assert change.before == BOUND
    assert change.after == replace(BOUND, deposited_on=date(2011, 2, 10), effective_on=date(2011, 8, 1), source="new")


def test_what_is_missing_stays_unless_the_list_is_complete() -> None:
    some = differences([SIGNED, BOUND], [row(SIGNED)], treaty=CCM, source="new")
    assert (some.changes, some.missing) == ((), (BOUND,))
    whole = differences([SIGNED, BOUND], [row(SIGNED)], treaty=CCM, source="new", complete=True)
    assert [(one.kind, one.before, one.after) for one in whole.changes] == [(ChangeKind.REMOVED, BOUND, None)]


def test_a_second_accession_after_a_withdrawal_is_added_not_taken_for_the_first() -> None:
    first = Act("CCC", ActKind.ACCESSION, date(2011, 1, 1), date(2011, 7, 1), id=uuid.uuid4())
    again = GivenAct(4, "CCC", ActKind.ACCESSION, date(2020, 1, 1))
    found = differences([first], [row(first), again], treaty=CCM, source="new")
    assert [one.kind for one in found.changes] == [ChangeKind.ADDED]


def test_a_note_in_the_list_takes_the_place_of_the_one_on_file() -> None:
    (change,) = differences([BOUND], [row(BOUND, note="57th")], treaty=CCM, source="new").changes
    assert (change.after.note, change.after.source) == ("57th", "new")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2011, 1, 10), ""),
        (date(2011, 2, 10), ""),
        (date(2011, 2, 11), "by 32 days"),
        (date(2010, 12, 9), "by 32 days"),
        (date(2011, 3, 9), "by 58 days"),
        (date(2011, 3, 10), "by 2 months"),
        (date(2013, 1, 9), "by 23 months"),
        (date(2013, 1, 10), "by 2 years"),
        (date(2008, 12, 3), "by 2 years"),
    ],
)
def test_an_act_that_moves_far_may_be_another_one(day: date, said: str) -> None:
    found = caution(BOUND, replace(BOUND, deposited_on=day))
    assert (said in found) and (bool(found) is bool(said))


def test_there_is_nothing_to_ask_about_an_act_that_comes_or_goes() -> None:
    assert caution(None, BOUND) == caution(BOUND, None) == ""


ACTS = st.builds(
    Act,
    state_iso3=st.sampled_from(["AAA", "BBB", "CCC"]),
    kind=st.sampled_from(list(ActKind)),
    deposited_on=st.dates(date(2008, 12, 3), date(2026, 1, 1)),
    effective_on=st.none() | st.dates(date(2010, 8, 1), date(2026, 1, 1)),
    note=st.text(max_size=5),
    confidence=st.sampled_from(["found", "memory"]),
    source=st.text(max_size=5),
    id=st.uuids(),
)
FILES = st.lists(ACTS, max_size=12, unique_by=(lambda a: (a.state_iso3, a.kind, a.deposited_on), lambda a: a.id))


@given(ACTS)
def test_a_record_gives_back_the_same_act(act: Act) -> None:
    assert from_record(to_record(act)) == act


@given(FILES, FILES)
def test_changes_lead_from_one_file_to_the_other(before: list[Act], after: list[Act]) -> None:
    given = [
        GivenAct(n, a.state_iso3, a.kind, a.deposited_on, a.effective_on, a.note, a.confidence, a.source)
        for n, a in enumerate(after)
    ]
    found = differences(before, given, treaty=CCM, source="new", complete=True)
    on_file = {act.id: act for act in before}
    for change in found.changes:
        if change.before is not None:
            assert on_file.pop(change.before.id) == change.before
    result = [*on_file.values(), *(one.after for one in found.changes if one.after)]
    days = sorted((a.state_iso3, a.kind, a.deposited_on) for a in result)
    assert days == sorted((a.state_iso3, a.kind, a.deposited_on) for a in after)
    assert len(on_file) == found.unchanged
