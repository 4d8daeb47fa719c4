"""A second branch below the demo's distributor, so that there is something to compare.

Its licenses end at all distances, and its places are in use, free, given on, and not usable.
"""

from jasper_inventory.demo.orders import CENTER, CODES, LOTS, M365, UNLIMITED, Lot


def _lot(key, to, kind, parent, start, finish, size, **more):
    return Lot(
        key=key, to=to, kind=kind, parent=parent, start=start, finish=finish, size=size, **more
    )


PRAIRIE = [
    _lot("p-site", "prairie", CENTER, "d-site", -330, 420, UNLIMITED, purchase_order="PSN-07"),
    _lot("p-365", "prairie", CENTER, "d-365", -190, 85, 800, family=M365, purchase_order="PSN-11"),
    _lot("p-codes", "prairie", CODES, "d-codes", -210, 330, 500, purchase_order="PSN-12"),
]
RED_RIVER = [
    _lot("x-365", "redriver", CENTER, "p-365", -180, 80, 300, family=M365, purchase_order="RR 4"),
    _lot("x-codes", "redriver", CODES, "p-codes", -200, 300, 200, purchase_order="RR 5"),
]
LAKESIDE = [
    _lot(
        "k-365",
        "lakeside",
        CENTER,
        "x-365",
        -150,
        22,
        24,
        family=M365,
        teachers=1,
        students=20,
        purchase_order="LS-88",
    ),
    _lot(
        "k-codes",
        "lakeside",
        CODES,
        "x-codes",
        -140,
        55,
        30,
        codes=True,
        teachers=1,
        students=18,
        purchase_order="LS-91",
    ),
]
NORTHGATE = [
    _lot("n-365", "northgate", CENTER, "x-365", -120, 75, 40, family=M365, purchase_order="N 210"),
    _lot(
        "n-excel",
        "northgate",
        CENTER,
        "x-365",
        -90,
        50,
        20,
        family=M365,
        only=("Excel", "Excel Expert"),
        teachers=1,
        students=14,
        purchase_order="N 214",
    ),
]
ISLAND = [
    _lot(
        "i-site",
        "island",
        CENTER,
        "d-site",
        -300,
        130,
        60,
        teachers=1,
        students=22,
        purchase_order="ICC/3",
    ),
    _lot("i-shared", "island", CODES, "d-shared", -60, 200, 10, users=5, duration=120, family=M365),
]
NEIGHBOURS = [*PRAIRIE, *RED_RIVER, *LAKESIDE, *NORTHGATE, *ISLAND]
# Sources begin before what is carved from them.
ALL_LOTS = sorted([*LOTS, *NEIGHBOURS], key=lambda lot: lot.start)
