"""Log lines of the inference process: as text, or as one JSON object each."""

import json
import logging
from datetime import UTC, datetime

FORMATS = ("text", "json")


class JsonFormatter(logging.Formatter):
    """Writes the same as that of the web process, from which nothing can be imported here."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def begin(log_format: str) -> None:
    """Write to standard error from now on."""
    handler = logging.StreamHandler()
    is_json = log_format == "json"
    text = logging.Formatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if is_json else text)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
