"""The JSON door to meetings, presidencies and coordinators: the same forms, the same verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from crm.core import access, clock, doors
from crm.core.routes import requires
from crm.meetings import queries, service
from crm.meetings.forms import (
    AsOfForm,
    CorrectCoordinatorForm,
    CorrectMeetingForm,
    CorrectPresidencyForm,
    RecordCoordinatorForm,
    RecordMeetingForm,
    RecordPresidencyForm,
)
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.meetings.queries import Signatory
from crm.states.asked import refuse_other_words
from crm.states.queries import register

api = Blueprint("meetings_api", __name__, url_prefix="/api/v1")


def _today() -> date:
    return clock.today(access.viewer().time_zone)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _meeting(row: Meeting) -> dict[str, Any]:
    plain = (
        "key", "number", "kind", "name_en", "name_fr", "place", "country_iso3", "precision", "confidence",
        "source", "note", "version", "sample",
    )  # fmt: skip
    days = {"from_on": row.from_on.isoformat(), "until_on": row.until_on.isoformat()}
    return {"id": str(row.id), **{name: getattr(row, name) for name in plain}, **days}


_PERSON = (
    "state_iso3",
    "person_name",
    "honorific",
    "title_en",
    "title_fr",
    "gender",
    "source",
    "version",
    "sample",
)


def _presidency(row: Presidency) -> dict[str, Any]:
    """As written down; the days worked out from the rule stand under `serves` of the meeting."""
    names = ("took_over_on", "designate_from", "president_from", "president_until")
    return {
        "id": str(row.id),
        **{name: getattr(row, name) for name in (*_PERSON, "confidence")},
        **{name: _day(getattr(row, name)) for name in names},
    }


def _coordinator(row: Coordinator) -> dict[str, Any]:
    return {
        "id": str(row.id),
        **{name: getattr(row, name) for name in (*_PERSON, "capacity_en", "capacity_fr")},
        "from_on": row.from_on.isoformat(),
        "until_on": _day(row.until_on),
    }


def _signatory(one: Signatory | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "id": str(one.id),
        "state_iso3": one.state_iso3,
        "person": one.person,
        "honorific": one.honorific,
        "titles": dict(one.titles),
        "gender": one.gender.value,
        "capacity_titles": dict(one.capacity_titles),
        "since": _day(one.since),
        "until": _day(one.until),
        "sample": one.sample,
    }


@api.get("/signatories")
@requires("meetings:read")
def signatories() -> Any:
    """Who signs on a day (`as_of`, today when left out)."""
    refuse_other_words(AsOfForm.field_names())
    form, known, today = AsOfForm(request.args, meta={"csrf": False}), queries.calendar(), _today()
    on = form.day(today=today, first=register().treaty.opened_on, last=known.last_day(today))
    found = known.signatories_on(on)
    return jsonify(
        {
            "as_of": found.on.isoformat(),
            "presidency": _signatory(found.presidency),
            "presidency_capacity": found.presidency_capacity.value if found.presidency_capacity else None,
            "meeting": found.meeting.key if found.meeting else None,
            "coordinator": _signatory(found.coordinator),
            "president": _signatory(found.president),
            "president_meeting": found.president_meeting.key if found.president_meeting else None,
            "next_meeting": found.next_meeting.key if found.next_meeting else None,
            "warnings": [
                {"code": one.code.value, "sentence": one.sentence, "on": _day(one.on)} for one in found.warnings
            ],
        }
    )


@api.get("/meetings")
@requires("meetings:read")
def index() -> Any:
    """Every meeting, earliest first."""
    return jsonify({"items": [_meeting(one) for one in queries.calendar().meetings.values()], "next": None})


@api.get("/meetings/<key>")
@requires("meetings:read")
def show(key: str) -> Any:
    """One meeting with its presidencies and the days worked out for each."""
    found = queries.calendar()
    meeting = found.meeting(key)
    presidencies = [
        {
            **_presidency(row),
            "serves": {
                "designate_from": _day(days.designate_from),
                "president_from": days.president_from.isoformat(),
                "until": _day(days.until),
            },
        }
        for row, days in found.presidencies_of(meeting.id)
    ]
    return jsonify({**_meeting(meeting), "presidencies": presidencies})


def _with_states() -> dict[str, Callable[[Any], None]]:
    return {"prepare": lambda form: form.offer(register().options(_today()))}


@api.post("/meetings")
@requires("meetings:write")
def record_meeting() -> Any:
    """Record a meeting."""
    actor = access.viewer()
    done = doors.submit_json(RecordMeetingForm, partial(service.record_meeting, actor=actor), **_with_states())
    return doors.created(_meeting(done), url_for("meetings_api.show", key=done.key))


@api.put("/meetings/<key>")
@requires("meetings:write")
def correct_meeting(key: str) -> Any:
    """Set a meeting as it should be; what is left out becomes empty. 409 when `version` is old."""
    actor, meeting_id = access.viewer(), queries.meeting_by_key(key).id
    done = doors.submit_json(
        CorrectMeetingForm,
        partial(service.correct_meeting, actor=actor, meeting_id=meeting_id),
        **_with_states(),
    )
    return jsonify(_meeting(done))


@api.post("/presidencies")
@requires("meetings:write")
def record_presidency() -> Any:
    """Record which State presides over a meeting, and through whom."""
    actor = access.viewer()
    done = doors.submit_json(
        RecordPresidencyForm,
        partial(service.record_presidency, actor=actor),
        prepare=lambda form: form.offer_all(register().options(_today()), queries.meeting_options()),
    )
    return doors.created(_presidency(done), url_for("meetings_api.presidency", presidency_id=done.id))


@api.get("/presidencies/<uuid:presidency_id>")
@requires("meetings:read")
def presidency(presidency_id: UUID) -> Any:
    """One presidency as written down."""
    return jsonify(_presidency(queries.get_presidency(presidency_id)))


@api.put("/presidencies/<uuid:presidency_id>")
@requires("meetings:write")
def correct_presidency(presidency_id: UUID) -> Any:
    """Set a presidency as it should be; what is left out becomes empty. 409 when `version` is old."""
    actor = access.viewer()
    done = doors.submit_json(
        CorrectPresidencyForm,
        partial(service.correct_presidency, actor=actor, presidency_id=presidency_id),
        **_with_states(),
    )
    return jsonify(_presidency(done))


@api.get("/coordinators")
@requires("meetings:read")
def coordinators() -> Any:
    """Every term of the coordinator, latest first."""
    return jsonify({"items": [_coordinator(one) for one in queries.calendar().coordinators], "next": None})


@api.post("/coordinators")
@requires("meetings:write")
def record_coordinator() -> Any:
    """Record who coordinates."""
    actor = access.viewer()
    done = doors.submit_json(
        RecordCoordinatorForm,
        partial(service.record_coordinator, actor=actor),
        **_with_states(),
    )
    return doors.created(_coordinator(done), url_for("meetings_api.coordinator", coordinator_id=done.id))


@api.get("/coordinators/<uuid:coordinator_id>")
@requires("meetings:read")
def coordinator(coordinator_id: UUID) -> Any:
    """One term of the coordinator."""
    return jsonify(_coordinator(queries.get_coordinator(coordinator_id)))


@api.put("/coordinators/<uuid:coordinator_id>")
@requires("meetings:write")
def correct_coordinator(coordinator_id: UUID) -> Any:
    """Set a term as it should be; what is left out becomes empty. 409 when `version` is old."""
    actor = access.viewer()
    done = doors.submit_json(
        CorrectCoordinatorForm,
        partial(service.correct_coordinator, actor=actor, coordinator_id=coordinator_id),
        **_with_states(),
    )
    return jsonify(_coordinator(done))
