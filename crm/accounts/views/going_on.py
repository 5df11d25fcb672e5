"""Signing in over a form that was sent after the session had ended: nothing typed is lost, and nothing is stored."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, request, url_for
from werkzeug.exceptions import TooManyRequests

from crm.accounts.models import User
from crm.accounts.signin import SignInForm, let_in, standing
from crm.accounts.views.door import pages
from crm.core import doors, handed_back
from crm.core.routes import public_form
from crm.core.steps import PAGES


@pages.post("/sign-in/and-go-on")
@public_form
def sign_in_and_go_on() -> Any:
    """Sign in, and have what was typed back, in words and then in its form.

    It is saved by the button of that form alone: nothing proves that the form was ours.
    """
    form, wait = SignInForm(), ""
    try:
        # Without the token of our page no guess is looked at, and none is counted.
        entered = form.csrf_token.validate(form) and form.validate()
    except TooManyRequests as pause:
        entered, wait = False, str(pause.description)
    if entered:
        let_in(cast(User, form.user), "password")
    due = standing().due if entered else None
    page = handed_back.page(
        handed_back.echoed(request.form),
        doors.local_path(request.form.get(handed_back.ACTION, "")),
        due=due,
        way=url_for(PAGES[due]),
        entered=entered,
        form=form,
        wait=wait,
    )
    return Response(page, 200 if entered else 422)
