"""What puts mail into the outbox by the clock: asked once more for all that is due when a backup is brought back."""

from __future__ import annotations

from collections.abc import Callable

from crm.accounts import mail_alerts, witness
from crm.core.jobs import Job
from crm.followups.cadence import raising
from crm.followups.plans import advancing
from crm.followups.reminding import planning as reminding
from crm.instructions import notices


def _silences() -> bool:
    """They raise follow-ups, which remind."""
    for party_id in raising.parties():
        raising.raise_for(party_id)
    return False


def _plans() -> bool:
    """They open follow-ups, which remind."""
    advancing.advance_all()
    return False


def _reminders() -> bool:
    """Digests are gathered once nothing is left to be planned."""
    return reminding.plan_due() == reminding.BATCH or reminding.gather() == reminding.BATCH


PLANNERS: dict[Job, Callable[[], bool]] = {
    Job.BREAK_SILENCE: _silences,
    Job.ADVANCE_PLANS: _plans,
    Job.PLAN_REMINDERS: _reminders,
    Job.PLAN_INSTRUCTIONS: lambda: notices.plan_due() == notices.BATCH,
    Job.SEND_AUDIT_MARK: lambda: witness.send_mark() < 0,
    Job.TELL_OF_STUCK_MAIL: lambda: mail_alerts.tell() < 0,
}
"""Each writes a batch, and says whether there may be more."""
