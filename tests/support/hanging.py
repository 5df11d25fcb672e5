"""What people make of an activity, each as a deed: it hangs on the activity then and must not be lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlalchemy import select

from crm.activities.attachments.service import add_attachment
from crm.activities.models import Activity
from crm.capture.models import WaitingMail
from crm.capture.rules.course import Phase
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.files.intake import check
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.people.met.models import Interlocutor
from crm.people.met.rules import Stance
from crm.sharing import service as sharing
from tests.support.met import known, stated

Deed = Callable[[Viewer, Viewer, UUID], None]
"""By whose record it is and by somebody of another party who sees it, to the activity with this key."""

LATER = date(2027, 6, 1)
HIDDEN = "Something else stands on one of these records"
STATE = "BTN"


def _opened(someone: Viewer, key: UUID, handling: Handling) -> UUID:
    with looking_as(someone), unit_of_work():
        given = {"what": "Of their own", "state_iso3": STATE, "due_on": LATER, "activity_id": key}
        return followups.open_follow_up(actor=someone, handling=handling, **given).id


def others_open_a_follow_up(own: Viewer, other: Viewer, key: UUID) -> None:
    _opened(other, key, Handling.ORIGINATOR)


def others_open_one_that_is_seen(own: Viewer, other: Viewer, key: UUID) -> None:
    _opened(other, key, Handling.STATES)


def the_party_opens_a_further_one(own: Viewer, other: Viewer, key: UUID) -> None:
    _opened(own, key, Handling.COORDINATION)


def others_think_of_somebody(own: Viewer, other: Viewer, key: UUID) -> None:
    person = known(other, "Ana", STATE, handling=Handling.ORIGINATOR)
    stated(other, person, Stance.FRIEND, source=str(key), handling=Handling.ORIGINATOR)


def the_party_thinks_of_somebody(own: Viewer, other: Viewer, key: UUID) -> None:
    stated(own, known(own, "Ana", STATE), Stance.FRIEND, source=str(key))


def somebody_is_kept(own: Viewer, other: Viewer, key: UUID) -> None:
    kept = known(own, "Ana", STATE)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Interlocutor, kept).source_id = key


def a_file_is_added(own: Viewer, other: Viewer, key: UUID) -> None:
    with looking_as(own), unit_of_work():
        add_attachment(actor=own, activity_id=key, file=check(b"What was left\n", "note.txt"))


def others_ask_for_it(own: Viewer, other: Viewer, key: UUID) -> None:
    _ask(other, "activity", key)


def others_ask_for_its_follow_up(own: Viewer, other: Viewer, key: UUID) -> None:
    with looking_as(SYSTEM):
        followed = db.session.scalars(select(FollowUp.id).where(FollowUp.activity_id == key)).one()
    _ask(other, "follow_up", followed)


def _ask(other: Viewer, kind: str, key: UUID) -> None:
    with looking_as(other), unit_of_work():
        sharing.ask_wider(actor=other, kind=kind, record_id=key, wanted=Handling.PUBLIC, reason="For the report.")


def a_mail_is_kept(own: Viewer, other: Viewer, key: UUID) -> None:
    with looking_as(SYSTEM), unit_of_work() as session:
        party = session.get_one(Activity, key).originator_id
        session.add(WaitingMail(originator_id=party, mark="m", size=1, phase=Phase.LOGGED.value, activity_id=key))


DEEDS: tuple[tuple[Deed, str], ...] = (
    (others_open_a_follow_up, HIDDEN),
    (others_open_one_that_is_seen, "a follow-up of their own"),
    (the_party_opens_a_further_one, "a follow-up of their own"),
    (others_think_of_somebody, HIDDEN),
    (the_party_thinks_of_somebody, "rests on one of them"),
    (somebody_is_kept, "met is kept"),
    (a_file_is_added, "A file was added"),
    (others_ask_for_it, "may travel further"),
    (others_ask_for_its_follow_up, "may travel further"),
    (a_mail_is_kept, "A mail was kept"),
)
"""What is done, and the sentence in which whoever would take the activity back is refused."""
