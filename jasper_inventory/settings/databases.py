"""The database with its limits, its replica, the cache and the history."""

import os
from typing import Any

import pghistory

from jasper_inventory.devserver import postgres
from jasper_inventory.lib.tls import require_tls
from jasper_inventory.settings.environment import BASE_DIR, env

# The database: DATABASE_URL, or the embedded server that `make demo` and manage.py start.
EMBEDDED_DATABASE = "DATABASE_URL" not in env.ENVIRON
DATABASES: dict[str, dict[str, Any]] = {
    "default": postgres.database(BASE_DIR) if EMBEDDED_DATABASE else env.db("DATABASE_URL")
}
# The role as which the site runs, if it isn't the tables' owner: `migrate` gives it its rights.
DATABASE_SITE_ROLE = env.str(
    "DATABASE_SITE_ROLE", default=postgres.SITE_USER if EMBEDDED_DATABASE else ""
)
# Concurrent test runs on one server need different names; --reuse-db needs a fixed one.
DATABASES["default"]["TEST"] = {
    "NAME": env.str("TEST_DATABASE", default=f"test_jasper_inventory_{os.getpid()}")
}
# A streaming replica, which lists, reports and exports read: see lib/replica.py.
if "DATABASE_REPLICA_URL" in env.ENVIRON:
    DATABASES["replica"] = {"TEST": {"MIRROR": "default"}} | env.db("DATABASE_REPLICA_URL")
    # Nobody should wait for one that can't be reached.
    waits = {"connect_timeout": 2, "tcp_user_timeout": 5000}
    DATABASES["replica"]["OPTIONS"] = waits | DATABASES["replica"].get("OPTIONS", {})
    DATABASE_ROUTERS = ["jasper_inventory.lib.replica.ReplicaRouter"]
# How long the database may work on one statement of a page, wait for a lock, and keep a transaction
# open that does nothing; and the same for batch work (lib/time_limits.py). In seconds.
DATABASE_LIMITS = {
    "statement_timeout": env.float("STATEMENT_TIMEOUT", default=4),
    "lock_timeout": env.float("LOCK_TIMEOUT", default=3),
    "idle_in_transaction_session_timeout": env.float("IDLE_TRANSACTION_TIMEOUT", default=60),
}
BATCH_LIMITS = {
    "statement_timeout": env.float("BATCH_STATEMENT_TIMEOUT", default=3600),
    "lock_timeout": env.float("BATCH_LOCK_TIMEOUT", default=60),
    "idle_in_transaction_session_timeout": env.float("BATCH_IDLE_TRANSACTION_TIMEOUT", default=900),
}
# PgBouncer ignores them; its `connect_query` has the same values: see docs/operators.md.
SET_AT_CONNECT = {
    # An order is read with the ten rows that it names. All orders of joining them are tried
    # otherwise, which takes PostgreSQL 25 times as long as the query itself.
    "join_collapse_limit": 4,
    **{name: round(seconds * 1000) for name, seconds in DATABASE_LIMITS.items()},
}
for database in DATABASES.values():
    if not env.bool("DATABASE_TLS_WAIVED", default=False):
        require_tls(database)
    database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    database["CONN_HEALTH_CHECKS"] = True
    # Libraries read rows outside of transactions, which PgBouncer may do on several connections.
    # See lib/streams.py for large results.
    database["DISABLE_SERVER_SIDE_CURSORS"] = True
    options = database.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", env.int("CONNECT_TIMEOUT", default=2))
    options.setdefault("options", " ".join(f"-c {name}={v}" for name, v in SET_AT_CONNECT.items()))
# The seconds that a page may take before its connection to the database is given up.
PAGE_TIMEOUT = env.float("PAGE_TIMEOUT", default=30)
# The seconds that the replica may lag behind, and for which one that was lost is left alone.
REPLICA_LONGEST_LAG = env.int("REPLICA_LONGEST_LAG", default=30)
REPLICA_RETRY_SECONDS = env.int("REPLICA_RETRY_SECONDS", default=30)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all processes, because password reset limits are counted in it. `migrate` creates its
# table.
CACHES = {
    "default": {
        "BACKEND": "jasper_inventory.lib.caching.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# The history is read by the row that it is about, or by a part's row: see lib/audit.py. Each index
# would cost every change of a row.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
