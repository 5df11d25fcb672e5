"""Those who keep the outbox are told by mail when mails wait for somebody's decision: once a day at most."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from crm.accounts.holders import holders_of
from crm.accounts.models import Role, User
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.mail import queries
from crm.mail import service as mail

SUBJECT = "Demarche: mails that did not go out"
KEY = "outbox_alert"


def tell() -> int:
    """Put the alert of the day into the outbox for every administrator, where a mail of the last day needs somebody;
    how many there are.

    Part of a unit of work. Asking again on the same day (UTC) sends nothing more. An alert that did not go out itself
    is no reason for another. Looks as the system: a job has nobody who looks.
    """
    number = queries.lately_stuck(but=KEY)
    if not number:
        return 0
    address = f"{current_app.extensions['settings'].public_url}/administration/outbox?state={queries.NEEDS_PERSON}"
    text = (
        f"Mails that did not go out within the last day, or of which it is not known: {number}.\n\n"
        f"Nothing more happens with them by itself. Decide about each:\n{address}\n"
    )
    wanted = select(User.id, User.email, User.sample).where(User.active, User.id.in_(holders_of([Role.ADMINISTRATOR])))
    with looking_as(SYSTEM):
        keepers = db.session.execute(wanted.order_by(User.id)).all()
    for user_id, email, sample in keepers:
        key = f"{KEY}:{clock.today().isoformat()}:{user_id}"
        mail.post(key=key, to=email, subject=SUBJECT, text=text, repeats=1, sample=sample)
    return len(keepers)
