"""The closed vocabulary of the audit: every event, what people call it, and the facts it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_Facts = Mapping[str, type | tuple[type, ...]]


class Event(StrEnum):
    """Every event that can be written down."""

    ACTIVITY_RECORDED = "activity_recorded"
    ATTACHMENT_ADDED = "attachment_added"
    ATTACHMENT_REMOVED = "attachment_removed"
    ATTACHMENT_READ = "attachment_read"
    FOLLOWUP_OPENED = "followup_opened"
    FOLLOWUP_DONE = "followup_done"
    FOLLOWUP_REOPENED = "followup_reopened"
    FOLLOWUP_CANCELLED = "followup_cancelled"
    FOLLOWUP_MOVED = "followup_moved"
    FOLLOWUP_REASSIGNED = "followup_reassigned"
    CAMPAIGN_PLANNED = "campaign_planned"
    CAMPAIGN_STOPPED = "campaign_stopped"
    CAMPAIGN_RESUMED = "campaign_resumed"
    LETTER_DRAFTED = "letter_drafted"
    LETTER_BLOCKED = "letter_blocked"
    LETTER_RETRIED = "letter_retried"
    HOLDER_RECORDED = "holder_recorded"
    HOLDER_CORRECTED = "holder_corrected"
    HOLDER_TERM_ENDED = "holder_term_ended"
    HOLDER_VERIFIED = "holder_verified"
    OFFICE_TITLED = "office_titled"
    MEETING_RECORDED = "meeting_recorded"
    MEETING_CORRECTED = "meeting_corrected"
    MEETINGS_LOADED = "meetings_loaded"
    PRESIDENCY_RECORDED = "presidency_recorded"
    PRESIDENCY_CORRECTED = "presidency_corrected"
    COORDINATOR_RECORDED = "coordinator_recorded"
    COORDINATOR_CORRECTED = "coordinator_corrected"
    ACTS_IMPORTED = "acts_imported"
    ACTS_IMPORT_UNDONE = "acts_import_undone"
    ACCOUNT_OPENED = "account_opened"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_REOPENED = "account_reopened"
    PASSWORD_CHANGED = "password_changed"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_FAILED = "sign_in_failed"
    SESSION_ENDED = "session_ended"
    TOKEN_ISSUED = "token_issued"
    TOKEN_REVOKED = "token_revoked"
    CALENDAR_FEED_MADE = "calendar_feed_made"
    CALENDAR_FEED_ENDED = "calendar_feed_ended"
    SAMPLE_LOADED = "sample_loaded"
    SAMPLE_REMOVED = "sample_removed"
    MAIL_RETRIED = "mail_retried"


@dataclass(frozen=True)
class Entry:
    """One word of the vocabulary: what people call the event, and the facts it may carry, by name."""

    label: str
    facts: _Facts


_DAY = (str, type(None))
_HOLDER: _Facts = {"state": str, "kind": str, "from_on": str, "until_on": _DAY}
_ATTACHMENT: _Facts = {"attachment": str, "media_type": str, "size": int, "sha256": str}
_ACTS: _Facts = {"source_name": str, "sha256": str, "added": int, "changed": int, "removed": int}

VOCABULARY: Mapping[Event, Entry] = {
    Event.ACTIVITY_RECORDED: Entry("Activity recorded", {"kind": str, "state": str, "held_on": str}),
    Event.ATTACHMENT_ADDED: Entry("File added to an activity", _ATTACHMENT),
    Event.ATTACHMENT_REMOVED: Entry("File taken away from an activity", _ATTACHMENT),
    Event.ATTACHMENT_READ: Entry("File of another party downloaded", _ATTACHMENT),
    Event.FOLLOWUP_OPENED: Entry("Follow-up opened", {"state": str, "due_on": str}),
    Event.FOLLOWUP_DONE: Entry("Follow-up done", {}),
    Event.FOLLOWUP_REOPENED: Entry("Follow-up opened again", {}),
    Event.FOLLOWUP_CANCELLED: Entry("Follow-up cancelled", {}),
    Event.FOLLOWUP_MOVED: Entry("Follow-up moved", {"due_on": str}),
    Event.FOLLOWUP_REASSIGNED: Entry("Follow-up given to somebody else", {"owner": str}),
    Event.CAMPAIGN_PLANNED: Entry("Letter campaign planned", {"letters": int, "letter_date": str}),
    Event.CAMPAIGN_STOPPED: Entry("Letter campaign stopped", {"letters": int}),
    Event.CAMPAIGN_RESUMED: Entry("Letter campaign resumed", {"letters": int}),
    Event.LETTER_DRAFTED: Entry("Letter drafted", {"reference": str, "state": str}),
    Event.LETTER_BLOCKED: Entry("Letter blocked", {"reference": str, "state": str}),
    Event.LETTER_RETRIED: Entry("Letter drafted anew", {"letters": int}),
    Event.HOLDER_RECORDED: Entry("Office-holder recorded", {**_HOLDER, "gender": str, "acting": bool}),
    Event.HOLDER_CORRECTED: Entry("Office-holder corrected", {**_HOLDER, "changed": list}),
    Event.HOLDER_TERM_ENDED: Entry("Office-holder left office", _HOLDER),
    Event.HOLDER_VERIFIED: Entry("Office-holder verified", {**_HOLDER, "verified_on": str}),
    Event.OFFICE_TITLED: Entry("Titles of an office set", {"state": str, "kind": str, "changed": list}),
    Event.MEETING_RECORDED: Entry("Meeting recorded", {"key": str, "from_on": str}),
    Event.MEETING_CORRECTED: Entry("Meeting corrected", {"key": str, "changed": list}),
    Event.MEETINGS_LOADED: Entry("Meetings loaded", {"rows": int}),
    Event.PRESIDENCY_RECORDED: Entry("Presidency recorded", {"meeting": str, "state": str}),
    Event.PRESIDENCY_CORRECTED: Entry("Presidency corrected", {"meeting": str, "changed": list}),
    Event.COORDINATOR_RECORDED: Entry("Coordinator recorded", {"state": str, "from_on": str}),
    Event.COORDINATOR_CORRECTED: Entry("Coordinator corrected", {"state": str, "changed": list}),
    Event.ACTS_IMPORTED: Entry("Acts imported", _ACTS),
    Event.ACTS_IMPORT_UNDONE: Entry("Import of acts undone", _ACTS),
    Event.ACCOUNT_OPENED: Entry("Account opened", {"roles": list}),
    Event.ACCOUNT_CLOSED: Entry("Account closed", {"sessions_ended": int}),
    Event.ACCOUNT_REOPENED: Entry("Account opened again", {}),
    Event.PASSWORD_CHANGED: Entry("Password changed", {"sessions_ended": int}),
    Event.SIGNED_IN: Entry("Signed in", {"device": str}),
    Event.SIGNED_OUT: Entry("Signed out", {}),
    Event.SIGN_IN_FAILED: Entry("Sign-in failed", {}),
    Event.SESSION_ENDED: Entry("Session ended", {"sessions_ended": int}),
    Event.TOKEN_ISSUED: Entry("Token issued", {"label": str}),
    Event.TOKEN_REVOKED: Entry("Token revoked", {}),
    Event.CALENDAR_FEED_MADE: Entry("Calendar feed made", {"detail": str}),
    Event.CALENDAR_FEED_ENDED: Entry("Calendar feed ended", {"feeds": int}),
    Event.SAMPLE_LOADED: Entry("Sample campaign put in", {}),
    Event.SAMPLE_REMOVED: Entry("Sample campaign taken away", {"removed": int}),
    Event.MAIL_RETRIED: Entry("Mail sent again", {"attempts": int}),
}


def check_facts(event: Event, facts: Mapping[str, Any]) -> None:
    """Raise ValueError unless these are exactly the facts of the event, each of its kind.

    A fact that is new belongs into the vocabulary first: whoever reads the audit must know what to expect.
    """
    wanted = VOCABULARY[event].facts
    if facts.keys() != wanted.keys():
        raise ValueError(f"{event.value} carries {sorted(wanted)}, not {sorted(facts)}")
    wrong = [name for name, value in facts.items() if not isinstance(value, wanted[name])]
    if wrong:
        raise ValueError(f"{event.value}: {', '.join(wrong)} of the wrong kind")
