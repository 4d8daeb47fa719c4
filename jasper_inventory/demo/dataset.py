"""The demo's data, read from dataset.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from licenses.models import InventoryType, Outcome
from renewals.models import CodeChoice


@dataclass(frozen=True, kw_only=True)
class OrganizationRow:
    """An organization and its people; the keys of rows are used only within the data."""

    key: str
    name: str
    level: str
    domain: str
    administrator: tuple[str, str, str]
    supplier: str = ""
    teachers: tuple[str, ...] = ()
    # How many.
    students: int = 0


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """An approved order, the people on it, and what happened to it."""

    key: str
    to: str
    type: str
    start: int
    finish: int
    # Students of a Center License (None: unlimited), or activation codes.
    size: int | None = None
    users_per_code: int = 1
    duration: int = 365
    family: str = "Office 2016"
    # Only these products of the family.
    products: tuple[str, ...] = ()
    parent: str = ""
    purchase_order: str = ""
    comments: str = ""
    number: int | None = None
    teacher_code: str = ""
    # How many join.
    teachers: int = 0
    students: int = 0
    create_codes: bool = False
    # The reason, if it is suspended or was made inactive.
    suspended: str = ""
    inactive: str = ""

    @property
    def is_codes(self) -> bool:
        return self.type == InventoryType.USER_ACTIVATION_CODES


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """A request for a new license and its outcome."""

    by: str
    type: str
    ago: int
    students: int | None = None
    users_per_code: int = 1
    family: str = "Office 2016"
    purchase_order: str = ""
    comments: str = ""
    outcome: str = Outcome.PENDING
    approval_comments: str = ""
    # Days after the request.
    reviewed_after: int = 1
    # If approved: the order to allocate from, and the students if other than requested.
    parent: str = ""
    granted: int | None = None

    @property
    def is_codes(self) -> bool:
        return self.type == InventoryType.USER_ACTIVATION_CODES


@dataclass(frozen=True, kw_only=True)
class RenewalRow:
    """A request to renew an order and its outcome."""

    of: str
    ago: int
    code_choice: str = CodeChoice.NEW
    students: int | None = None
    purchase_order: str = ""
    comments: str = ""
    outcome: str = Outcome.PENDING
    approval_comments: str = ""
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class ForwardRow:
    """A forwarded request, and the last supplier's comments if it rejected the request."""

    purchase_order: str
    ago: int
    comments: tuple[str, ...]
    rejected: str = ""


@dataclass(frozen=True, kw_only=True)
class ReclaimRow:
    """Seats reclaimed from an order."""

    of: str
    number: int
    ago: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class InvitationRow:
    """An invitation by email."""

    organization: str
    role: str
    email: str
    ago: int


@dataclass(frozen=True, kw_only=True)
class LearningRow:
    """An order of codes that the demo's student redeemed, and the courses started."""

    purchase_order: str
    family: str
    start: int
    finish: int
    duration: int
    ago: int
    # Boxes of the codes window; all others are on.
    boxes_off: tuple[str, ...] = ()
    is_linked: bool = False
    courses_started: int = 0


@dataclass(frozen=True, kw_only=True)
class CrowdRow:
    """Students who joined a site license: days and numbers."""

    of: str
    lessons: list[tuple[int, int]]
    burst: tuple[int, int]
    alone: int
    left: int


DATA = tomllib.loads(Path(__file__).with_name("dataset.toml").read_text(encoding="utf-8"))

PASSWORD: str = DATA["password"]
# What each account is for, by username.
ACCOUNTS: dict[str, str] = DATA["accounts"]
# Usernames that differ from the person's name.
USERNAMES: dict[str, str] = DATA["usernames"]
FAMILIES: dict[str, list[str]] = DATA["families"]
FIRST_NAMES: list[str] = DATA["names"]["first"].split()
LAST_NAMES: list[str] = DATA["names"]["last"].split()

ORGANIZATIONS = [OrganizationRow(**row) for row in DATA["organizations"]]
_ORDERS = [OrderRow(**row) for row in DATA["orders"]]
# The guide's orders have numbers of their own.
GUIDE = [order for order in _ORDERS if order.number]
# Older orders have lower numbers, and parent orders come before the orders allocated from them.
ORDERS = GUIDE + sorted(
    (order for order in _ORDERS if not order.number), key=lambda order: order.start
)
REQUESTS = [RequestRow(**row) for row in DATA["requests"]]
RENEWALS = [RenewalRow(**row) for row in DATA["renewals"]]
FORWARDS = [ForwardRow(**row) for row in DATA["forwards"]]
RECLAIMS = [ReclaimRow(**row) for row in DATA["reclaims"]]
INVITATIONS = [InvitationRow(**row) for row in DATA["invitations"]]
LEARNING = [LearningRow(**row) for row in DATA["learning"]]
CROWD = CrowdRow(**DATA["crowd"])
EDIT, PROXY_REQUEST, PROXY_RENEWAL = (
    DATA[key] for key in ("edit", "proxy_request", "proxy_renewal")
)
