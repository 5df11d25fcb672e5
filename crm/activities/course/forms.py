"""What is asked when an approach goes on: its report, a correction, a step."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from crm.activities.forms import ActivityForm, PlanForm
from crm.activities.models import Activity
from crm.activities.rules import STATUS_LABELS, Status, steps_from
from crm.core import access
from crm.core.forms import Form, clean_text, options, plain_characters


def _version() -> IntegerField:
    return IntegerField(widget=HiddenInput(), validators=[InputRequired("Send the version that you read.")])


STEP_LABELS = {
    Status.PLANNED: "Take it up again",
    Status.INSTRUCTED: "It was instructed",
    Status.DELIVERED: "It was delivered; the report follows",
    Status.REPORTED: "Open it again",
    Status.CLOSED: "Close it: nothing more is to come",
    Status.CANCELLED: "Cancel it",
}


class ReportForm(ActivityForm):
    """The report on an approach that was planned."""

    edits_record = True
    version = _version()

    def show(self, activity: Activity) -> None:
        """With whoever reports as the one who delivered it, where nobody was named for it."""
        super().show(activity)
        if not activity.delivered_by:
            writer = access.viewer()
            self.accept("delivered_by", writer.name)
            self.accept("delivered_by_title", writer.title)


class CorrectReportForm(ActivityForm):
    """A report set right. Who may see it, the obstacle and the next action have pages of their own."""

    edits_record = True
    version = _version()
    handling = attribution = None  # type: ignore[assignment]
    obstacle = obstacle_subtype = obstacle_other = obstacle_basis = None
    next_action = next_action_due = next_action_owner_id = None


class CorrectPlanForm(PlanForm):
    """A plan set right. Who may see it has a page of its own."""

    edits_record = True
    version = _version()
    handling = attribution = None  # type: ignore[assignment]


class StepForm(Form):
    """On to another status, and why where that is asked."""

    version = _version()
    status = RadioField(
        "What happened?",
        choices=options((one.value, label) for one, label in STATUS_LABELS.items()),
        validators=[InputRequired("Choose one.")],
    )
    note = StringField("Why", filters=[clean_text], validators=[Length(max=500), plain_characters])

    def offer(self, status: Status, *, instructed: bool) -> None:
        """Leave the statuses to which an activity may go from this one."""
        open_to = steps_from(status, instructed=instructed)
        self.status.choices = options((one.value, STEP_LABELS[one]) for one in open_to)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["status"] = Status(values["status"])
        return values
