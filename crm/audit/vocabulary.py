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
    ACTIVITY_PLANNED = "activity_planned"
    ACTIVITY_CORRECTED = "activity_corrected"
    COMMENT_CHANGED = "comment_changed"
    ACTIVITY_MOVED_ON = "activity_moved_on"
    ACTIVITY_WITHDRAWN = "activity_withdrawn"
    APPOINTMENT_ARRANGED = "appointment_arranged"
    APPOINTMENT_CALLED_OFF = "appointment_called_off"
    APPOINTMENT_ANSWERED = "appointment_answered"
    ANSWER_AWAITED = "answer_awaited"
    ANSWER_RECEIPT = "answer_receipt"
    ANSWER_CAME = "answer_came"
    ANSWER_UNEXPECTED = "answer_unexpected"
    ROUND_RECORDED = "round_recorded"
    ROUND_UNDONE = "round_undone"
    ATTACHMENT_ADDED = "attachment_added"
    ATTACHMENT_REMOVED = "attachment_removed"
    FOLLOWUP_OPENED = "followup_opened"
    FOLLOWUP_DONE = "followup_done"
    FOLLOWUP_REOPENED = "followup_reopened"
    FOLLOWUP_CANCELLED = "followup_cancelled"
    FOLLOWUP_MOVED = "followup_moved"
    FOLLOWUP_REMINDED_LATER = "followup_reminded_later"
    FOLLOWUP_REASSIGNED = "followup_reassigned"
    FOLLOWUP_WITHDRAWN = "followup_withdrawn"
    CADENCE_SET = "cadence_set"
    CADENCE_ENDED = "cadence_ended"
    PLAN_KEPT = "plan_kept"
    PLAN_RETIRED = "plan_retired"
    PLAN_BEGUN = "plan_begun"
    PLAN_BEGUN_UNDONE = "plan_begun_undone"
    PLAN_HELD = "plan_held"
    PLAN_WENT_ON = "plan_went_on"
    PLAN_WENT_BACK = "plan_went_back"
    PLAN_FINISHED = "plan_finished"
    PLAN_ENDED = "plan_ended"
    INSTRUCTION_SENT = "instruction_sent"
    INSTRUCTION_AMENDED = "instruction_amended"
    INSTRUCTION_WITHDRAWN = "instruction_withdrawn"
    INSTRUCTION_NUDGED = "instruction_nudged"
    INSTRUCTION_NOTED = "instruction_noted"
    MATERIAL_ADDED = "material_added"
    MATERIAL_REMOVED = "material_removed"
    CAMPAIGN_PLANNED = "campaign_planned"
    CAMPAIGN_STOPPED = "campaign_stopped"
    CAMPAIGN_RESUMED = "campaign_resumed"
    LETTER_DRAFTED = "letter_drafted"
    LETTER_BLOCKED = "letter_blocked"
    LETTER_RETRIED = "letter_retried"
    LETTER_READDRESSED = "letter_readdressed"
    HOLDER_RECORDED = "holder_recorded"
    HOLDER_CORRECTED = "holder_corrected"
    HOLDER_TERM_ENDED = "holder_term_ended"
    HOLDER_VERIFIED = "holder_verified"
    OFFICE_TITLED = "office_titled"
    PERSON_RECORDED = "person_recorded"
    PERSON_CORRECTED = "person_corrected"
    PEOPLE_MERGED = "people_merged"
    MERGE_UNDONE = "merge_undone"
    STANCE_STATED = "stance_stated"
    POST_RECORDED = "post_recorded"
    POST_CORRECTED = "post_corrected"
    POST_FILLED = "post_filled"
    POST_LEFT = "post_left"
    MEETING_RECORDED = "meeting_recorded"
    MEETING_CORRECTED = "meeting_corrected"
    MEETINGS_LOADED = "meetings_loaded"
    PRESIDENCY_RECORDED = "presidency_recorded"
    PRESIDENCY_CORRECTED = "presidency_corrected"
    COORDINATOR_RECORDED = "coordinator_recorded"
    COORDINATOR_CORRECTED = "coordinator_corrected"
    ACTS_IMPORTED = "acts_imported"
    ACTS_IMPORT_UNDONE = "acts_import_undone"
    SPREADSHEET_SENT = "spreadsheet_sent"
    SPREADSHEET_BEGUN = "spreadsheet_begun"
    SPREADSHEET_STOPPED = "spreadsheet_stopped"
    SPREADSHEET_RESUMED = "spreadsheet_resumed"
    SPREADSHEET_ENDED = "spreadsheet_ended"
    SPREADSHEET_UNDONE = "spreadsheet_undone"
    ACCOUNT_OPENED = "account_opened"
    ACCOUNT_CHANGED = "account_changed"
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
    ACCREDITATION_CORRECTED = "accreditation_corrected"
    ACCREDITATION_TAKEN_BACK = "accreditation_taken_back"
    ACCREDITATION_ENDED = "accreditation_ended"
    POSTED = "posted"
    STATE_RESTRICTED = "state_restricted"
    STATE_RELEASED = "state_released"
    READER_NAMED = "reader_named"
    READER_STRUCK = "reader_struck"
    WRITTEN_UNSEEN = "written_unseen"
    EMERGENCY_BEGUN = "emergency_begun"
    EMERGENCY_TOLD_LATE = "emergency_told_late"
    EMERGENCY_ENDED = "emergency_ended"
    HANDLING_CHANGED = "handling_changed"
    ATTRIBUTION_CHANGED = "attribution_changed"
    WIDER_HANDLING_ASKED = "wider_handling_asked"
    WIDER_HANDLING_ANSWERED = "wider_handling_answered"
    WIDER_HANDLING_WITHDRAWN = "wider_handling_withdrawn"
    CALENDAR_FEED_MADE = "calendar_feed_made"
    CALENDAR_FEED_ENDED = "calendar_feed_ended"
    CAPTURE_ADDRESS_MADE = "capture_address_made"
    WAITING_MAIL_KEPT = "waiting_mail_kept"
    WAITING_MAIL_LOGGED = "waiting_mail_logged"
    WAITING_MAIL_THROWN = "waiting_mail_thrown"
    WAITING_MAIL_TAKEN_BACK = "waiting_mail_taken_back"
    SAMPLE_LOADED = "sample_loaded"
    SAMPLE_REMOVED = "sample_removed"
    MAIL_RETRIED = "mail_retried"
    MAIL_GIVEN_UP = "mail_given_up"
    MAIL_PAUSED = "mail_paused"
    MAIL_RESUMED = "mail_resumed"
    BACKUP_TAKEN = "backup_taken"
    BACKUP_RESTORED = "backup_restored"
    RECORD_OPENED = "record_opened"
    RECORD_EXPORTED = "record_exported"
    LIST_EXPORTED = "list_exported"
    BRIEF_EXPORTED = "brief_exported"
    DENIED = "denied"
    VALUES_ERASED = "values_erased"


@dataclass(frozen=True)
class Entry:
    """One word of the vocabulary: what people call the event, and the facts it may carry, by name."""

    label: str
    facts: _Facts


OF_PEOPLE = frozenset({Event.ACTIVITY_CORRECTED})
"""Events whose values may name the person met: to other parties only while the record is told of in full."""

_DAY = (str, type(None))
_COUNT = (int, type(None))
STATE = "state"
"""The fact that says which State an entry is about, several with spaces between them; None where it is about none.

Whoever is not named for a restricted State reads no entry that carries it.
"""

AMONG = "among"
"""The fact that stands in the place of `state` where the record gathers several, each about a State of its own: one
that is open opens the entry, and of the others the reader learns nothing.
"""

_OF_A_STATE: _Facts = {STATE: (str, type(None))}
_PLAN: _Facts = {**_OF_A_STATE, "step": int}
CHANGED = "changed"
"""The fact that names the fields of a change; their values stand apart, where they can be erased."""

_ACTIVITY: _Facts = {"kind": str, "state": str, "held_on": str}
_ROUND: _Facts = {**_OF_A_STATE, "held_on": str}
_LETTER: _Facts = {"reference": str, "state": str}
_HOLDER: _Facts = {"state": str, "kind": str, "from_on": str, "until_on": _DAY}
_ATTACHMENT: _Facts = {**_OF_A_STATE, "attachment": str, "media_type": str, "size": int, "sha256": str}
_MATERIAL: _Facts = {**_OF_A_STATE, "media_type": str, "size": int, "sha256": str}
_ROWS: _Facts = {**_OF_A_STATE, "rows": int}
_ACTS: _Facts = {"source_name": str, "sha256": str, "added": int, "changed": int, "removed": int}

VOCABULARY: Mapping[Event, Entry] = {
    Event.ACTIVITY_RECORDED: Entry("Activity recorded", _ACTIVITY),
    Event.ACTIVITY_PLANNED: Entry("Activity planned", _ACTIVITY),
    Event.ACTIVITY_CORRECTED: Entry("Activity corrected", {**_ACTIVITY, CHANGED: list}),
    Event.COMMENT_CHANGED: Entry("Officer’s comment changed", _ACTIVITY),
    Event.ACTIVITY_MOVED_ON: Entry("Activity went on", {**_ACTIVITY, CHANGED: list}),
    Event.ACTIVITY_WITHDRAWN: Entry("Activity undone", _ACTIVITY),
    Event.APPOINTMENT_ARRANGED: Entry("People invited to an activity", {**_ACTIVITY, "invited": int}),
    Event.APPOINTMENT_CALLED_OFF: Entry("Appointment called off", {**_ACTIVITY, "invited": int}),
    Event.APPOINTMENT_ANSWERED: Entry("Invitation answered", {**_ACTIVITY, "answer": str, "by_hand": bool}),
    Event.ANSWER_AWAITED: Entry("Answer awaited", _ACTIVITY),
    Event.ANSWER_RECEIPT: Entry("Receipt acknowledged by the State", _ACTIVITY),
    Event.ANSWER_CAME: Entry("Answer noted", _ACTIVITY),
    Event.ANSWER_UNEXPECTED: Entry("Answer no longer expected", _ACTIVITY),
    Event.ROUND_RECORDED: Entry("Round of short talks recorded", _ROUND),
    Event.ROUND_UNDONE: Entry("Round of short talks undone", _ROUND),
    Event.ATTACHMENT_ADDED: Entry("File added to an activity", _ATTACHMENT),
    Event.ATTACHMENT_REMOVED: Entry("File taken away from an activity", _ATTACHMENT),
    Event.FOLLOWUP_OPENED: Entry("Follow-up opened", {"state": str, "due_on": str}),
    Event.FOLLOWUP_DONE: Entry("Follow-up done", {**_OF_A_STATE, "by_button": bool}),
    Event.FOLLOWUP_REOPENED: Entry("Follow-up opened again", _OF_A_STATE),
    Event.FOLLOWUP_CANCELLED: Entry("Follow-up cancelled", _OF_A_STATE),
    Event.FOLLOWUP_REMINDED_LATER: Entry(
        "To be reminded of a follow-up later", {**_OF_A_STATE, "until": str, "by_button": bool}
    ),
    Event.FOLLOWUP_MOVED: Entry("Follow-up moved", {**_OF_A_STATE, CHANGED: list}),
    Event.FOLLOWUP_REASSIGNED: Entry("Follow-up given to somebody else", {**_OF_A_STATE, CHANGED: list}),
    Event.FOLLOWUP_WITHDRAWN: Entry("Follow-up undone with its activity", _OF_A_STATE),
    Event.CADENCE_SET: Entry("Cadence set", {**_OF_A_STATE, "about": str, "days": int}),
    Event.CADENCE_ENDED: Entry("Cadence ended", {**_OF_A_STATE, "about": str, "days": int}),
    Event.PLAN_KEPT: Entry("Plan kept", {"steps": int}),
    Event.PLAN_RETIRED: Entry("Plan begins nowhere any more", {}),
    Event.PLAN_BEGUN: Entry("Plan began in a State", _PLAN),
    Event.PLAN_BEGUN_UNDONE: Entry("Beginning of a plan taken back", {"states": int}),
    Event.PLAN_HELD: Entry("Plan stands still in a State", _PLAN),
    Event.PLAN_WENT_ON: Entry("Plan goes on in a State", _PLAN),
    Event.PLAN_WENT_BACK: Entry("Plan went back a step in a State", _PLAN),
    Event.PLAN_FINISHED: Entry("Plan is through in a State", _PLAN),
    Event.PLAN_ENDED: Entry("Plan ended in a State", _PLAN),
    Event.INSTRUCTION_SENT: Entry("Instruction sent to missions", {**_OF_A_STATE, "deliver_by": str, "report_by": str}),
    Event.INSTRUCTION_AMENDED: Entry("Instruction amended", {**_OF_A_STATE, CHANGED: list}),
    Event.INSTRUCTION_WITHDRAWN: Entry("Instruction withdrawn", _OF_A_STATE),
    Event.INSTRUCTION_NUDGED: Entry("Missions reminded of an instruction by hand", _OF_A_STATE),
    Event.INSTRUCTION_NOTED: Entry("Mission told how far an instruction is", {**_OF_A_STATE, "noted": str}),
    Event.MATERIAL_ADDED: Entry("File added to an instruction", _MATERIAL),
    Event.MATERIAL_REMOVED: Entry("File taken away from an instruction", _MATERIAL),
    Event.CAMPAIGN_PLANNED: Entry("Letter campaign planned", {"letters": int, "letter_date": str}),
    Event.CAMPAIGN_STOPPED: Entry("Letter campaign stopped", {"letters": int}),
    Event.CAMPAIGN_RESUMED: Entry("Letter campaign resumed", {"letters": int}),
    Event.LETTER_DRAFTED: Entry("Letter drafted", {**_LETTER, "words_sha256": str, "files": dict}),
    Event.LETTER_BLOCKED: Entry("Letter blocked", _LETTER),
    Event.LETTER_RETRIED: Entry("Letter drafted anew", {"letters": int}),
    Event.LETTER_READDRESSED: Entry("Letter to be drafted for another addressee", {**_LETTER, CHANGED: list}),
    Event.HOLDER_RECORDED: Entry("Office-holder recorded", {**_HOLDER, "gender": str, "acting": bool}),
    Event.HOLDER_CORRECTED: Entry("Office-holder corrected", {**_HOLDER, CHANGED: list}),
    Event.HOLDER_TERM_ENDED: Entry("Office-holder left office", _HOLDER),
    Event.HOLDER_VERIFIED: Entry("Office-holder verified", {**_HOLDER, "verified_on": str}),
    Event.PERSON_RECORDED: Entry("Person met recorded", _OF_A_STATE),
    Event.PERSON_CORRECTED: Entry("Person met corrected", {**_OF_A_STATE, CHANGED: list}),
    Event.PEOPLE_MERGED: Entry("Two records of a person merged", {**_OF_A_STATE, "gone": str}),
    Event.MERGE_UNDONE: Entry("Merging of two people undone", {**_OF_A_STATE, "gone": str}),
    Event.STANCE_STATED: Entry("What is thought of a person stated", _OF_A_STATE),
    Event.POST_RECORDED: Entry("Post recorded", _OF_A_STATE),
    Event.POST_CORRECTED: Entry("Post corrected", {**_OF_A_STATE, CHANGED: list}),
    Event.POST_FILLED: Entry("Holder of a post recorded", {**_OF_A_STATE, "from_on": str, "acting": bool}),
    Event.POST_LEFT: Entry("Holder of a post left", {**_OF_A_STATE, "until_on": str}),
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
    Event.SPREADSHEET_SENT: Entry("Spreadsheet sent in", {**_OF_A_STATE, "sha256": str, "size": int}),
    Event.SPREADSHEET_BEGUN: Entry("Import of a spreadsheet begun", _ROWS),
    Event.SPREADSHEET_STOPPED: Entry("Import of a spreadsheet stopped", _ROWS),
    Event.SPREADSHEET_RESUMED: Entry("Import of a spreadsheet resumed", _ROWS),
    Event.SPREADSHEET_ENDED: Entry("Spreadsheet imported", {**_ROWS, "failed": int}),
    Event.SPREADSHEET_UNDONE: Entry("Import of a spreadsheet undone", _ROWS),
    Event.ACCOUNT_OPENED: Entry("Account opened", {"roles": list, "administers_party": bool}),
    Event.ACCOUNT_CHANGED: Entry("Account changed", {CHANGED: list}),
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
    Event.SIGN_IN_FAILED: Entry("Sign-in failed", {"network": str, "tries": int, "addresses": int}),
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
    Event.ACCREDITATION_CORRECTED: Entry("Accreditation corrected", {"state": str, CHANGED: list}),
    Event.ACCREDITATION_TAKEN_BACK: Entry("Accreditation taken back", {"state": str, "from_on": str}),
    Event.ACCREDITATION_ENDED: Entry("Accreditation ended", {"state": str, "until_on": str}),
    Event.POSTED: Entry("Posted to a mission", {"before": str, "after": str}),
    Event.STATE_RESTRICTED: Entry("State restricted to named people", {"state": str}),
    Event.STATE_RELEASED: Entry("Restriction of a State lifted", {"state": str}),
    Event.READER_NAMED: Entry("Named for a restricted State", {"state": str, "person": str}),
    Event.READER_STRUCK: Entry("No longer named for a restricted State", {"state": str, "person": str}),
    Event.WRITTEN_UNSEEN: Entry("Somebody not named wrote about a restricted State", {"state": str}),
    Event.EMERGENCY_BEGUN: Entry("Records opened in an emergency", {"state": str, "until": str, "parties": _COUNT}),
    Event.EMERGENCY_TOLD_LATE: Entry("Told of an emergency while it lasts", {"state": str, "parties": _COUNT}),
    Event.EMERGENCY_ENDED: Entry("Emergency access ended", {"state": str}),
    Event.HANDLING_CHANGED: Entry("Who may see it was changed", {**_OF_A_STATE, "before": str, "after": str}),
    Event.ATTRIBUTION_CHANGED: Entry(
        "What others may know of the source was changed", {**_OF_A_STATE, "before": str, "after": str}
    ),
    Event.WIDER_HANDLING_ASKED: Entry("Wider handling asked for", {**_OF_A_STATE, "wanted": str}),
    Event.WIDER_HANDLING_ANSWERED: Entry("Answer to wider handling", {**_OF_A_STATE, "wanted": str, "granted": bool}),
    Event.WIDER_HANDLING_WITHDRAWN: Entry("Request for wider handling withdrawn", {**_OF_A_STATE, "wanted": str}),
    Event.CALENDAR_FEED_MADE: Entry("Calendar feed made", {"detail": str}),
    Event.CALENDAR_FEED_ENDED: Entry("Calendar feed ended", {"feeds": int}),
    Event.CAPTURE_ADDRESS_MADE: Entry("Address of the waiting room made", {"renewed": bool}),
    Event.WAITING_MAIL_KEPT: Entry("Mail came into the waiting room", {**_OF_A_STATE, "proven": bool, "files": int}),
    Event.WAITING_MAIL_LOGGED: Entry("Mail of the waiting room kept with an entry", {**_OF_A_STATE, "files": int}),
    Event.WAITING_MAIL_THROWN: Entry("Mail of the waiting room thrown away", _OF_A_STATE),
    Event.WAITING_MAIL_TAKEN_BACK: Entry("Mail taken back into the waiting room", _OF_A_STATE),
    Event.SAMPLE_LOADED: Entry("Sample campaign put in", {}),
    Event.SAMPLE_REMOVED: Entry("Sample campaign taken away", {"removed": int}),
    Event.MAIL_RETRIED: Entry("Mail sent again", {"attempts": int}),
    Event.MAIL_GIVEN_UP: Entry("Mail not sent again", {"attempts": int}),
    Event.MAIL_PAUSED: Entry("All mail paused", {CHANGED: list}),
    Event.MAIL_RESUMED: Entry("Mail goes on", {"undecided": int}),
    Event.BACKUP_TAKEN: Entry("Backup taken", {"sha256": str, "size": int}),
    Event.BACKUP_RESTORED: Entry("Backup restored", {"sha256": str, "taken_at": str, "undecided": int}),
    Event.RECORD_OPENED: Entry("Record of another party opened", {**_OF_A_STATE, "handling_then": str}),
    Event.RECORD_EXPORTED: Entry("Taken out as a file", {**_OF_A_STATE, "format": str, "sha256": str}),
    Event.LIST_EXPORTED: Entry(
        "List taken out as a file", {**_OF_A_STATE, "format": str, "sha256": str, "filters": str, "rows": int}
    ),
    Event.BRIEF_EXPORTED: Entry(
        "Brief of a State taken out as a file", {**_OF_A_STATE, "format": str, "sha256": str, "records": int}
    ),
    Event.DENIED: Entry("Denied", {**_OF_A_STATE, "asked_for": str, "reason": str, "tries": int}),
    Event.VALUES_ERASED: Entry("Values erased from the audit", {**_OF_A_STATE, "entries": int, "reference": str}),
}


def check_facts(event: Event, facts: Mapping[str, Any]) -> None:
    """Raise ValueError unless these are exactly the facts of the event, each of its kind; `among` stands for `state`.

    A fact that is new belongs into the vocabulary first: whoever reads the audit must know what to expect.
    """
    wanted = VOCABULARY[event].facts
    told = {STATE if name == AMONG else name: value for name, value in facts.items()}
    if told.keys() != wanted.keys() or len(told) != len(facts):
        raise ValueError(f"{event.value} carries {sorted(wanted)}, not {sorted(facts)}")
    wrong = [name for name, value in told.items() if not isinstance(value, wanted[name])]
    if wrong:
        raise ValueError(f"{event.value}: {', '.join(wrong)} of the wrong kind")
