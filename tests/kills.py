"""Kill clients, connections' processes and the database server amid acts, and look for damage.

`python -m tests.kills 200` (or `make faults KILLS=200`) does it that often, on a server of its own.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg2
from django.conf import settings

from jasper_inventory.devserver import postgres
from tests import servers, sites

# Acts in turn, each announced once it is committed. Lost connections are opened again.
ACTOR = """
import json, sys
import django
django.setup()
from django.db import Error, connection
from activation_codes.services.codes import create_codes
from jasper_inventory.accounts.models import Organization, User
from licenses.models import Product
from licenses.services.alerts import send_ending_alerts
from licenses.services.requests import approve_request
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories

def acts(name):
    center, by = Organization.objects.get(name="Killed"), User.objects.get(username="kay")
    mix = list(Product.objects.all())
    terms = {"number_of_codes": 30, "users_per_code": 2}
    order = factories.order(
        factories.CODES, assigned_to=center, by=by, product_mix=mix, notify=True,
        purchase_order=name, **terms,
    )
    yield "assigned", order.pk
    create_codes(order=order, by=by)
    yield "created", order.pk
    redeemed = factories.redemption(order.activation_codes.first())
    yield "redeemed", redeemed.pk
    suspend_order(order=order, by=by, reason="Unpaid")
    yield "suspended", order.pk
    member = center.memberships.first()
    asked = factories.license_request(membership=member, product_mix=mix, purchase_order=name)
    yield "requested", asked.pk
    approve_request(request=asked, by=by, terms=factories.terms(students=30))
    yield "approved", asked.pk
    yield "alerted", send_ending_alerts().pk

run, number = sys.argv[1], 0
print("begun", flush=True)
while True:
    number += 1
    try:
        for done in acts(f"{run} {number}"):
            print(json.dumps(done), flush=True)
    except (Error, SystemError):
        # psycopg2 raises the second if the server goes away amid COPY.
        connection.close()
"""
PASSWORD = "killed but unharmed"
BEGIN = f"""
from tests import factories
from tests.sites import set_password
center = factories.organization("Killed")
member = factories.member(center, user=factories.person("ann"))
set_password(member.user, {PASSWORD!r})
factories.staff("kay")
factories.products(2)
result = None
"""
# What each committed act left: rows that there must be.
KEPT = {
    "assigned": "licenses_order WHERE outcome = 'approved'",
    "created": "licenses_order WHERE codes_created = 30",
    "redeemed": "activation_codes_redemption WHERE enrollment_id IS NOT NULL",
    "suspended": "licenses_order WHERE suspended_at IS NOT NULL",
    "requested": "licenses_order WHERE requested_at IS NOT NULL",
    "approved": "licenses_order WHERE outcome = 'approved'",
    "alerted": "licenses_alertrun WHERE finished_at IS NOT NULL",
}


class Damage(AssertionError):
    """Something was lost, or half done."""


class Faults:
    """A server of its own, with someone who acts on it; and kills."""

    def __init__(self, base, environment, seed):
        self.base, self.environment = base, environment
        self.random = random.Random(seed)
        self.done, self.kills = [], Counter()

    @contextmanager
    def acting(self):
        """Act in a process of its own until the block ends, by a kill; keep what it announced."""
        name = f"{time.time():.6f}"
        with subprocess.Popen(
            [sys.executable, "-c", ACTOR, name],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as actor:
            assert actor.stdout.readline() == "begun\n"
            reader = threading.Thread(
                target=lambda: self.done.extend(json.loads(line) for line in actor.stdout)
            )
            reader.start()
            try:
                yield actor
            finally:
                actor.kill()
                reader.join()
                self.kills["client"] += 1

    def wait(self):
        """Let acts happen for a moment of random length."""
        time.sleep(self.random.uniform(0.05, 0.6))

    def kill_connection(self):
        """Kill the process of one connection; the server then ends all, and recovers."""
        self.until_it_answers()
        with closing(servers.connect(self.base)) as own, own.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE pid != pg_backend_pid()"
                " AND backend_type = 'client backend' AND datname = current_database()"
            )
            found = [pid for (pid,) in cursor.fetchall()]
        if found:
            self._kill(self.random.choice(found), "connection")
        self.until_it_answers()

    def kill_server(self):
        """Kill the server, and start it again."""
        file = self.base / ".data" / "postgres" / "data" / "postmaster.pid"
        self._kill(int(file.read_text().split()[0]), "server")
        # Its other processes notice it, and end.
        deadline = time.monotonic() + sites.LONGEST
        while True:
            try:
                postgres.start(self.base)
                return
            except postgres.EmbeddedError:
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def _kill(self, pid, what):
        # A connection may have ended by itself.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills[what] += 1

    def until_it_answers(self):
        deadline = time.monotonic() + sites.LONGEST
        while True:
            try:
                return servers.query(self.base, "SELECT 1")
            except psycopg2.Error:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def check(self):
        """Raise Damage if a committed act was lost, or something doesn't fit together."""
        for act, rows in KEPT.items():
            keys = {key for done, key in self.done if done == act}
            if keys:
                wanted = ",".join(map(str, keys))
                found = servers.query(
                    self.base, f"SELECT count(*) FROM {rows} AND id IN ({wanted})"
                )
                if found != len(keys):
                    raise Damage(f"{act}: {found} of {len(keys)}")
        half = "SELECT count(*) FROM licenses_order WHERE codes_created NOT IN (0, 30)"
        if servers.query(self.base, half):
            raise Damage("Some codes of an order were created, but not all.")
        checked = sites.manage(self.environment, "check_inventory")
        if "All counters are correct." not in checked:
            raise Damage(checked)


@contextmanager
def server(folder, seed=0):
    """A server of its own that holds a copy of the tests' database, and nothing else."""
    with servers.cleared_up(folder) as base:
        postgres.start(base)
        servers.fill(base)
        environment = sites.environment(sites.url_of(postgres.database(base)))
        sites.python(environment, BEGIN)
        yield Faults(base, environment, seed)


def kill_amid_acts(faults, number):
    """Kill this often, each in turn; check after every round."""
    while faults.kills.total() < number:
        with faults.acting():
            for kill in (faults.kill_connection, faults.kill_server):
                faults.wait()
                kill()
            faults.wait()
        faults.check()
        print(f"{faults.kills.total()} kills, {len(faults.done):,} acts", end="\r", flush=True)


def kill_amid_forms(faults, number):
    """Send this many forms over HTTP, each until it is answered, amid a kill of its own."""
    # DEBUG would show its own page for errors.
    production = {"DEMO": "1", "STATIC_ROOT": str(faults.base / "static")}
    environment = faults.environment | production
    sites.manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
    with sites.web_servers(environment) as (site,):
        visitor, address = sites.Visitor(), f"{site}/inventory/request/"
        visitor.sign_in(site, "ann", PASSWORD)
        for form in range(number):
            page = visitor.get(address)
            typed = {"purchase_order": f"HTTP {form}", "students": "30"}
            typed["inventory_type"] = page.html.xpath("//input[@name='inventory_type']/@value")[0]
            typed["products"] = page.html.xpath("//input[@name='products']/@value")
            kill = faults.kill_server if form % 2 else faults.kill_connection
            killer = threading.Thread(target=kill)
            killer.start()
            # Sent again and again, as an impatient person does, until the server is back.
            answers = []
            while killer.is_alive() or answers[-1:] != [200]:
                answers.append(visitor.send(page, "/inventory/request/", **typed).status)
            killer.join()
            if unexpected := {*answers} - {200, 503}:
                raise Damage(f"HTTP {form}: answered {unexpected}")
            counted = f"SELECT count(*) FROM licenses_order WHERE purchase_order = 'HTTP {form}'"
            if (found := servers.query(faults.base, counted)) != 1:
                raise Damage(f"HTTP {form}: carried out {found} times")
    faults.check()


def main(number):
    """Kill this often; print what was done and that nothing was lost."""
    import django
    from django.db import connection

    django.setup()
    postgres.start(settings.BASE_DIR)
    # A database as `migrate` leaves it.
    connection.settings_dict["DIRECT"] = {**connection.settings_dict, "NAME": "kills_empty"}
    seed = int(os.environ.get("KILLS_SEED", random.randrange(10**6)))
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS kills_empty WITH (FORCE)")
        cursor.execute("CREATE DATABASE kills_empty")
    try:
        empty = sites.environment(sites.url_of(connection.settings_dict["DIRECT"]))
        sites.manage(empty, "migrate", "--verbosity", "0")
        folder = tempfile.mkdtemp(prefix="jasper-kills-")
        with server(Path(folder), seed) as faults:
            kill_amid_acts(faults, number * 4 // 5)
            kill_amid_forms(faults, number // 5)
        kills = ", ".join(f"{many} of a {what}" for what, many in faults.kills.items())
        print(
            f"Seed {seed}. Kills: {kills}. "
            f"Committed acts: {len(faults.done):,}; forms: {number // 5}. None was lost."
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE kills_empty WITH (FORCE)")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jasper_inventory.settings")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
