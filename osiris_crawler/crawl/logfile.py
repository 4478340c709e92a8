"""The log as JSON lines, for programs; crawl.log says the same for people."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path

LOG = "crawl.log"  # of a run, from its first moment on
_ADDRESS = re.compile(r"https?://[^\s<>\"'()]{1,2000}")
_PASSWORD = re.compile(r"(?<=://)[^\s/@]{1,500}@")  # https://name:word@host


class JsonLines(logging.Formatter):
    """One object a line: time (UTC), level, logger, run, message, and url and traceback where there are any."""

    def __init__(self, run: str) -> None:
        super().__init__()
        self._run = run

    def format(self, record: logging.LogRecord) -> str:
        message = _PASSWORD.sub("", record.getMessage())
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "run": self._run,
            "message": message,
        }
        address = _ADDRESS.search(message)
        if address is not None:
            entry["url"] = address[0].rstrip(".,;:")
        if record.exc_info:
            entry["traceback"] = _PASSWORD.sub("", self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def write_json_lines(path: Path, run: str) -> None:
    """Have all that is logged from here on written to a file, too."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(JsonLines(run))
    handler.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
