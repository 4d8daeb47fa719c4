"""The processes of a site, as several machines run them: web servers, workers, and visitors."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from http.cookiejar import CookieJar
from urllib.parse import quote, urlencode, urljoin, urlsplit

import lxml.html
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.pages import text

# Nothing here takes nearly as long: what hangs should fail.
LONGEST = 120


def url_of(database, **changed):
    """The address of a database, as DATABASE_URL has it, from Django's settings of it."""
    parts = {**database, **changed}
    who = quote(parts.get("USER") or "", safe="")
    if parts.get("PASSWORD"):
        who += ":" + quote(parts["PASSWORD"], safe="")
    at = {"host": parts.get("HOST"), "port": parts.get("PORT")}
    query = urlencode({name: value for name, value in at.items() if value})
    return f"postgres://{who}@/{parts['NAME']}?{query}"


def environment(database_url, **more):
    """The environment of a process of the site: as in development, with this database."""
    ours = {
        "DATABASE_URL": database_url,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "jasper_inventory.settings",
    }
    return {**os.environ, **ours, **more}


def manage(environment, *words):
    """Run a command of the site; return its standard output."""
    command = [sys.executable, "manage.py", *words]
    run = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


# Runs each line, code as JSON, and prints what that puts into `result`.
SHELL = """
import json, sys
import django
from django.db import connections
django.setup()
for line in sys.stdin:
    names = {}
    exec(json.loads(line), names)
    print(json.dumps(names["result"]), flush=True)
    connections.close_all()
"""


@contextmanager
def shell(environment):
    """A process of the site; yields a function that runs code there, and returns its `result`."""
    with subprocess.Popen(
        [sys.executable, "-c", SHELL],
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def run(code):
            process.stdin.write(json.dumps(code) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            assert answer, "the code failed, see above"
            return json.loads(answer)

        try:
            yield run
        finally:
            process.stdin.close()
            ended(process)


def python(environment, code):
    """Run code in a process of the site; return what it puts into `result`."""
    with shell(environment) as run:
        return run(code)


@contextmanager
def web_servers(*environments, threads=2):
    """Web server processes, one for each environment; yields their addresses."""
    with ExitStack() as running:
        yield [running.enter_context(_web_server(each, threads)) for each in environments]


@contextmanager
def _web_server(environment, threads):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        command = [sys.executable, "-m", "gunicorn", "jasper_inventory.wsgi"]
        command += [
            "--threads",
            str(threads),
            "--worker-class",
            "gthread",
            "--bind",
            f"fd://{listener.fileno()}",
        ]
        command += ["--no-control-socket", "--log-level", "error"]
        with subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, pass_fds=[listener.fileno()]
        ) as process:
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                ended(process)


def ended(process):
    """End a process, by force if it doesn't end otherwise."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()


def set_password(user, password):
    """Let a person sign in with a password at a site whose settings aren't those of the tests."""
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(password, hasher.salt(), iterations=1)
    user.save()


class Answer:
    """A page or a file that a visitor got."""

    def __init__(self, response):
        self.status = response.status
        self.url = response.url
        self.headers = response.headers
        self.content = response.read()

    @property
    def html(self):
        return lxml.html.fromstring(self.content.decode(), base_url=self.url)

    @property
    def text(self):
        # A part of a page has no body.
        return text(next(iter(self.html.xpath("//body")), self.html))


class Visitor:
    """A browser of one person. Its cookies don't distinguish ports, as in real browsers."""

    def __init__(self):
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def get(self, url, data=None, **headers):
        request = urllib.request.Request(url, data, headers)
        try:
            return Answer(self._opener.open(request, timeout=LONGEST))
        except urllib.error.HTTPError as error:
            return Answer(error)

    def send(self, page, action, at=None, **fields):
        """Send the form of a page by a button whose address ends so, to the same or another server.

        The forms of the menu are above those of the page.
        """
        buttons = [
            (form, urljoin(page.url, address or ""))
            for form in page.html.forms
            for address in (form.action, *form.xpath(".//button/@formaction"))
        ]
        buttons = [one for one in buttons if urlsplit(one[1]).path.endswith(action)]
        assert buttons, (page.status, page.text)
        form, address = buttons[-1]
        for name, value in fields.items():
            form.fields[name] = value
        sent = urlencode(form.form_values()).encode()
        if at is not None:
            address = at + address[len(urljoin(address, "/")) - 1 :]
        return self.get(address, sent)

    def sign_in(self, site, username, password, at=None):
        page = self.get(f"{site}/accounts/login/")
        return self.send(page, "/accounts/login/", at, login=username, password=password)
