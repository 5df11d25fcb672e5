"""Going to an address as somebody: what the matrices of who may see what have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.abuse.world import STATE
from tests.support.pages import token_of
from tests.support.people import browser_of

FIXED = {
    "iso3": STATE,
    "language": "en",
    "key": "2MSP",
    "filename": "x",
    "ending": "csv",
}
"""What stands in an address where it names a choice or what everybody knows."""

SAFE = {"HEAD", "OPTIONS"}
"""Methods that every route answers by itself."""


KINDS = {"/<iso3>/<kind>": "foreign_minister", "/<language>.<kind>": "pdf"}
"""What `kind` means, by what stands around it in an address: an office of a State, the format of a letter."""

RECORD_KINDS = {
    "activity": "activity_id",
    "follow_up": "followup_id",
    "letter_campaign": "campaign_id",
    "interlocutor": "person_id",
    "post": "post_id",
}
"""Each kind of record that an address may name, and what its key is called elsewhere."""

CHOICES = {*FIXED, "kind", "record_kind"}


class Door(NamedTuple):
    """A route, with the kind of record that it is asked for where its address names one."""

    rule: Rule
    record_kind: str = ""

    def __str__(self) -> str:
        return f"{self.rule} {self.record_kind}".strip()

    @property
    def endpoint(self) -> str:
        """The endpoint of the route."""
        return str(self.rule.endpoint)

    @property
    def arguments(self) -> set[str]:
        """The names in its address; a record of a kind under its own name."""
        if not self.record_kind:
            return self.rule.arguments
        return (self.rule.arguments - {"record_id"}) | {RECORD_KINDS[self.record_kind]}


def _fixed(rule: Rule, name: str) -> str:
    if name != "kind":
        return FIXED[name]
    [kind] = [kind for around, kind in KINDS.items() if around in rule.rule]
    return kind


def methods(rule: Rule) -> list[str]:
    """The methods by which a route is asked."""
    return sorted((rule.methods or set()) - SAFE)


def pairs(app: Flask, names: set[str]) -> Iterator[tuple[Door, str]]:
    """Every route whose address holds one of these names, with each of its methods and for each kind of record."""
    for rule in app.url_map.iter_rules():
        for kind in RECORD_KINDS if "record_kind" in rule.arguments else ("",):
            door = Door(rule, kind)
            if door.arguments & names:
                yield from ((door, method) for method in methods(rule))


def address(app: Flask, door: Door, keys: Mapping[str, UUID | str]) -> str:
    """The address of a route with these keys in it."""
    kind = door.record_kind
    known = {**keys, "record_kind": kind, "record_id": keys[RECORD_KINDS[kind]]} if kind else keys
    values = {name: known.get(name) or _fixed(door.rule, name) for name in door.rule.arguments}
    return app.url_map.bind("localhost").build(door.endpoint, values)


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


def reader(app: Flask, email: str | None) -> Reader:
    """Whoever has this address, signed in; nobody without one."""
    browser = browser_of(app, email) if email else app.test_client()
    page = browser.get("/account" if email else "/sign-in").get_data(as_text=True)
    return Reader(browser, token_of(page))
