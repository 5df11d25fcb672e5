"""Write down what happened; the vocabulary is closed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from crm.audit.models import AuditEntry
from crm.core.access import Handling, Viewer
from crm.core.db import db


class Event(StrEnum):
    """Every event that can be written down."""

    ACTIVITY_RECORDED = "activity_recorded"
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
    SAMPLE_LOADED = "sample_loaded"
    SAMPLE_REMOVED = "sample_removed"
    MAIL_RETRIED = "mail_retried"


def record(
    event: Event,
    *,
    actor: Viewer,
    subject: tuple[str, UUID | str],
    originator_id: UUID | None = None,
    handling: Handling = Handling.ORIGINATOR,
    **details: Any,
) -> None:
    """Add an entry to the present transaction. `details` are short facts, never free text of a note."""
    kind, key = subject
    entry = AuditEntry(
        event=event.value,
        actor_id=actor.user_id,
        actor_name=actor.name,
        subject_kind=kind,
        subject_id=str(key),
        originator_id=originator_id or actor.party_id,
        handling=handling.value,
        details=details,
    )
    db.session.add(entry)
