"""Settings of a run: command line > environment > osiris.toml > the site's profile > defaults."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _

FILE = "osiris.toml"
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_YES, _NO = ("true", "yes", "on"), ("false", "no", "off", "0")
SECRET = ("notify", "ping")  # their values are passwords, and are never printed
NOTIFY_ON = ("problems", "all")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is asked to do. None stands for “as the site's profile says”."""

    output: Path = Path("output")
    collection: str | None = None
    url: str | None = None
    profile: Path | None = None
    contact: str | None = None
    permission: str | None = None
    section: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    limit: int | None = None
    max_requests: int | None = None
    max_time: float | None = None
    max_bytes: int | None = None  # from the site, as they came over the wire
    min_free: int = 200_000_000  # bytes that stay free on the collection's disk
    patience: float = 6 * 3600.0  # seconds that a run waits for a line that is down
    recheck: str | None = None  # old articles that an update reads again: a number, "all"; None: by recheck_period
    recheck_period: float = 90 * 86400.0  # seconds in which each is read again at least once
    delay: float | None = None
    concurrency: int = 2
    timeout: float = 60.0
    warc_size: int = 1_000_000_000
    files: bool = True
    text: bool = False
    log_json: bool = False
    prometheus: Path | None = None  # a textfile that every run's end writes
    wait: float = 0.0  # seconds for another run to end; math.inf without limit
    notify: tuple[str, ...] = field(default=(), repr=False)
    notify_on: str = NOTIFY_ON[0]
    ping: str | None = field(default=None, repr=False)
    dry_run: bool = False
    quiet: bool = False
    json: bool = False


def load(command_line: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Gather the settings of a run; UsageError names what can't be used and where it was said."""
    environ = os.environ if environment is None else environment
    given = {name: value for name, value in command_line.items() if value is not None and value != ()}
    settings = Settings()
    from_environment = {
        field.name: environ[f"OSIRIS_{field.name.upper()}"]
        for field in fields(Settings)
        if environ.get(f"OSIRIS_{field.name.upper()}")
    }
    output = Path(given.get("output") or from_environment.get("output") or settings.output)
    name = given.get("collection") or from_environment.get("collection")
    for path in (Path(FILE), output / "collections" / name / FILE if name else None):
        if path is not None and path.is_file():
            settings = _apply(settings, _read_file(path), str(path))
    settings = _apply(settings, from_environment, _("the environment"))
    settings = _apply(settings, given, _("the command line"))
    if settings.since and settings.until and settings.since > settings.until:
        typed = {"since": settings.since, "until": settings.until} | from_environment | given
        raise UsageError(
            _("--since %(since)s is after --until %(until)s.") % {"since": typed["since"], "until": typed["until"]},
            _("No day lies between them."),
        )
    return settings


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UsageError(
            _("The settings file %(path)s can't be read: %(why)s.") % {"path": path, "why": problem},
            _("Mend it or remove it."),
        ) from problem


def _apply(settings: Settings, values: Mapping[str, Any], where: str) -> Settings:
    known = {field.name: field.type for field in fields(Settings)}
    changes: dict[str, Any] = {}
    for raw, value in values.items():
        name = raw.replace("-", "_")
        if name not in known:
            near = get_close_matches(name, known, n=3)
            raise UsageError(
                _("%(where)s names a setting that does not exist: %(name)s.") % {"where": where, "name": raw},
                _("Near ones: %(near)s.") % {"near": ", ".join(near)} if near else "",
            )
        try:
            changes[name] = _convert(name, str(known[name]), value)
        except ValueError as problem:
            shown = "…" if name in SECRET else str(value) if isinstance(value, Path) else value
            raise UsageError(
                _("%(where)s: %(name)s can't be %(value)r.") % {"where": where, "name": raw, "value": shown},
                str(problem),
            ) from problem
    return replace(settings, **changes)


def _convert(name: str, kind: str, value: Any) -> Any:
    if name in ("since", "until"):
        return day(str(value), last=name == "until")
    if name == "recheck":
        if str(value) != "all" and not re.fullmatch(r"\d{1,9}", str(value)):
            raise ValueError(_("Write a number of articles, or all."))
        return str(value)
    if name in ("max_time", "recheck_period", "patience"):
        return seconds(value)
    if name in ("max_bytes", "min_free"):
        return size(value, least=0 if name == "min_free" else 1)
    if name == "wait":
        return waiting(value)
    if name == "notify":
        return _services(value)
    if name == "notify_on":
        if value not in NOTIFY_ON:
            raise ValueError(_("Write one of: %(names)s.") % {"names": ", ".join(NOTIFY_ON)})
        return value
    if name == "ping":
        return _web_address(value)
    if "tuple" in kind:
        return tuple(value) if isinstance(value, list | tuple) else (str(value),)
    if name == "prometheus" and not str(value).endswith(".prom"):
        raise ValueError(_("Write a file name that ends in .prom: the textfile collector reads no other."))
    if "Path" in kind:
        return Path(value)
    if "bool" in kind:
        if isinstance(value, bool):
            return value
        if str(value).casefold() not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
            raise ValueError(_("Write true or false."))
        return str(value).casefold() in ("1", "true", "yes", "on")
    if "int" in kind or "float" in kind:
        try:
            number = int(value) if "int" in kind else float(value)
        except (TypeError, ValueError) as problem:
            raise ValueError(_("Write a number.")) from problem
        least = 1 if name in ("concurrency", "limit", "max_requests", "timeout") else 0
        if not least <= number < 10**15:
            raise ValueError(_("Write a number from %(least)d on.") % {"least": least})
        return number
    return str(value)


def day(text: str, *, last: bool = False) -> str:
    """A day from YYYY, YYYY-MM or YYYY-MM-DD: the first of the span, or its last; ValueError when it is none."""
    if not _DAY.fullmatch(text):
        raise ValueError(_("Write a day as YYYY-MM-DD, a month as YYYY-MM or a year as YYYY."))
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else (12 if last else 1)
    try:
        if len(parts) == 3:
            return date(*parts).isoformat()
        first = date(year, month, 1)
        if not last:
            return first.isoformat()
        following = date(year + month // 12, month % 12 + 1, 1)
        return (following - timedelta(days=1)).isoformat()
    except ValueError as problem:
        raise ValueError(_("There is no such day.")) from problem


def seconds(value: Any) -> float:
    """A span of time from a number of seconds or 90s, 15m, 8h, 2d; ValueError when it is none."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd]?)", str(value).strip())
    if match is None or float(match[1]) <= 0:
        raise ValueError(_("Write a time as 90s, 15m, 8h or 2d."))
    return float(match[1]) * _UNITS[match[2] or "s"]


def size(value: Any, *, least: int = 1) -> int:
    """Bytes from a number of them or 500MB, 1.5GB (powers of 1000); ValueError when it is none."""
    match = re.fullmatch(r"(\d{1,12}(?:\.\d{1,3})?)\s*([kmgt]?)b?", str(value).strip().casefold())
    found = round(float(match[1]) * 1000 ** " kmgt".index(match[2] or " ")) if match is not None else -1
    if found < least:
        raise ValueError(_("Write a size as 500MB or 2GB."))
    return found


def waiting(value: Any) -> float:
    """How long to wait for another run: a span of time, or without limit for true; ValueError when it is neither."""
    text = str(value).strip().casefold()
    if text in _YES:
        return math.inf
    return 0.0 if text in _NO else seconds(text)


def _services(value: Any) -> tuple[str, ...]:
    """apprise's addresses; in the environment they are parted by spaces."""
    found = value.split() if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(each, str) and "://" in each for each in found):
        raise ValueError(_('Write addresses of apprise, such as ["mailto://…"].'))
    return tuple(found)


def _web_address(value: Any) -> str:
    text = str(value)
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its words would show the address
        good = False
    if not good or "@" in parts.netloc or " " in text or not text.isprintable():
        raise ValueError(_("Write an address as https://…, without a name and password in it."))
    return text
