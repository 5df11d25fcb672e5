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
    PARTY_OPENED = "party_opened"
    PARTY_ADMINISTRATION_GIVEN = "party_administration_given"
    PARTY_ADMINISTRATION_TAKEN = "party_administration_taken"
    INVITATION_SENT = "invitation_sent"
    INVITATION_REPEATED = "invitation_repeated"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    INVITATION_ACCEPTED = "invitation_accepted"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_LINK_SENT = "password_link_sent"
    PROVIDER_BOUND = "provider_bound"
    PROVIDER_SIGNED_IN = "provider_signed_in"
    PROVIDER_REFUSED = "provider_refused"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_FAILED = "sign_in_failed"
    SESSION_ENDED = "session_ended"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    FACTORS_RESET = "factors_reset"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    TOKEN_ISSUED = "token_issued"
    TOKEN_REVOKED = "token_revoked"
    MISSION_OPENED = "mission_opened"
    MISSION_CLOSED = "mission_closed"
    MISSION_ACCREDITED = "mission_accredited"
    ACCREDITATION_ENDED = "accreditation_ended"
    POSTED = "posted"
    STATE_RESTRICTED = "state_restricted"
    STATE_RELEASED = "state_released"
    READER_NAMED = "reader_named"
    READER_STRUCK = "reader_struck"
    EMERGENCY_BEGUN = "emergency_begun"
    EMERGENCY_TOLD_LATE = "emergency_told_late"
    EMERGENCY_ENDED = "emergency_ended"
    HANDLING_CHANGED = "handling_changed"
    WIDER_HANDLING_ASKED = "wider_handling_asked"
    WIDER_HANDLING_ANSWERED = "wider_handling_answered"
    CALENDAR_FEED_MADE = "calendar_feed_made"
    CALENDAR_FEED_ENDED = "calendar_feed_ended"
    SAMPLE_LOADED = "sample_loaded"
    SAMPLE_REMOVED = "sample_removed"
    MAIL_RETRIED = "mail_retried"
    RECORD_OPENED = "record_opened"
    RECORD_EXPORTED = "record_exported"
    DENIED = "denied"
    VALUES_ERASED = "values_erased"


@dataclass(frozen=True)
class Entry:
    """One word of the vocabulary: what people call the event, and the facts it may carry, by name."""

    label: str
    facts: _Facts


_DAY = (str, type(None))
STATE = "state"
"""The fact that says which State an entry is about, several with spaces between them; None where it is about none.

Whoever is not named for a restricted State reads no entry that carries it.
"""

_OF_A_STATE: _Facts = {STATE: (str, type(None))}
CHANGED = "changed"
"""The fact that names the fields of a change; their values stand apart, where they can be erased."""

_LETTER: _Facts = {"reference": str, "state": str}
_HOLDER: _Facts = {"state": str, "kind": str, "from_on": str, "until_on": _DAY}
_ATTACHMENT: _Facts = {**_OF_A_STATE, "attachment": str, "media_type": str, "size": int, "sha256": str}
_ACTS: _Facts = {"source_name": str, "sha256": str, "added": int, "changed": int, "removed": int}

VOCABULARY: Mapping[Event, Entry] = {
    Event.ACTIVITY_RECORDED: Entry("Activity recorded", {"kind": str, "state": str, "held_on": str}),
    Event.ATTACHMENT_ADDED: Entry("File added to an activity", _ATTACHMENT),
    Event.ATTACHMENT_REMOVED: Entry("File taken away from an activity", _ATTACHMENT),
    Event.FOLLOWUP_OPENED: Entry("Follow-up opened", {"state": str, "due_on": str}),
    Event.FOLLOWUP_DONE: Entry("Follow-up done", _OF_A_STATE),
    Event.FOLLOWUP_REOPENED: Entry("Follow-up opened again", _OF_A_STATE),
    Event.FOLLOWUP_CANCELLED: Entry("Follow-up cancelled", _OF_A_STATE),
    Event.FOLLOWUP_MOVED: Entry("Follow-up moved", {**_OF_A_STATE, CHANGED: list}),
    Event.FOLLOWUP_REASSIGNED: Entry("Follow-up given to somebody else", {**_OF_A_STATE, CHANGED: list}),
    Event.CAMPAIGN_PLANNED: Entry("Letter campaign planned", {"letters": int, "letter_date": str}),
    Event.CAMPAIGN_STOPPED: Entry("Letter campaign stopped", {"letters": int}),
    Event.CAMPAIGN_RESUMED: Entry("Letter campaign resumed", {"letters": int}),
    Event.LETTER_DRAFTED: Entry("Letter drafted", {**_LETTER, "words_sha256": str, "files": dict}),
    Event.LETTER_BLOCKED: Entry("Letter blocked", _LETTER),
    Event.LETTER_RETRIED: Entry("Letter drafted anew", {"letters": int}),
    Event.HOLDER_RECORDED: Entry("Office-holder recorded", {**_HOLDER, "gender": str, "acting": bool}),
    Event.HOLDER_CORRECTED: Entry("Office-holder corrected", {**_HOLDER, CHANGED: list}),
    Event.HOLDER_TERM_ENDED: Entry("Office-holder left office", _HOLDER),
    Event.HOLDER_VERIFIED: Entry("Office-holder verified", {**_HOLDER, "verified_on": str}),
    Event.OFFICE_TITLED: Entry("Titles of an office set", {"state": str, "kind": str, CHANGED: list}),
    Event.MEETING_RECORDED: Entry("Meeting recorded", {"key": str, "from_on": str}),
    Event.MEETING_CORRECTED: Entry("Meeting corrected", {"key": str, CHANGED: list}),
    Event.MEETINGS_LOADED: Entry("Meetings loaded", {"rows": int}),
    Event.PRESIDENCY_RECORDED: Entry("Presidency recorded", {"meeting": str, "state": str}),
    Event.PRESIDENCY_CORRECTED: Entry("Presidency corrected", {"meeting": str, "state": str, CHANGED: list}),
    Event.COORDINATOR_RECORDED: Entry("Coordinator recorded", {"state": str, "from_on": str}),
    Event.COORDINATOR_CORRECTED: Entry("Coordinator corrected", {"state": str, CHANGED: list}),
    Event.ACTS_IMPORTED: Entry("Acts imported", _ACTS),
    Event.ACTS_IMPORT_UNDONE: Entry("Import of acts undone", _ACTS),
    Event.ACCOUNT_OPENED: Entry("Account opened", {"roles": list}),
    Event.ACCOUNT_CLOSED: Entry("Account closed", {"sessions_ended": int}),
    Event.ACCOUNT_REOPENED: Entry("Account opened again", {}),
    Event.PARTY_OPENED: Entry("Party added", {"name": str, "kind": str}),
    Event.PARTY_ADMINISTRATION_GIVEN: Entry("Made administrator of their party", {}),
    Event.PARTY_ADMINISTRATION_TAKEN: Entry("No longer administrator of their party", {}),
    Event.INVITATION_SENT: Entry("Invitation sent", {"roles": list, "administers_party": bool}),
    Event.INVITATION_REPEATED: Entry("Invitation sent again", {}),
    Event.INVITATION_WITHDRAWN: Entry("Invitation withdrawn", {}),
    Event.INVITATION_ACCEPTED: Entry("Invitation accepted", {}),
    Event.PASSWORD_LINK_SENT: Entry("Link for a new password sent", {}),
    Event.PROVIDER_BOUND: Entry("Single sign-on bound to an account", {"issuer": str}),
    Event.PROVIDER_SIGNED_IN: Entry("Let in by single sign-on", {"issuer": str, "factor": bool}),
    Event.PROVIDER_REFUSED: Entry("Single sign-on refused", {"why": str}),
    Event.PASSWORD_CHANGED: Entry("Password changed", {"sessions_ended": int}),
    Event.SIGNED_IN: Entry("Signed in", {"device": str}),
    Event.SIGNED_OUT: Entry("Signed out", {}),
    Event.SIGN_IN_FAILED: Entry("Sign-in failed", {}),
    Event.SESSION_ENDED: Entry("Session ended", {"sessions_ended": int}),
    Event.FACTOR_ADDED: Entry("Second factor added", {"kind": str}),
    Event.FACTOR_REMOVED: Entry("Second factor removed", {"kind": str}),
    Event.FACTORS_RESET: Entry("Second factors reset", {"factors": int, "sessions_ended": int}),
    Event.RECOVERY_CODES_MADE: Entry("Recovery codes made", {"codes": int}),
    Event.RECOVERY_CODE_USED: Entry("Recovery code used", {"left": int}),
    Event.TOKEN_ISSUED: Entry("Token issued", {"label": str}),
    Event.TOKEN_REVOKED: Entry("Token revoked", {}),
    Event.MISSION_OPENED: Entry("Mission opened", {"name": str, "every_state": bool}),
    Event.MISSION_CLOSED: Entry("Mission closed", {}),
    Event.MISSION_ACCREDITED: Entry("Mission accredited", {"state": str, "kind": str, "from_on": str}),
    Event.ACCREDITATION_ENDED: Entry("Accreditation ended", {"state": str, "until_on": str}),
    Event.POSTED: Entry("Posted to a mission", {"before": str, "after": str}),
    Event.STATE_RESTRICTED: Entry("State restricted to named people", {"state": str}),
    Event.STATE_RELEASED: Entry("Restriction of a State lifted", {"state": str}),
    Event.READER_NAMED: Entry("Named for a restricted State", {"state": str, "person": str}),
    Event.READER_STRUCK: Entry("No longer named for a restricted State", {"state": str, "person": str}),
    Event.EMERGENCY_BEGUN: Entry("Records opened in an emergency", {"state": str, "until": str, "parties": int}),
    Event.EMERGENCY_TOLD_LATE: Entry("Told of an emergency while it lasts", {"state": str, "parties": int}),
    Event.EMERGENCY_ENDED: Entry("Emergency access ended", {"state": str}),
    Event.HANDLING_CHANGED: Entry("Who may see it was changed", {**_OF_A_STATE, "before": str, "after": str}),
    Event.WIDER_HANDLING_ASKED: Entry("Wider handling asked for", {**_OF_A_STATE, "wanted": str}),
    Event.WIDER_HANDLING_ANSWERED: Entry("Answer to wider handling", {**_OF_A_STATE, "wanted": str, "granted": bool}),
    Event.CALENDAR_FEED_MADE: Entry("Calendar feed made", {"detail": str}),
    Event.CALENDAR_FEED_ENDED: Entry("Calendar feed ended", {"feeds": int}),
    Event.SAMPLE_LOADED: Entry("Sample campaign put in", {}),
    Event.SAMPLE_REMOVED: Entry("Sample campaign taken away", {"removed": int}),
    Event.MAIL_RETRIED: Entry("Mail sent again", {"attempts": int}),
    Event.RECORD_OPENED: Entry("Record of another party opened", {**_OF_A_STATE, "handling_then": str}),
    Event.RECORD_EXPORTED: Entry("Taken out as a file", {**_OF_A_STATE, "format": str, "sha256": str}),
    Event.DENIED: Entry("Denied", {**_OF_A_STATE, "asked_for": str, "reason": str, "tries": int}),
    Event.VALUES_ERASED: Entry("Values erased from the audit", {**_OF_A_STATE, "entries": int, "reference": str}),
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
