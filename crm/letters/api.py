"""The JSON door to the letters: the same form, the same verbs, the same files."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from crm.core import access, doors
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.letters import queries, service
from crm.letters.downloads import archive_of, sent
from crm.letters.forms import CampaignForm
from crm.letters.listing import LISTING
from crm.letters.models import LetterCampaign
from crm.letters.progress import LetterState, Progress
from crm.letters.queries import LetterLine

api = Blueprint("letters_api", __name__, url_prefix="/api/v1")


def _progress(found: Progress) -> dict[str, Any]:
    return {
        "total": found.total,
        "stopped": found.stopped,
        "finished": found.finished,
        **{one.value: found.of(one) for one in LetterState},
    }


def _campaign(found: LetterCampaign, progress: Progress) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "name": found.name,
        "treaty": found.treaty,
        "letter_date": found.letter_date.isoformat(),
        "as_of": found.letter_date.isoformat(),
        "statuses": list(found.statuses),
        "languages": found.languages,
        "occasion": dict(found.occasion),
        "contact": found.contact,
        "handling": found.handling,
        "planned_at": found.planned_at.isoformat(),
        "planned_by": found.planned_by,
        "sample": found.sample,
        "progress": _progress(progress),
    }


def _line(one: LetterLine) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "state_iso3": one.state_iso3,
        "reference": one.reference,
        "status": one.status,
        "verb": one.verb,
        "addressee": one.addressee,
        "languages": one.languages,
        "state": one.state.value,
        "reasons": one.reasons,
        "documents": [
            url_for("letters_api.document", letter_id=one.id, language=language, kind=kind)
            for language, kind in one.documents
        ],
    }


def _whole(campaign_id: UUID) -> dict[str, Any]:
    found = queries.get_campaign(campaign_id)
    body = _campaign(found, queries.progress_of(found))
    body["left_out"] = list(queries.left_out_of(found, access.viewer()))
    body["letters"] = [_line(one) for one in queries.letters_of(found.id)]
    body["archive"] = url_for("letters_api.archive", campaign_id=found.id)
    return body


@api.get("/letters/campaigns")
@requires("letters:read")
def index() -> Any:
    """A page of campaigns, newest first; `after` is the cursor that the page before gave."""
    asked = LISTING.question(LISTING.read(request.args), False)
    page = page_of(asked, cursor=request.args.get("after"))
    items = [
        {
            "id": str(one.id),
            "name": one.name,
            "letter_date": one.letter_date.isoformat(),
            "planned_at": one.planned_at.isoformat(),
            "planned_by": one.planned_by,
            "handling": one.handling,
            "party": one.party,
            "sample": one.sample,
            "progress": _progress(one.progress),
        }
        for one in page.items
    ]
    return jsonify({"items": items, "next": page.next_cursor})


@api.post("/letters/campaigns")
@requires("letters:draft")
def create() -> Any:
    """Start a campaign; 201 with its letters, 422 with every error."""
    viewer = access.viewer()
    made = doors.submit_json(CampaignForm, partial(service.plan_campaign, actor=viewer))
    return doors.created(_whole(made.id), url_for("letters_api.campaign", campaign_id=made.id))


@api.get("/letters/campaigns/<uuid:campaign_id>")
@requires("letters:read", opens="letter_campaign")
def campaign(campaign_id: UUID) -> Any:
    """One campaign with its progress and all its letters."""
    return jsonify(_whole(campaign_id))


@api.post("/letters/campaigns/<uuid:campaign_id>/stop")
@requires("letters:draft", opens="letter_campaign")
def stop(campaign_id: UUID) -> Any:
    """Draft no further letter; the body is an empty object."""
    return _pressed(service.stop_campaign, campaign_id)


@api.post("/letters/campaigns/<uuid:campaign_id>/resume")
@requires("letters:draft", opens="letter_campaign")
def resume(campaign_id: UUID) -> Any:
    """Go on with a stopped campaign; the body is an empty object."""
    return _pressed(service.resume_campaign, campaign_id)


@api.post("/letters/campaigns/<uuid:campaign_id>/retry")
@requires("letters:draft", opens="letter_campaign")
def retry(campaign_id: UUID) -> Any:
    """Try blocked and failed letters again; the body is an empty object."""
    return _pressed(service.retry_campaign, campaign_id)


def _pressed(verb: Any, campaign_id: UUID) -> Any:
    viewer = access.viewer()
    doors.submit_json(doors.ActionForm, partial(verb, actor=viewer, campaign_id=campaign_id))
    return jsonify(_whole(campaign_id))


@api.get("/letters/campaigns/<uuid:campaign_id>/letters.zip")
@requires("letters:read", exports="letter_campaign")
def archive(campaign_id: UUID) -> Response:
    """All letters of a campaign as a ZIP."""
    return sent(archive_of(queries.get_campaign(campaign_id)))


@api.get("/letters/<uuid:letter_id>")
@requires("letters:read", opens="letter")
def show(letter_id: UUID) -> Any:
    """One letter with its words by language."""
    letter = queries.get_letter(letter_id)
    return jsonify(
        {
            "id": str(letter.id),
            "campaign_id": str(letter.campaign_id),
            "state_iso3": letter.state_iso3,
            "reference": letter.reference,
            "status": letter.status,
            "verb": letter.verb,
            "addressee": letter.addressee,
            "state": letter.state,
            "reasons": letter.reasons,
            "readdressed": letter.readdressed or [],
            "texts": letter.texts,
            "documents": [
                {
                    "language": one.language,
                    "format": one.format,
                    "sha256": one.sha256,
                    "href": url_for(
                        "letters_api.document", letter_id=letter.id, language=one.language, kind=one.format
                    ),
                }
                for one in queries.documents_of(letter_id)
            ],
        }
    )


@api.post("/letters/<uuid:letter_id>/retry")
@requires("letters:draft", opens="letter")
def retry_letter(letter_id: UUID) -> Any:
    """Try one letter again; the body is an empty object."""
    viewer = access.viewer()
    doors.submit_json(doors.ActionForm, partial(service.retry_letter, actor=viewer, letter_id=letter_id))
    return show(letter_id)


@api.get("/letters/<uuid:letter_id>/<language>.<kind>")
@requires("letters:read", exports="letter")
def document(letter_id: UUID, language: str, kind: str) -> Response:
    """One file of a letter."""
    return sent(queries.document(letter_id, language, kind))
