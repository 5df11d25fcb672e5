"""Pure decisions about accounts and signing in: how long a session lives, when the next try is allowed, what a device
and a person may be called.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from zxcvbn import zxcvbn

from crm.core.access import SYSTEM
from crm.core.text import composed, fold, is_blank

_REGIONS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)

IDLE = timedelta(hours=4)
"""A session that nobody used for so long is over: a phone is lost sooner than noticed."""

LONGEST = timedelta(hours=12)
"""No session lives longer than a working day, however busy it is."""

SEEN_EVERY = timedelta(minutes=5)
"""How exactly the last use of a session is kept; each page would otherwise write."""

FRESH = timedelta(minutes=5)
"""For so long after its owner showed a password or a second factor a session may do what is delicate."""

HALFWAY = timedelta(minutes=15)
"""So long a right password waits for the second factor."""

WINDOW = timedelta(hours=1)
"""Failures older than this are forgotten."""

LONGEST_WAIT = timedelta(minutes=15)

FREE_FROM_HERE = 5
"""Wrong tries for one account from one network that cost nothing: people mistype."""

FREE_OF_NETWORK = 40
"""Wrong tries from one network for whatever accounts: an embassy shares one address."""

FREE_OF_ACCOUNT = 25
"""Wrong tries for one account from everywhere; its owner's own networks are not counted against it."""


LINKS_OF_ACCOUNT = 3
"""Links for a new password, or invitations of one party, that one address is sent within the window."""

LINKS_OF_NETWORK = 20
"""Requests for such links that one network may make within the window, for whatever addresses."""

LINK_REST = timedelta(minutes=5)
"""Before a mail with a link is sent again to the same person, the one before has time to arrive."""

LONGEST_ADDRESS = 254
"""Characters of an e-mail address (RFC 5321)."""

TIME_ZONES = ("UTC", *sorted(one for one in available_timezones() if one.partition("/")[0] in _REGIONS))
"""The time zones that people choose from: those named after a place."""


@dataclass(frozen=True)
class Failures:
    """How often signing in failed within the window, and when last."""

    count: int = 0
    last: datetime | None = None


def alive(*, began_at: datetime, seen_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a session still opens the door."""
    return ended_at is None and now - seen_at < IDLE and now - began_at < LONGEST


def rest(failures: Failures, free: int, now: datetime) -> timedelta:
    """How long is still to wait: nothing for the first tries, then 5 s, 10, 20 … at most 15 minutes after the last."""
    over = failures.count - free
    if over < 0 or failures.last is None:
        return timedelta(0)
    pause = min(timedelta(seconds=5 * 2 ** min(over, 10)), LONGEST_WAIT)
    return max(failures.last + pause - now, timedelta(0))


def wait(*, here: Failures, network: Failures, account: Failures, at_home: bool, now: datetime) -> timedelta:
    """How long until the next try for an account from a network.

    `here` counts this account from this network, `network` and `account` each alone. Nobody can lock an owner
    out: where the account was used before (`at_home`), only tries for it from there count.
    """
    mine = rest(here, FREE_FROM_HERE, now)
    return mine if at_home else max(mine, rest(network, FREE_OF_NETWORK, now), rest(account, FREE_OF_ACCOUNT, now))


def is_told(count: int, free: int) -> bool:
    """Whether the audit hears of this many failures: when the first pause begins, and each time they have doubled, so
    that an attack can be told from a slip, and nobody fills the disk by trying.
    """
    doubled, rest = divmod(count, free)
    return doubled > 0 and rest == 0 and doubled & (doubled - 1) == 0


def network_of(address: str | None) -> str:
    """The network an address belongs to, as far as one household or office shares it: /24, or /56 of IPv6."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 56}", strict=False))


MINIMUM_PASSWORD = 15
PUBLISHED = "universal-sample-2011"
"""The password of the sample's accounts, which everybody can read."""

LONGEST_PASSWORD = 1024
"""More than anybody types; the hash has a limit of its own."""

STRONG = 3
"""Of the five grades of zxcvbn, 0 to 4: safely unguessable, moderate protection even of a stolen hash."""

LONGEST_JUDGED = 72
"""Signs of a password that the library judges; the rest only makes it stronger."""


def password_problem(password: str, known: Iterable[str]) -> str | None:
    """Why a password will not do, or None. `known`: what everybody knows of its owner."""
    if len(password) < MINIMUM_PASSWORD:
        return f"A password has at least {MINIMUM_PASSWORD} characters. Four or five words in a row are easy to keep."
    if len(password) > LONGEST_PASSWORD:
        return f"A password has at most {LONGEST_PASSWORD} characters."
    if password == PUBLISHED:
        return "This is the published password of the sample. Choose one that nobody else knows."
    words = _words_of(known)
    own = re.sub("|".join(map(re.escape, words)), "", password, flags=re.IGNORECASE)
    if own != password and (not own or zxcvbn(own[:LONGEST_JUDGED])["score"] < STRONG):
        return "This password says little more than what is known of you. Add a word or two of something else."
    judged = zxcvbn(password[:LONGEST_JUDGED], user_inputs=words)
    if judged["score"] >= STRONG:
        return None
    hint = judged["feedback"]["warning"]
    return f"This password is easy to guess. {hint}".rstrip(". ") + ". Add a word or two that do not belong together."


def _words_of(known: Iterable[str]) -> list[str]:
    """What is known of somebody, whole and word by word, the longest first; the name of the product is known, too."""
    texts = [one.casefold() for one in known if one]
    words = {word for text in texts for word in re.findall(r"[^\W_]{3,}", text)}
    return sorted({*texts, *words, "demarche"}, key=lambda one: (-len(one), one))


_OF_ADDRESSES = ("://", "www.", "@", "\n", "\r")
_PRODUCT = fold(SYSTEM.name)
_OF_THE_HOUSE = frozenset({"you", "the operator", "whoever runs the machine"})
"""As pages, mails and the audit call the reader, and whoever runs the installation."""


def name_problem(name: str) -> str | None:
    """Why nobody is called so here, or None: mails of ours say who wrote, asked or invited by the name that they chose
    themselves, and would carry their address, or speak in the name of the software.
    """
    seen = composed("".join(one for one in name if unicodedata.category(one) != "Cf"), "NFKD").casefold()
    if any(map(is_blank, name)) or not any(unicodedata.category(one)[0] in "LN" for one in seen):
        return "Give a name that can be read, without signs that show nothing."
    if fold(seen) in _OF_THE_HOUSE:
        return "Pages and mails call somebody else so. Give the name of a person."
    if _PRODUCT in fold(seen).split():
        return f"Mails that say {SYSTEM.name} come from this software. Give the name of a person."
    if any(one in seen for one in _OF_ADDRESSES):
        return "Give the name alone, on one line and without an address."
    if mixed := next(filter(_mixes_scripts, _words_in(name)), None):
        return f"The word “{mixed}” mixes letters of several alphabets. Write each word in one."
    return None


_APOSTROPHES = "'’"
_WITH_ANY = frozenset({"COMBINING", "MODIFIER"})
"""Signs that may stand in a word beside letters of any script."""

_EAST = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"})
"""Scripts that are written together in one word. Beside others some of their signs are taken for letters of those."""

_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo", "Nl"})


def _words_in(name: str) -> list[str]:
    """The words of a name as people see them: what is invisible, or stands upon a letter, ends none."""
    seen = (one for one in name if unicodedata.category(one) != "Cf")
    return "".join(" " if _is_between(one) else one for one in seen).split()


def _is_between(char: str) -> bool:
    return char.isspace() or (unicodedata.category(char).startswith("P") and char not in _APOSTROPHES)


def _mixes_scripts(word: str) -> bool:
    """Whether a word has letters of several scripts, as a Latin name with a Cyrillic “а”, which reads like the name of
    somebody else. The name of a letter in Unicode begins with its script.
    """
    letters = (one for one in composed(word, "NFKD") if unicodedata.category(one) in _LETTERS)
    scripts = {unicodedata.name(one, "").partition(" ")[0] for one in letters} - _WITH_ANY
    return len({"EAST" if one in _EAST else one for one in scripts}) > 1


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """What a browser says it is, in two words people recognise: "Firefox on Windows"."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " on ".join(one for one in (browser or "A program", system) if one)
