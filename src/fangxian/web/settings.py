"""The one settings file. Everything that differs between places comes from the environment.

`FANGXIAN_MODE` is `production` (the default: nothing is assumed, every key must be given),
`demo` (invented people, one-click login, keys made on first use) or `test`.
Each variable is described in docs/en/reference/settings.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from fangxian.web.keys import Keys

PROJECT = Path(__file__).resolve().parents[3]
MODE = os.environ.get("FANGXIAN_MODE", "production")
if MODE not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"FANGXIAN_MODE={MODE!r}: expected production, demo or test")
DEMO = MODE == "demo"
HOME = Path(os.environ.get("FANGXIAN_HOME", PROJECT / "var" / MODE))
HOME.mkdir(parents=True, exist_ok=True, mode=0o700)

KEYS = Keys.load(os.environ, mode=MODE, home=HOME)
SECRET_KEY = KEYS.secret
DEBUG = False
ALLOWED_HOSTS = os.environ.get("FANGXIAN_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("FANGXIAN_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "fangxian.town",
    "fangxian.warn",
    "fangxian.ask",
    "fangxian.report",
    "fangxian.web",
]

MIDDLEWARE = [
    "fangxian.web.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fangxian.town.signin.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fangxian.web.urls"
WSGI_APPLICATION = "fangxian.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "fangxian.web.context.shell",
            ],
            "builtins": ["fangxian.web.templatetags.fangxian"],
        },
    }
]

# --- data -----------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{HOME / 'fangxian.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue for the lock at BEGIN instead of failing in the middle; readers never wait.
    # FULL: what a person was told is saved survives a power cut, too.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-16000;"
            "PRAGMA temp_store=MEMORY;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default"],
    }
}
# The intake keeps a 20,000-row list in memory only while it reads it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
# Where the audit chain ended, kept outside the database (town/anchors.py). The demo and the tests
# throw their databases away on purpose.
AUDIT_ANCHOR = HOME / "audit-anchor.json" if MODE == "production" else None

# --- who is it? -----------------------------------------------------------------------------
AUTH_USER_MODEL = "town.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "town:sign_in"
LOGIN_REDIRECT_URL = "warn:my_work"
LOGOUT_REDIRECT_URL = "town:sign_in"
# ASVS 5.0 (V6.2): length, not composition; common and context words refused; no forced rotation.
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "fangxian.town.passwords.GuessableValidator"},
    {"NAME": "fangxian.town.passwords.ContextWordsValidator"},
    {"NAME": "fangxian.town.passwords.MaximumLengthValidator", "OPTIONS": {"max_length": 128}},
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if MODE == "test"
    else ["django.contrib.auth.hashers.ScryptPasswordHasher"]
)
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
# Trying on during a lock-out does not prolong it: nobody can keep a colleague out for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# By account and known device (town/tries.py, where addresses have their own, higher limit): a whole
# town hall stands behind one address, and one clumsy colleague must not lock out the rest. (That is
# what axes.W006 warns of.)
AXES_LOCKOUT_PARAMETERS = [["username"]]
AXES_USERNAME_CALLABLE = "fangxian.town.tries.counted_as"
AXES_CLIENT_IP_CALLABLE = "fangxian.town.tries.address_of"
# axes keeps what was posted with a failure; nothing that somebody proves themselves with is kept.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old", "new", "again", "code"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_LOCKOUT_CALLABLE = "fangxian.town.signin.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # sign-ins stand in our own audit chain
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = int(os.environ.get("FANGXIAN_PROXIES", "0"))
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = int(os.environ.get("FANGXIAN_IDLE_MINUTES", "30")) * 60
SESSIONS_PER_STAFF = 3
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "fangxian.web.views.csrf_failure"

# --- browser ---------------------------------------------------------------------------------
# Production sits behind TLS; demo and tests speak plain HTTP on loopback.
TLS = MODE == "production" and os.environ.get("FANGXIAN_TLS", "on") == "on"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_HSTS_SECONDS = 365 * 86400 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if AXES_IPWARE_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its arrows with data: SVG
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- words -----------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "fangxian_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# --- files -----------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = PROJECT / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MODE != "test"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = MODE == "test"
WHITENOISE_AUTOREFRESH = MODE == "test"

# --- the town --------------------------------------------------------------------------------
# What cards on walls and doors print. The demo's can belong to nobody.
STATION_PHONE = os.environ.get("FANGXIAN_STATION_PHONE", "023-00000110" if DEMO else "")
# How many masked values of residents one person may look at. One a minute is faster than anybody
# calls or visits; 150 a day is one every four minutes of a ten-hour day. Numbers that an officer
# calls by a task are not counted: the tasks bound them.
REVEALS_AN_HOUR = int(os.environ.get("FANGXIAN_REVEALS_AN_HOUR", "60"))
REVEALS_A_DAY = int(os.environ.get("FANGXIAN_REVEALS_A_DAY", "150"))
DEFAULT_AREA_CODE = os.environ.get("FANGXIAN_AREA_CODE", "023")
# The address residents open; left out, pages name the one the officer's own browser uses.
PUBLIC_URL = os.environ.get("FANGXIAN_PUBLIC_URL", "")
MESSAGE_PROVIDER = os.environ.get("FANGXIAN_SMS", "file")
MESSAGE_URL = os.environ.get("FANGXIAN_SMS_URL", "")
MESSAGE_TOKEN = os.environ.get("FANGXIAN_SMS_TOKEN", "")

# Requests are never logged with their query or body; personal data has no way into a log line.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("FANGXIAN_LOG", "INFO")},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django_tasks": {"level": "WARNING"},
        # What is "not found" may be a phone number that somebody typed behind our address.
        "django.request": {"level": "ERROR"},
    },
}
