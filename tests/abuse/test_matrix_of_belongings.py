"""S1, S4, S9, S10: the routes to what has no handling × everybody × whose it is and whether it is over.

Accounts, sessions, tokens, second factors, feeds, invitations, mails, imports, missions, emergencies, links, public
facts. What is not for somebody answers with the bytes of what is not there, through both doors and for every method,
and nothing is written; records have a matrix of their own (test_matrix.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from crm.accounts.models import Party, Role, User
from crm.accounts.service import open_account
from crm.accounts.viewers import viewer_of
from crm.core import access, routes
from crm.core.access import PublicFact, Viewer
from crm.core.db import db, unit_of_work
from crm.people.models import Office
from crm.states.models import State
from tests.abuse.asking import Door, Reader, address, pairs, reader
from tests.abuse.belongings import (
    KEPT,
    NAMES,
    NOWHERE,
    ONES_OWN,
    PARTYS_OWN,
    PUBLIC_FACTS,
    PUBLISHED,
    QUEUES,
    SECRETS,
    Keys,
    absent,
    belongings,
    caught_mail,
    restrict,
)
from tests.abuse.world import CLEARED, RECORDS, RESTRICTED, digest, keeper, plain
from tests.support.people import PASSWORD, PEOPLE, Person
from tests.support.records import anew

People = Callable[[str], Person]

PERSONAS = [*CLEARED, "party_administrator"]
RELATIONS = ("own", "own_over", "colleague", "colleague_over", "other", "other_over")
"""Whose it is, and whether it is over; a colleague is of the same party."""

DONE = {200, 201, 204, 303, 409, 422}
"""Answers of a function that was reached: done, or refused for what was sent along."""

REFUSED = 403
"""How a change of another party's mission is refused, and of who is named for a State by whoever is not."""

MADE_BY_WRITING = {("/api/v1/drafts/<uuid:draft_id>", "PUT")}
"""What is made where it is put, so that a place that is free and one that is taken refuse the same nonsense."""


@dataclass
class World:
    """Who looks, and whose belongings they come upon beside their own."""

    me: Viewer
    colleague: Viewer
    other: Viewer
    reader: Reader
    folder: Path

    def made(self, relation: str, *named: str) -> Keys:
        """One of everything, with its colleague named for the restricted State where that relation is."""
        owner = {"own": self.me, "colleague": self.colleague, "other": self.other}[relation.partition("_")[0]]
        made = belongings(owner, over=relation.endswith("over"))
        if relation in named:
            restrict(made["user_id"])
        return {**made, "name": caught_mail(self.folder, owner.email)}


def _world(app: Flask, person: People, who: str) -> World:
    app.config["RAISE_ERRORS"] = False
    persona = "coordinator" if who == "party_administrator" else who
    known = person(persona)
    if who == "party_administrator":
        with access.looking_as(access.SYSTEM), unit_of_work() as session:
            session.get_one(User, known.viewer.user_id).administers_party = True
    other = keeper()
    restrict(other.user_id)
    me, colleague = anew(known.viewer), _colleague_of(known.viewer, PEOPLE[persona][3])
    db.session.remove()
    folder = app.extensions["settings"].mail_catcher_dir
    return World(me, colleague, other, reader(app, known.email), folder)


def _colleague_of(viewer: Viewer, role: Role) -> Viewer:
    """Somebody else of the same party, with the same office."""
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        return viewer_of(
            open_account(
                actor=access.SYSTEM, email="colleague@example.org", name="A colleague", roles=[role], password=PASSWORD,
                party=session.get_one(Party, viewer.party_id), mission_id=viewer.mission_id,
            )
        )  # fmt: skip


def _asked(rule: Door, relation: str) -> bool:
    """Whether it matters for this address whose colleague's it is: what is a party's is the same for all of it."""
    return not relation.startswith("colleague") or bool(rule.arguments & ONES_OWN)


def _routes(app: Flask) -> Iterator[tuple[Door, str]]:
    """Every route to what has no handling; files that lie about and records are somebody else's."""
    for rule, method in pairs(app, NAMES):
        if not rule.arguments & (RECORDS | {"filename"}):
            yield rule, method


def _keys(rule: Door, keys: Keys) -> Keys:
    """Where people are named for a State, it is the one for which they are."""
    there = keys["iso3"] != NOWHERE["iso3"] and "/restricted/" in str(rule)
    return {**keys, "iso3": RESTRICTED} if there else keys


def _reached(name: str, relation: str, viewer: Viewer) -> bool:
    """Whether what this name stands for is there for somebody to whom the function is open."""
    mine, over = relation.startswith("own"), relation.endswith("over")
    if name in ONES_OWN | PARTYS_OWN:
        return mine
    if name in KEPT:
        return (mine or viewer.may("accounts:write")) and not (over and name == "invitation_id")
    return not over if name in SECRETS else True


def _open(app: Flask, rule: Door, viewer: Viewer) -> bool:
    declared = routes.access_of(app, rule.endpoint)
    assert declared
    return declared.permission is None or viewer.may(declared.permission)


def _may_change(app: Flask, rule: Door, method: str, relation: str, viewer: Viewer) -> bool:
    """False for what would change a mission that is not the viewer's to change: that there is one is published."""
    declared = routes.access_of(app, rule.endpoint)
    changes = method != "GET" or (declared and declared.permission == "missions:write")
    theirs = viewer.may("missions:write") and (relation.startswith("own") or viewer.may("accounts:write"))
    return theirs or not (rule.arguments & set(PUBLISHED) and changes)


def test_every_name_is_of_one_kind_and_public_facts_are_public(app: Flask) -> None:
    sets = (ONES_OWN, PARTYS_OWN, KEPT, QUEUES, set(PUBLISHED), set(PUBLIC_FACTS), set(SECRETS))
    assert sum(map(len, sets)) == len(set().union(*sets))
    assert all(issubclass(model, PublicFact) for model in PUBLIC_FACTS.values())
    assert {State, Office} <= set(PUBLIC_FACTS.values())
    for rule in app.url_map.iter_rules():
        declared = routes.access_of(app, rule.endpoint)
        if rule.arguments & set(SECRETS):
            assert declared and not declared.signed_in and rule.arguments <= set(SECRETS)


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_has_tests_of_its_own(app: Flask, name: str) -> None:
    [rule] = [one for one in app.url_map.iter_rules() if name in one.arguments]
    beginning = str(rule).partition("<")[0].strip("/")
    assert beginning in (Path(__file__).parent / SECRETS[name]).read_text(encoding="utf-8")


@pytest.mark.parametrize("who", PERSONAS)
def test_s01_what_belongs_to_somebody_else_is_absent(app: Flask, person: People, who: str) -> None:
    world = _world(app, person, who)
    there = {relation: world.made(relation, "own", "own_over") for relation in RELATIONS}
    nowhere = absent(world.folder, world.me.email)
    db.session.remove()
    before, hidden, refused = digest(), Counter[str](), 0
    for rule, method in _routes(app):
        nothing = world.reader.ask(method, address(app, rule, _keys(rule, nowhere)))
        known = plain(nothing.text, *nowhere.values())
        for relation, keys in there.items():
            if not _asked(rule, relation):
                continue
            seen = all(_reached(name, relation, world.me) for name in rule.arguments & NAMES)
            answers = _open(app, rule, world.me) and seen
            if answers and _may_change(app, rule, method, relation, world.me):
                continue
            answer = world.reader.ask(method, address(app, rule, _keys(rule, keys)))
            place = (who, relation, str(rule), method, answer.status_code)
            known_to_all = rule.arguments & set(PUBLISHED) or "/restricted/<iso3>" in str(rule)
            elsewhere = relation.startswith("other") and known_to_all
            if answers or (elsewhere and _open(app, rule, world.me)):
                assert answer.status_code == REFUSED, place
                refused += 1
                continue
            expected = 404 if _open(app, rule, world.me) else 403
            if (str(rule), method) in MADE_BY_WRITING:
                expected = 422
            assert answer.status_code == nothing.status_code == expected, (place, nothing.status_code)
            assert plain(answer.text, *keys.values()) == known, place
            hidden[relation] += 1
    access.look_as(access.SYSTEM)
    assert min(hidden[one] for one in RELATIONS if not one.startswith("own")) > 15, hidden
    assert (refused > 0) == (who != "administrator")
    assert digest() == before


@pytest.mark.parametrize("who", PERSONAS)
def test_what_is_ones_own_is_reached(app: Flask, person: People, who: str) -> None:
    """The control: each of these functions does answer where it is open to somebody."""
    world, reached = _world(app, person, who), 0
    read = {relation: world.made(relation) for relation in ("own", "other")}
    for rule, method in _routes(app):
        if str(rule).endswith("/undo-handling"):
            continue  # the way back of another change than the one that there is
        if "/restricted/<iso3>" in str(rule):
            continue  # for those who are named alone: tests/reach/test_who_is_named.py
        if rule.arguments & set(SECRETS):
            continue  # whoever opens a link is somebody else from then on
        for relation in read if rule.arguments & KEPT else ("own",):
            seen = all(_reached(name, relation, world.me) for name in rule.arguments & NAMES)
            if not (_open(app, rule, world.me) and seen and _may_change(app, rule, method, relation, world.me)):
                continue
            keys = read[relation] if method == "GET" else world.made(relation, *RELATIONS)
            answer = world.reader.ask(method, address(app, rule, _keys(rule, keys)))
            assert answer.status_code in DONE, (who, relation, str(rule), method, answer.status_code)
            reached += 1
    access.look_as(access.SYSTEM)
    assert reached > 20


@pytest.mark.parametrize("who", ["anonymous", "link_holder"])
def test_s01_whoever_has_no_account_comes_by_nothing(app: Flask, person: People, who: str) -> None:
    world = _world(app, person, "administrator")
    there = {relation: world.made(relation, "own", "own_over") for relation in RELATIONS}
    nowhere = absent(world.folder, world.me.email)
    nobody = reader(app, None)
    if who == "link_holder":
        held = world.made("other")["invitation_link"]
        assert nobody.browser.get(f"/invitation/{held}").status_code == 200
    db.session.remove()
    before = digest()
    for rule, method in _routes(app):
        nothing = nobody.ask(method, address(app, rule, _keys(rule, nowhere)))
        known = plain(nothing.text, *nowhere.values())
        for relation, keys in there.items():
            if rule.arguments & set(SECRETS) and not relation.endswith("over"):
                continue
            answer = nobody.ask(method, address(app, rule, _keys(rule, keys)))
            place = (who, relation, str(rule), method, answer.status_code)
            assert answer.status_code == nothing.status_code, place
            assert answer.status_code in {303, 401, 404}, place
            assert plain(answer.text, *keys.values()) == known, place
    access.look_as(access.SYSTEM)
    assert digest() == before


@pytest.mark.parametrize("who", ["coordinator", "administrator"])
def test_s04_a_part_of_another_mission_is_not_reached_through_ones_own(app: Flask, person: People, who: str) -> None:
    world = _world(app, person, who)
    mine, theirs = world.made("own"), world.made("other")
    nowhere = absent(world.folder, world.me.email)
    db.session.remove()
    before, tried = digest(), 0
    for rule, method in _routes(app):
        for name in rule.arguments & {"accreditation_id", "user_id"}:
            if "mission_id" not in rule.arguments:
                continue
            crossed, missing = ({**mine, name: keys[name]} for keys in (theirs, nowhere))
            answers = [world.reader.ask(method, address(app, rule, keys)) for keys in (crossed, missing)]
            assert [one.status_code for one in answers] == [404, 404], (str(rule), method)
            bodies = [plain(one.text, *keys.values()) for one, keys in zip(answers, (crossed, missing), strict=True)]
            assert bodies[0] == bodies[1], (str(rule), method)
            tried += 1
    assert tried == 8
    access.look_as(access.SYSTEM)
    assert digest() == before
