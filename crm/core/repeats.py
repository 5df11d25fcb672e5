"""What is sent twice is done once.

A page's form carries a key that is new each time the form is shown; a program sends one of its own in the header
`Idempotency-Key`. The key's row is written in the transaction of the verb: of two at the same moment the second
waits for the first, and gets what the first got. Kept is a mark of the request and which rows the verb answered
with, and nothing of what was written: the answer is made anew, by the same code, for whoever may still read it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, after_this_request, request
from sqlalchemy import ColumnElement, ForeignKey, Index, delete, false, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import access, clock, keys
from crm.core.access import Viewer
from crm.core.db import Base, Identified, added, db
from crm.core.errors import NotFound, RuleViolation

HEADER = "Idempotency-Key"
FIELD = "request_key"
UNSEEN = frozenset({"csrf_token", FIELD, "draft_seen"})
"""Fields that say nothing of what is asked."""

KEPT = timedelta(days=1)
"""For so long a key is known; sent again after that, a request is a new one."""

_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')
OTHER_REQUEST = (
    "This form was saved already, with something else in it. If you want a second record, press the button again."
)
OTHER_DOCUMENT = "This Idempotency-Key was used for another request. Draw a new one for each request."
UNREADABLE = "An Idempotency-Key is one word of at most 255 plain characters."
TOLD_ONCE = "This was done already. What it answered is told once; make a new one if you have not seen it."


class AnsweredRequest(Identified, Base):
    """A change that was asked for under a key, by whom, and which rows it answered with."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    key_sha256: Mapped[str]
    request_mark: Mapped[str]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        Index("uq_answered_request_key", "user_id", "key_sha256", unique=True),
        Index("ix_answered_request_at", "at"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own alone."""
        return cls.user_id == viewer.user_id if viewer.user_id else false()


@dataclass(frozen=True)
class Asked:
    """A request that came with a key: what is kept of the key, and the mark of the request."""

    user_id: UUID
    key_sha256: str
    mark: str


class Gone:
    """Stands for a row that was answered with and is no longer to be read: whoever asks it anything finds nothing."""

    def __getattr__(self, name: str) -> Any:
        raise NotFound("what this request made is no longer there")


def asked() -> Asked | None:
    """The key with which the present request came; raises RuleViolation for one that cannot be."""
    user_id = access.viewer().user_id
    given = request.headers.get(HEADER) or request.form.get(FIELD)
    if not given or user_id is None:
        return None
    found = _KEY.fullmatch(given.strip())
    if found is None:
        raise RuleViolation("", UNREADABLE)
    return Asked(user_id, keys.digest(found[1]), keys.sealed(found[1], _parts()))


def _parts() -> Iterator[bytes]:
    """What is asked for: method, address, and whatever was sent."""
    yield request.method.encode()
    yield request.full_path.encode("utf-8", "surrogatepass")
    if not request.form and not request.files:
        yield request.get_data(cache=True)
        return
    for name, value in sorted(request.form.items(multi=True)):
        if name not in UNSEEN:
            yield from (name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass"))
    for name, file in sorted(request.files.items(multi=True), key=lambda one: one[0]):
        yield from (name.encode("utf-8", "surrogatepass"), (file.filename or "").encode("utf-8", "surrogatepass"))
        file.stream.seek(0)
        yield hashlib.file_digest(file.stream, "sha256").digest()  # type: ignore[arg-type]
        file.stream.seek(0)


def done_before() -> AnsweredRequest | None:
    """The row of a request that was done before; raises RuleViolation when its key was used for another one."""
    now = asked()
    return _found(now) if now else None


def _found(now: Asked) -> AnsweredRequest | None:
    of_key = AnsweredRequest.user_id == now.user_id, AnsweredRequest.key_sha256 == now.key_sha256
    row = db.session.scalar(select(AnsweredRequest).where(*of_key))
    if row and row.request_mark != now.mark:
        raise RuleViolation("", OTHER_REQUEST if request.form.get(FIELD) else OTHER_DOCUMENT)
    return row


def once(verb: Callable[[], Any]) -> Any:
    """Run a verb, as a part of a unit of work, unless the same request did so before: then answer as it did."""
    now = asked()
    if now is None:
        return verb()
    row = AnsweredRequest(user_id=now.user_id, key_sha256=now.key_sha256, request_mark=now.mark, answer={})
    if not added(row):
        earlier = _found(now)
        if earlier is None:
            raise NotFound("what this request made is no longer there")
        return again(earlier)
    answer = verb()
    db.session.flush()
    row.answer = _noted(answer)
    return answer


def again(row: AnsweredRequest) -> Any:
    """What the verb answered then; raises RuleViolation for what is told once. Programs are told that it is old."""

    @after_this_request
    def say_so(response: Response) -> Response:
        response.headers["Idempotency-Replayed"] = "true"
        return response

    return _read(row.answer)


def _noted(answer: Any) -> dict[str, Any]:
    """An answer without its content: keys of rows, and what is no text."""
    if answer is None or isinstance(answer, bool | int):
        return {"plain": answer}
    if isinstance(answer, UUID):
        return {"key": str(answer)}
    state = inspect(answer, raiseerr=False)
    if isinstance(answer, Base) and state is not None and state.identity:
        return {"row": type(answer).__name__, "keys": [str(one) for one in state.identity]}
    return {"once": True}


def _read(noted: dict[str, Any]) -> Any:
    if "plain" in noted:
        return noted["plain"]
    if "key" in noted:
        return UUID(noted["key"])
    if "row" not in noted:
        raise RuleViolation("", TOLD_ONCE)
    mapper = next(one for one in Base.registry.mappers if one.class_.__name__ == noted["row"])
    pairs = zip(mapper.primary_key, noted["keys"], strict=True)
    wanted = [UUID(text) if column.type.python_type is UUID else text for column, text in pairs]
    return db.session.get(mapper.class_, tuple(wanted)) or Gone()


def tidy() -> None:
    """Forget what is over, as a nightly unit of work."""
    over = AnsweredRequest.at < clock.now() - KEPT
    db.session.execute(delete(AnsweredRequest).where(over).execution_options(synchronize_session=False))
