"""What becomes of a mail: phases, limits and times."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

MEGABYTE = 1024 * 1024
LARGEST = 25 * MEGABYTE
"""Bytes of one mail, attachments included: what mail servers commonly pass on."""

MOST_PER_DAY = 300
"""Mails to one party within 24 hours. Beyond that the mail server is asked to try again later."""

MOST_BYTES_PER_DAY = 200 * MEGABYTE
FOR_ITS_OWN = 2
"""The party's own people are proven senders; of what is taken in a day, strangers get one part in so many."""

MOST_RECIPIENTS = 20
"""Recipients of one mail."""

LEASE = timedelta(minutes=5)
"""Longer than a reading may take (`taking_apart.py`), so that no second worker begins with the same mail."""

OVERDUE = timedelta(minutes=1)
MOST_TRIES = 3
TAKEN_BACK_WITHIN = timedelta(days=7)
"""For so long what was thrown away can be had back."""


class Phase(StrEnum):
    """`RECEIVED`: kept as it came and not read yet. `ASIDE`: not even its head could be read, and nobody's
    work stops for it.
    """

    RECEIVED = "received"
    WAITING = "waiting"
    LOGGED = "logged"
    THROWN = "thrown"
    ASIDE = "aside"


SHOWN = (Phase.WAITING, Phase.LOGGED, Phase.THROWN)
"""Phases of which people see something: before it is read, nobody knows which States a mail is about."""
