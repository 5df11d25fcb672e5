"""Input about second factors."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from crm.accounts.rules import LONGEST_PASSWORD
from crm.core.forms import Form, clean_text, plain_characters

_NAME = [DataRequired("Give it a name."), Length(max=60), plain_characters]
_CODE = "Six figures from the app."
_LONGEST_ANSWER = 20_000
"""Characters of what a browser sends of a passkey; more than any sends."""


def _name(label: str, description: str) -> StringField:
    return StringField(label, filters=[clean_text], description=description, validators=_NAME)


def _answer() -> HiddenField:
    return HiddenField(
        "Passkey", validators=[DataRequired("The browser sent no passkey."), Length(max=_LONGEST_ANSWER)]
    )


class AppForm(Form):
    """An authenticator app: a code that shows that it has the secret."""

    name = _name("Name", "So that you know later which one it is: “Work phone”.")
    code = StringField(
        "Code that the app shows now",
        filters=[clean_text],
        description=_CODE,
        validators=[DataRequired("Type the code that the app shows."), Length(max=20), plain_characters],
    )
    setup = HiddenField("Setup", validators=[DataRequired("The secret is missing."), Length(max=1000)])


class PasskeyForm(Form):
    """A new passkey: a name, and what the browser answers."""

    name = _name("Name", "So that you know later which one it is: “Laptop”, “Security key in the safe”.")
    ceremony = HiddenField("Ceremony", validators=[DataRequired("The ceremony is missing."), Length(max=1000)])
    credential = _answer()


class NameForm(Form):
    """Another name for a factor."""

    name = _name("Name", "")


class PasskeyProofForm(Form):
    """A passkey that is shown."""

    done_once = False
    ceremony = HiddenField("Ceremony", validators=[DataRequired("The ceremony is missing."), Length(max=1000)])
    credential = _answer()


class StepForm(Form):
    """The second step of signing in: a code, or a passkey."""

    done_once = False
    code = StringField(
        "Code",
        filters=[clean_text],
        description=f"{_CODE} Or one of your recovery codes.",
        validators=[Length(max=60), plain_characters],
    )
    ceremony = HiddenField("Ceremony", validators=[Length(max=1000)])
    credential = HiddenField("Passkey", validators=[Length(max=_LONGEST_ANSWER)])

    def validate(self, *given: Any, **named: Any) -> bool:
        """One of the two must be there."""
        if not super().validate(*given, **named):
            return False
        if self.code.data or self.credential.data:
            return True
        self.code.errors = ["Type the code."]
        return False


class ConfirmForm(Form):
    """Who acts shows again who they are: the password, a code of an app, or a passkey."""

    done_once = False
    password = PasswordField("Password", validators=[Length(max=LONGEST_PASSWORD)])
    code = StringField(
        "Or a code",
        filters=[clean_text],
        description=f"{_CODE} One of the two is enough.",
        validators=[Length(max=20), plain_characters],
    )
    ceremony = HiddenField("Ceremony", validators=[Length(max=1000)])
    credential = HiddenField("Passkey", validators=[Length(max=_LONGEST_ANSWER)])

    def validate(self, *given: Any, **named: Any) -> bool:
        """One of them must be there."""
        if not super().validate(*given, **named):
            return False
        if self.password.data or self.code.data or self.credential.data:
            return True
        self.password.errors = ["Type your password."]
        return False
