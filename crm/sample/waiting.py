"""Mail that waits in the sample: an invitation, an answer that was forwarded, and one whose sender is not proven."""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm.capture import addresses
from crm.capture.models import WaitingFile, WaitingMail
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db

NOTE = b"Invented for the sample campaign.\n\nThe three ministries are asked to comment until the end of the month.\n"
THIMPHU = ZoneInfo("Asia/Thimphu")


def put_mails(officer: Viewer) -> None:
    """Three mails for the party of the officer, who forwarded two. Works as the system: nobody sent them."""
    with looking_as(SYSTEM):
        addresses.make(actor=officer, sample=True)
        mine = {"proven": True, "brought_by_id": officer.user_id, "sender": officer.email, "sender_name": officer.name}
        _put(officer, hours=3, subject="Invitation: call on the Legal and Treaty Department", **_call(), **mine)
        answer = _put(
            officer,
            hours=20,
            subject="Fwd: your visit of last week",
            text="Dear colleague,\n\nThe draft law is with three ministries for comment. Answers are expected within "
            "the month; the note of the department is attached.\n\nSample interlocutor (invented)",
            states="BTN",
            proposed=_proposed((clock.now() - timedelta(days=1)).date().isoformat()),
            **mine,
        )
        db.session.add(
            WaitingFile(
                mail_id=answer.id,
                place=0,
                name="Note of the department.txt",
                media_type="text/plain",
                size=len(NOTE),
                sha256=hashlib.sha256(NOTE).hexdigest(),
                content=NOTE,
            )
        )
        _put(
            officer,
            hours=50,
            subject="Question about the ratification kit",
            text="Is the kit available in Dzongkha?\n\nSample stranger (invented)",
            sender="stranger@sample.example",
            sender_name="Sample stranger (invented)",
            proposed=_proposed("", "Sample stranger (invented)"),
        )


def _call() -> dict[str, Any]:
    """An invitation to a call in Thimphu, nine days from now."""
    begins = datetime.combine(clock.today() + timedelta(days=9), time(10), THIMPHU)
    people = [{"name": "Sample interlocutor (invented)", "address": "interlocutor@sample.example"}]
    return {
        "text": "The department looks forward to the call. Please bring the estimate of costs.",
        "states": "BTN",
        "proposed": {**_proposed(begins.date().isoformat()), "kind": "capital_visit", "place": "Thimphu"},
        "invitation": {
            "title": "Call on the Legal and Treaty Department",
            "begins": begins.isoformat(),
            "ends": (begins + timedelta(hours=1)).isoformat(),
            "zone": "Asia/Thimphu",
            "place": "Thimphu",
            "cancelled": False,
            "organizer": None,
            "people": people,
        },
    }


def _proposed(day: str, person: str = "Sample interlocutor (invented)") -> dict[str, str]:
    return {"held_on": day, "kind": "", "person_name": person, "place": "", "occasion": ""}


def _put(officer: Viewer, *, hours: int, **told: Any) -> WaitingMail:
    at = clock.now() - timedelta(hours=hours)
    mail = WaitingMail(
        originator_id=officer.party_id, mark=f"sample {hours}", phase="waiting", received_at=at, sent_at=at, size=0,
        sample=True, **told,
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    return mail
