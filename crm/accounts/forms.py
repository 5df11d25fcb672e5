"""Input about accounts."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from crm.accounts.rules import LONGEST_PASSWORD, MINIMUM_PASSWORD
from crm.core.forms import Form, clean_text, plain_characters


class PasswordForm(Form):
    """Another password, with the present one."""

    current = PasswordField("Present password", validators=[DataRequired("Type your present password.")])
    password = PasswordField(
        "New password",
        description=f"At least {MINIMUM_PASSWORD} characters. Four or five unrelated words are easy to keep.",
        validators=[DataRequired("Type the new password."), Length(max=LONGEST_PASSWORD)],
    )


class TokenForm(Form):
    """A new token: a label to tell it from others."""

    label = StringField(
        "What will use this token?",
        filters=[clean_text],
        description="For example: reporting script of the embassy.",
        validators=[DataRequired("Say what will use it."), Length(max=80), plain_characters],
    )
