"""What an account has beside its password. The software alone reads these rows: they hold secrets."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import SystemOnly
from crm.core.db import Base, Identified


class AuthenticatorApp(SystemOnly, Identified, Base):
    """An app that shows a code of six figures (RFC 6238). `secret` is encrypted.

    `last_step` is the time step of the last code that was accepted: no code of it or before it is taken again.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    secret: Mapped[str]
    last_step: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime | None]


class Passkey(SystemOnly, Identified, Base):
    """A key pair in a device or a security key (WebAuthn); the public half of it."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime | None]


class RecoveryCode(SystemOnly, Identified, Base):
    """A code on paper, good for one sign-in. Only its SHA-256 is kept; 80 random bits are not guessed from it."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    sha256: Mapped[str]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_recovery_code_user_id", "user_id", "sha256"),)


class SpentChallenge(SystemOnly, Identified, Base):
    """A challenge that a passkey has answered: the same answer opens nothing twice."""

    sha256: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
