"""Pages of the instructions: the list, a new one, its table, amending and withdrawing it, its files."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for

from crm.activities.details import AIM
from crm.activities.rules import LEVEL_LABELS, PAPER_LABELS
from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, doors
from crm.core.access import HANDLING_LABELS
from crm.core.errors import NotFound
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import keeps_draft, requires
from crm.core.taken import Taken
from crm.files.download import sent
from crm.files.rules import in_words
from crm.instructions import export, material, queries, service, steps
from crm.instructions.forms import AmendForm, InstructionForm, MaterialForm, PageForm, WithdrawForm
from crm.instructions.listing import LISTING
from crm.instructions.models import Instruction
from crm.instructions.proposing import offers, states_meant
from crm.instructions.rules import LATE_LABELS, STANDING_LABELS, VIEW_LABELS, Standing, View
from crm.states.queries import register

pages = Blueprint("instructions", __name__)

MORE = "more_arguments"
"""The button that asks for another row for an argument."""

PROPOSE = "propose"
"""The button that asks for rows of States and missions; nothing is to be sent yet."""


@pages.get("/instructions")
@requires("instructions:read")
def index() -> Any:
    """Instructions of one's party, newest first."""
    viewer, today = access.viewer(), access.today()
    form = LISTING.filters(request.args)
    asked = LISTING.question(form, False)
    return render_template(
        "instructions/index.html",
        form=form,
        page=page_of(asked, cursor=request.args.get("after")),
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=form.narrowed(),
        mine=queries.instructed_to(viewer, today),
        standing_labels=STANDING_LABELS,
        late_labels=LATE_LABELS,
        may_send=viewer.may(service.WRITE),
        name=register().name_today,
        aims=AIM.choices,
        today=today,
    )


@pages.route("/instructions/new", methods=["GET", "POST"])
@keeps_draft("instruction")
@requires("instructions:write")
def new() -> Any:
    """Write an instruction; the button under the choice of States proposes the missions."""
    viewer = access.viewer()
    proposed = [one.upper() for one in request.args.getlist("state")]
    form = PageForm(states=tuple(one for one in proposed if one in register().states))
    if PROPOSE in request.form:
        propose(form)
        return _new_page(form)
    offer(form)
    if MORE in request.form:
        form.add_argument()
        return _new_page(form)
    outcome = doors.submit(form, partial(service.send_instruction, actor=viewer))
    if outcome.done:
        count = len(form.chosen_cells())
        told = "One mission is instructed." if count == 1 else f"{count} approaches are instructed."
        kept = kept_unseen(form)
        said = f"{told} They are told by mail." + (f" {kept}" if kept else "")
        read = any(one.state_iso3 not in viewer.closed for one in form.chosen_cells())
        return doors.said(said, _page_of(outcome.answer.id) if read else url_for("instructions.index"))
    return _new_page(form), outcome.status


def kept_unseen(form: InstructionForm) -> str:
    """What is said of States that are closed to whoever instructed them; "" where none is."""
    unseen = sum(one.state_iso3 in access.viewer().closed for one in form.chosen_cells())
    return f"Of {unseen}: {KEPT_UNSEEN.removeprefix('Saved. ')}" if unseen else ""


def offer(form: InstructionForm) -> None:
    """Give the rows of a form the missions that reach their States."""
    codes = [row.state_iso3.data for row in form.cell_forms() if row.state_iso3.data]
    form.offer(offers(access.viewer(), codes, access.today()))


def propose(form: InstructionForm) -> None:
    """Put a row into the form for every State that is meant."""
    today = access.today()
    form.states.validate(form)
    codes = states_meant(form.statuses.data or (), form.region.data or "", form.states.data or (), today)
    form.propose(offers(access.viewer(), codes, today))


def _new_page(form: PageForm) -> str:
    known, today = register(), access.today()
    rows = form.cell_forms()
    return render_template(
        "instructions/new.html",
        form=form,
        rows=rows,
        without=[known.name(one.state_iso3.data, today) for one in rows if len(one.mission_id.choices or ()) < 2],
        name=known.name_today,
        propose=PROPOSE,
        asked=PROPOSE in request.form,
        folded=any(
            form[name].errors or form[name].data not in (form[name].default, "", None)
            for name in ("reference", "presenter_level", "addressee_level", "marks", "handling")
        ),
    )


@pages.get("/instructions/<uuid:instruction_id>")
@requires("instructions:read", opens="instruction")
def show(instruction_id: UUID) -> Any:
    """One instruction: which mission is how far in which State."""
    return instruction_page(queries.get_instruction(instruction_id))


def view_asked() -> View:
    """What the address asks to be shown; raises NotFound for anything else."""
    asked = request.args.get("show", "")
    if asked not in set(View):
        raise NotFound("no such part of the instruction")
    return View(asked)


def instruction_page(instruction: Instruction, form: MaterialForm | None = None) -> str:
    """The page of an instruction, with the form for a file where the viewer may add one."""
    viewer, view, today = access.viewer(), view_asked(), access.today()
    lines = queries.tasks_of(instruction.id, today)
    writes = viewer.may(service.WRITE) and instruction.withdrawn_at is None
    return render_template(
        "instructions/show.html",
        instruction=instruction,
        groups=queries.by_mission(queries.in_view(lines, view)),
        counts=queries.counts_of(lines),
        posted=queries.posted(one.mission_id for one in lines),
        view=view,
        tabs=_tabs(instruction, lines, view),
        writes=writes,
        nudged=today,
        material_form=(form or MaterialForm(formdata=None)) if writes else None,
        may_change_files=writes,
        changes=queries.changes_of(instruction.id),
        **words(instruction),
    )


def _tabs(instruction: Instruction, lines: list[queries.TaskLine], view: View) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "href": url_for("instructions.show", instruction_id=instruction.id, show=one.value or None),
            "current": one is view,
            "count": len(queries.in_view(lines, one)),
        }
        for one, label in VIEW_LABELS.items()
    ]


def words(instruction: Instruction) -> dict[str, Any]:
    """What the pages of an instruction and of its tasks have in common."""
    return {
        "aim": AIM.choices.get(instruction.aim, instruction.aim),
        "material": material.material_of(instruction.id),
        "size_in_words": in_words,
        "level_labels": {one.value: label for one, label in LEVEL_LABELS.items()},
        "paper_labels": {one.value: label for one, label in PAPER_LABELS.items()},
        "handling_labels": HANDLING_LABELS,
        "standing_labels": STANDING_LABELS,
        "late_labels": LATE_LABELS,
        "Standing": Standing,
        "field_labels": FIELD_LABELS,
        "name": register().name_today,
    }


FIELD_LABELS = {
    "name": "Name",
    "reference": "Number or file mark",
    "aim": AIM.label,
    "objective": "What it is to bring about",
    "arguments": "Arguments",
    "talking_points": "Talking points",
    "paper": "Paper to leave",
    "presenter_level": "Who is to present it",
    "addressee_level": "To whom, at the least",
    "deliver_by": "Deliver by",
    "report_by": "Report by",
}


@pages.get("/instructions/<uuid:instruction_id>/table.<ending>")
@requires("instructions:read", exports="instruction")
def table(instruction_id: UUID, ending: str) -> Taken:
    """The table as a file: the rows that are shown."""
    return table_file(instruction_id, ending)


def table_file(instruction_id: UUID, ending: str) -> Taken:
    """The same for both doors, without restricted States, whoever asks."""
    instruction = queries.get_instruction(instruction_id)
    with access.looking_as(access.viewer().not_named()):
        lines = queries.in_view(queries.tasks_of(instruction_id, access.today()), view_asked())
    return export.file_of(instruction, lines, ending)


@pages.route("/instructions/<uuid:instruction_id>/amend", methods=["GET", "POST"])
@keeps_draft("amendment")
@requires("instructions:write", opens="instruction")
def amend(instruction_id: UUID) -> Any:
    """Say something else, or by another day."""
    instruction, form = queries.get_instruction(instruction_id), AmendForm()
    verb = partial(service.amend_instruction, actor=access.viewer(), instruction_id=instruction_id)
    if MORE in request.form:
        form.add_argument()
        return _amend_page(form, instruction)
    outcome = doors.submit(form, verb, lambda: queries.get_instruction(instruction_id))
    if outcome.done:
        return doors.said("Amended. The missions are told and acknowledge anew.", _page_of(instruction_id))
    if not form.is_submitted() and not form.begun:
        form.show(instruction)
    return _amend_page(form, instruction, outcome.theirs), outcome.status


def _amend_page(form: AmendForm, instruction: Instruction, theirs: Instruction | None = None) -> str:
    return render_template(
        "instructions/amend.html",
        form=form,
        instruction=instruction,
        theirs=theirs,
        lately=queries.changes_of(instruction.id)[:1] if theirs else [],
        field_labels=FIELD_LABELS,
    )


@pages.route("/instructions/<uuid:instruction_id>/withdraw", methods=["GET", "POST"])
@requires("instructions:write", opens="instruction")
def withdraw(instruction_id: UUID) -> Any:
    """Nothing more is to be done."""
    instruction, form = queries.get_instruction(instruction_id), WithdrawForm()
    verb = partial(service.withdraw_instruction, actor=access.viewer(), instruction_id=instruction_id)
    outcome = doors.submit(form, verb)
    if outcome.done:
        return doors.said("Withdrawn. The missions are told.", _page_of(instruction_id))
    counts = queries.counts_of(queries.tasks_of(instruction_id, access.today()))
    page = render_template("instructions/withdraw.html", form=form, instruction=instruction, counts=counts)
    return page, outcome.status


@pages.post("/instructions/<uuid:instruction_id>/nudge")
@requires("instructions:write")
def nudge(instruction_id: UUID) -> Any:
    """Ask every mission that is late."""
    queries.get_instruction(instruction_id)
    told = doors.act(steps.nudge, actor=access.viewer(), instruction_id=instruction_id)
    return doors.said(asked_in_words(told), _page_of(instruction_id))


def asked_in_words(told: int) -> str:
    """What is said after missions were asked."""
    if told == 0:
        return "Nobody could be asked: no officer with an open account is posted there."
    return "One officer is asked by mail." if told == 1 else f"{told} officers are asked by mail."


@pages.post("/instructions/<uuid:instruction_id>/material")
@requires("instructions:write", opens="instruction")
def add_material(instruction_id: UUID) -> Any:
    """Keep a file with it."""
    instruction, form = queries.get_instruction(instruction_id), MaterialForm()
    verb = partial(material.add_material, actor=access.viewer(), instruction_id=instruction_id)
    outcome = doors.submit(form, verb)
    if not outcome.done:
        return instruction_page(instruction, form), outcome.status
    return doors.said("The file is added.", _page_of(instruction_id) + "#material")


@pages.get("/instructions/material/<uuid:material_id>")
@requires("instructions:read", exports="instruction_material")
def download(material_id: UUID) -> Response:
    """A file that goes with an instruction."""
    return handed_out(material_id)


def handed_out(material_id: UUID) -> Response:
    """Its bytes, for both doors."""
    stored = material.hand_out(material_id)
    return sent(stored.content, name=stored.name, media_type=stored.media_type)


@pages.post("/instructions/material/<uuid:material_id>/remove")
@requires("instructions:write")
def remove_material(material_id: UUID) -> Any:
    """Take a file away."""
    instruction_id = doors.act(material.remove_material, actor=access.viewer(), material_id=material_id)
    return doors.said("The file is gone.", _page_of(instruction_id) + "#material")


def _page_of(instruction_id: UUID) -> str:
    return url_for("instructions.show", instruction_id=instruction_id)
