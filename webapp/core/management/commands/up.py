"""``manage.py up``: the whole of Encore on one machine."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from webapp.core.extension import hooks
from webapp.core.files import installation
from webapp.core.patience import reconnect
from webapp.core.processes import instance
from webapp.core.processes.supervisor import Supervisor, embedded_children
from webapp.core.web.collecting import collect_changed

LEAST_FREE_BYTES = 1_000_000_000
DATABASE_PATIENCE_SECONDS = 60
LOCAL_HOSTS = {"127.0.0.1", "::1", "0.0.0.0", "::"}  # noqa: S104 - only how the address is shown


class Command(BaseCommand):
    """Prepare the data folder, then keep the web process and the workers alive."""

    help = "Start Encore: web pages, workers and upkeep, until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        try:
            lock = instance.InstanceLock(settings.DATA_DIR)
            listener = instance.listen(settings.HOST, settings.PORT)
        except (instance.AlreadyRunningError, instance.NoPortError) as error:
            raise CommandError(str(error)) from error
        port = listener.getsockname()[1]
        host = settings.HOST if settings.HOST not in LOCAL_HOSTS else "localhost"
        url = f"{'https' if settings.HTTPS else 'http'}://{host}:{port}"
        lock.describe(url)
        self._prepare()
        self._greet(url, port)
        Supervisor(embedded_children(listener), settings.BASE_DIR / "manage.py").run()
        self.stdout.write("Encore has stopped.")

    def _prepare(self) -> None:
        free = shutil.disk_usage(settings.DATA_DIR).free
        if free < LEAST_FREE_BYTES:
            self.stderr.write(
                f"Only {free // 1_000_000} MB are free in {settings.DATA_DIR}; uploads may fail."
            )
        try:  # It may only be starting, as after a power cut.
            reconnect(DATABASE_PATIENCE_SECONDS, self.stderr.write)
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        call_command("migrate", interactive=False, verbosity=0)
        for database in Path(settings.DATA_DIR).glob("encore.sqlite3*"):
            database.chmod(0o600)
        if trouble := installation.settle():
            self.stderr.write(f"{trouble} {installation.ADOPT}")
        if not settings.DEBUG:
            collect_changed()

    def _greet(self, url: str, port: int) -> None:
        if port != settings.PORT:
            self.stdout.write(f"Port {settings.PORT} is taken; using {port} instead.")
        self.stdout.write(f"Encore is at {url}/  (Ctrl-C stops it)")
        for line in (line for greeter in hooks.greeters for line in greeter(url)):
            self.stdout.write(line)
        self.stdout.flush()
