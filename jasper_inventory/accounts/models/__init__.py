"""People, organizations, who has which role where, and what is asked of and sent to people."""

from jasper_inventory.accounts.models.alerts import MutedTopic, Topic
from jasper_inventory.accounts.models.erasures import ErasureRequest
from jasper_inventory.accounts.models.invitations import Invitation
from jasper_inventory.accounts.models.looks import Look
from jasper_inventory.accounts.models.notices import Notice
from jasper_inventory.accounts.models.people import (
    NAME_LENGTH,
    STAFF_GROUP,
    CaseInsensitiveUserManager,
    Level,
    Membership,
    Organization,
    Role,
    Tally,
    User,
)
from jasper_inventory.accounts.models.sessions import AnonymousSession

__all__ = [
    "NAME_LENGTH",
    "STAFF_GROUP",
    "AnonymousSession",
    "CaseInsensitiveUserManager",
    "ErasureRequest",
    "Invitation",
    "Level",
    "Look",
    "Membership",
    "MutedTopic",
    "Notice",
    "Organization",
    "Role",
    "Topic",
    "Tally",
    "User",
]
