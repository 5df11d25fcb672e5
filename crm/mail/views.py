"""The outbox for administrators and, in a sample installation, everybody's own mailbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from crm.core import access, doors
from crm.core.errors import NotFound
from crm.core.heartbeat import Part, signs
from crm.core.routes import requires, signed_in
from crm.mail import caught, queries, service
from crm.mail.rules import MailState

pages = Blueprint("mail", __name__)

STATE_LABELS = {
    MailState.WAITING: "Waiting",
    MailState.SENDING: "Being sent",
    MailState.AMBIGUOUS: "Outcome unknown",
    MailState.FAILED: "Refused",
    MailState.SENT: "Sent",
    MailState.WITHDRAWN: "Withdrawn",
}


@pages.get("/administration/outbox")
@requires("outbox:read")
def outbox() -> Any:
    """Where every mail stands and what the mail server said; never what is written in it."""
    wanted = request.args.get("state", "")
    if wanted and wanted not in set(MailState):
        raise NotFound("no such state")
    return render_template(
        "mail/outbox.html",
        page=queries.outbox([MailState(wanted)] if wanted else [], request.args.get("after")),
        tallies=queries.tallies(),
        trouble=queries.delivery_trouble(),
        signs={part.value: sign for part, sign in signs().items()},
        parts=Part,
        labels=STATE_LABELS,
        wanted=wanted,
    )


@pages.post("/administration/outbox/<uuid:mail_id>/retry")
@requires("outbox:retry")
def retry(mail_id: UUID) -> Any:
    """Let one mail go out again."""
    doors.act(service.retry, actor=access.viewer(), mail_id=mail_id)
    return doors.said("The mail is waiting to go out again.", url_for("mail.outbox"))


@signed_in
def mailbox() -> Any:
    """What was sent to me in this sample installation."""
    mails = caught.addressed_to(_folder(), access.viewer().email)
    return render_template("mail/mailbox.html", mails=mails)


@signed_in
def caught_mail(name: str) -> Any:
    """One mail to me, as plain text."""
    mail = caught.one(_folder(), access.viewer().email, name)
    if mail is None:
        raise NotFound("no such mail")
    return render_template("mail/caught.html", mail=mail)


def _folder() -> Any:
    return current_app.extensions["settings"].mail_catcher_dir


@pages.record
def _only_in_samples(state: BlueprintSetupState) -> None:
    """The mailbox exists only where a mail catcher stands in for the world."""
    if state.app.extensions["settings"].mail_catcher_dir:
        state.add_url_rule("/mailbox", "mailbox", mailbox)
        state.add_url_rule("/mailbox/<name>", "caught_mail", caught_mail)
