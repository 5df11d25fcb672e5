"""The version of a record that counts none: a number that is another as soon as what its form shows is."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

from wtforms import IntegerField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

LARGEST = 10**12
"""No whole number of the JSON door is larger."""


def of_values(*values: Any) -> int:
    """The number of these values, in this order. It proves nothing: whoever reads it has read them as well."""
    shown = json.dumps(values, default=str).encode()
    return int.from_bytes(blake2b(shown, digest_size=5).digest()) % LARGEST


def as_read() -> IntegerField:
    """Which version was read; left out, the change is made whatever happened since."""
    return IntegerField("Version", widget=HiddenInput(), validators=[Optional()])
