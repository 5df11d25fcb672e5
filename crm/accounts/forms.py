"""Input about accounts."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from crm.core.forms import Form, clean_text, plain_characters


class TokenForm(Form):
    """A new token: a label to tell it from others."""

    label = StringField(
        "What will use this token?",
        filters=[clean_text],
        description="For example: reporting script of the embassy.",
        validators=[DataRequired("Say what will use it."), Length(max=80), plain_characters],
    )
