"""S1, S2, S5, S7, S8: every route of the URL map × everybody × what they have to do with the record.

A record that is denied answers 404 with the bytes of one that is not there, through both doors and for every
method, and nothing is written. The text planted in it comes out of no page, list, file or feed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from crm.accounts import invitations
from crm.accounts.policy import PERMISSIONS
from crm.core import access, routes
from crm.core.access import Handling, Viewer
from crm.core.db import db, unit_of_work
from crm.core.visibility import HIDES_STATE, Attribution
from crm.reach.service import restricted
from tests.abuse.world import (
    CANARY,
    CLEARED,
    ELSEWHERE,
    NOTE,
    RELATIONS,
    STATE,
    VISIBLE,
    Bundle,
    accredit_to_one,
    bundle,
    digest,
    keeper,
    plain,
    revoke,
    unattributed,
)
from tests.support.links import link_in, mails_to
from tests.support.pages import token_of
from tests.support.people import PEOPLE, Person, browser_of

People = Callable[[str], Person]

RECORDS = {"activity_id", "followup_id", "campaign_id", "letter_id", "request_id", "record_id", "attachment_id"}
"""Names in addresses that stand for a record with an originator."""

OTHERS = {
    "token_id", "session_id", "user_id", "mail_id", "import_id", "holder_id", "coordinator_id", "presidency_id",
    "mission_id", "accreditation_id", "emergency_id", "factor_id", "invitation_id", "feed_id", "invitation_link",
    "password_link", "token",
}  # fmt: skip
"""Names that stand for what has no originator: accounts, links, queues, public facts. They have tests of their own."""

FIXED = {
    "iso3": STATE,
    "kind": "pdf",
    "language": "en",
    "record_kind": "activity",
    "key": "2MSP",
    "filename": "x",
    "name": "x",
}

RESTRICTED = "BTN"

NOWHERE = "Nirgends-7Q"
"""A word that stands in no record at all: looking for a hidden one must look the same."""

NEVER_TWICE = {"factors", "factors_api", "audit", "audit_api", "health"}
"""Pages that are never the same twice: fresh secrets, times, and the trail of looking itself."""

NO_STATE = {"campaign_id"}
"""Names of what is about no State of its own: a campaign (its letters are)."""

UNATTRIBUTED = {"activity_id", "record_id"}
"""Names of what others read without its State: what comes out then is asked below."""


def _rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every route whose address names a record, with each of its methods."""
    for rule in app.url_map.iter_rules():
        if rule.arguments & RECORDS:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def test_every_name_in_an_address_is_known_here(app: Flask) -> None:
    named = {name for rule in app.url_map.iter_rules() for name in rule.arguments}
    assert named <= RECORDS | OTHERS | set(FIXED), named - RECORDS - OTHERS - set(FIXED)


def _address(app: Flask, rule: Rule, keys: dict[str, UUID]) -> str:
    values = {name: keys.get(name) or FIXED[name] for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


class Reader:
    """Somebody before a browser, or nobody."""

    def __init__(self, browser: FlaskClient, token: str) -> None:
        self.browser, self.token = browser, token

    def ask(self, method: str, address: str) -> Any:
        """One request with the token that a page of ours gave."""
        if address.startswith("/api/"):
            sent: dict[str, Any] = {} if method == "GET" else {"json": {}}
            return self.browser.open(address, method=method, headers={"X-CSRFToken": self.token}, **sent)
        return self.browser.open(address, method=method, data=None if method == "GET" else {"csrf_token": self.token})


def _reader(app: Flask, email: str | None) -> Reader:
    browser = browser_of(app, email) if email else app.test_client()
    page = browser.get("/account" if email else "/sign-in").get_data(as_text=True)
    return Reader(browser, token_of(page))


@pytest.fixture
def records(app: Flask, person: People, who: str) -> dict[str, Bundle]:
    """What this person has to do with the records of another party, and their own."""
    owner, me = keeper(), person(who).viewer
    if who == "officer":
        accredit_to_one(me)
    cleared, too_narrow = CLEARED[who]
    made = {
        "own": bundle(me.party_id, me.user_id, Handling.ORIGINATOR),
        "other": bundle(owner.party_id, owner.user_id, Handling.ORIGINATOR),
        "shared": bundle(owner.party_id, owner.user_id, cleared),
        "revoked": bundle(owner.party_id, owner.user_id, cleared),
        "over_marked": bundle(owner.party_id, owner.user_id, too_narrow),
        "restricted": bundle(owner.party_id, owner.user_id, Handling.PUBLIC, RESTRICTED),
        "unattributed": unattributed(owner.party_id, owner.user_id, cleared, Attribution.NONE),
    }
    if who == "officer":
        made["elsewhere"] = bundle(owner.party_id, owner.user_id, Handling.STATES, ELSEWHERE)
    revoke(owner, made["revoked"])
    with access.looking_as(access.SYSTEM), unit_of_work():
        restricted.restrict(actor=owner, state_iso3=RESTRICTED)
    db.session.remove()
    assert set(RELATIONS) <= set(made)
    return made


@pytest.mark.parametrize("who", [*CLEARED])
def test_s01_a_denied_record_is_an_absent_one(app: Flask, person: People, records: dict[str, Bundle], who: str) -> None:
    app.config["RAISE_ERRORS"] = False
    reader = _reader(app, person(who).email)
    hidden = {name: one for name, one in records.items() if name not in VISIBLE}
    if who == "administrator":
        hidden = records
    absent = {name: uuid4() for name in RECORDS}
    before, tried = digest(), 0
    for rule, method in _rules(app):
        nothing = reader.ask(method, _address(app, rule, absent))
        known = plain(nothing.text, *absent.values())
        assert nothing.status_code in {403, 404}, (rule, method, nothing.status_code)
        for relation, one in hidden.items():
            if relation in ("restricted", "elsewhere") and rule.arguments & NO_STATE:
                continue
            if relation == "unattributed" and who != "administrator" and rule.arguments & UNATTRIBUTED:
                continue
            answer = reader.ask(method, _address(app, rule, one.keys))
            place = (who, relation, str(rule), method)
            assert answer.status_code == nothing.status_code, place
            assert plain(answer.text, *one.keys.values()) == known, place
            tried += 1
    access.look_as(access.SYSTEM)
    assert tried > 100
    assert digest() == before


@pytest.mark.parametrize("who", [one for one in CLEARED if one != "administrator"])
def test_what_is_shared_and_what_is_own_is_there(
    app: Flask, person: People, records: dict[str, Bundle], who: str
) -> None:
    """The control: the same addresses do answer where the record is for these eyes."""
    reader, seen = _reader(app, person(who).email), 0
    for rule, method in _rules(app):
        declared = routes.access_of(app, rule.endpoint)
        role = PEOPLE[who][3]
        if method != "GET" or (declared and declared.permission and declared.permission not in PERMISSIONS[role]):
            continue
        for relation in VISIBLE:
            if "request_id" in rule.arguments and relation != "own":
                continue  # a request is for the two parties between which it passes
            answer = reader.ask(method, _address(app, rule, records[relation].keys))
            allowed = {200} if relation == "own" else {200, 403}
            assert answer.status_code in allowed, (who, relation, str(rule), answer.status_code)
            seen += answer.status_code == 200
    access.look_as(access.SYSTEM)
    assert seen >= 4


@pytest.mark.parametrize("who", ["anonymous", "link_holder"])
def test_s01_whoever_has_no_account_learns_nothing(app: Flask, person: People, who: str) -> None:
    owner = keeper()
    one = bundle(owner.party_id, owner.user_id, Handling.PUBLIC)
    db.session.remove()
    reader = _reader(app, None)
    if who == "link_holder":
        assert reader.browser.get(_invited(person("administrator").viewer, owner)).status_code == 200
        db.session.remove()
    absent = {name: uuid4() for name in RECORDS}
    before = digest()
    for rule, method in _rules(app):
        answer = reader.ask(method, _address(app, rule, one.keys))
        nothing = reader.ask(method, _address(app, rule, absent))
        assert answer.status_code == nothing.status_code, (rule, method)
        assert answer.status_code in {303, 401, 403, 404}, (rule, method)
        assert plain(answer.text, *one.keys.values()) == plain(nothing.text, *absent.values())
        assert CANARY not in answer.text
    access.look_as(access.SYSTEM)
    assert digest() == before


def _invited(administrator: Viewer, owner: Viewer) -> str:
    """The path of a link that invites somebody to the party whose records are looked for."""
    with access.looking_as(administrator), unit_of_work():
        invitations.invite(
            actor=administrator, email="guest@example.net", name="Guest", roles=["coordinator"],
            party_id=owner.party_id,
        )  # fmt: skip
    return link_in(mails_to("guest@example.net")[0])


def _words(answer: Any) -> bytes:
    """The bytes of an answer, archives opened."""
    content: bytes = answer.get_data()
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"".join(name.encode() + archive.read(name) for name in archive.namelist())
    return content


@pytest.mark.parametrize("who", [one for one in CLEARED if one not in ("officer", "administrator")])
@pytest.mark.parametrize("hides", sorted(HIDES_STATE))
def test_s03_what_surrounds_an_unattributed_note_comes_out_nowhere(
    app: Flask, person: People, who: str, hides: Attribution
) -> None:
    """Its own address, the list, searches, the audit: the note is there, and neither State nor source is."""
    owner, me = keeper(), person(who).viewer
    one = unattributed(owner.party_id, owner.user_id, CLEARED[who][0], hides)
    db.session.remove()
    reader = _reader(app, me.email)
    asked = [_address(app, rule, one.keys) for rule, method in _rules(app) if method == "GET"]
    asked += [f"{door}?{query}" for door in ("/activities", "/api/v1/activities") for query in ("", "q=election")]
    asked += ["/", f"/states/{STATE}", "/administration/audit", "/administration/audit.csv", "/api/v1/audit"]
    told = 0
    for address in asked:
        answer = reader.ask("GET", address)
        assert CANARY.encode() not in _words(answer), (who, address)
        told += NOTE in answer.get_data(as_text=True)
        if str(one.keys["activity_id"]) in address and answer.status_code == 200:
            text = answer.get_data(as_text=True)
            assert STATE not in text and "Lao People" not in text, (who, address)
    assert told >= 6, "the note itself is read, by its page and in the lists"
    for name in ("q", "text"):
        for door in ("/activities", "/api/v1/activities"):
            found = reader.ask("GET", f"{door}?{name}={CANARY}").get_data(as_text=True)
            other = reader.ask("GET", f"{door}?{name}={NOWHERE}").get_data(as_text=True)
            assert plain(found, CANARY) == plain(other, NOWHERE), (who, door, name)


@pytest.mark.parametrize("who", [*CLEARED])
def test_s03_what_is_hidden_comes_out_nowhere(app: Flask, person: People, who: str) -> None:
    """Lists, searches, counts, the State's page, exports: every GET without a record in its address."""
    owner, me = keeper(), person(who).viewer
    if who == "officer":
        accredit_to_one(me)
        bundle(owner.party_id, owner.user_id, Handling.STATES, ELSEWHERE)
    bundle(owner.party_id, owner.user_id, Handling.ORIGINATOR)
    bundle(owner.party_id, owner.user_id, CLEARED[who][1])
    bundle(owner.party_id, owner.user_id, Handling.COMMUNITY, RESTRICTED)
    with access.looking_as(access.SYSTEM), unit_of_work():
        restricted.restrict(actor=owner, state_iso3=RESTRICTED)
    db.session.remove()
    reader, looked = _reader(app, person(who).email), 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or not rule.arguments <= {"iso3", "key", "kind"}:
            continue
        for state in (STATE, RESTRICTED, ELSEWHERE):
            values = {name: value for name, value in FIXED.items() if name in rule.arguments}
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **{**values, **({"iso3": state} if "iso3" in values else {})})
            for query in ("", f"?state={state}&state_iso3={state}"):
                assert CANARY.encode() not in _words(reader.ask("GET", address + query)), (who, address, query)
                looked += 1
            if rule.endpoint.split(".")[0] in NEVER_TWICE:
                break
            for name in ("q", "text"):
                found = reader.ask("GET", f"{address}?{name}={CANARY}").get_data(as_text=True)
                other = reader.ask("GET", f"{address}?{name}={NOWHERE}").get_data(as_text=True)
                assert plain(found, CANARY) == plain(other, NOWHERE), (who, address, name)
            if "iso3" not in values:
                break
    access.look_as(access.SYSTEM)
    assert looked > 60
