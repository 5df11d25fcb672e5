"""Mails to the owner of an account when somebody changes or tries what guards it: what, when and with what device.

They say nothing else. Of what an administrator did they tell no device: it is not the owner's to know again.
"""

from __future__ import annotations

from uuid import uuid4

from flask import current_app

from crm.accounts.models import User
from crm.core import clock
from crm.core.display import moment
from crm.mail import service as mail

ADDED = "A second factor was added to your account."
REMOVED = "A second factor was removed from your account."
RESET = (
    "An administrator has reset the second factors of your account, and everything that opened it until then has "
    "ended: sessions, tokens, calendar feeds. "
    "If your role needs one, you set up a new one when you next sign in."
)
RECOVERED = "Somebody signed in to your account with one of its recovery codes."
GUESSED = (
    "Somebody typed your right password and then several wrong codes. They are not in; "
    "if it was not you, change your password now."
)


def tell(user: User, what: str, *, device: str, once_a_day: bool = False) -> None:
    """Tell the owner; `device`: with what it was done, `once_a_day` for what others can cause again and again. Part
    of a unit of work.
    """
    settings = current_app.extensions["settings"]
    mark = clock.today("UTC").isoformat() if once_a_day else str(uuid4())
    when = moment(clock.now(), user.time_zone)
    facts = {"what": what, "when": when, "device": device, "href": f"{settings.public_url}/account/factors"}
    pages = current_app.jinja_env
    mail.post(
        key=f"second_factor:{user.id}:{mark}",
        to=user.email,
        subject="Demarche: your account",
        text=pages.get_template("email/second_factor.txt").render(facts),
        html=pages.get_template("email/second_factor.html").render(facts),
        repeats=1,
        sample=user.sample,
    )
