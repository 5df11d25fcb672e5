"""Whether a mail really comes from whoever it names: what the mail server in front says of it (RFC 8601).

Nothing in a mail proves anything by itself, for whoever writes it writes all of it. The server in front puts its
findings on top under its own name, and takes out whatever came under that name from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST = 8_000


def vouched_for(results: Sequence[str], trusted: str, sender: str) -> bool:
    """Whether the server named `trusted` vouches that the domain of this sender sent the mail.

    Only where it speaks once: two answers under its name mean that one of them is not its own.
    """
    domain = sender.rpartition("@")[2].lower().rstrip(".")
    name = trusted.strip().lower()
    own = [one for one in results if name and _speaker(one) == name]
    if len(own) != 1 or not domain:
        return False
    findings = [_properties(part) for part in _plain(own[0][:MOST]).split(";")[1:]]
    if any(one.get("dmarc") == "fail" for one in findings):
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
            kept.append(" ? " if quoted else char)
    return "".join(kept).lower()


def _properties(finding: str) -> dict[str, str]:
    """What one finding says, by name."""
    words = finding.replace("=", " = ").split()
    return {words[at - 1]: words[at + 1] for at, one in enumerate(words[:-1]) if one == "=" and at}


def _passes(finding: dict[str, str], domain: str) -> bool:
    """DMARC passed for the domain, or a signature of exactly this domain is good. That an address may be sent from
    somewhere (SPF) says nothing of whom the mail names as its sender.
    """
    if finding.get("dmarc") == "pass":
        return _domain(finding.get("header.from", "")) == domain
    if finding.get("dkim") == "pass":
        return _domain(finding.get("header.d") or finding.get("header.i", "")) == domain
    return False


def _domain(text: str) -> str:
    return text.rpartition("@")[2].rstrip(".")
