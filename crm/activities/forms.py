"""The shape of a log entry, for the page and for the JSON door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from crm.activities.details import LONGEST_ANSWER, MOST_COUNTED, NO_NUMBER, Detail
from crm.activities.models import Activity, ActivityPerson
from crm.activities.rules import (
    EARLIEST,
    LENGTHS,
    LEVEL_LABELS,
    LINE_LENGTH,
    NOTE_LENGTH,
    PAPER_LABELS,
    PRECISION_LABELS,
    Level,
    Paper,
    Precision,
)
from crm.activities.types import ACTIVITY_TYPES, ActivityType, every_detail
from crm.core import access
from crm.core.access import HANDLING_LABELS, Handling
from crm.core.days import too_far
from crm.core.forms import (
    Form,
    HandlingField,
    Offered,
    clean_text,
    not_before,
    not_in_future,
    options,
    plain_characters,
)
from crm.core.visibility import ATTRIBUTION_LABELS, Attribution
from crm.positions.rules import OBSTACLES, Basis
from crm.states.fields import StatesField, why_only_these

_SUBTYPES = options(
    ((key, f"{one.label}: {label}") for one in OBSTACLES.values() for key, label in one.subtypes.items()),
    "Not said more closely",
)


def _text(label: str, hint: str = "", most: int = LINE_LENGTH, *checks: Any) -> StringField:
    return StringField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*(checks or [Optional()]), Length(max=most), plain_characters],
    )


def _note(label: str, hint: str, *checks: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*(checks or [Optional()]), Length(max=NOTE_LENGTH), plain_characters],
    )


def _detail_field(detail: Detail) -> Any:
    """The field of a question that only some kinds ask."""
    if detail.number:
        return IntegerField(
            detail.label, description=detail.hint, validators=[Optional(), NumberRange(0, MOST_COUNTED, NO_NUMBER)]
        )
    if detail.choices:
        return SelectField(detail.label, choices=options(detail.choices.items(), "Not said"), default="")
    return _text(detail.label, detail.hint, LONGEST_ANSWER)


def _kind(default: str) -> SelectField:
    return SelectField(
        "Kind",
        choices=lambda: options((key, one.label) for key, one in ACTIVITY_TYPES.items()),
        default=default,
        validators=[InputRequired("Choose the kind.")],
    )


def _state() -> SelectField:
    return SelectField("State", choices=[], validators=[DataRequired("Choose the State.")], default="")


_not_too_early = not_before(EARLIEST, "when the process that led to the Convention began")


def _day(*checks: Any) -> DateField:
    example = "Give the day, for example 2026-11-23."
    return DateField("Date", default=access.today, validators=[InputRequired(example), *checks, _not_too_early])


def _not_too_far(_form: Form, field: Field) -> None:
    """Refuse a day that nobody plans for."""
    if field.data and (problem := too_far(field.data, access.today())):
        raise ValidationError(problem)


class PlanForm(Form):
    """An approach that is to come: kind, State, day, and what else is known beforehand."""

    kind = _kind("capital_visit")
    state_iso3 = _state()
    further_states = StatesField(
        "Further States", description="Names or codes with commas between them.", default=(), validators=[Optional()]
    )
    held_on = _day(_not_too_far)
    precision = SelectField(
        "How exactly is the day known?",
        choices=options((one.value, label) for one, label in PRECISION_LABELS.items()),
        default=Precision.DAY.value,
    )
    person_name = _text("Whom did you see?", "Name as it would stand in a report.")
    person_title = _text("Title and office", "For example: Director, Multilateral Affairs, Foreign Ministry.")
    person_ministry = _text("Ministry or institution")
    person_level = SelectField(
        "Level",
        choices=options(((one.value, label) for one, label in LEVEL_LABELS.items()), "Not said"),
        default="",
    )
    person_level_other = _text("Which other level", "For example: Chair of the committee on foreign affairs.")
    person_id = StringField(
        "Whom of the people known", widget=HiddenInput(), default="", filters=[clean_text], validators=[Length(max=36)]
    )
    keep_person = BooleanField("Keep them among the people met")
    delivered_by = _text("Who delivers it", "Name as it would stand in a report.")
    delivered_by_title = _text("Their title", "For example: Ambassador.")
    objective = _note("What is it to bring about?", "")
    place = _text("Place")
    occasion = _text("Occasion", "For example: First Committee of the General Assembly.")
    handling = HandlingField("Who may see it", Handling.COORDINATION)
    attribution = SelectField(
        "What others may know of the source",
        choices=options(ATTRIBUTION_LABELS.items()),
        default=Attribution.STATE_NOT_PERSON.value,
        description="Your own party always sees everything.",
    )
    marks = _text("National marking", "Word for word, as your own rules write it.", LENGTHS["marks"])
    report_ref = _text("Reference of your own report", "", LENGTHS["report_ref"])

    def offer(self, states: list[tuple[str, str]], owners: Offered = (), recent: Sequence[str] = ()) -> None:
        """Fill in the States and the owners that this viewer may choose; `recent` States stand on top."""
        self.state_iso3.description = why_only_these(access.viewer())
        first, *others = options(states, "Choose a State")
        names = dict(states)
        lately = options((iso3, names[iso3]) for iso3 in recent if iso3 in names)
        self.state_iso3.choices = {"": [first], "Lately": lately, "All States": others} if lately else [first, *others]
        if "next_action_owner_id" in self:
            self.next_action_owner_id.choices = options(owners, "Me")

    @property
    def chosen(self) -> ActivityType:
        """The kind that is chosen, the usual one before any is."""
        return ACTIVITY_TYPES.get(self.kind.data) or ACTIVITY_TYPES["capital_visit"]

    def details(self) -> list[tuple[Field, list[str], bool]]:
        """The fields that only some kinds have, each with those kinds and whether it is to be shown now."""
        found = []
        for key in (*every_detail(), "further_states"):
            kinds = [one.key for one in ACTIVITY_TYPES.values() if _asks(one, key)]
            found.append((self[key], kinds, self.chosen.key in kinds or bool(self[key].errors)))
        return found

    def show(self, activity: Activity) -> None:
        """Fill in what was written down of an activity."""
        person = activity.people[0] if activity.people else None
        known = {
            **{name: getattr(activity, name) for name in self._fields if hasattr(Activity, name)},
            **activity.extras,
            "person_name": person.name if person else "",
            "person_title": person.title if person else "",
            "person_ministry": person.ministry if person else "",
            "person_id": _known_key(person),
            "person_level": person.level if person and (person.level != Level.OTHER or person.level_other) else "",
            "person_level_other": person.level_other if person else "",
        }
        states = sorted(one.state_iso3 for one in activity.states)
        known["state_iso3"], known["further_states"] = states[0], tuple(states[1:])
        known["paper_refused"] = activity.paper_accepted is False
        known["officer_comment"] = activity.comment.text if activity.comment else ""
        for name, value in known.items():
            if name in self:
                self.accept(name, value)

    def validate(self, extra_validators: Any = None) -> bool:
        """Also that a detail is answered only where its kind asks for it."""
        good = super().validate(extra_validators)
        for field, kinds, _shown in self.details():
            if field.data and self.chosen.key not in kinds and not field.errors:
                field.errors = [f"“{self.chosen.label}” does not ask this. Leave it empty, or choose the other kind."]
                good = False
        return bool(good)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        given = {key: values.pop(key) for key in every_detail()}
        values["details"] = {key: value for key, value in given.items() if value not in ("", None)}
        values["person_level"] = Level(values["person_level"] or Level.OTHER)
        values["precision"] = Precision(values["precision"])
        for name, meaning in _MEANINGS.items():
            if name in values:
                values[name] = meaning(values[name])
        return values


_MEANINGS: dict[str, Callable[[str], Any]] = {
    "handling": Handling,
    "attribution": Attribution,
    "paper_left": Paper,
    "obstacle_basis": Basis,
}

for _key, _detail in every_detail().items():
    setattr(PlanForm, _key, _detail_field(_detail))


def _known_key(person: ActivityPerson | None) -> str:
    """The key under which somebody met is known, "" for nobody."""
    key = (person.interlocutor_id or person.holder_id) if person else None
    return str(key) if key else ""


def _asks(kind: ActivityType, key: str) -> bool:
    """Whether a kind has this field."""
    return kind.several_states if key == "further_states" else any(one.key == key for one in kind.details)


def _whom_where_asked(form: Form, field: Field) -> None:
    """Somebody was met, unless the kind is for many."""
    if not field.data and form.chosen.whom_required:
        raise ValidationError("Say whom.")


class ActivityForm(PlanForm):
    """One approach: State, day, whom, reply, obstacle, next action; the rest if wanted."""

    held_on = _day(not_in_future)
    person_name = _text(
        "Whom did you see?", "Name as it would stand in a report.", LENGTHS["person_name"], _whom_where_asked
    )
    reply = _note(
        "What did they reply?", "Facts first; your own view goes below.", DataRequired("Write what they replied.")
    )
    obstacle = SelectField(
        "Obstacle",
        choices=options(((one.type.value, one.label) for one in OBSTACLES.values()), "None named"),
        default="",
        description="What keeps them from joining.",
    )
    obstacle_other = _text("Which other obstacle", "For example: waits for the decision of a neighbour.")
    obstacle_subtype = SelectField("More closely", choices=_SUBTYPES, default="")
    obstacle_basis = RadioField(
        "How do you know?",
        choices=options([(Basis.STATED.value, "They said so"), (Basis.INFERRED.value, "I conclude it")]),
        default=Basis.STATED.value,
    )
    next_action = _text("What is to be done", "It becomes a follow-up and reminds its owner.", LENGTHS["next_action"])
    next_action_due = DateField("By when", validators=[Optional()])
    next_action_owner_id = SelectField(
        "Who does it", choices=[], default="", validate_choice=True, description="A person, or a mission."
    )
    paper_left = SelectField(
        "What was left",
        choices=options((one.value, label) for one, label in PAPER_LABELS.items()),
        default=Paper.NONE.value,
    )
    paper_refused = BooleanField("They refused to accept it")
    officer_comment = _note("Your comment", "Your own view, for your own party alone.")
    delivered_by = _text("Who delivered it", "Name as it would stand in a report; nobody named means you.")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "delivered_by": values["delivered_by"] or None}


class ReferenceForm(Form):
    """That something happened and where its report lies: kind, State, day, reference, marking."""

    kind = _kind("demarche")
    state_iso3 = _state()
    held_on = _day(not_in_future)
    report_ref = _text(
        "Reference of your own report",
        "Where your party finds it: a number or a file mark, no content.",
        LENGTHS["report_ref"],
        DataRequired("Give the reference."),
    )
    marks = _text("National marking", "Word for word, as your own rules write it.", LENGTHS["marks"])
    handling = SelectField(
        "Who may see that it happened",
        choices=options(HANDLING_LABELS.items()),
        default=Handling.ORIGINATOR.value,
    )

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States that this viewer may choose."""
        self.state_iso3.description = why_only_these(access.viewer())
        self.state_iso3.choices = options(states, "Choose a State")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["handling"] = Handling(values["handling"])
        return values
