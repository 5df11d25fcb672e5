"""The page of one's own wishes, and what the buttons of a reminder open."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from crm.core import access, clock, doors
from crm.core.display import day
from crm.core.doors import ActionForm
from crm.core.errors import NotFound
from crm.core.forms import Form
from crm.core.routes import link_holder, requires
from crm.followups.forms import LaterForm
from crm.followups.reminding import buttons, words
from crm.followups.reminding import wishes as verbs
from crm.followups.reminding.forms import WishesForm
from crm.followups.reminding.models import ReminderWishes
from crm.followups.reminding.rules import Way
from crm.followups.rules import Status, later_choices

pages = Blueprint("reminding", __name__)


@pages.route("/account/reminders", methods=["GET", "POST"])
@requires("followups:read")
def wishes() -> Any:
    """When and how I am reminded of what I owe."""
    viewer = access.viewer()
    form = WishesForm(**as_typed(verbs.wishes_of(viewer)))
    sent = doors.submit(form, partial(verbs.wish, actor=viewer), partial(verbs.wishes_of, viewer))
    if sent.done:
        return doors.said("Saved. From now on you are reminded like this.", url_for("reminding.wishes"))
    page = render_template(
        "followups/reminding/wishes.html",
        form=form,
        theirs=sent.theirs,
        as_typed=as_typed,
        coordinates=viewer.may("followups:take_over"),
        ways=Way,
    )
    return page, sent.status


def as_typed(wishes: ReminderWishes) -> dict[str, Any]:
    """Wishes as the form shows them."""
    return {
        "when_given": wishes.when_given,
        "before": tuple(str(one) for one in wishes.before),
        "when_due": wishes.when_due,
        "overdue_every": wishes.overdue_every,
        "escalated_after": wishes.escalated_after,
        "way": wishes.way,
        "at": f"{wishes.at:%H:%M}",
        "weekday": str(wishes.weekday),
        "to_working_days": bool(wishes.to_working_days),
        "version": wishes.version,
    }


@pages.route("/reminders/done/<done_button>", methods=["GET", "POST"])
@link_holder
def done(done_button: str) -> Any:
    """The button "Done" of a reminder: asks once, and says no more than the mail did."""
    return _pressed(buttons.DONE, done_button, ActionForm())


@pages.route("/reminders/later/<later_button>", methods=["GET", "POST"])
@link_holder
def later(later_button: str) -> Any:
    """The button "Remind me later" of a reminder."""
    return _pressed(buttons.LATER, later_button, LaterForm())


def _pressed(purpose: str, button: str, form: Form) -> Any:
    try:
        reminder_id, keys = buttons.reminder_behind(purpose, button)
        reminder, follow_up, reader = verbs.behind(reminder_id, keys)
    except NotFound:
        return render_template("followups/reminding/button_over.html"), 404
    verb = verbs.done_by_button if purpose == buttons.DONE else verbs.later_by_button
    sent = doors.submit(form, partial(verb, reminder_id=reminder_id, keys=keys))
    if sent.done:
        return redirect(request.path, 303)
    page = render_template(
        "followups/reminding/button.html",
        form=form,
        purpose=purpose,
        shown=words.shown(reminder, follow_up, reader),
        status=Status(follow_up.status),
        sleeps_until=day(follow_up.again_at) if follow_up.again_at and follow_up.again_at > clock.now() else "",
        later=later_choices(clock.today(follow_up.zone)),
        open_href=url_for("followups.show", followup_id=follow_up.id),
    )
    return page, sent.status
