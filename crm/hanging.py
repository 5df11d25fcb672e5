"""Floor 8: what may come to hang on an activity, asked before one goes for good."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from crm.activities.appointments.models import Appointment
from crm.activities.models import ActivityObstacle, Attachment
from crm.activities.withdrawing import Hanging, Keys
from crm.capture.models import WaitingMail
from crm.followups import withdrawal
from crm.followups.models import FollowUp
from crm.instructions.models import InstructionTask
from crm.people.met.models import Interlocutor, Post, StanceClaim
from crm.positions.models import ObstacleClaim
from crm.sharing.models import HandlingRequest

_ASKED = "Somebody asked that one of them may travel further."


def _asked_about_follow_ups(keys: Keys) -> Select[UUID | None]:
    asked = HandlingRequest.subject_id == FollowUp.id
    return select(FollowUp.activity_id).join(HandlingRequest, asked).where(FollowUp.activity_id.in_(keys))


def _claimed(keys: Keys) -> Select[UUID | None]:
    claim = ObstacleClaim.id == ActivityObstacle.claim_id
    return select(ActivityObstacle.activity_id).join(ObstacleClaim, claim).where(ActivityObstacle.activity_id.in_(keys))


HANGS_ON = (
    *withdrawal.HANGINGS,
    Hanging(Attachment.activity_id, "A file was added to one of them."),
    Hanging(HandlingRequest.subject_id, _ASKED),
    Hanging(HandlingRequest.subject_id, _ASKED, _asked_about_follow_ups),
    Hanging(Interlocutor.source_id, "Somebody met is kept from one of them."),
    Hanging(Post.source_id, "A post was written down with somebody met in one of them."),
    Hanging(StanceClaim.source_id, "What is thought of somebody rests on one of them."),
    Hanging(ActivityObstacle.activity_id, "", _claimed, goes_along=True),
    Hanging(InstructionTask.activity_id, "A mission was instructed to make one of them."),
    Hanging(Appointment.activity_id, "People were invited to one of them."),
    Hanging(WaitingMail.activity_id, "A mail was kept with one of them."),
)
"""A key that points at an activity stands here, or goes with it because it says nothing of its own: a test names one
that does neither.
"""
