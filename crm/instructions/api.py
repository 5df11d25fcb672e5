"""The JSON door to the instructions: the same forms, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.errors import RuleViolation
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.core.taken import Taken
from crm.files.fields import sent_form
from crm.instructions import material, queries, service, steps
from crm.instructions.forms import AmendForm, InstructionForm, MaterialForm, ProposalForm, WithdrawForm
from crm.instructions.listing import LISTING
from crm.instructions.models import Instruction
from crm.instructions.proposing import offers, states_meant
from crm.instructions.queries import Counts, InstructionLine, TaskLine
from crm.instructions.views import FIELD_LABELS, handed_out, offer, table_file, view_asked

api = Blueprint("instructions_api", __name__, url_prefix="/api/v1")


@api.get("/instructions")
@requires("instructions:read")
def index() -> Any:
    """Instructions of one's party, newest first; `after` is the cursor that the page before gave."""
    asked = LISTING.question(LISTING.read(request.args), False)
    page = page_of(asked, cursor=request.args.get("after"))
    return jsonify({"items": [_in_list(one) for one in page.items], "next": page.next_cursor})


def _in_list(one: InstructionLine) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "aim": one.aim,
        "deliver_by": one.deliver_by.isoformat(),
        "report_by": one.report_by.isoformat(),
        "sent_at": one.sent_at.isoformat(),
        "sent_by": one.sent_by,
        "withdrawn": one.withdrawn,
        "sample": one.sample,
        "counts": _counts(one.counts),
    }


def _counts(found: Counts) -> dict[str, int]:
    names = ("total", "undelivered", "unacknowledged", "delivered", "reported", "cancelled", "late")
    return {name: getattr(found, name) for name in names}


def task_as_json(line: TaskLine) -> dict[str, Any]:
    """One mission and one State."""
    days = ("deliver_by", "report_by", "happened_on", "acknowledged_at", "asked_at", "appointment_on")
    body = {name: value.isoformat() if (value := getattr(line, name)) else None for name in days}
    return {
        "id": str(line.id),
        "instruction_id": str(line.instruction_id),
        "state_iso3": line.state_iso3,
        "mission_id": str(line.mission_id),
        "mission": line.mission,
        "activity_id": str(line.activity_id),
        "follow_up_id": str(line.followup_id) if line.followup_id else None,
        "status": line.status.value,
        "standing": line.standing.value,
        "late": line.late.value if line.late else None,
        "acknowledged_by": line.acknowledged_by or None,
        "acknowledged_version": line.seen_version or None,
        "appointment_with": line.appointment_with,
        "responsible": line.responsible or None,
        **body,
    }


def whole(instruction: Instruction) -> dict[str, Any]:
    """An instruction with its tasks, as far as the address asks for them, its files and its amendments."""
    lines = queries.tasks_of(instruction.id, access.today())
    texts = {name: getattr(instruction, name) for name in FIELD_LABELS if name not in ("deliver_by", "report_by")}
    return {
        "id": str(instruction.id),
        **texts,
        "deliver_by": instruction.deliver_by.isoformat(),
        "report_by": instruction.report_by.isoformat(),
        "handling": instruction.reach,
        "marks": instruction.marks,
        "version": instruction.version,
        "sent_at": instruction.sent_at.isoformat(),
        "sent_by": instruction.sent_by,
        "withdrawn_at": instruction.withdrawn_at.isoformat() if instruction.withdrawn_at else None,
        "withdrawn_why": instruction.withdrawn_why or None,
        "remind_problem": instruction.remind_problem or None,
        "sample": instruction.sample,
        "counts": _counts(queries.counts_of(lines)),
        "tasks": [task_as_json(one) for one in queries.in_view(lines, view_asked())],
        "material": [material_as_json(one) for one in material.material_of(instruction.id)],
        "amendments": [
            {"version": one.version, "at": one.at.isoformat(), "by": one.by, "why": one.why, "changes": one.changes}
            for one in queries.changes_of(instruction.id)
        ],
    }


def material_as_json(line: material.MaterialLine) -> dict[str, Any]:
    """One file, without its bytes."""
    plain = ("name", "what", "media_type", "size", "sha256", "added_by", "sample")
    return {
        "id": str(line.id),
        "instruction_id": str(line.instruction_id),
        **{name: getattr(line, name) for name in plain},
        "added_at": line.added_at.isoformat(),
        "content": url_for("instructions_api.content", material_id=line.id),
    }


@api.get("/instructions/proposal")
@requires("instructions:write")
def proposal() -> Any:
    """Which missions might go to the States that are meant, the nearest first."""
    form = ProposalForm(request.args, meta={"csrf": False})
    if not form.validate():
        violation = RuleViolation("", "Some fields need attention.")
        violation.errors = {str(name): [str(one) for one in errors] for name, errors in form.errors.items()}
        raise violation
    today = access.today()
    codes = states_meant(form.statuses.data or (), form.region.data or "", form.states.data or (), today)
    items = [
        {
            "state_iso3": one.state_iso3,
            "mission_id": one.proposed or None,
            "missions": [{"mission_id": key, "name": label} for key, label in one.missions],
        }
        for one in offers(access.viewer(), codes, today)
    ]
    return jsonify({"items": items})


@api.post("/instructions")
@requires("instructions:write")
def create() -> Any:
    """Instruct missions; 201 with the instruction, or with the word that all of it is kept where it is not the
    writer's to read, 422 with every error.
    """
    made = doors.submit_json(InstructionForm, partial(_key_of, service.send_instruction), prepare=offer)
    asked, closed = {one["state_iso3"] for one in doors.document()["cells"]}, access.viewer().closed
    if asked <= closed:
        return jsonify({"kept": KEPT_UNSEEN}), 201
    body = whole(queries.get_instruction(made))
    if asked & closed:
        body["kept"] = KEPT_UNSEEN
    return doors.created(body, url_for("instructions_api.show", instruction_id=made))


def _key_of(verb: Any, **command: Any) -> UUID:
    made: UUID = verb(actor=access.viewer(), **command).id
    return made


@api.get("/instructions/<uuid:instruction_id>")
@requires("instructions:read", opens="instruction")
def show(instruction_id: UUID) -> Any:
    """One instruction; `show` chooses among its tasks as on the page."""
    return jsonify(whole(queries.get_instruction(instruction_id)))


@api.put("/instructions/<uuid:instruction_id>")
@requires("instructions:write", opens="instruction")
def amend(instruction_id: UUID) -> Any:
    """Set what it says as it should be; what is left out becomes empty. 409 when `version` is old."""
    queries.get_instruction(instruction_id)
    verb = partial(service.amend_instruction, actor=access.viewer(), instruction_id=instruction_id)
    doors.submit_json(AmendForm, verb)
    return jsonify(whole(queries.get_instruction(instruction_id)))


@api.post("/instructions/<uuid:instruction_id>/withdraw")
@requires("instructions:write", opens="instruction")
def withdraw(instruction_id: UUID) -> Any:
    """Nothing more is to be done."""
    queries.get_instruction(instruction_id)
    verb = partial(service.withdraw_instruction, actor=access.viewer(), instruction_id=instruction_id)
    doors.submit_json(WithdrawForm, verb)
    return jsonify(whole(queries.get_instruction(instruction_id)))


@api.post("/instructions/<uuid:instruction_id>/nudge")
@requires("instructions:write", opens="instruction")
def nudge(instruction_id: UUID) -> Any:
    """Ask every mission that is late; how many people are written to."""
    queries.get_instruction(instruction_id)
    verb = partial(steps.nudge, actor=access.viewer(), instruction_id=instruction_id)
    return jsonify({"asked": doors.submit_json(ActionForm, verb)})


@api.get("/instructions/<uuid:instruction_id>/table.<ending>")
@requires("instructions:read", exports="instruction")
def table(instruction_id: UUID, ending: str) -> Taken:
    """The table as CSV or XLSX."""
    return table_file(instruction_id, ending)


@api.post("/instructions/<uuid:instruction_id>/material")
@requires("instructions:write", opens="instruction")
def add_material(instruction_id: UUID) -> Any:
    """Keep a file with it: multipart, or the bytes as the body and `name` and `what` in the address."""
    queries.get_instruction(instruction_id)
    form = sent_form(MaterialForm, "file")
    verb = partial(material.add_material, actor=access.viewer(), instruction_id=instruction_id)
    (line,) = material.lines_of([doors.submit_sent(form, verb)])
    return doors.created(material_as_json(line), url_for("instructions_api.show_material", material_id=line.id))


@api.get("/instructions/material/<uuid:material_id>")
@requires("instructions:read", opens="instruction_material")
def show_material(material_id: UUID) -> Any:
    """One file, without its bytes."""
    (line,) = material.lines_of([material.get_material(material_id)])
    return jsonify(material_as_json(line))


@api.get("/instructions/material/<uuid:material_id>/content")
@requires("instructions:read", exports="instruction_material")
def content(material_id: UUID) -> Response:
    """The bytes of one file."""
    return handed_out(material_id)


@api.post("/instructions/material/<uuid:material_id>/remove")
@requires("instructions:write")
def remove_material(material_id: UUID) -> Any:
    """Take a file away."""
    doors.submit_json(ActionForm, partial(material.remove_material, actor=access.viewer(), material_id=material_id))
    return "", 204
