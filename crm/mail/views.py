"""The outbox for administrators and, in a sample installation, everybody's own mailbox."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from crm.core import access, doors
from crm.core.errors import NotFound
from crm.core.heartbeat import signs
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import requires, signed_in
from crm.mail import caught, deciding, pausing, queries
from crm.mail.forms import PauseForm
from crm.mail.listing import LISTING, STATE_LABELS, tried
from crm.mail.rules import Outcome

pages = Blueprint("mail", __name__)

WORDS_OF_OUTCOMES = {
    Outcome.SENT: "Taken",
    Outcome.TEMPORARY: "Put off",
    Outcome.PERMANENT: "Refused",
    Outcome.UNKNOWN: "Outcome unknown",
    Outcome.LATE: "Taken, after it had been given up",
}


@pages.get("/administration/outbox")
@requires("outbox:read")
def outbox() -> Any:
    """Where every mail stands and what the mail server said; never what is written in it."""
    return _shown(PauseForm())


def _shown(pause_form: PauseForm, status: int = 200) -> Any:
    form = LISTING.filters(request.args)
    asked = LISTING.question(form, False)
    page = page_of(asked, cursor=request.args.get("after"))
    page.extra["sort"] = "-due"
    shown = render_template(
        "mail/outbox.html",
        form=form,
        page=page,
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=form.narrowed(),
        tallies=queries.tallies(),
        trouble=queries.delivery_trouble(),
        signs={part.value: sign for part, sign in signs().items()},
        labels=STATE_LABELS,
        tried=tried,
        pause_form=pause_form,
    )
    return shown, 422 if form.errors else status


@pages.get("/administration/outbox/<uuid:mail_id>")
@requires("outbox:read")
def show(mail_id: UUID) -> Any:
    """One mail: how far it is, and every attempt at it."""
    mail = queries.deliveries([mail_id]).get(mail_id)
    if mail is None:
        raise NotFound("no such mail")
    return render_template(
        "mail/show.html",
        mail=mail,
        tries=queries.tries(mail_id),
        tried=tried,
        labels=STATE_LABELS,
        outcomes=WORDS_OF_OUTCOMES,
    )


@pages.post("/administration/outbox/<uuid:mail_id>/retry")
@requires("outbox:retry")
def retry(mail_id: UUID) -> Any:
    """Let one mail go out again."""
    doors.act(deciding.retry, actor=access.viewer(), mail_id=mail_id)
    return doors.said("The mail is waiting to go out again.", url_for("mail.outbox"))


@pages.post("/administration/outbox/<uuid:mail_id>/give-up")
@requires("outbox:retry")
def give_up(mail_id: UUID) -> Any:
    """Let one mail rest."""
    doors.act(deciding.give_up, actor=access.viewer(), mail_id=mail_id)
    return doors.said("The mail is not sent again.", url_for("mail.outbox"))


@pages.post("/administration/outbox/give-up-unknown")
@requires("outbox:retry")
def give_up_unknown() -> Any:
    """Let all mails of unknown outcome rest."""
    number = doors.act(deciding.give_up_unknown, actor=access.viewer())
    return doors.said(f"Not sent again: {count_in_words(number, 'mail', 'mails')}.", url_for("mail.outbox"))


@pages.post("/administration/outbox/pause")
@requires("outbox:pause")
def pause() -> Any:
    """Begin no mail any more."""
    form = PauseForm()
    outcome = doors.submit(form, partial(pausing.pause, actor=access.viewer()))
    if not outcome.done:
        return _shown(form, outcome.status)
    return doors.said("Mail is paused. It waits here until somebody lets it go on.", url_for("mail.outbox"))


@pages.post("/administration/outbox/resume")
@requires("outbox:pause")
def resume() -> Any:
    """Let mail go on."""
    doors.act(pausing.resume, actor=access.viewer())
    return doors.said("Mail goes on.", url_for("mail.outbox"))


@pages.app_template_global("mail_pause")
def mail_pause() -> Any:
    """The pause that holds at present, for the pages of whoever keeps the outbox."""
    return pausing.current() if access.viewer().may("outbox:read") else None


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
