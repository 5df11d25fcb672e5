"""What a reminder says, written when it goes out: only what is still wanted then, to whoever may still see it, as
little as the installation allows. Looks as the system, and for what is shown as the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.audit.service import is_sensitive
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.display import day
from crm.followups.charging import name_of_owner
from crm.followups.models import FollowUp, Reminder
from crm.followups.queries.owners import kept_about_restricted
from crm.followups.reminding import buttons
from crm.followups.reminding.rules import Why
from crm.followups.rules import Status, Urgency, known_zone, owes, urgency
from crm.mail.message import Written
from crm.mail.wanted import Unwanted
from crm.states.queries import register

MOST_ITEMS = 50
"""Follow-ups that one mail names; of the others it says how many."""


class Detail(StrEnum):
    """What mails say of a follow-up, from least to most: the setting REMINDER_DETAIL."""

    NEUTRAL = "neutral"
    NO_STATE = "no_state"
    FULL = "full"


class Group(StrEnum):
    """The parts of a digest, in their order."""

    OVERDUE = "Overdue"
    TODAY = "Due today"
    COMING = "Coming"
    GIVEN = "Given to you"
    OTHERS = "Long overdue with others"


@dataclass(frozen=True)
class Item:
    """One follow-up in a mail; what the mail must not say is empty. `whose`: for whom the reader does it."""

    group: Group
    why: Why
    due: str
    due_day: str
    state: str
    what: str
    open_href: str
    done_href: str
    later_href: str
    whose: str = ""


def written(mail_id: UUID) -> Written | Unwanted:
    """The mail as it goes out, or why nothing of it is to be sent any more. Part of the unit of work that claims it: of
    what is left out nobody was reminded, so it is not kept as if they had been.
    """
    told = _told(mail_id)
    if not told:
        return Unwanted("The follow-up does not exist any more.")
    reader = _reader(told[0][0].recipient_id)
    if reader is None:
        return Unwanted("The account of the recipient is closed.")
    wanted, left_out = _still_wanted(told, reader)
    if not wanted:
        return Unwanted(left_out[0][1])
    for reminder, _ in left_out:
        db.session.delete(reminder)
    items = _items(wanted, reader)
    shown_ones = items[:MOST_ITEMS]
    groups = [(group.value, [one for one in shown_ones if one.group is group]) for group in Group]
    facts = {
        "headline": _headline(items),
        "groups": [one for one in groups if one[1]],
        "more": len(items) - len(shown_ones),
        "single": len(items) == 1,
        "silent": _detail() is Detail.NEUTRAL and len(items) > 1,
        "href": f"{_public_url()}/followups",
        "wishes_href": f"{_public_url()}/account/reminders",
    }
    pages = current_app.jinja_env
    return Written(
        subject=_subject(items),
        text=pages.get_template("email/reminder.txt").render(facts),
        html=pages.get_template("email/reminder.html").render(facts),
    )


def _subject(items: Sequence[Item]) -> str:
    headline = _headline(items)
    when = f" ({items[0].due_day})" if len(items) == 1 else ""
    return f"Demarche: {headline[:1].lower()}{headline[1:]}{when}"


def _public_url() -> str:
    return str(current_app.extensions["settings"].public_url)


def _detail() -> Detail:
    return Detail(current_app.extensions["settings"].reminder_detail)


_ALONE = {
    Why.GIVEN: "A follow-up was given to you",
    Why.BEFORE: "A follow-up falls due soon",
    Why.DUE: "A follow-up is due",
    Why.AGAIN: "You asked to be reminded",
    Why.OVERDUE: "A follow-up is overdue",
    Why.ESCALATED: "A follow-up of somebody else is long overdue",
}
_IN_DIGEST = {Why.GIVEN: Group.GIVEN, Why.ESCALATED: Group.OTHERS}
_COUNTED = {
    Group.OVERDUE: "overdue",
    Group.TODAY: "due today",
    Group.COMING: "coming",
    Group.GIVEN: "given to you",
    Group.OTHERS: "long overdue with others",
}


def _told(mail_id: UUID) -> list[tuple[Reminder, FollowUp]]:
    wanted = select(Reminder, FollowUp).join(FollowUp, FollowUp.id == Reminder.followup_id)
    wanted = wanted.where(Reminder.mail_id == mail_id).order_by(
        FollowUp.due_at, FollowUp.id, Reminder.tell_at, Reminder.occurrence
    )
    return [(reminder, follow_up) for reminder, follow_up in db.session.execute(wanted)]


def _reader(user_id: UUID) -> Viewer | None:
    wanted = select(User).where(User.id == user_id).options(joinedload(User.party), joinedload(User.roles))
    user = db.session.execute(wanted).unique().scalar_one()
    return viewer_of(user) if user.active else None


def _still_wanted(
    told: Sequence[tuple[Reminder, FollowUp]], reader: Viewer
) -> tuple[list[tuple[Reminder, FollowUp]], list[tuple[Reminder, str]]]:
    """What of it is still to be told, the last reminder of each follow-up, and what is not, with the reason."""
    keys = [one.id for _, one in told]
    with looking_as(reader):
        visible = set(db.session.scalars(select(FollowUp.id).where(FollowUp.id.in_(keys))))
    wanted: dict[UUID, tuple[Reminder, FollowUp]] = {}
    left_out = []
    for reminder, follow_up in told:
        reason = _against(reminder, follow_up, reader, seen=follow_up.id in visible)
        if reason:
            left_out.append((reminder, reason))
        else:
            wanted[follow_up.id] = (reminder, follow_up)
    return list(wanted.values()), left_out


def _against(reminder: Reminder, follow_up: FollowUp, reader: Viewer, *, seen: bool) -> str | None:
    """Rights as they are at this moment, by the same rule that guards the pages."""
    if follow_up.status != Status.OPEN:
        return f"The follow-up was {follow_up.status} before this went out."
    if follow_up.due_at != reminder.due_at:
        return "The follow-up was moved before this went out."
    escalated = reminder.why == Why.ESCALATED
    if owes(reader, follow_up.owner_id, follow_up.owner_mission_id) is escalated:
        return "The follow-up was given to somebody else before this went out."
    if not escalated and follow_up.again_at and follow_up.again_at > clock.now():
        return "Its owner asked to be reminded later before this went out."
    if not seen or not reader.may("followups:read"):
        return "The owner may not see this follow-up any more."
    return None


def _items(wanted: Sequence[tuple[Reminder, FollowUp]], reader: Viewer) -> list[Item]:
    restricted = kept_about_restricted(reader, [one.id for _, one in wanted])
    today = clock.today(known_zone(reader.time_zone))
    with looking_as(SYSTEM):
        keys = db.session.scalars(select(User.keys_ended).where(User.id == reader.user_id)).one()
    return [
        _item(reminder, row, today, keys, hidden=row.id in restricted or _is_read_inside(row, reader))
        for reminder, row in wanted
    ]


def _is_read_inside(row: FollowUp, reader: Viewer) -> bool:
    """Whether reading it is written down for the reader: a mail, and the page behind its button, is read by nobody
    who signed in.
    """
    return is_sensitive(reader, row.originator_id, Handling(row.handling))


def _item(reminder: Reminder, row: FollowUp, today: date, keys: int, *, hidden: bool) -> Item:
    detail = _detail()
    if hidden or row.handling == Handling.ORIGINATOR:
        detail = Detail.NEUTRAL
    why = Why(reminder.why)
    item = Item(
        group=_IN_DIGEST.get(why) or _group(row.due_on, today),
        why=why,
        due_day=day(row.due_on),
        due=f"{day(row.due_on)}, {row.due_at_local:%H:%M} ({row.zone})",
        state="",
        what="",
        open_href=f"{_public_url()}/followups/{row.id}",
        done_href="",
        later_href="",
    )
    if why is not Why.ESCALATED:
        item = replace(
            item,
            done_href=_public_url() + buttons.address(buttons.DONE, reminder.id, keys),
            later_href=_public_url() + buttons.address(buttons.LATER, reminder.id, keys),
        )
    if detail is not Detail.NEUTRAL:
        item = replace(item, what=row.what, whose=name_of_owner(row) if row.owner_mission_id else "")
    if detail is Detail.FULL:
        item = replace(item, state=register().name(row.state_iso3, row.due_on))
    return item


def _group(due_on: date, today: date) -> Group:
    return {Urgency.OVERDUE: Group.OVERDUE, Urgency.TODAY: Group.TODAY}.get(urgency(due_on, today), Group.COMING)


def _headline(items: Sequence[Item]) -> str:
    """What a mail is about, without a word of what is in it."""
    if len(items) == 1:
        return _ALONE[items[0].why]
    return f"{len(items)} follow-ups: {', '.join(_counts(items))}"


def _counts(items: Sequence[Item]) -> list[str]:
    counted = [(_COUNTED[group], sum(one.group is group for one in items)) for group in Group]
    return [f"{number} {words}" for words, number in counted if number]


def shown(reminder: Reminder, row: FollowUp, reader: Viewer) -> Item:
    """What the page behind a button says of a follow-up: no more than the mail that led to it."""
    return _items([(reminder, row)], reader)[0]
