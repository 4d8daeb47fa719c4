"""The demo's organizations, people and products, which its orders refer to."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from jasper_inventory.accounts.models import STAFF_GROUP, Level, Organization, Role, User
from jasper_inventory.accounts.services.memberships import grant_role
from jasper_inventory.accounts.services.organizations import create_organization
from jasper_inventory.demo import dataset
from licenses.models import Product, ProductFamily

SEED = 1124


class Stage:
    """Organizations, people and products by the keys of the data, and the dates of the demo."""

    def __init__(self) -> None:
        # Every load gives the same demo, relative to its day.
        self.random = random.Random(SEED)
        self.today = timezone.localdate()
        self.now = timezone.now()
        # One hash for all accounts, because hashing is slow by design.
        self._password = make_password(dataset.PASSWORD)
        self._usernames: set[str] = set()
        self.sue = self._create_person("sue.wong", "Sue Wong", "cci.example.com", is_staff=True)
        self.sue.groups.add(Group.objects.get(name=STAFF_GROUP))
        staff = {"is_staff": True, "is_superuser": True}
        self._create_person("admin", "Site Admin", "cci.example.com", **staff)
        self.organizations = {"": Organization.objects.vendor()}
        self.administrators: dict[str, User] = {}
        self.teachers: dict[str, list[User]] = {}
        self.students: dict[str, list[User]] = {}
        self._create_organizations()
        self._create_people()
        self.products = {
            name: _products(at, name) for at, name in enumerate(dataset.FAMILIES, start=1)
        }

    def day(self, number: int) -> date:
        """Return the date a number of days from the day of loading."""
        return self.today + timedelta(days=number)

    def moment(self, number: int) -> datetime:
        """Return a random moment in the working hours of a day, but not in the future."""
        at = time(self.random.randint(8, 16), self.random.randint(0, 59))
        return min(timezone.make_aware(datetime.combine(self.day(number), at)), self.now)

    def reviewer(self, organization: Organization | None) -> User:
        """Return the person who reviews a supplier's requests."""
        assert organization is not None  # each of the demo's orders has one
        if organization.is_vendor:
            return self.sue
        return next(
            self.administrators[key]
            for key, one in self.organizations.items()
            if one.pk == organization.pk
        )

    def create_student(self, username: str, name: str, key: str) -> User:
        """Create a student without an email address."""
        person = self._create_person(username, name, "", email="")
        self._grant(person, key, Role.STUDENT)
        return person

    def random_names(self) -> tuple[str, str]:
        """Return a random first and last name."""
        return (
            self.random.choice(dataset.FIRST_NAMES),
            self.random.choice(dataset.LAST_NAMES),
        )

    def _create_organizations(self) -> None:
        for row in dataset.ORGANIZATIONS:
            self.organizations[row.key] = create_organization(
                name=row.name,
                level=Level[row.level.upper()],
                parent=self.organizations[row.supplier],
                by=self.sue,
            )

    def _create_people(self) -> None:
        rows = dataset.ORGANIZATIONS
        for row in rows:
            username, *names = row.administrator
            person = self._create_person(username, " ".join(names), row.domain)
            self.administrators[row.key] = person
            self._grant(person, row.key, Role.ADMINISTRATOR)
        # In the guide, Kim Williams is a teacher, too.
        kim = self.administrators["tolano"]
        self._grant(kim, "tolano", Role.TEACHER)
        self.teachers["tolano"] = [kim]
        for row in rows:
            teachers = [self._create_member(name, row, Role.TEACHER) for name in row.teachers]
            self.teachers.setdefault(row.key, []).extend(teachers)
        for row in rows:
            self.students[row.key] = [
                self._create_member(" ".join(self.random_names()), row, Role.STUDENT)
                for _at in range(row.students)
            ]

    def _create_member(self, name: str, row: dataset.OrganizationRow, role: Role) -> User:
        base = dataset.USERNAMES.get(name, name.replace(" ", ".").lower())
        username = base
        number = 1
        while username in self._usernames:
            number += 1
            username = f"{base}{number}"
        person = self._create_person(username, name, row.domain)
        self._grant(person, row.key, role)
        return person

    def _create_person(self, username: str, name: str, domain: str, **values: Any) -> User:
        self._usernames.add(username)
        first_name, last_name = name.split(" ", 1)
        values.setdefault("email", f"{username}@{domain}")
        return User.objects.create(
            username=username,
            first_name=first_name,
            last_name=last_name,
            password=self._password if username in dataset.ACCOUNTS else make_password(None),
            **values,
        )

    def _grant(self, person: User, key: str, role: Role) -> None:
        grant_role(user=person, organization=self.organizations[key], role=role, by=self.sue)


def _products(position: int, name: str) -> dict[str, Product]:
    """Return a family's products by name; those that CCI staff entered before are not changed."""
    family, _created = ProductFamily.objects.get_or_create(
        name=name, defaults={"position": position}
    )
    return {
        product: Product.objects.get_or_create(
            family=family, name=product, defaults={"position": at}
        )[0]
        for at, product in enumerate(dataset.FAMILIES[name], start=1)
    }
