"""Django settings; everything that differs between machines comes from environment variables.

docs/operators.md describes the variables. A `.env` file beside manage.py is read as well, but the
environment takes precedence. Without DEBUG=1 or DEMO=1, the settings are those of production.
"""

import os
import zoneinfo
from pathlib import Path
from typing import Any

import bootstrap_wrapper
import pghistory
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from jasper_inventory.devserver import postgres
from jasper_inventory.lib.addresses import origin_of
from jasper_inventory.lib.environment import Environment, files_of
from jasper_inventory.lib.logs import report_errors
from jasper_inventory.lib.sso_settings import provider_apps
from jasper_inventory.lib.tls import require_email_tls, require_tls

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_env(str(BASE_DIR / ".env"))

# The demo runs as in production, with error pages and compressed static files, but without TLS
# and an email server, as in development.
DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False) and not DEMO
IS_LOCAL = DEBUG or DEMO

DEFAULT_SECRET_KEY = "insecure-key-for-development-only"
SECRET_KEY = env.str("SECRET_KEY", default=DEFAULT_SECRET_KEY)
if not IS_LOCAL and (SECRET_KEY == DEFAULT_SECRET_KEY or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured(
        "Set SECRET_KEY to a random text of at least 50 characters, or DEBUG=1 for development."
    )
# Former keys, which still verify sessions, cookies and links while nothing is signed with them.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if IS_LOCAL else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "jasper_inventory.jobs",
    "jasper_inventory.accounts",
    "licenses",
    "activation_codes",
    "renewals",
    "jasper_inventory.inventory",
    "jasper_inventory.people",
    "jasper_inventory.search",
    "jasper_inventory.support.apps.SupportConfig",
    "jasper_inventory.support.apps.SupportAdminConfig",
    "jasper_inventory.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "pghistory",
    "pgtrigger",
    "treebeard",
]

MIDDLEWARE = [
    # These come first, so that static files, redirects and all refusals have their headers, too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "jasper_inventory.lib.headers.HeadersMiddleware",
    "jasper_inventory.lib.health.AliveMiddleware",
    "jasper_inventory.lib.origins.OriginMiddleware",
    "jasper_inventory.lib.lost_database.LostDatabaseMiddleware",
    "jasper_inventory.lib.plain_http.PlainHttpMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "jasper_inventory.lib.bodies.BodyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jasper_inventory.lib.site.CompressPagesMiddleware",
    "jasper_inventory.accounts.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jasper_inventory.lib.dialogs.DialogRedirectMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jasper_inventory.accounts.browsers.BrowserMiddleware",
    "jasper_inventory.lib.site.NoStoreMiddleware",
    "jasper_inventory.lib.form_recovery.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jasper_inventory.accounts.middleware.OwnPasswordMiddleware",
    "jasper_inventory.accounts.middleware.ActiveRoleMiddleware",
    "jasper_inventory.accounts.middleware.SecondFactorMiddleware",
    "jasper_inventory.accounts.middleware.ConfirmationMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "jasper_inventory.lib.site.MethodNotAllowedMiddleware",
    "jasper_inventory.lib.site.NotFoundMiddleware",
]

ROOT_URLCONF = "jasper_inventory.urls"
WSGI_APPLICATION = "jasper_inventory.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "jasper_inventory.lib.template_filters",
                "jasper_inventory.lib.icons",
                "jasper_inventory.lib.components",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jasper_inventory.lib.dialogs.layout",
                "jasper_inventory.lib.site.support",
                "jasper_inventory.lib.form_recovery.form_owner",
                "jasper_inventory.accounts.decorators.other_roles",
            ],
        },
    },
]

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
    after_browser = MIDDLEWARE.index("jasper_inventory.accounts.browsers.BrowserMiddleware") + 1
    MIDDLEWARE.insert(after_browser, "jasper_inventory.lib.replica.ReplicaMiddleware")
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

# People and sign-in
AUTH_USER_MODEL = "accounts.User"
# Only one backend: each hashes the password, so with two, timing would reveal which knew the user.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "jasper_inventory.accounts.password_rules.PasswordRules"}]
# New passwords get the first; a password stored with another is stored anew at sign-in.
PASSWORD_HASHERS = [
    "jasper_inventory.accounts.password_rules.SmallArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# A link for a new password works for an hour: see also accounts/tokens.py.
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "inventory:panel"
# The page to return to from a window that was opened by its own URL.
WINDOWS_LEAD_TO = "inventory:order_list"
# Rows that a role finds at a URL, so that error pages can offer the roles that can open it.
ROLE_FINDERS = "jasper_inventory.role_finders.FINDERS"
# Other apps' functions that add to the activity of an order.
ORDER_ACTIVITY = ["activation_codes.activity.code_acts", "renewals.activity.renewal_acts"]
# Writes an act of a service to the activity log.
ACT_RECORDER = "jasper_inventory.accounts.services.log_entries.record_act"
# The differences between the kinds of requests, by model: see licenses.services.request_kinds.
REQUEST_KINDS = {
    "licenses.Order": "licenses.services.request_kinds.NEW_LICENSE",
    "renewals.RenewalRequest": "renewals.services.RENEWAL",
}
ACCOUNT_ADAPTER = "jasper_inventory.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "jasper_inventory.accounts.forms.SignInForm",
    "reset_password": "jasper_inventory.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "jasper_inventory.accounts.forms.NewPasswordByLinkForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "jasper_inventory.accounts.tokens.NewestTokenGenerator"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Our own throttling of wrong passwords (accounts/sign_in_throttling.py) replaces django-allauth's
# sign-in limits, which depend on the Host header.
# Password resets are limited by network only: a limit by account would reveal which email address
# belongs to which username.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reset_password": "20/m/ip"}
WRONG_PASSWORDS_PER_ADDRESS = env.int("WRONG_PASSWORDS_PER_ADDRESS", default=60)
WRONG_PASSWORDS_PER_NAME = env.int("WRONG_PASSWORDS_PER_NAME", default=5)
WRONG_FACTORS_PER_DAY = env.int("WRONG_FACTORS_PER_DAY", default=20)
# Second factors: required for CCI staff and superusers; organizations can require them of their
# people. Only the demo and development may do without.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=True)
if not MFA_REQUIRED and not IS_LOCAL:
    raise ImproperlyConfigured("MFA_REQUIRED=0 is only for the demo and for development.")
# Also of everyone else, students included.
MFA_REQUIRED_FOR_ALL = env.bool("MFA_REQUIRED_FOR_ALL", default=False)
MFA_ADAPTER = "jasper_inventory.accounts.second_factors.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey is two factors: the device, and the fingerprint, face or PIN that unlocks it.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Addresses are confirmed in a way of our own: django-allauth's list of them isn't used.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Jasperactive License Inventory"
# How many codes before and after the current one are accepted, for phones whose clock is wrong.
# Each code is accepted once all the same.
MFA_TOTP_TOLERANCE = env.int("MFA_TOTP_TOLERANCE", default=0)
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_FORMS = {
    "authenticate": "jasper_inventory.accounts.forms_second_factor.SecondFactorForm",
    "reauthenticate": "jasper_inventory.accounts.forms_second_factor.SecondFactorAgainForm",
    "activate_totp": "jasper_inventory.accounts.forms_second_factor.AuthenticatorAppForm",
    "add_webauthn": "jasper_inventory.accounts.forms_second_factor.PasskeyForm",
    "edit_webauthn": "jasper_inventory.accounts.forms_second_factor.PasskeyNameForm",
}
# Single sign-on: Google, Microsoft, and other OpenID Connect services.
SOCIALACCOUNT_ADAPTER = "jasper_inventory.accounts.sso.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = {"sso": {"APPS": provider_apps(env)}}
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
# Whether a person whom a service vouches for gets an account without an invitation; never a role.
SSO_CREATES_PEOPLE = env.bool("SSO_CREATES_PEOPLE", default=False)
# Sensitive acts ask for the password or passkey again after this time.
REAUTHENTICATION_MINUTES = env.int("REAUTHENTICATION_MINUTES", default=15)
# How long a session lasts at all, and without activity: accounts/session_store.py.
SESSION_ENGINE = "jasper_inventory.accounts.session_store"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=120)
STAFF_IDLE_MINUTES = env.int("STAFF_SESSION_IDLE_MINUTES", default=30)
CSRF_FAILURE_VIEW = "jasper_inventory.accounts.submissions.csrf_failure"
# The number of proxies that set X-Forwarded-For; allauth's rate limits count by IP address.
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# Wrong codes (activation codes, group keys, teacher codes): free attempts a day for a browser or
# account, and the wait in seconds after each further attempt, which doubles up to a maximum.
WRONG_CODES_FREE = env.int("WRONG_CODES_FREE", default=10)
CODE_WAIT = max(env.int("CODE_WAIT", default=15), 1)
CODE_LONGEST_WAIT = max(env.int("CODE_LONGEST_WAIT", default=900), CODE_WAIT)
# Wrong codes for a network: a burst, then a rate per second. Above that, its new browsers wait for
# NETWORK_DELAY seconds. A higher rate needs longer codes: docs/decisions/0004-throttling.md.
WRONG_CODES_PER_NETWORK = env.int("WRONG_CODES_PER_NETWORK", default=5000)
WRONG_CODES_PER_SECOND = env.int("WRONG_CODES_PER_SECOND", default=40)
NETWORK_DELAY = env.int("NETWORK_DELAY", default=10)
# New accounts from one IP address; each needs a valid code.
ACCOUNTS_PER_HOUR = env.int("ACCOUNTS_PER_HOUR", default=3000)

# The address that *Start* opens, with the product's key for {product}. If empty, starting a course
# is only recorded.
COURSES_URL = env.str("COURSES_URL", default="")

# The bearer token that gets the details of /readyz, which CCI staff see as well.
HEALTH_TOKEN = env.str("HEALTH_TOKEN", default="")

# The key that encrypts backups (age1…, ssh-…, or one of gpg), and the folder of pg_dump.
BACKUP_RECIPIENT = env.str("BACKUP_RECIPIENT", default="")
POSTGRES_PROGRAMS = env.str("POSTGRES_PROGRAMS", default="")

# Downloads that all web processes, and one person, may write at the same time.
DOWNLOADS_AT_ONCE = env.int("DOWNLOADS_AT_ONCE", default=4)
DOWNLOADS_PER_PERSON = env.int("DOWNLOADS_PER_PERSON", default=2)

# Security headers and cookies
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not IS_LOCAL)
# Probes come from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^readyz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
# Forms have their token in a field, so no script needs the cookie.
CSRF_COOKIE_HTTPONLY = True
if SECURE_SSL_REDIRECT:
    # Browsers accept these cookies from this host only, not from other hosts of its domain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if IS_LOCAL else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not IS_LOCAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Static files are for pages of this site only.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# What researchers need to report a weakness: /.well-known/security.txt, if both are set.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
SECURITY_TXT_EXPIRES = env.str("SECURITY_TXT_EXPIRES", default="")
# The address of the admin.
ADMIN_PATH = env.str("ADMIN_PATH", default="admin").strip("/") + "/"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        **dict.fromkeys(("script-src", "style-src", "font-src", "connect-src"), [SELF]),
        # Bootstrap's select arrow and error icon are data: images in its style sheet.
        "img-src": [SELF, "data:"],
        "base-uri": [NONE],
        "object-src": [NONE],
        # *Start* is a form that redirects to the courses.
        "form-action": [SELF, *origin_of(COURSES_URL)],
        "frame-ancestors": [NONE],
    }
}

# Messages name orders and teacher codes, so they are kept on the server, not in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Language and time
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", _("English"))]
USE_I18N = True
USE_TZ = True
# "Today", for start and finish dates, is the date in this zone. Its rules come from the pinned
# package because a machine's own may be outdated (British Columbia stays at UTC-7 since 2026).
zoneinfo.reset_tzpath(to=())
TIME_ZONE = env.str("TIME_ZONE", default="America/Vancouver")
# Dates are formatted as in the customer's guide, in every browser language.
FORMAT_MODULE_PATH = ["jasper_inventory.formats"]

# Request bodies: the limit exceeds every form of the site, and files are refused.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_HANDLERS = ["jasper_inventory.lib.bodies.NoFilesHandler"]

# Static files
STATIC_URL = "static/"
DEMO_STATIC_ROOT = BASE_DIR / ".data" / "static"
STATIC_ROOT = env.str(
    "STATIC_ROOT", default=str(DEMO_STATIC_ROOT if DEMO else BASE_DIR / "staticfiles")
)
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", bootstrap_wrapper.get_bootstrap_dir()),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# Background tasks are in the same database, so they are committed together with their cause.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# A worker without a sign of life for as long is taken for dead, and its jobs are taken up again.
QUEUE_LEASE_SECONDS = env.int("QUEUE_LEASE_SECONDS", default=60)
# What the workers start every day, and when, in TIME_ZONE.
SCHEDULES = {
    "alerts": ("jasper_inventory.support.schedules.send_alerts", env.str("ALERTS_AT", "06:00")),
    "clean-up": ("jasper_inventory.support.schedules.clean_up", env.str("CLEAN_UP_AT", "03:00")),
}
# Days for which the records of finished jobs and of scheduled runs are kept.
JOB_DAYS = env.int("JOB_DAYS", default=14)

# Email: EMAIL_URL, such as smtp+tls://user:pw@host:587. Without it, DEBUG and DEMO write emails to
# files.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Jasperactive <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if "EMAIL_URL" in env.ENVIRON:
    vars().update(env.email_url("EMAIL_URL"))
    if not env.bool("EMAIL_TLS_WAIVED", default=False):
        require_email_tls(vars())
elif IS_LOCAL:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = BASE_DIR / ".data" / "mail"
# The address of this site in emails, which are written without a request.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

# Days for which CCI staff can read the text of an email after it was sent.
NOTICE_BODY_DAYS = env.int("NOTICE_BODY_DAYS", default=90)

# Invitation emails that an organization may send in 24 hours.
INVITATIONS_PER_DAY = env.int("INVITATIONS_PER_DAY", default=50)

# Sessions kept for visitors of one network who aren't signed in, such as a school's students who
# enter a code first. Above this, sessions of the browser with the most are dropped.
ANONYMOUS_SESSIONS_PER_ADDRESS = env.int("ANONYMOUS_SESSIONS_PER_ADDRESS", default=500)

# Emails with a teacher code in 24 hours. They are limited because they can go to any address.
TEACHER_CODE_EMAILS_PER_PERSON = env.int("TEACHER_CODE_EMAILS_PER_PERSON", default=60)
TEACHER_CODE_EMAILS_PER_ORGANIZATION = env.int("TEACHER_CODE_EMAILS_PER_ORGANIZATION", default=100)

# The bearer token that Prometheus sends to read /metrics; without one, there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN:
    MIDDLEWARE.insert(0, "jasper_inventory.lib.metrics.MetricsMiddleware")
# The files that hold secrets, for `doctor`.
SECRET_FILES = files_of(
    "SECRET_KEY", "DATABASE_URL", "DATABASE_REPLICA_URL", "EMAIL_URL", "METRICS_TOKEN"
)

# The support contact shown in page footers and emails.
SUPPORT_NAME = env.str("SUPPORT_NAME", default="Jasperactive Support")
SUPPORT_URL = env.str("SUPPORT_URL", default="http://support.jasperactive.com/")
SUPPORT_PHONE = env.str("SUPPORT_PHONE", default="(800) 668-1669")
# The name of the root organization, which the first `migrate` creates.
VENDOR_NAME = env.str("VENDOR_NAME", default="CCI Learning")

# Joins of an unlimited license that suggest a leaked code (licenses/services/alerts.py).
BURST = {
    "least": env.int("BURST_STUDENTS", default=30),
    "times": env.int("BURST_TIMES", default=5),
    "known": env.int("BURST_KNOWN_STUDENTS", default=30),
    "first": env.int("BURST_FIRST_STUDENTS", default=120),
}

# Days for which the activity log keeps entries of each kind: see apply_retention.
LOG_DAYS = {
    "access": env.int("LOG_DAYS_ACCESS", default=400),
    "view": env.int("LOG_DAYS_VIEW", default=730),
    "change": env.int("LOG_DAYS_CHANGE", default=2557),
}
# Days after which apply_retention drops the address of an invitation that can't be used.
INVITATION_DAYS = env.int("INVITATION_DAYS", default=400)
# Days after which it erases students whose licenses have ended and who haven't signed in. 0: never.
STUDENT_DAYS = env.int("STUDENT_DAYS", default=0)
# Days in which a school can undo that it erased a student.
SCHOOL_ERASURE_DAYS = env.int("SCHOOL_ERASURE_DAYS", default=14)

LOG_FORMAT = env.str("LOG_FORMAT", default="text")
if LOG_FORMAT not in ("text", "json"):
    raise ImproperlyConfigured("LOG_FORMAT is text or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "jasper_inventory.lib.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(request_id)s %(name)s: %(message)s",
        },
        "json": {"()": "jasper_inventory.lib.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # SQL statements contain activation codes, which must never be logged, at any LOG_LEVEL.
    "loggers": {"django.db.backends": {"level": "WARNING"}},
}

# Errors are reported to Sentry, without personal data.
if SENTRY_DSN := env.str("SENTRY_DSN", default=""):
    report_errors(SENTRY_DSN)
