"""The address of a party: made, shown to its people, renewed, recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, select

import config
from crm.audit.service import Event, record
from crm.capture.models import CaptureAddress
from crm.core import clock, keys
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, held, in_turn
from crm.core.errors import NotAllowed, RuleViolation

LENGTH = 32
"""Hexadecimal digits of the secret part, 128 bits. Mail systems take no notice of capitals, so there are none."""

SWITCHED_OFF = "This installation takes no mail in. Whoever runs it can switch that on."


@dataclass(frozen=True)
class Address:
    """The address that is in use; `text` is "" where the secret of the installation has changed since."""

    text: str
    made_at: datetime
    made_by: str


def settings() -> config.Settings:
    """The settings of this installation."""
    found: config.Settings = current_app.extensions["settings"]
    return found


def is_on() -> bool:
    """Whether this installation takes mail in."""
    return bool(settings().capture_address)


def _secret_of(salt: str) -> str:
    return keys.sealed(settings().secret_key, [b"capture address", salt.encode()])[:LENGTH]


def _spelled(secret: str) -> str:
    name, _, domain = settings().capture_address.partition("@")
    return f"{name}+{secret}@{domain}"


def address_of(viewer: Viewer) -> Address | None:
    """The address of the viewer's party, None while it has none."""
    row = db.session.scalar(_in_use(viewer.party_id))
    if row is None or not is_on():
        return None
    secret = _secret_of(row.salt)
    return Address(_spelled(secret) if keys.fits(secret, row.sha256) else "", row.made_at, row.made_by)


def _in_use(party_id: UUID | None) -> Select[CaptureAddress]:
    wanted = select(CaptureAddress).where(CaptureAddress.party_id == party_id, CaptureAddress.ended_at.is_(None))
    return wanted.order_by(CaptureAddress.made_at.desc()).limit(1)


def make(*, actor: Viewer, sample: bool = False) -> CaptureAddress:
    """A new address for the actor's party; the one before it opens nothing to strangers any more.

    Raises NotAllowed without `activities:create`, RuleViolation where the installation takes no mail in.
    """
    actor.require("activities:create")
    if actor.party_id is None:
        raise NotAllowed("an address belongs to a party")
    if not is_on() and not sample:
        raise RuleViolation("", SWITCHED_OFF)
    in_turn(f"capture address of {actor.party_id}")
    before = db.session.scalars(
        held(select(CaptureAddress).where(CaptureAddress.party_id == actor.party_id, CaptureAddress.ended_at.is_(None)))
    ).all()
    for one in before:
        one.ended_at = clock.now()
    salt = keys.draw()
    made = CaptureAddress(
        party_id=actor.party_id, sha256=keys.digest(_secret_of(salt)), salt=salt, made_by=actor.name, sample=sample
    )
    db.session.add(made)
    db.session.flush()
    record(
        Event.CAPTURE_ADDRESS_MADE,
        actor=actor,
        subject=("capture_address", made.id),
        originator_id=actor.party_id,
        renewed=bool(before),
    )
    return made


def behind(recipient: str) -> CaptureAddress | None:
    """The address that a mail was sent to, whether it is in use still or not. Looks as the system: whoever sends a
    mail has no account here.
    """
    name, _, domain = settings().capture_address.partition("@")
    shape = re.compile(rf"{re.escape(name)}\+([0-9a-f]{{{LENGTH}}})@{re.escape(domain)}", re.IGNORECASE)
    found = shape.fullmatch(recipient.strip().strip("<>")) if name else None
    if found is None:
        return None
    with looking_as(SYSTEM):
        return db.session.scalar(select(CaptureAddress).where(CaptureAddress.sha256 == keys.digest(found[1].lower())))
