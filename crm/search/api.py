"""The JSON door to the search: the same form, the same answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, jsonify, request

from crm.core.routes import signed_in
from crm.search.finding import Result
from crm.search.forms import SearchForm
from crm.search.rules.ranking import Piece
from crm.search.views import answer, where

api = Blueprint("search_api", __name__, url_prefix="/api/v1")


def _marked(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    return [{"text": one.text, "found": one.found} for one in pieces]


def _result(one: Result) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": str(one.key) if one.key else None,
        "states": list(one.about),
        "date": one.on_day.isoformat() if one.on_day else None,
        "title": "".join(piece.text for piece in one.title),
        "snippet": _marked(one.snippet),
        "page": where(one),
        "sample": one.sample,
    }


@api.get("/search")
@signed_in
def index() -> Any:
    """What was found, the best first; `after` is the cursor that the page before gave."""
    _text, found = answer(SearchForm(request.args, meta={"csrf": False}))
    return jsonify(
        {
            "items": [_result(one) for one in found.results],
            "counts": found.counts,
            "more": found.more,
            "next": found.further,
        }
    )
