"""Whether a mail really comes from whoever it names: what the mail server in front says of it (RFC 8601).

Nothing in a mail proves anything by itself, for whoever writes it writes all of it. The server in front puts its
findings on top under its own name, and takes out whatever came under that name from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 8_000


@dataclass(frozen=True)
class Finding:
    """What was looked for (`dkim`), what came out (`pass`), and of whom it is said, by name (`header.d`)."""

    method: str
    result: str
    properties: dict[str, str]


def vouched_for(results: Sequence[str], trusted: str, sender: str) -> bool:
    """Whether the server named `trusted` vouches that the domain of this sender sent the mail.

    Only where it speaks once: two answers under its name mean that one of them is not its own.
    """
    domain = sender.rpartition("@")[2].lower().rstrip(".")
    name = trusted.strip().lower()
    own = [one for one in results if name and _speaker(one) == name]
    if len(own) != 1 or not domain:
        return False
    findings = [_finding(part) for part in _plain(own[0][:MOST]).split(";")[1:]]
    if any((one.method, one.result) == ("dmarc", "fail") for one in findings):
        return False
    return any(_passes(one, domain) for one in findings)


def _speaker(header: str) -> str:
    """Who says this: the first word."""
    words = header.partition(";")[0].split()
    return words[0].lower() if words else ""


def _plain(header: str) -> str:
    """A header without its comments, and without what stands in quotation marks: there a sender may have put words
    of their own, such as an address that reads like a finding.
    """
    kept, depth, quoted, skip = [], 0, False, False
    for char in header:
        if skip:
            skip = False
        elif char == "\\" and (quoted or depth):
            skip = True
        elif quoted:
            quoted = char != '"'
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            quoted = char == '"'
            kept.append("?" if quoted else char)
    return "".join(kept).lower()


def _finding(part: str) -> Finding:
    """One finding, word by word. The first word alone is the method, and of each word the first "=" alone divides it:
    an address of the sender's own choice may hold more of them, and read like another finding.
    """
    words = "=".join(one.strip() for one in part.split("=")).split()
    method, _, result = words[0].partition("=") if words else ("", "", "")
    said = [word.partition("=") for word in words[1:]]
    return Finding(method.partition("/")[0], result, {name: value for name, _, value in reversed(said)})


def _passes(one: Finding, domain: str) -> bool:
    """DMARC passed for the domain, or a signature of exactly this domain is good. That an address may be sent from
    somewhere (SPF) says nothing of whom the mail names as its sender.
    """
    if one.result != "pass":
        return False
    if one.method == "dmarc":
        return _domain(one.properties.get("header.from", "")) == domain
    signed = one.properties.get("header.d") or one.properties.get("header.i", "")
    return one.method == "dkim" and _domain(signed) == domain


def _domain(text: str) -> str:
    return text.rpartition("@")[2].rstrip(".")
