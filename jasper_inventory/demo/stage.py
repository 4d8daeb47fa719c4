"""The demo's organizations, people and products, made before any order."""

import random
from datetime import date, datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from jasper_inventory.accounts.models import STAFF_GROUP, Organization, Role, User
from jasper_inventory.accounts.services.memberships import grant_role
from jasper_inventory.accounts.services.organizations import create_organization
from jasper_inventory.demo.orders import FAMILIES
from jasper_inventory.demo.people import (
    ACCOUNTS,
    ADMINISTRATORS,
    FIRST_NAMES,
    LAST_NAMES,
    ORGANIZATIONS,
    PASSWORD,
    STUDENTS,
    TEACHERS,
    USERNAMES,
)
from licenses.models import Product, ProductFamily

SEED = 1124


class Stage:
    """Who and what the demo's orders are about, by the keys of the data."""

    def __init__(self):
        self.random = random.Random(SEED)
        self.today = timezone.localdate()
        self.now = timezone.now()
        # One hash for all: hashing takes most of a second each, by design.
        self._password = make_password(PASSWORD)
        self._with_password = {name for name, _who in ACCOUNTS}
        self._names = set()
        self.sue = self._person("sue.wong", "Sue", "Wong", "cci.example.com", is_staff=True)
        self.sue.groups.add(Group.objects.get(name=STAFF_GROUP))
        self._person("admin", "Site", "Admin", "cci.example.com", is_staff=True, is_superuser=True)
        self.organizations = self._make_organizations()
        self.administrators = self._make_administrators()
        self.teachers = self._make_teachers()
        self.students = self._make_students()
        self.products = {name: _family(at, name) for at, name in enumerate(FAMILIES, start=1)}

    def day(self, number: int) -> date:
        """The date so many days from the day of loading."""
        return self.today + timedelta(days=number)

    def moment(self, number: int) -> datetime:
        """A moment in the working hours of a day, and not in the future."""
        at = time(self.random.randint(8, 16), self.random.randint(0, 59))
        return min(timezone.make_aware(datetime.combine(self.day(number), at)), self.now)

    def reviewer(self, organization: Organization) -> User:
        """Who decides at a supplier."""
        if organization.is_vendor:
            return self.sue
        return next(
            self.administrators[key]
            for key, one in self.organizations.items()
            if one.pk == organization.pk
        )

    def pupil(self, username: str, first_name: str, last_name: str, key: str) -> User:
        """A student of a center who has no email address."""
        person = self._person(username, first_name, last_name, "", email="")
        self._grant(person, key, Role.STUDENT)
        return person

    def _person(self, username, first_name, last_name, domain, **values):
        self._names.add(username)
        has_password = username in self._with_password
        values.setdefault("email", f"{username}@{domain}")
        return User.objects.create(
            username=username,
            first_name=first_name,
            last_name=last_name,
            password=self._password if has_password else make_password(None),
            **values,
        )

    def _make_organizations(self):
        made = {"": Organization.objects.vendor()}
        for key, (name, level, supplier, _domain) in ORGANIZATIONS.items():
            made[key] = create_organization(
                name=name, level=level, parent=made[supplier], by=self.sue
            )
        return made

    def _make_administrators(self):
        made = {}
        for key, (username, first_name, last_name) in ADMINISTRATORS.items():
            made[key] = self._person(username, first_name, last_name, ORGANIZATIONS[key][3])
            self._grant(made[key], key, Role.ADMINISTRATOR)
        return made

    def _make_teachers(self):
        kim = self.administrators["tolano"]
        self._grant(kim, "tolano", Role.TEACHER)
        made = {"tolano": [kim]}
        for key, names in TEACHERS.items():
            for first_name, last_name in names:
                made.setdefault(key, []).append(
                    self._member(first_name, last_name, key, Role.TEACHER)
                )
        return made

    def _make_students(self):
        return {
            key: [
                self._member(
                    self.random.choice(FIRST_NAMES.split()),
                    self.random.choice(LAST_NAMES.split()),
                    key,
                    Role.STUDENT,
                )
                for _at in range(number)
            ]
            for key, number in STUDENTS.items()
        }

    def _member(self, first_name, last_name, key, role):
        base = USERNAMES.get((first_name, last_name), f"{first_name}.{last_name}".lower())
        username = base
        number = 1
        while username in self._names:
            number += 1
            username = f"{base}{number}"
        person = self._person(username, first_name, last_name, ORGANIZATIONS[key][3])
        self._grant(person, key, role)
        return person

    def _grant(self, person, key, role):
        grant_role(user=person, organization=self.organizations[key], role=role, by=self.sue)


def _family(position, name):
    """A family's products, by name; what CCI staff entered before stays as it is."""
    family, _made = ProductFamily.objects.get_or_create(name=name, defaults={"position": position})
    return {
        product: Product.objects.get_or_create(
            family=family, name=product, defaults={"position": at}
        )[0]
        for at, product in enumerate(FAMILIES[name], start=1)
    }
