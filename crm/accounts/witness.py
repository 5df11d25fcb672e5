"""The day's mark of the audit, sent to the offices that do not trust each other with it alone."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from crm.accounts.holders import holders_of
from crm.accounts.models import User
from crm.accounts.policy import OFFICES
from crm.audit import chain
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.days import in_words
from crm.core.db import db
from crm.mail import service as mail

SUBJECT = "Demarche: mark of the audit"


def send_mark() -> int:
    """Put the mark of the day into the outbox for every coordinator and presidency office; how many there are.

    Part of a unit of work. Asking again on the same day (UTC) sends nothing more: the mail's key says so. Looks as
    the system: a job has nobody who looks.
    """
    day, (place, link) = clock.today(), chain.head()
    text = current_app.jinja_env.get_template("email/audit_mark.txt").render(
        day=in_words(day),
        place=place,
        link=link,
        href=f"{current_app.extensions['settings'].public_url}/administration/audit#mark",
    )
    offices = User.id.in_(holders_of(OFFICES))
    wanted = select(User.id, User.email, User.sample).where(User.active, offices).order_by(User.id)
    with looking_as(SYSTEM):
        witnesses = db.session.execute(wanted).all()
    for user_id, email, sample in witnesses:
        key = f"audit_mark:{day.isoformat()}:{user_id}"
        mail.post(key=key, to=email, subject=SUBJECT, text=text, repeats=1, sample=sample)
    return len(witnesses)
