"""The demo's orders. Days count from the day of loading, which is 0."""

from dataclasses import dataclass

from licenses.models import InventoryType

CODES = InventoryType.USER_ACTIVATION_CODES
CENTER = InventoryType.CENTER_LICENSE
UNLIMITED = None

_OLD_SEVEN = ["Access", "Excel Core", "Excel Expert", "Outlook", "PowerPoint"]
_OLD_SEVEN += ["Word Core", "Word Expert"]
# Family: its products, as their exams are named.
FAMILIES = {
    "Office 2013": _OLD_SEVEN,
    "Office 2016": _OLD_SEVEN,
    "Microsoft 365 Apps": ["Excel", "Excel Expert", "PowerPoint", "Word", "Word Expert"],
}
O13, O16, M365 = FAMILIES


@dataclass(frozen=True, kw_only=True)
class Lot:
    """An approved order: `size` students of a Center License, or codes; who is on it; its fate."""

    key: str
    to: str
    kind: str
    start: int
    finish: int
    size: int | None
    users: int = 1
    duration: int = 365
    family: str = O16
    only: tuple[str, ...] = ()
    parent: str = ""
    purchase_order: str = ""
    comments: str = ""
    number: int | None = None
    teacher_code: str = ""
    teachers: int = 0
    students: int = 0
    codes: bool = False
    suspended: str = ""
    inactive: bool = False


# The guide's own four: its pictures were taken on 2017-09-28.
GUIDE = [
    Lot(
        key="13",
        to="tolano",
        kind=CENTER,
        number=13,
        purchase_order="PO-Center2-Center",
        start=-72,
        finish=296,
        size=100,
        teachers=2,
    ),
    Lot(
        key="20",
        to="tolano",
        kind=CODES,
        number=20,
        purchase_order="T087878",
        teacher_code="SALES-1124-0817",
        start=-22,
        finish=344,
        size=2,
        codes=True,
        teachers=1,
        students=2,
    ),
    Lot(
        key="1052",
        to="tolano",
        kind=CODES,
        number=1052,
        purchase_order="UAC- Center2",
        start=-2,
        finish=729,
        size=5,
        codes=True,
    ),
    Lot(
        key="1103",
        to="tolano",
        kind=CODES,
        number=1103,
        teacher_code="U7DA7-NIFE-3017",
        start=0,
        finish=731,
        size=1,
        duration=10,
    ),
]


def _center(key, to, parent, start, finish, size, **more):
    return Lot(
        key=key, to=to, kind=CENTER, parent=parent, start=start, finish=finish, size=size, **more
    )


def _codes(key, to, parent, start, finish, size, **more):
    return Lot(
        key=key, to=to, kind=CODES, parent=parent, start=start, finish=finish, size=size, **more
    )


DISTRIBUTOR = [
    _center("d-site", "distributor", "", -410, 500, UNLIMITED, purchase_order="PLD-2290"),
    _center("d-365", "distributor", "", -200, 700, 5000, family=M365, purchase_order="PLD-2417"),
    _codes("d-codes", "distributor", "", -300, 600, 4000, purchase_order="PLD-2355"),
    _codes(
        "d-shared",
        "distributor",
        "",
        -90,
        640,
        1000,
        users=5,
        duration=180,
        family=M365,
        purchase_order="PLD-2460",
        comments="Five students share each code, as agreed for the summer schools.",
    ),
    _center("d-old", "distributor", "", -900, -170, 2000, family=O13, purchase_order="PLD-1870"),
    _codes("d-next", "distributor", "", 20, 750, 200, family=M365, purchase_order="PLD-2511"),
    _codes("d-few", "distributor", "", -150, 215, 60, purchase_order="PLD-2440"),
    _center(
        "d-unpaid",
        "distributor",
        "",
        -100,
        265,
        300,
        purchase_order="PLD-2452",
        suspended="Invoice 88-2452 is unpaid.",
    ),
]
RESELLER = [
    _center("r-site", "reseller", "d-site", -408, 470, UNLIMITED, purchase_order="CEG/118"),
    _center("r-365", "reseller", "d-365", -180, 640, 1500, family=M365, purchase_order="CEG/131"),
    _codes("r-codes", "reseller", "d-codes", -280, 560, 1500, purchase_order="CEG/125"),
    _codes(
        "r-shared",
        "reseller",
        "d-shared",
        -80,
        600,
        300,
        users=5,
        duration=180,
        family=M365,
        purchase_order="CEG/137",
    ),
    _codes("r-few", "reseller", "d-few", -140, 200, 60, purchase_order="CEG/134"),
    _center("r-unpaid", "reseller", "d-unpaid", -90, 240, 120, purchase_order="CEG/136"),
    _center("r-past", "reseller", "d-site", -400, -40, 500, purchase_order="CEG/112"),
]
HUB = [
    _center("h-site", "hub", "r-site", -406, 440, UNLIMITED, purchase_order="FVLH 31"),
    _center("h-365", "hub", "r-365", -170, 600, 600, family=M365, purchase_order="FVLH 38"),
    _codes("h-codes", "hub", "r-codes", -260, 520, 600, purchase_order="FVLH 35"),
    _codes(
        "h-shared",
        "hub",
        "r-shared",
        -70,
        560,
        120,
        users=5,
        duration=180,
        family=M365,
        purchase_order="FVLH 41",
    ),
    _codes("h-few", "hub", "r-few", -130, 190, 40, purchase_order="FVLH 40"),
    _center("h-past", "hub", "r-site", -390, -26, 250, purchase_order="FVLH 30"),
    _center("h-next", "hub", "r-365", 14, 379, 200, family=M365, purchase_order="FVLH 46"),
    _codes("h-idle", "hub", "r-codes", -60, 300, 80, purchase_order="FVLH 42", inactive=True),
]
MAPLE = [
    _center(
        "m-past", "maple", "h-site", -402, -38, 40, teachers=2, students=12, purchase_order="MR-301"
    ),
    _codes(
        "m-past-codes",
        "maple",
        "h-codes",
        -250,
        -8,
        15,
        duration=120,
        codes=True,
        teachers=1,
        students=9,
        purchase_order="MR-322",
    ),
    _center("m-site", "maple", "h-site", -75, 290, UNLIMITED, teachers=3, students=18),
    _center(
        "m-365",
        "maple",
        "h-365",
        -65,
        300,
        20,
        family=M365,
        teachers=2,
        students=17,
        purchase_order="MR-344",
    ),
    _codes(
        "m-codes",
        "maple",
        "h-codes",
        -62,
        303,
        50,
        duration=240,
        codes=True,
        teachers=2,
        students=12,
        purchase_order="MR-345",
    ),
    _codes(
        "m-shared",
        "maple",
        "h-shared",
        -40,
        320,
        4,
        users=5,
        duration=180,
        family=M365,
        codes=True,
        teachers=1,
        students=11,
        purchase_order="MR-349",
    ),
    _codes("m-few", "maple", "h-few", -120, 25, 20, duration=90, purchase_order="MR-339"),
    _center(
        "m-full",
        "maple",
        "h-365",
        -50,
        60,
        12,
        family=M365,
        only=("Excel", "Excel Expert"),
        teachers=1,
        students=12,
        purchase_order="MR-347",
    ),
    _center("m-next", "maple", "h-site", 30, 395, 60, purchase_order="MR-361"),
    _center(
        "m-idle",
        "maple",
        "h-site",
        -140,
        80,
        20,
        only=("Outlook",),
        inactive=True,
        purchase_order="MR-335",
    ),
]
HARBOUR = [
    _center(
        "b-past", "harbour", "h-site", -398, -60, 25, teachers=1, students=9, purchase_order="1042"
    ),
    _center("b-site", "harbour", "h-site", -55, 310, 80, teachers=2, students=13),
    _codes(
        "b-codes",
        "harbour",
        "h-codes",
        -45,
        320,
        30,
        duration=200,
        codes=True,
        teachers=1,
        students=10,
        purchase_order="1077",
    ),
    _codes("b-few", "harbour", "h-few", -110, 75, 20, duration=90, codes=True, students=8),
    _codes(
        "b-full",
        "harbour",
        "h-shared",
        -30,
        330,
        2,
        users=5,
        duration=150,
        family=M365,
        codes=True,
        teachers=1,
        students=10,
        purchase_order="1083",
    ),
    _center(
        "b-paused",
        "harbour",
        "h-365",
        -35,
        200,
        40,
        family=M365,
        teachers=1,
        students=6,
        purchase_order="1081",
        suspended="The license was shared outside the college; waiting for an answer.",
    ),
    _codes("b-next", "harbour", "h-codes", 7, 190, 25, duration=180, purchase_order="1090"),
]
RIVERSIDE = [
    _center("v-old", "riverside", "", -820, -90, 15, family=O13, purchase_order="RTC-007"),
    _center(
        "v-past",
        "riverside",
        "r-site",
        -380,
        -15,
        20,
        teachers=1,
        students=8,
        purchase_order="RTC-015",
    ),
    _center(
        "v-365",
        "riverside",
        "r-365",
        -150,
        45,
        15,
        family=M365,
        teachers=2,
        students=13,
        purchase_order="RTC-019",
    ),
    _codes(
        "v-codes",
        "riverside",
        "r-codes",
        -100,
        265,
        20,
        codes=True,
        teachers=1,
        students=11,
        purchase_order="RTC-021",
    ),
    _codes("v-few", "riverside", "r-few", -35, 28, 20, duration=60, purchase_order="RTC-024"),
    _codes(
        "v-direct",
        "riverside",
        "",
        -12,
        353,
        10,
        family=M365,
        only=("PowerPoint",),
        codes=True,
        students=3,
        purchase_order="RTC-026",
        comments="Assigned by CCI for the pilot course.",
    ),
]
# Sources begin before what is carved from them, so this order makes them first; and an older
# license has the lower number.
LOTS = sorted(
    [*DISTRIBUTOR, *RESELLER, *HUB, *MAPLE, *HARBOUR, *RIVERSIDE], key=lambda lot: lot.start
)


@dataclass(frozen=True, kw_only=True)
class Back:
    """Unused places that the supplier took back from an order, so many days ago."""

    of: str
    number: int
    ago: int
    reason: str


BACK = [
    Back(of="r-365", number=250, ago=33, reason="Two districts chose codes instead."),
    Back(of="h-codes", number=120, ago=21, reason="The evening classes were cancelled."),
    Back(of="b-site", number=20, ago=9, reason="Agreed on the phone with the college."),
]
