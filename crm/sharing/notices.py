"""Mails about requests for wider handling: to the originator when it is asked, to whoever asked when it is answered.

They say that something stands there and nothing of what: no State, no record, no reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.core import clock, keys
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.mail import service as mail
from crm.reach.service import concerned
from crm.sharing.models import HandlingRequest

ASKED, ANSWERED = "Demarche: a record of yours is asked for", "Demarche: your request is answered"


def tell_asked(actor: Viewer, asked: HandlingRequest) -> None:
    """Tell those who answer for the originator and may read the record: of each record what a party asks once a day
    (UTC), however often it withdraws that and asks anew; Sharing has the rest.
    """
    who = f"{actor.name} ({actor.party_name})"
    people = {one.id for one in concerned.answering({asked.originator_id})}
    parts = (asked.subject_kind, str(asked.subject_id), str(asked.asking_party_id), clock.today().isoformat())
    about = keys.sealed(str(current_app.config["SECRET_KEY"]), (one.encode() for one in parts))
    _send(asked, about, people, ASKED, "email/wider_asked.txt", f"/sharing/requests/{asked.id}", who)


def tell_answered(asked: HandlingRequest) -> None:
    """Tell whoever asked, if they still may read the record. Who answered stands on the page, for whom that is told."""
    if asked.asked_by_id:
        _send(asked, str(asked.id), {asked.asked_by_id}, ANSWERED, "email/wider_answered.txt", "/sharing")


def _send(
    asked: HandlingRequest, about: str, people: Iterable[UUID], subject: str, template: str, page: str, who: str = ""
) -> None:
    """To each one mail `about` the same. Looks as the system, and as each of them: they may be of another party, and
    the record closed to some.
    """
    text = current_app.jinja_env.get_template(template)
    with looking_as(SYSTEM):
        users = db.session.scalars(select(User).where(User.active, User.id.in_(people)).order_by(User.id)).all()
        readers = [viewer_of(one) for one in users]
    for viewer in readers:
        if _reads(viewer, asked):
            mail.post(
                key=f"{template}:{about}:{viewer.user_id}",
                to=viewer.email,
                subject=subject,
                text=text.render(who=who, href=current_app.extensions["settings"].public_url + page),
                repeats=1,
                sample=viewer.sample,
            )


def _reads(viewer: Viewer, asked: HandlingRequest) -> bool:
    with looking_as(viewer):
        return db.session.scalar(select(HandlingRequest.id).where(HandlingRequest.id == asked.id)) is not None
