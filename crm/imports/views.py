"""Pages of the imports: send a spreadsheet, say what its columns mean, look at the lines, take them over, undo."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import IO, Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for

from crm.core import access, doors
from crm.core.errors import NotFound
from crm.core.routes import requires
from crm.files.download import written
from crm.files.rules import in_words
from crm.imports import looking, queries, sending_back, service
from crm.imports.columns import TARGETS
from crm.imports.forms import ColumnsForm, ReadingForm, SendForm
from crm.imports.models import SpreadsheetImport
from crm.imports.reading import MOST_COLUMNS
from crm.imports.rules.columns import letter
from crm.imports.rules.course import AT_WORK, BEFORE, PHASE_LABELS, Fate, Phase

pages = Blueprint("imports", __name__)

MAIN = (
    "state",
    "held_on",
    "kind",
    "person_name",
    "person_title",
    "reply",
    "obstacle",
    "next_action",
    "next_action_due",
    "next_action_owner_id",
)
"""Columns that most spreadsheets have; the others are folded away while nothing is chosen for them."""


@pages.route("/imports", methods=["GET", "POST"])
@requires(service.PERMISSION, large=True)
def index() -> Any:
    """The viewer's imports, and a form for a further spreadsheet."""
    form = SendForm()
    outcome = doors.submit(form, partial(service.send, actor=access.viewer()))
    if outcome.done:
        return redirect(_page_of(outcome.answer.id), 303)
    settings = looking.limits()
    page = render_template(
        "imports/index.html",
        form=form,
        page=queries.page_of_imports(request.args.get("after")),
        phases=PHASE_LABELS,
        most=in_words(settings.import_most_bytes),
    )
    return page, outcome.status


@pages.get("/imports/template.<ending>")
@requires(service.PERMISSION)
def template(ending: str) -> Response:
    """A table to begin with."""
    return _file(sending_back.template, ending, "activities")


@pages.get("/imports/<uuid:spreadsheet_id>")
@requires(service.PERMISSION)
def show(spreadsheet_id: UUID) -> Any:
    """One import: its columns while they are looked at, then its lines."""
    made = queries.get_import(spreadsheet_id)
    if made.phase in (Phase.COLUMNS, Phase.REFUSED) and made.head:
        return _columns_page(made)
    return _lines_page(made, doors.ActionForm())


@pages.route("/imports/<uuid:spreadsheet_id>/columns", methods=["GET", "POST"])
@requires(service.PERMISSION)
def columns(spreadsheet_id: UUID) -> Any:
    """Say what the columns say."""
    made, form = queries.get_import(spreadsheet_id), ColumnsForm()
    form.offer(made, queries.samples_of(made, access.viewer()))
    verb = partial(service.choose_columns, actor=access.viewer(), import_id=spreadsheet_id)
    outcome = doors.submit(form, verb)
    if outcome.done:
        return redirect(_page_of(spreadsheet_id), 303)
    made = queries.get_import(spreadsheet_id)
    if made.phase not in BEFORE:
        return redirect(_page_of(spreadsheet_id), 303)
    return _columns_page(made, form=form), outcome.status


@pages.post("/imports/<uuid:spreadsheet_id>/reading")
@requires(service.PERMISSION)
def reading(spreadsheet_id: UUID) -> Any:
    """Read the file in another way."""
    made, form = queries.get_import(spreadsheet_id), ReadingForm()
    form.offer(made)
    outcome = doors.submit(form, partial(service.read_again, actor=access.viewer(), import_id=spreadsheet_id))
    if not outcome.done:
        return _columns_page(queries.get_import(spreadsheet_id), reading_form=form), outcome.status
    return redirect(_page_of(spreadsheet_id), 303)


def _columns_page(
    made: SpreadsheetImport, form: ColumnsForm | None = None, reading_form: ReadingForm | None = None
) -> str:
    samples = queries.samples_of(made, access.viewer())
    if form is None:
        form = ColumnsForm(formdata=None)
        form.offer(made, samples)
    if reading_form is None:
        reading_form = ReadingForm(formdata=None)
        reading_form.offer(made)
    fields = {one.key: form[f"column_{one.key}"] for one in TARGETS}
    used = {field.data for field in fields.values()}
    names = [(letter(at), name, samples[at]) for at, name in enumerate(made.head["headings"])]
    dates = [made.head["days"][at] for key, at in made.head["guessed"].items() if key in ("held_on", "next_action_due")]
    return render_template(
        "imports/columns.html",
        made=made,
        form=form,
        reading_form=reading_form,
        main=[field for key, field in fields.items() if key in MAIN],
        others=[field for key, field in fields.items() if key not in MAIN],
        unfold=any(field.data or field.errors for key, field in fields.items() if key not in MAIN),
        unused=[(name or at, samples) for at, name, samples in names if at not in used and (name or samples)],
        doubtful=next((one for one in dates if one["doubtful"]), None),
        telling=next((one for one in dates if one["telling"]), None),
    )


def _lines_page(made: SpreadsheetImport, form: doors.ActionForm) -> str:
    tab = request.args.get("show", "problems" if made.phase == Phase.PREVIEW and made.problems else "")
    counts = queries.counts(made)
    page = None
    if made.phase not in AT_WORK:
        page = queries.page_of_lines(made, access.viewer(), tab, request.args.get("after"))
    return render_template(
        "imports/show.html",
        made=made,
        form=form,
        page=page,
        tabs=[
            {"label": label, "href": url_for("imports.show", spreadsheet_id=made.id, show=key) , "current": key == tab,
             "count": counts[key]}
            for key, (label, _) in queries.TABS.items() if counts[key] or not key
        ],
        phase=Phase(made.phase),
        phases=PHASE_LABELS,
        tones={Fate.READY: "good", Fate.TAKEN: "good", Fate.PROBLEM: "warn", Fate.FAILED: "bad"},
        may_undo=queries.may_be_undone(made),
        unread=queries.unread_of(made).in_words(MOST_COLUMNS),
    )  # fmt: skip


@pages.get("/imports/<uuid:spreadsheet_id>/progress")
@requires(service.PERMISSION)
def progress(spreadsheet_id: UUID) -> Any:
    """How far an import is, as a fragment that the page asks for."""
    made = queries.get_import(spreadsheet_id)
    return render_template("imports/_progress.html", made=made, reload=made.phase not in AT_WORK)


@pages.post("/imports/<uuid:spreadsheet_id>/begin")
@requires(service.PERMISSION)
def begin(spreadsheet_id: UUID) -> Any:
    """Take the lines over."""
    return _pressed(service.begin, spreadsheet_id, "The lines are being taken over.")


@pages.post("/imports/<uuid:spreadsheet_id>/stop")
@requires(service.PERMISSION)
def stop(spreadsheet_id: UUID) -> Any:
    """Take no further line over."""
    return _pressed(service.stop, spreadsheet_id, "Stopped. What was taken over is kept.")


@pages.post("/imports/<uuid:spreadsheet_id>/resume")
@requires(service.PERMISSION)
def resume(spreadsheet_id: UUID) -> Any:
    """Go on."""
    return _pressed(service.resume, spreadsheet_id, "Resumed.")


@pages.post("/imports/<uuid:spreadsheet_id>/undo")
@requires(service.PERMISSION)
def undo(spreadsheet_id: UUID) -> Any:
    """Take every record back."""
    return _pressed(service.undo, spreadsheet_id, "The records of this import are taken back.")


@pages.post("/imports/<uuid:spreadsheet_id>/discard")
@requires(service.PERMISSION)
def discard(spreadsheet_id: UUID) -> Any:
    """Throw a spreadsheet away."""
    queries.get_import(spreadsheet_id)
    doors.act(service.discard, actor=access.viewer(), import_id=spreadsheet_id)
    return doors.said("The spreadsheet is thrown away. Nothing of it was taken over.", url_for("imports.index"))


def _pressed(verb: Callable[..., Any], spreadsheet_id: UUID, words: str) -> Any:
    """A button on the page of an import; why it could not be done stands on that page."""
    queries.get_import(spreadsheet_id)
    form = doors.ActionForm()
    outcome = doors.submit(form, partial(verb, actor=access.viewer(), import_id=spreadsheet_id))
    if not outcome.done:
        return _lines_page(queries.get_import(spreadsheet_id), form), outcome.status
    return doors.said(words, _page_of(spreadsheet_id))


@pages.get("/imports/<uuid:spreadsheet_id>/problems.<ending>")
@requires(service.PERMISSION, exports="spreadsheet_import")
def problems(spreadsheet_id: UUID, ending: str) -> Response:
    """The lines to be put right, as a file."""
    return problems_file(spreadsheet_id, ending)


def problems_file(spreadsheet_id: UUID, ending: str) -> Response:
    """The lines of an import that could not be taken over, as CSV or as a workbook."""
    made = queries.get_import(spreadsheet_id)
    stem = made.name.rpartition(".")[0] or made.name
    return _file(partial(sending_back.failed_lines, made), ending, f"{stem} to put right")


def _file(write: Callable[[str, IO[bytes]], None], ending: str, name: str) -> Response:
    if ending not in sending_back.MEDIA_TYPES:
        raise NotFound("no such file")
    return written(partial(write, ending), name=f"{name}.{ending}", media_type=sending_back.MEDIA_TYPES[ending])


def _page_of(spreadsheet_id: UUID) -> str:
    return url_for("imports.show", spreadsheet_id=spreadsheet_id)
