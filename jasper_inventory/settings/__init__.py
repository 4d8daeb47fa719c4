"""Django settings; everything that differs between machines comes from environment variables.

Those of databases, of people and sign-in, and of limits are in modules of their own.
docs/operators.md describes the variables. A `.env` file beside manage.py is read as well, but the
environment takes precedence. Without DEBUG=1 or DEMO=1, the settings are those of production.
"""

import zoneinfo

import bootstrap_wrapper
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.addresses import origin_of
from jasper_inventory.lib.environment import files_of
from jasper_inventory.lib.logs import report_errors
from jasper_inventory.lib.tls import require_email_tls
from jasper_inventory.settings.databases import *
from jasper_inventory.settings.environment import BASE_DIR, DEBUG, DEMO, IS_LOCAL, env
from jasper_inventory.settings.limits import *
from jasper_inventory.settings.sign_in import *

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

if "replica" in DATABASES:
    after_browser = MIDDLEWARE.index("jasper_inventory.accounts.browsers.BrowserMiddleware") + 1
    MIDDLEWARE.insert(after_browser, "jasper_inventory.lib.replica.ReplicaMiddleware")

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

# The number of proxies that set X-Forwarded-For; allauth's rate limits count by IP address.
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# The address that *Start* opens, with the product's key for {product}. If empty, starting a course
# is only recorded.
COURSES_URL = env.str("COURSES_URL", default="")

# The bearer token that gets the details of /readyz, which CCI staff see as well.
HEALTH_TOKEN = env.str("HEALTH_TOKEN", default="")

# The key that encrypts backups (age1…, ssh-…, or one of gpg), and the folder of pg_dump.
BACKUP_RECIPIENT = env.str("BACKUP_RECIPIENT", default="")
POSTGRES_PROGRAMS = env.str("POSTGRES_PROGRAMS", default="")

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
