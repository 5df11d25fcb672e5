"""What a service may refuse, in the words of the caller. The doors translate these, services never do."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """Base of every refusal; `status` is the HTTP status both doors answer with."""

    status = 400


class RuleViolation(Refusal):
    """A rule of the domain forbids the change. `errors` maps a form field ("" = the whole) to sentences."""

    status = 422

    def __init__(self, field: str, message: str, **more: str) -> None:
        self.errors: dict[str, list[str]] = {field: [message]}
        for name, text in more.items():
            self.errors.setdefault(name, []).append(text)
        super().__init__(message)

    @classmethod
    def of(cls, objections: Mapping[str, str]) -> RuleViolation:
        """One refusal for everything that is wrong, by field."""
        (field, message), *more = objections.items()
        return cls(field, message, **dict(more))


class NotAllowed(Refusal):
    """The viewer may not use this function at all."""

    status = 403


class NotOurs(NotAllowed):
    """The request does not come from a page of ours: no token, a stale one, or another site sent it."""


class NotFound(Refusal):
    """There is no such record for this viewer; a hidden one and an absent one look the same."""

    status = 404


class Stale(Refusal):
    """Somebody else changed the record since it was read."""

    status = 409
