"""Sealing a stream with age, to public keys or with a passphrase, and opening it again.

A passphrase seals a key of this one file; the file begins with it. So a file of any size is never held in memory.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from pyrage import DecryptError, IdentityError, RecipientError, decrypt_io, encrypt_io, passphrase, x25519

from crm.backup.refusals import CannotOpen

HEADING = b"Demarche backup 1 "
TO_KEYS = b"-"
LONGEST_HEADING = 8_192


def sealed_to(keys: Sequence[str]) -> tuple[bytes, list[Any]]:
    """The first line of a file and whoever may open it, by their public keys; raises ValueError for what is no key."""
    try:
        return HEADING + TO_KEYS + b"\n", [x25519.Recipient.from_str(one.strip()) for one in keys]
    except RecipientError:
        raise ValueError("This is no public key of age: it begins with age1.") from None


def sealed_with(secret: str) -> tuple[bytes, list[Any]]:
    """The same for a passphrase."""
    own = x25519.Identity.generate()
    wrapped = base64.b64encode(passphrase.encrypt(str(own).encode(), secret))
    return HEADING + wrapped + b"\n", [own.to_public()]


def keys_of(heading: bytes, *, identities: Sequence[str], secret: str | None) -> list[Any]:
    """What opens a file that begins so; raises CannotOpen."""
    if not heading.startswith(HEADING) or not heading.endswith(b"\n"):
        raise CannotOpen("This is no backup of Demarche, or one of a later version.")
    wrapped = heading[len(HEADING) : -1]
    try:
        if wrapped == TO_KEYS:
            if not identities:
                raise CannotOpen("It is sealed to a public key: name the file with the secret one (--identity).")
            return [x25519.Identity.from_str(one) for one in identities]
        if not secret:
            raise CannotOpen("It is sealed with a passphrase.")
        own = passphrase.decrypt(base64.b64decode(wrapped, validate=True), secret)
        return [x25519.Identity.from_str(own.decode())]
    except (DecryptError, IdentityError, ValueError):
        raise CannotOpen("The passphrase or the secret key is not the one with which it was sealed.") from None


@contextmanager
def sealing(target: IO[bytes], recipients: Sequence[Any]) -> Iterator[IO[bytes]]:
    """Whatever is written inside comes sealed into `target`; raises when it could not all be written."""
    with _beside(lambda source: encrypt_io(source, target, recipients), writes=True) as inside:
        yield inside


@contextmanager
def opening(source: IO[bytes], identities: Sequence[Any]) -> Iterator[IO[bytes]]:
    """What was sealed in `source`, to be read to its end; raises CannotOpen where it was changed or cut off."""
    try:
        with _beside(lambda target: decrypt_io(source, target, identities), writes=False) as inside:
            yield inside
    except (DecryptError, OSError) as error:
        raise CannotOpen(f"It cannot be opened: changed, cut off, or sealed with something else ({error}).") from None


@contextmanager
def _beside(work: Callable[[IO[bytes]], None], *, writes: bool) -> Iterator[IO[bytes]]:
    """Do the work in a thread at the other end of a pipe; what it raises is raised here at the end."""
    reading, writing = os.pipe()
    ends: tuple[IO[bytes], IO[bytes]] = os.fdopen(writing, "wb"), os.fdopen(reading, "rb")
    near, far = ends if writes else ends[::-1]
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with far:
                work(far)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with near:
            yield near
    except BrokenPipeError:
        pass  # the other end has failed and says why
    finally:
        thread.join()
    if failed and not isinstance(failed[0], BrokenPipeError):
        raise failed[0]
