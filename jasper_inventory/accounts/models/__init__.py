"""Models of people, organizations, roles, invitations and emails."""

from jasper_inventory.accounts.models.email_preferences import MutedTopic, Topic
from jasper_inventory.accounts.models.emails import Notice, RefusedAddress
from jasper_inventory.accounts.models.erasure_requests import ErasureRequest
from jasper_inventory.accounts.models.invitations import Invitation
from jasper_inventory.accounts.models.list_exports import (
    ExportState,
    ListExport,
    ListExportPart,
)
from jasper_inventory.accounts.models.log_entries import LogEntry, LogKind
from jasper_inventory.accounts.models.memberships import Membership
from jasper_inventory.accounts.models.organizations import (
    NAME_LENGTH,
    Level,
    Organization,
    Role,
)
from jasper_inventory.accounts.models.saved_views import SavedView
from jasper_inventory.accounts.models.sessions import AnonymousSession, Session
from jasper_inventory.accounts.models.submissions import Submission
from jasper_inventory.accounts.models.throttling import Tally
from jasper_inventory.accounts.models.users import STAFF_GROUP, User, name_columns

__all__ = [
    "NAME_LENGTH",
    "STAFF_GROUP",
    "AnonymousSession",
    "ErasureRequest",
    "ExportState",
    "Invitation",
    "Level",
    "ListExport",
    "ListExportPart",
    "LogEntry",
    "LogKind",
    "Membership",
    "MutedTopic",
    "Notice",
    "Organization",
    "RefusedAddress",
    "Role",
    "SavedView",
    "Session",
    "Submission",
    "Topic",
    "Tally",
    "User",
    "name_columns",
]
