"""The list of accounts as its page, its file and its saved views know it, for those who keep them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.validators import Length

from crm.accounts import queries
from crm.accounts.models import Role, User
from crm.accounts.policy import LABELS, PARTY_ADMINISTRATOR
from crm.core import access, clock
from crm.core.forms import clean_text, options, plain_characters
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import Question

KEEPER = "party_administrator"
"""Chosen like a role, and no role: whoever keeps the accounts of their party."""


def roles_of(user: User) -> str:
    """What somebody may do, in words."""
    found = [LABELS[Role(role.name)] for role in user.roles]
    return ", ".join([*found, *([PARTY_ADMINISTRATOR] if user.administers_party else [])])


def stands(user: User) -> str:
    """Whether the account is open."""
    return "Open" if user.active else "Closed by the operator" if user.closed_by_operator else "Closed"


def _opened_on(user: User) -> date:
    """The day on which the account was opened where the reader is."""
    return clock.day_of(user.created_at, access.viewer().time_zone)


COLUMNS: tuple[Column, ...] = (
    Column("person", "Person", lambda user: user.name, always=True),
    Column("email", "Email", lambda user: user.email),
    Column("party", "Party", lambda user: user.party.name),
    Column("role", "Role", roles_of),
    Column("factor", "Second factor", lambda user: "Set up" if user.has_factor else "None"),
    Column("stands", "State of the account", stands),
    Column("since", "Open since", _opened_on, shown=False),
)


class AccountFilter(ListForm):
    """Who, of which party, in which role, open or closed, as they stand in the address."""

    sorts = ("person", "-person", "party", "-party")
    known_columns = COLUMNS

    q = StringField("Name or email", filters=[clean_text], validators=[Length(max=100), plain_characters])
    party = SelectField("Party", choices=[], default="")
    role = SelectField(
        "Role",
        choices=options([*((one.value, label) for one, label in LABELS.items()), (KEEPER, PARTY_ADMINISTRATOR)],
                        "Every role"),
        default="",
    )  # fmt: skip
    stands = SelectField(
        "Account", choices=options([("open", "Open"), ("closed", "Closed")], "Open or not"), default=""
    )
    factor = SelectField(
        "Second factor", choices=options([("set", "Set up"), ("none", "None")], "With one or without"), default=""
    )

    def offer(self, parties: list[tuple[str, str]]) -> None:
        """Fill in the parties whose accounts the viewer keeps."""
        self.party.choices = options(parties, "Every party")

    def within_one_party(self) -> None:
        """Neither ask nor say of which party somebody is."""
        del self["party"]
        self.known_columns = tuple(replace(one, shown=False) if one.key == "party" else one for one in COLUMNS)

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        good = self.good()
        return {
            "text": good["q"] or "",
            "party_id": good.get("party") or "",
            "role": Role(good["role"]) if good["role"] and good["role"] != KEEPER else None,
            "keepers": good["role"] == KEEPER,
            "active": {"open": True, "closed": False}.get(good["stands"]),
            "with_factor": {"set": True, "none": False}.get(good["factor"]),
            "sort": good["sort"] or "",
        }


def filters(given: MultiDict[str, str]) -> AccountFilter:
    """The form of the list with its parties offered, for what stands in an address."""
    form, viewer = AccountFilter(given, meta={"csrf": False}), access.viewer()
    if viewer.may("accounts:read"):
        form.offer([(str(one.id), one.name) for one in queries.parties(viewer)])
    else:
        form.within_one_party()
    return form


def _question(form: AccountFilter, _whole: bool) -> Question:
    return queries.accounts_asked(access.viewer(), **form.wanted())


LISTING = Listing(
    key="accounts",
    label="Accounts",
    one="account",
    many="accounts",
    endpoint="accounts.directory",
    permission="party:accounts",
    filters=filters,
    question=_question,
    title=lambda user: user.name,
    file_note="Exactly this list, with these columns. That it was taken out is written into the audit.",
)
