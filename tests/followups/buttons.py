"""A reminder that was sent, and the buttons in its mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.followups.opening import due_in_an_hour, forget_viewer, plan
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.support.people import Person

People = Callable[[str], Person]
Later = Callable[[float], None]


def plain(taken: Any) -> str:
    """The plain text of a mail that the relay took."""
    return str(taken.message.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def buttons_of(taken: Any) -> dict[str, str]:
    """The addresses of its buttons, by their words."""
    found = re.findall(r"^(Done|Later): +http://localhost:8000(\S+)$", plain(taken), re.M)
    return dict(found)


def reminded(relay: Relay, person: People, later: Later) -> tuple[Any, dict[str, str]]:
    """A follow-up of an officer of whom they were reminded, and the buttons of that mail."""
    followup_id = due_in_an_hour(person("officer").viewer, what="Canary")
    later(3601)
    plan()
    drain()
    forget_viewer()
    return followup_id, buttons_of(relay.taken[-1])
