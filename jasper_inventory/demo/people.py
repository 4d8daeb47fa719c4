"""Who is in the demo data: organizations, the accounts to sign in with, teachers and students."""

from jasper_inventory.accounts.models import Level

PASSWORD = "jasper-demo"

TOLANO = "Tolano Adventures"

# Username and who that is, for whoever wants to sign in.
ACCOUNTS: list[tuple[str, str]] = [
    ("kim.williams", "Center Admin and Teacher of Tolano Adventures (the guide's)"),
    ("sue.wong", "CCI staff, works in the admin"),
    ("admin", "superuser, works in the admin"),
    ("distributor", "Distributor Admin of Pacific Learning Distribution"),
    ("reseller", "Reseller Admin of Cascade Education Group"),
    ("hub", "Hub Admin of Fraser Valley Learning Hub"),
    ("center", "Center Admin of Maple Ridge Secondary School"),
    ("student", "Student of Maple Ridge Secondary School, without email"),
    ("teacher", "Teacher of Maple Ridge Secondary School"),
]

# Key: name, level, supplier's key ("" = CCI Learning), mail domain.
ORGANIZATIONS = {
    "tolano": (TOLANO, Level.CENTER, "", "tolano.example.com"),
    "distributor": (
        "Pacific Learning Distribution",
        Level.DISTRIBUTOR,
        "",
        "pacific-learning.example.com",
    ),
    "reseller": ("Cascade Education Group", Level.RESELLER, "distributor", "cascade.example.com"),
    "hub": ("Fraser Valley Learning Hub", Level.HUB, "reseller", "fraser-valley.example.org"),
    "maple": ("Maple Ridge Secondary School", Level.CENTER, "hub", "maple-ridge.example.org"),
    "harbour": ("Harbour College", Level.CENTER, "hub", "harbour.example.org"),
    "riverside": ("Riverside Training Centre", Level.CENTER, "reseller", "riverside.example.com"),
    "prairie": ("Prairie Skills Network", Level.RESELLER, "distributor", "prairie.example.com"),
    "redriver": ("Red River Learning Hub", Level.HUB, "prairie", "red-river.example.org"),
    "lakeside": ("Lakeside Collegiate", Level.CENTER, "redriver", "lakeside.example.org"),
    "northgate": ("Northgate Adult Learning", Level.CENTER, "redriver", "northgate.example.org"),
    "island": ("Island Career College", Level.CENTER, "distributor", "island.example.com"),
}

# Organization's key: its administrator's username, first and last name. Those that aren't among
# the accounts have no password.
ADMINISTRATORS = {
    "tolano": ("kim.williams", "Kim", "Williams"),
    "distributor": ("distributor", "Priya", "Raman"),
    "reseller": ("reseller", "Marcus", "Oyelaran"),
    "hub": ("hub", "Helen", "Fraser"),
    "maple": ("center", "Daniel", "Okafor"),
    "harbour": ("anita.desai", "Anita", "Desai"),
    "riverside": ("tom.eriksen", "Tom", "Eriksen"),
    "prairie": ("nora.lindqvist", "Nora", "Lindqvist"),
    "redriver": ("paul.beaulieu", "Paul", "Beaulieu"),
    "lakeside": ("hannah.cole", "Hannah", "Cole"),
    "northgate": ("derek.yip", "Derek", "Yip"),
    "island": ("marta.silva", "Marta", "Silva"),
}

# Center's key: its teachers. Kim Williams teaches, too.
TEACHERS = {
    "tolano": [("Robert", "Chen")],
    "maple": [("Laura", "Bennett"), ("Sanjay", "Mehta"), ("Claire", "Dubois")],
    "harbour": [("Miguel", "Santos"), ("Ingrid", "Larsen")],
    "riverside": [("Grace", "Kimani"), ("Peter", "Novak")],
    "lakeside": [("Simon", "Achebe")],
    "northgate": [("Irene", "Walsh")],
    "island": [("Joel", "Fernandes")],
}

# Whose username is that of an account instead of their own name.
USERNAMES = {("Laura", "Bennett"): "teacher"}

# Center's key: how many students it has (Tolano's two are the guide's).
STUDENTS = {"tolano": 2, "maple": 24, "harbour": 16, "riverside": 14}
STUDENTS |= {"lakeside": 24, "northgate": 16, "island": 24}

# Words, to be split.
FIRST_NAMES = (
    "Aisha Alex Amir Anna Ben Carlos Chloe Dalia Ella Emre Fatima Finn Gabriel Hana Isla Ivan "
    "Jamal Julia Kenji Leila Liam Lucia Mateo Maya Mei Nadia Noah Olga Omar Oscar Priya Quinn "
    "Rosa Ruth Samir Sofia Tariq Uma Victor Wei Yara Zoe"
)
LAST_NAMES = (
    "Abbott Ahmed Baker Becker Campbell Costa Dang Diaz Ekwueme Evans Fischer Fong Garcia Grant "
    "Hall Hernandez Ito Jansen Johnson Kaur Kowalski Lavoie Lee Martin Moreau Nguyen Nolan Osei "
    "Patel Petrov Quist Reid Romero Sato Singh Tremblay Usman Vance Walker Wong Xu Young Zhang"
)
