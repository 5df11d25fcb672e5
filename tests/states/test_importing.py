"""Lists of acts: looked at, made true, put back exactly."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.access import looking_as
from crm.core.db import db
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.states import queries, service
from crm.states.acts_csv import write_acts
from crm.states.events import InstrumentDeposited
from crm.states.models import ActImport, ActImportChange
from crm.states.queries import register
from crm.states.rules import Status
from tests.states.importing import ACCESSION, IMPORTER, READER, TODAY, commit, get, on_file, preview, undo
from tests.support.statements import recorded


def test_looking_changes_nothing(app: Flask) -> None:
    before, token = on_file(), queries.token("ccm")
    made = get(preview(ACCESSION + "VUT,accession,2025-09-06\n"))
    assert (made.phase, made.added, made.changed, made.removed) == ("preview", 1, 1, 0)
    assert (made.unchanged, made.missing, made.problems) == (0, 221, [])
    assert on_file() == before
    assert queries.token("ccm") == token
    assert register().status("BTN", TODAY) is Status.NON_SIGNATORY


def test_commit_makes_it_true_and_undo_puts_every_byte_back(app: Flask, heard: list[Any]) -> None:
    before = on_file()
    key = preview(ACCESSION + "VUT,accession,2025-09-06\n")
    commit(key)
    known = register()
    assert known.status("BTN", TODAY) is Status.STATE_PARTY
    assert known.standing("BTN", TODAY).in_force_on == date(2027, 4, 1)
    assert known.standing("VUT", TODAY).deposited_on == date(2025, 9, 6)
    assert known.counts(TODAY).state_party == 113
    (told,) = heard
    assert told.state_iso3 == "BTN"
    assert told.act_id == known.acts_of("BTN")[0].id
    undo(key)
    assert on_file() == before
    assert register().counts(TODAY).state_party == 112
    assert get(key).phase == "undone"


def test_a_complete_list_removes_and_undo_brings_back_the_same_rows(app: Flask, heard: list[Any]) -> None:
    before = on_file()
    acts = [one for acts in register().acts.values() for one in acts]
    kept = write_acts(one for one in acts if one.state_iso3 not in ("VUT", "LTU"))
    key = preview(kept.split("\n", 1)[1], heading=kept.split("\n", 1)[0] + "\n", complete=True)
    assert (get(key).removed, get(key).added, get(key).changed) == (4, 0, 0)
    commit(key)
    assert len(on_file()) == 218
    assert register().status("LTU", TODAY) is Status.NON_SIGNATORY
    undo(key)
    assert on_file() == before
    assert heard == []


def test_the_acts_on_file_as_a_list_change_nothing(app: Flask) -> None:
    text = write_acts(one for acts in register().acts.values() for one in acts)
    key = preview(text.split("\n", 1)[1], heading=text.split("\n", 1)[0] + "\n", complete=True)
    assert (get(key).unchanged, get(key).added, get(key).changed, get(key).removed) == (222, 0, 0, 0)
    with pytest.raises(RuleViolation, match="changes nothing"):
        commit(key)


def test_one_broken_row_and_nothing_is_imported(app: Flask) -> None:
    before = on_file()
    key = preview(ACCESSION + "ZZZ,accession,2026-10-05\nLAO,accession,2024-01-01\n")
    assert [(one["line"], one["column"]) for one in get(key).problems] == [(3, "iso3"), (4, "act")]
    with pytest.raises(RuleViolation, match="cannot be taken"):
        commit(key)
    assert on_file() == before
    assert get(key).phase == "preview"


def test_acts_that_cannot_be_true_are_broken_rows(app: Flask) -> None:
    key = preview(
        "SSD,signature,2009-01-01\nAGO,accession,2026-01-01\nBTN,withdrawal,2026-01-01\n"
        "CHL,ratification,2010-12-16\nBTN,ratification,2026-02-02\n"
    )
    found = {(one["line"], one["message"].split(";")[0].split(" (")[0]) for one in get(key).problems}
    assert found >= {
        (2, "The State is counted only from 14 July 2011."),
        (2, "This does not fit the accession of 3 August 2023, which is on file: a State that signed"),
        (3, "A State that signed"),
        (4, "There is no consent to be bound from which to withdraw."),
        (6, "There is no earlier signature"),
    }
    assert 5 not in {line for line, _message in found}


def reasons(key: uuid.UUID) -> list[tuple[int, str, str]]:
    """Line, what stands there, and why it cannot be taken."""
    return [(one["line"], one["text"], one["message"]) for one in get(key).problems]


def lines_that_change(key: uuid.UUID) -> list[tuple[str, str, int | None]]:
    """What becomes of the acts, row by row."""
    return [(one.kind, one.state_iso3, one.line) for one in queries.changes_of(get(key))]


def test_a_row_that_cannot_be_taken_is_no_difference_and_is_not_counted(app: Flask) -> None:
    key = preview(
        "ZWE,accession,2007-05-01\nSSD,signature,2009-01-01\nBTN,signature,2011-01-01\nTON,ratification,2026-01-01\n"
        "CHL,signature,2010-12-31\nNPL,accession,soon\nVUT,accession,2025-09-06\nMNG,accession,2026-11-20\n"
    )
    made = get(key)
    assert {one["line"] for one in made.problems} == {2, 3, 4, 5, 6, 7}
    assert lines_that_change(key) == [("added", "MNG", 9), ("changed", "VUT", 8)]
    assert (made.added, made.changed, made.removed, made.unchanged) == (1, 1, 0, 0)


def test_a_line_of_the_depositarys_table_is_taken_whole_or_not_at_all(app: Flask) -> None:
    rows = "Bhutan,3 Dec 2008,5 Oct 2026 x\nNepal,,6 Oct 2026 a\n"
    key = preview(rows, heading="Participant,Signature,Ratification\n")
    assert [line for line, _text, _why in reasons(key)] == [2]
    assert lines_that_change(key) == [("added", "NPL", 3)]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("MNG,accession,2026-11-20", "Line 2 of this list says the same act of this State already."),
        (
            "MNG,accession,2026-11-21",
            "Line 2 of this list gives another day for the same act of this State: 20 November 2026.",
        ),
        (
            "MNG,approval,2026-11-21",
            "By line 2 of this list this State has given its consent already: accession, 20 November 2026.",
        ),
    ],
)
def test_two_rows_of_one_list_at_odds_are_not_told_that_the_act_is_on_file(app: Flask, second: str, why: str) -> None:
    key = preview(f"MNG,accession,2026-11-20\n{second}\n")
    assert (3, second.replace(",", " "), why) in reasons(key)
    assert {line for line, _text, _why in reasons(key)} == {3}
    assert lines_that_change(key) == [("added", "MNG", 2)]


def test_a_third_row_is_measured_by_the_first(app: Flask) -> None:
    key = preview("MNG,accession,2026-11-18\nMNG,accession,2026-11-19\nMNG,accession,2026-11-20\n")
    assert [(line, why[:6]) for line, _text, why in reasons(key)] == [(3, "Line 2"), (4, "Line 2")]


def test_reasons_are_about_what_the_line_says(app: Flask) -> None:
    assert reasons(preview("SSD,signature,2009-01-01\n")) == [
        (2, "SSD signature 2009-01-01", "The State is counted only from 14 July 2011."),
        (
            2,
            "SSD signature 2009-01-01",
            (
                "This does not fit the accession of 3 August 2023, which is on file: "
                "a State that signed (1 January 2009) ratifies, accepts or approves."
            ),
        ),
    ]
    assert (
        2,
        "LAO accession 2008-12-20",
        "This does not fit the ratification of 18 March 2009, which is on file already.",
    ) in reasons(preview("LAO,accession,2008-12-20\n"))
    assert (
        2,
        "CHL signature 2010-12-31",
        (
            "This does not fit the ratification of 16 December 2010, which is on file: "
            "there is no earlier signature; without one the act is an accession."
        ),
    ) in reasons(preview("CHL,signature,2010-12-31\n"))


def test_an_act_on_file_that_moves_far_is_changed_with_a_caution(app: Flask) -> None:
    key = preview("FRA,ratification,2026-11-01\nLTU,withdrawal,2026-10-10\nVUT,accession,2025-09-06\n")
    assert get(key).problems == []
    assert {one.state_iso3: one.caution for one in queries.changes_of(get(key))} == {
        "FRA": "This moves an act on file by 17 years. Is it the same act?",
        "LTU": "This moves an act on file by 2 years. Is it the same act?",
        "VUT": "",
    }
    commit(key)
    assert register().standing("FRA", TODAY).deposited_on == date(2026, 11, 1)


def test_beside_the_act_on_file_a_row_is_an_act_of_its_own(app: Flask) -> None:
    key = preview("LTU,withdrawal,2024-09-06\nLTU,accession,2026-01-05\nLTU,withdrawal,2026-10-10\n")
    assert lines_that_change(key) == [("added", "LTU", 3), ("added", "LTU", 4)]
    again = preview("LTU,withdrawal,2024-09-06\nLTU,withdrawal,2026-10-10\n")
    assert reasons(again) == [
        (3, "LTU withdrawal 2026-10-10", "The withdrawal of 6 September 2024 is on file already.")
    ]


@pytest.mark.parametrize(("row", "removed"), [("VUT,accession,soon\n", 2), ("Vanuattu,accession,2025-09-05\n", 0)])
def test_an_act_that_a_row_may_mean_is_not_said_to_be_removed(app: Flask, row: str, removed: int) -> None:
    acts = [one for acts in register().acts.values() for one in acts]
    heading, kept = write_acts(one for one in acts if one.state_iso3 not in ("VUT", "BTN", "JPN")).split("\n", 1)
    key = preview(kept + row, heading=heading + "\n", complete=True)
    assert len(get(key).problems) == 1
    assert [one.state_iso3 for one in queries.changes_of(get(key))] == ["JPN"] * removed
    assert get(key).removed == removed


def test_removing_a_signature_under_a_ratification_is_refused(app: Flask) -> None:
    acts = [one for acts in register().acts.values() for one in acts]
    text = write_acts(one for one in acts if (one.state_iso3, one.kind) != ("CHL", "signature"))
    key = preview(text.split("\n", 1)[1], heading=text.split("\n", 1)[0] + "\n", complete=True)
    (problem,) = get(key).problems
    assert problem["line"] == 0
    assert problem["text"].startswith("CHL ratification")
    assert problem["message"].startswith("Without what this list lacks, the ratification of 16 December 2010 would no")


def test_a_file_that_is_no_list_is_refused(app: Flask) -> None:
    with pytest.raises(RuleViolation) as refused:
        preview("", heading="colour\nred\n")
    assert "csv" in refused.value.errors
    assert db.session.scalars(select(ActImport)).all() == []


def test_the_depositarys_table_is_never_the_whole_register(app: Flask) -> None:
    with pytest.raises(RuleViolation) as refused:
        preview("Bhutan,,5 Oct 2026 a\n", heading="Participant,Signature,Ratification\n", complete=True)
    assert "complete" in refused.value.errors


def test_only_those_who_may_import_do_and_see(app: Flask) -> None:
    key = preview(ACCESSION)
    for verb in (service.commit_import, service.undo_import):
        with pytest.raises(NotAllowed):
            verb(actor=READER, import_id=key)
    with pytest.raises(NotAllowed):
        service.preview_import(actor=READER, csv=b"", source_name="x")
    with pytest.raises(NotAllowed):
        queries.imports(READER)
    db.session.rollback()
    db.session.expunge_all()
    with looking_as(READER):
        assert db.session.scalars(select(ActImport)).all() == []
        assert db.session.scalars(select(ActImportChange)).all() == []
    with looking_as(IMPORTER):
        assert [one.id for one in queries.imports(IMPORTER)] == [key]
        with pytest.raises(NotFound):
            queries.act_import(IMPORTER, uuid.uuid4())


def test_the_audit_says_who_did_it_in_the_same_transaction(app: Flask) -> None:
    key = preview(ACCESSION)
    commit(key)
    undo(key)
    db.session.rollback()
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "act_import"))
    entries = sorted(found, key=lambda one: one.at)
    assert [(one.event, one.actor_name, one.subject_id) for one in entries] == [
        ("acts_imported", "Keiko Mori", str(key)),
        ("acts_import_undone", "Keiko Mori", str(key)),
    ]
    assert entries[0].details["added"] == 1


def test_a_handler_that_fails_takes_everything_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_event: object) -> None:
        raise RuntimeError("no")

    key, before = preview(ACCESSION), on_file()
    monkeypatch.setitem(app.extensions["events"], InstrumentDeposited, [fail])
    with pytest.raises(RuntimeError):
        commit(key)
    assert on_file() == before
    assert get(key).phase == "preview"
    assert register().status("BTN", TODAY) is Status.NON_SIGNATORY


def test_handlers_see_the_new_register(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Status | None] = []
    handler = lambda told: seen.append(register().status(told.state_iso3, TODAY))  # noqa: E731
    monkeypatch.setitem(app.extensions["events"], InstrumentDeposited, [handler])
    commit(preview(ACCESSION))
    assert seen == [Status.STATE_PARTY]


def test_a_commit_costs_a_constant_number_of_statements(app: Flask) -> None:
    counts = []
    for rows in (
        "BTN,accession,2026-10-05\n",
        "NPL,accession,2026-10-05\nTON,accession,2026-10-05\nSUR,accession,2026-10-05\n",
    ):
        key = preview(rows)
        with recorded() as seen:
            commit(key)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 14
