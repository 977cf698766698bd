"""All settings, read from the environment; nothing need be set for a run on one machine."""

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("RATINGS_DATA_DIR", BASE_DIR / "var")).resolve()


# Where what decoders find inside their sandbox is kept; every user must be able to enter it.
SANDBOX_DIR = Path(os.environ.get("RATINGS_SANDBOX_DIR", DATA_DIR / "sandbox")).resolve()
# Where it names an image (NAME@sha256:... or sha256:...), decoders run in podman containers of it.
SANDBOX_IMAGE = os.environ.get("RATINGS_SANDBOX_IMAGE", "")


def _secret_key() -> str:
    """Return RATINGS_SECRET_KEY, or a key generated once and kept in the data directory."""
    if key := os.environ.get("RATINGS_SECRET_KEY"):
        return key
    path = DATA_DIR / "secret_key"
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("RATINGS_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("RATINGS_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
# Set where TLS ends at a proxy in front: cookies become Secure, HSTS is sent, and the proxy is
# believed when it says who asks (X-Forwarded-Proto, the last address of X-Forwarded-For).
HTTPS = os.environ.get("RATINGS_HTTPS") == "1"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "procrastinate.contrib.django",
    "ratings",
]
MIDDLEWARE = [
    "ratings.web.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ratings.database.unavailable.DatabaseUnavailableMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "ratings.urls"
WSGI_APPLICATION = "ratings.wsgi.application"

# Without DATABASE_URL the project's own cluster under DATA_DIR is used, started when needed.
_database: dict[str, Any] = dict(
    dj_database_url.config(
        default="postgres://ratings@localhost/ratings",
        engine="ratings.database",
        conn_max_age=600,
        conn_health_checks=True,
    )
)
_database["OPTIONS"] = {"connect_timeout": 5} | (_database.get("OPTIONS") or {})
DATABASES = {"default": _database}
EMBEDDED_POSTGRES = "DATABASE_URL" not in os.environ

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "OPTIONS": {
            "builtins": ["ratings.web.tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ],
        },
    }
]

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("modules", BASE_DIR / "frontend" / "modules")]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "ratings.web.static.ModuleManifestStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
# An upload is read by our own code, chunk by chunk; Django need not hold bodies in memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "web:login"
LOGIN_REDIRECT_URL = "web:desk"
CSRF_FAILURE_VIEW = "ratings.web.errors.csrf_failed"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

LANGUAGE_CODE = "en"
# What the rating page is translated to; all other pages are in English.
LANGUAGES = [("en", "English"), ("de", "German")]
LOCALE_PATHS = [BASE_DIR / "frontend" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "ratings.api.errors.problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Image-compression challenge",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "SessionStateEnum": "ratings.api.sessions.STATES",
        "SubmissionStateEnum": "ratings.submissions.models.Submission.State",
        "RunStateEnum": "ratings.submissions.models.Run.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ratings.api.judgments.describe",
    ],
}
PROCRASTINATE_IMPORT_PATHS = ["ratings.jobs.tasks"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
# A worker that is not heard of for so long is dead, and its jobs are done by others.
WORKER_DEAD_SECONDS = 15.0
PROCRASTINATE_WORKER_DEFAULTS = {
    "update_heartbeat_interval": WORKER_DEAD_SECONDS / 5,
    "stalled_worker_timeout": WORKER_DEAD_SECONDS,
}
