"""Settings: what differs from site to site comes from the environment, the rest is said here."""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from ratings import __version__
from ratings.api.openapi import framework
from ratings.environment import generated_key, read_environment
from ratings.files_place import BucketPlace
from ratings.sandbox.environments.open_folders import usual_folder

_site = read_environment(os.environ)
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = _site.data_dir or (BASE_DIR / "var").resolve()
# Where the site's files lie, if not in the data directory; a bucket keeps copies in that one.
FILES_BUCKET = _site.files if isinstance(_site.files, BucketPlace) else None
BUCKET_KEYS = _site.bucket_keys
# Whether nginx fetches crops from the bucket, as deploy/nginx-bucket.conf has it.
NGINX_CROPS = _site.nginx_crops
# Where what decoders find inside their sandbox is kept; every user must be able to enter it.
SANDBOX_DIR = _site.sandbox_dir or usual_folder(DATA_DIR / "sandbox").resolve()
# Where it names an image (NAME@sha256:... or sha256:...), decoders run in podman containers of it.
SANDBOX_IMAGE = _site.sandbox_image
# A GPU, by its devices: decoders of environments that ask for one have them.
SANDBOX_DEVICES = _site.sandbox_devices
SECRET_KEY = _site.secret_key or generated_key(DATA_DIR / "secret_key")
DEBUG = _site.debug
ALLOWED_HOSTS = _site.hosts
# Set where TLS ends at a proxy in front: cookies become Secure, HSTS is sent, and the proxy is
# believed when it says who asks (X-Forwarded-Proto, the last address of X-Forwarded-For).
HTTPS = _site.https
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
    "ratings.web.parts.serving.request_figures.RequestFiguresMiddleware",
    "ratings.http.security_headers.HeadersMiddleware",
    "ratings.web.parts.serving.bodies.BodiesMiddleware",
    "ratings.web.parts.serving.health_answers.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ratings.http.beginnings.BeginningsMiddleware",
    "ratings.http.unavailable.DatabaseUnavailableMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "ratings.urls"
WSGI_APPLICATION = "ratings.wsgi.application"

# Without DATABASE_URL the project's own cluster under DATA_DIR is used, started when needed.
EMBEDDED_POSTGRES = _site.database_url is None
DATABASES = {
    "default": dj_database_url.parse(
        _site.database_url or "postgres://ratings@localhost/ratings",
        engine="ratings.database",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
# How long one statement may take, in seconds; 0: for ever, since workers and commands fit, export
# and migrate. For web servers `ratings.wsgi` makes it 60: a proxy in front has given up by then.
STATEMENT_SECONDS = _site.statement_seconds

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "OPTIONS": {
            "builtins": ["ratings.web.parts.words.template_filters"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "ratings.web.parts.base_context.may_change",
                "ratings.web.parts.viewpoint.preview_bar",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
# Each version's own: one that starts anew while a site is upgraded finds what its pages name.
STATIC_MANIFEST = f"staticfiles-{__version__}.json"
STATICFILES_DIRS = [BASE_DIR / "static", ("modules", BASE_DIR / "frontend" / "modules")]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": _site.files if isinstance(_site.files, Path) else DATA_DIR / "files"
        },
    },
    "staticfiles": {"BACKEND": "ratings.web.parts.serving.static_files.JoinedManifestStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
# An upload is read by our own code, chunk by chunk; Django need not hold bodies in memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# How often strangers and teams may act, by the limit's name.
LIMITS = _site.limits
LOGIN_URL = "web:login"
LOGIN_REDIRECT_URL = "web:desk"
# Mail goes out where RATINGS_MAIL names a server; without a host, no page offers any.
if _mail := _site.mail:
    EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+starttls"
    DEFAULT_FROM_EMAIL = SERVER_EMAIL = _site.mail_from
else:
    EMAIL_HOST = ""
MAIL_REPLY_TO = _site.mail_reply_to
# Where mails and hooks say that the site is; a request's Host header is a stranger's.
SITE_ADDRESS = _site.address or f"http://localhost:{_site.port}"
# Hooks may lead to this machine too, without TLS: for trying them.
HOOKS_HERE = _site.hooks_here
EMAIL_TIMEOUT = 20  # seconds
PASSWORD_RESET_TIMEOUT = 4 * 3600  # seconds for which a link to a new password is good
CSRF_FAILURE_VIEW = "ratings.web.parts.error_pages.csrf_failed"

# Who may read /metrics, as a Bearer token; without one nobody.
METRICS_TOKEN = _site.metrics_token
PROLIFIC_TOKEN = _site.prolific_token
PROLIFIC_URL = _site.prolific_url
_OFTEN = "INFO" if _site.log_json else "WARNING"  # a line for each request is for programs
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "ratings.http.log_lines.JsonLines"},
    },
    "filters": {
        "one_line": {"()": "ratings.http.log_filters.RefusedInOneLine"},
        "of_its_request": {"()": "ratings.http.log_filters.OfItsRequest"},
        "of_a_request": {"()": "ratings.http.log_lines.OfARequest"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if _site.log_json else "line",
            "filters": ["of_its_request"],
        }
    },
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"filters": ["one_line"]},
        "procrastinate.jobs": {"level": _OFTEN, "filters": ["of_a_request"]},
        "ratings.web.parts.serving.request_figures": {"level": _OFTEN},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

LANGUAGE_CODE = "en"
# What the rating page is translated to; all other pages are in English.
LANGUAGES = [("en", "English"), ("de", "German")]
LOCALE_PATHS = [BASE_DIR / "frontend" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# Browsers remember this for a year, and lists of them longer: more than the host is asked for.
SECURE_HSTS_SECONDS = 31536000 if HTTPS and _site.hsts != "none" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _site.hsts in ("subdomains", "preload")
SECURE_HSTS_PRELOAD = _site.hsts == "preload"
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK, SPECTACULAR_SETTINGS = framework.REST_FRAMEWORK, framework.SPECTACULAR_SETTINGS
PROCRASTINATE_IMPORT_PATHS = [
    *(
        f"ratings.jobs.{module}"
        for module in (
            "tasks",
            "delivery_tasks",
            "elsewhere_tasks",
            "study_tasks",
            "metric_tasks",
            "viewing_tasks",
            "mailing",
            "outbox_tasks",
            "recruiter_tasks",
        )
    ),
    "ratings.health.watching",
]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
# A worker that is not heard of for so long is dead, and its jobs are done by others.
WORKER_DEAD_SECONDS = 15.0
PROCRASTINATE_WORKER_DEFAULTS = {
    "update_heartbeat_interval": WORKER_DEAD_SECONDS / 5,
    "stalled_worker_timeout": WORKER_DEAD_SECONDS,
}
