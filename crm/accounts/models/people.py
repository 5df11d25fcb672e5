"""Parties, users, their roles, their sessions and the tokens that open the JSON door."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_security import RoleMixin, UserMixin
from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, exists, false, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import clock
from crm.core.access import WITH_ITS_ROW, SystemOnly, Viewer
from crm.core.db import Base, Identified
from crm.core.visibility import bare


class PartyKind(StrEnum):
    """What a party is."""

    GOVERNMENT = "government"
    SECRETARIAT = "secretariat"
    OBSERVER = "observer"
    OPERATOR = "operator"


class Role(StrEnum):
    """The six roles."""

    MISSION_OFFICER = "mission_officer"
    COORDINATOR = "coordinator"
    PRESIDENCY_OFFICE = "presidency_office"
    SECRETARIAT = "secretariat"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


class Party(Identified, Base):
    """An organisation: a government, the secretariat, an observer. Every user belongs to one."""

    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    state_iso3: Mapped[str | None] = mapped_column(ForeignKey("state.iso3"))
    sample: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Everybody with an account knows which parties take part."""
        return true() if viewer.user_id else false()


class User(Identified, UserMixin, Base):  # type: ignore[misc]
    """A person with an account. `fs_uniquifier` is the library's name for them; sessions are rows of their own.

    `administers_party`: keeps the accounts of their own party, beside whatever their roles let them do.
    Without a password they come by single sign-on alone, until they choose one.
    """

    __tablename__ = "user_account"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None]
    administers_party: Mapped[bool] = mapped_column(default=False, server_default=false())
    active: Mapped[bool] = mapped_column(default=True)
    closed_by_operator: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether an administrator closed it; then only an administrator opens it again."""
    fs_uniquifier: Mapped[str] = mapped_column(unique=True, default=lambda: uuid.uuid4().hex)
    time_zone: Mapped[str] = mapped_column(default="UTC")
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    mission_id: Mapped[UUID | None] = mapped_column(ForeignKey("mission.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sample: Mapped[bool] = mapped_column(default=False)
    keys_ended: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often whatever opened the account was ended; what was signed before the last time opens nothing any more."""
    has_factor: Mapped[bool] = mapped_column(default=False)
    """Whether a second factor is set up; kept by the verbs that add and remove them."""

    party: Mapped[Party] = relationship(info=WITH_ITS_ROW)
    roles: Mapped[list[UserRole]] = relationship(  # type: ignore[assignment]
        cascade="all, delete-orphan", info=WITH_ITS_ROW
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Colleagues of one's own party, and every coordinator and presidency office."""
        if not viewer.user_id:
            return false()
        role = bare(UserRole).c
        contacts = exists(
            select(role.id)
            .where(role.user_id == cls.id)
            .where(role.name.in_([Role.COORDINATOR.value, Role.PRESIDENCY_OFFICE.value]))
        )
        return or_(cls.party_id == viewer.party_id, contacts)


class UserRole(Identified, RoleMixin, Base):  # type: ignore[misc]
    """One role of one user."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    name: Mapped[str]

    __table_args__ = (UniqueConstraint("user_id", "name"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return true() if viewer.user_id else false()


class ApiToken(Identified, Base):
    """A key to the JSON door. Only its SHA-256 is kept; the token itself is shown once."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    label: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    revoked_at: Mapped[datetime | None]
    with_factor: Mapped[bool] = mapped_column(default=False)
    """Whether its owner had a second factor when it was issued."""

    user: Mapped[User] = relationship(info=WITH_ITS_ROW)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.user_id == viewer.user_id if viewer.user_id else false()


class UserSession(Identified, Base):
    """One sign-in on one device. The cookie holds a key of which only the SHA-256 is kept here.

    `proved_at` is when its owner last showed a password or a second factor in it, `verified_at` when they last
    showed a second factor: None means that they have not.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    key_sha256: Mapped[str] = mapped_column(unique=True)
    began_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    ended_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(default="")
    network: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship(info=WITH_ITS_ROW)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own alone."""
        return cls.user_id == viewer.user_id if viewer.user_id else false()


class SignInFailure(SystemOnly, Identified, Base):
    """One try that failed. The address that was typed is kept as a keyed hash: it may be a mistyped password."""

    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    account_sha256: Mapped[str]
    network: Mapped[str]

    __table_args__ = (
        Index("ix_sign_in_failure_account", "account_sha256", "at"),
        Index("ix_sign_in_failure_network", "network", "at"),
    )


class PasswordRequest(SystemOnly, Identified, Base):
    """Somebody said that they had forgotten a password; of the address that was typed a keyed hash is kept."""

    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    account_sha256: Mapped[str]
    network: Mapped[str]

    __table_args__ = (
        Index("ix_password_request_account", "account_sha256", "at"),
        Index("ix_password_request_network", "network", "at"),
    )


class Invitation(Identified, Base):
    """Somebody is asked by e-mail to open an account. It waits until it is accepted, withdrawn or too old.

    `roles` are names of roles, `mail_id` is the newest mail about it, `sent_at` when that was written.
    """

    email: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    roles: Mapped[list[Any]] = mapped_column(default=list)
    administers_party: Mapped[bool] = mapped_column(default=False)
    invited_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    invited_by_name: Mapped[str]
    mail_id: Mapped[UUID | None]
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)

    party: Mapped[Party] = relationship(info=WITH_ITS_ROW)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those who keep the accounts: of everybody, or of one's own party."""
        if viewer.may("accounts:read"):
            return true()
        return cls.party_id == viewer.party_id if viewer.may("party:accounts") else false()


class ProviderIdentity(Identified, Base):
    """By what name (`issuer`, `subject`) a provider of single sign-on knows somebody; bound at their first coming."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    issuer: Mapped[str]
    subject: Mapped[str]
    bound_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own alone."""
        return cls.user_id == viewer.user_id if viewer.user_id else false()
