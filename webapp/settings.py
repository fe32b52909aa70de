"""Settings of Encore, read from the environment (docs/operations.md lists every variable)."""

import os
from pathlib import Path
from typing import Any

from webapp import env

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"


# Data -------------------------------------------------------------------------------------
os.umask(0o077)
DATA_DIR = env.private_folder(env.folder("ENCORE_DATA_DIR", BASE_DIR / "var"))
MEDIA_ROOT = env.private_folder(DATA_DIR / "media")
SCRATCH_DIR = env.private_folder(DATA_DIR / "tmp")
QUEUE_DIR = env.private_folder(DATA_DIR / "queue")
WEIGHTS_DIR = env.private_folder(DATA_DIR / "weights")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_TEMP_DIR = str(SCRATCH_DIR)
# One request of an upload may carry a whole file of 60 MB; any other body is a form.
UPLOAD_MAX_BYTES = 60_000_000
UPLOAD_MAX_REQUEST_BYTES = UPLOAD_MAX_BYTES + 1_000_000
UPLOAD_MAX_STORED_BYTES = 1_000_000_000 * env.integer(
    "ENCORE_STORAGE_PER_USER_GB", 200, minimum=1, maximum=1_000_000
)
UPLOAD_MAX_UNFINISHED = 500
UPLOAD_EXPIRES_HOURS = 24
# A dropped folder of a few hundred photos goes through; a script that hammers does not.
UPLOADS_PER_MINUTE = env.integer("ENCORE_UPLOADS_PER_MINUTE", 600, minimum=1, maximum=1_000_000)
# A video comes in many requests, each within the limit above.
VIDEO_MAX_BYTES = 1_000_000 * env.integer("ENCORE_VIDEO_MAX_MB", 2000, minimum=1, maximum=1_000_000)
VIDEO_MAX_MINUTES = env.integer("ENCORE_VIDEO_MAX_MINUTES", 240, minimum=1, maximum=10_000)
VIDEO_MAX_STORED_BYTES = 1_000_000_000 * env.integer(
    "ENCORE_VIDEO_STORAGE_PER_USER_GB", 200, minimum=1, maximum=1_000_000
)
VIDEO_MAX_UNFINISHED = 5
# Folders of this machine below which the owner may have others watched and imported; none: nowhere.
IMPORT_ROOTS = env.folders("ENCORE_IMPORT_ROOTS")
# Whether webhooks may lead into private networks and to this machine, and go without https.
WEBHOOK_PRIVATE_TARGETS = env.flag("ENCORE_WEBHOOK_PRIVATE_TARGETS", default=False)
# Days that files without a row rest in media/trash before they are gone.
TRASH_DAYS = env.integer("ENCORE_TRASH_DAYS", 7, minimum=1, maximum=36_500)
# Days that photos and moments lie in their user's bin before they are deleted.
BIN_DAYS = env.integer("ENCORE_BIN_DAYS", 30, minimum=1, maximum=3650)
FORM_MAX_REQUEST_BYTES = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Who is served ----------------------------------------------------------------------------
DEBUG = env.flag("ENCORE_DEBUG", default=False)
SECRET_KEY = env.text("ENCORE_SECRET_KEY") or env.secret_key(DATA_DIR / "secret-key")
# Signs messages to devices (VAPID); another one makes every device that was switched on silent.
PUSH_KEY = env.push_key("ENCORE_PUSH_KEY", DATA_DIR / "push-key")
HTTPS = env.flag("ENCORE_HTTPS", default=False)
HOST = env.text("ENCORE_HOST", "127.0.0.1")
PORT = env.integer("ENCORE_PORT", 8000, minimum=1, maximum=65_535)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.words("ENCORE_ALLOWED_HOSTS")]
# Full origins (scheme, host, port) that may open a websocket or post a form from elsewhere than
# the page's own address, as behind a proxy.
TRUSTED_ORIGINS = CSRF_TRUSTED_ORIGINS = env.words("ENCORE_TRUSTED_ORIGINS")
# How many proxies in front may be believed about the client's address; 0 believes no header.
TRUSTED_PROXIES = env.integer("ENCORE_TRUSTED_PROXIES", 0, minimum=0, maximum=10)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SECURE_SSL_REDIRECT = HTTPS
# Machines ask the process itself, past the proxy that speaks https.
SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)/$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "webapp.core.web.views.csrf_failure"

# Apps -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "webapp.core",
    "webapp.accounts",
    "webapp.access",
    "webapp.uploads",
    "webapp.photos",
    "webapp.folders",
    "webapp.people",
    "webapp.analysis",
    "webapp.live",
    "webapp.moments",
    "webapp.webhooks",
    "webapp.push",
    "webapp.sharing",
    "ninja",
    "webapp.api",
]
MIDDLEWARE = [
    "webapp.core.web.middleware.SecurityHeadersMiddleware",
    "webapp.core.web.proxies.ProxyWarningMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "webapp.core.web.static.StaticFilesMiddleware",
    "webapp.core.web.middleware.TroubleMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webapp.api.middleware.ApiMiddleware",
    "webapp.accounts.zones.ZoneMiddleware",
    "webapp.accounts.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "webapp.urls"
ASGI_APPLICATION = "webapp.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "webapp.core.templatetags.saying",
                "webapp.core.templatetags.prepared",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.core.web.appearance.appearance",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Accounts ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1] |= {"OPTIONS": {"min_length": 10}}
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "core:home"
LOGOUT_REDIRECT_URL = "accounts:login"

# Signing in by an OpenID Connect provider too; without an issuer it is off and asks nobody.
OIDC_ISSUER = env.safe_address("ENCORE_OIDC_ISSUER")
OIDC_RP_CLIENT_ID = env.needed("ENCORE_OIDC_CLIENT_ID") if OIDC_ISSUER else ""
OIDC_RP_CLIENT_SECRET = env.text("ENCORE_OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("ENCORE_OIDC_NAME", "OpenID Connect")
# Who may come in: verified addresses of these domains, people of these groups; none: everybody.
OIDC_DOMAINS = [domain.lower().lstrip("@") for domain in env.words("ENCORE_OIDC_DOMAINS")]
OIDC_GROUPS = env.words("ENCORE_OIDC_GROUPS")
# Whether who has no account here gets one.
OIDC_CREATE = env.flag("ENCORE_OIDC_CREATE", default=False)
OIDC_RP_SCOPES = " ".join(["openid email profile", *(["groups"] if OIDC_GROUPS else [])])
OIDC_USE_PKCE = True
OIDC_TIMEOUT = 10
OIDC_AUTHENTICATION_CALLBACK_URL = "accounts:oidc-callback"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    *(["webapp.accounts.oidc.backend.ProviderBackend"] if OIDC_ISSUER else []),
]

# Database ---------------------------------------------------------------------------------
DATABASES = {"default": env.database("ENCORE_DATABASE_URL", DATA_DIR / "encore.sqlite3")}

# Wake-ups ---------------------------------------------------------------------------------
REDIS_URL = env.text("ENCORE_REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "encore://queue-folder"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        # Who sends a wake-up does not wait for a Redis that is away; the sweep sends another.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(QUEUE_DIR),
        "data_folder_out": str(QUEUE_DIR),
        "control_folder": str(QUEUE_DIR),
        "polling_interval": 0.02,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ACKS_LATE = True
# A job that takes its process down is forfeited in the job table and counted there; a message
# put back by the broker as well would run it a second time without a pause.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
# Celery waits ten seconds before it believes that a process died; the kernel knows at once.
CELERY_WORKER_LOST_WAIT = 1.0
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_EVENT_QUEUE_EXPIRES = 60.0

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Sockets ----------------------------------------------------------------------------------
SOCKET_MAX_BYTES = 1024 * 1024
SHARED_VIEWS_PER_MINUTE = env.integer(
    "ENCORE_SHARED_VIEWS_PER_MINUTE", 600, minimum=1, maximum=1_000_000
)
SOCKET_CONNECTS_PER_MINUTE = env.integer(
    "ENCORE_SOCKET_CONNECTS_PER_MINUTE", 60, minimum=1, maximum=100_000
)
EVENT_POLL_SECONDS = 0.1

# Live -------------------------------------------------------------------------------------
# Whether manage.py up starts the inference process; without it live pictures carry no names.
LIVE_ENGINE = env.flag("ENCORE_LIVE_ENGINE", default=True)
# Inference processes of other machines, and where this machine's one serves others; both by TLS.
ENGINES = [env.address("ENCORE_ENGINES", one) for one in env.words("ENCORE_ENGINES")]
ENGINE_LISTEN = env.text("ENCORE_ENGINE_LISTEN")
if ENGINE_LISTEN:
    env.address("ENCORE_ENGINE_LISTEN", ENGINE_LISTEN)
# What either side shows to the other, whom it believes, and what both know.
ENGINE_CERTIFICATE = env.file("ENCORE_ENGINE_CERTIFICATE")
ENGINE_KEY = env.file("ENCORE_ENGINE_KEY")
ENGINE_CA = env.file("ENCORE_ENGINE_CA")
ENGINE_TOKEN = env.text("ENCORE_ENGINE_TOKEN")
LIVE_CAMERAS = env.integer("ENCORE_LIVE_CAMERAS", 50, minimum=1, maximum=10_000)
LIVE_CAMERAS_PER_USER = env.integer("ENCORE_LIVE_CAMERAS_PER_USER", 3, minimum=1, maximum=10_000)
LIVE_VIEWERS = env.integer("ENCORE_LIVE_VIEWERS", 200, minimum=1, maximum=100_000)
# A wall of nine pictures and twenty people who watch.
LIVE_GUESTS = env.integer("ENCORE_LIVE_GUESTS", 200, minimum=1, maximum=100_000)
LIVE_GUESTS_PER_USER = env.integer("ENCORE_LIVE_GUESTS_PER_USER", 100, minimum=1, maximum=10_000)
LIVE_VIEWERS_PER_USER = env.integer("ENCORE_LIVE_VIEWERS_PER_USER", 30, minimum=1, maximum=10_000)
LIVE_FRAMES_PER_SECOND = 15
# Whether the owner's network cameras may be of this machine and of private networks.
LIVE_PRIVATE_SOURCES = env.flag("ENCORE_LIVE_PRIVATE_SOURCES", default=False)
# A connection that stood still for a moment brings several frames at once.
LIVE_FRAMES_BURST = 30
# Frames above the rate before the socket is closed.
LIVE_FRAMES_PATIENCE = 300

# Moments ----------------------------------------------------------------------------------
# Days after which moments that are not liked, and discarded ones, are deleted; 0: never.
MOMENTS_KEEP_DAYS = env.integer("ENCORE_MOMENTS_KEEP_DAYS", 0, minimum=0, maximum=36_500)
MOMENTS_KEEP_DISCARDED_DAYS = env.integer(
    "ENCORE_MOMENTS_KEEP_DISCARDED_DAYS", 30, minimum=0, maximum=36_500
)

# For programs -----------------------------------------------------------------------------
# Requests of one key, or of one signed-in user, in a minute; counted in each web process.
API_REQUESTS_PER_MINUTE = env.integer(
    "ENCORE_API_REQUESTS_PER_MINUTE", 600, minimum=1, maximum=1_000_000
)
PREDICT_PICTURES_PER_MINUTE = env.integer(
    "ENCORE_PREDICT_PICTURES_PER_MINUTE", 120, minimum=1, maximum=1_000_000
)
# Predictions of everybody that may wait; each holds a thread of a web process.
PREDICT_AT_ONCE = env.integer("ENCORE_PREDICT_AT_ONCE", 8, minimum=1, maximum=1000)
PREDICT_START_SECONDS = 30
PREDICT_TIMEOUT_SECONDS = 120

# Vision -----------------------------------------------------------------------------------
DETECTOR = env.choice("ENCORE_DETECTOR", "mtcnn", {"mtcnn", "haar"})
EMBEDDERS = ("", "encore", "encore-resnet", "dlib-resnet", "stars", "facenet-vggface2")
EMBEDDER = env.choice("ENCORE_EMBEDDER", "", EMBEDDERS)  # Empty for the best of those shipped.
# Computing threads of each process that runs models.
_threads = min(4, os.cpu_count() or 1)
VISION_THREADS = env.integer("ENCORE_VISION_THREADS", _threads, minimum=1, maximum=64)

# Static files -----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "webapp.core.web.static.PackagedFilesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "webapp.core.web.static.HashedFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# Numbers for Prometheus; without a token only this machine may read them.
METRICS_TOKEN = env.text("ENCORE_METRICS_TOKEN")

# Logs: ids only, never names, cookies, pictures or embeddings ----------------------------------
LOG_FORMAT = env.choice("ENCORE_LOG_FORMAT", "text", {"text", "json"})
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "webapp.core.processes.logs.JsonFormatter"},
    },
    "filters": {"no troubles that pass": {"()": "webapp.core.trouble.Unlogged"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "celery": {"level": "WARNING"},
        # Django's request log repeats whole addresses, with what was searched for in them.
        "django.request": {"level": "ERROR", "filters": ["no troubles that pass"]},
        "django.server": {"level": "ERROR"},
    },
}
