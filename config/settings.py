"""Every setting, read from the environment (`.env.example` lists them all).

One module for every command: what differs between a laptop and production is the
environment, never the file.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from config import broker, keys, logs, profiles, proxies, rates, telemetry
from config.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("PURVEYOR_DATA_DIR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = keys.read("SECRET_KEY", DATA_DIR)
PURVEYOR_SECRET_KEYS = [
    key for key in keys.read("PURVEYOR_SECRET_KEYS", DATA_DIR).split(",") if key
]

PURVEYOR_BIND = env.str("PURVEYOR_BIND", default="127.0.0.1:8000")
PURVEYOR_BASE_URL = env.str("PURVEYOR_BASE_URL", default=f"http://{PURVEYOR_BIND}").rstrip("/")
PURVEYOR_ALLOW_PRIVATE_TARGETS = env.bool("PURVEYOR_ALLOW_PRIVATE_TARGETS", default=False)
PURVEYOR_WEB_THREADS = env.int("PURVEYOR_WEB_THREADS", default=16)
PURVEYOR_WORKER_THREADS = env.int("PURVEYOR_WORKER_THREADS", default=8)
PURVEYOR_RULES_MINUTES = env.int("PURVEYOR_RULES_MINUTES", default=60)
PURVEYOR_KEEP_JOBS_DAYS = env.int("PURVEYOR_KEEP_JOBS_DAYS", default=90)
PURVEYOR_KEEP_AUDIT_DAYS = env.int("PURVEYOR_KEEP_AUDIT_DAYS", default=0)
PURVEYOR_TRUSTED_PROXIES = proxies.networks(env.list("PURVEYOR_TRUSTED_PROXIES", default=[]))
PURVEYOR_API_RATE = rates.checked(env.str("PURVEYOR_API_RATE", default=""))
PURVEYOR_METRICS_TOKEN = env.str("PURVEYOR_METRICS_TOKEN", default="")
PURVEYOR_SOAP_ANSWERS = env.bool("PURVEYOR_SOAP_ANSWERS", default=False)
PURVEYOR_SOAP_OLDER_TYPES = env.bool("PURVEYOR_SOAP_OLDER_TYPES", default=True)
PURVEYOR_SCIM_PROFILES = profiles.checked(env.str("PURVEYOR_SCIM_PROFILES", default=""))

_email_url = env.str("EMAIL_URL", default="")
PURVEYOR_SENDS_EMAIL = bool(_email_url)
vars().update(env.email_url_config(_email_url or "dummymail://"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or "purveyor@localhost"
EMAIL_TIMEOUT = 10

_base = urlsplit(PURVEYOR_BASE_URL)
_https = _base.scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
if _base.hostname and _base.hostname not in ALLOWED_HOSTS and "*" not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_base.hostname)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "idp",
    "serviceproviders",
    "provisioning",
]

MIDDLEWARE = [
    "config.probes.Probes",
    # First, so that everything behind it sees the client's address.
    "config.proxies.TrustedProxies",
    "config.requests.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    # What follows is the console's and the API's.
    "config.doors.Doors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.csp.ConsolePolicy",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "idp.Operator"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'purveyor.sqlite3'}")
}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write takes the lock at its start, so it waits
    # its turn instead of failing half-way with "database is locked".
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
    _database["CONN_MAX_AGE"] = None
else:
    _database.setdefault("CONN_MAX_AGE", 60)
    _database["CONN_HEALTH_CHECKS"] = True
    # A host that is cut off in the middle of a transaction must not keep its locks: the
    # server ends such a session, and this side gives a dead connection up.
    _database["OPTIONS"] = {
        "options": "-c idle_in_transaction_session_timeout=15s",
        "tcp_user_timeout": "20000",
        "connect_timeout": 5,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "application_name": "purveyor",
        **_database.get("OPTIONS", {}),
    }
_database.setdefault("TEST", {})
if test_database := env.str("PURVEYOR_TEST_DATABASE_NAME", default=""):
    _database["TEST"]["NAME"] = test_database

CELERY_BROKER_URL = broker.checked(env.str("CELERY_BROKER_URL", default=""))
CELERY_APP = "config.celery.app"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "console/locked.html"

OAUTH2_PROVIDER_APPLICATION_MODEL = "serviceproviders.OAuthClient"
OAUTH2_PROVIDER = {
    "SCOPES": {
        "provisioning": "Use the provisioning doors",
        "provisioning:read": "Read through the provisioning doors",
        "provisioning:jit": "Report just-in-time logins",
        "api:read": "Read configuration and operation",
        "api:write": "Change configuration and operation",
    },
    "DEFAULT_SCOPES": ["provisioning"],
    "SCOPES_BACKEND_CLASS": "provisioning.inbound.oauth.scopes.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "ALLOWED_GRANT_TYPES": ["client-credentials"],
    # Grants we do not offer are held to the current practice all the same (RFC 9700).
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Purveyor",
    "VERSION": "1",
    "DESCRIPTION": "Configuration and operation. Errors are problem documents (RFC 9457).",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["provisioning.api.document.ours_once"],
    "POSTPROCESSING_HOOKS": ["provisioning.api.document.with_shapes"],
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
CSRF_TRUSTED_ORIGINS = [PURVEYOR_BASE_URL]
SECURE_SSL_REDIRECT = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# The files of the packages are served from where they are: no collectstatic to forget.
WHITENOISE_USE_FINDERS = True

LOGGING = logs.configure(
    env.str("PURVEYOR_LOG_FORMAT", default="auto"),
    env.str("PURVEYOR_LOG_LEVEL", default="INFO"),
)

telemetry.prepare()
