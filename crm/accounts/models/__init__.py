"""Tables of the accounts floor: parties and people, and what of the world each may reach."""

from crm.accounts.models.people import (
    ApiToken,
    Party,
    PartyKind,
    Role,
    SignInFailure,
    User,
    UserRole,
    UserSession,
)
from crm.accounts.models.reach import (
    Accreditation,
    AccreditationKind,
    EmergencyAccess,
    EmergencyNotice,
    Mission,
    RestrictedState,
    RestrictedStateReader,
)

__all__ = [
    "Accreditation",
    "AccreditationKind",
    "ApiToken",
    "EmergencyAccess",
    "EmergencyNotice",
    "Mission",
    "Party",
    "PartyKind",
    "RestrictedState",
    "RestrictedStateReader",
    "Role",
    "SignInFailure",
    "User",
    "UserRole",
    "UserSession",
]
