"""Settings for the tests: the product's own, on a throw-away data folder and without waiting."""

import os
import shutil
import tempfile
from atexit import register
from pathlib import Path

_folder = tempfile.mkdtemp(prefix="encore-tests-")
register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["ENCORE_DATA_DIR"] = _folder
for _name in ("ENCORE_DATABASE_URL", "ENCORE_REDIS_URL", "ENCORE_DEBUG", "ENCORE_ALLOWED_HOSTS"):
    os.environ.pop(_name, None)

from webapp.settings import *  # noqa: E402, F403
from webapp.settings import BASE_DIR, DATABASES, LOGGING  # noqa: E402

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
# A file and not memory: threads of async tests then lock each other as they do in the product.
DATABASES["default"]["TEST"] = {"NAME": Path(_folder) / "test.sqlite3"}
DATABASES["default"]["OPTIONS"]["init_command"] = (  # type: ignore[index]
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;PRAGMA secure_delete=ON;PRAGMA mmap_size=0;"
)
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.01}
# Hashing on purpose slow is tested where it matters (tests/webapp/accounts).
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
SOCKET_CONNECTS_PER_MINUTE = 100_000
API_REQUESTS_PER_MINUTE = PREDICT_PICTURES_PER_MINUTE = 100_000
LOGGING["root"]["level"] = "WARNING"  # type: ignore[index]
