"""The form of a pause."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from crm.core.forms import Form, clean_text, plain_characters


class PauseForm(Form):
    """Why no mail is to go out."""

    reason = StringField(
        "Why does mail wait?",
        filters=[clean_text],
        description="Every administrator reads it until mail goes on.",
        validators=[DataRequired("Give the reason."), Length(max=200), plain_characters],
    )
