"""The list of silences as its page, its file and its saved views know it: by State, how long nobody was in touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from crm.core import access
from crm.core.by_heart import ByHeart
from crm.core.forms import options
from crm.core.listing import Column, ListForm, Listing
from crm.followups.cadence.queries import silences
from crm.followups.cadence.rules import Silence
from crm.states.columns import REGION_NAMES
from crm.states.queries import register
from crm.states.rules import REGION_LABELS

SOON, OVER, ALL = "soon", "over", "all"

COLUMNS = (
    Column("state", "State", lambda one: register().name_today(one.state_iso3), always=True),
    Column("region", "Region", lambda one: _region(one), shown=False),
    Column("since", "Silent since", lambda one: one.since),
    Column("silence", "Silence", lambda one: one.in_words),
    Column("days", "Days", lambda one: one.days if one.since else None, shown=False),
    Column("of", "Of", lambda one: one.most, shown=False),
    Column("stands", "How it stands", lambda one: in_words(one)),
)


def _region(one: Silence) -> str:
    region = register().state(one.state_iso3).region
    return REGION_NAMES.get(region, region)


def in_words(one: Silence) -> str:
    """How far a silence is."""
    if one.over:
        return "Time to get in touch"
    if one.since is None:
        return "No contact known"
    return "Nearly over" if one.nearly else "In touch"


class SilenceFilter(ListForm):
    """Which States, as it stands in the address."""

    sorts = ("left", "-left", "since", "-since", "name", "-name")
    known_columns = COLUMNS

    which = SelectField(
        "Which", choices=options([(SOON, "Over or nearly"), (OVER, "Over"), (ALL, "All")]), default=SOON
    )
    state = SelectField("State", choices=[], default="")
    region = SelectField(
        "Region", choices=options(((one, REGION_NAMES.get(one, one)) for one in REGION_LABELS), "Every region"),
        default="",
    )  # fmt: skip

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state.choices = options(states, "Every State")

    def shows(self, one: Silence) -> bool:
        """Whether a silence fits the filters."""
        good = self.good()
        stands = {SOON: one.over or one.nearly, OVER: one.over}.get(good["which"], True)
        return (
            stands
            and (not good["state"] or one.state_iso3 == good["state"])
            and (not good["region"] or register().state(one.state_iso3).region == good["region"])
        )


_ORDERS: dict[str, Callable[[Silence], Any]] = {
    "left": lambda one: one.most - one.days,
    "since": lambda one: (one.since is None, one.since),
    "name": lambda one: register().name_today(one.state_iso3),
}


def filters(given: MultiDict[str, str]) -> SilenceFilter:
    """The form of the list with its States offered, for what stands in an address."""
    form = SilenceFilter(given, meta={"csrf": False})
    form.offer(register().options(access.today()))
    return form


def _question(form: SilenceFilter, _whole: bool) -> ByHeart:
    found = [one for one in silences(access.viewer(), access.today()) if form.shows(one)]
    sort = form.good()["sort"]
    if sort:
        found.sort(key=_ORDERS[sort.lstrip("-")], reverse=sort.startswith("-"))
    return ByHeart(found, lambda one: one.state_iso3)


LISTING = Listing(
    key="silences",
    label="Silence",
    one="State",
    many="States",
    endpoint="cadence.index",
    permission="followups:read",
    filters=filters,
    question=_question,
    title=lambda one: register().name_today(one.state_iso3),
)
