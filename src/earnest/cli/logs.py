"""What long-running commands log to stderr: lines for people, or one JSON object on each for machines."""

import json
import logging
import re
from datetime import UTC, datetime

from earnest.settings import Settings

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
REFERENCES = re.compile(
    r"\breference (?P<reference>[0-9a-f]{12})\b"
    r"|(?P<job>[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})(?P<errand>/[a-z-]+/[0-9/]+)?"
)
"""What a log line may refer to: the reference that a client was given with an error, a job, an errand of it."""


class JsonLines(logging.Formatter):
    """A record as one JSON object: time (UTC), level, logger, message, and what it refers to: reference, job, errand.

    Of an exception only the type is told: its words, and the values around it, may hold an answer.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The object, on one line."""
        message = record.getMessage()
        told = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
        for found in REFERENCES.finditer(message):
            named = {name: value for name, value in found.groupdict().items() if value}
            if "errand" in named:
                named["errand"] = named["job"] + named["errand"]
            told = {**named, **told}
        order = ("time", "level", "logger", "message", "error", "reference", "job", "errand")
        return json.dumps({name: told[name] for name in order if name in told})


class Lines(logging.Formatter):
    """A record as a line for people; of an exception, too, only the type."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatException(self, ei: object) -> str:  # noqa: N802 - its name in the standard library
        """The type alone."""
        kind = ei[0] if isinstance(ei, tuple) else None
        return "" if kind is None else str(kind.__name__)


def log_to_stderr(settings: Settings) -> None:
    """Log what Earnest has to say from the level that is set; of others only warnings, their INFO is noise here."""
    stream = logging.StreamHandler()
    stream.setFormatter(JsonLines() if settings.log_format == "json" else Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[stream])
    logging.getLogger("earnest").setLevel(settings.log_level)
