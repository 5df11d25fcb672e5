"""Write down meetings, presidencies and the coordinator's terms, correct them, load the reference data."""

from crm.meetings.service.coordinators import correct_coordinator, record_coordinator
from crm.meetings.service.meetings import correct_meeting, record_meeting
from crm.meetings.service.presidencies import correct_presidency, record_presidency
from crm.meetings.service.reference import load_reference

__all__ = [
    "correct_coordinator",
    "correct_meeting",
    "correct_presidency",
    "load_reference",
    "record_coordinator",
    "record_meeting",
    "record_presidency",
]
