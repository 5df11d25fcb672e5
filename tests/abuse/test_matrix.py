"""S1, S2, S5, S7, S8: every route of the URL map × everybody × what they have to do with the record.

A record that is denied answers 404 with the bytes of one that is not there, through both doors and for every
method, and nothing is written. What has no handling has a matrix of its own (test_matrix_of_belongings.py); that the
text planted in a record comes out of no list, file, mail or feed is asked in test_matrix_of_lists.py.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from crm.accounts import invitations
from crm.accounts.policy import PERMISSIONS
from crm.core import access, routes
from crm.core.access import Handling, Viewer
from crm.core.db import db, unit_of_work
from crm.core.visibility import Attribution
from crm.reach.service import restricted
from crm.wiring import HANDLED_KINDS
from tests.abuse.asking import CHOICES, RECORD_KINDS, address, pairs, reader
from tests.abuse.belongings import NAMES
from tests.abuse.world import (
    CANARY,
    CLEARED,
    ELSEWHERE,
    RECORDS,
    RELATIONS,
    RESTRICTED,
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
from tests.support.people import PEOPLE, Person

People = Callable[[str], Person]

NO_STATE = {"campaign_id", "round_id"}
"""Names of what is about no State of its own: a campaign (its letters are), a round (its talks are)."""

BETWEEN = {"request_id", "instruction_id", "task_id", "material_id"}
"""Names of what is shared with nobody: a request is for two parties, an instruction for its own."""

UNATTRIBUTED = {"activity_id"}
"""Names of what others read without its State: what comes out then is asked in test_matrix_of_lists.py."""


def test_every_name_in_an_address_is_known_here(app: Flask) -> None:
    named = {name for rule in app.url_map.iter_rules() for name in rule.arguments}
    named.discard("record_id")  # `record_kind` says of what
    assert named <= RECORDS | NAMES | CHOICES, named - RECORDS - NAMES - CHOICES
    assert set(RECORD_KINDS) == set(HANDLED_KINDS)


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
def test_s01_a_denied_record_is_an_absent_one(
    app: Flask, person: People, records: dict[str, Bundle], who: str, said: Callable[[], str]
) -> None:
    app.config["RAISE_ERRORS"] = False
    eyes = reader(app, person(who).email)
    hidden = {name: one for name, one in records.items() if name not in VISIBLE}
    if who == "administrator":
        hidden = records
    absent = {name: uuid4() for name in RECORDS}
    before, tried = digest(), 0
    for rule, method in pairs(app, RECORDS):
        nothing = eyes.ask(method, address(app, rule, absent))
        known = plain(nothing.text, *absent.values())
        assert nothing.status_code in {403, 404}, (rule, method, nothing.status_code)
        for relation, one in hidden.items():
            if relation in ("restricted", "elsewhere") and rule.arguments & NO_STATE:
                continue
            if relation == "unattributed" and who != "administrator" and rule.arguments & UNATTRIBUTED:
                continue
            answer = eyes.ask(method, address(app, rule, one.keys))
            place = (who, relation, str(rule), method)
            assert answer.status_code == nothing.status_code, place
            assert plain(answer.text, *one.keys.values()) == known, place
            tried += 1
    access.look_as(access.SYSTEM)
    assert tried > 100
    assert digest() == before
    assert CANARY not in said()


LEADING_ON = {"sharing.record", "sharing.ask"}
"""The page of a record's own party and that of all others lead whoever comes by the wrong one to the right one."""


@pytest.mark.parametrize("who", [one for one in CLEARED if one != "administrator"])
def test_what_is_shared_and_what_is_own_is_there(
    app: Flask, person: People, records: dict[str, Bundle], who: str, said: Callable[[], str]
) -> None:
    """The control: the same addresses do answer where the record is for these eyes."""
    eyes, seen = reader(app, person(who).email), 0
    for rule, method in pairs(app, RECORDS):
        declared = routes.access_of(app, rule.endpoint)
        role = PEOPLE[who][3]
        if method != "GET" or (declared and declared.permission and declared.permission not in PERMISSIONS[role]):
            continue
        for relation in VISIBLE:
            if rule.arguments & BETWEEN and relation != "own":
                continue
            answer = eyes.ask(method, address(app, rule, records[relation].keys))
            allowed = {200} if relation == "own" else {200, 403}
            allowed |= {303} if rule.endpoint in LEADING_ON else set()
            assert answer.status_code in allowed, (who, relation, str(rule), answer.status_code)
            seen += answer.status_code == 200
    access.look_as(access.SYSTEM)
    assert seen >= 4
    assert CANARY not in said(), "what may be read is in no log either"


@pytest.mark.parametrize("who", ["anonymous", "link_holder"])
def test_s01_whoever_has_no_account_learns_nothing(app: Flask, person: People, who: str) -> None:
    owner = keeper()
    one = bundle(owner.party_id, owner.user_id, Handling.PUBLIC)
    db.session.remove()
    eyes = reader(app, None)
    if who == "link_holder":
        assert eyes.browser.get(_invited(person("administrator").viewer, owner)).status_code == 200
        db.session.remove()
    absent = {name: uuid4() for name in RECORDS}
    before = digest()
    for rule, method in pairs(app, RECORDS):
        answer = eyes.ask(method, address(app, rule, one.keys))
        nothing = eyes.ask(method, address(app, rule, absent))
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
