"""S3, S5, S7: what is hidden comes out of no list, search, count, export or log, whoever looks.

What is asked of a single record stands in test_matrix.py; mails and calendars are read in test_matrix_of_mails.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict

from crm.audit.service import SENSITIVE
from crm.core import access
from crm.core.access import Handling, Viewer
from crm.core.db import db, unit_of_work
from crm.core.visibility import HIDES_STATE, Attribution
from crm.lists.files.views import FILES, Files
from crm.reach.service import restricted
from tests.abuse.asking import address, pairs, reader
from tests.abuse.belongings import belongings
from tests.abuse.lists import ANSWERS, ASKED_WITH, NO_PAGE, lists, words_of
from tests.abuse.world import (
    CANARY,
    CLEARED,
    ELSEWHERE,
    NOTE,
    RECORDS,
    RESTRICTED,
    STATE,
    accredit_to_one,
    bundle,
    keeper,
    plain,
    unattributed,
)
from tests.support.people import Person

People = Callable[[str], Person]

NOWHERE = "Nirgends-7Q"
"""A word that stands in no record at all: looking for a hidden one must look the same."""

NEVER_TWICE = {"factors", "factors_api", "audit", "audit_api", "health"}
"""Pages that are never the same twice: fresh secrets, times, and the trail of looking itself."""

SEARCHES, STATES = {"q", "text"}, {"state", "state_iso3"}
"""By what names a page is asked to look for a word, and for a State."""


class Noted(ImmutableMultiDict[str, str]):
    """What came with an address, noting which names a page reads: what it does not read cannot change its answer."""

    read: set[str] = set()
    """Names that were read, "*" for all of them."""

    def _note(self, name: object) -> None:
        Noted.read.add(str(name))

    def __getitem__(self, key: str) -> str:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, *given: Any, **named: Any) -> Any:
        self._note(key)
        return super().get(key, *given, **named)

    def getlist(self, key: str, *given: Any, **named: Any) -> Any:
        self._note(key)
        return super().getlist(key, *given, **named)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._note("*")
        return super().__iter__()

    def items(self, *given: Any, **named: Any) -> Any:
        self._note("*")
        return super().items(*given, **named)

    def keys(self) -> Any:
        self._note("*")
        return super().keys()

    def values(self) -> Any:
        self._note("*")
        return super().values()

    def lists(self) -> Any:
        self._note("*")
        return super().lists()

    def to_dict(self, *given: Any, **named: Any) -> Any:
        self._note("*")
        return super().to_dict(*given, **named)


@pytest.fixture
def noted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[set[str]], set[str]]:
    """Which of these names the pages have read since it was asked last."""
    monkeypatch.setattr(app.request_class, "parameter_storage_class", Noted)

    def since(names: set[str]) -> set[str]:
        read, Noted.read = Noted.read, set()
        return names if "*" in read else names & read

    since(set())
    return since


@pytest.mark.parametrize("who", [one for one in CLEARED if one not in ("officer", "administrator")])
@pytest.mark.parametrize("hides", sorted(HIDES_STATE))
def test_s03_what_surrounds_an_unattributed_note_comes_out_nowhere(
    app: Flask, person: People, who: str, hides: Attribution
) -> None:
    """Its own address, the list, searches, the audit: the note is there, and neither State nor source is."""
    owner, me = keeper(), person(who).viewer
    one = unattributed(owner.party_id, owner.user_id, CLEARED[who][0], hides)
    db.session.remove()
    eyes = reader(app, me.email)
    asked = [address(app, rule, one.keys) for rule, method in pairs(app, RECORDS) if method == "GET"]
    asked += [f"{door}?{query}" for door in ("/activities", "/api/v1/activities") for query in ("", "q=election")]
    asked += ["/", f"/states/{STATE}", "/administration/audit", "/administration/audit.csv", "/api/v1/audit"]
    told = 0
    for place in asked:
        answer = eyes.ask("GET", place)
        assert CANARY.encode() not in words_of(answer), (who, place)
        told += NOTE in answer.get_data(as_text=True)
        if str(one.keys["activity_id"]) in place and answer.status_code == 200:
            text = answer.get_data(as_text=True)
            assert STATE not in text and "Lao People" not in text, (who, place)
    glanced_over = CLEARED[who][0] in SENSITIVE
    assert told >= (4 if glanced_over else 6), "its page, what is looked for and the lists, unless these keep it back"
    for name in ("q", "text"):
        for door in ("/activities", "/api/v1/activities"):
            found = eyes.ask("GET", f"{door}?{name}={CANARY}").get_data(as_text=True)
            other = eyes.ask("GET", f"{door}?{name}={NOWHERE}").get_data(as_text=True)
            assert plain(found, CANARY) == plain(other, NOWHERE), (who, door, name)


def _hidden_from(me: Viewer, owner: Viewer, who: str) -> None:
    """Records that somebody may not see, for every reason that there is."""
    if who == "officer":
        accredit_to_one(me)
        bundle(owner.party_id, owner.user_id, Handling.STATES, ELSEWHERE)
    bundle(owner.party_id, owner.user_id, Handling.ORIGINATOR)
    bundle(owner.party_id, owner.user_id, CLEARED[who][1])
    bundle(owner.party_id, owner.user_id, Handling.COMMUNITY, RESTRICTED)
    belongings(owner)
    belongings(owner, over=True)
    with access.looking_as(access.SYSTEM), unit_of_work():
        restricted.restrict(actor=owner, state_iso3=RESTRICTED)
    db.session.remove()


@pytest.mark.parametrize("who", [*CLEARED])
def test_s03_what_is_hidden_comes_out_nowhere(
    app: Flask, person: People, who: str, noted: Any, said: Callable[[], str]
) -> None:
    """Lists, searches, counts, the State's page, exports: every GET without a record in its address."""
    me = person(who)
    _hidden_from(me.viewer, keeper(), who)
    eyes, looked, searched = reader(app, me.email), 0, 0
    noted(set())
    for place, endpoint in lists(app):
        answer, part = eyes.ask("GET", place), endpoint.partition(".")[0]
        assert CANARY.encode() not in words_of(answer), (who, place)
        assert answer.status_code in ANSWERS or endpoint in NO_PAGE, (who, place, answer.status_code)
        read = noted(SEARCHES | STATES)
        looked += answer.status_code == 200
        if endpoint in ASKED_WITH:
            continue
        for state in (STATE, RESTRICTED, ELSEWHERE) if read & STATES else ():
            query = f"{place}?state={state}&state_iso3={state}"
            assert CANARY.encode() not in words_of(eyes.ask("GET", query)), (who, query)
        for name in sorted(read & SEARCHES) if part not in NEVER_TWICE else ():
            found = words_of(eyes.ask("GET", f"{place}?{name}={CANARY}")).decode("utf-8", "replace")
            other = words_of(eyes.ask("GET", f"{place}?{name}={NOWHERE}")).decode("utf-8", "replace")
            assert plain(found, CANARY) == plain(other, NOWHERE), (who, place, name)
            searched += 1
        noted(set())
    access.look_as(access.SYSTEM)
    assert looked > 60, "pages, and not refusals"
    assert CANARY not in said()
    assert searched >= 4, "States and activities are searched, through both doors"


@pytest.mark.parametrize("who", ["coordinator", "officer", "observer", "administrator"])
def test_s03_no_order_no_column_and_no_file_of_a_list_tells_of_what_is_hidden(
    app: Flask, person: People, who: str
) -> None:
    """With every column that it has and in every order, on its page and in its files."""
    me = person(who)
    _hidden_from(me.viewer, keeper(), who)
    eyes, looked = reader(app, me.email), 0
    for files in FILES:
        with access.looking_as(access.SYSTEM):
            form, page = files.listing.asked(""), _address_of(app, files)
        columns = "&".join(f"columns={one.key}" for one in form.known_columns)
        wide = "&owner=all&status=all" if files.listing.key == "followups" else ""
        for sort in form.sorts:
            for place in (page, f"{files.page}.csv", f"{files.page}.xlsx"):
                answer = eyes.ask("GET", f"{place}?sort={sort}&{columns}{wide}")
                assert CANARY.encode() not in words_of(answer), (who, place, sort)
                looked += answer.status_code == 200
    access.look_as(access.SYSTEM)
    assert looked > 20


def _address_of(app: Flask, files: Files) -> str:
    with app.test_request_context():
        return files.listing.address()
