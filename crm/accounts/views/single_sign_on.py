"""The way to the provider of single sign-on and back; these addresses exist only where the settings name one."""

from __future__ import annotations

from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from flask import flash, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from joserfc.errors import JoseError
from requests import RequestException

from crm.accounts import provider, recognising, sessions
from crm.accounts.provider import Arrival, ProviderRefused
from crm.accounts.rules import network_of
from crm.accounts.signin import enter, let_in, refuse_for_now
from crm.accounts.viewers import viewer_of
from crm.accounts.views.door import pages
from crm.audit.service import Event, record
from crm.core import doors
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import RuleViolation
from crm.core.routes import public

log = structlog.get_logger()

NO_ANSWER = "Your organisation's sign-in does not answer. Try again later, or sign in with your password."
NOT_BELIEVED = "Your organisation's sign-in did not work. Try again, or sign in with your password."
ON_THE_WAY = (AuthlibBaseError, JoseError, ProviderRefused, ValueError, KeyError, TypeError, RuntimeError)
"""What the libraries raise for an answer that is not what it should be."""


def _here() -> tuple[str, str]:
    """Under which name and network attempts from here are counted: each network for itself, so that nobody
    elsewhere can make it wait.
    """
    network = network_of(request.remote_addr)
    return f"single sign-on from {network}", network


@public
def to_provider() -> Any:
    """Set out to the provider. A link and no button: our pages send no form to another site."""
    refuse_for_now(_here()[0])
    try:
        return redirect(provider.way_there(doors.local_path(request.args.get("next", "/"))), 303)
    except RequestException as error:
        log.warning("provider_unreachable", error=type(error).__name__)
        return _back(NO_ANSWER)
    except ON_THE_WAY as error:
        log.warning("provider_refused", error=type(error).__name__)
        return _back(NOT_BELIEVED)


@public
def returned() -> Any:
    """Back from the provider: the session begins, or the sign-in page says that it does not."""
    if not provider.expects(request.args.get("state", "")):
        return _back(NOT_BELIEVED)
    refuse_for_now(_here()[0])
    try:
        arrival = provider.arrival()
    except RequestException as error:
        log.warning("provider_unreachable", error=type(error).__name__)
        return _back(NO_ANSWER)
    except ON_THE_WAY as error:
        log.warning("provider_refused", error=type(error).__name__)
        return _refuse("the answer", NOT_BELIEVED)
    return _enter(arrival)


def _enter(arrival: Arrival) -> Any:
    try:
        with unit_of_work():
            user = recognising.recognise(arrival)
            record(
                Event.PROVIDER_SIGNED_IN,
                actor=viewer_of(user),
                subject=("user", user.id),
                issuer=arrival.issuer,
                factor=arrival.factor,
            )
            enter(user, factor=arrival.factor)
    except RuleViolation:
        return _refuse("no account", recognising.UNKNOWN)
    let_in(user, "oidc")
    return redirect(doors.local_path(arrival.target), 303)


def _refuse(why: str, words: str) -> Any:
    name, network = _here()
    with looking_as(SYSTEM), unit_of_work():
        sessions.note_failure(email=name, network=network)
        record(Event.PROVIDER_REFUSED, actor=SYSTEM, subject=("single_sign_on", "refused"), why=why)
    return _back(words)


def _back(words: str) -> Any:
    flash(words, "error")
    return redirect(url_for("security.login"), 303)


@pages.record
def _only_with_a_provider(state: BlueprintSetupState) -> None:
    if state.app.extensions["settings"].oidc_issuer:
        state.add_url_rule("/sign-in/provider", "to_provider", to_provider)
        state.add_url_rule("/sign-in/returned", "returned", returned)
