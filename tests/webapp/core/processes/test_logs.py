"""Log lines as JSON."""

import json
import logging
import sys

from inference.engine.serving import logs as engine_logs
from webapp.core.processes.logs import JsonFormatter


def _line(message: str, *values: object, error: bool = False) -> dict[str, str]:
    information = None
    if error:
        try:
            raise ZeroDivisionError("by zero")  # noqa: TRY301 - a traceback is wanted
        except ZeroDivisionError:
            information = sys.exc_info()
    record = logging.LogRecord(
        "webapp.core", logging.WARNING, "file.py", 1, message, values, information
    )
    written = JsonFormatter().format(record)
    assert "\n" not in written
    # Two processes on two sides of a wall, and one shape for whoever collects their lines.
    assert engine_logs.JsonFormatter().format(record) == written
    line: dict[str, str] = json.loads(written)
    return line


def test_a_line_is_an_object_with_its_values_filled_in() -> None:
    line = _line('job %d "broke"\nhere', 7)
    assert line["message"] == 'job 7 "broke"\nhere'
    assert (line["level"], line["logger"]) == ("WARNING", "webapp.core")
    assert line["time"].endswith("+00:00")
    assert "traceback" not in line


def test_a_traceback_stays_within_its_line() -> None:
    assert "ZeroDivisionError: by zero" in _line("broke", error=True)["traceback"]
