"""Tables of the accounts floor: parties and people, and what of the world each may reach."""

from crm.accounts.models.people import (
    ApiToken,
    Invitation,
    Party,
    PartyKind,
    PasswordRequest,
    ProviderIdentity,
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
    "Invitation",
    "Mission",
    "Party",
    "PartyKind",
    "PasswordRequest",
    "ProviderIdentity",
    "RestrictedState",
    "RestrictedStateReader",
    "Role",
    "SignInFailure",
    "User",
    "UserRole",
    "UserSession",
]
