"""Input about accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from crm.accounts.models import PartyKind, Role
from crm.accounts.policy import LABELS
from crm.accounts.rules import LONGEST_ADDRESS, LONGEST_PASSWORD, MINIMUM_PASSWORD, TIME_ZONES, name_problem
from crm.core.forms import Form, clean_text, options, plain_characters
from crm.core.versions import as_read

KIND_LABELS: dict[PartyKind, str] = {
    PartyKind.GOVERNMENT: "A government",
    PartyKind.SECRETARIAT: "The secretariat",
    PartyKind.OBSERVER: "An observer (civil society, ICRC)",
    PartyKind.OPERATOR: "The operator of this installation",
}


def _new_password(label: str = "New password") -> PasswordField:
    return PasswordField(
        label,
        description=f"At least {MINIMUM_PASSWORD} characters. Four or five unrelated words are easy to keep.",
        validators=[DataRequired("Type the new password."), Length(max=LONGEST_PASSWORD)],
    )


def _line(label: str, hint: str, most: int, *checks: Any) -> StringField:
    first = checks or (Optional(),)
    return StringField(
        label, filters=[clean_text], description=hint, validators=[*first, Length(max=most), plain_characters]
    )


def _address(hint: str = "") -> StringField:
    return _line("Email", hint, LONGEST_ADDRESS, DataRequired("Give the email address."))


class PasswordForm(Form):
    """Another password, with the present one."""

    current = PasswordField("Present password", validators=[DataRequired("Type your present password.")])
    password = _new_password()


class TokenForm(Form):
    """A new token: a label to tell it from others."""

    label = _line(
        "What will use this token?",
        "For example: reporting script of the embassy.",
        80,
        DataRequired("Say what will use it."),
    )


class ForgottenForm(Form):
    """Whose password is forgotten."""

    email = _address("The address that you sign in with.")


class NewPasswordForm(Form):
    """Another password, by a link."""

    password = _new_password()


def _name(hint: str = "As colleagues know them.") -> StringField:
    return _line("Name", hint, 120, DataRequired("Give the name."), _of_a_person)


def _of_a_person(_form: FlaskForm, field: Field) -> None:
    if problem := name_problem(field.data or ""):
        raise ValidationError(problem)


def _title() -> StringField:
    return _line("Title", "For example: Second Secretary.", 120)


def _roles() -> SelectMultipleField:
    return SelectMultipleField(
        "What they do here",
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="Each role opens what it needs. Most people have one.",
    )


def _time_zone(hint: str) -> SelectField:
    return SelectField(
        "Time zone",
        choices=options((one, one.replace("_", " ")) for one in TIME_ZONES),
        default="UTC",
        description=hint,
    )


class ProfileForm(Form):
    """What others read of oneself, and the zone of one's days and times."""

    name = _name("As colleagues know you. It stands beside what you write from now on.")
    title = _title()
    time_zone = _time_zone(
        "Days and times are shown in it. Follow-ups that you have already fall due when they did: in the zone in which "
        "they were given to you."
    )
    version = as_read()
    edits_record = True

    def keep(self, time_zone: str) -> None:
        """Offer a zone that an account has already, even where it is none of the usual ones."""
        if time_zone not in TIME_ZONES:
            self.time_zone.choices = [*self.time_zone.choices, *options([(time_zone, time_zone)])]


class AccountForm(Form):
    """Name, title and roles of an account that one keeps."""

    name = _name()
    title = _title()
    roles = _roles()
    version = as_read()
    edits_record = True

    def offer(self, roles: Iterable[Role]) -> None:
        """Fill in what the viewer may choose from."""
        self.roles.choices = options((one.value, LABELS[one]) for one in roles)


class WelcomeForm(Form):
    """What a guest decides when they accept an invitation."""

    password = _new_password("Password")
    time_zone = _time_zone("Of the place where you work. Days and times are shown in it.")


class InviteColleagueForm(Form):
    """Somebody to invite into one's own party."""

    email = _address(
        "An invitation goes there. It opens an account once, within seven days; an earlier one opens nothing more."
    )
    name = _name()
    title = _title()
    roles = _roles()

    objections: Callable[..., Mapping[str, str]] | None = None
    """What the verb would refuse, by field: told together with what is wrong with the fields themselves."""

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        for name, words in (self.objections(self.data) if self.objections else {}).items():
            if not self[name].errors:
                self[name].errors, sound = [words], False
        return sound

    def offer(self, roles: Iterable[Role], parties: Iterable[tuple[str, str]] = ()) -> None:
        """Fill in what the viewer may choose from."""
        self.roles.choices = options((one.value, LABELS[one]) for one in roles)


class InviteForm(InviteColleagueForm):
    """Somebody to invite into any party, by an administrator."""

    party_id = SelectField("Party", choices=[], validators=[InputRequired("Choose the party.")])
    administers_party = BooleanField(
        "Administers the party",
        description="Invites and closes accounts of that party, and of no other. Opens no records by itself.",
    )

    def offer(self, roles: Iterable[Role], parties: Iterable[tuple[str, str]] = ()) -> None:
        super().offer(roles)
        self.party_id.choices = options(parties, first="Choose")

    def command(self) -> dict[str, Any]:
        values = super().command()
        return {**values, "party_id": UUID(values["party_id"])}


class PartyForm(Form):
    """An organisation that takes part."""

    name = _line("Name", "As it stands on the records of its people.", 120, DataRequired("Give the name."))
    kind = SelectField("What it is", choices=options((one.value, label) for one, label in KIND_LABELS.items()))
    state_iso3 = SelectField("State", choices=[], description="Of a government.", validators=[Optional()])

    def offer(self, states: Iterable[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state_iso3.choices = options(states, first="None")
