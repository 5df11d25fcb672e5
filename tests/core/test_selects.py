"""Options written before are the library's own to a character, and no text of one reaches another."""

from __future__ import annotations

import pytest
from wtforms import Form, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import Select

from crm.core.selects import quick

CHOICES = [
    SelectChoice("", "Any"),
    SelectChoice("CIV", "Côte d’Ivoire"),
    SelectChoice("<b>", "\"Quoted\" & 'quoted' <i>"),
    SelectChoice("CIV2", "Côte d’Ivoire"),
    SelectChoice("off", "Off", {"disabled": True}),
    SelectChoice("plain", ""),
]


class _Choosing(Form):
    one = SelectField("One", choices=CHOICES)
    several = SelectMultipleField("Several", choices=CHOICES)
    number = SelectField("Number", choices=[SelectChoice(1, "One"), SelectChoice(2, "Two")], coerce=int)


@pytest.mark.parametrize("chosen", ["", "CIV", "<b>", "off"])
def test_an_option_is_written_as_the_library_writes_it(chosen: str) -> None:
    form = _Choosing(data={"one": chosen, "several": [chosen, "CIV2"], "number": 2})
    for _twice in range(2):
        for field in form:
            assert type(field.widget) is Select
            assert quick(field)(field) == field.widget(field), field.name
