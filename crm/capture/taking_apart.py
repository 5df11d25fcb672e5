"""A mail taken apart by a process of its own that has little memory and time: `understanding.py` starts it.

It gets the mail on its standard input and says what it finds as soon as it has it: a line of JSON each, and after
it so many bytes as that line says. Whatever goes wrong in it, what was said before stands.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

MOST_SECONDS = 40
MOST_MEMORY = 1024 * 1024 * 1024
MOST_KEPT = 50 * 1024 * 1024
"""Bytes of all files of one mail, as they will be kept."""

TOO_LARGE = "With the other files it is more than is kept of one mail."
NOT_LOOKED_AT = "It could not be looked at."
NO_INVITATION = "It is not one that can be read."


def main() -> None:
    """Take one mail apart: its text first, then the invitation, then its files one by one."""
    from crm.capture.rules.message import read

    mail = read(sys.stdin.buffer.read())
    _say({"mail": mail.as_json(), "files": [one.name for one in mail.files]})
    _say_invitation(mail.calendars)
    left = MOST_KEPT
    for found in mail.files:
        left -= _look_at(found, left)
    _say({"done": True})


def _say_invitation(calendars: Sequence[Any]) -> None:
    """The first invitation, and what is left out of it and beside it."""
    from crm.capture.rules.invitations import invitation_in, reply_in
    from crm.capture.rules.message import ANOTHER_CALENDAR

    first = None
    for found in calendars:
        if reply := reply_in(found.content):
            _say({"reply": reply.as_json()})
        invitation = invitation_in(found.content)
        left_out = []
        if invitation is None:
            left_out = [NO_INVITATION]
        elif first is None:
            first = invitation
            _say({"invitation": {**first.as_json(), "note": first.note}})
            left_out = list(first.unread)
        elif invitation != first:
            left_out = [ANOTHER_CALENDAR]
        for why in left_out:
            _say({"left_out": [found.name, why]})


def _look_at(found: Any, most: int) -> int:
    """One file, which is kept or left out; how many bytes of it are kept, of so many that still may be."""
    from crm.files.intake import check
    from crm.files.rules import FileRefused

    try:
        kept = check(found.content, found.name)
    except FileRefused as refused:
        _say({"looked_at": True, "left_out": [found.name, str(refused)]})
    except Exception:  # whatever is wrong with a file, the others are looked at
        _say({"looked_at": True, "left_out": [found.name, NOT_LOOKED_AT]})
    else:
        if len(kept.content) <= most:
            _say_kept(kept)
            return len(kept.content)
        _say({"looked_at": True, "left_out": [found.name, TOO_LARGE]})
    return 0


def _say_kept(kept: Any) -> None:
    _say({"looked_at": True, "file": kept.name, "kind": kept.kind.name}, kept.content)


def _say(what: dict[str, Any], content: bytes = b"") -> None:
    line = json.dumps({**what, "size": len(content)}).encode()
    sys.stdout.buffer.write(line + b"\n" + content)
    sys.stdout.buffer.flush()


def _within_limits() -> None:
    """Where the system knows such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


def _rooms_alone() -> None:
    """Make our rooms known without the house around them, which takes longer to put together than a mail to read."""
    root = Path(__file__).resolve().parents[2]
    house = ModuleType("crm")
    house.__path__ = [str(root / "crm")]
    sys.modules["crm"] = house
    sys.path.insert(0, str(root))


if __name__ == "__main__":
    _within_limits()
    _rooms_alone()
    main()
