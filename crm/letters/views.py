"""Pages of the letters: campaigns with their progress, one letter, its files."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for

from crm.core import access, doors
from crm.core.errors import NotFound
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import keeps_draft, requires
from crm.letters import queries, service
from crm.letters.content import LetterContent
from crm.letters.downloads import archive_of, sent
from crm.letters.forms import CampaignForm
from crm.letters.listing import LISTING
from crm.letters.models import LetterCampaign
from crm.letters.progress import (
    LANGUAGE_LABELS,
    RETRIABLE,
    STATE_LABELS,
    LanguageChoice,
    LetterState,
    Progress,
    worth_retrying,
)
from crm.letters.queries import Targets
from crm.letters.where import fill_in_href
from crm.letters.wording import languages
from crm.states.queries import register

pages = Blueprint("letters", __name__)

SHOW_FIGURES = "show_figures"
TABS: dict[str, tuple[str, frozenset[LetterState]]] = {
    "": ("All", frozenset()),
    "drafted": ("Drafted", frozenset({LetterState.DRAFTED})),
    "blocked": ("To be looked at", RETRIABLE),
    "open": ("Not drafted yet", frozenset({LetterState.WAITING, LetterState.DRAFTING, LetterState.STOPPED})),
}


@pages.get("/letters")
@requires("letters:read")
def index() -> Any:
    """The campaigns, newest first."""
    form = LISTING.filters(request.args)
    asked = LISTING.question(form, False)
    return render_template(
        "letters/index.html",
        form=form,
        page=page_of(asked, cursor=request.args.get("after")),
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=form.narrowed(),
        may_draft=access.viewer().may("letters:draft"),
    )


@pages.route("/letters/campaigns/new", methods=["GET", "POST"])
@keeps_draft("letter_campaign")
@requires("letters:draft")
def new() -> Any:
    """Start a campaign. The button beside the date only shows that day's figures."""
    viewer, form = access.viewer(), CampaignForm()
    shown = _shown(form)
    if SHOW_FIGURES in request.form:
        return render_template("letters/new.html", form=form, **shown)
    outcome = doors.submit(form, partial(service.plan_campaign, actor=viewer))
    if outcome.done:
        target = url_for("letters.campaign", campaign_id=outcome.answer.id)
        return doors.said("The letters are being drafted.", target)
    return render_template("letters/new.html", form=form, **shown), outcome.status


@pages.get("/letters/campaigns/targets")
@requires("letters:draft")
def targets() -> Any:
    """The figures and signatories of a day, as the part of the form that depends on it."""
    form = CampaignForm(request.args, meta={"csrf": False})
    return render_template("letters/_targets.html", form=form, **_shown(form))


def _shown(form: CampaignForm) -> dict[str, Any]:
    """What the form shows of its day; nothing for a day on which no letter can be written."""
    known, on = register(), form.letter_date.data
    found: Targets | None = None
    if on and known.treaty.in_force_on <= on <= access.today():
        found = queries.targets_on(on, access.viewer())
        form.show_counts(found.addressed)
    return {
        "targets": found,
        "first_day": known.treaty.in_force_on,
        "last_act_on": known.last_act_on,
        "name": partial(known.name, on=on or access.today()),
        "show_figures": SHOW_FIGURES,
    }


@pages.get("/letters/campaigns/<uuid:campaign_id>")
@requires("letters:read", opens="letter_campaign")
def campaign(campaign_id: UUID) -> Any:
    """One campaign: progress, letters, what is missing where."""
    viewer, found = access.viewer(), queries.get_campaign(campaign_id)
    tab = request.args.get("show", "")
    if tab not in TABS:
        raise NotFound("no such part of the campaign")
    progress = queries.progress_of(found)
    return render_template(
        "letters/campaign.html",
        campaign=found,
        progress=progress,
        letters=queries.letters_of(found.id, TABS[tab][1]),
        tab=tab,
        tabs=_tabs(found, progress, tab),
        targets=queries.targets_on(found.letter_date, viewer),
        left_out=queries.left_out_of(found, viewer),
        languages_label=LANGUAGE_LABELS[LanguageChoice(found.languages)],
        state_labels=STATE_LABELS,
        may_draft=viewer.may("letters:draft"),
        name=partial(register().name, on=found.letter_date),
        fill_in_href=partial(fill_in_href, viewer=viewer),
    )


def _tabs(found: LetterCampaign, progress: Progress, current: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "href": url_for("letters.campaign", campaign_id=found.id, show=key or None),
            "current": key == current,
            "count": sum(progress.of(one) for one in states) if states else progress.total,
        }
        for key, (label, states) in TABS.items()
    ]


@pages.get("/letters/campaigns/<uuid:campaign_id>/progress")
@requires("letters:read", opens="letter_campaign")
def progress(campaign_id: UUID) -> Any:
    """How far a campaign is, as a fragment that the page asks for."""
    found = queries.get_campaign(campaign_id)
    shown = queries.progress_of(found)
    return render_template(
        "letters/_progress.html",
        campaign=found,
        progress=shown,
        may_draft=access.viewer().may("letters:draft"),
        reload=shown.finished,
    )


@pages.post("/letters/campaigns/<uuid:campaign_id>/stop")
@requires("letters:draft")
def stop(campaign_id: UUID) -> Any:
    """Draft no further letter."""
    return _pressed(service.stop_campaign, campaign_id, "Stopped. Letters already drafted are kept.")


@pages.post("/letters/campaigns/<uuid:campaign_id>/resume")
@requires("letters:draft")
def resume(campaign_id: UUID) -> Any:
    """Go on with a stopped campaign."""
    return _pressed(service.resume_campaign, campaign_id, "Resumed.")


@pages.post("/letters/campaigns/<uuid:campaign_id>/retry")
@requires("letters:draft")
def retry(campaign_id: UUID) -> Any:
    """Try what was blocked again."""
    return _pressed(service.retry_campaign, campaign_id, "The letters are tried again.")


def _pressed(verb: Any, campaign_id: UUID, message: str) -> Any:
    doors.act(verb, actor=access.viewer(), campaign_id=campaign_id)
    return doors.said(message, url_for("letters.campaign", campaign_id=campaign_id))


@pages.get("/letters/campaigns/<uuid:campaign_id>/letters.zip")
@requires("letters:read", exports="letter_campaign")
def archive(campaign_id: UUID) -> Response:
    """All letters of a campaign, with a table of what is there and what is not."""
    return sent(archive_of(queries.get_campaign(campaign_id)))


@pages.get("/letters/<uuid:letter_id>")
@requires("letters:read", opens="letter")
def show(letter_id: UUID) -> Any:
    """One letter: its words, its files, or what keeps it back."""
    viewer, letter = access.viewer(), queries.get_letter(letter_id)
    texts = {code: LetterContent.from_json(values) for code, values in letter.texts.items()}
    return render_template(
        "letters/show.html",
        letter=letter,
        campaign=queries.get_campaign(letter.campaign_id),
        readdressed=[{**one, "at": datetime.fromisoformat(one["at"])} for one in letter.readdressed or []],
        documents=queries.documents_of(letter_id),
        texts=[(code, texts[code]) for code in letter.languages if code in texts],
        language_labels={code: one.label for code, one in languages().items()},
        state_label=STATE_LABELS[LetterState(letter.state)],
        retriable=LetterState(letter.state) in RETRIABLE and worth_retrying(letter.reasons),
        may_draft=viewer.may("letters:draft"),
        name=register().name,
        fill_in_href=partial(fill_in_href, viewer=viewer),
    )


@pages.post("/letters/<uuid:letter_id>/retry")
@requires("letters:draft")
def retry_letter(letter_id: UUID) -> Any:
    """Try one letter again."""
    doors.act(service.retry_letter, actor=access.viewer(), letter_id=letter_id)
    return doors.said("The letter is tried again.", url_for("letters.show", letter_id=letter_id))


@pages.get("/letters/<uuid:letter_id>/<language>.<kind>")
@requires("letters:read", exports="letter")
def document(letter_id: UUID, language: str, kind: str) -> Response:
    """One file of a letter."""
    return sent(queries.document(letter_id, language, kind))
