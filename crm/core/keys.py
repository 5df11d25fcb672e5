"""A key is a secret that opens something by itself: a session, a feed, a link, the JSON door.

It carries 256 random bits and is told once; the table keeps its SHA-256, so nobody finds a key from the table.
It needs no salt and no slow hash, because nobody can try 256 bits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable


def draw() -> str:
    """A new key of 43 letters that an address may carry; it is in nobody's hands but the caller's."""
    return secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """What is kept of a key. Takes whatever somebody may send for one."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def fits(key: str, kept: str) -> bool:
    """Whether `kept` is what is kept of this key; the time it takes tells nothing."""
    return hmac.compare_digest(digest(key), kept)


def sealed(key: str, parts: Iterable[bytes]) -> str:
    """A mark of these parts that only whoever has the key can make: nobody finds the parts by trying."""
    mark = hmac.new(key.encode("utf-8", "surrogatepass"), digestmod=hashlib.sha256)
    for part in parts:
        mark.update(len(part).to_bytes(8))
        mark.update(part)
    return mark.hexdigest()
