"""The audit in words: what people call a fact, and how its value reads.

What a value means stands on higher floors (States, roles, kinds of activity); the wiring tells it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app

from crm.audit.vocabulary import CHANGED, VOCABULARY, Event
from crm.core.access import HANDLING_LABELS
from crm.core.display import day, moment
from crm.core.visibility import ATTRIBUTION_LABELS

Reader = Callable[[str], str]
"""A code in words; what it does not know it gives back as it is."""

UNKNOWN = "An event that this version does not know"
UNNAMED = "Somebody of another party"
NOTHING = "nothing"
HIDDEN = frozenset({CHANGED, "files", "words_sha256"})
"""Facts that are not for reading in a line: shown elsewhere, or fingerprints for a machine to compare."""

OF_ANY_RECORD = frozenset(
    {Event.RECORD_OPENED, Event.RECORD_EXPORTED, Event.LIST_EXPORTED, Event.DENIED, Event.VALUES_ERASED}
)
"""Events that happen to records of every kind, and so do not say of which."""

TABLES: Mapping[str, str] = {
    "accounts": "accounts",
    "activities": "activities",
    "audit": "the audit",
    "follow_ups": "follow-ups",
    "instructions": "instructions",
    "letter_campaigns": "letter campaigns",
    "offices": "people in office",
    "outbox": "the outbox",
    "people": "people met",
    "silences": "silences of States",
    "plans": "States in plans",
    "state_brief": "brief of a State",
    "waiting": "what waits for an answer",
    "treaty_acts": "the acts on file",
}
"""What is taken out as a whole and is no single record: what people call it."""

NAMES: Mapping[str, str] = {
    "among": "States",
    "administers_party": "administers the party",
    "asked_for": "address",
    "by_hand": "written down by hand",
    "by_button": "by the button of a mail, without signing in",
    "due_at": "due",
    "due_on": "due",
    "from_on": "from",
    "handling_then": "handling",
    "held_on": "held on",
    "iso3": "State",
    "owner": "owner",
    "parties": "parties told",
    "owner_id": "owner",
    "reason": "because",
    "rows": "rows",
    "sha256": "SHA-256",
    "sessions_ended": "sessions ended",
    "source_name": "list",
    "state": "State",
    "state_iso3": "State",
    "until_on": "until",
    "wanted": "asked for",
    "country_iso3": "country",
    "name_en": "English name",
    "name_fr": "French name",
    "title_en": "English title",
    "title_fr": "French title",
    "title_es": "Spanish title",
}
"""What people call a fact or a field; one that is not here reads as it is spelt, with spaces."""

READ_AS: Mapping[str, str] = {
    "state": "state",
    "among": "state",
    "state_iso3": "state",
    "country_iso3": "state",
    "roles": "role",
    "handling": "handling",
    "handling_then": "handling",
    "wanted": "handling",
    "attribution": "attribution",
    "reason": "denied",
    "asked_for": "address",
    "format": "format",
}
"""By name of a fact: the table of words that its value is read with."""

READ_OTHERWISE: Mapping[tuple[str, str], str] = {
    (Event.ACTIVITY_RECORDED, "kind"): "activity_kind",
    (Event.ACTIVITY_PLANNED, "kind"): "activity_kind",
    (Event.ACTIVITY_CORRECTED, "kind"): "activity_kind",
    (Event.ACTIVITY_MOVED_ON, "kind"): "activity_kind",
    (Event.ACTIVITY_WITHDRAWN, "kind"): "activity_kind",
    (Event.APPOINTMENT_ARRANGED, "kind"): "activity_kind",
    (Event.APPOINTMENT_CALLED_OFF, "kind"): "activity_kind",
    (Event.APPOINTMENT_ANSWERED, "kind"): "activity_kind",
    (Event.ANSWER_AWAITED, "kind"): "activity_kind",
    (Event.ANSWER_RECEIPT, "kind"): "activity_kind",
    (Event.ANSWER_CAME, "kind"): "activity_kind",
    (Event.ANSWER_UNEXPECTED, "kind"): "activity_kind",
    (Event.COMMENT_CHANGED, "kind"): "activity_kind",
    (Event.HANDLING_CHANGED, "before"): "handling",
    (Event.HANDLING_CHANGED, "after"): "handling",
    (Event.ATTRIBUTION_CHANGED, "before"): "attribution",
    (Event.ATTRIBUTION_CHANGED, "after"): "attribution",
    (Event.HOLDER_RECORDED, "kind"): "office_kind",
    (Event.HOLDER_CORRECTED, "kind"): "office_kind",
    (Event.HOLDER_TERM_ENDED, "kind"): "office_kind",
    (Event.HOLDER_VERIFIED, "kind"): "office_kind",
    (Event.OFFICE_TITLED, "kind"): "office_kind",
    (Event.FACTOR_ADDED, "kind"): "factor_kind",
    (Event.FACTOR_REMOVED, "kind"): "factor_kind",
    (Event.PARTY_OPENED, "kind"): "party_kind",
    (Event.MISSION_ACCREDITED, "kind"): "accreditation_kind",
    (Event.VALUES_ERASED, "reference"): "",
}
"""Where one name means two things: event and fact → table."""

NOT_VISIBLE, NOT_OPEN, NOT_OURS = "not_visible", "not_open", "not_ours"
DENIED = {
    NOT_VISIBLE: "the record is not open to them",
    NOT_OPEN: "the function is not open to them",
    NOT_OURS: "the request did not come from a fresh page of ours",
}
GROUPS: Mapping[str, str] = {
    word: group
    for group, of_events in (
        ("Activities", "activity answer appointment comment round attachment"),
        ("Follow-ups", "followup cadence plan"),
        ("Instructions", "instruction material"),
        ("Letters", "campaign letter"),
        ("People and offices", "holder office person people merge stance post"),
        ("Meetings and acts", "meeting meetings presidency coordinator acts"),
        ("Spreadsheets", "spreadsheet"),
        ("Who may see what", "handling attribution wider state reader written emergency"),
        ("Reading and refusals", "record list brief denied values"),
        ("Missions", "mission accreditation posted"),
        ("Accounts", "account party invitation password"),
        ("Signing in", "provider signed sign session factor factors recovery token"),
        ("Mail, calendar and sample", "waiting capture mail calendar sample backup"),
    )
    for word in of_events.split()
}
"""The first word of an event → under what it stands in a list, in the order of the list."""

_PART = re.compile("<[^>]*>")
FORMATS = {"pdf": "PDF", "docx": "Word", "zip": "ZIP", "csv": "CSV"}


def connect(app: Flask, readers: Mapping[str, Reader]) -> None:
    """Set the tables of words that stand on higher floors: name of the table → how a code reads."""
    own: dict[str, Reader] = {
        "handling": lambda code: HANDLING_LABELS.get(code, code),
        "attribution": lambda code: ATTRIBUTION_LABELS.get(code, code),
        "denied": lambda code: DENIED.get(code, code),
        "address": _address,
        "format": lambda code: FORMATS.get(code, code.upper()),
    }
    app.extensions["audit_words"] = {**own, **readers}


def _address(asked_for: str) -> str:
    """What was asked for, method and rule of a route, as people know addresses."""
    method, _, rule = asked_for.partition(" ")
    address = _PART.sub("…", rule)
    return address if method in ("GET", "HEAD") else f"{address}, to change something"


def event_label(event: str) -> str:
    """What people call an event; one of another version is said to be that."""
    try:
        return VOCABULARY[Event(event)].label
    except (ValueError, KeyError):
        return UNKNOWN


def group_of(event: Event) -> str:
    """Under what an event stands in a list."""
    return GROUPS[event.value.partition("_")[0]]


def name_of(fact: str) -> str:
    """What people call a fact or a field."""
    return NAMES.get(fact) or fact.replace("_", " ")


def value_of(event: str, fact: str, value: Any) -> str:
    """A value in words: days and moments as people say them, codes by their labels."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(value_of(event, fact, one) for one in value) or NOTHING
    if isinstance(value, dict):
        return ", ".join(f"{key} {value_of(event, fact, one)}" for key, one in value.items())
    text = str(value)
    table = READ_OTHERWISE.get((event, fact), READ_AS.get(fact, ""))
    if table:
        readers: Mapping[str, Reader] = current_app.extensions["audit_words"]
        return readers[table](text) if table in readers else text
    return _time(text) or text


def _time(text: str) -> str | None:
    """An ISO day or moment as people say it; None for what is neither."""
    if len(text) < 10 or text[4:5] != "-" or text[7:8] != "-":
        return None
    try:
        return day(date.fromisoformat(text)) if len(text) == 10 else moment(_aware(text))
    except ValueError:
        return None


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no zone")
    return found
