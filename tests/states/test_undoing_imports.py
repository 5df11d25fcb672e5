"""An import is taken back, and what stands in the way of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from crm.core.errors import RuleViolation, Stale
from crm.states.queries import register
from crm.states.rules import Status
from tests.states.importing import ACCESSION, TODAY, commit, on_file, preview, undo


def test_a_stale_preview_is_not_committed(app: Flask) -> None:
    first, second = preview(ACCESSION), preview("NPL,accession,2026-10-06\n")
    commit(first)
    with pytest.raises(Stale):
        commit(second)
    assert register().status("NPL", TODAY) is Status.NON_SIGNATORY


def test_twice_is_refused(app: Flask, heard: list[Any]) -> None:
    key = preview(ACCESSION)
    with pytest.raises(RuleViolation, match="Only a committed import"):
        undo(key)
    commit(key)
    with pytest.raises(RuleViolation, match="committed already"):
        commit(key)
    undo(key)
    with pytest.raises(RuleViolation, match="Only a committed import"):
        undo(key)
    with pytest.raises(RuleViolation, match="undone already"):
        commit(key)
    assert len(heard) == 1


def test_undo_is_refused_when_a_later_import_touched_the_same_act(app: Flask) -> None:
    before = on_file()
    first = preview(ACCESSION)
    commit(first)
    second = preview("BTN,accession,2026-10-07\n")
    commit(second)
    with pytest.raises(RuleViolation, match="Undo that first"):
        undo(first)
    undo(second)
    undo(first)
    assert on_file() == before


def test_undo_is_refused_when_a_later_act_rests_on_it(app: Flask) -> None:
    first = preview(ACCESSION)
    commit(first)
    second = preview("BTN,withdrawal,2026-11-01\n")
    commit(second)
    with pytest.raises(RuleViolation, match="no consent to be bound"):
        undo(first)
    undo(second)
    undo(first)


def test_other_imports_do_not_stand_in_the_way_of_undo(app: Flask) -> None:
    first = preview(ACCESSION)
    commit(first)
    second = preview("NPL,accession,2026-10-06\n")
    commit(second)
    undo(first)
    assert register().status("BTN", TODAY) is Status.NON_SIGNATORY
    assert register().status("NPL", TODAY) is Status.STATE_PARTY
