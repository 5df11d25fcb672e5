"""What the audit knows of records: whatever may be about a State names it in its entries."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Table

from crm.audit.subjects import Subject
from crm.audit.vocabulary import STATE, VOCABULARY, Event
from crm.core.access import PublicFact
from crm.core.db import Base

OWNERS = {"party", "user_account", "mission"}
"""Whose a record is says nothing of what it is about."""

OF_ANY_KIND = {"record_id", "subject_id"}
"""Columns that hold the key of a record of whatever kind."""

ABOUT_NONE = {
    "letter_campaign": "its letters name their States, and leave restricted ones out",
    "act_import": "what a State did under a treaty everybody reads",
    "outbox_mail": "its entries tell whoever keeps the accounts that it was sent, and nothing of what",
    "plan": "each State in which it runs is a record of its own; restricted ones are left out",
    "plan_start": "the same",
    "capture_address": "it is a party's, whatever comes there",
}
"""Kinds that lie beside records about States and are about none, each with the reason."""


def _keys(table: Table) -> set[str]:
    return {key.column.table.name for key in table.foreign_keys}


def _near_a_state(table: Table, concerned: set[str]) -> bool:
    """Whether a row may be about a State: it names one, is a part of or came out of what is about one, or gathers
    rows that are.
    """
    if OF_ANY_KIND & set(table.columns.keys()):
        return True
    parts = [one for one in Base.metadata.tables.values() if table.name in _keys(one) and one.name not in OWNERS]
    return any(one.name in concerned or _keys(one) & (concerned - OWNERS) for one in (table, *parts))


def test_a_record_that_may_be_about_a_state_tells_it(app: Flask) -> None:
    """Otherwise its entries are told to whoever is not named for the State: give the new one `concerns`, and
    `gathers` where it holds several records of which each may be closed by itself.
    """
    known: list[Subject] = list(app.extensions["audit_subjects"].values())
    public = {one.local_table.description for one in Base.registry.mappers if issubclass(one.class_, PublicFact)}
    tables = {name: one for name, one in Base.metadata.tables.items() if name not in public | OWNERS}
    concerned = {name for name, one in tables.items() if "state" in _keys(one)}
    concerned |= {one.model.__table__.name for one in known if one.concerns}
    silent = {
        one.kind
        for one in known
        if not one.concerns and one.model.__table__.name in tables and _near_a_state(one.model.__table__, concerned)
    }
    assert silent == set(ABOUT_NONE)


def test_what_happens_to_any_record_can_name_its_state() -> None:
    for event in (Event.RECORD_OPENED, Event.RECORD_EXPORTED, Event.DENIED, Event.VALUES_ERASED):
        assert STATE in VOCABULARY[event].facts
