"""The JSON door to offices and holders: the same forms, the same verbs."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from crm.core import access, clock, doors
from crm.core.errors import NotFound
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.people import queries, service
from crm.people.board import board
from crm.people.forms import BoardFilter, CorrectHolderForm, EndTermForm, RecordHolderForm, TitlesForm
from crm.people.listing import asked, filters
from crm.people.queries import Holder
from crm.people.rules import OfficeKind, attention, holder_among, resolved
from crm.states.asked import refuse_other_words
from crm.states.queries import register

api = Blueprint("people_api", __name__, url_prefix="/api/v1")


def _today() -> date:
    return clock.today(access.viewer().time_zone)


def _kind(word: str) -> OfficeKind:
    try:
        return OfficeKind(word)
    except ValueError:
        raise NotFound("no such office") from None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _whole(holder: Holder) -> dict[str, Any]:
    """A holder as JSON; the term runs up to, and not including, `until_on`."""
    return {
        "id": str(holder.id),
        "state_iso3": holder.state_iso3,
        "kind": holder.kind.value,
        "name": holder.name,
        "honorific": holder.honorific,
        "gender": holder.gender.value,
        "titles": dict(holder.titles),
        "acting": holder.acting,
        "from_on": holder.from_on.isoformat(),
        "until_on": _day(holder.until_on),
        "verified_on": _day(holder.verified_on),
        "source": holder.source,
        "note": holder.note,
        "version": holder.version,
        "sample": holder.sample,
    }


@api.get("/offices")
@requires("people:read")
def index() -> Any:
    """One office in every State on a day; `after` is the cursor that the page before gave."""
    refuse_other_words({*BoardFilter.field_names(), "after"})
    form: BoardFilter = filters(request.args)
    form.check()
    on = form.day()
    found = board(on=on, **form.wanted())
    page = page_of(asked(found), cursor=request.args.get("after"))
    items = [
        {
            "state_iso3": line.iso3,
            "name": line.state,
            "status": line.status.value,
            "holder": _whole(line.holder) if line.holder else None,
            "attention": [one.value for one in line.attention],
        }
        for line in page.items
    ]
    counts = {
        "states": found.total,
        "recorded": found.recorded,
        **{one.value: number for one, number in found.by_attention.items()},
    }
    return jsonify({"as_of": on.isoformat(), "counts": counts, "items": items, "next": page.next_cursor})


@api.get("/offices/<iso3>/<kind>")
@requires("people:read")
def office(iso3: str, kind: str) -> Any:
    """One office: its titles, its holder on a day (`as_of`, today when left out) and everybody recorded."""
    refuse_other_words({"as_of"})
    on = filters(request.args).day_or_refusal()
    return jsonify(_office(iso3, kind, on))


def _office(iso3: str, kind: str, on: date) -> dict[str, Any]:
    which, state = _kind(kind), register().state(iso3.upper())
    kept = queries.office_of(state.iso3, which)
    recorded = queries.recorded_titles(kept) if kept else queries.no_titles()
    titles = {
        language: {
            "masculine": resolved(which, language, own).masculine,
            "feminine": resolved(which, language, own).feminine,
            "own": bool(own.masculine or own.feminine),
        }
        for language, own in recorded.items()
    }
    terms = queries.terms_of(state.iso3, which)
    holder = holder_among(terms, on)
    marks = attention(holder.gender, holder.verified_on, on) if holder else attention(None, None, on)
    return {
        "state_iso3": state.iso3,
        "kind": which.value,
        "as_of": on.isoformat(),
        "titles": titles,
        "version": kept.version if kept else 0,
        "holder": _whole(holder) if holder else None,
        "attention": [one.value for one in marks],
        "terms": [_whole(one) for one in terms],
    }


@api.post("/offices/<iso3>/<kind>/holders")
@requires("people:write")
def record(iso3: str, kind: str) -> Any:
    """Record who holds an office; 201 with the whole record, 422 with every error."""
    viewer, which, state = access.viewer(), _kind(kind), register().state(iso3.upper())
    done = doors.submit_json(
        RecordHolderForm,
        partial(service.record_holder, actor=viewer, state_iso3=state.iso3, kind=which),
    )
    return doors.created(_whole(queries.holder_value(done.id)), url_for("people_api.holder", holder_id=done.id))


@api.put("/offices/<iso3>/<kind>/titles")
@requires("people:write")
def titles(iso3: str, kind: str) -> Any:
    """Set the titles of an office; what is left out becomes empty. 409 when `version` is old."""
    viewer, which, state = access.viewer(), _kind(kind), register().state(iso3.upper())
    doors.submit_json(
        TitlesForm,
        partial(service.set_titles, actor=viewer, state_iso3=state.iso3, kind=which),
    )
    return jsonify(_office(iso3, kind, _today()))


@api.get("/holders/<uuid:holder_id>")
@requires("people:read")
def holder(holder_id: UUID) -> Any:
    """One record."""
    return jsonify(_whole(queries.holder_value(holder_id)))


@api.put("/holders/<uuid:holder_id>")
@requires("people:write")
def correct(holder_id: UUID) -> Any:
    """Set a record as it should be; what is left out becomes empty. 409 when `version` is old."""
    viewer = access.viewer()
    doors.submit_json(CorrectHolderForm, partial(service.correct_holder, actor=viewer, holder_id=holder_id))
    return jsonify(_whole(queries.holder_value(holder_id)))


@api.post("/holders/<uuid:holder_id>/end")
@requires("people:write")
def end(holder_id: UUID) -> Any:
    """Say on which day somebody left."""
    viewer = access.viewer()
    doors.submit_json(EndTermForm, partial(service.end_term, actor=viewer, holder_id=holder_id))
    return jsonify(_whole(queries.holder_value(holder_id)))


@api.post("/holders/<uuid:holder_id>/verify")
@requires("people:write")
def verify(holder_id: UUID) -> Any:
    """Say that the record was checked today; the body is an empty object."""
    viewer = access.viewer()
    doors.submit_json(doors.ActionForm, partial(service.verify_holder, actor=viewer, holder_id=holder_id))
    return jsonify(_whole(queries.holder_value(holder_id)))
