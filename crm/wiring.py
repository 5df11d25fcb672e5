"""Floor 8: which verb answers to which event, who is asked before a mail goes out, who adds to a State's page."""

from __future__ import annotations

from flask import Flask

from crm.accounts.events import AccountClosed
from crm.activities import panel as activity_panel
from crm.activities import timeline as activity_timeline
from crm.activities.events import ActivityRecorded
from crm.audit import links
from crm.calendar import service as calendar
from crm.core import events
from crm.core.events import Handlers
from crm.followups import reminders
from crm.followups import service as followups
from crm.followups import timeline as followup_timeline
from crm.letters import timeline as letter_timeline
from crm.mail import wanted
from crm.mail.wanted import Check
from crm.positions import panel as obstacle_panel
from crm.states import panels, timeline
from crm.states.events import InstrumentDeposited

HANDLERS: Handlers = {
    AccountClosed: [calendar.end_feeds_of],
    ActivityRecorded: [followups.open_from_activity],
    InstrumentDeposited: [],
}
STILL_WANTED: dict[str, Check] = {
    reminders.PURPOSE: reminders.objection,
}
TIMELINE = (activity_timeline.entries, followup_timeline.entries, letter_timeline.entries)
PANELS = (activity_panel.last_contact, obstacle_panel.obstacles)


AUDIT_PAGES = {
    "activity": ("activities.show", "activity_id"),
    "follow_up": ("followups.show", "followup_id"),
    "letter_campaign": ("letters.campaign", "campaign_id"),
    "letter": ("letters.show", "letter_id"),
    "act_import": ("states.show_import", "import_id"),
}


def connect(app: Flask) -> None:
    """Set the tables and let higher floors add to the page of a State."""
    links.connect(app, AUDIT_PAGES)
    events.connect(app, HANDLERS)
    wanted.connect(app, STILL_WANTED)
    timeline.connect(app, TIMELINE)
    panels.connect(app, PANELS)
