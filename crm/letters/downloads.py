"""Files on their way out: one file of a letter, or the archive of a whole campaign."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from flask import Response

from crm.core import access
from crm.letters import names, queries
from crm.letters.archive import Line, bundle
from crm.letters.models import LetterCampaign
from crm.letters.queries import FoundFile
from crm.states.queries import register


def archive_of(campaign: LetterCampaign) -> FoundFile:
    """Every letter that is drafted, and a table that also names those that are not and why; without restricted
    States, whoever asks.
    """
    with access.looking_as(access.viewer().not_named()):
        files, letters = queries.files_of(campaign.id), queries.letters_of(campaign.id)
    of_state: dict[str, list[str]] = defaultdict(list)
    for iso3, one in files:
        of_state[iso3].append(one.name)
    known, on = register(campaign.treaty), campaign.letter_date
    lines = [
        Line(
            reference=one.reference,
            iso3=one.state_iso3,
            state=known.name(one.state_iso3, on),
            status=one.status,
            verb=one.verb,
            addressee=one.addressee,
            languages=one.languages,
            drafting=one.state.value,
            files=of_state[one.state_iso3],
            reasons=[reason["sentence"] for reason in one.reasons],
        )
        for one in letters
    ]
    content = bundle(((one.name, one.content) for _iso3, one in files), lines, on)
    return FoundFile(
        name=names.archive_name(campaign.treaty, on, campaign.name),
        media_type="application/zip",
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def sent(file: FoundFile) -> Response:
    """A file as a download; its name holds nothing that anybody typed but plain letters and figures."""
    response = Response(file.content, mimetype=file.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response
