"""The demo's requests, for new licenses and for renewals; `ago` is in days."""

from dataclasses import dataclass

from jasper_inventory.demo.orders import CENTER, CODES, M365, O13, O16, UNLIMITED
from renewals.models import CodeChoice

EXISTING = CodeChoice.EXISTING


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request for a new license, `ago` days ago, and what became of it."""

    by: str
    kind: str
    ago: int
    students: int | None
    users: int = 1
    family: str = O16
    purchase_order: str = ""
    comments: str = ""
    outcome: str = "pending"
    answer: str = ""
    days: int = 1
    parent: str = ""
    granted: int | None = None


ASKS = [
    Ask(
        by="maple",
        kind=CENTER,
        ago=210,
        students=35,
        purchase_order="MR-330",
        comments="For the evening classes.",
        outcome="approved",
        answer="Thirty places for now; ask again when they are full. Have a good term.",
        parent="h-site",
        granted=30,
    ),
    Ask(
        by="harbour",
        kind=CODES,
        ago=33,
        students=24,
        purchase_order="1082",
        comments="One code per student, please.",
        outcome="approved",
        days=2,
        parent="h-codes",
    ),
    Ask(
        by="hub",
        kind=CENTER,
        ago=120,
        students=900,
        family=M365,
        purchase_order="FVLH 39",
        outcome="rejected",
        answer="More than we have left; please ask again for 600 at most.",
        days=3,
    ),
    Ask(
        by="distributor",
        kind=CODES,
        ago=75,
        students=20000,
        purchase_order="PLD-2463",
        outcome="rejected",
        answer="Please send the purchase order first.",
        days=4,
    ),
    Ask(
        by="riverside",
        kind=CENTER,
        ago=48,
        students=UNLIMITED,
        comments="A site license would be easier for us.",
        outcome="rejected",
        answer="Site licenses are for schools only. Shall we talk about 100 places?",
        days=2,
    ),
    Ask(
        by="maple",
        kind=CODES,
        ago=41,
        students=12,
        family=O13,
        purchase_order="MR-348",
        outcome="withdrawn",
    ),
    Ask(by="reseller", kind=CENTER, ago=29, students=400, family=M365, outcome="withdrawn", days=6),
    Ask(
        by="distributor",
        kind=CENTER,
        ago=9,
        students=1000,
        family=M365,
        purchase_order="PLD-2519",
        comments="For the two new school districts; they start with the next term.",
    ),
    Ask(by="distributor", kind=CODES, ago=2, students=750, users=5, purchase_order="PLD-2524"),
    Ask(
        by="reseller",
        kind=CODES,
        ago=6,
        students=250,
        purchase_order="CEG/142",
        comments="We are nearly out of codes.",
    ),
    Ask(by="hub", kind=CENTER, ago=4, students=150, family=M365, purchase_order="FVLH 47"),
    Ask(
        by="riverside",
        kind=CODES,
        ago=3,
        students=30,
        purchase_order="RTC-028",
        comments="Course starts on Monday week.",
    ),
    Ask(
        by="maple",
        kind=CENTER,
        ago=5,
        students=45,
        family=M365,
        purchase_order="MR-363",
        comments="A third Word class.",
    ),
    Ask(by="harbour", kind=CODES, ago=1, students=18, purchase_order="1092"),
    Ask(
        by="harbour",
        kind=CENTER,
        ago=2,
        students=UNLIMITED,
        family=M365,
        purchase_order="1093",
        comments="We move to Microsoft 365 Apps next year.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Renew:
    """A request to renew the order `of`, `ago` days ago, and what became of it."""

    of: str
    ago: int
    code: str = CodeChoice.NEW
    students: int | None = None
    purchase_order: str = ""
    comments: str = ""
    outcome: str = "pending"
    answer: str = ""
    parent: str = ""


RENEWALS = [
    Renew(
        of="m-past",
        ago=39,
        code=EXISTING,
        students=40,
        purchase_order="MR-350",
        comments="The same classes go on.",
        outcome="approved",
        parent="h-site",
    ),
    Renew(
        of="b-past",
        ago=64,
        students=30,
        purchase_order="1075",
        outcome="approved",
        answer="Welcome back.",
        parent="h-site",
    ),
    Renew(
        of="v-old",
        ago=95,
        students=15,
        outcome="rejected",
        answer="Office 2013 is no longer taught; please ask for a newer family.",
    ),
    Renew(of="v-365", ago=12, students=60, outcome="withdrawn", comments="Wrong number."),
    Renew(
        of="d-old",
        ago=11,
        students=500,
        purchase_order="PLD-2517",
        comments="A few schools still teach Office 2013.",
    ),
    Renew(of="r-past", ago=8, code=EXISTING, students=500, purchase_order="CEG/141"),
    Renew(of="h-past", ago=7, students=300, purchase_order="FVLH 48"),
    Renew(
        of="m-full",
        ago=3,
        code=EXISTING,
        students=24,
        purchase_order="MR-362",
        comments="The course is full; we need twice the places.",
    ),
    Renew(
        of="m-365",
        ago=2,
        code=EXISTING,
        students=15,
        purchase_order="MR-364",
        comments="One class less next year.",
    ),
    Renew(of="b-full", ago=2, students=20, purchase_order="1091"),
    Renew(
        of="v-few",
        ago=1,
        students=20,
        purchase_order="RTC-029",
        comments="Ends soon; we would like to go on without a gap.",
    ),
    Renew(of="v-365", ago=0, students=30, purchase_order="RTC-030"),
]
