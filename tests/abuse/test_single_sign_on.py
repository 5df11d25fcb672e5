"""S24, S26, S27, S33 at single sign-on, against a real provider: who is let in, and what is not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import login_user
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

import config
from crm.accounts import invitations, recognising, service
from crm.accounts.models import Party, ProviderIdentity, SignInFailure, User
from crm.accounts.provider import Arrival
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM
from crm.core.db import db, unit_of_work
from tests.support import provider as providers
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.provider import CLIENT, SECRET, Provider, state_in
from tests.support.racing import between, meanwhile

People = Callable[[str], Person]
START, BACK = "/sign-in/provider", "/sign-in/returned"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that runs."""
    with providers.running() as made:
        yield made


@pytest.fixture
def settings(settings: config.Settings, provider: Provider) -> config.Settings:
    """An installation with single sign-on."""
    return replace(
        settings,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_label="Sign in with the Ministry",
        oidc_factors=frozenset({"mfa", "hwk"}),
    )


@pytest.fixture
def officer(person: People) -> Person:
    """Somebody with an account."""
    found = person("officer")
    db.session.remove()
    access.look_as(SYSTEM)
    return found


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def at_provider(address: str) -> str:
    """Go where the provider is, as a browser does, and say where it sends us back to."""
    try:
        build_opener(_Stay).open(address, timeout=5)
    except OSError as answer:
        parts = urlsplit(str(answer.headers["Location"]))  # type: ignore[attr-defined]
        return f"{parts.path}?{parts.query}"
    raise AssertionError("the provider did not send us back")


def come(browser: FlaskClient, target: str = "") -> Any:
    """Set out, be signed in there, come back."""
    begun = browser.get(START, query_string={"next": target} if target else {})
    assert begun.status_code == 303, begun.location
    return browser.get(at_provider(begun.location))


def said(browser: FlaskClient) -> str:
    return check_page(browser.get("/sign-in"))


def _count(model: Any) -> int:
    db.session.rollback()
    access.look_as(SYSTEM)
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_an_account_that_is_there_is_entered(app: Flask, provider: Provider, officer: Person) -> None:
    browser = app.test_client()
    assert "Sign in with the Ministry" in said(browser)
    answer = come(browser, "/followups?state=LAO")
    assert (answer.status_code, answer.location) == (303, "/followups?state=LAO")
    assert "Officer" in check_page(browser.get("/account"))
    browser.get("/account")
    provider.email, provider.verified = "moved@elsewhere.example", False
    again = app.test_client()
    assert come(again).location == "/", "from the second time on the address does not matter"
    assert again.get("/account").status_code == 200
    assert _count(ProviderIdentity) == 1
    events = list(db.session.scalars(select(AuditEntry.event)))
    assert events.count("provider_bound") == 1 and events.count("provider_signed_in") == 2
    assert events.count("signed_in") == 2
    assert set(provider.asked) == {"/.well-known/openid-configuration", "/authorize", "/keys", "/token"}


def test_it_opens_no_session_past_a_new_password(app: Flask, officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = app.test_client()

    def interrupted(user: Any, **named: Any) -> bool:
        user_id = user.id
        meanwhile(app, lambda: service.set_password(actor=SYSTEM, user_id=user_id, password="correct lantern violin"))
        return login_user(user, **named)

    monkeypatch.setattr("crm.accounts.signin.login_user", interrupted)
    assert come(browser).status_code == 303
    assert browser.get("/account").status_code == 303


def test_the_session_is_ours_and_can_be_ended(app: Flask, officer: Person) -> None:
    browser, other = app.test_client(), app.test_client()
    come(browser)
    come(other)
    items = browser.get("/api/v1/account/sessions").get_json()["items"]
    [here, there] = sorted(items, key=lambda one: not one["this_one"])
    page = check_page(browser.get("/account"))
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert browser.post(f"/account/sessions/{there['id']}/end", data={"csrf_token": token}).status_code == 303
    assert other.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200 and here["this_one"]


def test_nobody_is_let_in_whom_nobody_knows(app: Flask, provider: Provider, officer: Person) -> None:
    provider.email = "stranger@example.net"
    browser = app.test_client()
    assert come(browser).location == "/sign-in"
    assert "There is no open account here for you." in said(browser)
    assert browser.get("/account").status_code == 303
    assert (_count(User), _count(ProviderIdentity), _count(SignInFailure)) == (1, 0, 1)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_counts_only_when_it_is_verified(
    app: Flask, provider: Provider, officer: Person, verified: Any
) -> None:
    provider.verified = verified
    browser = app.test_client()
    assert come(browser).location == "/sign-in"
    assert browser.get("/account").status_code == 303


def test_a_closed_account_stays_closed(app: Flask, officer: Person) -> None:
    come(app.test_client())
    with unit_of_work():
        db.session.scalars(select(User)).one().active = False
    browser = app.test_client()
    assert come(browser).location == "/sign-in"
    assert browser.get("/account").status_code == 303


def test_an_address_that_passed_to_somebody_else_opens_nothing(app: Flask, provider: Provider, officer: Person) -> None:
    come(app.test_client())
    provider.subject = "subject-2"
    browser = app.test_client()
    assert come(browser).location == "/sign-in"
    assert browser.get("/account").status_code == 303


def test_two_who_arrive_by_one_name_at_the_same_moment_both_come_in(
    app: Flask, provider: Provider, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def arrive() -> None:
        with unit_of_work():
            come_in = Arrival(provider.issuer, "subject-1", officer.email, True, "UTC", False, "/")
            assert recognising.recognise(come_in).email == officer.email

    assert between(app, monkeypatch, recognising, "user_by_email", arrive, arrive) == [None, None]
    assert _count(ProviderIdentity) == 1


def test_what_else_the_database_refuses_is_no_unknown_account(
    app: Flask, officer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise IntegrityError("x", {}, ValueError("x"))

    monkeypatch.setattr("crm.accounts.views.single_sign_on.enter", refuse)
    with pytest.raises(IntegrityError):
        come(app.test_client())


def test_an_invitation_is_accepted_on_arrival(app: Flask, provider: Provider, person: People, officer: Person) -> None:
    keeper = person("administrator").viewer
    with unit_of_work():
        party = db.session.scalars(select(Party.id).where(Party.name == "Embassy of Japan")).one()
        given = {"name": "Guest", "roles": ["mission_officer"], "party_id": party}
        invitations.invite(actor=keeper, email="guest@example.net", **given)
    db.session.remove()
    provider.email, provider.claims = "Guest@example.net", {"zoneinfo": "Asia/Tokyo"}
    browser = app.test_client()
    assert come(browser).location == "/"
    page = check_page(browser.get("/account"))
    assert "Guest" in page and "Asia/Tokyo" in page
    assert _count(User) == 3
    assert db.session.scalar(select(User.password).where(User.name == "Guest")) is None


@pytest.mark.parametrize(
    ("claims", "counts"),
    [({}, False), ({"amr": ["pwd"]}, False), ({"amr": ["pwd", "hwk"]}, True), ({"acr": "mfa"}, True)],
)
def test_a_second_factor_counts_when_the_settings_say_so(
    app: Flask, provider: Provider, officer: Person, claims: dict[str, Any], counts: bool
) -> None:
    provider.claims = claims
    come(app.test_client())
    db.session.rollback()
    access.look_as(SYSTEM)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "provider_signed_in")).one()
    assert entry.details["factor"] is counts


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "for another client": {"claims": {"aud": "another"}},
    "for nobody": {"claims": {"aud": None}},
    "by another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "by nobody": {"claims": {"iss": None}},
    "about nobody": {"claims": {"sub": None}},
    "about a number": {"claims": {"sub": 7}},
    "expired": {"claims": {"exp": 1_600_000_000, "iat": 1_599_999_000}},
    "without an end": {"claims": {"exp": None}},
    "unsigned": {"signing": "none"},
    "unsigned, and says so": {
        "signing": "none",
        "metadata": {"id_token_signing_alg_values_supported": ["none", "RS256"]},
    },
    "signed with what everybody knows": {
        "signing": "HS256",
        "metadata": {"id_token_signing_alg_values_supported": ["HS256", "RS256"]},
    },
    "signed with another key": {"strange_key": True},
}


@pytest.mark.parametrize("lie", LIES)
def test_s26_a_token_that_lies_is_not_believed(app: Flask, provider: Provider, officer: Person, lie: str) -> None:
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    browser = app.test_client()
    assert come(browser).location == "/sign-in"
    assert "did not work" in said(browser)
    assert browser.get("/account").status_code == 303
    assert _count(SignInFailure) == 1


def test_s26_a_way_back_is_gone_once(app: Flask, officer: Person) -> None:
    browser = app.test_client()
    back = at_provider(browser.get(START).location)
    assert browser.get(back).location == "/"
    assert browser.get("/account").status_code == 200
    replayed = browser.get(back)
    assert replayed.location == "/sign-in"
    thief = app.test_client()
    assert thief.get(back).location == "/sign-in", "in another browser it leads nowhere"
    assert thief.get("/account").status_code == 303
    assert _count(SignInFailure) == 0, "whoever sends somebody here with a made-up address makes them wait for nothing"


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?state=x&code=y", "?error=access_denied", "?state=%00"])
def test_nobody_set_out_for_this(app: Flask, officer: Person, query: str) -> None:
    browser = app.test_client()
    assert browser.get(BACK + query).location == "/sign-in"
    assert browser.get("/account").status_code == 303


def test_the_provider_says_no(app: Flask, officer: Person) -> None:
    browser = app.test_client()
    state = state_in(browser.get(START).location)
    assert browser.get(f"{BACK}?error=access_denied&state={state}").location == "/sign-in"
    assert "did not work" in said(browser)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "//[", "/x\r\nA: b"])
def test_s27_the_way_back_leads_nowhere_else(app: Flask, officer: Person, target: str) -> None:
    browser = app.test_client()
    answer = come(browser, target)
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("which", ["token_endpoint", "jwks_uri", "issuer"])
def test_s33_no_word_goes_to_anybody_but_the_issuer(
    app: Flask, provider: Provider, officer: Person, which: str
) -> None:
    with providers.running() as elsewhere:
        provider.metadata = {which: f"{elsewhere.issuer}/keys"}
        browser = app.test_client()
        begun = browser.get(START)
        if begun.location != "/sign-in":
            assert browser.get(at_provider(begun.location)).location == "/sign-in"
        assert browser.get("/account").status_code == 303
        assert elsewhere.asked == []


def test_a_provider_that_does_not_answer(app: Flask, provider: Provider, officer: Person) -> None:
    provider.broken = True
    browser = app.test_client()
    assert browser.get(START).location == "/sign-in"
    assert "does not answer" in said(browser)


def test_s24_trying_costs_time_here_and_nowhere_else(
    app: Flask, provider: Provider, officer: Person, steady_clock: time_machine.Traveller
) -> None:
    provider.email = "stranger@example.net"
    for _ in range(5):
        assert come(app.test_client()).location == "/sign-in"
    assert app.test_client().get(START).status_code == 429
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert app.test_client().get(START, environ_overrides=elsewhere).status_code == 303
    steady_clock.shift(timedelta(seconds=6))
    assert app.test_client().get(START).status_code == 303


def test_what_we_ask_for(app: Flask, provider: Provider, officer: Person) -> None:
    asked = parse_qs(urlsplit(app.test_client().get(START).location).query)
    assert asked["redirect_uri"] == ["http://localhost:8000/sign-in/returned"]
    assert asked["code_challenge_method"] == ["S256"] and asked["scope"] == ["openid email profile"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
